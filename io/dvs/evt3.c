/* io/dvs/evt3.c - Prophesee EVT3: 16-bit words that change a state.
 *
 *     15..12 type
 *      0  row in 10..0              2  an event: column 10..0, polarity 11
 *      3  first column and polarity of the vectors that follow
 *      4  vector of 12 events       5  vector of 8: bit i, an event at i
 *      6  time, bits 11..0          8  time, bits 23..12
 *
 * Time goes round every 16.8 s. Its low part may step back a little with no
 * turn: that is jitter, and taken as it is. */
#include "io/dvs/percent_header.h"
#include "io/dvs/walk.h"

#include <string.h>

enum {
    ROW = 0,
    COLUMN = 2,
    VECTOR_BASE = 3,
    VECTOR_12 = 4,
    VECTOR_8 = 5,
    TIME_LOW = 6,
    TIME_HIGH = 8,
    WORD = 2,
    VECTOR = 12, /* events of the longest */
    SCANNED = 64,
    PIECE = 1 << 16,
    LOW_12 = 0xFFF,
    TURN_US = 1 << 24
};

struct evt3_reader {
    int64_t turn, last_high;
    int64_t high; /* us, turns included */
    int64_t t;
    uint32_t x, y, p;
    bool timed; /* a high part has come */
};

struct evt3_writer {
    int64_t high; /* time >> 12 of the last high word; -1: none */
    int32_t low, y;
};

static bool evt3_matches(const struct ebb_dvs_start *start)
{
    struct ebb_percent_header h;
    ebb_percent_header_parse(&h, start->bytes, start->n);
    return strcmp(h.evt, "3.0") == 0;
}

static ebb_status evt3_open(struct ebb_dvs_reader *r)
{
    struct ebb_percent_header h;
    EBB_TRY(ebb_percent_header_take(&h, r));
    memcpy(r->about.version, "3.0", sizeof("3.0"));
    return EBB_OK;
}

static void take_high(struct evt3_reader *s, uint32_t word)
{
    int64_t high = s->high;
    s->high = ebb_dvs_unwrap(&s->turn, &s->last_high,
                             (int64_t)(word & LOW_12) << 12, TURN_US);
    if (!s->timed || s->high != high) {
        s->t = s->high; /* until the next low part */
    }
    s->timed = true;
}

static inline void put_vector(struct evt3_reader *s, struct ebb_dvs_block *out,
                              uint32_t mask, uint32_t width)
{
    for (; mask && s->timed; mask &= mask - 1) {
        uint32_t x = s->x + (uint32_t)__builtin_ctz(mask);
        ebb_dvs_put(out, s->t, x, s->y, s->p);
    }
    s->x = (s->x + width) & 0xFFFF;
}

/* Words until all are used or `out` may be full; returns how many. */
static size_t unpack(struct evt3_reader *state, const uint8_t *bytes, size_t n,
                     struct ebb_dvs_block *out, uint64_t *skipped)
{
    struct evt3_reader s = *state; /* copies that stay in registers */
    struct ebb_dvs_block o = *out;
    size_t k = 0;
    for (; k < n && o.capacity - o.n >= VECTOR; k++) {
        uint32_t w = ebb_le16(bytes + WORD * k);
        switch (w >> 12) {
        case ROW:
            s.y = w & 0x7FF;
            break;
        case COLUMN:
            if (s.timed) {
                ebb_dvs_put(&o, s.t, w & 0x7FF, s.y, w >> 11 & 1);
            }
            break;
        case VECTOR_BASE:
            s.x = w & 0x7FF;
            s.p = w >> 11 & 1;
            break;
        case VECTOR_12:
            put_vector(&s, &o, w & LOW_12, 12);
            break;
        case VECTOR_8:
            put_vector(&s, &o, w & 0xFF, 8);
            break;
        case TIME_LOW:
            s.t = s.high | (w & LOW_12);
            break;
        case TIME_HIGH:
            take_high(&s, w);
            break;
        default: /* triggers, and what the vendor keeps to itself */
            ++*skipped;
        }
    }
    *state = s;
    out->n = o.n;
    return k;
}

static ebb_status evt3_read(struct ebb_dvs_reader *r, struct ebb_dvs_block *out)
{
    size_t have = WORD;
    while (out->capacity - out->n >= VECTOR && have >= WORD) {
        const uint8_t *b = ebb_dvs_bytes_peek(&r->in, WORD, &have);
        size_t used = unpack(r->state, b, have / WORD, out, &r->about.skipped);
        ebb_dvs_bytes_skip(&r->in, used * WORD);
    }
    const struct evt3_reader *s = r->state;
    r->about.turns = (uint64_t)(s->turn / TURN_US);
    return EBB_OK;
}

/* Is one of these words a high part of time? No branch: it vectorises. */
static bool has_high(const uint8_t *b)
{
    uint32_t any = 0;
    for (size_t k = 0; k < SCANNED; k++) {
        any |= (b[WORD * k + 1] & 0xF0) == TIME_HIGH << 4;
    }
    return any != 0;
}

