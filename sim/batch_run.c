/* sim/batch_run.c - one run through the batch simulator, told to a sink. */
#include "sim/batch_run.h"

#include "core/memory.h"
#include "sim/batch.h"

#include <math.h>

/* A run being told. */
struct telling {
    const struct ebb_network *net;
    struct ebb_batch_f64 *batch;
    const struct ebb_probe *probes;
    size_t n_probes;
    const struct ebb_run_sink *sink;
    struct ebb_batch_counters *counters;
    double **r;          /* [populations][n] R as of this tick, or NULL */
    ebb_neuron_id *node; /* [widest] */
    double *value;       /* [widest] */
};

static size_t widest_of(const struct ebb_network *net)
{
    size_t widest = 1;
    for (size_t k = 0; k < net->n_populations; k++) {
        size_t n = net->populations[k].n;
        widest = n > widest ? n : widest;
    }
    return widest;
}

static const double *spikes_at(const struct telling *t, size_t population,
                               size_t tick)
{
    size_t n = t->net->populations[population].n;
    return ebb_batch_o_f64(t->batch, population, 0) + tick * n;
}

static uint64_t reach_of(const struct ebb_projection *p, size_t axon,
                         size_t targets)
{
    return p->kind == EBB_PROJECTION_DENSE
               ? targets
               : p->indptr[axon + 1] - p->indptr[axon];
}

static void count(struct telling *t, size_t population, size_t n)
{
    const struct ebb_network *net = t->net;
    if (net->populations[population].input) {
        t->counters->input_events += n;
    } else {
        t->counters->spikes += n;
    }
    for (size_t q = 0; q < net->n_projections; q++) {
        const struct ebb_projection *p = &net->projections[q];
        for (size_t k = 0; p->source == population && k < n; k++) {
            t->counters->synaptic_operations +=
                reach_of(p, t->node[k], net->populations[p->target].n);
        }
    }
}

static ebb_status tell_spikes(struct telling *t, size_t population, size_t tick)
{
    const double *o = spikes_at(t, population, tick);
    bool graded = false;
    size_t n = 0;
    for (size_t i = 0; i < t->net->populations[population].n; i++) {
        if (o[i] != 0.0) {
            t->node[n] = (ebb_neuron_id)i;
            t->value[n++] = o[i];
            graded = graded || o[i] != 1.0;
        }
    }
    if (n == 0) {
        return EBB_OK;
    }
    count(t, population, n);
    return t->sink->spikes
               ? t->sink->spikes(t->sink->self, population, tick, t->node,
                                 graded ? t->value : NULL, n)
               : EBB_OK;
}

static double weighted_input(const struct telling *t, size_t population,
                             size_t neuron, size_t tick)
{
    const struct ebb_network *net = t->net;
    double sum = ebb_value_at(net->populations[population].bias, neuron);
    for (size_t q = 0; q < net->n_projections; q++) {
        const struct ebb_projection *p = &net->projections[q];
        if (p->target != population) {
            continue;
        }
        size_t axons = net->populations[p->source].n;
        size_t targets = net->populations[population].n;
        const double *f = ebb_batch_f_f64(t->batch, q, 0) + tick * axons;
        for (size_t j = 0; j < axons; j++) {
            if (p->kind == EBB_PROJECTION_DENSE) {
                sum += ebb_projection_weight(p, j * targets + neuron) * f[j];
                continue;
            }
            for (uint64_t s = p->indptr[j]; s < p->indptr[j + 1]; s++) {
                sum += p->indices[s] == neuron
                           ? ebb_projection_weight(p, s) * f[j]
                           : 0;
            }
        }
    }
    return sum;
}

static double state_of(const struct telling *t, const struct ebb_probe *probe,
                       size_t node, size_t tick)
{
    size_t where = probe->where;
    switch (probe->state) {
    case EBB_STATE_V:
        return ebb_batch_v_f64(t->batch, where,
                               0)[tick * t->net->populations[where].n + node];
    case EBB_STATE_R:
        return t->r[where] ? t->r[where][node] : 0;
    case EBB_STATE_I:
        return weighted_input(t, where, node, tick);
    case EBB_STATE_F: {
        size_t source = t->net->projections[where].source;
        return ebb_batch_f_f64(t->batch, where,
                               0)[tick * t->net->populations[source].n + node];
    }
    case EBB_STATE_A:
        break;
    }
    return 1;
}

static ebb_status tell_states(struct telling *t, size_t tick)
{
    for (size_t k = 0; k < t->n_probes; k++) {
        const struct ebb_probe *probe = &t->probes[k];
        if (tick % probe->every != 0 || !t->sink->state) {
            continue;
        }
        for (size_t i = 0; i < probe->n; i++) {
            size_t node = probe->nodes ? probe->nodes[i] : i;
            t->value[i] = state_of(t, probe, node, tick);
        }
        EBB_TRY(t->sink->state(t->sink->self, k, tick, t->value));
    }
    return EBB_OK;
}

