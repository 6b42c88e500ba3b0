/* tools/bench/dense_pass.c - one tick of every neuron; built once per
 * precision and processor kind. */
#include "tools/bench/dense_state.h"

#include "core/real_build.inc"

#ifndef EBB_STEP_ISA
#define EBB_STEP_ISA baseline
#endif

typedef EBB_REAL real;
typedef struct EBB_NAME(dense_state) state;

/* As anyone would write it: a counter of ticks to be held. */
static inline void pass_plain(const state *s, const size_t currents)
{
    real *restrict v = s->v;
    real *restrict c0 = s->current[0];
    real *restrict c1 = s->current[1];
    int32_t *restrict left = s->left;
    uint8_t *restrict fired = s->fired;
    const real lambda = s->lambda, bias = s->bias, v_th = s->v_th;
    const real v_reset = s->v_reset, a0 = s->alpha[0], a1 = s->alpha[1];
    const int32_t refractory = s->refractory;
#pragma omp simd
    for (size_t i = 0; i < s->n; i++) {
        int32_t rest = left[i];
        real now = lambda * v[i] + bias + c0[i];
        c0[i] *= a0;
        if (currents > 1) {
            now += c1[i];
            c1[i] *= a1;
        }
        now = rest > 0 ? v_reset : now;
        int fire = (now >= v_th) & (rest <= 0);
        v[i] = fire ? v_reset : now;
        left[i] = fire ? refractory : rest - (rest > 0);
        fired[i] = (uint8_t)fire;
    }
}

/* The fastest that we found: nothing is counted, all numbers are of one
 * width. */
static inline void pass_tuned(const state *s, const size_t currents)
{
    real *restrict v = s->v;
    real *restrict c0 = s->current[0];
    real *restrict c1 = s->current[1];
    real *restrict held = s->held;
    uint8_t *restrict fired = s->fired;
    const real lambda = s->lambda, bias = s->bias, v_th = s->v_th;
    const real v_reset = s->v_reset, a0 = s->alpha[0], a1 = s->alpha[1];
    const real clock = s->now, until = s->until;
#pragma omp simd
    for (size_t i = 0; i < s->n; i++) {
        real hold = held[i];
        real now = lambda * v[i] + bias + c0[i];
        c0[i] *= a0;
        if (currents > 1) {
            now += c1[i];
            c1[i] *= a1;
        }
        now = hold <= clock ? now : v_reset; /* which is below Vth */
        v[i] = now >= v_th ? v_reset : now;
        held[i] = now >= v_th ? until : hold;
        fired[i] = now >= v_th;
    }
}

#define PASS EBB_PASTE(EBB_NAME(dense_pass), EBB_PASTE(_, EBB_STEP_ISA))

void PASS(state *s)
{
    if (s->tuned && s->currents == 1) {
        pass_tuned(s, 1);
    } else if (s->tuned) {
        pass_tuned(s, 2);
    } else if (s->currents == 1) {
        pass_plain(s, 1);
    } else {
        pass_plain(s, 2);
    }
}
