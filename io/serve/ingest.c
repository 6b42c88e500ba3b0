/* io/serve/ingest.c - bytes of one sender become events. */
#include "io/serve/ingest.h"

#include "core/memory.h"
#include "io/dvs/bytes.h"

#include <string.h>

enum state { FIRST, BARE, HEADER, PAYLOAD, GREETING };
enum { ES_TIME = 8, ES_MAGIC = 12, STALE_MAX = 1024 };

struct ebb_ingest {
    struct ebb_ingest_options options;
    struct ebb_ingest_counts counts;
    enum state state;
    uint8_t head[EBB_FRAME_HEADER]; /* bytes of a header, or the first ones */
    size_t n_head, used_head;
    struct ebb_frame frame;
    size_t left; /* of its payload */
    char *greeting;
    struct ebb_decoder *decoder; /* NULL: nothing to unpack has come */
    enum ebb_wire wire;          /* of the decoder */
    bool numbered;               /* a frame has come */
    uint32_t next;               /* number of the next one */
    int64_t offset_us;           /* added to all times */
};

ebb_status ebb_ingest_create(struct ebb_ingest **out,
                             const struct ebb_ingest_options *options)
{
    struct ebb_ingest *in = ebb_mem_calloc(1, sizeof(*in));
    *out = in;
    if (!in) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a sender");
    }
    in->options = *options;
    return EBB_OK;
}

void ebb_ingest_destroy(struct ebb_ingest *in)
{
    if (in) {
        ebb_decoder_destroy(in->decoder);
        ebb_mem_free(in->greeting);
        ebb_mem_free(in);
    }
}

const struct ebb_ingest_counts *ebb_ingest_counts(const struct ebb_ingest *in)
{
    return &in->counts;
}

static ebb_status malformed(struct ebb_ingest *in, ebb_status status)
{
    in->counts.malformed += status == EBB_ERR_FORMAT;
    return status;
}

static ebb_status need_decoder(struct ebb_ingest *in, enum ebb_wire wire,
                               bool big_endian)
{
    if (!in->decoder) {
        in->wire = wire;
        return ebb_decoder_create(&in->decoder, wire, big_endian);
    }
    return wire == in->wire
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "a frame of %s within a stream of %s",
                          ebb_wire_name(wire), ebb_wire_name(in->wire));
}

/* Leave out what lies beyond the sensor. */
static void keep_inside(struct ebb_ingest *in, struct ebb_dvs_block *b,
                        int64_t now_us)
{
    uint32_t width = in->options.width, height = in->options.height;
    size_t kept = 0;
    for (size_t k = 0; k < b->n; k++) {
        b->t[kept] = in->options.host_time ? now_us : b->t[k] + in->offset_us;
        b->x[kept] = b->x[k];
        b->y[kept] = b->y[k];
        b->p[kept] = b->p[k];
        kept += b->x[k] < width && b->y[k] < height;
    }
    in->counts.outside += b->n - kept;
    in->counts.events += kept;
    b->n = kept;
}

/* Unpack; *more tells that something came out, inside or not. */
static ebb_status unpack(struct ebb_ingest *in, const uint8_t *bytes, size_t n,
                         int64_t now_us, struct ebb_dvs_block *b, size_t *used,
                         bool *more)
{
    ebb_status status =
        ebb_decoder_push(in->decoder, bytes, n, now_us, b, used);
    *more = b->n > 0;
    keep_inside(in, b, now_us);
    return status;
}

/* The number of a frame; *stale: a later one has come before. Numbers that lie
 * far back are those of a sender that began anew. */
static void take_number(struct ebb_ingest *in, bool *stale)
{
    uint32_t ahead = in->frame.number - in->next, behind = 0 - ahead;
    bool restart = in->frame.encoding == EBB_FRAME_HELLO || !in->numbered;
    *stale = !restart && behind > 0 && behind <= STALE_MAX;
    in->counts.stale += *stale;
    if (*stale) {
        return;
    }
    in->counts.lost += !restart && ahead >> 31 == 0 ? ahead : 0;
    if (in->decoder && ahead > 0) {
        ebb_decoder_resume(in->decoder);
    }
    in->numbered = true;
    in->next = in->frame.number + 1;
}

static ebb_status take_hello(struct ebb_ingest *in, const char *text, size_t n)
{
    struct ebb_hello h;
    EBB_TRY(ebb_hello_parse(&h, text, n));
    if ((h.width && h.width > in->options.width) ||
        (h.height && h.height > in->options.height)) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a sensor of %u x %u; the network's input is %u x %u",
                        h.width, h.height, in->options.width,
                        in->options.height);
    }
    return EBB_OK;
}

/* A header is whole. */
static ebb_status begin_frame(struct ebb_ingest *in)
{
    bool stale;
    EBB_TRY(ebb_frame_parse(&in->frame, in->head));
    in->n_head = 0;
    in->left = in->frame.bytes;
    take_number(in, &stale);
    if (stale) {
        return EBB_FAIL(EBB_ERR_FORMAT, "frame %u after frame %u",
                        in->frame.number, in->next - 1);
    }
    if (in->frame.encoding == EBB_FRAME_HELLO) {
        ebb_mem_free(in->greeting);
        in->greeting = ebb_mem_calloc(in->frame.bytes + 1, 1);
        in->state = GREETING;
        return in->greeting ? EBB_OK
                            : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a frame");
    }
    in->state = PAYLOAD;
    return need_decoder(in, (enum ebb_wire)in->frame.encoding,
                        in->frame.flags & EBB_FRAME_BIG_ENDIAN);
}

