/* tests/test_h5_blocks.c - datasets of very many chunks, read a few chunks at a
 * time: what is read, and what memory that takes. */
#include "core/random.h"
#include "io/h5.h"
#include "io/h5_blocks.h"
#include "io/import_csr.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[] = "/tmp/ebb_blocks_XXXXXX";

static void begin(void)
{
    strcpy(path + strlen(path) - 6, "XXXXXX");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void end(void)
{
    unlink(path);
}

static hid_t make_dataset(hid_t at, const char *name,
                          const struct ebb_h5_shape *shape,
                          const hsize_t *chunk)
{
    hid_t space = H5Screate_simple(shape->rank, shape->size, NULL);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    ck_assert_int_ge(H5Pset_chunk(plan, shape->rank, chunk), 0);
    hid_t dataset = H5Dcreate2(at, name, H5T_STD_I32LE, space, H5P_DEFAULT,
                               plan, H5P_DEFAULT);
    ck_assert_int_ge(dataset, 0);
    H5Pclose(plan);
    H5Sclose(space);
    return dataset;
}

/* Write 0, 1, 2, … in such chunks and read them; the calls it took. */
static size_t check_shape(size_t number, struct ebb_h5_shape shape,
                          const hsize_t *chunk)
{
    hid_t file;
    struct h5_blocks b;
    size_t calls = 1;
    shape.count = 1;
    for (int k = 0; k < shape.rank; k++) {
        shape.count *= (size_t)shape.size[k];
    }
    uint32_t *v = calloc(shape.count, sizeof(*v));
    for (size_t k = 0; k < shape.count; k++) {
        v[k] = (uint32_t)k;
    }
    begin();
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    hid_t dataset = make_dataset(file, "v", &shape, chunk);
    ck_assert_int_ge(
        H5Dwrite(dataset, H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, v),
        0);
    h5_blocks_init(&b, dataset, &shape);
    while (h5_blocks_next(&b)) {
        calls++;
    }
    H5Dclose(dataset);
    memset(v, 0xFF, shape.count * sizeof(*v));
    ck_assert_msg(ebb_h5_read(v, file, "v", H5T_NATIVE_UINT32, shape.count) ==
                      EBB_OK,
                  "%s", ebb_error_message());
    for (size_t k = 0; k < shape.count; k++) {
        CHECK_EACH(v[k] == k, "shape %zu: number %zu is %u", number, k, v[k]);
    }
    ebb_h5_abandon(file, path);
    free(v);
    end();
    return calls;
}

START_TEST(all_is_read_whatever_its_chunks)
{
    const struct {
        struct ebb_h5_shape shape;
        hsize_t chunk[EBB_H5_RANK_MAX];
        size_t calls;
    } all[] = {
        {{1, {9001}, 0}, {9001}, 1},
        {{1, {1024}, 0}, {1}, 1},
        {{1, {1025}, 0}, {1}, 2},
        {{1, {9001}, 0}, {5}, 2},
        {{2, {90, 101}, 0}, {50, 101}, 1},
        {{2, {90, 101}, 0}, {1, 1}, 9},
        {{2, {3, 5000}, 0}, {1, 1}, 15},
        {{2, {5, 5000}, 0}, {2, 1}, 15},
        {{3, {5, 50, 101}, 0}, {2, 1, 1}, 15},
        {{4, {3, 5, 30, 41}, 0}, {1, 2, 1, 1}, 18},
    };
    for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
        size_t calls = check_shape(k, all[k].shape, all[k].chunk);
        CHECK_EACH(calls == all[k].calls, "shape %zu: %zu calls, not %zu", k,
                   calls, all[k].calls);
    }
}
END_TEST

