/* io/trace_overview.h - rates of all neurons over all of a run in one picture,
 * however long the run turns out to be. */
#ifndef EBB_IO_TRACE_OVERVIEW_H
#define EBB_IO_TRACE_OVERVIEW_H

#include "core/memory.h"
#include "core/tick.h"

enum { EBB_OVERVIEW_NEURONS = 512, EBB_OVERVIEW_BINS = 2000 }; /* at most */

/** Counts in bins whose width doubles whenever the run outgrows them. */
struct ebb_overview {
    size_t neurons, neuron_bins;
    size_t bins;    /* that there is room for, even */
    ebb_tick width; /* ticks of a bin */
    float *rate;    /* [bins][neuron_bins] spikes, then a mean rate */
};

/** For so many neurons and at least `ticks` ticks. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_overview_init(struct ebb_overview *overview,
                                           struct ebb_arena *arena,
                                           size_t neurons, ebb_tick ticks);

/** Count a spike of neuron `row`, populations one after the other. */
void ebb_overview_count(struct ebb_overview *overview, size_t row,
                        ebb_tick tick);

/** The run ended before tick `ticks`: counts become spikes per neuron and
 *  tick. Returns the bins that the run takes. */
size_t ebb_overview_end(struct ebb_overview *overview, ebb_tick ticks);

/** Middle of a time bin of a run of `ticks` ticks. */
double ebb_overview_tick(const struct ebb_overview *overview, size_t bin,
                         ebb_tick ticks);

/** Middle of a bin of neurons. */
double ebb_overview_neuron(const struct ebb_overview *overview, size_t bin);

#endif
