/* tests/test_trace_prefixes.c - a kill or a failure at every single write:
 * what the file holds then is all that had been committed. */
#include "io/trace_file.h"
#include "io/trace_part.h"
#include "sim/engine.h"
#include "tests/compare_traces.h"
#include "tests/recorded_network.h"
#include "tests/run_suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICKS = 2500, LOG_MAX = 20000, PAGE = 4096 };

/* What the writer did to its file. */
struct record {
    off_t at;
    size_t n;
    unsigned char *data;
    ebb_tick committed; /* when it was about to be written */
};

static struct record records[LOG_MAX];
static size_t n_records;
static struct ebb_trace_writer *logged; /* NULL: nothing is logged */
static size_t fail_at;                  /* a write; 0: none */

/* HDF5 finds this one before that of the C library; with large files, C knows
 * another function by that name. */
ssize_t log_write(int file, const void *data, size_t n,
                  off_t at) __asm__("pwrite");

ssize_t log_write(int file, const void *data, size_t n, off_t at)
{
    if (logged && n_records < LOG_MAX) {
        struct record *r = &records[n_records++];
        *r = (struct record){at, n, malloc(n),
                             ebb_trace_writer_committed(logged)};
        memcpy(r->data, data, n);
    }
    if (logged && n_records == fail_at) {
        errno = EIO;
        return -1;
    }
    return (ssize_t)syscall(SYS_pwrite64, file, data, n, at);
}

static char path[64], part_path[80], image[64];

static off_t size_of(const char *name)
{
    int file = open(name, O_RDONLY);
    off_t size = lseek(file, 0, SEEK_END);
    close(file);
    return size;
}

/* Copy the file as it stands to the image. */
static void begin_image(void)
{
    char command[200];
    snprintf(command, sizeof(command), "cp '%s' '%s'", part_path, image);
    ck_assert_int_eq(system(command), 0);
}

/* Record a run; from the moment the file is shown its writes are logged. */
static ebb_status run(struct ebb_trace_writer *w, const struct ebb_network *net,
                      const struct ebb_probe *probes, size_t n)
{
    struct ebb_events input = {0};
    struct ebb_counters counters;
    struct ebb_engine_options how = ebb_engine_options_default();
    recorded_input(&input, TICKS);
    how.probes = probes;
    how.n_probes = n;
    how.sink = ebb_trace_writer_sink(w);
    logged = w;
    ebb_status status =
        ebb_engine_simulate(&counters, net, &how, input.at, input.n, TICKS);
    status = status ? status : ebb_trace_writer_finish(w);
    logged = NULL;
    ebb_events_finish(&input);
    return status;
}

/* Writes one after the other; *left gets the writer that failed, or NULL. */
static ebb_status record(struct ebb_trace_writer **left, ebb_tick commit_every)
{
    struct ebb_network *net = recorded_network();
    struct ebb_trace_writer *w;
    struct ebb_probe probes[] = {{EBB_STATE_V, 1, NULL, HIDDEN, 1},
                                 {EBB_STATE_R, 2, NULL, OUTPUTS, 7},
                                 {EBB_STATE_F, 1, NULL, HIDDEN, 1}};
    n_records = 0;
    ck_assert_msg(ebb_trace_writer_create(&w, path, net, TICKS, probes, 3,
                                          NULL) == EBB_OK,
                  "%s", ebb_error_message());
    ebb_trace_writer_commit_every(w, commit_every);
    begin_image();
    ebb_status status = run(w, net, probes, 3);
    *left = status == EBB_OK ? NULL : w;
    ebb_network_destroy(net);
    return status;
}

static void name_files(void)
{
    snprintf(path, sizeof(path), "/tmp/ebb_log_%d.trace.h5", (int)getpid());
    snprintf(part_path, sizeof(part_path), "%s.part", path);
    snprintf(image, sizeof(image), "/tmp/ebb_log_%d.image", (int)getpid());
}

/* The image holds at least so many ticks, and they are right. */
static void check_image(struct ebb_trace_part *ref, ebb_tick committed)
{
    static ebb_tick seen;
    struct ebb_trace_part *part;
    ck_assert_msg(ebb_trace_part_open(&part, image) == EBB_OK, "%s",
                  ebb_error_message());
    ebb_tick ticks = ebb_trace_part_plan(part)->ticks;
    ck_assert_uint_ge(ticks, committed);
    ck_assert_uint_le(ticks, TICKS);
    ebb_tick from = ticks > 1200 ? ticks - 1200 : 0; /* the open blocks */
    compare_traces(part, ref, ticks == seen ? from : 0, ticks);
    seen = ticks;
    ebb_trace_part_close(part);
}

