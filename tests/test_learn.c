/* tests/test_learn.c - losses, optimisers, schedules and stable kernels, by
 * hand. */
#include "core/poles.h"
#include "core/random.h"
#include "sim/learn/loss.h"
#include "sim/learn/optimiser.h"
#include "sim/learn/stabilise.h"
#include "tests/run_suite.h"

#include <math.h>

START_TEST(rate_loss_is_the_cross_entropy_of_spike_counts)
{
    /* Counts 2, 1, 0 in three ticks: p = (e², e, 1) / (e² + e + 1). */
    const double o[] = {1, 0, 0, 1, 1, 0, 0, 0, 0};
    double d_o[9] = {0};
    double sum = exp(2) + exp(1) + 1;
    double loss = ebb_loss_rate_f64(d_o, o, 3, 3, 1, .5);
    ck_assert_double_eq_tol(loss, -log(exp(1) / sum), 1e-15);
    for (size_t t = 0; t < 3; t++) {
        ck_assert_double_eq_tol(d_o[3 * t], .5 * exp(2) / sum, 1e-15);
        ck_assert_double_eq_tol(d_o[3 * t + 1], .5 * (exp(1) / sum - 1), 1e-15);
        ck_assert_double_eq_tol(d_o[3 * t + 2], .5 / sum, 1e-15);
    }
    ck_assert_double_eq_tol(ebb_loss_rate_f64(NULL, o, 3, 3, 0, 1),
                            -log(exp(2) / sum), 1e-15);
}
END_TEST

START_TEST(rate_loss_of_many_spikes_does_not_overflow)
{
    static double o[2000];
    for (size_t t = 0; t < 1000; t++) {
        o[2 * t] = 1;
    }
    ck_assert_double_eq(ebb_loss_rate_f64(NULL, o, 1000, 2, 0, 1), 0);
    ck_assert_double_eq(ebb_loss_rate_f64(NULL, o, 1000, 2, 1, 1), 1000);
}
END_TEST

static struct ebb_van_rossum_f64 *exponential(size_t ticks, size_t n)
{
    /* k[t] = 0.5^t */
    double alpha = .5, beta = 1;
    struct ebb_kernel k = {
        .order_p = 1, .order_q = 0, .n = 1, .alpha = &alpha, .beta = &beta};
    struct ebb_van_rossum_f64 *loss = NULL;
    ck_assert_int_eq(ebb_van_rossum_create_f64(&loss, &k, ticks, n), EBB_OK);
    return loss;
}

START_TEST(van_rossum_distance_is_that_of_filtered_trains)
{
    /* Output at tick 0, wanted at tick 1: e = 1, -1/2, -1/4, … */
    const double o[] = {1, 0, 0, 0}, wanted[] = {0, 1, 0, 0};
    double d_o[4] = {0};
    struct ebb_van_rossum_f64 *loss = exponential(4, 1);
    double e[] = {1, -.5, -.25, -.125}, sum = 0;
    for (size_t t = 0; t < 4; t++) {
        sum += e[t] * e[t];
    }
    ck_assert_double_eq_tol(
        ebb_van_rossum_distance_f64(loss, d_o, o, wanted, 2), sum / 8, 1e-15);
    for (size_t s = 0; s < 4; s++) {
        double slope = 0;
        for (size_t t = s; t < 4; t++) {
            slope += pow(.5, (double)(t - s)) * e[t] / 4;
        }
        ck_assert_double_eq_tol(d_o[s], 2 * slope, 1e-15);
    }
    ck_assert_double_eq(ebb_van_rossum_distance_f64(loss, NULL, o, o, 1), 0);
    double filtered[4];
    ebb_van_rossum_filter_f64(loss, filtered, o);
    ck_assert_double_eq(filtered[3], .125);
    ebb_van_rossum_destroy_f64(loss);
}
END_TEST

START_TEST(van_rossum_without_a_target_measures_the_trains_themselves)
{
    const double o[] = {1, 0, 0, 1};
    struct ebb_van_rossum_f64 *loss = exponential(2, 2);
    /* Trains (1, 1/2) and (0, 1): 1/(2*2) of 1 + 1/4 + 1. */
    ck_assert_double_eq(ebb_van_rossum_distance_f64(loss, NULL, o, NULL, 1),
                        2.25 / 4);
    ebb_van_rossum_destroy_f64(loss);
    ebb_van_rossum_destroy_f64(NULL);
}
END_TEST

