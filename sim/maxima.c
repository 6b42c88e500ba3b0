/* sim/maxima.c - max pooling at work: what its windows bring to the targets.
 *
 * With a shared kernel that remembers (sim/winners.h) a window tells changes of
 * a state. Targets get them through parts of the projection, one for each
 * number of the state: a part is a projection of its own whose additions reach
 * that number alone, but V as well, for which the last part makes up.
 *
 * Other kernels are computed axon by axon while these are active; a window is
 * the largest of its PSPs at each tick, 0 for axons at rest. */
#include "sim/maxima.h"

#include "sim/winners.h"

#include <math.h>
#include <string.h>

struct maxima {
    /* Shared kernels of order 1 and more. */
    struct winners *winners;
    struct drive *part; /* [n_parts] one a number of the state, one for V */
    unsigned n_parts;
    /* Others. */
    double *f;        /* [axons] of this tick */
    bool *is_marked;  /* [windows] has an active axon */
    uint32_t *marked; /* [windows] */
    size_t n_marked;
};

bool maxima_by_winners(const struct drive *d)
{
    return d->order > 0 && d->p->kernel.n == 1;
}

/* The most that one PSP adds to a target, through all its windows. */
static double largest(const struct drive *d)
{
    const struct ebb_projection *p = d->p;
    double most = 0, windows = 1;
    for (size_t s = 0; s < p->synapses; s++) {
        most = fmax(most, fabs(ebb_projection_weight(p, s)));
    }
    for (size_t k = 0; k < 2; k++) {
        windows *= (double)((p->pool.size[k] - 1) / p->pool.stride[k] + 1);
    }
    return most * windows;
}

void maxima_largest(const struct drive *d, double *out)
{
    double most = largest(d);
    for (size_t j = 0; j < d->axons; j++) {
        out[j] = most;
    }
}

static ebb_status build_part(struct ebb_engine *e, const struct drive *d,
                             unsigned k)
{
    struct drive *part = &d->maxima->part[k];
    size_t lanes = engine_lanes(d->targets);
    *part = *d;
    part->whole = d;
    part->maxima = NULL;
    part->watched = false;
    part->n_taps = 0;
    part->way = k < d->order ? WAY_SECTION : WAY_DIRECT;
    part->section = k < d->order ? d->section : -1;
    part->sum64 = NULL;
    part->sum32 = NULL;
    memset(part->gain, 0, sizeof(part->gain));
    part->gain[k < d->order ? k : 0] = 1;
    if (e->options.single) {
        part->sum32 = ebb_arena_calloc(e->arena, lanes, sizeof(float));
    } else {
        part->sum64 = ebb_arena_calloc(e->arena, lanes, sizeof(double));
    }
    return part->sum32 || part->sum64 ? EBB_OK : engine_no_memory();
}

ebb_status maxima_create(struct ebb_engine *e, struct drive *d)
{
    struct ebb_arena *a = e->arena;
    size_t windows = ebb_grid_size(d->p->inputs);
    struct maxima *m = ebb_arena_calloc(a, 1, sizeof(*m));
    d->maxima = m;
    if (!m) {
        return engine_no_memory();
    }
    if (maxima_by_winners(d)) {
        m->part = ebb_arena_calloc(a, d->order + 1, sizeof(*m->part));
        m->n_parts = m->part ? d->order + 1 : 0;
        return m->part ? EBB_OK : engine_no_memory();
    }
    m->f = ebb_arena_calloc(a, d->axons, sizeof(*m->f));
    m->is_marked = ebb_arena_calloc(a, windows, sizeof(*m->is_marked));
    m->marked = ebb_arena_calloc(a, windows, sizeof(*m->marked));
    return m->f && m->is_marked && m->marked ? EBB_OK : engine_no_memory();
}

size_t maxima_parts(const struct drive *d, struct drive **part)
{
    *part = d->maxima->part;
    return d->maxima->n_parts;
}

struct winners *maxima_winners(const struct drive *d)
{
    return d->maxima->winners;
}

ebb_status maxima_build(struct ebb_engine *e, struct drive *d,
                        const struct ebb_section *section)
{
    double most = largest(d);
    double small = engine_share(e, d) / (most > 0 ? most : 1);
    for (unsigned k = 0; k < d->maxima->n_parts; k++) {
        EBB_TRY(build_part(e, d, k));
    }
    return winners_create(&d->maxima->winners, d->p, section,
                          small > 0 ? small : 1e-300);
}

void maxima_finish(struct drive *d)
{
    for (unsigned k = 0; k < d->maxima->n_parts; k++) {
        drive_finish(&d->maxima->part[k]);
    }
    winners_destroy(d->maxima->winners);
}

