/* tests/test_mpi.c - ebb on several processes: the bits of one. mpirun is in
 * $EBB_MPIRUN. */
#include "core/random.h"
#include "io/trace_part.h"
#include "tests/command_folder.h"
#include "tests/compare_traces.h"
#include "tests/run_suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NEURONS = 18000, TICKS = 60 };

/* Some of each slice, so that every rank has some. */
#define NODES "10:20,5000:5010,9000:9010,13000:13010,17000:17010"

/* A shell line in the folder: its status, and what it said in said.txt. */
static int shell(const char *line)
{
    char text[2048];
    snprintf(text, sizeof(text),
             "cd '%s' && export OMPI_ALLOW_RUN_AS_ROOT=1 "
             "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 EBB_COMMIT_TICKS=10 && { %s ; } "
             ">said.txt 2>&1",
             folder, line);
    int status = system(text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *said(void)
{
    static char text[8192];
    FILE *file = fopen(in_folder("said.txt"), "rb");
    size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
    text[n] = '\0';
    if (file) {
        fclose(file);
    }
    return text;
}

/* mpirun with so many ranks, and the words of ebb. */
static int mpirun(int ranks, const char *words)
{
    char line[1024];
    snprintf(line, sizeof(line), "%s --oversubscribe -n %d %s %s",
             getenv("EBB_MPIRUN"), ranks, spawn_program(), words);
    return shell(line);
}

static void write_input(void)
{
    struct ebb_random random = ebb_random_stream(1, EBB_RANDOM_TEST, 5);
    FILE *file = fopen(in_folder("in.csv"), "wb");
    ck_assert_ptr_nonnull(file);
    for (unsigned tick = 0; tick < TICKS; tick += 3) {
        for (unsigned node = ebb_random_below(&random, 100); node < NEURONS;
             node += 1 + ebb_random_below(&random, 150)) {
            fprintf(file, "%u,%u\n", tick, node);
        }
    }
    fclose(file);
}

static void begin_memory(void)
{
    begin();
    SPAWN(&r, folder, "memory", "build", "-o", "m.net.h5", "--kind", "willshaw",
          "--neurons", "18000", "--patterns", "100", "--cells", "100",
          "--connect", "0.03", "--kernel", "exponential");
    expect(0, NULL, NULL);
    write_input();
    SPAWN(&r, folder, "run", "m.net.h5", "in.csv", "--threads", "1", "--spikes",
          "one.csv", "--record", "V,R,I@memory", "--neurons", NODES, "-o",
          "one.trace.h5");
    expect(0, "input events", NULL);
}

static struct ebb_trace_part *open_part(const char *name)
{
    struct ebb_trace_part *part;
    ck_assert_msg(ebb_trace_part_open(&part, in_folder(name)) == EBB_OK, "%s",
                  ebb_error_message());
    return part;
}

static void compare_with_one(const char *name)
{
    struct ebb_trace_part *one = open_part("one.trace.h5");
    struct ebb_trace_part *all = open_part(name);
    compare_traces(all, one, 0, TICKS - 2);
    ebb_trace_part_close(all);
    ebb_trace_part_close(one);
}

START_TEST(ranks_give_the_bits_of_one_process)
{
    begin_memory();
    for (int ranks = 1; ranks <= 4; ranks++) {
        int status =
            mpirun(ranks, "run m.net.h5 in.csv --threads 1 --spikes "
                          "r.csv --record V,R,I@memory --neurons " NODES " "
                          "-o r.trace.h5");
        ck_assert_msg(status == 0, "%d ranks: %d, %s", ranks, status, said());
        ck_assert_msg((strstr(said(), "exchanges") != NULL) == (ranks > 1),
                      "%s", said());
        ck_assert_msg(files_are_equal(in_folder("one.csv"), in_folder("r.csv")),
                      "%d ranks: other spikes", ranks);
        if (ranks == 1) {
            compare_with_one("r.trace.h5");
            continue;
        }
        SPAWN(&r, folder, "info", "r.rank0.trace.h5");
        expect(0, NULL, NULL);
        char line[512];
        snprintf(line, sizeof(line), "%s merge --force all.trace.h5 r.rank*",
                 spawn_program());
        ck_assert_msg(shell(line) == 0, "%d ranks: %s", ranks, said());
        compare_with_one("all.trace.h5");
        ck_assert_int_eq(shell("rm r.rank*"), 0);
    }
    end();
}
END_TEST

START_TEST(recall_on_ranks_scores_as_one_process)
{
    begin_memory();
    const char *words = "memory recall m.net.h5 --cues 3 --missing 0.2";
    ck_assert_msg(mpirun(1, words) == 0, "%s", said());
    char one[8192];
    snprintf(one, sizeof(one), "%s", said());
    ck_assert_msg(mpirun(3, words) == 0, "%s", said());
    size_t n = (size_t)(strstr(one, "synaptic operations") - one);
    ck_assert_msg(strncmp(one, said(), n) == 0, "%s\ninstead of\n%s", said(),
                  one);
    end();
}
END_TEST

START_TEST(a_failure_is_told_once_with_its_rank)
{
    begin_memory();
    ck_assert_int_ne(mpirun(3, "run m.net.h5 nothing.csv"), 0);
    const char *at = strstr(said(), "rank 0: cannot read 'nothing.csv'");
    ck_assert_msg(at != NULL, "%s", said());
    ck_assert_msg(strstr(at + 30, "cannot read") == NULL, "%s", said());
    end();
}
END_TEST

/* Rank 1 finds something else in its place. */
START_TEST(a_rank_that_cannot_save_leaves_nothing_of_the_others)
{
    begin_memory();
    ck_assert_int_eq(shell("mkdir c.state.h5.2of3.tmp"), 0);
    ck_assert_int_ne(
        mpirun(3, "run m.net.h5 in.csv --threads 1 --checkpoint c.state.h5"),
        0);
    ck_assert_msg(strstr(said(), "rank 1: ") != NULL, "%s", said());
    ck_assert_msg(shell("rmdir c.state.h5.2of3.tmp; ls; ! ls *.tmp c.state*") ==
                      0,
                  "%s", said());
    end();
}
END_TEST

static void pause_for(double seconds)
{
    struct timespec time = {(time_t)seconds,
                            (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

/* The run goes on and on until rank 1 is killed, once all have committed. */
START_TEST(a_killed_rank_ends_the_job_and_leaves_what_was_committed)
{
    begin_memory();
    char line[1024];
    snprintf(line, sizeof(line),
             "%s --oversubscribe -n 3 %s run m.net.h5 in.csv --threads 1 "
             "--until 1000000000 --every 7 --record V@memory -o k.trace.h5 & "
             "job=$!; for i in $(seq 600); do sleep 0.1; "
             "test -s k.rank0.trace.h5.part && break; done; sleep 3; "
             "kill -9 $(ps -o pid= --ppid $job | sed -n 2p); "
             "wait $job; test $? -ne 0",
             getenv("EBB_MPIRUN"), spawn_program());
    double start = (double)time(NULL);
    ck_assert_msg(shell(line) == 0, "%s", said());
    ck_assert_msg(strstr(said(), "signal 9") != NULL, "%s", said());
    ck_assert_double_lt((double)time(NULL) - start, 100);
    pause_for(1);
    SPAWN(&r, folder, "repair", "k.rank0.trace.h5.part");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "info", "k.rank0.trace.h5");
    expect(0, NULL, NULL);
    end();
}
END_TEST

RUN_SUITE("mpi", "mpi", ranks_give_the_bits_of_one_process,
          recall_on_ranks_scores_as_one_process,
          a_failure_is_told_once_with_its_rank,
          a_rank_that_cannot_save_leaves_nothing_of_the_others,
          a_killed_rank_ends_the_job_and_leaves_what_was_committed)
