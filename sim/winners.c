/* sim/winners.c - max pooling by events: whose PSP does each window give? */
#include "sim/winners.h"

#include "core/crossing.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

static const uint32_t nobody = UINT32_MAX; /* the winner of a silent window */

/* A state after a tick, and what it gives at that tick. */
struct psp {
    double u[EBB_ORDER_MAX];
    double f;
};

struct winners {
    const struct ebb_projection *p;
    size_t axons, windows;
    unsigned order;
    double gain[EBB_ORDER_MAX];
    double small;
    struct ebb_filter *filter;
    struct ebb_crossing *crossing;
    struct ebb_arena *arena;
    /* Axons: the state stands for the end of tick done - 1. */
    double *u;      /* [axons][order] */
    ebb_tick *done; /* [axons] */
    double *input;  /* [axons] additions of this tick */
    bool *live;     /* [axons] fired once */
    bool *dirty;    /* [axons] has additions */
    uint32_t *changed_axon;
    size_t n_dirty;
    /* Windows. */
    uint32_t *winner; /* [windows] */
    ebb_tick *wake;   /* [windows] */
    bool *is_stirred; /* [windows] */
    uint32_t *stirred;
    size_t n_stirred;
    uint32_t *wanted; /* [windows] of those settled last */
    size_t n_wanted;
    struct winners_change *change; /* [windows] */
    double *delta;                 /* of changes, order + 1 each */
    size_t delta_room;
    uint64_t evaluations;
};

static ebb_status no_memory(void)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the windows of a pooling");
}

static ebb_status take_memory(struct winners *w)
{
    size_t axons = w->axons, windows = w->windows;
    struct ebb_arena *a = w->arena;
    w->u = ebb_arena_calloc(a, axons, w->order * sizeof(*w->u));
    w->done = ebb_arena_calloc(a, axons, sizeof(*w->done));
    w->input = ebb_arena_calloc(a, axons, sizeof(*w->input));
    w->live = ebb_arena_calloc(a, axons, sizeof(*w->live));
    w->dirty = ebb_arena_calloc(a, axons, sizeof(*w->dirty));
    w->changed_axon = ebb_arena_calloc(a, axons, sizeof(*w->changed_axon));
    w->winner = ebb_arena_calloc(a, windows, sizeof(*w->winner));
    w->wake = ebb_arena_calloc(a, windows, sizeof(*w->wake));
    w->is_stirred = ebb_arena_calloc(a, windows, sizeof(*w->is_stirred));
    w->stirred = ebb_arena_calloc(a, windows, sizeof(*w->stirred));
    w->wanted = ebb_arena_calloc(a, windows, sizeof(*w->wanted));
    w->change = ebb_arena_calloc(a, windows, sizeof(*w->change));
    bool all = w->u && w->done && w->input && w->live && w->dirty &&
               w->changed_axon && w->winner && w->wake && w->is_stirred &&
               w->stirred && w->wanted && w->change;
    return all ? EBB_OK : no_memory();
}

static ebb_status build(struct winners *w, const struct ebb_section *section)
{
    struct ebb_filter_spec spec = {
        .sections = section, .n_sections = 1, .bits = 6};
    ebb_section_input(section, w->gain);
    EBB_TRY(ebb_arena_create(&w->arena));
    EBB_TRY(ebb_filter_create(&w->filter, &spec));
    EBB_TRY(ebb_crossing_create(&w->crossing, w->filter));
    return take_memory(w);
}

ebb_status winners_create(struct winners **out, const struct ebb_projection *p,
                          const struct ebb_section *section, double small)
{
    *out = NULL;
    struct winners *w = ebb_mem_calloc(1, sizeof(*w));
    if (!w) {
        return no_memory();
    }
    w->p = p;
    w->axons = ebb_grid_size(p->from);
    w->windows = ebb_grid_size(p->inputs);
    w->order = section->order;
    w->small = small;
    ebb_status status = build(w, section);
    if (status != EBB_OK) {
        winners_destroy(w);
        return status;
    }
    winners_reset(w);
    *out = w;
    return EBB_OK;
}

void winners_destroy(struct winners *w)
{
    if (w) {
        ebb_mem_free(w->delta);
        ebb_crossing_destroy(w->crossing);
        ebb_filter_destroy(w->filter);
        ebb_arena_destroy(w->arena);
        ebb_mem_free(w);
    }
}

void winners_reset(struct winners *w)
{
    memset(w->u, 0, w->axons * w->order * sizeof(*w->u));
    memset(w->input, 0, w->axons * sizeof(*w->input));
    memset(w->live, 0, w->axons * sizeof(*w->live));
    memset(w->dirty, 0, w->axons * sizeof(*w->dirty));
    memset(w->is_stirred, 0, w->windows * sizeof(*w->is_stirred));
    for (size_t m = 0; m < w->windows; m++) {
        w->winner[m] = nobody;
        w->wake[m] = EBB_TICK_NEVER;
    }
    w->n_dirty = w->n_stirred = w->n_wanted = 0;
    w->evaluations = 0;
}

