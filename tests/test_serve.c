/* tests/test_serve.c - what is served live is what `ebb run` makes of the same
 * events, however they come. */
#include "core/memory.h"
#include "tests/command_folder.h"
#include "tests/live_server.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

/* Start with one address to listen to. */
static void start(const char *listen, const char *encoding, const char *more)
{
    live_start_heard(&server, (const char *const[]){
                                  "--listen", listen, "--encoding", encoding,
                                  "--idle", "never", "--json", more, NULL});
}

START_TEST(tcp_of_every_encoding_gives_the_spikes_of_run)
{
    make(false);
    for (size_t k = 0; k < 2 * ENCODINGS; k++) {
        char address[64];
        const char *encoding = encodings[k / 2];
        start("tcp://127.0.0.1:0", k % 2 ? "es" : encoding, "--once");
        live_address(&server, "tcp", address, sizeof(address));
        play(address, encoding, k % 2 ? "--framed" : NULL);
        ck_assert_int_eq(live_wait(&server, &heard), 0);
        expect_all();
    }
    leave();
}
END_TEST

START_TEST(udp_of_every_encoding_gives_the_spikes_of_run)
{
    make(false);
    for (size_t k = 0; k < 2 * ENCODINGS; k++) {
        char address[64];
        const char *encoding = encodings[k / 2];
        start("udp://127.0.0.1:0", encoding, NULL);
        live_address(&server, "udp", address, sizeof(address));
        play(address, encoding, k % 2 ? "--framed" : NULL);
        ck_assert_int_eq(live_stop(&server, &heard), 0);
        expect_all();
        ck_assert_double_ge(live_figure("datagrams"), 10);
    }
    leave();
}
END_TEST

