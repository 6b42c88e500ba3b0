/* core/step.h - step functions: the inner loops, one build per processor kind.
 *
 * All arrays of a step function are rows of neurons or axons, one row a tick,
 * `stride` numbers apart; each function walks `width` columns through ticks
 * t0 <= t < t1. Every build (baseline, AVX2, AVX-512) gives the same bits: no
 * contraction, no reassociation, columns never mix. */
#ifndef EBB_CORE_STEP_H
#define EBB_CORE_STEP_H

#include "core/random.h"
#include "core/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What became of a neuron at a tick, under hybrid reset with refractory
 *  ticks. */
enum ebb_phase { EBB_PHASE_FREE, EBB_PHASE_SPIKE, EBB_PHASE_HELD };

#define EBB_REAL_BITS 32
#include "core/real_begin.inc"
#include "core/step.inc"
#include "core/real_end.inc"

#define EBB_REAL_BITS 64
#include "core/real_begin.inc"
#include "core/step.inc"
#include "core/real_end.inc"

#endif
