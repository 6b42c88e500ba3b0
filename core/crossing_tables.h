/* core/crossing_tables.h - the tables behind core/crossing.h.
 *
 * Coordinates. A section in cascade form is its own best coordinates: with
 * positive poles every response is positive and rises and falls once. For a
 * section of other form the coordinates are e_j = [Π_{i<j} (E - p_i)] y at the
 * next tick, E the shift by one tick and p_i the poles, fast ones first
 * (conjugate pairs as real quadratics): a pure mode, a sum of modes and a
 * cluster of equal poles are then all small sums without cancellation. Errors
 * in p_i only make other coordinates; no bound depends on them.
 *
 * A membrane that is much faster than what drives it follows it: its own
 * coordinate is w = v - Σ u_k e_k, the part that does not (u from
 * u (A - λ) = y, so that w' = λ w), likewise for r and for the bias, which is
 * slower than any membrane. Else every V would look like a jump that another
 * jump cancels.
 *
 * Each coordinate drives V through a channel of its own: a block that decays,
 * and the membrane. Ranges over 2^n ticks are put together from 64 pieces of
 * 2^(n-6) ticks, whose states are known exactly and whose ranges come from the
 * table of level n - 6. */
#ifndef EBB_CORE_CROSSING_TABLES_H
#define EBB_CORE_CROSSING_TABLES_H

#include "core/crossing.h"
#include "core/memory.h"

typedef long double wide;

enum { LEVELS_MAX = 54, PIECES_LOG2 = 6 };

/* How V responds to one coordinate over the ticks 1..2^n of a level. */
struct response {
    double end;        /* at tick 2^n */
    double high, low;  /* largest and smallest */
    double bend, rise; /* largest and smallest of -(g(s+2) - 2 g(s+1) + g(s)) */
    bool smooth;       /* bounded better by its bend than by its range */
};

/* What 2^n ticks do to the coordinates of one section. */
struct stride_block {
    double *block; /* [order][order] */
    double *w;     /* [order] what it adds to w */
};

struct level {
    struct response *response; /* [size] */
    struct stride_block *sections;
    double lambda, theta; /* λ^(2^n), θ^(2^n) */
    double reset, bias;   /* what r and the bias add to w */
};

struct ebb_crossing {
    const struct ebb_filter *filter;
    struct ebb_filter_spec system;
    size_t size;       /* coordinates: sections, r, w, bias */
    size_t *at;        /* [n_sections + 1] */
    double *slave;     /* [size] u: w = v - Σ u_k e_k over the others */
    double *turn;      /* [inner][order of its section] rows of T */
    double *start;     /* [size] V of each coordinate now */
    double *high;      /* [size] largest response over all ticks from 1 on */
    double *low;       /* [size] smallest */
    double *amplitude; /* [size] largest magnitude, now included */
    bool plain;
    unsigned levels, poles;
    struct level level[LEVELS_MAX];
    struct ebb_arena *arena;
};

/* A channel while tables are built: coordinates of one kind and the w that
 * they drive. Matrices are [n][n]; w is the last coordinate. */
struct channel {
    size_t first;              /* index of its first coordinate */
    size_t own;                /* coordinates besides w; 0 for w itself */
    size_t n;                  /* own + 1 */
    wide v[EBB_ORDER_MAX + 1]; /* V = v · coordinates */
    wide *power;               /* [n][n] 2^level ticks */
    wide *bend; /* [n] -(E - 1)² as seen by V: row of -D² at tick 0 */
};

/** Zeroed [n, n] matrix, or NULL. */
wide *ebb_wide_matrix(struct ebb_arena *arena, size_t n);

/** out = a b for [n, n] matrices. */
void ebb_wide_multiply(wide *out, const wide *a, const wide *b, size_t n);

/** One column of row b. */
wide ebb_wide_row(const wide *row, const wide *b, size_t column, size_t n);

/** Make a [n, n] the identity. */
void ebb_wide_identity(wide *a, size_t n);

/** The channels of a system, one tick long: ch [n_sections + 3] out (sections,
 *  r, w, bias). Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_crossing_open_channels(struct ebb_crossing *c,
                                                    struct ebb_arena *arena,
                                                    struct channel *ch);

#endif