/* Apply the log write by write; a long write also page by page in between. */
static void replay(struct ebb_trace_part *ref)
{
    int file = open(image, O_WRONLY);
    for (size_t k = 0; k < n_records; k++) {
        const struct record *r = &records[k];
        /* A kill cuts it where pages meet: at the first place, and midway. */
        size_t first = PAGE - (size_t)r->at % PAGE;
        size_t cut[2] = {first, first + r->n / 2 / PAGE * PAGE};
        for (size_t c = 0; c < 2 && cut[c] < r->n; c++) {
            ck_assert_int_eq(
                (int)syscall(SYS_pwrite64, file, r->data, cut[c], r->at),
                (int)cut[c]);
            check_image(ref, r->committed);
        }
        ck_assert_int_eq((int)syscall(SYS_pwrite64, file, r->data, r->n, r->at),
                         (int)r->n);
        check_image(ref, r->committed);
        free(r->data);
    }
    close(file);
}

static void kill_at_every_write(ebb_tick commit_every, size_t at_least)
{
    struct ebb_trace_part *ref;
    struct ebb_trace_writer *left;
    name_files();
    ck_assert_int_eq(record(&left, commit_every), EBB_OK);
    ck_assert_uint_gt(n_records, at_least);
    ck_assert_uint_lt(n_records, LOG_MAX);
    ck_assert_msg(ebb_trace_part_open(&ref, path) == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert_uint_eq(ebb_trace_part_plan(ref)->ticks, TICKS);
    replay(ref);
    ck_assert_int_eq((int)size_of(image), (int)size_of(path));
    printf("killed at each of %zu writes\n", n_records);
    ebb_trace_part_close(ref);
    unlink(image);
    unlink(path);
}

START_TEST(every_write_leaves_what_was_committed)
{
    kill_at_every_write(230, 200);
}
END_TEST

START_TEST(every_write_of_rare_commits_too)
{
    kill_at_every_write(1100, 30);
}
END_TEST

/* In a process of its own, which ends as ebb run does. Returns the ticks that
 * were committed when the write failed. */
static ebb_tick run_with_failure(size_t nth)
{
    int channel[2], status;
    ebb_tick committed = 0;
    ck_assert_int_eq(pipe(channel), 0);
    pid_t process = fork();
    if (process == 0) {
        struct ebb_trace_writer *left;
        fail_at = nth;
        ebb_status result = record(&left, 230);
        committed = left ? ebb_trace_writer_committed(left) : 0;
        bool said = write(channel[1], &committed, sizeof(committed)) > 0 &&
                    strstr(ebb_error_message(), part_path) != NULL;
        _exit(result == EBB_ERR_IO && said && ebb_trace_writer_abandon(left)
                  ? 0
                  : 1);
    }
    ck_assert_int_eq(waitpid(process, &status, 0), process);
    ck_assert_msg(status == 0, "write %zu: status %d", nth, status);
    ck_assert_int_eq((int)read(channel[0], &committed, sizeof(committed)),
                     (int)sizeof(committed));
    close(channel[0]);
    close(channel[1]);
    return committed;
}

START_TEST(every_write_that_fails_leaves_what_was_committed)
{
    struct ebb_trace_part *ref, *part;
    struct ebb_trace_writer *left;
    char whole[80];
    name_files();
    ck_assert_int_eq(record(&left, 230), EBB_OK);
    size_t writes = n_records;
    snprintf(whole, sizeof(whole), "%s.ref", path);
    ck_assert_int_eq(rename(path, whole), 0);
    ck_assert_int_eq(ebb_trace_part_open(&ref, whole), EBB_OK);
    for (size_t k = 1; k <= writes; k += 1 + k % 11) {
        ebb_tick committed = run_with_failure(k);
        ck_assert_int_eq(access(path, F_OK), -1);
        ck_assert((access(part_path, F_OK) == 0) == (committed > 0));
        if (committed > 0) {
            ck_assert_msg(ebb_trace_part_open(&part, part_path) == EBB_OK, "%s",
                          ebb_error_message());
            ebb_tick ticks = ebb_trace_part_plan(part)->ticks;
            ck_assert_uint_ge(ticks, committed);
            compare_traces(part, ref, 0, ticks);
            ebb_trace_part_close(part);
            unlink(part_path);
        }
    }
    ebb_trace_part_close(ref);
    unlink(image);
    unlink(whole);
}
END_TEST

RUN_SUITE("unit", "trace_prefixes", every_write_leaves_what_was_committed,
          every_write_of_rare_commits_too,
          every_write_that_fails_leaves_what_was_committed)
