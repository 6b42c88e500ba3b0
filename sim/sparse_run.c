/* sim/sparse_run.c - a sparse projection, forward and backward; built once per
 * precision. */
#include "sim/projection_run.h"

#include "core/real_build.inc"

#include <string.h>

typedef EBB_REAL real;
typedef struct EBB_NAME(ebb_model_projection) projection;

static void forward(const projection *p, const struct ebb_product *shape,
                    real *v, const real *f, bool add, real *work)
{
    (void)work;
    const uint64_t *indptr = p->from->indptr;
    const uint32_t *indices = p->from->indices;
    for (size_t r = 0; r < shape->rows; r++) {
        real *y = v + r * shape->target_stride;
        const real *x = f + r * shape->source_stride;
        if (!add) {
            memset(y, 0, shape->targets * sizeof(real));
        }
        for (size_t j = 0; j < shape->sources; j++) {
            if (x[j] == 0) {
                continue;
            }
            for (uint64_t s = indptr[j]; s < indptr[j + 1]; s++) {
                y[indices[s]] += x[j] * p->weight[s];
            }
        }
    }
}

static void backward(const projection *p, const struct ebb_product *shape,
                     real *d_f, const real *d_v, real *work)
{
    (void)work;
    const uint64_t *indptr = p->from->indptr;
    const uint32_t *indices = p->from->indices;
    for (size_t r = 0; r < shape->rows; r++) {
        const real *y = d_v + r * shape->target_stride;
        for (size_t j = 0; j < shape->sources; j++) {
            real sum = 0;
            for (uint64_t s = indptr[j]; s < indptr[j + 1]; s++) {
                sum += p->weight[s] * y[indices[s]];
            }
            d_f[r * shape->source_stride + j] = sum;
        }
    }
}

static void weight(const projection *p, const struct ebb_product *shape,
                   real *d_weight, const real *f, const real *d_v, bool add,
                   real *work)
{
    (void)work;
    if (!add) {
        memset(d_weight, 0, p->from->synapses * sizeof(real));
    }
    const uint64_t *indptr = p->from->indptr;
    const uint32_t *indices = p->from->indices;
    for (size_t r = 0; r < shape->rows; r++) {
        const real *x = f + r * shape->source_stride;
        const real *y = d_v + r * shape->target_stride;
        for (size_t j = 0; j < shape->sources; j++) {
            if (x[j] == 0) {
                continue;
            }
            for (uint64_t s = indptr[j]; s < indptr[j + 1]; s++) {
                d_weight[s] += x[j] * y[indices[s]];
            }
        }
    }
}

const struct EBB_NAME(ebb_projection_run)
    EBB_NAME(ebb_sparse_run) = {forward, backward, weight};
