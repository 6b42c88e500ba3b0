/* sim/crowd_load.c - neurons that go on where a checkpoint has them. */
#include "sim/state_read.h"

#include <string.h>

/* Neurons from <= i < to, which part `part` has from its number `first` on. */
struct piece {
    size_t part, first, from, to;
};

/* By place all neurons are loaded at once. */
static void scatter_row(struct crowd *c, size_t row, const void *from)
{
    const double *wide = from;
    const float *narrow = from;
    for (size_t node = 0; node < c->n; node++) {
        size_t at = crowd_at(c, row, crowd_slot(c, node));
        if (c->x64) {
            c->x64[at] = wide[node];
        } else {
            c->x32[at] = narrow[node];
        }
    }
}

static ebb_status load_row(const struct state_loading *l, struct crowd *c,
                           const struct piece *p, size_t row)
{
    char what[32], name[EBB_SNAPSHOT_NAME_BYTES];
    enum ebb_snapshot_type type = c->x64 ? EBB_SNAPSHOT_F64 : EBB_SNAPSHOT_F32;
    size_t n = p->to - p->from, at = crowd_at(c, row, p->from);
    void *to = c->x64 ? (void *)(c->x64 + at) : (void *)(c->x32 + at);
    snprintf(what, sizeof(what), "state_%zu", row);
    state_name_crowd(name, c, what);
    if (c->by_place) {
        to = ebb_mem_calloc(n, ebb_snapshot_bytes(type));
    }
    ebb_status status =
        to ? state_read_piece(l, p->part, name, type, p->from - p->first, n, to)
           : engine_no_memory();
    status =
        status ? status : state_check_finite(l, p->part, name, to, type, n);
    if (c->by_place) {
        if (status == EBB_OK) {
            scatter_row(c, row, to);
        }
        ebb_mem_free(to);
    }
    return status;
}

/* Words of a piece, in memory of their own. */
static ebb_status read_words(const struct state_loading *l,
                             const struct crowd *c, const struct piece *p,
                             const char *what, uint64_t **out)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    size_t n = p->to - p->from;
    state_name_crowd(name, c, what);
    *out = ebb_mem_calloc(n, sizeof(**out));
    ebb_status status =
        *out ? state_read_piece(l, p->part, name, EBB_SNAPSHOT_U64,
                                p->from - p->first, n, *out)
             : engine_no_memory();
    if (status != EBB_OK) {
        ebb_mem_free(*out);
        *out = NULL;
    }
    return status;
}

static ebb_status load_held(const struct state_loading *l, struct crowd *c,
                            const struct piece *p)
{
    uint64_t *until;
    bool good = true;
    if (!c->held64 && !c->held32) {
        return EBB_OK;
    }
    c->held_from = l->now;
    EBB_TRY(read_words(l, c, p, "held", &until));
    for (size_t k = 0; k < p->to - p->from; k++) {
        ebb_tick left = until[k] > l->now ? until[k] - l->now : 0;
        good = good && left <= c->p->refractory_ticks;
        neurons_hold(c, crowd_slot(c, p->from + k), good ? left : 0);
    }
    ebb_mem_free(until);
    return good ? EBB_OK
                : state_bad(l, p->part, c->p->name,
                            "has a refractory time that is too long");
}

static ebb_status load_tile(const struct state_loading *l, struct crowd *c,
                            size_t tile, const uint64_t *number, uint32_t open)
{
    bool good = number[0] <= l->now && open <= 1 &&
                (number[4] <= l->now || number[4] == EBB_TICK_NEVER);
    c->tile[tile] = (struct tile){.done = number[0],
                                  .idle = number[1],
                                  .patience = number[2],
                                  .grace = number[3],
                                  .closed = number[4],
                                  .open = open != 0};
    c->open = c->open || open;
    return good ? EBB_OK
                : EBB_FAIL(EBB_ERR_FORMAT,
                           "tile %zu of '%s' stands at a tick that is not "
                           "past: the checkpoint is damaged",
                           tile, c->p->name);
}

static ebb_status load_tiles(const struct state_loading *l, struct crowd *c,
                             const struct piece *p)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    size_t first = crowd_tile(c, p->first), from = crowd_tile(c, p->from);
    size_t to = crowd_tile(c, p->to - 1) + 1;
    for (size_t t = from; t < to; t++) {
        uint64_t number[STATE_TILE];
        uint32_t open;
        state_name_crowd(name, c, "tile");
        EBB_TRY(state_read_piece(l, p->part, name, EBB_SNAPSHOT_U64,
                                 (t - first) * STATE_TILE, STATE_TILE, number));
        state_name_crowd(name, c, "tile_open");
        EBB_TRY(state_read_piece(l, p->part, name, EBB_SNAPSHOT_U32, t - first,
                                 1, &open));
        EBB_TRY(load_tile(l, c, t, number, open));
    }
    return EBB_OK;
}

