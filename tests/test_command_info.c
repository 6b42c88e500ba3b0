/* tests/test_command_info.c - what `ebb info` tells of recordings, gradients
 * and data sets. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include "io/h5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number after "name": behind `from` in what the last command said. */
static double number(const char *from, const char *name)
{
    char key[64];
    snprintf(key, sizeof(key), "\"%s\": ", name);
    const char *at = strstr(r.out, from);
    ck_assert_msg(at != NULL, "no '%s' in:\n%s", from, r.out);
    at = strstr(at, key);
    ck_assert_msg(at != NULL, "no '%s' in:\n%s", key, r.out);
    return strtod(at + strlen(key), NULL);
}

/* A trained network and a recording of one of its test samples. */
static void record(void)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1", "-o", "a");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "run", "a/best.net.h5", "small.yaml", "--record",
          "V,R@hidden,F@input:hidden", "--every", "3", "--neurons", "4:9", "-o",
          "a.trace.h5", "--spikes", "a.csv");
    expect(0, "50 ticks", NULL);
}

static size_t count_lines(const char *name, const char *with)
{
    char line[256];
    size_t n = 0;
    FILE *file = fopen(in_folder(name), "rb");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file)) {
        n += strstr(line, with) != NULL;
    }
    fclose(file);
    return n;
}

START_TEST(info_of_a_trace_tells_populations_rates_and_states)
{
    record();
    SPAWN(&r, folder, "info", "a.trace.h5");
    expect(0, "50 ticks; ", NULL);
    expect(0, "from ebb run a/best.net.h5 small.yaml", NULL);
    expect(0, "hidden               50 neurons, ", NULL);
    expect(0, "V of hidden          [5 neurons, 17 values], every 3 ticks",
           NULL);
    expect(0, "F of input_hidden    [5 axons, 17 values], every 3 ticks", NULL);
    /* populations in the network's order, not the alphabet's */
    const char *input = strstr(r.out, "  input"),
               *output = strstr(r.out, "  output"),
               *hidden = strstr(r.out, "  hidden");
    ck_assert(input && input < hidden && hidden < output);
    end();
}
END_TEST

START_TEST(info_of_a_trace_counts_the_spikes_of_the_run)
{
    static const char *const names[] = {"input", "hidden", "output"};
    static const double sizes[] = {40, 50, 40};
    record();
    SPAWN(&r, folder, "info", "a.trace.h5", "--json");
    expect(0, "{\"file\": \"a.trace.h5\", \"kind\": \"trace\"", NULL);
    ck_assert_double_eq(number("{", "ticks"), 50);
    ck_assert_double_eq(number("{", "committed_ticks"), 50);
    double all = 0;
    for (size_t k = 0; k < 3; k++) {
        char from[64], column[32];
        snprintf(from, sizeof(from), "{\"population\": \"%s\"", names[k]);
        snprintf(column, sizeof(column), ",%s\n", names[k]);
        double spikes = number(from, "spikes");
        ck_assert_double_eq(spikes, (double)count_lines("a.csv", column));
        ck_assert_double_eq(number(from, "neurons"), sizes[k]);
        ck_assert_double_eq_tol(number(from, "rate_per_tick"),
                                spikes / (50 * sizes[k]), 1e-8);
        all += spikes;
    }
    ck_assert_double_gt(all, 0);
    ck_assert_double_eq(number("{", "spikes"), all);
    ck_assert_double_eq(number("{\"state\": \"R\", \"of\": \"hidden\"", "rows"),
                        5);
    end();
}
END_TEST

/* The largest weight gradient is the one that the file holds. */
START_TEST(info_of_gradients_tells_the_largest_of_each_array)
{
    static double weight[50 * 40];
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1", "-o", "a");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "run", "a/best.net.h5", "small.yaml", "--record", "all",
          "-o", "a.trace.h5");
    SPAWN(&r, folder, "grad", "a/best.net.h5", "a.trace.h5", "small.yaml", "-o",
          "a.grad.h5");
    expect(0, NULL, NULL);
    hid_t file;
    ck_assert_int_eq(ebb_h5_open(&file, in_folder("a.grad.h5")), EBB_OK);
    hid_t group = H5Gopen2(file, "/projections/input_hidden", H5P_DEFAULT);
    ck_assert_int_eq(
        ebb_h5_read(weight, group, "weight", H5T_NATIVE_DOUBLE, 50 * 40),
        EBB_OK);
    H5Gclose(group);
    H5Fclose(file);
    double largest = 0;
    for (size_t k = 0; k < 50 * 40; k++) {
        double size = weight[k] < 0 ? -weight[k] : weight[k];
        largest = size > largest ? size : largest;
    }
    ck_assert_double_gt(largest, 0);
    SPAWN(&r, folder, "info", "a.grad.h5", "--json");
    expect(0, "\"kind\": \"gradients\", \"loss\": ", NULL);
    expect(0,
           "\"array\": \"projections/input_hidden/weight\", "
           "\"shape\": [50, 40]",
           NULL);
    ck_assert_double_eq_tol(number("input_hidden/weight", "largest"), largest,
                            1e-8 * largest);
    SPAWN(&r, folder, "info", "a.grad.h5");
    expect(0, "projections/hidden_output/kernel/alpha", NULL);
    expect(0, "populations/output/bias", NULL);
    end();
}
END_TEST

START_TEST(info_of_a_data_set_tells_samples_events_and_classes)
{
    begin();
    write_dataset("thirds.data.h5");
    SPAWN(&r, folder, "info", "thirds.data.h5");
    expect(0,
           "60 samples (48 training, 0 validation, 12 test) of 12 channels x "
           "30 ticks",
           NULL);
    expect(0, "1200 events, 20 to 20 a sample", NULL);
    expect(0, "labels of 3 classes, 20 to 20 samples of each", NULL);
    SPAWN(&r, folder, "info", "thirds.data.h5", "--json");
    ck_assert_double_eq(number("{", "samples"), 60);
    ck_assert_double_eq(number("{", "events"), 1200);
    ck_assert_double_eq(number("{", "classes"), 3);
    ck_assert_ptr_null(strstr(r.out, "target"));
    end();
}
END_TEST

RUN_SUITE("tools", "info", info_of_a_trace_tells_populations_rates_and_states,
          info_of_a_trace_counts_the_spikes_of_the_run,
          info_of_gradients_tells_the_largest_of_each_array,
          info_of_a_data_set_tells_samples_events_and_classes)
