/* io/serve/http_parts.h - the server's own rooms: connections, listeners. */
#ifndef EBB_IO_SERVE_HTTP_PARTS_H
#define EBB_IO_SERVE_HTTP_PARTS_H

#include "io/serve/http.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

/* A connection from its first byte on. The bufferevent is libevent's and ours:
 * libevent frees it without a word when there was no request, and our reference
 * keeps it readable until sweep() has seen that. */
struct http_connection {
    struct bufferevent *bev;
    double since; /* opened, or its last request was complete */
    bool is_live;
};

/* A browser that listens to /live. */
struct http_listener {
    struct ebb_http *http;
    struct evhttp_request *request;
    double read_s; /* when there was room for a frame last */
};

struct ebb_http {
    struct ebb_http_options options;
    struct ebb_http_source source;
    char *address, *version;
    uint16_t port;
    bool is_loopback;
    struct event_base *base;
    struct evhttp *server;
    struct evconnlistener *door;
    struct event *sweep;
    struct http_connection *connections; /* [options.connections] */
    size_t n_connections;
    struct http_listener **listeners; /* [options.listeners] */
    size_t n_listeners;
    double heartbeat_s;
    struct ebb_text text;
    struct evbuffer *scratch;
    struct ebb_http_counts counts;
};

/* Seconds of a clock that only goes on. */
double http_clock(void);

/* http_connections.c: a bufferevent for a new connection; NULL: no memory. */
struct bufferevent *http_connection_open(struct event_base *base, void *http);

/* Note that a request is complete. */
void http_connection_served(struct ebb_http *http, struct evhttp_request *r,
                            bool is_live);

/* Forget connections that are gone, close those that are late, open or close
 * the door. */
void http_connections_sweep(struct ebb_http *http, double now);

/* Close a connection, soon. */
void http_hang_up(struct bufferevent *bev);

/* Give back all that is left, after the server is freed. */
void http_connections_finish(struct ebb_http *http);

/* http_live.c: answer a request for /live and keep it. */
void http_live_begin(struct ebb_http *http, struct evhttp_request *request);

/* Comments to listeners when it is time. */
void http_live_heartbeat(struct ebb_http *http, double now);

/* Bytes that wait for all listeners. */
size_t http_live_waiting(const struct ebb_http *http);

/* Forget all listeners, before the server is freed. */
void http_live_finish(struct ebb_http *http);

/* http_reply.c: answer and be done. */
void http_reply(struct ebb_http *http, struct evhttp_request *request, int code,
                const char *type, const void *bytes, size_t n);

/* The same for a line of text, with an LF added. */
void http_reply_line(struct ebb_http *http, struct evhttp_request *request,
                     int code, const char *line);

/* Add a header to the answer. */
void http_header(struct evhttp_request *request, const char *name,
                 const char *value);

/* http_guard.c: a loopback address, in digits? */
bool http_address_is_loopback(const char *address);

/* Why a request is not answered, as a code and a line; 0: it is. */
int http_refusal(const struct ebb_http *http, struct evhttp_request *request,
                 const char *path, const char **line);

#endif
