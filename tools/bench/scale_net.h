/* tools/bench/scale_net.h - a network of which a part is busy and another
 * silent, at any tick: what grows with neither. */
#ifndef EBB_TOOLS_BENCH_SCALE_NET_H
#define EBB_TOOLS_BENCH_SCALE_NET_H

#include "core/events.h"
#include "models/network.h"

/** What is built. */
struct ebb_scale_net {
    size_t busy;    /* neurons, a multiple of 120 */
    size_t silent;  /* neurons that nothing reaches, a multiple of busy */
    bool between;   /* they stand between the busy ones, else behind */
    unsigned finer; /* ticks of a millisecond; delays and input stay on whole
                       milliseconds */
};

/**
 * Chains of ten assemblies of twelve neurons: each makes the next one fire 15
 * ms later, by as many coincident spikes as it takes, and reaches 20 others a
 * neuron far below threshold. Shared exponential kernels of 3 ms, filter reset;
 * silent neurons have as many synapses among themselves. An input channel
 * begins each chain. Nobody fires twice in a row, so that no search for the
 * next spike is made, at any tick. Errors: EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_scale_net_create(struct ebb_network **out,
                                              const struct ebb_scale_net *how);

/** A chain begins each 16 ms, so that no tick has two arrivals: `ms` of them.
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_scale_net_input(struct ebb_events *out,
                                             const struct ebb_scale_net *how,
                                             size_t ms);

#endif
