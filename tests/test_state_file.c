/* tests/test_state_file.c - checkpoints: written whole or not at all, and
 * damaged ones refused. */
#include "core/memory.h"
#include "core/random.h"
#include "io/h5.h"
#include "io/state_file.h"
#include "tests/mutate.h"
#include "tests/run_suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHARES = 2, NUMBERS = 5000, SEED = 211 };

static char folder[] = "/tmp/ebb_state_XXXXXX";
static char path[64];

/* HDF5 itself loses memory where it gives up on a damaged header; that we
 * leave nothing open is checked by its own count. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5";
}

static void begin(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/x.state.h5", folder);
}

static void end(void)
{
    ck_assert_int_eq((int)H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
    char command[80];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static const char *file_called(const char *what)
{
    static char name[4][96];
    static unsigned next;
    char *to = name[next++ % 4];
    snprintf(to, sizeof(name[0]), "%s%s", path, what);
    return to;
}

/* Share k keeps numbers that follow from `start` and k. */
static ebb_status give(void *self, size_t share,
                       const struct ebb_snapshot_sink *sink)
{
    uint64_t start = *(uint64_t *)self + 100 * share;
    static uint64_t word[NUMBERS];
    static uint32_t half[NUMBERS];
    static double real[NUMBERS];
    for (size_t k = 0; k < NUMBERS; k++) {
        word[k] = start * 1000003 + k * k;
        half[k] = (uint32_t)word[k];
        real[k] = (double)word[k] / 7;
    }
    const float few[3] = {1, 2, (float)start};
    EBB_TRY(sink->put(sink->self, "populations/a b/wake", EBB_SNAPSHOT_U64,
                      word, NUMBERS));
    EBB_TRY(sink->put(sink->self, "populations/a b/node", EBB_SNAPSHOT_U32,
                      half, NUMBERS));
    EBB_TRY(sink->put(sink->self, "populations/c/x", EBB_SNAPSHOT_F64, real,
                      NUMBERS));
    EBB_TRY(sink->put(sink->self, "run/few", EBB_SNAPSHOT_F32, few, 3));
    return sink->put(sink->self, "run/none", EBB_SNAPSHOT_F64, NULL, 0);
}

static struct ebb_state_about about_of(uint64_t tick, size_t rank, size_t ranks)
{
    struct ebb_state_about a = {.tick = tick,
                                .intended = 1000,
                                .tick_s = 1e-3,
                                .network_hash = 0xabcdef,
                                .run = 77,
                                .input_events = 5,
                                .input_hash = 9,
                                .rank = rank,
                                .ranks = ranks,
                                .shares = SHARES};
    strcpy(a.origin, "a test");
    return a;
}

static uint64_t run_of_rank[2] = {77, 77};

static void write_rank(uint64_t tick, size_t rank, size_t ranks, bool publish)
{
    struct ebb_state_about a = about_of(tick, rank, ranks);
    a.run = run_of_rank[rank % 2];
    const struct ebb_state_giver giver = {.self = &tick, .save = give};
    bool broken;
    ck_assert_msg(ebb_state_file_write(path, &a, &giver, &broken) == EBB_OK,
                  "%s", ebb_error_message());
    ck_assert(!broken);
    if (publish) {
        ck_assert_int_eq(ebb_state_file_publish(path, rank, ranks), EBB_OK);
    }
}

