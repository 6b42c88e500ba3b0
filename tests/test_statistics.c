/* tests/test_statistics.c - intervals and crossings. */
#include "core/statistics.h"
#include "tests/run_suite.h"

#include <math.h>

START_TEST(student_is_that_of_the_tables)
{
    const struct {
        size_t freedom;
        double t;
    } table[] = {{1, 12.706}, {4, 2.776},  {6, 2.447},  {7, 2.365},
                 {9, 2.262},  {19, 2.093}, {23, 2.069}, {100, 1.984}};
    for (size_t k = 0; k < sizeof(table) / sizeof(table[0]); k++) {
        ck_assert_double_eq_tol(ebb_student_95(table[k].freedom), table[k].t,
                                0.005 * table[k].t);
    }
}
END_TEST

START_TEST(interval_is_mean_and_t_times_its_error)
{
    const double x[] = {1, 2, 3, 4};
    struct ebb_interval i = ebb_interval_of(x, 4);
    ck_assert_double_eq_tol(i.mean, 2.5, 1e-12);
    ck_assert_double_eq_tol(i.half, 3.182 * sqrt(5.0 / 12), 1e-9);
    ck_assert_double_eq(ebb_interval_of(x, 1).half, 0);
}
END_TEST

START_TEST(crossing_is_exact_on_a_power_law)
{
    const double x[] = {10, 20, 40}, y[] = {0.001, 0.008, 0.064};
    ck_assert_double_eq_tol(ebb_level_crossing(x, y, 3, 0.027), 30, 1e-9);
    ck_assert_double_eq(ebb_level_crossing(x, y, 3, 0.1), 0);
    ck_assert_double_eq(ebb_level_crossing(x, y, 3, 0.0005), 0);
}
END_TEST

/* Curves a x^2: the mean's crossing, and how it moves without each. */
START_TEST(crossing_of_curves_has_the_interval_of_the_jackknife)
{
    const double x[] = {1, 2, 4};
    const double factor[] = {0.9, 1, 1.1};
    double y[9], mean[3];
    for (size_t c = 0; c < 3; c++) {
        for (size_t k = 0; k < 3; k++) {
            y[3 * c + k] = factor[c] * x[k] * x[k];
        }
    }
    struct ebb_interval at = ebb_level_crossing_of(x, y, 3, 3, 9, mean);
    double squares = pow(3 / sqrt(1.05) - 3, 2) + pow(3 / sqrt(0.95) - 3, 2);
    ck_assert_double_eq_tol(at.mean, 3, 1e-9);
    ck_assert_double_eq_tol(at.half, 4.303 * sqrt(squares * 2 / 3), 1e-9);
    ck_assert_double_eq(ebb_level_crossing_of(x, y, 3, 3, 99, mean).mean, 0);
    /* The mean crosses, but not without the highest. */
    ck_assert_double_eq(ebb_level_crossing_of(x, y, 3, 3, 15.5, mean).mean, 0);
}
END_TEST

RUN_SUITE("core", "statistics", student_is_that_of_the_tables,
          interval_is_mean_and_t_times_its_error,
          crossing_is_exact_on_a_power_law,
          crossing_of_curves_has_the_interval_of_the_jackknife)
