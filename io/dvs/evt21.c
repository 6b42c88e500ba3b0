/* io/dvs/evt21.c - Prophesee EVT2.1: 64-bit words of up to 32 events.
 *
 *     63..60 type   0, 1: events, darker or brighter; 8: high part of time
 *     59..54 low 6 bits of time, 53..43 first column, 42..32 row
 *     31..0  bit i: an event at column + i
 *     59..32 of type 8: bits 6..33 of time
 *
 * "legacy" files have the two halves of a word swapped. */
#include "io/dvs/percent_header.h"
#include "io/dvs/walk.h"

#include <string.h>

enum { BRIGHTER = 1, TIME_HIGH = 8, WORD = 8, EVENTS = 32, SNIFFED = 4096 };

#define TURN_US (INT64_C(1) << 34)

struct evt21_reader {
    int64_t turn, last_high, high;
    bool timed, swapped;
};

static bool evt21_matches(const struct ebb_dvs_start *start)
{
    struct ebb_percent_header h;
    ebb_percent_header_parse(&h, start->bytes, start->n);
    return strcmp(h.evt, "2.1") == 0;
}

/* How much sense do the first words make in this order of halves? Times rise
 * by little, and vectors start at a multiple of 32 with an event in them. */
static long sense(const uint8_t *b, size_t words, bool swapped)
{
    static const bool exists[16] = {[0] = true,  [1] = true,  [8] = true,
                                    [10] = true, [14] = true, [15] = true};
    long score = 0;
    uint32_t last = 0;
    bool timed = false;
    for (size_t k = 0; k < words && k < SNIFFED; k++, b += WORD) {
        uint32_t word = ebb_le32(b + (swapped ? 0 : 4));
        uint32_t mask = ebb_le32(b + (swapped ? 4 : 0));
        uint32_t high = word & 0xFFFFFFF;
        if (word >> 28 <= BRIGHTER) {
            score += mask != 0 && (word >> 11 & 31) == 0;
        } else if (word >> 28 == TIME_HIGH) {
            score += timed && high - last > 4096 ? -2 : 2;
            last = high;
            timed = true;
        } else if (!exists[word >> 28]) {
            score -= 4;
        }
    }
    return score;
}

/* Files seldom say their order of halves, but only one makes sense. */
static ebb_status evt21_open(struct ebb_dvs_reader *r)
{
    struct ebb_percent_header h;
    struct evt21_reader *s = r->state;
    size_t have;
    EBB_TRY(ebb_percent_header_take(&h, r));
    memcpy(r->about.version, "2.1", sizeof("2.1"));
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, SNIFFED * WORD, &have);
    if (h.endianness[0]) {
        s->swapped = strcmp(h.endianness, "legacy") == 0;
    } else {
        s->swapped = sense(b, have / WORD, true) > sense(b, have / WORD, false);
    }
    return EBB_OK;
}

static void put_events(struct ebb_dvs_block *out, int64_t t, uint32_t word,
                       uint32_t mask, uint32_t p)
{
    uint32_t x = word >> 11 & 0x7FF, y = word & 0x7FF;
    for (; mask; mask &= mask - 1) {
        ebb_dvs_put(out, t, x + (uint32_t)__builtin_ctz(mask), y, p);
    }
}

static void take_word(struct evt21_reader *s, const uint8_t *b,
                      struct ebb_dvs_block *out, uint64_t *skipped)
{
    uint32_t low = ebb_le32(b), word = ebb_le32(b + 4);
    if (s->swapped) {
        uint32_t other = low;
        low = word;
        word = other;
    }
    uint32_t type = word >> 28;
    if (type <= BRIGHTER) {
        if (s->timed) {
            put_events(out, s->high | (word >> 22 & 63), word, low, type);
        }
    } else if (type == TIME_HIGH) {
        int64_t high = (int64_t)(word & 0xFFFFFFF) << 6;
        s->high = ebb_dvs_unwrap(&s->turn, &s->last_high, high, TURN_US);
        s->timed = true;
    } else {
        ++*skipped;
    }
}

static ebb_status evt21_read(struct ebb_dvs_reader *r,
                             struct ebb_dvs_block *out)
{
    while (out->capacity - out->n >= EVENTS) {
        size_t have;
        const uint8_t *b = ebb_dvs_bytes_peek(&r->in, WORD, &have);
        size_t words = have / WORD, k = 0;
        if (words == 0) {
            break;
        }
        for (; k < words && out->capacity - out->n >= EVENTS; k++) {
            take_word(r->state, b + WORD * k, out, &r->about.skipped);
        }
        ebb_dvs_bytes_skip(&r->in, WORD * k);
    }
    const struct evt21_reader *s = r->state;
    r->about.turns = (uint64_t)(s->turn / TURN_US);
    return EBB_OK;
}

static size_t find_high(const struct ebb_dvs_reader *r, const uint8_t *b,
                        size_t n, int64_t *t)
{
    const struct evt21_reader *s = r->state;
    b += s->swapped ? 0 : 4;
    for (size_t k = 0; k < n; k += WORD) {
        uint32_t w = ebb_le32(b + k);
        if (w >> 28 == TIME_HIGH) {
            *t = (int64_t)(w & 0xFFFFFFF) << 6;
            return k;
        }
    }
    return n;
}

static ebb_status evt21_seek(struct ebb_dvs_reader *r, int64_t before)
{
    static const struct ebb_dvs_walk how = {
        .word = WORD, .range = TURN_US, .find = find_high, .strides = true};
    struct evt21_reader *s = r->state;
    struct ebb_dvs_clock clock;
    bool found;
    ebb_dvs_walk(r, &how, before, &clock, &found);
    if (found) {
        s->turn = clock.turn;
        s->last_high = clock.last;
    }
    return EBB_OK;
}

const struct ebb_dvs_format ebb_dvs_evt21 = {.name = "evt21",
                                             .title = "Prophesee EVT2.1",
                                             .matches = evt21_matches,
                                             .reader_bytes =
                                                 sizeof(struct evt21_reader),
                                             .open = evt21_open,
                                             .read = evt21_read,
                                             .seek = evt21_seek};
