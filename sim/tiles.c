/* sim/tiles.c - what is brought up to date in a tick: neuron by neuron, or a
 * whole tile in one sweep. */
#include "sim/engine_parts.h"

#include <math.h>
#include <string.h>

enum {
    FEW = 64,       /* neurons that are asked at once */
    GRACE = 4,      /* ticks */
    ASK_EVERY = 64, /* sweeps of an open tile in which little is due */
    SEARCH = 2000, /* what a crossing search costs, in sweeps of one neuron … */
    SEARCH_WALK = 50 /* … and where they are computed one by one */
};

/* A tile being worked on: neurons from <= i < to. */
struct run {
    struct tile *tile;
    size_t from, to;
};

static struct run run_of(struct crowd *c, size_t tile)
{
    size_t from = tile << c->tile_bits, to = (tile + 1) << c->tile_bits;
    to = to < c->n ? to : c->n;
    return (struct run){.tile = &c->tile[tile], .from = from, .to = to};
}

/* Lazy or sweep, from the additions due there alone. */
static bool is_swept(const struct ebb_engine *e, const struct crowd *c,
                     const struct run *run)
{
    if (c->whole) {
        return true;
    }
    switch (e->options.mode) {
    case EBB_ENGINE_LAZY:
        return false;
    case EBB_ENGINE_SWEPT:
        return run->tile->due > 0;
    case EBB_ENGINE_ADAPTIVE:
        break;
    }
    return run->tile->due * SWEEP_SHARE >= run->to - run->from;
}

/* Wake-ups that a sweep makes void. */
static void forget_wakes(struct ebb_engine *e, struct crowd *c,
                         const struct run *run)
{
    if (run->tile->n_waiting > 0) {
        COUNT(e, wakeups_superseded, run->tile->n_waiting);
        run->tile->n_waiting = 0;
        for (size_t i = run->from; i < run->to; i++) {
            c->wake[i] = EBB_TICK_NEVER;
        }
    }
}

/* Does sum of a projection hold something for a slice? */
static bool is_hot(const struct drive *d, const struct crowd *c, size_t slice)
{
    return d->hot && !(c->direct && c->direct[slice]);
}

/* Where each projection has a section of its own the silent ones come along:
 * sweeps know that shape. */
void tiles_gather(const struct ebb_engine *e, struct crowd *c, size_t slice)
{
    size_t n = 0, hot = 0;
    for (size_t k = 0; k < c->n_in; k++) {
        hot += is_hot(c->in[k], c, slice);
    }
    for (size_t k = 0; k < c->n_in; k++) {
        const struct drive *d = c->in[k];
        if (is_hot(d, c, slice) || (hot > 0 && c->n_in == c->n_sections)) {
            c->arrival[n++] = (struct ebb_sweep_arrival){
                .sum = d->sum64 ? (void *)d->sum64 : (void *)d->sum32,
                .section = d->section,
                .gain = d->gain};
        }
    }
    c->view.arrival = c->arrival;
    c->view.n_arrivals = (unsigned)n;
    c->view.now = e->now - c->held_from;
}

/* Strays have ticks of their own behind them: they are computed one by one,
 * and put back once the sweep has gone over them. */
static void save_strays(struct ebb_engine *e, struct crowd *c,
                        const struct run *run)
{
    for (size_t k = 0; k < run->tile->n_stray; k++) {
        double *x = c->strayed + k * c->size;
        size_t v_at = c->size - 2;
        x[v_at] = neurons_advance(e, c, c->stray[run->from + k], x);
    }
}

static void flag(struct crowd *c, size_t i, bool on)
{
    uint64_t *bits = &c->view.fired[i / EBB_SWEEP_LANES];
    uint64_t bit = (uint64_t)1 << i % EBB_SWEEP_LANES;
    *bits = on ? *bits | bit : *bits & ~bit;
}

static bool restore_strays(struct ebb_engine *e, struct crowd *c,
                           const struct run *run)
{
    bool finite = true;
    for (size_t k = 0; k < run->tile->n_stray; k++) {
        double *x = c->strayed + k * c->size;
        size_t i = c->stray[run->from + k];
        double *v = &x[c->size - 2], v_th = crowd_value(c, c->p->v_th, i);
        bool held = e->now < crowd_held(c, i);
        *v = held ? crowd_value(c, c->p->v_reset, i) : *v;
        finite = finite && isfinite(*v);
        flag(c, i, !held && (e->net->strict ? *v > v_th : *v >= v_th));
        neurons_store(c, i, x);
    }
    return finite;
}

