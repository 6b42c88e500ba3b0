/* tests/test_serve_soak.c - a service that is used and abused for a while:
 * EBB_SOAK_SECONDS (3). */
#include "core/random.h"
#include "tests/command_folder.h"
#include "tests/live_server.h"
#include "tests/run_suite.h"
#include "tests/serve_frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 50 };

static struct live_server server;
static char tcp[64], udp[64];
static uint64_t t_us;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Some events in a frame, a millisecond each. */
static void send_good(int fd, uint32_t number, struct ebb_random *random)
{
    struct dvs_bytes payload = {.n = 0}, frame = {.n = 0};
    for (size_t k = 0; k < PIECE; k++) {
        record_add(&payload, t_us, ebb_random_below(random, LIVE_WIDTH),
                   ebb_random_below(random, LIVE_HEIGHT),
                   ebb_random_below(random, 2));
        t_us += 1000;
    }
    frame_add(&frame, EBB_WIRE_T64, number, payload.at, payload.n);
    live_send(fd, frame.at, frame.n);
    dvs_bytes_finish(&payload);
    dvs_bytes_finish(&frame);
}

/* Noise from somebody who comes and goes. */
static void send_noise(const char *address, struct ebb_random *random)
{
    uint8_t noise[512];
    int fd = live_connect(address);
    for (size_t i = 0; i < sizeof(noise); i++) {
        noise[i] = (uint8_t)ebb_random_below(random, 256);
    }
    /* far times at once: no event of it counts */
    memset(noise, 0xFF, 8);
    (void)!send(fd, noise, 1 + ebb_random_below(random, sizeof(noise)),
                MSG_NOSIGNAL);
    close(fd);
}

/* No more comes; the server closes when it has read all. */
static void leave(int fd)
{
    char byte;
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
    ck_assert_msg(recv(fd, &byte, 1, 0) == 0, "a good stream was cut off");
    close(fd);
}

START_TEST(abuse_for_a_while_loses_no_event)
{
    const char *more = getenv("EBB_SOAK_SECONDS");
    double until = now_s() + (more ? strtod(more, NULL) : 3);
    struct ebb_random random = ebb_random_stream(5, EBB_RANDOM_TEST, 1);
    uint64_t sent = 0;
    begin();
    live_network_write(in_folder("live.net.h5"), 13, false);
    live_start_heard(
        &server,
        (const char *const[]){"--listen", "tcp://127.0.0.1:0,udp://127.0.0.1:0",
                              "--idle", "never", "--json", "--record",
                              "live.trace.h5", NULL});
    live_address(&server, "tcp", tcp, sizeof(tcp));
    live_address(&server, "udp", udp, sizeof(udp));
    for (int fd = live_connect(tcp); fd >= 0;) {
        uint32_t frames = 1 + ebb_random_below(&random, 40);
        for (uint32_t k = 0; k < frames; k++) {
            send_good(fd, k, &random);
            sent += PIECE;
        }
        send_noise(ebb_random_below(&random, 2) ? tcp : udp, &random);
        leave(fd);
        fd = now_s() < until ? live_connect(tcp) : -1;
    }
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    ck_assert_double_ge(live_figure("events"), (double)sent);
    SPAWN(&r, folder, "info", "live.trace.h5");
    expect(0, NULL, NULL);
    end();
}
END_TEST

RUN_SUITE("tools", "serve_soak", abuse_for_a_while_loses_no_event)
