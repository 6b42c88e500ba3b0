/* tests/test_rows.c - compact rows against the plain ones they were made of. */
#include "models/rows_layout.h"
#include "tests/plain_rows.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ebb_rows *pack(const struct plain_rows *p)
{
    struct ebb_rows *rows;
    ck_assert_msg(ebb_rows_pack(&rows, &p->shape, p->indptr, p->indices,
                                p->weight, p->number) == EBB_OK,
                  "%s", ebb_error_message());
    return rows;
}

/* Row by row: the targets from <= i < to of what was given. */
static void check_rows(const struct ebb_rows *rows, const struct plain_rows *p,
                       size_t from, size_t to, uint64_t seed)
{
    size_t size = p->number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
    uint32_t *target = calloc(ebb_rows_longest(rows) + 1, sizeof(*target));
    char *weight = calloc(ebb_rows_longest(rows) + 1, size);
    uint64_t kept = 0;
    for (size_t j = 0; j < p->shape.sources; j++) {
        uint64_t first = p->indptr[j], last = p->indptr[j + 1];
        CHECK_EACH(ebb_rows_length(rows, j) == last - first,
                   "seed %llu row %zu", (unsigned long long)seed, j);
        while (first < last && p->indices[first] < from) {
            first++;
        }
        while (last > first && p->indices[last - 1] >= to) {
            last--;
        }
        size_t n = ebb_rows_read(rows, j, target, weight);
        CHECK_EACH(n == last - first, "seed %llu row %zu: %zu synapses",
                   (unsigned long long)seed, j, n);
        CHECK_EACH(
            memcmp(target, p->indices + first, n * 4) == 0 &&
                memcmp(weight, (char *)p->weight + first * size, n * size) == 0,
            "seed %llu row %zu is another", (unsigned long long)seed, j);
        kept += n;
    }
    ck_assert_uint_eq(ebb_rows_kept(rows), kept);
    ck_assert_uint_eq(ebb_rows_synapses(rows), p->indptr[p->shape.sources]);
    free(target);
    free(weight);
}

START_TEST(rows_come_back_bit_for_bit)
{
    size_t deltas = 0, whole = 0, seen[EBB_WEIGHTS_DOUBLE + 1] = {0};
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct plain_rows p = plain_rows_draw(seed);
        struct ebb_rows *rows = pack(&p);
        check_rows(rows, &p, 0, p.shape.targets, seed);
        deltas += rows->form.deltas;
        whole += rows->form.segments == 1;
        seen[rows->form.weights]++;
        ebb_rows_destroy(rows);
        plain_rows_finish(&p);
    }
    printf("%zu with deltas, %zu of one segment; constant, codes, half, "
           "float, double: %zu %zu %zu %zu %zu\n",
           deltas, whole, seen[0], seen[1], seen[2], seen[3], seen[4]);
    ck_assert(deltas > 20 && deltas < 380 && whole > 20 && whole < 380);
    for (size_t k = 0; k <= EBB_WEIGHTS_DOUBLE; k++) {
        ck_assert_uint_gt(seen[k], 20);
    }
}
END_TEST

START_TEST(a_part_of_the_slices_knows_the_length_of_whole_rows)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct plain_rows p = plain_rows_draw(seed);
        struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 5);
        size_t slice = p.shape.slice;
        size_t slices = (p.shape.targets + slice - 1) / slice;
        size_t first = ebb_random_below(&r, (uint32_t)slices);
        size_t more = ebb_random_below(&r, (uint32_t)(slices - first));
        p.shape.first_slice = first;
        p.shape.last_slice = first + more + 1;
        struct ebb_rows *rows = pack(&p);
        check_rows(rows, &p, first * slice, (first + more + 1) * slice, seed);
        ebb_rows_destroy(rows);
        plain_rows_finish(&p);
    }
}
END_TEST