ebb_status tiles_diverged(const struct ebb_engine *e, const struct crowd *c,
                          size_t from, size_t to)
{
    double x[EBB_STATE_MAX];
    for (size_t i = from; i < to; i++) {
        neurons_load(c, i, x);
        if (!isfinite(x[c->size - 2])) {
            return neurons_diverged(e, c, i);
        }
    }
    return neurons_diverged(e, c, from);
}

size_t tiles_flagged(const struct crowd *c, size_t from, size_t to,
                     uint32_t *list)
{
    size_t n = 0;
    for (size_t at = from; at < to; at += EBB_SWEEP_LANES) {
        uint64_t bits = c->view.fired[at / EBB_SWEEP_LANES];
        for (; bits; bits &= bits - 1) {
            list[n++] = (uint32_t)(at + (size_t)__builtin_ctzll(bits));
        }
    }
    while (n > 0 && list[n - 1] >= to) {
        n--; /* what fills the last lanes */
    }
    return n;
}

static ebb_status sweep(struct ebb_engine *e, struct crowd *c,
                        const struct run *run, size_t *n)
{
    const struct kind *kind = &c->kinds[0];
    ebb_tick delta = e->now + 1 - run->tile->done;
    size_t to = run->to == c->n ? c->stride : run->to;
    for (size_t i = run->from; c->watched && i < run->to; i++) {
        neurons_note(e, c, i);
    }
    save_strays(e, c, run);
    bool finite =
        c->x64 ? sweep_tile_f64(&c->view, kind->filter, delta, run->from, to)
               : sweep_tile_f32(&c->view, kind->filter, delta, run->from, to);
    finite = restore_strays(e, c, run) && finite;
    if (!finite) {
        return tiles_diverged(e, c, run->from, run->to);
    }
    for (size_t i = run->from; c->watched && i < run->to; i++) {
        size_t at = (c->size - 2) * c->stride + i;
        c->v[i] = c->x64 ? c->x64[at] : (double)c->x32[at];
    }
    size_t fired = tiles_flagged(c, run->from, run->to, e->fired + *n);
    neurons_spike(c, e->fired + *n, fired, e->now);
    *n += fired;
    COUNT(e, neuron_updates, run->to - run->from);
    return EBB_OK;
}

/* The same one by one, where neurons differ in λ or θ. */
static ebb_status walk(struct ebb_engine *e, struct crowd *c,
                       const struct run *run, size_t *n)
{
    for (size_t i = run->from; i < run->to; i++) {
        bool fired = false;
        EBB_TRY(neurons_step(e, c, i, TOUCH_ARRIVAL, false, &fired));
        if (fired) {
            e->fired[(*n)++] = (uint32_t)i;
        }
    }
    return EBB_OK;
}

/* Who may fire at tick `now` or later? c->restless gets them, rising; returns
 * how many. */
static size_t find_restless(struct crowd *c, const struct run *run,
                            ebb_tick now)
{
    const struct kind *kind = &c->kinds[0];
    struct ebb_crossing_bound bound = ebb_crossing_bound(kind->crossing);
    size_t to = run->to == c->n ? c->stride : run->to, n = 0;
    struct tile_view view = c->view;
    view.now = now - c->held_from;
    if (!c->sweepable || !bound.plain) {
        for (size_t i = run->from; i < run->to; i++) {
            c->restless[n] = (uint32_t)i;
            n += neurons_may_fire(c, i, now);
        }
        return n;
    }
    if (c->x64) {
        sweep_may_cross_f64(&view, kind->filter, &bound, run->from, to);
    } else {
        sweep_may_cross_f32(&view, kind->filter, &bound, run->from, to);
    }
    return tiles_flagged(c, run->from, run->to, c->restless);
}

/* Few neurons are asked at once. */
static ebb_status plan_few(struct ebb_engine *e, struct crowd *c,
                           const struct run *run)
{
    size_t n = find_restless(c, run, e->now + 1);
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(neurons_plan(e, c, c->restless[k]));
    }
    return EBB_OK;
}

/* Whoever was closed a few ticks ago was closed too early: the next pause gets
 * some sweeps of grace. */
static void open_tile(struct crowd *c, struct tile *tile, ebb_tick now)
{
    if (!tile->open) {
        bool early =
            tile->closed != EBB_TICK_NEVER && now - tile->closed < GRACE;
        tile->grace = early ? GRACE : 0;
    }
    tile->open = true;
    c->open = true;
}

static ebb_status sweep_run(struct ebb_engine *e, struct crowd *c,
                            const struct run *run, size_t *n)
{
    forget_wakes(e, c, run);
    EBB_TRY(c->sweepable ? sweep(e, c, run, n) : walk(e, c, run, n));
    run->tile->done = e->now + 1;
    run->tile->n_stray = 0;
    COUNT(e, tiles_swept, 1);
    COUNT(e, block_updates, 1);
    if (run->to - run->from <= FEW && !c->driven) {
        run->tile->open = false;
        return plan_few(e, c, run);
    }
    open_tile(c, run->tile, e->now);
    return EBB_OK;
}

