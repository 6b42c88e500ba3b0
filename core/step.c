/* core/step.c - the step functions; built once per precision and processor
 * kind, with EBB_BUILD_BITS and EBB_STEP_ISA on the command line. */
#include "core/step.h"

#include "core/real_build.inc"

#include <math.h>
#include <string.h>

typedef EBB_REAL real;

/* Columns are independent: ask for vector code. Nothing is reassociated. */
#define EBB_EACH_COLUMN _Pragma("omp simd")

#if EBB_REAL_BITS == 32
/* e^x for x <= 0 with a relative error of 2e-7, free of branches and calls so
 * that the loop around it becomes vector code. 2^n times a polynomial. */
static inline float exp_negative(float x)
{
    const float round_bits = 12582912.0f; /* 1.5 * 2^23: rounds to integers */
    const float log2_e = 1.44269504f;
    const float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    x = x < -87.0f ? -87.0f : x;
    float shifted = x * log2_e + round_bits;
    float n = shifted - round_bits;
    float r = (x - n * ln2_high) - n * ln2_low;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof(power));
    return p * power;
}
#else
static inline double exp_negative(double x)
{
    return exp(x);
}
#endif

static void row_clear(real *restrict out, size_t width)
{
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        out[i] = 0;
    }
}

static void row_multiply_add(real *restrict out, const real *restrict a,
                             const real *restrict b, size_t width)
{
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        out[i] += a[i] * b[i];
    }
}

static void filter_forward(real *f, const real *s,
                           const struct EBB_NAME(ebb_filter_rows) * k,
                           size_t t0, size_t t1, size_t stride, size_t width)
{
    for (size_t t = t0; t < t1; t++) {
        real *out = f + t * stride;
        row_clear(out, width);
        for (size_t p = 1; p <= k->order_p && p <= t; p++) {
            row_multiply_add(out, k->alpha + (p - 1) * k->stride,
                             out - p * stride, width);
        }
        for (size_t q = 0; q < k->taps && k->tap_lag[q] <= t; q++) {
            row_multiply_add(out, k->beta + q * k->stride,
                             s + (t - k->tap_lag[q]) * stride, width);
        }
    }
}

static void filter_backward(real *d_f, real *d_alpha, real *d_beta,
                            const real *f, const real *s,
                            const struct EBB_NAME(ebb_filter_rows) * k,
                            size_t t0, size_t t1, size_t ticks, size_t stride,
                            size_t width)
{
    for (size_t t = t1; t-- > t0;) {
        real *out = d_f + t * stride;
        for (size_t p = 1; p <= k->order_p && t + p < ticks; p++) {
            row_multiply_add(out, k->alpha + (p - 1) * k->stride,
                             out + p * stride, width);
        }
        for (size_t p = 1; d_alpha && p <= k->order_p && p <= t; p++) {
            row_multiply_add(d_alpha + (p - 1) * k->stride, out,
                             f + (t - p) * stride, width);
        }
        for (size_t q = 0; d_beta && q < k->taps && k->tap_lag[q] <= t; q++) {
            row_multiply_add(d_beta + q * k->stride, out,
                             s + (t - k->tap_lag[q]) * stride, width);
        }
    }
}

static void row_pull(real *restrict d_s, const real *restrict scale,
                     const real *restrict beta, const real *restrict d_f,
                     size_t width)
{
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        d_s[i] += scale[i] * (beta[i] * d_f[i]);
    }
}

static void filter_pull(real *d_s, const real *d_f, const real *scale,
                        const struct EBB_NAME(ebb_filter_rows) * k, size_t t0,
                        size_t t1, size_t ticks, size_t stride, size_t width)
{
    for (size_t t = t0; t < t1; t++) {
        for (size_t q = 0; q < k->taps && t + k->tap_lag[q] < ticks; q++) {
            const real *from = d_f + (t + k->tap_lag[q]) * stride;
            const real *beta = k->beta + q * k->stride;
            if (scale) {
                row_pull(d_s + t * stride, scale + t * stride, beta, from,
                         width);
            } else {
                row_multiply_add(d_s + t * stride, beta, from, width);
            }
        }
    }
}

static inline real fires(real v, real v_th, bool strict)
{
    return (real)(strict ? v > v_th : v >= v_th);
}

static void membrane_filter_row(real *restrict v, real *restrict o,
                                real *restrict carried, real *restrict reset,
                                const struct EBB_NAME(ebb_membrane_rows) * m,
                                bool strict, size_t width)
{
    const real *restrict lambda = m->lambda, *restrict theta = m->theta;
    const real *restrict v_th = m->v_th, *restrict bias = m->bias;
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        real u = lambda[i] * carried[i] + (v[i] + bias[i]) -
                 v_th[i] * reset[i]; /* (5a) */
        real fired = fires(u, v_th[i], strict);
        reset[i] = theta[i] * reset[i] + fired; /* (5c), for t + 1 */
        carried[i] = u;
        v[i] = u;
        o[i] = fired;
    }
}

