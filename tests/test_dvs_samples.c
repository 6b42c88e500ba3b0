/* tests/test_dvs_samples.c - real recordings, whose counts and ends are known
 * from other readers. */
#include "tests/aedat4_file.h"
#include "tests/dvs_stream.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <string.h>

/* What is known of a sample; -1: is not. */
static const struct sample {
    const char *path, *format;
    uint32_t width, height;
    int64_t n, brighter;
    int64_t first[4]; /* t, x, y, p */
    int64_t last[4];
} samples[] = {
    {"formats/prophesee/evt2.raw",
     "evt2",
     640,
     480,
     521252,
     185861,
     {913716224, 35, 443, 1},
     {913812095, -1, -1, -1}},
    {"formats/prophesee/evt3_sample.raw",
     "evt3",
     1280,
     720,
     219596,
     115532,
     {11718656, 874, 200, 0},
     {11727457, -1, -1, -1}},
    {"formats/aedat/sample.aedat4",
     "aedat4",
     320,
     240,
     111954,
     55023,
     {1605537493718345, 154, 204, 0},
     {1605537494308262, 88, 237, 1}},
    {"formats/aedat/tales-jAERdata-aedat2.aedat",
     "aedat2",
     0,
     0,
     320,
     149,
     {7899, 627, 457, 0},
     {302706, -1, -1, -1}},
    {"formats/csv/sample.csv",
     "csv",
     0,
     0,
     100,
     0,
     {0, 0, 0, 0},
     {99, 99, 99, 0}},
    {"formats/es/dvs.es",
     "es",
     320,
     240,
     473225,
     270001,
     {0, 0, 239, 1},
     {999000, -1, -1, -1}},
    {"formats/nmnist/NMNIST_1.bs2",
     "nmnist",
     0,
     0,
     4681,
     -1,
     {-1, -1, -1, -1},
     {-1, -1, -1, -1}},
    {"dvs128-gesture-clips/2.bs2",
     "nmnist",
     0,
     0,
     84260,
     43472,
     {45, -1, -1, -1},
     {1449969, -1, -1, -1}},
};

enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

/* Is the sample here, and what it takes to read it? */
static bool is_readable(const struct sample *s)
{
    if (strcmp(s->format, "aedat4") == 0 && !aedat4_can(AEDAT4_LZ4)) {
        printf("skipped: %s, for want of LZ4\n", s->path);
        return false;
    }
    return dvs_samples_are_here();
}

static void check_event(const struct sample *want, const int64_t event[4],
                        const struct ebb_dvs_block *b, size_t k)
{
    const int64_t got[4] = {b->t[k], b->x[k], b->y[k], b->p[k]};
    for (size_t part = 0; part < 4; part++) {
        ck_assert_msg(event[part] < 0 || event[part] == got[part],
                      "%s: event %zu has %lld, not %lld", want->path, k,
                      (long long)got[part], (long long)event[part]);
    }
}

static int64_t brighter(const struct ebb_dvs_block *b)
{
    int64_t sum = 0;
    for (size_t k = 0; k < b->n; k++) {
        sum += b->p[k];
    }
    return sum;
}

static void check_sample(const struct sample *want, size_t block)
{
    struct dvs_stream s = {.status = EBB_OK};
    dvs_stream_read(&s, dvs_sample(want->path), NULL, block);
    ck_assert_msg(s.status == EBB_OK, "%s", ebb_error_message());
    ck_assert_str_eq(s.about.format, want->format);
    ck_assert_uint_eq(s.about.width, want->width);
    ck_assert_uint_eq(s.about.height, want->height);
    ck_assert_int_eq((int64_t)s.all.n, want->n);
    ck_assert_uint_eq(s.about.left_over, 0);
    ck_assert(want->brighter < 0 || brighter(&s.all) == want->brighter);
    check_event(want, want->first, &s.all, 0);
    check_event(want, want->last, &s.all, s.all.n - 1);
    dvs_stream_finish(&s);
}

START_TEST(read_of_a_sample_gives_its_known_counts_and_ends)
{
    for (size_t k = 0; k < SAMPLES; k++) {
        if (is_readable(&samples[k])) {
            check_sample(&samples[k], EBB_DVS_BLOCK);
        }
    }
}
END_TEST

START_TEST(read_in_small_blocks_gives_the_same)
{
    for (size_t k = 0; k < SAMPLES; k++) {
        if (is_readable(&samples[k])) {
            check_sample(&samples[k], 64);
            check_sample(&samples[k], 1021);
        }
    }
}
END_TEST

START_TEST(read_of_a_window_gives_its_events_alone)
{
    struct dvs_stream all = {.status = EBB_OK}, some = {.status = EBB_OK};
    struct ebb_dvs_options window = ebb_dvs_options_default();
    for (size_t k = 0; k < SAMPLES; k++) {
        if (!is_readable(&samples[k])) {
            continue;
        }
        const char *path = dvs_sample(samples[k].path);
        dvs_stream_read(&all, path, NULL, EBB_DVS_BLOCK);
        window.begin = all.all.t[all.all.n / 4];
        window.end = all.all.t[all.all.n / 2];
        dvs_stream_read(&some, path, &window, 500);
        size_t at = 0;
        for (size_t e = 0; e < all.all.n; e++) {
            int64_t t = all.all.t[e];
            if (t >= window.begin && t < window.end) {
                CHECK_EACH(at < some.all.n && some.all.t[at] == t &&
                               some.all.x[at] == all.all.x[e],
                           "%s: event %zu", path, e);
                at++;
            }
        }
        ck_assert_uint_eq(at, some.all.n);
    }
    dvs_stream_finish(&all);
    dvs_stream_finish(&some);
}
END_TEST

START_TEST(read_of_generic_event_streams_names_the_type)
{
    struct dvs_stream s = {.status = EBB_OK};
    if (dvs_samples_are_here()) {
        dvs_stream_read(&s, dvs_sample("formats/es/generic.es"), NULL, 64);
        ck_assert_int_eq(s.status, EBB_ERR_FORMAT);
        ck_assert_ptr_nonnull(strstr(ebb_error_message(), "type 0 (generic)"));
    }
}
END_TEST

RUN_SUITE("io", "dvs_samples", read_of_a_sample_gives_its_known_counts_and_ends,
          read_in_small_blocks_gives_the_same,
          read_of_a_window_gives_its_events_alone,
          read_of_generic_event_streams_names_the_type)
