/* tests/dvs_stream.h - recordings in memory, for tests of their formats. */
#ifndef EBB_TESTS_DVS_STREAM_H
#define EBB_TESTS_DVS_STREAM_H

#include "io/dvs/dvs.h"

/** A whole recording. Zero-initialise. */
struct dvs_stream {
    struct ebb_dvs_block all; /* grows */
    struct ebb_dvs_about about;
    ebb_status status; /* how reading ended */
};

/** A file in memory. Zero-initialise. */
struct dvs_bytes {
    unsigned char *at;
    size_t n, room;
};

void dvs_stream_finish(struct dvs_stream *s);
void dvs_stream_add(struct dvs_stream *s, int64_t t, unsigned x, unsigned y,
                    unsigned p);

/** Read what there is, in blocks of `block` events; s->status says how it
 *  ended. */
void dvs_stream_read(struct dvs_stream *s, const char *path,
                     const struct ebb_dvs_options *options, size_t block);
void dvs_stream_parse(struct dvs_stream *s, const void *bytes, size_t n,
                      const char *name, const struct ebb_dvs_options *options,
                      size_t block);

/** Write the events; aborts the test when that fails. */
void dvs_stream_print(const struct dvs_stream *s, struct dvs_bytes *out,
                      const char *format, const struct ebb_dvs_about *about);

/** Are the events the same? */
bool dvs_streams_equal(const struct dvs_stream *a, const struct dvs_stream *b);

/** Load a file; false where it is absent. */
bool dvs_bytes_load(struct dvs_bytes *out, const char *path);
void dvs_bytes_finish(struct dvs_bytes *bytes);

/** Add bytes, or the `n` lowest of a number, at the end. */
void dvs_bytes_add(struct dvs_bytes *out, const void *from, size_t n);
void dvs_bytes_text(struct dvs_bytes *out, const char *text);
void dvs_bytes_le(struct dvs_bytes *out, uint64_t value, size_t n);
void dvs_bytes_be(struct dvs_bytes *out, uint64_t value, size_t n);

/** Path of a sample beside the source tree; the last one stays valid. */
const char *dvs_sample(const char *name);

/** Say what is skipped, and why, where the samples are absent. */
bool dvs_samples_are_here(void);

#endif
