/* core/segment.c - packed synapses added to their targets; built once per
 * precision and processor kind, with EBB_BUILD_BITS and EBB_STEP_ISA on the
 * command line.
 *
 * Targets and products of some rows are unpacked into a buffer, in vector code,
 * and then added in one loop: a loop for each segment would be too short for
 * the processor to foresee its end. */
#include "core/segment.h"

#include "core/half.h"
#include "core/real_build.inc"

#include <math.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

typedef EBB_REAL real;
typedef struct ebb_segment_form form;

#define EACH_LANE _Pragma("omp simd")
#define INLINE    static inline __attribute__((always_inline))

enum {
    BUFFER = 2048, /* synapses: the end of a loop is a surprise */
    AHEAD = 6,     /* rows */
    LINE = 64      /* bytes that are fetched at once */
};

/* A number at any address. */
struct __attribute__((packed)) half_at {
    uint16_t v;
};
struct __attribute__((packed)) float_at {
    float v;
};
struct __attribute__((packed)) double_at {
    double v;
};

#if defined(__AVX2__)

enum { VECTOR_BITS = 16 }; /* of a number, at most: eight fit one load */

/* Eight numbers at a time: where the bytes of each stand among those of all,
 * and its lowest bit among those. What a lane has too much is cut off. */
#define BYTES(bits, k)                                                         \
    (k) * (bits) / 8, (k) * (bits) / 8 + 1, (k) * (bits) / 8 + 2,              \
        (k) * (bits) / 8 + 3
#define EIGHT(ITEM, bits)                                                      \
    {                                                                          \
        ITEM(bits, 0), ITEM(bits, 1), ITEM(bits, 2), ITEM(bits, 3),            \
            ITEM(bits, 4), ITEM(bits, 5), ITEM(bits, 6), ITEM(bits, 7)         \
    }
#define SHIFT(bits, k) (k) * (bits) % 8
#define UP_TO_16(ITEM)                                                         \
    {                                                                          \
        EIGHT(ITEM, 0), EIGHT(ITEM, 1), EIGHT(ITEM, 2), EIGHT(ITEM, 3),        \
            EIGHT(ITEM, 4), EIGHT(ITEM, 5), EIGHT(ITEM, 6), EIGHT(ITEM, 7),    \
            EIGHT(ITEM, 8), EIGHT(ITEM, 9), EIGHT(ITEM, 10), EIGHT(ITEM, 11),  \
            EIGHT(ITEM, 12), EIGHT(ITEM, 13), EIGHT(ITEM, 14),                 \
            EIGHT(ITEM, 15), EIGHT(ITEM, 16)                                   \
    }

static const uint8_t byte_of[VECTOR_BITS + 1][32] = UP_TO_16(BYTES);
static const uint32_t shift_of[VECTOR_BITS + 1][8] = UP_TO_16(SHIFT);

struct code {
    __m256i byte, shift, mask;
};

INLINE struct code code_of(unsigned bits)
{
    return (struct code){_mm256_loadu_si256((const void *)byte_of[bits]),
                         _mm256_loadu_si256((const void *)shift_of[bits]),
                         _mm256_set1_epi32((int)((1U << bits) - 1))};
}

INLINE void unpack_eight(const uint8_t *at, const struct code *c, uint32_t *to)
{
    __m256i all =
        _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)at));
    __m256i own =
        _mm256_srlv_epi32(_mm256_shuffle_epi8(all, c->byte), c->shift);
    _mm256_storeu_si256((void *)to, _mm256_and_si256(own, c->mask));
}

INLINE void halves(const struct half_at *w, size_t n, real factor, real *to)
{
    for (size_t k = 0; k < n; k += 8) {
        float eight[8];
        _mm256_storeu_ps(
            eight, _mm256_cvtph_ps(_mm_loadu_si128((const void *)(w + k))));
        EACH_LANE
        for (size_t i = 0; i < 8; i++) {
            to[k + i] = factor * (real)eight[i];
        }
    }
}

#else

enum { VECTOR_BITS = EBB_PACKED_BITS_MAX };

struct code {
    unsigned bits;
};

INLINE struct code code_of(unsigned bits)
{
    return (struct code){bits};
}

INLINE void unpack_eight(const uint8_t *at, const struct code *c, uint32_t *to)
{
    for (size_t k = 0; k < 8; k++) {
        to[k] = ebb_packed_at(at, k, c->bits);
    }
}

INLINE void halves(const struct half_at *w, size_t n, real factor, real *to)
{
    for (size_t k = 0; k < n; k++) {
        to[k] = factor * (real)ebb_half_value(w[k].v);
    }
}

#endif

