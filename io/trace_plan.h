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
    struct ebb_values v_th;  /* of 1 or n values; none of an input */
    size_t own_from, own_to; /* neurons whose spikes are kept: one rank's */
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
    ebb_tick first;    /* tick that it begins with: of a run gone on with */
    ebb_tick ticks;    /* that it ends before */
    ebb_tick intended; /* of the run, had nobody cut it short; 0: open */
    double tick_s;     /* 0: not given */
    uint64_t network_hash;
    uint64_t run;       /* tells runs apart; 0: not told */
    size_t rank, ranks; /* whose it is */
    const char *origin; /* NULL: none */
};

/** Is it a piece of a trace that ebb merge may join with others? */
static inline bool ebb_trace_plan_is_piece(const struct ebb_trace_plan *plan)
{
    return plan->first > 0 || plan->ranks > 1;
}

/** The plan of a run of `net` that tells `probes`; both are borrowed. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_trace_plan_init(
    struct ebb_trace_plan *plan, struct ebb_arena *arena,
    const struct ebb_network *net, ebb_tick ticks,
    const struct ebb_probe *probes, size_t n_probes, const char *origin);

/** Neurons of all populations together. */
size_t ebb_trace_plan_neurons(const struct ebb_trace_plan *plan);

/** Points of a series from tick `first` on and below `ticks`. */
uint64_t ebb_trace_series_points(const struct ebb_trace_series *series,
                                 ebb_tick first, ebb_tick ticks);

/** The tick of its point k, where it begins with tick `first`. */
ebb_tick ebb_trace_series_tick(const struct ebb_trace_series *series,
                               ebb_tick first, uint64_t k);

#endif
