/* core/calendar.c - what is due when: a monotone priority queue on the tick. */
#include "core/calendar.h"

#include "core/memory.h"

#include <assert.h>

enum { RING = 1024, WORDS = RING / 64 };

struct bucket {
    uint64_t *entry;
    size_t n, capacity;
};

/* An entry beyond the ring; `order` keeps entries of one tick in line. */
struct far_entry {
    ebb_tick tick;
    uint64_t order, entry;
};

struct ebb_calendar {
    ebb_tick now; /* the ring holds ticks now <= t < now + RING */
    struct bucket ring[RING];
    uint64_t occupied[WORDS];
    struct bucket taken;   /* what the last pop gave away */
    struct far_entry *far; /* binary heap */
    size_t n_far, far_capacity;
    uint64_t pushes;
    size_t size;
};

ebb_status ebb_calendar_create(struct ebb_calendar **out)
{
    *out = ebb_mem_calloc(1, sizeof(**out));
    if (!*out) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a calendar queue");
    }
    return EBB_OK;
}

void ebb_calendar_destroy(struct ebb_calendar *c)
{
    if (!c) {
        return;
    }
    for (size_t i = 0; i < RING; i++) {
        ebb_mem_free(c->ring[i].entry);
    }
    ebb_mem_free(c->taken.entry);
    ebb_mem_free(c->far);
    ebb_mem_free(c);
}

size_t ebb_calendar_size(const struct ebb_calendar *c)
{
    return c->size;
}

static ebb_status push_near(struct ebb_calendar *c, ebb_tick tick,
                            uint64_t entry)
{
    size_t slot = (size_t)(tick % RING);
    struct bucket *b = &c->ring[slot];
    EBB_TRY(ebb_mem_grow(&b->entry, &b->capacity, b->n + 1, sizeof(*b->entry)));
    b->entry[b->n++] = entry;
    c->occupied[slot / 64] |= (uint64_t)1 << slot % 64;
    return EBB_OK;
}

static int earlier(const struct far_entry *a, const struct far_entry *b)
{
    return a->tick < b->tick || (a->tick == b->tick && a->order < b->order);
}

static ebb_status push_far(struct ebb_calendar *c, ebb_tick tick,
                           uint64_t entry)
{
    EBB_TRY(
        ebb_mem_grow(&c->far, &c->far_capacity, c->n_far + 1, sizeof(*c->far)));
    struct far_entry fresh = {tick, c->pushes, entry};
    size_t i = c->n_far++;
    while (i > 0 && earlier(&fresh, &c->far[(i - 1) / 2])) {
        c->far[i] = c->far[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    c->far[i] = fresh;
    return EBB_OK;
}

static void drop_first_far(struct ebb_calendar *c)
{
    struct far_entry last = c->far[--c->n_far];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= c->n_far) {
            break;
        }
        if (child + 1 < c->n_far &&
            earlier(&c->far[child + 1], &c->far[child])) {
            child++;
        }
        if (!earlier(&c->far[child], &last)) {
            break;
        }
        c->far[i] = c->far[child];
        i = child;
    }
    if (c->n_far > 0) {
        c->far[i] = last;
    }
}

ebb_status ebb_calendar_push(struct ebb_calendar *c, ebb_tick tick,
                             uint64_t entry)
{
    assert(tick >= c->now);
    EBB_TRY(tick - c->now < RING ? push_near(c, tick, entry)
                                 : push_far(c, tick, entry));
    c->pushes++;
    c->size++;
    return EBB_OK;
}

/* First occupied slot at or after `from`, walking round the ring. */
static size_t next_slot(const struct ebb_calendar *c, size_t from)
{
    size_t word = from / 64;
    uint64_t bits = c->occupied[word] & ~(uint64_t)0 << from % 64;
    for (size_t k = 0; k <= WORDS; k++) {
        if (bits) {
            return word * 64 + (size_t)__builtin_ctzll(bits);
        }
        word = (word + 1) % WORDS;
        bits = c->occupied[word];
    }
    return RING;
}

ebb_tick ebb_calendar_next(const struct ebb_calendar *c)
{
    size_t from = (size_t)(c->now % RING);
    size_t slot = next_slot(c, from);
    if (slot < RING) {
        return c->now + (slot + RING - from) % RING;
    }
    return c->n_far > 0 ? c->far[0].tick : EBB_TICK_NEVER;
}

ebb_status ebb_calendar_pop(struct ebb_calendar *c, ebb_tick tick,
                            const uint64_t **entries, size_t *n)
{
    assert(tick >= c->now && ebb_calendar_next(c) >= tick);
    c->now = tick;
    while (c->n_far > 0 && c->far[0].tick - tick < RING) {
        EBB_TRY(push_near(c, c->far[0].tick, c->far[0].entry));
        drop_first_far(c);
    }
    size_t slot = (size_t)(tick % RING);
    struct bucket given = c->ring[slot];
    c->taken.n = 0;
    c->ring[slot] = c->taken;
    c->taken = given;
    c->occupied[slot / 64] &= ~((uint64_t)1 << slot % 64);
    c->size -= given.n;
    *entries = given.entry;
    *n = given.n;
    return EBB_OK;
}

void ebb_calendar_list(const struct ebb_calendar *c,
                       struct ebb_calendar_item *out)
{
    size_t n = 0;
    for (ebb_tick ahead = 0; ahead < RING; ahead++) {
        const struct bucket *b = &c->ring[(c->now + ahead) % RING];
        for (size_t k = 0; k < b->n; k++) {
            out[n++] = (struct ebb_calendar_item){c->now + ahead, b->entry[k]};
        }
    }
    for (size_t k = 0; k < c->n_far; k++) {
        out[n++] = (struct ebb_calendar_item){c->far[k].tick, c->far[k].entry};
    }
}
