/* io/serve/wire.c - encodings of events on their way. */
#include "io/serve/wire.h"

#include "core/memory.h"
#include "io/dvs/format.h"

#include <string.h>

enum { T64 = 13, T32 = 8, SPIF = 4, SPIF_TIMED = 8 };

static const uint64_t time_max = UINT64_C(1) << 50; /* us; 35 years */
static const int64_t turn_us = INT64_C(1) << 32;

static const struct {
    const char *name;
    const char *format; /* of a file, or NULL */
    size_t record;
} wires[EBB_WIRE_END] = {[EBB_WIRE_T64] = {"t64x16y16p8", NULL, T64},
                         [EBB_WIRE_T32] = {"t32x16y15p1", NULL, T32},
                         [EBB_WIRE_SPIF] = {"spif", NULL, 0},
                         [EBB_WIRE_EVT2] = {"evt2", "evt2", 4},
                         [EBB_WIRE_EVT3] = {"evt3", "evt3", 2},
                         [EBB_WIRE_ES] = {"es", "es", 0},
                         [EBB_WIRE_CSV] = {"csv", "csv", 0}};

struct ebb_decoder {
    enum ebb_wire wire;
    bool big_endian;
    struct ebb_dvs_reader *reader; /* of a format of files, or NULL */
    uint8_t rest[T64];             /* of a record that has begun */
    size_t n_rest;
    int64_t turn, last; /* of times that wrap */
};

const char *ebb_wire_name(unsigned wire)
{
    return wire < EBB_WIRE_END ? wires[wire].name : NULL;
}

size_t ebb_wire_record(enum ebb_wire wire)
{
    return wires[wire].record;
}

ebb_status ebb_wire_find(enum ebb_wire *out, const char *name)
{
    for (unsigned k = EBB_WIRE_T64; k < EBB_WIRE_END; k++) {
        if (strcmp(wires[k].name, name) == 0) {
            *out = (enum ebb_wire)k;
            return EBB_OK;
        }
    }
    return EBB_FAIL(EBB_ERR_ARG,
                    "no encoding is called '%.40s' (there are: t64x16y16p8, "
                    "t32x16y15p1, spif, evt2, evt3, es, csv)",
                    name);
}

ebb_status ebb_decoder_create(struct ebb_decoder **out, enum ebb_wire wire,
                              bool big_endian)
{
    struct ebb_decoder *d = ebb_mem_calloc(1, sizeof(*d));
    *out = NULL;
    if (!d) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a stream of events");
    }
    d->wire = wire;
    d->big_endian = big_endian;
    if (wires[wire].format) {
        struct ebb_dvs_options as = ebb_dvs_options_default();
        as.format = wires[wire].format;
        ebb_status status = ebb_dvs_open_fed(&d->reader, as.format, &as);
        if (status != EBB_OK) {
            ebb_mem_free(d);
            return status;
        }
    }
    *out = d;
    return EBB_OK;
}

void ebb_decoder_destroy(struct ebb_decoder *d)
{
    if (d) {
        ebb_dvs_close(d->reader);
        ebb_mem_free(d);
    }
}

static uint32_t word(const struct ebb_decoder *d, const uint8_t *b)
{
    return d->big_endian ? ebb_be32(b) : ebb_le32(b);
}

/* Bytes of the record that starts here, as far as `n` of them tell. */
static size_t record_bytes(const struct ebb_decoder *d, const uint8_t *b,
                           size_t n)
{
    if (d->wire != EBB_WIRE_SPIF) {
        return wires[d->wire].record;
    }
    return n >= SPIF && word(d, b) >> 31 == 0 ? SPIF_TIMED : SPIF;
}

static ebb_status take_t64(const uint8_t *b, struct ebb_dvs_block *out)
{
    uint64_t t = ebb_le64(b);
    if (t > time_max) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "an event at %llu us: times up to 2^50 us are taken",
                        (unsigned long long)t);
    }
    ebb_dvs_put(out, (int64_t)t, ebb_le16(b + 8), ebb_le16(b + 10), b[12] != 0);
    return EBB_OK;
}

