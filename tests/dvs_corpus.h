/* tests/dvs_corpus.h - a small file of every format of recordings. */
#ifndef EBB_TESTS_DVS_CORPUS_H
#define EBB_TESTS_DVS_CORPUS_H

#include "tests/dvs_stream.h"

/** A format, or a kind of it. */
struct dvs_kind {
    const char *name;   /* "aedat4-lz4" */
    const char *format; /* "aedat4" */
};

/** The kinds there are; k runs up to the first one without a name. */
struct dvs_kind dvs_corpus_kind(size_t k);

/** A file of about `size` bytes, of random events of this kind; `s` gets what
 *  it holds. */
void dvs_corpus_make(struct dvs_bytes *out, struct dvs_stream *s, size_t k,
                     size_t size);

#endif
