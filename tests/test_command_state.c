/* tests/test_command_state.c - runs that are stopped, killed and gone on with:
 * what they leave, joined, is what one run leaves. */
#include "core/random.h"
#include "io/network_file.h"
#include "io/state_file.h"
#include "io/trace_file.h"
#include "io/trace_part.h"
#include "tests/command_folder.h"
#include "tests/compare_traces.h"
#include "tests/recorded_network.h"
#include "tests/run_suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TICKS = 6000, KILLS = 20 };

#define RECORD "V,R,I@hidden,V,I@out,F@in_hidden,F@hidden_hidden"
#define RUN_TO(ticks)                                                          \
    "run", "net.h5", "in.csv", "--until", ticks, "--record", RECORD,           \
        "--every", "3"
#define RUN RUN_TO("6000")

static void write_network(void)
{
    struct ebb_network *net = recorded_network();
    ck_assert_int_eq(ebb_network_file_write(in_folder("net.h5"), net, NULL),
                     EBB_OK);
    net->populations[1].v_th.v[0] *= 1.5;
    ck_assert_int_eq(ebb_network_file_write(in_folder("other.h5"), net, NULL),
                     EBB_OK);
    ebb_network_destroy(net);
}

static void write_input(void)
{
    struct ebb_events input = {0};
    FILE *file = fopen(in_folder("in.csv"), "wb");
    ck_assert_ptr_nonnull(file);
    recorded_input(&input, TICKS);
    for (size_t k = 0; k < input.n; k++) {
        fprintf(file, "%llu,%u,%.17g\n", (unsigned long long)input.at[k].tick,
                input.at[k].node, input.at[k].value);
    }
    fclose(file);
    ebb_events_finish(&input);
}

static void begin_reference(void)
{
    begin();
    write_network();
    write_input();
    SPAWN(&r, folder, RUN, "-o", "ref.trace.h5", "--spikes", "ref.csv");
    expect(0, "input events", NULL);
}

static struct ebb_trace_part *open_part(const char *name)
{
    struct ebb_trace_part *part;
    ck_assert_msg(ebb_trace_part_open(&part, in_folder(name)) == EBB_OK, "%s",
                  ebb_error_message());
    return part;
}

/* A whole trace in the folder against the reference. */
static void compare_trace(const char *name)
{
    struct ebb_trace_part *ref = open_part("ref.trace.h5");
    struct ebb_trace_part *part = open_part(name);
    ck_assert_uint_eq(ebb_trace_part_plan(part)->first, 0);
    ck_assert_uint_eq(ebb_trace_part_plan(part)->ticks, TICKS);
    compare_traces(part, ref, 0, TICKS);
    ebb_trace_part_close(part);
    ebb_trace_part_close(ref);
}

static ebb_tick tick_of(const char *name)
{
    struct ebb_state_about about;
    ck_assert_msg(ebb_state_file_about(&about, in_folder(name)) == EBB_OK, "%s",
                  ebb_error_message());
    return about.tick;
}

static void append(FILE *to, const char *name, bool names)
{
    char line[256];
    FILE *from = fopen(in_folder(name), "rb");
    ck_assert_ptr_nonnull(from);
    for (bool first = true; fgets(line, sizeof(line), from); first = false) {
        if (!first || names) {
            ck_assert_int_ge(fputs(line, to), 0);
        }
    }
    fclose(from);
}

