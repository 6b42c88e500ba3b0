/* io/serve/outbox.h - results on their way to the thread of the sockets. */
#ifndef EBB_IO_SERVE_OUTBOX_H
#define EBB_IO_SERVE_OUTBOX_H

#include "io/serve/pump.h"

#include <event2/buffer.h>
#include <pthread.h>
#include <stdatomic.h>

/** Two bounded queues of bytes. */
struct ebb_outbox {
    pthread_mutex_t lock;
    struct evbuffer *lines, *spikes;
    uint64_t lines_lost, spikes_lost;      /* lines, spikes */
    atomic_bool wants_lines, wants_spikes; /* else they are left out */
    void (*wake)(void *self);
    void *self;
};

/** Begin; `wake` tells that an empty queue got something. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_outbox_init(struct ebb_outbox *box,
                                         void (*wake)(void *self), void *self);
void ebb_outbox_finish(struct ebb_outbox *box);

/** What a pump tells its results to. */
struct ebb_pump_out ebb_outbox_pump(struct ebb_outbox *box);

/** Add all that there is to buffers of the caller; `lines` may be NULL: they
 *  stay. */
void ebb_outbox_take(struct ebb_outbox *box, struct evbuffer *lines,
                     struct evbuffer *spikes);

/** A result as a line of JSON. */
void ebb_result_print(struct evbuffer *out, const struct ebb_live_result *r);

#endif
