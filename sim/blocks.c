/* sim/blocks.c - neurons that stand by place, brought up to date block by
 * block.
 *
 * A block is swept in a tick that reaches it. Then its neurons are asked at
 * once, states being at hand: when nobody's bound says that he may fire it
 * sleeps, and costs nothing. Else it is awake: it is swept in the ticks that
 * follow, until as much is spent as crossing searches cost; then those are
 * made, and it sleeps until the first of them. */
#include "sim/engine_parts.h"

enum {
    STEPS = 64,      /* table steps that are kept ready */
    SEARCH = 2000,   /* what a crossing search costs, in sweeps of a neuron */
    SEARCH_WALK = 50 /* … where they are computed one by one */
};

/* Blocks from <= b < to that were brought up to date at the same tick. */
struct stroke {
    size_t from, to;
};

static ebb_status build_marks(struct ebb_engine *e, struct marks *m, size_t n)
{
    m->bit = ebb_arena_calloc(e->arena, n / 64 + 1, sizeof(*m->bit));
    m->top = ebb_arena_calloc(e->arena, n / 64 / 64 + 1, sizeof(*m->top));
    return m->bit && m->top ? EBB_OK : engine_no_memory();
}

static bool is_marked(const struct marks *m, size_t k)
{
    return m->bit[k / 64] >> k % 64 & 1;
}

static void mark(struct marks *m, size_t k)
{
    m->n += !is_marked(m, k);
    m->bit[k / 64] |= (uint64_t)1 << k % 64;
    m->top[k / 64 / 64] |= (uint64_t)1 << k / 64 % 64;
}

static void unmark(struct marks *m, size_t k)
{
    m->n -= is_marked(m, k);
    m->bit[k / 64] &= ~((uint64_t)1 << k % 64);
    if (m->bit[k / 64] == 0) {
        m->top[k / 64 / 64] &= ~((uint64_t)1 << k / 64 % 64);
    }
}

ebb_status blocks_build(struct ebb_engine *e, struct crowd *c)
{
    size_t entry =
        e->options.single ? sweep_entry_size_f32() : sweep_entry_size_f64();
    c->n_blocks = c->stride / BLOCK;
    c->block = ebb_arena_calloc(e->arena, c->n_blocks, sizeof(*c->block));
    c->steps = ebb_arena_calloc(e->arena, STEPS, sizeof(*c->steps));
    char *entries = ebb_arena_calloc(e->arena, STEPS, entry);
    if (!c->block || !c->steps || !entries) {
        return engine_no_memory();
    }
    for (size_t k = 0; k < STEPS; k++) {
        c->steps[k].entry = entries + k * entry;
    }
    EBB_TRY(build_marks(e, &c->due, c->n_blocks));
    return build_marks(e, &c->awake, c->n_blocks);
}

void blocks_touch(struct crowd *c, size_t from, size_t to)
{
    for (size_t b = from / BLOCK; b * BLOCK < to; b++) {
        mark(&c->due, b);
    }
}

bool blocks_is_awake(const struct crowd *c, size_t b)
{
    return is_marked(&c->awake, b);
}

void blocks_set_awake(struct crowd *c, size_t b, bool awake)
{
    if (awake) {
        mark(&c->awake, b);
    } else {
        unmark(&c->awake, b);
    }
}

void blocks_wake(struct ebb_engine *e, struct crowd *c, size_t b)
{
    if (c->block[b].wake == e->now) {
        c->block[b].wake = EBB_TICK_NEVER;
        COUNT(e, wakeups_fired, 1);
        mark(&c->due, b);
    }
}

/* Who may fire at tick `now` or later? c->view.fired gets a bit for each. */
static void ask(struct crowd *c, const struct stroke *s, ebb_tick now)
{
    const struct kind *kind = &c->kinds[0];
    struct ebb_crossing_bound bound = ebb_crossing_bound(kind->crossing);
    struct tile_view view = c->view;
    size_t from = s->from * BLOCK, to = s->to * BLOCK;
    view.now = now - c->held_from;
    if (c->sweepable && bound.plain) {
        if (c->x64) {
            sweep_may_cross_f64(&view, kind->filter, &bound, from, to);
        } else {
            sweep_may_cross_f32(&view, kind->filter, &bound, from, to);
        }
        return;
    }
    for (size_t b = s->from; b < s->to; b++) {
        c->view.fired[b] = 0;
        for (size_t k = 0; k < BLOCK && b * BLOCK + k < c->n; k++) {
            bool may = neurons_may_fire(c, b * BLOCK + k, now);
            c->view.fired[b] |= (uint64_t)may << k;
        }
    }
}

