/* io/serve/http.h - the live page, its stream, and figures for monitors. */
#ifndef EBB_IO_SERVE_HTTP_H
#define EBB_IO_SERVE_HTTP_H

#include "io/serve/live.h"
#include "io/serve/text.h"

#include <stdbool.h>

struct event_base;

/** Where to listen, and how much anyone may take. */
struct ebb_http_options {
    const char *address;   /* IPv4 or IPv6, in digits; copied */
    uint16_t port;         /* 0: any that is free */
    bool remote;           /* allow an address that others can reach */
    const char *version;   /* of the program; copied */
    size_t connections;    /* at once; more wait in the kernel's queue */
    size_t listeners;      /* of /live at once; more get 503 */
    size_t header_bytes;   /* request line and headers */
    size_t body_bytes;     /* of a request; nothing here reads one */
    double request_s;      /* to complete the next request in */
    double stall_s;        /* without reading, before a listener is let go */
    double heartbeat_s;    /* between comments to listeners */
    size_t listener_bytes; /* waiting for a listener; above, frames skip it */
};

/** 127.0.0.1, any port, 256 connections, 16 listeners, 16 KiB of headers,
 *  4 KiB of body, 10 s for a request, 30 s for a stalled listener, a comment
 *  each 15 s, 256 KiB waiting for a listener. */
struct ebb_http_options ebb_http_options_default(void);

/** What the server asks of the rest of the program, on the loop's thread; each
 *  may be NULL. Texts are appended to; a failure is answered with 500. */
struct ebb_http_source {
    void *self;
    ebb_status (*metrics)(void *self, struct ebb_text *out);
    bool (*ready)(void *self);
    ebb_status (*config)(void *self, struct ebb_text *out); /* JSON */
};

/**
 * A server of these paths, for GET alone:
 *
 *     /         the live page
 *     /live     server-sent events: `frame`, data as ebb_frame_json() writes it
 *     /metrics  Prometheus' text format: the source's, then ebb_http_* and
 *               ebb_build_info
 *     /healthz  200 while the loop turns
 *     /readyz   200 or 503, as the source says
 *     /version  JSON
 *     /config   JSON of the source
 *
 * All else is 404, other methods 405. On a loopback address the Host header has
 * to name this machine, so that no foreign page reaches the server through a
 * name of its own; pages of other sites may not open anything but `/`.
 *
 * Nothing here blocks, and memory is bounded: by the options for what comes in,
 * by `listener_bytes` and a frame for each listener, by a page for each other
 * connection. Runs on the thread of `base`.
 */
struct ebb_http;

/** Listen. `base` has to outlive the server. SIGPIPE is ignored from now on, if
 *  nobody handles it: a peer that leaves must not end the program.
 *  Errors: EBB_ERR_ARG (address, options), EBB_ERR_IO (cannot listen),
 *  EBB_ERR_NOMEM; *out is NULL then. */
EBB_NODISCARD ebb_status ebb_http_create(struct ebb_http **out,
                                         struct event_base *base,
                                         const struct ebb_http_options *options,
                                         const struct ebb_http_source *source);

/** Close all connections and free. NULL is allowed. */
void ebb_http_destroy(struct ebb_http *http);

/** The port it listens on. */
uint16_t ebb_http_port(const struct ebb_http *http);

/** Hand a frame to all listeners; one that has too much waiting skips it. Costs
 *  nothing without listeners, else one ebb_frame_json() and a copy for each. */
void ebb_http_publish(struct ebb_http *http,
                      const struct ebb_live_frame *frame);

/** Listeners of /live now. */
size_t ebb_http_listeners(const struct ebb_http *http);

/** What has happened so far. */
struct ebb_http_counts {
    uint64_t requests;       /* complete ones */
    uint64_t refused;        /* answered with 4xx or 503 */
    uint64_t closed_late;    /* closed for want of a request */
    uint64_t closed_stalled; /* listeners that did not read */
    uint64_t frames;         /* handed to listeners, one for each */
    uint64_t frames_skipped;
    size_t connections, listeners; /* now */
    size_t waiting_bytes;          /* for all listeners, now */
};

struct ebb_http_counts ebb_http_counts(const struct ebb_http *http);

#endif
