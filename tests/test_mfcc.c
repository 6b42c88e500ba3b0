/* tests/test_mfcc.c - cepstra beside those of an independent program
 * (tests/golden/mfcc.py). */
#include "io/audio/mfcc.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SIGNAL = 2400, RATE = 8000 };

/* The signal of the script. */
static void make_signal(float *x)
{
    const double two_pi = 6.283185307179586;
    uint64_t state = 1;
    for (size_t k = 0; k < SIGNAL; k++) {
        double t = (double)k / RATE;
        state = (1103515245 * state + 12345) % (1u << 31);
        double noise = (double)state / (double)(1u << 31) - 0.5;
        double tone = sin(two_pi * (200 + 1500 * t) * t);
        x[k] = k >= 1000 && k < 1400 ? 0 : (float)(0.4 * tone + 0.1 * noise);
    }
}

static bool read_settings(FILE *golden, size_t *frames,
                          struct ebb_mfcc_params *p)
{
    double window, hop;
    int energy;
    if (fscanf(golden, "%zu %lf %lf %zu %zu %d %u %lf %lf", frames, &window,
               &hop, &p->bands, &p->coefficients, &energy, &p->deltas,
               &p->low_hz, &p->high_hz) != 9) {
        return false;
    }
    p->window_s = window / RATE;
    p->hop_s = hop / RATE;
    p->energy = energy;
    return true;
}

/* The spectrum is a float's: 1e-6 of the loudest bin, which counts most where
 * there is hardly anything. */
static void compare(const struct ebb_frames *f, FILE *golden)
{
    for (size_t k = 0; k < f->frames * f->channels; k++) {
        double wanted;
        ck_assert_int_eq(fscanf(golden, "%lf", &wanted), 1);
        CHECK_EACH(fabs((double)f->at[k] - wanted) < 1e-4 * (1 + fabs(wanted)),
                   "frame %zu, value %zu: %.9g, wanted %.9g", k / f->channels,
                   k % f->channels, (double)f->at[k], wanted);
    }
}

START_TEST(cepstra_are_those_of_an_independent_program)
{
    static float x[SIGNAL];
    struct ebb_mfcc_params p = ebb_mfcc_params_default();
    struct ebb_frames f = {0};
    struct ebb_mfcc *m;
    size_t frames, settings = 0;
    FILE *golden = fopen(EBB_SOURCE "/tests/golden/mfcc.txt", "r");
    ck_assert_ptr_nonnull(golden);
    make_signal(x);
    for (; read_settings(golden, &frames, &p); settings++) {
        ck_assert_msg(ebb_mfcc_create(&m, &p, RATE) == EBB_OK, "%s",
                      ebb_error_message());
        ck_assert_int_eq(ebb_mfcc_run(m, x, SIGNAL, &f), EBB_OK);
        ck_assert_uint_eq(f.frames, frames);
        ck_assert_uint_eq(f.channels, p.coefficients * (1 + p.deltas));
        compare(&f, golden);
        ebb_mfcc_destroy(m);
    }
    ck_assert_uint_eq(settings, 2);
    fclose(golden);
    ebb_frames_finish(&f);
}
END_TEST

START_TEST(sounds_shorter_than_a_window_are_a_frame)
{
    const struct ebb_mfcc_params p = ebb_mfcc_params_default();
    const float x[3] = {0.5f, 0, 0};
    struct ebb_frames f = {0};
    struct ebb_mfcc *m;
    ck_assert_int_eq(ebb_mfcc_create(&m, &p, RATE), EBB_OK);
    ck_assert_int_eq(ebb_mfcc_run(m, x, 3, &f), EBB_OK);
    ck_assert_uint_eq(f.frames, 1);
    /* 0.5, then -0.97 * 0.5 */
    ck_assert_double_eq_tol((double)f.at[0], log(0.25 * (1 + 0.97 * 0.97)),
                            1e-6);
    ck_assert_int_eq(ebb_mfcc_run(m, x, 0, &f), EBB_OK);
    ck_assert_uint_eq(f.frames, 1);
    ck_assert_double_eq_tol((double)f.at[0], log(1e-10), 1e-5);
    ebb_mfcc_destroy(m);
    ebb_frames_finish(&f);
}
END_TEST

START_TEST(create_names_what_is_wrong)
{
    struct ebb_mfcc_params p[5];
    const char *const says[5] = {"windows", "windows", "mel bands", "slopes",
                                 "between 0 and 4000 Hz"};
    struct ebb_mfcc *m;
    for (size_t k = 0; k < 5; k++) {
        p[k] = ebb_mfcc_params_default();
    }
    p[0].window_s = 1e6;
    p[1].hop_s = 0;
    p[2].coefficients = 27;
    p[3].deltas = 3;
    p[4].high_hz = 5000;
    for (size_t k = 0; k < 5; k++) {
        ck_assert_int_eq(ebb_mfcc_create(&m, &p[k], RATE), EBB_ERR_ARG);
        ck_assert_ptr_null(m);
        ck_assert_msg(strstr(ebb_error_message(), says[k]) != NULL, "%s",
                      ebb_error_message());
    }
}
END_TEST

RUN_SUITE("io", "mfcc", cepstra_are_those_of_an_independent_program,
          sounds_shorter_than_a_window_are_a_frame, create_names_what_is_wrong)