/* All numbers of one part, as give() told them. */
static ebb_status check_part(struct ebb_snapshot_source *s, size_t part,
                             uint64_t start)
{
    bool there;
    size_t n;
    static uint64_t word[NUMBERS];
    static double real[NUMBERS];
    float few[3];
    EBB_TRY(s->find(s->self, part, "populations/a b/wake", EBB_SNAPSHOT_U64,
                    &there, &n));
    if (!there || n != NUMBERS) {
        return EBB_FAIL(EBB_ERR_FORMAT, "x.state.h5: not there");
    }
    EBB_TRY(s->read(s->self, part, "populations/a b/wake", EBB_SNAPSHOT_U64, 3,
                    n - 3, word));
    EBB_TRY(s->find(s->self, part, "populations/c/x", EBB_SNAPSHOT_F64, &there,
                    &n));
    if (!there || n != NUMBERS) {
        return EBB_FAIL(EBB_ERR_FORMAT, "x.state.h5: not there");
    }
    EBB_TRY(s->read(s->self, part, "populations/c/x", EBB_SNAPSHOT_F64, 0, n,
                    real));
    EBB_TRY(s->find(s->self, part, "run/few", EBB_SNAPSHOT_F32, &there, &n));
    if (!there || n != 3) {
        return EBB_FAIL(EBB_ERR_FORMAT, "x.state.h5: not there");
    }
    EBB_TRY(s->read(s->self, part, "run/few", EBB_SNAPSHOT_F32, 0, 3, few));
    for (size_t k = 0; k < NUMBERS; k++) {
        uint64_t wanted = start * 1000003 + k * k;
        CHECK_EACH(k < 3 || word[k - 3] == wanted, "word %zu of part %zu", k,
                   part);
        CHECK_EACH(real[k] == (double)wanted / 7, "number %zu of part %zu", k,
                   part);
    }
    ck_assert(few[2] == (float)start);
    return EBB_OK;
}

static ebb_status check_set(uint64_t tick, size_t files)
{
    struct ebb_state_set *set;
    EBB_TRY(ebb_state_set_open(&set, path));
    struct ebb_snapshot_source s = ebb_state_set_source(set);
    ck_assert_uint_eq(ebb_state_set_files(set), files);
    ck_assert_uint_eq(s.n_parts, files * SHARES);
    ck_assert_uint_eq(ebb_state_set_about(set)->tick, tick);
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < s.n_parts && status == EBB_OK; k++) {
        status = check_part(&s, k, tick + 100 * (k % SHARES));
    }
    ebb_state_set_close(set);
    return status;
}

START_TEST(read_gives_back_what_was_written)
{
    begin();
    write_rank(7, 0, 1, true);
    ck_assert_msg(check_set(7, 1) == EBB_OK, "%s", ebb_error_message());
    struct ebb_state_about a;
    ck_assert_int_eq(ebb_state_file_about(&a, path), EBB_OK);
    ck_assert_uint_eq(a.input_hash, 9);
    ck_assert_uint_eq(a.run, 77);
    ck_assert_str_eq(a.origin, "a test");
    struct ebb_state_set *set;
    bool there;
    size_t n;
    ck_assert_int_eq(ebb_state_set_open(&set, path), EBB_OK);
    struct ebb_snapshot_source s = ebb_state_set_source(set);
    ck_assert_int_eq(
        s.find(s.self, 1, "run/none", EBB_SNAPSHOT_F64, &there, &n), EBB_OK);
    ck_assert(there && n == 0);
    ck_assert_int_eq(
        s.find(s.self, 1, "run/nothing", EBB_SNAPSHOT_F64, &there, &n), EBB_OK);
    ck_assert(!there);
    ck_assert_int_eq(s.find(s.self, 1, "run/few", EBB_SNAPSHOT_F64, &there, &n),
                     EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "run/few"));
    ebb_state_set_close(set);
    end();
}
END_TEST

START_TEST(an_older_checkpoint_stands_until_the_new_one_is_whole)
{
    begin();
    write_rank(7, 0, 1, true);
    write_rank(8, 0, 1, false);
    ck_assert_int_eq(check_set(7, 1), EBB_OK);
    ck_assert_int_eq(ebb_state_file_publish(path, 0, 1), EBB_OK);
    ck_assert_int_eq(check_set(8, 1), EBB_OK);
    ck_assert_int_eq(access(file_called(".tmp"), F_OK), -1);
    end();
}
END_TEST

