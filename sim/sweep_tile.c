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
                   .v = view->v,
                   .stride = view->stride,
                   .jump = view->jump,
                   .arrival = view->arrival,
                   .n_arrivals = view->n_arrivals,
                   .filter = view->filter,
                   .strict = view->strict,
                   .one_bias = view->one_bias,
                   .one_v_th = view->one_v_th,
                   .bias = view->bias,
                   .v_th = view->v_th,
                   .v_reset = view->v_reset,
                   .held = view->held,
                   .now = (real)view->now,
                   .fired = view->fired};
}

size_t EBB_NAME(sweep_entry_size)(void)
{
    return sizeof(entry);
}

bool EBB_NAME(sweep_tile)(const struct tile_view *view,
                          const struct ebb_filter *filter, ebb_tick delta,
                          size_t from, size_t to)
{
    const struct EBB_NAME(ebb_sweep_ops) *ops = view->ops;
    entry *now = view->last->entry;
    sweep s = describe(view);
    s.entry = now;
    if (view->last->delta != delta) {
        const struct ebb_filter_entry *steps[64];
        struct ebb_filter_spec system = ebb_filter_system(filter);
        unsigned n = ebb_filter_steps(filter, delta, steps);
        for (unsigned k = 0; k + 1 < n; k++) {
            take_entry(now, steps[k], &system);
            ops->advance(&s, from, to);
        }
        take_entry(now, steps[n - 1], &system);
        view->last->delta = n == 1 ? delta : 0;
    }
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
    double slack = sizeof(real) == sizeof(float) ? 1e-5 : 1e-11;
    for (size_t k = 0; k < size; k++) {
        b.high[k] = (real)(bound->high[k] + slack * bound->amplitude[k]);
        b.low[k] = (real)(bound->low[k] - slack * bound->amplitude[k]);
    }
    ops->may_cross(&s, &b, from, to);
}
