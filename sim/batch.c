/* sim/batch.c - the whole network over all ticks at once, and its adjoint;
 * built once per precision. */
#include "sim/batch.h"

#include "sim/projection_run.h"

#include "core/real_build.inc"

#include <string.h>

typedef EBB_REAL real;
typedef struct EBB_NAME(ebb_model) model;
typedef struct EBB_NAME(ebb_model_projection) model_projection;
typedef struct EBB_NAME(ebb_gradient) gradient;
typedef struct EBB_NAME(ebb_batch) batch;
typedef struct EBB_NAME(ebb_membrane_state) membrane_state;
typedef struct EBB_NAME(ebb_membrane_adjoint) membrane_adjoint;

/* Arrays of one population: [samples][ticks][n]. */
struct batch_population {
    size_t n;
    real *o;        /* spikes, or summed input values */
    real *s;        /* what the axons carry: o, or scale * o */
    real *scale;    /* a of graded axons; allocated when first asked for */
    real *v;        /* neurons only from here on */
    uint8_t *phase; /* refractory populations only */
    real *d_o, *d_v;
    real *r; /* R, for the gradients of θ and Vth */
    /* One row a sample: what is carried from tick to tick. */
    real *carried, *reset, *d_v_next, *d_reset_next;
    uint32_t *held;
    bool graded; /* scale is in force */
};

/* Arrays of one projection: [samples][ticks][axons], and what is pooled of
 * them (the same arrays where there is no pooling). */
struct batch_projection {
    real *f, *d_f;
    real *pooled, *d_pooled;
};

struct EBB_NAME(ebb_batch) {
    const model *m;
    const struct EBB_NAME(ebb_step) * step;
    struct ebb_batch_options options;
    struct batch_population *populations;
    struct batch_projection *projections;
    real *work; /* of projections' runs */
    struct ebb_low *low;
    struct ebb_arena *arena;
};

static real *take(batch *b, size_t n)
{
    return ebb_arena_calloc(b->arena, b->options.samples * b->options.ticks * n,
                            sizeof(real));
}

static real *take_row(batch *b, size_t n)
{
    return ebb_arena_calloc(b->arena, b->options.samples * n, sizeof(real));
}

static bool take_adjoint(batch *b, struct batch_population *p)
{
    p->d_o = take(b, p->n);
    p->d_v = take(b, p->n);
    p->d_v_next = take_row(b, p->n);
    p->d_reset_next = take_row(b, p->n);
    if (b->options.neuron_gradients) {
        p->r = take(b, p->n);
    }
    return p->d_o && p->d_v && p->d_v_next && p->d_reset_next &&
           (p->r || !b->options.neuron_gradients);
}

static bool take_neurons(batch *b, struct batch_population *p,
                         const struct ebb_population *from)
{
    size_t cells = b->options.samples * b->options.ticks * p->n;
    p->v = take(b, p->n);
    p->carried = take_row(b, p->n);
    p->reset = take_row(b, p->n);
    p->held =
        ebb_arena_calloc(b->arena, b->options.samples * p->n, sizeof(uint32_t));
    if (from->refractory_ticks > 0) {
        p->phase = ebb_arena_calloc(b->arena, cells, 1);
    }
    bool complete = p->v && p->carried && p->reset && p->held &&
                    (p->phase || from->refractory_ticks == 0);
    return complete && (!b->options.learn || take_adjoint(b, p));
}

static bool take_projection(batch *b, struct batch_projection *p,
                            const struct ebb_projection *from)
{
    bool pools = from->pool.kind != EBB_POOL_NONE;
    size_t axons = b->m->net->populations[from->source].n;
    p->f = take(b, axons);
    p->pooled = pools ? take(b, from->n_inputs) : p->f;
    if (b->options.learn) {
        p->d_f = take(b, axons);
        p->d_pooled = pools ? take(b, from->n_inputs) : p->d_f;
    }
    return p->f && p->pooled && ((p->d_f && p->d_pooled) || !b->options.learn);
}

static bool take_work(batch *b)
{
    size_t most = 0;
    for (size_t i = 0; i < b->m->net->n_projections; i++) {
        size_t work = ebb_projection_work(&b->m->net->projections[i]);
        most = work > most ? work : most;
    }
    b->work = ebb_arena_calloc(b->arena, most, sizeof(real));
    return b->work != NULL;
}

