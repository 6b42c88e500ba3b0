/* sim/space.c - where spikes land in convolutions and linear poolings. */
#include "sim/engine_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the axon stands. */
struct spot {
    size_t channel, at[2];
};

static struct spot spot_of(const struct drive *d, size_t axon)
{
    /* numbers of neurons are of 32 bits, which divide faster */
    const struct ebb_grid *g = drive_grid(d);
    uint32_t rows = (uint32_t)g->rows, own = (uint32_t)axon;
    uint32_t columns = (uint32_t)g->columns, row = own / columns;
    return (struct spot){.channel = row / rows,
                         .at = {row % rows, own % columns}};
}

/* Stretches being counted, and then written down. */
struct ruler {
    struct stretch *out; /* NULL: count */
    size_t n;
    struct stretch last;
    bool open; /* the last one may grow */
};

static void add_target(struct ruler *r, size_t target, size_t slot)
{
    struct stretch *last = &r->last;
    if (r->open && target == last->target + last->n &&
        slot == last->slot + last->n) {
        last->n++;
    } else {
        *last = (struct stretch){(uint32_t)target, (uint32_t)slot, 1};
        r->n++;
        r->open = true;
    }
    if (r->out) {
        r->out[r->n - 1] = *last;
    }
}

/* One axis of a projection. */
struct side {
    size_t room, pooled, targets; /* axons, what is pooled, targets */
    size_t pool_size, pool_stride;
    size_t size, stride, padding, dilation; /* size 0: no convolution */
    uint32_t *slot;                         /* [size] */
};

static struct side side_of(const struct drive *d, size_t k)
{
    const struct ebb_projection *p = d->p;
    const struct ebb_grid *from = drive_grid(d);
    bool pools = p->pool.kind != EBB_POOL_NONE && !d->maxima;
    struct side s = {.room = k == 0 ? from->rows : from->columns,
                     .pooled = k == 0 ? p->inputs.rows : p->inputs.columns,
                     .targets = k == 0 ? p->to.rows : p->to.columns,
                     .pool_size = pools ? p->pool.size[k] : 1,
                     .pool_stride = pools ? p->pool.stride[k] : 1};
    if (p->kind == EBB_PROJECTION_CONV2D) {
        s.size = p->conv.size[k];
        s.stride = p->conv.stride[k];
        s.padding = p->conv.padding[k];
        s.dilation = p->conv.dilation[k];
    }
    return s;
}

/* Slots of the kernel: places that meet neighbouring targets follow each
 * other, so that their weights make one run. */
static ebb_status order_slots(struct ebb_engine *e, struct side *s)
{
    bool chained = s->stride % s->dilation == 0;
    size_t step = chained ? s->stride / s->dilation : s->size, n = 0;
    s->slot = ebb_arena_calloc(e->arena, s->size, sizeof(*s->slot));
    if (!s->slot) {
        return engine_no_memory();
    }
    for (size_t last = s->size; last > 0 && n < s->size; last--) {
        for (size_t k = last; k > 0; k = k > step ? k - step : 0) {
            s->slot[k - 1] = (uint32_t)n++;
        }
    }
    return EBB_OK;
}

/* Targets that see what is pooled at `at`. */
static void rule_conv(struct ruler *r, const struct side *s, size_t at)
{
    r->open = false; /* another window: other weights */
    for (size_t k = s->size; k-- > 0;) {
        size_t to = at + s->padding, back = k * s->dilation;
        if (back > to || (to - back) % s->stride != 0 ||
            (to - back) / s->stride >= s->targets) {
            continue;
        }
        add_target(r, (to - back) / s->stride, s->slot[k]);
    }
}

/* Everything that place `at` of the axons reaches. */
static void rule(struct ruler *r, const struct side *s, size_t at)
{
    size_t size = s->pool_size, stride = s->pool_stride;
    size_t from = at < size ? 0 : (at - size) / stride + 1;
    r->open = false;
    for (size_t p = from; p <= at / stride && p < s->pooled; p++) {
        if (s->size == 0) {
            add_target(r, p, p);
        } else {
            rule_conv(r, s, p);
        }
    }
}

