/* tests/test_trace_stream.c - columns that grow: what was committed stands. */
#include "core/memory.h"
#include "io/trace_commit.h"
#include "io/trace_stream.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 3, BLOCK = 8 };

static char path[64];
static hid_t file, staging;
static struct ebb_arena *arena;
static struct ebb_stream stream;

static void begin(void)
{
    snprintf(path, sizeof(path), "/tmp/ebb_stream_%d.h5", (int)getpid());
    stream = (struct ebb_stream){.block = BLOCK};
    ck_assert_int_eq(ebb_arena_create(&arena), EBB_OK);
    ebb_stream_add(&stream, "x", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, ROWS);
    ck_assert_int_eq(ebb_stream_begin(&stream, arena), EBB_OK);
    ck_assert_int_eq(ebb_h5_create_growing(&file, path, true), EBB_OK);
    ck_assert_int_eq(ebb_h5_group_create(&staging, file, "staging"), EBB_OK);
    ck_assert_int_eq(ebb_stream_create(&stream, file, staging), EBB_OK);
    ck_assert_int_ge(H5Fstart_swmr_write(file), 0);
}

static void end(void)
{
    ebb_stream_close(&stream);
    H5Gclose(staging);
    H5Fclose(file);
    ebb_arena_destroy(arena);
    unlink(path);
}

/* Number of row r at a point: never 0. */
static double number(size_t point, size_t r)
{
    return (double)(10 * point + r + 1);
}

static void write_block(void)
{
    ebb_stream_pack(&stream, NULL);
    ck_assert_int_eq(ebb_stream_wait(&stream, NULL), EBB_OK);
    ck_assert_uint_gt(ebb_stream_bytes(&stream), 0);
    ck_assert_int_eq(ebb_stream_write(&stream), EBB_OK);
}

/* Points up to `to`, as a run would tell them. */
static void grow(size_t to)
{
    while (stream.mark.in_main + stream.held < to) {
        double *x = (double *)(void *)stream.column[0].data;
        size_t point = (size_t)stream.mark.in_main + stream.held;
        for (size_t r = 0; r < ROWS; r++) {
            x[stream.held * ROWS + r] = number(point, r);
        }
        stream.held++;
        if (stream.held == BLOCK) {
            write_block();
        }
    }
}

static struct ebb_stream_mark commit(void)
{
    ck_assert_int_eq(ebb_stream_commit(&stream), EBB_OK);
    return stream.mark;
}

/* Everything that a commit tells of is there, also for a reader of its own. */
static void check(const struct ebb_stream_mark *mark)
{
    double main[ROWS * 10 * BLOCK], staged[2 * BLOCK * ROWS];
    hid_t reader;
    struct ebb_h5_shape shape;
    ck_assert_int_eq(ebb_h5_open_growing(&reader, path), EBB_OK);
    ck_assert_int_eq(ebb_h5_shape(&shape, reader, "x"), EBB_OK);
    ck_assert_uint_ge(shape.size[1], mark->in_main);
    ck_assert_uint_le(shape.count, sizeof(main) / sizeof(*main));
    ck_assert_int_eq(
        ebb_h5_read(main, reader, "x", H5T_NATIVE_DOUBLE, shape.count), EBB_OK);
    hid_t group = H5Gopen2(reader, "staging", H5P_DEFAULT);
    ck_assert_int_eq(
        ebb_h5_read(staged, group, "x", H5T_NATIVE_DOUBLE, 2 * BLOCK * ROWS),
        EBB_OK);
    H5Gclose(group);
    H5Fclose(reader);
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t p = 0; p < mark->in_main; p++) {
            ck_assert(main[r * shape.size[1] + p] == number(p, r));
        }
        for (size_t p = 0; p < mark->staged; p++) {
            ck_assert(staged[(mark->slot * BLOCK + p) * ROWS + r] ==
                      number((size_t)mark->in_main + p, r));
        }
    }
}

/* Between a commit and the word that it is there, a kill leaves the one
 * before: its open block must not have been touched. */
