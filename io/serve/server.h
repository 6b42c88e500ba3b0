/* io/serve/server.h - live events in, results out, while a network runs.
 *
 * Two threads: the caller's, with the sockets, and one that simulates. A slow
 * simulation holds streams up and loses datagrams, which are counted; a slow
 * reader of results loses some, counted, and holds nobody up. */
#ifndef EBB_IO_SERVE_SERVER_H
#define EBB_IO_SERVE_SERVER_H

#include "io/serve/ingest.h"
#include "io/serve/pump.h"

/** What to serve. Start from ebb_serve_options_default(). Borrowed. */
struct ebb_serve_options {
    const char *const *listen; /* [n_listen] addresses for events */
    size_t n_listen;
    const char *const *spikes; /* [n_spikes] addresses (tcp, unix) that tell
                                  spikes to whoever connects */
    size_t n_spikes;
    bool lines; /* results as JSON lines on standard output */
    enum ebb_wire wire;
    bool big_endian, host_time;
    bool absolute;      /* times of all senders are of one clock, from 0 */
    bool open_to_all;   /* addresses that others can reach are allowed */
    bool once;          /* stop when the first stream has ended */
    size_t connections; /* of streams, at once */
    double idle_s;      /* > 0: a silent stream is closed */
    uint64_t bytes;     /* > 0: of a stream, then it is closed */
    double grace_s;     /* to read what is on its way when it is to stop */
    size_t ring;        /* events on their way to the network */
    struct ebb_pump_options pump;
    /** One line of what happens; on the caller's thread. NULL: nobody asks. */
    void (*say)(void *self, const char *line);
    void *self;
};

/** 64 connections, 5 s of grace, 2^18 events on their way. */
struct ebb_serve_options ebb_serve_options_default(void);

/** How it went. */
struct ebb_serve_summary {
    uint64_t events, spikes, ticks, frames, gestures;
    uint64_t connections, refused, held; /* streams; times one had to wait */
    uint64_t datagrams;
    uint64_t dropped_udp, lost_frames, malformed, outside, stale, late, jumps;
    uint64_t lines_lost, spikes_lost; /* of slow readers */
    double latency_p50_s, latency_p99_s, latency_max_s;
    double stream_s; /* time of the stream */
};

struct ebb_server;

/** Was the program built with what this needs (libevent)? */
bool ebb_server_is_built(void);

/** Open all addresses. Errors: EBB_ERR_ARG, EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_server_create(
    struct ebb_server **out, const struct ebb_serve_options *options);

/** Close and free. NULL is allowed. */
void ebb_server_destroy(struct ebb_server *server);

/** What the network tells its spikes to. */
struct ebb_run_sink ebb_server_sink(struct ebb_server *server);

/**
 * Serve until SIGINT or SIGTERM, or the end of standard input where that is all
 * there is to listen to: then read what is on its way and finish. A second
 * signal has its usual effect. Errors: those of the network, EBB_ERR_NOMEM;
 * *summary is filled in any case.
 */
EBB_NODISCARD ebb_status ebb_server_run(struct ebb_server *server,
                                        const struct ebb_live_network *network,
                                        struct ebb_serve_summary *summary);

#endif
