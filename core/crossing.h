/* core/crossing.h - when will a neuron that nobody touches reach threshold?
 *
 * A PSP peaks after its spike, and a fading reset lets V climb again, so V can
 * cross threshold with no new input. The search finds the first tick at which
 * it does, exactly, in a number of evaluations that hardly depends on how many
 * ticks that is.
 *
 * It walks forward in strides of 2^n ticks. A stride is taken when V provably
 * stays below threshold along it: V is a sum of coordinates times known
 * responses; for responses that bend little over the stride the sum lies below
 * its chord plus K L²/8, where K bounds the sum's curvature; the others are
 * bounded by their largest value. A stride that cannot be proven is halved,
 * down to single ticks, where V itself decides.
 *
 * The ranges of responses and curvatures over each stride are numbers of the
 * network, computed once, for poles of any kind; poles only choose coordinates
 * in which sums do not cancel. */
#ifndef EBB_CORE_CROSSING_H
#define EBB_CORE_CROSSING_H

#include "core/filter.h"

#include <stdbool.h>

/** Tables for one kind of neuron. Immutable; shared by threads. */
struct ebb_crossing;

/** Build the tables. `filter` is borrowed and must outlive them.
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_crossing_create(struct ebb_crossing **out,
                                             const struct ebb_filter *filter);

/** Free them. NULL is allowed. */
void ebb_crossing_destroy(struct ebb_crossing *crossing);

/**
 * The upper bound of V over all future ticks in numbers, for sweeps:
 * Σ_k max(c_k high_k, c_k low_k) over coordinates c, which are those of the
 * sections, r, the bias, and w = v - Σ_k slave_k c_k in the place of v.
 */
struct ebb_crossing_bound {
    const double *slave;      /* [size] */
    const double *high, *low; /* [size] */
    const double *amplitude;  /* [size] largest magnitude: Σ |c_k amplitude_k|
                                 times the rounding is what to inflate by */
    bool plain;               /* sections need no turning; else no use */
};

struct ebb_crossing_bound
ebb_crossing_bound(const struct ebb_crossing *crossing);

/** Level at which V settles when nothing happens: b/(1-λ); +-infinity for
 *  λ = 1 and a bias that is not 0. */
double ebb_crossing_rest(const struct ebb_crossing *crossing, double bias);

/** An upper bound of V over all ticks from the next one on, inflated by
 *  1e-12 of its terms. */
double ebb_crossing_upper(const struct ebb_crossing *crossing, const double *x);

/** What a search found. */
struct ebb_crossing_result {
    ebb_tick tick;        /* see ebb_crossing_find() */
    bool open;            /* the budget ran out before an answer */
    unsigned evaluations; /* strides tried */
};

/**
 * The first tick Δ > after at which V(Δ) >= v_th (> with `strict`), where x is
 * the state at Δ = 0 and nothing happens.
 *
 *     result.tick  that tick; EBB_TICK_NEVER when there is none; when `open`,
 *                  the last tick up to which there is none: search again from
 *                  there
 *
 * V is decided by ebb_filter_v_after(x, Δ). At most
 * ebb_crossing_budget() evaluations, each O(size²).
 */
struct ebb_crossing_result
ebb_crossing_find(const struct ebb_crossing *crossing, const double *x,
                  ebb_tick after, double v_th, bool strict);

/** Evaluations that a search over `gap` ticks may use: 64 + 4 log2(gap) per
 *  pole. */
unsigned ebb_crossing_budget(const struct ebb_crossing *crossing, ebb_tick gap);

#endif
