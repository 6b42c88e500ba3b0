/* tests/test_dvs_layouts.c - files put together by hand from the published
 * layouts, for what no sample shows. */
#include "tests/dvs_stream.h"
#include "tests/run_suite.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct dvs_bytes file;
static struct dvs_stream s;

static void begin(const char *text)
{
    dvs_bytes_finish(&file);
    dvs_bytes_text(&file, text);
}

static void parse(const struct ebb_dvs_options *options)
{
    dvs_stream_parse(&s, file.at, file.n, "memory", options, 64);
}

/* The stream is these events: t, x, y, p each. */
static void expect(const char *format, size_t n, const int64_t event[][4])
{
    ck_assert_msg(s.status == EBB_OK, "%s", ebb_error_message());
    ck_assert_str_eq(s.about.format, format);
    ck_assert_uint_eq(s.all.n, n);
    for (size_t k = 0; k < n; k++) {
        ck_assert_int_eq(s.all.t[k], event[k][0]);
        ck_assert_int_eq(s.all.x[k], event[k][1]);
        ck_assert_int_eq(s.all.y[k], event[k][2]);
        ck_assert_int_eq(s.all.p[k], event[k][3]);
    }
    dvs_stream_finish(&s);
}

static void expect_failure(ebb_status status, const char *why)
{
    ck_assert_int_eq(s.status, status);
    ck_assert_msg(strstr(ebb_error_message(), why) != NULL, "%s",
                  ebb_error_message());
    dvs_stream_finish(&s);
}

static void finish(void)
{
    dvs_bytes_finish(&file);
    dvs_stream_finish(&s);
}

static void evt2_word(uint32_t type, uint32_t low, uint32_t x, uint32_t y)
{
    dvs_bytes_le(&file, type << 28 | low << 22 | x << 11 | y, 4);
}

static void evt2_high(uint32_t high)
{
    dvs_bytes_le(&file, 8U << 28 | high, 4);
}

START_TEST(evt2_drops_events_before_the_first_time_and_skips_triggers)
{
    begin("% evt 2.0\n% geometry 320x240\n% end\n");
    evt2_word(1, 3, 9, 9); /* no time yet */
    evt2_high(2);
    evt2_word(0, 5, 319, 239);
    evt2_word(0xA, 6, 1, 1);  /* trigger */
    evt2_word(0xE, 0, 0, 0);  /* other */
    evt2_word(0xF, 63, 1, 1); /* continued */
    evt2_word(1, 7, 0, 1);
    parse(NULL);
    ck_assert_uint_eq(s.about.width, 320);
    ck_assert_uint_eq(s.about.skipped, 3);
    expect("evt2", 2, (const int64_t[][4]){{133, 319, 239, 0}, {135, 0, 1, 1}});
    finish();
}
END_TEST

START_TEST(evt2_holds_jitter_and_goes_round)
{
    begin("% evt 2.0\n");
    evt2_high(100);
    evt2_word(1, 10, 1, 1);
    evt2_high(99); /* jitter: earlier by 60 us is held */
    evt2_word(1, 10, 2, 2);
    evt2_high(0xFFFFFFF);
    evt2_word(1, 63, 3, 3);
    evt2_high(0);
    evt2_word(1, 1, 4, 4);
    parse(NULL);
    expect("evt2", 4,
           (const int64_t[][4]){{6410, 1, 1, 1},
                                {6410, 2, 2, 1},
                                {(INT64_C(1) << 34) - 1, 3, 3, 1},
                                {(INT64_C(1) << 34) + 1, 4, 4, 1}});
    finish();
}
END_TEST

static void evt21_word(bool swapped, uint64_t word)
{
    dvs_bytes_le(&file, swapped ? word << 32 | word >> 32 : word, 8);
}

START_TEST(evt21_unpacks_vectors_in_either_order_of_halves)
{
    for (int told = 0; told < 2; told++) {
        for (int swapped = 0; swapped < 2; swapped++) {
            begin("% evt 2.1\n");
            if (told) {
                dvs_bytes_text(&file, swapped ? "% endianness legacy\n"
                                              : "% endianness little\n");
            }
            dvs_bytes_text(&file, "% end\n");
            for (uint64_t high = 0; high <= 3; high++) {
                evt21_word(swapped, UINT64_C(8) << 60 | high << 32);
            }
            evt21_word(swapped, UINT64_C(1) << 60 | UINT64_C(5) << 54 |
                                    UINT64_C(64) << 43 | UINT64_C(7) << 32 |
                                    0x80000005);
            evt21_word(swapped, UINT64_C(10) << 60); /* trigger */
            evt21_word(swapped, UINT64_C(6) << 54 | UINT64_C(32) << 43 | 1);
            parse(NULL);
            ck_assert_uint_eq(s.about.skipped, 1);
            expect("evt21", 4,
                   (const int64_t[][4]){{197, 64, 7, 1},
                                        {197, 66, 7, 1},
                                        {197, 95, 7, 1},
                                        {198, 32, 0, 0}});
        }
    }
    finish();
}
END_TEST

