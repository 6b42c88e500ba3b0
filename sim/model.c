/* sim/model.c - a network's numbers in one precision, and its gradients;
 * built once per precision. */
#include "sim/batch.h"

#include "models/network_rows.h"

#include "core/real_build.inc"

#include <string.h>

typedef EBB_REAL real;
typedef struct EBB_NAME(ebb_model) model;
typedef struct EBB_NAME(ebb_model_projection) model_projection;
typedef struct EBB_NAME(ebb_model_population) model_population;
typedef struct EBB_NAME(ebb_gradient) gradient;

static ebb_status no_memory(const char *what)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the numbers of '%s'", what);
}

static void copy_weights(real *out, const struct ebb_projection *p)
{
    for (size_t k = 0; k < p->synapses; k++) {
        out[k] = (real)ebb_projection_weight(p, k);
    }
}

static bool tap_is_zero(const struct ebb_kernel *k, unsigned q)
{
    for (size_t j = 0; j < k->n; j++) {
        if (k->beta[q * k->n + j] != 0.0) {
            return false;
        }
    }
    return true;
}

/* One column per axon even where the kernel is shared: step functions then
 * have a single form. */
static ebb_status copy_kernel(model *m, model_projection *p, size_t axons,
                              bool all_taps)
{
    const struct ebb_kernel *k = &p->from->kernel;
    unsigned taps = 0;
    p->tap_q = ebb_arena_calloc(m->arena, k->order_q + 1, sizeof(unsigned));
    p->tap_lag = ebb_arena_calloc(m->arena, k->order_q + 1, sizeof(size_t));
    p->alpha = ebb_arena_calloc(m->arena, k->order_p * axons, sizeof(real));
    if (!p->tap_q || !p->tap_lag || !p->alpha) {
        return no_memory(p->from->name);
    }
    for (unsigned q = 0; q <= k->order_q; q++) {
        if (all_taps || !tap_is_zero(k, q)) {
            p->tap_q[taps] = q;
            p->tap_lag[taps++] = q + (size_t)p->from->delay_ticks;
        }
    }
    p->beta = ebb_arena_calloc(m->arena, taps * axons, sizeof(real));
    if (!p->beta) {
        return no_memory(p->from->name);
    }
    for (size_t j = 0; j < axons; j++) {
        size_t column = ebb_kernel_column(k, j);
        for (unsigned i = 0; i < k->order_p; i++) {
            p->alpha[i * axons + j] = (real)k->alpha[i * k->n + column];
        }
        for (unsigned i = 0; i < taps; i++) {
            p->beta[i * axons + j] = (real)k->beta[p->tap_q[i] * k->n + column];
        }
    }
    p->filter = (struct EBB_NAME(ebb_filter_rows)){.order_p = k->order_p,
                                                   .taps = taps,
                                                   .tap_lag = p->tap_lag,
                                                   .alpha = p->alpha,
                                                   .beta = p->beta,
                                                   .stride = axons};
    return EBB_OK;
}

static ebb_status copy_projection(model *m, size_t index, bool all_taps)
{
    model_projection *p = &m->projections[index];
    p->from = &m->net->projections[index];
    p->weight = ebb_arena_calloc(m->arena, p->from->synapses, sizeof(real));
    if (!p->weight) {
        return no_memory(p->from->name);
    }
    copy_weights(p->weight, p->from);
    return copy_kernel(m, p, m->net->populations[p->from->source].n, all_taps);
}

static real *copy_values(model *m, struct ebb_values values, size_t n)
{
    real *out = ebb_arena_calloc(m->arena, n, sizeof(real));
    for (size_t i = 0; out && i < n; i++) {
        out[i] = (real)ebb_value_at(values, i);
    }
    return out;
}

