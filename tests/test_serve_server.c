/* tests/test_serve_server.c - the server with a network that only counts. */
#include "io/serve/address.h"
#include "io/serve/server.h"
#include "tests/run_suite.h"
#include "tests/serve_frames.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 4, HEIGHT = 2, TICK_US = 1000 };

/* A network that waits where it is told to, and notes what it got. */
static struct {
    sem_t begun, go_on;
    bool waits; /* in its first tick */
    uint64_t events;
    double values;
    ebb_tick until;
} fake;

static struct ebb_network *net;
static struct ebb_server *server;
static struct ebb_serve_summary summary;
static struct ebb_serve_options as;
static pthread_t thread;
static char address[256];

static ebb_status take_events(void *self, const struct ebb_event *events,
                              size_t n)
{
    (void)self;
    for (size_t k = 0; k < n; k++) {
        ck_assert_uint_ge(events[k].tick, fake.until);
        fake.values += events[k].value;
    }
    fake.events += n;
    return EBB_OK;
}

static ebb_status advance(void *self, ebb_tick until)
{
    (void)self;
    if (fake.waits) {
        fake.waits = false;
        sem_post(&fake.begun);
        sem_wait(&fake.go_on);
    }
    fake.until = until;
    return EBB_OK;
}

static void work(void *self, struct ebb_live_work *out)
{
    (void)self;
    *out = (struct ebb_live_work){.synaptic_operations = fake.events};
}

static void note_address(void *self, const char *line)
{
    (void)self;
    if (strncmp(line, "listening on ", 13) == 0) {
        snprintf(address, sizeof(address), "%s", line + 13);
    }
}

static void make_network(void)
{
    struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_NONE};
    size_t in, out, q;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    ck_assert_int_eq(
        ebb_network_add_population(net, "in", 2 * WIDTH * HEIGHT, true, &in),
        EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "out", 2, false, &out),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_add_projection(net, "p", in, out,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT32, 0, &q),
                     EBB_OK);
    ck_assert_int_eq(
        ebb_kernel_expand(&net->projections[q].kernel, net->arena, &spec, 1, 0),
        EBB_OK);
    ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
}

static void *serve(void *self)
{
    struct ebb_live_network network = {
        .events = take_events, .advance = advance, .work = work};
    (void)self;
    return ebb_server_run(server, &network, &summary) == EBB_OK ? &summary
                                                                : NULL;
}

static void start(const char *listen)
{
    static const char *doors[1];
    doors[0] = listen;
    make_network();
    as = ebb_serve_options_default();
    as.listen = doors;
    as.n_listen = 1;
    as.ring = 1;
    as.once = true;
    as.absolute = true;
    as.say = note_address;
    as.pump.net = net;
    as.pump.tick_us = TICK_US;
    as.pump.width = WIDTH;
    as.pump.height = HEIGHT;
    as.pump.idle_us = -1;
    as.pump.spikes_of = 1;
    memset(&fake, 0, sizeof(fake));
    sem_init(&fake.begun, 0, 0);
    sem_init(&fake.go_on, 0, 0);
    ck_assert_msg(ebb_server_create(&server, &as) == EBB_OK, "%s",
                  ebb_error_message());
}

static void run(void)
{
    ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
}

static void finish(void)
{
    void *good;
    pthread_join(thread, &good);
    ck_assert_ptr_nonnull(good);
    ebb_server_destroy(server);
    ebb_network_destroy(net);
}

static int connect_to(void)
{
    struct ebb_address a;
    int fd;
    ck_assert_int_eq(ebb_address_parse(&a, address), EBB_OK);
    ck_assert_msg(ebb_address_connect(&fd, &a) == EBB_OK, "%s",
                  ebb_error_message());
    return fd;
}

enum { RECORD = 13, MANY = 1000000 };

/* Event k of a long stream: 100 in each tick. */
static void put_event(uint8_t *to, uint64_t k)
{
    uint64_t t = k / 100 * TICK_US;
    for (size_t i = 0; i < 8; i++) {
        to[i] = (uint8_t)(t >> 8 * i);
    }
    to[8] = (uint8_t)(k % WIDTH);
    to[10] = 1;
    to[12] = k & 1;
}

/* Send the stream from a byte on until event `to`, or until no more is taken
 * for now; returns the byte after the last one that went. */
static size_t send_events(int fd, size_t from, size_t to, bool waits)
{
    static uint8_t bytes[MANY * RECORD];
    for (size_t k = 0; bytes[10] == 0 && k < MANY; k++) {
        put_event(bytes + (MANY - 1 - k) * RECORD, MANY - 1 - k);
    }
    while (from < to * RECORD) {
        ssize_t n = send(fd, bytes + from, to * RECORD - from,
                         MSG_NOSIGNAL | (waits ? 0 : MSG_DONTWAIT));
        if (n < 0 && errno == EAGAIN) {
            break;
        }
        ck_assert_msg(n > 0, "%s", strerror(errno));
        from += (size_t)n;
    }
    return from;
}

START_TEST(a_slow_network_holds_streams_up_and_loses_nothing)
{
    start("tcp://127.0.0.1:0");
    fake.waits = true;
    run();
    int fd = connect_to();
    size_t sent = send_events(fd, 0, 1000, true);
    sem_wait(&fake.begun); /* it simulates its first tick, for ever */
    /* now more is sent than fits anywhere, until the server reads no more */
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    do {
        sent = send_events(fd, sent, MANY, false);
    } while (poll(&room, 1, 300) > 0 && sent < (size_t)MANY * RECORD);
    ck_assert_uint_lt(sent, (size_t)MANY * RECORD);
    sem_post(&fake.go_on);
    sent = send_events(fd, sent, MANY, true);
    ck_assert_uint_eq(sent, (size_t)MANY * RECORD);
    close(fd);
    finish();
    ck_assert_uint_eq(summary.events, MANY);
    ck_assert_double_eq(fake.values, MANY);
    ck_assert_uint_ge(summary.held, 1);
    ck_assert_uint_eq(summary.dropped_udp, 0);
    ck_assert_uint_eq(fake.until, MANY / 100);
}
END_TEST

