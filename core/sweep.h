/* core/sweep.h - many neurons brought up to date at once.
 *
 * A sweep does to a run of neurons what core/filter.h does to one, with the
 * same additions in the same order: all builds, and the scalar code, give the
 * same bits. States stand as columns, one row per number of the state, `stride`
 * numbers apart; or the rows of each run of lanes stand together, so that it is
 * one piece of memory. */
#ifndef EBB_CORE_SWEEP_H
#define EBB_CORE_SWEEP_H

#include "core/poles.h"
#include "core/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EBB_SWEEP_LANES = 64,    /* runs start and end at multiples of this */
    EBB_SWEEP_SECTIONS = 32, /* at most, of one neuron */
    EBB_SWEEP_NUMBERS = 256, /* of all their matrices together */
    EBB_SWEEP_ROOM = 64 * EBB_SWEEP_LANES /* neurons whose V is at hand */
};

/* Additions of a tick from one projection. */
struct ebb_sweep_arrival {
    void *sum;          /* [neurons] additions, in the precision of the sweep;
                           0 afterwards */
    int section;        /* that they enter; -1: none, they reach V at once */
    const double *gain; /* [order] what an addition of 1 does to a section */
};

/* Weights that stand together, times x, to sums that do. */
struct ebb_sweep_run {
    size_t from; /* place of the first weight */
    uint32_t to; /* and of its sum */
    uint32_t n;
    double x;
};

#define EBB_REAL_BITS 32
#include "core/real_begin.inc"
#include "core/sweep.inc"
#include "core/real_end.inc"

#define EBB_REAL_BITS 64
#include "core/real_begin.inc"
#include "core/sweep.inc"
#include "core/real_end.inc"

#endif
