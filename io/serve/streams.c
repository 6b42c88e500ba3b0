/* io/serve/streams.c - events by TCP, Unix sockets, FIFOs and standard input:
 * who comes too fast has to wait. */
#include "io/serve/server_parts.h"

#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROUNDS = 16 /* reads, then others have a turn */ };

static const uint64_t silent_ns = 1000000000; /* who has not said a word in so
                                                 long may have to go */

static bool is_socket(const struct stream *st)
{
    return st->door->address.transport == EBB_TRANSPORT_TCP ||
           st->door->address.transport == EBB_TRANSPORT_UNIX;
}

static void unlink_stream(struct stream *st)
{
    *st->link = st->next;
    if (st->next) {
        st->next->link = st->link;
    }
    st->door->server->n_streams--;
}

/* A FIFO outlives its writers; the first end of a stream may be the last. */
static void after_end(struct door *d)
{
    struct ebb_server *s = d->server;
    bool is_fifo = d->address.transport == EBB_TRANSPORT_FIFO;
    int fd;
    if (s->options.once && s->n_streams == 0) {
        server_stop(s, "the stream has ended");
    }
    if (d->address.transport == EBB_TRANSPORT_STANDARD &&
        s->options.n_listen == 1) {
        server_stop(s, "the input has ended");
    }
    if (is_fifo && !s->is_stopping &&
        (ebb_address_listen(&fd, &d->address) != EBB_OK ||
         stream_open(d, fd) != EBB_OK)) {
        server_say(s, "%s: %s", d->name, ebb_error_message());
    }
}

void stream_close(struct stream *st, const char *why)
{
    struct door *d = st->door;
    struct ebb_server *s = d->server;
    char line[600];
    if (why) {
        server_say(s, "%s: a stream closed: %s", d->name, why);
        int n = snprintf(line, sizeof(line), "ebb: %s\n", why);
        if (is_socket(st) && n > 0) {
            (void)!send(st->fd, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
        }
    }
    unlink_stream(st);
    if (st->event) {
        event_free(st->event);
    }
    sender_count(s, &st->sender);
    sender_finish(&st->sender);
    close(st->fd);
    ebb_mem_free(st);
    streams_reopen(s);
    after_end(d);
}

static void hold(struct stream *st)
{
    st->is_held = true;
    st->door->server->held++;
    event_del(st->event);
}

/* Unpack what was read. False: it is held, or gone. */
static bool unpack(struct stream *st)
{
    struct ebb_server *s = st->door->server;
    ebb_status status = EBB_OK;
    do {
        size_t used;
        if (!ebb_ring_has_room(s->ring, BLOCK_EVENTS)) {
            hold(st);
            return false;
        }
        status =
            ebb_ingest_push(st->sender.ingest, st->bytes + st->at,
                            st->n - st->at, server_now_us(s), &s->block, &used);
        st->at += used;
        size_t got = s->block.n;
        sender_push(s, &st->sender, st->arrival_ns);
        sender_count(s, &st->sender);
        if (status == EBB_OK && got == 0 && st->at == st->n) {
            return true;
        }
    } while (status == EBB_OK);
    stream_close(st, ebb_error_message());
    return false;
}

/* The other side has ended: what is left. False: it is held, or gone. */
static bool unpack_end(struct stream *st)
{
    struct ebb_server *s = st->door->server;
    ebb_status status = EBB_OK;
    size_t got = 1;
    while (status == EBB_OK && got > 0) {
        if (!ebb_ring_has_room(s->ring, BLOCK_EVENTS)) {
            hold(st);
            return false;
        }
        status = ebb_ingest_end(st->sender.ingest, &s->block);
        got = s->block.n;
        sender_push(s, &st->sender, st->arrival_ns);
    }
    stream_close(st, status == EBB_OK ? NULL : ebb_error_message());
    return false;
}

/* Read once. False: nothing came, or it is held, or gone. */
static bool read_once(struct stream *st)
{
    struct ebb_server *s = st->door->server;
    ssize_t n = read(st->fd, st->bytes, READ_BYTES);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    st->arrival_ns = st->last_ns = s->last_bytes_ns = ebb_now_ns();
    st->at = 0;
    st->n = n > 0 ? (size_t)n : 0;
    st->total += st->n;
    st->has_sent = st->has_sent || n > 0;
    if (n <= 0) { /* one that broke off ends where it was */
        st->is_over = true;
        return unpack_end(st);
    }
    if (s->options.bytes > 0 && st->total > s->options.bytes) {
        stream_close(st, "it sent more bytes than a stream may");
        return false;
    }
    return unpack(st);
}

static void schedule(struct stream *st)
{
    struct timeval now = {0, 0};
    event_add(st->event, st->is_file ? &now : NULL);
}

static void on_readable(evutil_socket_t fd, short what, void *self)
{
    struct stream *st = self;
    bool is_pipe = !is_socket(st);
    (void)fd;
    (void)what;
    /* a pipe may block where it has given all: one read for each event */
    int rounds = is_pipe ? 1 : ROUNDS;
    bool good = true;
    bool is_file = st->is_file;
    while (rounds-- > 0 && good) {
        good = read_once(st);
    }
    if (is_file && good) {
        schedule(st);
    }
}

/* What is always ready, and cannot be waited for: files, /dev/null. */
static bool is_always_ready(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 &&
           (S_ISREG(info.st_mode) || (S_ISCHR(info.st_mode) && !isatty(fd)));
}

static ebb_status watch(struct stream *st)
{
    struct ebb_server *s = st->door->server;
    st->is_file = is_always_ready(st->fd);
    st->event =
        st->is_file
            ? event_new(s->base, -1, EV_TIMEOUT, on_readable, st)
            : event_new(s->base, st->fd, EV_READ | EV_PERSIST, on_readable, st);
    if (!st->event) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a stream");
    }
    schedule(st);
    return sender_init(s, &st->sender);
}

