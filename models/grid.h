/* models/grid.h - neurons that stand in space: grids, convolutions, pooling. */
#ifndef EBB_MODELS_GRID_H
#define EBB_MODELS_GRID_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

/** Channels of rows of columns. Neuron (c, y, x) is number
 *  (c * rows + y) * columns + x. Without space: n channels of one neuron. */
struct ebb_grid {
    size_t channels, rows, columns;
};

/** Convolution, rows before columns; cross-correlation as elsewhere:
 *
 *     I[o, y, x] = Σ_{i, u, v} w[o, i, u, v]
 *                  F[i, y stride + u dilation - padding, …]
 *
 * with F = 0 outside; channel o takes the channels i of its group only. */
struct ebb_conv {
    size_t size[2], stride[2], padding[2], dilation[2];
    size_t groups;
};

enum ebb_pool_kind {
    EBB_POOL_NONE,
    EBB_POOL_SUM,
    EBB_POOL_AVERAGE,
    EBB_POOL_MAX /* of equal ones the first, row by row */
};

/** Pooling of PSPs, channel by channel, before the weights. Windows do not
 *  reach beyond the grid: what is left over at its end is not seen. */
struct ebb_pool {
    enum ebb_pool_kind kind;
    size_t size[2], stride[2];
};

/** "sum" and so on; NULL beyond the list. */
const char *ebb_pool_kind_name(enum ebb_pool_kind kind);

static inline size_t ebb_grid_size(struct ebb_grid g)
{
    return g.channels * g.rows * g.columns;
}

static inline bool ebb_grid_equal(struct ebb_grid a, struct ebb_grid b)
{
    return a.channels == b.channels && a.rows == b.rows &&
           a.columns == b.columns;
}

/** A convolution of one size and stride, without padding, dilation, groups. */
struct ebb_conv ebb_conv_default(size_t rows, size_t columns);

/** Grid of what leaves a pooling; that of `in` where it is none. Errors:
 *  EBB_ERR_ARG (a size or stride of 0), EBB_ERR_SHAPE (larger than `in`). */
EBB_NODISCARD ebb_status ebb_pool_grid(struct ebb_grid *out,
                                       const struct ebb_pool *pool,
                                       struct ebb_grid in);

/** Grid of what leaves a convolution to `channels` channels. Errors:
 *  EBB_ERR_ARG (a size, stride, dilation or number of groups of 0, or beyond
 *  all reason; groups that do not divide the channels), EBB_ERR_SHAPE (larger
 *  than `in` with its padding). */
EBB_NODISCARD ebb_status ebb_conv_grid(struct ebb_grid *out,
                                       const struct ebb_conv *conv,
                                       struct ebb_grid in, size_t channels);

#endif