static ebb_status take_arrays(batch *b)
{
    const struct ebb_network *net = b->m->net;
    EBB_TRY(ebb_arena_create(&b->arena));
    b->populations =
        ebb_arena_calloc(b->arena, net->n_populations, sizeof(*b->populations));
    b->projections =
        ebb_arena_calloc(b->arena, net->n_projections, sizeof(*b->projections));
    bool complete = b->populations && b->projections;
    for (size_t i = 0; complete && i < net->n_populations; i++) {
        struct batch_population *p = &b->populations[i];
        p->n = net->populations[i].n;
        p->o = take(b, p->n);
        p->s = p->o;
        complete = p->o != NULL && (net->populations[i].input ||
                                    take_neurons(b, p, &net->populations[i]));
    }
    for (size_t i = 0; complete && i < net->n_projections; i++) {
        complete = take_projection(b, &b->projections[i], &net->projections[i]);
    }
    complete = complete && take_work(b);
    if (!complete) {
        return EBB_FAIL(EBB_ERR_NOMEM,
                        "no memory for %zu samples of %zu ticks: run fewer at "
                        "a time",
                        b->options.samples, b->options.ticks);
    }
    return EBB_OK;
}

ebb_status EBB_NAME(ebb_batch_create)(batch **out, const model *m,
                                      const struct ebb_batch_options *options)
{
    *out = NULL;
    if (options->ticks == 0 || options->samples == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "a batch of %zu samples and %zu ticks",
                        options->samples, options->ticks);
    }
    batch *b = ebb_mem_calloc(1, sizeof(*b));
    if (!b) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a batch");
    }
    b->m = m;
    b->step = m->step;
    b->options = *options;
    ebb_status status = take_arrays(b);
    if (status == EBB_OK && options->bf16) {
        size_t rows = options->samples * options->ticks;
        status = ebb_low_create(&b->low, ebb_network_factor(m->net, rows));
    }
    if (status != EBB_OK) {
        EBB_NAME(ebb_batch_destroy)(b);
        return status;
    }
    *out = b;
    return EBB_OK;
}

void EBB_NAME(ebb_batch_destroy)(batch *b)
{
    if (b) {
        ebb_low_destroy(b->low);
        ebb_arena_destroy(b->arena);
        ebb_mem_free(b);
    }
}

size_t EBB_NAME(ebb_batch_bytes)(const batch *b)
{
    return ebb_arena_bytes(b->arena);
}

void EBB_NAME(ebb_batch_set_step)(batch *b,
                                  const struct EBB_NAME(ebb_step) * step)
{
    b->step = step;
}

/* First cell of a sample in an array of n columns. */
static size_t cell(const batch *b, size_t sample, size_t n)
{
    return sample * b->options.ticks * n;
}

real *EBB_NAME(ebb_batch_o)(batch *b, size_t population, size_t sample)
{
    struct batch_population *p = &b->populations[population];
    return p->o + cell(b, sample, p->n);
}

real *EBB_NAME(ebb_batch_v)(batch *b, size_t population, size_t sample)
{
    struct batch_population *p = &b->populations[population];
    return p->v + cell(b, sample, p->n);
}

real *EBB_NAME(ebb_batch_d_o)(batch *b, size_t population, size_t sample)
{
    struct batch_population *p = &b->populations[population];
    return p->d_o + cell(b, sample, p->n);
}

real *EBB_NAME(ebb_batch_d_v)(batch *b, size_t population, size_t sample)
{
    struct batch_population *p = &b->populations[population];
    return p->d_v + cell(b, sample, p->n);
}

real *EBB_NAME(ebb_batch_r)(batch *b, size_t population, size_t sample)
{
    struct batch_population *p = &b->populations[population];
    return p->r + cell(b, sample, p->n);
}

uint8_t *EBB_NAME(ebb_batch_phase)(batch *b, size_t population, size_t sample)
{
    struct batch_population *p = &b->populations[population];
    return p->phase ? p->phase + cell(b, sample, p->n) : NULL;
}

static size_t axons_of(const batch *b, size_t projection)
{
    return b->populations[b->m->projections[projection].from->source].n;
}

real *EBB_NAME(ebb_batch_f)(batch *b, size_t projection, size_t sample)
{
    return b->projections[projection].f +
           cell(b, sample, axons_of(b, projection));
}

