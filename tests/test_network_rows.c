/* tests/test_network_rows.c - sparse projections in compact rows are the
 * network that plain arrays are, in memory and in files. */
#include "core/random.h"
#include "io/network_file.h"
#include "models/network_rows.h"
#include "sim/batch.h"
#include "sim/engine.h"
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SOURCES = 300, TARGETS = 260, MANY = 200 * 1024 };

static uint64_t indptr[SOURCES + 1];
static uint32_t indices[MANY];
static double weight64[MANY];
static float weight32[MANY];

/* Rows of random targets; weights random, or all the same. */
static size_t draw(uint64_t seed, double density, bool constant)
{
    struct ebb_random random = ebb_random_stream(seed, EBB_RANDOM_AXON, 0);
    size_t n = 0;
    for (size_t j = 0; j < SOURCES; j++) {
        indptr[j] = n;
        for (uint32_t i = 0; i < TARGETS; i++) {
            if (ebb_random_uniform(&random) < density) {
                double w = constant ? 0.625 : ebb_random_uniform(&random) - 0.5;
                indices[n] = i;
                weight64[n] = w;
                weight32[n++] = (float)w;
            }
        }
    }
    indptr[SOURCES] = n;
    return n;
}

static struct ebb_network *start(size_t *from, size_t *to)
{
    struct ebb_network *net;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    net->tick_s = 1e-3;
    ck_assert_int_eq(
        ebb_network_add_population(net, "input", SOURCES, true, from), EBB_OK);
    ck_assert_int_eq(
        ebb_network_add_population(net, "neurons", TARGETS, false, to), EBB_OK);
    struct ebb_population *p = &net->populations[*to];
    ck_assert_int_eq(ebb_network_values(net, &p->tau_lambda, TARGETS), EBB_OK);
    ck_assert_int_eq(ebb_network_values(net, &p->lambda, TARGETS), EBB_OK);
    for (size_t i = 0; i < TARGETS; i++) {
        p->tau_lambda.v[i] = 1e-3 * (2 + (double)i / 10);
        p->lambda.v[i] = exp(-1e-3 / p->tau_lambda.v[i]);
    }
    return net;
}

static void finish(struct ebb_network *net, size_t index)
{
    struct ebb_kernel_spec spec = {
        .shape = EBB_KERNEL_EXPONENTIAL, .tau_m = 4e-3, .seconds = true};
    ck_assert_int_eq(ebb_kernel_expand(&net->projections[index].kernel,
                                       net->arena, &spec, 1, net->tick_s),
                     EBB_OK);
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
}

static struct ebb_network *plain(enum ebb_number number)
{
    size_t from, to, index, n = (size_t)indptr[SOURCES];
    struct ebb_network *net = start(&from, &to);
    ck_assert_int_eq(ebb_network_add_projection(net, "rows", from, to,
                                                EBB_PROJECTION_SPARSE, number,
                                                n, &index),
                     EBB_OK);
    struct ebb_projection *p = &net->projections[index];
    memcpy(p->indptr, indptr, sizeof(indptr));
    memcpy(p->indices, indices, n * sizeof(*indices));
    if (number == EBB_FLOAT32) {
        memcpy(p->weight, weight32, n * sizeof(*weight32));
    } else {
        memcpy(p->weight, weight64, n * sizeof(*weight64));
    }
    finish(net, index);
    return net;
}

static struct ebb_network *compact(enum ebb_number number)
{
    size_t from, to, index;
    struct ebb_network *net = start(&from, &to);
    struct ebb_rows *rows;
    struct ebb_rows_shape shape = {
        .sources = SOURCES, .targets = TARGETS, .slice = 64, .threads = 2};
    const void *weight =
        number == EBB_FLOAT32 ? (const void *)weight32 : weight64;
    ck_assert_int_eq(
        ebb_rows_pack(&rows, &shape, indptr, indices, weight, number), EBB_OK);
    ck_assert_int_eq(ebb_network_add_rows(net, "rows", from, to, rows, &index),
                     EBB_OK);
    finish(net, index);
    return net;
}

static void check_alike(const struct ebb_network *a,
                        const struct ebb_network *b, uint64_t seed)
{
    ck_assert_msg(ebb_network_hash(a) == ebb_network_hash(b), "seed %llu",
                  (unsigned long long)seed);
    size_t size = a->projections[0].number == EBB_FLOAT32 ? 4 : 8;
    ck_assert_uint_eq(a->projections[0].synapses, b->projections[0].synapses);
    for (size_t j = 0; j < SOURCES; j++) {
        struct ebb_row x = ebb_projection_row(&a->projections[0], j);
        struct ebb_row y = ebb_projection_row(&b->projections[0], j);
        CHECK_EACH(x.n == y.n &&
                       memcmp(x.target, y.target, x.n * sizeof(*x.target)) ==
                           0 &&
                       memcmp(x.weight, y.weight, x.n * size) == 0 &&
                       ebb_projection_row_length(&b->projections[0], j) == x.n,
                   "row %zu of seed %llu", j, (unsigned long long)seed);
    }
}

