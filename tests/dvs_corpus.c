/* tests/dvs_corpus.c - a small file of every format of recordings. */
#include "tests/dvs_corpus.h"

#include "core/random.h"
#include "tests/aedat4_file.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 7 };

typedef void put_event(struct dvs_bytes *out, int64_t t, uint32_t x, uint32_t y,
                       uint32_t p);

static void put_evt21(struct dvs_bytes *out, int64_t t, uint32_t x, uint32_t y,
                      uint32_t p)
{
    uint64_t high = (uint64_t)t >> 6;
    dvs_bytes_le(out, UINT64_C(8) << 60 | high << 32, 8);
    dvs_bytes_le(out,
                 (uint64_t)p << 60 | ((uint64_t)t & 63) << 54 |
                     (uint64_t)(x & ~31U) << 43 | (uint64_t)y << 32 |
                     UINT64_C(1) << (x & 31),
                 8);
}

static void put_dvs128(struct dvs_bytes *out, int64_t t, uint32_t x, uint32_t y,
                       uint32_t p)
{
    dvs_bytes_be(out, p | x << 1 | y << 8, 4);
    dvs_bytes_be(out, (uint64_t)t, 4);
}

static void put_davis(struct dvs_bytes *out, int64_t t, uint32_t x, uint32_t y,
                      uint32_t p)
{
    dvs_bytes_be(out, p << 11 | x << 12 | y << 22, 4);
    dvs_bytes_be(out, (uint64_t)t, 4);
}

/* A packet of one event. */
static void put_aedat3(struct dvs_bytes *out, int64_t t, uint32_t x, uint32_t y,
                       uint32_t p)
{
    static const uint32_t head[] = {1, 8, 4, 0, 1, 1, 1};
    for (size_t k = 0; k < 7; k++) {
        dvs_bytes_le(out, head[k], 4);
    }
    dvs_bytes_le(out, 1 | p << 1 | y << 2 | x << 17, 4);
    dvs_bytes_le(out, (uint64_t)t, 4);
}

/* Where `put` is NULL: aedat4, or what ebb writes itself. */
static const struct kind {
    struct dvs_kind kind;
    const char *header;
    put_event *put;
    enum aedat4_compression compression;
    unsigned side;
    size_t bytes; /* of an event, about */
} kinds[] = {
    {{"evt2", "evt2"}, NULL, NULL, 0, 2048, 8},
    {{"evt3", "evt3"}, NULL, NULL, 0, 2048, 7},
    {{"dat", "dat"}, NULL, NULL, 0, 4096, 8},
    {{"nmnist", "nmnist"}, NULL, NULL, 0, 240, 5},
    {{"es", "es"}, NULL, NULL, 0, 1000, 5},
    {{"csv", "csv"}, NULL, NULL, 0, 1000, 15},
    {{"evt21", "evt21"},
     "% evt 2.1\n% endianness little\n% end\n",
     put_evt21,
     0,
     2048,
     16},
    {{"aedat2-dvs128", "aedat2"},
     "#!AER-DAT2.0\r\n# AEChip: DVS128\r\n#End Of ASCII Header\r\n",
     put_dvs128,
     0,
     128,
     8},
    {{"aedat2-davis", "aedat2"},
     "#!AER-DAT2.0\r\n# AEChip: Davis346\r\n#End Of ASCII Header\r\n",
     put_davis,
     0,
     260,
     8},
    {{"aedat3", "aedat3"},
     "#!AER-DAT3.1\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n",
     put_aedat3,
     0,
     128,
     36},
    {{"aedat4", "aedat4"}, NULL, NULL, AEDAT4_NONE, 346, 18},
#if EBB_TEST_LZ4
    {{"aedat4-lz4", "aedat4"}, NULL, NULL, AEDAT4_LZ4, 346, 11},
#endif
#if EBB_TEST_ZSTD
    {{"aedat4-zstd", "aedat4"}, NULL, NULL, AEDAT4_ZSTD, 346, 8},
#endif
};

struct dvs_kind dvs_corpus_kind(size_t k)
{
    return k < sizeof(kinds) / sizeof(kinds[0])
               ? kinds[k].kind
               : (struct dvs_kind){.name = NULL};
}

void dvs_corpus_make(struct dvs_bytes *out, struct dvs_stream *s, size_t k,
                     size_t size)
{
    const struct kind *kind = &kinds[k];
    struct ebb_random r = ebb_random_stream(SEED, EBB_RANDOM_TEST, k);
    struct ebb_dvs_about about = {.width = kind->side, .height = kind->side};
    int64_t t = 1000;
    dvs_stream_finish(s);
    dvs_bytes_finish(out);
    for (size_t n = 0; n < size / kind->bytes; n++) {
        t += ebb_random_below(&r, 40);
        uint32_t x = ebb_random_below(&r, kind->side);
        uint32_t y = ebb_random_below(&r, kind->side);
        dvs_stream_add(s, t, x, y, ebb_random_below(&r, 2));
    }
    if (strcmp(kind->kind.format, "aedat4") == 0) {
        aedat4_file(out, s, 40, kind->compression);
    } else if (!kind->put) {
        dvs_stream_print(s, out, kind->kind.format, &about);
    } else {
        dvs_bytes_text(out, kind->header);
        for (size_t n = 0; n < s->all.n; n++) {
            kind->put(out, s->all.t[n], s->all.x[n], s->all.y[n], s->all.p[n]);
        }
    }
}
