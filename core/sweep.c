/* core/sweep.c - sweeps; built once per precision and processor kind, with
 * EBB_BUILD_BITS and EBB_STEP_ISA on the command line. */
#include "core/sweep.h"

#include "core/real_build.inc"

#include <string.h>

#include "core/lanes.inc"

typedef struct EBB_NAME(ebb_sweep) sweep;
typedef struct EBB_NAME(ebb_sweep_entry) entry;
typedef struct EBB_NAME(ebb_sweep_bound) bound;

/* Lanes are neurons and never mix: ask for vector code. */
#define EACH_LANE _Pragma("omp simd")
#define INLINE    static inline __attribute__((always_inline))

/* First row of the lanes from neuron `at` on. */
INLINE real *rows_at(const sweep *s, size_t at)
{
    return s->x + at / LANES * s->jump;
}

/* V of those lanes; row `last`. */
INLINE real *v_at(const sweep *s, size_t at, size_t last)
{
    return s->v ? s->v + at % EBB_SWEEP_ROOM
                : rows_at(s, at) + last * s->stride;
}

/* V of LANES neurons after a step, sections stepped on. */
static void advance_lanes(const sweep *s, size_t at, real *restrict v)
{
    const entry *e = s->entry;
    real *restrict x = rows_at(s, at);
    size_t rows = 0;
    for (unsigned k = 0; k < e->n_sections; k++) {
        rows += e->order[k];
    }
    real *restrict r = x + rows * s->stride;
    const real *old = v_at(s, at, rows + 1);
    const real *bias = s->one_bias ? s->bias : s->bias + at;
    EACH_LANE
    for (size_t i = 0; i < LANES; i++) {
        v[i] = e->lambda * old[i] + e->bias * bias[i];
    }
    if (s->filter) {
        EACH_LANE
        for (size_t i = 0; i < LANES; i++) {
            v[i] += e->reset * r[i];
            r[i] *= e->theta;
        }
    }
    const real *block = e->block, *to_v = e->v;
    for (unsigned k = 0; k < e->n_sections; k++) {
        unsigned n = e->order[k];
        real moved[EBB_ORDER_MAX][LANES];
        for (unsigned row = 0; row < n; row++) {
            EACH_LANE
            for (size_t i = 0; i < LANES; i++) {
                v[i] += to_v[row] * x[row * s->stride + i];
                moved[row][i] = block[row * n] * x[i];
            }
            for (unsigned j = 1; j < n; j++) {
                EACH_LANE
                for (size_t i = 0; i < LANES; i++) {
                    moved[row][i] += block[row * n + j] * x[j * s->stride + i];
                }
            }
        }
        for (unsigned row = 0; row < n; row++) {
            memcpy(x + row * s->stride, moved[row], sizeof(moved[row]));
        }
        x += n * s->stride;
        block += n * n;
        to_v += n;
    }
}

static void arrive_lanes(const sweep *s, size_t at, real *restrict v)
{
    for (unsigned a = 0; a < s->n_arrivals; a++) {
        const struct ebb_sweep_arrival *arrival = &s->arrival[a];
        real *restrict sum = (real *)arrival->sum + at;
        EACH_LANE
        for (size_t i = 0; i < LANES; i++) {
            v[i] += sum[i];
        }
        unsigned order = 0;
        real *x = rows_at(s, at);
        for (int k = 0; k <= arrival->section; k++) {
            x += order * s->stride;
            order = s->entry->order[k];
        }
        for (unsigned row = 0; row < order; row++, x += s->stride) {
            real gain = (real)arrival->gain[row];
            EACH_LANE
            for (size_t i = 0; i < LANES; i++) {
                x[i] += gain * sum[i];
            }
        }
        memset(sum, 0, LANES * sizeof(*sum));
    }
}

/* Compare: V of LANES neurons into its row. */
static bool fire_lanes(const sweep *s, size_t at, const real *restrict v)
{
    size_t rows = 1;
    for (unsigned k = 0; k < s->entry->n_sections; k++) {
        rows += s->entry->order[k];
    }
    real *restrict to = v_at(s, at, rows);
    const real *v_th = s->one_v_th ? s->v_th : s->v_th + at;
    const real *v_reset = s->one_v_th ? s->v_reset : s->v_reset + at;
    uint8_t fired[LANES];
    unsigned bad = 0;
    for (size_t i = 0; i < LANES; i++) {
        bool held = s->held && s->held[at + i] > s->now;
        real now = held ? v_reset[i] : v[i];
        bool over = s->strict ? now > v_th[i] : now >= v_th[i];
        bad |= !(now <= LARGEST && now >= -LARGEST);
        to[i] = now;
        fired[i] = over && !held;
    }
    s->fired[at / LANES] = lanes_of_flags(fired);
    return bad == 0;
}