static void membrane_hybrid_row(real *restrict v, real *restrict o,
                                real *restrict carried,
                                const struct EBB_NAME(ebb_membrane_rows) * m,
                                bool strict, size_t width)
{
    const real *restrict lambda = m->lambda, *restrict v_reset = m->v_reset;
    const real *restrict v_th = m->v_th, *restrict bias = m->bias;
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        real u = lambda[i] * carried[i] + (v[i] + bias[i]);
        real fired = fires(u, v_th[i], strict);
        carried[i] = fired != 0 ? v_reset[i] : u; /* (1d) */
        v[i] = u;
        o[i] = fired;
    }
}

static void membrane_refractory_row(
    real *restrict v, real *restrict o, uint8_t *restrict phase,
    real *restrict carried, uint32_t *restrict held,
    const struct EBB_NAME(ebb_membrane_rows) * m, bool strict, size_t width)
{
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        if (held[i] > 0) {
            held[i]--;
            v[i] = m->v_reset[i];
            o[i] = 0;
            phase[i] = EBB_PHASE_HELD;
            continue;
        }
        real u = m->lambda[i] * carried[i] + (v[i] + m->bias[i]);
        real fired = fires(u, m->v_th[i], strict);
        carried[i] = fired != 0 ? m->v_reset[i] : u;
        held[i] = fired != 0 ? m->refractory : 0;
        v[i] = u;
        o[i] = fired;
        phase[i] = fired != 0 ? EBB_PHASE_SPIKE : EBB_PHASE_FREE;
    }
}

static void membrane_forward(real *v, real *o, uint8_t *phase,
                             const struct EBB_NAME(ebb_membrane_state) * state,
                             const struct EBB_NAME(ebb_membrane_rows) * m,
                             size_t t0, size_t t1, size_t stride, size_t width)
{
    if (t0 == 0) {
        memcpy(state->carried, m->v0, width * sizeof(real));
        memset(state->reset, 0, width * sizeof(real));
        memset(state->held, 0, width * sizeof(uint32_t));
    }
    for (size_t t = t0; t < t1; t++) {
        real *vt = v + t * stride;
        real *ot = o + t * stride;
        if (!m->hybrid && !m->strict) {
            membrane_filter_row(vt, ot, state->carried, state->reset, m, false,
                                width);
        } else if (!m->hybrid) {
            membrane_filter_row(vt, ot, state->carried, state->reset, m, true,
                                width);
        } else if (m->refractory == 0) {
            membrane_hybrid_row(vt, ot, state->carried, m, m->strict, width);
        } else {
            membrane_refractory_row(vt, ot, phase + t * stride, state->carried,
                                    state->held, m, m->strict, width);
        }
    }
}

static inline real surrogate(real v, real v_th, real rate, real peak)
{
    real distance = v_th - v;
    return peak * exp_negative(-(distance * distance) * rate); /* (19) */
}

static void adjoint_filter_row(real *restrict d_v, real *restrict d_o,
                               const real *restrict v,
                               const struct EBB_NAME(ebb_membrane_adjoint) *
                                   adjoint,
                               const struct EBB_NAME(ebb_membrane_rows) * m,
                               real rate, real peak, size_t width)
{
    real *restrict next_v = adjoint->d_v, *restrict next_r = adjoint->d_reset;
    real *restrict d_bias = adjoint->d_bias;
    const real *restrict lambda = m->lambda, *restrict theta = m->theta;
    const real *restrict v_th = m->v_th;
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        real eps = surrogate(v[i], v_th[i], rate, peak);
        real go = d_o[i] + next_r[i];
        real gv = eps * go + lambda[i] * next_v[i];
        next_r[i] = theta[i] * next_r[i] - v_th[i] * gv;
        next_v[i] = gv;
        d_bias[i] += gv;
        d_o[i] = go;
        d_v[i] = gv;
    }
}

static void adjoint_hybrid_row(real *restrict d_v, real *restrict d_o,
                               const real *restrict v, const real *restrict o,
                               const struct EBB_NAME(ebb_membrane_adjoint) *
                                   adjoint,
                               const struct EBB_NAME(ebb_membrane_rows) * m,
                               real rate, real peak, size_t width)
{
    real *restrict next_v = adjoint->d_v;
    real *restrict d_bias = adjoint->d_bias;
    const real *restrict lambda = m->lambda, *restrict v_reset = m->v_reset;
    const real *restrict v_th = m->v_th;
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        real eps = surrogate(v[i], v_th[i], rate, peak);
        real carried = lambda[i] * next_v[i];
        real go = d_o[i] + (v_reset[i] - v[i]) * carried;
        real gv = eps * go + (1 - o[i]) * carried;
        next_v[i] = gv;
        d_bias[i] += gv;
        d_o[i] = go;
        d_v[i] = gv;
    }
}

