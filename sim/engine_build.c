/* sim/engine_build.c - rooms of the event engine and its projections, taken
 * once. */
#include "sim/deliver_rows.h"
#include "sim/engine_tick.h"
#include "sim/maxima.h"
#include "sim/space.h"

#include "core/step.h"

#include <math.h>
#include <string.h>

static unsigned longest_order(const struct ebb_kernel *k)
{
    unsigned order = 0;
    for (size_t j = 0; k->alpha && j < k->n; j++) {
        unsigned own = ebb_poles_order(k->alpha + j, k->n, k->order_p);
        order = own > order ? own : order;
    }
    return order;
}

static ebb_status build_taps(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_kernel *k = &d->p->kernel;
    d->tap = ebb_arena_calloc(e->arena, k->order_q + 1, sizeof(*d->tap));
    d->due = ebb_arena_calloc(e->arena, k->order_q + 1, sizeof(*d->due));
    if (!d->tap || !d->due) {
        return engine_no_memory();
    }
    for (unsigned q = k->order_q + 1; q-- > 0;) {
        bool used = false;
        for (size_t j = 0; j < k->n; j++) {
            used = used || k->beta[q * k->n + j] != 0.0;
        }
        if (used) {
            d->tap[d->n_taps++] = q;
        }
    }
    if (d->n_taps > 0) {
        struct flight *f = &e->crowd[d->p->source].flight;
        ebb_tick lag = drive_lag(d, 0);
        f->longest = lag > f->longest ? lag : f->longest;
    }
    return EBB_OK;
}

/* Σ_k |c_k[n]| at its largest over all n >= 0, where
 * F[t+n] = Σ_k c_k[n] F[t-k]: found once every row has come below 1. */
static double largest_gain(const double *alpha, size_t stride, unsigned order)
{
    double past[EBB_ORDER_MAX][EBB_ORDER_MAX] = {{0}}; /* [start][p] */
    double most = 1;
    unsigned below = 0;
    for (unsigned k = 0; k < order; k++) {
        past[k][k] = 1;
    }
    for (unsigned long n = 0; n < 1000000; n++) {
        double row = 0;
        for (unsigned k = 0; k < order; k++) {
            double f = 0;
            for (unsigned p = 0; p < order; p++) {
                f += alpha[p * stride] * past[k][p];
            }
            memmove(past[k] + 1, past[k], (order - 1) * sizeof(double));
            past[k][0] = f;
            row += fabs(f);
        }
        most = fmax(most, row);
        below = row <= 1 ? below + 1 : 0;
        if (below >= order) {
            return most;
        }
    }
    return HUGE_VAL; /* as good as undamped: such an axon stays active */
}

/* The most that an axon adds to a target when it carries 1. */
static void largest_weights(const struct drive *d, double *largest)
{
    const struct ebb_projection *p = d->p;
    if (d->maxima) {
        maxima_largest(d, largest);
        return;
    }
    if (d->spatial) {
        space_largest(d, largest);
        return;
    }
    for (size_t j = 0; j < d->axons; j++) {
        size_t from = j * d->targets;
        for (size_t s = from; !d->rows && s < from + d->targets; s++) {
            largest[j] = fmax(largest[j], fabs(ebb_projection_weight(p, s)));
        }
        largest[j] = d->rows ? ebb_rows_largest(d->rows, j) : largest[j];
    }
}

double engine_negligible(const struct ebb_engine *e, const struct drive *d)
{
    const struct ebb_population *to = &e->net->populations[d->p->target];
    double v_th = HUGE_VAL;
    size_t fan_in = 0;
    for (size_t i = 0; i < to->v_th.n; i++) {
        v_th = fmin(v_th, fabs(to->v_th.v[i]));
    }
    const struct crowd *c = &e->crowd[d->p->target];
    for (size_t k = 0; k < c->n_in; k++) {
        fan_in += c->in[k]->fan_in;
    }
    return e->options.drop > 0 ? e->options.drop * v_th
                               : ldexp(v_th, -53) / (double)fan_in;
}

static ebb_status build_axons(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_kernel *k = &d->p->kernel;
    size_t n = d->axons;
    d->past = ebb_arena_calloc(e->arena, n * d->order + 1, sizeof(*d->past));
    d->input = ebb_arena_calloc(e->arena, n, sizeof(*d->input));
    d->limit = ebb_arena_calloc(e->arena, n, sizeof(*d->limit));
    d->active = ebb_arena_calloc(e->arena, n, sizeof(*d->active));
    d->is_active = ebb_arena_calloc(e->arena, n, sizeof(*d->is_active));
    if (!d->past || !d->input || !d->limit || !d->active || !d->is_active) {
        return engine_no_memory();
    }
    double share = engine_negligible(e, d);
    largest_weights(d, d->limit);
    for (size_t j = 0; j < n; j++) {
        double gain = d->order ? largest_gain(k->alpha + j, k->n, d->order) : 1;
        double weight = d->limit[j];
        d->limit[j] = weight > 0 ? share / (weight * gain) : HUGE_VAL;
    }
    return EBB_OK;
}