/* Targets from `at` on; `last`: the one before, of deltas. */
INLINE void unpack_targets(const form *f, const uint8_t *at, size_t n,
                           uint32_t last, uint32_t *to)
{
    if (f->bits <= VECTOR_BITS) {
        const struct code code = code_of(f->bits);
        for (size_t k = 0; k < n; k += 8) {
            unpack_eight(at + k / 8 * f->bits, &code, to + k);
        }
    } else {
        for (size_t k = 0; k < n; k++) {
            to[k] = ebb_packed_at(at, k, f->bits);
        }
    }
    for (size_t k = 0; f->deltas && k < n; k++) {
        last += to[k];
        to[k] = last;
    }
}

/* Codes are looked up one by one: a gather is no faster. */
INLINE void multiply(enum ebb_segment_weights weights, const double *value,
                     const uint8_t *at, size_t n, double x, real *to)
{
    const real factor = (real)x, only = factor * (real)value[0];
    const struct float_at *single = (const void *)at;
    const struct double_at *twice = (const void *)at;
    switch (weights) {
    case EBB_WEIGHTS_CONSTANT:
        EACH_LANE
        for (size_t k = 0; k < n; k++) {
            to[k] = only;
        }
        break;
    case EBB_WEIGHTS_CODES:
        for (size_t k = 0; k < n; k++) {
            to[k] = factor * (real)value[at[k]];
        }
        break;
    case EBB_WEIGHTS_HALF:
        halves((const void *)at, n, factor, to);
        break;
    case EBB_WEIGHTS_FLOAT:
        EACH_LANE
        for (size_t k = 0; k < n; k++) {
            to[k] = factor * (real)single[k].v;
        }
        break;
    case EBB_WEIGHTS_DOUBLE:
        EACH_LANE
        for (size_t k = 0; k < n; k++) {
            to[k] = factor * (real)twice[k].v;
        }
        break;
    }
}

static void targets(const form *f, const uint8_t *at, size_t n, uint32_t *to)
{
    unpack_targets(f, at, n, 0, to);
}

static void products(const form *f, const uint8_t *at, size_t n, double x,
                     real *to)
{
    multiply(f->weights, f->value, at, n, x, to);
}

static void scatter(real *restrict sum, const uint32_t *restrict target,
                    const real *restrict product, size_t n)
{
    size_t k = 0;
    for (; k + 4 <= n; k += 4) {
        sum[target[k]] += product[k];
        sum[target[k + 1]] += product[k + 1];
        sum[target[k + 2]] += product[k + 2];
        sum[target[k + 3]] += product[k + 3];
    }
    for (; k < n; k++) {
        sum[target[k]] += product[k];
    }
}

/* Synapses that were unpacked and not yet added. */
struct buffer {
    size_t n;
    uint32_t target[BUFFER + EBB_SEGMENT_LANES];
    real product[BUFFER + EBB_SEGMENT_LANES];
};

static void flush(real *sum, struct buffer *b)
{
    scatter(sum, b->target, b->product, b->n);
    b->n = 0;
}

/* Weights are multiplied up to whole runs of lanes, as far as bytes may be
 * loaded: fewer loops of a length that nobody foresees. */
INLINE size_t up_to_lanes(size_t n)
{
    return (n + 7) / 8 * 8;
}

/* Targets and products of n synapses, in one loop where eight targets are one
 * load. */
INLINE void unpack_both(const form *f, enum ebb_segment_weights weights,
                        unsigned weight_bytes, const uint8_t *at,
                        const uint8_t *weight, size_t n, uint32_t last,
                        double x, uint32_t *to, real *product)
{
    if (f->deltas || f->bits > VECTOR_BITS) {
        unpack_targets(f, at, n, last, to);
        multiply(weights, f->value, weight, up_to_lanes(n), x, product);
        return;
    }
    const struct code code = code_of(f->bits);
    for (size_t k = 0; k < n; k += 8) {
        unpack_eight(at + k / 8 * f->bits, &code, to + k);
        multiply(weights, f->value, weight + k * weight_bytes, 8, x,
                 product + k);
    }
}

/* A segment with a synapse to each of its targets. */
INLINE const uint8_t *take_all(real *sum, const form *f,
                               enum ebb_segment_weights weights,
                               unsigned weight_bytes, const uint8_t *weight,
                               double x, struct buffer *b)
{
    flush(sum, b);
    for (size_t k = 0; k < f->span; k += BUFFER) {
        size_t own = f->span - k < BUFFER ? f->span - k : BUFFER;
        multiply(weights, f->value, weight + k * weight_bytes, up_to_lanes(own),
                 x, b->product);
        EACH_LANE
        for (size_t i = 0; i < own; i++) {
            sum[k + i] += b->product[i];
        }
    }
    return weight + f->span * weight_bytes;
}

