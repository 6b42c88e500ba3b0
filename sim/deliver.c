/* sim/deliver.c - spikes on their way, and what they bring to their targets. */
#include "sim/engine_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Forget the volleys that nobody waits for any more. */
static void forget_old(struct flight *f, ebb_tick now)
{
    while (f->n > f->first && f->volley[f->first].tick + f->longest < now) {
        f->first++;
    }
    if (f->first == f->n) {
        f->first = f->n = f->n_node = 0;
    } else if (f->first > 64 && f->first > f->n / 2) {
        size_t from = f->volley[f->first].from;
        f->n -= f->first;
        f->n_node -= from;
        memmove(f->volley, f->volley + f->first, f->n * sizeof(*f->volley));
        memmove(f->node, f->node + from, f->n_node * sizeof(*f->node));
        memmove(f->value, f->value + from, f->n_node * sizeof(*f->value));
        f->first = 0;
        for (size_t k = 0; k < f->n; k++) {
            f->volley[k].from -= from;
        }
    }
}

static ebb_status remember(struct flight *f, ebb_tick now,
                           const ebb_neuron_id *node, const double *value,
                           size_t n)
{
    forget_old(f, now);
    EBB_TRY(ebb_mem_grow(&f->volley, &f->volley_room, f->n + 1,
                         sizeof(*f->volley)));
    EBB_TRY(
        ebb_mem_grow(&f->node, &f->node_room, f->n_node + n, sizeof(*f->node)));
    EBB_TRY(ebb_mem_grow(&f->value, &f->value_room, f->n_node + n,
                         sizeof(*f->value)));
    memcpy(f->node + f->n_node, node, n * sizeof(*node));
    memcpy(f->value + f->n_node, value, n * sizeof(*value));
    f->volley[f->n++] = (struct volley){.tick = now, .from = f->n_node, .n = n};
    f->n_node += n;
    return EBB_OK;
}

ebb_status deliver_send(struct ebb_engine *e, struct crowd *from,
                        const ebb_neuron_id *node, const double *value,
                        size_t n)
{
    EBB_TRY(remember(&from->flight, e->now, node, value, n));
    for (size_t k = 0; k < e->net->n_projections; k++) {
        struct drive *d = &e->drive[k];
        for (unsigned place = 0;
             d->p->source == from->index && place < d->n_taps; place++) {
            ebb_tick lag = drive_lag(d, place);
            if (lag == 0) {
                d->due[d->n_due++] = place;
                continue;
            }
            EBB_TRY(ebb_calendar_push(e->calendar, e->now + lag,
                                      entry_tap(k, place)));
            e->counters.queue_operations++;
        }
    }
    return EBB_OK;
}

const struct volley *deliver_find(const struct crowd *from, ebb_tick tick)
{
    const struct flight *f = &from->flight;
    size_t low = f->first, high = f->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->volley[middle].tick < tick) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < f->n && f->volley[low].tick == tick ? &f->volley[low] : NULL;
}

/* sum[i] += x w_ij over one row; touches what it reaches. */
static void add_row(struct ebb_engine *e, struct drive *d, struct crowd *to,
                    size_t axon, double x)
{
    const struct ebb_projection *p = d->p;
    bool dense = p->kind == EBB_PROJECTION_DENSE;
    size_t from = dense ? axon * d->targets : p->indptr[axon];
    size_t n = dense ? d->targets : p->indptr[axon + 1] - from;
    d->hot = true;
    e->counters.synaptic_operations += n;
    if (dense && p->number == EBB_FLOAT32) {
        const float *w = (const float *)p->weight + from;
        for (size_t i = 0; i < n; i++) {
            d->sum[i] += x * (double)w[i];
        }
    } else if (dense) {
        const double *w = (const double *)p->weight + from;
        for (size_t i = 0; i < n; i++) {
            d->sum[i] += x * w[i];
        }
    } else {
        for (size_t s = from; s < from + n; s++) {
            size_t i = p->indices[s];
            d->sum[i] += x * ebb_projection_weight(p, s);
            neurons_touch(to, i, TOUCH_ARRIVAL);
            to->tile_due[i / TILE]++;
        }
        return;
    }
    for (size_t tile = 0; tile * TILE < n; tile++) {
        size_t end = (tile + 1) * TILE < n ? (tile + 1) * TILE : n;
        to->tile_due[tile] += end - tile * TILE;
    }
    for (size_t i = 0; i < n; i++) {
        neurons_touch(to, i, TOUCH_ARRIVAL);
    }
}

