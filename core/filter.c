/* core/filter.c - what a neuron's state becomes when nothing happens. */
#include "core/filter.h"

#include "core/memory.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

typedef long double wide;

enum { DELTA_BITS = 54 }; /* silent stretches of up to 2^54 ticks are exact */

struct ebb_filter {
    struct ebb_section *sections;
    size_t *at; /* [n_sections + 1] first number of each section */
    size_t n_sections;
    size_t inner; /* numbers in all sections */
    double lambda, theta;
    unsigned bits, levels;
    struct ebb_filter_entry *entries; /* [levels][2^bits - 1] digits 1.. */
    struct ebb_arena *arena;
};

size_t ebb_filter_size(const struct ebb_filter *f)
{
    return f->inner + 3;
}

size_t ebb_filter_section_at(const struct ebb_filter *f, size_t section)
{
    return f->at[section];
}

size_t ebb_filter_reset_at(const struct ebb_filter *f)
{
    return f->inner;
}

size_t ebb_filter_v_at(const struct ebb_filter *f)
{
    return f->inner + 1;
}

size_t ebb_filter_bias_at(const struct ebb_filter *f)
{
    return f->inner + 2;
}

struct ebb_filter_spec ebb_filter_system(const struct ebb_filter *f)
{
    return (struct ebb_filter_spec){.sections = f->sections,
                                    .n_sections = f->n_sections,
                                    .lambda = f->lambda,
                                    .theta = f->theta,
                                    .bits = f->bits};
}

/* The whole system's matrix of one tick, and the row of Σ_s y_s. */
static void system_matrix(const struct ebb_filter *f, wide *a, wide *y)
{
    size_t n = ebb_filter_size(f);
    size_t r = f->inner, v = r + 1, bias = r + 2;
    wide block[EBB_ORDER_MAX * EBB_ORDER_MAX];
    memset(a, 0, n * n * sizeof(*a));
    memset(y, 0, n * sizeof(*y));
    for (size_t s = 0; s < f->n_sections; s++) {
        size_t order = f->sections[s].order, at = f->at[s];
        ebb_section_matrix(&f->sections[s], block, y + at);
        for (size_t k = 0; k < order; k++) {
            memcpy(a + (at + k) * n + at, block + k * order,
                   order * sizeof(*a));
        }
    }
    memcpy(a + v * n, y, f->inner * sizeof(*a));
    a[r * n + r] = (wide)f->theta;
    a[v * n + r] = -1;
    a[v * n + v] = (wide)f->lambda;
    a[v * n + bias] = 1;
    a[bias * n + bias] = 1;
}

/* out = a b for n x n matrices. */
static void multiply(wide *out, const wide *a, const wide *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            wide sum = 0;
            for (size_t j = 0; j < n; j++) {
                sum += a[i * n + j] * b[j * n + k];
            }
            out[i * n + k] = sum;
        }
    }
}

/* row_out = row a. */
static void multiply_row(wide *out, const wide *row, const wide *a, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        wide sum = 0;
        for (size_t j = 0; j < n; j++) {
            sum += row[j] * a[j * n + k];
        }
        out[k] = sum;
    }
}

static size_t block_size(const struct ebb_filter *f)
{
    size_t size = 0;
    for (size_t s = 0; s < f->n_sections; s++) {
        size += (size_t)f->sections[s].order * f->sections[s].order;
    }
    return size;
}

/* Copy what matters of a power of the system into a table entry. `y` is the
 * output row of the last of its ticks. */
static ebb_status fill_entry(struct ebb_filter *f, struct ebb_filter_entry *e,
                             const wide *a, const wide *y)
{
    size_t n = ebb_filter_size(f);
    size_t r = f->inner, v = r + 1, bias = r + 2;
    double *numbers = ebb_arena_calloc(f->arena, block_size(f) + 2 * f->inner,
                                       sizeof(double));
    if (!numbers) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for filter tables");
    }
    double *block = numbers;
    e->block = block;
    for (size_t s = 0; s < f->n_sections; s++) {
        unsigned order = f->sections[s].order;
        for (unsigned i = 0; i < order; i++) {
            for (unsigned k = 0; k < order; k++) {
                *block++ = (double)a[(f->at[s] + i) * n + f->at[s] + k];
            }
        }
    }
    e->y = block;
    e->v = block + f->inner;
    for (size_t i = 0; i < f->inner; i++) {
        block[i] = (double)y[i];
        block[f->inner + i] = (double)a[v * n + i];
    }
    e->lambda = (double)a[v * n + v];
    e->theta = (double)a[r * n + r];
    e->reset = (double)a[v * n + r];
    e->bias = (double)a[v * n + bias];
    return EBB_OK;
}

