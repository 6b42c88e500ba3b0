/* tests/test_command_recording.c - recordings of event cameras through
 * `ebb info` and `ebb convert`. */
#include "tests/command_folder.h"
#include "tests/dvs_stream.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct dvs_stream s;

/* Read a file of the folder. */
static void load(const char *name)
{
    dvs_stream_read(&s, in_folder(name), NULL, 4096);
    ck_assert_msg(s.status == EBB_OK, "%s", ebb_error_message());
}

/* The stream is these events: t, x, y, p each. */
static void expect_events(const char *name, size_t n, const int64_t event[][4])
{
    load(name);
    ck_assert_uint_eq(s.all.n, n);
    for (size_t k = 0; k < n; k++) {
        ck_assert_int_eq(s.all.t[k], event[k][0]);
        ck_assert_int_eq(s.all.x[k], event[k][1]);
        ck_assert_int_eq(s.all.y[k], event[k][2]);
        ck_assert_int_eq(s.all.p[k], event[k][3]);
    }
    dvs_stream_finish(&s);
}

/* Six events on a sensor of 20 x 10. */
static void make(void)
{
    begin();
    write_text("a.csv", "# geometry:20,10\n"
                        "t,x,y,p\n"
                        "1000000,0,0,1\n"
                        "1000100,19,9,0\n"
                        "1000150,0,1,1\n"
                        "1000120,5,5,1\n"
                        "1001000,5,5,0\n"
                        "1002000,6,4,1\n");
}

START_TEST(info_tells_what_a_recording_holds)
{
    make();
    SPAWN(&r, folder, "info", "a.csv");
    expect(0, "a.csv: recording", NULL);
    expect(0, "text (in us), sensor 20 x 10", NULL);
    expect(0, "6 events in 0.002 s, 3000 a second, at most 4 in a millisecond",
           NULL);
    expect(0, "66.7 % brighter", NULL);
    expect(0, "last  event at 1002000 us, column 6, row 4, brighter", NULL);
    expect(0, "1 events step back in time, by 30 us at most", NULL);
    SPAWN(&r, folder, "info", "a.csv", "--json");
    expect(0, "\"kind\": \"recording\", \"format\": \"csv\"", NULL);
    expect(0, "\"width\": 20, \"height\": 10, \"events\": 6, \"brighter\": 4",
           NULL);
    expect(0, "\"begin_us\": 1000000, \"end_us\": 1002000", NULL);
    expect(0, "\"first\": [1000000, 0, 0, 1]", NULL);
    expect(0, "\"steps_back\": 1, \"step_back_us\": 30", NULL);
    SPAWN(&r, folder, "info", "a.csv", "--columns", "txpy");
    expect(1, NULL, "line 4: '1000100,19,9,0' is no event");
    end();
}
END_TEST

START_TEST(info_names_busy_pixels_and_turns_of_the_clock)
{
    char text[8192] = "t,x,y,p\n";
    size_t n = strlen(text);
    begin();
    for (int k = 0; k < 300; k++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%d,%d,%d,1\n",
                              1000000 * k, k % 2 ? 7 : k % 31, 3);
    }
    write_text("a.csv", text);
    SPAWN(&r, folder, "info", "a.csv");
    expect(0, "times from 0 to 299000000 us, columns up to 30, rows up to 3",
           NULL);
    /* every odd event, and five of the others, are in column 7 */
    expect(0, "31 pixels have events, 9.677 on average", NULL);
    expect(0, "events): 7, 3: 155; 0, 3: 5; 1, 3: 5; 2, 3: 5; 3, 3: 5", NULL);
    expect(0, "1 pixels have more than 10 times the average", NULL);
    ck_assert_ptr_null(strstr(r.out, "clock"));
    SPAWN(&r, folder, "convert", "a.csv", "a.raw");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "info", "a.raw"); /* 2^24 us go 17 times into 299 s */
    expect(0, "the clock went round 17 times", NULL);
    SPAWN(&r, folder, "info", "a.raw", "--json");
    expect(0, "\"duration_s\": 299, \"peak_per_s\": 1000", NULL);
    expect(0, "\"active_pixels\": 31, \"hot_pixels\": 1", NULL);
    expect(0, "\"busiest_x_y_events\": [7, 3, 155, 0, 3, 5,", NULL);
    expect(0, "\"clock_turns\": 17", NULL);
    /* pixels too far out are not counted */
    write_text("a.csv", "t,x,y,p\n1,5000,0,1\n2,0,0,1\n");
    SPAWN(&r, folder, "info", "a.csv");
    expect(0, "columns up to 5000", NULL);
    ck_assert_ptr_null(strstr(r.out, "busiest"));
    end();
}
END_TEST

