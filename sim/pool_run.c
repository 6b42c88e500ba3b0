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

/* The windows of a row, side by side; a step known when this is built makes
 * the loop a vector's. */
static inline void add_windows(real *restrict to, const real *restrict f,
                               size_t n, size_t step)
{
    for (size_t x = 0; x < n; x++) {
        to[x] += f[x * step];
    }
}

static inline void raise_windows(real *restrict to, const real *restrict f,
                                 size_t n, size_t step)
{
    for (size_t x = 0; x < n; x++) {
        real other = f[x * step];
        to[x] = other > to[x] ? other : to[x];
    }
}

static inline void add_to_windows(real *restrict f, const real *restrict d,
                                  real share, size_t n, size_t step)
{
    for (size_t x = 0; x < n; x++) {
        f[x * step] += share * d[x];
    }
}

/* One place (u, v) of all windows of a row. */
static void pool_place(const struct ebb_projection *p, real *to, const real *f)
{
    const size_t n = p->inputs.columns, step = p->pool.stride[1];
    if (p->pool.kind == EBB_POOL_MAX && step == 2) {
        raise_windows(to, f, n, 2);
    } else if (p->pool.kind == EBB_POOL_MAX) {
        raise_windows(to, f, n, step);
    } else if (step == 2) {
        add_windows(to, f, n, 2);
    } else {
        add_windows(to, f, n, step);
    }
}

/* A row of windows, place by place: each number is that of its window taken
 * alone, row by row. */
static void pool_windows(const struct ebb_projection *p, real *to,
                         const real *f)
{
    const size_t n = p->inputs.columns;
    const real share = share_of(&p->pool);
    for (size_t x = 0; x < n; x++) {
        to[x] = p->pool.kind == EBB_POOL_MAX ? f[x * p->pool.stride[1]] : 0;
    }
    for (size_t u = 0; u < p->pool.size[0]; u++) {
        for (size_t v = 0; v < p->pool.size[1]; v++) {
            pool_place(p, to, f + u * p->from.columns + v);
        }
    }
    for (size_t x = 0; p->pool.kind == EBB_POOL_AVERAGE && x < n; x++) {
        to[x] *= share;
    }
}

static void pool_row(const struct ebb_projection *p, real *pooled,
                     const real *f)
{
    const struct ebb_grid to = p->inputs;
    for (size_t c = 0; c < to.channels; c++) {
        for (size_t y = 0; y < to.rows; y++) {
            pool_windows(p, pooled, f + corner_of(p, c, y, 0));
            pooled += to.columns;
        }
    }
}

/* The adjoint of sums and averages. A neuron in several windows of a row gets
 * their parts from left to right: the last place of a window first. */
static void spread_windows(const struct ebb_projection *p, real *d_f,
                           const real *d)
{
    const size_t n = p->inputs.columns, step = p->pool.stride[1];
    const real share = share_of(&p->pool);
    for (size_t u = 0; u < p->pool.size[0]; u++) {
        for (size_t v = p->pool.size[1]; v-- > 0;) {
            real *to = d_f + u * p->from.columns + v;
            if (step == 2) {
                add_to_windows(to, d, share, n, 2);
            } else {
                add_to_windows(to, d, share, n, step);
            }
        }
    }
}

/* The adjoint of maxima: all of it to the first largest. */
static void point_windows(const struct ebb_projection *p, real *d_f,
                          const real *d, const real *f)
{
    for (size_t x = 0; x < p->inputs.columns; x++) {
        size_t at = x * p->pool.stride[1];
        d_f[at + first_maximum(p, f + at)] += d[x];
    }
}

/* The same for windows of 2 x 2 side by side, `down` numbers to a row: selects
 * in place of searches. What no window has stays as it is. */
static void point_pairs(real *restrict d_f, const real *restrict d,
                        const real *restrict f, size_t down, size_t n)
{
    for (size_t x = 0; x < n; x++) {
        const real *w = f + 2 * x;
        real *to = d_f + 2 * x;
        bool right = w[1] > w[0], second = w[down + 1] > w[down];
        real up = right ? w[1] : w[0];
        real low = second ? w[down + 1] : w[down];
        bool below = low > up;
        to[0] = !below && !right ? d[x] : 0;
        to[1] = !below && right ? d[x] : 0;
        to[down] = below && !second ? d[x] : 0;
        to[down + 1] = below && second ? d[x] : 0;
    }
}

static bool has_pairs(const struct ebb_pool *pool)
{
    return pool->size[0] == 2 && pool->size[1] == 2 && pool->stride[0] == 2 &&
           pool->stride[1] == 2;
}

static void unpool_row(const struct ebb_projection *p, real *d_f,
                       const real *d_pooled, const real *f)
{
    const struct ebb_grid to = p->inputs;
    for (size_t c = 0; c < to.channels; c++) {
        for (size_t y = 0; y < to.rows; y++) {
            size_t at = corner_of(p, c, y, 0);
            if (p->pool.kind == EBB_POOL_MAX && has_pairs(&p->pool)) {
                point_pairs(d_f + at, d_pooled, f + at, p->from.columns,
                            to.columns);
            } else if (p->pool.kind == EBB_POOL_MAX) {
                point_windows(p, d_f + at, d_pooled, f + at);
            } else {
                spread_windows(p, d_f + at, d_pooled);
            }
            d_pooled += to.columns;
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