START_TEST(three_pieces_make_the_run)
{
    static const char *const modes[] = {"adaptive", "lazy", "swept"};
    begin_reference();
    for (size_t m = 0; m < 3; m++) {
        const char *mode = modes[m];
        SPAWN(&r, folder, RUN, "--mode", mode, "-o", "ref.trace.h5", "--spikes",
              "ref.csv");
        expect(0, "input events", NULL);
        SPAWN(&r, folder, RUN_TO("1234"), "--mode", mode, "-o", "a.trace.h5",
              "--spikes", "a.csv", "--checkpoint", "x.state.h5");
        expect(0, NULL, NULL);
        ck_assert_uint_eq(tick_of("x.state.h5"), 1234);
        SPAWN(&r, folder, RUN_TO("4000"), "--mode", mode, "-o", "b.trace.h5",
              "--spikes", "b.csv", "--resume", "x.state.h5", "--checkpoint",
              "x.state.h5", "--checkpoint-every", "500");
        expect(0, NULL, NULL);
        ck_assert_uint_eq(tick_of("x.state.h5"), 4000);
        SPAWN(&r, folder, RUN, "--mode", mode, "-o", "c.trace.h5", "--spikes",
              "c.csv", "--resume", "x.state.h5");
        expect(0, NULL, NULL);
        SPAWN(&r, folder, "info", "b.trace.h5");
        expect(0, "from tick 1234", NULL);
        SPAWN(&r, folder, "merge", "all.trace.h5", "c.trace.h5", "a.trace.h5",
              "b.trace.h5", "--force");
        expect(0, "ticks 0 to 6000", NULL);
        compare_trace("all.trace.h5");
        FILE *all = fopen(in_folder("all.csv"), "wb");
        append(all, "a.csv", true);
        append(all, "b.csv", false);
        append(all, "c.csv", false);
        fclose(all);
        ck_assert(files_are_equal(in_folder("all.csv"), in_folder("ref.csv")));
    }
    end();
}
END_TEST

static void pause_for(double seconds)
{
    struct timespec time = {0, (long)(1e9 * seconds)};
    nanosleep(&time, NULL);
}