static void
adjoint_refractory_row(real *restrict d_v, const real *restrict d_o,
                       const real *restrict v, const uint8_t *restrict phase,
                       const struct EBB_NAME(ebb_membrane_adjoint) * adjoint,
                       const struct EBB_NAME(ebb_membrane_rows) * m, real rate,
                       real peak, size_t width)
{
    real *restrict next_v = adjoint->d_v;
    real *restrict d_bias = adjoint->d_bias;
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        real eps = surrogate(v[i], m->v_th[i], rate, peak);
        real carried =
            phase[i] == EBB_PHASE_SPIKE ? 0 : m->lambda[i] * next_v[i];
        real gv = phase[i] == EBB_PHASE_HELD ? 0 : eps * d_o[i] + carried;
        next_v[i] = gv;
        d_bias[i] += gv;
        d_v[i] = gv;
    }
}

/* dE/dλ, dE/dθ and dE/dVth of one row, once d_v and d_o are complete. */
struct parameter_rows {
    const real *d_v, *d_o, *d_reset, *v, *r, *before, *r_before, *o_before;
    const uint8_t *phase, *phase_before;
};

static void gradient_lambda_row(real *restrict d_lambda,
                                const struct parameter_rows *row,
                                const struct EBB_NAME(ebb_membrane_rows) * m,
                                size_t width)
{
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        real u = row->before[i];
        if (row->phase_before) {
            u = row->phase_before[i] == EBB_PHASE_SPIKE ? m->v_reset[i] : u;
        } else if (row->o_before) {
            u = (1 - row->o_before[i]) * u + row->o_before[i] * m->v_reset[i];
        }
        d_lambda[i] += row->d_v[i] * u;
    }
}

static void gradient_v_th_row(real *restrict d_v_th,
                              const struct parameter_rows *row,
                              const struct EBB_NAME(ebb_membrane_rows) * m,
                              real rate, real peak, size_t width)
{
    EBB_EACH_COLUMN
    for (size_t i = 0; i < width; i++) {
        real eps = surrogate(row->v[i], m->v_th[i], rate, peak);
        if (row->phase && row->phase[i] == EBB_PHASE_HELD) {
            eps = 0;
        }
        real reset = m->hybrid ? 0 : row->r[i];
        d_v_th[i] -= eps * row->d_o[i] + row->d_v[i] * reset;
    }
}

static void gradient_rows(const struct EBB_NAME(ebb_membrane_adjoint) * adjoint,
                          const struct parameter_rows *row,
                          const struct EBB_NAME(ebb_membrane_rows) * m,
                          real rate, real peak, size_t width)
{
    if (adjoint->d_lambda) {
        gradient_lambda_row(adjoint->d_lambda, row, m, width);
    }
    if (adjoint->d_theta && !m->hybrid && row->r_before) {
        row_multiply_add(adjoint->d_theta, row->d_reset, row->r_before, width);
    }
    if (adjoint->d_v_th) {
        gradient_v_th_row(adjoint->d_v_th, row, m, rate, peak, width);
    }
}

static void
membrane_backward(real *d_v, real *d_o, const real *v, const real *o,
                  const uint8_t *phase, const real *r,
                  const struct EBB_NAME(ebb_membrane_adjoint) * adjoint,
                  const struct EBB_NAME(ebb_membrane_rows) * m, size_t t0,
                  size_t t1, size_t stride, size_t width)
{
    const real root_two_pi = (real)2.5066282746310005024;
    real rate = 1 / (2 * m->sigma * m->sigma);
    real peak = 1 / (root_two_pi * m->sigma);
    bool refractory = m->hybrid && m->refractory > 0;
    bool parameters = adjoint->d_lambda || adjoint->d_theta || adjoint->d_v_th;
    for (size_t t = t1; t-- > t0;) {
        size_t at = t * stride;
        if (!m->hybrid) {
            adjoint_filter_row(d_v + at, d_o + at, v + at, adjoint, m, rate,
                               peak, width);
        } else if (!refractory) {
            adjoint_hybrid_row(d_v + at, d_o + at, v + at, o + at, adjoint, m,
                               rate, peak, width);
        } else {
            adjoint_refractory_row(d_v + at, d_o + at, v + at, phase + at,
                                   adjoint, m, rate, peak, width);
        }
        if (parameters) {
            size_t before = at - stride; /* only used where t > 0 */
            struct parameter_rows row = {
                .d_v = d_v + at,
                .d_o = d_o + at,
                .d_reset = adjoint->d_reset,
                .v = v + at,
                .r = r ? r + at : NULL,
                .before = t ? v + before : m->v0,
                .r_before = t && r ? r + before : NULL,
                .o_before = t && m->hybrid && !refractory ? o + before : NULL,
                .phase = refractory ? phase + at : NULL,
                .phase_before = t && refractory ? phase + before : NULL};
            gradient_rows(adjoint, &row, m, rate, peak, width);
        }
    }
}

