/* sim/engine_save.c - a run put aside between two ticks.
 *
 * What is saved is brought into one form whatever the past was: entries of the
 * calendar sorted, refractory times that are over 0. So the states of two runs
 * that go on alike are alike. */
#include "sim/engine_state.h"

#include "sim/state_parts.h"

#include <stdlib.h>
#include <string.h>

/* Being saved. */
struct saving {
    const struct ebb_engine *e;
    const struct ebb_snapshot_sink *sink;
    struct ebb_calendar_item *due; /* [n_due] without taps, sorted */
    size_t n_due;
    uint64_t *word; /* [room] of one array */
    size_t room;
};

static ebb_status put(struct saving *s, const char *name,
                      enum ebb_snapshot_type type, const void *data, size_t n)
{
    return s->sink->put(s->sink->self, name, type, data, n);
}

static ebb_status put_u64(struct saving *s, const char *name, uint64_t value)
{
    return put(s, name, EBB_SNAPSHOT_U64, &value, 1);
}

static ebb_status put_crowd(struct saving *s, const struct crowd *c,
                            const char *what, enum ebb_snapshot_type type,
                            const void *data, size_t n)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    state_name_crowd(name, c, what);
    return put(s, name, type, data, n);
}

static ebb_status put_drive(struct saving *s, const struct drive *d,
                            const char *what, enum ebb_snapshot_type type,
                            const void *data, size_t n)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    state_name_drive(name, d, what);
    return put(s, name, type, data, n);
}

/* Room for n words in s->word. */
static ebb_status make_words(struct saving *s, size_t n)
{
    return ebb_mem_grow(&s->word, &s->room, n + 1, sizeof(*s->word));
}

static ebb_status save_about(struct saving *s, uint64_t network_hash)
{
    const struct ebb_engine *e = s->e;
    EBB_TRY(put_u64(s, "run/version", STATE_VERSION));
    EBB_TRY(put_u64(s, "run/tick", e->now));
    EBB_TRY(put_u64(s, "run/network_hash", network_hash));
    EBB_TRY(put(s, "run/tick_s", EBB_SNAPSHOT_F64, &e->net->tick_s, 1));
    EBB_TRY(put_u64(s, "run/mode", e->options.mode));
    EBB_TRY(put_u64(s, "run/float", e->options.single));
    EBB_TRY(put(s, "run/drop", EBB_SNAPSHOT_F64, &e->options.drop, 1));
    return put(s, "run/counters", EBB_SNAPSHOT_U64, &e->counters,
               STATE_COUNTERS);
}

static int by_entry(const void *a, const void *b)
{
    const struct ebb_calendar_item *x = a, *y = b;
    uint64_t i = x->entry >> 32, j = y->entry >> 32;
    if (i != j) {
        return i < j ? -1 : 1;
    }
    if (x->tick != y->tick) {
        return x->tick < y->tick ? -1 : 1;
    }
    return (x->entry > y->entry) - (x->entry < y->entry);
}

/* Taps follow from the spikes under way. */
static ebb_status list_due(struct saving *s)
{
    size_t n = ebb_calendar_size(s->e->calendar);
    s->due = ebb_mem_calloc(n + 1, sizeof(*s->due));
    if (!s->due) {
        return engine_no_memory();
    }
    ebb_calendar_list(s->e->calendar, s->due);
    for (size_t k = 0; k < n; k++) {
        s->due[s->n_due] = s->due[k];
        s->n_due += !entry_is_tap(s->due[k].entry);
    }
    qsort(s->due, s->n_due, sizeof(*s->due), by_entry);
    return EBB_OK;
}

/* The entries of one owner. */
static size_t find_due(const struct saving *s, uint64_t owner,
                       const struct ebb_calendar_item **first)
{
    size_t low = 0, high = s->n_due, n = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->due[middle].entry >> 32 < owner >> 32) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *first = s->due + low;
    while (low + n < s->n_due && s->due[low + n].entry >> 32 == owner >> 32) {
        n++;
    }
    return n;
}