START_TEST(no_call_reads_more_chunks_than_stated)
{
    uint64_t seed = (uint64_t)getpid();
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 0);
    hid_t file;
    begin();
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    for (size_t k = 0; k < 200; k++) {
        struct ebb_h5_shape shape = {.rank = 1 + (int)ebb_random_below(&r, 4)};
        hsize_t chunk[EBB_H5_RANK_MAX] = {0}, most = 1;
        char name[16];
        struct h5_blocks b;
        for (int d = 0; d < shape.rank; d++) {
            shape.size[d] = 1 + ebb_random_below(&r, 100000);
            chunk[d] = 1 + ebb_random_below(&r, k % 2 ? 3 : 30);
            chunk[d] *= d == 0 && k % 3 == 0 ? 1000 : 1;
            chunk[d] = shape.size[d] < chunk[d] ? shape.size[d] : chunk[d];
        }
        snprintf(name, sizeof(name), "%zu", k);
        hid_t dataset = make_dataset(file, name, &shape, chunk);
        h5_blocks_init(&b, dataset, &shape);
        for (int d = 0; d < shape.rank; d++) {
            most *= (b.block[d] + chunk[d] - 1) / chunk[d];
            CHECK_EACH(b.block[d] == shape.size[d] ||
                           b.block[d] % chunk[d] == 0,
                       "seed %llu, %zu: blocks cut chunks",
                       (unsigned long long)seed, k);
        }
        CHECK_EACH(most <= EBB_H5_CHUNKS_MAX, "seed %llu, %zu: %llu chunks",
                   (unsigned long long)seed, k, (unsigned long long)most);
        H5Dclose(dataset);
    }
    ebb_h5_abandon(file, path);
    end();
}
END_TEST

/* 0, 1, 2, … row by row, in a dataset of two dimensions. */
static hid_t put_table(hid_t file, const char *name, const hsize_t *size,
                       const hsize_t *chunk)
{
    struct ebb_h5_shape shape = ebb_h5_shape_2(size[0], size[1]);
    hid_t dataset = make_dataset(file, name, &shape, chunk);
    uint32_t *v = calloc(shape.count, sizeof(*v));
    for (size_t k = 0; k < shape.count; k++) {
        v[k] = (uint32_t)k;
    }
    ck_assert_int_ge(
        H5Dwrite(dataset, H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, v),
        0);
    free(v);
    return dataset;
}

/* Chunks that a piece of a dimension reaches into. */
static hsize_t chunks_of(hsize_t at, hsize_t n, hsize_t chunk)
{
    return (at + n - 1) / chunk - at / chunk + 1;
}

/* No block of it reaches into too many chunks. */
static void check_chunks(hid_t dataset, const hsize_t *origin,
                         const hsize_t *size, const hsize_t *chunk,
                         uint64_t seed)
{
    struct h5_blocks b;
    h5_blocks_init_in(&b, dataset, 2, origin, size);
    do {
        hsize_t all = 1;
        for (int d = 0; d < 2; d++) {
            hsize_t left = size[d] - b.start[d];
            all *= chunks_of(origin[d] + b.start[d],
                             left < b.block[d] ? left : b.block[d], chunk[d]);
        }
        CHECK_EACH(all <= EBB_H5_CHUNKS_MAX, "seed %llu: %llu chunks",
                   (unsigned long long)seed, (unsigned long long)all);
    } while (h5_blocks_next(&b));
}

static void check_rectangle(hid_t file, uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 1);
    hsize_t whole[2], chunk[2], origin[2], size[2];
    char name[24];
    for (int d = 0; d < 2; d++) {
        whole[d] = 1 + ebb_random_below(&r, 120);
        chunk[d] = 1 + ebb_random_below(&r, seed % 2 ? 3 : 40);
        chunk[d] = chunk[d] < whole[d] ? chunk[d] : whole[d];
        origin[d] = ebb_random_below(&r, (uint32_t)whole[d]);
        size[d] = 1 + ebb_random_below(&r, (uint32_t)(whole[d] - origin[d]));
    }
    snprintf(name, sizeof(name), "%llu", (unsigned long long)seed);
    hid_t dataset = put_table(file, name, whole, chunk);
    uint32_t *got = calloc(size[0] * size[1], sizeof(*got));
    ck_assert_msg(ebb_h5_read_rectangle(got, dataset, name, H5T_NATIVE_UINT32,
                                        2, origin, size) == EBB_OK,
                  "seed %llu: %s", (unsigned long long)seed,
                  ebb_error_message());
    for (hsize_t k = 0; k < size[0] * size[1]; k++) {
        hsize_t row = origin[0] + k / size[1], column = origin[1] + k % size[1];
        CHECK_EACH(got[k] == row * whole[1] + column,
                   "seed %llu: number %llu is %u", (unsigned long long)seed,
                   (unsigned long long)k, got[k]);
    }
    check_chunks(dataset, origin, size, chunk, seed);
    free(got);
    H5Dclose(dataset);
}

