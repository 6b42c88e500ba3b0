/* tools/bench/team_net.h - a large network for several threads or processes:
 * neurons with 1000 synapses each, some of which are made to fire in each
 * tick of 1 ms, and what they send makes no others fire. */
#ifndef EBB_TOOLS_BENCH_TEAM_NET_H
#define EBB_TOOLS_BENCH_TEAM_NET_H

#include "core/events.h"
#include "models/network.h"

enum {
    EBB_TEAM_NEURONS = 100000,
    EBB_TEAM_FAN_OUT = 1000, /* synapses of a neuron */
    EBB_TEAM_DELAY = 5,      /* ticks: the window of an exchange */
    EBB_TEAM_TICKS = 1000    /* of a run */
};

/** Its weights are floats; 600 MB. The same for all. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_team_net_create(struct ebb_network **out);

/** Input for a run in which each neuron fires `rate` times (Hz) in the mean.
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_team_net_input(struct ebb_events *out,
                                            double rate);

#endif
