/* models/network_rows.h - sparse projections in their compact, read-only form
 * (models/rows.h), and one way to read rows of either form. */
#ifndef EBB_MODELS_NETWORK_ROWS_H
#define EBB_MODELS_NETWORK_ROWS_H

#include "models/network.h"
#include "models/rows.h"

/** One row of a sparse projection: targets rising, weights of its type. */
struct ebb_row {
    const uint32_t *target; /* [n] */
    const void *weight;     /* [n] float or double, by the projection */
    size_t n;
};

/**
 * Row `source` of a sparse projection of either form: plain arrays are pointed
 * to, compact rows are read into the projection's own room, which stays valid
 * until the next row is read. One thread at a time; several threads read
 * compact rows by ebb_rows_read(). O(row).
 */
struct ebb_row ebb_projection_row(const struct ebb_projection *p,
                                  size_t source);

/** Synapses of a row of either form. O(1). */
size_t ebb_projection_row_length(const struct ebb_projection *p, size_t source);

/**
 * Add a sparse projection that holds compact rows. Its kernel is still to be
 * set. The network takes `rows`, after a failure as well.
 * Errors: as of ebb_network_add_projection(), EBB_ERR_SHAPE (rows of other
 * populations, or not all slices).
 */
EBB_NODISCARD ebb_status ebb_network_add_rows(struct ebb_network *net,
                                              const char *name, size_t source,
                                              size_t target,
                                              struct ebb_rows *rows,
                                              size_t *index);

/** Turn the compact rows of a projection into plain arrays, which may be
 *  changed; nothing where it has none. Errors: EBB_ERR_NOMEM, naming what is
 *  wanted; the projection stays as it was. */
EBB_NODISCARD ebb_status ebb_network_unpack(struct ebb_network *net,
                                            size_t projection);

/** Can all weights be changed? Errors: EBB_ERR_ARG naming a projection whose
 *  rows are compact. */
EBB_NODISCARD ebb_status ebb_network_check_plain(const struct ebb_network *net);

/**
 * Give compact rows other weights: float or double as before.
 *
 *     change  weight of a synapse to `target` from what it was; called from
 *             several threads
 *
 * Both forms are held for a while. Errors: as of ebb_rows_build().
 */
EBB_NODISCARD ebb_status ebb_projection_change_rows(
    struct ebb_projection *p,
    double (*change)(const void *self, uint32_t target, double weight),
    const void *self);

#endif