/* Entries as two arrays: ticks, and whom they are for. */
static ebb_status split_due(struct saving *s, uint64_t owner, size_t *n)
{
    const struct ebb_calendar_item *first;
    *n = find_due(s, owner, &first);
    EBB_TRY(make_words(s, 2 * *n));
    uint32_t *item = (uint32_t *)(void *)(s->word + *n);
    for (size_t k = 0; k < *n; k++) {
        s->word[k] = first[k].tick;
        item[k] = (uint32_t)entry_item(first[k].entry);
    }
    return EBB_OK;
}

static ebb_status save_entries(struct saving *s, const struct crowd *c)
{
    size_t n;
    EBB_TRY(split_due(s, entry_wake(c->index, 0), &n));
    EBB_TRY(put_crowd(s, c, "entry_tick", EBB_SNAPSHOT_U64, s->word, n));
    return put_crowd(s, c, "entry_item", EBB_SNAPSHOT_U32, s->word + n, n);
}

/* One row of the states of what is owned; by place, in the network's order. */
static ebb_status save_row(struct saving *s, const struct crowd *c, size_t row)
{
    char what[32];
    enum ebb_snapshot_type type = c->x64 ? EBB_SNAPSHOT_F64 : EBB_SNAPSHOT_F32;
    size_t n = c->own_to - c->own_from, at = crowd_at(c, row, c->own_from);
    snprintf(what, sizeof(what), "state_%zu", row);
    if (!c->by_place) {
        return put_crowd(s, c, what, type,
                         c->x64 ? (void *)(c->x64 + at) : (void *)(c->x32 + at),
                         n);
    }
    EBB_TRY(make_words(s, n));
    double *wide = (double *)(void *)s->word;
    float *narrow = (float *)(void *)s->word;
    for (size_t node = 0; node < n; node++) {
        at = crowd_at(c, row, crowd_slot(c, node));
        if (c->x64) {
            wide[node] = c->x64[at];
        } else {
            narrow[node] = c->x32[at];
        }
    }
    return put_crowd(s, c, what, type, s->word, n);
}

static ebb_status save_held(struct saving *s, const struct crowd *c)
{
    size_t n = c->own_to - c->own_from;
    if (!c->held64 && !c->held32) {
        return EBB_OK;
    }
    EBB_TRY(make_words(s, n));
    for (size_t k = 0; k < n; k++) {
        size_t node = c->own_from + k;
        ebb_tick until = crowd_held(c, crowd_slot(c, node));
        s->word[k] = until > s->e->now ? until : 0;
    }
    return put_crowd(s, c, "held", EBB_SNAPSHOT_U64, s->word, n);
}