static ebb_status build_axis(struct ebb_engine *e, struct axis *axis,
                             const struct side *s)
{
    struct ruler r = {.out = NULL};
    axis->first = ebb_arena_calloc(e->arena, s->room + 1, sizeof(*axis->first));
    if (!axis->first) {
        return engine_no_memory();
    }
    for (size_t at = 0; at < s->room; at++) {
        rule(&r, s, at);
        axis->first[at + 1] = r.n;
    }
    axis->stretch = ebb_arena_calloc(e->arena, r.n, sizeof(*axis->stretch));
    if (!axis->stretch) {
        return engine_no_memory();
    }
    r = (struct ruler){.out = axis->stretch};
    for (size_t at = 0; at < s->room; at++) {
        rule(&r, s, at);
    }
    return EBB_OK;
}

/* Targets of place `at` of an axis, or the stretches of them. */
static size_t count_at(const struct axis *axis, size_t at, bool stretches)
{
    size_t n = 0;
    for (size_t k = axis->first[at]; k < axis->first[at + 1]; k++) {
        n += stretches ? 1 : axis->stretch[k].n;
    }
    return n;
}

static size_t most_at(const struct axis *axis, size_t room, bool stretches)
{
    size_t most = 0;
    for (size_t at = 0; at < room; at++) {
        size_t n = count_at(axis, at, stretches);
        most = n > most ? n : most;
    }
    return most;
}

/* Place of weight [out][in][row][column] in the engine's copy. */
static size_t place_of(const struct drive *d, size_t s, uint32_t *const slot[2])
{
    const struct ebb_projection *p = d->p;
    size_t rows = p->conv.size[0], columns = p->conv.size[1];
    size_t inputs = p->inputs.channels / p->conv.groups;
    size_t outs = p->to.channels / p->conv.groups;
    size_t column = s % columns, row = s / columns % rows;
    size_t in = s / columns / rows % inputs;
    size_t out = s / columns / rows / inputs;
    size_t channel = out / outs * inputs + in;
    return ((channel * rows + slot[0][row]) * columns + slot[1][column]) *
               outs +
           out % outs;
}

static size_t size_of(enum ebb_number number)
{
    return number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
}

/* Weight `from` of the network at `to` of a copy. */
static void copy_weight(const struct ebb_projection *p, void *copy, size_t to,
                        size_t from)
{
    if (p->number == EBB_FLOAT32) {
        ((float *)copy)[to] = ((const float *)p->weight)[from];
    } else {
        ((double *)copy)[to] = ((const double *)p->weight)[from];
    }
}

static ebb_status build_conv(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_projection *p = d->p;
    uint32_t *slot[2];
    for (size_t k = 0; k < 2; k++) {
        struct side s = side_of(d, k);
        EBB_TRY(order_slots(e, &s));
        EBB_TRY(build_axis(e, &d->axis[k], &s));
        slot[k] = s.slot;
    }
    void *copy = ebb_arena_calloc(e->arena, p->synapses, size_of(p->number));
    if (!copy) {
        return engine_no_memory();
    }
    for (size_t s = 0; s < p->synapses; s++) {
        copy_weight(p, copy, place_of(d, s, slot), s);
    }
    d->weight = copy;
    bool whole = p->conv.groups == 1; /* else each target is a run */
    const struct ebb_grid *from = drive_grid(d);
    d->most_pieces = most_at(&d->axis[0], from->rows, false) *
                     most_at(&d->axis[1], from->columns, whole);
    return EBB_OK;
}

static ebb_status build_pooled(struct ebb_engine *e, struct drive *d)
{
    for (size_t k = 0; k < 2; k++) {
        struct side s = side_of(d, k);
        EBB_TRY(build_axis(e, &d->axis[k], &s));
    }
    d->most_pieces = most_at(&d->axis[0], d->p->from.rows, false) *
                     most_at(&d->axis[1], d->p->from.columns, false);
    return EBB_OK;
}

/* A dense matrix whose targets stand by place. */
static ebb_status place_dense(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_projection *p = d->p;
    const struct crowd *to = &e->crowd[p->target];
    void *copy = ebb_arena_calloc(e->arena, p->synapses, size_of(p->number));
    if (!copy) {
        return engine_no_memory();
    }
    for (size_t s = 0; s < p->synapses; s++) {
        size_t node = s % d->targets;
        copy_weight(p, copy, s - node + crowd_slot(to, node), s);
    }
    d->weight = copy;
    return EBB_OK;
}

/* A synapse of a row. */
struct synapse {
    uint32_t target;
    size_t from; /* number in the network */
};

static int by_target(const void *a, const void *b)
{
    const struct synapse *x = a, *y = b;
    return x->target != y->target
               ? (x->target > y->target) - (x->target < y->target)
               : (x->from > y->from) - (x->from < y->from);
}