/* One segment, in pieces that fit the buffer. */
INLINE const uint8_t *take(real *sum, const form *f,
                           enum ebb_segment_weights weights,
                           unsigned weight_bytes, const uint8_t *at, size_t n,
                           double x, struct buffer *b)
{
    const uint8_t *weight = at + ebb_packed_bytes(n, f->bits);
    uint32_t last = 0;
    if (n == f->span && f->distinct) {
        return take_all(sum, f, weights, weight_bytes, weight, x, b);
    }
    for (size_t k = 0; k < n; k += BUFFER) {
        size_t own = n - k < BUFFER ? n - k : BUFFER;
        if (b->n + own > BUFFER) {
            flush(sum, b);
        }
        uint32_t *to = b->target + b->n;
        unpack_both(f, weights, weight_bytes, at + k / 8 * f->bits,
                    weight + k * weight_bytes, own, last, x, to,
                    b->product + b->n);
        last = to[own - 1];
        b->n += own;
    }
    return weight + n * weight_bytes;
}

/* What is fetched ahead while rows are gone through. */
struct ahead {
    size_t lines;           /* of a row */
    const char *next, *end; /* sums */
    size_t step;            /* bytes of them for each row */
};

static size_t mean_count(const form *f, const struct ebb_segment_row *row,
                         size_t n, size_t segment)
{
    enum { SOME = 8 };
    size_t some = n < SOME ? n : SOME, sum = 0;
    for (size_t k = 0; k < some; k++) {
        sum += ebb_segment_count(f, row[k * (n / some)].count, segment);
    }
    return some > 0 ? sum / some : 0;
}

/* Lines that nearly all segments of so many synapses in the mean reach into:
 * counts spread as those of rare events do, and begin within a line. */
static size_t lines_of(const form *f, size_t mean)
{
    size_t most = mean + (size_t)(2 * sqrt((double)mean));
    return ebb_segment_bytes(f, most) / LINE + 2;
}

/* Sums are fetched one after the other, which is far quicker than here and
 * there, where at least every other line of them will be needed. */
static struct ahead look_ahead(const real *next, size_t n_next, const form *f,
                               const struct ebb_segment_row *row, size_t n,
                               size_t segment)
{
    enum { LINES_MAX = 8 }; /* the processor sees that more are wanted */
    size_t count = mean_count(f, row, n, segment);
    size_t lines = lines_of(f, count);
    struct ahead a = {.lines = lines < LINES_MAX ? lines : LINES_MAX};
    size_t bytes = n_next * sizeof(*next);
    if (next && 2 * n * count >= bytes / LINE) {
        a.next = (const char *)next;
        a.end = a.next + bytes;
        a.step = bytes / n + LINE;
    }
    return a;
}

INLINE void fetch(struct ahead *a, const struct ebb_segment_row *row)
{
    for (size_t k = 0; row && k < a->lines; k++) {
        __builtin_prefetch(row->at + k * LINE);
    }
    if (row) {
        __builtin_prefetch(row->count);
    }
    size_t left = (size_t)(a->end - a->next);
    const char *to = a->next + (left < a->step ? left : a->step);
    for (; a->next < to; a->next += LINE) {
        __builtin_prefetch(a->next, 0, 2); /* the L2 cache is near enough */
    }
}

INLINE size_t add_rows(real *sum, const form *f,
                       enum ebb_segment_weights weights, unsigned weight_bytes,
                       struct ebb_segment_row *row, size_t n, size_t segment,
                       struct ahead a)
{
    struct buffer b;
    size_t all = 0;
    b.n = 0;
    for (size_t k = 0; k < n; k++) {
        fetch(&a, k + AHEAD < n ? &row[k + AHEAD] : NULL);
        size_t count = ebb_segment_count(f, row[k].count, segment);
        all += count;
        row[k].at =
            take(sum, f, weights, weight_bytes, row[k].at, count, row[k].x, &b);
    }
    flush(sum, &b);
    return all;
}

#define ADD(kind, bytes)                                                       \
    case kind:                                                                 \
        return add_rows(sum, f, kind, bytes, row, n, segment, a);

static size_t add(real *sum, const real *next, size_t n_next, const form *f,
                  struct ebb_segment_row *row, size_t n, size_t segment)
{
    struct ahead a = look_ahead(next, n_next, f, row, n, segment);
    switch (f->weights) {
        ADD(EBB_WEIGHTS_CONSTANT, 0)
        ADD(EBB_WEIGHTS_CODES, 1)
        ADD(EBB_WEIGHTS_HALF, 2)
        ADD(EBB_WEIGHTS_FLOAT, 4)
        ADD(EBB_WEIGHTS_DOUBLE, 8)
    }
    return 0;
}

#define TABLE EBB_PASTE(EBB_NAME(ebb_segment), EBB_PASTE(_, EBB_STEP_ISA))

#ifndef EBB_STEP_ISA
#define EBB_STEP_ISA baseline
#endif

extern const struct EBB_NAME(ebb_segment_ops) TABLE;

const struct EBB_NAME(ebb_segment_ops) TABLE = {
    .targets = targets,
    .products = products,
    .scatter = scatter,
    .add = add,
};
