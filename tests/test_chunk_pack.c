/* tests/test_chunk_pack.c - chunks packed by us, unpacked by HDF5. */
#include "core/random.h"
#include "io/chunk_pack.h"
#include "io/h5.h"
#include "tests/run_suite.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 7, POINTS = 50, SIDE = 4, WIDTH = 32 };

/* Write [POINTS][ROWS] as a dataset [ROWS, POINTS] of chunks [SIDE, WIDTH]. */
static void write_chunks(hid_t dataset, const double *data)
{
    size_t size, bound = ebb_chunk_bound(SIDE, WIDTH, sizeof(double));
    unsigned char *packed = malloc(bound);
    double scratch[SIDE * WIDTH];
    for (size_t r = 0; r < ROWS; r += SIDE) {
        for (size_t p = 0; p < POINTS; p += WIDTH) {
            struct ebb_chunk_source source = {
                .data = data + p * ROWS + r,
                .stride = ROWS,
                .rows_held = ROWS - r < SIDE ? ROWS - r : SIDE,
                .points_held = POINTS - p < WIDTH ? POINTS - p : WIDTH,
                .rows = SIDE,
                .points = WIDTH,
                .item = sizeof(double)};
            hsize_t at[2] = {r, p};
            ck_assert_int_eq(ebb_chunk_pack(packed, &size, scratch, &source),
                             EBB_OK);
            ck_assert_uint_le(size, bound);
            ck_assert_int_ge(
                H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, at, size, packed), 0);
        }
    }
    free(packed);
}

static hid_t create(hid_t file)
{
    hsize_t size[2] = {ROWS, POINTS}, chunk[2] = {SIDE, WIDTH};
    hid_t space = H5Screate_simple(2, size, NULL);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, 2, chunk);
    H5Pset_shuffle(plan);
    H5Pset_deflate(plan, EBB_CHUNK_DEFLATE);
    hid_t dataset = H5Dcreate2(file, "x", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT,
                               plan, H5P_DEFAULT);
    H5Pclose(plan);
    H5Sclose(space);
    return dataset;
}

START_TEST(hdf5_reads_what_was_packed_edges_included)
{
    char path[64];
    double data[POINTS * ROWS], read[ROWS * POINTS];
    struct ebb_random random = ebb_random_stream(3, EBB_RANDOM_TEST, 0);
    for (size_t k = 0; k < POINTS * ROWS; k++) {
        data[k] = ebb_random_between(&random, -1, 1);
    }
    snprintf(path, sizeof(path), "/tmp/ebb_chunk_%d.h5", (int)getpid());
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t dataset = create(file);
    write_chunks(dataset, data);
    H5Dclose(dataset);
    H5Fclose(file);
    ck_assert_int_eq(ebb_h5_open(&file, path), EBB_OK);
    ck_assert_int_eq(
        ebb_h5_read(read, file, "x", H5T_NATIVE_DOUBLE, ROWS * POINTS), EBB_OK);
    H5Fclose(file);
    unlink(path);
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t p = 0; p < POINTS; p++) {
            ck_assert(read[r * POINTS + p] == data[p * ROWS + r]);
        }
    }
}
END_TEST

START_TEST(numbers_of_four_bytes_and_lists_too)
{
    uint32_t list[10], scratch[16], plain[16] = {0};
    unsigned char packed[256];
    size_t size;
    for (uint32_t k = 0; k < 10; k++) {
        list[k] = 0x01020304 * (k + 1);
        for (size_t b = 0; b < 4; b++) { /* least byte first, as here */
            ((unsigned char *)plain)[b * 16 + k] =
                (unsigned char)(list[k] >> (8 * b));
        }
    }
    struct ebb_chunk_source source = {.data = list,
                                      .stride = 1,
                                      .rows_held = 1,
                                      .points_held = 10,
                                      .rows = 1,
                                      .points = 16,
                                      .item = sizeof(*list)};
    ck_assert_int_eq(ebb_chunk_pack(packed, &size, scratch, &source), EBB_OK);
    ck_assert_int_eq(memcmp(scratch, plain, sizeof(plain)), 0);
}
END_TEST

RUN_SUITE("unit", "chunk_pack", hdf5_reads_what_was_packed_edges_included,
          numbers_of_four_bytes_and_lists_too)