/* Sort one row for the copy: targets rise, equal ones keep their order. */
static void place_row(const struct drive *d, const struct crowd *to,
                      size_t axon, struct synapse *work, void *copy,
                      uint32_t *indices)
{
    const struct ebb_projection *p = d->p;
    size_t from = p->indptr[axon], n = p->indptr[axon + 1] - from;
    for (size_t k = 0; k < n; k++) {
        size_t slot = crowd_slot(to, p->indices[from + k]);
        work[k] = (struct synapse){(uint32_t)slot, from + k};
    }
    qsort(work, n, sizeof(*work), by_target);
    for (size_t k = 0; k < n; k++) {
        indices[from + k] = work[k].target;
        copy_weight(p, copy, from + k, work[k].from);
    }
}

/* The same of sparse rows. */
static ebb_status place_sparse(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_projection *p = d->p;
    size_t longest = 0;
    for (size_t j = 0; j < d->axons; j++) {
        size_t n = p->indptr[j + 1] - p->indptr[j];
        longest = n > longest ? n : longest;
    }
    void *copy = ebb_arena_calloc(e->arena, p->synapses, size_of(p->number));
    uint32_t *indices =
        ebb_arena_calloc(e->arena, p->synapses, sizeof(*indices));
    struct synapse *work = ebb_mem_calloc(longest + 1, sizeof(*work));
    if (!copy || !indices || !work) {
        ebb_mem_free(work);
        return engine_no_memory();
    }
    for (size_t j = 0; j < d->axons; j++) {
        place_row(d, &e->crowd[p->target], j, work, copy, indices);
    }
    ebb_mem_free(work);
    d->weight = copy;
    d->indices = indices;
    return EBB_OK;
}

ebb_status space_build(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_projection *p = d->p;
    const struct ebb_pool *pool = &p->pool;
    d->weight = p->weight;
    d->indptr = p->indptr;
    d->indices = p->indices;
    d->most_pieces = 1;
    d->share = pool->kind == EBB_POOL_AVERAGE
                   ? 1 / (double)(pool->size[0] * pool->size[1])
                   : 1;
    if (p->kind == EBB_PROJECTION_CONV2D) {
        return build_conv(e, d);
    }
    if (pool->kind != EBB_POOL_NONE && !d->maxima) {
        EBB_TRY(build_pooled(e, d));
    }
    if (!e->crowd[p->target].by_place) {
        return EBB_OK;
    }
    return p->kind == EBB_PROJECTION_DENSE ? place_dense(e, d)
                                           : place_sparse(e, d);
}

size_t space_reach(const struct drive *d, size_t axon)
{
    const struct ebb_projection *p = d->p;
    struct spot spot = spot_of(d, axon);
    size_t places = count_at(&d->axis[0], spot.at[0], false) *
                    count_at(&d->axis[1], spot.at[1], false);
    return places * (p->kind == EBB_PROJECTION_CONV2D
                         ? p->to.channels / p->conv.groups
                         : d->targets);
}

static void push_run(struct drive *d, size_t to, size_t from, size_t n,
                     double x)
{
    d->run[d->n_runs++] = (struct ebb_sweep_run){
        .from = from, .to = (uint32_t)to, .n = (uint32_t)n, .x = x};
}

/* Runs in one row of targets: `target` and `weight` are of its first place and
 * slot, for the channels of the axon's group. */
static void runs_of_row(struct drive *d, size_t column, size_t target,
                        size_t weight, double x)
{
    const struct axis *a = &d->axis[1];
    size_t all = d->p->to.channels, own = all / d->p->conv.groups;
    for (size_t k = a->first[column]; k < a->first[column + 1]; k++) {
        const struct stretch *s = &a->stretch[k];
        size_t to = target + s->target * all, from = weight + s->slot * own;
        if (own == all) {
            push_run(d, to, from, s->n * all, x);
            continue;
        }
        for (size_t i = 0; i < s->n; i++) {
            push_run(d, to + i * all, from + i * own, own, x);
        }
    }
}

void space_runs(struct drive *d, size_t axon, double x)
{
    const struct ebb_projection *p = d->p;
    const struct axis *a = &d->axis[0];
    struct spot spot = spot_of(d, axon);
    size_t all = p->to.channels, own = all / p->conv.groups;
    size_t group = spot.channel / (p->inputs.channels / p->conv.groups);
    size_t kernel = spot.channel * p->conv.size[0];
    size_t row = spot.at[0];
    for (size_t k = a->first[row]; k < a->first[row + 1]; k++) {
        const struct stretch *s = &a->stretch[k];
        for (size_t i = 0; i < s->n; i++) {
            runs_of_row(d, spot.at[1],
                        (s->target + i) * p->to.columns * all + group * own,
                        (kernel + s->slot + i) * p->conv.size[1] * own,
                        x * d->share);
        }
    }
}

