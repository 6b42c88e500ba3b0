/* tests/test_dvs_round_trip.c - what is written is read back. */
#include "tests/dvs_stream.h"
#include "tests/run_suite.h"

#include "core/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STREAMS = 40, EVENTS_MAX = 3000, SEED = 20261 };

/* Limits of what formats hold; `gap_max` keeps files small. */
static const struct limits {
    const char *format;
    unsigned side;
    int64_t gap_max;
} limits[] = {
    {"evt2", 2047, INT64_C(1) << 36},
    {"evt3", 2047, INT64_C(1) << 27},
    {"dat", 16383, 2147483647},
    {"nmnist", 239, INT64_C(1) << 20},
    {"es", 65535, 100000},
    {"csv", 65535, INT64_C(1) << 50},
};

enum { FORMATS = sizeof(limits) / sizeof(limits[0]) };

/* Bursts of events, with gaps of every size between them. */
static void make(struct dvs_stream *s, const struct limits *l, uint64_t stream)
{
    struct ebb_random r = ebb_random_stream(SEED, EBB_RANDOM_TEST, stream);
    uint32_t n = ebb_random_below(&r, EVENTS_MAX);
    int64_t t = ebb_random_below(&r, 1000);
    dvs_stream_finish(s);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t kind = ebb_random_below(&r, 100);
        if (kind == 0) {
            t += (int64_t)ebb_random_between(&r, 0, (double)l->gap_max);
        } else if (kind < 60) {
            t += ebb_random_below(&r, 200);
        }
        uint32_t x = ebb_random_below(&r, l->side + 1);
        uint32_t y = ebb_random_below(&r, l->side + 1);
        dvs_stream_add(s, t, x, y, ebb_random_below(&r, 2));
    }
}

START_TEST(read_of_what_was_written_is_the_same_stream)
{
    struct dvs_stream s = {.status = EBB_OK}, back = {.status = EBB_OK};
    struct dvs_bytes file = {.n = 0};
    struct ebb_dvs_options as = ebb_dvs_options_default();
    for (size_t k = 0; k < FORMATS; k++) {
        as.format = limits[k].format;
        for (uint64_t stream = 0; stream < STREAMS; stream++) {
            make(&s, &limits[k], stream * FORMATS + k);
            dvs_stream_print(&s, &file, limits[k].format, NULL);
            dvs_stream_parse(&back, file.at, file.n, "memory", &as,
                             stream % 2 ? 64 : 4096);
            CHECK_EACH(back.status == EBB_OK && dvs_streams_equal(&s, &back) &&
                           back.about.left_over == 0,
                       "%s, stream %" PRIu64 ": %zu events for %zu",
                       limits[k].format, stream, back.all.n, s.all.n);
        }
    }
    dvs_stream_finish(&s);
    dvs_stream_finish(&back);
    dvs_bytes_finish(&file);
}
END_TEST

START_TEST(open_finds_the_format_of_what_was_written)
{
    struct dvs_stream s = {.status = EBB_OK}, back = {.status = EBB_OK};
    struct dvs_bytes file = {.n = 0};
    struct ebb_dvs_about about = {.width = 200, .height = 100};
    for (unsigned k = 0; k < 100; k++) {
        dvs_stream_add(&s, 10 * k, k, k % 7, k % 2);
    }
    for (size_t k = 0; k < FORMATS; k++) {
        dvs_stream_print(&s, &file, limits[k].format, &about);
        dvs_stream_parse(&back, file.at, file.n, "memory", NULL, 64);
        ck_assert_msg(back.status == EBB_OK, "%s: %s", limits[k].format,
                      ebb_error_message());
        ck_assert_str_eq(back.about.format, limits[k].format);
        ck_assert(dvs_streams_equal(&s, &back));
        if (strcmp(limits[k].format, "nmnist") != 0) {
            ck_assert_uint_eq(back.about.width, 200);
            ck_assert_uint_eq(back.about.height, 100);
        }
    }
    dvs_stream_finish(&s);
    dvs_stream_finish(&back);
    dvs_bytes_finish(&file);
}
END_TEST

static void expect_refusal(const char *format, struct dvs_stream *s,
                           const char *why)
{
    struct ebb_dvs_writer *w;
    FILE *null = fopen("/dev/null", "wb");
    ck_assert_ptr_nonnull(null);
    ck_assert(ebb_dvs_writer_create(&w, null, format, NULL) == EBB_OK);
    ck_assert_msg(ebb_dvs_write(w, &s->all) == EBB_ERR_ARG, "%s", format);
    ck_assert_msg(strstr(ebb_error_message(), why) != NULL, "%s: %s", format,
                  ebb_error_message());
    ebb_dvs_writer_destroy(w);
    fclose(null);
    dvs_stream_finish(s);
}

START_TEST(write_refuses_what_the_format_cannot_hold)
{
    struct dvs_stream s = {.status = EBB_OK};
    dvs_stream_add(&s, 0, 2048, 0, 0);
    expect_refusal("evt2", &s, "column 2048, row 0");
    dvs_stream_add(&s, 0, 0, 2048, 0);
    expect_refusal("evt3", &s, "row 2048");
    dvs_stream_add(&s, 0, 0, 240, 0);
    expect_refusal("nmnist", &s, "row 240");
    dvs_stream_add(&s, INT64_C(1605537493718345), 0, 0, 0);
    expect_refusal("evt3", &s, "let times start at 0");
    dvs_stream_add(&s, -1, 0, 0, 0);
    expect_refusal("es", &s, "let times start at 0");
    dvs_stream_add(&s, 5, 0, 0, 0);
    dvs_stream_add(&s, 4, 0, 0, 0);
    expect_refusal("evt2", &s, "--monotone");
    dvs_stream_add(&s, INT64_C(1) << 31, 0, 0, 0);
    expect_refusal("dat", &s, "too far");
}
END_TEST

START_TEST(evt3_keeps_times_that_step_back)
{
    struct dvs_stream s = {.status = EBB_OK}, back = {.status = EBB_OK};
    struct dvs_bytes file = {.n = 0};
    static const int64_t times[] = {100, 90, 5000, 4095, 4096, 4000, 9000};
    for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++) {
        dvs_stream_add(&s, times[k], (unsigned)k, 3, 1);
    }
    dvs_stream_print(&s, &file, "evt3", NULL);
    dvs_stream_parse(&back, file.at, file.n, "memory", NULL, 64);
    ck_assert(dvs_streams_equal(&s, &back));
    dvs_stream_finish(&s);
    dvs_stream_finish(&back);
    dvs_bytes_finish(&file);
}
END_TEST

RUN_SUITE("io", "dvs_round_trip", read_of_what_was_written_is_the_same_stream,
          open_finds_the_format_of_what_was_written,
          write_refuses_what_the_format_cannot_hold,
          evt3_keeps_times_that_step_back)