START_TEST(info_of_spikes_is_still_that)
{
    begin();
    write_text("e.csv", "tick,node,value\n1,2,1\n3,4,1\n");
    SPAWN(&r, folder, "info", "e.csv");
    expect(0, "e.csv: events", NULL);
    end();
}
END_TEST

START_TEST(info_of_a_cut_recording_tells_what_is_left_over)
{
    make();
    SPAWN(&r, folder, "convert", "a.csv", "a.dat", "--monotone");
    expect(0, NULL, NULL);
    ck_assert_int_eq(truncate(in_folder("a.dat"), 80), 0);
    SPAWN(&r, folder, "info", "a.dat");
    expect(0, "bytes at the end are no whole record", NULL);
    SPAWN(&r, folder, "convert", "a.dat", "b.csv");
    expect(0, NULL, "a.dat was cut");
    end();
}
END_TEST

START_TEST(convert_goes_through_every_format_and_back)
{
    static const char *const names[] = {"b.raw", "c.dat", "d.bin",
                                        "e.es",  "f.csv", "a2.csv"};
    make();
    const char *from = "a.csv";
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        SPAWN(&r, folder, "convert", from, names[k], "--monotone");
        expect(0, NULL, NULL);
        from = names[k];
    }
    SPAWN(&r, folder, "convert", "a2.csv", "g", "--to", "evt2");
    expect(0, NULL, NULL);
    expect_events("g", 6,
                  (const int64_t[][4]){{1000000, 0, 0, 1},
                                       {1000100, 19, 9, 0},
                                       {1000150, 0, 1, 1},
                                       {1000150, 5, 5, 1},
                                       {1001000, 5, 5, 0},
                                       {1002000, 6, 4, 1}});
    SPAWN(&r, folder, "info", "b.raw");
    expect(0, "Prophesee EVT3 (3.0), sensor 20 x 10", NULL);
    end();
}
END_TEST

START_TEST(convert_keeps_a_time_and_a_piece_of_the_picture)
{
    make();
    SPAWN(&r, folder, "convert", "a.csv", "b.csv", "--begin", "100us", "--end",
          "1ms", "--zero");
    expect(0, NULL, NULL);
    expect_events(
        "b.csv", 3,
        (const int64_t[][4]){{0, 19, 9, 0}, {50, 0, 1, 1}, {20, 5, 5, 1}});
    SPAWN(&r, folder, "convert", "a.csv", "b.csv", "--crop", "5,4,15,6",
          "--shrink", "2");
    expect(0, NULL, NULL);
    expect_events("b.csv", 4,
                  (const int64_t[][4]){{1000100, 7, 2, 0},
                                       {1000120, 0, 0, 1},
                                       {1001000, 0, 0, 0},
                                       {1002000, 0, 0, 1}});
    SPAWN(&r, folder, "info", "b.csv");
    expect(0, "sensor 8 x 3", NULL);
    end();
}
END_TEST

START_TEST(convert_mirrors_filters_and_silences)
{
    make();
    SPAWN(&r, folder, "convert", "a.csv", "b.csv", "--flip", "xy", "--polarity",
          "darker");
    expect(0, NULL, NULL);
    expect_events(
        "b.csv", 2,
        (const int64_t[][4]){{1000100, 0, 0, 0}, {1001000, 14, 4, 0}});
    SPAWN(&r, folder, "convert", "a.csv", "b.csv", "--polarity", "merge",
          "--refractory", "900us", "--shrink", "10");
    expect(0, NULL, NULL);
    expect_events("b.csv", 4,
                  (const int64_t[][4]){{1000000, 0, 0, 1},
                                       {1000100, 1, 0, 1},
                                       {1001000, 0, 0, 1},
                                       {1002000, 0, 0, 1}});
    end();
}
END_TEST

