/* tests/test_serve_results.c - results, gestures and recordings of a network
 * that runs live. */
#include "tests/command_folder.h"
#include "tests/live_server.h"
#include "tests/run_suite.h"
#include "tests/serve_frames.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS = 2000 };

static struct dvs_stream events;
static struct live_spikes wanted, got;
static struct live_server server;
static char tcp[64];

static void write_recording(void)
{
    struct ebb_dvs_about about = {.width = LIVE_WIDTH, .height = LIVE_HEIGHT};
    struct dvs_bytes file = {.n = 0};
    dvs_stream_print(&events, &file, "csv", &about);
    FILE *out = fopen(in_folder("rec.csv"), "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(file.at, 1, file.n, out), file.n);
    fclose(out);
    dvs_bytes_finish(&file);
}

static void make(void)
{
    begin();
    live_network_write(in_folder("live.net.h5"), 11, false);
    dvs_stream_finish(&events);
    live_events_make(&events, 5, EVENTS, 10);
}

static void serve_all(const char *const *words)
{
    live_start(&server, words);
    live_address(&server, "tcp", tcp, sizeof(tcp));
    SPAWN(&r, folder, "play", "rec.csv", "--to", tcp, "--speed", "max");
    expect(0, NULL, NULL);
    ck_assert_int_eq(live_wait(&server, NULL), 0);
}

/* The numbers behind a name in each line that has it, up to `most`. */
static size_t numbers_of(const char *name, double *out, size_t most)
{
    char word[64];
    size_t n = 0;
    snprintf(word, sizeof(word), "\"%s\": ", name);
    for (const char *at = live_output(); (at = strstr(at, word)) && n < most;) {
        at += strlen(word);
        out[n++] = strtod(at, NULL);
    }
    return n;
}

START_TEST(results_count_the_spikes_of_a_sliding_window)
{
    enum { STEP_US = 20000, STEPS = 5, MOST = 64 };
    double end_us[MOST], winner[MOST], spikes[MOST];
    make();
    write_recording();
    live_reference(&wanted, &events, false);
    serve_all((const char *const[]){"--listen", "tcp://127.0.0.1:0", "--once",
                                    "--idle", "never", "--out", "-", "--every",
                                    "20ms", "--window", "100ms", "--classes",
                                    "a,b,c,d,e", NULL});
    size_t n = numbers_of("t_us", end_us, MOST);
    ck_assert_uint_ge(n, 9);
    ck_assert_uint_eq(numbers_of("winner", winner, MOST), n);
    ck_assert_uint_eq(numbers_of("out", spikes, MOST), n);
    for (size_t k = 0; k + 1 < n; k++) {
        size_t count[LIVE_OUTPUTS] = {0}, best = 0, in_step = 0;
        uint64_t end = (uint64_t)end_us[k];
        ck_assert_uint_eq(end, (k + 1) * STEP_US);
        for (size_t i = 0; i < wanted.n; i++) {
            uint64_t t = wanted.at[i].t_us;
            in_step += t < end && t + STEP_US >= end;
            count[wanted.at[i].node] += t < end && t + STEPS * STEP_US >= end;
        }
        for (size_t c = 1; c < LIVE_OUTPUTS; c++) {
            best = count[c] > count[best] ? c : best;
        }
        ck_assert_double_eq(spikes[k], (double)in_step);
        ck_assert_double_eq(winner[k],
                            count[best] ? (double)best : 0 /* null */);
    }
    ck_assert(strstr(live_output(), "\"class\": \""));
    ck_assert_double_eq(live_figure("events"), EVENTS);
    end();
}
END_TEST

START_TEST(silences_part_gestures)
{
    double begin_us[8], end_us[8];
    make();
    struct ebb_dvs_block *b = &events.all;
    for (size_t k = 0; k < b->n; k++) { /* three, with 400 ms between them */
        b->t[k] += (int64_t)(k * 3 / b->n) * 400000;
    }
    write_recording();
    serve_all((const char *const[]){"--listen", "tcp://127.0.0.1:0", "--once",
                                    "--idle", "never", "--out", "-",
                                    "--per-gesture", "300ms", NULL});
    ck_assert_double_eq(live_figure("gestures"), 3);
    ck_assert_uint_eq(numbers_of("begin_us", begin_us, 8), 3);
    ck_assert_uint_eq(numbers_of("end_us", end_us, 8), 3);
    for (size_t k = 0; k < 3; k++) {
        size_t first = (k * b->n + 2) / 3, last = ((k + 1) * b->n + 2) / 3 - 1;
        ck_assert_double_eq(begin_us[k], (double)b->t[first]);
        ck_assert_double_eq(end_us[k], (double)b->t[last]);
    }
    end();
}
END_TEST

START_TEST(a_recording_holds_what_was_served)
{
    make();
    write_recording();
    live_reference(&wanted, &events, false);
    serve_all((const char *const[]){"--listen", "tcp://127.0.0.1:0", "--once",
                                    "--idle", "never", "--record",
                                    "live.trace.h5", "--states", "all", NULL});
    live_recorded(&got, "live.trace.h5");
    live_spikes_expect(&wanted, &got);
    SPAWN(&r, folder, "info", "live.trace.h5");
    expect(0, "ebb serve live.net.h5", NULL);
    end();
}
END_TEST

START_TEST(a_signal_midway_leaves_a_whole_recording)
{
    make();
    write_recording();
    live_start(&server,
               (const char *const[]){"--listen", "tcp://127.0.0.1:0",
                                     "--record", "live.trace.h5", "--out", "-",
                                     "--every", "10ms", NULL});
    live_address(&server, "tcp", tcp, sizeof(tcp));
    int player = spawn_start(
        folder, (const char *const[]){"play", "rec.csv", "--to", tcp, "--loop",
                                      "1000000", NULL});
    double t[8];
    while (numbers_of("t_us", t, 8) < 8) {
        usleep(2000);
    }
    /* the player goes on: its stream is cut */
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    kill(player, SIGKILL);
    spawn_wait(player);
    SPAWN(&r, folder, "info", "live.trace.h5");
    expect(0, NULL, NULL);
    live_recorded(&got, "live.trace.h5");
    ck_assert_uint_gt(got.n, 0);
    ck_assert_int_ne(access(in_folder("live.trace.h5.part"), F_OK), 0);
    end();
}
END_TEST

START_TEST(nothing_served_is_a_whole_recording_too)
{
    make();
    live_start(&server,
               (const char *const[]){"--listen", "udp://127.0.0.1:0",
                                     "--record", "live.trace.h5", NULL});
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    SPAWN(&r, folder, "info", "live.trace.h5");
    expect(0, NULL, NULL);
    ck_assert(strstr(live_output(), "0 events"));
    end();
}
END_TEST

START_TEST(standard_input_without_a_byte_ends)
{
    make();
    ck_assert_int_eq(symlink("/dev/null", in_folder("null")), 0);
    spawn_feed("null");
    SPAWN(&r, folder, "serve", "live.net.h5", "--listen", "-", "--json");
    spawn_feed(NULL);
    expect(0, "\"events\": 0", NULL);
    ck_assert_ptr_null(strstr(r.err, "warn"));
    end();
}
END_TEST

/* A year ahead: not of the stream that is at 5 ms, and no year of results. */
START_TEST(a_stray_time_is_left_out_and_floods_nothing)
{
    static const uint64_t times[] = {5000, 31536000000000, 6000};
    char address[64];
    make();
    live_start(&server, (const char *const[]){"--listen", "udp://127.0.0.1:0",
                                              "--absolute", "--out", "-",
                                              "--idle", "never", NULL});
    live_address(&server, "udp", address, sizeof(address));
    for (size_t k = 0; k < 3; k++) { /* each from another sender */
        struct dvs_bytes bytes = {.n = 0};
        int fd = live_connect(address);
        record_add(&bytes, times[k], 1, 1, 1);
        live_send(fd, bytes.at, bytes.n);
        close(fd);
        dvs_bytes_finish(&bytes);
        usleep(200000); /* the stream is where it is by then */
    }
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    ck_assert_double_eq(live_figure("clock_jumps"), 1);
    ck_assert_double_le(live_figure("frames"), 2);
    ck_assert_double_eq(live_figure("stream_s"), 0.007);
    end();
}
END_TEST

START_TEST(command_lines_that_make_no_sense_are_named)
{
    static const struct {
        const char *word, *value, *says;
    } wrong[] = {{"--listen", "http://127.0.0.1:1", "of no kind"},
                 {"--listen", "tcp://0.0.0.0:0", "--public"},
                 {"--listen", "a,,b", "empty word"},
                 {"--encoding", "morse", "there are: t64x16y16p8"},
                 {"--out", "udp://127.0.0.1:0", "tcp: and unix:"},
                 {"--classes", "a,b", "5 neurons"},
                 {"--spikes-of", "nobody", "no population 'nobody'"},
                 {"--width", "9", "a sensor of 9 x 6"},
                 {"--states", "all", "--record"},
                 {"--per-gesture", "-1 s", "per-gesture"}};
    make();
    for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
        SPAWN(&r, folder, "serve", "live.net.h5", wrong[k].word,
              wrong[k].value);
        expect(1, NULL, wrong[k].says);
    }
    write_recording();
    SPAWN(&r, folder, "play", "rec.csv");
    expect(1, NULL, "where to?");
    SPAWN(&r, folder, "play", "rec.csv", "--to", "unix:none.sock");
    expect(1, NULL, "cannot connect");
    end();
}
END_TEST

RUN_SUITE("tools", "serve_results",
          results_count_the_spikes_of_a_sliding_window, silences_part_gestures,
          a_recording_holds_what_was_served,
          a_signal_midway_leaves_a_whole_recording,
          nothing_served_is_a_whole_recording_too,
          standard_input_without_a_byte_ends,
          a_stray_time_is_left_out_and_floods_nothing,
          command_lines_that_make_no_sense_are_named)
