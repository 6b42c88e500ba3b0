/* tests/test_encoder.c - values over time become events. */
#include "models/encoder.h"
#include "tests/run_suite.h"

#include <math.h>
#include <string.h>

enum { MANY = 4000 };

static struct ebb_events got;

/* Encode `frames` frames of `channels` values for `ticks` ticks. */
static void encode(const struct ebb_encoder_params *p, const float *x,
                   size_t frames, size_t channels, ebb_tick ticks,
                   uint64_t epoch, size_t index)
{
    struct ebb_encoder *e;
    const double centre[3] = {0}, scale[3] = {1, 1, 1};
    const struct ebb_series series = {.at = x, .frames = frames};
    ck_assert_msg(ebb_encoder_create(&e, p, channels, ticks, centre, scale) ==
                      EBB_OK,
                  "%s", ebb_error_message());
    ck_assert_int_eq(ebb_encoder_run(e, &series, epoch, index, &got), EBB_OK);
    ck_assert_int_eq(ebb_events_check(&got, ebb_encoder_inputs(e), ticks),
                     EBB_OK);
    ebb_encoder_destroy(e);
}

static struct ebb_encoder_params of_kind(enum ebb_encoding kind)
{
    struct ebb_encoder_params p = ebb_encoder_params_default();
    p.kind = kind;
    return p;
}

static void expect_events(const struct ebb_event *wanted, size_t n)
{
    ck_assert_uint_eq(got.n, n);
    for (size_t k = 0; k < n; k++) {
        ck_assert_uint_eq(got.at[k].tick, wanted[k].tick);
        ck_assert_uint_eq(got.at[k].node, wanted[k].node);
        ck_assert_double_eq_tol(got.at[k].value, wanted[k].value, 1e-12);
    }
}

START_TEST(analog_holds_the_value_for_the_ticks_of_a_frame)
{
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_ANALOG);
    const float x[] = {0.5f, 0, 0, -0.25f};
    const struct ebb_event one[] = {{0, 0, 1}, {1, 0, 1}, {2, 1, -.5}};
    const struct ebb_event two[] = {{0, 0, 1}, {1, 0, 1}, {2, 3, .5}};
    p.gain = 2;
    p.frame_ticks = 2;
    encode(&p, x, 2, 2, 3, 0, 0);
    expect_events(one, 3);
    p.polarities = 2;
    encode(&p, x, 2, 2, 3, 0, 0);
    expect_events(two, 3);
    encode(&p, x, 1, 2, 9, 0, 0); /* nothing after the last frame */
    expect_events(two, 2);
}
END_TEST

START_TEST(regular_fires_as_often_as_the_value_says)
{
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_REGULAR);
    const float x[] = {0.25f, 2, -1};
    /* A = 0.5, 0.75, 1 fires; a value above 1 counts as 1. */
    const struct ebb_event wanted[] = {{0, 1, 1}, {1, 0, 1}, {1, 1, 1},
                                       {2, 1, 1}, {3, 1, 1}, {4, 1, 1},
                                       {5, 0, 1}, {5, 1, 1}};
    p.frame_ticks = 6;
    encode(&p, x, 1, 3, 6, 0, 0);
    expect_events(wanted, 8);
}
END_TEST

START_TEST(latency_fires_once_the_sooner_the_larger)
{
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_LATENCY);
    const float x[] = {1, 0.5f, 0.125f, 3, 0.12f, 0.75f};
    /* round((1 - u) 4): 0, 2, and 0.125 is not above the threshold. */
    const struct ebb_event wanted[] = {
        {0, 0, 1}, {2, 1, 1}, {5, 0, 1}, {6, 2, 1}};
    p.frame_ticks = 5;
    p.threshold = 0.125;
    encode(&p, x, 2, 3, 10, 0, 0);
    expect_events(wanted, 4);
}
END_TEST

