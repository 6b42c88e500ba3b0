/* tests/test_command_plot.c - pictures, and why there is none. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char picture[1 << 20]; /* the last one looked at */

/* Is a file a whole picture? */
static void check_picture(const char *name)
{
    bool png = strstr(name, ".png") != NULL;
    const char *start = png ? "\x89PNG\r\n\x1a\n" : "<?xml";
    const char *end = png ? "IEND\xae\x42\x60\x82" : "</svg>\n\n";
    expect(0, NULL, NULL);
    ck_assert_msg(r.err[0] == '\0', "not quiet: %s", r.err);
    FILE *file = fopen(in_folder(name), "rb");
    ck_assert_ptr_nonnull(file);
    size_t n = fread(picture, 1, sizeof(picture) - 1, file);
    fclose(file);
    picture[n] = '\0';
    ck_assert_uint_gt(n, 1000);
    ck_assert_uint_lt(n, sizeof(picture) - 1);
    ck_assert_int_eq(memcmp(picture, start, strlen(start)), 0);
    ck_assert_msg(memcmp(picture + n - strlen(end), end, strlen(end)) == 0,
                  "%s ends with '%s'", name, picture + n - 9);
    unlink(in_folder(name));
}

/* Draw as PNG and as SVG, which stays in `picture`. */
#define DRAW(...)                                                              \
    do {                                                                       \
        SPAWN(&r, folder, "plot", __VA_ARGS__, "-o", "p.png");                 \
        check_picture("p.png");                                                \
        SPAWN(&r, folder, "plot", __VA_ARGS__, "-o", "p.svg");                 \
        check_picture("p.svg");                                                \
    } while (0)

static void says(const char *words)
{
    ck_assert_msg(strstr(picture, words) != NULL, "no '%s' in the picture",
                  words);
}

/* A command line that draws nothing. */
#define REFUSE(status, why, ...)                                               \
    do {                                                                       \
        SPAWN(&r, folder, "plot", __VA_ARGS__);                                \
        expect(status, NULL, why);                                             \
        ck_assert_int_eq(access(in_folder("p.png"), F_OK), -1);                \
        ck_assert_int_eq(access(in_folder("p.png.tmp"), F_OK), -1);            \
    } while (0)

static const char *const net = "runs/small/best.net.h5";

static void train(void)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "2");
    expect(0, NULL, NULL);
}