/* Those of block b that are flagged, without what fills its last lanes. */
static uint64_t flags_of(const struct crowd *c, size_t b)
{
    size_t left = c->n - b * BLOCK;
    uint64_t all = ~(uint64_t)0;
    return c->view.fired[b] & (left < BLOCK ? ~(all << left) : all);
}

void blocks_reset(struct crowd *c)
{
    struct stroke all = {0, c->n_blocks};
    for (size_t b = 0; b < c->n_blocks; b++) {
        c->block[b] = (struct block){.wake = EBB_TICK_NEVER};
        unmark(&c->due, b);
        unmark(&c->awake, b);
    }
    ask(c, &all, 0);
    for (size_t b = 0; b < c->n_blocks; b++) {
        if (flags_of(c, b)) {
            mark(&c->awake, b);
        }
    }
    c->open = c->awake.n > 0;
}

/* Wake block b for the first of its neurons that will fire. */
static ebb_status plan(struct ebb_engine *e, struct crowd *c, size_t b)
{
    ebb_tick first = EBB_TICK_NEVER;
    for (uint64_t bits = flags_of(c, b); bits; bits &= bits - 1) {
        size_t i = b * BLOCK + (size_t)__builtin_ctzll(bits);
        ebb_tick wake = neurons_next_look(e, c, i);
        first = wake < first ? wake : first;
    }
    unmark(&c->awake, b);
    c->block[b].wake = first;
    if (first == EBB_TICK_NEVER) {
        return EBB_OK;
    }
    COUNT(e, wakeups_predicted, 1);
    COUNT(e, queue_operations, 1);
    return ebb_calendar_push(e->calendar, first, entry_wake(c->index, b));
}

/* Asleep, awake, or asleep until it fires? Whoever sweeps on until as much is
 * spent as the searches cost pays at most twice what would have been best. */
static ebb_status settle(struct ebb_engine *e, struct crowd *c, size_t b)
{
    struct block *block = &c->block[b];
    unsigned n = (unsigned)__builtin_popcountll(flags_of(c, b));
    unsigned search = c->sweepable ? SEARCH : SEARCH_WALK;
    bool due = is_marked(&c->due, b);
    block->idle = due ? 0 : block->idle + 1;
    if (due && c->driven) { /* likely the next tick reaches it too */
        mark(&c->awake, b);
        return EBB_OK;
    }
    if (n == 0) {
        unmark(&c->awake, b);
        return EBB_OK;
    }
    if (e->options.mode == EBB_ENGINE_LAZY ||
        block->idle * BLOCK >= n * search) {
        return plan(e, c, b);
    }
    mark(&c->awake, b);
    return EBB_OK;
}

static ebb_status settle_all(struct ebb_engine *e, struct crowd *c,
                             const struct stroke *s)
{
    bool all_due = true;
    for (size_t b = s->from; b < s->to; b++) {
        all_due = all_due && is_marked(&c->due, b);
    }
    if (!all_due || !c->driven) {
        ask(c, s, e->now + 1);
    }
    for (size_t b = s->from; b < s->to; b++) {
        EBB_TRY(settle(e, c, b));
    }
    return EBB_OK;
}

