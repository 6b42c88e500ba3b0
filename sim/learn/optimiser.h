/* sim/learn/optimiser.h - SGD, Adam and AdamW, and how the rate changes. */
#ifndef EBB_SIM_LEARN_OPTIMISER_H
#define EBB_SIM_LEARN_OPTIMISER_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ebb_optimiser_kind { EBB_SGD, EBB_ADAM, EBB_ADAMW };

/** How parameters follow gradients. */
struct ebb_optimiser {
    enum ebb_optimiser_kind kind;
    double rate;         /* learning rate at the start */
    double momentum;     /* SGD */
    double beta1, beta2; /* Adam: decay of the first and second moment */
    double epsilon;      /* Adam */
    double weight_decay; /* SGD, Adam: added to the gradient; AdamW: taken
                            from the parameter */
};

/** AdamW as in Loshchilov & Hutter 2019: rate 1e-3, betas 0.9 and 0.999,
 *  epsilon 1e-8, weight decay 0.01; SGD momentum 0. */
struct ebb_optimiser ebb_optimiser_default(void);

/**
 * One step on n parameters.
 *
 *     x     [n]  in/out  parameters
 *     m, v  [n]  in/out  moments, 0 before the first step (SGD: only m)
 *     g     [n]  in      gradient
 *     rate               of this step
 *     step               1 for the first step
 *
 * Adam: Kingma & Ba 2015, algorithm 1; the arithmetic per number is float.
 */
void ebb_optimiser_step(const struct ebb_optimiser *o, float *x, float *m,
                        float *v, const float *g, size_t n, double rate,
                        uint64_t step);

enum ebb_schedule_kind {
    EBB_SCHEDULE_CONSTANT,
    EBB_SCHEDULE_STEP,  /* times gamma at each milestone */
    EBB_SCHEDULE_COSINE /* half a cosine down to rate * gamma at the end */
};

enum { EBB_MILESTONES_MAX = 16 };

/** How the learning rate changes with the epoch. */
struct ebb_schedule {
    enum ebb_schedule_kind kind;
    unsigned milestones[EBB_MILESTONES_MAX]; /* epochs, rising */
    unsigned n_milestones;
    double gamma;
    unsigned warmup; /* epochs of linear rise at the start */
};

/** Learning rate in `epoch` (from 0) of `epochs`. */
double ebb_schedule_rate(const struct ebb_schedule *s, double rate,
                         unsigned epoch, unsigned epochs);

#endif