START_TEST(sgd_with_momentum_follows_its_recursion)
{
    struct ebb_optimiser o = {
        .kind = EBB_SGD, .momentum = .5, .weight_decay = .25};
    float x = 2, m = 0, v = 0, g = 1;
    /* m = g + x/4 = 1.5, x = 2 - 1.5/2 = 1.25 */
    ebb_optimiser_step(&o, &x, &m, &v, &g, 1, .5, 1);
    ck_assert_float_eq(m, 1.5F);
    ck_assert_float_eq(x, 1.25F);
    /* m = 0.75 + 1 + 0.3125 = 2.0625, x = 1.25 - 1.03125 */
    ebb_optimiser_step(&o, &x, &m, &v, &g, 1, .5, 2);
    ck_assert_float_eq(m, 2.0625F);
    ck_assert_float_eq(x, .21875F);
}
END_TEST

/* The first step of Adam is the rate, whatever the size of the gradient. */
START_TEST(adam_steps_by_the_rate_at_first)
{
    struct ebb_optimiser o = ebb_optimiser_default();
    static const float sizes[] = {1e-3F, 1, 1e3F, -5};
    o.kind = EBB_ADAM;
    o.weight_decay = 0;
    for (size_t k = 0; k < 4; k++) {
        float x = 1, m = 0, v = 0;
        ebb_optimiser_step(&o, &x, &m, &v, &sizes[k], 1, .01, 1);
        ck_assert_float_eq_tol(x, sizes[k] > 0 ? .99F : 1.01F, 2e-6F);
    }
}
END_TEST

START_TEST(adamw_takes_decay_from_the_parameter_and_adam_from_the_gradient)
{
    struct ebb_optimiser o = ebb_optimiser_default();
    float x = 2, m = 0, v = 0, none = 0;
    o.weight_decay = .1;
    ebb_optimiser_step(&o, &x, &m, &v, &none, 1, .5, 1);
    ck_assert_float_eq_tol(x, 1.9F, 1e-6F); /* 2 (1 - 0.5 * 0.1) */
    ck_assert_float_eq(m, 0);
    x = 2;
    o.kind = EBB_ADAM;
    ebb_optimiser_step(&o, &x, &m, &v, &none, 1, .5, 1);
    ck_assert_float_eq_tol(x, 1.5F, 1e-5F); /* a step of the rate */
    ck_assert_float_eq_tol(m, .02F, 1e-7F); /* 0.1 of 0.1 * 2 */
}
END_TEST

START_TEST(schedules_pass_through_their_corners)
{
    struct ebb_schedule s = {.kind = EBB_SCHEDULE_CONSTANT, .warmup = 4};
    ck_assert_double_eq(ebb_schedule_rate(&s, 8, 0, 100), 2);
    ck_assert_double_eq(ebb_schedule_rate(&s, 8, 3, 100), 8);
    ck_assert_double_eq(ebb_schedule_rate(&s, 8, 99, 100), 8);
    s = (struct ebb_schedule){.kind = EBB_SCHEDULE_STEP,
                              .milestones = {10, 20},
                              .n_milestones = 2,
                              .gamma = .5};
    ck_assert_double_eq(ebb_schedule_rate(&s, 8, 9, 100), 8);
    ck_assert_double_eq(ebb_schedule_rate(&s, 8, 10, 100), 4);
    ck_assert_double_eq(ebb_schedule_rate(&s, 8, 20, 100), 2);
    s = (struct ebb_schedule){.kind = EBB_SCHEDULE_COSINE, .gamma = .25};
    ck_assert_double_eq(ebb_schedule_rate(&s, 8, 0, 100), 8);
    ck_assert_double_eq_tol(ebb_schedule_rate(&s, 8, 50, 100), 5, 1e-12);
    ck_assert_double_eq_tol(ebb_schedule_rate(&s, 8, 100, 100), 2, 1e-12);
    for (unsigned epoch = 1; epoch < 100; epoch++) {
        ck_assert_double_lt(ebb_schedule_rate(&s, 8, epoch, 100),
                            ebb_schedule_rate(&s, 8, epoch - 1, 100));
    }
}
END_TEST

