/* tests/random_network.h - networks of every kind, from a seed. */
#ifndef EBB_TESTS_RANDOM_NETWORK_H
#define EBB_TESTS_RANDOM_NETWORK_H

#include "core/events.h"
#include "models/network.h"

/** A network and something to feed it with. */
struct random_network {
    struct ebb_network *net;
    struct ebb_events input;
    size_t ticks;
};

/**
 * All kernels (IIR up to P = 4, Q = 6, with complex, negative, repeated and
 * near-equal poles), shared and per axon, dense and sparse, delays, both
 * resets, parameters per neuron and per population, biases, recurrent and
 * skip projections, graded input, silent stretches of up to 10^5 ticks. The
 * same for the same seed.
 */
struct random_network random_network_draw(uint64_t seed);

/** The same with numbers that are short binary fractions, over so few ticks
 *  that every sum is exact: V meets Vth exactly now and then. */
struct random_network random_network_draw_dyadic(uint64_t seed);

/** Populations on grids, with convolutions (stride, padding, dilation, groups)
 *  and pooling of every kind between them, shared and per-axon kernels, biases
 *  of channels, recurrent and skip projections that pool. */
struct random_network random_network_draw_spatial(uint64_t seed);

/** The same with short binary fractions. */
struct random_network random_network_draw_spatial_dyadic(uint64_t seed);

/** Free it. */
void random_network_finish(struct random_network *r);

#endif