/* Matrices in use while the tables are built. */
struct workshop {
    wide *base;  /* 2^(bits level) ticks */
    wide *power; /* digit times as many */
    wide *spare;
    wide *y;      /* Σ_s y_s of one tick */
    wide *before; /* power of one tick less, for its output row */
    wide *row;
};

static ebb_status build_level(struct ebb_filter *f, struct workshop *w,
                              unsigned level)
{
    size_t n = ebb_filter_size(f);
    unsigned digits = (1U << f->bits) - 1;
    memcpy(w->power, w->base, n * n * sizeof(wide));
    for (unsigned d = 1; d <= digits; d++) {
        multiply_row(w->row, w->y, w->before, n);
        EBB_TRY(fill_entry(f, &f->entries[level * digits + d - 1], w->power,
                           w->row));
        multiply(w->spare, w->base, w->before, n);
        memcpy(w->before, w->spare, n * n * sizeof(wide));
        multiply(w->spare, w->base, w->power, n);
        memcpy(w->power, w->spare, n * n * sizeof(wide));
    }
    return EBB_OK;
}

/* Has everything that can decay decayed, so that more ticks change nothing? */
static bool has_settled(const wide *power, const wide *base, size_t n)
{
    for (size_t i = 0; i < n * n; i++) {
        wide scale = fabsl(power[i]) > 1e-4000L ? fabsl(power[i]) : 1e-4000L;
        if (fabsl(power[i] - base[i]) > 1e-17L * scale &&
            fabsl(power[i] - base[i]) > 1e-330L) {
            return false;
        }
    }
    return true;
}

static void set_identity(wide *a, size_t n)
{
    memset(a, 0, n * n * sizeof(*a));
    for (size_t i = 0; i < n; i++) {
        a[i * n + i] = 1;
    }
}

static ebb_status build_tables(struct ebb_filter *f, struct workshop *w)
{
    size_t n = ebb_filter_size(f);
    unsigned digits = (1U << f->bits) - 1;
    unsigned most = (DELTA_BITS + f->bits - 1) / f->bits;
    f->entries =
        ebb_arena_calloc(f->arena, (size_t)most * digits, sizeof(*f->entries));
    if (!f->entries) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for filter tables");
    }
    system_matrix(f, w->base, w->y);
    set_identity(w->before, n); /* Δ - 1 = 0 ticks for Δ = 1 */
    for (unsigned level = 0; level < most; level++) {
        EBB_TRY(build_level(f, w, level));
        f->levels = level + 1;
        if (level > 0 && has_settled(w->power, w->base, n)) {
            break;
        }
        /* power is 2^bits times base by now; before is one tick behind it:
         * at the next level's digit 1 that is what its output row needs. */
        memcpy(w->base, w->power, n * n * sizeof(wide));
    }
    return EBB_OK;
}

static ebb_status build(struct ebb_filter *f)
{
    size_t n = ebb_filter_size(f);
    wide *room = ebb_mem_calloc(4 * n * n + 2 * n, sizeof(wide));
    if (!room) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for filter tables");
    }
    struct workshop w = {.base = room,
                         .power = room + n * n,
                         .spare = room + 2 * n * n,
                         .before = room + 3 * n * n,
                         .y = room + 4 * n * n,
                         .row = room + 4 * n * n + n};
    ebb_status status = build_tables(f, &w);
    ebb_mem_free(room);
    return status;
}

static ebb_status fill(struct ebb_filter *f, const struct ebb_filter_spec *spec)
{
    EBB_TRY(ebb_arena_create(&f->arena));
    f->n_sections = spec->n_sections;
    f->lambda = spec->lambda;
    f->theta = spec->theta;
    f->bits = spec->bits ? spec->bits : 6;
    f->sections =
        ebb_arena_calloc(f->arena, spec->n_sections, sizeof(*f->sections));
    f->at = ebb_arena_calloc(f->arena, spec->n_sections + 1, sizeof(*f->at));
    if (!f->sections || !f->at) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for filter tables");
    }
    for (size_t s = 0; s < spec->n_sections; s++) {
        f->sections[s] = spec->sections[s];
        f->at[s + 1] = f->at[s] + spec->sections[s].order;
    }
    f->inner = f->at[spec->n_sections];
    if (ebb_filter_size(f) > EBB_STATE_MAX) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a neuron with %zu filter states; at most %d (fewer "
                        "projections or lower orders into one population)",
                        f->inner, EBB_STATE_MAX - 3);
    }
    return build(f);
}

