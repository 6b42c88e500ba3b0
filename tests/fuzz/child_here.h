/* tests/fuzz/child_here.h - the work of child processes (io/child.h), done in
 * this very process, where a fuzzer sees it. */
#ifndef EBB_TESTS_FUZZ_CHILD_HERE_H
#define EBB_TESTS_FUZZ_CHILD_HERE_H

#include <stddef.h>
#include <stdint.h>

/** From now on children do no work and send these bytes, framed or not as
 *  they are; NULL: they work again. */
void child_here_sends(const uint8_t *bytes, size_t n);

#endif