/* An open tile in which little is due: true when it is cheaper to sweep it on
 * than to ask each of its neurons. Asking one costs as much as SEARCH sweeps of
 * one; whoever sweeps on until as much is spent pays at most twice what would
 * have been best. False: it is closed, and those that may fire are touched. */
static bool stays_open(const struct ebb_engine *e, struct crowd *c,
                       const struct run *run)
{
    struct tile *tile = run->tile;
    tile->idle++;
    if (tile->idle <= tile->grace ||
        (tile->idle < tile->patience && tile->idle % ASK_EVERY != 0)) {
        return true;
    }
    size_t n = find_restless(c, run, e->now);
    bool may = n > FEW && e->options.mode != EBB_ENGINE_LAZY;
    size_t search = c->sweepable ? SEARCH : SEARCH_WALK;
    tile->patience = may ? n * search / (run->to - run->from) : 0;
    if (tile->idle < tile->patience) {
        return true;
    }
    tile->open = false;
    tile->idle = tile->patience = 0;
    tile->closed = e->now;
    for (size_t k = 0; k < n; k++) {
        neurons_touch(c, c->restless[k], TOUCH_WAKE);
    }
    return false;
}

/* The neurons of a tile that were touched. *k: place in the list. */
static ebb_status step_listed(struct ebb_engine *e, struct crowd *c,
                              const struct run *run, size_t *k, size_t *n)
{
    uint64_t before = e->counters.neuron_updates;
    for (; *k < c->n_list && c->list[*k] < run->to; (*k)++) {
        uint32_t i = c->list[*k];
        enum touch why = (enum touch)c->touch[i];
        bool fired = false, defer = c->driven && (why & TOUCH_ARRIVAL);
        c->touch[i] = 0;
        EBB_TRY(neurons_step(e, c, i, why, !defer, &fired));
        if (defer) {
            c->later[c->n_later++] = i;
        }
        if (fired) {
            e->fired[(*n)++] = i;
        }
    }
    COUNT(e, block_updates, e->counters.neuron_updates - before);
    return EBB_OK;
}

/* Who was touched in a tile that is swept needs nothing of its own. */
static void skip_listed(struct crowd *c, const struct run *run, size_t *k)
{
    for (; *k < c->n_list && c->list[*k] < run->to; (*k)++) {
        c->touch[c->list[*k]] = 0;
    }
}

/* Which tiles does this tick sweep? */
static void choose(struct ebb_engine *e, struct crowd *c)
{
    c->open = false;
    for (size_t t = c->tile_from; t < c->tile_to; t++) {
        struct run run = run_of(c, t);
        struct tile *tile = run.tile;
        tile->swept = is_swept(e, c, &run);
        if (tile->swept) {
            tile->idle = 0;
        } else if (tile->open) {
            tile->swept = stays_open(e, c, &run);
        }
        COUNT(e, tiles_lazy, !tile->swept && tile->due > 0);
        tile->due = 0;
    }
}

/* Refractory times are counted from now on. */
void tiles_wind_clock(const struct ebb_engine *e, struct crowd *c)
{
    ebb_tick now = e->now;
    if (now - c->held_from < crowd_clock(c) / 2) {
        return;
    }
    for (size_t i = c->own_from; i < c->own_to; i++) {
        ebb_tick until = crowd_held(c, i);
        neurons_hold(c, i, until > now ? until - now : 0);
    }
    c->held_from = now;
}

ebb_status tiles_step(struct ebb_engine *e, struct crowd *c, size_t *n)
{
    size_t k = 0, n_later = c->n_later;
    *n = 0;
    if (!c->whole && !c->open && c->n_list == 0 && n_later == 0) {
        return EBB_OK;
    }
    tiles_wind_clock(e, c);
    for (size_t i = 0; i < n_later; i++) {
        neurons_touch(c, c->later[i], TOUCH_WAKE);
    }
    c->n_later = 0;
    choose(e, c);
    deliver_sort(c->list, c->n_list);
    for (size_t t = c->tile_from; t < c->tile_to; t++) {
        struct run run = run_of(c, t);
        if (t == c->tile_from || run.from % c->slice == 0) {
            tiles_gather(e, c, run.from / c->slice);
        }
        if (run.tile->swept) {
            skip_listed(c, &run, &k);
            EBB_TRY(sweep_run(e, c, &run, n));
        } else {
            EBB_TRY(step_listed(e, c, &run, &k, n));
        }
    }
    c->n_list = 0;
    return EBB_OK;
}