static void advance(const sweep *s, size_t from, size_t to)
{
    size_t rows = 1;
    for (unsigned k = 0; k < s->entry->n_sections; k++) {
        rows += s->entry->order[k];
    }
    for (size_t at = from; at < to; at += LANES) {
        real v[LANES];
        advance_lanes(s, at, v);
        memcpy(v_at(s, at, rows), v, sizeof(v));
    }
}

static bool step_any(const sweep *s, size_t from, size_t to)
{
    bool fine = true;
    for (size_t at = from; at < to; at += LANES) {
        real v[LANES];
        advance_lanes(s, at, v);
        arrive_lanes(s, at, v);
        fine = fire_lanes(s, at, v) && fine;
    }
    return fine;
}

/* Which of LANES neurons fire. False when some V is not finite. */
INLINE bool find_fired(const sweep *s, size_t at, const real *v)
{
    uint64_t *fired = &s->fired[at / LANES];
    bool finite = lanes_reach(v, s->one_v_th ? s->v_th : s->v_th + at, fired);
    if (*fired && s->held) {
        real clock[LANES];
        for (size_t i = 0; i < LANES; i++) {
            clock[i] = s->now;
        }
        *fired &= lanes_at_least(clock, s->held + at);
    }
    return finite;
}

/* The common shapes in one pass: S sections of P numbers, A arrivals, of which
 * the k-th enters section k. All counts are constants where this is used. */
INLINE bool step_fused(const sweep *s, size_t from, size_t to, const unsigned S,
                       const unsigned P, const unsigned A, const bool filter,
                       const bool refractory, const bool one_bias)
{
    const entry *e = s->entry;
    const size_t stride = s->stride;
    const real now = s->now;
    const real lambda = e->lambda, theta = e->theta, reset = e->reset;
    const real of_bias = e->bias;
    const real bias0 = of_bias * s->bias[0];
    const real v_reset0 = s->v_reset[0];
    const real to_v0 = e->v[0], to_v1 = e->v[1];
    const real b0 = e->block[0], b1 = e->block[1];
    const real b2 = e->block[2], b3 = e->block[3];
    const real g0 = A > 0 && S > 0 ? (real)s->arrival[0].gain[0] : 0;
    const real g1 = A > 1 && S > 1   ? (real)s->arrival[1].gain[0]
                    : A > 0 && P > 1 ? (real)s->arrival[0].gain[1]
                                     : 0;
    real *const sums0 = A > 0 ? s->arrival[0].sum : NULL;
    real *const sums1 = A > 1 ? s->arrival[1].sum : NULL;
    const real *const all_held = s->held, *const all_biases = s->bias;
    bool finite = true;
    for (size_t at = from; at < to; at += LANES) {
        real *restrict x0 = rows_at(s, at);
        real *restrict x1 = x0 + stride;
        real *restrict r = x0 + (size_t)S * P * stride;
        real *restrict vs = v_at(s, at, (size_t)S * P + 1);
        real *restrict sum0 = A > 0 ? sums0 + at : NULL;
        real *restrict sum1 = A > 1 ? sums1 + at : NULL;
        const real *restrict held = refractory ? all_held + at : NULL;
        const real *restrict biases = one_bias ? NULL : all_biases + at;
        EACH_LANE
        for (size_t i = 0; i < LANES; i++) {
            const real bias = one_bias ? bias0 : of_bias * biases[i];
            real v = lambda * vs[i] + bias;
            real y0 = 0, y1 = 0;
            if (filter) {
                v += reset * r[i];
                r[i] *= theta;
            }
            if (S * P >= 1) {
                v += to_v0 * x0[i];
                y0 = b0 * x0[i];
            }
            if (S == 1 && P == 2) {
                v += to_v1 * x1[i];
                y0 += b1 * x1[i];
                y1 = b2 * x0[i] + b3 * x1[i];
            } else if (S == 2) {
                v += to_v1 * x1[i];
                y1 = b1 * x1[i];
            }
            if (A > 0) {
                real sum = sum0[i];
                v += sum;
                y0 += g0 * sum;
                if (P == 2) {
                    y1 += g1 * sum;
                }
                sum0[i] = 0;
            }
            if (A > 1) {
                real sum = sum1[i];
                v += sum;
                y1 += g1 * sum;
                sum1[i] = 0;
            }
            if (S * P >= 1) {
                x0[i] = y0;
            }
            if (S * P >= 2) {
                x1[i] = y1;
            }
            if (refractory) {
                v = held[i] <= now ? v : v_reset0; /* < v_th */
            }
            vs[i] = v;
        }
        finite = find_fired(s, at, vs) && finite;
    }
    return finite;
}