void maxima_reset(struct drive *d)
{
    for (unsigned k = 0; k < d->maxima->n_parts; k++) {
        drive_reset(&d->maxima->part[k]);
    }
    struct maxima *m = d->maxima;
    if (m->winners) {
        winners_reset(m->winners);
    }
    if (m->f) { /* a run may have failed in the middle of a tick */
        memset(m->f, 0, d->axons * sizeof(*m->f));
        memset(m->is_marked, 0, ebb_grid_size(d->p->inputs));
        m->n_marked = 0;
    }
}

void maxima_add(struct drive *d, size_t axon, double x)
{
    winners_add(d->maxima->winners, axon, x);
}

void maxima_wake(struct ebb_engine *e, struct drive *d, size_t window)
{
    if (winners_wake(d->maxima->winners, window, e->now)) {
        COUNT(e, wakeups_fired, 1);
    }
}

size_t maxima_stirred(const struct drive *d)
{
    return d->maxima->winners ? winners_stirred(d->maxima->winners) : 0;
}

static ebb_status want_change(struct drive *d,
                              const struct winners_change *change)
{
    double rest = change->delta[d->order];
    for (unsigned k = 0; k < d->order; k++) {
        rest -= change->delta[k];
        EBB_TRY(deliver_want(&d->maxima->part[k], change->window,
                             change->delta[k]));
    }
    return deliver_want(&d->maxima->part[d->order], change->window, rest);
}

/* Windows whose state changed, and when the next does by itself. */
static ebb_status settle(struct ebb_engine *e, struct drive *d)
{
    struct winners *w = d->maxima->winners;
    const struct winners_change *change;
    uint64_t before = winners_evaluations(w);
    uint32_t window;
    ebb_tick tick;
    size_t n;
    EBB_TRY(winners_settle(w, e->now, &change, &n));
    COUNT(e, crossing_evaluations, winners_evaluations(w) - before);
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(want_change(d, &change[k]));
    }
    for (size_t k = 0; winners_wanted(w, k, &window, &tick); k++) {
        EBB_TRY(ebb_calendar_push(e->calendar, tick,
                                  entry_window(d->index, window)));
        COUNT(e, wakeups_predicted, 1);
        COUNT(e, queue_operations, 1);
    }
    return EBB_OK;
}

static void mark(struct maxima *m, size_t window)
{
    if (!m->is_marked[window]) {
        m->is_marked[window] = true;
        m->marked[m->n_marked++] = (uint32_t)window;
    }
}

/* F of the active axons; those that go to rest leave the list. */
static void step_axons(struct ebb_engine *e, struct drive *d)
{
    struct maxima *m = d->maxima;
    COUNT(e, axons_active, d->n_active);
    for (size_t k = 0; k < d->n_active; k++) {
        uint32_t axon = d->active[k];
        struct winners_range r = winners_range(d->p, axon);
        d->is_active[axon] = deliver_step_axon(d, axon, &m->f[axon]);
        for (size_t y = r.from[0]; y < r.to[0]; y++) {
            for (size_t x = r.from[1]; x < r.to[1]; x++) {
                mark(m, (r.channel * d->p->inputs.rows + y) *
                                d->p->inputs.columns +
                            x);
            }
        }
    }
}

static double maximum(const struct drive *d, size_t window)
{
    size_t columns = d->p->pool.size[1], n = d->p->pool.size[0] * columns;
    size_t corner = winners_corner(d->p, window);
    double most = -HUGE_VAL;
    for (size_t k = 0; k < n; k++) {
        size_t at = corner + k / columns * d->p->from.columns + k % columns;
        most = fmax(most, d->maxima->f[at]);
    }
    return most;
}

static ebb_status sum_up(struct ebb_engine *e, struct drive *d)
{
    struct maxima *m = d->maxima;
    size_t kept = 0;
    step_axons(e, d);
    deliver_sort(m->marked, m->n_marked);
    for (size_t k = 0; k < m->n_marked; k++) {
        double x = maximum(d, m->marked[k]);
        m->is_marked[m->marked[k]] = false;
        if (x != 0.0) {
            EBB_TRY(deliver_want(d, m->marked[k], x));
        }
    }
    m->n_marked = 0;
    for (size_t k = 0; k < d->n_active; k++) {
        uint32_t axon = d->active[k];
        m->f[axon] = 0;
        d->active[kept] = axon;
        kept += d->is_active[axon];
    }
    d->n_active = kept;
    return EBB_OK;
}

ebb_status maxima_collect(struct ebb_engine *e, struct drive *d)
{
    return d->maxima->winners ? settle(e, d) : sum_up(e, d);
}
