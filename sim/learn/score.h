/* sim/learn/score.h - how good outputs are: losses, classes, recall. */
#ifndef EBB_SIM_LEARN_SCORE_H
#define EBB_SIM_LEARN_SCORE_H

#include "core/flow.h"
#include "models/network.h"
#include "sim/learn/loss.h"

enum ebb_loss_kind { EBB_LOSS_RATE, EBB_LOSS_VAN_ROSSUM };

/** What is wanted of the output. */
struct ebb_loss {
    enum ebb_loss_kind kind;
    struct ebb_kernel_spec kernel; /* van Rossum: k, time constants in ticks */
    bool mean_squared; /* van Rossum: 2/N E, the mean square, instead of E */
};

/** A sample's class, and the one that was found. */
struct ebb_guess {
    uint32_t label, guess;
};

/** Sums over samples; divide by n. */
struct ebb_score {
    size_t n;         /* samples */
    double loss;      /* as the loss is defined */
    double cue_loss;  /* van Rossum: of the cue itself, were it the output */
    size_t right;     /* right class: most spikes, or nearest prototype */
    double *activity; /* [populations] spikes per neuron and tick */
    struct ebb_guess
        *guess; /* [samples of the split] of each; NULL: unwanted */
};

/** Judge of one output at a time; one per thread. */
struct ebb_judge;

/**
 * Prepare to judge outputs of the network's last population.
 * `source` is borrowed. Errors: EBB_ERR_ARG (labels or targets do not fit the
 * output), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_judge_create(
    struct ebb_judge **out, const struct ebb_loss *loss,
    const struct ebb_sample_source *source, size_t outputs, ebb_tick ticks);

/** Free it. NULL is allowed. */
void ebb_judge_destroy(struct ebb_judge *judge);

/**
 * Loss of one sample's output.
 *
 *     d_o  [ticks, outputs]  in/out  += weight dE/dO; NULL: not wanted
 *     o    [ticks, outputs]  in      spikes
 *
 * Returns the loss (mean over the batch not yet taken).
 */
double ebb_judge_loss(struct ebb_judge *judge, float *d_o, const float *o,
                      const struct ebb_sample *sample, double weight);

/** Class of an output: most spikes (the first of equals), or the nearest
 *  prototype in van Rossum distance. */
size_t ebb_judge_class(struct ebb_judge *judge, const float *o);

/** Loss of the cue itself, moved by `delay` ticks as the target is. Only where
 *  inputs and outputs are alike, else NaN. */
double ebb_judge_cue(struct ebb_judge *judge, const struct ebb_sample *sample,
                     ebb_tick delay);

#endif
