/* io/dvs/aedat4.c - AEDAT 4 (DV): packets of FlatBuffers, compressed or not.
 *
 *     "#!AER-DAT4.0\r\n", u32 size, table IOHE {i32 compression, i64 position
 *     of the index or -1, string of XML}; packets of i32 stream, i32 size and
 *     that many bytes, up to the index
 *
 *     unpacked: u32 size, table EVTS {vector of {i64 us, i16 column, i16 row,
 *     bool brighter, 3 bytes of nothing}} */
#include "core/memory.h"
#include "io/dvs/aedat_header.h"
#include "io/dvs/flat.h"
#include "io/dvs/unpack.h"

#include <string.h>

enum { MAGIC = 14, PACKET = 8, EVENT = 16, SMALLEST = 12 };

enum compression { NONE, LZ4, LZ4_HIGH, ZSTD, ZSTD_HIGH };

struct aedat4_reader {
    uint32_t compression;
    uint64_t stop; /* where the index is */
    struct ebb_plain packet;
    const uint8_t *events; /* next one in the packet */
    size_t left;
    int32_t stream; /* the one that is read; -1: none yet */
};

static bool aedat4_matches(const struct ebb_dvs_start *start)
{
    return ebb_aedat_starts(start, "#!AER-DAT4.");
}

/* Value of key="name" before `end`, or 0. */
static uint32_t xml_side(const char *xml, const char *end, const char *name)
{
    const char *at = strstr(xml, name);
    uint32_t n = 0;
    at = at && at < end ? strchr(at, '>') : NULL;
    for (at = at ? at + 1 : ""; *at >= '0' && *at <= '9' && n < 65536; at++) {
        n = 10 * n + (uint32_t)(*at - '0');
    }
    return n < 65536 ? n : 0;
}

/* The sensor of the first stream of events. */
static void take_sensor(struct ebb_dvs_about *about, const char *xml)
{
    const char *at = strstr(xml, ">EVTS<");
    if (!at) {
        return;
    }
    const char *end = strstr(at + 1, "typeIdentifier");
    end = end ? end : at + strlen(at);
    about->width = xml_side(at, end, "\"sizeX\"");
    about->height = xml_side(at, end, "\"sizeY\"");
    const char *source = strstr(at, "\"source\"");
    source = source && source < end ? strchr(source, '>') : NULL;
    if (source) {
        size_t n = strcspn(source + 1, "<");
        n = n < sizeof(about->device) ? n : sizeof(about->device) - 1;
        memcpy(about->device, source + 1, n);
        about->device[n] = '\0';
    }
}

static ebb_status take_header(struct ebb_dvs_reader *r, const uint8_t *b,
                              size_t n)
{
    struct aedat4_reader *s = r->state;
    struct ebb_flat head;
    if (n < SMALLEST || memcmp(b + 4, "IOHE", 4) != 0 ||
        !ebb_flat_root(&head, b, n)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "its header is damaged");
    }
    const uint8_t *compression = ebb_flat_field(&head, 0, 4);
    const uint8_t *position = ebb_flat_field(&head, 1, 8);
    s->compression = compression ? ebb_le32(compression) : NONE;
    /* absent, -1, or not written any more: packets up to the end */
    s->stop = position ? ebb_le64(position) : UINT64_MAX;
    s->stop = s->stop == 0 ? UINT64_MAX : s->stop;
    if (s->compression > ZSTD_HIGH) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "compression %u; 0 to 4 (none, LZ4, Zstandard) are "
                        "known",
                        s->compression);
    }
    size_t length = 0;
    const uint8_t *text = ebb_flat_vector(&head, 2, 1, &length);
    char *xml = text ? ebb_mem_calloc(length + 1, 1) : NULL;
    if (text && !xml) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a header");
    }
    if (xml) {
        memcpy(xml, text, length);
        take_sensor(&r->about, xml);
    }
    ebb_mem_free(xml);
    return EBB_OK;
}

static ebb_status aedat4_open(struct ebb_dvs_reader *r)
{
    struct aedat4_reader *s = r->state;
    size_t have, want = MAGIC + 4;
    s->stream = -1;
    memcpy(r->about.version, "4.0", sizeof("4.0"));
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, want, &have);
    if (have >= want) {
        want += ebb_le32(b + MAGIC);
        EBB_TRY(ebb_dvs_bytes_reserve(&r->in, want));
        b = ebb_dvs_bytes_peek(&r->in, want, &have);
    }
    if (have < want) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file ends in its header");
    }
    EBB_TRY(take_header(r, b + MAGIC + 4, want - MAGIC - 4));
    ebb_dvs_bytes_skip(&r->in, want);
    return EBB_OK;
}

