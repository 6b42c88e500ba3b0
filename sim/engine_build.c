/* sim/engine_build.c - tables and memory of the event engine, taken once. */
#include "sim/engine_parts.h"

#include "core/step.h"

#include <math.h>
#include <string.h>

/* Sweeps go over whole runs of lanes. */
static size_t whole_lanes(size_t n)
{
    return (n + EBB_SWEEP_LANES - 1) / EBB_SWEEP_LANES * EBB_SWEEP_LANES;
}

static unsigned longest_order(const struct ebb_kernel *k)
{
    unsigned order = 0;
    for (size_t j = 0; k->alpha && j < k->n; j++) {
        unsigned own = ebb_poles_order(k->alpha + j, k->n, k->order_p);
        order = own > order ? own : order;
    }
    return order;
}

/* Time constants of a kernel that still is what its name says; 0 else. */
static unsigned known_poles(const struct ebb_engine *e,
                            const struct ebb_kernel *k, double *pole)
{
    struct ebb_kernel named = {.n = 0};
    const struct ebb_kernel_spec *spec = &k->spec;
    double tick = spec->seconds ? e->net->tick_s : 1;
    if (spec->shape == EBB_KERNEL_IIR || spec->shape == EBB_KERNEL_NONE ||
        ebb_kernel_expand(&named, e->arena, spec, 1, e->net->tick_s) !=
            EBB_OK ||
        named.order_p != k->order_p) {
        return 0;
    }
    for (unsigned p = 0; p < named.order_p; p++) {
        if (named.alpha[p] != k->alpha[p * k->n]) {
            return 0;
        }
    }
    double slow = exp(-tick / spec->tau_m);
    pole[0] = spec->shape == EBB_KERNEL_DUAL_EXPONENTIAL
                  ? exp(-tick / spec->tau_s)
                  : slow;
    pole[1] = slow;
    return named.order_p;
}

/* Are all α short binary fractions, so that their sums are exact? */
static bool is_dyadic(const struct ebb_kernel *k)
{
    for (unsigned p = 0; p < k->order_p; p++) {
        double scaled = ldexp(k->alpha[p * k->n], 20);
        if (scaled != floor(scaled)) {
            return false;
        }
    }
    return true;
}

/* The section of a shared kernel. */
static void describe(const struct ebb_engine *e, struct drive *d,
                     struct ebb_section *out)
{
    const struct ebb_kernel *k = &d->p->kernel;
    *out = (struct ebb_section){.order = d->order};
    if (known_poles(e, k, out->number) == d->order) {
        out->form = EBB_SECTION_CASCADE;
    } else {
        out->form =
            is_dyadic(k) ? EBB_SECTION_TRANSPOSED : EBB_SECTION_DIFFERENCES;
        for (unsigned p = 0; p < d->order; p++) {
            out->number[p] = k->alpha[p * k->n];
        }
    }
}

static ebb_status no_memory(void)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the event engine");
}

