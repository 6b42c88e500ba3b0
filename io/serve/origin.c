/* io/serve/origin.c - the clock of a sender, in the time of the server. */
#include "io/serve/origin.h"

static bool is_near(const struct ebb_origin *o, int64_t t)
{
    return t - o->last <= EBB_ORIGIN_AHEAD_US &&
           o->last - t <= EBB_ORIGIN_BACK_US;
}

/* Time of one event; false: it is left out. */
static bool place(struct ebb_origin *o, int64_t *t, int64_t now_us)
{
    if (o->absolute) {
        /* a sender that comes later is held to the time of the stream */
        int64_t from = o->begun ? o->last : now_us > 0 ? now_us : *t;
        bool good = *t >= 0 && *t - from <= EBB_ORIGIN_AHEAD_US;
        o->jumps += !good;
        o->begun = o->begun || good;
        o->last = good && *t > o->last ? *t : o->last;
        return good;
    }
    if (!o->begun || !is_near(o, *t + o->offset)) {
        o->jumps += o->begun;
        o->offset = now_us - *t;
        o->last = now_us;
        o->begun = true;
    }
    *t += o->offset;
    o->last = *t > o->last ? *t : o->last;
    return *t >= 0;
}

void ebb_origin_apply(struct ebb_origin *o, struct ebb_dvs_block *b,
                      int64_t now_us)
{
    size_t kept = 0;
    for (size_t k = 0; k < b->n; k++) {
        int64_t t = b->t[k];
        bool good = place(o, &t, now_us);
        b->t[kept] = t;
        b->x[kept] = b->x[k];
        b->y[kept] = b->y[k];
        b->p[kept] = b->p[k];
        kept += good;
    }
    b->n = kept;
}
