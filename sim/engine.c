/* sim/engine.c - the tick: what is due, population by population. */
#include "sim/engine_parts.h"
#include "sim/engine_tick.h"
#include "sim/maxima.h"
#include "sim/space.h"

#include <math.h>
#include <string.h>

struct ebb_engine_options ebb_engine_options_default(void)
{
    return (struct ebb_engine_options){.mode = EBB_ENGINE_ADAPTIVE};
}

ebb_status ebb_engine_create(struct ebb_engine **out,
                             const struct ebb_network *net,
                             const struct ebb_engine_options *options)
{
    *out = NULL;
    struct ebb_engine *e = ebb_mem_calloc(1, sizeof(*e));
    if (!e) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the event engine");
    }
    e->net = net;
    e->options = *options;
    ebb_status status = engine_build(e);
    if (status == EBB_OK) {
        status = ebb_engine_reset(e);
    }
    if (status != EBB_OK) {
        ebb_engine_destroy(e);
        return status;
    }
    *out = e;
    return EBB_OK;
}

static void finish_crowd(struct crowd *c)
{
    for (size_t k = 0; k < c->n_kinds; k++) {
        ebb_crossing_destroy(c->kinds[k].crossing);
        ebb_filter_destroy(c->kinds[k].filter);
    }
    ebb_mem_free(c->flight.volley);
    ebb_mem_free(c->flight.node);
    ebb_mem_free(c->flight.value);
    ebb_events_finish(&c->events);
}

void drive_finish(struct drive *d)
{
    if (d->maxima) {
        maxima_finish(d);
    }
    ebb_rows_destroy(d->own_rows);
    ebb_mem_free(d->row);
    ebb_mem_free(d->carry);
    ebb_mem_free(d->run);
}

size_t ebb_engine_bytes(const struct ebb_engine *e)
{
    return sizeof(*e) + ebb_arena_bytes(e->arena);
}

void ebb_engine_destroy(struct ebb_engine *e)
{
    if (!e) {
        return;
    }
    for (size_t k = 0; e->crowd && k < e->net->n_populations; k++) {
        finish_crowd(&e->crowd[k]);
    }
    for (size_t k = 0; e->drive && k < e->net->n_projections; k++) {
        drive_finish(&e->drive[k]);
    }
    engine_share_finish(e);
    ebb_calendar_destroy(e->calendar);
    ebb_arena_destroy(e->arena);
    ebb_mem_free(e);
}

static void reset_sums(struct drive *d)
{
    size_t n = d->own_to - d->own_from;
    if (d->sum64) {
        memset(d->sum64 + d->own_from, 0, n * sizeof(*d->sum64));
    } else {
        memset(d->sum32 + d->own_from, 0, n * sizeof(*d->sum32));
    }
}

void drive_reset(struct drive *d)
{
    if (d->maxima) {
        maxima_reset(d);
    }
    d->n_due = 0;
    d->n_active = 0;
    d->hot = false;
    d->n_rows = d->n_runs = 0;
    reset_sums(d);
    if (d->way == WAY_AXONS) {
        memset(d->past, 0, d->axons * d->order * sizeof(*d->past));
        memset(d->input, 0, d->axons * sizeof(*d->input));
        memset(d->is_active, 0, d->axons * sizeof(*d->is_active));
    }
}

static void reset_watch(struct drive *d)
{
    if (d->watched) {
        memset(d->f, 0, d->axons * (d->order + 1) * sizeof(*d->f));
    }
}

ebb_status ebb_engine_reset(struct ebb_engine *e)
{
    ebb_calendar_destroy(e->calendar);
    e->calendar = NULL;
    EBB_TRY(ebb_calendar_create(&e->calendar));
    e->counters = (struct ebb_counters){0};
    for (size_t k = 0; k < e->net->n_populations; k++) {
        struct crowd *c = &e->crowd[k];
        neurons_reset(c);
        c->flight.first = c->flight.n = c->flight.n_node = 0;
        ebb_events_clear(&c->events);
        c->next_event = 0;
    }
    for (size_t k = 0; k < e->net->n_projections; k++) {
        if (drive_used(&e->drive[k])) {
            drive_reset(&e->drive[k]);
        }
        reset_watch(&e->drive[k]);
    }
    e->now = 0;
    e->failed = false;
    return EBB_OK;
}

