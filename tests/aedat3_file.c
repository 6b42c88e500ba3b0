/* tests/aedat3_file.c - AEDAT 3.1 files put together from the published
 * layout. */
#include "tests/aedat3_file.h"

enum { POLARITY = 1, IMU6 = 3, TURN_BITS = 31 };

static void add_head(struct dvs_bytes *out, unsigned type, unsigned size,
                     int64_t turns, size_t n, size_t valid)
{
    const uint64_t head[] = {
        type | 1U << 16, size, 4, (uint64_t)turns, n, n, valid};
    for (size_t k = 0; k < 7; k++) {
        dvs_bytes_le(out, head[k], 4);
    }
}

static void add_event(struct dvs_bytes *out, const struct ebb_dvs_block *b,
                      size_t k, unsigned valid)
{
    dvs_bytes_le(out,
                 valid | (uint64_t)b->p[k] << 1 | (uint64_t)b->y[k] << 2 |
                     (uint64_t)b->x[k] << 17,
                 4);
    dvs_bytes_le(out, (uint64_t)b->t[k] & INT32_MAX, 4);
}

static void add_packet(struct dvs_bytes *out, const struct ebb_dvs_block *b,
                       size_t from, size_t to, bool more)
{
    size_t n = to - from;
    add_head(out, POLARITY, 8, b->t[from] >> TURN_BITS, n + more, n);
    for (size_t k = from; k < to; k++) {
        add_event(out, b, k, 1);
    }
    if (more) {
        add_event(out, b, from, 0);
        add_head(out, IMU6, 36, 0, 1, 1);
        for (size_t k = 0; k < 9; k++) {
            dvs_bytes_le(out, 1, 4);
        }
    }
}

void aedat3_file(struct dvs_bytes *out, const struct dvs_stream *s,
                 size_t packet)
{
    const struct ebb_dvs_block *b = &s->all;
    dvs_bytes_finish(out);
    dvs_bytes_text(out, "#!AER-DAT3.1\r\n#Format: RAW\r\n"
                        "#Source 1: DVS128\r\n"
                        "#Start-Time: 2016-01-01 10:00:00\r\n"
                        "#!END-HEADER\r\n");
    for (size_t from = 0, to, n = 0; from < b->n; from = to, n++) {
        to = from;
        while (to < b->n && to - from < packet &&
               b->t[to] >> TURN_BITS == b->t[from] >> TURN_BITS) {
            to++;
        }
        add_packet(out, b, from, to, n % 3 == 2);
    }
}
