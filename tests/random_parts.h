/* tests/random_parts.h - what random networks of every kind are made of. */
#ifndef EBB_TESTS_RANDOM_PARTS_H
#define EBB_TESTS_RANDOM_PARTS_H

#include "core/random.h"
#include "tests/random_network.h"

#include <stdbool.h>

/** Parameters of all neurons of a population. */
void random_neurons(struct ebb_network *net, struct ebb_population *p,
                    struct ebb_random *r);

/** Weights of about the size that makes neurons of `fan_in` inputs fire. */
void random_weights(struct ebb_projection *p, size_t fan_in,
                    struct ebb_random *r);

/** A kernel and a delay; `lag`: β_0 has to be 0, so that no cycle is without
 *  delay. */
void random_kernel(struct ebb_network *net, struct ebb_projection *p, bool lag,
                   struct ebb_random *r);

/** Input events over `busy` ticks, with a silent stretch within. */
void random_input(struct random_network *out, ebb_tick busy,
                  struct ebb_random *r);

#endif