START_TEST(a_commit_leaves_the_one_before_as_it_was)
{
    static const size_t points[] = {1, 3, 7, 9, 12, 17, 30, 32, 33, 60, 61};
    begin();
    struct ebb_stream_mark before = {0};
    for (size_t k = 0; k < sizeof(points) / sizeof(*points); k++) {
        grow(points[k]);
        struct ebb_stream_mark now = commit();
        ck_assert_uint_eq(now.in_main + now.staged, points[k]);
        check(&now);
        check(&before);
        before = now;
    }
    end();
}
END_TEST

START_TEST(a_last_block_that_is_not_full_ends_where_it_should)
{
    struct ebb_h5_shape shape;
    begin();
    grow(BLOCK + 3);
    write_block();
    struct ebb_stream_mark mark = commit();
    ck_assert_uint_eq(mark.in_main, BLOCK + 3);
    ck_assert_uint_eq(mark.staged, 0);
    check(&mark);
    ck_assert_int_eq(ebb_h5_shape(&shape, file, "x"), EBB_OK);
    ck_assert_uint_eq(shape.size[1], BLOCK + 3);
    end();
}
END_TEST

START_TEST(wide_series_have_short_blocks)
{
    ck_assert_uint_eq(ebb_stream_block(1), 1024);
    ck_assert_uint_eq(ebb_stream_block(8192), 1024);
    ck_assert_uint_eq(ebb_stream_block(16384), 512);
    ck_assert_uint_eq(ebb_stream_block(1000000000), 16);
}
END_TEST

/* One word of the record in the file, changed behind everybody's back. */
static void tear(struct ebb_trace_commit *c, hsize_t record)
{
    uint64_t wrong = 12345;
    hsize_t start[2] = {record, 1}, count[2] = {1, 1};
    hid_t space = H5Dget_space(c->records), memory;
    memory = H5Screate_simple(2, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    ck_assert_int_ge(H5Dwrite(c->records, H5T_NATIVE_UINT64, memory, space,
                              H5P_DEFAULT, &wrong),
                     0);
    H5Sclose(memory);
    H5Sclose(space);
    ck_assert_int_ge(H5Dflush(c->records), 0);
}

START_TEST(a_torn_commit_gives_way_to_the_one_before)
{
    struct ebb_trace_commit c, reader;
    char name[64];
    hid_t other;
    snprintf(name, sizeof(name), "/tmp/ebb_commit_%d.h5", (int)getpid());
    ck_assert_int_eq(ebb_arena_create(&arena), EBB_OK);
    ck_assert_int_eq(ebb_h5_create_growing(&other, name, true), EBB_OK);
    ck_assert_int_eq(ebb_trace_commit_init(&c, arena, 2), EBB_OK);
    ck_assert_int_eq(ebb_trace_commit_init(&reader, arena, 2), EBB_OK);
    ck_assert_int_eq(ebb_trace_commit_create(&c, other), EBB_OK);
    ck_assert_int_eq(ebb_trace_commit_open(&reader, other), EBB_OK);
    ck_assert_int_eq(ebb_trace_commit_read(&reader), EBB_ERR_FORMAT);
    for (ebb_tick t = 1; t <= 4; t++) {
        c.ticks = 100 * t;
        c.mark[1] = (struct ebb_stream_mark){t, t + 1, t % 2};
        ck_assert_int_eq(ebb_trace_commit_write(&c), EBB_OK);
        ck_assert_int_eq(ebb_trace_commit_read(&reader), EBB_OK);
        ck_assert_uint_eq(reader.ticks, 100 * t);
        ck_assert_int_eq(memcmp(&reader.mark[1], &c.mark[1], sizeof(*c.mark)),
                         0);
    }
    tear(&c, c.number % 2);
    ck_assert_int_eq(ebb_trace_commit_read(&reader), EBB_OK);
    ck_assert_uint_eq(reader.ticks, 300);
    tear(&c, (c.number + 1) % 2);
    ck_assert_int_eq(ebb_trace_commit_read(&reader), EBB_ERR_FORMAT);
    ebb_trace_commit_close(&reader);
    ebb_trace_commit_close(&c);
    H5Fclose(other);
    ebb_arena_destroy(arena);
    unlink(name);
}
END_TEST

RUN_SUITE("unit", "trace_stream", a_commit_leaves_the_one_before_as_it_was,
          a_last_block_that_is_not_full_ends_where_it_should,
          wide_series_have_short_blocks,
          a_torn_commit_gives_way_to_the_one_before)