static void stir(struct winners *w, size_t window)
{
    if (!w->is_stirred[window]) {
        w->is_stirred[window] = true;
        w->stirred[w->n_stirred++] = (uint32_t)window;
    }
}

/* Windows [from, to) along one axis that see place `at`. */
static void windows_at(size_t at, size_t size, size_t stride, size_t count,
                       size_t *from, size_t *to)
{
    size_t after = at / stride + 1;
    *from = at < size ? 0 : (at - size) / stride + 1;
    *to = after < count ? after : count;
}

struct winners_range winners_range(const struct ebb_projection *p, size_t axon)
{
    size_t column = axon % p->from.columns, rest = axon / p->from.columns;
    size_t row = rest % p->from.rows;
    struct winners_range r = {.channel = rest / p->from.rows};
    windows_at(row, p->pool.size[0], p->pool.stride[0], p->inputs.rows,
               &r.from[0], &r.to[0]);
    windows_at(column, p->pool.size[1], p->pool.stride[1], p->inputs.columns,
               &r.from[1], &r.to[1]);
    return r;
}

void winners_add(struct winners *w, size_t axon, double x)
{
    const struct ebb_projection *p = w->p;
    w->input[axon] += x;
    if (w->dirty[axon]) {
        return;
    }
    w->dirty[axon] = true;
    w->changed_axon[w->n_dirty++] = (uint32_t)axon;
    struct winners_range r = winners_range(p, axon);
    for (size_t y = r.from[0]; y < r.to[0]; y++) {
        for (size_t x_at = r.from[1]; x_at < r.to[1]; x_at++) {
            stir(w,
                 (r.channel * p->inputs.rows + y) * p->inputs.columns + x_at);
        }
    }
}

bool winners_wake(struct winners *w, size_t window, ebb_tick now)
{
    if (w->wake[window] != now) {
        return false;
    }
    stir(w, window);
    return true;
}

size_t winners_stirred(const struct winners *w)
{
    return w->n_stirred;
}

/* An axon at this tick, without its additions. */
static void silent_psp(const struct winners *w, size_t axon, ebb_tick now,
                       struct psp *out)
{
    double x[EBB_ORDER_MAX + 3] = {0};
    if (!w->live[axon]) {
        memset(out, 0, sizeof(*out));
        return;
    }
    memcpy(x, w->u + axon * w->order, w->order * sizeof(*x));
    ebb_filter_advance(w->filter, x, now + 1 - w->done[axon]);
    memcpy(out->u, x, w->order * sizeof(*x));
    out->f = x[ebb_filter_v_at(w->filter)];
}

/* The same with them. */
static void psp_at(const struct winners *w, size_t axon, ebb_tick now,
                   struct psp *out)
{
    silent_psp(w, axon, now, out);
    if (w->dirty[axon]) {
        for (unsigned k = 0; k < w->order; k++) {
            out->u[k] += w->gain[k] * w->input[axon];
        }
        out->f += w->input[axon];
    }
}

size_t winners_corner(const struct ebb_projection *p, size_t window)
{
    size_t column = window % p->inputs.columns;
    size_t rest = window / p->inputs.columns;
    size_t row = rest % p->inputs.rows, channel = rest / p->inputs.rows;
    size_t at = channel * p->from.rows + row * p->pool.stride[0];
    return at * p->from.columns + column * p->pool.stride[1];
}

/* Axon k of a window, row by row; nobody beyond the last. */
static uint32_t member(const struct winners *w, size_t corner, size_t k)
{
    size_t columns = w->p->pool.size[1];
    if (k >= w->p->pool.size[0] * columns) {
        return nobody;
    }
    return (uint32_t)(corner + k / columns * w->p->from.columns + k % columns);
}

/* The first axon with the largest PSP; *best gets it. */
static uint32_t find_winner(const struct winners *w, size_t corner,
                            ebb_tick now, struct psp *best)
{
    uint32_t winner = member(w, corner, 0), axon;
    psp_at(w, winner, now, best);
    for (size_t k = 1; (axon = member(w, corner, k)) != nobody; k++) {
        struct psp own;
        psp_at(w, axon, now, &own);
        if (own.f > best->f) {
            *best = own;
            winner = axon;
        }
    }
    return w->live[winner] || w->dirty[winner] ? winner : nobody;
}

