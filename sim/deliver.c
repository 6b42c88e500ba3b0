/* sim/deliver.c - spikes on their way, and what they bring to their targets. */
#include "sim/deliver_rows.h"
#include "sim/maxima.h"
#include "sim/space.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Mostly there is room: not worth a call. */
static inline ebb_status make_room(void *array, size_t *capacity, size_t want,
                                   size_t size)
{
    return want <= *capacity ? EBB_OK
                             : ebb_mem_grow(array, capacity, want, size);
}

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
    EBB_TRY(
        make_room(&f->volley, &f->volley_room, f->n + 1, sizeof(*f->volley)));
    EBB_TRY(
        make_room(&f->node, &f->node_room, f->n_node + n, sizeof(*f->node)));
    EBB_TRY(
        make_room(&f->value, &f->value_room, f->n_node + n, sizeof(*f->value)));
    memcpy(f->node + f->n_node, node, n * sizeof(*node));
    memcpy(f->value + f->n_node, value, n * sizeof(*value));
    f->volley[f->n++] = (struct volley){.tick = now, .from = f->n_node, .n = n};
    f->n_node += n;
    return EBB_OK;
}

ebb_status deliver_send(struct ebb_engine *e, struct crowd *from, ebb_tick tick,
                        const ebb_neuron_id *node, const double *value,
                        size_t n)
{
    EBB_TRY(remember(&from->flight, tick, node, value, n));
    for (size_t k = 0; k < from->n_out; k++) {
        struct drive *d = from->out[k];
        for (unsigned place = 0; place < d->n_taps; place++) {
            ebb_tick lag = drive_lag(d, place);
            if (lag == 0) {
                d->due[d->n_due++] = place;
                continue;
            }
            EBB_TRY(ebb_calendar_push(e->calendar, tick + lag,
                                      entry_tap(d->index, place)));
            COUNT(e, queue_operations, 1);
        }
    }
    return EBB_OK;
}