START_TEST(a_stopped_run_leaves_a_checkpoint_to_go_on_from)
{
    begin_reference();
    const char *const words[] = {RUN,          "-o",
                                 "a.trace.h5", "--checkpoint",
                                 "x.state.h5", "--checkpoint-every",
                                 "100",        NULL};
    int process = spawn_start(folder, words);
    while (access(in_folder("x.state.h5"), F_OK) != 0) {
        pause_for(.001);
    }
    kill(process, SIGINT);
    int status = spawn_wait(process);
    ck_assert_int_eq(status, 1);
    ebb_tick stopped = tick_of("x.state.h5");
    ck_assert_uint_gt(stopped, 0);
    ck_assert_uint_lt(stopped, TICKS);
    SPAWN(&r, folder, RUN, "-o", "b.trace.h5", "--resume", "x.state.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "merge", "all.trace.h5", "a.trace.h5", "b.trace.h5");
    expect(0, NULL, NULL);
    compare_trace("all.trace.h5");
    end();
}
END_TEST

/* Killed at any moment of writing checkpoints: there is always one, and what
 * was recorded reaches it. */
START_TEST(a_killed_run_goes_on_from_its_last_checkpoint)
{
    size_t hits = 0;
    const char *more = getenv("EBB_KILLS");
    size_t kills = more ? strtoul(more, NULL, 10) : KILLS;
    struct ebb_random random = ebb_random_stream(6, EBB_RANDOM_TEST, 212);
    begin_reference();
    for (size_t k = 0; k < kills; k++) {
        const char *const words[] = {RUN,          "-o",
                                     "a.trace.h5", "--checkpoint",
                                     "x.state.h5", "--checkpoint-every",
                                     "20",         NULL};
        int process = spawn_start(folder, words);
        while (access(in_folder("x.state.h5"), F_OK) != 0) {
            pause_for(.0005);
        }
        pause_for(ebb_random_between(&random, 0, .15));
        kill(process, SIGKILL);
        spawn_wait(process);
        ebb_tick tick = tick_of("x.state.h5");
        ck_assert_uint_gt(tick, 0);
        bool cut = access(in_folder("a.trace.h5.part"), F_OK) == 0;
        hits += cut;
        if (cut) {
            SPAWN(&r, folder, "repair", "a.trace.h5.part");
            expect(0, NULL, NULL);
        }
        SPAWN(&r, folder, RUN, "-o", "b.trace.h5", "--resume", "x.state.h5");
        expect(0, NULL, NULL);
        if (tick < TICKS) {
            SPAWN(&r, folder, "merge", "all.trace.h5", "a.trace.h5",
                  "b.trace.h5", "--force");
            expect(0, "ticks 0 to 6000", NULL);
            compare_trace("all.trace.h5");
        }
        (void)unlink(in_folder("x.state.h5"));
        (void)unlink(in_folder("a.trace.h5.part"));
        (void)unlink(in_folder("a.trace.h5"));
    }
    printf("%zu of %zu kills hit a run\n", hits, kills);
    ck_assert_uint_ge(2 * hits, kills);
    end();
}
END_TEST

/* A memory large enough to be divided. */
static void write_memory(void)
{
    SPAWN(&r, folder, "memory", "build", "-o", "m.h5", "--kind", "attractor",
          "--kernel", "exponential", "--tau", "3", "--neurons", "20000",
          "--connect", "0.02", "--patterns", "700", "--cells", "60");
    expect(0, NULL, NULL);
    struct ebb_random random = ebb_random_stream(8, EBB_RANDOM_TEST, 214);
    FILE *file = fopen(in_folder("cue.csv"), "wb");
    ck_assert_ptr_nonnull(file);
    for (int t = 0; t < 200; t++) {
        for (int k = 0; k < 80; k++) {
            fprintf(file, "%d,%u\n", t, ebb_random_below(&random, 20000));
        }
    }
    fclose(file);
}

#define MEMORY                                                                 \
    "run", "m.h5", "cue.csv", "--record", "V@memory,F@recall", "--neurons",    \
        "0:4,9000,19999"

START_TEST(a_run_goes_on_on_other_threads)
{
    static const char *const threads[][2] = {
        {"1", "2"}, {"2", "1"}, {"3", "2"}};
    begin();
    write_memory();
    SPAWN(&r, folder, MEMORY, "--until", "400", "--threads", "1", "-o",
          "ref.trace.h5", "--spikes", "ref.csv");
    expect(0, NULL, NULL);
    for (size_t k = 0; k < 3; k++) {
        SPAWN(&r, folder, MEMORY, "--until", "133", "--threads", threads[k][0],
              "-o", "a.trace.h5", "--checkpoint", "x.state.h5", "--spikes",
              "a.csv");
        expect(0, NULL, NULL);
        SPAWN(&r, folder, MEMORY, "--until", "400", "--threads", threads[k][1],
              "-o", "b.trace.h5", "--resume", "x.state.h5", "--spikes",
              "b.csv");
        expect(0, NULL, NULL);
        SPAWN(&r, folder, "merge", "all.trace.h5", "a.trace.h5", "b.trace.h5",
              "--force");
        expect(0, "ticks 0 to 400", NULL);
        struct ebb_trace_part *ref = open_part("ref.trace.h5");
        struct ebb_trace_part *all = open_part("all.trace.h5");
        compare_traces(all, ref, 0, 400);
        ebb_trace_part_close(all);
        ebb_trace_part_close(ref);
        FILE *csv = fopen(in_folder("all.csv"), "wb");
        append(csv, "a.csv", true);
        append(csv, "b.csv", false);
        fclose(csv);
        ck_assert(files_are_equal(in_folder("all.csv"), in_folder("ref.csv")));
    }
    end();
}
END_TEST

static bool run_ranks(const char *ranks, const char *rest)
{
    char command[1000];
    snprintf(command, sizeof(command),
             "cd '%s' && OMPI_ALLOW_RUN_AS_ROOT=1 "
             "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -q -n %s "
             "'%s' run m.h5 cue.csv --record V@memory,F@recall --neurons "
             "0:4,9000,19999 --threads 1 %s >out.txt 2>err.txt",
             folder, ranks, spawn_program(), rest);
    return system(command) == 0;
}

static bool has_ranks(void)
{
    char command[400];
    snprintf(command, sizeof(command),
             "cd '%s' && OMPI_ALLOW_RUN_AS_ROOT=1 "
             "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -q -n 2 "
             "'%s' run m.h5 cue.csv --until 3 --spikes probe.csv >out.txt 2>&1 "
             "&& grep -q , probe.csv",
             folder, spawn_program());
    return system(command) == 0;
}

START_TEST(a_job_goes_on_on_other_ranks)
{
    static const char *const ranks[][2] = {{"2", "3"}, {"3", "1"}};
    begin();
    write_memory();
    if (!has_ranks()) {
        printf("skipped: no job of several processes can be started here\n");
        end();
        return;
    }
    SPAWN(&r, folder, MEMORY, "--until", "400", "--threads", "1", "-o",
          "ref.trace.h5");
    expect(0, NULL, NULL);
    for (size_t k = 0; k < 2; k++) {
        char command[400];
        ck_assert(run_ranks(ranks[k][0], "--until 133 -o a.trace.h5 "
                                         "--checkpoint x.state.h5"));
        ck_assert(run_ranks(ranks[k][1], "--until 400 -o b.trace.h5 --resume "
                                         "x.state.h5"));
        snprintf(command, sizeof(command),
                 "cd '%s' && '%s' merge all.trace.h5 [ab].*trace.h5 --force "
                 ">out.txt && rm -f [ab].*trace.h5 x.state.h5*",
                 folder, spawn_program());
        ck_assert_int_eq(system(command), 0);
        struct ebb_trace_part *ref = open_part("ref.trace.h5");
        struct ebb_trace_part *all = open_part("all.trace.h5");
        ck_assert_uint_eq(ebb_trace_part_plan(all)->ticks, 400);
        compare_traces(all, ref, 0, 400);
        ebb_trace_part_close(all);
        ebb_trace_part_close(ref);
    }
    end();
}
END_TEST

START_TEST(resume_names_what_does_not_fit)
{
    begin_reference();
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--until", "3000",
          "--checkpoint", "x.state.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "info", "x.state.h5");
    expect(0, "tick 3000 of 3000", NULL);
    SPAWN(&r, folder, "run", "other.h5", "in.csv", "--resume", "x.state.h5");
    expect(1, NULL, "x.state.h5: saved from another network");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--resume", "x.state.h5",
          "--mode", "lazy");
    expect(1, NULL, "go on with --mode adaptive");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--resume", "x.state.h5",
          "--float");
    expect(1, NULL, "go on without --float");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--resume", "x.state.h5",
          "--drop", "0.001");
    expect(1, NULL, "--drop 0");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--resume", "x.state.h5",
          "--until", "2000");
    expect(1, NULL, "give more with --until");
    SPAWN(&r, folder, RUN, "--resume", "x.state.h5", "-o", "b.trace.h5");
    expect(1, NULL, "was not recorded before; record other");
    write_text("in2.csv", "1,0,1\n2,1,1\n4000,0,1\n");
    SPAWN(&r, folder, "run", "net.h5", "in2.csv", "--resume", "x.state.h5");
    expect(1, NULL, "saved from a run on other input");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--resume", "y.state.h5");
    expect(1, NULL, "there is no checkpoint 'y.state.h5'");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--resume", "net.h5");
    expect(1, NULL, "net.h5: format 'ebb network'; a checkpoint has");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--checkpoint-every", "5");
    expect(1, NULL, "--checkpoint-every needs --checkpoint FILE");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--checkpoint-every", "5 x",
          "--checkpoint", "x.state.h5");
    expect(1, NULL, "--checkpoint-every is '5 x'");
    SPAWN(&r, folder, "run", "net.h5", "x.state.h5");
    expect(1, NULL, "x.state.h5 is of kind state");
    ck_assert_int_eq(truncate(in_folder("x.state.h5"), 5000), 0);
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--resume", "x.state.h5");
    expect(1, NULL, "x.state.h5");
    end();
}
END_TEST

