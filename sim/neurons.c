/* sim/neurons.c - one neuron in closed form: commit, fire, next wake-up. */
#include "sim/engine_parts.h"

#include <math.h>
#include <string.h>

void neurons_load(const struct crowd *c, size_t i, double *x)
{
    size_t rows = c->size - 1;
    for (size_t k = 0; k < rows; k++) {
        size_t at = crowd_at(c, k, i);
        x[k] = c->x64 ? c->x64[at] : (double)c->x32[at];
    }
    x[rows] = crowd_value(c, c->p->bias, i);
}

void neurons_hold(struct crowd *c, size_t i, ebb_tick until)
{
    if (c->held64) {
        c->held64[i] = (double)until;
    } else if (c->held32) {
        c->held32[i] = (float)until;
    }
}

void neurons_store(struct crowd *c, size_t i, const double *x)
{
    for (size_t k = 0; k + 1 < c->size; k++) {
        size_t at = crowd_at(c, k, i);
        if (c->x64) {
            c->x64[at] = x[k];
        } else {
            c->x32[at] = (float)x[k];
        }
    }
}

/* Let this tick's additions of one projection into a state. */
static void arrive(const struct drive *d, double *x, double *v, double sum)
{
    *v += sum;
    if (d->way != WAY_SECTION) {
        return;
    }
    double *u = x + d->at;
    for (unsigned k = 0; k < d->order; k++) {
        u[k] += d->gain[k] * sum;
    }
}

double neurons_advance(struct ebb_engine *e, struct crowd *c, size_t i,
                       double *x)
{
    const struct kind *kind = crowd_kind(c, i);
    neurons_load(c, i, x);
    ebb_filter_advance(kind->filter, x, e->now + 1 - crowd_done(c, i));
    double v = x[ebb_filter_v_at(kind->filter)];
    for (size_t k = 0; k < c->n_in; k++) {
        struct drive *d = c->in[k];
        if (!d->hot || drive_sum(d, i) == 0.0) {
            continue;
        }
        arrive(d, x, &v, drive_sum(d, i));
        if (d->sum64) {
            d->sum64[i] = 0;
        } else {
            d->sum32[i] = 0;
        }
    }
    return v;
}

void neurons_note(struct ebb_engine *e, struct crowd *c, size_t i)
{
    const struct kind *kind = crowd_kind(c, i);
    ebb_tick delta = e->now + 1 - crowd_done(c, i);
    double x[EBB_STATE_MAX], arrived = 0;
    for (size_t k = 0; k < c->n_in; k++) {
        arrived += c->in[k]->hot ? drive_sum(c->in[k], i) : 0;
    }
    neurons_load(c, i, x);
    c->i[i] = ebb_filter_output_after(kind->filter, x, delta) + arrived +
              crowd_value(c, c->p->bias, i);
    if (delta > 1) {
        ebb_filter_advance(kind->filter, x, delta - 1);
    }
    c->r[i] =
        x[ebb_filter_reset_at(kind->filter)] / crowd_value(c, c->p->v_th, i);
}

ebb_tick neurons_next_look(struct ebb_engine *e, const struct crowd *c,
                           size_t i)
{
    const struct kind *kind = crowd_kind(c, i);
    ebb_tick next = e->now + 1, done = crowd_done(c, i);
    double x[EBB_STATE_MAX];
    if (crowd_held(c, i) > next) {
        return crowd_held(c, i) - 1; /* the release is a commit */
    }
    neurons_load(c, i, x);
    struct ebb_crossing_result found =
        ebb_crossing_find(kind->crossing, x, next - done,
                          crowd_value(c, c->p->v_th, i), e->net->strict);
    COUNT(e, crossing_evaluations, found.evaluations);
    if (found.tick == EBB_TICK_NEVER) {
        return EBB_TICK_NEVER;
    }
    /* Open: none up to there; search again in the tick after. */
    return done + found.tick - (found.open ? 0 : 1);
}

bool neurons_may_fire(const struct crowd *c, size_t i, ebb_tick now)
{
    double x[EBB_STATE_MAX];
    neurons_load(c, i, x);
    return crowd_held(c, i) > now ||
           !(ebb_crossing_upper(crowd_kind(c, i)->crossing, x) <
             crowd_value(c, c->p->v_th, i));
}

ebb_status neurons_plan(struct ebb_engine *e, struct crowd *c, size_t i)
{
    struct tile *tile = &c->tile[crowd_tile(c, i)];
    ebb_tick wake = neurons_next_look(e, c, i);
    if (wake == c->wake[i]) {
        return EBB_OK;
    }
    if (c->wake[i] != EBB_TICK_NEVER) {
        COUNT(e, wakeups_superseded, 1);
        tile->n_waiting--;
    }
    c->wake[i] = wake;
    if (wake == EBB_TICK_NEVER) {
        return EBB_OK;
    }
    tile->n_waiting++;
    COUNT(e, wakeups_predicted, 1);
    COUNT(e, queue_operations, 1);
    return ebb_calendar_push(e->calendar, wake, entry_wake(c->index, i));
}

static bool reaches(const struct ebb_engine *e, double v, double v_th)
{
    return e->net->strict ? v > v_th : v >= v_th;
}

