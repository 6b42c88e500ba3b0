/* sim/dense_run.c - a dense projection, forward and backward; built once per
 * precision. */
#include "sim/projection_run.h"

#include "core/real_build.inc"

typedef struct EBB_NAME(ebb_model_projection) projection;

static void forward(const projection *p, const struct ebb_product *shape,
                    EBB_REAL *v, const EBB_REAL *f, bool add, EBB_REAL *work)
{
    (void)work;
    EBB_NAME(ebb_product_forward)(shape, v, f, p->weight, add);
}

static void backward(const projection *p, const struct ebb_product *shape,
                     EBB_REAL *d_f, const EBB_REAL *d_v, EBB_REAL *work)
{
    (void)work;
    EBB_NAME(ebb_product_backward)(shape, d_f, d_v, p->weight);
}

static void weight(const projection *p, const struct ebb_product *shape,
                   EBB_REAL *d_weight, const EBB_REAL *f, const EBB_REAL *d_v,
                   bool add, EBB_REAL *work)
{
    (void)p;
    (void)work;
    EBB_NAME(ebb_product_weight)(shape, d_weight, f, d_v, add);
}

const struct EBB_NAME(ebb_projection_run)
    EBB_NAME(ebb_dense_run) = {forward, backward, weight};