static enum way way_of(const struct drive *d)
{
    if (d->p->pool.kind == EBB_POOL_MAX) {
        return maxima_by_winners(d) ? WAY_WINNERS : WAY_AXONS;
    }
    return d->order == 0         ? WAY_DIRECT
           : d->p->kernel.n == 1 ? WAY_SECTION
                                 : WAY_AXONS;
}

static ebb_status build_drive(struct ebb_engine *e, size_t index)
{
    struct drive *d = &e->drive[index];
    const struct ebb_kernel *k = &d->p->kernel;
    d->order = longest_order(k);
    d->way = way_of(d);
    d->section = -1;
    EBB_TRY(build_taps(e, d));
    if (!drive_used(d)) {
        return EBB_OK;
    }
    size_t lanes = engine_lanes(d->targets);
    if (e->options.single) {
        d->sum32 = ebb_arena_calloc(e->arena, lanes, sizeof(*d->sum32));
    } else {
        d->sum64 = ebb_arena_calloc(e->arena, lanes, sizeof(*d->sum64));
    }
    if (!d->sum32 && !d->sum64) {
        return engine_no_memory();
    }
    if (d->p->pool.kind == EBB_POOL_MAX) {
        EBB_TRY(maxima_create(e, d));
    }
    ebb_mem_use_large_pages(d->sum64, lanes * sizeof(*d->sum64));
    ebb_mem_use_large_pages(d->sum32, lanes * sizeof(*d->sum32));
    EBB_TRY(space_build(e, d));
    if (d->p->kind == EBB_PROJECTION_SPARSE) {
        EBB_TRY(rows_take(e, d));
    }
    return d->way == WAY_AXONS ? build_axons(e, d) : EBB_OK;
}

static ebb_status build_watch(struct ebb_engine *e)
{
    for (size_t k = 0; k < e->options.n_probes; k++) {
        const struct ebb_probe *probe = &e->options.probes[k];
        if (e->part[k].from == e->part[k].to) {
            continue; /* told by another share, or by nobody */
        }
        if (probe->state != EBB_STATE_F) {
            e->crowd[probe->where].watched = true;
            continue;
        }
        struct drive *d = &e->drive[probe->where];
        d->watched = true;
        if (!d->f) {
            d->f = ebb_arena_calloc(e->arena, d->axons * (d->order + 1),
                                    sizeof(*d->f));
        }
        if (!d->f) {
            return engine_no_memory();
        }
    }
    return EBB_OK;
}

static ebb_status check_slice(size_t slice)
{
    bool fits =
        slice == 0 || (slice >= EBB_SWEEP_LANES && slice <= (size_t)1 << 30 &&
                       (slice & (slice - 1)) == 0);
    return fits ? EBB_OK
                : EBB_FAIL(EBB_ERR_ARG,
                           "slices of %zu neurons; a power of two from %d on, "
                           "or 0 to let the population's size choose",
                           slice, EBB_SWEEP_LANES);
}

static ebb_status check_share(struct ebb_share share)
{
    bool fits = share.index < share.count || share.index == 0;
    return fits ? EBB_OK
                : EBB_FAIL(EBB_ERR_ARG, "share %zu of %zu", share.index,
                           share.count);
}

/* What is computed here, and in what pieces. */
static ebb_status own(struct ebb_engine *e)
{
    size_t n = e->net->n_populations;
    struct ebb_share_range *range =
        ebb_arena_calloc(e->arena, n + 1, sizeof(*range));
    if (!range) {
        return engine_no_memory();
    }
    ebb_share_ranges(e->net, e->options.slice, e->options.share, range);
    for (size_t k = 0; k < n; k++) {
        struct crowd *c = &e->crowd[k];
        c->own_from = range[k].from;
        c->own_to = range[k].to;
        c->slice = e->options.slice ? e->options.slice : ebb_rows_slice(c->n);
        size_t tile = c->slice < TILE ? c->slice : TILE;
        c->tile_bits = (unsigned)__builtin_ctzll((unsigned long long)tile);
    }
    return EBB_OK;
}

