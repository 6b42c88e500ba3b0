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

/* Factors: F or d_F, V or d_V, and the weights. */
static struct ebb_low_factor rows_of(const float *at, size_t rows,
                                     size_t columns, size_t stride,
                                     bool transposed)
{
    return (struct ebb_low_factor){.at = at,
                                   .rows = rows,
                                   .columns = columns,
                                   .stride = stride,
                                   .transposed = transposed};
}

static bool forward_low(const struct ebb_product *p, float *v, const float *f,
                        const float *w, bool add)
{
    struct ebb_low_factor a =
        rows_of(f, p->rows, p->sources, p->source_stride, false);
    struct ebb_low_factor b =
        rows_of(w, p->sources, p->targets, p->targets, false);
    return ebb_low_multiply(p->low, &a, &b, v, p->target_stride, add);
}

static bool backward_low(const struct ebb_product *p, float *d_f,
                         const float *d_v, const float *w)
{
    struct ebb_low_factor a =
        rows_of(d_v, p->rows, p->targets, p->target_stride, false);
    struct ebb_low_factor b =
        rows_of(w, p->sources, p->targets, p->targets, true);
    return ebb_low_multiply(p->low, &a, &b, d_f, p->source_stride, false);
}

static bool weight_low(const struct ebb_product *p, float *d_w, const float *f,
                       const float *d_v, bool add)
{
    struct ebb_low_factor a =
        rows_of(f, p->rows, p->sources, p->source_stride, true);
    struct ebb_low_factor b =
        rows_of(d_v, p->rows, p->targets, p->target_stride, false);
    return ebb_low_multiply(p->low, &a, &b, d_w, p->targets, add);
}

void ebb_product_forward_f32(const struct ebb_product *p, float *v,
                             const float *f, const float *w, bool add)
{
    if (p->low && forward_low(p, v, f, w, add)) {
        return;
    }
    multiply('N', 'N', p->rows, p->targets, p->sources, f, p->source_stride, w,
             p->targets, add ? 1.0f : 0.0f, v, p->target_stride);
}

void ebb_product_backward_f32(const struct ebb_product *p, float *d_f,
                              const float *d_v, const float *w)
{
    if (p->low && backward_low(p, d_f, d_v, w)) {
        return;
    }
    multiply('N', 'T', p->rows, p->sources, p->targets, d_v, p->target_stride,
             w, p->targets, 0.0f, d_f, p->source_stride);
}

void ebb_product_weight_f32(const struct ebb_product *p, float *d_w,
                            const float *f, const float *d_v, bool add)
{
    if (p->low && weight_low(p, d_w, f, d_v, add)) {
        return;
    }
    multiply('T', 'N', p->sources, p->targets, p->rows, f, p->source_stride,
             d_v, p->target_stride, add ? 1.0f : 0.0f, d_w, p->targets);
}

const char *ebb_product_name(void)
{
    static char name[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(name, sizeof(name), "oneDNN %d.%d.%d", v->major, v->minor,
             v->patch);
    return name;
}
