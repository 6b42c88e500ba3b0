/* tests/test_fuzz_serve.c - live streams damaged at random: the same comes of
 * them in pieces of any size, and nothing beyond the sensor.
 *
 * EBB_MUTANTS of every encoding, bare and in frames (2000), the same ones in
 * each run. */
#include "io/serve/ingest.h"
#include "tests/mutate.h"
#include "tests/run_suite.h"
#include "tests/serve_frames.h"

#include <stdlib.h>

enum { SEED = 77, WIDTH = 8, HEIGHT = 6 };

static struct ebb_dvs_block block;

static void take(void *self, const struct ebb_dvs_block *b)
{
    struct dvs_stream *to = self;
    for (size_t k = 0; k < b->n; k++) {
        CHECK_EACH(b->x[k] < WIDTH && b->y[k] < HEIGHT && b->p[k] <= 1,
                   "an event at %u, %u", b->x[k], b->y[k]);
        dvs_stream_add(to, b->t[k], b->x[k], b->y[k], b->p[k]);
    }
}

static struct ebb_ingest *open_sender(size_t k)
{
    struct ebb_ingest *in;
    struct ebb_ingest_options as = {
        .wire = serve_stream_wire(k), .width = WIDTH, .height = HEIGHT};
    ck_assert_int_eq(ebb_ingest_create(&in, &as), EBB_OK);
    return in;
}

/* One call after the other until nothing more comes of `n` bytes. */
static ebb_status push(struct ebb_ingest *in, const uint8_t *bytes, size_t n,
                       struct dvs_stream *to)
{
    size_t done = 0, used;
    do {
        ebb_status status =
            ebb_ingest_push(in, bytes + done, n - done, 5, &block, &used);
        take(to, &block);
        EBB_TRY(status);
        done += used;
    } while (block.n > 0 || done < n);
    return EBB_OK;
}

static void read_stream(struct dvs_stream *to, const struct dvs_bytes *b,
                        size_t k, size_t piece)
{
    struct ebb_ingest *in = open_sender(k);
    ebb_status status = EBB_OK;
    dvs_stream_finish(to);
    for (size_t at = 0; at < b->n && status == EBB_OK; at += piece) {
        size_t n = b->n - at < piece ? b->n - at : piece;
        status = push(in, b->at + at, n, to);
    }
    block.n = 1;
    while (status == EBB_OK && block.n > 0) {
        status = ebb_ingest_end(in, &block);
        take(to, &block);
    }
    to->status = status;
    ebb_ingest_destroy(in);
}

/* Each mutant again as datagrams of one sender. */
static void read_datagram(struct ebb_ingest *in, const struct dvs_bytes *b,
                          struct dvs_stream *to)
{
    dvs_stream_finish(to);
    to->status = ebb_ingest_datagram(in, b->at, b->n, 5, &block, take, to);
    CHECK_EACH(to->status == EBB_OK || to->status == EBB_ERR_FORMAT,
               "status %d", (int)to->status);
}

static void try_mutants(size_t k, size_t mutants)
{
    struct dvs_bytes whole = {.n = 0}, mutant = {.n = 0};
    struct dvs_stream one = {.status = EBB_OK}, other = {.status = EBB_OK};
    struct ebb_ingest *datagrams = open_sender(k);
    serve_stream_make(&whole, k);
    for (size_t m = 0; m < mutants; m++) {
        struct ebb_random r = ebb_random_stream(SEED + k, EBB_RANDOM_TEST, m);
        mutate(&mutant, &whole, &r);
        size_t piece = 1 + ebb_random_below(&r, 40);
        read_stream(&one, &mutant, k, mutant.n + 1);
        bool text = serve_stream_wire(k) == EBB_WIRE_CSV;
        read_stream(&other, &mutant, k, piece);
        CHECK_EACH(
            text ||
                (one.status == other.status && dvs_streams_equal(&one, &other)),
            "stream %zu, mutant %zu: %zu events whole (status %d), %zu in "
            "pieces of %zu (status %d): %s",
            k, m, one.all.n, (int)one.status, other.all.n, piece,
            (int)other.status, ebb_error_message());
        read_datagram(datagrams, &mutant, &other);
    }
    ebb_ingest_destroy(datagrams);
    dvs_bytes_finish(&whole);
    dvs_bytes_finish(&mutant);
    dvs_stream_finish(&one);
    dvs_stream_finish(&other);
}

START_TEST(damaged_streams_give_the_same_in_pieces)
{
    const char *more = getenv("EBB_MUTANTS");
    size_t mutants = more ? strtoul(more, NULL, 10) : 2000;
    ck_assert_int_eq(ebb_dvs_block_init(&block, 64), EBB_OK);
    for (size_t k = 0; k < SERVE_STREAMS; k++) {
        try_mutants(k, mutants);
    }
    ebb_dvs_block_finish(&block);
}
END_TEST

RUN_SUITE("io", "fuzz_serve", damaged_streams_give_the_same_in_pieces)
