/* sim/batch.h - the whole network over all ticks at once, and its adjoint.
 *
 * A batch run computes the equations of models/network.h for a tile of samples,
 * feed-forward networks projection by projection over all ticks (filter, one
 * product, scan), recurrent ones tick by tick; the adjoint has the same shape
 * backwards. It is what training, gradients and evaluation stand on. */
#ifndef EBB_SIM_BATCH_H
#define EBB_SIM_BATCH_H

#include "core/step.h"
#include "models/network.h"
#include "sim/product.h"

/** What a batch run keeps, and which gradients are wanted. */
struct ebb_batch_options {
    size_t ticks;
    size_t samples;        /* samples run together */
    bool learn;            /* room for the adjoint */
    bool neuron_gradients; /* λ, θ and Vth too, not only b */
    bool bf16; /* float: products of factors that are rounded to it */
};

/** Parts of a model besides its weights. */
struct ebb_model_parts {
    bool kernels, bias, lambda, theta, v_th;
};

#define EBB_REAL_BITS 32
#include "core/real_begin.inc"
#include "sim/batch.inc"
#include "core/real_end.inc"

#define EBB_REAL_BITS 64
#include "core/real_begin.inc"
#include "sim/batch.inc"
#include "core/real_end.inc"

#endif
