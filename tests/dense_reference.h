/* tests/dense_reference.h - the equations of models/network.h, word by word:
 * every neuron and every axon at every tick, in double, with no cleverness. */
#ifndef EBB_TESTS_DENSE_REFERENCE_H
#define EBB_TESTS_DENSE_REFERENCE_H

#include "core/events.h"
#include "models/network.h"

/** All states of a run. */
struct dense_reference {
    double **o; /* [populations][ticks][n] spikes; input: values of events */
    double **v; /* [populations][ticks][n] as compared; NULL for an input */
    double **f; /* [projections][ticks][axons] */
    double nearest; /* smallest |V - Vth| / max(Vth, Σ|terms|) compared */
    size_t spikes;  /* of neurons */
    const struct ebb_network *net;
};

/** Run `net` over `ticks` ticks; aborts when memory is short. */
struct dense_reference dense_reference_run(const struct ebb_network *net,
                                           const struct ebb_events *input,
                                           size_t ticks);

/** Free it. */
void dense_reference_finish(struct dense_reference *r);

#endif