/* What a spike does to a state: v or r becomes … */
static double after_spike(struct crowd *c, size_t i, double r, ebb_tick now)
{
    if (c->p->reset == EBB_RESET_HYBRID) {
        ebb_tick until = now + 1 + c->p->refractory_ticks;
        neurons_hold(c, i, until - c->held_from);
        return crowd_value(c, c->p->v_reset, i);
    }
    return r + crowd_value(c, c->p->v_th, i);
}

/* … this number of it. */
static size_t spike_row(const struct crowd *c)
{
    return c->p->reset == EBB_RESET_HYBRID ? c->size - 2 : c->size - 3;
}

void neurons_spike(struct crowd *c, const uint32_t *list, size_t n,
                   ebb_tick now)
{
    size_t row = spike_row(c);
    for (size_t k = 0; k < n; k++) {
        size_t i = list[k], at = crowd_at(c, row, i);
        if (c->x64) {
            c->x64[at] = after_spike(c, i, c->x64[at], now);
        } else {
            double r = (double)c->x32[at];
            c->x32[at] = (float)after_spike(c, i, r, now);
        }
    }
}

ebb_status neurons_diverged(const struct ebb_engine *e, const struct crowd *c,
                            size_t i)
{
    return EBB_FAIL(EBB_ERR_DIVERGED,
                    "V of neuron %zu of '%s' is not finite at tick %llu: "
                    "are weights or biases too large?",
                    crowd_node(c, i), c->p->name, (unsigned long long)e->now);
}

/* Keep the new state. */
static void commit(struct ebb_engine *e, struct crowd *c, size_t i,
                   const double *x)
{
    neurons_store(c, i, x);
    if (c->by_place) {
        return; /* its block is done when all of it is */
    }
    struct tile *tile = &c->tile[crowd_tile(c, i)];
    if (c->done[i] <= tile->done) {
        size_t first = crowd_tile(c, i) << c->tile_bits;
        c->stray[first + tile->n_stray++] = (uint32_t)i;
    }
    c->done[i] = e->now + 1;
}

ebb_status neurons_step(struct ebb_engine *e, struct crowd *c, size_t i,
                        enum touch why, bool plan, bool *fired)
{
    double x[EBB_STATE_MAX];
    if (c->watched) {
        neurons_note(e, c, i); /* of use if this becomes a commit */
    }
    double v = neurons_advance(e, c, i, x);
    bool held = e->now < crowd_held(c, i);
    bool release = e->now + 1 == crowd_held(c, i);
    if (held) {
        v = crowd_value(c, c->p->v_reset, i);
    }
    if (!isfinite(v)) {
        return neurons_diverged(e, c, i);
    }
    *fired = !held && reaches(e, v, crowd_value(c, c->p->v_th, i));
    if ((why & TOUCH_ARRIVAL) || *fired || release) {
        if (c->watched) {
            c->v[i] = v;
        }
        x[ebb_filter_v_at(crowd_kind(c, i)->filter)] = v;
        if (*fired) {
            double *changed = &x[spike_row(c)];
            *changed = after_spike(c, i, *changed, e->now);
        }
        commit(e, c, i, x);
        COUNT(e, neuron_updates, 1);
    }
    return plan ? neurons_plan(e, c, i) : EBB_OK;
}

static void clear(struct crowd *c, size_t from, size_t n)
{
    if (c->x64) {
        memset(c->x64 + from, 0, n * sizeof(*c->x64));
    } else {
        memset(c->x32 + from, 0, n * sizeof(*c->x32));
    }
}

/* States of what is owned. */
static void reset_states(struct crowd *c)
{
    double x[EBB_STATE_MAX] = {0};
    if (c->by_place) {
        size_t room = c->v_apart ? EBB_SWEEP_ROOM : 0;
        clear(c, 0, c->rows * c->stride + room);
    }
    for (size_t k = 0; !c->by_place && k < c->rows; k++) {
        clear(c, k * c->stride + c->own_from, crowd_lanes_to(c) - c->own_from);
    }
    for (size_t i = c->own_from; i < c->own_to; i++) {
        x[c->size - 2] = crowd_value(c, c->p->v0, i);
        neurons_store(c, i, x);
        neurons_hold(c, i, 0);
    }
    for (size_t i = c->own_to; i < crowd_lanes_to(c); i++) {
        neurons_hold(
            c, i, crowd_clock(c)); /* what fills the last lanes never fires */
    }
}

void neurons_reset(struct crowd *c)
{
    if (c->p->input) {
        return;
    }
    reset_states(c);
    for (size_t i = c->own_from; !c->by_place && i < c->own_to; i++) {
        c->done[i] = 0;
        c->wake[i] = EBB_TICK_NEVER;
        c->touch[i] = 0;
    }
    for (size_t k = c->tile_from; k < c->tile_to; k++) {
        c->tile[k] = (struct tile){.open = true, .closed = EBB_TICK_NEVER};
    }
    c->held_from = 0;
    c->last.delta = 0;
    c->n_list = c->n_later = 0;
    c->whole = c->driven = false;
    c->open = true;
    if (c->by_place) {
        blocks_reset(c);
    }
}
