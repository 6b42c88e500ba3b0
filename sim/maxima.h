/* sim/maxima.h - max pooling at work, for the engine's own sources. */
#ifndef EBB_SIM_MAXIMA_H
#define EBB_SIM_MAXIMA_H

#include "sim/engine_parts.h"

/** Max pooling: is it done by winners, that is as closed forms? */
bool maxima_by_winners(const struct drive *d);

/** Rooms of a max pooling. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status maxima_create(struct ebb_engine *e, struct drive *d);

/** By winners: the section of the target is known. Errors: EBB_ERR_NOMEM,
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status maxima_build(struct ebb_engine *e, struct drive *d,
                                      const struct ebb_section *section);

/** Its parts, which stand behind it among what reaches the target. */
size_t maxima_parts(const struct drive *d, struct drive **part);

/** By winners: those of its windows. */
struct winners *maxima_winners(const struct drive *d);

void maxima_reset(struct drive *d);
void maxima_finish(struct drive *d);

/** As space_largest(). */
void maxima_largest(const struct drive *d, double *out);

/** By winners: an addition to an axon's PSP in this tick. */
void maxima_add(struct drive *d, size_t axon, double x);

/** By winners: a window's entry of the calendar is due. */
void maxima_wake(struct ebb_engine *e, struct drive *d, size_t window);

/** By winners: windows to be looked at in this tick. */
size_t maxima_stirred(const struct drive *d);

/** What the windows bring in this tick: rows for the parts, or for the
 *  projection itself. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status maxima_collect(struct ebb_engine *e, struct drive *d);

#endif
