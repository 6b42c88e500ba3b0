/* io/dvs/aedat3.c - AEDAT 3 (cAER, DVS128 Gesture): packets of events.
 *
 * Header of a packet, 28 bytes: i16 type, i16 source, i32 size of an event,
 * i32 offset of its time, i32 turns of 2^31 us, i32 capacity, i32 number of
 * events, i32 of valid ones.
 *
 *     an event of type 1: u32 0 valid, 1 polarity, 16..2 row, 31..17 column;
 *     i32 time, us */
#include "io/dvs/aedat_header.h"

#include <string.h>

enum { PACKET = 28, POLARITY = 1, EVENT = 8, TYPE_MAX = 127, WIDEST = 1024 };

struct packet {
    int32_t type, size, turns, capacity, number, valid;
};

struct aedat3_reader {
    uint32_t left;    /* events of the packet still to come */
    uint32_t size;    /* of one */
    int64_t base;     /* us */
    uint64_t packets; /* of pixels, so far */
    uint64_t spare;   /* bytes of the packet's unused places, if it has them */
};

static bool aedat3_matches(const struct ebb_dvs_start *start)
{
    return ebb_aedat_starts(start, "#!AER-DAT3.");
}

static ebb_status aedat3_open(struct ebb_dvs_reader *r)
{
    char line[EBB_AEDAT_LINE];
    while (ebb_aedat_line(&r->in, line)) {
        const char *source = strstr(line, "#Source ");
        const char *name = source ? strchr(source, ':') : NULL;
        if (strncmp(line, "#!AER-DAT", 9) == 0) {
            snprintf(r->about.version, sizeof(r->about.version), "%.8s",
                     line + 9);
        } else if (strcmp(line, "#!END-HEADER") == 0) {
            break;
        } else if (name && !r->about.device[0]) {
            ebb_aedat_sensor(&r->about, name + 1 + strspn(name + 1, " "));
        }
    }
    return ebb_aedat_is_cut(&r->in)
               ? EBB_FAIL(EBB_ERR_FORMAT, "the file ends in its header")
               : EBB_OK;
}

static struct packet parse(const uint8_t *b)
{
    return (struct packet){.type = (int32_t)ebb_le16(b),
                           .size = (int32_t)ebb_le32(b + 4),
                           .turns = (int32_t)ebb_le32(b + 12),
                           .capacity = (int32_t)ebb_le32(b + 16),
                           .number = (int32_t)ebb_le32(b + 20),
                           .valid = (int32_t)ebb_le32(b + 24)};
}

static bool is_plausible(const struct packet *p)
{
    return p->type <= TYPE_MAX && p->size > 0 && p->turns >= 0 &&
           p->number >= 0 && p->capacity >= p->number && p->valid >= 0 &&
           p->valid <= p->number &&
           (p->type != POLARITY || (p->size >= EVENT && p->size <= WIDEST));
}

/* Writers leave the unused places of a packet out, or do not; what comes next
 * tells. */
static const uint8_t *find_packet(struct ebb_dvs_reader *r, size_t *have)
{
    struct aedat3_reader *s = r->state;
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, PACKET, have);
    if (s->spare && *have >= PACKET) {
        struct packet p = parse(b);
        if (!is_plausible(&p)) {
            ebb_dvs_bytes_skip(&r->in, s->spare);
            b = ebb_dvs_bytes_peek(&r->in, PACKET, have);
        }
    }
    s->spare = 0;
    return b;
}

