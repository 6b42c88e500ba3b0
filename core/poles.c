/* core/poles.c - poles of a recursive filter: stability, limits, expansion. */
#include "core/poles.h"

#include <assert.h>
#include <math.h>

typedef long double complex wide;

unsigned ebb_poles_order(const double *alpha, size_t stride, unsigned order)
{
    while (order > 0 && alpha[(order - 1) * stride] == 0.0) {
        order--;
    }
    return order;
}

static void sort_by_size(double complex *pole, unsigned n)
{
    for (unsigned i = 1; i < n; i++) {
        double complex p = pole[i];
        unsigned k = i;
        while (k > 0 && cabs(pole[k - 1]) < cabs(p)) {
            pole[k] = pole[k - 1];
            k--;
        }
        pole[k] = p;
    }
}

/* z² - a z - b, the larger root first so that nothing cancels. */
static void find_two(double complex *pole, double a, double b)
{
    long double half = (long double)a / 2;
    long double d = half * half + (long double)b;
    if (d < 0) {
        double imaginary = (double)sqrtl(-d);
        pole[0] = CMPLX((double)half, imaginary);
        pole[1] = CMPLX((double)half, -imaginary);
        return;
    }
    long double large = half + (half < 0 ? -sqrtl(d) : sqrtl(d));
    pole[0] = (double)large;
    pole[1] = large == 0 ? 0.0 : (double)(-(long double)b / large);
}

/* The polynomial and its derivative at z, by Horner's rule. */
static wide value_at(wide z, const long double *c, unsigned n, wide *slope)
{
    wide value = 1;
    wide d = 0;
    for (unsigned i = 0; i < n; i++) {
        d = d * z + value;
        value = value * z - c[i];
    }
    *slope = d;
    return value;
}

/* One Aberth step of root k; returns the size of the step. */
static long double aberth_step(wide *z, unsigned k, const long double *c,
                               unsigned n)
{
    wide slope;
    wide value = value_at(z[k], c, n, &slope);
    if (value == 0) {
        return 0;
    }
    wide repulsion = 0;
    for (unsigned j = 0; j < n; j++) {
        if (j != k && z[j] != z[k]) {
            repulsion += 1 / (z[k] - z[j]);
        }
    }
    wide denominator = slope - value * repulsion;
    if (denominator == 0) {
        return 0;
    }
    wide step = value / denominator;
    z[k] -= step;
    return cabsl(step);
}

static void find_many(double complex *pole, const long double *c, unsigned n)
{
    const int iterations = 500;
    wide z[EBB_ORDER_MAX];
    long double radius = 0; /* Cauchy's bound keeps the start circle sane */
    for (unsigned i = 0; i < n; i++) {
        long double r = powl(fabsl(c[i]), 1.0L / (i + 1));
        radius = r > radius ? r : radius;
    }
    for (unsigned i = 0; i < n; i++) {
        long double angle = 6.2831853071795864769L * (i + 0.35L) / n;
        z[i] = CMPLXL(radius * cosl(angle), radius * sinl(angle));
    }
    for (int k = 0; k < iterations; k++) {
        long double largest = 0;
        for (unsigned i = 0; i < n; i++) {
            long double step = aberth_step(z, i, c, n);
            largest = step > largest ? step : largest;
        }
        if (largest <= 1e-19L * radius) {
            break;
        }
    }
    for (unsigned i = 0; i < n; i++) {
        pole[i] = CMPLX((double)creall(z[i]), (double)cimagl(z[i]));
    }
}

/* Coefficients are real: make the poles exact conjugates or exactly real. */
static void pair_up(double complex *pole, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        double size = fabs(cimag(pole[i]));
        if (size <= 1e-15 * cabs(pole[i])) {
            pole[i] = creal(pole[i]);
            continue;
        }
        unsigned mate = n;
        double nearest = (double)INFINITY;
        for (unsigned j = i + 1; j < n; j++) {
            double distance = cabs(pole[j] - conj(pole[i]));
            if (distance < nearest) {
                nearest = distance;
                mate = j;
            }
        }
        if (mate == n || nearest > size) { /* no mate left: it was real */
            pole[i] = creal(pole[i]);
            continue;
        }
        double complex other = pole[mate];
        pole[mate] = pole[i + 1];
        pole[i] = (pole[i] + conj(other)) / 2;
        pole[i + 1] = conj(pole[i]);
        i++;
    }
}

void ebb_poles_find(double complex *pole, const double *alpha, size_t stride,
                    unsigned order)
{
    assert(order <= EBB_ORDER_MAX);
    unsigned n = ebb_poles_order(alpha, stride, order);
    for (unsigned i = n; i < order; i++) {
        pole[i] = 0;
    }
    if (n == 1) {
        pole[0] = alpha[0];
    } else if (n == 2) {
        find_two(pole, alpha[0], alpha[stride]);
    } else if (n > 2) {
        long double c[EBB_ORDER_MAX];
        for (unsigned i = 0; i < n; i++) {
            c[i] = (long double)alpha[i * stride];
        }
        find_many(pole, c, n);
        sort_by_size(pole, n);
        pair_up(pole, n);
    }
}

double ebb_poles_radius(const double *alpha, size_t stride, unsigned order)
{
    double complex pole[EBB_ORDER_MAX];
    ebb_poles_find(pole, alpha, stride, order);
    double radius = 0;
    for (unsigned i = 0; i < order; i++) {
        radius = fmax(radius, cabs(pole[i]));
    }
    return radius;
}

int ebb_poles_stable(const double *alpha, size_t stride, unsigned order)
{
    unsigned n = ebb_poles_order(alpha, stride, order);
    long double a[EBB_ORDER_MAX];
    long double b[EBB_ORDER_MAX];
    for (unsigned i = 0; i < n; i++) {
        a[i] = -(long double)alpha[i * stride];
    }
    for (unsigned m = n; m > 0; m--) { /* step down: m coefficients to m - 1 */
        long double k = a[m - 1];
        if (!(fabsl(k) < 1)) {
            return 0;
        }
        for (unsigned i = 0; i + 1 < m; i++) {
            b[i] = (a[i] - k * a[m - 2 - i]) / (1 - k * k);
        }
        for (unsigned i = 0; i + 1 < m; i++) {
            a[i] = b[i];
        }
    }
    return 1;
}

void ebb_poles_expand(double *alpha, size_t stride, const double complex *pole,
                      unsigned order)
{
    wide c[EBB_ORDER_MAX + 1] = {1};
    for (unsigned i = 0; i < order; i++) {
        for (unsigned k = i + 1; k > 0; k--) {
            c[k] -= (wide)pole[i] * c[k - 1];
        }
    }
    for (unsigned i = 0; i < order; i++) {
        alpha[i * stride] = (double)-creall(c[i + 1]);
    }
}

unsigned ebb_poles_limit(double *alpha, size_t stride, unsigned order,
                         double limit)
{
    double complex pole[EBB_ORDER_MAX];
    ebb_poles_find(pole, alpha, stride, order);
    unsigned scaled = 0;
    for (unsigned i = 0; i < order; i++) {
        double size = cabs(pole[i]);
        if (size > limit) {
            pole[i] *= limit / size;
            scaled++;
        }
    }
    if (scaled > 0) {
        ebb_poles_expand(alpha, stride, pole, order);
    }
    return scaled;
}
