/* core/crossing.c - when will a neuron that nobody touches reach threshold?
 * The search; its tables are core/crossing_tables.h's. */
#include "core/crossing_tables.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Coordinates of a state. */
static void turn_state(const struct ebb_crossing *c, const double *x,
                       double *to)
{
    size_t inner = c->size - 3;
    for (size_t s = 0; s < c->system.n_sections; s++) {
        const struct ebb_section *section = &c->system.sections[s];
        size_t n = section->order, at = c->at[s];
        if (section->form != EBB_SECTION_TRANSPOSED) {
            memcpy(to + at, x + at, n * sizeof(double));
            continue;
        }
        for (size_t i = 0; i < n; i++) { /* lower triangular */
            const double *row = c->turn + (at + i) * EBB_ORDER_MAX;
            double sum = 0;
            for (size_t k = 0; k <= i; k++) {
                sum += row[k] * x[at + k];
            }
            to[at + i] = sum;
        }
    }
    to[inner] = x[inner];
    to[inner + 2] = x[inner + 2];
    double w = x[inner + 1];
    for (size_t k = 0; k < c->size; k++) {
        w -= k == inner + 1 ? 0 : c->slave[k] * to[k];
    }
    to[inner + 1] = w;
}

/* Upper bound over all ticks from the next on, inflated. */
static double upper_bound(const struct ebb_crossing *c, const double *x)
{
    double bound = 0, terms = 0;
    for (size_t k = 0; k < c->size; k++) {
        if (x[k] > 0) {
            bound += x[k] * c->high[k];
        } else if (x[k] < 0) {
            bound += x[k] * c->low[k];
        }
        terms += fabs(x[k]) * c->amplitude[k];
    }
    return bound + 1e-12 * terms;
}

double ebb_crossing_upper(const struct ebb_crossing *c, const double *x)
{
    double turned[EBB_STATE_MAX];
    turn_state(c, x, turned);
    return upper_bound(c, turned);
}

double ebb_crossing_rest(const struct ebb_crossing *c, double bias)
{
    if (bias == 0.0) {
        return 0;
    }
    return bias / (1 - c->system.lambda);
}

/* Largest value of a chord from a to b plus a parabola of curvature k. */
static double arch(double a, double b, double k, double length)
{
    double highest = fmax(a, b);
    double slope = (b - a) / length;
    if (k > 0 && fabs(slope) < k * length / 2) {
        double lift = slope + k * length / 2;
        return a + lift * lift / (2 * k);
    }
    return highest;
}

/* Upper bound of V over the stride of a level. */
static double stride_bound(const struct ebb_crossing *c, unsigned level,
                           const double *x)
{
    const struct response *response = c->level[level].response;
    double from = 0, to = 0, bend = 0, rough = 0, terms = 0;
    for (size_t k = 0; k < c->size; k++) {
        const struct response *g = &response[k];
        if (x[k] == 0.0) {
            continue;
        }
        if (g->smooth) {
            from += x[k] * c->start[k];
            to += x[k] * g->end;
            bend += x[k] * (x[k] > 0 ? g->bend : g->rise);
        } else {
            rough += x[k] * (x[k] > 0 ? g->high : g->low);
        }
        terms += fabs(x[k]) * fmax(fabs(g->high), fabs(g->low));
    }
    return arch(from, to, bend, ldexp(1, (int)level)) + rough + 1e-12 * terms;
}

static void take_stride(const struct ebb_crossing *c, unsigned level, double *x)
{
    const struct level *l = &c->level[level];
    size_t r = c->size - 3, w = r + 1, bias = r + 2;
    double sum = l->lambda * x[w] + l->reset * x[r] + l->bias * x[bias];
    for (size_t s = 0; s < c->system.n_sections; s++) {
        const struct stride_block *b = &l->sections[s];
        size_t n = c->system.sections[s].order;
        double *e = x + c->at[s];
        double moved[EBB_ORDER_MAX];
        for (size_t i = 0; i < n; i++) {
            moved[i] = 0;
            for (size_t k = 0; k < n; k++) {
                moved[i] += b->block[i * n + k] * e[k];
            }
            sum += b->w[i] * e[i];
        }
        memcpy(e, moved, n * sizeof(double));
    }
    x[r] *= l->theta;
    x[w] = sum;
}

unsigned ebb_crossing_budget(const struct ebb_crossing *c, ebb_tick gap)
{
    unsigned bits = 0;
    while (bits < 63 && ((ebb_tick)1 << bits) < gap) {
        bits++;
    }
    return (64 + 4 * bits) * c->poles;
}

static bool reaches(double v, double v_th, bool strict)
{
    return strict ? v > v_th : v >= v_th;
}

struct ebb_crossing_result ebb_crossing_find(const struct ebb_crossing *c,
                                             const double *x, ebb_tick after,
                                             double v_th, bool strict)
{
    double now[EBB_STATE_MAX], at[EBB_STATE_MAX];
    memcpy(now, x, c->size * sizeof(double));
    if (after > 0) {
        ebb_filter_advance(c->filter, now, after);
    }
    turn_state(c, now, at);
    struct ebb_crossing_result result = {.tick = EBB_TICK_NEVER};
    ebb_tick gone = 0; /* ticks proven, from `after` on */
    unsigned level = 0;
    while (upper_bound(c, at) >= v_th) {
        if (result.evaluations >= ebb_crossing_budget(c, gone + 1)) {
            result.tick = after + gone;
            result.open = true;
            return result;
        }
        result.evaluations++;
        if (stride_bound(c, level, at) >= v_th) {
            if (level > 0) {
                level--;
                continue;
            }
            ebb_tick here = after + gone + 1; /* a single tick: V decides */
            if (reaches(ebb_filter_v_after(c->filter, x, here), v_th, strict)) {
                result.tick = here;
                return result;
            }
        }
        take_stride(c, level, at);
        gone += (ebb_tick)1 << level;
        if (after + gone >= (ebb_tick)1 << 53) {
            return result; /* beyond any time that a run can reach */
        }
        level += level + 1 < c->levels;
    }
    return result;
}

struct ebb_crossing_bound ebb_crossing_bound(const struct ebb_crossing *c)
{
    return (struct ebb_crossing_bound){.slave = c->slave,
                                       .amplitude = c->amplitude,
                                       .high = c->high,
                                       .low = c->low,
                                       .plain = c->plain};
}