static ebb_status unpack(struct aedat4_reader *s, const uint8_t *b, size_t n)
{
    switch ((enum compression)s->compression) {
    case LZ4:
    case LZ4_HIGH:
        return ebb_unpack_lz4(&s->packet, b, n);
    case ZSTD:
    case ZSTD_HIGH:
        return ebb_unpack_zstd(&s->packet, b, n);
    case NONE:
        break;
    }
    EBB_TRY(ebb_plain_reserve(&s->packet, n + 1)); /* some, for none too */
    memcpy(s->packet.at, b, n);
    s->packet.n = n;
    return EBB_OK;
}

/* The events of an unpacked packet, if it holds any. */
static ebb_status find_events(struct ebb_dvs_reader *r, int32_t stream)
{
    struct aedat4_reader *s = r->state;
    const struct ebb_plain *p = &s->packet;
    if (p->n < SMALLEST || memcmp(p->at + 8, "EVTS", 4) != 0 ||
        (s->stream >= 0 && stream != s->stream)) {
        r->about.skipped++;
        return EBB_OK;
    }
    struct ebb_flat table;
    if (!ebb_flat_root(&table, p->at + 4, p->n - 4)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "its table lies outside");
    }
    s->events = ebb_flat_vector(&table, 0, EVENT, &s->left);
    if (!s->events) {
        s->left = 0;
        return ebb_flat_field(&table, 0, 4)
                   ? EBB_FAIL(EBB_ERR_FORMAT, "its events lie outside")
                   : EBB_OK;
    }
    s->stream = stream;
    return EBB_OK;
}

/* The next packet; *more tells whether there was one. */
static ebb_status next_packet(struct ebb_dvs_reader *r, bool *more)
{
    struct aedat4_reader *s = r->state;
    size_t have;
    *more = false;
    if (r->in.passed >= s->stop) {
        ebb_dvs_bytes_skip(&r->in, UINT64_MAX); /* the index */
        return EBB_OK;
    }
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, PACKET, &have);
    if (have < PACKET) {
        return EBB_OK;
    }
    int32_t stream = (int32_t)ebb_le32(b);
    size_t size = ebb_le32(b + 4);
    EBB_TRY(ebb_dvs_bytes_reserve(&r->in, PACKET + size));
    b = ebb_dvs_bytes_peek(&r->in, PACKET + size, &have);
    if (have < PACKET + size) {
        return EBB_OK; /* cut within it */
    }
    ebb_status status = unpack(s, b + PACKET, size);
    if (status == EBB_OK) {
        status = find_events(r, stream);
    }
    if (status != EBB_OK) {
        return ebb_error_prefix(
            status, "packet at byte %llu: ", (unsigned long long)r->in.passed);
    }
    ebb_dvs_bytes_skip(&r->in, PACKET + size);
    *more = true;
    return EBB_OK;
}

/* Differences of times fit into 64 bits only where times are that small. */
static const int64_t t_max = INT64_MAX / 8;

static ebb_status take(struct aedat4_reader *s, struct ebb_dvs_block *out)
{
    size_t room = out->capacity - out->n;
    size_t n = s->left < room ? s->left : room;
    const uint8_t *b = s->events;
    for (size_t k = 0; k < n; k++, b += EVENT) {
        int64_t t = (int64_t)ebb_le64(b);
        if (t < -t_max || t > t_max) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "an event at %lld us, which is no time",
                            (long long)t);
        }
        ebb_dvs_put(out, t, ebb_le16(b + 8), ebb_le16(b + 10), b[12] != 0);
    }
    s->events = b;
    s->left -= n;
    return EBB_OK;
}

static ebb_status aedat4_read(struct ebb_dvs_reader *r,
                              struct ebb_dvs_block *out)
{
    struct aedat4_reader *s = r->state;
    bool more = true;
    while (out->n < out->capacity && more) {
        if (s->left == 0) {
            EBB_TRY(next_packet(r, &more));
        }
        EBB_TRY(take(s, out));
    }
    return EBB_OK;
}

