/* tests/random_wide.h - networks of some hundreds of neurons a population, to
 * be divided. */
#ifndef EBB_TESTS_RANDOM_WIDE_H
#define EBB_TESTS_RANDOM_WIDE_H

#include "tests/random_network.h"

/**
 * Two or three populations of 200 to 600 neurons behind a small network of
 * random_network.h, which may convolve and pool: sparse recurrent projections,
 * now and then a dense one, kernels shared and per axon, delays up to 20 ticks.
 * In every other network spikes are felt within their tick. The same for the
 * same seed.
 */
struct random_network random_wide_draw(uint64_t seed);

#endif
