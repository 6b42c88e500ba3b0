/* core/crossing_channels.c - how each coordinate of a state drives V. */
#include "core/crossing_tables.h"

#include <math.h>
#include <string.h>

wide *ebb_wide_matrix(struct ebb_arena *arena, size_t n)
{
    return ebb_arena_calloc(arena, n * n, sizeof(wide));
}

void ebb_wide_multiply(wide *out, const wide *a, const wide *b, size_t n)
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

wide ebb_wide_row(const wide *row, const wide *b, size_t column, size_t n)
{
    wide sum = 0;
    for (size_t j = 0; j < n; j++) {
        sum += row[j] * b[j * n + column];
    }
    return sum;
}

void ebb_wide_identity(wide *a, size_t n)
{
    memset(a, 0, n * n * sizeof(*a));
    for (size_t i = 0; i < n; i++) {
        a[i * n + i] = 1;
    }
}

/* One tick of a section's channel in its coordinates: T A T^-1, and y. */
static void section_channel(struct ebb_crossing *c, size_t s,
                            struct channel *ch)
{
    const struct ebb_section *section = &c->system.sections[s];
    struct ebb_section turned = *section;
    size_t n = section->order;
    wide turn[EBB_ORDER_MAX * EBB_ORDER_MAX];
    wide a[EBB_ORDER_MAX * EBB_ORDER_MAX], y[EBB_ORDER_MAX];
    if (section->form == EBB_SECTION_TRANSPOSED) {
        ebb_section_turn(section, turn);
        turned.form = EBB_SECTION_DIFFERENCES;
    } else {
        ebb_wide_identity(turn, n);
    }
    ebb_section_matrix(&turned, a, y);
    double *rows = c->turn + c->at[s] * EBB_ORDER_MAX;
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n; i++) {
            ch->power[i * ch->n + k] = a[i * n + k];
            rows[i * EBB_ORDER_MAX + k] = (double)turn[i * n + k];
        }
        ch->power[n * ch->n + k] = y[k]; /* to w */
    }
}

/* Does a membrane of decay λ follow a drive of decay p closely? */
static bool follows(double lambda, double p)
{
    return p > 0.1 && lambda < p * p;
}

/* u with u (A - λ) = y for a channel's own block A, by elimination on the
 * transposed system; false when it is close to singular. */
static bool solve_slave(const struct channel *ch, wide lambda, wide *u)
{
    size_t n = ch->own;
    wide a[EBB_ORDER_MAX][EBB_ORDER_MAX + 1];
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            a[i][k] = ch->power[k * ch->n + i] - (i == k ? lambda : 0);
        }
        a[i][n] = ch->power[n * ch->n + i]; /* y */
    }
    for (size_t i = 0; i < n; i++) {
        size_t best = i;
        for (size_t k = i + 1; k < n; k++) {
            best = fabsl(a[k][i]) > fabsl(a[best][i]) ? k : best;
        }
        if (fabsl(a[best][i]) < 1e-12L) {
            return false;
        }
        for (size_t k = i; k <= n; k++) {
            wide swap = a[i][k];
            a[i][k] = a[best][k];
            a[best][k] = swap;
        }
        for (size_t k = i + 1; k < n; k++) {
            wide factor = a[k][i] / a[i][i];
            for (size_t j = i; j <= n; j++) {
                a[k][j] -= factor * a[i][j];
            }
        }
    }
    for (size_t i = n; i-- > 0;) {
        wide sum = a[i][n];
        for (size_t k = i + 1; k < n; k++) {
            sum -= a[i][k] * u[k];
        }
        u[i] = sum / a[i][i];
    }
    return true;
}

/* Let the membrane follow this channel, where it is slow enough. */
static void enslave(struct ebb_crossing *c, struct channel *ch, bool slow)
{
    wide u[EBB_ORDER_MAX];
    size_t n = ch->own;
    if (!slow || !solve_slave(ch, (wide)c->system.lambda, u)) {
        return;
    }
    for (size_t k = 0; k < n; k++) {
        ch->v[k] = u[k];
        ch->power[n * ch->n + k] = 0;
        c->slave[ch->first + k] = (double)u[k];
    }
}

/* Are all poles of a section slow beside the membrane? */
static bool section_is_slow(const struct ebb_crossing *c,
                            const struct ebb_section *section)
{
    double complex pole[EBB_ORDER_MAX];
    if (section->form == EBB_SECTION_CASCADE) {
        return follows(c->system.lambda, section->number[0]);
    }
    ebb_poles_find(pole, section->number, 1, section->order);
    return follows(c->system.lambda, cabs(pole[section->order - 1]));
}

/* The row of -D² at tick 0: -v (E - 1)². The difference is taken before the
 * square, so that slow poles lose nothing. */
static void channel_bend(struct channel *ch)
{
    size_t n = ch->n;
    wide first[EBB_ORDER_MAX + 1];
    for (int twice = 0; twice < 2; twice++) {
        const wide *row = twice == 0 ? ch->v : first;
        wide out[EBB_ORDER_MAX + 1];
        for (size_t k = 0; k < n; k++) {
            out[k] = 0;
            for (size_t j = 0; j < n; j++) {
                wide e = ch->power[j * n + k] - (j == k ? 1 : 0);
                out[k] += row[j] * e;
            }
        }
        memcpy(first, out, sizeof(first));
    }
    for (size_t k = 0; k < n; k++) {
        ch->bend[k] = -first[k];
    }
}

static ebb_status open_channel(struct ebb_crossing *c, struct ebb_arena *arena,
                               struct channel *ch, size_t first, size_t own)
{
    *ch = (struct channel){.first = first, .own = own, .n = own + 1};
    ch->power = ebb_wide_matrix(arena, ch->n);
    ch->bend = ebb_arena_calloc(arena, ch->n, sizeof(wide));
    if (!ch->power || !ch->bend) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for crossing tables");
    }
    ch->power[own * ch->n + own] = (wide)c->system.lambda;
    ch->v[own] = 1;
    return EBB_OK;
}

/* Channels: the sections, then r, then w alone, then the bias. */
ebb_status ebb_crossing_open_channels(struct ebb_crossing *c,
                                      struct ebb_arena *arena,
                                      struct channel *ch)
{
    size_t sections = c->system.n_sections;
    size_t inner = c->at[sections];
    for (size_t s = 0; s < sections; s++) {
        EBB_TRY(open_channel(c, arena, &ch[s], c->at[s],
                             c->system.sections[s].order));
        section_channel(c, s, &ch[s]);
        enslave(c, &ch[s], section_is_slow(c, &c->system.sections[s]));
        channel_bend(&ch[s]);
    }
    struct channel *r = &ch[sections], *w = r + 1, *bias = r + 2;
    EBB_TRY(open_channel(c, arena, r, inner, 1));
    r->power[0] = (wide)c->system.theta;
    r->power[2] = -1;
    enslave(c, r, follows(c->system.lambda, c->system.theta));
    channel_bend(r);
    EBB_TRY(open_channel(c, arena, w, inner + 1, 0));
    channel_bend(w);
    EBB_TRY(open_channel(c, arena, bias, inner + 2, 1));
    bias->power[0] = 1;
    bias->power[2] = 1;
    enslave(c, bias, c->system.lambda < 1 - 1e-10);
    channel_bend(bias);
    return EBB_OK;
}
