/* tests/test_command_eval.c - `ebb eval` on bare data sets. */
#include "tests/command_files.h"
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number of the JSON object that was printed last. */
static double told(const char *name)
{
    char key[64];
    snprintf(key, sizeof(key), "\"%s\": ", name);
    const char *at = strstr(r.out, key);
    ck_assert_msg(at != NULL, "no %s in: %s", name, r.out);
    return strtod(at + strlen(key), NULL);
}

static const char *const thirds = "network:\n"
                                  "  neurons: {tau_theta: 8}\n"
                                  "  kernel: {shape: exponential, tau: 4}\n"
                                  "  populations:\n"
                                  "    - {name: input, size: 12, input: true}\n"
                                  "    - {name: hidden, size: 20}\n"
                                  "    - {name: output, size: 3}\n"
                                  "data: {dataset: thirds.data.h5}\n"
                                  "training:\n"
                                  "  epochs: 8\n"
                                  "  batch: 12\n"
                                  "  loss: {kind: rate}\n"
                                  "  optimiser: {kind: adam, rate: 0.01}\n";

/* The event engine and the batch run judge alike, spike for spike. */
START_TEST(eval_of_a_data_set_agrees_with_that_of_its_experiment)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("thirds.yaml", thirds);
    SPAWN(&r, folder, "train", "thirds.yaml", "-o", "t");
    expect(0, NULL, NULL);
    static const char *const splits[] = {"test", "train"};
    for (size_t k = 0; k < 2; k++) {
        SPAWN(&r, folder, "eval", "t/checkpoint.net.h5", "thirds.yaml",
              "--split", splits[k], "--json");
        expect(0, NULL, NULL);
        double accuracy = told("accuracy"), spikes = told("spikes_per_sample");
        SPAWN(&r, folder, "eval", "t/checkpoint.net.h5", "thirds.data.h5",
              "--split", splits[k], "--json");
        expect(0, NULL, NULL);
        ck_assert_double_eq(told("samples"), k ? 48 : 12);
        ck_assert_double_eq_tol(told("accuracy"), accuracy, 1e-6);
        ck_assert_double_eq_tol(told("spikes_per_sample"), spikes,
                                2e-3 * spikes);
        ck_assert_ptr_null(strstr(r.out, "distance"));
    }
    end();
}
END_TEST

/* What `ebb run` counts for one sample is what eval counts for it. */
START_TEST(eval_of_one_sample_costs_what_its_run_costs)
{
    static const char *const names[][2] = {
        {"spikes", "spikes_per_sample"},
        {"input_events", "input_events_per_sample"},
        {"synaptic_operations", "operations_per_sample"},
        {"neuron_updates", "updates_per_sample"},
        {"wakeups_fired", "wakeups_per_sample"},
        {"queue_operations", "queue_operations_per_sample"},
        {"ticks_skipped", "ticks_skipped_per_sample"}};
    enum { NAMES = sizeof(names) / sizeof(names[0]) };
    double cost[NAMES];
    begin();
    write_dataset("thirds.data.h5");
    write_text("thirds.yaml", thirds);
    SPAWN(&r, folder, "train", "thirds.yaml", "-o", "t", "--epochs", "2");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "run", "t/best.net.h5", "thirds.yaml", "--sample", "0",
          "--json");
    expect(0, NULL, NULL);
    for (size_t k = 0; k < NAMES; k++) {
        cost[k] = told(names[k][0]);
    }
    ck_assert_double_gt(cost[2], 100);
    SPAWN(&r, folder, "eval", "t/best.net.h5", "thirds.data.h5", "--samples",
          "1", "--json");
    expect(0, NULL, NULL);
    for (size_t k = 0; k < NAMES; k++) {
        ck_assert_msg(told(names[k][1]) == cost[k], "%s", names[k][0]);
    }
    SPAWN(&r, folder, "eval", "t/best.net.h5", "thirds.data.h5");
    expect(0, "12 test samples of thirds.data.h5", NULL);
    expect(0, "synaptic operations", NULL);
    end();
}
END_TEST

/* A silent output is as far from one spike at tick 3 of 30 as the kernel is
 * long: 1/(2*30) of the sum of e^(-2 (t - 3)/tau). */
START_TEST(eval_of_targets_tells_the_van_rossum_distance)
{
    static const struct command_dataset data = {.inputs = 4,
                                                .classes = 2,
                                                .ticks = 30,
                                                .samples = 10,
                                                .events = 4,
                                                .outputs = 2};
    begin();
    command_dataset_write(in_folder("trains.data.h5"), &data);
    command_network_write(in_folder("silent.net.h5"), 4, 2);
    static const char *const taus[] = {"10", "2.5"};
    for (size_t k = 0; k < 2; k++) {
        double sum = 0, tau = strtod(taus[k], NULL);
        for (double t = 3; t < 30; t++) {
            sum += exp(-2 * (t - 3) / tau) / 60;
        }
        SPAWN(&r, folder, "eval", "silent.net.h5", "trains.data.h5", "--tau",
              taus[k], "--json");
        expect(0, NULL, NULL);
        ck_assert_double_eq_tol(told("distance"), sum, 1e-5);
        ck_assert_double_eq(told("spikes_per_sample"), 0);
        ck_assert_double_eq(told("input_events_per_sample"), 4);
        ck_assert_double_eq(told("operations_per_sample"), 8);
    }
    SPAWN(&r, folder, "eval", "silent.net.h5", "trains.data.h5");
    expect(0, "van Rossum, tau 10 ticks", NULL);
    end();
}
END_TEST

RUN_SUITE("tools", "eval",
          eval_of_a_data_set_agrees_with_that_of_its_experiment,
          eval_of_one_sample_costs_what_its_run_costs,
          eval_of_targets_tells_the_van_rossum_distance)
