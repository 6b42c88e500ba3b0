/* tests/test_serve.c - what is served live is what `ebb run` makes of the same
 * events, however they come. */
#include "core/memory.h"
#include "tests/command_folder.h"
#include "tests/live_server.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS = 3000 };

static struct dvs_stream events;
static struct live_spikes wanted, heard;
static struct live_server server;

/* A network, a recording (rec.csv, rec.raw, rec.es) and what comes out. */
static void make(bool merged)
{
    struct ebb_dvs_about about = {.width = LIVE_WIDTH, .height = LIVE_HEIGHT};
    struct dvs_bytes file = {.n = 0};
    begin();
    live_network_write(in_folder("live.net.h5"), 7, merged);
    dvs_stream_finish(&events);
    live_events_make(&events, 3, EVENTS, 10);
    dvs_stream_print(&events, &file, "csv", &about);
    FILE *out = fopen(in_folder("rec.csv"), "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(file.at, 1, file.n, out), file.n);
    fclose(out);
    dvs_bytes_finish(&file);
    live_reference(&wanted, &events, merged);
    ck_assert_uint_gt(wanted.n, 50);
}

static void leave(void)
{
    dvs_stream_finish(&events);
    end();
}

static void play(const char *to, const char *encoding, const char *more)
{
    SPAWN(&r, folder, "play", "rec.csv", "--to", to, "--encoding", encoding,
          "--speed", "20", more);
    expect(0, "3000 events", NULL);
}

/* All was heard, nothing lost. */
static void expect_all(void)
{
    live_spikes_expect(&wanted, &heard);
    ck_assert_double_eq(live_figure("events"), EVENTS);
    ck_assert_double_eq(live_figure("malformed"), 0);
    ck_assert_double_eq(live_figure("lost_frames"), 0);
    ck_assert_double_eq(live_figure("dropped_udp"), 0);
    ck_assert_double_eq(live_figure("late"), 0);
}

static const char *const encodings[] = {
    "t64x16y16p8", "t32x16y15p1", "spif", "evt2", "evt3", "es", "csv"};
enum { ENCODINGS = sizeof(encodings) / sizeof(encodings[0]) };

START_TEST(tcp_of_every_encoding_gives_the_spikes_of_run)
{
    make(false);
    for (size_t k = 0; k < ENCODINGS; k++) {
        char address[64];
        live_start_heard(
            &server, (const char *const[]){"--listen", "tcp://127.0.0.1:0",
                                           "--encoding", encodings[k], "--once",
                                           "--idle", "never", "--json", NULL});
        live_address(&server, "tcp", address, sizeof(address));
        play(address, encodings[k], NULL);
        ck_assert_int_eq(live_wait(&server, &heard), 0);
        expect_all();
    }
    leave();
}
END_TEST

RUN_SUITE("tools", "serve", tcp_of_every_encoding_gives_the_spikes_of_run)
