/* sim/trace_memory.h - a run recorded in memory, to be replayed at once. */
#ifndef EBB_SIM_TRACE_MEMORY_H
#define EBB_SIM_TRACE_MEMORY_H

#include "core/flow.h"
#include "models/network.h"

/** All spikes, V of every neuron at every tick and, where asked for, a. */
struct ebb_trace_memory;

/**
 * Room for a run of `ticks` ticks of `net`, which is borrowed.
 *
 *     graded  [populations] whether to record a; NULL: nowhere
 *
 * Errors: EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_trace_memory_create(struct ebb_trace_memory **out,
                                                 const struct ebb_network *net,
                                                 ebb_tick ticks,
                                                 const bool *graded);

/** Free it. NULL is allowed. */
void ebb_trace_memory_destroy(struct ebb_trace_memory *memory);

/** The states that the run has to tell; valid as long as `memory`. */
const struct ebb_probe *
ebb_trace_memory_probes(const struct ebb_trace_memory *memory, size_t *n);

/** Where the run goes. Errors of its functions: EBB_ERR_FULL (a tick beyond
 *  the room), EBB_ERR_NOMEM. */
struct ebb_run_sink ebb_trace_memory_sink(struct ebb_trace_memory *memory);

/** The recorded run; valid as long as `memory`. */
struct ebb_trace ebb_trace_memory_trace(struct ebb_trace_memory *memory);

#endif
