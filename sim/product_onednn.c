/* sim/product_onednn.c - the float products through oneDNN's sgemm. */
#include "sim/product.h"

#include <dnnl.h>
#include <stdio.h>

typedef dnnl_dim_t dim;

/* The only failure of dnnl_sgemm is a bad argument, which would be our bug;
 * callers have checked their shapes. */
static void multiply(char transpose_a, char transpose_b, size_t m, size_t n,
                     size_t k, const float *a, size_t lda, const float *b,
                     size_t ldb, float keep, float *c, size_t ldc)
{
    (void)dnnl_sgemm(transpose_a, transpose_b, (dim)m, (dim)n, (dim)k, 1.0f, a,
                     (dim)lda, b, (dim)ldb, keep, c, (dim)ldc);
}

void ebb_product_forward_f32(const struct ebb_product *p, float *v,
                             const float *f, const float *w, bool add)
{
    multiply('N', 'N', p->rows, p->targets, p->sources, f, p->source_stride, w,
             p->targets, add ? 1.0f : 0.0f, v, p->target_stride);
}

void ebb_product_backward_f32(const struct ebb_product *p, float *d_f,
                              const float *d_v, const float *w)
{
    multiply('N', 'T', p->rows, p->sources, p->targets, d_v, p->target_stride,
             w, p->targets, 0.0f, d_f, p->source_stride);
}

void ebb_product_weight_f32(const struct ebb_product *p, float *d_w,
                            const float *f, const float *d_v)
{
    multiply('T', 'N', p->sources, p->targets, p->rows, f, p->source_stride,
             d_v, p->target_stride, 1.0f, d_w, p->targets);
}

const char *ebb_product_name(void)
{
    static char name[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(name, sizeof(name), "oneDNN %d.%d.%d", v->major, v->minor,
             v->patch);
    return name;
}