/* R[t + 1] = θ R[t] + O[t]   (5c) */
static void step_resets(struct telling *t, size_t tick)
{
    for (size_t k = 0; k < t->net->n_populations; k++) {
        const struct ebb_population *p = &t->net->populations[k];
        const double *o = spikes_at(t, k, tick);
        for (size_t i = 0; t->r[k] && i < p->n; i++) {
            t->r[k][i] = ebb_value_at(p->theta, i) * t->r[k][i] + o[i];
        }
    }
}

static ebb_status tell(struct telling *t, ebb_tick ticks)
{
    for (size_t tick = 0; tick < ticks; tick++) {
        for (size_t k = 0; k < t->net->n_populations; k++) {
            EBB_TRY(tell_spikes(t, k, tick));
        }
        EBB_TRY(tell_states(t, tick));
        step_resets(t, tick);
        if (t->sink->advance) {
            EBB_TRY(t->sink->advance(t->sink->self, tick + 1));
        }
    }
    return EBB_OK;
}

static ebb_status check_probe(const struct ebb_network *net,
                              const struct ebb_probe *probe)
{
    bool psp = probe->state == EBB_STATE_F;
    size_t most = psp ? net->n_projections : net->n_populations;
    if (probe->where >= most || probe->every == 0 ||
        (!psp && net->populations[probe->where].input)) {
        return EBB_FAIL(EBB_ERR_ARG, "a probe that does not fit the network");
    }
    size_t population =
        psp ? net->projections[probe->where].source : probe->where;
    size_t n = net->populations[population].n;
    bool fits = probe->n <= n;
    for (size_t i = 0; fits && probe->nodes && i < probe->n; i++) {
        fits = probe->nodes[i] < n;
    }
    return fits
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG, "a probe beyond the %zu neurons of '%s'",
                          n, net->populations[population].name);
}

static ebb_status check(const struct ebb_network *net,
                        const struct ebb_events *events, ebb_tick ticks,
                        const struct ebb_probe *probes, size_t n_probes)
{
    size_t input = ebb_network_input(net);
    size_t channels =
        input < net->n_populations ? net->populations[input].n : 0;
    EBB_TRY(ebb_events_check(events, channels, ticks));
    for (size_t k = 0; k < n_probes; k++) {
        EBB_TRY(check_probe(net, &probes[k]));
    }
    return EBB_OK;
}

static void load(struct ebb_batch_f64 *batch, const struct ebb_network *net,
                 const struct ebb_events *events)
{
    size_t input = ebb_network_input(net);
    for (size_t k = 0; k < events->n; k++) {
        const struct ebb_event *e = &events->at[k];
        size_t n = net->populations[input].n;
        ebb_batch_o_f64(batch, input, 0)[e->tick * n + e->node] += e->value;
    }
}

static ebb_status alloc_telling(struct telling *t, struct ebb_arena *arena)
{
    size_t widest = widest_of(t->net);
    t->node = ebb_arena_calloc(arena, widest, sizeof(*t->node));
    t->value = ebb_arena_calloc(arena, widest, sizeof(*t->value));
    t->r = ebb_arena_calloc(arena, t->net->n_populations, sizeof(*t->r));
    bool short_of_memory = !t->node || !t->value || !t->r;
    for (size_t k = 0; !short_of_memory && k < t->net->n_populations; k++) {
        const struct ebb_population *p = &t->net->populations[k];
        if (!p->input && p->reset == EBB_RESET_FILTER) {
            t->r[k] = ebb_arena_calloc(arena, p->n, sizeof(double));
            short_of_memory = !t->r[k];
        }
    }
    return short_of_memory ? EBB_FAIL(EBB_ERR_NOMEM, "no memory for a run")
                           : EBB_OK;
}

ebb_status ebb_batch_run(struct ebb_batch_counters *counters,
                         const struct ebb_network *net,
                         const struct ebb_events *events, ebb_tick ticks,
                         const struct ebb_probe *probes, size_t n_probes,
                         const struct ebb_run_sink *sink)
{
    *counters = (struct ebb_batch_counters){0};
    struct telling t = {.net = net,
                        .probes = probes,
                        .n_probes = n_probes,
                        .sink = sink,
                        .counters = counters};
    struct ebb_model_f64 *model = NULL;
    struct ebb_arena *arena = NULL;
    struct ebb_batch_options options = {.ticks = (size_t)ticks, .samples = 1};
    EBB_TRY(check(net, events, ticks, probes, n_probes));
    EBB_TRY(ebb_arena_create(&arena));
    ebb_status status = alloc_telling(&t, arena);
    if (status == EBB_OK) {
        status = ebb_model_create_f64(&model, net, false);
    }
    if (status == EBB_OK) {
        status = ebb_batch_create_f64(&t.batch, model, &options);
    }
    if (status == EBB_OK) {
        ebb_batch_clear_f64(t.batch);
        load(t.batch, net, events);
        ebb_batch_forward_f64(t.batch);
        status = tell(&t, ticks);
    }
    ebb_batch_destroy_f64(t.batch);
    ebb_model_destroy_f64(model);
    ebb_arena_destroy(arena);
    return status;
}