/* The neurons of a stroke in vector code … */
static ebb_status sweep(struct ebb_engine *e, struct crowd *c,
                        const struct stroke *s, size_t *n)
{
    const struct kind *kind = &c->kinds[0];
    size_t from = s->from * BLOCK, to = s->to * BLOCK;
    size_t end = to < c->n ? to : c->n;
    ebb_tick delta = e->now + 1 - c->block[s->from].done;
    for (size_t i = from; c->watched && i < end; i++) {
        neurons_note(e, c, i);
    }
    c->view.last = delta < STEPS ? &c->steps[delta] : &c->last;
    bool finite = c->x64
                      ? sweep_tile_f64(&c->view, kind->filter, delta, from, to)
                      : sweep_tile_f32(&c->view, kind->filter, delta, from, to);
    if (!finite) {
        return tiles_diverged(e, c, from, end);
    }
    for (size_t i = from; c->watched && i < end; i++) {
        size_t at = crowd_at(c, c->size - 2, i);
        c->v[i] = c->x64 ? c->x64[at] : (double)c->x32[at];
    }
    size_t fired = tiles_flagged(c, from, end, e->fired + *n);
    neurons_spike(c, e->fired + *n, fired, e->now);
    *n += fired;
    COUNT(e, neuron_updates, end - from);
    return EBB_OK;
}

/* … or one by one, where they differ in λ or θ. */
static ebb_status walk(struct ebb_engine *e, struct crowd *c,
                       const struct stroke *s, size_t *n)
{
    size_t to = s->to * BLOCK < c->n ? s->to * BLOCK : c->n;
    for (size_t i = s->from * BLOCK; i < to; i++) {
        bool fired = false;
        EBB_TRY(neurons_step(e, c, i, TOUCH_ARRIVAL, false, &fired));
        if (fired) {
            e->fired[(*n)++] = (uint32_t)i;
        }
    }
    return EBB_OK;
}

static ebb_status step_stroke(struct ebb_engine *e, struct crowd *c,
                              const struct stroke *s, size_t *n)
{
    EBB_TRY(c->sweepable ? sweep(e, c, s, n) : walk(e, c, s, n));
    for (size_t b = s->from; b < s->to; b++) {
        struct block *block = &c->block[b];
        COUNT(e, wakeups_superseded, block->wake != EBB_TICK_NEVER);
        block->wake = EBB_TICK_NEVER;
        block->done = e->now + 1;
    }
    COUNT(e, block_updates, s->to - s->from);
    COUNT(e, tiles_swept, s->to - s->from);
    return settle_all(e, c, s);
}

/* Ask for the memory of a block that comes soon. */
static void fetch(const struct crowd *c, size_t b)
{
    size_t numbers = c->rows * BLOCK;
    const char *x = c->x64 ? (const char *)(c->x64 + b * numbers)
                           : (const char *)(c->x32 + b * numbers);
    size_t bytes = numbers * (c->x64 ? sizeof(double) : sizeof(float));
    for (size_t k = 0; k < bytes; k += 64) {
        __builtin_prefetch(x + k, 1);
    }
}

/* Blocks of one word of marks, neighbours that stand at the same tick
 * together. */
static ebb_status step_word(struct ebb_engine *e, struct crowd *c, size_t word,
                            size_t *n)
{
    uint64_t bits = c->due.bit[word] | c->awake.bit[word];
    while (bits) {
        size_t from = word * 64 + (size_t)__builtin_ctzll(bits);
        struct stroke s = {from, from};
        while (s.to < (word + 1) * 64 && bits >> s.to % 64 & 1 &&
               c->block[s.to].done == c->block[from].done) {
            bits &= ~((uint64_t)1 << s.to % 64);
            s.to++;
        }
        if (bits) {
            fetch(c, word * 64 + (size_t)__builtin_ctzll(bits));
        }
        EBB_TRY(step_stroke(e, c, &s, n));
    }
    c->due.bit[word] = 0;
    return EBB_OK;
}

ebb_status blocks_step(struct ebb_engine *e, struct crowd *c, size_t *n)
{
    *n = 0;
    if (c->whole) {
        blocks_touch(c, 0, c->n);
    }
    if (c->due.n == 0 && c->awake.n == 0) {
        return EBB_OK;
    }
    tiles_wind_clock(e, c);
    tiles_gather(e, c, 0);
    for (size_t top = 0; top * 64 * 64 < c->n_blocks; top++) {
        uint64_t words = c->due.top[top] | c->awake.top[top];
        for (; words; words &= words - 1) {
            size_t word = top * 64 + (size_t)__builtin_ctzll(words);
            EBB_TRY(step_word(e, c, word, n));
        }
        c->due.top[top] = 0;
    }
    c->due.n = 0;
    c->open = c->awake.n > 0;
    return EBB_OK;
}
