/* sim/neurons.c - states in closed form: commit, fire, next wake-up. */
#include "sim/engine_parts.h"

#include <math.h>
#include <string.h>

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

/* What a probe may ask of this tick: V as compared, I, R. */
static void note(struct crowd *c, size_t i, ebb_tick delta, double v,
                 double arrived)
{
    if (!c->watched) {
        return;
    }
    const struct kind *kind = &c->kinds[c->kind[i]];
    const double *x = c->x + i * c->size;
    double before[EBB_STATE_MAX];
    double v_th = ebb_value_at(c->p->v_th, i);
    memcpy(before, x, c->size * sizeof(*x));
    if (delta > 1) {
        ebb_filter_advance(kind->filter, before, delta - 1);
    }
    c->v[i] = v;
    c->i[i] = ebb_filter_output_after(kind->filter, x, delta) + arrived +
              ebb_value_at(c->p->bias, i);
    c->r[i] = before[ebb_filter_reset_at(kind->filter)] / v_th;
}

ebb_status neurons_plan(struct ebb_engine *e, struct crowd *c, size_t i)
{
    const struct kind *kind = &c->kinds[c->kind[i]];
    ebb_tick next = e->now + 1, wake = EBB_TICK_NEVER;
    if (c->held[i] > next) {
        wake = c->held[i] - 1; /* the release is a commit */
    } else if (!c->driven) {
        ebb_tick after = next - c->done[i];
        struct ebb_crossing_result found =
            ebb_crossing_find(kind->crossing, c->x + i * c->size, after,
                              ebb_value_at(c->p->v_th, i), e->net->strict);
        e->counters.crossing_evaluations += found.evaluations;
        if (found.tick != EBB_TICK_NEVER) {
            /* Open: none up to there; search again in the tick after. */
            wake = c->done[i] + found.tick - (found.open ? 0 : 1);
        }
    }
    if (wake == c->wake[i]) {
        return EBB_OK;
    }
    if (c->wake[i] != EBB_TICK_NEVER && c->wake[i] > e->now) {
        e->counters.wakeups_superseded++;
    }
    c->wake[i] = wake;
    if (wake == EBB_TICK_NEVER) {
        return EBB_OK;
    }
    e->counters.wakeups_predicted++;
    e->counters.queue_operations++;
    return ebb_calendar_push(e->calendar, wake, entry_wake(c->index, i));
}

static bool reaches(const struct ebb_engine *e, double v, double v_th)
{
    return e->net->strict ? v > v_th : v >= v_th;
}

static double bring_up_to_date(struct ebb_engine *e, struct crowd *c, size_t i,
                               double *x, double *arrived)
{
    const struct kind *kind = &c->kinds[c->kind[i]];
    memcpy(x, c->x + i * c->size, c->size * sizeof(*x));
    ebb_filter_advance(kind->filter, x, e->now + 1 - c->done[i]);
    double v = x[ebb_filter_v_at(kind->filter)];
    *arrived = 0;
    for (size_t k = 0; k < e->net->n_projections; k++) {
        struct drive *d = &e->drive[k];
        if (d->hot && d->p->target == c->index && d->sum[i] != 0.0) {
            arrive(d, x, &v, d->sum[i]);
            *arrived += d->sum[i];
            d->sum[i] = 0;
        }
    }
    return v;
}

static void spike(struct crowd *c, size_t i, double *x, ebb_tick now)
{
    const struct ebb_filter *filter = c->kinds[c->kind[i]].filter;
    if (c->p->reset == EBB_RESET_HYBRID) {
        x[ebb_filter_v_at(filter)] = ebb_value_at(c->p->v_reset, i);
        c->held[i] = now + 1 + c->p->refractory_ticks;
    } else {
        x[ebb_filter_reset_at(filter)] += ebb_value_at(c->p->v_th, i);
    }
}

/* One touched neuron. *fired: did it spike? */
static ebb_status step_neuron(struct ebb_engine *e, struct crowd *c, size_t i,
                              bool *fired)
{
    double x[EBB_STATE_MAX], arrived;
    uint8_t touch = c->touch[i];
    const struct ebb_filter *filter = c->kinds[c->kind[i]].filter;
    double v = bring_up_to_date(e, c, i, x, &arrived);
    bool held = e->now < c->held[i];
    bool release = e->now + 1 == c->held[i];
    c->touch[i] = 0;
    if (held) {
        v = ebb_value_at(c->p->v_reset, i);
    }
    if (!isfinite(v)) {
        return EBB_FAIL(EBB_ERR_DIVERGED,
                        "V of neuron %zu of '%s' is not finite at tick %llu: "
                        "are weights or biases too large?",
                        i, c->p->name, (unsigned long long)e->now);
    }
    *fired = !held && reaches(e, v, ebb_value_at(c->p->v_th, i));
    if (c->wake[i] == e->now) {
        c->wake[i] = EBB_TICK_NEVER;
        e->counters.wakeups_fired++;
    }
    if ((touch & TOUCH_ARRIVAL) || *fired || release) {
        note(c, i, e->now + 1 - c->done[i], v, arrived);
        x[ebb_filter_v_at(filter)] = v;
        if (*fired) {
            spike(c, i, x, e->now);
        }
        memcpy(c->x + i * c->size, x, c->size * sizeof(*x));
        c->done[i] = e->now + 1;
        e->counters.block_updates++;
    }
    return neurons_plan(e, c, i);
}

/* Lazy or sweep, per tile, from the additions due there. */
static void choose(struct ebb_engine *e, struct crowd *c)
{
    for (size_t tile = 0; tile * TILE < c->n; tile++) {
        size_t from = tile * TILE;
        size_t to = from + TILE < c->n ? from + TILE : c->n;
        if (c->tile_due[tile] == 0) {
            continue;
        }
        bool sweep = e->options.mode == EBB_ENGINE_SWEPT ||
                     (e->options.mode == EBB_ENGINE_ADAPTIVE &&
                      2 * c->tile_due[tile] >= to - from);
        c->tile_due[tile] = 0;
        e->counters.tiles_swept += sweep;
        e->counters.tiles_lazy += !sweep;
        for (size_t i = from; sweep && i < to; i++) {
            neurons_touch(c, i, TOUCH_ARRIVAL);
        }
    }
}

ebb_status neurons_step(struct ebb_engine *e, struct crowd *c, size_t *n)
{
    *n = 0;
    choose(e, c);
    deliver_sort(c->list, c->n_list);
    for (size_t k = 0; k < c->n_list; k++) {
        bool fired = false;
        EBB_TRY(step_neuron(e, c, c->list[k], &fired));
        if (fired) {
            e->fired[(*n)++] = c->list[k];
        }
    }
    c->n_list = 0;
    return EBB_OK;
}

void neurons_reset(struct crowd *c)
{
    for (size_t i = 0; i < c->n && c->x; i++) {
        const struct ebb_filter *filter = c->kinds[c->kind[i]].filter;
        double *x = c->x + i * c->size;
        memset(x, 0, c->size * sizeof(*x));
        x[ebb_filter_v_at(filter)] = ebb_value_at(c->p->v0, i);
        x[ebb_filter_bias_at(filter)] = ebb_value_at(c->p->bias, i);
        c->done[i] = 0;
        c->held[i] = 0;
        c->wake[i] = EBB_TICK_NEVER;
        c->touch[i] = 0;
    }
    c->n_list = 0;
}