START_TEST(unix_sockets_give_the_spikes_of_run)
{
    make(true); /* both polarities are one */
    char address[192];
    start("unix:in.sock", "evt3", "--once");
    snprintf(address, sizeof(address), "unix:%s", in_folder("in.sock"));
    struct stat info;
    ck_assert_int_eq(stat(in_folder("in.sock"), &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0660);
    play(address, "evt3", NULL);
    ck_assert_int_eq(live_wait(&server, &heard), 0);
    expect_all();
    ck_assert_int_ne(stat(in_folder("in.sock"), &info), 0);
    leave();
}
END_TEST

START_TEST(fifos_give_the_spikes_of_run_and_outlive_their_writers)
{
    make(false);
    char address[192];
    start("fifo:in.fifo", "t32x16y15p1", NULL);
    snprintf(address, sizeof(address), "fifo:%s", in_folder("in.fifo"));
    play(address, "t32x16y15p1", NULL);
    live_wait_for(&server, "listening");
    ck_assert_int_eq(live_stop(&server, &heard), 0);
    expect_all();
    live_start(&server, (const char *const[]){"--listen", "fifo:in.fifo",
                                              "--json", NULL});
    play(address, "t64x16y16p8", NULL);
    play(address, "t64x16y16p8", "--framed");
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    ck_assert_double_eq(live_figure("events"), 2 * EVENTS);
    ck_assert_double_eq(live_figure("malformed"), 0);
    leave();
}
END_TEST

/* Serve a file of the folder as standard input. */
static void serve_input(const char *name, const char *encoding)
{
    char out[160], err[160];
    snprintf(out, sizeof(out), "%s", in_folder("serve.out"));
    snprintf(err, sizeof(err), "%s", in_folder("serve.err"));
    spawn_feed(name);
    server.process = spawn_start_to(
        folder,
        (const char *const[]){"serve", "live.net.h5", "--listen", "-",
                              "--encoding", encoding, "--idle", "never",
                              "--record", "live.trace.h5", "--json", NULL},
        out, err);
    spawn_feed(NULL);
}

START_TEST(a_file_as_standard_input_gives_the_spikes_of_run)
{
    make(false);
    serve_input("rec.csv", "csv");
    ck_assert_int_eq(spawn_wait(server.process), 0);
    live_recorded(&heard, "live.trace.h5");
    expect_all();
    leave();
}
END_TEST

START_TEST(a_pipe_as_standard_input_gives_the_spikes_of_run)
{
    char address[192];
    make(false);
    snprintf(address, sizeof(address), "fifo:%s", in_folder("pipe"));
    ck_assert_int_eq(mkfifo(in_folder("pipe"), 0600), 0);
    serve_input("pipe", "evt2");
    SPAWN(&r, folder, "play", "rec.csv", "--to", address, "--encoding", "evt2",
          "--speed", "max");
    expect(0, NULL, NULL);
    ck_assert_int_eq(spawn_wait(server.process), 0);
    live_recorded(&heard, "live.trace.h5");
    expect_all();
    leave();
}
END_TEST

/* Send events k, k + step, … of the recording in frames, one at a time. */
static void send_some(int fd, size_t from, size_t to, size_t at, size_t step)
{
    for (size_t k = from; k < to; k++) {
        uint8_t record[13] = {0};
        const struct ebb_dvs_block *b = &events.all;
        for (size_t i = 0; i < 8; i++) {
            record[i] = (uint8_t)((uint64_t)b->t[k] >> 8 * i);
        }
        record[8] = (uint8_t)b->x[k];
        record[10] = (uint8_t)b->y[k];
        record[12] = b->p[k];
        if (k % step == at) {
            live_send(fd, record, sizeof(record));
        }
    }
}

START_TEST(senders_at_several_addresses_share_a_clock)
{
    char tcp[64], unix_name[192];
    make(false);
    live_start_heard(
        &server,
        (const char *const[]){"--listen", "tcp://127.0.0.1:0,unix:in.sock",
                              "--absolute", "--reorder", "5ms", "--idle",
                              "never", "--json", "--connections", "2", NULL});
    live_address(&server, "tcp", tcp, sizeof(tcp));
    snprintf(unix_name, sizeof(unix_name), "unix:%s", in_folder("in.sock"));
    int one = live_connect(tcp), other = live_connect(unix_name);
    send_some(one, 0, EVENTS, 0, 2);
    send_some(other, 0, EVENTS, 1, 2);
    close(one);
    close(other);
    ck_assert_int_eq(live_stop(&server, &heard), 0);
    ck_assert_double_eq(live_figure("events"), EVENTS);
    ck_assert_double_eq(live_figure("connections"), 2);
    ck_assert_double_eq(live_figure("clock_jumps"), 0);
    leave();
}
END_TEST

START_TEST(events_out_of_order_are_put_right_within_the_window)
{
    char address[64];
    make(false);
    struct ebb_dvs_block *b = &events.all;
    for (size_t k = 0; k + 1 < b->n; k += 2) { /* swap neighbours */
        int64_t t = b->t[k];
        b->t[k] = b->t[k + 1];
        b->t[k + 1] = t;
        uint16_t x = b->x[k], y = b->y[k];
        uint8_t p = b->p[k];
        b->x[k] = b->x[k + 1];
        b->y[k] = b->y[k + 1];
        b->p[k] = b->p[k + 1];
        b->x[k + 1] = x;
        b->y[k + 1] = y;
        b->p[k + 1] = p;
    }
    live_start_heard(&server, (const char *const[]){
                                  "--listen", "tcp://127.0.0.1:0", "--absolute",
                                  "--reorder", "1ms", "--idle", "never",
                                  "--json", "--once", NULL});
    live_address(&server, "tcp", address, sizeof(address));
    int fd = live_connect(address);
    send_some(fd, 0, EVENTS, 0, 1);
    close(fd);
    ck_assert_int_eq(live_wait(&server, &heard), 0);
    expect_all();
    leave();
}
END_TEST

RUN_SUITE("tools", "serve", tcp_of_every_encoding_gives_the_spikes_of_run,
          udp_of_every_encoding_gives_the_spikes_of_run,
          unix_sockets_give_the_spikes_of_run,
          fifos_give_the_spikes_of_run_and_outlive_their_writers,
          a_file_as_standard_input_gives_the_spikes_of_run,
          a_pipe_as_standard_input_gives_the_spikes_of_run,
          senders_at_several_addresses_share_a_clock,
          events_out_of_order_are_put_right_within_the_window)