/* What pools an axon: a rectangle. */
struct windows {
    size_t from[2], n[2];
    size_t channel;
};

static struct windows windows_of(const struct drive *d, size_t axon)
{
    struct spot spot = spot_of(d, axon);
    struct windows w = {.channel = spot.channel};
    for (size_t k = 0; k < 2; k++) {
        const struct axis *a = &d->axis[k];
        size_t first = a->first[spot.at[k]];
        if (a->first[spot.at[k] + 1] > first) { /* one stretch */
            w.from[k] = a->stretch[first].target;
            w.n[k] = a->stretch[first].n;
        }
    }
    return w;
}

/* Number of what is pooled in window (y, x) of a rectangle. */
static size_t pooled_at(const struct drive *d, const struct windows *w,
                        size_t y, size_t x)
{
    const struct ebb_grid *g = &d->p->inputs;
    return (w->channel * g->rows + w->from[0] + y) * g->columns + w->from[1] +
           x;
}

void space_rows(struct drive *d, size_t axon, double x)
{
    struct windows w = windows_of(d, axon);
    for (size_t k = 0; k < w.n[0] * w.n[1]; k++) {
        size_t row = pooled_at(d, &w, k / w.n[1], k % w.n[1]);
        d->row[d->n_rows] = (uint32_t)row;
        d->carry[d->n_rows++] = x * d->share;
    }
}

static double largest_of(const struct ebb_projection *p, size_t from, size_t n)
{
    double most = 0;
    for (size_t s = from; s < from + n; s++) {
        most = fmax(most, fabs(ebb_projection_weight(p, s)));
    }
    return most;
}

/* Of the kernels of one channel of axons. */
static double largest_of_channel(const struct ebb_projection *p, size_t channel)
{
    size_t window = p->conv.size[0] * p->conv.size[1];
    size_t inputs = p->inputs.channels / p->conv.groups;
    size_t outs = p->to.channels / p->conv.groups;
    size_t first = channel / inputs * outs;
    double most = 0;
    for (size_t out = first; out < first + outs; out++) {
        size_t kernel = out * inputs + channel % inputs;
        most = fmax(most, largest_of(p, kernel * window, window));
    }
    return most;
}

void space_largest(const struct drive *d, double *largest)
{
    const struct ebb_projection *p = d->p;
    bool conv = p->kind == EBB_PROJECTION_CONV2D;
    size_t own = d->axons / p->from.channels;
    size_t windows = 1;
    for (size_t k = 0; p->pool.kind != EBB_POOL_NONE && k < 2; k++) {
        windows *= (p->pool.size[k] - 1) / p->pool.stride[k] + 1;
    }
    for (size_t j = 0; j < d->axons; j++) {
        double most = 0;
        if (conv) {
            most =
                j % own == 0 ? largest_of_channel(p, j / own) : largest[j - 1];
            largest[j] =
                j % own == 0 ? most * d->share * (double)windows : most;
            continue;
        }
        struct windows w = windows_of(d, j);
        for (size_t k = 0; k < w.n[0] * w.n[1]; k++) {
            size_t row = pooled_at(d, &w, k / w.n[1], k % w.n[1]);
            most += largest_of(p, row * d->targets, d->targets);
        }
        largest[j] = most * d->share;
    }
}

void space_name(struct ebb_engine *e, struct crowd *c, size_t n)
{
    size_t before = 0;
    uint32_t channels = (uint32_t)c->channels;
    if (n == 0) {
        return;
    }
    memset(c->of_channel, 0, c->channels * sizeof(*c->of_channel));
    for (size_t k = 0; k < n; k++) {
        c->of_channel[e->fired[k] % channels]++;
    }
    for (size_t k = 0; k < c->channels; k++) {
        size_t own = c->of_channel[k];
        c->of_channel[k] = before;
        before += own;
    }
    for (size_t k = 0; k < n; k++) {
        uint32_t channel = e->fired[k] % channels;
        uint32_t place = e->fired[k] / channels;
        e->named[c->of_channel[channel]++] =
            channel * (ebb_neuron_id)c->places + place;
    }
    ebb_neuron_id *named = e->named;
    e->named = e->fired;
    e->fired = named;
}
