/* sim/pool_run.c - pooling of PSPs, forward and backward; built once per
 * precision. */
#include "sim/projection_run.h"

#include "core/real_build.inc"

#include <string.h>

typedef EBB_REAL real;

/* First number of window (c, y, x) in a row of F. */
static size_t corner_of(const struct ebb_projection *p, size_t c, size_t y,
                        size_t x)
{
    size_t row = c * p->from.rows + y * p->pool.stride[0];
    return row * p->from.columns + x * p->pool.stride[1];
}

static real sum_of(const struct ebb_projection *p, const real *f)
{
    real sum = 0;
    for (size_t u = 0; u < p->pool.size[0]; u++) {
        for (size_t v = 0; v < p->pool.size[1]; v++) {
            sum += f[u * p->from.columns + v];
        }
    }
    return sum;
}

/* Place of the largest of a window, of equal ones the first row by row. */
static size_t first_maximum(const struct ebb_projection *p, const real *f)
{
    size_t best = 0;
    for (size_t u = 0; u < p->pool.size[0]; u++) {
        for (size_t v = 0; v < p->pool.size[1]; v++) {
            size_t at = u * p->from.columns + v;
            best = f[at] > f[best] ? at : best;
        }
    }
    return best;
}

/* What a sum is multiplied by. */
static real share_of(const struct ebb_pool *pool)
{
    return pool->kind == EBB_POOL_AVERAGE
               ? 1 / (real)(pool->size[0] * pool->size[1])
               : 1;
}

static void pool_row(const struct ebb_projection *p, real *pooled,
                     const real *f)
{
    const struct ebb_grid to = p->inputs;
    const real share = share_of(&p->pool);
    for (size_t c = 0; c < to.channels; c++) {
        for (size_t y = 0; y < to.rows; y++) {
            for (size_t x = 0; x < to.columns; x++) {
                const real *window = f + corner_of(p, c, y, x);
                *pooled++ = p->pool.kind == EBB_POOL_MAX
                                ? window[first_maximum(p, window)]
                                : share * sum_of(p, window);
            }
        }
    }
}

static void spread(const struct ebb_projection *p, real *d_f, real d)
{
    for (size_t u = 0; u < p->pool.size[0]; u++) {
        for (size_t v = 0; v < p->pool.size[1]; v++) {
            d_f[u * p->from.columns + v] += d;
        }
    }
}

static void unpool_row(const struct ebb_projection *p, real *d_f,
                       const real *d_pooled, const real *f)
{
    const struct ebb_grid to = p->inputs;
    const real share = share_of(&p->pool);
    for (size_t c = 0; c < to.channels; c++) {
        for (size_t y = 0; y < to.rows; y++) {
            for (size_t x = 0; x < to.columns; x++) {
                size_t at = corner_of(p, c, y, x);
                if (p->pool.kind == EBB_POOL_MAX) {
                    d_f[at + first_maximum(p, f + at)] += *d_pooled++;
                } else {
                    spread(p, d_f + at, share * *d_pooled++);
                }
            }
        }
    }
}

/* Numbers between rows of axons. */
static size_t stride_of(const struct ebb_projection *p,
                        const struct ebb_product *shape)
{
    return ebb_grid_size(p->from) * (shape->source_stride / shape->sources);
}

void EBB_NAME(ebb_pool_forward)(const struct ebb_projection *p,
                                const struct ebb_product *shape, real *pooled,
                                const real *f)
{
    size_t stride = stride_of(p, shape);
    for (size_t r = 0; p->pool.kind != EBB_POOL_NONE && r < shape->rows; r++) {
        pool_row(p, pooled + r * shape->source_stride, f + r * stride);
    }
}

void EBB_NAME(ebb_pool_backward)(const struct ebb_projection *p,
                                 const struct ebb_product *shape, real *d_f,
                                 const real *d_pooled, const real *f)
{
    size_t stride = stride_of(p, shape), axons = ebb_grid_size(p->from);
    for (size_t r = 0; p->pool.kind != EBB_POOL_NONE && r < shape->rows; r++) {
        memset(d_f + r * stride, 0, axons * sizeof(real));
        unpool_row(p, d_f + r * stride, d_pooled + r * shape->source_stride,
                   f + r * stride);
    }
}