START_TEST(threads_never_change_the_bytes)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct plain_rows p = plain_rows_draw(seed);
        struct ebb_rows *rows[3];
        for (size_t k = 0; k < 3; k++) {
            p.shape.threads = (unsigned)(2 * k + 1); /* 1, 3, 5 */
            rows[k] = pack(&p);
        }
        for (size_t k = 1; k < 3; k++) {
            size_t n = p.shape.sources;
            CHECK_EACH(ebb_rows_bytes(rows[k]) == ebb_rows_bytes(rows[0]) &&
                           rows[k]->form.bits == rows[0]->form.bits &&
                           memcmp(rows[k]->start, rows[0]->start,
                                  (n + 1) * sizeof(*rows[0]->start)) == 0 &&
                           memcmp(rows[k]->value, rows[0]->value,
                                  sizeof(rows[0]->value)) == 0 &&
                           memcmp(rows[k]->data, rows[0]->data,
                                  rows[0]->start[n]) == 0,
                       "seed %llu, %u threads", (unsigned long long)seed,
                       rows[k]->shape.threads);
        }
        for (size_t k = 0; k < 3; k++) {
            ebb_rows_destroy(rows[k]);
        }
        plain_rows_finish(&p);
    }
}
END_TEST

/* Conversions lose them where the processor flushes denormals, as it does
 * here. */
START_TEST(denormal_weights_come_back)
{
    uint64_t indptr[] = {0, 5};
    uint32_t indices[] = {0, 1, 2, 3, 4};
    uint32_t single[] = {1, 0x80000001, 0x007fffff, 0x80000000, 0x3f800000};
    uint64_t twice[] = {1, 0x8000000000000001, 0x000fffffffffffff,
                        0x8000000000000000, 0x36a0000000000000};
    struct plain_rows p = {.shape = {.sources = 1, .targets = 5, .threads = 1},
                           .number = EBB_FLOAT32,
                           .indptr = indptr,
                           .indices = indices,
                           .weight = single};
    struct ebb_rows *rows = pack(&p);
    check_rows(rows, &p, 0, 5, 0);
    ebb_rows_destroy(rows);
    p.number = EBB_FLOAT64;
    p.weight = twice;
    rows = pack(&p);
    check_rows(rows, &p, 0, 5, 0);
    ebb_rows_destroy(rows);
}
END_TEST

/* More than a byte tells apart, so that they stand as they are. */
START_TEST(many_denormal_weights_come_back)
{
    enum { N = 1000 };
    uint64_t indptr[] = {0, N};
    static uint32_t indices[N], single[N];
    for (uint32_t k = 0; k < N; k++) {
        indices[k] = k;
        single[k] = k * 8388 | (k % 2) << 31;
    }
    struct plain_rows p = {.shape = {.sources = 1, .targets = N, .threads = 1},
                           .number = EBB_FLOAT32,
                           .indptr = indptr,
                           .indices = indices,
                           .weight = single};
    struct ebb_rows *rows = pack(&p);
    ck_assert_int_eq(rows->form.weights, EBB_WEIGHTS_FLOAT);
    check_rows(rows, &p, 0, N, 0);
    ebb_rows_destroy(rows);
}
END_TEST

/* 1000 of 10^6 targets a row: how rows of a large memory are. */
struct large {
    enum plain_weights kind;
};

enum { LARGE_ROWS = 1000, LARGE_TARGETS = 1000000, LARGE_ROW = 1000 };

static ebb_status large_row(void *self, void *thread, size_t source,
                            uint32_t *target, void *weight, size_t *n)
{
    const struct large *large = self;
    struct ebb_random r = ebb_random_stream(3, EBB_RANDOM_TEST, 100 + source);
    (void)thread;
    *n = LARGE_ROW;
    for (size_t k = 0; k < *n; k++) {
        target[k] = ebb_random_below(&r, LARGE_TARGETS);
        ((float *)weight)[k] = (float)plain_weight(large->kind, &r);
    }
    qsort(target, *n, sizeof(*target), plain_rising);
    return EBB_OK;
}

static struct ebb_rows *build_large(enum plain_weights kind)
{
    struct large large = {kind};
    struct ebb_row_source source = {.self = &large,
                                    .most = LARGE_ROW,
                                    .number = EBB_FLOAT32,
                                    .row = large_row};
    struct ebb_rows_shape shape = {.sources = LARGE_ROWS,
                                   .targets = LARGE_TARGETS};
    struct ebb_rows *rows;
    ck_assert_msg(ebb_rows_build(&rows, &shape, &source, NULL) == EBB_OK, "%s",
                  ebb_error_message());
    return rows;
}