static ebb_status take_record(struct ebb_decoder *d, const uint8_t *b,
                              int64_t now_us, struct ebb_dvs_block *out)
{
    if (d->wire == EBB_WIRE_T64) {
        return take_t64(b, out);
    }
    if (d->wire == EBB_WIRE_T32) {
        int64_t t = ebb_dvs_unwrap(&d->turn, &d->last, ebb_le32(b), turn_us);
        uint32_t y = ebb_le16(b + 6);
        ebb_dvs_put(out, t, ebb_le16(b + 4), y >> 1, y & 1);
        return EBB_OK;
    }
    uint32_t w = word(d, b);
    int64_t t = w >> 31 ? now_us
                        : ebb_dvs_unwrap(&d->turn, &d->last, word(d, b + SPIF),
                                         turn_us);
    ebb_dvs_put(out, t, w >> 16 & 0x7FFF, w & 0x7FFF, w >> 15 & 1);
    return EBB_OK;
}

/* Fill up the record that has begun; returns the bytes that it took. */
static size_t fill_rest(struct ebb_decoder *d, const uint8_t *bytes, size_t n)
{
    size_t used = 0;
    while (used < n &&
           (d->n_rest < SPIF || d->n_rest < record_bytes(d, d->rest, SPIF))) {
        d->rest[d->n_rest++] = bytes[used++];
    }
    return used;
}

static bool rest_is_whole(const struct ebb_decoder *d)
{
    return d->n_rest >= SPIF && d->n_rest == record_bytes(d, d->rest, SPIF);
}

static ebb_status push_records(struct ebb_decoder *d, const uint8_t *bytes,
                               size_t n, int64_t now_us,
                               struct ebb_dvs_block *out, size_t *used)
{
    while (*used < n && out->n < out->capacity) {
        const uint8_t *b = bytes + *used;
        size_t left = n - *used;
        size_t whole = record_bytes(d, b, left);
        if (d->n_rest == 0 && left >= whole) {
            *used += whole;
            EBB_TRY(take_record(d, b, now_us, out));
            continue;
        }
        *used += fill_rest(d, b, left);
        if (rest_is_whole(d)) {
            d->n_rest = 0;
            EBB_TRY(take_record(d, d->rest, now_us, out));
        }
    }
    return EBB_OK;
}

ebb_status ebb_decoder_push(struct ebb_decoder *d, const uint8_t *bytes,
                            size_t n, int64_t now_us, struct ebb_dvs_block *out,
                            size_t *used)
{
    *used = 0;
    out->n = 0;
    if (!d->reader) {
        return push_records(d, bytes, n, now_us, out, used);
    }
    EBB_TRY(ebb_dvs_read(d->reader, out));
    while (out->n == 0 && *used < n) {
        *used += ebb_dvs_feed(d->reader, bytes + *used, n - *used);
        EBB_TRY(ebb_dvs_read(d->reader, out));
    }
    return EBB_OK;
}

void ebb_decoder_end(struct ebb_decoder *d)
{
    if (d->reader) {
        ebb_dvs_feed_end(d->reader);
    }
}

size_t ebb_decoder_rest(const struct ebb_decoder *d)
{
    return d->n_rest;
}

void ebb_decoder_resume(struct ebb_decoder *d)
{
    d->n_rest = 0;
}

static void put_le(uint8_t *to, uint64_t value, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        to[k] = (uint8_t)(value >> 8 * k);
    }
}

static void put_word(uint8_t *to, uint32_t value, bool big_endian)
{
    put_le(to, big_endian ? __builtin_bswap32(value) : value, 4);
}

size_t ebb_wire_pack(uint8_t *to, enum ebb_wire wire, bool big_endian,
                     const struct ebb_dvs_block *b)
{
    uint8_t *at = to;
    for (size_t k = 0; k < b->n; k++) {
        uint32_t x = b->x[k], y = b->y[k], p = b->p[k] ? 1 : 0;
        if ((wire != EBB_WIRE_T64 && y > 0x7FFF) ||
            (wire == EBB_WIRE_SPIF && x > 0x7FFF)) {
            return 0;
        }
        if (wire == EBB_WIRE_SPIF) {
            put_word(at, x << 16 | p << 15 | y, big_endian);
            put_word(at + SPIF, (uint32_t)b->t[k], big_endian);
            at += SPIF_TIMED;
            continue;
        }
        bool wide = wire == EBB_WIRE_T64;
        put_le(at, (uint64_t)b->t[k], wide ? 8 : 4);
        at += wide ? 8 : 4;
        put_le(at, x, 2);
        put_le(at + 2, wide ? y : y << 1 | p, 2);
        at += 4;
        if (wide) {
            *at++ = (uint8_t)p;
        }
    }
    return (size_t)(at - to);
}
