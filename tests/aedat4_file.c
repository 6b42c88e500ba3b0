/* tests/aedat4_file.c - AEDAT 4 files put together from the published
 * layout. */
#include "tests/aedat4_file.h"

#include <check.h>
#include <string.h>

#if EBB_TEST_LZ4
#include <lz4frame.h>
#endif
#if EBB_TEST_ZSTD
#include <zstd.h>
#endif

bool aedat4_can(enum aedat4_compression compression)
{
    return compression == AEDAT4_NONE ||
           (compression == AEDAT4_LZ4 ? EBB_TEST_LZ4 : EBB_TEST_ZSTD);
}

static const char xml[] =
    "<dv><node name=\"outInfo\"><node name=\"0\">"
    "<attr key=\"typeIdentifier\" type=\"string\">EVTS</attr>"
    "<node name=\"info\"><attr key=\"sizeX\" type=\"int\">346</attr>"
    "<attr key=\"sizeY\" type=\"int\">260</attr>"
    "<attr key=\"source\" type=\"string\">DAVIS346_1</attr></node></node>"
    "<node name=\"1\"><attr key=\"typeIdentifier\">TRIG</attr>"
    "<attr key=\"sizeX\">1</attr></node></node></dv>";

static void add_header(struct dvs_bytes *out, int compression, uint64_t index)
{
    struct dvs_bytes h = {.n = 0};
    dvs_bytes_le(&h, 20, 4); /* root: table at 20 */
    dvs_bytes_text(&h, "IOHE");
    dvs_bytes_le(&h, 10, 2); /* 8: list of 3 fields; table of 20 bytes */
    dvs_bytes_le(&h, 20, 2);
    dvs_bytes_le(&h, 4, 2);
    dvs_bytes_le(&h, 8, 2);
    dvs_bytes_le(&h, 16, 2);
    dvs_bytes_le(&h, 0, 2);
    dvs_bytes_le(&h, 12, 4); /* 20: back to the list at 8 */
    dvs_bytes_le(&h, (uint64_t)compression, 4);
    dvs_bytes_le(&h, index, 8);
    dvs_bytes_le(&h, 4, 4); /* 36: string at 40 */
    dvs_bytes_le(&h, sizeof(xml) - 1, 4);
    dvs_bytes_text(&h, xml);
    dvs_bytes_text(out, "#!AER-DAT4.0\r\n");
    dvs_bytes_le(out, h.n, 4);
    dvs_bytes_add(out, h.at, h.n);
    dvs_bytes_finish(&h);
}

/* A table of `n` items of 16 bytes, not yet filled in. */
static void begin_table(struct dvs_bytes *p, const char *word, size_t n)
{
    dvs_bytes_le(p, 32 + 16 * n, 4); /* the size, then the table's own 0 */
    dvs_bytes_le(p, 16, 4);          /* 0: table at 16 */
    dvs_bytes_text(p, word);
    dvs_bytes_le(p, 6, 2); /* 8: list of one field */
    dvs_bytes_le(p, 8, 2);
    dvs_bytes_le(p, 4, 2);
    dvs_bytes_le(p, 0, 2);
    dvs_bytes_le(p, 8, 4); /* 16: back to 8 */
    dvs_bytes_le(p, 8, 4); /* 20: vector at 28, so that items are at 32 */
    dvs_bytes_le(p, 0, 4);
    dvs_bytes_le(p, n, 4);
}

static void compress(struct dvs_bytes *out, const struct dvs_bytes *plain,
                     enum aedat4_compression compression)
{
    static char room[1 << 22];
    size_t n = 0;
    (void)room;
    dvs_bytes_finish(out);
    if (compression == AEDAT4_NONE) {
        dvs_bytes_add(out, plain->at, plain->n);
        return;
    }
#if EBB_TEST_LZ4
    if (compression == AEDAT4_LZ4) {
        n = LZ4F_compressFrame(room, sizeof(room), plain->at, plain->n, NULL);
        ck_assert(!LZ4F_isError(n));
    }
#endif
#if EBB_TEST_ZSTD
    if (compression == AEDAT4_ZSTD) {
        n = ZSTD_compress(room, sizeof(room), plain->at, plain->n, 1);
        ck_assert(!ZSTD_isError(n));
    }
#endif
    dvs_bytes_add(out, room, n);
}

/* What the index tells of a packet. */
struct entry {
    uint64_t at; /* of what comes after the packet's header */
    uint64_t stream, size, n;
    int64_t start, end;
};

