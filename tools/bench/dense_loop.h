/* tools/bench/dense_loop.h - the plain dense loop that `bench engine` is held
 * against: every neuron at every tick, spikes along compressed rows.
 *
 * It knows what the benchmark networks are made of and nothing else: shared
 * kernels of one pole and one tap, hybrid reset with refractory ticks, one λ,
 * Vth and bias for all neurons of one population. Kernels of equal α are one
 * current. Its pass over all neurons is built for each processor kind, like
 * the engine's own, and there are two: the plain one, to which the bars refer,
 * and the fastest that we found. */
#ifndef EBB_TOOLS_BENCH_DENSE_LOOP_H
#define EBB_TOOLS_BENCH_DENSE_LOOP_H

#include "core/events.h"
#include "core/real.h"
#include "models/network.h"

#define EBB_REAL_BITS 32
#include "core/real_begin.inc"
#include "tools/bench/dense_loop.inc"
#include "core/real_end.inc"

#define EBB_REAL_BITS 64
#include "core/real_begin.inc"
#include "tools/bench/dense_loop.inc"
#include "core/real_end.inc"

#endif