/* A trace of V, R of some hidden neurons, and one that holds spikes only. */
static void record(void)
{
    train();
    SPAWN(&r, folder, "run", net, "small.yaml", "--record",
          "V,R@hidden,F@input:hidden", "--neurons", "4:9", "-o", "a.trace.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "run", net, "small.yaml", "-o", "b.trace.h5");
    expect(0, NULL, NULL);
}

START_TEST(plot_draws_what_was_learned)
{
    train();
    DRAW("curve", "runs/small");
    DRAW("curve", "runs/small", "runs/small/curve.jsonl");
    DRAW("recall", net, "small.yaml", "--sample", "3");
    DRAW("kernels", net, "small.yaml");
    SPAWN(&r, folder, "plot", "curve", "runs/small", "-o", "c'1.png");
    check_picture("c'1.png");
    end();
}
END_TEST

START_TEST(plot_draws_the_patterns_of_a_file)
{
    begin();
    SPAWN(&r, folder, "patterns", "-o", "p.h5", "--count", "7", "--trains",
          "40", "--ticks", "50");
    DRAW("patterns", "p.h5");
    says("pattern 6");
    DRAW("patterns", "p.h5", "--pattern", "2");
    says("pattern 2");
    says("train");
    says("time (ticks)");
    ck_assert_ptr_null(strstr(picture, "pattern 3"));
    REFUSE(1, "0 to 6", "patterns", "p.h5", "--pattern", "7", "-o", "p.png");
    REFUSE(1, "of kind experiment", "patterns", "small.yaml", "-o", "p.png");
    end();
}
END_TEST

START_TEST(plot_draws_states_with_threshold_and_spikes)
{
    record();
    DRAW("traces", "a.trace.h5");
    says("neuron 4 of hidden"); /* the first that was recorded */
    says("V, membrane potential");
    says("threshold");
    says("time (ticks)");
    DRAW("traces", "a.trace.h5", "--population", "hidden", "--neurons", "5,8",
         "--from", "10", "--to", "20");
    says("neuron 8 of hidden");
    says("R, reset filter");
    DRAW("traces", "a.trace.h5", "--population", "input_hidden");
    says("axon 4 of input_hidden");
    DRAW("traces", "a.trace.h5", "--from", "49"); /* a single tick */
    end();
}
END_TEST

START_TEST(plot_of_states_that_are_not_there_says_so)
{
    record();
    REFUSE(1, "holds no states; record some", "traces", "b.trace.h5", "-o",
           "p.png");
    REFUSE(1, "did you mean 'hidden'?", "traces", "a.trace.h5", "--population",
           "hiden", "-o", "p.png");
    REFUSE(1, "V of 20 in 'hidden' is not recorded; of 4 to 8 there are 5",
           "traces", "a.trace.h5", "--neurons", "20", "-o", "p.png");
    REFUSE(1, "--neurons is '3-7'", "traces", "a.trace.h5", "--neurons", "3-7",
           "-o", "p.png");
    REFUSE(1, "--from", "traces", "a.trace.h5", "--from", "50", "-o", "p.png");
    REFUSE(1, "--to", "traces", "a.trace.h5", "--from", "9", "--to", "9", "-o",
           "p.png");
    REFUSE(1, "a trace has 'ebb trace'", "traces", net, "-o", "p.png");
    end();
}
END_TEST

START_TEST(plot_draws_rates_over_time_and_over_samples)
{
    record();
    DRAW("rates", "b.trace.h5");
    says("neurons, by population");
    says("rate (spikes per neuron and tick)");
    DRAW("rates", "b.trace.h5", "--population", "hidden", "--from", "7", "--to",
         "8");
    says("neuron of hidden");
    DRAW("rates", net, "small.yaml");
    says("hidden on 32 test samples"); /* all there are, narrowest layer */
    says("rate (spikes in 50 ticks)");
    says("letter E");
    DRAW("rates", net, "small.yaml", "--samples", "1", "--population",
         "output");
    REFUSE(1, "holds no spikes of 'hiden'", "rates", "b.trace.h5",
           "--population", "hiden", "-o", "p.png");
    REFUSE(1, "did you mean 'hidden'?", "rates", net, "small.yaml",
           "--population", "hiden", "-o", "p.png");
    REFUSE(1, "1 to 32", "rates", net, "small.yaml", "--samples", "33", "-o",
           "p.png");
    end();
}
END_TEST

/* Cues of one pattern are nearer to each other than cues of two. */
START_TEST(plot_of_distances_tells_classes_apart)
{
    double within = 0, between = 0;
    train();
    DRAW("distance", net, "small.yaml", "--population", "input");
    const char *title = strstr(picture, "input on 32 test samples: mean ");
    ck_assert_ptr_nonnull(title);
    ck_assert_int_eq(sscanf(title,
                            "input on 32 test samples: mean %lf within a "
                            "class, %lf between",
                            &within, &between),
                     2);
    ck_assert_double_gt(within, 0);
    ck_assert_double_gt(between, 1.5 * within);
    DRAW("distance", net, "small.yaml", "--samples", "8");
    says("van Rossum distance");
    says("sample, by class");
    REFUSE(2, "ebb plot distance takes NETWORK EXPERIMENT.yaml", "distance",
           net, "-o", "p.png");
    end();
}
END_TEST

START_TEST(plot_of_nothing_sensible_says_why)
{
    train();
    REFUSE(2, "did you mean 'recall'?", "recal", "a", "b", "-o", "p.png");
    REFUSE(2, "-o NAME.png", "curve", "runs/small");
    REFUSE(2, "ebb plot curve takes no --from", "curve", "runs/small", "--from",
           "3", "-o", "p.png");
    REFUSE(2, "ebb plot rates takes no --samples", "rates", "x.trace.h5",
           "--samples", "3", "-o", "p.png");
    REFUSE(1, ".png or .svg", "curve", "runs/small", "-o", "x.gif");
    REFUSE(1, "no learning curve", "curve", "small.yaml", "-o", "p.png");
    REFUSE(1, "no learning curve", "curve", "runs/small", "small.yaml", "-o",
           "p.png");
    REFUSE(1, "no/where.png", "curve", "runs/small", "-o", "no/where.png");
    end();
}
END_TEST

RUN_SUITE("tools", "plot", plot_draws_what_was_learned,
          plot_draws_the_patterns_of_a_file,
          plot_draws_states_with_threshold_and_spikes,
          plot_of_states_that_are_not_there_says_so,
          plot_draws_rates_over_time_and_over_samples,
          plot_of_distances_tells_classes_apart,
          plot_of_nothing_sensible_says_why)
