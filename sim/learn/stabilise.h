/* sim/learn/stabilise.h - kernels that cannot become unstable: reflection
 * coefficients instead of α. */
#ifndef EBB_SIM_LEARN_STABILISE_H
#define EBB_SIM_LEARN_STABILISE_H

#include <stddef.h>

/**
 * Coefficients α from free numbers x, by k_m = tanh(x_m) and the step-up
 * recursion; every pole is inside the unit circle whatever x is.
 * Levinson 1947; Gray & Markel 1973 (lattice filters).
 *
 *     alpha, x  [order]  `stride` apart
 */
void ebb_stabilise_expand(float *alpha, const float *x, size_t stride,
                          unsigned order);

/** Free numbers from stable coefficients: the inverse of the above. A
 *  reflection coefficient of 1 or more is taken as 1 - 1e-6. */
void ebb_stabilise_reduce(float *x, const float *alpha, size_t stride,
                          unsigned order);

/** Gradient with respect to x from the gradient with respect to α, at x. */
void ebb_stabilise_backward(float *d_x, const float *d_alpha, const float *x,
                            size_t stride, unsigned order);

#endif
