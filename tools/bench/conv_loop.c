/* tools/bench/conv_loop.c - a network that convolves, run densely. */
#include "tools/bench/conv_loop.h"

#include "core/memory.h"
#include "core/step.h"
#include "sim/projection_run.h"

#include <string.h>

enum { CHUNK = 4 }; /* ticks after which rows move to the front */

/* What a population has of the last ticks, rows of n numbers. */
struct rows {
    float *o; /* [past + CHUNK][n] */
    float *v; /* [2][n] row 1 is of this tick; row 0 would be the first */
    float *carried, *reset;
    uint32_t *held;
};

struct ebb_conv_loop {
    const struct ebb_network *net;
    struct ebb_model_f32 *model;
    struct rows *population;
    float **f;     /* of each projection [past + CHUNK][axons] */
    float *pooled; /* widest */
    float *work;
    size_t past; /* rows that filters look back */
    struct ebb_arena *arena;
};

static ebb_status no_memory(void)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the dense loop");
}

static size_t look_back(const struct ebb_network *net)
{
    size_t past = 1;
    for (size_t q = 0; q < net->n_projections; q++) {
        const struct ebb_projection *p = &net->projections[q];
        size_t taps = p->kernel.order_q + (size_t)p->delay_ticks;
        past = taps > past ? taps : past;
        past = p->kernel.order_p > past ? p->kernel.order_p : past;
    }
    return past;
}

static float *numbers(struct ebb_conv_loop *l, size_t n)
{
    return ebb_arena_calloc(l->arena, n, sizeof(float));
}

static ebb_status take_population(struct ebb_conv_loop *l, size_t k)
{
    struct rows *r = &l->population[k];
    size_t n = l->net->populations[k].n;
    r->o = numbers(l, (l->past + CHUNK) * n);
    r->v = numbers(l, 2 * n);
    r->carried = numbers(l, n);
    r->reset = numbers(l, n);
    r->held = ebb_arena_calloc(l->arena, n, sizeof(*r->held));
    bool complete = r->o && r->v && r->carried && r->reset && r->held;
    return complete ? EBB_OK : no_memory();
}

static ebb_status build(struct ebb_conv_loop *l)
{
    const struct ebb_network *net = l->net;
    size_t work = 1, widest = 1;
    EBB_TRY(ebb_arena_create(&l->arena));
    EBB_TRY(ebb_model_create_f32(&l->model, net, false));
    l->past = look_back(net);
    l->population =
        ebb_arena_calloc(l->arena, net->n_populations, sizeof(*l->population));
    l->f = ebb_arena_calloc(l->arena, net->n_projections, sizeof(*l->f));
    if (!l->population || !l->f) {
        return no_memory();
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        EBB_TRY(take_population(l, k));
    }
    for (size_t q = 0; q < net->n_projections; q++) {
        const struct ebb_projection *p = &net->projections[q];
        size_t own = ebb_projection_work(p);
        work = own > work ? own : work;
        widest = p->n_inputs > widest ? p->n_inputs : widest;
        l->f[q] = numbers(l, (l->past + CHUNK) * net->populations[p->source].n);
        if (!l->f[q]) {
            return no_memory();
        }
    }
    l->work = numbers(l, work);
    l->pooled = numbers(l, widest);
    return l->work && l->pooled ? EBB_OK : no_memory();
}

ebb_status ebb_conv_loop_create(struct ebb_conv_loop **out,
                                const struct ebb_network *net)
{
    *out = NULL;
    struct ebb_conv_loop *l = ebb_mem_calloc(1, sizeof(*l));
    if (!l) {
        return no_memory();
    }
    l->net = net;
    ebb_status status = build(l);
    if (status != EBB_OK) {
        ebb_conv_loop_destroy(l);
        return status;
    }
    *out = l;
    return EBB_OK;
}

void ebb_conv_loop_destroy(struct ebb_conv_loop *l)
{
    if (!l) {
        return;
    }
    ebb_model_destroy_f32(l->model);
    ebb_arena_destroy(l->arena);
    ebb_mem_free(l);
}

static void rest(struct ebb_conv_loop *l)
{
    for (size_t k = 0; k < l->net->n_populations; k++) {
        const struct ebb_population *p = &l->net->populations[k];
        struct rows *r = &l->population[k];
        memset(r->o, 0, (l->past + CHUNK) * p->n * sizeof(float));
        memset(r->reset, 0, p->n * sizeof(float));
        memset(r->held, 0, p->n * sizeof(*r->held));
        for (size_t i = 0; !p->input && i < p->n; i++) {
            r->carried[i] = (float)ebb_value_at(p->v0, i);
        }
    }
    for (size_t q = 0; q < l->net->n_projections; q++) {
        size_t axons = l->net->populations[l->net->projections[q].source].n;
        memset(l->f[q], 0, (l->past + CHUNK) * axons * sizeof(float));
    }
}

