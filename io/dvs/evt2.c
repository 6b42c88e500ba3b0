/* io/dvs/evt2.c - Prophesee EVT2: 32-bit words, time in two pieces.
 *
 *     31..28 type   0, 1: event, darker or brighter; 8: high part of time
 *     27..22 low 6 bits of time, 21..11 column, 10..0 row
 *     27..0  of type 8: bits 6..33 of time */
#include "io/dvs/percent_header.h"
#include "io/dvs/walk.h"

#include <string.h>

enum { DARKER = 0, BRIGHTER = 1, TIME_HIGH = 8, WORD = 4 };

#define TURN_US (INT64_C(1) << 34)
static const uint32_t high_max = 0xFFFFFFF;

/* Steps back shorter than this are the sensor's jitter. */
enum { JITTER_US = 10000 };

struct evt2_reader {
    int64_t turn, last_high; /* of the counter */
    int64_t high;            /* us, turns included */
    int64_t last;            /* time of the latest event */
    bool timed;              /* a high part has come */
};

struct evt2_writer {
    int64_t high; /* time >> 6 of the last high word; -1: none */
};

static bool evt2_matches(const struct ebb_dvs_start *start)
{
    struct ebb_percent_header h;
    ebb_percent_header_parse(&h, start->bytes, start->n);
    return strcmp(h.evt, "2.0") == 0;
}

static ebb_status evt2_open(struct ebb_dvs_reader *r)
{
    struct ebb_percent_header h;
    struct evt2_reader *s = r->state;
    EBB_TRY(ebb_percent_header_take(&h, r));
    memcpy(r->about.version, "2.0", sizeof("2.0"));
    s->last = INT64_MIN;
    return EBB_OK;
}

/* Words until all are used or `out` is full; returns how many. */
static size_t unpack(struct evt2_reader *state, const uint8_t *bytes, size_t n,
                     struct ebb_dvs_block *out, uint64_t *skipped)
{
    struct evt2_reader s = *state; /* copies that stay in registers */
    struct ebb_dvs_block o = *out;
    size_t k = 0;
    for (; k < n && o.n < o.capacity; k++) {
        uint32_t w = ebb_le32(bytes + WORD * k), type = w >> 28;
        if (type <= BRIGHTER) {
            int64_t t = s.high | (w >> 22 & 63);
            t = t < s.last && s.last - t < JITTER_US ? s.last : t;
            if (s.timed) {
                s.last = t;
                ebb_dvs_put(&o, t, w >> 11 & 0x7FF, w & 0x7FF, type);
            }
        } else if (type == TIME_HIGH) {
            s.high = ebb_dvs_unwrap(&s.turn, &s.last_high,
                                    (int64_t)(w & high_max) << 6, TURN_US);
            s.timed = true;
        } else {
            ++*skipped;
        }
    }
    *state = s;
    out->n = o.n;
    return k;
}

static ebb_status evt2_read(struct ebb_dvs_reader *r, struct ebb_dvs_block *out)
{
    size_t have = WORD;
    while (out->n < out->capacity && have >= WORD) {
        const uint8_t *b = ebb_dvs_bytes_peek(&r->in, WORD, &have);
        size_t used = unpack(r->state, b, have / WORD, out, &r->about.skipped);
        ebb_dvs_bytes_skip(&r->in, used * WORD);
    }
    const struct evt2_reader *s = r->state;
    r->about.turns = (uint64_t)(s->turn / TURN_US);
    return EBB_OK;
}

static size_t find_high(const struct ebb_dvs_reader *r, const uint8_t *b,
                        size_t n, int64_t *t)
{
    (void)r;
    for (size_t k = 0; k < n; k += WORD) {
        uint32_t w = ebb_le32(b + k);
        if (w >> 28 == TIME_HIGH) {
            *t = (int64_t)(w & high_max) << 6;
            return k;
        }
    }
    return n;
}

static ebb_status evt2_seek(struct ebb_dvs_reader *r, int64_t before)
{
    static const struct ebb_dvs_walk how = {
        .word = WORD, .range = TURN_US, .find = find_high, .strides = true};
    struct evt2_reader *s = r->state;
    struct ebb_dvs_clock clock;
    bool found;
    ebb_dvs_walk(r, &how, before, &clock, &found);
    if (found) {
        s->turn = clock.turn;
        s->last_high = clock.last;
    }
    return EBB_OK;
}

static ebb_status evt2_begin(struct ebb_dvs_writer *w)
{
    struct evt2_writer *s = w->state;
    s->high = -1;
    ebb_dvs_out_text(w, "%% evt 2.0\n");
    if (w->about.width) {
        ebb_dvs_out_text(w,
                         "%% format EVT2;height=%u;width=%u\n"
                         "%% geometry %ux%u\n",
                         w->about.height, w->about.width, w->about.width,
                         w->about.height);
    }
    ebb_dvs_out_text(w, "%% end\n");
    return EBB_OK;
}

static void put_high(struct ebb_dvs_writer *w, uint32_t high)
{
    ebb_dvs_out_le(w, (uint32_t)TIME_HIGH << 28 | high, WORD);
}

/* Every turn of the counter shows, however long nothing happened. */
static void put_time(struct ebb_dvs_writer *w, struct evt2_writer *s,
                     int64_t high)
{
    int64_t turn = s->high < 0 ? 0 : s->high >> 28;
    for (; turn < high >> 28; turn++) {
        put_high(w, high_max);
        put_high(w, 0);
    }
    put_high(w, (uint32_t)high & high_max);
    s->high = high;
}

static ebb_status evt2_write(struct ebb_dvs_writer *w,
                             const struct ebb_dvs_block *b)
{
    struct evt2_writer *s = w->state;
    for (size_t k = 0; k < b->n; k++) {
        if (b->t[k] >> 6 != s->high) {
            put_time(w, s, b->t[k] >> 6);
        }
        uint32_t type = b->p[k] ? BRIGHTER : DARKER;
        ebb_dvs_out_le(w,
                       type << 28 | ((uint32_t)b->t[k] & 63) << 22 |
                           (uint32_t)b->x[k] << 11 | b->y[k],
                       WORD);
    }
    return EBB_OK;
}

const struct ebb_dvs_format ebb_dvs_evt2 = {
    .name = "evt2",
    .title = "Prophesee EVT2",
    .matches = evt2_matches,
    .reader_bytes = sizeof(struct evt2_reader),
    .open = evt2_open,
    .ready = ebb_percent_header_ready,
    .read = evt2_read,
    .seek = evt2_seek,
    .writer_bytes = sizeof(struct evt2_writer),
    .rising = true,
    .side_max = 0x7FF,
    .t_max = (INT64_C(1) << 44) - 1, /* 203 days: 1024 turns */
    .begin = evt2_begin,
    .write = evt2_write};
