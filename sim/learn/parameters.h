/* sim/learn/parameters.h - what is learned: one vector over a model. */
#ifndef EBB_SIM_LEARN_PARAMETERS_H
#define EBB_SIM_LEARN_PARAMETERS_H

#include "sim/batch.h"

enum ebb_kernel_learning {
    EBB_KERNELS_FIXED,
    EBB_KERNELS_FREE, /* α, β as they are; poles beyond 0.999 are pulled in */
    EBB_KERNELS_STABLE /* reflection coefficients k = tanh(x) instead of α */
};

/** What learning may change besides weights. */
struct ebb_learn {
    enum ebb_kernel_learning kernels;
    bool bias, lambda, theta, v_th;
};

/** The learned numbers of a model, and their gradient, one after the other. A
 *  shared parameter is one number. */
struct ebb_parameters {
    float *x; /* [n] */
    float *g; /* [n] */
    size_t n;
    struct ebb_parameter_span *spans;
    size_t n_spans;
    struct ebb_model_f32 *model; /* borrowed */
    struct ebb_learn learn;
    struct ebb_arena *arena;
};

/** The parameters of a model, with the values that it has now. `model` is
 *  borrowed. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_parameters_create(struct ebb_parameters **out,
                                               struct ebb_model_f32 *model,
                                               const struct ebb_learn *learn);

/** Free them. NULL is allowed. */
void ebb_parameters_destroy(struct ebb_parameters *p);

/** Add up `n` gradients in their order into p->g; sums are double. */
void ebb_parameters_gather(struct ebb_parameters *p,
                           struct ebb_gradient_f32 *const *gradients, size_t n);

/** Write p->x into the model as it is. */
void ebb_parameters_write(struct ebb_parameters *p);

/**
 * Write p->x into the model, after keeping it within bounds: kernels learned
 * freely have their poles limited to 0.999, λ and θ to 0..0.999.
 * Returns the number of poles that were pulled in.
 */
size_t ebb_parameters_apply(struct ebb_parameters *p);

#endif
