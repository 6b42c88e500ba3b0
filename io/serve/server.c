/* io/serve/server.c - the loop of the sockets, and how it begins and ends. */
#include "io/serve/server_parts.h"

#include "core/denormals.h"
#include "core/memory.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    SWEEP_US = 1000000,
    STOPPING_US = 10000,
    FULL_STOP_S = 1 /* senders that never pause are read no longer */
};

/* What is on its way arrives within this, unless more keeps coming. */
static const uint64_t quiet_ns = 100000000;

struct ebb_serve_options ebb_serve_options_default(void)
{
    return (struct ebb_serve_options){.wire = EBB_WIRE_T64,
                                      .connections = 64,
                                      .grace_s = 5,
                                      .ring = 1 << 18,
                                      .pump = ebb_pump_options_default()};
}

bool ebb_server_is_built(void)
{
    return true;
}

void server_say(struct ebb_server *s, const char *format, ...)
{
    char line[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    if (s->options.say) {
        s->options.say(s->options.self, line);
    }
}

int64_t server_now_us(const struct ebb_server *s)
{
    return (int64_t)((ebb_now_ns() - s->start_ns) / 1000);
}

/* Called by either thread. */
static void wake(void *self)
{
    struct ebb_server *s = self;
    uint64_t one = 1;
    (void)!write(s->wake_fd, &one, sizeof(one));
}

static void tell_drained(void *self)
{
    struct ebb_server *s = self;
    atomic_store(&s->is_drained, true);
    wake(s);
}

static void on_accept(evutil_socket_t fd, short what, void *self)
{
    struct door *d = self;
    (void)fd;
    (void)what;
    if (d->for_spikes) {
        outlets_accept(d);
    } else {
        streams_accept(d);
    }
}

static ebb_status watch_door(struct door *d)
{
    int fd = d->fd;
    switch (d->address.transport) {
    case EBB_TRANSPORT_UDP:
        return datagrams_open(d);
    case EBB_TRANSPORT_TCP:
    case EBB_TRANSPORT_UNIX:
        d->event =
            event_new(d->server->base, fd, EV_READ | EV_PERSIST, on_accept, d);
        return d->event && event_add(d->event, NULL) == 0
                   ? EBB_OK
                   : EBB_FAIL(EBB_ERR_NOMEM, "no memory to listen");
    case EBB_TRANSPORT_FIFO:
    case EBB_TRANSPORT_STANDARD:
        break;
    }
    d->fd = -1; /* the stream's from now on */
    return stream_open(d, fd);
}

static ebb_status open_door(struct ebb_server *s, const char *text,
                            bool for_spikes)
{
    struct door *d = &s->doors[s->n_doors];
    *d = (struct door){.server = s, .fd = -1, .for_spikes = for_spikes};
    EBB_TRY(ebb_address_parse(&d->address, text));
    bool is_socket = d->address.transport == EBB_TRANSPORT_TCP ||
                     d->address.transport == EBB_TRANSPORT_UNIX;
    if (for_spikes && !is_socket) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s: spikes are told at tcp: and unix: addresses",
                        text);
    }
    if (!ebb_address_is_local(&d->address) && !s->options.open_to_all) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s can be reached by others, who may send and read "
                        "what they like: --public allows it",
                        text);
    }
    EBB_TRY(ebb_address_listen(&d->fd, &d->address));
    s->n_doors++;
    ebb_address_print(d->name, &d->address);
    EBB_TRY(watch_door(d));
    server_say(s, "%s %s", for_spikes ? "spikes at" : "listening on", d->name);
    return EBB_OK;
}

static ebb_status open_doors(struct ebb_server *s)
{
    const struct ebb_serve_options *o = &s->options;
    s->doors = ebb_mem_calloc(o->n_listen + o->n_spikes, sizeof(*s->doors));
    if (!s->doors) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to listen");
    }
    for (size_t k = 0; k < o->n_listen; k++) {
        EBB_TRY(open_door(s, o->listen[k], false));
    }
    for (size_t k = 0; k < o->n_spikes; k++) {
        EBB_TRY(open_door(s, o->spikes[k], true));
    }
    return EBB_OK;
}

static void close_door(struct door *d)
{
    if (d->event) {
        event_free(d->event);
        d->event = NULL;
    }
    datagrams_close(d);
    if (d->fd >= 0) {
        close(d->fd);
        d->fd = -1;
        if (d->address.transport == EBB_TRANSPORT_UNIX) {
            unlink(d->address.path);
        }
    }
}

/* Who has come already is heard, also above the limit. */
static void accept_all(struct door *d)
{
    enum { QUEUES = 16 }; /* of the kernel, at most */
    for (int k = 0; k < QUEUES; k++) {
        streams_accept(d);
    }
}

