/* tools/bench/unpack_loop.c - the bare loops that `bench io` is held
 * against. */
#include "tools/bench/unpack_loop.h"

#include <string.h>

static inline uint32_t load32(const uint8_t *b)
{
    uint32_t w;
    memcpy(&w, b, sizeof(w));
    return w;
}

void ebb_bare_unpack_dat(struct ebb_bare_unpack *s, struct ebb_dvs_block *out)
{
    int64_t *restrict t = out->t;
    uint16_t *restrict x = out->x, *restrict y = out->y;
    uint8_t *restrict p = out->p;
    size_t n = (size_t)(s->end - s->at) / 8;
    n = n < out->capacity ? n : out->capacity;
    for (size_t k = 0; k < n; k++) {
        uint32_t w = load32(s->at + 8 * k + 4);
        t[k] = load32(s->at + 8 * k);
        x[k] = (uint16_t)(w & 0x3FFF);
        y[k] = (uint16_t)(w >> 14 & 0x3FFF);
        p[k] = (uint8_t)(w >> 28 & 1);
    }
    s->at += 8 * n;
    out->n = n;
}

void ebb_bare_unpack_evt2(struct ebb_bare_unpack *s, struct ebb_dvs_block *out)
{
    int64_t *restrict t = out->t, high = s->high;
    uint16_t *restrict x = out->x, *restrict y = out->y;
    uint8_t *restrict p = out->p;
    size_t n = 0;
    const uint8_t *b = s->at;
    for (; s->end - b >= 4 && n < out->capacity; b += 4) {
        uint32_t w = load32(b), type = w >> 28;
        if (type <= 1) {
            t[n] = high | (w >> 22 & 63);
            x[n] = (uint16_t)(w >> 11 & 0x7FF);
            y[n] = (uint16_t)(w & 0x7FF);
            p[n++] = (uint8_t)type;
        } else if (type == 8) {
            high = (int64_t)(w & 0xFFFFFFF) << 6;
        }
    }
    s->at = b;
    s->high = high;
    out->n = n;
}

void ebb_bare_unpack_evt3(struct ebb_bare_unpack *s, struct ebb_dvs_block *out)
{
    int64_t *restrict t = out->t, high = s->high, now = s->t;
    uint16_t *restrict x = out->x, *restrict y = out->y;
    uint8_t *restrict p = out->p;
    uint32_t row = s->y;
    size_t n = 0;
    const uint8_t *b = s->at;
    for (; s->end - b >= 2 && n < out->capacity; b += 2) {
        uint32_t w = (uint32_t)b[0] | (uint32_t)b[1] << 8;
        switch (w >> 12) {
        case 0:
            row = w & 0x7FF;
            break;
        case 2:
            t[n] = now;
            x[n] = (uint16_t)(w & 0x7FF);
            y[n] = (uint16_t)row;
            p[n++] = (uint8_t)(w >> 11 & 1);
            break;
        case 6:
            now = high | (w & 0xFFF);
            break;
        case 8:
            high = (int64_t)(w & 0xFFF) << 12;
            break;
        default:
            break;
        }
    }
    s->at = b;
    s->high = high;
    s->t = now;
    s->y = row;
    out->n = n;
}

void ebb_bare_unpack_nmnist(struct ebb_bare_unpack *s,
                            struct ebb_dvs_block *out)
{
    int64_t *restrict t = out->t;
    uint16_t *restrict x = out->x, *restrict y = out->y;
    uint8_t *restrict p = out->p;
    size_t n = (size_t)(s->end - s->at) / 5;
    n = n < out->capacity ? n : out->capacity;
    const uint8_t *b = s->at;
    for (size_t k = 0; k < n; k++, b += 5) {
        t[k] = (int64_t)(b[2] & 0x7F) << 16 | (int64_t)b[3] << 8 | b[4];
        x[k] = b[0];
        y[k] = b[1];
        p[k] = b[2] >> 7;
    }
    s->at = b;
    out->n = n;
}