static int64_t field_i64(const struct ebb_flat *f, unsigned index)
{
    const uint8_t *at = ebb_flat_field(f, index, 8);
    return at ? (int64_t)ebb_le64(at) : 0;
}

/* A packet as the index has it. */
struct entry {
    uint64_t at; /* of what comes after the packet's header */
    int32_t stream;
    int64_t start, end; /* times of its first and last event, us */
};

static bool take_entry(struct entry *out, const struct ebb_flat *index,
                       const uint8_t *list, size_t k)
{
    struct ebb_flat f;
    if (!ebb_flat_item(&f, index, list, k)) {
        return false;
    }
    const uint8_t *info = ebb_flat_field(&f, 1, 8);
    *out = (struct entry){.at = (uint64_t)field_i64(&f, 0),
                          .stream = info ? (int32_t)ebb_le32(info) : -1,
                          .start = field_i64(&f, 3),
                          .end = field_i64(&f, 4)};
    return info != NULL && out->start <= out->end;
}

/* The packet of events to go on from: the first that does not end before
 * `before`, or the last of all. False: the index does not tell. */
static bool choose(struct entry *best, const struct aedat4_reader *s,
                   int64_t before)
{
    struct ebb_flat index;
    const struct ebb_plain *p = &s->packet;
    size_t n = 0;
    bool found = false;
    if (p->n < SMALLEST || memcmp(p->at + 8, "FTAB", 4) != 0 ||
        !ebb_flat_root(&index, p->at + 4, p->n - 4)) {
        return false;
    }
    const uint8_t *list = ebb_flat_vector(&index, 0, 4, &n);
    for (size_t k = 0; list && k < n && !(found && best->end >= before); k++) {
        struct entry e;
        if (!take_entry(&e, &index, list, k) ||
            (found && e.stream == s->stream && e.at <= best->at)) {
            return false;
        }
        if (e.stream == s->stream) {
            *best = e;
            found = true;
        }
    }
    return found;
}

/* Unpack the index, in the place of a packet; false: there is none. */
static bool read_index(struct ebb_dvs_reader *r)
{
    struct aedat4_reader *s = r->state;
    uint64_t end = ebb_dvs_bytes_length(&r->in);
    if (s->stop >= end || end - s->stop > EBB_DVS_RECORD_MAX) {
        return false;
    }
    size_t have, want = (size_t)(end - s->stop);
    ebb_dvs_bytes_goto(&r->in, s->stop);
    if (ebb_dvs_bytes_reserve(&r->in, want) != EBB_OK) {
        return false;
    }
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, want, &have);
    return have >= want && unpack(s, b, want) == EBB_OK;
}

/* Is there a packet of events where the index says, with that first event? */
static bool go_to(struct ebb_dvs_reader *r, const struct entry *e)
{
    struct aedat4_reader *s = r->state;
    bool more;
    s->left = 0;
    if (e->at < PACKET || e->at >= s->stop) {
        return false;
    }
    ebb_dvs_bytes_goto(&r->in, e->at - PACKET);
    return next_packet(r, &more) == EBB_OK && s->left > 0 &&
           (int64_t)ebb_le64(s->events) == e->start;
}

/* By the index, if there is one and it is right about where it leads; which
 * stream is read is up to the first packet, as ever. */
static ebb_status aedat4_seek(struct ebb_dvs_reader *r, int64_t before)
{
    struct aedat4_reader *s = r->state;
    uint64_t start = r->in.passed, skipped = r->about.skipped;
    struct entry entry = {.at = 0};
    bool more = true;
    while (s->stream < 0 && more && next_packet(r, &more) == EBB_OK) {
    }
    if (s->stream < 0 || !read_index(r) || !choose(&entry, s, before) ||
        !go_to(r, &entry)) {
        s->left = 0;
        s->stream = -1;
        ebb_dvs_bytes_goto(&r->in, start);
    }
    r->about.skipped = skipped;
    return EBB_OK;
}

static void aedat4_close(struct ebb_dvs_reader *r)
{
    struct aedat4_reader *s = r->state;
    ebb_mem_free(s->packet.at);
}

const struct ebb_dvs_format ebb_dvs_aedat4 = {.name = "aedat4",
                                              .title = "AEDAT 4",
                                              .matches = aedat4_matches,
                                              .reader_bytes =
                                                  sizeof(struct aedat4_reader),
                                              .open = aedat4_open,
                                              .read = aedat4_read,
                                              .seek = aedat4_seek,
                                              .close = aedat4_close};
