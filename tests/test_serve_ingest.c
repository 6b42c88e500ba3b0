/* tests/test_serve_ingest.c - bytes of senders, whole, in pieces, and wrong. */
#include "core/random.h"
#include "io/serve/ingest.h"
#include "io/serve/origin.h"
#include "tests/run_suite.h"
#include "tests/serve_frames.h"

#include <string.h>

static struct ebb_dvs_block block;
static struct dvs_bytes bytes;
static struct dvs_stream got;

static struct ebb_ingest *open_sender(enum ebb_wire wire)
{
    struct ebb_ingest *in;
    struct ebb_ingest_options as = {.wire = wire, .width = 8, .height = 6};
    ck_assert_int_eq(ebb_ingest_create(&in, &as), EBB_OK);
    if (!block.t) {
        ck_assert_int_eq(ebb_dvs_block_init(&block, 64), EBB_OK);
    }
    dvs_stream_finish(&got);
    got = (struct dvs_stream){.status = EBB_OK};
    return in;
}

static void take(void *self, const struct ebb_dvs_block *b)
{
    (void)self;
    for (size_t k = 0; k < b->n; k++) {
        dvs_stream_add(&got, b->t[k], b->x[k], b->y[k], b->p[k]);
    }
}

/* Push bytes in pieces, and end; the first failure is returned. */
static ebb_status push(struct ebb_ingest *in, size_t piece)
{
    ebb_status status = EBB_OK;
    for (size_t at = 0; at < bytes.n && status == EBB_OK;) {
        size_t n = bytes.n - at < piece ? bytes.n - at : piece, done = 0;
        do {
            size_t used;
            status = ebb_ingest_push(in, bytes.at + at + done, n - done, 7,
                                     &block, &used);
            done += used;
            take(NULL, &block);
        } while (status == EBB_OK && (block.n > 0 || done < n));
        at += n;
    }
    while (status == EBB_OK) {
        status = ebb_ingest_end(in, &block);
        take(NULL, &block);
        if (block.n == 0) {
            break;
        }
    }
    return status;
}

static void make_events(struct dvs_stream *s, size_t n)
{
    struct ebb_random random = ebb_random_stream(4, EBB_RANDOM_TEST, n);
    int64_t t = 100;
    dvs_stream_finish(s);
    for (size_t k = 0; k < n; k++) {
        t += ebb_random_below(&random, 50);
        dvs_stream_add(s, t, ebb_random_below(&random, 8),
                       ebb_random_below(&random, 6),
                       ebb_random_below(&random, 2));
    }
}

/* Records of fixed size. */
static void pack(struct dvs_bytes *out, enum ebb_wire wire,
                 const struct dvs_stream *s)
{
    uint8_t to[EBB_WIRE_RECORD_MAX * 512];
    ck_assert_uint_le(s->all.n, 512);
    size_t n = ebb_wire_pack(to, wire, false, &s->all);
    ck_assert_uint_gt(n, 0);
    dvs_bytes_add(out, to, n);
}

START_TEST(records_in_pieces_of_any_size_are_the_events)
{
    static const enum ebb_wire wires[] = {EBB_WIRE_T64, EBB_WIRE_T32,
                                          EBB_WIRE_SPIF};
    struct dvs_stream wanted = {.status = EBB_OK};
    make_events(&wanted, 300);
    for (size_t k = 0; k < 6; k++) {
        struct dvs_bytes payload = {.n = 0};
        dvs_bytes_finish(&bytes);
        pack(&payload, wires[k / 2], &wanted);
        if (k % 2) {
            frame_add(&bytes, (uint8_t)wires[k / 2], 0, payload.at, payload.n);
        } else {
            dvs_bytes_add(&bytes, payload.at, payload.n);
        }
        for (size_t piece = 1; piece < 40; piece++) {
            struct ebb_ingest *in = open_sender(wires[k / 2]);
            ck_assert_msg(push(in, piece) == EBB_OK, "%s", ebb_error_message());
            ck_assert_msg(dvs_streams_equal(&wanted, &got),
                          "wire %zu piece %zu", k, piece);
            ebb_ingest_destroy(in);
        }
        dvs_bytes_finish(&payload);
    }
    dvs_stream_finish(&wanted);
}
END_TEST

START_TEST(what_is_wrong_is_named_and_counted_once)
{
    struct bad_bytes kind;
    for (size_t k = 0; (kind = bad_bytes_kind(k)).name; k++) {
        for (size_t piece = 1; piece < 30; piece += 7) {
            struct ebb_ingest *in = open_sender(EBB_WIRE_T64);
            bad_bytes_make(&bytes, k);
            ck_assert_msg(push(in, piece) == EBB_ERR_FORMAT, "%s passed",
                          kind.name);
            ck_assert_msg(strstr(ebb_error_message(), kind.reason),
                          "%s: '%s', wanted '%s'", kind.name,
                          ebb_error_message(), kind.reason);
            ck_assert_uint_eq(ebb_ingest_counts(in)->malformed, 1);
            ebb_ingest_destroy(in);
        }
    }
}
END_TEST