const real *EBB_NAME(ebb_batch_pooled)(batch *b, size_t projection,
                                       size_t sample)
{
    size_t n = b->m->projections[projection].from->n_inputs;
    return b->projections[projection].pooled + cell(b, sample, n);
}

real *EBB_NAME(ebb_batch_d_f)(batch *b, size_t projection, size_t sample)
{
    return b->projections[projection].d_f +
           cell(b, sample, axons_of(b, projection));
}

static void fill_ones(real *a, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        a[i] = 1;
    }
}

ebb_status EBB_NAME(ebb_batch_scale)(batch *b, size_t population, size_t sample,
                                     real **a)
{
    struct batch_population *p = &b->populations[population];
    if (!p->scale) {
        real *scale = take(b, p->n);
        real *s = take(b, p->n);
        if (!scale || !s) {
            return EBB_FAIL(EBB_ERR_NOMEM, "no memory for graded axons");
        }
        p->scale = scale;
        p->s = s;
    }
    if (!p->graded) {
        fill_ones(p->scale, b->options.samples * b->options.ticks * p->n);
        p->graded = true;
    }
    *a = p->scale + cell(b, sample, p->n);
    return EBB_OK;
}

void EBB_NAME(ebb_batch_clear)(batch *b)
{
    size_t cells = b->options.samples * b->options.ticks;
    for (size_t i = 0; i < b->m->net->n_populations; i++) {
        struct batch_population *p = &b->populations[i];
        p->graded = false;
        if (b->m->net->populations[i].input) {
            memset(p->o, 0, cells * p->n * sizeof(real));
        }
    }
}

/* What the axons of a population carry during t0 <= t < t1: S = a O. */
static void carry_spikes(struct batch_population *p, const batch *b, size_t t0,
                         size_t t1)
{
    if (p->s == p->o) {
        return;
    }
    for (size_t k = 0; k < b->options.samples; k++) {
        size_t from = cell(b, k, p->n) + t0 * p->n;
        for (size_t i = from; i < from + (t1 - t0) * p->n; i++) {
            p->s[i] = p->graded ? p->scale[i] * p->o[i] : p->o[i];
        }
    }
}

static const struct EBB_NAME(ebb_projection_run) *
    run_of(const model_projection *p)
{
    switch (p->from->kind) {
    case EBB_PROJECTION_DENSE:
        return &EBB_NAME(ebb_dense_run);
    case EBB_PROJECTION_SPARSE:
        return &EBB_NAME(ebb_sparse_run);
    case EBB_PROJECTION_CONV2D:
        break;
    }
    return &EBB_NAME(ebb_conv_run);
}

/* Rows t0 <= t < t1 of all samples as one product where they are contiguous
 * (all ticks) or evenly spaced (one tick). */
static struct ebb_product shape_of(const batch *b, size_t projection,
                                   size_t rows, size_t spacing)
{
    const struct ebb_projection *from = b->m->projections[projection].from;
    size_t sources = from->n_inputs;
    size_t targets = b->populations[from->target].n;
    return (struct ebb_product){.rows = rows,
                                .sources = sources,
                                .targets = targets,
                                .source_stride = sources * spacing,
                                .target_stride = targets * spacing,
                                .low = b->low};
}

struct span {
    size_t t0, t1;
};

static struct ebb_product shape_of_span(const batch *b, size_t projection,
                                        struct span span)
{
    bool one_tick = span.t1 - span.t0 == 1;
    size_t rows = b->options.samples * (span.t1 - span.t0);
    return shape_of(b, projection, rows, one_tick ? b->options.ticks : 1);
}

static void filter_forward(batch *b, size_t projection, struct span span)
{
    const model_projection *p = &b->m->projections[projection];
    const struct batch_population *source = &b->populations[p->from->source];
    for (size_t k = 0; k < b->options.samples; k++) {
        size_t at = cell(b, k, source->n);
        b->step->filter_forward(b->projections[projection].f + at,
                                source->s + at, &p->filter, span.t0, span.t1,
                                source->n, source->n);
    }
    struct batch_projection *own = &b->projections[projection];
    struct ebb_product shape = shape_of_span(b, projection, span);
    EBB_NAME(ebb_pool_forward)
    (p->from, &shape, own->pooled + span.t0 * p->from->n_inputs,
     own->f + span.t0 * source->n);
}

