/* sim/winners.h - max pooling by events: whose PSP does each window give?
 *
 * Between changes a window gives the PSP of one axon, its winner, in closed
 * form; so its targets hold that PSP's state, weighted, as they hold those of
 * axons without pooling. A spike within the window, or another axon's PSP
 * that rises above the winner's, changes the state by a difference, which is
 * told once. When the next change comes without a spike is predicted by the
 * crossing search: the first tick at which some axon's PSP is above the
 * winner's.
 *
 * An axon that never fired gives 0 and takes part: it wins over negative
 * ones. */
#ifndef EBB_SIM_WINNERS_H
#define EBB_SIM_WINNERS_H

#include "core/filter.h"
#include "models/network.h"

/** Windows [from, to) of rows and columns that see an axon. */
struct winners_range {
    size_t channel, from[2], to[2];
};

struct winners_range winners_range(const struct ebb_projection *p, size_t axon);

/** First axon of a window. */
size_t winners_corner(const struct ebb_projection *p, size_t window);

/** One max-pooled projection with a shared kernel. */
struct winners;

/** A window whose output changed: its state grows by delta. */
struct winners_change {
    uint32_t window;
    const double *delta; /* [order] of the section's state after this tick, and
                            behind them one of the output at this tick */
};

/**
 * Prepare the windows of projection p, whose kernel is `section` (borrowed for
 * the call). `small`: an output that differs by less is as good as equal; > 0.
 * Errors: EBB_ERR_NOMEM, EBB_ERR_ARG.
 */
EBB_NODISCARD ebb_status winners_create(struct winners **out,
                                        const struct ebb_projection *p,
                                        const struct ebb_section *section,
                                        double small);

/** Free it. NULL is allowed. */
void winners_destroy(struct winners *w);

/** All axons silent, no wake-ups. */
void winners_reset(struct winners *w);

/** An addition to the PSP of an axon at the tick that is settled next. */
void winners_add(struct winners *w, size_t axon, double x);

/** The tick for which `window` asked to be looked at; true where it is `now`:
 *  it will be looked at. Others are void. */
bool winners_wake(struct winners *w, size_t window, ebb_tick now);

/** Windows that will be looked at in this tick. */
size_t winners_stirred(const struct winners *w);

/** Look at them: *change [*n] gets those whose output changed, rising; valid
 *  until the next call. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status winners_settle(struct winners *w, ebb_tick now,
                                        const struct winners_change **change,
                                        size_t *n);

/** What to ask the calendar for, of the windows just settled: the k-th that
 *  wants to be looked at, and when. False beyond the last. */
bool winners_wanted(const struct winners *w, size_t k, uint32_t *window,
                    ebb_tick *tick);

/** What decides the future between two ticks, to be saved and loaded. */
struct winners_state {
    size_t axons, windows;
    unsigned order;
    double *u;        /* [axons][order] after tick done - 1 */
    ebb_tick *done;   /* [axons] */
    bool *live;       /* [axons] fired once; u and done mean nothing before */
    uint32_t *winner; /* [windows] axon; UINT32_MAX: nobody */
    ebb_tick *wake;   /* [windows] */
};

struct winners_state winners_state(struct winners *w);

/** Evaluations of all searches so far. */
uint64_t winners_evaluations(const struct winners *w);

#endif
