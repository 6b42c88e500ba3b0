/* io/serve/ring.h - events between the thread of the sockets and the one that
 * simulates: a queue that never grows. */
#ifndef EBB_IO_SERVE_RING_H
#define EBB_IO_SERVE_RING_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** An event on its way in. Plain data. */
struct ebb_live_event {
    int64_t t_us;        /* time of the server */
    uint64_t arrival_ns; /* of its packet, monotonic clock */
    uint16_t x, y;
    uint8_t p;
};

/** One thread pushes, one pops. */
struct ebb_ring;

/** A queue of `capacity` events. `drained` is called by the thread that pops,
 *  once half of it is free after a push had asked for room in vain. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_ring_create(struct ebb_ring **out, size_t capacity,
                                         void (*drained)(void *self),
                                         void *self);

/** Free it. NULL is allowed. */
void ebb_ring_destroy(struct ebb_ring *ring);

/** Is there room for `n`? If not, `drained` will tell. */
bool ebb_ring_has_room(struct ebb_ring *ring, size_t n);

/** Push events; false, and none of them is in, where there is no room. */
bool ebb_ring_push(struct ebb_ring *ring, const struct ebb_live_event *events,
                   size_t n);

/** No more will be pushed. */
void ebb_ring_close(struct ebb_ring *ring);

/** Up to `most` events; waits until there are some, the ring is closed, or the
 *  monotonic clock is at `until_ns`. Returns how many. */
size_t ebb_ring_pop(struct ebb_ring *ring, struct ebb_live_event *out,
                    size_t most, uint64_t until_ns);

/** Closed and empty? */
bool ebb_ring_is_over(struct ebb_ring *ring);

/** Events in it. */
size_t ebb_ring_depth(struct ebb_ring *ring);

/** ns of the monotonic clock. */
uint64_t ebb_now_ns(void);

#endif