START_TEST(evt3_keeps_its_state_over_vectors_triggers_and_turns)
{
    static const uint16_t words[] = {
        0x2005,                 /* before any time */
        0x8001, 0x0003, 0x6010, /* 4112 us, row 3 */
        0x3814, 0x4801, 0x4000, /* from column 20: 20, 31; none of 12 */
        0x5081,                 /* from 44: 44, 51 */
        0xA001, 0x7FFF, 0xE000, /* trigger, continued, other */
        0x2007,                 /* darker, column 7 */
        0x600F,                 /* a step back, no turn */
        0x2008, 0x8FFF, 0x2009, /* low part is 0 after a high one */
        0x8000, 0x6001, 0x280A};
    begin("% format EVT3;height=720;width=1280\n% end\n");
    for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
        dvs_bytes_le(&file, words[k], 2);
    }
    parse(NULL);
    ck_assert_uint_eq(s.about.height, 720);
    ck_assert_uint_eq(s.about.skipped, 3);
    expect("evt3", 8,
           (const int64_t[][4]){{4112, 20, 3, 1},
                                {4112, 31, 3, 1},
                                {4112, 44, 3, 1},
                                {4112, 51, 3, 1},
                                {4112, 7, 3, 0},
                                {4111, 8, 3, 0},
                                {0xFFF000, 9, 3, 0},
                                {0x1000001, 10, 3, 1}});
    finish();
}
END_TEST

START_TEST(dat_of_version_1_and_of_no_header_are_read)
{
    begin("% Data file containing CD events.\n% Version 1\n");
    dvs_bytes_le(&file, 0x080C, 2);
    dvs_bytes_le(&file, 77, 4);
    dvs_bytes_le(&file, 303 | 239U << 9 | 1U << 17, 4);
    parse(NULL);
    expect("dat", 1, (const int64_t[][4]){{77, 303, 239, 1}});

    begin("");
    for (uint32_t k = 0; k < 20; k++) {
        dvs_bytes_le(&file, UINT32_C(0xFFFFFFF0) + k, 4);
        dvs_bytes_le(&file, k | 9U << 14 | (k % 2) << 28, 4);
    }
    struct ebb_dvs_options as = ebb_dvs_options_default();
    as.format = "dat";
    parse(&as);
    ck_assert_uint_eq(s.all.n, 20);
    ck_assert_int_eq(s.all.t[19], (INT64_C(1) << 32) + 3); /* went round */
    ck_assert_uint_eq(s.all.x[19], 19);
    ck_assert_uint_eq(s.all.y[19], 9);
    ck_assert_uint_eq(s.all.p[19], 1);

    begin("% Version 2\n");
    dvs_bytes_le(&file, 0x080E, 2); /* triggers */
    parse(NULL);
    expect_failure(EBB_ERR_FORMAT, "records of type 14 with 8 bytes");
    finish();
}
END_TEST

START_TEST(nmnist_adds_its_marks_and_lets_23_bits_go_round)
{
    static const unsigned char bytes[] = {
        1, 2,   0x80, 0,    5,    /* 5 us */
        0, 240, 0,    0,    0,    /* from here on 8192 later */
        3, 4,   0,    0,    6,    /* */
        5, 6,   0x7F, 0xFF, 0xFF, /* the last one before a turn */
        7, 8,   0x80, 0,    1};
    struct ebb_dvs_options as = ebb_dvs_options_default();
    as.format = "nmnist";
    begin("");
    dvs_bytes_add(&file, bytes, sizeof(bytes));
    parse(&as);
    expect("nmnist", 4,
           (const int64_t[][4]){{5, 1, 2, 1},
                                {8198, 3, 4, 0},
                                {8192 + (1 << 23) - 1, 5, 6, 0},
                                {8192 + (1 << 23) + 1, 7, 8, 1}});
    finish();
}
END_TEST

START_TEST(es_counts_pauses_and_passes_over_resets)
{
    begin("Event Stream");
    dvs_bytes_le(&file, 0x01000002, 4);
    dvs_bytes_le(&file, 304, 2);
    dvs_bytes_le(&file, 240, 2);
    dvs_bytes_le(&file, 0xFFFEFF, 3);
    dvs_bytes_le(&file, 126 << 1, 1);
    dvs_bytes_le(&file, 303 | 239 << 16, 4);
    parse(NULL);
    ck_assert_str_eq(s.about.version, "2.0.0");
    expect("es", 1, (const int64_t[][4]){{380, 303, 239, 0}});
    finish();
}
END_TEST