/* One row of one projection: filter, pool, multiply. */
static void project(struct ebb_conv_loop *l, size_t q, size_t row, bool add)
{
    const struct ebb_model_projection_f32 *m = &l->model->projections[q];
    const struct ebb_projection *p = m->from;
    size_t axons = l->net->populations[p->source].n;
    size_t targets = l->net->populations[p->target].n;
    float *f = l->f[q] + row * axons;
    struct ebb_product shape = {.rows = 1,
                                .sources = p->n_inputs,
                                .targets = targets,
                                .source_stride = p->n_inputs,
                                .target_stride = targets};
    const struct ebb_projection_run_f32 *run =
        p->kind == EBB_PROJECTION_CONV2D   ? &ebb_conv_run_f32
        : p->kind == EBB_PROJECTION_SPARSE ? &ebb_sparse_run_f32
                                           : &ebb_dense_run_f32;
    l->model->step->filter_forward(l->f[q], l->population[p->source].o,
                                   &m->filter, row, row + 1, axons, axons);
    if (p->pool.kind != EBB_POOL_NONE) {
        ebb_pool_forward_f32(p, &shape, l->pooled, f);
        f = l->pooled;
    }
    run->forward(m, &shape, l->population[p->target].v + targets, f, add,
                 l->work);
}

static void step_population(struct ebb_conv_loop *l, size_t k, size_t row)
{
    struct rows *r = &l->population[k];
    size_t n = l->net->populations[k].n;
    bool any = false;
    for (size_t q = 0; q < l->net->n_projections; q++) {
        if (l->net->projections[q].target == k) {
            project(l, q, row, any);
            any = true;
        }
    }
    struct ebb_membrane_state_f32 state = {
        .carried = r->carried, .reset = r->reset, .held = r->held};
    l->model->step->membrane_forward(r->v, r->o + (row - 1) * n, NULL, &state,
                                     &l->model->populations[k].rows, 1, 2, n,
                                     n);
}

/* The last rows to the front. */
static void move_rows(const struct ebb_conv_loop *l)
{
    for (size_t k = 0; k < l->net->n_populations; k++) {
        size_t n = l->net->populations[k].n;
        float *o = l->population[k].o;
        memmove(o, o + CHUNK * n, l->past * n * sizeof(*o));
    }
    for (size_t q = 0; q < l->net->n_projections; q++) {
        size_t n = l->net->populations[l->net->projections[q].source].n;
        memmove(l->f[q], l->f[q] + CHUNK * n, l->past * n * sizeof(float));
    }
}

static ebb_status note_spikes(const struct ebb_conv_loop *l, size_t row,
                              ebb_tick tick, struct ebb_events *spikes)
{
    for (size_t k = 0; spikes && k < l->net->n_populations; k++) {
        size_t n = l->net->populations[k].n;
        const float *o = l->population[k].o + row * n;
        for (size_t i = 0; !l->net->populations[k].input && i < n; i++) {
            if (o[i] != 0) {
                struct ebb_event e = {tick, (ebb_neuron_id)(k << 28 | i), 1};
                EBB_TRY(ebb_events_push(spikes, e));
            }
        }
    }
    return EBB_OK;
}

ebb_status ebb_conv_loop_run(struct ebb_conv_loop *l,
                             const struct ebb_event *input, size_t n,
                             ebb_tick ticks, struct ebb_events *spikes)
{
    const struct ebb_network *net = l->net;
    size_t source = ebb_network_input(net), k = 0, row = l->past;
    size_t channels = net->populations[source].n;
    rest(l);
    for (ebb_tick t = 0; t < ticks; t++, row++) {
        if (row == l->past + CHUNK) {
            move_rows(l);
            row = l->past;
        }
        float *o = l->population[source].o + row * channels;
        memset(o, 0, channels * sizeof(*o));
        for (; k < n && input[k].tick == t; k++) {
            o[input[k].node] += (float)input[k].value;
        }
        for (size_t i = 0; i < net->n_populations; i++) {
            if (!net->populations[net->order[i]].input) {
                step_population(l, net->order[i], row);
            }
        }
        EBB_TRY(note_spikes(l, row, t, spikes));
    }
    return EBB_OK;
}

double ebb_conv_loop_operations(const struct ebb_network *net)
{
    double n = 0;
    for (size_t q = 0; q < net->n_projections; q++) {
        const struct ebb_projection *p = &net->projections[q];
        n += ebb_projection_reach(net, p) *
             (double)net->populations[p->source].n;
    }
    return n;
}