static void activate(struct drive *d, size_t axon)
{
    if (!d->is_active[axon]) {
        d->is_active[axon] = true;
        d->active[d->n_active++] = (uint32_t)axon;
    }
}

/* The spikes of one tap, axons rising. */
static void add_tap(struct ebb_engine *e, struct drive *d, unsigned place)
{
    struct crowd *from = &e->crowd[d->p->source];
    const struct volley *v = deliver_find(from, e->now - drive_lag(d, place));
    const struct ebb_kernel *k = &d->p->kernel;
    const double *beta = k->beta + d->tap[place] * k->n;
    for (size_t s = 0; v && s < v->n; s++) {
        size_t axon = from->flight.node[v->from + s];
        double x =
            beta[ebb_kernel_column(k, axon)] * from->flight.value[v->from + s];
        if (x == 0.0) {
            continue;
        }
        if (d->way == WAY_AXONS) {
            d->input[axon] += x;
            activate(d, axon);
        } else {
            add_row(e, d, &e->crowd[d->p->target], axon, x);
        }
    }
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void deliver_sort(uint32_t *list, size_t n)
{
    for (size_t k = 1; k < n; k++) {
        if (list[k - 1] > list[k]) {
            qsort(list, n, sizeof(*list), by_number);
            return;
        }
    }
}

/* F of one axon at this tick; false when it cannot matter any more. */
static bool step_axon(struct drive *d, size_t axon, double *f)
{
    double *past = d->past + axon * d->order;
    const struct ebb_kernel *k = &d->p->kernel;
    double sum = d->input[axon], largest = 0;
    for (unsigned p = 0; p < d->order; p++) {
        sum += k->alpha[p * k->n + axon] * past[p];
    }
    d->input[axon] = 0;
    memmove(past + 1, past, (d->order - 1) * sizeof(*past));
    past[0] = sum;
    for (unsigned p = 0; p < d->order; p++) {
        largest = fmax(largest, fabs(past[p]));
    }
    *f = sum;
    if (largest > 0 && largest >= d->limit[axon]) {
        return true;
    }
    memset(past, 0, d->order * sizeof(*past));
    return false;
}

/* All active axons contribute, in the order of their numbers. */
static void add_axons(struct ebb_engine *e, struct drive *d)
{
    size_t kept = 0;
    deliver_sort(d->active, d->n_active);
    e->counters.axons_active += d->n_active;
    for (size_t k = 0; k < d->n_active; k++) {
        uint32_t axon = d->active[k];
        double f;
        if (step_axon(d, axon, &f)) {
            d->active[kept++] = axon;
        } else {
            d->is_active[axon] = false;
        }
        add_row(e, d, &e->crowd[d->p->target], axon, f);
    }
    d->n_active = kept;
}

void deliver_collect(struct ebb_engine *e, struct drive *d)
{
    /* Oldest emission first: taps stand in falling order. */
    deliver_sort(d->due, d->n_due);
    for (unsigned k = 0; k < d->n_due; k++) {
        add_tap(e, d, d->due[k]);
    }
    d->n_due = 0;
    if (d->n_active > 0) {
        add_axons(e, d);
        /* All of them: those of a population that is no longer driven have
         * their searches to do. */
        struct crowd *to = &e->crowd[d->p->target];
        to->driven = to->driven || d->n_active > 0;
        for (size_t i = 0; i < to->n; i++) {
            neurons_touch(to, i, TOUCH_ARRIVAL);
        }
    }
}