static uint64_t add_packet(struct dvs_bytes *out, unsigned stream,
                           const struct dvs_bytes *plain,
                           enum aedat4_compression compression)
{
    struct dvs_bytes packed = {.n = 0};
    compress(&packed, plain, compression);
    dvs_bytes_le(out, stream, 4);
    dvs_bytes_le(out, packed.n, 4);
    dvs_bytes_add(out, packed.at, packed.n);
    dvs_bytes_finish(&packed);
    return packed.n;
}

static void note(struct dvs_bytes *entries, struct entry e)
{
    dvs_bytes_add(entries, &e, sizeof(e));
}

static void add_packets(struct dvs_bytes *out, const struct dvs_stream *s,
                        size_t packet, enum aedat4_compression compression,
                        uint64_t header, struct dvs_bytes *entries)
{
    for (size_t from = 0; from < s->all.n; from += packet) {
        struct dvs_bytes p = {.n = 0}, other = {.n = 0};
        size_t to = from + packet < s->all.n ? from + packet : s->all.n;
        struct entry e = {.at = header + out->n + 8, .n = to - from};
        begin_table(&p, "EVTS", to - from);
        e.start = s->all.t[from];
        for (size_t k = from; k < to; k++) {
            dvs_bytes_le(&p, (uint64_t)s->all.t[k], 8);
            dvs_bytes_le(&p, s->all.x[k], 2);
            dvs_bytes_le(&p, s->all.y[k], 2);
            dvs_bytes_le(&p, s->all.p[k], 4);
            e.end = s->all.t[k];
        }
        begin_table(&other, "TRIG", 0);
        e.size = add_packet(out, 0, &p, compression);
        note(entries, e);
        e = (struct entry){.at = header + out->n + 8, .stream = 1};
        e.size = add_packet(out, 1, &other, compression);
        note(entries, e);
        dvs_bytes_finish(&p);
        dvs_bytes_finish(&other);
    }
}

/* FTAB {vector of {i64 offset, {i32 stream, i32 size}, i64 number, i64 first
 * time, i64 last time}}. */
static void add_index(struct dvs_bytes *out, const struct dvs_bytes *entries,
                      enum aedat4_compression compression)
{
    enum { FIELDS = 16, ITEM = 44 }; /* list of fields, a table */
    static const uint16_t fields[] = {14, ITEM, 4, 12, 20, 28, 36, 0};
    struct dvs_bytes p = {.n = 0}, packed = {.n = 0};
    const struct entry *e = (const void *)entries->at;
    size_t n = entries->n / sizeof(*e), list = 28 + 4 * n;
    dvs_bytes_le(&p, list + FIELDS + n * ITEM, 4); /* the size, then 0 */
    dvs_bytes_le(&p, 16, 4);
    dvs_bytes_text(&p, "FTAB");
    dvs_bytes_le(&p, 6 | 8 << 16, 4);
    dvs_bytes_le(&p, 4, 4);
    dvs_bytes_le(&p, 8, 4); /* 16: back to 8 */
    dvs_bytes_le(&p, 4, 4); /* 20: vector at 24 */
    dvs_bytes_le(&p, n, 4);
    for (size_t k = 0; k < n; k++) {
        dvs_bytes_le(&p, list + FIELDS + k * ITEM - (28 + 4 * k), 4);
    }
    for (size_t k = 0; k < 8; k++) {
        dvs_bytes_le(&p, fields[k], 2);
    }
    for (size_t k = 0; k < n; k++) {
        dvs_bytes_le(&p, FIELDS + k * ITEM, 4); /* back to the fields */
        dvs_bytes_le(&p, e[k].at, 8);
        dvs_bytes_le(&p, e[k].stream, 4);
        dvs_bytes_le(&p, e[k].size, 4);
        dvs_bytes_le(&p, e[k].n, 8);
        dvs_bytes_le(&p, (uint64_t)e[k].start, 8);
        dvs_bytes_le(&p, (uint64_t)e[k].end, 8);
    }
    compress(&packed, &p, compression);
    dvs_bytes_add(out, packed.at, packed.n);
    dvs_bytes_finish(&packed);
    dvs_bytes_finish(&p);
}

void aedat4_file(struct dvs_bytes *out, const struct dvs_stream *s,
                 size_t packet, enum aedat4_compression compression)
{
    struct dvs_bytes packets = {.n = 0}, entries = {.n = 0};
    size_t header = 14 + 4 + 44 + sizeof(xml) - 1;
    dvs_bytes_finish(out);
    add_packets(&packets, s, packet, compression, header, &entries);
    add_header(out, (int)compression, header + packets.n);
    ck_assert_uint_eq(out->n, header);
    dvs_bytes_add(out, packets.at, packets.n);
    add_index(out, &entries, compression);
    dvs_bytes_finish(&entries);
    dvs_bytes_finish(&packets);
}