INLINE bool step_shape(const sweep *s, size_t from, size_t to, const unsigned S,
                       const unsigned P, const unsigned A)
{
    if (s->strict) {
        return step_any(s, from, to);
    }
    if (s->filter) {
        return s->one_bias
                   ? step_fused(s, from, to, S, P, A, true, false, true)
                   : step_fused(s, from, to, S, P, A, true, false, false);
    }
    if (!s->one_bias || !s->one_v_th) {
        return step_any(s, from, to);
    }
    return s->held ? step_fused(s, from, to, S, P, A, false, true, true)
                   : step_fused(s, from, to, S, P, A, false, false, true);
}

/* Does the k-th arrival enter section k? */
static bool in_line(const sweep *s)
{
    for (unsigned a = 0; a < s->n_arrivals; a++) {
        int own = a < s->entry->n_sections ? (int)a : -1;
        if (s->arrival[a].section != own) {
            return false;
        }
    }
    return true;
}

/* Has it so many sections of so many numbers, and so many arrivals? */
static bool is_shape(const sweep *s, unsigned sections, unsigned order,
                     unsigned arrivals)
{
    const entry *e = s->entry;
    bool same = e->n_sections == sections && s->n_arrivals == arrivals;
    for (unsigned k = 0; same && k < sections; k++) {
        same = e->order[k] == order;
    }
    return same;
}

/* Shapes that have code of their own. */
#define TRY_SHAPE(S, P, A)                                                     \
    if (is_shape(s, S, P, A)) {                                                \
        return step_shape(s, from, to, S, P, A);                               \
    }

static bool step(const sweep *s, size_t from, size_t to)
{
    if (!in_line(s)) {
        return step_any(s, from, to);
    }
    TRY_SHAPE(0, 1, 0)
    TRY_SHAPE(0, 1, 1)
    TRY_SHAPE(1, 1, 0)
    TRY_SHAPE(1, 1, 1)
    TRY_SHAPE(1, 2, 0)
    TRY_SHAPE(1, 2, 1)
    TRY_SHAPE(2, 1, 0)
    TRY_SHAPE(2, 1, 2)
    return step_any(s, from, to);
}

/* One coordinate of LANES neurons: what it can add to V at most. */
INLINE void add_bound(const real *c, size_t k, const bound *b, real *top,
                      real *w)
{
    const real high = b->high[k], low = b->low[k], slave = b->slave[k];
    EACH_LANE
    for (size_t n = 0; n < LANES; n++) {
        real up = c[n] * high, down = c[n] * low;
        top[n] += up > down ? up : down;
        w[n] -= slave * c[n];
    }
}

/* The same for few numbers, in one pass: N of sections. */
INLINE void may_cross_fused(const sweep *s, const bound *b, size_t at,
                            const unsigned N, const bool filter)
{
    const real *restrict x = rows_at(s, at);
    const size_t stride = s->stride;
    const real *restrict v = v_at(s, at, N + 1);
    const real *restrict bias = s->one_bias ? s->bias : s->bias + at;
    real top[LANES];
    EACH_LANE
    for (size_t n = 0; n < LANES; n++) {
        real most = 0, w = 0;
        for (unsigned k = 0; k < N + (filter ? 1 : 0); k++) {
            const real c = x[k * stride + n];
            const real up = c * b->high[k], down = c * b->low[k];
            most += up > down ? up : down;
            w -= b->slave[k] * c;
        }
        const real up = bias[n] * b->high[N + 2],
                   down = bias[n] * b->low[N + 2];
        most += up > down ? up : down;
        w -= b->slave[N + 2] * bias[n];
        w += v[n];
        const real high = w * b->high[N + 1], low = w * b->low[N + 1];
        top[n] = most + (high > low ? high : low);
    }
    s->fired[at / LANES] =
        lanes_not_below(top, s->one_v_th ? s->v_th : s->v_th + at);
}

/* Has it code of its own? Nobody may be held there. */
static bool may_cross_few(const sweep *s, const bound *b, size_t at)
{
    const entry *e = s->entry;
    size_t n = 0;
    for (unsigned k = 0; k < e->n_sections; k++) {
        n += e->order[k];
    }
    if (s->held || n > 2) {
        return false;
    }
    if (n == 0) {
        s->filter ? may_cross_fused(s, b, at, 0, true)
                  : may_cross_fused(s, b, at, 0, false);
    } else if (n == 1) {
        s->filter ? may_cross_fused(s, b, at, 1, true)
                  : may_cross_fused(s, b, at, 1, false);
    } else {
        s->filter ? may_cross_fused(s, b, at, 2, true)
                  : may_cross_fused(s, b, at, 2, false);
    }
    return true;
}