START_TEST(large_rows_fit_three_bytes_a_synapse_or_six)
{
    enum { NEURON = 60 }; /* bytes of its state */
    static const double most[] = {
        [CONSTANT] = 3, [EIGHT] = 3, [HALF] = 4, [SINGLE] = 6};
    for (size_t kind = CONSTANT; kind <= SINGLE; kind++) {
        struct ebb_rows *rows = build_large((enum plain_weights)kind);
        char layout[100];
        size_t bytes = ebb_rows_bytes(rows) + LARGE_ROWS * NEURON;
        double each = (double)bytes / (double)ebb_rows_synapses(rows);
        ebb_rows_layout(rows, layout, sizeof(layout));
        printf("%s: %.3f bytes a synapse\n", layout, each);
        ck_assert_double_le(each, most[kind]);
        ebb_rows_destroy(rows);
    }
}
END_TEST

START_TEST(short_rows_take_no_room_for_slices_that_are_empty)
{
    enum { N = 100000 };
    uint64_t *indptr = calloc(N + 1, sizeof(*indptr));
    uint32_t *indices = calloc(N, sizeof(*indices));
    float *weight = calloc(N, sizeof(*weight));
    for (uint32_t j = 0; j < N; j++) {
        indptr[j + 1] = j + 1;
        indices[j] = j;
        weight[j] = 1;
    }
    struct plain_rows p = {.shape = {.sources = N, .targets = N},
                           .number = EBB_FLOAT32,
                           .indptr = indptr,
                           .indices = indices,
                           .weight = weight};
    struct ebb_rows *rows = pack(&p);
    check_rows(rows, &p, 0, N, 0);
    ck_assert_uint_lt(ebb_rows_bytes(rows), 17 * N);
    ebb_rows_destroy(rows);
    plain_rows_finish(&p);
}
END_TEST

START_TEST(slices_are_few_tiles_of_small_populations)
{
    ck_assert_uint_eq(ebb_rows_slice(1), 4096);
    ck_assert_uint_eq(ebb_rows_slice(10000), 4096);
    ck_assert_uint_eq(ebb_rows_slice(32768), 4096);
    ck_assert_uint_eq(ebb_rows_slice(100000), 8192);
    ck_assert_uint_eq(ebb_rows_slice(1000000), 32768);
}
END_TEST

static void refuse(const struct plain_rows *p, ebb_status wanted)
{
    struct ebb_rows *rows;
    ck_assert_int_eq(ebb_rows_pack(&rows, &p->shape, p->indptr, p->indices,
                                   p->weight, p->number),
                     wanted);
    ck_assert_ptr_null(rows);
}

START_TEST(rows_that_are_none_are_refused)
{
    uint64_t indptr[] = {0, 2, 4};
    uint32_t indices[] = {1, 5, 0, 9};
    float weight[4] = {0};
    struct plain_rows good = {.shape = {.sources = 2, .targets = 10},
                              .number = EBB_FLOAT32,
                              .indptr = indptr,
                              .indices = indices,
                              .weight = weight};
    ebb_rows_destroy(pack(&good));
    struct plain_rows bad = good;
    bad.shape.targets = 9; /* 9 is too large */
    refuse(&bad, EBB_ERR_SHAPE);
    indices[1] = 0; /* falls */
    refuse(&good, EBB_ERR_SHAPE);
    indices[1] = 5;
    indptr[1] = 5;
    refuse(&good, EBB_ERR_SHAPE);
    indptr[1] = 2;
    static const size_t slices[] = {1, 32, 96, (size_t)1 << 31};
    for (size_t k = 0; k < 4; k++) {
        bad = good;
        bad.shape.slice = slices[k];
        refuse(&bad, EBB_ERR_ARG);
    }
    bad = good;
    bad.shape.last_slice = 2;
    refuse(&bad, EBB_ERR_ARG);
    bad = good;
    bad.shape.sources = 0;
    refuse(&bad, EBB_ERR_ARG);
}
END_TEST

/* A source that fails, or says more than it announced. */
static ebb_status bad_row(void *self, void *thread, size_t source,
                          uint32_t *target, void *weight, size_t *n)
{
    const size_t *long_from = self;
    (void)thread;
    *n = 1;
    target[0] = 0;
    ((double *)weight)[0] = 1;
    if (source >= *long_from) {
        *n = 2;
    } else if (*long_from == SIZE_MAX && source == 700) {
        return EBB_FAIL(EBB_ERR_IO, "row 700 cannot be read");
    }
    return EBB_OK;
}

