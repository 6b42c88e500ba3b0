/* tests/test_gestures.c - ten clips of gestures, learned by heart.
 *
 * A network of convolutions with shared kernels that cannot tell its ten
 * training clips apart after learning them is broken somewhere between event
 * and gradient. With $EBB_GESTURES=whole the clips are as they were recorded
 * and the experiment is experiments/gesture_clips.yaml; else they are shrunk
 * to 32 x 32 pixels for a smaller network. */
#include "tests/command_folder.h"
#include "tests/dvs_stream.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const shrunk =
    "network:\n"
    "  neurons: {lambda: 0, tau_theta: 4, v_th: 0.5}\n"
    "  kernel: {shape: dual_exponential, tau_m: 4, tau_s: 1, input_lag: 0}\n"
    "  input: [2, 32, 32]\n"
    "  layers: 16C5s2p2-16C3s2p1-64-10\n"
    "data: {dataset: gesture_clips.data.h5}\n"
    "training:\n"
    "  epochs: 20\n"
    "  batch: 2\n"
    "  loss: {kind: rate}\n"
    "  optimiser: {kind: adam, rate: 0.002}\n"
    "  schedule: {kind: cosine}\n"
    "  activity: {target: 0.05, weight: 20}\n";

static bool clips_are_here(void)
{
    if (access(dvs_sample("dvs128-gesture-clips/10.bs2"), R_OK) == 0) {
        return true;
    }
    printf("skipped: no clips of gestures beside the source tree\n");
    return false;
}

/* A data set of the clips; clip k is of class k - 1. */
static void make_dataset(bool whole)
{
    char list[600] = "";
    size_t n = 0;
    for (int k = 1; k <= 10; k++) {
        char from[32], path[600], name[16];
        snprintf(from, sizeof(from), "dvs128-gesture-clips/%d.bs2", k);
        snprintf(path, sizeof(path), "%s", dvs_sample(from));
        snprintf(name, sizeof(name), "%d.bin", k);
        SPAWN(&r, folder, "convert", path, name, "--shrink", whole ? "1" : "4");
        expect(0, NULL, NULL);
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s %d\n", name,
                              k - 1);
    }
    write_text("clips.txt", list);
    const char *side = whole ? "128" : "32";
    SPAWN(&r, folder, "dataset", "clips.txt", "-o", "gesture_clips.data.h5",
          "--tick", "10ms", "--ticks", "145", "--width", side, "--height", side,
          "--once");
    expect(0, "10 samples of 145 ticks", NULL);
}

static void write_experiment(bool whole)
{
    static char text[8192];
    if (!whole) {
        write_text("g.yaml", shrunk);
        return;
    }
    FILE *file = fopen(EBB_SOURCE "/experiments/gesture_clips.yaml", "rb");
    ck_assert_ptr_nonnull(file);
    size_t n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = '\0';
    write_text("g.yaml", text);
}

/* Spikes per tick of a layer, %. */
static double rate_of(const char *layer)
{
    char key[40];
    snprintf(key, sizeof(key), "\n  %s ", layer);
    const char *at = strstr(r.out, key);
    ck_assert_msg(at != NULL, "no %s in: %s", layer, r.out);
    return strtod(at + strlen(key), NULL);
}

/* The event engine says the same of the files themselves. */
static void run_files(void)
{
    for (int k = 1; k <= 10; k++) {
        char name[16], class[32];
        snprintf(name, sizeof(name), "%d.bin", k);
        snprintf(class, sizeof(class), "\"class\": %d,", k - 1);
        SPAWN(&r, folder, "run", "run/checkpoint.net.h5", name, "--once",
              "--json");
        expect(0, class, NULL);
    }
}

START_TEST(ten_clips_are_told_apart_by_few_spikes)
{
    const char *how = getenv("EBB_GESTURES");
    bool whole = how && strcmp(how, "whole") == 0;
    if (!clips_are_here()) {
        return;
    }
    begin();
    make_dataset(whole);
    write_experiment(whole);
    SPAWN(&r, folder, "train", "g.yaml", "-o", "run");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "eval", "run/checkpoint.net.h5", "g.yaml", "--split",
          "train");
    printf("%s", r.out);
    expect(0, "accuracy                  100.00 %", NULL);
    static const struct {
        const char *layer;
        double most;
    } rows[] = {{"conv1", 5}, {"conv2", 5}, {"dense1", 25}};
    for (size_t k = 0; k < 3; k++) {
        ck_assert_double_gt(rate_of(rows[k].layer), 0.01);
        ck_assert_double_lt(rate_of(rows[k].layer), rows[k].most);
    }
    run_files();
    end();
}
END_TEST

RUN_SUITE("tools", "gestures", ten_clips_are_told_apart_by_few_spikes)
