/* sim/product_plain.c - the products as plain loops: double, and float where
 * there is no oneDNN. Built once per precision. */
#include "sim/product.h"

#include "core/real_build.inc"

#include <string.h>

typedef EBB_REAL real;

static void add_scaled(real *restrict y, real x, const real *restrict w,
                       size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] += x * w[i];
    }
}

/* Eight running sums: a fixed order of additions that vectorises. */
static real dot(const real *restrict a, const real *restrict b, size_t n)
{
    enum { LANES = 8 };
    real sum[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t k = 0; k < LANES; k++) {
            sum[k] += a[i + k] * b[i + k];
        }
    }
    real total = ((sum[0] + sum[4]) + (sum[1] + sum[5])) +
                 ((sum[2] + sum[6]) + (sum[3] + sum[7]));
    for (; i < n; i++) {
        total += a[i] * b[i];
    }
    return total;
}

void EBB_NAME(ebb_product_forward)(const struct ebb_product *p, real *v,
                                   const real *f, const real *w, bool add)
{
    for (size_t r = 0; r < p->rows; r++) {
        real *y = v + r * p->target_stride;
        const real *x = f + r * p->source_stride;
        if (!add) {
            memset(y, 0, p->targets * sizeof(real));
        }
        for (size_t j = 0; j < p->sources; j++) {
            if (x[j] != 0) {
                add_scaled(y, x[j], w + j * p->targets, p->targets);
            }
        }
    }
}

void EBB_NAME(ebb_product_backward)(const struct ebb_product *p, real *d_f,
                                    const real *d_v, const real *w)
{
    for (size_t r = 0; r < p->rows; r++) {
        for (size_t j = 0; j < p->sources; j++) {
            d_f[r * p->source_stride + j] =
                dot(d_v + r * p->target_stride, w + j * p->targets, p->targets);
        }
    }
}

void EBB_NAME(ebb_product_weight)(const struct ebb_product *p, real *d_w,
                                  const real *f, const real *d_v, bool add)
{
    if (!add) {
        memset(d_w, 0, p->sources * p->targets * sizeof(real));
    }
    for (size_t r = 0; r < p->rows; r++) {
        const real *x = f + r * p->source_stride;
        for (size_t j = 0; j < p->sources; j++) {
            if (x[j] != 0) {
                add_scaled(d_w + j * p->targets, x[j],
                           d_v + r * p->target_stride, p->targets);
            }
        }
    }
}

#if EBB_REAL_BITS == 32
const char *ebb_product_name(void)
{
    return "plain";
}
#endif
