/* core/section.c - one section of a neuron's filter, in each of its forms. */
#include "core/filter.h"

#include <stdbool.h>
#include <string.h>

typedef long double wide;

/* One column of row b. */
static wide times_column(const wide *row, const wide *b, size_t column,
                         size_t n)
{
    wide sum = 0;
    for (size_t j = 0; j < n; j++) {
        sum += row[j] * b[j * n + column];
    }
    return sum;
}

/* First-order filters in series. */
static void cascade_matrix(const struct ebb_section *s, wide *a, wide *y)
{
    size_t n = s->order;
    memset(a, 0, n * n * sizeof(*a));
    for (size_t k = 0; k < n; k++) {
        /* u_k = p_k u_k + p_(k-1) u_(k-1) + … + p_1 u_1, all of before */
        for (size_t i = 0; i <= k; i++) {
            a[k * n + i] = (wide)s->number[i];
        }
        y[k] = (wide)s->number[k];
    }
}

/* Transposed direct form. */
static void direct_matrix(const struct ebb_section *s, wide *a, wide *y)
{
    size_t n = s->order;
    memset(a, 0, n * n * sizeof(*a));
    memset(y, 0, n * sizeof(*y));
    for (size_t k = 0; k < n; k++) {
        a[k * n] = (wide)s->number[k]; /* y = z_1 */
        if (k + 1 < n) {
            a[k * n + k + 1] += 1;
        }
    }
    y[0] = 1;
}

/* Row j of T: [Π_{i<j} (E - p_i)] y at the next tick over the section's
 * state. T is lower triangular with ones on its diagonal. */
void ebb_section_turn(const struct ebb_section *s, wide *turn)
{
    size_t n = s->order;
    wide a[EBB_ORDER_MAX * EBB_ORDER_MAX], y[EBB_ORDER_MAX];
    wide outputs[EBB_ORDER_MAX * EBB_ORDER_MAX]; /* rows: y at tick 1, 2, … */
    double complex pole[EBB_ORDER_MAX];
    direct_matrix(s, a, y);
    ebb_poles_find(pole, s->number, 1, s->order);
    memcpy(outputs, y, n * sizeof(wide));
    for (size_t t = 1; t < n; t++) {
        for (size_t k = 0; k < n; k++) {
            outputs[t * n + k] = times_column(outputs + (t - 1) * n, a, k, n);
        }
    }
    wide c[EBB_ORDER_MAX + 1] = {1};    /* Π (E - p_i), rising powers of E */
    bool half = false;                  /* one of a conjugate pair is in c */
    wide base[EBB_ORDER_MAX + 1] = {1}; /* c without a half pair */
    for (size_t j = 0; j < n; j++) {
        for (size_t k = 0; k < n; k++) {
            wide sum = 0;
            for (size_t t = 0; t <= j; t++) {
                sum += c[t] * outputs[t * n + k];
            }
            turn[j * n + k] = sum;
        }
        double complex p = pole[n - 1 - j]; /* fast ones first */
        wide re = (wide)creal(p);
        wide size2 = re * re + (wide)cimag(p) * (wide)cimag(p);
        wide next[EBB_ORDER_MAX + 1] = {0};
        if (cimag(p) != 0 && half) { /* complete the pair: E² - 2 re E + |p|² */
            for (size_t t = 0; t + 1 <= j; t++) {
                next[t] += size2 * base[t];
                next[t + 1] -= 2 * re * base[t];
                next[t + 2] += base[t];
            }
            half = false;
        } else {
            for (size_t t = 0; t <= j; t++) {
                next[t] -= re * c[t];
                next[t + 1] += c[t];
            }
            half = cimag(p) != 0;
            memcpy(base, c, sizeof(base));
        }
        memcpy(c, next, sizeof(c));
    }
}

/* x with T x = unit vector k, T unit lower triangular. */
static void solve_unit(const wide *turn, size_t k, wide *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        wide sum = i == k ? 1 : 0;
        for (size_t j = 0; j < i; j++) {
            sum -= turn[i * n + j] * x[j];
        }
        x[i] = sum / turn[i * n + i];
    }
}

/* The transposed form turned: T A T^-1 and y T^-1. */
static void turned_matrix(const struct ebb_section *s, wide *a, wide *y)
{
    size_t n = s->order;
    wide turn[EBB_ORDER_MAX * EBB_ORDER_MAX];
    wide direct[EBB_ORDER_MAX * EBB_ORDER_MAX], output[EBB_ORDER_MAX];
    ebb_section_turn(s, turn);
    direct_matrix(s, direct, output);
    for (size_t k = 0; k < n; k++) {
        wide x[EBB_ORDER_MAX], moved[EBB_ORDER_MAX];
        solve_unit(turn, k, x, n);
        y[k] = 0;
        for (size_t i = 0; i < n; i++) {
            moved[i] = 0;
            for (size_t j = 0; j < n; j++) {
                moved[i] += direct[i * n + j] * x[j];
            }
            y[k] += output[i] * x[i];
        }
        for (size_t i = 0; i < n; i++) {
            a[i * n + k] = 0;
            for (size_t j = 0; j < n; j++) {
                a[i * n + k] += turn[i * n + j] * moved[j];
            }
        }
    }
}

void ebb_section_matrix(const struct ebb_section *s, long double *a,
                        long double *y)
{
    switch (s->form) {
    case EBB_SECTION_CASCADE:
        cascade_matrix(s, a, y);
        return;
    case EBB_SECTION_TRANSPOSED:
        direct_matrix(s, a, y);
        return;
    case EBB_SECTION_DIFFERENCES:
        turned_matrix(s, a, y);
        return;
    }
}

void ebb_section_input(const struct ebb_section *s, double *gain)
{
    wide turn[EBB_ORDER_MAX * EBB_ORDER_MAX];
    if (s->form == EBB_SECTION_DIFFERENCES) {
        ebb_section_turn(s, turn);
    }
    for (size_t k = 0; k < s->order; k++) {
        if (s->form == EBB_SECTION_CASCADE) {
            gain[k] = 1;
        } else if (s->form == EBB_SECTION_TRANSPOSED) {
            gain[k] = s->number[k];
        } else {
            wide sum = 0;
            for (size_t i = 0; i <= k; i++) {
                sum += turn[k * s->order + i] * (wide)s->number[i];
            }
            gain[k] = (double)sum;
        }
    }
}