static void aedat2_event(uint32_t address, uint32_t t)
{
    dvs_bytes_be(&file, address, 4);
    dvs_bytes_be(&file, t, 4);
}

START_TEST(aedat2_of_a_dvs128_skips_external_events)
{
    begin("#!AER-DAT2.0\r\n# This is a raw AE data file\r\n"
          "# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n");
    aedat2_event(1 | 127 << 1 | 3 << 8, 10);
    aedat2_event(1 << 15, 11);
    aedat2_event(5 << 1 | 126 << 8, 0xFFFFFFFF);
    aedat2_event(6 << 1, 1); /* went round */
    parse(NULL);
    ck_assert_uint_eq(s.about.width, 128);
    ck_assert_str_eq(s.about.device, "DVS128");
    ck_assert_uint_eq(s.about.skipped, 1);
    expect("aedat2", 3,
           (const int64_t[][4]){{10, 127, 3, 1},
                                {INT64_C(0xFFFFFFFF), 5, 126, 0},
                                {INT64_C(0x100000001), 6, 0, 0}});
    finish();
}
END_TEST

START_TEST(aedat2_of_a_davis_skips_frames_and_ends_its_header_where_told)
{
    begin("#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis240C"
          "\r\n#<entry key=\"a\"/>\r\n#End Of ASCII Header\r\n");
    /* a first byte '#' is data here */
    aedat2_event(0x23U << 24 | 239 << 12 | 1 << 11, 5);
    aedat2_event(1U << 31 | 239 << 12, 6);
    aedat2_event(179U << 22 | 1 << 10, 7);
    aedat2_event(179U << 22 | 7 << 12, 8);
    parse(NULL);
    ck_assert_uint_eq(s.about.width, 240);
    ck_assert_uint_eq(s.about.height, 180);
    ck_assert_uint_eq(s.about.skipped, 2);
    expect("aedat2", 2, (const int64_t[][4]){{5, 239, 140, 1}, {8, 7, 179, 0}});
    struct ebb_dvs_options as = ebb_dvs_options_default();
    as.chip = "dvs";
    parse(&as);
    expect_failure(EBB_ERR_ARG, "dvs128 or davis");
    finish();
}
END_TEST

static void aedat3_packet(unsigned type, unsigned size, unsigned turns,
                          unsigned capacity, unsigned number)
{
    dvs_bytes_le(&file, type | 1U << 16, 4);
    dvs_bytes_le(&file, size, 4);
    dvs_bytes_le(&file, 4, 4);
    dvs_bytes_le(&file, turns, 4);
    dvs_bytes_le(&file, capacity, 4);
    dvs_bytes_le(&file, number, 4);
    dvs_bytes_le(&file, number, 4);
}

static void aedat3_event(uint32_t x, uint32_t y, uint32_t p, uint32_t valid,
                         uint32_t t)
{
    dvs_bytes_le(&file, valid | p << 1 | y << 2 | x << 17, 4);
    dvs_bytes_le(&file, t, 4);
}

/* `spare`: places of a packet that hold nothing are written all the same. */
static void make_aedat3(bool spare)
{
    begin("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n"
          "#Start-Time: 2016-01-01\r\n#!END-HEADER\r\n");
    aedat3_packet(1, 8, 0, 4, 3);
    aedat3_event(127, 0, 1, 1, 100);
    aedat3_event(1, 1, 1, 0, 101); /* invalid */
    aedat3_event(5, 6, 0, 1, 102);
    if (spare) {
        dvs_bytes_le(&file, UINT64_MAX, 8);
    }
    aedat3_packet(3, 36, 0, 2, 2); /* IMU */
    for (size_t k = 0; k < 9; k++) {
        dvs_bytes_le(&file, 1, 8);
    }
    aedat3_packet(1, 8, 1, 1, 1);
    aedat3_event(7, 8, 1, 1, 3);
}

START_TEST(aedat3_reads_valid_events_whether_or_not_packets_are_padded)
{
    for (int spare = 0; spare < 2; spare++) {
        make_aedat3(spare);
        parse(NULL);
        ck_assert_str_eq(s.about.version, "3.1");
        ck_assert_uint_eq(s.about.width, 128);
        ck_assert_uint_eq(s.about.skipped, 3);
        expect("aedat3", 3,
               (const int64_t[][4]){{100, 127, 0, 1},
                                    {102, 5, 6, 0},
                                    {(INT64_C(1) << 31) + 3, 7, 8, 1}});
    }
    dvs_bytes_le(&file, UINT64_MAX, 8);
    for (size_t k = 0; k < 3; k++) {
        dvs_bytes_le(&file, UINT64_MAX, 8);
    }
    parse(NULL);
    expect_failure(EBB_ERR_FORMAT, "no packet at byte");
    finish();
}
END_TEST

