/* sim/trace_memory.c - a run recorded in memory, to be replayed at once. */
#include "sim/trace_memory.h"

#include "core/memory.h"

#include <string.h>

/* What is kept of one population. */
struct kept {
    double *v, *a; /* [ticks][n]; NULL where not recorded */
    struct ebb_events spikes;
};

struct ebb_trace_memory {
    const struct ebb_network *net;
    ebb_tick ticks;
    struct kept *kept; /* [populations] */
    struct ebb_probe *probes;
    size_t n_probes;
    struct ebb_arena *arena;
};

static ebb_status no_memory(ebb_tick ticks)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory to record %llu ticks",
                    (unsigned long long)ticks);
}

static ebb_status add_probe(struct ebb_trace_memory *m, enum ebb_state state,
                            size_t population, double **rows)
{
    size_t n = m->net->populations[population].n, cells;
    *rows = __builtin_mul_overflow((size_t)m->ticks, n, &cells)
                ? NULL
                : ebb_arena_calloc(m->arena, cells, sizeof(double));
    m->probes[m->n_probes++] = (struct ebb_probe){
        .state = state, .where = population, .n = n, .every = 1};
    return *rows ? EBB_OK : no_memory(m->ticks);
}

static ebb_status fill(struct ebb_trace_memory *m, const bool *graded)
{
    size_t populations = m->net->n_populations;
    EBB_TRY(ebb_arena_create(&m->arena));
    m->kept = ebb_arena_calloc(m->arena, populations, sizeof(*m->kept));
    m->probes = ebb_arena_calloc(m->arena, 2 * populations, sizeof(*m->probes));
    if (!m->kept || !m->probes) {
        return no_memory(m->ticks);
    }
    for (size_t k = 0; k < populations; k++) {
        if (!m->net->populations[k].input) {
            EBB_TRY(add_probe(m, EBB_STATE_V, k, &m->kept[k].v));
        }
        if (graded && graded[k]) {
            EBB_TRY(add_probe(m, EBB_STATE_A, k, &m->kept[k].a));
        }
    }
    return EBB_OK;
}

ebb_status ebb_trace_memory_create(struct ebb_trace_memory **out,
                                   const struct ebb_network *net,
                                   ebb_tick ticks, const bool *graded)
{
    *out = NULL;
    struct ebb_trace_memory *m = ebb_mem_calloc(1, sizeof(*m));
    if (!m) {
        return no_memory(ticks);
    }
    m->net = net;
    m->ticks = ticks;
    ebb_status status = fill(m, graded);
    if (status != EBB_OK) {
        ebb_trace_memory_destroy(m);
        return status;
    }
    *out = m;
    return EBB_OK;
}

void ebb_trace_memory_destroy(struct ebb_trace_memory *m)
{
    if (m) {
        for (size_t k = 0; m->kept && k < m->net->n_populations; k++) {
            ebb_events_finish(&m->kept[k].spikes);
        }
        ebb_arena_destroy(m->arena);
        ebb_mem_free(m);
    }
}

const struct ebb_probe *
ebb_trace_memory_probes(const struct ebb_trace_memory *m, size_t *n)
{
    *n = m->n_probes;
    return m->probes;
}

static ebb_status check_tick(const struct ebb_trace_memory *m, ebb_tick tick)
{
    return tick < m->ticks
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FULL,
                          "tick %llu of a run with room for %llu ticks",
                          (unsigned long long)tick,
                          (unsigned long long)m->ticks);
}

static ebb_status keep_spikes(void *self, size_t population, ebb_tick tick,
                              const ebb_neuron_id *node, const double *value,
                              size_t n)
{
    struct ebb_trace_memory *m = self;
    bool input = m->net->populations[population].input;
    EBB_TRY(check_tick(m, tick));
    for (size_t k = 0; k < n; k++) {
        struct ebb_event e = {tick, node[k], input && value ? value[k] : 1};
        EBB_TRY(ebb_events_push(&m->kept[population].spikes, e));
    }
    return EBB_OK;
}

static ebb_status keep_state(void *self, size_t probe, ebb_tick tick,
                             const double *value)
{
    struct ebb_trace_memory *m = self;
    const struct ebb_probe *p = &m->probes[probe];
    struct kept *kept = &m->kept[p->where];
    double *rows = p->state == EBB_STATE_V ? kept->v : kept->a;
    EBB_TRY(check_tick(m, tick));
    memcpy(rows + (size_t)tick * p->n, value, p->n * sizeof(double));
    return EBB_OK;
}

struct ebb_run_sink ebb_trace_memory_sink(struct ebb_trace_memory *m)
{
    return (struct ebb_run_sink){
        .self = m, .spikes = keep_spikes, .state = keep_state};
}

static void copy_rows(const struct ebb_trace_memory *m, size_t population,
                      const double *rows, ebb_tick t0, ebb_tick t1, double *out)
{
    size_t n = m->net->populations[population].n;
    memcpy(out, rows + (size_t)t0 * n, (size_t)(t1 - t0) * n * sizeof(double));
}

static ebb_status read_v(void *self, size_t population, ebb_tick t0,
                         ebb_tick t1, double *v)
{
    struct ebb_trace_memory *m = self;
    copy_rows(m, population, m->kept[population].v, t0, t1, v);
    return EBB_OK;
}

static ebb_status read_spikes(void *self, size_t population,
                              struct ebb_events *out)
{
    struct ebb_trace_memory *m = self;
    const struct ebb_events *from = &m->kept[population].spikes;
    ebb_events_clear(out);
    for (size_t k = 0; k < from->n; k++) {
        EBB_TRY(ebb_events_push(out, from->at[k]));
    }
    return EBB_OK;
}

static ebb_status read_a(void *self, size_t population, ebb_tick t0,
                         ebb_tick t1, double *a, bool *graded)
{
    struct ebb_trace_memory *m = self;
    *graded = m->kept[population].a != NULL;
    if (*graded) {
        copy_rows(m, population, m->kept[population].a, t0, t1, a);
    }
    return EBB_OK;
}

struct ebb_trace ebb_trace_memory_trace(struct ebb_trace_memory *m)
{
    return (struct ebb_trace){.self = m,
                              .ticks = m->ticks,
                              .network_hash = ebb_network_hash(m->net),
                              .read_v = read_v,
                              .read_spikes = read_spikes,
                              .read_a = read_a};
}