static void may_cross_lanes(const sweep *s, const bound *b, size_t at)
{
    const entry *e = s->entry;
    const real *x = rows_at(s, at);
    size_t row = 0;
    real top[LANES] = {0}, w[LANES] = {0};
    for (unsigned k = 0; k < e->n_sections; row += e->order[k], k++) {
        for (unsigned i = 0; i < e->order[k]; i++) {
            const real *c = x + (row + i) * s->stride;
            add_bound(c, row + i, b, top, w);
        }
    }
    const real *r = x + row * s->stride, *v = v_at(s, at, row + 1);
    const real *bias = s->one_bias ? s->bias : s->bias + at;
    const real *v_th = s->one_v_th ? s->v_th : s->v_th + at;
    uint8_t fired[LANES];
    if (s->filter) {
        add_bound(r, row, b, top, w);
    }
    add_bound(bias, row + 2, b, top, w);
    EACH_LANE
    for (size_t n = 0; n < LANES; n++) {
        w[n] += v[n];
    }
    real none[LANES] = {0}; /* w is nobody's master */
    add_bound(w, row + 1, b, top, none);
    for (size_t n = 0; n < LANES; n++) {
        fired[n] = !(top[n] < v_th[n]);
    }
    if (s->held) {
        const real *held = s->held + at;
        for (size_t n = 0; n < LANES; n++) {
            fired[n] |= held[n] > s->now;
        }
    }
    s->fired[at / LANES] = lanes_of_flags(fired);
}

static void may_cross(const sweep *s, const bound *b, size_t from, size_t to)
{
    for (size_t at = from; at < to; at += LANES) {
        if (!may_cross_few(s, b, at)) {
            may_cross_lanes(s, b, at);
        }
    }
}

/* The same for both types of weight. Some rows at a time: sums are loaded and
 * stored once for all of them. */
#define ADD_ROWS(bits, weight)                                                 \
    INLINE void add_some_##bits(real *restrict sum, const weight *w, size_t n, \
                                const uint32_t *row, const double *x,          \
                                const unsigned count)                          \
    {                                                                          \
        const weight *from[8];                                                 \
        real factor[8];                                                        \
        for (unsigned k = 0; k < count; k++) {                                 \
            from[k] = w + row[k] * n;                                          \
            factor[k] = (real)x[k];                                            \
        }                                                                      \
        EACH_LANE                                                              \
        for (size_t i = 0; i < n; i++) {                                       \
            real y = sum[i];                                                   \
            for (unsigned k = 0; k < count; k++) {                             \
                y += factor[k] * (real)from[k][i];                             \
            }                                                                  \
            sum[i] = y;                                                        \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void add_rows_##bits(real *sum, const weight *w, size_t n,          \
                                const uint32_t *row, const double *x,          \
                                size_t n_rows)                                 \
    {                                                                          \
        for (; n_rows >= 8; n_rows -= 8, row += 8, x += 8) {                   \
            add_some_##bits(sum, w, n, row, x, 8);                             \
        }                                                                      \
        if (n_rows >= 4) {                                                     \
            add_some_##bits(sum, w, n, row, x, 4);                             \
            n_rows -= 4, row += 4, x += 4;                                     \
        }                                                                      \
        if (n_rows >= 2) {                                                     \
            add_some_##bits(sum, w, n, row, x, 2);                             \
            n_rows -= 2, row += 2, x += 2;                                     \
        }                                                                      \
        if (n_rows > 0) {                                                      \
            add_some_##bits(sum, w, n, row, x, 1);                             \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void add_runs_##bits(real *sum, const weight *w,                    \
                                const struct ebb_sweep_run *run,               \
                                size_t n_runs)                                 \
    {                                                                          \
        for (size_t r = 0; r < n_runs; r++) {                                  \
            const uint32_t row = 0;                                            \
            add_some_##bits(sum + run[r].to, w + run[r].from, run[r].n, &row,  \
                            &run[r].x, 1);                                     \
        }                                                                      \
    }

ADD_ROWS(f32, float)
ADD_ROWS(f64, double)

#define TABLE EBB_PASTE(EBB_NAME(ebb_sweep), EBB_PASTE(_, EBB_STEP_ISA))

#ifndef EBB_STEP_ISA
#define EBB_STEP_ISA baseline
#endif

extern const struct EBB_NAME(ebb_sweep_ops) TABLE;

const struct EBB_NAME(ebb_sweep_ops) TABLE = {
    .advance = advance,
    .step = step,
    .may_cross = may_cross,
    .add_rows_f32 = add_rows_f32,
    .add_rows_f64 = add_rows_f64,
    .add_runs_f32 = add_runs_f32,
    .add_runs_f64 = add_runs_f64,
};
