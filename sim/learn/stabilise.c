/* sim/learn/stabilise.c - kernels that cannot become unstable. */
#include "sim/learn/stabilise.h"

#include "core/poles.h"

#include <math.h>

/* With a_i = -α_i the polynomial is 1 + Σ a_i z^-i; the recursion is
 * a^(m)_i = a^(m-1)_i + k_m a^(m-1)_(m-i),  a^(m)_m = k_m. */

static void step_up(double *a, double k, unsigned m)
{
    double before[EBB_ORDER_MAX];
    for (unsigned i = 1; i < m; i++) {
        before[i - 1] = a[i - 1];
    }
    for (unsigned i = 1; i < m; i++) {
        a[i - 1] = before[i - 1] + k * before[m - i - 1];
    }
    a[m - 1] = k;
}

static void step_down(double *a, unsigned m)
{
    double k = a[m - 1];
    double before[EBB_ORDER_MAX];
    for (unsigned i = 1; i < m; i++) {
        before[i - 1] = (a[i - 1] - k * a[m - i - 1]) / (1 - k * k);
    }
    for (unsigned i = 1; i < m; i++) {
        a[i - 1] = before[i - 1];
    }
}

void ebb_stabilise_expand(float *alpha, const float *x, size_t stride,
                          unsigned order)
{
    double a[EBB_ORDER_MAX];
    for (unsigned m = 1; m <= order; m++) {
        step_up(a, tanh((double)x[(m - 1) * stride]), m);
    }
    for (unsigned i = 0; i < order; i++) {
        alpha[i * stride] = (float)-a[i];
    }
}

void ebb_stabilise_reduce(float *x, const float *alpha, size_t stride,
                          unsigned order)
{
    const double largest = 1 - 1e-6;
    double a[EBB_ORDER_MAX];
    for (unsigned i = 0; i < order; i++) {
        a[i] = -(double)alpha[i * stride];
    }
    for (unsigned m = order; m > 0; m--) {
        a[m - 1] = fmax(-largest, fmin(largest, a[m - 1]));
        x[(m - 1) * stride] = (float)atanh(a[m - 1]);
        step_down(a, m);
    }
}

void ebb_stabilise_backward(float *d_x, const float *d_alpha, const float *x,
                            size_t stride, unsigned order)
{
    double a[EBB_ORDER_MAX][EBB_ORDER_MAX]; /* a after each step up */
    double d[EBB_ORDER_MAX];
    for (unsigned m = 1; m <= order; m++) {
        for (unsigned i = 0; m > 1 && i + 1 < m; i++) {
            a[m - 1][i] = a[m - 2][i];
        }
        step_up(a[m - 1], tanh((double)x[(m - 1) * stride]), m);
    }
    for (unsigned i = 0; i < order; i++) {
        d[i] = -(double)d_alpha[i * stride];
    }
    for (unsigned m = order; m > 0; m--) {
        double k = tanh((double)x[(m - 1) * stride]);
        double d_k = d[m - 1];
        double before[EBB_ORDER_MAX];
        for (unsigned i = 1; i < m; i++) {
            d_k += d[i - 1] * a[m - 2][m - i - 1];
            before[i - 1] = d[i - 1] + k * d[m - i - 1];
        }
        for (unsigned i = 1; i < m; i++) {
            d[i - 1] = before[i - 1];
        }
        d_x[(m - 1) * stride] = (float)(d_k * (1 - k * k));
    }
}