static ebb_status build_taps(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_kernel *k = &d->p->kernel;
    d->tap = ebb_arena_calloc(e->arena, k->order_q + 1, sizeof(*d->tap));
    d->due = ebb_arena_calloc(e->arena, k->order_q + 1, sizeof(*d->due));
    if (!d->tap || !d->due) {
        return no_memory();
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

static double largest_weight(const struct drive *d, size_t axon)
{
    const struct ebb_projection *p = d->p;
    bool dense = p->kind == EBB_PROJECTION_DENSE;
    size_t from = dense ? axon * d->targets : p->indptr[axon];
    size_t to = dense ? from + d->targets : p->indptr[axon + 1];
    double most = 0;
    for (size_t s = from; s < to; s++) {
        most = fmax(most, fabs(ebb_projection_weight(p, s)));
    }
    return most;
}

/* What V may lose when one axon is forgotten. */
static double share_of_threshold(const struct ebb_engine *e,
                                 const struct drive *d)
{
    const struct ebb_population *to = &e->net->populations[d->p->target];
    double v_th = HUGE_VAL;
    size_t fan_in = 0;
    for (size_t i = 0; i < to->v_th.n; i++) {
        v_th = fmin(v_th, fabs(to->v_th.v[i]));
    }
    const struct crowd *c = &e->crowd[d->p->target];
    for (size_t k = 0; k < c->n_in; k++) {
        fan_in += c->in[k]->axons;
    }
    return e->options.drop > 0 ? e->options.drop * v_th
                               : ldexp(v_th, -53) / (double)fan_in;
}

static ebb_status build_axons(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_kernel *k = &d->p->kernel;
    size_t n = d->axons;
    d->past = ebb_arena_calloc(e->arena, n * d->order, sizeof(*d->past));
    d->input = ebb_arena_calloc(e->arena, n, sizeof(*d->input));
    d->limit = ebb_arena_calloc(e->arena, n, sizeof(*d->limit));
    d->active = ebb_arena_calloc(e->arena, n, sizeof(*d->active));
    d->is_active = ebb_arena_calloc(e->arena, n, sizeof(*d->is_active));
    if (!d->past || !d->input || !d->limit || !d->active || !d->is_active) {
        return no_memory();
    }
    double share = share_of_threshold(e, d);
    for (size_t j = 0; j < n; j++) {
        double gain = largest_gain(k->alpha + j, k->n, d->order);
        double weight = largest_weight(d, j);
        d->limit[j] = weight > 0 ? share / (weight * gain) : HUGE_VAL;
    }
    return EBB_OK;
}

static ebb_status build_drive(struct ebb_engine *e, size_t index)
{
    struct drive *d = &e->drive[index];
    const struct ebb_kernel *k = &d->p->kernel;
    d->order = longest_order(k);
    d->way = d->order == 0 ? WAY_DIRECT : k->n == 1 ? WAY_SECTION : WAY_AXONS;
    d->section = -1;
    size_t lanes = whole_lanes(d->targets);
    if (e->options.single) {
        d->sum32 = ebb_arena_calloc(e->arena, lanes, sizeof(*d->sum32));
    } else {
        d->sum64 = ebb_arena_calloc(e->arena, lanes, sizeof(*d->sum64));
    }
    if (!d->sum32 && !d->sum64) {
        return no_memory();
    }
    EBB_TRY(build_taps(e, d));
    return d->way == WAY_AXONS ? build_axons(e, d) : EBB_OK;
}

/* The number of neuron i's kind; a new one where none fits. */
static uint32_t kind_of(struct crowd *c, size_t i)
{
    double lambda = ebb_value_at(c->p->lambda, i);
    double theta =
        c->p->reset == EBB_RESET_FILTER ? ebb_value_at(c->p->theta, i) : 0;
    for (size_t k = 0; k < c->n_kinds; k++) {
        if (c->kinds[k].lambda == lambda && c->kinds[k].theta == theta) {
            return (uint32_t)k;
        }
    }
    c->kinds[c->n_kinds] = (struct kind){.lambda = lambda, .theta = theta};
    return (uint32_t)c->n_kinds++;
}

/* The section of a projection: one of `known` [*n] that is the same, or a new
 * one behind them. */
static void take_section(const struct ebb_engine *e, struct drive *d,
                         struct ebb_section *known, size_t *n, size_t *at)
{
    struct ebb_section own;
    size_t first = 0;
    describe(e, d, &own);
    ebb_section_input(&own, d->gain);
    for (size_t s = 0; s < *n; first += known[s].order, s++) {
        if (known[s].form == own.form && known[s].order == own.order &&
            memcmp(known[s].number, own.number, sizeof(own.number)) == 0) {
            d->section = (int)s;
            d->at = first;
            return;
        }
    }
    d->section = (int)*n;
    d->at = *at;
    known[(*n)++] = own;
    *at += own.order;
}

static ebb_status build_kinds(struct ebb_engine *e, struct crowd *c)
{
    size_t at = 0, numbers = 0;
    struct ebb_section *sections =
        ebb_arena_calloc(e->arena, c->n_in + 1, sizeof(*sections));
    if (!sections) {
        return no_memory();
    }
    for (size_t k = 0; k < c->n_in; k++) {
        if (c->in[k]->way == WAY_SECTION) {
            take_section(e, c->in[k], sections, &c->n_sections, &at);
        }
    }
    for (size_t i = 0; i < c->n; i++) {
        c->kind[i] = kind_of(c, i);
    }
    for (size_t k = 0; k < c->n_kinds; k++) {
        struct ebb_filter_spec spec = {.sections = sections,
                                       .n_sections = c->n_sections,
                                       .lambda = c->kinds[k].lambda,
                                       .theta = c->kinds[k].theta,
                                       .bits = c->n_kinds > 2 ? 2 : 6};
        EBB_TRY(ebb_filter_create(&c->kinds[k].filter, &spec));
        EBB_TRY(ebb_crossing_create(&c->kinds[k].crossing, c->kinds[k].filter));
    }
    for (size_t k = 0; k < c->n_sections; k++) {
        numbers += (size_t)sections[k].order * sections[k].order;
    }
    c->size = ebb_filter_size(c->kinds[0].filter);
    c->sweepable = c->n_kinds == 1 && c->n_sections <= EBB_SWEEP_SECTIONS &&
                   numbers <= EBB_SWEEP_NUMBERS;
    return EBB_OK;
}

/* A parameter as sweeps want it: in the states' precision, [lanes] of one
 * number or [stride]. */
static const void *spread(struct ebb_engine *e, const struct crowd *c,
                          struct ebb_values from)
{
    size_t n = c->view.common ? EBB_SWEEP_LANES : c->stride;
    size_t size = e->options.single ? sizeof(float) : sizeof(double);
    void *to = ebb_arena_calloc(e->arena, n, size);
    for (size_t i = 0; to && i < n; i++) {
        double value = ebb_value_at(from, i < c->n ? i : 0);
        if (e->options.single) {
            ((float *)to)[i] = (float)value;
        } else {
            ((double *)to)[i] = value;
        }
    }
    return to;
}

static ebb_status build_sweeps(struct ebb_engine *e, struct crowd *c)
{
    struct tile_view *view = &c->view;
    const struct ebb_population *p = c->p;
    size_t rows = c->size - 1, lanes = rows * c->stride;
    if (e->options.single) {
        c->held32 = ebb_arena_calloc(e->arena, c->stride, sizeof(*c->held32));
        c->x32 = ebb_arena_calloc(e->arena, lanes, sizeof(*c->x32));
        view->x = c->x32;
        view->ops = e->sweep_f32;
    } else {
        c->held64 = ebb_arena_calloc(e->arena, c->stride, sizeof(*c->held64));
        c->x64 = ebb_arena_calloc(e->arena, lanes, sizeof(*c->x64));
        view->x = c->x64;
        view->ops = e->sweep_f64;
    }
    view->stride = c->stride;
    view->filter = p->reset == EBB_RESET_FILTER;
    view->strict = e->net->strict;
    view->common = p->bias.n == 1 && p->v_th.n == 1 && p->v_reset.n == 1;
    view->bias = spread(e, c, p->bias);
    view->v_th = spread(e, c, p->v_th);
    view->v_reset = spread(e, c, p->v_reset);
    const void *held = c->held64 ? (void *)c->held64 : (void *)c->held32;
    view->held = view->filter || p->refractory_ticks == 0 ? NULL : held;
    view->fired = ebb_arena_calloc(e->arena, c->stride / EBB_SWEEP_LANES,
                                   sizeof(*view->fired));
    size_t entry =
        e->options.single ? sweep_entry_size_f32() : sweep_entry_size_f64();
    c->last.entry = ebb_arena_calloc(e->arena, 1, entry);
    view->last = &c->last;
    c->arrival = ebb_arena_calloc(e->arena, c->n_in + 1, sizeof(*c->arrival));
    size_t most = c->n < TILE ? c->n : TILE;
    c->restless =
        ebb_arena_calloc(e->arena, whole_lanes(most), sizeof(*c->restless));
    c->strayed = ebb_arena_calloc(e->arena, most, c->size * sizeof(double));
    if (p->refractory_ticks >= crowd_clock(c) / 2) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "population '%s': refractory_ticks %llu; at most %llu "
                        "with %s states",
                        p->name, (unsigned long long)p->refractory_ticks,
                        (unsigned long long)crowd_clock(c) / 2 - 1,
                        e->options.single ? "single" : "double");
    }
    return (c->held32 || c->held64) && view->x && view->bias && view->v_th &&
                   view->v_reset && view->fired && c->last.entry &&
                   c->arrival && c->restless && c->strayed
               ? EBB_OK
               : no_memory();
}

