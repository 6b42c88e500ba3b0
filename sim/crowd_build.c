/* sim/crowd_build.c - tables and memory of a population at work, taken once. */
#include "sim/engine_parts.h"
#include "sim/maxima.h"

#include <math.h>
#include <string.h>

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
    if (d->order == 1) { /* its state is what it gives in the next tick */
        out->form = EBB_SECTION_TRANSPOSED;
        out->number[0] = k->alpha[0];
    } else if (known_poles(e, k, out->number) == d->order) {
        out->form = EBB_SECTION_CASCADE;
    } else {
        out->form =
            is_dyadic(k) ? EBB_SECTION_TRANSPOSED : EBB_SECTION_DIFFERENCES;
        for (unsigned p = 0; p < d->order; p++) {
            out->number[p] = k->alpha[p * k->n];
        }
    }
}

/* The number of neuron i's kind; a new one where none fits. */
static uint32_t kind_of(struct crowd *c, size_t i)
{
    double lambda = crowd_value(c, c->p->lambda, i);
    double theta =
        c->p->reset == EBB_RESET_FILTER ? crowd_value(c, c->p->theta, i) : 0;
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

/* Which neurons are of which kind? Mostly all are of one. */
static ebb_status sort_kinds(struct ebb_engine *e, struct crowd *c)
{
    const struct ebb_population *p = c->p;
    bool one = p->lambda.n == 1 && p->theta.n == 1;
    size_t most = one ? 1 : c->n;
    c->kinds = ebb_arena_calloc(e->arena, most, sizeof(*c->kinds));
    c->kind = one ? NULL : ebb_arena_calloc(e->arena, c->n, sizeof(*c->kind));
    if (!c->kinds || (!one && !c->kind)) {
        return engine_no_memory();
    }
    for (size_t i = 0; i < most; i++) {
        uint32_t own = kind_of(c, i);
        if (c->kind) {
            c->kind[i] = own;
        }
    }
    return EBB_OK;
}

static ebb_status build_kinds(struct ebb_engine *e, struct crowd *c)
{
    size_t at = 0, numbers = 0;
    struct ebb_section *sections =
        ebb_arena_calloc(e->arena, c->n_in + 1, sizeof(*sections));
    if (!sections) {
        return engine_no_memory();
    }
    for (size_t k = 0; k < c->n_in; k++) {
        struct drive *d = c->in[k];
        if ((d->way == WAY_SECTION && !d->whole) || d->way == WAY_WINNERS) {
            take_section(e, d, sections, &c->n_sections, &at);
        }
        if (d->way == WAY_WINNERS) {
            EBB_TRY(maxima_build(e, d, &sections[d->section]));
        }
    }
    EBB_TRY(sort_kinds(e, c));
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

/* Where all that reaches a population are sections of first order, whose state
 * is what they give in the next tick, additions may go straight into it. */
static ebb_status build_direct(struct ebb_engine *e, struct crowd *c)
{
    bool direct = c->n_in > 0 && !c->by_place;
    c->in_pieces = true;
    for (size_t k = 0; k < c->n_in; k++) {
        const struct drive *d = c->in[k];
        direct = direct && d->order == 1 && d->way == WAY_SECTION;
        c->in_pieces = c->in_pieces && d->rows;
    }
    if (!direct) {
        return EBB_OK;
    }
    c->direct =
        ebb_arena_calloc(e->arena, c->n / c->slice + 1, sizeof(*c->direct));
    return c->direct ? EBB_OK : engine_no_memory();
}

/* A parameter as sweeps want it: in the states' precision, [lanes] of one
 * number or [stride]. */
static const void *spread(struct ebb_engine *e, const struct crowd *c,
                          struct ebb_values from, bool one)
{
    size_t n = one ? EBB_SWEEP_LANES : c->stride;
    size_t size = e->options.single ? sizeof(float) : sizeof(double);
    void *to = ebb_arena_calloc(e->arena, n, size);
    size_t first = one ? 0 : c->own_from, end = one ? n : crowd_lanes_to(c);
    for (size_t i = first; to && i < end; i++) {
        double value = crowd_value(c, from, i < c->n ? i : 0);
        if (e->options.single) {
            ((float *)to)[i] = (float)value;
        } else {
            ((double *)to)[i] = value;
        }
    }
    return to;
}

/* The clock of the refractory time is a number of the states' precision. */
static ebb_status check_refractory(const struct ebb_engine *e,
                                   const struct ebb_population *p)
{
    ebb_tick most = (ebb_tick)1 << (e->options.single ? 22 : 51);
    return p->reset == EBB_RESET_FILTER || p->refractory_ticks < most
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "population '%s': refractory_ticks %llu; less than "
                          "%llu with %s states",
                          p->name, (unsigned long long)p->refractory_ticks,
                          (unsigned long long)most,
                          e->options.single ? "float" : "double");
}

/* Only a refractory time holds anybody. */
static ebb_status build_held(struct ebb_engine *e, struct crowd *c)
{
    if (c->p->reset == EBB_RESET_FILTER || c->p->refractory_ticks == 0) {
        return EBB_OK;
    }
    if (e->options.single) {
        c->held32 = ebb_arena_calloc(e->arena, c->stride, sizeof(*c->held32));
    } else {
        c->held64 = ebb_arena_calloc(e->arena, c->stride, sizeof(*c->held64));
    }
    return c->held32 || c->held64 ? EBB_OK : engine_no_memory();
}

static ebb_status build_sweeps(struct ebb_engine *e, struct crowd *c)
{
    struct tile_view *view = &c->view;
    const struct ebb_population *p = c->p;
    EBB_TRY(check_refractory(e, p));
    bool apart = c->by_place && c->sweepable && c->kinds[0].lambda == 0;
    c->rows = c->size - 1 - apart;
    size_t lanes = c->rows * c->stride, room = apart ? EBB_SWEEP_ROOM : 0;
    EBB_TRY(build_held(e, c));
    if (e->options.single) {
        c->x32 = ebb_arena_calloc(e->arena, lanes + room, sizeof(*c->x32));
        view->x = c->x32;
        view->ops = e->sweep_f32;
    } else {
        c->x64 = ebb_arena_calloc(e->arena, lanes + room, sizeof(*c->x64));
        view->x = c->x64;
        view->ops = e->sweep_f64;
    }
    ebb_mem_use_large_pages(view->x,
                            lanes * (c->x64 ? sizeof(double) : sizeof(float)));
    view->stride = c->by_place ? BLOCK : c->stride;
    view->jump = c->by_place ? c->rows * BLOCK : BLOCK;
    if (apart && c->x32) {
        c->v_apart = lanes;
        view->v = c->x32 + lanes;
    } else if (apart && c->x64) {
        c->v_apart = lanes;
        view->v = c->x64 + lanes;
    }
    view->filter = p->reset == EBB_RESET_FILTER;
    view->strict = e->net->strict;
    view->one_bias = p->bias.n == 1;
    view->one_v_th = p->v_th.n == 1 && p->v_reset.n == 1;
    view->bias = spread(e, c, p->bias, view->one_bias);
    view->v_th = spread(e, c, p->v_th, view->one_v_th);
    view->v_reset = spread(e, c, p->v_reset, view->one_v_th);
    const void *held = c->held64 ? (void *)c->held64 : (void *)c->held32;
    view->held = held;
    view->fired = ebb_arena_calloc(e->arena, c->stride / EBB_SWEEP_LANES,
                                   sizeof(*view->fired));
    size_t entry =
        e->options.single ? sweep_entry_size_f32() : sweep_entry_size_f64();
    c->last.entry = ebb_arena_calloc(e->arena, 1, entry);
    view->last = &c->last;
    c->arrival = ebb_arena_calloc(e->arena, c->n_in + 1, sizeof(*c->arrival));
    bool complete = view->x && view->bias && view->v_th && view->v_reset &&
                    view->fired && c->last.entry && c->arrival;
    return complete ? EBB_OK : engine_no_memory();
}

static ebb_status build_tiles(struct ebb_engine *e, struct crowd *c)
{
    struct ebb_arena *arena = e->arena;
    size_t n = c->n, tile = (size_t)1 << c->tile_bits;
    size_t most = n < tile ? n : tile;
    c->tile_from = c->own_from >> c->tile_bits;
    c->tile_to = (c->own_to + tile - 1) >> c->tile_bits;
    c->done = ebb_arena_calloc(arena, n, sizeof(*c->done));
    c->wake = ebb_arena_calloc(arena, n, sizeof(*c->wake));
    c->touch = ebb_arena_calloc(arena, n, sizeof(*c->touch));
    c->list = ebb_arena_calloc(arena, n, sizeof(*c->list));
    c->later = ebb_arena_calloc(arena, n, sizeof(*c->later));
    c->stray = ebb_arena_calloc(arena, n, sizeof(*c->stray));
    c->tile = ebb_arena_calloc(arena, n / tile + 1, sizeof(*c->tile));
    c->restless =
        ebb_arena_calloc(e->arena, engine_lanes(most), sizeof(*c->restless));
    c->strayed = ebb_arena_calloc(e->arena, most, c->size * sizeof(double));
    bool complete = c->done && c->wake && c->touch && c->list && c->later &&
                    c->stray && c->tile && c->restless && c->strayed;
    return complete ? EBB_OK : engine_no_memory();
}

ebb_status crowd_build(struct ebb_engine *e, struct crowd *c)
{
    struct ebb_arena *arena = e->arena;
    size_t n = c->n;
    if (c->p->input || !crowd_owned(c)) {
        return EBB_OK;
    }
    c->stride = engine_lanes(n);
    EBB_TRY(build_kinds(e, c));
    EBB_TRY(build_direct(e, c));
    EBB_TRY(build_sweeps(e, c));
    EBB_TRY(c->by_place ? blocks_build(e, c) : build_tiles(e, c));
    if (c->watched) {
        c->v = ebb_arena_calloc(arena, n, sizeof(*c->v));
        c->i = ebb_arena_calloc(arena, n, sizeof(*c->i));
        c->r = ebb_arena_calloc(arena, n, sizeof(*c->r));
    }
    bool short_of_memory = c->watched && (!c->v || !c->i || !c->r);
    return short_of_memory ? engine_no_memory() : EBB_OK;
}