START_TEST(delta_tells_steps_and_needs_more_to_turn_round)
{
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_DELTA);
    const float x[] = {1, 1.25f, 2.25f, 1.5f, 1.5f, 1, 1.5f};
    /* Told: 1, 1, 2, 1.5, 1.5, 1, 1.5; at 2.25 a quarter stays untold. */
    const struct ebb_event one[] = {
        {2, 0, 2}, {3, 0, -1}, {5, 0, -1}, {6, 0, 1}};
    const struct ebb_event two[] = {{2, 0, 2}, {3, 1, 1}, {5, 1, 1}, {6, 0, 1}};
    p.threshold = 0.5;
    encode(&p, x, 7, 1, 7, 0, 0);
    expect_events(one, 4);
    p.polarities = 2;
    encode(&p, x, 7, 1, 7, 0, 0);
    expect_events(two, 4);
    /* Told: 1, then 1.875; 1.40625 is a step below, but not 0.0625 more. */
    const float y[] = {1, 1.25f, 2.25f, 1.40625f, 1.40625f, 1.25f, 1.75f};
    const struct ebb_event slow[] = {{2, 0, 2}, {5, 0, -1}};
    p.polarities = 1;
    p.hysteresis = 0.0625;
    p.threshold = 0.4375;
    encode(&p, y, 7, 1, 7, 0, 0);
    expect_events(slow, 2);
}
END_TEST

/* A wave that is sampled often enough to move at most half a step a tick. */
static void make_wave(float *x, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double t = (double)k / 60;
        x[k] = (float)(sin(t) + 0.5 * sin(2.7 * t + 1));
    }
}

START_TEST(delta_is_undone_to_within_a_step)
{
    static float x[MANY];
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_DELTA);
    make_wave(x, MANY);
    for (unsigned turn = 0; turn < 2; turn++) {
        p.threshold = 0.125;
        p.hysteresis = turn ? 0.0625 : 0;
        encode(&p, x, MANY, 1, MANY, 0, 0);
        double told = (double)x[0];
        size_t k = 0;
        for (size_t t = 0; t < MANY; t++) {
            for (; k < got.n && got.at[k].tick == t; k++) {
                told += got.at[k].value * p.threshold;
            }
            CHECK_EACH(fabs(told - (double)x[t]) < p.threshold + p.hysteresis,
                       "tick %zu: %g told as %g", t, (double)x[t], told);
        }
        ck_assert_uint_gt(got.n, 100);
    }
}
END_TEST

START_TEST(rate_has_the_frequency_of_the_value)
{
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_RATE);
    const float x[] = {0.3f, 0, 1};
    size_t n[3] = {0};
    p.frame_ticks = MANY;
    encode(&p, x, 1, 3, MANY, 0, 0);
    for (size_t k = 0; k < got.n; k++) {
        n[got.at[k].node]++;
    }
    /* The standard deviation is sqrt(0.3 * 0.7 * 4000) = 29. */
    ck_assert_double_eq_tol((double)n[0], 0.3 * MANY, 4 * 29);
    ck_assert_uint_eq(n[1], 0);
    ck_assert_uint_eq(n[2], MANY);
}
END_TEST

static uint64_t hash_events(void)
{
    uint64_t h = 1469598103934665603u;
    for (size_t k = 0; k < got.n; k++) {
        h = (h ^ (got.at[k].tick << 8 | got.at[k].node)) * 1099511628211u;
    }
    return h;
}

START_TEST(rate_is_drawn_by_seed_epoch_and_index_alone)
{
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_RATE);
    const float x[] = {0.5f, 0.5f, 0.5f};
    uint64_t h[5];
    p.frame_ticks = 50;
    for (size_t k = 0; k < 5; k++) {
        p.seed = k == 3 ? 2 : 1;
        encode(&p, x, 1, 3, 50, k == 1, k == 2);
        h[k] = hash_events();
    }
    ck_assert(h[0] == h[4]);
    ck_assert(h[0] != h[1] && h[0] != h[2] && h[0] != h[3] && h[1] != h[2]);
}
END_TEST

START_TEST(current_fires_when_the_leaky_sum_reaches_threshold)
{
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_CURRENT);
    const float x[] = {0.5f, 0.5f, 0.5f, 0.5f, -5, 0.5f, 0.5f};
    /* tau such that V halves: 0.5 0.75 0.875 0.9375, 0.46875 0.734375 … */
    p.tau = 1 / log(2);
    p.threshold = 0.875;
    const struct ebb_event leaky[] = {{2, 0, 1}};
    encode(&p, x, 7, 1, 7, 0, 0);
    /* After the spike V = 0: 0.5 at tick 3, 0.25 at 4, 0.625, 0.8125. */
    expect_events(leaky, 1);
    const struct ebb_event summed[] = {{1, 0, 1}, {3, 0, 1}, {6, 0, 1}};
    p.tau = 0;
    p.threshold = 1;
    encode(&p, x, 7, 1, 7, 0, 0);
    expect_events(summed, 3);
    const struct ebb_event both[] = {{1, 0, 1}, {3, 0, 1}, {4, 1, 1},
                                     {5, 1, 1}, {6, 0, 1}, {6, 1, 1}};
    p.polarities = 2; /* the other has 5 at tick 4, and fires on */
    encode(&p, x, 7, 1, 7, 0, 0);
    expect_events(both, 6);
}
END_TEST

