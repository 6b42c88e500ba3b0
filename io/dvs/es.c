/* io/dvs/es.c - Event Stream: what passed since the event before, in a byte.
 *
 *     "Event Stream", version (3 bytes), type (1: DVS), u16 width, height
 *     byte: 7..1 us since the last one, 0 polarity; u16 column, u16 row
 *     0xFF alone: 127 us pass; 0xFE alone: nothing */
#include "io/dvs/format.h"

#include <string.h>

enum {
    MAGIC = 12,
    HEADER = 16,
    SIZED = 20, /* header with width and height */
    DVS = 1,
    RECORD = 5,
    PAUSE = 0xFF,
    RESET = 0xFE,
    PAUSE_US = 127
};

static const int64_t silence_max = INT64_C(1) << 31; /* us; 17 MB of bytes */

struct es_reader {
    int64_t t;
};

static bool es_matches(const struct ebb_dvs_start *start)
{
    return start->n >= MAGIC &&
           memcmp(start->bytes, "Event Stream", MAGIC) == 0;
}

static ebb_status es_open(struct ebb_dvs_reader *r)
{
    static const char *const types[] = {"generic", "DVS", "ATIS",
                                        "asynchronous", "colour"};
    size_t have;
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, SIZED, &have);
    if (have < HEADER) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file ends in its header");
    }
    unsigned type = b[15];
    snprintf(r->about.version, sizeof(r->about.version), "%u.%u.%u", b[12],
             b[13], b[14]);
    if (b[12] != 2) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "version %s of Event Stream; version 2 is read",
                        r->about.version);
    }
    if (type != DVS) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "an Event Stream of type %u (%s); type 1 (DVS) is "
                        "read",
                        type, type < 5 ? types[type] : "unknown");
    }
    if (have < SIZED) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file ends in its header");
    }
    r->about.width = ebb_le16(b + 16);
    r->about.height = ebb_le16(b + 18);
    ebb_dvs_bytes_skip(&r->in, SIZED);
    return EBB_OK;
}

static bool es_ready(struct ebb_dvs_reader *r)
{
    return r->in.n - r->in.at >= SIZED;
}

/* Bytes until all are used or `out` is full; returns how many. */
static size_t unpack(struct es_reader *s, const uint8_t *b, size_t n,
                     struct ebb_dvs_block *out)
{
    size_t k = 0;
    while (k < n && out->n < out->capacity) {
        if (b[k] == PAUSE) {
            s->t += PAUSE_US;
            k++;
        } else if (b[k] == RESET) {
            k++;
        } else if (n - k < RECORD) {
            break;
        } else {
            s->t += b[k] >> 1;
            ebb_dvs_put(out, s->t, ebb_le16(b + k + 1), ebb_le16(b + k + 3),
                        b[k] & 1);
            k += RECORD;
        }
    }
    return k;
}

static ebb_status es_read(struct ebb_dvs_reader *r, struct ebb_dvs_block *out)
{
    while (out->n < out->capacity) {
        size_t have;
        const uint8_t *b = ebb_dvs_bytes_peek(&r->in, RECORD, &have);
        size_t used = unpack(r->state, b, have, out);
        if (used == 0) {
            break;
        }
        ebb_dvs_bytes_skip(&r->in, used);
    }
    return EBB_OK;
}

static ebb_status es_begin(struct ebb_dvs_writer *w)
{
    ebb_dvs_out_text(w, "Event Stream");
    ebb_dvs_out_le(w, 2 | DVS << 24, 4);
    ebb_dvs_out_le(w, w->about.width, 2);
    ebb_dvs_out_le(w, w->about.height, 2);
    return EBB_OK;
}

static ebb_status es_write(struct ebb_dvs_writer *w,
                           const struct ebb_dvs_block *b)
{
    int64_t *last = w->state;
    for (size_t k = 0; k < b->n; k++) {
        if (b->t[k] - *last > silence_max) {
            return ebb_dvs_too_far(w, b->t[k]);
        }
        for (; b->t[k] - *last >= PAUSE_US; *last += PAUSE_US) {
            *ebb_dvs_out(w, 1) = PAUSE;
        }
        uint32_t since = (uint32_t)(b->t[k] - *last);
        *last = b->t[k];
        ebb_dvs_out_le(w, since << 1 | (b->p[k] ? 1 : 0), 1);
        ebb_dvs_out_le(w, b->x[k], 2);
        ebb_dvs_out_le(w, b->y[k], 2);
    }
    return EBB_OK;
}

const struct ebb_dvs_format ebb_dvs_es = {.name = "es",
                                          .title = "Event Stream",
                                          .ending = ".es",
                                          .matches = es_matches,
                                          .reader_bytes =
                                              sizeof(struct es_reader),
                                          .open = es_open,
                                          .ready = es_ready,
                                          .read = es_read,
                                          .writer_bytes = sizeof(int64_t),
                                          .rising = true,
                                          .side_max = 0xFFFF,
                                          .t_max = INT64_MAX - 1,
                                          .begin = es_begin,
                                          .write = es_write};