static void reset_forward(real *r, const real *o, const real *theta, size_t t0,
                          size_t t1, size_t stride, size_t width)
{
    for (size_t t = t0; t < t1; t++) {
        real *restrict now = r + t * stride;
        const real *restrict before = now - stride;
        const real *restrict fired = o + (t - 1) * stride;
        if (t == 0) {
            row_clear(now, width);
            continue;
        }
        EBB_EACH_COLUMN
        for (size_t i = 0; i < width; i++) {
            now[i] = theta[i] * before[i] + fired[i]; /* (5c) */
        }
    }
}

/* Philox 4x32-10 (core/random.h) of BLOCKS counters side by side. */
enum { BLOCKS = 16, WORDS = 4, ROUNDS = 10 };

static void philox_round(uint32_t x[WORDS][BLOCKS], uint32_t key0,
                         uint32_t key1)
{
    EBB_EACH_COLUMN
    for (size_t i = 0; i < BLOCKS; i++) {
        uint64_t a = (uint64_t)x[0][i] * 0xD2511F53U;
        uint64_t b = (uint64_t)x[2][i] * 0xCD9E8D57U;
        x[0][i] = (uint32_t)(b >> 32) ^ x[1][i] ^ key0;
        x[1][i] = (uint32_t)b;
        x[2][i] = (uint32_t)(a >> 32) ^ x[3][i] ^ key1;
        x[3][i] = (uint32_t)a;
    }
}

/* The numbers of counters first, first + 1, … */
static void draw_blocks(uint32_t x[WORDS][BLOCKS],
                        const struct ebb_random *stream, uint32_t first)
{
    uint32_t key0 = stream->key[0], key1 = stream->key[1];
    for (uint32_t i = 0; i < BLOCKS; i++) {
        x[0][i] = first + i;
        x[1][i] = stream->counter[1];
        x[2][i] = stream->counter[2];
        x[3][i] = stream->counter[3];
    }
    for (unsigned r = 0; r < ROUNDS; r++) {
        philox_round(x, key0, key1);
        key0 += 0x9E3779B9U;
        key1 += 0xBB67AE85U;
    }
}

static void drop(real *a, const struct ebb_random *stream, uint32_t limit,
                 real kept, size_t n)
{
    uint32_t x[WORDS][BLOCKS], bits[BLOCKS * WORDS];
    real row[BLOCKS * WORDS];
    for (size_t k = 0; k < n; k += BLOCKS * WORDS) {
        size_t here = n - k < BLOCKS * WORDS ? n - k : BLOCKS * WORDS;
        draw_blocks(x, stream, (uint32_t)(k / WORDS));
        for (size_t i = 0; i < BLOCKS; i++) {
            bits[WORDS * i] = x[0][i];
            bits[WORDS * i + 1] = x[1][i];
            bits[WORDS * i + 2] = x[2][i];
            bits[WORDS * i + 3] = x[3][i];
        }
        EBB_EACH_COLUMN
        for (size_t i = 0; i < BLOCKS * WORDS; i++) {
            real keep = (real)(bits[i] >= limit);
            row[i] = keep * kept;
        }
        memcpy(a + k, row, here * sizeof(real));
    }
}

#define EBB_STEP_TABLE EBB_PASTE(EBB_NAME(ebb_step), EBB_PASTE(_, EBB_STEP_ISA))
#define EBB_TEXT_OF(x) #x
#define EBB_TEXT(x)    EBB_TEXT_OF(x)

#ifndef EBB_STEP_ISA
#define EBB_STEP_ISA baseline
#endif

extern const struct EBB_NAME(ebb_step) EBB_STEP_TABLE;

const struct EBB_NAME(ebb_step) EBB_STEP_TABLE = {
    .isa = EBB_TEXT(EBB_STEP_ISA),
    .filter_forward = filter_forward,
    .filter_backward = filter_backward,
    .filter_pull = filter_pull,
    .membrane_forward = membrane_forward,
    .membrane_backward = membrane_backward,
    .reset_forward = reset_forward,
    .drop = drop,
};
