/* io/serve/server_parts.h - inside of the server: the thread of the sockets. */
#ifndef EBB_IO_SERVE_SERVER_PARTS_H
#define EBB_IO_SERVE_SERVER_PARTS_H

#include "io/serve/address.h"
#include "io/serve/origin.h"
#include "io/serve/outbox.h"
#include "io/serve/http.h"
#include "io/serve/server.h"
#include "io/serve/snapshot.h"

#include <event2/event.h>
#include <pthread.h>

enum {
    READ_BYTES = 1 << 14,  /* of a stream at once */
    BLOCK_EVENTS = 1 << 12 /* handed over at once */
};

/** Events of one sender. */
struct sender {
    struct ebb_ingest *ingest;
    struct ebb_ingest_counts seen; /* counted in the totals already */
    struct ebb_origin origin;
    uint64_t jumps_seen;
};

/** An address that is listened to. */
struct door {
    struct ebb_server *server;
    struct ebb_address address;
    char name[EBB_ADDRESS_TEXT];
    int fd; /* -1: closed */
    struct event *event;
    bool is_waiting; /* for a place: nobody is let in */
    bool for_spikes;
    struct peers *peers; /* of UDP */
};

/** A connection, or standard input, or a FIFO. */
struct stream {
    struct door *door;
    struct stream *next, **link;
    int fd;
    struct event *event;
    struct sender sender;
    uint8_t bytes[READ_BYTES]; /* at..n are still to be unpacked */
    size_t at, n;
    uint64_t total; /* bytes */
    uint64_t last_ns, arrival_ns;
    bool is_held;  /* until the network has caught up */
    bool is_file;  /* always ready, cannot be waited for */
    bool is_over;  /* the other side has ended */
    bool has_sent; /* at least a byte */
};

/** Somebody who reads spikes. */
struct outlet {
    struct outlet *next, **link;
    struct ebb_server *server;
    int fd;
    struct event *event; /* it can be written to, or has left */
    struct evbuffer *waiting;
};

struct ebb_server {
    struct ebb_serve_options options;
    struct event_base *base;
    struct door *doors; /* [n_doors] */
    size_t n_doors;
    struct stream *streams;
    size_t n_streams;
    struct outlet *outlets;
    size_t n_outlets;
    struct ebb_dvs_block block;
    struct ebb_live_event *batch; /* [BLOCK_EVENTS] */
    struct ebb_ring *ring;
    struct ebb_pump *pump;
    struct ebb_outbox outbox;
    struct ebb_live_totals totals;
    struct ebb_ingest_options ingest;
    struct evbuffer *lines, *spikes; /* taken from the outbox */
    int wake_fd;                     /* written to by the other thread */
    atomic_bool is_drained, is_done;
    struct event *wake_event, *sweep_event, *retry_event;
    struct event *signal_event[2];
    const struct ebb_live_network *network;
    pthread_t thread;
    ebb_status pump_status;
    char pump_message[512];
    uint64_t start_ns, last_bytes_ns, stop_ns;
    struct ebb_http *http; /* NULL: no page */
    struct ebb_snapshot snapshot;
    atomic_bool has_frame; /* that was not published yet */
    bool is_running;
    bool is_stopping, is_closed; /* the ring, by this thread */
    uint64_t connections, refused, held, lines_lost, spikes_lost;
    int64_t pushed_us; /* time of the latest event that was handed over */
};

void server_say(struct ebb_server *s, const char *format, ...) EBB_PRINTF(2, 3);

/** us since the server began. */
int64_t server_now_us(const struct ebb_server *s);

/** No more is to come but what is on its way. */
void server_stop(struct ebb_server *s, const char *why);

EBB_NODISCARD ebb_status sender_init(struct ebb_server *s, struct sender *out);
void sender_finish(struct sender *sender);

/** Count what has changed. */
void sender_count(struct ebb_server *s, struct sender *sender);

/** Hand the block over; false, and it is lost, where there is no room. */
bool sender_push(struct ebb_server *s, struct sender *sender,
                 uint64_t arrival_ns);

EBB_NODISCARD ebb_status datagrams_open(struct door *door);
void datagrams_close(struct door *door);
/** Read what there is. */
void datagrams_read(struct door *door);

/** A stream at `fd`, which is taken. */
EBB_NODISCARD ebb_status stream_open(struct door *door, int fd);
/** `why`: NULL where all is well. */
void stream_close(struct stream *stream, const char *why);
/** Go on with those that were held. */
void streams_resume(struct ebb_server *s);
/** Close those that have been silent for too long. */
void streams_sweep(struct ebb_server *s);
/** Is one being held? */
bool streams_are_held(const struct ebb_server *s);
/** Take what is waiting at a door, as long as there are places. */
void streams_accept(struct door *door);
/** Let nobody in for a while; streams_reopen() ends it. */
void door_wait(struct door *door);
/** The same where accept() failed for want of something. */
void door_failed(struct door *door);
/** A place may be free. */
void streams_reopen(struct ebb_server *s);

void outlets_accept(struct door *door);
void outlet_close(struct outlet *outlet);
/** The live page, where it is wanted. Errors: those of ebb_http_create(). */
EBB_NODISCARD ebb_status server_http_open(struct ebb_server *s);
void server_http_close(struct ebb_server *s);
/** Let frames go to it. */
void server_http_frames(struct ebb_server *s, struct ebb_pump_out *out);
/** Hand the last frame on, if there is one. */
void server_http_publish(struct ebb_server *s);

/** Hand on what the network's thread has left. */
void outlets_write(struct ebb_server *s);
/** Is something still to be written? */
bool outlets_wait(const struct ebb_server *s);

#endif
