/* tests/test_disk_space.c - room for a file, made sure of or refused. */
#include "io/disk_space.h"
#include "tests/run_suite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];
static struct ebb_disk_space space;

static void begin(void)
{
    snprintf(path, sizeof(path), "/tmp/ebb_space_%d", (int)getpid());
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert_int_eq((int)write(file, "12345", 5), 5);
    close(file);
    ck_assert_int_eq(ebb_disk_space_init(&space, path), EBB_OK);
}

static void end(void)
{
    ebb_disk_space_finish(&space);
    unlink(path);
}

START_TEST(reserving_leaves_the_size_and_finish_gives_back)
{
    struct stat info;
    begin();
    ck_assert_int_eq(ebb_disk_space_reserve(&space, 5, 3 << 20), EBB_OK);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq((int)info.st_size, 5);
    ebb_disk_space_finish(&space);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq((int)info.st_size, 5);
    ck_assert_int_lt((int)info.st_blocks, 1024);
    end();
}
END_TEST

START_TEST(the_limit_of_a_file_is_seen_before_the_write)
{
    struct rlimit before, small;
    begin();
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 1 << 20;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    ebb_status fits = ebb_disk_space_reserve(&space, 5, (1 << 20) - 5);
    ebb_status beyond = ebb_disk_space_reserve(&space, 5, 1 << 20);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert_int_eq(fits, EBB_OK);
    ck_assert_int_eq(beyond, EBB_ERR_IO);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "1048576"));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "ulimit"));
    end();
}
END_TEST

START_TEST(more_than_any_disk_has_is_refused)
{
    begin();
    ck_assert_int_eq(ebb_disk_space_reserve(&space, 5, (uint64_t)1 << 61),
                     EBB_ERR_IO);
    end();
}
END_TEST

START_TEST(init_names_a_file_that_is_not_there)
{
    struct ebb_disk_space none;
    ck_assert_int_eq(ebb_disk_space_init(&none, "/nowhere/x"), EBB_ERR_IO);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "/nowhere/x"));
    ebb_disk_space_finish(&none);
}
END_TEST

RUN_SUITE("unit", "disk_space", reserving_leaves_the_size_and_finish_gives_back,
          the_limit_of_a_file_is_seen_before_the_write,
          more_than_any_disk_has_is_refused,
          init_names_a_file_that_is_not_there)
