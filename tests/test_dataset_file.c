/* tests/test_dataset_file.c - data sets, good and bad. */
#include "io/dataset_file.h"
#include "io/h5.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Three samples of 4 channels and 10 ticks; a test spoils one number. */
struct numbers {
    uint64_t tick[5], node[5], offset[4], label[3], split[3];
};

static const struct numbers good = {.tick = {3, 1, 9, 0, 0},
                                    .node = {0, 3, 2, 1, 1},
                                    .offset = {0, 2, 2, 5},
                                    .label = {1, 0, 2},
                                    .split = {0, 2, 0}};

static char path[64];

static void put(hid_t at, const char *name, const uint64_t *data, size_t n)
{
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    ck_assert_int_eq(ebb_h5_write(at, name, H5T_STD_U64LE, H5T_NATIVE_UINT64,
                                  &shape, data, false),
                     EBB_OK);
}

static void write_file(const struct numbers *x)
{
    hid_t file, events;
    snprintf(path, sizeof(path), "/tmp/ebb_dataset_%d.data.h5", (int)getpid());
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_text(file, "format", "ebb dataset"), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_count(file, "inputs", 4), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_count(file, "ticks", 10), EBB_OK);
    ck_assert_int_eq(ebb_h5_group_create(&events, file, "events"), EBB_OK);
    put(events, "tick", x->tick, 5);
    put(events, "node", x->node, 5);
    put(file, "sample_offsets", x->offset, 4);
    put(file, "label", x->label, 3);
    put(file, "split", x->split, 3);
    H5Gclose(events);
    ck_assert_int_eq(ebb_h5_commit(file, path), EBB_OK);
}

START_TEST(read_sorts_samples_into_splits)
{
    struct ebb_dataset *d;
    struct ebb_sample s = {.label = 0};
    write_file(&good);
    ck_assert_msg(ebb_dataset_read(&d, path) == EBB_OK, "%s",
                  ebb_error_message());
    struct ebb_sample_source source = ebb_dataset_source(d);
    ck_assert_uint_eq(source.classes, 3);
    ck_assert_uint_eq(source.size[EBB_SPLIT_TRAIN], 2);
    ck_assert_uint_eq(source.size[EBB_SPLIT_TEST], 1);
    ck_assert_int_eq(source.read(d, EBB_SPLIT_TRAIN, 0, 0, &s), EBB_OK);
    ck_assert_uint_eq(s.label, 1);
    ck_assert_uint_eq(s.input.n, 2);
    ck_assert(s.input.at[0].tick == 1 && s.input.at[0].node == 3);
    ck_assert_int_eq(source.read(d, EBB_SPLIT_TEST, 0, 0, &s), EBB_OK);
    ck_assert_uint_eq(s.input.n, 0);
    ebb_events_finish(&s.input);
    ebb_events_finish(&s.target);
    ebb_dataset_destroy(d);
    unlink(path);
}
END_TEST

static void expect_failure(const struct numbers *x, const char *says)
{
    struct ebb_dataset *d = NULL;
    write_file(x);
    ck_assert_int_ne(ebb_dataset_read(&d, path), EBB_OK);
    ck_assert_ptr_null(d);
    ck_assert_msg(strstr(ebb_error_message(), says) != NULL, "%s",
                  ebb_error_message());
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), path));
    unlink(path);
}

START_TEST(read_of_a_bad_data_set_says_what_is_wrong)
{
    struct numbers x = good;
    x.node[2] = 4;
    expect_failure(&x, "event 2");
    x = good;
    x.tick[4] = 10;
    expect_failure(&x, "event 4");
    x = good;
    x.offset[1] = 3;
    expect_failure(&x, "does not rise");
    x = good;
    x.offset[3] = 6;
    expect_failure(&x, "the 5 events");
    x = good;
    x.split[1] = 3;
    expect_failure(&x, "split[1] = 3");
    x = good;
    x.label[0] = UINT32_MAX;
    expect_failure(&x, "label[0]");
}
END_TEST

RUN_SUITE("io", "dataset_file", read_sorts_samples_into_splits,
          read_of_a_bad_data_set_says_what_is_wrong)