static ebb_status build_crowd(struct ebb_engine *e, struct crowd *c)
{
    struct ebb_arena *arena = e->arena;
    size_t n = c->n;
    if (c->p->input) {
        return EBB_OK;
    }
    c->stride = whole_lanes(n);
    c->n_tiles = (n + TILE - 1) / TILE;
    c->kinds = ebb_arena_calloc(arena, n, sizeof(*c->kinds));
    c->kind = ebb_arena_calloc(arena, n, sizeof(*c->kind));
    c->done = ebb_arena_calloc(arena, n, sizeof(*c->done));
    c->wake = ebb_arena_calloc(arena, n, sizeof(*c->wake));
    c->touch = ebb_arena_calloc(arena, n, sizeof(*c->touch));
    c->list = ebb_arena_calloc(arena, n, sizeof(*c->list));
    c->later = ebb_arena_calloc(arena, n, sizeof(*c->later));
    c->stray = ebb_arena_calloc(arena, n, sizeof(*c->stray));
    c->tile = ebb_arena_calloc(arena, c->n_tiles, sizeof(*c->tile));
    if (!c->kinds || !c->kind || !c->done || !c->wake || !c->touch ||
        !c->list || !c->later || !c->stray || !c->tile) {
        return no_memory();
    }
    EBB_TRY(build_kinds(e, c));
    EBB_TRY(build_sweeps(e, c));
    if (c->watched) {
        c->v = ebb_arena_calloc(arena, n, sizeof(*c->v));
        c->i = ebb_arena_calloc(arena, n, sizeof(*c->i));
        c->r = ebb_arena_calloc(arena, n, sizeof(*c->r));
    }
    bool short_of_memory = c->watched && (!c->v || !c->i || !c->r);
    return short_of_memory ? no_memory() : EBB_OK;
}