void server_stop(struct ebb_server *s, const char *why)
{
    struct timeval soon = {0, STOPPING_US};
    if (s->is_stopping) {
        return;
    }
    s->is_stopping = true;
    atomic_store(&s->totals.is_stopping, true);
    s->stop_ns = ebb_now_ns();
    server_say(s, "stopping: %s", why);
    for (size_t k = 0; k < s->n_doors; k++) {
        if (s->doors[k].address.transport != EBB_TRANSPORT_UDP) {
            if (s->doors[k].fd >= 0 && !s->doors[k].for_spikes) {
                accept_all(&s->doors[k]);
            }
            close_door(&s->doors[k]);
        }
    }
    event_add(s->sweep_event, &soon);
}

/* Has all come that was on its way? */
static bool is_quiet(const struct ebb_server *s)
{
    uint64_t now = ebb_now_ns();
    uint64_t last =
        s->last_bytes_ns > s->stop_ns ? s->last_bytes_ns : s->stop_ns;
    double waited_s = 1e-9 * (double)(now - s->stop_ns);
    bool held = streams_are_held(s);
    return (!held && (now - last > quiet_ns || waited_s > FULL_STOP_S)) ||
           waited_s > s->options.grace_s;
}

static void close_input(struct ebb_server *s)
{
    s->is_closed = true;
    while (s->streams) {
        stream_close(s->streams, NULL);
    }
    for (size_t k = 0; k < s->n_doors; k++) {
        close_door(&s->doors[k]);
    }
    ebb_ring_close(s->ring);
}

/* Has it all been simulated and read? */
static void check_end(struct ebb_server *s)
{
    double waited_s = 1e-9 * (double)(ebb_now_ns() - s->stop_ns);
    if (!atomic_load(&s->is_done)) {
        return;
    }
    outlets_write(s); /* what came last */
    if (s->pump_status != EBB_OK || !outlets_wait(s) ||
        (s->is_closed && waited_s > 2 * s->options.grace_s)) {
        event_base_loopbreak(s->base);
    }
}

static void on_sweep(evutil_socket_t fd, short what, void *self)
{
    struct ebb_server *s = self;
    struct timeval later = {0, STOPPING_US};
    (void)fd;
    (void)what;
    if (!s->is_stopping) {
        streams_sweep(s);
        later = (struct timeval){SWEEP_US / 1000000, SWEEP_US % 1000000};
    } else if (!s->is_closed && is_quiet(s)) {
        close_input(s);
    }
    event_add(s->sweep_event, &later);
    check_end(s);
}

static void on_wake(evutil_socket_t fd, short what, void *self)
{
    struct ebb_server *s = self;
    uint64_t count;
    (void)what;
    (void)!read(fd, &count, sizeof(count));
    if (atomic_exchange(&s->is_drained, false)) {
        streams_resume(s);
    }
    outlets_write(s);
    server_http_publish(s);
    check_end(s);
}

static void on_retry(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    (void)what;
    outlets_write(self);
}

/* A second signal has its usual effect. */
static void on_signal(evutil_socket_t number, short what, void *self)
{
    struct ebb_server *s = self;
    (void)what;
    for (size_t k = 0; k < 2; k++) {
        event_del(s->signal_event[k]);
    }
    server_stop(s, number == SIGINT ? "interrupted" : "asked to end");
}

static ebb_status make_events(struct ebb_server *s)
{
    struct timeval sweep = {SWEEP_US / 1000000, SWEEP_US % 1000000};
    s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->wake_event =
        event_new(s->base, s->wake_fd, EV_READ | EV_PERSIST, on_wake, s);
    s->sweep_event = event_new(s->base, -1, EV_TIMEOUT, on_sweep, s);
    s->retry_event = event_new(s->base, -1, EV_TIMEOUT, on_retry, s);
    s->signal_event[0] = evsignal_new(s->base, SIGINT, on_signal, s);
    s->signal_event[1] = evsignal_new(s->base, SIGTERM, on_signal, s);
    bool good = s->wake_fd >= 0 && s->wake_event && s->sweep_event &&
                s->retry_event && s->signal_event[0] && s->signal_event[1] &&
                event_add(s->wake_event, NULL) == 0 &&
                event_add(s->sweep_event, &sweep) == 0;
    return good ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "no memory to serve");
}

static ebb_status take_memory(struct ebb_server *s)
{
    struct ebb_serve_options *o = &s->options;
    o->ring = o->ring < 4 * BLOCK_EVENTS ? 4 * BLOCK_EVENTS : o->ring;
    s->base = event_base_new();
    s->lines = evbuffer_new();
    s->spikes = evbuffer_new();
    s->batch = ebb_mem_calloc(BLOCK_EVENTS, sizeof(*s->batch));
    if (!s->base || !s->lines || !s->spikes || !s->batch) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to serve");
    }
    EBB_TRY(ebb_dvs_block_init(&s->block, BLOCK_EVENTS));
    EBB_TRY(ebb_ring_create(&s->ring, o->ring, tell_drained, s));
    EBB_TRY(ebb_outbox_init(&s->outbox, wake, s));
    struct ebb_pump_out out = ebb_outbox_pump(&s->outbox);
    if (o->http) {
        server_http_frames(s, &out);
    }
    EBB_TRY(ebb_pump_create(&s->pump, &o->pump, s->ring, &s->totals, &out));
    EBB_TRY(make_events(s));
    EBB_TRY(open_doors(s));
    return server_http_open(s);
}

