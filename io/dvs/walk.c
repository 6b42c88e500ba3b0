/* io/dvs/walk.c - to the middle of a recording, by its clock alone. */
#include "io/dvs/walk.h"

enum { LOOK_BYTES = 1 << 14, JITTER_US = 1000000 };

/* A place of the file, and the clock there. */
struct place {
    uint64_t at;
    struct ebb_dvs_clock clock;
    int64_t t; /* us, turns included */
};

struct walker {
    struct ebb_dvs_reader *r;
    const struct ebb_dvs_walk *how;
    int64_t before;
    struct place here; /* the latest word of the clock */
    struct place best; /* the latest one before `before` */
    bool any, found, done;
};

/* Take the word of the clock at `at`. */
static void take(struct walker *w, uint64_t at, int64_t t)
{
    struct place next = w->here;
    next.at = at;
    next.t =
        ebb_dvs_unwrap(&next.clock.turn, &next.clock.last, t, w->how->range);
    w->here = next;
    w->any = true;
    w->done = next.t >= w->before;
    if (!w->done) {
        w->best = next;
        w->found = true;
    }
}

/* Every word of the clock from `from` to `to`, or to the first that is late. */
static void take_all(struct walker *w, uint64_t from, uint64_t to)
{
    struct ebb_dvs_bytes *in = &w->r->in;
    size_t word = w->how->word;
    uint64_t at = from;
    ebb_dvs_bytes_goto(in, from);
    while (at < to && !w->done) {
        size_t have;
        const uint8_t *b = ebb_dvs_bytes_peek(in, word, &have);
        have = to - at < have ? (size_t)(to - at) : have;
        have -= have % word;
        if (have == 0) {
            return;
        }
        for (size_t k = 0; k < have && !w->done; k += word) {
            int64_t t = 0;
            k += w->how->find(w->r, b + k, have - k, &t);
            if (k < have) {
                take(w, at + k, t);
            }
        }
        ebb_dvs_bytes_skip(in, have);
        at += have;
    }
}

/* The first word of the clock at `at` or soon after; false: none. */
static bool look(struct walker *w, uint64_t *at, int64_t *t)
{
    size_t have;
    ebb_dvs_bytes_goto(&w->r->in, *at);
    const uint8_t *b = ebb_dvs_bytes_peek(&w->r->in, LOOK_BYTES, &have);
    have = have < LOOK_BYTES ? have : LOOK_BYTES;
    have -= have % w->how->word;
    size_t k = w->how->find(w->r, b, have, t);
    *at += k;
    return k < have;
}

/* Can the clock be `t` next, without a turn that nobody saw? */
static bool is_near(const struct walker *w, int64_t t)
{
    int64_t on = t - w->here.clock.last;
    on += on < -w->how->range / 2 ? w->how->range : 0;
    return on > -JITTER_US && on < w->how->range / 2;
}

static void take_strides(struct walker *w, uint64_t start, uint64_t end)
{
    for (uint64_t at = start; at < end && !w->done; at += EBB_DVS_STRIDE) {
        uint64_t found = at;
        int64_t t = 0;
        if (!look(w, &found, &t)) {
            continue;
        }
        bool sure = w->any ? is_near(w, t) : at == start;
        if (!sure) {
            take_all(w, w->any ? w->here.at : start, found);
        }
        if (!w->done) {
            take(w, found, t);
        }
    }
}

void ebb_dvs_walk(struct ebb_dvs_reader *r, const struct ebb_dvs_walk *walk,
                  int64_t before, struct ebb_dvs_clock *clock, bool *found)
{
    struct walker w = {.r = r, .how = walk, .before = before};
    uint64_t start = r->in.passed, end = ebb_dvs_bytes_length(&r->in);
    if (walk->strides) {
        take_strides(&w, start, end);
    } else {
        take_all(&w, start, end);
    }
    *found = w.found;
    if (w.found) {
        *clock = w.best.clock;
    }
    ebb_dvs_bytes_goto(&r->in, w.found ? w.best.at : start);
}
