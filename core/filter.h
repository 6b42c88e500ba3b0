/* core/filter.h - what a neuron's state becomes when nothing happens.
 *
 * Between spikes a neuron is a linear, time-invariant system. Its state after
 * Δ silent ticks is a fixed matrix times its state now, so a neuron is
 * computed when something happens to it, however long that takes.
 *
 * The state x is a column of `size` numbers:
 *
 *     sections   the filters through which its input passes, one after the
 *                other, each with as many numbers as it has poles
 *     r          Vth R[t+1], what the reset filter takes off the next tick
 *     v          V[t], or what is carried in its place after a reset
 *     bias       b, added to V at every tick
 *
 * One silent tick is
 *
 *     y_s = output of section s;   each section steps on
 *     v'  = λ v + Σ_s y_s - r + bias                                  (5a)
 *     r'  = θ r                                                       (5c)
 *
 * Matrices of Δ ticks come from tables of powers, digit by digit; nothing goes
 * through roots, and tables are computed in extended precision. */
#ifndef EBB_CORE_FILTER_H
#define EBB_CORE_FILTER_H

#include "core/error.h"
#include "core/poles.h"
#include "core/tick.h"

#include <stddef.h>

enum ebb_section_form {
    /** First-order filters in series, poles p_1..p_P:
     *  u_1 = p_1 u_1 + g x,  u_k = p_k u_k + u_(k-1),  y = u_P.
     *  The state is u_1..u_P; exact at any tick length for positive poles. */
    EBB_SECTION_CASCADE,
    /** Transposed direct form II of α_1..α_P:
     *  y = z_1 + b_0 x,  z_k = z_(k+1) + α_k y + b_k x.
     *  Exact where α are dyadic and Δ is short. For a complex pair that turns
     *  by an angle a tick, entries are of the size 1/angle and each table step
     *  but the first can cost that factor in accuracy. */
    EBB_SECTION_TRANSPOSED,
    /** The same filter in coordinates of differences,
     *  e_j = [Π_{i<j} (E - p_i)] y at the next tick, E the shift by one tick
     *  and p_i the poles, fast ones first (conjugate pairs as real
     *  quadratics): sums that do not cancel at any tick length. Errors in p_i
     *  only make other coordinates. */
    EBB_SECTION_DIFFERENCES
};

/** One section: an all-pole filter, with taps at its input. */
struct ebb_section {
    enum ebb_section_form form;
    unsigned order;               /* P >= 1 */
    double number[EBB_ORDER_MAX]; /* poles (cascade), fast ones first, or α */
};

/** The system of one kind of neuron. */
struct ebb_filter_spec {
    const struct ebb_section *sections;
    size_t n_sections;
    double lambda; /* 0..1 */
    double theta;  /* 0..1 */
    unsigned bits; /* ticks per table level: 2^bits; 6 is fast, 1 is small */
};

enum { EBB_STATE_MAX = 128 }; /* numbers in the state of one neuron */

/** Tables for one kind of neuron. Immutable; shared by threads. */
struct ebb_filter;

/** Build the tables. The spec is copied. Errors: EBB_ERR_ARG (state larger
 *  than EBB_STATE_MAX), EBB_ERR_NOMEM. Cost: O(size³ 2^bits levels). */
EBB_NODISCARD ebb_status ebb_filter_create(struct ebb_filter **out,
                                           const struct ebb_filter_spec *spec);

/** Free it. NULL is allowed. */
void ebb_filter_destroy(struct ebb_filter *filter);

/** The system that the tables were built for; borrowed from the filter. */
struct ebb_filter_spec ebb_filter_system(const struct ebb_filter *filter);

/** Numbers in the state. */
size_t ebb_filter_size(const struct ebb_filter *filter);

/** Where section s, and then r, v and bias, stand in the state. */
size_t ebb_filter_section_at(const struct ebb_filter *filter, size_t section);
size_t ebb_filter_reset_at(const struct ebb_filter *filter);
size_t ebb_filter_v_at(const struct ebb_filter *filter);
size_t ebb_filter_bias_at(const struct ebb_filter *filter);

/** One table entry: what `ticks` silent ticks do. */
struct ebb_filter_entry {
    const double *block; /* per section [order][order], one after the other */
    const double *y;     /* [all orders] output of the last tick, per section */
    const double *v;     /* [all orders] what sections add to v */
    double lambda;       /* λ^Δ: what v keeps */
    double theta;        /* θ^Δ: what r keeps */
    double reset;        /* what r adds to v (negative) */
    double bias;         /* what the bias adds to v */
};

/** The entries whose product is Δ >= 1 ticks, largest step first: at most 64.
 *  Returns how many; each is applied in turn to a state. */
unsigned ebb_filter_steps(const struct ebb_filter *filter, ebb_tick delta,
                          const struct ebb_filter_entry **entry);

/** Entries of Δ below this are one step. */
ebb_tick ebb_filter_short(const struct ebb_filter *filter);

/** Let `delta` silent ticks pass: x [size] in/out. A pure function: the same
 *  state and delta give the same bits. O(size²) per digit of delta. */
void ebb_filter_advance(const struct ebb_filter *filter, double *x,
                        ebb_tick delta);

/** One silent tick of a section in extended precision: a [order, order], and
 *  its output as a row y [order] over the state before the tick. */
void ebb_section_matrix(const struct ebb_section *section, long double *a,
                        long double *y);

/** T [order, order] from the transposed state to that of differences: unit
 *  lower triangular. */
void ebb_section_turn(const struct ebb_section *section, long double *turn);

/** What an input of 1 at a tick adds to the section's state after that tick:
 *  gain [order]. Its output at the tick grows by 1. */
void ebb_section_input(const struct ebb_section *section, double *gain);

/** V after `delta` >= 1 silent ticks, as ebb_filter_advance() gives it. */
double ebb_filter_v_after(const struct ebb_filter *filter, const double *x,
                          ebb_tick delta);

/** Output of all sections together at the tick `delta` >= 1 from now (their
 *  part of I). */
double ebb_filter_output_after(const struct ebb_filter *filter, const double *x,
                               ebb_tick delta);

#endif