static ebb_status check_input(const struct ebb_engine *e, const struct crowd *c,
                              const struct ebb_event *events, size_t n)
{
    ebb_tick last = e->now;
    if (c->events.n > 0 && c->events.at[c->events.n - 1].tick > last) {
        last = c->events.at[c->events.n - 1].tick;
    }
    for (size_t k = 0; k < n; k++) {
        if (events[k].tick < last || events[k].node >= c->n ||
            !isfinite(events[k].value)) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "input event %zu: tick %llu (at least %llu), "
                            "channel %u (of %zu), value %g",
                            k, (unsigned long long)events[k].tick,
                            (unsigned long long)last, events[k].node, c->n,
                            events[k].value);
        }
        last = events[k].tick;
    }
    return EBB_OK;
}

ebb_status ebb_engine_input(struct ebb_engine *e, size_t population,
                            const struct ebb_event *events, size_t n)
{
    if (n == 0) {
        return EBB_OK;
    }
    if (population >= e->net->n_populations ||
        !e->net->populations[population].input) {
        return EBB_FAIL(EBB_ERR_ARG, "population %zu takes no input",
                        population);
    }
    struct crowd *c = &e->crowd[population];
    EBB_TRY(check_input(e, c, events, n));
    if (c->next_event > 0 && c->next_event >= c->events.n / 2) {
        /* forget those that are used up */
        c->events.n -= c->next_event;
        memmove(c->events.at, c->events.at + c->next_event,
                c->events.n * sizeof(*c->events.at));
        c->next_event = 0;
    }
    size_t before = c->events.n;
    for (size_t k = 0; k < n; k++) {
        ebb_status status = ebb_events_push(&c->events, events[k]);
        if (status != EBB_OK) {
            c->events.n = before; /* all or nothing */
            return status;
        }
    }
    return EBB_OK;
}

/* Insert one event among those of this tick, which rise by channel. */
static size_t add_event(struct ebb_engine *e, size_t n,
                        const struct ebb_event *event)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->fired[middle] < event->node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < n && e->fired[low] == event->node) {
        e->carried[low] += event->value;
        return n;
    }
    memmove(e->fired + low + 1, e->fired + low, (n - low) * sizeof(*e->fired));
    memmove(e->carried + low + 1, e->carried + low,
            (n - low) * sizeof(*e->carried));
    e->fired[low] = event->node;
    e->carried[low] = event->value;
    return n + 1;
}

/* Events of an input population at this tick. */
static size_t take_events(struct ebb_engine *e, struct crowd *c)
{
    size_t n = 0, kept = 0;
    while (c->next_event < c->events.n &&
           c->events.at[c->next_event].tick == e->now) {
        n = add_event(e, n, &c->events.at[c->next_event++]);
    }
    for (size_t k = 0; k < n; k++) { /* those that cancel are none */
        e->fired[kept] = e->fired[k];
        e->carried[kept] = e->carried[k];
        kept += e->carried[k] != 0.0;
    }
    COUNT(e, input_events, crowd_owned(c) ? kept : 0);
    return kept;
}

/* Is so much due that all tiles are swept? */
static bool is_whole(const struct ebb_engine *e, const struct crowd *c)
{
    bool any = e->options.mode == EBB_ENGINE_SWEPT;
    size_t due = 0, enough = any ? 1 : (c->n + SWEEP_SHARE - 1) / SWEEP_SHARE;
    if (e->options.mode == EBB_ENGINE_LAZY || (c->by_place && !any)) {
        return false;
    }
    for (size_t k = 0; k < c->n_in && due < enough; k++) {
        due += deliver_due(e, c->in[k], enough - due);
    }
    return due >= enough;
}