START_TEST(convert_leaves_out_hot_pixels)
{
    char text[4096] = "t,x,y,p\n";
    size_t n = strlen(text);
    begin();
    for (int k = 0; k < 30; k++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              "%d,100,3,1\n%d,%d,5,0\n", 2 * k, 2 * k + 1,
                              100 + k);
    }
    write_text("a.csv", text);
    /* 60 events of 31 pixels */
    SPAWN(&r, folder, "convert", "a.csv", "b.csv", "--hot", "15");
    expect(0, NULL, NULL);
    load("b.csv");
    ck_assert_uint_eq(s.all.n, 30);
    for (size_t k = 0; k < s.all.n; k++) {
        ck_assert_uint_eq(s.all.y[k], 5);
    }
    SPAWN(&r, folder, "convert", "a.csv", "b.csv", "--hot", "16");
    expect(0, NULL, NULL);
    load("b.csv");
    ck_assert_uint_eq(s.all.n, 60);
    dvs_stream_finish(&s);
    write_text("a.csv", "t,x,y,p\n1,5000,0,1\n2,0,0,1\n");
    SPAWN(&r, folder, "convert", "a.csv", "b.csv", "--refractory", "1ms");
    expect(1, NULL, "filters remember 4096 x 4096 pixels");
    end();
}
END_TEST

START_TEST(convert_names_what_it_cannot_do)
{
    make();
    SPAWN(&r, folder, "convert", "a.csv", "b.raw", "--begin", "1s", "--end",
          "1ms");
    expect(1, NULL, "--end must be later than --begin");
    SPAWN(&r, folder, "convert", "a.csv", "b.xyz");
    expect(1, NULL, "'b.xyz' tells no format of recordings");
    SPAWN(&r, folder, "convert", "a.csv", "b.es");
    expect(1, NULL, "comes after one at 1000150");
    expect(1, NULL, "--monotone");
    SPAWN(&r, folder, "convert", "a.csv", "b.raw", "--crop", "10,0,11,5");
    expect(1, NULL, "reaches beyond the sensor of 20 x 10");
    SPAWN(&r, folder, "convert", "a.csv", "b.raw", "--crop", "1,2,3");
    expect(1, NULL, "such as 10,20,64,64");
    SPAWN(&r, folder, "convert", "a.csv", "b.aedat4", "--to", "aedat4");
    expect(1, NULL, "read from AEDAT 4, not written");
    SPAWN(&r, folder, "convert", "a.csv", "b.raw", "--from", "evt4");
    expect(1, NULL, "did you mean 'evt");
    /* no file is left behind by failures */
    ck_assert_int_ne(access(in_folder("b.raw"), F_OK), 0);
    ck_assert_int_ne(access(in_folder("b.es.tmp"), F_OK), 0);
    end();
}
END_TEST

START_TEST(convert_of_real_recordings_keeps_their_events)
{
    static const char *const samples[][2] = {
        {"formats/prophesee/evt2.raw", "b.csv"},
        {"formats/prophesee/evt3_sample.raw", "b.dat"},
        {"formats/es/dvs.es", "b.raw"},
        {"formats/nmnist/NMNIST_1.bs2", "b.es"},
        {"dvs128-gesture-clips/2.bs2", "b.bin"}};
    struct dvs_stream from = {.status = EBB_OK};
    begin();
    for (size_t k = 0; dvs_samples_are_here() && k < 5; k++) {
        const char *path = dvs_sample(samples[k][0]);
        SPAWN(&r, folder, "convert", path, samples[k][1]);
        expect(0, NULL, NULL);
        dvs_stream_read(&from, path, NULL, 4096);
        load(samples[k][1]);
        ck_assert(dvs_streams_equal(&from, &s));
        ck_assert(k != 4 || files_are_equal(path, in_folder("b.bin")));
    }
    dvs_stream_finish(&from);
    dvs_stream_finish(&s);
    end();
}
END_TEST

RUN_SUITE("tools", "recording", info_tells_what_a_recording_holds,
          info_names_busy_pixels_and_turns_of_the_clock,
          info_of_spikes_is_still_that,
          info_of_a_cut_recording_tells_what_is_left_over,
          convert_goes_through_every_format_and_back,
          convert_keeps_a_time_and_a_piece_of_the_picture,
          convert_mirrors_filters_and_silences, convert_leaves_out_hot_pixels,
          convert_names_what_it_cannot_do,
          convert_of_real_recordings_keeps_their_events)