/* Go on to the next packet of pixels; none is left where the file ends. */
static ebb_status next_packet(struct ebb_dvs_reader *r)
{
    struct aedat3_reader *s = r->state;
    while (s->left == 0) {
        size_t have;
        const uint8_t *b = find_packet(r, &have);
        if (have < PACKET) {
            return EBB_OK;
        }
        struct packet p = parse(b);
        if (!is_plausible(&p)) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "no packet at byte %llu (type %d, %d events of %d "
                            "bytes); the file is damaged from there on",
                            (unsigned long long)r->in.passed, p.type, p.number,
                            p.size);
        }
        ebb_dvs_bytes_skip(&r->in, PACKET);
        s->spare = (uint64_t)(p.capacity - p.number) * (uint32_t)p.size;
        if (p.type != POLARITY) {
            r->about.skipped += (uint32_t)p.number;
            ebb_dvs_bytes_skip(&r->in, (uint64_t)p.number * (uint32_t)p.size);
            continue;
        }
        s->left = (uint32_t)p.number;
        s->size = (uint32_t)p.size;
        int64_t base = (int64_t)p.turns << 31;
        r->about.turns += s->packets > 0 && base > s->base;
        s->packets++;
        s->base = base;
    }
    return EBB_OK;
}

static void take(struct ebb_dvs_reader *r, const uint8_t *b, size_t n,
                 struct ebb_dvs_block *out)
{
    const struct aedat3_reader *s = r->state;
    for (size_t k = 0; k < n; k++, b += s->size) {
        uint32_t w = ebb_le32(b);
        int64_t t = s->base | (ebb_le32(b + 4) & INT32_MAX);
        if (w & 1) {
            ebb_dvs_put(out, t, w >> 17, w >> 2 & 0x7FFF, w >> 1 & 1);
        } else {
            r->about.skipped++;
        }
    }
}

static ebb_status aedat3_read(struct ebb_dvs_reader *r,
                              struct ebb_dvs_block *out)
{
    struct aedat3_reader *s = r->state;
    while (out->n < out->capacity) {
        EBB_TRY(next_packet(r));
        if (s->left == 0) {
            return EBB_OK;
        }
        size_t have, room = out->capacity - out->n;
        const uint8_t *b = ebb_dvs_bytes_peek(&r->in, s->size, &have);
        size_t n = have / s->size;
        n = n < s->left ? n : s->left;
        n = n < room ? n : room;
        if (n == 0) {
            return EBB_OK; /* cut within a packet */
        }
        take(r, b, n, out);
        ebb_dvs_bytes_skip(&r->in, n * s->size);
        s->left -= (uint32_t)n;
    }
    return EBB_OK;
}

/* Time of the packet's first valid event; false: it has none at hand. */
static bool first_time(struct ebb_dvs_reader *r, int64_t *t)
{
    const struct aedat3_reader *s = r->state;
    size_t have;
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, s->size, &have);
    for (size_t k = 0; k < s->left && (k + 1) * s->size <= have; k++) {
        if (ebb_le32(b + k * s->size) & 1) {
            *t = s->base | (ebb_le32(b + k * s->size + 4) & INT32_MAX);
            return true;
        }
    }
    return false;
}

/* From packet to packet by their headers, to the last one that begins before
 * `before`. What is damaged is found again by whoever reads on. */
static ebb_status aedat3_seek(struct ebb_dvs_reader *r, int64_t before)
{
    struct aedat3_reader *s = r->state, best = *s;
    const struct ebb_dvs_about about = r->about;
    uint64_t at = r->in.passed;
    int64_t t = INT64_MIN;
    while (t < before && next_packet(r) == EBB_OK && s->left > 0) {
        if (first_time(r, &t) && t < before) {
            best = *s;
            at = r->in.passed;
        }
        ebb_dvs_bytes_skip(&r->in, (uint64_t)s->left * s->size);
        s->left = 0;
    }
    *s = best;
    r->about = about;
    ebb_dvs_bytes_goto(&r->in, at);
    return EBB_OK;
}

const struct ebb_dvs_format ebb_dvs_aedat3 = {.name = "aedat3",
                                              .title = "AEDAT 3",
                                              .matches = aedat3_matches,
                                              .reader_bytes =
                                                  sizeof(struct aedat3_reader),
                                              .open = aedat3_open,
                                              .read = aedat3_read,
                                              .seek = aedat3_seek};
