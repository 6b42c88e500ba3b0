/* tests/serve_frames.h - frames and records, right and wrong. */
#ifndef EBB_TESTS_SERVE_FRAMES_H
#define EBB_TESTS_SERVE_FRAMES_H

#include "io/serve/frame.h"
#include "tests/dvs_stream.h"

/** Append a frame around a payload. */
void frame_add(struct dvs_bytes *out, uint8_t encoding, uint32_t number,
               const void *payload, size_t n);

/** Append a t64 record. */
void record_add(struct dvs_bytes *out, uint64_t t, unsigned x, unsigned y,
                unsigned p);

/** A stream of random events for an 8 x 6 sensor, in every encoding, bare and
 *  in frames: k from 0 to SERVE_STREAMS - 1. `out` is emptied first. */
enum { SERVE_STREAMS = 2 * (EBB_WIRE_END - 1) };
void serve_stream_make(struct dvs_bytes *out, size_t k);

/** The encoding of stream k. */
enum ebb_wire serve_stream_wire(size_t k);

/** Bytes that are no stream of t64 events for an 8 x 6 sensor. */
struct bad_bytes {
    const char *name;
    const char *reason; /* part of what is said of it */
    bool as_stream;     /* wrong as a stream; else only as a datagram */
    bool at_end;        /* a stream is only wrong when it ends there */
};

/** The kinds there are; those from the first without a name on are none. */
struct bad_bytes bad_bytes_kind(size_t k);

/** Make them; `out` is emptied first. */
void bad_bytes_make(struct dvs_bytes *out, size_t k);

#endif
