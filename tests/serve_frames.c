/* tests/serve_frames.c - frames and records, right and wrong. */
#include "tests/serve_frames.h"

#include "core/random.h"

#include <check.h>

#include <stdlib.h>
#include <string.h>

void frame_add(struct dvs_bytes *out, uint8_t encoding, uint32_t number,
               const void *payload, size_t n)
{
    uint8_t header[EBB_FRAME_HEADER];
    struct ebb_frame f = {
        .encoding = encoding, .number = number, .bytes = (uint32_t)n};
    ebb_frame_print(header, &f);
    dvs_bytes_add(out, header, sizeof(header));
    dvs_bytes_add(out, payload, n);
}

void record_add(struct dvs_bytes *out, uint64_t t, unsigned x, unsigned y,
                unsigned p)
{
    dvs_bytes_le(out, t, 8);
    dvs_bytes_le(out, x, 2);
    dvs_bytes_le(out, y, 2);
    dvs_bytes_le(out, p, 1);
}

enum kind {
    CUT_HEADER,
    CUT_PAYLOAD,
    BAD_VERSION,
    BAD_ENCODING,
    BAD_FLAGS,
    TOO_LONG,
    HALF_EVENT,
    HALF_EVENT_BARE,
    FAR_TIME,
    BAD_HELLO,
    EMPTY_HELLO,
    WRONG_UNIT,
    LARGE_SENSOR,
    OTHER_ENCODING,
    BAD_MAGIC,
    KINDS
};

static const struct bad_bytes kinds[KINDS + 1] = {
    [CUT_HEADER] = {"a header that is cut", "within a frame", true, true},
    [CUT_PAYLOAD] = {"a payload that is cut", "within a frame", true, true},
    [BAD_VERSION] = {"a version of the future", "version 9", true, false},
    [BAD_ENCODING] = {"an encoding of none", "encoding 77", true, false},
    [BAD_FLAGS] = {"flags of none", "flags 0x8000", true, false},
    [TOO_LONG] = {"a payload of 2 GiB", "bytes; 1048576 are the most", true,
                  false},
    [HALF_EVENT] = {"half an event in a frame", "ends within an event", true,
                    false},
    [HALF_EVENT_BARE] = {"half an event", "ends within an event", true, true},
    [FAR_TIME] = {"a time beyond all", "times up to 2^50", true, false},
    [BAD_HELLO] = {"a greeting that is no JSON", "no flat JSON object", true,
                   false},
    [EMPTY_HELLO] = {"a greeting of nothing", "no flat JSON object", true,
                     false},
    [WRONG_UNIT] = {"times in weeks", "t_unit 'weeks'", true, false},
    [LARGE_SENSOR] = {"a sensor that is too large", "a sensor of 640 x 480",
                      true, false},
    [OTHER_ENCODING] = {"another encoding midway", "within a stream of", true,
                        false},
    [BAD_MAGIC] = {"a frame that starts like none", "does not start with EBBE",
                   true, false},
};

struct bad_bytes bad_bytes_kind(size_t k)
{
    return kinds[k < KINDS ? k : KINDS];
}

static void hello(struct dvs_bytes *out, const char *text)
{
    frame_add(out, EBB_FRAME_HELLO, 0, text, strlen(text));
}

/* A good frame whose header is damaged at a byte. */
static void damaged(struct dvs_bytes *out, size_t at, uint8_t value)
{
    struct dvs_bytes event = {.n = 0};
    record_add(&event, 5, 1, 1, 1);
    frame_add(out, EBB_WIRE_T64, 0, event.at, event.n);
    out->at[at] = value;
    dvs_bytes_finish(&event);
}

static void make_frame(struct dvs_bytes *out, enum kind kind)
{
    struct dvs_bytes event = {.n = 0};
    record_add(&event, kind == FAR_TIME ? UINT64_MAX - 3 : 5, 1, 1, 1);
    frame_add(out, EBB_WIRE_T64, 0, event.at,
              kind == HALF_EVENT ? event.n - 6 : event.n);
    if (kind == CUT_HEADER) {
        out->n = 9;
    } else if (kind == CUT_PAYLOAD) {
        out->n -= 4;
    } else if (kind == OTHER_ENCODING) {
        frame_add(out, EBB_WIRE_T32, 1, event.at, 8);
    } else if (kind == BAD_MAGIC) {
        dvs_bytes_text(out, "FBBE............");
    }
    dvs_bytes_finish(&event);
}

void bad_bytes_make(struct dvs_bytes *out, size_t k)
{
    enum kind kind = (enum kind)k;
    dvs_bytes_finish(out);
    switch (kind) {
    case BAD_VERSION:
        damaged(out, 4, 9);
        return;
    case BAD_ENCODING:
        damaged(out, 5, 77);
        return;
    case BAD_FLAGS:
        damaged(out, 7, 0x80);
        return;
    case TOO_LONG:
        damaged(out, 15, 0x80);
        return;
    case HALF_EVENT_BARE:
        record_add(out, 5, 1, 1, 1);
        out->n -= 5;
        return;
    case BAD_HELLO:
        hello(out, "{\"width\": 8, ");
        return;
    case EMPTY_HELLO:
        hello(out, "");
        return;
    case WRONG_UNIT:
        hello(out, "{\"t_unit\": \"weeks\"}");
        return;
    case LARGE_SENSOR:
        hello(out, "{\"width\": 640, \"height\": 480}");
        return;
    default:
        make_frame(out, kind);
    }
}

enum ebb_wire serve_stream_wire(size_t k)
{
    return (enum ebb_wire)(k / 2 + EBB_WIRE_T64);
}

static void pack(struct dvs_bytes *out, enum ebb_wire wire,
                 const struct dvs_stream *s)
{
    struct ebb_dvs_about about = {.width = 8, .height = 6};
    if (wire >= EBB_WIRE_EVT2) {
        dvs_stream_print(s, out, ebb_wire_name(wire), &about);
        return;
    }
    uint8_t to[EBB_WIRE_RECORD_MAX * 64];
    ck_assert_uint_le(s->all.n, 64);
    dvs_bytes_add(out, to, ebb_wire_pack(to, wire, false, &s->all));
}

void serve_stream_make(struct dvs_bytes *out, size_t k)
{
    struct ebb_random random = ebb_random_stream(21, EBB_RANDOM_TEST, k);
    struct dvs_stream s = {.status = EBB_OK};
    struct dvs_bytes packed = {.n = 0};
    static const char hello[] = "{\"width\": 8, \"height\": 6}";
    enum ebb_wire wire = serve_stream_wire(k);
    int64_t t = 1000;
    for (size_t e = 0; e < 50; e++) {
        t += ebb_random_below(&random, 100);
        dvs_stream_add(&s, t, ebb_random_below(&random, 8),
                       ebb_random_below(&random, 6),
                       ebb_random_below(&random, 2));
    }
    dvs_bytes_finish(out);
    pack(&packed, wire, &s);
    if (k % 2) {
        size_t half = packed.n / 2 - packed.n / 2 % 104;
        frame_add(out, EBB_FRAME_HELLO, 0, hello, sizeof(hello) - 1);
        frame_add(out, (uint8_t)wire, 1, packed.at, half);
        frame_add(out, (uint8_t)wire, 2, packed.at + half, packed.n - half);
    } else {
        dvs_bytes_add(out, packed.at, packed.n);
    }
    dvs_bytes_finish(&packed);
    dvs_stream_finish(&s);
}