/* Ticks that neurons have behind them; strays are ahead of their tile. */
static ebb_status load_done(const struct state_loading *l, struct crowd *c,
                            const struct piece *p)
{
    uint64_t *done;
    bool good = true;
    EBB_TRY(read_words(l, c, p, "done", &done));
    for (size_t i = p->from; good && i < p->to; i++) {
        struct tile *t = &c->tile[crowd_tile(c, i)];
        c->done[i] = done[i - p->from];
        good = c->done[i] <= l->now;
        if (good && c->done[i] > t->done) {
            size_t first = crowd_tile(c, i) << c->tile_bits;
            c->stray[first + t->n_stray++] = (uint32_t)i;
        }
    }
    ebb_mem_free(done);
    return good ? EBB_OK
                : state_bad(l, p->part, c->p->name,
                            "has neurons ahead of the checkpoint");
}

static ebb_status load_wakes(const struct state_loading *l, struct crowd *c,
                             const struct piece *p)
{
    uint64_t *wake;
    bool good = true;
    EBB_TRY(read_words(l, c, p, "wake", &wake));
    for (size_t i = p->from; good && i < p->to; i++) {
        c->wake[i] = wake[i - p->from];
        good = state_is_ahead(l, c->wake[i]);
        c->tile[crowd_tile(c, i)].n_waiting += c->wake[i] != EBB_TICK_NEVER;
    }
    ebb_mem_free(wake);
    return good ? EBB_OK
                : state_bad(l, p->part, c->p->name, "has wake-ups in the past");
}

static ebb_status load_later(const struct state_loading *l, struct crowd *c,
                             const struct piece *p)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    struct state_array a;
    bool good = true;
    state_name_crowd(name, c, "later");
    EBB_TRY(state_read_array(l, p->part, name, EBB_SNAPSHOT_U32, &a));
    const uint32_t *node = a.at;
    for (size_t k = 0; good && k < a.n; k++) {
        good = node[k] < c->n && (k == 0 || node[k] > node[k - 1]);
        if (good && node[k] >= p->from && node[k] < p->to) {
            c->later[c->n_later++] = node[k];
        }
    }
    ebb_mem_free(a.at);
    return good ? EBB_OK : state_bad(l, p->part, name, "is no rising list");
}

static ebb_status load_by_tiles(const struct state_loading *l, struct crowd *c,
                                const struct piece *p)
{
    EBB_TRY(load_tiles(l, c, p));
    EBB_TRY(load_done(l, c, p));
    EBB_TRY(load_wakes(l, c, p));
    return load_later(l, c, p);
}

/* Blocks follow from the population alone, and one engine has them all. */
static ebb_status load_by_blocks(const struct state_loading *l, struct crowd *c,
                                 const struct piece *p)
{
    static const char *const what[4] = {"block_done", "block_wake",
                                        "block_idle", "block_awake"};
    char name[EBB_SNAPSHOT_NAME_BYTES];
    struct state_array a[4] = {{0}};
    bool good = true;
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < 4 && status == EBB_OK; k++) {
        state_name_crowd(name, c, what[k]);
        enum ebb_snapshot_type type =
            k < 2 ? EBB_SNAPSHOT_U64 : EBB_SNAPSHOT_U32;
        status = state_need(l, p->part, name, type, c->n_blocks);
        status =
            status ? status : state_read_array(l, p->part, name, type, &a[k]);
    }
    const uint64_t *done = a[0].at, *wake = a[1].at;
    const uint32_t *idle = a[2].at, *awake = a[3].at;
    for (size_t b = 0; status == EBB_OK && b < c->n_blocks; b++) {
        good = good && done[b] <= l->now && state_is_ahead(l, wake[b]);
        c->block[b] = (struct block){
            .done = good ? done[b] : 0, .wake = wake[b], .idle = idle[b]};
        blocks_set_awake(c, b, awake[b] != 0);
    }
    for (size_t k = 0; k < 4; k++) {
        ebb_mem_free(a[k].at);
    }
    return status || good
               ? status
               : state_bad(l, p->part, c->p->name, "has blocks that cannot be");
}

