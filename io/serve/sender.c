/* io/serve/sender.c - events of one sender on their way to the network. */
#include "io/serve/server_parts.h"

#include <string.h>

ebb_status sender_init(struct ebb_server *s, struct sender *out)
{
    *out = (struct sender){.origin = {.absolute = s->options.absolute}};
    return ebb_ingest_create(&out->ingest, &s->ingest);
}

void sender_finish(struct sender *sender)
{
    ebb_ingest_destroy(sender->ingest);
    sender->ingest = NULL;
}

void sender_count(struct ebb_server *s, struct sender *sender)
{
    struct ebb_ingest_counts now = *ebb_ingest_counts(sender->ingest);
    struct ebb_ingest_counts *seen = &sender->seen;
    struct ebb_live_totals *t = &s->totals;
    atomic_fetch_add(&t->events, now.events - seen->events);
    atomic_fetch_add(&t->outside, now.outside - seen->outside);
    atomic_fetch_add(&t->malformed, now.malformed - seen->malformed);
    atomic_fetch_add(&t->lost_frames, now.lost - seen->lost);
    atomic_fetch_add(&t->stale, now.stale - seen->stale);
    atomic_fetch_add(&t->jumps, sender->origin.jumps - sender->jumps_seen);
    *seen = now;
    sender->jumps_seen = sender->origin.jumps;
}

/* Time of the stream, as far as this thread knows. */
static int64_t stream_now(const struct ebb_server *s)
{
    int64_t now = atomic_load(&s->totals.now_us);
    return now > s->pushed_us ? now : s->pushed_us;
}

bool sender_push(struct ebb_server *s, struct sender *sender,
                 uint64_t arrival_ns)
{
    struct ebb_dvs_block *b = &s->block;
    ebb_origin_apply(&sender->origin, b, stream_now(s));
    for (size_t k = 0; k < b->n; k++) {
        s->batch[k] = (struct ebb_live_event){.t_us = b->t[k],
                                              .arrival_ns = arrival_ns,
                                              .x = b->x[k],
                                              .y = b->y[k],
                                              .p = b->p[k]};
    }
    if (b->n == 0) {
        return true;
    }
    if (!ebb_ring_push(s->ring, s->batch, b->n)) {
        sender->seen.events += b->n; /* they do not count as taken in */
        return false;
    }
    int64_t last = sender->origin.last;
    s->pushed_us = last > s->pushed_us ? last : s->pushed_us;
    return true;
}
