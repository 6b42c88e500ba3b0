/* tests/test_kernel.c - named kernels and what a spike through them is. */
#include "models/kernel.h"
#include "tests/run_suite.h"

#include <math.h>
#include <string.h>

static struct ebb_arena *arena;

static void begin(void)
{
    ck_assert_int_eq(ebb_arena_create(&arena), EBB_OK);
}

static void end(void)
{
    ebb_arena_destroy(arena);
}

static struct ebb_kernel expand(struct ebb_kernel_spec spec, double tick_s)
{
    struct ebb_kernel k;
    ck_assert_msg(ebb_kernel_expand(&k, arena, &spec, 1, tick_s) == EBB_OK,
                  "%s", ebb_error_message());
    return k;
}

/* F[0..n) after one spike at tick 0. */
static void respond(double *f, size_t n, const struct ebb_kernel *k)
{
    for (size_t t = 0; t < n; t++) {
        f[t] = t <= k->order_q ? k->beta[t] : 0;
        for (size_t p = 1; p <= k->order_p && p <= t; p++) {
            f[t] += k->alpha[p - 1] * f[t - p];
        }
    }
}

enum { TICKS = 60 };

START_TEST(expand_gives_the_closed_form_of_each_shape)
{
    begin();
    double f[TICKS];
    struct ebb_kernel none =
        expand((struct ebb_kernel_spec){.shape = EBB_KERNEL_NONE}, 0);
    ck_assert_uint_eq(none.order_p, 0);
    ck_assert_double_eq(none.beta[0], 1);
    struct ebb_kernel k = expand(
        (struct ebb_kernel_spec){.shape = EBB_KERNEL_EXPONENTIAL, .tau_m = 5},
        0);
    respond(f, TICKS, &k);
    for (size_t t = 0; t < TICKS; t++) {
        ck_assert_double_eq_tol(f[t], exp(-(double)t / 5), 1e-14);
    }
    k = expand((struct ebb_kernel_spec){.shape = EBB_KERNEL_ALPHA, .tau_m = 5},
               0);
    respond(f, TICKS, &k);
    for (size_t t = 0; t < TICKS; t++) {
        double x = (double)t / 5;
        ck_assert_double_eq_tol(f[t], x * exp(-x), 1e-13);
    }
    end();
}
END_TEST

START_TEST(dual_exponential_is_the_difference_of_two)
{
    begin();
    double f[TICKS];
    for (int lag = 0; lag <= 1; lag++) {
        struct ebb_kernel k = expand(
            (struct ebb_kernel_spec){.shape = EBB_KERNEL_DUAL_EXPONENTIAL,
                                     .tau_m = 8,
                                     .tau_s = 2,
                                     .input_lag = lag},
            0);
        ck_assert_int_eq((int)ebb_kernel_first_tap(&k), lag);
        respond(f, TICKS, &k);
        for (size_t t = 0; t < TICKS; t++) {
            double n = (double)t + (lag ? 0 : 1);
            ck_assert_double_eq_tol(f[t], exp(-n / 8) - exp(-n / 2), 1e-14);
        }
    }
    end();
}
END_TEST

/* On a fine grid the largest value is that of the continuous kernel. */
START_TEST(normalised_dual_exponential_peaks_at_one)
{
    begin();
    static double f[20000];
    struct ebb_kernel k =
        expand((struct ebb_kernel_spec){.shape = EBB_KERNEL_DUAL_EXPONENTIAL,
                                        .tau_m = 3000,
                                        .tau_s = 1000,
                                        .input_lag = 1,
                                        .normalised = true},
               0);
    respond(f, 20000, &k);
    double most = 0;
    for (size_t t = 0; t < 20000; t++) {
        most = fmax(most, f[t]);
    }
    ck_assert_double_eq_tol(most, 1, 1e-6);
    end();
}
END_TEST