static void draw(float *x, unsigned order, double size, struct ebb_random *r)
{
    for (unsigned p = 0; p < order; p++) {
        x[2 * p] = (float)(size * ebb_random_normal(r));
    }
}

START_TEST(stable_kernels_stay_stable_whatever_is_learned)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 7);
    for (size_t trial = 0; trial < 1000; trial++) {
        unsigned order = 1 + ebb_random_below(&r, 6);
        float x[12], alpha[12];
        double wide[6];
        draw(x, order, 1.5, &r);
        ebb_stabilise_expand(alpha, x, 2, order);
        for (unsigned p = 0; p < order; p++) {
            wide[p] = (double)alpha[2 * p];
        }
        ck_assert_double_lt(ebb_poles_radius(wide, 1, order), 1 + 1e-4);
    }
}
END_TEST

START_TEST(reduce_undoes_expand)
{
    struct ebb_random r = ebb_random_stream(3, EBB_RANDOM_TEST, 7);
    for (size_t trial = 0; trial < 1000; trial++) {
        unsigned order = 1 + ebb_random_below(&r, 6);
        float x[12], alpha[12], again[12];
        draw(x, order, .3, &r);
        ebb_stabilise_expand(alpha, x, 2, order);
        ebb_stabilise_reduce(again, alpha, 2, order);
        for (unsigned p = 0; p < order; p++) {
            ck_assert_float_eq_tol(again[2 * p], x[2 * p], 1e-4F);
        }
    }
    float x = 0, pair[2] = {0, 0};
    const float half[] = {.5F}, beyond[] = {0, 3};
    ebb_stabilise_reduce(&x, half, 1, 1); /* k = -α = tanh x */
    ck_assert_float_eq_tol(x, -atanhf(.5F), 1e-6F);
    ebb_stabilise_reduce(pair, beyond, 1, 2);
    ck_assert(isfinite(pair[0]) && isfinite(pair[1]));
}
END_TEST

START_TEST(gradient_through_stable_kernels_is_their_slope)
{
    struct ebb_random r = ebb_random_stream(2, EBB_RANDOM_TEST, 7);
    for (size_t trial = 0; trial < 200; trial++) {
        unsigned order = 1 + ebb_random_below(&r, 5);
        float x[5], d_alpha[5], d_x[5], up[5], down[5];
        for (unsigned p = 0; p < order; p++) {
            x[p] = (float)(.6 * ebb_random_normal(&r));
            d_alpha[p] = (float)ebb_random_normal(&r);
        }
        ebb_stabilise_backward(d_x, d_alpha, x, 1, order);
        for (unsigned p = 0; p < order; p++) {
            const float h = 1.0F / 128;
            float kept = x[p];
            double slope = 0;
            x[p] = kept + h;
            ebb_stabilise_expand(up, x, 1, order);
            x[p] = kept - h;
            ebb_stabilise_expand(down, x, 1, order);
            double step = (double)(kept + h) - (double)(kept - h);
            x[p] = kept;
            for (unsigned i = 0; i < order; i++) {
                slope += (double)d_alpha[i] *
                         ((double)up[i] - (double)down[i]) / step;
            }
            ck_assert_double_eq_tol((double)d_x[p], slope, 2e-3);
        }
    }
}
END_TEST

RUN_SUITE("sim", "learn", rate_loss_is_the_cross_entropy_of_spike_counts,
          rate_loss_of_many_spikes_does_not_overflow,
          van_rossum_distance_is_that_of_filtered_trains,
          van_rossum_without_a_target_measures_the_trains_themselves,
          sgd_with_momentum_follows_its_recursion,
          adam_steps_by_the_rate_at_first,
          adamw_takes_decay_from_the_parameter_and_adam_from_the_gradient,
          schedules_pass_through_their_corners,
          stable_kernels_stay_stable_whatever_is_learned, reduce_undoes_expand,
          gradient_through_stable_kernels_is_their_slope)
