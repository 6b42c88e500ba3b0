/* io/serve/http_connections.c - how many, and for how long.
 *
 * libevent's HTTP server has no limit of connections, and its timeout begins
 * again at each byte; both are kept here. */
#include "io/serve/http_parts.h"

#include "core/memory.h"

#include <time.h>

/* What one connection may send ahead. Above the limits of a request, so that
 * libevent sees those first. */
enum { AHEAD_BYTES = 65536 };

double http_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* bufferevent_free() takes the callbacks away. */
static bool is_gone(const struct http_connection *c)
{
    void *owner;
    bufferevent_getcb(c->bev, NULL, NULL, NULL, &owner);
    return owner == NULL;
}

/* Forget connections that are gone. */
static void reap(struct ebb_http *http)
{
    for (size_t k = http->n_connections; k-- > 0;) {
        if (is_gone(&http->connections[k])) {
            bufferevent_decref(http->connections[k].bev);
            http->connections[k] = http->connections[--http->n_connections];
        }
    }
}

struct bufferevent *http_connection_open(struct event_base *base, void *arg)
{
    struct ebb_http *http = arg;
    if (http->n_connections + 1 >= http->options.connections) {
        reap(http); /* short ones may be many within a sweep */
    }
    struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
    if (!bev || http->n_connections == http->options.connections) {
        return bev;
    }
    size_t ahead = AHEAD_BYTES;
    ahead += http->options.header_bytes + http->options.body_bytes;
    bufferevent_setwatermark(bev, EV_READ, 0, ahead);
    bufferevent_incref(bev);
    http->connections[http->n_connections++] =
        (struct http_connection){.bev = bev, .since = http_clock()};
    if (http->n_connections == http->options.connections) {
        evconnlistener_disable(http->door);
    }
    return bev;
}

void http_connection_served(struct ebb_http *http, struct evhttp_request *r,
                            bool is_live)
{
    struct bufferevent *bev =
        evhttp_connection_get_bufferevent(evhttp_request_get_connection(r));
    for (size_t k = 0; k < http->n_connections; k++) {
        if (http->connections[k].bev == bev) {
            http->connections[k].since = http_clock();
            http->connections[k].is_live = is_live;
        }
    }
}

/* As if libevent's own clock had run out, so that it frees the connection, even
 * one that it does not read from now; later, not while others are looked at. */
void http_hang_up(struct bufferevent *bev)
{
    bufferevent_trigger_event(bev, BEV_EVENT_READING | BEV_EVENT_TIMEOUT,
                              BEV_OPT_DEFER_CALLBACKS);
}

void http_connections_sweep(struct ebb_http *http, double now)
{
    reap(http);
    for (size_t k = 0; k < http->n_connections; k++) {
        struct http_connection *c = &http->connections[k];
        if (!c->is_live && now - c->since > http->options.request_s) {
            http_hang_up(c->bev);
            c->since = now;
            http->counts.closed_late++;
        }
    }
    if (http->n_connections < http->options.connections) {
        evconnlistener_enable(http->door);
    }
}

void http_connections_finish(struct ebb_http *http)
{
    for (size_t k = 0; k < http->n_connections; k++) {
        bufferevent_decref(http->connections[k].bev);
    }
    ebb_mem_free(http->connections);
}