static void project_forward(batch *b, size_t projection, struct span span,
                            bool add)
{
    const model_projection *p = &b->m->projections[projection];
    struct batch_population *target = &b->populations[p->from->target];
    struct ebb_product shape = shape_of_span(b, projection, span);
    filter_forward(b, projection, span);
    run_of(p)->forward(p, &shape, target->v + span.t0 * target->n,
                       b->projections[projection].pooled +
                           span.t0 * p->from->n_inputs,
                       add, b->work);
}

static void clear_rows(batch *b, struct batch_population *p, struct span span)
{
    for (size_t k = 0; k < b->options.samples; k++) {
        memset(p->v + cell(b, k, p->n) + span.t0 * p->n, 0,
               (span.t1 - span.t0) * p->n * sizeof(real));
    }
}

static membrane_state state_of(const struct batch_population *p, size_t sample)
{
    return (membrane_state){.carried = p->carried + sample * p->n,
                            .reset = p->reset + sample * p->n,
                            .held = p->held + sample * p->n};
}

static void population_forward(batch *b, size_t population, struct span span)
{
    struct batch_population *p = &b->populations[population];
    const struct ebb_network *net = b->m->net;
    bool any = false;
    for (size_t k = 0; k < net->n_projections; k++) {
        if (net->projections[k].target == population) {
            project_forward(b, k, span, any);
            any = true;
        }
    }
    if (!any) {
        clear_rows(b, p, span);
    }
    for (size_t k = 0; k < b->options.samples; k++) {
        size_t at = cell(b, k, p->n);
        membrane_state state = state_of(p, k);
        b->step->membrane_forward(
            p->v + at, p->o + at, p->phase ? p->phase + at : NULL, &state,
            &b->m->populations[population].rows, span.t0, span.t1, p->n, p->n);
    }
    carry_spikes(p, b, span.t0, span.t1);
}

static void forward_span(batch *b, struct span span)
{
    const struct ebb_network *net = b->m->net;
    for (size_t i = 0; i < net->n_populations; i++) {
        size_t population = net->order[i];
        if (!net->populations[population].input) {
            population_forward(b, population, span);
        }
    }
}

void EBB_NAME(ebb_batch_forward)(batch *b)
{
    size_t input = ebb_network_input(b->m->net);
    size_t ticks = b->options.ticks;
    if (input < b->m->net->n_populations) {
        carry_spikes(&b->populations[input], b, 0, ticks);
    }
    if (!b->m->net->recurrent) {
        forward_span(b, (struct span){0, ticks});
        return;
    }
    for (size_t t = 0; t < ticks; t++) {
        forward_span(b, (struct span){t, t + 1});
    }
}

void EBB_NAME(ebb_batch_restore)(batch *b)
{
    struct span all = {0, b->options.ticks};
    for (size_t i = 0; i < b->m->net->n_populations; i++) {
        carry_spikes(&b->populations[i], b, all.t0, all.t1);
    }
    for (size_t i = 0; i < b->m->net->n_projections; i++) {
        filter_forward(b, i, all);
    }
}

void EBB_NAME(ebb_batch_clear_losses)(batch *b)
{
    size_t cells = b->options.samples * b->options.ticks;
    for (size_t i = 0; i < b->m->net->n_populations; i++) {
        struct batch_population *p = &b->populations[i];
        if (p->d_o) {
            memset(p->d_o, 0, cells * p->n * sizeof(real));
        }
    }
}

static void pull_errors(batch *b, size_t population, struct span span)
{
    struct batch_population *p = &b->populations[population];
    const struct ebb_network *net = b->m->net;
    for (size_t k = 0; k < net->n_projections; k++) {
        if (net->projections[k].source != population) {
            continue;
        }
        for (size_t sample = 0; sample < b->options.samples; sample++) {
            size_t at = cell(b, sample, p->n);
            b->step->filter_pull(p->d_o + at, b->projections[k].d_f + at,
                                 p->graded ? p->scale + at : NULL,
                                 &b->m->projections[k].filter, span.t0, span.t1,
                                 b->options.ticks, p->n, p->n);
        }
    }
}