START_TEST(no_room_for_a_checkpoint_ends_the_run_and_keeps_the_older)
{
    begin_reference();
    SPAWN(&r, folder, RUN_TO("500"), "--checkpoint", "x.state.h5", "-o",
          "a.trace.h5");
    expect(0, NULL, NULL);
    spawn_limit_files(60 << 10);
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--until", "6000", "--resume",
          "x.state.h5", "--checkpoint", "x.state.h5", "--checkpoint-every",
          "100");
    spawn_limit_files(0);
    expect(1, NULL, "x.state.h5: no room for ");
    ck_assert_uint_eq(tick_of("x.state.h5"), 500);
    SPAWN(&r, folder, RUN, "--resume", "x.state.h5", "-o", "b.trace.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "merge", "all.trace.h5", "a.trace.h5", "b.trace.h5");
    expect(0, NULL, NULL);
    compare_trace("all.trace.h5");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--until", "900",
          "--checkpoint", "/nowhere/x.state.h5");
    expect(1, NULL, "/nowhere/x.state.h5");
    end();
}
END_TEST

START_TEST(merge_names_what_does_not_fit)
{
    begin_reference();
    SPAWN(&r, folder, RUN_TO("2000"), "-o", "a.trace.h5", "--checkpoint",
          "x.state.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, RUN_TO("4000"), "--resume", "x.state.h5", "-o",
          "b.trace.h5", "--checkpoint", "y.state.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, RUN, "--resume", "y.state.h5", "-o", "c.trace.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "merge", "m.trace.h5", "a.trace.h5", "c.trace.h5");
    expect(1, NULL, "ticks 2000 to 3999 are in none of the traces");
    SPAWN(&r, folder, "merge", "m.trace.h5", "a.trace.h5", "b.trace.h5",
          "b.trace.h5");
    expect(1, NULL, "hold the same neurons");
    SPAWN(&r, folder, "merge", "m.trace.h5", "ref.trace.h5", "b.trace.h5");
    expect(1, NULL, "not pieces of one run");
    SPAWN(&r, folder, "merge", "a.trace.h5", "a.trace.h5", "b.trace.h5");
    expect(1, NULL, "one of the parts");
    SPAWN(&r, folder, "merge", "ref.trace.h5", "a.trace.h5", "b.trace.h5");
    expect(1, NULL, "is there already; --force");
    SPAWN(&r, folder, "merge", "m.trace.h5", "net.h5");
    expect(1, NULL, "net.h5");
    SPAWN(&r, folder, "merge", "m.trace.h5", "a.trace.h5.part");
    expect(1, NULL, "ebb repair a.trace.h5.part");
    SPAWN(&r, folder, "run", "net.h5", "in.csv", "--until", "6000", "--resume",
          "x.state.h5", "-o", "d.trace.h5", "--record", "V@out", "--every",
          "3");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "merge", "m.trace.h5", "a.trace.h5", "d.trace.h5");
    expect(1, NULL, "differ in the states that they record");
    struct ebb_network *net = recorded_network();
    struct ebb_trace_file *trace;
    ck_assert_int_eq(ebb_trace_file_open(&trace, in_folder("b.trace.h5"), net),
                     EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "ebb merge"));
    ebb_network_destroy(net);
    spawn_limit_files(60 << 10);
    SPAWN(&r, folder, "merge", "m.trace.h5", "a.trace.h5", "b.trace.h5");
    spawn_limit_files(0);
    expect(1, NULL, "no room for ");
    ck_assert_int_eq(access(in_folder("m.trace.h5"), F_OK), -1);
    ck_assert_int_eq(access(in_folder("m.trace.h5.merge"), F_OK), -1);
    end();
}
END_TEST

RUN_SUITE("tools", "command_state", three_pieces_make_the_run,
          a_stopped_run_leaves_a_checkpoint_to_go_on_from,
          a_killed_run_goes_on_from_its_last_checkpoint,
          a_run_goes_on_on_other_threads, a_job_goes_on_on_other_ranks,
          resume_names_what_does_not_fit,
          no_room_for_a_checkpoint_ends_the_run_and_keeps_the_older,
          merge_names_what_does_not_fit)