/* Are the arrays of a part as long as it says? */
static ebb_status check_lengths(const struct state_loading *l,
                                const struct crowd *c, size_t part, size_t n)
{
    char name[EBB_SNAPSHOT_NAME_BYTES], what[32];
    bool tiled = !c->by_place;
    size_t tiles =
        tiled ? (n + ((size_t)1 << c->tile_bits) - 1) >> c->tile_bits : 0;
    const struct {
        const char *what;
        enum ebb_snapshot_type type;
        bool wanted;
        size_t n;
    } rows[] = {
        {"held", EBB_SNAPSHOT_U64, c->held64 || c->held32, n},
        {"done", EBB_SNAPSHOT_U64, tiled, n},
        {"wake", EBB_SNAPSHOT_U64, tiled, n},
        {"tile", EBB_SNAPSHOT_U64, tiled, STATE_TILE * tiles},
        {"tile_open", EBB_SNAPSHOT_U32, tiled, tiles},
    };
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        if (rows[k].wanted) {
            state_name_crowd(name, c, rows[k].what);
            EBB_TRY(state_need(l, part, name, rows[k].type, rows[k].n));
        }
    }
    for (size_t row = 0; row < c->rows; row++) {
        snprintf(what, sizeof(what), "state_%zu", row);
        state_name_crowd(name, c, what);
        EBB_TRY(state_need(l, part, name,
                           c->x64 ? EBB_SNAPSHOT_F64 : EBB_SNAPSHOT_F32, n));
    }
    return EBB_OK;
}

static ebb_status load_piece(const struct state_loading *l, struct crowd *c,
                             const struct piece *p)
{
    char tick[EBB_SNAPSHOT_NAME_BYTES], item[EBB_SNAPSHOT_NAME_BYTES];
    state_name_crowd(tick, c, "entry_tick");
    state_name_crowd(item, c, "entry_item");
    for (size_t row = 0; row < c->rows; row++) {
        EBB_TRY(load_row(l, c, p, row));
    }
    EBB_TRY(load_held(l, c, p));
    EBB_TRY(c->by_place ? load_by_blocks(l, c, p) : load_by_tiles(l, c, p));
    return state_load_entries(l, p->part, tick, item, entry_wake(c->index, 0),
                              c->by_place ? 0 : p->from,
                              c->by_place ? c->n_blocks : p->to);
}

/* The neurons that a part has: *there is false when there are none. */
static ebb_status read_own(const struct state_loading *l, const struct crowd *c,
                           size_t part, uint64_t own[2], bool *there)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    uint64_t slice;
    size_t n;
    state_name_crowd(name, c, "own");
    EBB_TRY(
        l->from->find(l->from->self, part, name, EBB_SNAPSHOT_U64, there, &n));
    if (!*there) {
        return EBB_OK;
    }
    EBB_TRY(state_read_fixed(l, part, name, EBB_SNAPSHOT_U64, 2, own));
    if (own[0] >= own[1] || own[1] > c->n ||
        (c->by_place && own[1] - own[0] != c->n)) {
        return state_bad(l, part, name, "is no range of the population");
    }
    state_name_crowd(name, c, "slice");
    EBB_TRY(state_read_fixed(l, part, name, EBB_SNAPSHOT_U64, 1, &slice));
    if (slice != c->slice) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s: '%s' was saved in slices of %llu neurons, this "
                        "run has %zu: go on with the same",
                        l->from->name(l->from->self, part), c->p->name,
                        (unsigned long long)slice, c->slice);
    }
    return own[0] % c->slice == 0 && (own[1] % c->slice == 0 || own[1] == c->n)
               ? EBB_OK
               : state_bad(l, part, name, "is no range of the population");
}

/* The part that has neuron `at`. */
static ebb_status find_piece(const struct state_loading *l,
                             const struct crowd *c, size_t at,
                             struct piece *out)
{
    for (size_t part = 0; part < l->from->n_parts; part++) {
        uint64_t own[2];
        bool there;
        EBB_TRY(read_own(l, c, part, own, &there));
        if (there && own[0] <= at && at < own[1]) {
            size_t to = own[1] < c->own_to ? (size_t)own[1] : c->own_to;
            *out = (struct piece){part, (size_t)own[0], at, to};
            return check_lengths(l, c, part, (size_t)(own[1] - own[0]));
        }
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "%s%s: the state of neuron %zu of '%s' is missing: give "
                    "all files of the checkpoint",
                    l->from->name(l->from->self, 0),
                    l->from->n_parts > 1 ? " and the others" : "", at,
                    c->p->name);
}

ebb_status state_load_crowd(const struct state_loading *l, struct crowd *c)
{
    struct piece p = {.to = c->own_from};
    if (c->p->input || c->own_from == c->own_to) {
        return EBB_OK;
    }
    c->open = false;
    while (p.to < c->own_to) {
        EBB_TRY(find_piece(l, c, p.to, &p));
        EBB_TRY(load_piece(l, c, &p));
    }
    c->open = c->by_place ? c->awake.n > 0 : c->open;
    return EBB_OK;
}