START_TEST(time_constants_in_seconds_follow_the_tick)
{
    begin();
    struct ebb_kernel_spec spec = {
        .shape = EBB_KERNEL_EXPONENTIAL, .tau_m = 5e-3, .seconds = true};
    struct ebb_kernel k = expand(spec, 1e-3);
    ck_assert_double_eq_tol(k.alpha[0], exp(-1. / 5), 1e-15);
    k = expand(spec, 1e-4);
    ck_assert_double_eq_tol(k.alpha[0], exp(-1. / 50), 1e-15);
    ck_assert_int_eq(ebb_kernel_expand(&k, arena, &spec, 1, 0), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "set its tick"));
    end();
}
END_TEST

START_TEST(expand_repeats_the_coefficients_in_every_column)
{
    begin();
    struct ebb_kernel k;
    struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_ALPHA, .tau_m = 3};
    ck_assert_int_eq(ebb_kernel_expand(&k, arena, &spec, 4, 0), EBB_OK);
    for (size_t j = 0; j < 4; j++) {
        ck_assert_double_eq(k.alpha[j], k.alpha[0]);
        ck_assert_double_eq(k.alpha[4 + j], k.alpha[4]);
        ck_assert_double_eq(k.beta[4 + j], k.beta[4]);
        ck_assert_uint_eq(ebb_kernel_column(&k, j), j);
    }
    ck_assert_uint_eq(ebb_kernel_first_tap(&k), 1);
    k.beta[3] = .5; /* one axon has a β_0 */
    ck_assert_uint_eq(ebb_kernel_first_tap(&k), 0);
    memset(k.beta, 0, 8 * sizeof(double));
    ck_assert_uint_eq(ebb_kernel_first_tap(&k), 2);
    end();
}
END_TEST

START_TEST(kernels_that_make_no_sense_are_refused)
{
    static const struct ebb_kernel_spec bad[] = {
        {.shape = EBB_KERNEL_EXPONENTIAL, .tau_m = 0},
        {.shape = EBB_KERNEL_ALPHA, .tau_m = -3},
        {.shape = EBB_KERNEL_ALPHA, .tau_m = (double)NAN},
        {.shape = EBB_KERNEL_ALPHA, .tau_m = (double)INFINITY},
        {.shape = EBB_KERNEL_DUAL_EXPONENTIAL, .tau_m = 2, .tau_s = 2},
        {.shape = EBB_KERNEL_DUAL_EXPONENTIAL, .tau_m = 2, .tau_s = 0},
        {.shape = EBB_KERNEL_DUAL_EXPONENTIAL,
         .tau_m = 2,
         .tau_s = 1,
         .input_lag = 2},
        {.shape = EBB_KERNEL_IIR, .tau_m = 2}};
    begin();
    struct ebb_kernel k;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(ebb_kernel_expand(&k, arena, &bad[i], 1, 0),
                         EBB_ERR_ARG);
    }
    ck_assert_int_eq(ebb_kernel_alloc(&k, arena, 33, 0, 1), EBB_ERR_ARG);
    ck_assert_int_eq(ebb_kernel_alloc(&k, arena, 0, 4096, 1), EBB_ERR_ARG);
    end();
}
END_TEST

START_TEST(names_and_shapes_go_both_ways)
{
    enum ebb_kernel_shape shape = EBB_KERNEL_NONE;
    for (int k = EBB_KERNEL_NONE; k <= EBB_KERNEL_IIR; k++) {
        const char *name = ebb_kernel_shape_name((enum ebb_kernel_shape)k);
        ck_assert(ebb_kernel_shape_find(name, &shape));
        ck_assert_int_eq((int)shape, k);
    }
    ck_assert(!ebb_kernel_shape_find("gauss", &shape));
    ck_assert_ptr_null(ebb_kernel_shape_name((enum ebb_kernel_shape)99));
}
END_TEST

RUN_SUITE("models", "kernel", expand_gives_the_closed_form_of_each_shape,
          dual_exponential_is_the_difference_of_two,
          normalised_dual_exponential_peaks_at_one,
          time_constants_in_seconds_follow_the_tick,
          expand_repeats_the_coefficients_in_every_column,
          kernels_that_make_no_sense_are_refused, names_and_shapes_go_both_ways)
