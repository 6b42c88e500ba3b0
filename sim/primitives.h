/* sim/primitives.h - the bare products of a projection, as the library's own
 * primitives: what a training step is held against.
 *
 * Layouts are those that oneDNN likes best, so nothing is reordered; numbers
 * mean nothing. */
#ifndef EBB_SIM_PRIMITIVES_H
#define EBB_SIM_PRIMITIVES_H

#include "models/network.h"

/** Forward, backward by weights and, where asked for, backward by data, of one
 *  projection. */
struct ebb_primitives;

/**
 * Make ready the primitives of projection `index` of `net`, dense or
 * convolving without dilation, for `rows` rows (ticks times samples), in
 * float.
 *
 *     data  backward by data, too
 *
 * The caller owns *out. Errors: EBB_ERR_ARG (a projection of another kind, or
 * oneDNN has no such primitive), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_primitives_create(struct ebb_primitives **out,
                                               const struct ebb_network *net,
                                               size_t index, size_t rows,
                                               bool data);

/** Free them. NULL is allowed. */
void ebb_primitives_destroy(struct ebb_primitives *p);

/** Run each once. Errors: EBB_ERR_NOMEM (the library's own). */
EBB_NODISCARD ebb_status ebb_primitives_run(struct ebb_primitives *p);

#endif