static void membrane_backward(batch *b, gradient *g, size_t population,
                              struct span span)
{
    struct batch_population *p = &b->populations[population];
    struct EBB_NAME(ebb_gradient_population) *gp = &g->populations[population];
    bool neurons = b->options.neuron_gradients;
    for (size_t k = 0; k < b->options.samples; k++) {
        size_t at = cell(b, k, p->n);
        membrane_adjoint adjoint = {.d_v = p->d_v_next + k * p->n,
                                    .d_reset = p->d_reset_next + k * p->n,
                                    .d_bias = gp->d_bias,
                                    .d_lambda = neurons ? gp->d_lambda : NULL,
                                    .d_theta = neurons ? gp->d_theta : NULL,
                                    .d_v_th = neurons ? gp->d_v_th : NULL};
        b->step->membrane_backward(
            p->d_v + at, p->d_o + at, p->v + at, p->o + at,
            p->phase ? p->phase + at : NULL, p->r ? p->r + at : NULL, &adjoint,
            &b->m->populations[population].rows, span.t0, span.t1, p->n, p->n);
    }
}

static void project_backward(batch *b, gradient *g, size_t projection,
                             struct span span)
{
    const model_projection *p = &b->m->projections[projection];
    struct batch_projection *own = &b->projections[projection];
    const struct batch_population *source = &b->populations[p->from->source];
    const struct batch_population *target = &b->populations[p->from->target];
    struct EBB_NAME(ebb_gradient_projection) *gp = &g->projections[projection];
    struct ebb_product shape = shape_of_span(b, projection, span);
    run_of(p)->backward(p, &shape, own->d_pooled + span.t0 * p->from->n_inputs,
                        target->d_v + span.t0 * target->n, b->work);
    EBB_NAME(ebb_pool_backward)
    (p->from, &shape, own->d_f + span.t0 * source->n,
     own->d_pooled + span.t0 * p->from->n_inputs, own->f + span.t0 * source->n);
    for (size_t k = 0; k < b->options.samples; k++) {
        size_t at = cell(b, k, source->n);
        b->step->filter_backward(own->d_f + at, gp->d_alpha, gp->d_beta,
                                 own->f + at, source->s + at, &p->filter,
                                 span.t0, span.t1, b->options.ticks, source->n,
                                 source->n);
    }
}

static void backward_span(batch *b, gradient *g, struct span span)
{
    const struct ebb_network *net = b->m->net;
    for (size_t i = net->n_populations; i-- > 0;) {
        size_t population = net->order[i];
        if (net->populations[population].input) {
            continue;
        }
        pull_errors(b, population, span);
        membrane_backward(b, g, population, span);
        for (size_t k = 0; k < net->n_projections; k++) {
            if (net->projections[k].target == population) {
                project_backward(b, g, k, span);
            }
        }
    }
}

/* R is no part of a trace: it follows from the spikes. */
static void start_backward(batch *b)
{
    size_t samples = b->options.samples;
    for (size_t i = 0; i < b->m->net->n_populations; i++) {
        struct batch_population *p = &b->populations[i];
        if (!p->v) {
            continue;
        }
        memset(p->d_v_next, 0, samples * p->n * sizeof(real));
        memset(p->d_reset_next, 0, samples * p->n * sizeof(real));
        for (size_t k = 0; p->r && k < samples; k++) {
            size_t at = cell(b, k, p->n);
            b->step->reset_forward(p->r + at, p->o + at,
                                   b->m->populations[i].theta, 0,
                                   b->options.ticks, p->n, p->n);
        }
    }
}

void EBB_NAME(ebb_batch_backward)(batch *b, gradient *g)
{
    size_t ticks = b->options.ticks;
    start_backward(b);
    if (b->m->net->recurrent) {
        for (size_t t = ticks; t-- > 0;) {
            backward_span(b, g, (struct span){t, t + 1});
        }
    } else {
        backward_span(b, g, (struct span){0, ticks});
    }
    for (size_t k = 0; k < b->m->net->n_projections; k++) {
        const model_projection *p = &b->m->projections[k];
        struct ebb_product shape =
            shape_of(b, k, b->options.samples * ticks, 1);
        run_of(p)->weight(
            p, &shape, g->projections[k].d_weight, b->projections[k].pooled,
            b->populations[p->from->target].d_v, !g->blank, b->work);
    }
    g->blank = false;
}