static ebb_status build_watch(struct ebb_engine *e)
{
    for (size_t k = 0; k < e->options.n_probes; k++) {
        const struct ebb_probe *probe = &e->options.probes[k];
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
            return no_memory();
        }
    }
    return EBB_OK;
}

/* Which projections reach a population, and which leave it? */
static ebb_status link_crowd(struct ebb_engine *e, struct crowd *c)
{
    size_t most = e->net->n_projections + 1;
    c->in = ebb_arena_calloc(e->arena, most, sizeof(*c->in));
    c->out = ebb_arena_calloc(e->arena, most, sizeof(*c->out));
    if (!c->in || !c->out) {
        return no_memory();
    }
    for (size_t k = 0; k < e->net->n_projections; k++) {
        struct drive *d = &e->drive[k];
        if (d->p->target == c->index) {
            c->in[c->n_in++] = d;
        }
        if (d->p->source == c->index) {
            c->out[c->n_out++] = d;
        }
    }
    return EBB_OK;
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
        return no_memory();
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        size_t n = net->populations[k].n;
        e->crowd[k] =
            (struct crowd){.p = &net->populations[k], .index = k, .n = n};
        widest = n > widest ? n : widest;
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        const struct ebb_projection *p = &net->projections[k];
        e->drive[k] = (struct drive){.p = p,
                                     .index = k,
                                     .axons = net->populations[p->source].n,
                                     .targets = net->populations[p->target].n};
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        EBB_TRY(link_crowd(e, &e->crowd[k]));
    }
    e->fired =
        ebb_arena_calloc(e->arena, whole_lanes(widest), sizeof(*e->fired));
    e->carried = ebb_arena_calloc(e->arena, widest, sizeof(*e->carried));
    return e->fired && e->carried ? EBB_OK : no_memory();
}

ebb_status engine_build(struct ebb_engine *e)
{
    EBB_TRY(ebb_network_check_events(e->net));
    EBB_TRY(ebb_arena_create(&e->arena));
    const char *isa = ebb_step_best_f64()->isa;
    e->sweep_f32 = ebb_sweep_find_f32(isa);
    e->sweep_f64 = ebb_sweep_find_f64(isa);
    EBB_TRY(build_rooms(e));
    EBB_TRY(engine_check_probes(e));
    for (size_t k = 0; k < e->net->n_projections; k++) {
        EBB_TRY(build_drive(e, k));
    }
    EBB_TRY(build_watch(e));
    for (size_t k = 0; k < e->net->n_populations; k++) {
        EBB_TRY(build_crowd(e, &e->crowd[k]));
    }
    return EBB_OK;
}
