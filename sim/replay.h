/* sim/replay.h - gradients from a recorded run: offline back-propagation
 * through time.
 *
 * F and R follow from the spikes, so a run is replayable from V as compared,
 * spikes, input events and, where axons were graded, a. The adjoint is that of
 * sim/batch.h: a run in memory and one in a file give the same bits. */
#ifndef EBB_SIM_REPLAY_H
#define EBB_SIM_REPLAY_H

#include "core/flow.h"
#include "sim/batch.h"

/** What the output should have done. */
struct ebb_replay_goal {
    const struct ebb_kernel
        *kernel; /* van Rossum loss (8); NULL: rate (6)-(7) */
    const struct ebb_events *target; /* van Rossum: wanted output spikes */
    size_t label;                    /* rate: the right class */
};

/**
 * Replay a trace and add to `gradient`.
 *
 *     loss   out  E of equation (7) or (8)
 *     model  of the network that ran, in double
 *
 * Errors: EBB_ERR_ARG (the trace is of another network; a label or target that
 * does not fit), EBB_ERR_FORMAT (the trace lacks something; the message says
 * what), EBB_ERR_DIVERGED (V is no number), EBB_ERR_NOMEM, and what the trace
 * reports. Memory: that of a batch run over all ticks.
 */
EBB_NODISCARD ebb_status ebb_replay(double *loss,
                                    struct ebb_gradient_f64 *gradient,
                                    const struct ebb_model_f64 *model,
                                    const struct ebb_trace *trace,
                                    const struct ebb_replay_goal *goal);

#endif
