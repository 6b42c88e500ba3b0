/* tools/bench/conv_loop.h - a network that convolves, run densely: every
 * neuron and every synapse at every tick, as libraries for frames do. */
#ifndef EBB_TOOLS_BENCH_CONV_LOOP_H
#define EBB_TOOLS_BENCH_CONV_LOOP_H

#include "core/events.h"
#include "models/network.h"

/** Filters of all axons, one unfolded matrix and one product per layer and
 *  tick, then all membranes; float, one thread, this processor's step
 *  functions. Feed-forward networks. */
struct ebb_conv_loop;

/** `net` is borrowed. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_conv_loop_create(struct ebb_conv_loop **out,
                                              const struct ebb_network *net);

/** Free it. NULL is allowed. */
void ebb_conv_loop_destroy(struct ebb_conv_loop *loop);

/** From rest over `ticks` ticks. `spikes`: those of all neurons, in order of
 *  tick, population << 28 | neuron as node; NULL: nobody asks. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_conv_loop_run(struct ebb_conv_loop *loop,
                                           const struct ebb_event *input,
                                           size_t n, ebb_tick ticks,
                                           struct ebb_events *spikes);

/** Additions that one tick takes: one for each synapse. */
double ebb_conv_loop_operations(const struct ebb_network *net);

#endif
