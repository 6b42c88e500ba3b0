/* sim/batch_run.h - one run through the batch simulator, told to a sink as the
 * event engine tells it. Costs memory for every tick: for short runs. */
#ifndef EBB_SIM_BATCH_RUN_H
#define EBB_SIM_BATCH_RUN_H

#include "core/flow.h"
#include "models/network.h"

/** What a run did. */
struct ebb_batch_counters {
    uint64_t input_events;        /* after adding up those of one tick */
    uint64_t spikes;              /* of neurons */
    uint64_t synaptic_operations; /* spikes and events times their synapses */
};

/**
 * Run `net` (finished) over `ticks` ticks in double precision.
 *
 *     events    [n_events] of the input population, sorted by tick
 *     probes    [n_probes] states to tell (V, R, I, F)
 *     sink      gets all spikes and the states, tick by tick
 *     counters  out
 *
 * Errors: EBB_ERR_ARG (an event or a probe that does not fit), EBB_ERR_NOMEM,
 * and what the sink reports.
 */
EBB_NODISCARD ebb_status ebb_batch_run(struct ebb_batch_counters *counters,
                                       const struct ebb_network *net,
                                       const struct ebb_events *events,
                                       ebb_tick ticks,
                                       const struct ebb_probe *probes,
                                       size_t n_probes,
                                       const struct ebb_run_sink *sink);

#endif