START_TEST(a_population_takes_the_channels_by_turns_each_in_its_own_way)
{
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_ANALOG);
    const float x[] = {1, 2, 4};
    double ratio[30], least = 1e9, most = 0;
    p.inputs = 30;
    p.spread = 3;
    encode(&p, x, 1, 3, 1, 0, 0);
    ck_assert_uint_eq(got.n, 30);
    for (size_t i = 0; i < 30; i++) {
        ratio[i] = got.at[i].value / (double)x[i % 3];
        ck_assert(ratio[i] >= 1.0 / 3 && ratio[i] <= 3);
        least = fmin(least, ratio[i]);
        most = fmax(most, ratio[i]);
    }
    ck_assert(least < 0.6 && most > 1.7);
    p.polarities = 2; /* inputs 3-5 see the channels with the sign turned */
    encode(&p, x, 1, 3, 1, 0, 0);
    ck_assert_uint_eq(got.n, 15);
    ck_assert_uint_eq(got.at[3].node, 6);
    p.polarities = 1;
    p.spread = 1;
    p.shift = 0.5;
    encode(&p, x, 1, 3, 1, 0, 0);
    for (size_t i = 0; i < 30; i++) {
        ck_assert(fabs(got.at[i].value - (double)x[i % 3]) <= 0.5);
    }
}
END_TEST

START_TEST(bytes_count_by_centre_and_scale)
{
    struct ebb_encoder *e;
    struct ebb_encoder_params p = of_kind(EBB_ENCODE_ANALOG);
    const double centre[] = {0, 100}, scale[] = {255, 50};
    const uint8_t x[] = {255, 50};
    const struct ebb_series series = {.bytes = x, .frames = 1};
    const struct ebb_event wanted[] = {{0, 0, 1}, {0, 1, -1}};
    ck_assert_int_eq(ebb_encoder_create(&e, &p, 2, 1, centre, scale), EBB_OK);
    ck_assert_int_eq(ebb_encoder_run(e, &series, 0, 0, &got), EBB_OK);
    expect_events(wanted, 2);
    ebb_encoder_destroy(e);
}
END_TEST

START_TEST(create_names_the_parameter_that_is_wrong)
{
    struct ebb_encoder *e;
    const double centre[3] = {0}, scale[3] = {1, 1, 0};
    struct ebb_encoder_params p[9];
    const char *const says[9] = {"gain",       "spread",     "shift",
                                 "threshold",  "hysteresis", "tau",
                                 "polarities", "ticks",      "at least 3"};
    for (size_t k = 0; k < 9; k++) {
        p[k] = of_kind(EBB_ENCODE_CURRENT);
    }
    p[0].gain = 0;
    p[1].spread = 0.5;
    p[2].shift = -1;
    p[3].threshold = 0;
    p[4].hysteresis = (double)NAN;
    p[5].tau = -1;
    p[6].polarities = 3;
    p[7].frame_ticks = 0;
    p[8].inputs = 2;
    for (size_t k = 0; k < 9; k++) {
        ck_assert_int_eq(ebb_encoder_create(&e, &p[k], 3, 5, centre, scale),
                         EBB_ERR_ARG);
        ck_assert_ptr_null(e);
        ck_assert_msg(strstr(ebb_error_message(), says[k]) != NULL, "%s",
                      ebb_error_message());
    }
    p[0].gain = 1;
    ck_assert_int_eq(ebb_encoder_create(&e, &p[0], 3, 5, centre, scale),
                     EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "scale"));
}
END_TEST

RUN_SUITE("models", "encoder", analog_holds_the_value_for_the_ticks_of_a_frame,
          regular_fires_as_often_as_the_value_says,
          latency_fires_once_the_sooner_the_larger,
          delta_tells_steps_and_needs_more_to_turn_round,
          delta_is_undone_to_within_a_step, rate_has_the_frequency_of_the_value,
          rate_is_drawn_by_seed_epoch_and_index_alone,
          current_fires_when_the_leaky_sum_reaches_threshold,
          a_population_takes_the_channels_by_turns_each_in_its_own_way,
          bytes_count_by_centre_and_scale,
          create_names_the_parameter_that_is_wrong)