START_TEST(ranks_killed_between_their_names_leave_the_one_before)
{
    begin();
    for (size_t rank = 0; rank < 3; rank++) {
        write_rank(10, rank, 3, true);
    }
    ck_assert_msg(check_set(10, 3) == EBB_OK, "%s", ebb_error_message());
    for (size_t killed = 0; killed < 3; killed++) { /* so many were named */
        for (size_t rank = 0; rank < 3; rank++) {
            write_rank(20 + killed, rank, 3, rank < killed);
        }
        ebb_tick before = killed == 0 ? 10 : 19 + killed;
        ck_assert_msg(check_set(before, 3) == EBB_OK, "%zu: %s", killed,
                      ebb_error_message());
        for (size_t rank = killed; rank < 3; rank++) {
            ck_assert_int_eq(ebb_state_file_publish(path, rank, 3), EBB_OK);
        }
        ck_assert_msg(check_set(20 + killed, 3) == EBB_OK, "%s",
                      ebb_error_message());
    }
    ck_assert_int_eq(unlink(file_called(".2of3")), 0);
    ck_assert_int_eq(unlink(file_called(".2of3.old")), 0);
    ck_assert_int_eq(check_set(0, 3), EBB_ERR_IO);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), ".2of3"));
    end();
}
END_TEST

START_TEST(files_of_two_runs_are_no_checkpoint)
{
    begin();
    write_rank(10, 0, 2, true);
    run_of_rank[1] = 78;
    write_rank(10, 1, 2, true);
    run_of_rank[1] = 77;
    ck_assert_int_eq(check_set(10, 2), EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "different runs"));
    write_rank(10, 1, 2, true);
    ck_assert_msg(check_set(10, 2) == EBB_OK, "%s", ebb_error_message());
    end();
}
END_TEST

START_TEST(the_latest_of_jobs_of_other_sizes_counts)
{
    begin();
    ck_assert_int_eq(check_set(0, 1), EBB_ERR_IO);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "x.state.h5"));
    write_rank(10, 0, 2, true);
    write_rank(10, 1, 2, true);
    write_rank(30, 0, 1, true);
    ck_assert_int_eq(check_set(30, 1), EBB_OK);
    write_rank(40, 0, 2, true);
    write_rank(40, 1, 2, true);
    ck_assert_int_eq(check_set(40, 2), EBB_OK);
    end();
}
END_TEST

/* Make the files of a job as old as that. */
static void set_age(size_t ranks, time_t seconds)
{
    const struct timespec when[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    for (size_t rank = 0; rank < ranks; rank++) {
        char what[16] = "";
        if (ranks > 1) {
            snprintf(what, sizeof(what), ".%zuof%zu", rank + 1, ranks);
        }
        ck_assert_int_eq(utimensat(AT_FDCWD, file_called(what), when, 0), 0);
    }
}

START_TEST(a_stale_checkpoint_of_another_run_hides_no_newer_one)
{
    begin();
    write_rank(400, 0, 2, true);
    write_rank(400, 1, 2, true);
    run_of_rank[0] = 78; /* another run, on one rank */
    write_rank(30, 0, 1, true);
    run_of_rank[0] = 77;
    set_age(2, 1000);
    set_age(1, 2000);
    ck_assert_msg(check_set(30, 1) == EBB_OK, "%s", ebb_error_message());
    set_age(2, 3000);
    ck_assert_msg(check_set(400, 2) == EBB_OK, "%s", ebb_error_message());
    set_age(1, 3000);
    ck_assert_int_eq(check_set(30, 1), EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "x.state.h5 (tick 30)"));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), ".1of2 (tick 400)"));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "move the files"));
    set_age(2, 4000);
    ck_assert_int_eq(unlink(file_called(".2of2")), 0); /* not complete */
    ck_assert_msg(check_set(30, 1) == EBB_OK, "%s", ebb_error_message());
    end();
}
END_TEST

