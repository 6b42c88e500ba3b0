/* tests/mutate.h - files damaged at random. */
#ifndef EBB_TESTS_MUTATE_H
#define EBB_TESTS_MUTATE_H

#include "core/random.h"
#include "tests/dvs_stream.h"

/** `from` with one to six edits: bits, bytes, odd numbers, cuts, missing and
 *  repeated pieces. */
void mutate(struct dvs_bytes *out, const struct dvs_bytes *from,
            struct ebb_random *r);

#endif
