/* io/dvs/dat.c - Prophesee DAT: 8 bytes an event.
 *
 *     u32 time, us; u32: 13..0 column, 27..14 row, 28 polarity
 *     version 1:         8..0 column, 16..9 row, 17 polarity
 *
 * Behind lines of "% key value" come a byte of type and one of record size;
 * files without lines have neither. */
#include "io/dvs/percent_header.h"
#include "io/dvs/walk.h"

#include <string.h>

enum { RECORD = 8, CD = 12, EVENT_2D = 0, SNIFFED = 4096, SURE = 16 };

#define TURN_US (INT64_C(1) << 32)

struct dat_reader {
    int64_t turn, last;
    unsigned version;
};

/* No lines: do the records look like events of a camera? */
static bool looks_bare(const struct ebb_dvs_start *start)
{
    size_t records = start->n / RECORD, odd = 0;
    uint32_t last = 0;
    records = records < SNIFFED ? records : SNIFFED;
    for (size_t k = 0; k < records; k++) {
        uint32_t t = ebb_le32(start->bytes + RECORD * k);
        uint32_t w = ebb_le32(start->bytes + RECORD * k + 4);
        odd += t < last || w >> 29 != 0 || (w & 0x3FFF) > 4095;
        last = t;
    }
    return records > 0 && odd * 50 <= records && last > 0 &&
           (records >= SURE || ebb_dvs_ends(start->name, ".dat"));
}

static bool dat_matches(const struct ebb_dvs_start *start)
{
    struct ebb_percent_header h;
    ebb_percent_header_parse(&h, start->bytes, start->n);
    return h.bytes ? h.known && !h.evt[0] : looks_bare(start);
}

static ebb_status dat_open(struct ebb_dvs_reader *r)
{
    struct ebb_percent_header h;
    struct dat_reader *s = r->state;
    EBB_TRY(ebb_percent_header_take(&h, r));
    s->version = h.version == 1 ? 1 : 2;
    snprintf(r->about.version, sizeof(r->about.version), "%u", s->version);
    if (h.bytes == 0) {
        return EBB_OK;
    }
    size_t have;
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, 2, &have);
    if (have < 2) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the file ends before its type of events");
    }
    if ((b[0] != CD && b[0] != EVENT_2D) || b[1] != RECORD) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "holds records of type %u with %u bytes; events of "
                        "pixels are of type 0 or 12 with 8",
                        b[0], b[1]);
    }
    ebb_dvs_bytes_skip(&r->in, 2);
    return EBB_OK;
}

static void unpack(struct dat_reader *state, const uint8_t *b, size_t n,
                   struct ebb_dvs_block *out)
{
    struct dat_reader s = *state;
    struct ebb_dvs_block o = *out;
    unsigned x_bits = s.version == 1 ? 9 : 14, y_bits = s.version == 1 ? 8 : 14;
    uint32_t x_mask = (1U << x_bits) - 1, y_mask = (1U << y_bits) - 1;
    for (size_t k = 0; k < n; k++, b += RECORD) {
        uint32_t w = ebb_le32(b + 4);
        int64_t t = ebb_dvs_unwrap(&s.turn, &s.last, ebb_le32(b), TURN_US);
        ebb_dvs_put(&o, t, w & x_mask, w >> x_bits & y_mask,
                    w >> (x_bits + y_bits) & 1);
    }
    *state = s;
    out->n = o.n;
}

static ebb_status dat_read(struct ebb_dvs_reader *r, struct ebb_dvs_block *out)
{
    while (out->n < out->capacity) {
        size_t have, room = out->capacity - out->n;
        const uint8_t *b = ebb_dvs_bytes_peek(&r->in, RECORD, &have);
        size_t n = have / RECORD < room ? have / RECORD : room;
        if (n == 0) {
            break;
        }
        unpack(r->state, b, n, out);
        ebb_dvs_bytes_skip(&r->in, n * RECORD);
    }
    const struct dat_reader *s = r->state;
    r->about.turns = (uint64_t)(s->turn / TURN_US);
    return EBB_OK;
}

static size_t find_time(const struct ebb_dvs_reader *r, const uint8_t *b,
                        size_t n, int64_t *t)
{
    (void)r;
    if (n >= RECORD) {
        *t = ebb_le32(b);
        return 0;
    }
    return n;
}

static ebb_status dat_seek(struct ebb_dvs_reader *r, int64_t before)
{
    static const struct ebb_dvs_walk how = {
        .word = RECORD, .range = TURN_US, .find = find_time, .strides = true};
    struct dat_reader *s = r->state;
    struct ebb_dvs_clock clock;
    bool found;
    ebb_dvs_walk(r, &how, before, &clock, &found);
    if (found) {
        s->turn = clock.turn;
        s->last = clock.last;
    }
    return EBB_OK;
}

static ebb_status dat_begin(struct ebb_dvs_writer *w)
{
    ebb_dvs_out_text(w, "%% Version 2\n");
    if (w->about.width) {
        ebb_dvs_out_text(w, "%% Width %u\n%% Height %u\n", w->about.width,
                         w->about.height);
    }
    ebb_dvs_out_le(w, CD | RECORD << 8, 2);
    return EBB_OK;
}

static ebb_status dat_write(struct ebb_dvs_writer *w,
                            const struct ebb_dvs_block *b)
{
    int64_t *last = w->state;
    for (size_t k = 0; k < b->n; k++) {
        if (b->t[k] - *last >= TURN_US / 2) {
            return ebb_dvs_too_far(w, b->t[k]); /* a turn would not show */
        }
        *last = b->t[k];
        ebb_dvs_out_le(w, (uint32_t)b->t[k], 4);
        ebb_dvs_out_le(w,
                       (uint32_t)b->x[k] | (uint32_t)b->y[k] << 14 |
                           (b->p[k] ? 1U << 28 : 0),
                       4);
    }
    return EBB_OK;
}

const struct ebb_dvs_format ebb_dvs_dat = {.name = "dat",
                                           .title = "Prophesee DAT",
                                           .ending = ".dat",
                                           .matches = dat_matches,
                                           .reader_bytes =
                                               sizeof(struct dat_reader),
                                           .open = dat_open,
                                           .read = dat_read,
                                           .seek = dat_seek,
                                           .writer_bytes = sizeof(int64_t),
                                           .rising = true,
                                           .side_max = 0x3FFF,
                                           .t_max = INT64_MAX - 1,
                                           .begin = dat_begin,
                                           .write = dat_write};