ebb_status ebb_filter_create(struct ebb_filter **out,
                             const struct ebb_filter_spec *spec)
{
    *out = NULL;
    struct ebb_filter *f = ebb_mem_calloc(1, sizeof(*f));
    if (!f) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for filter tables");
    }
    ebb_status status = fill(f, spec);
    if (status != EBB_OK) {
        ebb_filter_destroy(f);
        return status;
    }
    *out = f;
    return EBB_OK;
}

void ebb_filter_destroy(struct ebb_filter *f)
{
    if (f) {
        ebb_arena_destroy(f->arena);
        ebb_mem_free(f);
    }
}

ebb_tick ebb_filter_short(const struct ebb_filter *f)
{
    return (ebb_tick)1 << f->bits;
}

unsigned ebb_filter_steps(const struct ebb_filter *f, ebb_tick delta,
                          const struct ebb_filter_entry **entry)
{
    unsigned digits = (1U << f->bits) - 1;
    unsigned n = 0;
    assert(delta > 0);
    if (delta >> (f->bits * f->levels) != 0) {
        /* Beyond the tables nothing changes any more. */
        entry[n++] = &f->entries[(size_t)f->levels * digits - 1];
        delta &= ((ebb_tick)1 << (f->bits * f->levels)) - 1;
    }
    for (unsigned level = f->levels; level-- > 0;) {
        unsigned digit = (unsigned)(delta >> (f->bits * level)) & digits;
        if (digit > 0) {
            entry[n++] = &f->entries[(size_t)level * digits + digit - 1];
        }
    }
    return n;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = n > 0 ? a[0] * b[0] : 0;
    for (size_t i = 1; i < n; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

/* V after one table step. The order of additions is part of the contract:
 * sweeps over many neurons do the same. */
static double v_after_step(const struct ebb_filter *f,
                           const struct ebb_filter_entry *e, const double *x)
{
    size_t r = f->inner;
    double v = e->lambda * x[r + 1] + e->bias * x[r + 2];
    v += e->reset * x[r];
    for (size_t i = 0; i < f->inner; i++) {
        v += e->v[i] * x[i];
    }
    return v;
}

static void apply(const struct ebb_filter *f, const struct ebb_filter_entry *e,
                  double *x)
{
    double out[EBB_STATE_MAX];
    const double *block = e->block;
    size_t r = f->inner;
    double v = v_after_step(f, e, x);
    for (size_t s = 0; s < f->n_sections; s++) {
        unsigned order = f->sections[s].order;
        for (unsigned i = 0; i < order; i++, block += order) {
            out[f->at[s] + i] = dot(block, x + f->at[s], order);
        }
    }
    memcpy(x, out, f->inner * sizeof(double));
    x[r] *= e->theta;
    x[r + 1] = v;
}

void ebb_filter_advance(const struct ebb_filter *f, double *x, ebb_tick delta)
{
    const struct ebb_filter_entry *entry[64];
    unsigned n = ebb_filter_steps(f, delta, entry);
    for (unsigned i = 0; i < n; i++) {
        apply(f, entry[i], x);
    }
}

/* The state before the last step of delta; that step is left to the caller. */
static const struct ebb_filter_entry *
advance_but_last(const struct ebb_filter *f, double *copy, const double *x,
                 ebb_tick delta)
{
    const struct ebb_filter_entry *entry[64];
    unsigned n = ebb_filter_steps(f, delta, entry);
    memcpy(copy, x, ebb_filter_size(f) * sizeof(double));
    for (unsigned i = 0; i + 1 < n; i++) {
        apply(f, entry[i], copy);
    }
    return entry[n - 1];
}

double ebb_filter_v_after(const struct ebb_filter *f, const double *x,
                          ebb_tick delta)
{
    double copy[EBB_STATE_MAX];
    const struct ebb_filter_entry *last = advance_but_last(f, copy, x, delta);
    return v_after_step(f, last, copy);
}

double ebb_filter_output_after(const struct ebb_filter *f, const double *x,
                               ebb_tick delta)
{
    double copy[EBB_STATE_MAX];
    const struct ebb_filter_entry *last = advance_but_last(f, copy, x, delta);
    return dot(last->y, copy, f->inner);
}
