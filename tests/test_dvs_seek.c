/* tests/test_dvs_seek.c - a piece of a recording, read from where it is, holds
 * what it holds in the whole. */
#include "tests/aedat3_file.h"
#include "tests/aedat4_file.h"
#include "tests/dvs_stream.h"
#include "tests/run_suite.h"

#include "core/random.h"
#include "io/dvs/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 150000, WINDOWS = 12, ROUNDS = 4, SEED = 4107 };

static struct dvs_stream made, whole, piece, wanted;
static struct dvs_bytes file;

/* What each format's file is made of; `range` is where its clock goes round,
 * `jitter` how far times may step back. */
static void print_dat(void);
static void print_evt2(void);
static void print_evt21(void);
static void print_evt3(void);
static void print_evt3_vectors(void);
static void print_aedat2(void);
static void print_aedat3(void);
static void print_aedat4(void);
static void print_aedat4_lz4(void);
static void print_nmnist(void);

static const struct kind {
    const char *name, *format;
    void (*print)(void);
    unsigned side;
    int64_t range, jitter, start_max;
    bool leaps; /* reads from the middle */
} kinds[] = {
    {"dat", "dat", print_dat, 4096, INT64_C(1) << 32, 5000, INT64_C(1) << 32,
     true},
    {"evt2", "evt2", print_evt2, 2048, INT64_C(1) << 34, 0, INT64_C(1) << 34,
     true},
    {"evt21", "evt21", print_evt21, 2048, INT64_C(1) << 34, 5000,
     INT64_C(1) << 34, true},
    {"evt3", "evt3", print_evt3, 2048, INT64_C(1) << 24, 5000, INT64_C(1) << 26,
     true},
    {"evt3-vectors", "evt3", print_evt3_vectors, 2048, INT64_C(1) << 24, 0,
     INT64_C(1) << 26, true},
    {"aedat2", "aedat2", print_aedat2, 128, INT64_C(1) << 32, 5000,
     INT64_C(1) << 32, true},
    {"aedat3", "aedat3", print_aedat3, 128, INT64_C(1) << 31, 0,
     INT64_C(1) << 33, true},
    {"aedat4", "aedat4", print_aedat4, 346, INT64_C(1) << 50, 0,
     INT64_C(1) << 50, true},
    {"aedat4-lz4", "aedat4", print_aedat4_lz4, 346, INT64_C(1) << 50, 0,
     INT64_C(1) << 50, true},
    {"nmnist", "nmnist", print_nmnist, 128, INT64_C(1) << 35, 0, 1000, false},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void begin(const char *text)
{
    dvs_bytes_finish(&file);
    dvs_bytes_text(&file, text);
}

static void print_dat(void)
{
    const struct ebb_dvs_block *b = &made.all;
    begin("% Version 2\n");
    dvs_bytes_le(&file, 0x080C, 2);
    for (size_t k = 0; k < b->n; k++) {
        dvs_bytes_le(&file, (uint64_t)b->t[k], 4);
        dvs_bytes_le(&file,
                     (uint64_t)b->x[k] | (uint64_t)b->y[k] << 14 |
                         (uint64_t)b->p[k] << 28,
                     4);
    }
}

static void print_evt2(void)
{
    dvs_stream_print(&made, &file, "evt2", NULL);
}

static void print_evt21(void)
{
    const struct ebb_dvs_block *b = &made.all;
    int64_t high = -1;
    begin("% evt 2.1\n% endianness little\n% end\n");
    for (size_t k = 0; k < b->n; k++) {
        uint64_t t = (uint64_t)b->t[k], x = b->x[k];
        if (b->t[k] >> 6 != high) {
            high = b->t[k] >> 6;
            dvs_bytes_le(&file, UINT64_C(8) << 60 | (t >> 6 & 0xFFFFFFF) << 32,
                         8);
        }
        dvs_bytes_le(&file,
                     (uint64_t)b->p[k] << 60 | (t & 63) << 54 |
                         (x & ~UINT64_C(31)) << 43 | (uint64_t)b->y[k] << 32 |
                         UINT64_C(1) << (x & 31),
                     8);
    }
}

static void print_evt3(void)
{
    dvs_stream_print(&made, &file, "evt3", NULL);
}

static void evt3_word(uint32_t type, int64_t value)
{
    dvs_bytes_le(&file, type << 12 | ((uint64_t)value & 0xFFF), 2);
}

/* Every turn of the clock, then the time. */
static void evt3_time(int64_t *high, int64_t t)
{
    for (int64_t turn = *high < 0 ? 0 : *high >> 12; turn < t >> 24; turn++) {
        evt3_word(8, 0xFFF);
        evt3_word(8, 0);
    }
    if (t >> 12 != *high) {
        *high = t >> 12;
        evt3_word(8, *high);
    }
    evt3_word(6, t);
}

/* Columns of vector k, which holds one event. */
static uint32_t width_of(size_t k)
{
    return k % 3 ? 12 : 8;
}

/* Vectors of 12 or 8 only, and rows and bases as seldom as can be. */
static void print_evt3_vectors(void)
{
    const struct ebb_dvs_block *b = &made.all;
    int64_t high = -1;
    uint32_t row = 0, x = 0, p = 0;
    begin("% evt 3.0\n% end\n");
    for (size_t k = 0; k < b->n; k++) {
        evt3_time(&high, b->t[k]);
        if (b->y[k] != row) {
            row = b->y[k];
            evt3_word(0, row);
        }
        if (b->x[k] < x || b->x[k] - x >= 8 || b->p[k] != p) {
            x = b->x[k];
            p = b->p[k];
            evt3_word(3, x | p << 11);
        }
        evt3_word(width_of(k) == 12 ? 4 : 5, 1 << (b->x[k] - x));
        x += width_of(k);
    }
}

static void print_aedat2(void)
{
    const struct ebb_dvs_block *b = &made.all;
    begin("#!AER-DAT2.0\r\n# AEChip: DVS128\r\n#End Of ASCII Header\r\n");
    for (size_t k = 0; k < b->n; k++) {
        dvs_bytes_be(&file,
                     b->p[k] | (uint64_t)b->x[k] << 1 | (uint64_t)b->y[k] << 8,
                     4);
        dvs_bytes_be(&file, (uint64_t)b->t[k], 4);
    }
}

static void print_aedat3(void)
{
    aedat3_file(&file, &made, 97);
}

static void print_aedat4(void)
{
    aedat4_file(&file, &made, 500, AEDAT4_NONE);
}

static void print_aedat4_lz4(void)
{
    bool can = aedat4_can(AEDAT4_LZ4);
    aedat4_file(&file, &made, 700, can ? AEDAT4_LZ4 : AEDAT4_NONE);
}

static void print_nmnist(void)
{
    dvs_stream_print(&made, &file, "nmnist", NULL);
}

/* Anywhere, or seldom anywhere but near the one before. */
static void next_pixel(uint32_t pixel[3], const struct kind *kind,
                       uint32_t step, struct ebb_random *r)
{
    if (step == 0 || ebb_random_below(r, 1000) == 0) {
        pixel[0] = ebb_random_below(r, kind->side);
        pixel[1] = ebb_random_below(r, kind->side);
        pixel[2] = ebb_random_below(r, 2);
        return;
    }
    pixel[0] = (pixel[0] + step) % kind->side;
}

/* Events at 10 us to 40 ms from one another, in bursts; a gap of nearly half
 * a turn; steps back of less than the jitter, but not over a turn. */
static void make(const struct kind *kind, uint64_t stream)
{
    struct ebb_random r = ebb_random_stream(SEED, EBB_RANDOM_TEST, stream);
    bool slow = kind->leaps && ebb_random_below(&r, 2) == 0;
    bool near = ebb_random_below(&r, 2) == 0;
    uint32_t pixel[3] = {0, 0, 0};
    uint32_t mean = slow ? 40000 : 10 + ebb_random_below(&r, 200);
    uint32_t gap_at = ebb_random_below(&r, EVENTS);
    int64_t t = (int64_t)ebb_random_between(&r, 0, (double)kind->start_max);
    dvs_stream_finish(&made);
    for (uint32_t k = 0; k < EVENTS; k++) {
        t += ebb_random_below(&r, 3) ? ebb_random_below(&r, mean) : 0;
        if (k == gap_at && kind->leaps) {
            t += (int64_t)(0.49 * (double)kind->range);
        }
        int64_t back = kind->jitter && ebb_random_below(&r, 50) == 0
                           ? ebb_random_below(&r, (uint32_t)kind->jitter)
                           : 0;
        back = t % kind->range < back ? 0 : back;
        next_pixel(pixel, kind, near ? width_of(k - 1) : 0, &r);
        dvs_stream_add(&made, t - back, pixel[0], pixel[1], pixel[2]);
    }
}

static void parse(struct dvs_stream *out, const struct ebb_dvs_options *how)
{
    dvs_stream_parse(out, file.at, file.n, "memory", how, 5000);
    ck_assert_msg(out->status == EBB_OK, "%s", ebb_error_message());
}

static void filter(const struct ebb_dvs_options *how)
{
    const struct ebb_dvs_block *b = &whole.all;
    dvs_stream_finish(&wanted);
    for (size_t k = 0; k < b->n; k++) {
        if (b->t[k] >= how->begin && b->t[k] < how->end) {
            dvs_stream_add(&wanted, b->t[k], b->x[k], b->y[k], b->p[k]);
        }
    }
}

/* A window of any length at any place, or beside the recording. */
static void choose_window(struct ebb_dvs_options *how, struct ebb_random *r)
{
    const struct ebb_dvs_block *b = &whole.all;
    double first = (double)b->t[0], last = (double)b->t[b->n - 1];
    double about = ebb_random_below(r, 2) ? 1 : 1e-3;
    how->begin =
        (int64_t)ebb_random_between(r, first - 1e6, last + 2e6 * about);
    how->end = how->begin + 1 +
               (int64_t)ebb_random_between(r, 0, about * (last - first));
}

static void check_windows(const struct kind *kind, uint64_t stream)
{
    struct ebb_random r = ebb_random_stream(SEED + 1, EBB_RANDOM_TEST, stream);
    struct ebb_dvs_options how = ebb_dvs_options_default();
    how.format = kind->format;
    parse(&whole, &how);
    ck_assert_uint_eq(whole.all.n, EVENTS);
    for (int k = 0; k < WINDOWS; k++) {
        choose_window(&how, &r);
        filter(&how);
        parse(&piece, &how);
        CHECK_EACH(dvs_streams_equal(&piece, &wanted),
                   "%s, stream %" PRIu64 ", window %d, %" PRId64 " to %" PRId64
                   ": %zu events for %zu",
                   kind->name, stream, k, how.begin, how.end, piece.all.n,
                   wanted.all.n);
    }
}

static void finish(void)
{
    dvs_stream_finish(&made);
    dvs_stream_finish(&whole);
    dvs_stream_finish(&piece);
    dvs_stream_finish(&wanted);
    dvs_bytes_finish(&file);
}

START_TEST(a_window_holds_what_it_holds_in_the_whole)
{
    for (size_t k = 0; k < KINDS; k++) {
        for (uint64_t round = 0; round < ROUNDS; round++) {
            make(&kinds[k], round * KINDS + k);
            kinds[k].print();
            check_windows(&kinds[k], round * KINDS + k);
        }
    }
    finish();
}
END_TEST

/* Where in the file does reading begin, for the last events? */
static uint64_t opened_at(const struct kind *kind, int64_t begin)
{
    struct ebb_dvs_reader *reader;
    struct ebb_dvs_options how = ebb_dvs_options_default();
    how.format = kind->format;
    how.begin = begin;
    FILE *stream = fmemopen(file.at, file.n, "rb");
    ck_assert_ptr_nonnull(stream);
    ck_assert(ebb_dvs_open_stream(&reader, stream, "memory", &how) == EBB_OK);
    uint64_t at = reader->in.passed;
    ebb_dvs_close(reader);
    return at;
}

START_TEST(reading_of_the_end_begins_near_it)
{
    for (size_t k = 0; k < KINDS; k++) {
        make(&kinds[k], KINDS + k);
        kinds[k].print();
        int64_t last = made.all.t[EVENTS - 1];
        uint64_t at = opened_at(&kinds[k], last + 2000000);
        ck_assert_msg(!kinds[k].leaps || file.n - at < (1 << 18) + 5000,
                      "%s: from %" PRIu64 " of %zu", kinds[k].name, at, file.n);
        ck_assert_uint_lt(opened_at(&kinds[k], INT64_MIN), 1000);
    }
    finish();
}
END_TEST

START_TEST(a_window_of_a_real_recording_holds_what_it_holds_in_the_whole)
{
    static const char *const samples[] = {
        "formats/prophesee/evt2.raw", "formats/prophesee/evt3_sample.raw",
        "formats/aedat/sample.aedat4",
        "formats/aedat/tales-jAERdata-aedat2.aedat"};
    struct ebb_random r = ebb_random_stream(SEED + 2, EBB_RANDOM_TEST, 0);
    struct ebb_dvs_options how = ebb_dvs_options_default();
    for (size_t k = 0; dvs_samples_are_here() && k < 4; k++) {
        if (strstr(samples[k], "aedat4") && !aedat4_can(AEDAT4_LZ4)) {
            printf("built without LZ4: %s is skipped\n", samples[k]);
            continue;
        }
        dvs_stream_read(&whole, dvs_sample(samples[k]), NULL, 4096);
        for (int window = 0; window < WINDOWS; window++) {
            choose_window(&how, &r);
            filter(&how);
            dvs_stream_read(&piece, dvs_sample(samples[k]), &how, 4096);
            CHECK_EACH(dvs_streams_equal(&piece, &wanted),
                       "%s, %" PRId64 " to %" PRId64, samples[k], how.begin,
                       how.end);
        }
        ck_assert(dvs_bytes_load(&file, dvs_sample(samples[k])));
        struct kind kind = {.format = whole.about.format};
        int64_t last = whole.all.t[whole.all.n - 1];
        uint64_t at = opened_at(&kind, last + 1000000);
        bool large = file.n > 1 << 19; /* of more than one stride */
        ck_assert_msg(!large || at > file.n / 2, "%s: from %" PRIu64,
                      samples[k], at);
    }
    finish();
}
END_TEST

/* The index of aedat4_file() ends the file: packets of events and others by
 * turns, 44 bytes each, with the offset at 4 and the first time at 28. */
START_TEST(an_index_that_is_wrong_about_a_packet_is_not_believed)
{
    enum { ENTRY = 44, PACKET = 500 };
    static const size_t parts[] = {4, 28};
    const struct kind *kind = &kinds[7];
    struct ebb_dvs_options how = ebb_dvs_options_default();
    make(kind, 5);
    print_aedat4();
    parse(&whole, NULL);
    size_t packets = (EVENTS + PACKET - 1) / PACKET, middle = packets / 2;
    how.begin = made.all.t[middle * PACKET] + 1000000;
    filter(&how);
    unsigned char *entry = file.at + file.n - 2 * (packets - middle) * ENTRY;
    ck_assert_uint_gt(opened_at(kind, how.begin), file.n / 3);
    for (size_t k = 0; k < 2; k++) {
        for (size_t e = 0; e < packets - middle; e++) {
            entry[2 * e * ENTRY + parts[k]] ^= 1; /* those from there on */
        }
        ck_assert_uint_lt(opened_at(kind, how.begin), 1000);
        parse(&piece, &how);
        ck_assert(dvs_streams_equal(&piece, &wanted));
        for (size_t e = 0; e < packets - middle; e++) {
            entry[2 * e * ENTRY + parts[k]] ^= 1;
        }
    }
    finish();
}
END_TEST

RUN_SUITE("io", "dvs_seek", a_window_holds_what_it_holds_in_the_whole,
          reading_of_the_end_begins_near_it,
          a_window_of_a_real_recording_holds_what_it_holds_in_the_whole,
          an_index_that_is_wrong_about_a_packet_is_not_believed)
