/* tests/reference_projection.h - one tick of a projection, word by word. */
#ifndef EBB_TESTS_REFERENCE_PROJECTION_H
#define EBB_TESTS_REFERENCE_PROJECTION_H

#include "models/network.h"

/** What the weights act on, pooled [n_inputs] from PSPs f [axons]. */
void reference_pool(const struct ebb_projection *p, const double *f,
                    double *pooled);

/** Add Σ_j w_ij F_j to input [targets] and, unless terms is NULL, |w F| to
 *  terms [targets]. */
void reference_project(const struct ebb_projection *p, const double *pooled,
                       double *input, double *terms);

#endif
