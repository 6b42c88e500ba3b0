/* io/trace_plan.c - what a trace is going to hold. */
#include "io/trace_plan.h"

#include "core/memory.h"

static const char *state_name(enum ebb_state state)
{
    static const char *const names[] = {[EBB_STATE_V] = "V",
                                        [EBB_STATE_R] = "R",
                                        [EBB_STATE_I] = "I",
                                        [EBB_STATE_F] = "F",
                                        [EBB_STATE_A] = "A"};
    return names[state];
}

static const char *place_name(const struct ebb_network *net,
                              const struct ebb_probe *p)
{
    return p->state == EBB_STATE_F ? net->projections[p->where].name
                                   : net->populations[p->where].name;
}

ebb_status ebb_trace_plan_init(struct ebb_trace_plan *plan,
                               struct ebb_arena *arena,
                               const struct ebb_network *net, ebb_tick ticks,
                               const struct ebb_probe *probes, size_t n_probes,
                               const char *origin)
{
    *plan = (struct ebb_trace_plan){
        .populations = ebb_arena_calloc(arena, net->n_populations,
                                        sizeof(*plan->populations)),
        .series = ebb_arena_calloc(arena, n_probes, sizeof(*plan->series)),
        .n_populations = net->n_populations,
        .n_series = n_probes,
        .ticks = ticks,
        .intended = ticks == EBB_TICK_NEVER ? 0 : ticks,
        .tick_s = net->tick_s,
        .network_hash = ebb_network_hash(net),
        .ranks = 1,
        .origin = origin};
    if (!plan->populations || !plan->series) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        const struct ebb_population *p = &net->populations[k];
        plan->populations[k] = (struct ebb_trace_train){.name = p->name,
                                                        .n = p->n,
                                                        .input = p->input,
                                                        .v_th = p->v_th,
                                                        .own_to = p->n};
    }
    for (size_t k = 0; k < n_probes; k++) {
        const struct ebb_probe *p = &probes[k];
        plan->series[k] = (struct ebb_trace_series){
            place_name(net, p), state_name(p->state), p->nodes, p->n, p->every};
    }
    return EBB_OK;
}

size_t ebb_trace_plan_neurons(const struct ebb_trace_plan *plan)
{
    size_t neurons = 0;
    for (size_t k = 0; k < plan->n_populations; k++) {
        neurons += plan->populations[k].n;
    }
    return neurons;
}

static uint64_t points_below(const struct ebb_trace_series *series,
                             ebb_tick tick)
{
    return tick / series->every + (tick % series->every != 0);
}

uint64_t ebb_trace_series_points(const struct ebb_trace_series *series,
                                 ebb_tick first, ebb_tick ticks)
{
    return ticks > first
               ? points_below(series, ticks) - points_below(series, first)
               : 0;
}

ebb_tick ebb_trace_series_tick(const struct ebb_trace_series *series,
                               ebb_tick first, uint64_t k)
{
    return (points_below(series, first) + k) * series->every;
}
