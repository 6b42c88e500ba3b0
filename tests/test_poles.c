/* tests/test_poles.c - poles of recursive filters. */
#include "core/poles.h"
#include "core/random.h"
#include "tests/run_suite.h"

#include <math.h>
#include <string.h>

START_TEST(find_gives_the_roots_of_known_filters)
{
    /* (z - 0.5)(z + 0.25): α = 0.25, 0.125 */
    const double real_pair[] = {.25, .125};
    double complex pole[4];
    ebb_poles_find(pole, real_pair, 1, 2);
    ck_assert_double_eq_tol(creal(pole[0]), .5, 1e-15);
    ck_assert_double_eq_tol(creal(pole[1]), -.25, 1e-15);
    /* z² + 0.25: ± i/2 */
    const double ringing[] = {0, -.25};
    ebb_poles_find(pole, ringing, 1, 2);
    ck_assert_double_eq_tol(fabs(cimag(pole[0])), .5, 1e-15);
    ck_assert_double_eq_tol(cimag(pole[0]) + cimag(pole[1]), 0, 1e-15);
    /* z^4 - 1/16, one coefficient in two: ±1/2, ± i/2 */
    const double fourth[] = {0, 9, 0, 9, 0, 9, .0625, 9};
    ebb_poles_find(pole, fourth, 2, 4);
    for (size_t k = 0; k < 4; k++) {
        ck_assert_double_eq_tol(cabs(pole[k]), .5, 1e-14);
    }
}
END_TEST

START_TEST(expand_undoes_find)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 3);
    for (size_t trial = 0; trial < 500; trial++) {
        unsigned order = 1 + ebb_random_below(&r, 6);
        double alpha[6], again[6];
        double complex pole[6];
        for (unsigned p = 0; p < order; p++) {
            alpha[p] = ebb_random_between(&r, -1, 1);
        }
        ebb_poles_find(pole, alpha, 1, order);
        ebb_poles_expand(again, 1, pole, order);
        for (unsigned p = 0; p < order; p++) {
            ck_assert_double_eq_tol(again[p], alpha[p], 1e-12);
        }
        for (unsigned p = 1; p < order; p++) {
            ck_assert_double_le(cabs(pole[p]), cabs(pole[p - 1]) + 1e-12);
        }
    }
}
END_TEST

START_TEST(order_leaves_out_trailing_zeros)
{
    const double alpha[] = {.5, 0, .25, 0, 0};
    ck_assert_uint_eq(ebb_poles_order(alpha, 1, 5), 3);
    ck_assert_uint_eq(ebb_poles_order(alpha, 1, 2), 1);
    ck_assert_uint_eq(ebb_poles_order(alpha + 3, 1, 2), 0);
    ck_assert_double_eq(ebb_poles_radius(alpha + 3, 1, 2), 0);
}
END_TEST

START_TEST(stable_is_sharp_at_the_unit_circle)
{
    const double on[] = {1}, inside[] = {nextafter(1, 0)}, beyond[] = {-1.0001};
    ck_assert(!ebb_poles_stable(on, 1, 1));
    ck_assert(ebb_poles_stable(inside, 1, 1));
    ck_assert(!ebb_poles_stable(beyond, 1, 1));
    const double ring[] = {0, -1}, damped[] = {0, -.999999};
    ck_assert(!ebb_poles_stable(ring, 1, 2));
    ck_assert(ebb_poles_stable(damped, 1, 2));
    ck_assert(ebb_poles_stable(on, 1, 0));
}
END_TEST

START_TEST(stable_agrees_with_the_roots)
{
    struct ebb_random r = ebb_random_stream(2, EBB_RANDOM_TEST, 3);
    size_t stable = 0;
    for (size_t trial = 0; trial < 2000; trial++) {
        unsigned order = 1 + ebb_random_below(&r, 5);
        double alpha[5];
        for (unsigned p = 0; p < order; p++) {
            alpha[p] = ebb_random_between(&r, -1.2, 1.2);
        }
        double radius = ebb_poles_radius(alpha, 1, order);
        if (fabs(radius - 1) > 1e-9) {
            ck_assert_int_eq(ebb_poles_stable(alpha, 1, order) != 0,
                             radius < 1);
            stable += radius < 1;
        }
    }
    ck_assert_uint_ge(stable, 200);
}
END_TEST

START_TEST(limit_scales_only_what_is_too_large)
{
    double good[] = {.5, .25}, kept[] = {.5, .25};
    ck_assert_uint_eq(ebb_poles_limit(good, 1, 2, .999), 0);
    ck_assert_int_eq(memcmp(good, kept, sizeof(good)), 0);
    /* (z - 2)(z - 0.5) becomes (z - 0.9)(z - 0.5) */
    double bad[] = {2.5, -1};
    ck_assert_uint_eq(ebb_poles_limit(bad, 1, 2, .9), 1);
    ck_assert_double_eq_tol(bad[0], 1.4, 1e-14);
    ck_assert_double_eq_tol(bad[1], -.45, 1e-14);
    /* A pair keeps its angle: z² + 4 becomes z² + 0.81. */
    double pair[] = {0, -4};
    ck_assert_uint_eq(ebb_poles_limit(pair, 1, 2, .9), 2);
    ck_assert_double_eq_tol(pair[0], 0, 1e-14);
    ck_assert_double_eq_tol(pair[1], -.81, 1e-14);
}
END_TEST

RUN_SUITE("core", "poles", find_gives_the_roots_of_known_filters,
          expand_undoes_find, order_leaves_out_trailing_zeros,
          stable_is_sharp_at_the_unit_circle, stable_agrees_with_the_roots,
          limit_scales_only_what_is_too_large)