START_TEST(a_slow_network_drops_datagrams_and_counts_them)
{
    enum { DATAGRAMS = 400, EACH = 100 }; /* 40000 events; 16384 have room */
    struct dvs_bytes piece = {.n = 0};
    start("udp://127.0.0.1:0");
    fake.waits = true;
    run();
    int fd = connect_to();
    for (size_t k = 0; k < DATAGRAMS; k++) {
        piece.n = 0;
        for (size_t e = 0; e < EACH; e++) {
            record_add(&piece, k * TICK_US, (unsigned)(e % WIDTH), 0, 0);
        }
        ck_assert_int_eq(send(fd, piece.at, piece.n, 0), (ssize_t)piece.n);
        if (k == 2) {
            sem_wait(&fake.begun);
        }
    }
    raise(SIGTERM); /* what is on its way is read first */
    usleep(500000); /* and here before the network goes on */
    sem_post(&fake.go_on);
    finish();
    close(fd);
    dvs_bytes_finish(&piece);
    ck_assert_uint_gt(summary.dropped_udp, 200);
    ck_assert_double_eq(fake.values,
                        (double)(DATAGRAMS - summary.dropped_udp) * EACH);
}
END_TEST

START_TEST(a_stream_in_silence_advances_by_the_clock_of_the_host)
{
    start("tcp://127.0.0.1:0");
    ebb_server_destroy(server);
    as.pump.idle_us = 1000;
    ck_assert_int_eq(ebb_server_create(&server, &as), EBB_OK);
    fake.waits = true;
    run();
    int fd = connect_to();
    send_events(fd, 0, 50, true); /* all of tick 0 */
    sem_wait(&fake.begun);        /* which is simulated without a later one */
    sem_post(&fake.go_on);
    close(fd);
    finish();
    ck_assert_uint_eq(summary.events, 50);
    ck_assert_double_eq(fake.values, 50);
}
END_TEST

START_TEST(events_of_a_tick_are_added_up_however_many)
{
    enum { TIMES = 30 };
    struct dvs_bytes piece = {.n = 0};
    start("tcp://127.0.0.1:0");
    run();
    int fd = connect_to();
    for (size_t k = 0; k < 10000; k++) {
        record_add(&piece, 7, (unsigned)(k % WIDTH), 1, 1);
    }
    for (size_t k = 0; k < TIMES; k++) { /* 300000 events of one tick */
        ck_assert_int_eq(send(fd, piece.at, piece.n, MSG_NOSIGNAL),
                         (ssize_t)piece.n);
    }
    close(fd);
    finish();
    dvs_bytes_finish(&piece);
    ck_assert_double_eq(fake.values, TIMES * 10000);
    ck_assert_uint_le(fake.events, WIDTH); /* each channel once */
}
END_TEST

START_TEST(addresses_that_others_reach_need_permission)
{
    static const char *const doors[] = {"tcp://0.0.0.0:0"};
    struct ebb_server *none;
    start("tcp://127.0.0.1:0");
    as.listen = doors;
    ck_assert_int_eq(ebb_server_create(&none, &as), EBB_ERR_ARG);
    ck_assert_ptr_null(none);
    ck_assert(strstr(ebb_error_message(), "--public"));
    ebb_server_destroy(server);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(addresses_are_taken_apart)
{
    static const char *const good[][2] = {
        {"udp://127.0.0.1:3333", "udp://127.0.0.1:3333"},
        {"tcp://localhost:1", "tcp://127.0.0.1:1"},
        {"tcp://[::1]:80", "tcp://[::1]:80"},
        {"unix:a b", "unix:a b"},
        {"fifo:x", "fifo:x"},
        {"-", "-"}};
    static const char *const wrong[] = {"",
                                        "udp://",
                                        "udp://127.0.0.1",
                                        "tcp://:1",
                                        "tcp://a:1",
                                        "tcp://1.2.3.4:x",
                                        "tcp://1.2.3.4:70000",
                                        "tcp://1.2.3.4:-1",
                                        "unix:",
                                        "http://127.0.0.1:1",
                                        "127.0.0.1:1"};
    struct ebb_address a;
    char text[EBB_ADDRESS_TEXT];
    for (size_t k = 0; k < sizeof(good) / sizeof(good[0]); k++) {
        ck_assert_msg(ebb_address_parse(&a, good[k][0]) == EBB_OK, "%s",
                      ebb_error_message());
        ebb_address_print(text, &a);
        ck_assert_str_eq(text, good[k][1]);
    }
    for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
        ck_assert_msg(ebb_address_parse(&a, wrong[k]) == EBB_ERR_ARG,
                      "'%s' passed", wrong[k]);
    }
    ck_assert_int_eq(ebb_address_parse(&a, "tcp://8.8.8.8:1"), EBB_OK);
    ck_assert(!ebb_address_is_local(&a));
    ck_assert_int_eq(ebb_address_parse(&a, "tcp://127.9.9.9:1"), EBB_OK);
    ck_assert(ebb_address_is_local(&a));
}
END_TEST

RUN_SUITE("io", "serve_server",
          a_slow_network_holds_streams_up_and_loses_nothing,
          a_slow_network_drops_datagrams_and_counts_them,
          a_stream_in_silence_advances_by_the_clock_of_the_host,
          events_of_a_tick_are_added_up_however_many,
          addresses_that_others_reach_need_permission,
          addresses_are_taken_apart)