ebb_status ebb_server_create(struct ebb_server **out,
                             const struct ebb_serve_options *options)
{
    struct ebb_server *s = ebb_mem_calloc(1, sizeof(*s));
    *out = NULL;
    if (!s) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to serve");
    }
    signal(SIGPIPE, SIG_IGN); /* who leaves must not end the program */
    s->options = *options;
    s->start_ns = ebb_now_ns();
    s->wake_fd = -1;
    s->ingest = (struct ebb_ingest_options){.wire = options->wire,
                                            .big_endian = options->big_endian,
                                            .host_time = options->host_time,
                                            .width = options->pump.width,
                                            .height = options->pump.height};
    ebb_status status = take_memory(s);
    s->outbox.wants_lines = options->lines;
    if (status != EBB_OK) {
        ebb_server_destroy(s);
        return status;
    }
    *out = s;
    return EBB_OK;
}

static void free_events(struct ebb_server *s)
{
    struct event *events[] = {s->wake_event, s->sweep_event, s->retry_event,
                              s->signal_event[0], s->signal_event[1]};
    for (size_t k = 0; k < sizeof(events) / sizeof(events[0]); k++) {
        if (events[k]) {
            event_free(events[k]);
        }
    }
}

void ebb_server_destroy(struct ebb_server *s)
{
    if (!s) {
        return;
    }
    s->is_stopping = true; /* nothing is opened again */
    while (s->streams) {
        stream_close(s->streams, NULL);
    }
    while (s->outlets) {
        outlet_close(s->outlets);
    }
    for (size_t k = 0; k < s->n_doors; k++) {
        close_door(&s->doors[k]);
    }
    free_events(s);
    server_http_close(s);
    ebb_pump_destroy(s->pump);
    ebb_outbox_finish(&s->outbox);
    ebb_ring_destroy(s->ring);
    ebb_dvs_block_finish(&s->block);
    if (s->lines) {
        evbuffer_free(s->lines);
    }
    if (s->spikes) {
        evbuffer_free(s->spikes);
    }
    if (s->base) {
        event_base_free(s->base);
    }
    if (s->wake_fd >= 0) {
        close(s->wake_fd);
    }
    ebb_mem_free(s->doors);
    ebb_mem_free(s->batch);
    ebb_mem_free(s);
}

struct ebb_run_sink ebb_server_sink(struct ebb_server *s)
{
    return ebb_pump_sink(s->pump);
}

static void *simulate(void *self)
{
    struct ebb_server *s = self;
    ebb_denormals_flush();
    s->pump_status = ebb_pump_run(s->pump, s->network);
    if (s->pump_status != EBB_OK) {
        snprintf(s->pump_message, sizeof(s->pump_message), "%s",
                 ebb_error_message());
    }
    atomic_store(&s->is_done, true);
    wake(s);
    return NULL;
}

/* Signals are for the thread of the sockets. */
static ebb_status start_thread(struct ebb_server *s)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&s->thread, NULL, simulate, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error ? EBB_FAIL(EBB_ERR_NOMEM, "no thread to simulate: %s",
                            strerror(error))
                 : EBB_OK;
}

static void summarise(struct ebb_server *s, struct ebb_serve_summary *out)
{
    struct ebb_live_totals *t = &s->totals;
    const struct ebb_latency *l = ebb_pump_latency(s->pump);
    *out = (struct ebb_serve_summary){
        .events = t->events,
        .spikes = t->spikes,
        .ticks = t->ticks,
        .frames = t->frames,
        .gestures = t->gestures,
        .connections = s->connections,
        .refused = s->refused,
        .held = s->held,
        .datagrams = t->datagrams,
        .dropped_udp = t->dropped_udp,
        .lost_frames = t->lost_frames,
        .malformed = t->malformed,
        .outside = t->outside,
        .stale = t->stale,
        .late = t->late,
        .jumps = t->jumps,
        .lines_lost = s->lines_lost + s->outbox.lines_lost,
        .spikes_lost = s->spikes_lost + s->outbox.spikes_lost,
        .latency_p50_s = ebb_latency_at(l, 0.5),
        .latency_p99_s = ebb_latency_at(l, 0.99),
        .latency_max_s = l->max_s,
        .stream_s = (double)t->ticks * s->options.pump.tick_us * 1e-6};
}

ebb_status ebb_server_run(struct ebb_server *s,
                          const struct ebb_live_network *network,
                          struct ebb_serve_summary *summary)
{
    s->network = network;
    event_add(s->signal_event[0], NULL);
    event_add(s->signal_event[1], NULL);
    EBB_TRY(start_thread(s));
    server_say(s, "ready");
    s->is_running = true;
    event_base_dispatch(s->base);
    ebb_ring_close(s->ring);
    pthread_join(s->thread, NULL);
    summarise(s, summary);
    return s->pump_status == EBB_OK
               ? EBB_OK
               : EBB_FAIL(s->pump_status, "%s", s->pump_message);
}