static ebb_status save_tiles(struct saving *s, const struct crowd *c)
{
    size_t n = c->own_to - c->own_from, tiles = c->tile_to - c->tile_from;
    EBB_TRY(make_words(s, n > STATE_TILE * tiles ? n : STATE_TILE * tiles));
    for (size_t k = 0; k < tiles; k++) {
        const struct tile *t = &c->tile[c->tile_from + k];
        const uint64_t numbers[STATE_TILE] = {t->done, t->idle, t->patience,
                                              t->grace, t->closed};
        memcpy(s->word + STATE_TILE * k, numbers, sizeof(numbers));
    }
    EBB_TRY(
        put_crowd(s, c, "tile", EBB_SNAPSHOT_U64, s->word, STATE_TILE * tiles));
    uint32_t *open = (uint32_t *)(void *)s->word;
    for (size_t k = 0; k < tiles; k++) {
        open[k] = c->tile[c->tile_from + k].open;
    }
    EBB_TRY(put_crowd(s, c, "tile_open", EBB_SNAPSHOT_U32, open, tiles));
    for (size_t k = 0; k < n; k++) {
        s->word[k] = crowd_done(c, c->own_from + k);
    }
    EBB_TRY(put_crowd(s, c, "done", EBB_SNAPSHOT_U64, s->word, n));
    return put_crowd(s, c, "wake", EBB_SNAPSHOT_U64, c->wake + c->own_from, n);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Numbers in rising order, whatever theirs was. */
static ebb_status sort_words(struct saving *s, const uint32_t *list, size_t n)
{
    EBB_TRY(make_words(s, n));
    if (n > 0) {
        memcpy(s->word, list, n * sizeof(*list));
        qsort(s->word, n, sizeof(*list), by_number);
    }
    return EBB_OK;
}

static ebb_status save_later(struct saving *s, const struct crowd *c)
{
    EBB_TRY(sort_words(s, c->later, c->n_later));
    return put_crowd(s, c, "later", EBB_SNAPSHOT_U32, s->word, c->n_later);
}

static ebb_status save_blocks(struct saving *s, const struct crowd *c)
{
    size_t n = c->n_blocks;
    EBB_TRY(make_words(s, n));
    for (size_t b = 0; b < n; b++) {
        s->word[b] = c->block[b].done;
    }
    EBB_TRY(put_crowd(s, c, "block_done", EBB_SNAPSHOT_U64, s->word, n));
    for (size_t b = 0; b < n; b++) {
        s->word[b] = c->block[b].wake;
    }
    EBB_TRY(put_crowd(s, c, "block_wake", EBB_SNAPSHOT_U64, s->word, n));
    uint32_t *number = (uint32_t *)(void *)s->word;
    for (size_t b = 0; b < n; b++) {
        number[b] = c->block[b].idle;
    }
    EBB_TRY(put_crowd(s, c, "block_idle", EBB_SNAPSHOT_U32, number, n));
    for (size_t b = 0; b < n; b++) {
        number[b] = blocks_is_awake(c, b);
    }
    return put_crowd(s, c, "block_awake", EBB_SNAPSHOT_U32, number, n);
}

/* What is owned of a population. */
static ebb_status save_crowd(struct saving *s, const struct crowd *c)
{
    const uint64_t own[2] = {c->own_from, c->own_to}, slice = c->slice;
    if (c->p->input || c->own_from == c->own_to) {
        return EBB_OK;
    }
    EBB_TRY(put_crowd(s, c, "own", EBB_SNAPSHOT_U64, own, 2));
    EBB_TRY(put_crowd(s, c, "slice", EBB_SNAPSHOT_U64, &slice, 1));
    for (size_t row = 0; row < c->rows; row++) {
        EBB_TRY(save_row(s, c, row));
    }
    EBB_TRY(save_held(s, c));
    EBB_TRY(save_entries(s, c));
    if (c->by_place) {
        return save_blocks(s, c);
    }
    EBB_TRY(save_tiles(s, c));
    return save_later(s, c);
}

/* Spikes that somebody still waits for: sorted by tick, then neuron. */
static ebb_status save_flight(struct saving *s, const struct crowd *c)
{
    const struct flight *f = &c->flight;
    size_t first = f->first;
    while (first < f->n && f->volley[first].tick + f->longest < s->e->now) {
        first++;
    }
    size_t from = first < f->n ? f->volley[first].from : f->n_node;
    size_t n = f->n_node - from, volleys = f->n - first;
    EBB_TRY(make_words(s, 2 * volleys));
    for (size_t k = 0; k < volleys; k++) {
        s->word[k] = f->volley[first + k].tick;
        s->word[volleys + k] = f->volley[first + k].n;
    }
    EBB_TRY(put_crowd(s, c, "flight_tick", EBB_SNAPSHOT_U64, s->word, volleys));
    EBB_TRY(put_crowd(s, c, "flight_n", EBB_SNAPSHOT_U64, s->word + volleys,
                      volleys));
    EBB_TRY(put_crowd(s, c, "flight_node", EBB_SNAPSHOT_U32,
                      n > 0 ? f->node + from : NULL, n));
    return put_crowd(s, c, "flight_value", EBB_SNAPSHOT_F64,
                     n > 0 ? f->value + from : NULL, n);
}

/* PSPs of active axons; those of all others are 0. */
static ebb_status save_axons(struct saving *s, const struct drive *d)
{
    EBB_TRY(sort_words(s, d->active, d->n_active));
    EBB_TRY(put_drive(s, d, "active", EBB_SNAPSHOT_U32, s->word, d->n_active));
    uint32_t *axon = ebb_mem_calloc(d->n_active + 1, sizeof(*axon));
    if (!axon) {
        return engine_no_memory();
    }
    memcpy(axon, s->word, d->n_active * sizeof(*axon));
    ebb_status status = make_words(s, d->n_active * d->order);
    double *past = (double *)(void *)s->word;
    for (size_t k = 0; status == EBB_OK && k < d->n_active; k++) {
        memcpy(past + k * d->order, d->past + axon[k] * d->order,
               d->order * sizeof(*past));
    }
    ebb_mem_free(axon);
    return status ? status
                  : put_drive(s, d, "past", EBB_SNAPSHOT_F64, past,
                              d->n_active * d->order);
}

static ebb_status save_windows(struct saving *s, const struct drive *d)
{
    size_t n;
    EBB_TRY(windows_save(d, s->sink));
    EBB_TRY(split_due(s, entry_window(d->index, 0), &n));
    EBB_TRY(put_drive(s, d, "entry_tick", EBB_SNAPSHOT_U64, s->word, n));
    return put_drive(s, d, "entry_item", EBB_SNAPSHOT_U32, s->word + n, n);
}

/* PSPs that a probe looks at, of the axons whose neurons are computed here. */
static ebb_status save_psps(struct saving *s, const struct drive *d)
{
    const struct crowd *from = &s->e->crowd[d->p->source];
    const uint64_t own[2] = {from->own_from, from->own_to};
    size_t each = d->order + 1, n = from->own_to - from->own_from;
    if (!d->watched || n == 0) {
        return EBB_OK;
    }
    EBB_TRY(put_drive(s, d, "psp_own", EBB_SNAPSHOT_U64, own, 2));
    return put_drive(s, d, "psp", EBB_SNAPSHOT_F64,
                     d->f + from->own_from * each, n * each);
}

/* What is the same in all engines that compute targets of a projection is saved
 * by the one that computes the first of them. */
static ebb_status save_drive(struct saving *s, const struct drive *d)
{
    const struct crowd *to = &s->e->crowd[d->p->target];
    EBB_TRY(save_psps(s, d));
    if (to->own_from > 0 || to->own_to == 0) {
        return EBB_OK;
    }
    if (d->way == WAY_AXONS) {
        EBB_TRY(save_axons(s, d));
    }
    return d->way == WAY_WINNERS ? save_windows(s, d) : EBB_OK;
}

static ebb_status save_all(struct saving *s, uint64_t network_hash)
{
    const struct ebb_engine *e = s->e;
    EBB_TRY(save_about(s, network_hash));
    EBB_TRY(list_due(s));
    for (size_t k = 0; k < e->net->n_populations; k++) {
        EBB_TRY(save_flight(s, &e->crowd[k]));
        EBB_TRY(save_crowd(s, &e->crowd[k]));
    }
    for (size_t k = 0; k < e->net->n_projections; k++) {
        EBB_TRY(save_drive(s, &e->drive[k]));
    }
    return EBB_OK;
}

ebb_status ebb_engine_save(const struct ebb_engine *engine,
                           uint64_t network_hash,
                           const struct ebb_snapshot_sink *sink)
{
    struct saving s = {.e = engine, .sink = sink};
    if (engine->failed) {
        return EBB_FAIL(EBB_ERR_ARG, "a run that failed cannot be saved");
    }
    ebb_status status = save_all(&s, network_hash);
    ebb_mem_free(s.due);
    ebb_mem_free(s.word);
    return status;
}
