/* sim/sweep_tile.h - between tiles.c and core/sweep.h: one tile, in either
 * precision of its states. */
#ifndef EBB_SIM_SWEEP_TILE_H
#define EBB_SIM_SWEEP_TILE_H

#include "core/crossing.h"
#include "core/sweep.h"

/** The step that the last sweep took: mostly the next one takes it too. */
struct last_step {
    void *entry;    /* struct ebb_sweep_entry_f32 or _f64 */
    ebb_tick delta; /* ticks that it spans; 0: nothing known */
};

/** Bytes of such an entry. */
size_t sweep_entry_size_f32(void);
size_t sweep_entry_size_f64(void);

/** A population as a sweep sees it; numbers are of the precision that the
 *  function works in. */
struct tile_view {
    const void *ops; /* struct ebb_sweep_ops_f32 or _f64 */
    void *x, *v;
    size_t stride, jump;
    const struct ebb_sweep_arrival *arrival;
    unsigned n_arrivals;
    bool filter, strict, one_bias, one_v_th;
    const void *bias, *v_th, *v_reset;
    const void *held;
    ebb_tick now; /* on the population's clock */
    uint64_t *fired;
    struct last_step *last;
};

/** Bring neurons from <= i < to over delta >= 1 ticks, the arrivals of the
 *  last of them included; view->fired tells who reached Vth. False when
 *  some V is not finite. */
bool sweep_tile_f32(const struct tile_view *view,
                    const struct ebb_filter *filter, ebb_tick delta,
                    size_t from, size_t to);
bool sweep_tile_f64(const struct tile_view *view,
                    const struct ebb_filter *filter, ebb_tick delta,
                    size_t from, size_t to);

/** view->fired tells who may reach Vth later, or is held. */
void sweep_may_cross_f32(const struct tile_view *view,
                         const struct ebb_filter *filter,
                         const struct ebb_crossing_bound *bound, size_t from,
                         size_t to);
void sweep_may_cross_f64(const struct tile_view *view,
                         const struct ebb_filter *filter,
                         const struct ebb_crossing_bound *bound, size_t from,
                         size_t to);

#endif
