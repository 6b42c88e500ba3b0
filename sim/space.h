/* sim/space.h - where spikes land in convolutions and linear poolings. Part of
 * the event engine. */
#ifndef EBB_SIM_SPACE_H
#define EBB_SIM_SPACE_H

#include "sim/engine_parts.h"

/** Tables and weights of a projection through space, or to neurons that stand
 *  by place. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status space_build(struct ebb_engine *e, struct drive *d);

/** Rows of a sparse projection in the engine's order of targets and its slices,
 *  whatever form and order the network has. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status space_pack(struct ebb_engine *e, struct drive *d,
                                    const struct ebb_rows_shape *shape);

/** Additions that a spike on an axon makes. */
size_t space_reach(const struct drive *d, size_t axon);

/** Conv: the runs of weights that an axon which carries x adds, into d->run,
 *  which has room for most_pieces more. */
void space_runs(struct drive *d, size_t axon, double x);

/** Pooled and dense: the same in rows of weights. */
void space_rows(struct drive *d, size_t axon, double x);

/** Of each axon, the most that it adds to one target when it carries 1 (no
 *  less). */
void space_largest(const struct drive *d, double *largest);

/** Turn the first n of e->fired, by place, into the network's numbers,
 *  rising. */
void space_name(struct ebb_engine *e, struct crowd *c, size_t n);

#endif
