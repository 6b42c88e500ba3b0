/* io/serve/reorder.h - events in order of time: held for a while where that is
 * wanted, the time of those that come later still is raised. */
#ifndef EBB_IO_SERVE_REORDER_H
#define EBB_IO_SERVE_REORDER_H

#include "io/serve/ring.h"

/** An event that waits. */
struct ebb_held {
    struct ebb_live_event event;
    uint64_t number; /* those of one time leave as they came */
};

/** The heap. */
struct ebb_reorder {
    int64_t window_us;     /* how long an event may be held; 0: not at all */
    struct ebb_held *heap; /* [capacity] */
    size_t n, capacity;
    uint64_t pushed;
    int64_t newest; /* time of the latest event that came */
    int64_t last;   /* and of the latest that left */
    uint64_t late;  /* events whose time was raised */
    bool begun;
};

/** Room for `capacity` events; where more come within the window, the first
 *  leaves early. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_reorder_init(struct ebb_reorder *r,
                                          int64_t window_us, size_t capacity);

/** Free what it holds. A zeroed one is allowed. */
void ebb_reorder_finish(struct ebb_reorder *r);

/** Take an event. ebb_reorder_pop() must be called until it has none. */
void ebb_reorder_push(struct ebb_reorder *r, const struct ebb_live_event *e);

/** The next event that has been held long enough, or, with `all`, that there
 *  is. False: none. */
bool ebb_reorder_pop(struct ebb_reorder *r, struct ebb_live_event *out,
                     bool all);

#endif
