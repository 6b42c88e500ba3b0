/* tests/mutate.h - bytes damaged at random. */
#ifndef EBB_TESTS_MUTATE_H
#define EBB_TESTS_MUTATE_H

#include "core/random.h"
#include "tests/dvs_stream.h"

/** One to six edits: bits, bytes, numbers, cuts, pieces lost or repeated. They
 *  may become fewer, never more. */
void mutate(struct dvs_bytes *bytes, struct ebb_random *random);

#endif