ebb_status stream_open(struct door *d, int fd)
{
    struct ebb_server *s = d->server;
    struct stream *st = ebb_mem_calloc(1, sizeof(*st));
    if (!st) {
        close(fd);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a stream");
    }
    st->door = d;
    st->fd = fd;
    st->last_ns = ebb_now_ns();
    ebb_status status = watch(st);
    if (status != EBB_OK) {
        if (st->event) {
            event_free(st->event);
        }
        close(fd);
        ebb_mem_free(st);
        return status;
    }
    st->next = s->streams;
    st->link = &s->streams;
    if (st->next) {
        st->next->link = &st->next;
    }
    s->streams = st;
    s->n_streams++;
    return EBB_OK;
}

void streams_resume(struct ebb_server *s)
{
    for (struct stream *st = s->streams, *next; st; st = next) {
        next = st->next;
        if (st->is_held) {
            st->is_held = false;
            if (st->is_over ? unpack_end(st) : unpack(st)) {
                schedule(st);
            }
        }
    }
}

bool streams_are_held(const struct ebb_server *s)
{
    bool held = false;
    for (const struct stream *st = s->streams; st; st = st->next) {
        held = held || st->is_held;
    }
    return held;
}

void streams_sweep(struct ebb_server *s)
{
    uint64_t now = ebb_now_ns();
    for (struct stream *st = s->streams, *next; st; st = next) {
        next = st->next;
        double silent_s = 1e-9 * (double)(now - st->last_ns);
        if (s->options.idle_s > 0 && is_socket(st) && !st->is_held &&
            silent_s > s->options.idle_s) {
            stream_close(st, "it was silent for too long");
        }
    }
    streams_reopen(s);
}

/* Has it sent anything, read or not? */
static bool has_word(const struct stream *st)
{
    char byte;
    return st->has_sent || recv(st->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* At the limit the one goes that has been there longest without a word, and
 * long enough to have said one. */
static bool make_room(struct ebb_server *s)
{
    struct stream *oldest = NULL;
    uint64_t now = ebb_now_ns();
    for (struct stream *st = s->streams; st; st = st->next) {
        if (is_socket(st) && now - st->last_ns > silent_ns &&
            (!oldest || st->last_ns < oldest->last_ns) && !has_word(st)) {
            oldest = st;
        }
    }
    if (oldest) {
        s->refused++;
        stream_close(oldest, "others wait, and it has not sent anything");
    }
    return oldest != NULL;
}

void door_wait(struct door *d)
{
    if (d->event && !d->is_waiting) {
        event_del(d->event);
        d->is_waiting = true;
    }
}

/* Who comes at the limit waits in the kernel's queue until a place is free. */
static bool has_room(struct door *d)
{
    struct ebb_server *s = d->server;
    bool free = s->n_streams < s->options.connections || s->is_stopping;
    if (free || make_room(s)) {
        return true;
    }
    door_wait(d);
    return false;
}

void streams_reopen(struct ebb_server *s)
{
    for (size_t k = 0; k < s->n_doors; k++) {
        struct door *d = &s->doors[k];
        if (d->is_waiting && d->event) {
            d->is_waiting = false;
            event_add(d->event, NULL);
        }
    }
}

/* The system has no descriptor or memory left: whoever waits stays readable,
 * so the door waits as well. */
void door_failed(struct door *d)
{
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
        errno == ENOMEM) {
        door_wait(d);
    }
}

static void take(struct door *d, int fd)
{
    struct ebb_server *s = d->server;
    s->connections++;
    if (stream_open(d, fd) != EBB_OK) {
        server_say(s, "%s: %s", d->name, ebb_error_message());
    }
}

void streams_accept(struct door *d)
{
    for (int round = 0; round < ROUNDS && has_room(d); round++) {
        int fd = accept4(d->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            door_failed(d);
            return;
        }
        take(d, fd);
    }
}
