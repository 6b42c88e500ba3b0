/* io/dvs/nmnist.c - N-MNIST, N-Caltech101 (.bin), SLAYER (.bs2): 5 bytes.
 *
 *     column, row, then big-endian: polarity in the top bit, time in 23 bits
 *
 * A row of 240 marks that all times that follow are 2^13 us later. Files
 * longer than 8.4 s without such marks let the 23 bits go round. */
#include "io/dvs/format.h"

enum {
    RECORD = 5,
    MARK_ROW = 240,
    MARK_US = 1 << 13,
    RANGE_US = 1 << 23,
    SNIFFED = 4096,
    SURE = 16
};

struct nmnist_reader {
    int64_t turn, last, marks;
};

struct nmnist_writer {
    int64_t marks; /* us that the marks so far add */
};

static uint32_t time_of(const uint8_t *b)
{
    return (uint32_t)(b[2] & 0x7F) << 16 | (uint32_t)b[3] << 8 | b[4];
}

/* There is no first word; but times rise, which they do not elsewhere. */
static bool nmnist_matches(const struct ebb_dvs_start *start)
{
    size_t records = start->n / RECORD, falls = 0;
    uint32_t last = 0;
    records = records < SNIFFED ? records : SNIFFED;
    for (size_t k = 0; k < records; k++) {
        const uint8_t *b = start->bytes + RECORD * k;
        uint32_t t = time_of(b);
        falls += b[1] != MARK_ROW && t < last;
        last = b[1] != MARK_ROW ? t : last;
    }
    bool named =
        ebb_dvs_ends(start->name, ".bin") || ebb_dvs_ends(start->name, ".bs2");
    return records > 0 && falls * 50 <= records &&
           (named || (records >= SURE && last > 0));
}

static ebb_status nmnist_open(struct ebb_dvs_reader *r)
{
    (void)r;
    return EBB_OK;
}

/* Records until all are used or `out` is full; returns how many. */
static size_t unpack(struct nmnist_reader *state, const uint8_t *b, size_t n,
                     struct ebb_dvs_block *out)
{
    struct nmnist_reader s = *state;
    struct ebb_dvs_block o = *out;
    size_t k = 0;
    for (; k < n && o.n < o.capacity; k++, b += RECORD) {
        if (b[1] == MARK_ROW) {
            s.marks += MARK_US;
            continue;
        }
        int64_t t =
            ebb_dvs_unwrap(&s.turn, &s.last, (int64_t)time_of(b), RANGE_US);
        ebb_dvs_put(&o, s.marks + t, b[0], b[1], b[2] >> 7);
    }
    *state = s;
    out->n = o.n;
    return k;
}

static ebb_status nmnist_read(struct ebb_dvs_reader *r,
                              struct ebb_dvs_block *out)
{
    size_t have = RECORD;
    while (out->n < out->capacity && have >= RECORD) {
        const uint8_t *b = ebb_dvs_bytes_peek(&r->in, RECORD, &have);
        size_t used = unpack(r->state, b, have / RECORD, out);
        ebb_dvs_bytes_skip(&r->in, used * RECORD);
    }
    const struct nmnist_reader *s = r->state;
    r->about.turns = (uint64_t)(s->turn / RANGE_US);
    return EBB_OK;
}

static ebb_status nmnist_begin(struct ebb_dvs_writer *w)
{
    (void)w;
    return EBB_OK;
}

static void put(struct ebb_dvs_writer *w, uint32_t x, uint32_t y, uint32_t p,
                uint32_t t)
{
    uint8_t *to = ebb_dvs_out(w, RECORD);
    to[0] = (uint8_t)x;
    to[1] = (uint8_t)y;
    to[2] = (uint8_t)(p << 7 | t >> 16);
    to[3] = (uint8_t)(t >> 8);
    to[4] = (uint8_t)t;
}

static ebb_status nmnist_write(struct ebb_dvs_writer *w,
                               const struct ebb_dvs_block *b)
{
    struct nmnist_writer *s = w->state;
    for (size_t k = 0; k < b->n; k++) {
        if (b->y[k] == MARK_ROW) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "an event in row 240, which marks time in %s; "
                            "cut a piece out (--crop), make the picture "
                            "smaller (--shrink), or choose another format",
                            w->format->title);
        }
        while (b->t[k] - s->marks >= RANGE_US) {
            put(w, 0, MARK_ROW, 0, RANGE_US - 1);
            s->marks += MARK_US;
        }
        put(w, b->x[k], b->y[k], b->p[k] ? 1 : 0,
            (uint32_t)(b->t[k] - s->marks));
    }
    return EBB_OK;
}

const struct ebb_dvs_format ebb_dvs_nmnist = {
    .name = "nmnist",
    .title = "N-MNIST",
    .ending = ".bin",
    .matches = nmnist_matches,
    .reader_bytes = sizeof(struct nmnist_reader),
    .open = nmnist_open,
    .read = nmnist_read,
    .writer_bytes = sizeof(struct nmnist_writer),
    .rising = true,
    .side_max = 0xFF,
    .t_max = (INT64_C(1) << 35) - 1, /* 9.5 hours: four million marks */
    .begin = nmnist_begin,
    .write = nmnist_write};
