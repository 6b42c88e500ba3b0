/* tests/test_trace_prefixes.c - a kill at every single write: each state that
 * the growing file goes through holds all that had been committed by then. */
#include "io/trace_file.h"
#include "io/trace_part.h"
#include "sim/engine.h"
#include "tests/compare_traces.h"
#include "tests/recorded_network.h"
#include "tests/run_suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
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

/* Record a run, from the moment the file is shown, in the log. */
static void record(ebb_tick commit_every)
{
    struct ebb_network *net = recorded_network();
    struct ebb_events input = {0};
    struct ebb_counters counters;
    struct ebb_trace_writer *w;
    struct ebb_probe probes[] = {{EBB_STATE_V, 1, NULL, HIDDEN, 1},
                                 {EBB_STATE_R, 2, NULL, OUTPUTS, 7},
                                 {EBB_STATE_F, 1, NULL, HIDDEN, 1}};
    struct ebb_engine_options how = ebb_engine_options_default();
    recorded_input(&input, TICKS);
    ck_assert_msg(ebb_trace_writer_create(&w, path, net, TICKS, probes, 3,
                                          NULL) == EBB_OK,
                  "%s", ebb_error_message());
    ebb_trace_writer_commit_every(w, commit_every);
    how.probes = probes;
    how.n_probes = 3;
    how.sink = ebb_trace_writer_sink(w);
    begin_image();
    logged = w;
    ck_assert_int_eq(
        ebb_engine_simulate(&counters, net, &how, input.at, input.n, TICKS),
        EBB_OK);
    ck_assert_int_eq(ebb_trace_writer_finish(w), EBB_OK);
    logged = NULL;
    ebb_events_finish(&input);
    ebb_network_destroy(net);
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
        size_t torn = r->n > PAGE ? r->n / 2 / PAGE * PAGE : 0;
        if (torn > 0) {
            ck_assert_int_eq(
                (int)syscall(SYS_pwrite64, file, r->data, torn, r->at),
                (int)torn);
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
    snprintf(path, sizeof(path), "/tmp/ebb_log_%d.trace.h5", (int)getpid());
    snprintf(part_path, sizeof(part_path), "%s.part", path);
    snprintf(image, sizeof(image), "/tmp/ebb_log_%d.image", (int)getpid());
    n_records = 0;
    record(commit_every);
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

RUN_SUITE("unit", "trace_prefixes", every_write_leaves_what_was_committed,
          every_write_of_rare_commits_too)
