/* core/poles.h - poles of a recursive filter: stability, limits, expansion.
 *
 * A filter y[t] = Σ_{p=1..P} α_p y[t-p] + input has the characteristic
 * polynomial z^P - α_1 z^(P-1) - … - α_P; its roots are the poles. Coefficient
 * p of a filter stands at alpha[(p - 1) * stride]. */
#ifndef EBB_CORE_POLES_H
#define EBB_CORE_POLES_H

#include "core/cmplx.h"
#include "core/error.h"

#include <stddef.h>

enum { EBB_ORDER_MAX = 32 }; /* largest P of a filter */

/** Order once trailing zero coefficients are left out. */
unsigned ebb_poles_order(const double *alpha, size_t stride, unsigned order);

/**
 * The poles of a filter.
 *
 *     pole   [order]  out  poles in falling order of |p|; conjugates adjacent
 *     alpha  [order]  in   coefficients, `stride` apart; finite
 *
 * Closed form up to order 2, else Aberth's simultaneous iteration in extended
 * precision. Poles of multiplicity m come out with an error of about
 * 1e-19^(1/m). O(order^2) per iteration, no allocation, cannot fail.
 */
void ebb_poles_find(double complex *pole, const double *alpha, size_t stride,
                    unsigned order);

/** Largest |p|, 0 without poles. */
double ebb_poles_radius(const double *alpha, size_t stride, unsigned order);

/** Are all poles inside the unit circle? Decided by the reflection
 *  coefficients (Schur-Cohn), not by roots, so it is sharp at |p| = 1. */
int ebb_poles_stable(const double *alpha, size_t stride, unsigned order);

/** Coefficients from poles that come in conjugate pairs. */
void ebb_poles_expand(double *alpha, size_t stride, const double complex *pole,
                      unsigned order);

/**
 * Scale the poles with |p| > limit to |p| = limit and expand again; a filter
 * without such poles is left as it is, bit for bit.
 * Returns the number of poles that were scaled.
 */
unsigned ebb_poles_limit(double *alpha, size_t stride, unsigned order,
                         double limit);

#endif