/* Collect bytes of a header; returns how many were taken. */
static size_t fill_head(struct ebb_ingest *in, const uint8_t *bytes, size_t n,
                        size_t want)
{
    size_t used = want - in->n_head < n ? want - in->n_head : n;
    memcpy(in->head + in->n_head, bytes, used);
    in->n_head += used;
    return used;
}

/* Frames or not, by the first four bytes; fewer where one is another. */
static ebb_status push_first(struct ebb_ingest *in, const uint8_t *bytes,
                             size_t n, size_t *used)
{
    *used = fill_head(in, bytes, n, EBB_FRAME_MAGIC_BYTES);
    if (!ebb_frame_starts(in->head, in->n_head)) {
        in->state = BARE;
        return need_decoder(in, in->options.wire, in->options.big_endian);
    }
    if (in->n_head == EBB_FRAME_MAGIC_BYTES) {
        in->state = HEADER;
    }
    return EBB_OK;
}

static ebb_status push_bare(struct ebb_ingest *in, const uint8_t *bytes,
                            size_t n, int64_t now_us, struct ebb_dvs_block *b,
                            size_t *used, bool *more)
{
    size_t step;
    if (in->used_head < in->n_head) {
        ebb_status status =
            unpack(in, in->head + in->used_head, in->n_head - in->used_head,
                   now_us, b, &step, more);
        in->used_head += step;
        *more = true;
        return status;
    }
    return unpack(in, bytes, n, now_us, b, used, more);
}

static ebb_status push_payload(struct ebb_ingest *in, const uint8_t *bytes,
                               size_t n, int64_t now_us,
                               struct ebb_dvs_block *b, size_t *used,
                               bool *more)
{
    n = n < in->left ? n : in->left;
    EBB_TRY(unpack(in, bytes, n, now_us, b, used, more));
    in->left -= *used;
    if (!*more && in->left == 0) {
        if (ebb_decoder_rest(in->decoder) > 0) {
            return EBB_FAIL(EBB_ERR_FORMAT, "frame %u ends within an event",
                            in->frame.number);
        }
        in->state = HEADER;
        *more = true; /* the next header may be there */
    }
    return EBB_OK;
}

static ebb_status push_greeting(struct ebb_ingest *in, const uint8_t *bytes,
                                size_t n, size_t *used)
{
    size_t step = n < in->left ? n : in->left;
    memcpy(in->greeting + in->frame.bytes - in->left, bytes, step);
    in->left -= step;
    *used = step;
    if (in->left > 0) {
        return EBB_OK;
    }
    in->state = HEADER;
    return take_hello(in, in->greeting, in->frame.bytes);
}

/* One step; *more: another one may have something to do without more bytes. */
static ebb_status step(struct ebb_ingest *in, const uint8_t *bytes, size_t n,
                       int64_t now_us, struct ebb_dvs_block *b, size_t *used,
                       bool *more)
{
    *more = false;
    switch (in->state) {
    case FIRST:
        EBB_TRY(push_first(in, bytes, n, used));
        *more = in->state == BARE;
        return EBB_OK;
    case BARE:
        return push_bare(in, bytes, n, now_us, b, used, more);
    case HEADER:
        *used = fill_head(in, bytes, n, EBB_FRAME_HEADER);
        if (in->n_head == EBB_FRAME_HEADER) {
            EBB_TRY(begin_frame(in));
            *more = true;
        }
        return EBB_OK;
    case PAYLOAD:
        return push_payload(in, bytes, n, now_us, b, used, more);
    case GREETING:
        break;
    }
    EBB_TRY(push_greeting(in, bytes, n, used));
    *more = in->state == HEADER && *used < n;
    return EBB_OK;
}

ebb_status ebb_ingest_push(struct ebb_ingest *in, const uint8_t *bytes,
                           size_t n, int64_t now_us,
                           struct ebb_dvs_block *block, size_t *used)
{
    bool more = true;
    *used = 0;
    block->n = 0;
    while (block->n == 0 && (*used < n || more)) {
        size_t taken = 0;
        ebb_status status =
            step(in, bytes + *used, n - *used, now_us, block, &taken, &more);
        *used += taken;
        if (status != EBB_OK) {
            return malformed(in, status);
        }
    }
    return EBB_OK;
}

static bool is_in_frame(const struct ebb_ingest *in)
{
    return in->state == GREETING || in->left > 0 ||
           (in->state == HEADER && in->n_head > 0);
}

