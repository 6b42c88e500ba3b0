/* tests/reference_projection.c - one tick of a projection, word by word. */
#include "tests/reference_projection.h"

#include <math.h>

/* Number of a neuron in its grid. */
static size_t at(struct ebb_grid g, size_t c, size_t y, size_t x)
{
    return (c * g.rows + y) * g.columns + x;
}

static double pool_window(const struct ebb_projection *p, const double *f,
                          size_t c, size_t y, size_t x)
{
    const struct ebb_pool *pool = &p->pool;
    double sum = 0, largest = -HUGE_VAL;
    for (size_t u = 0; u < pool->size[0]; u++) {
        for (size_t v = 0; v < pool->size[1]; v++) {
            double value = f[at(p->from, c, y * pool->stride[0] + u,
                                x * pool->stride[1] + v)];
            sum += value;
            largest = fmax(largest, value);
        }
    }
    if (pool->kind == EBB_POOL_MAX) {
        return largest;
    }
    return pool->kind == EBB_POOL_SUM
               ? sum
               : sum / (double)(pool->size[0] * pool->size[1]);
}

void reference_pool(const struct ebb_projection *p, const double *f,
                    double *pooled)
{
    for (size_t i = 0; i < p->n_inputs; i++) {
        size_t x = i % p->inputs.columns;
        size_t y = i / p->inputs.columns % p->inputs.rows;
        size_t c = i / p->inputs.columns / p->inputs.rows;
        pooled[i] =
            p->pool.kind == EBB_POOL_NONE ? f[i] : pool_window(p, f, c, y, x);
    }
}

static void add(double *input, double *terms, size_t i, double current)
{
    input[i] += current;
    if (terms) {
        terms[i] += fabs(current);
    }
}

/* Source row or column that place u of window y falls on; false: outside. */
static bool falls_on(const struct ebb_conv *c, size_t axis, size_t y, size_t u,
                     size_t room, size_t *out)
{
    size_t shifted = y * c->stride[axis] + u * c->dilation[axis];
    *out = shifted - c->padding[axis];
    return shifted >= c->padding[axis] && *out < room;
}

/* Window (o, y, x) over input channel i of the group of o. */
static void convolve_window(const struct ebb_projection *p,
                            const double *pooled, double *input, double *terms,
                            const size_t target[3], size_t i)
{
    const struct ebb_conv *c = &p->conv;
    size_t inputs = p->inputs.channels / c->groups;
    size_t group = target[0] / (p->to.channels / c->groups);
    for (size_t u = 0; u < c->size[0]; u++) {
        for (size_t v = 0; v < c->size[1]; v++) {
            size_t row, column;
            size_t k = (target[0] * inputs + i) * c->size[0] + u;
            if (!falls_on(c, 0, target[1], u, p->inputs.rows, &row) ||
                !falls_on(c, 1, target[2], v, p->inputs.columns, &column)) {
                continue;
            }
            double f = pooled[at(p->inputs, group * inputs + i, row, column)];
            double w = ebb_projection_weight(p, k * c->size[1] + v);
            add(input, terms, at(p->to, target[0], target[1], target[2]),
                w * f);
        }
    }
}

static void convolve(const struct ebb_projection *p, const double *pooled,
                     double *input, double *terms)
{
    for (size_t o = 0; o < p->to.channels; o++) {
        for (size_t y = 0; y < p->to.rows; y++) {
            for (size_t x = 0; x < p->to.columns; x++) {
                const size_t target[3] = {o, y, x};
                for (size_t i = 0; i < p->inputs.channels / p->conv.groups;
                     i++) {
                    convolve_window(p, pooled, input, terms, target, i);
                }
            }
        }
    }
}

void reference_project(const struct ebb_projection *p, const double *pooled,
                       double *input, double *terms)
{
    bool sparse = p->kind == EBB_PROJECTION_SPARSE;
    size_t targets = ebb_grid_size(p->to);
    if (p->kind == EBB_PROJECTION_CONV2D) {
        convolve(p, pooled, input, terms);
        return;
    }
    for (size_t j = 0; j < p->n_inputs; j++) {
        size_t from = sparse ? p->indptr[j] : j * targets;
        size_t to = sparse ? p->indptr[j + 1] : from + targets;
        for (size_t s = from; s < to; s++) {
            size_t i = sparse ? p->indices[s] : s - from;
            add(input, terms, i, ebb_projection_weight(p, s) * pooled[j]);
        }
    }
}