START_TEST(text_tells_its_columns_by_names_or_numbers)
{
    static const char *const texts[] = {
        "t,x,y,p\n10,1,2,1\n20,3,4,0\n",
        "x,y,p,t\r\n1,2,1,10\r\n3,4,0,20\r\n",
        "# comment\n10 1 2 1\n\n20 3 4 0\n",
        "%geometry:640,480\n1,2,1,10\n3,4,0,20\n",
        "0.000010 1 2 1\n0.000020 3 4 0\n",
        "timestamp;x;y;polarity;extra\n10;1;2;True;9\n20;3;4;False;9\n",
        "\"polarity\",\"t\",\"x\",\"y\"\n1,1e1,1,2\n0,2e1,3,4\n"};
    for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
        begin(texts[k]);
        parse(NULL);
        ck_assert_msg(s.status == EBB_OK, "text %zu: %s", k,
                      ebb_error_message());
        ck_assert_uint_eq(s.about.width, k == 3 ? 640 : 0);
        expect("csv", 2, (const int64_t[][4]){{10, 1, 2, 1}, {20, 3, 4, 0}});
    }
    finish();
}
END_TEST

START_TEST(text_with_named_columns_is_taken_by_its_word)
{
    struct ebb_dvs_options as = ebb_dvs_options_default();
    as.format = "csv";
    as.columns = "p-yxt";
    begin("1 9 2 1 10\n0 9 4 3 20\n");
    parse(&as);
    expect("csv", 2, (const int64_t[][4]){{10, 1, 2, 1}, {20, 3, 4, 0}});
    as.columns = "xytp";
    begin("1\t2\t10\t1\n3\t4\t20\t-1");
    parse(&as);
    expect("csv", 2, (const int64_t[][4]){{10, 1, 2, 1}, {20, 3, 4, 0}});
    as.columns = "txy";
    parse(&as);
    expect_failure(EBB_ERR_ARG, "columns 'txy'");
    finish();
}
END_TEST

START_TEST(text_that_is_wrong_names_the_line)
{
    struct ebb_dvs_options as = ebb_dvs_options_default();
    as.format = "csv";
    begin("t,x,y,p\n10,1,2,1\n20,3,70000,0\n30,1,2,1\n");
    parse(&as);
    expect_failure(EBB_ERR_FORMAT, "line 3: '20,3,70000,0' is no event");
    begin("t,x,y,p\n10,1,2,1\n20,3,4,2\n30,1,2,1\n");
    parse(&as);
    expect_failure(EBB_ERR_FORMAT, "columns txyp (p is 0 or 1, t in us)");
    begin("tick,node,value\n1,2,3\n");
    parse(NULL);
    expect_failure(EBB_ERR_FORMAT, "no recording of an event camera");
    finish();
}
END_TEST

START_TEST(open_of_something_else_finds_no_recording)
{
    begin("");
    parse(NULL);
    expect_failure(EBB_ERR_FORMAT, "the file is empty");
    begin("population: 3\nname: x\n");
    parse(NULL);
    expect_failure(EBB_ERR_FORMAT, "no recording of an event camera");
    begin("");
    for (uint32_t k = 0, x = 1; k < 500; k++) {
        x = 1664525 * x + 1013904223;
        dvs_bytes_le(&file, x, 4);
    }
    parse(NULL);
    expect_failure(EBB_ERR_FORMAT, "no recording of an event camera");
    struct ebb_dvs_options as = ebb_dvs_options_default();
    as.format = "evt4";
    parse(&as);
    expect_failure(EBB_ERR_ARG, "no format of recordings is called 'evt4'");
    finish();
}
END_TEST

RUN_SUITE("io", "dvs_layouts",
          evt2_drops_events_before_the_first_time_and_skips_triggers,
          evt2_holds_jitter_and_goes_round,
          evt21_unpacks_vectors_in_either_order_of_halves,
          evt3_keeps_its_state_over_vectors_triggers_and_turns,
          dat_of_version_1_and_of_no_header_are_read,
          nmnist_adds_its_marks_and_lets_23_bits_go_round,
          es_counts_pauses_and_passes_over_resets,
          aedat2_of_a_dvs128_skips_external_events,
          aedat2_of_a_davis_skips_frames_and_ends_its_header_where_told,
          aedat3_reads_valid_events_whether_or_not_packets_are_padded,
          text_tells_its_columns_by_names_or_numbers,
          text_with_named_columns_is_taken_by_its_word,
          text_that_is_wrong_names_the_line,
          open_of_something_else_finds_no_recording)
