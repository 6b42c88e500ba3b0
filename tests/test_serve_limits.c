/* tests/test_serve_limits.c - what is wrong, silent, slow or gone changes
 * nothing for others. */
#include "core/random.h"
#include "tests/command_folder.h"
#include "tests/live_server.h"
#include "tests/run_suite.h"
#include "tests/serve_frames.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 2000 };

static struct dvs_stream events;
static struct live_spikes wanted, heard;
static struct live_server server;
static struct dvs_bytes bytes;
static char tcp[64], udp[64];

static void make(void)
{
    struct ebb_dvs_about about = {.width = LIVE_WIDTH, .height = LIVE_HEIGHT};
    struct dvs_bytes file = {.n = 0};
    begin();
    live_network_write(in_folder("live.net.h5"), 11, false);
    dvs_stream_finish(&events);
    live_events_make(&events, 5, EVENTS, 10);
    dvs_stream_print(&events, &file, "csv", &about);
    FILE *out = fopen(in_folder("rec.csv"), "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(file.at, 1, file.n, out), file.n);
    fclose(out);
    dvs_bytes_finish(&file);
    live_reference(&wanted, &events, false);
    ck_assert_uint_gt(wanted.n, 50);
}

/* Both kinds of sockets, at free ports. */
static void start(void)
{
    live_start_heard(
        &server,
        (const char *const[]){"--listen", "tcp://127.0.0.1:0,udp://127.0.0.1:0",
                              "--idle", "never", "--json", NULL});
    live_address(&server, "tcp", tcp, sizeof(tcp));
    live_address(&server, "udp", udp, sizeof(udp));
}

static void play_well(void)
{
    SPAWN(&r, folder, "play", "rec.csv", "--to", tcp, "--framed", "--speed",
          "max");
    expect(0, "2000 events", NULL);
}

/* What the server says before it closes. */
static void read_reason(int fd, char *text, size_t room)
{
    size_t n = 0;
    ssize_t got;
    while (n + 1 < room && (got = read(fd, text + n, room - 1 - n)) > 0) {
        n += (size_t)got;
    }
    text[n] = '\0';
}

START_TEST(streams_that_make_no_sense_are_closed_with_a_reason)
{
    struct bad_bytes kind;
    char reason[512];
    make();
    start();
    size_t k = 0;
    for (; (kind = bad_bytes_kind(k)).name; k++) {
        int fd = live_connect(tcp);
        bad_bytes_make(&bytes, k);
        live_send(fd, bytes.at, bytes.n);
        if (kind.at_end) {
            shutdown(fd, SHUT_WR);
        }
        read_reason(fd, reason, sizeof(reason));
        ck_assert_msg(strstr(reason, kind.reason), "%s: '%s', wanted '%s'",
                      kind.name, reason, kind.reason);
        close(fd);
    }
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    ck_assert_double_eq(live_figure("malformed"), (double)k);
    end();
}
END_TEST

START_TEST(datagrams_that_make_no_sense_are_counted)
{
    struct bad_bytes kind;
    make();
    start();
    size_t k = 0;
    for (; (kind = bad_bytes_kind(k)).name; k++) {
        int fd = live_connect(udp); /* each from another sender */
        bad_bytes_make(&bytes, k);
        live_send(fd, bytes.at, bytes.n);
        close(fd);
    }
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    ck_assert_double_eq(live_figure("malformed"), (double)k);
    ck_assert_double_eq(live_figure("datagrams"), (double)k);
    end();
}
END_TEST

START_TEST(random_bytes_end_nothing_but_their_own_stream)
{
    struct ebb_random random = ebb_random_stream(8, EBB_RANDOM_TEST, 0);
    uint8_t noise[1024];
    make();
    start();
    int by_udp = live_connect(udp);
    for (size_t k = 0; k < 100; k++) {
        int fd = live_connect(tcp);
        size_t n = 1 + ebb_random_below(&random, sizeof(noise));
        for (size_t i = 0; i < n; i++) {
            noise[i] = (uint8_t)ebb_random_below(&random, 256);
        }
        if (k % 3 == 0) {
            memcpy(noise, "EBBE\1", 5);
        }
        (void)!send(fd, noise, n, MSG_NOSIGNAL);
        (void)!send(by_udp, noise, n, MSG_NOSIGNAL);
        close(fd);
    }
    close(by_udp);
    play_well();
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    ck_assert_double_ge(live_figure("events"), EVENTS);
    ck_assert_double_ge(live_figure("malformed"), 50);
    end();
}
END_TEST

START_TEST(idle_streams_and_one_that_vanishes_change_nothing)
{
    enum { IDLE = 200 };
    int idle[IDLE];
    make();
    start();
    for (size_t k = 0; k < IDLE; k++) {
        idle[k] = live_connect(tcp);
    }
    int gone = live_connect(tcp); /* within a frame of no event yet */
    struct linger at_once = {1, 0};
    dvs_bytes_finish(&bytes);
    record_add(&bytes, 1, 2, 3, 1);
    struct dvs_bytes frame = {.n = 0};
    frame_add(&frame, EBB_WIRE_T64, 0, bytes.at, bytes.n);
    live_send(gone, frame.at, EBB_FRAME_HEADER + 5);
    setsockopt(gone, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(gone);
    dvs_bytes_finish(&frame);
    play_well();
    for (size_t k = 0; k < IDLE; k++) {
        close(idle[k]);
    }
    ck_assert_int_eq(live_stop(&server, &heard), 0);
    live_spikes_expect(&wanted, &heard);
    ck_assert_double_eq(live_figure("events"), EVENTS);
    ck_assert_double_ge(live_figure("refused"), IDLE + 1 - 64);
    end();
}
END_TEST

START_TEST(frames_that_were_lost_are_counted)
{
    make();
    start();
    int fd = live_connect(udp);
    for (uint32_t k = 0; k < 100; k++) {
        struct dvs_bytes frame = {.n = 0};
        dvs_bytes_finish(&bytes);
        record_add(&bytes, 1000 * k, 1, 1, 1);
        frame_add(&frame, EBB_WIRE_T64, k, bytes.at, bytes.n);
        if (k % 10 != 4) {
            live_send(fd, frame.at, frame.n);
        }
        dvs_bytes_finish(&frame);
    }
    close(fd);
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    ck_assert_double_eq(live_figure("lost_frames"), 10);
    ck_assert_double_eq(live_figure("events"), 90);
    end();
}
END_TEST

START_TEST(a_stream_may_not_send_more_than_its_share)
{
    char reason[256];
    make();
    live_start(&server,
               (const char *const[]){"--listen", "tcp://127.0.0.1:0", "--bytes",
                                     "1000", "--json", NULL});
    live_address(&server, "tcp", tcp, sizeof(tcp));
    int fd = live_connect(tcp);
    dvs_bytes_finish(&bytes);
    for (size_t k = 0; k < 100; k++) {
        record_add(&bytes, k, 1, 1, 1);
    }
    live_send(fd, bytes.at, bytes.n);
    read_reason(fd, reason, sizeof(reason));
    ck_assert(strstr(reason, "more bytes than a stream may"));
    close(fd);
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    end();
}
END_TEST

START_TEST(a_silent_stream_is_closed)
{
    char reason[256];
    make();
    live_start(&server, (const char *const[]){"--listen", "tcp://127.0.0.1:0",
                                              "--silence", "50ms", NULL});
    live_address(&server, "tcp", tcp, sizeof(tcp));
    int fd = live_connect(tcp);
    read_reason(fd, reason, sizeof(reason));
    ck_assert(strstr(reason, "silent for too long"));
    close(fd);
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    end();
}
END_TEST

START_TEST(a_reader_that_does_not_read_holds_nobody_up)
{
    make();
    start(); /* the spikes are told to us, who do not read before the end */
    SPAWN(&r, folder, "play", "rec.csv", "--to", tcp, "--loop", "200",
          "--speed", "max");
    expect(0, "400000 events", NULL);
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    ck_assert_double_eq(live_figure("events"), 200 * EVENTS);
    end();
}
END_TEST

RUN_SUITE("tools", "serve_limits",
          streams_that_make_no_sense_are_closed_with_a_reason,
          datagrams_that_make_no_sense_are_counted,
          random_bytes_end_nothing_but_their_own_stream,
          idle_streams_and_one_that_vanishes_change_nothing,
          frames_that_were_lost_are_counted,
          a_stream_may_not_send_more_than_its_share, a_silent_stream_is_closed,
          a_reader_that_does_not_read_holds_nobody_up)
