/* core/crossing_tables.c - ranges of V over strides of 2^n ticks. */
#include "core/crossing_tables.h"

#include <math.h>
#include <string.h>

/* From the smallest to the largest value. */
struct range {
    wide low, high;
};

static struct range widen(struct range a, struct range b)
{
    return (struct range){fminl(a.low, b.low), fmaxl(a.high, b.high)};
}

static struct range scaled_sum(struct range sum, wide x, double low,
                               double high)
{
    if (x > 0) {
        sum.low += x * (wide)low;
        sum.high += x * (wide)high;
    } else if (x < 0) {
        sum.low += x * (wide)high;
        sum.high += x * (wide)low;
    }
    return sum;
}

/* Coordinate i of a channel as an index into response tables. */
static size_t coordinate(const struct ebb_crossing *c, const struct channel *ch,
                         size_t i)
{
    size_t w = c->at[c->system.n_sections] + 1;
    return i == ch->own ? w : ch->first + i;
}

/* Ranges of V and of its bend over one piece whose state at the start is
 * column k of `state`; the piece is as long as the level of `table`. */
static void piece_ranges(const struct ebb_crossing *c, const struct channel *ch,
                         const struct level *table, const wide *state, size_t k,
                         struct range *value, struct range *bend)
{
    *value = *bend = (struct range){0, 0};
    for (size_t i = 0; i < ch->n; i++) {
        const struct response *g = &table->response[coordinate(c, ch, i)];
        wide x = state[i * ch->n + k];
        *value = scaled_sum(*value, x, g->low, g->high);
        *bend = scaled_sum(*bend, x, g->rise, g->bend);
    }
}

static void set_response(struct response *g, wide end, struct range value,
                         struct range bend, double start, unsigned level)
{
    double length = ldexp(1, (int)level);
    g->end = (double)end;
    g->high = (double)value.high;
    g->low = (double)value.low;
    g->bend = (double)bend.high;
    g->rise = (double)bend.low;
    double width = fmax(g->high, start) - fmin(g->low, start);
    double sag = fmax(fabs(g->bend), fabs(g->rise)) * length * length / 8;
    g->smooth = sag < width || width == 0;
}

/* Level 0: one tick, exactly. */
static void first_responses(struct ebb_crossing *c, const struct channel *ch)
{
    for (size_t k = 0; k < (ch->own ? ch->own : 1); k++) {
        size_t at = coordinate(c, ch, k);
        wide v = ebb_wide_row(ch->v, ch->power, k, ch->n);
        c->start[at] = (double)ch->v[k];
        set_response(&c->level[0].response[at], v, (struct range){v, v},
                     (struct range){ch->bend[k], ch->bend[k]}, c->start[at], 0);
    }
}

/* Level n of one coordinate from pieces of a lower level. */
static void responses(struct ebb_crossing *c, const struct channel *ch,
                      unsigned level, const wide *piece, wide *state,
                      wide *spare)
{
    unsigned lower = level > PIECES_LOG2 ? level - PIECES_LOG2 : 0;
    size_t pieces = (size_t)1 << (level - lower);
    size_t own = ch->own ? ch->own : 1;
    struct range value[EBB_ORDER_MAX], bend[EBB_ORDER_MAX];
    ebb_wide_identity(state, ch->n);
    for (size_t m = 0; m < pieces; m++) {
        for (size_t k = 0; k < own; k++) {
            struct range v, b;
            piece_ranges(c, ch, &c->level[lower], state, k, &v, &b);
            value[k] = m == 0 ? v : widen(value[k], v);
            bend[k] = m == 0 ? b : widen(bend[k], b);
        }
        ebb_wide_multiply(spare, piece, state, ch->n);
        memcpy(state, spare, ch->n * ch->n * sizeof(wide));
    }
    for (size_t k = 0; k < own; k++) {
        size_t at = coordinate(c, ch, k);
        wide end = ebb_wide_row(ch->v, state, k, ch->n);
        set_response(&c->level[level].response[at], end, value[k], bend[k],
                     c->start[at], level);
    }
}

/* What 2^n ticks do to coordinates, from a channel's power. */
static ebb_status store_stride(struct ebb_crossing *c, unsigned level,
                               const struct channel *ch, size_t index)
{
    struct level *l = &c->level[level];
    size_t sections = c->system.n_sections, n = ch->n;
    if (index < sections) {
        struct stride_block *b = &l->sections[index];
        b->block =
            ebb_arena_calloc(c->arena, ch->own * ch->own, sizeof(double));
        b->w = ebb_arena_calloc(c->arena, ch->own, sizeof(double));
        if (!b->block || !b->w) {
            return EBB_FAIL(EBB_ERR_NOMEM, "no memory for crossing tables");
        }
        for (size_t i = 0; i < ch->own; i++) {
            for (size_t k = 0; k < ch->own; k++) {
                b->block[i * ch->own + k] = (double)ch->power[i * n + k];
            }
            b->w[i] = (double)ch->power[ch->own * n + i];
        }
    } else if (index == sections) {
        l->theta = (double)ch->power[0];
        l->reset = (double)ch->power[2];
    } else if (index == sections + 1) {
        l->lambda = (double)ch->power[0];
    } else {
        l->bias = (double)ch->power[2];
    }
    return EBB_OK;
}

static ebb_status open_level(struct ebb_crossing *c, unsigned level)
{
    struct level *l = &c->level[level];
    l->response = ebb_arena_calloc(c->arena, c->size, sizeof(*l->response));
    l->sections =
        ebb_arena_calloc(c->arena, c->system.n_sections, sizeof(*l->sections));
    if (!l->response || !l->sections) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for crossing tables");
    }
    return EBB_OK;
}

/* Is nothing left that more ticks would change? Without a leak a bias goes on
 * changing V for ever. */