START_TEST(what_a_source_reports_is_passed_on)
{
    size_t long_from = SIZE_MAX;
    struct ebb_row_source source = {
        .self = &long_from, .most = 1, .number = EBB_FLOAT64, .row = bad_row};
    struct ebb_rows_shape shape = {.sources = 1000, .targets = 5, .threads = 2};
    struct ebb_rows *rows;
    ck_assert_int_eq(ebb_rows_build(&rows, &shape, &source, NULL), EBB_ERR_IO);
    ck_assert_str_eq(ebb_error_message(), "row 700 cannot be read");
    long_from = 10;
    ck_assert_int_eq(ebb_rows_build(&rows, &shape, &source, NULL),
                     EBB_ERR_SHAPE);
}
END_TEST

struct watcher {
    size_t told, last, total, stop_at;
};

static ebb_status watch_rows(void *self, size_t done, size_t total)
{
    struct watcher *w = self;
    ck_assert_uint_gt(done, w->last);
    ck_assert_uint_le(done, total);
    w->told++;
    w->last = done;
    w->total = total;
    return done >= w->stop_at ? EBB_FAIL(EBB_ERR_STOPPED, "stopped") : EBB_OK;
}

START_TEST(a_watch_is_told_and_may_stop)
{
    size_t never = 2000;
    struct watcher w = {.stop_at = SIZE_MAX};
    struct ebb_rows_watch watch = {.self = &w, .rows = watch_rows};
    struct ebb_row_source source = {
        .self = &never, .most = 1, .number = EBB_FLOAT64, .row = bad_row};
    struct ebb_rows_shape shape = {.sources = 1000, .targets = 5};
    struct ebb_rows *rows;
    ck_assert_int_eq(ebb_rows_build(&rows, &shape, &source, &watch), EBB_OK);
    ck_assert_uint_eq(w.last, w.total);
    ck_assert_uint_gt(w.told, 10);
    ebb_rows_destroy(rows);
    w = (struct watcher){.stop_at = 1500};
    ck_assert_int_eq(ebb_rows_build(&rows, &shape, &source, &watch),
                     EBB_ERR_STOPPED);
    ck_assert_ptr_null(rows);
}
END_TEST

START_TEST(building_survives_every_failed_allocation)
{
    struct plain_rows p = plain_rows_draw(7);
    struct ebb_rows *rows = NULL;
    ebb_status status = EBB_ERR_NOMEM;
    p.shape.threads = 2;
    for (long nth = 1; status != EBB_OK; nth++) {
        ebb_mem_fail_nth(nth);
        status = ebb_rows_pack(&rows, &p.shape, p.indptr, p.indices, p.weight,
                               p.number);
        ebb_mem_fail_nth(0);
        ck_assert((rows != NULL) == (status == EBB_OK));
        ck_assert(status == EBB_OK || status == EBB_ERR_NOMEM);
    }
    ebb_rows_destroy(rows);
    plain_rows_finish(&p);
}
END_TEST

/* Before a page of it is touched. */
START_TEST(more_than_the_machine_has_is_refused)
{
    size_t never = SIZE_MAX - 1;
    struct ebb_row_source source = {
        .self = &never, .most = 1, .number = EBB_FLOAT64, .row = bad_row};
    struct ebb_rows_shape shape = {.sources = UINT32_MAX, .targets = 5};
    struct ebb_rows *rows;
    if (ebb_mem_machine() == 0 || ebb_mem_machine() > (size_t)20 * UINT32_MAX) {
        printf("skipped: this machine has room for 2^32 rows\n");
        return;
    }
    ck_assert_int_eq(ebb_rows_build(&rows, &shape, &source, NULL),
                     EBB_ERR_NOMEM);
}
END_TEST

RUN_SUITE("unit", "rows", rows_come_back_bit_for_bit,
          a_part_of_the_slices_knows_the_length_of_whole_rows,
          threads_never_change_the_bytes, denormal_weights_come_back,
          many_denormal_weights_come_back,
          large_rows_fit_three_bytes_a_synapse_or_six,
          short_rows_take_no_room_for_slices_that_are_empty,
          slices_are_few_tiles_of_small_populations,
          rows_that_are_none_are_refused, what_a_source_reports_is_passed_on,
          a_watch_is_told_and_may_stop,
          building_survives_every_failed_allocation,
          more_than_the_machine_has_is_refused)