static ebb_status copy_population(model *m, size_t index)
{
    const struct ebb_population *from = &m->net->populations[index];
    model_population *p = &m->populations[index];
    p->lambda = copy_values(m, from->lambda, from->n);
    p->theta = copy_values(m, from->theta, from->n);
    p->v_th = copy_values(m, from->v_th, from->n);
    p->bias = copy_values(m, from->bias, from->n);
    p->v_reset = copy_values(m, from->v_reset, from->n);
    p->v0 = copy_values(m, from->v0, from->n);
    if (!p->lambda || !p->theta || !p->v_th || !p->bias || !p->v_reset ||
        !p->v0) {
        return no_memory(from->name);
    }
    if (from->refractory_ticks > UINT32_MAX) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "population '%s': %llu refractory ticks are too many "
                        "for a batch run",
                        from->name, (unsigned long long)from->refractory_ticks);
    }
    p->rows = (struct EBB_NAME(ebb_membrane_rows)){
        .hybrid = from->reset == EBB_RESET_HYBRID,
        .strict = m->net->strict,
        .refractory = (uint32_t)from->refractory_ticks,
        .lambda = p->lambda,
        .theta = p->theta,
        .v_th = p->v_th,
        .bias = p->bias,
        .v_reset = p->v_reset,
        .v0 = p->v0,
        .sigma = (real)from->sigma};
    return EBB_OK;
}

static ebb_status fill_model(model *m, bool all_taps)
{
    EBB_TRY(ebb_arena_create(&m->arena));
    m->projections = ebb_arena_calloc(m->arena, m->net->n_projections,
                                      sizeof(*m->projections));
    m->populations = ebb_arena_calloc(m->arena, m->net->n_populations,
                                      sizeof(*m->populations));
    if (!m->projections || !m->populations) {
        return no_memory("the network");
    }
    for (size_t i = 0; i < m->net->n_populations; i++) {
        if (!m->net->populations[i].input) {
            EBB_TRY(copy_population(m, i));
        }
    }
    for (size_t i = 0; i < m->net->n_projections; i++) {
        EBB_TRY(copy_projection(m, i, all_taps));
    }
    m->step = EBB_NAME(ebb_step_best)();
    return EBB_OK;
}

ebb_status EBB_NAME(ebb_model_create)(model **out,
                                      const struct ebb_network *net,
                                      bool all_taps)
{
    *out = NULL;
    EBB_TRY(ebb_network_check_plain(net));
    model *m = ebb_mem_calloc(1, sizeof(*m));
    if (!m) {
        return no_memory("the network");
    }
    m->net = net;
    ebb_status status = fill_model(m, all_taps);
    if (status != EBB_OK) {
        EBB_NAME(ebb_model_destroy)(m);
        return status;
    }
    *out = m;
    return EBB_OK;
}

void EBB_NAME(ebb_model_destroy)(model *m)
{
    if (m) {
        ebb_arena_destroy(m->arena);
        ebb_mem_free(m);
    }
}

static void store_weights(struct ebb_projection *p, const real *weight)
{
    for (size_t k = 0; k < p->synapses; k++) {
        if (p->number == EBB_FLOAT32) {
            ((float *)p->weight)[k] = (float)weight[k];
        } else {
            ((double *)p->weight)[k] = (double)weight[k];
        }
    }
}

static void store_kernel(struct ebb_kernel *k, const model_projection *p)
{
    size_t axons = p->filter.stride;
    for (size_t j = 0; j < k->n; j++) {
        for (unsigned i = 0; i < k->order_p; i++) {
            k->alpha[i * k->n + j] = (double)p->alpha[i * axons + j];
        }
        for (unsigned i = 0; i < p->filter.taps; i++) {
            k->beta[p->tap_q[i] * k->n + j] = (double)p->beta[i * axons + j];
        }
    }
    k->spec = (struct ebb_kernel_spec){.shape = EBB_KERNEL_IIR};
}

/* Neurons that share a value have equal ones: the first stands for all. */
static void store_values(struct ebb_values values, const real *from, size_t n)
{
    for (size_t k = 0; k < values.n; k++) {
        values.v[k] = (double)from[k * (n / values.n)];
    }
}

