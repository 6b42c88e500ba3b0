/* sim/space_build.c - tables of convolutions and linear poolings, taken once.
 */
#include "sim/space.h"

#include <stdlib.h>

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

static size_t most_at(const struct axis *axis, size_t room, bool stretches)
{
    size_t most = 0;
    for (size_t at = 0; at < room; at++) {
        size_t n = axis_count(axis, at, stretches);
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
    uint32_t from; /* place in the row */
};

static int by_target(const void *a, const void *b)
{
    const struct synapse *x = a, *y = b;
    return x->target != y->target
               ? (x->target > y->target) - (x->target < y->target)
               : (x->from > y->from) - (x->from < y->from);
}

/* Rows of a sparse projection as a source of others. */
struct placed {
    const struct ebb_projection *p;
    const struct crowd *to;
    size_t longest;
};

/* What a thread needs: the row as the network has it, and sorted. */
struct placed_room {
    struct synapse *work;
    uint32_t *target; /* of compact rows */
    char *weight;
};

static void end_placed(void *self, void *thread)
{
    struct placed_room *room = thread;
    (void)self;
    ebb_mem_free(room->work);
    ebb_mem_free(room->target);
    ebb_mem_free(room->weight);
    ebb_mem_free(room);
}

static ebb_status begin_placed(void *self, void **thread)
{
    const struct placed *placed = self;
    size_t n = placed->longest + 1;
    struct placed_room *room = ebb_mem_calloc(1, sizeof(*room));
    *thread = room;
    if (!room) {
        return engine_no_memory();
    }
    room->work = ebb_mem_calloc(n, sizeof(*room->work));
    room->target = ebb_mem_calloc(n, sizeof(*room->target));
    room->weight = ebb_mem_calloc(n, size_of(placed->p->number));
    return room->work && room->target && room->weight ? EBB_OK
                                                      : engine_no_memory();
}

/* Sort one row: targets rise, equal ones keep their order. */
static ebb_status place_row(void *self, void *thread, size_t axon,
                            uint32_t *target, void *weight, size_t *n)
{
    const struct placed *placed = self;
    const struct ebb_projection *p = placed->p;
    const struct placed_room *room = thread;
    const uint32_t *given = room->target;
    const char *from = room->weight;
    size_t size = size_of(p->number);
    if (p->rows) {
        *n = ebb_rows_read(p->rows, axon, room->target, room->weight);
    } else {
        *n = p->indptr[axon + 1] - p->indptr[axon];
        given = p->indices + p->indptr[axon];
        from = (const char *)p->weight + p->indptr[axon] * size;
    }
    for (size_t k = 0; k < *n; k++) {
        room->work[k] = (struct synapse){
            (uint32_t)crowd_slot(placed->to, given[k]), (uint32_t)k};
    }
    qsort(room->work, *n, sizeof(*room->work), by_target);
    for (size_t k = 0; k < *n; k++) {
        target[k] = room->work[k].target;
        memcpy((char *)weight + k * size, from + room->work[k].from * size,
               size);
    }
    return EBB_OK;
}

ebb_status space_pack(struct ebb_engine *e, struct drive *d,
                      const struct ebb_rows_shape *shape)
{
    const struct ebb_projection *p = d->p;
    struct placed placed = {.p = p, .to = &e->crowd[p->target]};
    for (size_t j = 0; j < d->axons; j++) {
        size_t n = p->rows ? ebb_rows_length(p->rows, j)
                           : p->indptr[j + 1] - p->indptr[j];
        placed.longest = n > placed.longest ? n : placed.longest;
    }
    struct ebb_row_source source = {.self = &placed,
                                    .most = placed.longest,
                                    .number = p->number,
                                    .begin = begin_placed,
                                    .end = end_placed,
                                    .row = place_row};
    return ebb_rows_build(&d->own_rows, shape, &source, NULL);
}

ebb_status space_build(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_projection *p = d->p;
    const struct ebb_pool *pool = &p->pool;
    d->weight = p->weight;
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
    bool places = e->crowd[p->target].by_place;
    return places && p->kind == EBB_PROJECTION_DENSE ? place_dense(e, d)
                                                     : EBB_OK;
}