/* Which projections reach a population, and which leave it? */
static ebb_status link_crowd(struct ebb_engine *e, struct crowd *c)
{
    size_t most = (e->net->n_projections + 1) * (EBB_ORDER_MAX + 2);
    c->in = ebb_arena_calloc(e->arena, most, sizeof(*c->in));
    c->out = ebb_arena_calloc(e->arena, most, sizeof(*c->out));
    if (!c->in || !c->out) {
        return engine_no_memory();
    }
    for (size_t k = 0; k < e->net->n_projections; k++) {
        struct drive *d = &e->drive[k];
        if (d->p->target == c->index) {
            d->own_from = c->own_from;
            d->own_to = c->own_to;
            c->in[c->n_in++] = d;
            c->by_place = c->by_place || d->p->kind == EBB_PROJECTION_CONV2D;
        }
        if (d->p->source == c->index && crowd_owned(&e->crowd[d->p->target])) {
            c->out[c->n_out++] = d;
        }
    }
    if (!c->by_place) {
        return EBB_OK;
    }
    c->channels = c->p->grid.channels;
    c->places = c->n / c->channels;
    c->of_channel =
        ebb_arena_calloc(e->arena, c->channels, sizeof(*c->of_channel));
    return c->of_channel ? EBB_OK : engine_no_memory();
}

/* Axons that reach one target, at most. */
static size_t fan_in_of(const struct ebb_projection *p, size_t axons)
{
    const struct ebb_pool *pool = &p->pool;
    double n = (double)axons;
    if (p->kind == EBB_PROJECTION_CONV2D) {
        double window = (double)p->synapses / (double)p->to.channels;
        bool pools = pool->kind != EBB_POOL_NONE;
        n = pools ? window * (double)pool->size[0] * (double)pool->size[1]
                  : window;
    }
    return n < (double)axons ? (size_t)n : axons;
}

static ebb_status build_rooms(struct ebb_engine *e)
{
    const struct ebb_network *net = e->net;
    size_t widest = 1;
    e->crowd =
        ebb_arena_calloc(e->arena, net->n_populations + 1, sizeof(*e->crowd));
    e->drive =
        ebb_arena_calloc(e->arena, net->n_projections + 1, sizeof(*e->drive));
    if (!e->crowd || !e->drive) {
        return engine_no_memory();
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        size_t n = net->populations[k].n;
        e->crowd[k] =
            (struct crowd){.p = &net->populations[k], .index = k, .n = n};
        widest = n > widest ? n : widest;
    }
    EBB_TRY(own(e));
    for (size_t k = 0; k < net->n_projections; k++) {
        const struct ebb_projection *p = &net->projections[k];
        size_t axons = net->populations[p->source].n;
        e->drive[k] =
            (struct drive){.p = p,
                           .index = k,
                           .axons = axons,
                           .targets = net->populations[p->target].n,
                           .spatial = p->kind == EBB_PROJECTION_CONV2D ||
                                      (p->pool.kind != EBB_POOL_NONE &&
                                       p->pool.kind != EBB_POOL_MAX),
                           .fan_in = fan_in_of(p, axons)};
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        EBB_TRY(link_crowd(e, &e->crowd[k]));
    }
    e->fired =
        ebb_arena_calloc(e->arena, engine_lanes(widest), sizeof(*e->fired));
    e->named =
        ebb_arena_calloc(e->arena, engine_lanes(widest), sizeof(*e->named));
    e->carried = ebb_arena_calloc(e->arena, widest, sizeof(*e->carried));
    return e->fired && e->named && e->carried ? EBB_OK : engine_no_memory();
}

/* Parts stand behind their projection among what reaches a population. */
static void link_parts(struct crowd *c)
{
    for (size_t k = 0; k < c->n_in; k++) {
        struct drive *part;
        if (c->in[k]->way != WAY_WINNERS) {
            continue;
        }
        size_t n = maxima_parts(c->in[k], &part);
        memmove(c->in + k + 1 + n, c->in + k + 1,
                (c->n_in - k - 1) * sizeof(*c->in));
        for (size_t i = 0; i < n; i++) {
            c->in[k + 1 + i] = &part[i];
        }
        c->n_in += n;
        k += n;
    }
}

ebb_status engine_build(struct ebb_engine *e)
{
    EBB_TRY(check_slice(e->options.slice));
    EBB_TRY(check_share(e->options.share));
    EBB_TRY(ebb_arena_create(&e->arena));
    if (e->options.share.count > 1) {
        e->out = ebb_arena_calloc(e->arena, 1, sizeof(*e->out));
        if (!e->out) {
            return engine_no_memory();
        }
    }
    const char *isa = ebb_step_best_f64()->isa;
    e->sweep_f32 = ebb_sweep_find_f32(isa);
    e->sweep_f64 = ebb_sweep_find_f64(isa);
    e->segment_f32 = ebb_segment_find_f32(isa);
    e->segment_f64 = ebb_segment_find_f64(isa);
    EBB_TRY(build_rooms(e));
    EBB_TRY(engine_take_probes(e));
    for (size_t k = 0; k < e->net->n_projections; k++) {
        EBB_TRY(build_drive(e, k));
    }
    EBB_TRY(build_watch(e));
    for (size_t k = 0; k < e->net->n_populations; k++) {
        if (crowd_owned(&e->crowd[k])) {
            link_parts(&e->crowd[k]);
        }
        EBB_TRY(crowd_build(e, &e->crowd[k]));
    }
    return EBB_OK;
}