START_TEST(rectangles_are_read_whatever_the_chunks)
{
    uint64_t first = (uint64_t)getpid() * 1000;
    const hsize_t beyond[2] = {0, 5}, size[2] = {2, 3}, all[2] = {2, 7};
    const hsize_t nothing[2] = {0, 3};
    uint32_t got[6];
    hid_t file;
    begin();
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    for (uint64_t seed = first; seed < first + 300; seed++) {
        check_rectangle(file, seed);
    }
    hid_t dataset = put_table(file, "small", all, size);
    ck_assert_int_eq(ebb_h5_read_rectangle(got, dataset, "small",
                                           H5T_NATIVE_UINT32, 2, beyond, size),
                     EBB_ERR_IO);
    ck_assert_int_eq(ebb_h5_read_rectangle(NULL, dataset, "small",
                                           H5T_NATIVE_UINT32, 2, beyond,
                                           nothing),
                     EBB_OK);
    H5Dclose(dataset);
    ebb_h5_abandon(file, path);
    end();
}
END_TEST

/* ---- memory, in processes of their own ---- */

enum { ROWS = 60000, KIB = 1024 };

static void put_numbers(hid_t at, const char *name, const int32_t *v, size_t n,
                        hsize_t chunk)
{
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    hid_t dataset = make_dataset(at, name, &shape, &chunk);
    ck_assert_int_ge(
        H5Dwrite(dataset, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, v),
        0);
    H5Dclose(dataset);
}

/* A synapse a row; indptr in chunks of so many. */
static void write_csr(hsize_t chunk)
{
    const int64_t size[] = {ROWS, ROWS};
    const hsize_t two = 2;
    int32_t *v = calloc(ROWS + 1, sizeof(*v));
    hid_t file;
    for (int32_t k = 0; k <= ROWS; k++) {
        v[k] = k;
    }
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_text(file, "encoding-type", "csr_matrix"),
                     EBB_OK);
    hid_t space = H5Screate_simple(1, &two, NULL);
    hid_t a = H5Acreate2(file, "shape", H5T_STD_I64LE, space, H5P_DEFAULT,
                         H5P_DEFAULT);
    ck_assert_int_ge(H5Awrite(a, H5T_NATIVE_INT64, size), 0);
    H5Aclose(a);
    H5Sclose(space);
    put_numbers(file, "indptr", v, ROWS + 1, chunk);
    put_numbers(file, "indices", v, ROWS, ROWS);
    put_numbers(file, "data", v, ROWS, ROWS);
    ck_assert_int_eq(ebb_h5_commit(file, path), EBB_OK);
    free(v);
}

static int read_csr(void)
{
    struct ebb_edge_neurons how = ebb_edge_neurons_default();
    struct ebb_network *net = NULL;
    ebb_status status = ebb_csr_read(&net, path, NULL, true, &how);
    bool all = status == EBB_OK && net->projections[0].synapses == ROWS;
    ebb_network_destroy(net);
    return all ? 0 : 1;
}

/* Peak of a process that does nothing but write or read it, in KiB. */
static long peak_of(bool writes, hsize_t chunk)
{
    struct rusage used;
    int how = 0;
    fflush(NULL);
    pid_t process = fork();
    ck_assert_int_ge(process, 0);
    if (process == 0) {
        if (writes) {
            write_csr(chunk);
        }
        _exit(writes ? 0 : read_csr());
    }
    ck_assert_int_eq(wait4(process, &how, 0, &used), process);
    ck_assert_msg(how == 0, "%s ends with %d", writes ? "writing" : "reading",
                  how);
    return used.ru_maxrss;
}

START_TEST(a_matrix_in_chunks_of_one_number_takes_little_memory)
{
    begin();
    peak_of(true, ROWS);
    long ordinary = peak_of(false, 0);
    peak_of(true, 1);
    long tiny = peak_of(false, 0);
    printf("%ld KiB, in chunks of one number %ld KiB\n", ordinary, tiny);
    if (EBB_SANITIZED) {
        puts("memory is not measured beside a sanitizer: skipped");
    } else {
        ck_assert_msg(tiny < ordinary + 64 * KIB, "%ld KiB, ordinary %ld KiB",
                      tiny, ordinary);
    }
    end();
}
END_TEST

RUN_SUITE("io", "h5_blocks", all_is_read_whatever_its_chunks,
          no_call_reads_more_chunks_than_stated,
          rectangles_are_read_whatever_the_chunks,
          a_matrix_in_chunks_of_one_number_takes_little_memory)
