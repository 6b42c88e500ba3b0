/* sim/engine_tick.h - a tick in pieces, for the engine's own sources. */
#ifndef EBB_SIM_ENGINE_TICK_H
#define EBB_SIM_ENGINE_TICK_H

#include "sim/engine_parts.h"

/** Take what is due at this tick from the calendar. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status engine_begin_tick(struct ebb_engine *e);

/** Run places from <= k < to of the populations' order in this tick. */
EBB_NODISCARD ebb_status engine_pass(struct ebb_engine *e, size_t from,
                                     size_t to);

/** Tell this tick and go on to the next. */
EBB_NODISCARD ebb_status engine_end_tick(struct ebb_engine *e);

/** One of several shares: write down the first n of e->fired, spikes at place k
 *  of the populations' order in this tick. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status engine_share_note(struct ebb_engine *e, size_t k,
                                           size_t n);

/** Write down that this tick was looked at. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status engine_share_note_tick(struct ebb_engine *e);

/** Write down n states of this tick. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status engine_share_note_states(struct ebb_engine *e,
                                                  const double *value,
                                                  size_t n);

/** Free what was written down. */
void engine_share_finish(struct ebb_engine *e);

/** Errors: EBB_ERR_ARG (a tick failed before). */
EBB_NODISCARD ebb_status engine_check_whole(const struct ebb_engine *e);

/** Check that probes fit the network, and find what of them is told here.
 *  Errors: EBB_ERR_ARG, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status engine_take_probes(struct ebb_engine *e);

/** The first tick >= now that some probe wants; EBB_TICK_NEVER. */
ebb_tick probe_next(const struct ebb_engine *e);

/** PSPs of watched projections at this tick. */
void probe_step_psps(struct ebb_engine *e);

/** Tell what is wanted at this tick. Errors: what the sink reports. */
EBB_NODISCARD ebb_status probe_tell(struct ebb_engine *e, double *value);

#endif
