/* tests/test_recorder.c - recordings that are killed, run out of room or are
 * followed: what was committed is there, bit for bit. */
#include "core/random.h"
#include "io/h5.h"
#include "io/network_file.h"
#include "io/trace_part.h"
#include "tests/command_folder.h"
#include "tests/compare_traces.h"
#include "tests/recorded_network.h"
#include "tests/run_suite.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TICKS = 20000, KILLS = 20 };

#define RECORD "V,R,I@hidden,V,I@out,F@in_hidden,F@hidden_hidden"
#define RUN(out)                                                               \
    "run", "net.h5", "in.csv", "--until", "20000", "--record", RECORD, "-o", out

static void write_network(void)
{
    struct ebb_network *net = recorded_network();
    ck_assert_int_eq(ebb_network_file_write(in_folder("net.h5"), net, NULL),
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

/* The folder, and in it the uninterrupted run. */
static void begin_reference(void)
{
    begin();
    write_network();
    write_input();
    SPAWN(&r, folder, RUN("ref.trace.h5"));
    expect(0, "input events", NULL);
}

static void pause_for(double seconds)
{
    struct timespec time = {(time_t)seconds,
                            (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

static struct ebb_trace_part *open_part(const char *name)
{
    struct ebb_trace_part *part;
    ck_assert_msg(ebb_trace_part_open(&part, in_folder(name)) == EBB_OK, "%s",
                  ebb_error_message());
    return part;
}

/* A trace in the folder against the reference; returns its ticks. */
static ebb_tick compare_trace(const char *name)
{
    struct ebb_trace_part *ref = open_part("ref.trace.h5");
    struct ebb_trace_part *part = open_part(name);
    ebb_tick ticks = ebb_trace_part_plan(part)->ticks;
    compare_traces(part, ref, 0, ticks);
    ebb_trace_part_close(part);
    ebb_trace_part_close(ref);
    return ticks;
}

/* Repair a.trace.h5.part and compare; returns the ticks saved. */
static ebb_tick repair(void)
{
    hid_t file;
    SPAWN(&r, folder, "repair", "a.trace.h5.part", "--force", "--json");
    expect(0, "\"intended_ticks\": 20000", NULL);
    ck_assert_int_eq(access(in_folder("a.trace.h5.part"), F_OK), 0);
    ck_assert_int_eq(ebb_h5_open(&file, in_folder("a.trace.h5")), EBB_OK);
    H5Fclose(file); /* any reader opens it */
    return compare_trace("a.trace.h5");
}

static bool is_running(int process)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           info.si_pid == 0;
}

/* Ticks that a follower sees; 0 when there is nothing to be seen. */
static ebb_tick look_at(const char *name)
{
    struct ebb_trace_part *part;
    if (ebb_trace_part_open(&part, in_folder(name)) != EBB_OK) {
        return 0;
    }
    ebb_tick ticks = ebb_trace_part_plan(part)->ticks;
    ebb_trace_part_close(part);
    return ticks;
}

/* Start a run and kill it: at once after a random number of ticks has been
 * committed, or at a random moment. Returns the ticks seen just before. */
static ebb_tick kill_run(struct ebb_random *random, bool at_tick)
{
    static const char *const intervals[] = {"37", "250", "1024", "3000"};
    ebb_tick seen = 0, wanted = ebb_random_below(random, TICKS * 9 / 10);
    double moment = ebb_random_between(random, 0, 0.15);
    setenv("EBB_COMMIT_TICKS", intervals[ebb_random_below(random, 4)], 1);
    const char *const words[] = {RUN("a.trace.h5"), NULL};
    int process = spawn_start(folder, words);
    if (!at_tick) {
        while (access(in_folder("a.trace.h5.part"), F_OK) != 0 &&
               is_running(process)) {
            pause_for(0.001);
        }
        pause_for(moment);
        seen = look_at("a.trace.h5.part");
    }
    while (at_tick && seen < wanted && is_running(process)) {
        ebb_tick now = look_at("a.trace.h5.part");
        seen = now > seen ? now : seen;
    }
    pause_for(ebb_random_between(random, 0, 0.003));
    kill(process, SIGKILL);
    spawn_wait(process);
    unsetenv("EBB_COMMIT_TICKS");
    return seen;
}

static size_t kills_wanted(void)
{
    const char *text = getenv("EBB_KILLS");
    return text ? strtoul(text, NULL, 10) : KILLS;
}

START_TEST(a_killed_run_keeps_all_that_it_committed)
{
    size_t hits = 0, kills = kills_wanted();
    begin_reference();
    struct ebb_random random = ebb_random_stream(5, EBB_RANDOM_TEST, 0);
    for (size_t k = 0; k < kills; k++) {
        ebb_tick seen = kill_run(&random, k % 3 != 0);
        if (look_at("a.trace.h5.part") > 0) {
            ebb_tick saved = repair();
            ck_assert_msg(seen <= saved,
                          "%llu ticks were committed, %llu are "
                          "left",
                          (unsigned long long)seen, (unsigned long long)saved);
            hits++;
        } else {
            ck_assert_msg(seen == 0 ||
                              access(in_folder("a.trace.h5"), F_OK) == 0,
                          "%s", ebb_error_message());
        }
        unlink(in_folder("a.trace.h5"));
        unlink(in_folder("a.trace.h5.part"));
    }
    printf("%zu of %zu kills hit a recording\n", hits, kills);
    ck_assert_uint_ge(hits, kills * 6 / 10);
    end();
}
END_TEST

/* A reader that keeps its file open, while the writer goes on. */
static void follow(struct ebb_trace_part *part, struct ebb_trace_part *ref,
                   int process, size_t *steps)
{
    ebb_tick done = 0, ticks = 0;
    for (bool running = true; running; done = ticks) {
        running = is_running(process);
        ck_assert_msg(ebb_trace_part_refresh(part) == EBB_OK || running, "%s",
                      ebb_error_message());
        ticks = ebb_trace_part_plan(part)->ticks;
        ck_assert_uint_ge(ticks, done);
        compare_traces(part, ref, done, ticks);
        *steps += ticks > done;
    }
    ck_assert_uint_eq(done, TICKS);
}

START_TEST(a_follower_reads_what_is_committed_and_nothing_else)
{
    size_t steps = 0;
    struct ebb_trace_part *part = NULL;
    begin_reference();
    setenv("EBB_COMMIT_TICKS", "300", 1);
    const char *const words[] = {RUN("a.trace.h5"), NULL};
    int process = spawn_start(folder, words);
    while (!part && is_running(process)) {
        (void)!ebb_trace_part_open(&part, in_folder("a.trace.h5.part"));
    }
    ck_assert_ptr_nonnull(part);
    struct ebb_trace_part *ref = open_part("ref.trace.h5");
    follow(part, ref, process, &steps);
    ebb_trace_part_close(part);
    ebb_trace_part_close(ref);
    ck_assert_int_eq(spawn_wait(process), 0);
    unsetenv("EBB_COMMIT_TICKS");
    printf("a follower saw %zu steps\n", steps);
    ck_assert_uint_ge(steps, 3);
    end();
}
END_TEST

START_TEST(a_stopped_run_is_a_whole_shorter_trace)
{
    begin_reference();
    setenv("EBB_COMMIT_TICKS", "100", 1);
    const char *const words[] = {RUN("a.trace.h5"), NULL};
    int process = spawn_start(folder, words);
    while (look_at("a.trace.h5.part") == 0 && is_running(process)) {
        pause_for(0.001);
    }
    kill(process, SIGINT);
    ck_assert_int_eq(spawn_wait(process), 1);
    unsetenv("EBB_COMMIT_TICKS");
    ck_assert_int_eq(access(in_folder("a.trace.h5.part"), F_OK), -1);
    ebb_tick ticks = compare_trace("a.trace.h5");
    ck_assert_uint_gt(ticks, 0);
    ck_assert_uint_lt(ticks, TICKS);
    SPAWN(&r, folder, "info", "a.trace.h5", "--json");
    expect(0, "\"intended_ticks\": 20000", NULL);
    end();
}
END_TEST

static void run_limited(size_t bytes)
{
    spawn_limit_files(bytes);
    SPAWN(&r, folder, RUN("a.trace.h5"));
    spawn_limit_files(0);
}

static void check_older_file(const char *name)
{
    char text[16] = "";
    FILE *file = fopen(in_folder(name), "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(text, sizeof(text), file));
    fclose(file);
    ck_assert_str_eq(text, "older");
}

START_TEST(a_file_at_its_limit_keeps_what_was_committed)
{
    begin_reference();
    write_text("a.trace.h5", "older");
    setenv("EBB_COMMIT_TICKS", "100", 1);
    run_limited(6 << 20);
    expect(1, NULL, "a.trace.h5.part: no room for ");
    expect(1, NULL, "ebb repair");
    check_older_file("a.trace.h5");
    ebb_tick seen = look_at("a.trace.h5.part");
    ck_assert_ptr_nonnull(strstr(r.err, "every tick below "));
    ck_assert_uint_eq(
        strtoull(strstr(r.err, "every tick below ") + 17, NULL, 10), seen);
    ck_assert_uint_gt(seen, 1000);
    ck_assert_uint_eq(repair(), seen);
    SPAWN(&r, folder, RUN("a.trace.h5"));
    expect(1, NULL, "is there already"); /* it may be all there is */
    unsetenv("EBB_COMMIT_TICKS");
    end();
}
END_TEST

START_TEST(no_room_from_the_start_leaves_nothing)
{
    begin_reference();
    write_text("a.trace.h5", "older");
    run_limited(64 << 10);
    expect(1, NULL, "a.trace.h5.part: no room for ");
    ck_assert_int_eq(access(in_folder("a.trace.h5.part"), F_OK), -1);
    check_older_file("a.trace.h5");
    end();
}
END_TEST

/* A disk of our own, gone with this process. */
static bool mount_disk(const char *at)
{
    ck_assert_int_eq(mkdir(at, 0777), 0);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", at, "tmpfs", 0, "size=8m") != 0) {
        printf("skipped: no disk can be mounted here (%s)\n", strerror(errno));
        return false;
    }
    return true;
}

START_TEST(a_full_disk_keeps_what_was_committed)
{
    begin_reference();
    if (mount_disk(in_folder("disk"))) {
        write_text("disk/a.trace.h5", "older");
        setenv("EBB_COMMIT_TICKS", "100", 1);
        SPAWN(&r, folder, RUN("disk/a.trace.h5"));
        unsetenv("EBB_COMMIT_TICKS");
        expect(1, NULL, "disk/a.trace.h5.part: no room for ");
        check_older_file("disk/a.trace.h5");
        ebb_tick seen = look_at("disk/a.trace.h5.part");
        ck_assert_uint_gt(seen, 1000);
        SPAWN(&r, folder, "repair", "disk/a.trace.h5.part", "--force");
        expect(1, NULL, "no room for "); /* nothing is lost by trying */
        check_older_file("disk/a.trace.h5");
        ck_assert_int_eq(access(in_folder("disk/a.trace.h5.repair"), F_OK), -1);
        SPAWN(&r, folder, "repair", "disk/a.trace.h5.part", "-o", "b.trace.h5");
        expect(0, "ticks", NULL);
        ck_assert_uint_eq(compare_trace("b.trace.h5"), seen);
        ck_assert_int_eq(umount2(in_folder("disk"), MNT_DETACH), 0);
    }
    end();
}
END_TEST

/* A kill cuts a write where pages of the kernel meet. */
static herr_t is_within_a_page(hid_t at, const char *name,
                               const H5O_info_t *info, void *seen)
{
    enum { PAGE = 4096 };
    haddr_t last = info->addr + info->hdr.space.total - 1;
    (void)at;
    ck_assert_msg(info->addr / PAGE == last / PAGE,
                  "%s: a header of %llu bytes at %llu crosses a page", name,
                  (unsigned long long)info->hdr.space.total,
                  (unsigned long long)info->addr);
    ++*(size_t *)seen;
    return 0;
}

START_TEST(no_header_lies_across_two_pages)
{
    hid_t file;
    size_t seen = 0;
    begin_reference();
    ck_assert_int_eq(ebb_h5_open(&file, in_folder("ref.trace.h5")), EBB_OK);
    ck_assert_int_ge(
        H5Ovisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, is_within_a_page, &seen),
        0);
    H5Fclose(file);
    ck_assert_uint_gt(seen, 30);
    end();
}
END_TEST

RUN_SUITE("tools", "recorder", no_header_lies_across_two_pages,
          a_killed_run_keeps_all_that_it_committed,
          a_follower_reads_what_is_committed_and_nothing_else,
          a_stopped_run_is_a_whole_shorter_trace,
          a_file_at_its_limit_keeps_what_was_committed,
          no_room_from_the_start_leaves_nothing,
          a_full_disk_keeps_what_was_committed)
