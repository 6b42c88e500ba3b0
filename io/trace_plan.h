/* io/trace_plan.h - what a trace is going to hold, whether it comes from a
 * network that runs or from a recording that was cut short. */
#ifndef EBB_IO_TRACE_PLAN_H
#define EBB_IO_TRACE_PLAN_H

#include "core/flow.h"
#include "models/network.h"

/** A population: all its spikes are kept. */
struct ebb_trace_train {
    const char *name;
    size_t n;
    bool input;
    struct ebb_values v_th; /* of 1 or n values; none of an input */
};

/** A state of a population, or of a projection's axons. */
struct ebb_trace_series {
    const char *place, *state; /* "hidden", "V" */
    const uint32_t *nodes;     /* [n]; NULL: all of them */
    size_t n;
    ebb_tick every;
};

/** Contents of a trace. What it points to lives in `arena` or is borrowed. */
struct ebb_trace_plan {
    struct ebb_trace_train *populations; /* [n_populations] */
    size_t n_populations;
    struct ebb_trace_series *series; /* [n_series] */
    size_t n_series;
    ebb_tick ticks;    /* of the recording */
    ebb_tick intended; /* of the run, had nobody cut it short; 0: open */
    double tick_s;     /* 0: not given */
    uint64_t network_hash;
    const char *origin; /* NULL: none */
};

/** The plan of a run of `net` that tells `probes`; both are borrowed. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_trace_plan_init(
    struct ebb_trace_plan *plan, struct ebb_arena *arena,
    const struct ebb_network *net, ebb_tick ticks,
    const struct ebb_probe *probes, size_t n_probes, const char *origin);

/** Neurons of all populations together. */
size_t ebb_trace_plan_neurons(const struct ebb_trace_plan *plan);

/** Points of a series below a tick. */
uint64_t ebb_trace_series_points(const struct ebb_trace_series *series,
                                 ebb_tick ticks);

#endif