START_TEST(both_forms_are_the_same_network_at_any_tick)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        enum ebb_number number = seed % 2 ? EBB_FLOAT32 : EBB_FLOAT64;
        (void)draw(seed, seed % 3 ? 0.05 : 0.7, seed % 4 == 0);
        struct ebb_network *a = plain(number), *b = compact(number);
        ck_assert_ptr_nonnull(b->projections[0].rows);
        check_alike(a, b, seed);
        ck_assert_double_eq(ebb_projection_reach(a, &a->projections[0]),
                            ebb_projection_reach(b, &b->projections[0]));
        ck_assert_int_eq(ebb_network_set_tick(a, 2e-4), EBB_OK);
        ck_assert_int_eq(ebb_network_set_tick(b, 2e-4), EBB_OK);
        check_alike(a, b, seed);
        ck_assert_int_eq(ebb_network_unpack(b, 0), EBB_OK);
        ck_assert_ptr_null(b->projections[0].rows);
        check_alike(a, b, seed);
        ebb_network_destroy(a);
        ebb_network_destroy(b);
    }
}
END_TEST

START_TEST(what_changes_weights_refuses_compact_rows)
{
    struct ebb_model_f32 *model;
    (void)draw(1, 0.1, false);
    struct ebb_network *net = compact(EBB_FLOAT32);
    ck_assert_int_eq(ebb_model_create_f32(&model, net, false), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "'rows'"));
    ck_assert_int_eq(ebb_network_unpack(net, 0), EBB_OK);
    ck_assert_int_eq(ebb_model_create_f32(&model, net, false), EBB_OK);
    ebb_model_destroy_f32(model);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(rows_of_other_sizes_are_refused)
{
    size_t from, to, index;
    struct ebb_rows *rows;
    (void)draw(1, 0.1, false);
    struct ebb_network *net = start(&from, &to);
    const struct ebb_rows_shape bad[] = {
        {.sources = SOURCES - 1, .targets = TARGETS},
        {.sources = SOURCES, .targets = TARGETS + 1},
        {.sources = SOURCES,
         .targets = TARGETS,
         .slice = 64,
         .first_slice = 1,
         .last_slice = 3}};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        ck_assert_int_eq(ebb_rows_pack(&rows, &bad[k], indptr, indices,
                                       weight32, EBB_FLOAT32),
                         EBB_OK);
        ck_assert_int_eq(
            ebb_network_add_rows(net, "rows", from, to, rows, &index),
            EBB_ERR_SHAPE);
    }
    ck_assert_uint_eq(net->n_projections, 0);
    ebb_network_destroy(net);
}
END_TEST

static long size_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    return size;
}

START_TEST(files_of_both_forms_are_the_same_and_read_as_both)
{
    begin();
    for (uint64_t seed = 1; seed <= 4; seed++) {
        enum ebb_number number = seed % 2 ? EBB_FLOAT32 : EBB_FLOAT64;
        struct ebb_network *read[2];
        (void)draw(seed, seed > 2 ? 0.9 : 0.02, false);
        struct ebb_network *a = plain(number), *b = compact(number);
        ck_assert_int_eq(ebb_network_file_write(in_folder("a"), a, NULL), 0);
        ck_assert_int_eq(ebb_network_file_write(in_folder("b"), b, NULL), 0);
        ck_assert(files_are_equal(in_folder("a"), in_folder("b")));
        ck_assert_int_eq(ebb_network_file_read(&read[0], in_folder("a")), 0);
        ck_assert_int_eq(
            ebb_network_file_read_compact(&read[1], in_folder("a")), 0);
        ck_assert_ptr_null(read[0]->projections[0].rows);
        ck_assert_ptr_nonnull(read[1]->projections[0].rows);
        check_alike(a, read[0], seed);
        check_alike(a, read[1], seed);
        ebb_network_destroy(read[0]);
        ebb_network_destroy(read[1]);
        ebb_network_destroy(a);
        ebb_network_destroy(b);
    }
    end();
}
END_TEST

START_TEST(equal_weights_are_stored_once_where_there_are_many)
{
    struct ebb_network *read[2];
    begin();
    size_t n = draw(3, 0.95, true);
    ck_assert_uint_gt(n, 65536);
    struct ebb_network *a = plain(EBB_FLOAT32), *b = compact(EBB_FLOAT32);
    ck_assert_int_eq(ebb_network_file_write(in_folder("a"), a, NULL), 0);
    ck_assert_int_eq(ebb_network_file_write(in_folder("b"), b, NULL), 0);
    ck_assert(files_are_equal(in_folder("a"), in_folder("b")));
    ck_assert_int_eq(ebb_network_file_read(&read[0], in_folder("a")), 0);
    ck_assert_int_eq(ebb_network_file_read_compact(&read[1], in_folder("a")),
                     0);
    check_alike(a, read[0], 3);
    check_alike(a, read[1], 3);
    ebb_network_destroy(read[0]);
    ebb_network_destroy(read[1]);
    ((float *)a->projections[0].weight)[n - 1] = 0.5F;
    ck_assert_int_eq(ebb_network_file_write(in_folder("c"), a, NULL), 0);
    ck_assert_int_lt(size_of(in_folder("a")), size_of(in_folder("c")));
    SPAWN(&r, folder, "info", "a", "--json");
    expect(0, "\"synapses\"", NULL);
    ebb_network_destroy(a);
    ebb_network_destroy(b);
    end();
}
END_TEST

RUN_SUITE("models", "network_rows", both_forms_are_the_same_network_at_any_tick,
          what_changes_weights_refuses_compact_rows,
          rows_of_other_sizes_are_refused,
          files_of_both_forms_are_the_same_and_read_as_both,
          equal_weights_are_stored_once_where_there_are_many)