ebb_status deliver_restore(struct ebb_engine *e, struct crowd *from,
                           ebb_tick tick, const ebb_neuron_id *node,
                           const double *value, size_t n)
{
    EBB_TRY(remember(&from->flight, tick, node, value, n));
    for (size_t k = 0; k < from->n_out; k++) {
        struct drive *d = from->out[k];
        for (unsigned place = 0; place < d->n_taps; place++) {
            ebb_tick due = tick + drive_lag(d, place);
            if (due >= e->now) {
                EBB_TRY(ebb_calendar_push(e->calendar, due,
                                          entry_tap(d->index, place)));
            }
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

static size_t row_length(const struct drive *d, size_t axon)
{
    return d->p->kind == EBB_PROJECTION_DENSE ? d->targets
                                              : ebb_rows_length(d->rows, axon);
}

/* Additions that a spike on an axon makes; of maxima, those of a window. */
static size_t reach(const struct drive *d, size_t axon)
{
    if (d->maxima) {
        return d->p->kind == EBB_PROJECTION_DENSE
                   ? d->targets
                   : d->most_pieces * d->p->to.channels;
    }
    return d->spatial ? space_reach(d, axon) : row_length(d, axon);
}

size_t deliver_due(const struct ebb_engine *e, const struct drive *d,
                   size_t enough)
{
    const struct crowd *from = &e->crowd[d->p->source];
    size_t n = 0;
    for (unsigned k = 0; k < d->n_due && n < enough; k++) {
        const struct volley *v =
            deliver_find(from, e->now - drive_lag(d, d->due[k]));
        for (size_t s = 0; v && s < v->n && n < enough; s++) {
            n += reach(d, from->flight.node[v->from + s]);
        }
    }
    for (size_t k = 0; k < d->n_active && n < enough; k++) {
        n += reach(d, d->active[k]);
    }
    return d->maxima ? n + maxima_stirred(d) * reach(d, 0) : n;
}

/* Room for what n more axons add. */
static ebb_status reserve_rows(struct drive *d, size_t n)
{
    n *= d->most_pieces;
    if (d->p->kind == EBB_PROJECTION_CONV2D) {
        return make_room(&d->run, &d->run_room, d->n_runs + n, sizeof(*d->run));
    }
    n += d->n_rows;
    EBB_TRY(make_room(&d->row, &d->row_room, n, sizeof(*d->row)));
    return make_room(&d->carry, &d->carry_room, n, sizeof(*d->carry));
}

/* A row to be added: sum[i] += x w_ij. */
static void want_row(struct drive *d, size_t axon, double x)
{
    if (d->spatial) {
        if (d->p->kind == EBB_PROJECTION_CONV2D) {
            space_runs(d, axon, x);
        } else {
            space_rows(d, axon, x);
        }
        return;
    }
    d->row[d->n_rows] = (uint32_t)axon;
    d->carry[d->n_rows++] = x;
}

ebb_status deliver_want(struct drive *d, size_t row, double x)
{
    EBB_TRY(reserve_rows(d, 1));
    want_row(d, row, x);
    return EBB_OK;
}

static void touch_all(struct crowd *to)
{
    if (to->by_place) {
        blocks_touch(to, 0, to->n);
        return;
    }
    for (size_t i = 0; i < to->n; i++) {
        neurons_touch(to, i, TOUCH_ARRIVAL);
        to->tile[crowd_tile(to, i)].due++;
    }
}

/* Where additions go: into sums of their own, or straight into a section. */
struct aim {
    double *f64;
    float *f32;
};

static struct aim aim_of(const struct drive *d, const struct crowd *to)
{
    if (!crowd_direct(to, 0)) { /* all slices are alike */
        return (struct aim){.f64 = d->sum64, .f32 = d->sum32};
    }
    size_t row = d->at * to->stride;
    return (struct aim){.f64 = to->x64 ? to->x64 + row : NULL,
                        .f32 = to->x32 ? to->x32 + row : NULL};
}

/* The rows that are wanted of a dense matrix, one after the other. */
static void add_dense(struct ebb_engine *e, struct drive *d, struct aim to)
{
    const struct ebb_projection *p = d->p;
    bool single = p->number == EBB_FLOAT32;
    if (to.f64 && single) {
        e->sweep_f64->add_rows_f32(to.f64, d->weight, d->targets, d->row,
                                   d->carry, d->n_rows);
    } else if (to.f64) {
        e->sweep_f64->add_rows_f64(to.f64, d->weight, d->targets, d->row,
                                   d->carry, d->n_rows);
    } else if (single) {
        e->sweep_f32->add_rows_f32(to.f32, d->weight, d->targets, d->row,
                                   d->carry, d->n_rows);
    } else {
        e->sweep_f32->add_rows_f64(to.f32, d->weight, d->targets, d->row,
                                   d->carry, d->n_rows);
    }
}

/* The runs that are wanted of a convolution. */
static void add_runs(struct ebb_engine *e, struct drive *d)
{
    struct crowd *to = &e->crowd[d->p->target]; /* by place */
    struct aim aim = aim_of(d, to);
    bool single = d->p->number == EBB_FLOAT32;
    d->hot = d->hot || d->n_runs > 0;
    for (size_t k = 0; k < d->n_runs; k++) {
        if (!to->whole) {
            blocks_touch(to, d->run[k].to, (size_t)d->run[k].to + d->run[k].n);
        }
        COUNT(e, synaptic_operations, d->run[k].n);
    }
    if (aim.f64 && single) {
        e->sweep_f64->add_runs_f32(aim.f64, d->weight, d->run, d->n_runs);
    } else if (aim.f64) {
        e->sweep_f64->add_runs_f64(aim.f64, d->weight, d->run, d->n_runs);
    } else if (single) {
        e->sweep_f32->add_runs_f32(aim.f32, d->weight, d->run, d->n_runs);
    } else {
        e->sweep_f32->add_runs_f64(aim.f32, d->weight, d->run, d->n_runs);
    }
    d->n_runs = 0;
}

static void add_rows(struct ebb_engine *e, struct drive *d)
{
    struct crowd *to = &e->crowd[d->p->target];
    d->hot = d->hot || d->n_rows > 0;
    if (d->rows) {
        rows_add(e, d);
        d->n_rows = 0;
        return;
    }
    for (size_t k = 0; k < d->n_rows && !to->whole; k++) {
        touch_all(to);
    }
    COUNT(e, synaptic_operations, d->n_rows * d->targets);
    if (d->n_rows > 0) {
        add_dense(e, d, aim_of(d, to));
    }
    d->n_rows = 0;
}

static void activate(struct drive *d, size_t axon)
{
    if (!d->is_active[axon]) {
        d->is_active[axon] = true;
        d->active[d->n_active++] = (uint32_t)axon;
    }
}

/* The spikes of one tap, axons rising. */
static ebb_status add_tap(struct ebb_engine *e, struct drive *d, unsigned place)
{
    struct crowd *from = &e->crowd[d->p->source];
    const struct volley *v = deliver_find(from, e->now - drive_lag(d, place));
    const struct ebb_kernel *k = &d->p->kernel;
    const double *beta = k->beta + d->tap[place] * k->n;
    EBB_TRY(reserve_rows(d, v ? v->n : 0));
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
        } else if (d->way == WAY_WINNERS) {
            maxima_add(d, axon, x);
        } else {
            want_row(d, axon, x);
        }
    }
    return EBB_OK;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void deliver_sort(uint32_t *list, size_t n)
{
    size_t moves = 8 * n; /* by which a list counts as nearly sorted */
    for (size_t k = 1; k < n; k++) {
        uint32_t own = list[k];
        size_t to = k;
        for (; to > 0 && list[to - 1] > own && moves > 0; to--, moves--) {
            list[to] = list[to - 1];
        }
        list[to] = own;
        if (moves == 0) {
            qsort(list, n, sizeof(*list), by_number);
            return;
        }
    }
}

bool deliver_step_axon(struct drive *d, size_t axon, double *f)
{
    double *past = d->past + axon * d->order;
    const struct ebb_kernel *k = &d->p->kernel;
    double sum = d->input[axon], largest = 0;
    for (unsigned p = 0; p < d->order; p++) {
        sum += k->alpha[p * k->n + axon] * past[p];
    }
    d->input[axon] = 0;
    *f = sum;
    if (d->order == 0) { /* maxima of what has no memory */
        return false;
    }
    memmove(past + 1, past, (d->order - 1) * sizeof(*past));
    past[0] = sum;
    for (unsigned p = 0; p < d->order; p++) {
        largest = fmax(largest, fabs(past[p]));
    }
    if (largest >= DBL_MIN && largest >= d->limit[axon]) {
        return true;
    }
    memset(past, 0, d->order * sizeof(*past));
    return false;
}

/* The first of many are sorted, from the tick before; those that became active
 * since stand behind them. work: as large as the list. */
static void sort_active(uint32_t *list, size_t n, uint32_t *work)
{
    enum { MANY = 1024 };
    size_t sorted = 1;
    if (n < MANY) {
        deliver_sort(list, n);
        return;
    }
    while (sorted < n && list[sorted] > list[sorted - 1]) {
        sorted++;
    }
    size_t fresh = n - sorted;
    memcpy(work, list + sorted, fresh * sizeof(*list));
    qsort(work, fresh, sizeof(*work), by_number);
    for (size_t to = n; fresh > 0; to--) {
        bool old = sorted > 0 && list[sorted - 1] > work[fresh - 1];
        list[to - 1] = old ? list[--sorted] : work[--fresh];
    }
}

/* All active axons contribute, in the order of their numbers. */
static ebb_status add_axons(struct ebb_engine *e, struct drive *d)
{
    size_t kept = 0;
    EBB_TRY(reserve_rows(d, d->n_active));
    sort_active(d->active, d->n_active, e->fired);
    COUNT(e, axons_active, d->own_from == 0 ? d->n_active : 0);
    for (size_t k = 0; k < d->n_active; k++) {
        uint32_t axon = d->active[k];
        double f;
        if (deliver_step_axon(d, axon, &f)) {
            d->active[kept++] = axon;
        } else {
            d->is_active[axon] = false;
        }
        want_row(d, axon, f);
    }
    d->n_active = kept;
    return EBB_OK;
}

ebb_status deliver_collect(struct ebb_engine *e, struct drive *d)
{
    /* Oldest emission first: taps stand in falling order. */
    deliver_sort(d->due, d->n_due);
    for (unsigned k = 0; k < d->n_due; k++) {
        EBB_TRY(add_tap(e, d, d->due[k]));
    }
    d->n_due = 0;
    if (d->maxima) {
        EBB_TRY(maxima_collect(e, d));
    } else if (d->n_active > 0) {
        EBB_TRY(add_axons(e, d));
    }
    struct crowd *to = &e->crowd[d->p->target];
    to->driven = to->driven || d->n_active > 0;
    if (d->p->kind == EBB_PROJECTION_CONV2D) {
        add_runs(e, d);
    } else {
        add_rows(e, d);
    }
    return EBB_OK;
}
