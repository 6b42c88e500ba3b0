/* tests/test_chunk_worker.c - chunks packed elsewhere are the same chunks. */
#include "io/chunk_worker.h"
#include "tests/run_suite.h"

#include <stdlib.h>
#include <string.h>

enum { JOBS = 40, CHUNKS = 3, NUMBERS = 512 };

/* A job with all that it needs. */
struct work {
    struct ebb_chunk_job job;
    struct ebb_chunk_source source[CHUNKS];
    void *packed[CHUNKS];
    size_t bytes[CHUNKS];
    double data[NUMBERS], scratch[NUMBERS];
};

static struct work *make_work(size_t seed)
{
    struct work *w = calloc(1, sizeof(*w));
    for (size_t k = 0; k < NUMBERS; k++) {
        w->data[k] = (double)(k * seed % 97);
    }
    for (size_t k = 0; k < CHUNKS; k++) {
        w->source[k] = (struct ebb_chunk_source){.data = w->data,
                                                 .stride = 1,
                                                 .rows_held = 1,
                                                 .points_held = NUMBERS - k,
                                                 .rows = 1,
                                                 .points = NUMBERS,
                                                 .item = sizeof(double)};
        w->packed[k] = calloc(1, ebb_chunk_bound(1, NUMBERS, sizeof(double)));
    }
    w->job = (struct ebb_chunk_job){.source = w->source,
                                    .packed = w->packed,
                                    .bytes = w->bytes,
                                    .n = CHUNKS,
                                    .scratch = w->scratch};
    return w;
}

static void free_work(struct work *w)
{
    for (size_t k = 0; k < CHUNKS; k++) {
        free(w->packed[k]);
    }
    free(w);
}

START_TEST(jobs_have_the_bytes_of_packing_on_the_spot)
{
    struct ebb_chunk_worker *worker;
    struct work *here[JOBS], *there[JOBS];
    ck_assert_int_eq(ebb_chunk_worker_create(&worker), EBB_OK);
    for (size_t k = 0; k < JOBS; k++) {
        here[k] = make_work(k);
        there[k] = make_work(k);
        ebb_chunk_worker_submit(worker, &there[k]->job);
    }
    for (size_t k = JOBS; k-- > 0;) { /* in whatever order they are wanted */
        ebb_chunk_worker_submit(NULL, &here[k]->job);
        ck_assert_int_eq(ebb_chunk_worker_wait(NULL, &here[k]->job), EBB_OK);
        ck_assert_int_eq(ebb_chunk_worker_wait(worker, &there[k]->job), EBB_OK);
        for (size_t c = 0; c < CHUNKS; c++) {
            ck_assert_uint_eq(here[k]->bytes[c], there[k]->bytes[c]);
            ck_assert_int_eq(memcmp(here[k]->packed[c], there[k]->packed[c],
                                    here[k]->bytes[c]),
                             0);
        }
    }
    ebb_chunk_worker_destroy(worker);
    for (size_t k = 0; k < JOBS; k++) {
        free_work(here[k]);
        free_work(there[k]);
    }
}
END_TEST

START_TEST(destroy_does_what_was_handed_over)
{
    struct ebb_chunk_worker *worker;
    struct work *w[JOBS];
    ck_assert_int_eq(ebb_chunk_worker_create(&worker), EBB_OK);
    for (size_t k = 0; k < JOBS; k++) {
        w[k] = make_work(k);
        ebb_chunk_worker_submit(worker, &w[k]->job);
    }
    ebb_chunk_worker_destroy(worker);
    for (size_t k = 0; k < JOBS; k++) {
        ck_assert(w[k]->job.done);
        ck_assert_uint_gt(w[k]->bytes[CHUNKS - 1], 0);
        free_work(w[k]);
    }
}
END_TEST

RUN_SUITE("unit", "chunk_worker", jobs_have_the_bytes_of_packing_on_the_spot,
          destroy_does_what_was_handed_over)
