/* models/willshaw.h - how many patterns a Willshaw memory can hold: theory.
 *
 * N neurons, P random patterns of M cells, pairs connected with probability Z,
 * a cue of c cells of one pattern, one synchronous step: a neuron fires on K
 * coincident spikes.
 *
 * A neuron outside the pattern takes part in r of the P - 1 others, its unit
 * usage, binomial with f = M / N. Its synapse from a cell of the cue is set if
 * that cell is in one of those r, each of which holds M - 1 of the N - 1 other
 * neurons. The cells of the cue that are in none, u of c at first, lose a
 * hypergeometric number with each pattern:
 *
 *     p_0(u) = [u = c]
 *     p_{r+1}(u - h) = Σ_u p_r(u) H(h; N - 1, u, M - 1)                  (1)
 *     q_r = Σ_u p_r(u) Pr[Bin(c - u, Z) >= K]                             (2)
 *     falsely active, as a share of M:
 *     F = (N - M)/M Σ_r Bin(r; P - 1, M/N) q_r                            (3)
 *
 * (1) and (3) are the Willshaw-Palm distribution at finite size, here as a
 * Markov chain, which has no alternating sums: Knoblauch 2008, SIAM J. Appl.
 * Math. 69:169-196; unit usage and dilution (2): Buckingham, Willshaw 1992,
 * Network 3:407-414. For large N (1) becomes binomial, each synapse set with
 * probability 1 - (1 - f)^r.
 *
 * A cell of the pattern has all its synapses from the cue set:
 *
 *     C = (c Pr[Bin(c - 1, Z) >= K] + (M - c) Pr[Bin(c, Z) >= K]) / M      (4)
 */
#ifndef EBB_MODELS_WILLSHAW_H
#define EBB_MODELS_WILLSHAW_H

#include "core/error.h"

#include <stddef.h>

enum { EBB_WILLSHAW_CUE_MAX = 1024 };

/** A memory and its cue. */
struct ebb_willshaw {
    size_t neurons, cells, cue; /* N, M, c */
    double connect;             /* Z */
    size_t threshold;           /* K */
};

/** q_r of all r. Zero-initialise. */
struct ebb_willshaw_table {
    struct ebb_willshaw of;
    double *chance; /* [n] q_r; beyond, the last */
    size_t n;
};

/** Work out (1) and (2) for every usage until q_r no longer changes. About
 *  40 N/M steps of c²/2 additions. Errors: EBB_ERR_ARG (no cue of 1 to M cells,
 *  M < 2, M < N / 10^6 or M > N / 2, more than EBB_WILLSHAW_CUE_MAX),
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_willshaw_table_init(struct ebb_willshaw_table *t,
                                                 const struct ebb_willshaw *of);

void ebb_willshaw_table_finish(struct ebb_willshaw_table *t);

/** F of (3) for a number of patterns, at least 1. */
double ebb_willshaw_false(const struct ebb_willshaw_table *t, size_t patterns);

/** Number of patterns at which F reaches a level, between whole numbers by
 *  interpolation of logarithms; 0 where no number up to 2^32 reaches it. */
double ebb_willshaw_capacity(const struct ebb_willshaw_table *t, double level);

/** C of (4). */
double ebb_willshaw_completion(const struct ebb_willshaw *w);

/** The largest K for which C is at least `completion`; 1 when none is. */
size_t ebb_willshaw_threshold(const struct ebb_willshaw *w, double completion);

/** The K for which errors are fewest over some steps: misses of the cue and
 *  false ones of a whole pattern with as many others as the cue lacks, 1 - C +
 *  20 F, since false ones make more of their kind, while C is at least 0.9; F
 *  by the binomial limit at the mean usage. O(M). */
size_t ebb_willshaw_best_threshold(const struct ebb_willshaw *w,
                                   size_t patterns);

#endif
