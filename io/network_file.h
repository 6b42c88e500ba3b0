/* io/network_file.h - networks in HDF5 (*.net.h5), and checkpoints of their
 * training. The layout is docs/files.md's. */
#ifndef EBB_IO_NETWORK_FILE_H
#define EBB_IO_NETWORK_FILE_H

#include "core/error.h"
#include "models/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where training stands: group /training of a checkpoint. */
struct ebb_checkpoint {
    float *x, *m, *v; /* [n] parameters and moments; borrowed */
    size_t n;
    uint64_t steps;       /* optimiser steps taken */
    uint64_t epoch, step; /* the next ones */
    uint64_t seed;
    uint64_t samples;    /* for training, in an epoch */
    double loss_sum;     /* of the steps done in this epoch */
    uint64_t scaled;     /* poles pulled in during this epoch */
    double best_loss;    /* of all epochs; NaN before the first */
    uint64_t stale;      /* epochs since it was reached */
    double best_right;   /* share of right classes then; NaN: not watched */
    uint64_t best_epoch; /* the epoch, from 1; 0 before the first */
    char kernels[8];     /* how they learn, a word of training.learn; empty:
                            the file does not tell, nor the next two */
    bool bf16;           /* products of rounded factors */
    double penalty;      /* of all neurons' activity; NaN: the experiment's */
};

/**
 * Write a network; with `training` a checkpoint. A file of that name is
 * replaced at the end, at once: a kill leaves the old file or the new one.
 * Errors: EBB_ERR_IO, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status
ebb_network_file_write(const char *path, const struct ebb_network *net,
                       const struct ebb_checkpoint *training);

/** Read a network, which ebb_network_finish() has checked. Errors: EBB_ERR_IO,
 *  EBB_ERR_FORMAT and those of ebb_network_finish(), all with the path. */
EBB_NODISCARD ebb_status ebb_network_file_read(struct ebb_network **out,
                                               const char *path);

/** The same with sparse projections in compact rows (models/network_rows.h),
 *  streamed into place: for whoever sends events through them and changes no
 *  weight. */
EBB_NODISCARD ebb_status ebb_network_file_read_compact(struct ebb_network **out,
                                                       const char *path);

/** Read where training stands, its arrays left out; n tells their size.
 *  Errors: EBB_ERR_IO, EBB_ERR_FORMAT (no checkpoint). */
EBB_NODISCARD ebb_status ebb_checkpoint_read(struct ebb_checkpoint *out,
                                             const char *path);

/** Read the arrays into c->x, m and v, which hold c->n numbers each. Errors:
 *  EBB_ERR_IO, EBB_ERR_FORMAT (another size). */
EBB_NODISCARD ebb_status
ebb_checkpoint_read_arrays(const struct ebb_checkpoint *c, const char *path);

#endif
