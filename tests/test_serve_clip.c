/* tests/test_serve_clip.c - a gesture as a camera saw it, live over UDP three
 * times as fast as it was: the spikes and the class that the file gives. */
#include "core/memory.h"
#include "io/network_file.h"
#include "tests/command_folder.h"
#include "tests/live_server.h"
#include "tests/run_suite.h"
#include "tools/bench/dvs_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIP EBB_SOURCE "/../shared/data/dvs128-gesture-clips/1.bs2"

static struct live_server server;
static struct live_spikes wanted, heard;

/* 64C7 - 32C3 - 32C3 - 256 - 10 on 128 x 128 pixels, ticks of a millisecond. */
static void write_network(void)
{
    struct ebb_network *net;
    ck_assert_int_eq(ebb_dvs_net_create(&net, true), EBB_OK);
    net->tick_s = 1e-3;
    ck_assert_int_eq(
        ebb_network_file_write(in_folder("live.net.h5"), net, NULL), EBB_OK);
    ebb_network_destroy(net);
}

static double told(const char *text, const char *name)
{
    char word[64];
    snprintf(word, sizeof(word), "\"%s\": ", name);
    const char *at = strstr(text, word);
    ck_assert_msg(at != NULL, "%s in %s", name, text);
    return strtod(at + strlen(word), NULL);
}

/* What the file gives: spikes of the third layer, and its class. */
static long run_file(void)
{
    char line[128];
    SPAWN(&r, folder, "run", "live.net.h5", CLIP, "--json", "--spikes",
          "run.csv");
    expect(0, NULL, NULL);
    FILE *in = fopen(in_folder("run.csv"), "r");
    ck_assert_ptr_nonnull(in);
    wanted.n = 0;
    while (fgets(line, sizeof(line), in)) {
        unsigned long long tick;
        unsigned node;
        char where[32] = "";
        if (sscanf(line, "%llu,%u,%*f,%31s", &tick, &node, where) != 3 ||
            strcmp(where, "c3") != 0) {
            continue;
        }
        ck_assert_int_eq(ebb_mem_grow(&wanted.at, &wanted.capacity,
                                      wanted.n + 1, sizeof(*wanted.at)),
                         EBB_OK);
        wanted.at[wanted.n++] = (struct live_spike){1000 * tick, node};
    }
    fclose(in);
    return (long)told(r.out, "class");
}

static void play_clip(void)
{
    char to[64];
    live_address(&server, "udp", to, sizeof(to));
    SPAWN(&r, folder, "play", CLIP, "--to", to, "--speed", "3", "--framed");
    expect(0, "63471 events", NULL);
}

static void expect_all(void)
{
    static const char *const none[] = {"dropped_udp", "lost_frames",
                                       "malformed",   "outside",
                                       "late",        "spikes_lost"};
    ck_assert_double_eq(live_figure("events"), 63471);
    for (size_t k = 0; k < sizeof(none) / sizeof(none[0]); k++) {
        ck_assert_msg(live_figure(none[k]) == 0, "%s: %g", none[k],
                      live_figure(none[k]));
    }
}

START_TEST(a_clip_at_three_times_its_speed_gives_what_its_file_gives)
{
    begin();
    write_network();
    long class = run_file();
    ck_assert_uint_gt(wanted.n, 500);
    live_start_heard(&server,
                     (const char *const[]){"--listen", "udp://127.0.0.1:0",
                                           "--idle", "never", "--spikes-of",
                                           "c3", "--json", NULL});
    play_clip();
    ck_assert_int_eq(live_stop(&server, &heard), 0);
    live_spikes_expect(&wanted, &heard);
    expect_all();
    live_start(&server, (const char *const[]){"--listen", "udp://127.0.0.1:0",
                                              "--idle", "never", "--out", "-",
                                              "--per-gesture", "20s", NULL});
    play_clip();
    ck_assert_int_eq(live_stop(&server, NULL), 0);
    expect_all();
    ck_assert_double_eq(told(live_output(), "winner"), (double)class);
    end();
}
END_TEST

static int skip(void)
{
    printf("skipped: the clips of gestures are not here\n");
    return 77;
}

static int run(void)
{
    const TTest *const tests[] = {
        a_clip_at_three_times_its_speed_gives_what_its_file_gives};
    return run_suite("tools", "serve_clip", tests, 1);
}

int main(void)
{
    return access(CLIP, R_OK) == 0 ? run() : skip();
}