static size_t find_high(const struct ebb_dvs_reader *r, const uint8_t *b,
                        size_t n, int64_t *t)
{
    size_t k = 0;
    (void)r;
    while (n - k >= SCANNED * WORD && !has_high(b + k)) {
        k += SCANNED * WORD;
    }
    for (; k < n; k += WORD) {
        uint32_t w = ebb_le16(b + k);
        if (w >> 12 == TIME_HIGH) {
            *t = (int64_t)(w & LOW_12) << 12;
            return k;
        }
    }
    return n;
}

/* Row, column and polarity as the words before `at` have left them. */
static void find_state(struct ebb_dvs_reader *r, uint64_t start, uint64_t at)
{
    struct evt3_reader *s = r->state;
    uint32_t passed = 0; /* columns of vectors behind their base */
    bool row = false, base = false;
    while (at > start && !(row && base)) {
        size_t have, n = at - start < PIECE ? (size_t)(at - start) : PIECE;
        at -= n;
        ebb_dvs_bytes_goto(&r->in, at);
        const uint8_t *b = ebb_dvs_bytes_peek(&r->in, n, &have);
        for (size_t k = have < n ? 0 : n; k > 0 && !(row && base);) {
            k -= WORD;
            uint32_t w = ebb_le16(b + k), type = w >> 12;
            if (type == ROW && !row) {
                s->y = w & 0x7FF;
                row = true;
            } else if (type == VECTOR_BASE && !base) {
                s->x = ((w & 0x7FF) + passed) & 0xFFFF;
                s->p = w >> 11 & 1;
                base = true;
            } else if (!base && (type == VECTOR_12 || type == VECTOR_8)) {
                passed += type == VECTOR_12 ? 12 : 8;
            }
        }
    }
    s->x = base ? s->x : passed & 0xFFFF; /* from 0, as at the start */
}

/* Time goes round so soon that every high part of it has to be looked at. */
static ebb_status evt3_seek(struct ebb_dvs_reader *r, int64_t before)
{
    static const struct ebb_dvs_walk how = {
        .word = WORD, .range = TURN_US, .find = find_high};
    struct evt3_reader *s = r->state;
    struct ebb_dvs_clock clock;
    uint64_t start = r->in.passed;
    bool found;
    ebb_dvs_walk(r, &how, before, &clock, &found);
    if (found) {
        uint64_t at = r->in.passed;
        find_state(r, start, at);
        ebb_dvs_bytes_goto(&r->in, at);
        s->turn = clock.turn;
        s->last_high = clock.last;
    }
    return EBB_OK;
}

static ebb_status evt3_begin(struct ebb_dvs_writer *w)
{
    struct evt3_writer *s = w->state;
    *s = (struct evt3_writer){.high = -1, .low = -1, .y = -1};
    ebb_dvs_out_text(w, "%% evt 3.0\n");
    if (w->about.width) {
        ebb_dvs_out_text(w,
                         "%% format EVT3;height=%u;width=%u\n"
                         "%% geometry %ux%u\n",
                         w->about.height, w->about.width, w->about.width,
                         w->about.height);
    }
    ebb_dvs_out_text(w, "%% end\n");
    return EBB_OK;
}

static void put(struct ebb_dvs_writer *w, uint32_t type, uint32_t value)
{
    ebb_dvs_out_le(w, type << 12 | value, WORD);
}

/* Every turn of the counter shows, however long nothing happened. */
static void put_time(struct ebb_dvs_writer *w, struct evt3_writer *s, int64_t t)
{
    if (t >> 12 != s->high) {
        int64_t turn = s->high < 0 ? 0 : s->high >> 12;
        for (; turn < t >> 24; turn++) {
            put(w, TIME_HIGH, LOW_12);
            put(w, TIME_HIGH, 0);
        }
        put(w, TIME_HIGH, (uint32_t)(t >> 12) & LOW_12);
        s->high = t >> 12;
        s->low = -1;
    }
    if ((t & LOW_12) != s->low) {
        s->low = (int32_t)(t & LOW_12);
        put(w, TIME_LOW, (uint32_t)s->low);
    }
}

static ebb_status evt3_write(struct ebb_dvs_writer *w,
                             const struct ebb_dvs_block *b)
{
    struct evt3_writer *s = w->state;
    for (size_t k = 0; k < b->n; k++) {
        if (b->t[k] >> 24 < s->high >> 12) {
            return ebb_dvs_too_far(w, b->t[k]);
        }
        put_time(w, s, b->t[k]);
        if (b->y[k] != s->y) {
            s->y = b->y[k];
            put(w, ROW, (uint32_t)s->y);
        }
        put(w, COLUMN, (b->p[k] ? 0x800U : 0) | b->x[k]);
    }
    return EBB_OK;
}

const struct ebb_dvs_format ebb_dvs_evt3 = {
    .name = "evt3",
    .title = "Prophesee EVT3",
    .ending = ".raw",
    .matches = evt3_matches,
    .reader_bytes = sizeof(struct evt3_reader),
    .open = evt3_open,
    .ready = ebb_percent_header_ready,
    .read = evt3_read,
    .seek = evt3_seek,
    .writer_bytes = sizeof(struct evt3_writer),
    .side_max = 0x7FF,
    .t_max = (INT64_C(1) << 44) - 1, /* 203 days: a million turns */
    .begin = evt3_begin,
    .write = evt3_write};