ebb_status ebb_ingest_end(struct ebb_ingest *in, struct ebb_dvs_block *block)
{
    size_t used;
    bool more = true;
    block->n = 0;
    if (in->state == FIRST && in->n_head > 0) {
        in->state = BARE;
        EBB_TRY(need_decoder(in, in->options.wire, in->options.big_endian));
    }
    if (is_in_frame(in)) {
        return malformed(
            in, EBB_FAIL(EBB_ERR_FORMAT, "the stream ends within a frame"));
    }
    if (!in->decoder) {
        return EBB_OK;
    }
    ebb_decoder_end(in->decoder);
    while (more && block->n == 0) {
        ebb_status status = in->state == BARE
                                ? push_bare(in, NULL, 0, 0, block, &used, &more)
                                : unpack(in, NULL, 0, 0, block, &used, &more);
        EBB_TRY(malformed(in, status));
    }
    if (block->n == 0 && ebb_decoder_rest(in->decoder) > 0) {
        return malformed(
            in, EBB_FAIL(EBB_ERR_FORMAT, "the stream ends within an event"));
    }
    return EBB_OK;
}

/* A stream with its own start in each datagram: the decoder starts anew. */
static ebb_status restart_es(struct ebb_ingest *in, const uint8_t **bytes,
                             size_t *n)
{
    static const char magic[] = "Event Stream";
    bool timed = *n >= ES_TIME + ES_MAGIC &&
                 memcmp(*bytes + ES_TIME, magic, ES_MAGIC) == 0;
    bool bare = *n >= ES_MAGIC && memcmp(*bytes, magic, ES_MAGIC) == 0;
    if (in->wire != EBB_WIRE_ES || (!timed && !bare)) {
        return EBB_OK;
    }
    uint64_t t = timed ? ebb_le64(*bytes) : 0;
    if (t > UINT64_C(1) << 50) {
        return EBB_FAIL(EBB_ERR_FORMAT, "a stream that starts at %llu us",
                        (unsigned long long)t);
    }
    in->offset_us = (int64_t)t;
    *bytes += timed ? ES_TIME : 0;
    *n -= timed ? ES_TIME : 0;
    ebb_decoder_destroy(in->decoder);
    in->decoder = NULL;
    return ebb_decoder_create(&in->decoder, in->wire, false);
}

/* Payload of a datagram, whole. */
static ebb_status push_datagram(struct ebb_ingest *in, const uint8_t *bytes,
                                size_t n, int64_t now_us,
                                struct ebb_dvs_block *block,
                                ebb_ingest_take_fn *take, void *self)
{
    bool more = true;
    size_t record = ebb_wire_record(in->wire);
    bool fixed = in->wire == EBB_WIRE_T64 || in->wire == EBB_WIRE_T32;
    if (fixed && n % record != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a datagram of %zu bytes is no whole number of events "
                        "of %zu",
                        n, record);
    }
    while (more || n > 0) {
        size_t used;
        ebb_status status = unpack(in, bytes, n, now_us, block, &used, &more);
        if (block->n > 0) {
            take(self, block);
        }
        EBB_TRY(status);
        bytes += used;
        n -= used;
    }
    return ebb_decoder_rest(in->decoder)
               ? EBB_FAIL(EBB_ERR_FORMAT, "a datagram ends within an event")
               : EBB_OK;
}

static ebb_status take_datagram(struct ebb_ingest *in, const uint8_t *bytes,
                                size_t n, int64_t now_us,
                                struct ebb_dvs_block *block,
                                ebb_ingest_take_fn *take, void *self)
{
    enum ebb_wire wire = in->options.wire;
    bool big_endian = in->options.big_endian, stale = false;
    if (n >= EBB_FRAME_MAGIC_BYTES &&
        ebb_frame_starts(bytes, EBB_FRAME_MAGIC_BYTES)) {
        if (n < EBB_FRAME_HEADER) {
            return EBB_FAIL(EBB_ERR_FORMAT, "a datagram ends in its header");
        }
        EBB_TRY(ebb_frame_parse(&in->frame, bytes));
        bytes += EBB_FRAME_HEADER;
        n -= EBB_FRAME_HEADER;
        if (in->frame.bytes != n) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "a frame of %u bytes in a datagram with %zu",
                            in->frame.bytes, n);
        }
        take_number(in, &stale);
        if (stale) {
            return EBB_OK;
        }
        if (in->frame.encoding == EBB_FRAME_HELLO) {
            return take_hello(in, (const char *)bytes, n);
        }
        wire = (enum ebb_wire)in->frame.encoding;
        big_endian = in->frame.flags & EBB_FRAME_BIG_ENDIAN;
    }
    EBB_TRY(need_decoder(in, wire, big_endian));
    EBB_TRY(restart_es(in, &bytes, &n));
    return push_datagram(in, bytes, n, now_us, block, take, self);
}

ebb_status ebb_ingest_datagram(struct ebb_ingest *in, const uint8_t *bytes,
                               size_t n, int64_t now_us,
                               struct ebb_dvs_block *block,
                               ebb_ingest_take_fn *take, void *self)
{
    ebb_status status = take_datagram(in, bytes, n, now_us, block, take, self);
    if (status != EBB_OK && in->decoder) {
        ebb_decoder_destroy(in->decoder);
        in->decoder = NULL;
    }
    return malformed(in, status);
}