/* Do the states of neurons from <= i < to stand at the end of the last tick? */
static bool stands_here(const struct ebb_engine *e, const struct crowd *c,
                        size_t from, size_t to)
{
    for (size_t k = crowd_tile(c, from); k <= crowd_tile(c, to - 1); k++) {
        if (c->tile[k].done != e->now) {
            return false;
        }
    }
    return true;
}

/* Each slice is looked at by itself, so that it does not matter who computes
 * the others; but a dense row is added in one piece. */
static void find_direct(const struct ebb_engine *e, struct crowd *c)
{
    size_t step = c->in_pieces ? c->slice : c->own_to - c->own_from;
    for (size_t from = c->own_from; c->direct && from < c->own_to;
         from += step) {
        size_t to = from + step < c->own_to ? from + step : c->own_to;
        bool direct = c->whole && stands_here(e, c, from, to);
        for (size_t i = from; i < to; i += c->slice) {
            c->direct[i / c->slice] = direct;
        }
    }
}

static ebb_status take_spikes(struct ebb_engine *e, struct crowd *c, size_t *n)
{
    c->whole = is_whole(e, c);
    find_direct(e, c);
    for (size_t k = 0; k < c->n_in; k++) {
        EBB_TRY(deliver_collect(e, c->in[k]));
    }
    if (c->by_place) {
        EBB_TRY(blocks_step(e, c, n));
        space_name(e, c, *n);
    } else {
        EBB_TRY(tiles_step(e, c, n));
    }
    for (size_t k = 0; k < c->n_in; k++) {
        c->in[k]->hot = false;
    }
    COUNT(e, spikes, *n);
    return EBB_OK;
}

/* Everything due at this tick, sorted out. */
ebb_status engine_begin_tick(struct ebb_engine *e)
{
    const uint64_t *entry;
    size_t n;
    EBB_TRY(ebb_calendar_pop(e->calendar, e->now, &entry, &n));
    COUNT(e, queue_operations, n);
    for (size_t k = 0; k < n; k++) {
        size_t owner = entry_owner(entry[k]), item = entry_item(entry[k]);
        if (entry_is_tap(entry[k])) {
            struct drive *d = &e->drive[owner];
            d->due[d->n_due++] = (unsigned)item;
        } else if (entry_is_window(entry[k])) {
            maxima_wake(e, &e->drive[owner], item);
        } else if (e->crowd[owner].by_place) {
            blocks_wake(e, &e->crowd[owner], item);
        } else if (e->crowd[owner].wake[item] == e->now) {
            struct crowd *c = &e->crowd[owner];
            c->wake[item] = EBB_TICK_NEVER;
            c->tile[crowd_tile(c, item)].n_waiting--;
            COUNT(e, wakeups_fired, 1);
            neurons_touch(c, item, TOUCH_WAKE);
        }
    }
    return EBB_OK;
}

static ebb_status tell_spikes(struct ebb_engine *e)
{
    const struct ebb_run_sink *sink = &e->options.sink;
    for (size_t k = 0; sink->spikes && k < e->net->n_populations; k++) {
        const struct flight *f = &e->crowd[k].flight;
        const struct volley *v = f->n > f->first ? &f->volley[f->n - 1] : NULL;
        if (!v || v->tick != e->now) {
            continue;
        }
        const double *value = f->value + v->from;
        bool graded = false;
        for (size_t s = 0; s < v->n; s++) {
            graded = graded || value[s] != 1.0;
        }
        EBB_TRY(sink->spikes(sink->self, k, e->now, f->node + v->from,
                             graded ? value : NULL, v->n));
    }
    return EBB_OK;
}

/* What spikes of this tick carry. */
static void take_grades(struct ebb_engine *e, const struct crowd *c, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        e->carried[k] = e->options.grade
                            ? e->options.grade(e->options.grade_self, c->index,
                                               e->fired[k], e->now)
                            : 1;
    }
}

/* Spikes of neurons wait for those of the other shares, where there are any:
 * place k of the populations' order. */