START_TEST(no_room_is_told_and_leaves_the_one_before)
{
    struct rlimit before, small;
    begin();
    write_rank(7, 0, 1, true);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 100000;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    uint64_t tick = 8;
    struct ebb_state_about a = about_of(tick, 0, 1);
    const struct ebb_state_giver giver = {.self = &tick, .save = give};
    bool broken;
    ebb_status status = ebb_state_file_write(path, &a, &giver, &broken);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert_int_eq(status, EBB_ERR_IO);
    ck_assert(!broken);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "x.state.h5: no room"));
    ck_assert_int_eq(access(file_called(".tmp"), F_OK), -1);
    ck_assert_int_eq(check_set(7, 1), EBB_OK);
    end();
}
END_TEST

static void write_bytes(const void *at, size_t n)
{
    FILE *file = fopen(path, "wb");
    ck_assert(file && fwrite(at, 1, n, file) == n && fclose(file) == 0);
}

/* Whatever is read is what was written, or nothing is read. */
static bool is_refused(void)
{
    ebb_status status = check_set(7, 1);
    ck_assert_msg(status == EBB_OK || status == EBB_ERR_FORMAT ||
                      status == EBB_ERR_IO,
                  "status %d: %s", (int)status, ebb_error_message());
    ck_assert(status == EBB_OK || strstr(ebb_error_message(), "x.state.h5"));
    return status != EBB_OK;
}

START_TEST(every_truncation_is_refused)
{
    struct dvs_bytes whole = {.n = 0};
    begin();
    write_rank(7, 0, 1, true);
    ck_assert(dvs_bytes_load(&whole, path));
    size_t tried = 0;
    for (size_t n = 0; n < whole.n; n += 1 + n / 40, tried++) {
        write_bytes(whole.at, n);
        CHECK_EACH(is_refused(), "the first %zu of %zu bytes", n, whole.n);
    }
    for (size_t n = 1; n < 64; n++) {
        write_bytes(whole.at, whole.n - n);
        CHECK_EACH(is_refused(), "all but %zu bytes", n);
    }
    printf("%zu truncations of %zu bytes\n", tried + 63, whole.n);
    write_bytes(whole.at, whole.n);
    ck_assert(!is_refused());
    dvs_bytes_finish(&whole);
    end();
}
END_TEST

START_TEST(flipped_bits_are_refused_or_of_no_meaning)
{
    struct dvs_bytes whole = {.n = 0}, mutant = {.n = 0};
    const char *more = getenv("EBB_MUTANTS");
    size_t mutants = more ? strtoul(more, NULL, 10) : 400, refused = 0;
    begin();
    write_rank(7, 0, 1, true);
    ck_assert(dvs_bytes_load(&whole, path));
    for (size_t m = 0; m < mutants; m++) {
        struct ebb_random r = ebb_random_stream(SEED, EBB_RANDOM_TEST, m);
        if (m % 2) {
            mutate(&mutant, &whole, &r);
        } else {
            mutant.n = 0;
            dvs_bytes_add(&mutant, whole.at, whole.n);
            uint32_t bit = ebb_random_below(&r, 8 * (uint32_t)whole.n);
            mutant.at[bit / 8] ^= (unsigned char)(1U << bit % 8);
        }
        write_bytes(mutant.at, mutant.n);
        refused += is_refused();
    }
    printf("%zu of %zu damaged files are refused\n", refused, mutants);
    ck_assert_uint_gt(2 * refused, mutants);
    dvs_bytes_finish(&whole);
    dvs_bytes_finish(&mutant);
    end();
}
END_TEST

RUN_SUITE("io", "state_file", read_gives_back_what_was_written,
          an_older_checkpoint_stands_until_the_new_one_is_whole,
          ranks_killed_between_their_names_leave_the_one_before,
          files_of_two_runs_are_no_checkpoint,
          the_latest_of_jobs_of_other_sizes_counts,
          a_stale_checkpoint_of_another_run_hides_no_newer_one,
          no_room_is_told_and_leaves_the_one_before,
          every_truncation_is_refused,
          flipped_bits_are_refused_or_of_no_meaning)