START_TEST(datagrams_after_a_wrong_one_are_taken)
{
    struct bad_bytes kind;
    for (size_t k = 0; (kind = bad_bytes_kind(k)).name; k++) {
        struct ebb_ingest *in = open_sender(EBB_WIRE_T64);
        bad_bytes_make(&bytes, k);
        ck_assert_msg(ebb_ingest_datagram(in, bytes.at, bytes.n, 7, &block,
                                          take, NULL) == EBB_ERR_FORMAT,
                      "%s passed", kind.name);
        dvs_bytes_finish(&bytes);
        record_add(&bytes, 9, 3, 2, 1);
        size_t before = got.all.n;
        ck_assert_int_eq(
            ebb_ingest_datagram(in, bytes.at, bytes.n, 7, &block, take, NULL),
            EBB_OK);
        ck_assert_uint_eq(got.all.n, before + 1);
        ck_assert_int_eq(got.all.t[before], 9);
        ck_assert_uint_eq(ebb_ingest_counts(in)->malformed, 1);
        ebb_ingest_destroy(in);
    }
}
END_TEST

static void datagram(struct ebb_ingest *in, uint32_t number)
{
    struct dvs_bytes event = {.n = 0};
    dvs_bytes_finish(&bytes);
    record_add(&event, number, 1, 1, 0);
    frame_add(&bytes, EBB_WIRE_T64, number, event.at, event.n);
    ck_assert_int_eq(
        ebb_ingest_datagram(in, bytes.at, bytes.n, 7, &block, take, NULL),
        EBB_OK);
    dvs_bytes_finish(&event);
}

START_TEST(numbers_that_never_come_are_counted)
{
    static const uint32_t numbers[] = {5, 6, 9, 8, 10, 4000000000U, 1};
    struct ebb_ingest *in = open_sender(EBB_WIRE_T64);
    for (size_t k = 0; k < 5; k++) {
        datagram(in, numbers[k]);
    }
    ck_assert_uint_eq(ebb_ingest_counts(in)->lost, 2);
    ck_assert_uint_eq(ebb_ingest_counts(in)->stale, 1);
    ck_assert_uint_eq(ebb_ingest_counts(in)->events, 4);
    datagram(in, numbers[5]); /* far back: it began anew */
    datagram(in, numbers[5] + 2);
    ck_assert_uint_eq(ebb_ingest_counts(in)->lost, 3);
    ck_assert_uint_eq(ebb_ingest_counts(in)->events, 6);
    ebb_ingest_destroy(in);
}
END_TEST

START_TEST(numbers_go_on_after_the_largest)
{
    struct ebb_ingest *in = open_sender(EBB_WIRE_T64);
    datagram(in, UINT32_MAX - 1);
    datagram(in, UINT32_MAX);
    datagram(in, 0);
    datagram(in, 3);
    ck_assert_uint_eq(ebb_ingest_counts(in)->lost, 2);
    ck_assert_uint_eq(ebb_ingest_counts(in)->events, 4);
    ebb_ingest_destroy(in);
}
END_TEST

START_TEST(events_beyond_the_sensor_are_left_out_and_counted)
{
    struct ebb_ingest *in = open_sender(EBB_WIRE_T64);
    dvs_bytes_finish(&bytes);
    record_add(&bytes, 1, 7, 5, 1);
    record_add(&bytes, 2, 8, 0, 1);
    record_add(&bytes, 3, 0, 6, 1);
    record_add(&bytes, 4, 65535, 65535, 1);
    ck_assert_int_eq(push(in, 64), EBB_OK);
    ck_assert_uint_eq(got.all.n, 1);
    ck_assert_uint_eq(ebb_ingest_counts(in)->outside, 3);
    ebb_ingest_destroy(in);
}
END_TEST

START_TEST(times_of_32_bits_go_on_when_they_wrap)
{
    static const uint32_t times[] = {4294967290U, 4294967295U, 3, 2, 10};
    static const int64_t wanted[] = {4294967290, 4294967295, 4294967299,
                                     4294967298, 4294967306};
    struct ebb_ingest *in = open_sender(EBB_WIRE_T32);
    dvs_bytes_finish(&bytes);
    for (size_t k = 0; k < 5; k++) {
        dvs_bytes_le(&bytes, times[k], 4);
        dvs_bytes_le(&bytes, 1, 2);
        dvs_bytes_le(&bytes, 2 << 1 | 1, 2);
    }
    ck_assert_int_eq(push(in, 3), EBB_OK);
    for (size_t k = 0; k < 5; k++) {
        ck_assert_int_eq(got.all.t[k], wanted[k]);
        ck_assert_uint_eq(got.all.y[k], 2);
        ck_assert_uint_eq(got.all.p[k], 1);
    }
    ebb_ingest_destroy(in);
}
END_TEST

