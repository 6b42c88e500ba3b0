/* io/serve/frame.c - frames around events. */
#include "io/serve/frame.h"

#include "io/dvs/bytes.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t magic[EBB_FRAME_MAGIC_BYTES] = {'E', 'B', 'B', 'E'};

bool ebb_frame_starts(const uint8_t *bytes, size_t n)
{
    return memcmp(bytes, magic, n) == 0;
}

ebb_status ebb_frame_parse(struct ebb_frame *out,
                           const uint8_t b[EBB_FRAME_HEADER])
{
    struct ebb_frame f = {.encoding = b[5],
                          .flags = (uint16_t)ebb_le16(b + 6),
                          .number = ebb_le32(b + 8),
                          .bytes = ebb_le32(b + 12)};
    uint32_t most = f.encoding == EBB_FRAME_HELLO ? EBB_FRAME_HELLO_MAX
                                                  : EBB_FRAME_PAYLOAD_MAX;
    if (!ebb_frame_starts(b, EBB_FRAME_MAGIC_BYTES)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "a frame does not start with EBBE");
    }
    if (b[4] != EBB_FRAME_VERSION) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a frame of version %u; version 1 is read", b[4]);
    }
    if (f.encoding != EBB_FRAME_HELLO && !ebb_wire_name(f.encoding)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "a frame of encoding %u; 1 to %d are",
                        f.encoding, EBB_WIRE_END - 1);
    }
    if (f.flags & ~EBB_FRAME_BIG_ENDIAN) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a frame with flags 0x%04x; 0 and 1 "
                        "are known",
                        f.flags);
    }
    if (f.bytes > most) {
        return EBB_FAIL(EBB_ERR_FORMAT, "a frame of %u bytes; %u are the most",
                        f.bytes, most);
    }
    *out = f;
    return EBB_OK;
}

static void put_le(uint8_t *to, uint32_t value, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        to[k] = (uint8_t)(value >> 8 * k);
    }
}

void ebb_frame_print(uint8_t b[EBB_FRAME_HEADER], const struct ebb_frame *f)
{
    memcpy(b, magic, sizeof(magic));
    b[4] = EBB_FRAME_VERSION;
    b[5] = f->encoding;
    put_le(b + 6, f->flags, 2);
    put_le(b + 8, f->number, 4);
    put_le(b + 12, f->bytes, 4);
}

/* JSON being read. */
struct text {
    const char *at, *end;
};

/* The next character that is no space, without taking it; 0: none. */
static char next(struct text *t)
{
    while (t->at < t->end && memchr(" \t\r\n", *t->at, 4)) {
        t->at++;
    }
    return t->at < t->end ? *t->at : '\0';
}

static bool take(struct text *t, char wanted)
{
    bool found = next(t) == wanted;
    t->at += found;
    return found;
}

/* A string without escapes, into `out`. */
static bool take_string(struct text *t, char *out, size_t room)
{
    if (!take(t, '"')) {
        return false;
    }
    const char *stop = memchr(t->at, '"', (size_t)(t->end - t->at));
    size_t n = stop ? (size_t)(stop - t->at) : room;
    if (n >= room || memchr(t->at, '\\', n)) {
        return false;
    }
    memcpy(out, t->at, n);
    out[n] = '\0';
    t->at = stop + 1;
    return true;
}

/* A string or another plain value. */
static bool take_value(struct text *t, char *out, size_t room)
{
    if (next(t) == '"') {
        return take_string(t, out, room);
    }
    size_t n = 0;
    while (t->at < t->end && n + 1 < room &&
           !memchr(",}]{[ \t\r\n\"", *t->at, 11)) {
        out[n++] = *t->at++;
    }
    out[n] = '\0';
    return n > 0;
}

static ebb_status take_side(uint32_t *out, const char *name, const char *value)
{
    char *end;
    unsigned long n = strtoul(value, &end, 10);
    if (*end || value[0] == '-' || n < 1 || n > 65536) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a greeting with %s '%.20s'; 1 to "
                        "65536 are",
                        name, value);
    }
    *out = (uint32_t)n;
    return EBB_OK;
}

static ebb_status take_field(struct ebb_hello *h, const char *name,
                             const char *value)
{
    if (strcmp(name, "width") == 0) {
        return take_side(&h->width, name, value);
    }
    if (strcmp(name, "height") == 0) {
        return take_side(&h->height, name, value);
    }
    if (strcmp(name, "encoding") == 0) {
        return ebb_wire_find(&h->wire, value) == EBB_OK
                   ? EBB_OK
                   : EBB_FAIL(EBB_ERR_FORMAT,
                              "a greeting with encoding '%.20s'", value);
    }
    if (strcmp(name, "t_unit") == 0 && strcmp(value, "us") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a greeting with t_unit '%.20s'; times are in us",
                        value);
    }
    return EBB_OK;
}

ebb_status ebb_hello_parse(struct ebb_hello *out, const char *text, size_t n)
{
    struct ebb_hello h = {.width = 0};
    struct text t = {text, text + n};
    char name[64], value[64];
    bool good = take(&t, '{');
    while (good && next(&t) != '}') {
        good = take_string(&t, name, sizeof(name)) && take(&t, ':') &&
               take_value(&t, value, sizeof(value));
        if (good) {
            EBB_TRY(take_field(&h, name, value));
            good = take(&t, ',') ? next(&t) == '"' : next(&t) == '}';
        }
    }
    if (!good || !take(&t, '}') || next(&t)) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a greeting that is no flat JSON object");
    }
    *out = h;
    return EBB_OK;
}