static void store_population(struct ebb_population *to,
                             const model_population *from,
                             const struct ebb_model_parts *parts)
{
    if (parts->bias) {
        store_values(to->bias, from->bias, to->n);
    }
    if (parts->lambda) {
        store_values(to->lambda, from->lambda, to->n);
        to->tau_lambda.n = 0;
    }
    if (parts->theta) {
        store_values(to->theta, from->theta, to->n);
        to->tau_theta.n = 0;
    }
    if (parts->v_th) {
        store_values(to->v_th, from->v_th, to->n);
    }
}

void EBB_NAME(ebb_model_store)(const model *m, struct ebb_network *net,
                               const struct ebb_model_parts *parts)
{
    for (size_t i = 0; i < net->n_projections; i++) {
        store_weights(&net->projections[i], m->projections[i].weight);
        if (parts->kernels) {
            store_kernel(&net->projections[i].kernel, &m->projections[i]);
        }
    }
    for (size_t i = 0; i < net->n_populations; i++) {
        if (!net->populations[i].input) {
            store_population(&net->populations[i], &m->populations[i], parts);
        }
    }
}

/* Gradients are one run of numbers, so that sums over tiles and norms are one
 * loop; the map walks it in the order populations, projections. */
static size_t walk_gradient(gradient *g, const model *m, real *all)
{
    size_t used = 0;
    for (size_t i = 0; i < m->net->n_populations; i++) {
        size_t n = m->net->populations[i].input ? 0 : m->net->populations[i].n;
        real **const parts[] = {
            &g->populations[i].d_bias, &g->populations[i].d_lambda,
            &g->populations[i].d_theta, &g->populations[i].d_v_th};
        for (size_t k = 0; k < 4; k++) {
            *parts[k] = all ? all + used : NULL;
            used += n;
        }
    }
    for (size_t i = 0; i < m->net->n_projections; i++) {
        const model_projection *p = &m->projections[i];
        size_t axons = p->filter.stride;
        g->projections[i].d_weight = all ? all + used : NULL;
        used += p->from->synapses;
        g->projections[i].d_alpha = all ? all + used : NULL;
        used += p->filter.order_p * axons;
        g->projections[i].d_beta = all ? all + used : NULL;
        used += p->filter.taps * axons;
    }
    return used;
}

static ebb_status fill_gradient(gradient *g, const model *m)
{
    EBB_TRY(ebb_arena_create(&g->arena));
    g->projections = ebb_arena_calloc(g->arena, m->net->n_projections,
                                      sizeof(*g->projections));
    g->populations = ebb_arena_calloc(g->arena, m->net->n_populations,
                                      sizeof(*g->populations));
    if (!g->projections || !g->populations) {
        return no_memory("gradients");
    }
    g->n_all = walk_gradient(g, m, NULL);
    g->all = ebb_arena_calloc(g->arena, g->n_all, sizeof(real));
    if (!g->all) {
        return no_memory("gradients");
    }
    walk_gradient(g, m, g->all);
    return EBB_OK;
}

ebb_status EBB_NAME(ebb_gradient_create)(gradient **out, const model *m)
{
    *out = NULL;
    gradient *g = ebb_mem_calloc(1, sizeof(*g));
    if (!g) {
        return no_memory("gradients");
    }
    ebb_status status = fill_gradient(g, m);
    if (status != EBB_OK) {
        EBB_NAME(ebb_gradient_destroy)(g);
        return status;
    }
    *out = g;
    return EBB_OK;
}

void EBB_NAME(ebb_gradient_clear)(gradient *g, const model *m)
{
    real *from = g->all;
    for (size_t i = 0; i < m->net->n_projections; i++) {
        real *weights = g->projections[i].d_weight;
        memset(from, 0, (size_t)(weights - from) * sizeof(real));
        from = weights + m->net->projections[i].synapses;
    }
    memset(from, 0, (size_t)(g->all + g->n_all - from) * sizeof(real));
    g->blank = true;
}

void EBB_NAME(ebb_gradient_destroy)(gradient *g)
{
    if (g) {
        ebb_arena_destroy(g->arena);
        ebb_mem_free(g);
    }
}