START_TEST(spif_without_times_gets_that_of_its_arrival)
{
    struct ebb_ingest *in;
    struct ebb_ingest_options as = {
        .wire = EBB_WIRE_SPIF, .big_endian = true, .width = 8, .height = 6};
    in = open_sender(EBB_WIRE_SPIF);
    ebb_ingest_destroy(in);
    ck_assert_int_eq(ebb_ingest_create(&in, &as), EBB_OK);
    dvs_bytes_finish(&bytes);
    dvs_bytes_be(&bytes, 1U << 31 | 5U << 16 | 1U << 15 | 4, 4);
    dvs_bytes_be(&bytes, 3U << 16 | 2, 4); /* a time follows */
    dvs_bytes_be(&bytes, 1234, 4);
    ck_assert_int_eq(push(in, 5), EBB_OK);
    ck_assert_uint_eq(got.all.n, 2);
    ck_assert_int_eq(got.all.t[0], 7);
    ck_assert_uint_eq(got.all.x[0], 5);
    ck_assert_uint_eq(got.all.y[0], 4);
    ck_assert_uint_eq(got.all.p[0], 1);
    ck_assert_int_eq(got.all.t[1], 1234);
    ck_assert_uint_eq(got.all.p[1], 0);
    ebb_ingest_destroy(in);
}
END_TEST

START_TEST(greetings_may_say_more_than_is_known)
{
    static const char *const good[] = {
        "{}", "{\"width\":8,\"height\":6}",
        " { \"t_unit\" : \"us\" , \"name\" : \"x\", \"version\": 2.5 } ",
        "{\"encoding\": \"evt3\", \"on\": true}"};
    static const char *const wrong[] = {"",
                                        "{",
                                        "[]",
                                        "{\"width\"}",
                                        "{\"width\": }",
                                        "{\"width\": 8,}",
                                        "{\"width\": -8}",
                                        "{\"width\": 8.5}",
                                        "{\"width\": 99999999999999999999}",
                                        "{\"a\": {\"b\": 1}}",
                                        "{} x",
                                        "{\"a\\u0000\": 1}",
                                        "{\"encoding\": \"morse\"}"};
    struct ebb_hello h;
    for (size_t k = 0; k < sizeof(good) / sizeof(good[0]); k++) {
        ck_assert_msg(ebb_hello_parse(&h, good[k], strlen(good[k])) == EBB_OK,
                      "%s: %s", good[k], ebb_error_message());
    }
    for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
        ck_assert_msg(ebb_hello_parse(&h, wrong[k], strlen(wrong[k])) ==
                          EBB_ERR_FORMAT,
                      "'%s' passed", wrong[k]);
    }
}
END_TEST

static void place(struct ebb_origin *o, int64_t t, int64_t now, int64_t wanted)
{
    block.t[0] = t;
    block.n = 1;
    ebb_origin_apply(o, &block, now);
    ck_assert_uint_eq(block.n, wanted >= 0);
    ck_assert_int_eq(wanted < 0 ? wanted : block.t[0], wanted);
}

START_TEST(the_first_event_of_a_sender_is_now)
{
    struct ebb_origin o = {.begun = false};
    ebb_ingest_destroy(open_sender(EBB_WIRE_T64));
    place(&o, 1000000, 50, 50);
    place(&o, 1000100, 60, 150);
    place(&o, 1000090, 60, 140); /* a little back */
    place(&o, 5, 200, 200);      /* its clock was set */
    place(&o, 6, 200, 201);
    place(&o, 1000000000000, 300, 300); /* and again */
    ck_assert_uint_eq(o.jumps, 2);
}
END_TEST

START_TEST(absolute_times_far_ahead_are_left_out)
{
    struct ebb_origin o = {.absolute = true};
    ebb_ingest_destroy(open_sender(EBB_WIRE_T64));
    place(&o, 1000, 50, 1000);
    place(&o, 1000000000000, 50, -1);
    place(&o, 2000, 50, 2000);
    ck_assert_uint_eq(o.jumps, 1);
    o = (struct ebb_origin){.absolute = true};
    place(&o, 1000000000000, 50, -1); /* the stream is at 50 us */
    place(&o, 100, 50, 100);
    o = (struct ebb_origin){.absolute = true};
    place(&o, 1000000000000, 0, 1000000000000); /* it begins there */
}
END_TEST

RUN_SUITE("io", "serve_ingest", records_in_pieces_of_any_size_are_the_events,
          what_is_wrong_is_named_and_counted_once,
          datagrams_after_a_wrong_one_are_taken,
          numbers_that_never_come_are_counted, numbers_go_on_after_the_largest,
          events_beyond_the_sensor_are_left_out_and_counted,
          times_of_32_bits_go_on_when_they_wrap,
          spif_without_times_gets_that_of_its_arrival,
          greetings_may_say_more_than_is_known,
          the_first_event_of_a_sender_is_now,
          absolute_times_far_ahead_are_left_out)