/* First tick > now at which `other` is above the winner. */
static ebb_tick overtakes(struct winners *w, ebb_tick now,
                          const struct psp *other, const struct psp *best)
{
    double x[EBB_ORDER_MAX + 3] = {0};
    bool differs = false;
    for (unsigned k = 0; k < w->order; k++) {
        x[k] = other->u[k] - best->u[k];
        differs = differs || x[k] != 0.0;
    }
    if (!differs || ebb_crossing_upper(w->crossing, x) < w->small) {
        return EBB_TICK_NEVER;
    }
    struct ebb_crossing_result found =
        ebb_crossing_find(w->crossing, x, 0, w->small, false);
    w->evaluations += found.evaluations;
    if (found.tick == EBB_TICK_NEVER) {
        return EBB_TICK_NEVER;
    }
    return now + (found.tick > 0 ? found.tick : 1); /* open: ask again then */
}

/* When does the window want to be looked at again? */
static ebb_tick next_look(struct winners *w, size_t corner, uint32_t winner,
                          ebb_tick now, const struct psp *best)
{
    ebb_tick next = EBB_TICK_NEVER;
    bool silent_asked = winner == nobody; /* all silent ones are alike */
    uint32_t axon;
    for (size_t k = 0; (axon = member(w, corner, k)) != nobody; k++) {
        bool silent = !w->live[axon] && !w->dirty[axon];
        if (axon == winner || (silent && silent_asked)) {
            continue;
        }
        struct psp own;
        psp_at(w, axon, now, &own);
        ebb_tick tick = overtakes(w, now, &own, best);
        next = tick < next ? tick : next;
        silent_asked = silent_asked || silent;
    }
    return next;
}

static ebb_status settle_window(struct winners *w, uint32_t window,
                                ebb_tick now, size_t *n)
{
    size_t corner = winners_corner(w->p, window), numbers = w->order + 1;
    struct psp before = {.f = 0}, best;
    bool changed = false;
    if (w->winner[window] != nobody) {
        silent_psp(w, w->winner[window], now, &before);
    }
    w->winner[window] = find_winner(w, corner, now, &best);
    EBB_TRY(ebb_mem_grow(&w->delta, &w->delta_room, (*n + 1) * numbers,
                         sizeof(*w->delta)));
    double *delta = w->delta + *n * numbers;
    for (unsigned k = 0; k < w->order; k++) {
        delta[k] = best.u[k] - before.u[k];
        changed = changed || delta[k] != 0.0;
    }
    delta[w->order] = best.f - before.f;
    if (changed || delta[w->order] != 0.0) {
        w->change[(*n)++].window = window;
    }
    ebb_tick next = next_look(w, corner, w->winner[window], now, &best);
    if (next != EBB_TICK_NEVER && next != w->wake[window]) {
        w->wanted[w->n_wanted++] = window;
    }
    w->wake[window] = next;
    return EBB_OK;
}

/* Keep the states of axons that got something. */
static void commit(struct winners *w, ebb_tick now)
{
    for (size_t k = 0; k < w->n_dirty; k++) {
        size_t axon = w->changed_axon[k];
        struct psp own;
        psp_at(w, axon, now, &own);
        memcpy(w->u + axon * w->order, own.u, w->order * sizeof(*own.u));
        w->done[axon] = now + 1;
        w->live[axon] = true;
        w->dirty[axon] = false;
        w->input[axon] = 0;
    }
    w->n_dirty = 0;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

ebb_status winners_settle(struct winners *w, ebb_tick now,
                          const struct winners_change **change, size_t *n)
{
    *n = 0;
    w->n_wanted = 0;
    qsort(w->stirred, w->n_stirred, sizeof(*w->stirred), by_number);
    for (size_t k = 0; k < w->n_stirred; k++) {
        w->is_stirred[w->stirred[k]] = false;
        EBB_TRY(settle_window(w, w->stirred[k], now, n));
    }
    w->n_stirred = 0;
    for (size_t k = 0; k < *n; k++) { /* where they stand by now */
        w->change[k].delta = w->delta + k * (w->order + 1);
    }
    commit(w, now);
    *change = w->change;
    return EBB_OK;
}

bool winners_wanted(const struct winners *w, size_t k, uint32_t *window,
                    ebb_tick *tick)
{
    if (k >= w->n_wanted) {
        return false;
    }
    *window = w->wanted[k];
    *tick = w->wake[*window];
    return true;
}

uint64_t winners_evaluations(const struct winners *w)
{
    return w->evaluations;
}

struct winners_state winners_state(struct winners *w)
{
    return (struct winners_state){.axons = w->axons,
                                  .windows = w->windows,
                                  .order = w->order,
                                  .u = w->u,
                                  .done = w->done,
                                  .live = w->live,
                                  .winner = w->winner,
                                  .wake = w->wake};
}
