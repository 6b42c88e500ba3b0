/* tools/bench/dense_state.h - between dense_loop.c and dense_pass.c: what one
 * tick of all neurons works on. */
#ifndef EBB_TOOLS_BENCH_DENSE_STATE_H
#define EBB_TOOLS_BENCH_DENSE_STATE_H

#include "core/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DENSE_CURRENTS = 2 };

#define EBB_REAL_BITS 32
#include "core/real_begin.inc"
#include "tools/bench/dense_state.inc"
#include "core/real_end.inc"

#define EBB_REAL_BITS 64
#include "core/real_begin.inc"
#include "tools/bench/dense_state.inc"
#include "core/real_end.inc"

#endif