static ebb_status run_population(struct ebb_engine *e, size_t k)
{
    struct crowd *c = &e->crowd[e->net->order[k]];
    size_t n = 0;
    c->driven = false;
    if (c->p->input) {
        n = take_events(e, c);
    } else if (crowd_owned(c)) {
        EBB_TRY(take_spikes(e, c, &n));
        take_grades(e, c, n);
    }
    if (n == 0) {
        return EBB_OK;
    }
    if (e->out) {
        EBB_TRY(engine_share_note(e, k, n));
    }
    return e->out && !c->p->input
               ? EBB_OK
               : deliver_send(e, c, e->now, e->fired, e->carried, n);
}

ebb_status engine_pass(struct ebb_engine *e, size_t from, size_t to)
{
    for (size_t k = from; k < to; k++) {
        EBB_TRY(run_population(e, k));
    }
    return EBB_OK;
}

ebb_status engine_end_tick(struct ebb_engine *e)
{
    probe_step_psps(e);
    EBB_TRY(e->out ? engine_share_note_tick(e) : tell_spikes(e));
    EBB_TRY(probe_tell(e, e->carried));
    e->failed = false;
    COUNT(e, ticks_visited, !e->out);
    e->now++;
    return EBB_OK;
}

static ebb_status run_tick(struct ebb_engine *e)
{
    e->failed = true; /* until the tick is over */
    EBB_TRY(engine_begin_tick(e));
    EBB_TRY(engine_pass(e, 0, e->net->n_populations));
    return engine_end_tick(e);
}

ebb_tick ebb_engine_next(const struct ebb_engine *e)
{
    ebb_tick next = ebb_calendar_next(e->calendar);
    for (size_t k = 0; k < e->net->n_populations; k++) {
        const struct crowd *c = &e->crowd[k];
        if (c->driven || c->open || c->n_later > 0) {
            return e->now;
        }
        if (c->next_event < c->events.n &&
            c->events.at[c->next_event].tick < next) {
            next = c->events.at[c->next_event].tick;
        }
    }
    return next;
}

static ebb_status advance(struct ebb_engine *e)
{
    return e->options.sink.advance
               ? e->options.sink.advance(e->options.sink.self, e->now)
               : EBB_OK;
}

ebb_status engine_check_whole(const struct ebb_engine *e)
{
    return e->failed ? EBB_FAIL(EBB_ERR_ARG,
                                "a run that failed in tick %llu goes on after "
                                "a reset only",
                                (unsigned long long)e->now)
                     : EBB_OK;
}

ebb_status ebb_engine_run(struct ebb_engine *e, ebb_tick until)
{
    EBB_TRY(engine_check_whole(e));
    while (e->now < until) {
        ebb_tick next = ebb_engine_next(e), probe = probe_next(e);
        next = probe < next ? probe : next;
        next = next < until ? next : until;
        COUNT(e, ticks_skipped, next - e->now);
        e->now = next;
        if (next == until) {
            break;
        }
        EBB_TRY(run_tick(e));
        EBB_TRY(advance(e));
    }
    return advance(e);
}

ebb_tick ebb_engine_now(const struct ebb_engine *e)
{
    return e->now;
}

struct ebb_counters ebb_engine_counters(const struct ebb_engine *e)
{
    return e->counters;
}

ebb_status ebb_engine_simulate(struct ebb_counters *counters,
                               const struct ebb_network *net,
                               const struct ebb_engine_options *options,
                               const struct ebb_event *events, size_t n,
                               ebb_tick ticks)
{
    struct ebb_engine *engine;
    *counters = (struct ebb_counters){0};
    EBB_TRY(ebb_engine_create(&engine, net, options));
    ebb_status status =
        ebb_engine_input(engine, ebb_network_input(net), events, n);
    if (status == EBB_OK) {
        status = ebb_engine_run(engine, ticks);
    }
    *counters = ebb_engine_counters(engine);
    ebb_engine_destroy(engine);
    return status;
}