static bool has_settled(const struct ebb_crossing *c, const struct level *l)
{
    const double nothing = 1e-30;
    if (c->system.lambda == 1.0) {
        return false;
    }
    for (size_t s = 0; s < c->system.n_sections; s++) {
        size_t n = c->system.sections[s].order;
        for (size_t i = 0; i < n * n; i++) {
            if (fabs(l->sections[s].block[i]) > nothing) {
                return false;
            }
        }
    }
    return l->lambda < nothing &&
           (l->theta < nothing || c->system.theta == 1.0);
}

static ebb_status build_levels(struct ebb_crossing *c, struct ebb_arena *arena,
                               struct channel *ch, size_t channels)
{
    /* Powers of the last few levels: pieces of a level are 6 levels below. */
    wide *power[LEVELS_MAX][EBB_STATE_MAX];
    wide *state = ebb_wide_matrix(arena, EBB_ORDER_MAX + 1);
    wide *spare = ebb_wide_matrix(arena, EBB_ORDER_MAX + 1);
    if (!state || !spare) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for crossing tables");
    }
    for (unsigned level = 0; level < LEVELS_MAX; level++) {
        unsigned lower = level > PIECES_LOG2 ? level - PIECES_LOG2 : 0;
        EBB_TRY(open_level(c, level));
        for (size_t i = 0; i < channels; i++) {
            size_t cells = ch[i].n * ch[i].n;
            if (level == 0) {
                first_responses(c, &ch[i]);
            } else {
                ebb_wide_multiply(spare, ch[i].power, ch[i].power, ch[i].n);
                memcpy(ch[i].power, spare, cells * sizeof(wide));
            }
            power[level][i] = ebb_wide_matrix(arena, ch[i].n);
            if (!power[level][i]) {
                return EBB_FAIL(EBB_ERR_NOMEM, "no memory for crossing tables");
            }
            memcpy(power[level][i], ch[i].power, cells * sizeof(wide));
            EBB_TRY(store_stride(c, level, &ch[i], i));
        }
        for (size_t i = 0; level > 0 && i < channels; i++) {
            responses(c, &ch[i], level, power[lower][i], state, spare);
        }
        c->levels = level + 1;
        if (has_settled(c, &c->level[level])) {
            break;
        }
    }
    return EBB_OK;
}

static void finish_bounds(struct ebb_crossing *c)
{
    const struct level *last = &c->level[c->levels - 1];
    size_t bias = c->size - 1;
    for (size_t k = 0; k < c->size; k++) {
        c->high[k] = last->response[k].high;
        c->low[k] = last->response[k].low;
    }
    if (c->system.lambda == 1.0) { /* a bias integrates without end */
        c->high[bias] = HUGE_VAL;
    }
    for (size_t k = 0; k < c->size; k++) {
        double most = fmax(fabs(c->high[k]), fabs(c->low[k]));
        c->amplitude[k] = isfinite(most) ? fmax(most, fabs(c->start[k])) : 0;
    }
}

static ebb_status fill(struct ebb_crossing *c)
{
    size_t sections = c->system.n_sections;
    EBB_TRY(ebb_arena_create(&c->arena));
    c->at = ebb_arena_calloc(c->arena, sections + 1, sizeof(*c->at));
    c->turn =
        ebb_arena_calloc(c->arena, c->size * EBB_ORDER_MAX, sizeof(double));
    c->slave = ebb_arena_calloc(c->arena, c->size, sizeof(double));
    c->start = ebb_arena_calloc(c->arena, c->size, sizeof(double));
    c->high = ebb_arena_calloc(c->arena, c->size, sizeof(double));
    c->low = ebb_arena_calloc(c->arena, c->size, sizeof(double));
    c->amplitude = ebb_arena_calloc(c->arena, c->size, sizeof(double));
    if (!c->at || !c->turn || !c->slave || !c->start || !c->high || !c->low ||
        !c->amplitude) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for crossing tables");
    }
    c->plain = true;
    for (size_t s = 0; s < sections; s++) {
        c->at[s + 1] = c->at[s] + c->system.sections[s].order;
        c->plain &= c->system.sections[s].form != EBB_SECTION_TRANSPOSED ||
                    c->system.sections[s].order == 1;
    }
    struct ebb_arena *scratch;
    EBB_TRY(ebb_arena_create(&scratch));
    struct channel *ch = ebb_arena_calloc(scratch, sections + 3, sizeof(*ch));
    ebb_status status =
        ch ? ebb_crossing_open_channels(c, scratch, ch)
           : EBB_FAIL(EBB_ERR_NOMEM, "no memory for crossing tables");
    if (status == EBB_OK) {
        status = build_levels(c, scratch, ch, sections + 3);
    }
    ebb_arena_destroy(scratch);
    if (status == EBB_OK) {
        finish_bounds(c);
    }
    return status;
}

ebb_status ebb_crossing_create(struct ebb_crossing **out,
                               const struct ebb_filter *filter)
{
    *out = NULL;
    struct ebb_crossing *c = ebb_mem_calloc(1, sizeof(*c));
    if (!c) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for crossing tables");
    }
    c->filter = filter;
    c->system = ebb_filter_system(filter);
    c->size = ebb_filter_size(filter);
    c->poles = (unsigned)(c->size - 3) + (c->system.lambda > 0) +
               (c->system.theta > 0);
    c->poles = c->poles > 0 ? c->poles : 1;
    ebb_status status = fill(c);
    if (status != EBB_OK) {
        ebb_crossing_destroy(c);
        return status;
    }
    *out = c;
    return EBB_OK;
}

void ebb_crossing_destroy(struct ebb_crossing *c)
{
    if (c) {
        ebb_arena_destroy(c->arena);
        ebb_mem_free(c);
    }
}
