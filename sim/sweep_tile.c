/* sim/sweep_tile.c - a tile brought up to date at once; built once for each
 * precision of the states. */
#include "sim/sweep_tile.h"

#include "core/real_build.inc"

#include <string.h>

typedef EBB_REAL real;
typedef struct EBB_NAME(ebb_sweep) sweep;
typedef struct EBB_NAME(ebb_sweep_entry) entry;

static void copy(real *to, const double *from, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        to[k] = (real)from[k];
    }
}

static void take_entry(entry *to, const struct ebb_filter_entry *from,
                       const struct ebb_filter_spec *system)
{
    size_t inner = 0, blocks = 0;
    to->n_sections = (unsigned)system->n_sections;
    for (size_t k = 0; k < system->n_sections; k++) {
        unsigned order = system->sections[k].order;
        to->order[k] = order;
        inner += order;
        blocks += (size_t)order * order;
    }
    copy(to->block, from->block, blocks);
    copy(to->v, from->v, inner);
    to->lambda = (real)from->lambda;
    to->theta = (real)from->theta;
    to->reset = (real)from->reset;
    to->bias = (real)from->bias;
}

static sweep describe(const struct tile_view *view)
{
    return (sweep){.x = view->x,
                   .stride = view->stride,
                   .arrival = view->arrival,
                   .n_arrivals = view->n_arrivals,
                   .filter = view->filter,
                   .strict = view->strict,
                   .common = view->common,
                   .bias = view->bias,
                   .v_th = view->v_th,
                   .v_reset = view->v_reset,
                   .held = view->held,
                   .now = (real)view->now,
                   .some = view->some,
                   .fired = view->fired};
}

bool EBB_NAME(sweep_tile)(const struct tile_view *view,
                          const struct ebb_filter *filter, ebb_tick delta,
                          size_t from, size_t to)
{
    const struct EBB_NAME(ebb_sweep_ops) *ops = view->ops;
    const struct ebb_filter_entry *steps[64];
    struct ebb_filter_spec system = ebb_filter_system(filter);
    unsigned n = ebb_filter_steps(filter, delta, steps);
    entry now;
    sweep s = describe(view);
    s.entry = &now;
    for (unsigned k = 0; k + 1 < n; k++) {
        take_entry(&now, steps[k], &system);
        ops->advance(&s, from, to);
    }
    take_entry(&now, steps[n - 1], &system);
    return ops->step(&s, from, to);
}

void EBB_NAME(sweep_may_cross)(const struct tile_view *view,
                               const struct ebb_filter *filter,
                               const struct ebb_crossing_bound *bound,
                               size_t from, size_t to)
{
    const struct EBB_NAME(ebb_sweep_ops) *ops = view->ops;
    struct ebb_filter_spec system = ebb_filter_system(filter);
    const struct ebb_filter_entry *step;
    struct EBB_NAME(ebb_sweep_bound) b;
    entry now;
    sweep s = describe(view);
    (void)ebb_filter_steps(filter, 1, &step);
    take_entry(&now, step, &system); /* for its shape */
    s.entry = &now;
    size_t size = ebb_filter_size(filter);
    copy(b.slave, bound->slave, size);
    copy(b.high, bound->high, size);
    copy(b.low, bound->low, size);
    copy(b.amplitude, bound->amplitude, size);
    ops->may_cross(&s, &b, from, to);
}
