/* io/serve/outlets.c - results to whoever reads them: who reads too slowly
 * loses some. */
#include "io/serve/server_parts.h"

#include "core/memory.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OUTLETS = 64,
    WAITING_MAX = 4 << 20, /* bytes for one reader */
    LINES_MAX = 1 << 20,
    PIECE = 4096, /* a pipe that can be written to takes so much */
    SPIKE_BYTES = 12,
    RETRY_US = 10000
};

void outlet_close(struct outlet *o)
{
    *o->link = o->next;
    if (o->next) {
        o->next->link = o->link;
    }
    o->server->n_outlets--;
    o->server->outbox.wants_spikes = o->server->n_outlets > 0;
    if (o->event) {
        event_free(o->event);
    }
    if (o->waiting) {
        evbuffer_free(o->waiting);
    }
    close(o->fd);
    ebb_mem_free(o);
}

/* Returns false where the reader has left. */
static bool write_out(struct outlet *o)
{
    while (evbuffer_get_length(o->waiting) > 0) {
        int n = evbuffer_write(o->waiting, o->fd);
        if (n < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
    }
    return true;
}

/* Readers have nothing to say; when they do, or leave, it is read away. */
static bool read_away(struct outlet *o)
{
    char bytes[512];
    ssize_t n = read(o->fd, bytes, sizeof(bytes));
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void watch(struct outlet *o)
{
    short what = EV_READ;
    if (evbuffer_get_length(o->waiting) > 0) {
        what |= EV_WRITE;
    }
    event_del(o->event);
    event_assign(o->event, o->server->base, o->fd, what | EV_PERSIST,
                 event_get_callback(o->event), o);
    event_add(o->event, NULL);
}

static void on_event(evutil_socket_t fd, short what, void *self)
{
    struct outlet *o = self;
    (void)fd;
    bool good = !(what & EV_READ) || read_away(o);
    if (!good || !write_out(o)) {
        outlet_close(o);
        return;
    }
    watch(o);
}

static void take(struct door *d, int fd)
{
    struct ebb_server *s = d->server;
    struct outlet *o = ebb_mem_calloc(1, sizeof(*o));
    if (!o || s->n_outlets >= OUTLETS) {
        s->refused++;
        ebb_mem_free(o);
        close(fd);
        return;
    }
    o->server = s;
    o->fd = fd;
    o->next = s->outlets;
    o->link = &s->outlets;
    if (o->next) {
        o->next->link = &o->next;
    }
    s->outlets = o;
    s->n_outlets++;
    s->outbox.wants_spikes = true;
    o->waiting = evbuffer_new();
    o->event = event_new(s->base, fd, EV_READ | EV_PERSIST, on_event, o);
    if (!o->waiting || !o->event || event_add(o->event, NULL) != 0) {
        outlet_close(o);
        return;
    }
    server_say(s, "%s: a reader has come", d->name);
}

void outlets_accept(struct door *d)
{
    int fd;
    while ((fd = accept4(d->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
           0) {
        take(d, fd);
    }
    door_failed(d);
}

static void share_spikes(struct ebb_server *s)
{
    size_t n = evbuffer_get_length(s->spikes);
    const unsigned char *bytes = n ? evbuffer_pullup(s->spikes, -1) : NULL;
    for (struct outlet *o = s->outlets, *next; bytes && o; o = next) {
        next = o->next;
        if (evbuffer_get_length(o->waiting) + n > WAITING_MAX) {
            s->spikes_lost += n / SPIKE_BYTES;
            continue;
        }
        evbuffer_add(o->waiting, bytes, n);
        if (write_out(o)) {
            watch(o);
        } else {
            outlet_close(o);
        }
    }
    evbuffer_drain(s->spikes, n);
}

static size_t count_lines(struct evbuffer *lines)
{
    size_t n = 0;
    char *line;
    while ((line = evbuffer_readln(lines, NULL, EVBUFFER_EOL_LF))) {
        n++;
        free(line);
    }
    return n;
}

/* Standard output may be anything: it is asked each time, and never waited
 * for. */
static void write_lines(struct ebb_server *s)
{
    struct timeval later = {0, RETRY_US};
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    while (evbuffer_get_length(s->lines) > 0 && poll(&out, 1, 0) > 0) {
        if (!(out.revents & POLLOUT) ||
            evbuffer_write_atmost(s->lines, STDOUT_FILENO, PIECE) < 0) {
            s->lines_lost += count_lines(s->lines); /* nobody reads any more */
            s->options.lines = false;
            s->outbox.wants_lines = false;
        }
    }
    if (evbuffer_get_length(s->lines) > 0) {
        event_add(s->retry_event, &later);
    }
}

void outlets_write(struct ebb_server *s)
{
    bool room = evbuffer_get_length(s->lines) < LINES_MAX;
    ebb_outbox_take(&s->outbox, room ? s->lines : NULL, s->spikes);
    share_spikes(s);
    write_lines(s);
}

bool outlets_wait(const struct ebb_server *s)
{
    bool waits = evbuffer_get_length(s->lines) > 0 ||
                 evbuffer_get_length(s->outbox.lines) > 0;
    for (const struct outlet *o = s->outlets; o; o = o->next) {
        waits = waits || evbuffer_get_length(o->waiting) > 0;
    }
    return waits;
}
