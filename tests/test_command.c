/* tests/test_command.c - the program `ebb`, as a person meets it. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include "io/network_file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

START_TEST(help_is_there_for_every_command)
{
    static const char *const names[] = {"patterns", "train",   "run",
                                        "eval",     "grad",    "plot",
                                        "info",     "convert", "bench"};
    SPAWN(&r, "/", "--help");
    expect(0, "commands:", NULL);
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        SPAWN(&r, "/", "--help");
        expect(0, names[k], NULL);
        SPAWN(&r, "/", names[k], "--help");
        expect(0, "examples:", NULL);
        expect(0, "usage: ebb", NULL);
    }
    SPAWN(&r, "/", "--version");
    expect(0, "ebb 0.", NULL);
}
END_TEST

START_TEST(output_that_cannot_be_written_is_a_failure)
{
    char command[256];
    snprintf(command, sizeof(command), "'%s' patterns >/dev/full 2>/dev/null",
             spawn_program());
    int status = system(command);
    ck_assert_int_eq(WEXITSTATUS(status), 1);
}
END_TEST

START_TEST(patterns_are_written_and_read_back)
{
    begin();
    SPAWN(&r, folder, "patterns", "-o", "p.npy", "--count", "3", "--trains",
          "40", "--ticks", "50", "--seed", "1");
    expect(0, "written to p.npy", NULL);
    SPAWN(&r, folder, "patterns", "--from", "p.npy", "-o", "p.h5", "--show");
    expect(0, "#", NULL);
    SPAWN(&r, folder, "info", "p.h5");
    expect(0, "3 patterns of 40 trains x 50 ticks", NULL);
    end();
}
END_TEST

START_TEST(convert_turns_patterns_into_events_and_names_what_it_cannot)
{
    begin();
    SPAWN(&r, folder, "patterns", "-o", "p.h5", "--trains", "40", "--ticks",
          "50");
    SPAWN(&r, folder, "convert", "p.h5", "p.npy");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "convert", "p.npy", "q.h5");
    expect(0, NULL, NULL);
    ck_assert(files_are_equal(in_folder("p.h5"), in_folder("q.h5")));
    SPAWN(&r, folder, "convert", "p.h5", "e.csv", "--pattern", "3");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "convert", "p.h5", "e.csv", "--pattern", "10");
    expect(1, NULL, "0 to 9");
    SPAWN(&r, folder, "convert", "small.yaml", "x.h5");
    expect(1, NULL, "of kind experiment");
    SPAWN(&r, folder, "convert", "--from", "bench_net", "p.h5", "x.net.h5");
    expect(1, NULL, "did you mean 'bench-net'");
    SPAWN(&r, folder, "convert", "--from", "bench-net", "p.h5", "x.net.h5");
    expect(1, NULL, "p.h5: the attribute 'n' is missing");
    end();
}
END_TEST

/* An experiment learns from a file as it does from the drawings in it. */
START_TEST(train_from_a_file_of_patterns_is_as_from_drawings)
{
    begin();
    SPAWN(&r, folder, "patterns", "-o", "p.npy", "--count", "4", "--trains",
          "40", "--ticks", "50", "--density", "0.03");
    expect(0, NULL, NULL);
    char text[2048];
    const char *cut = strstr(experiment, "  patterns: drawings\n");
    const char *rest = strstr(experiment, "  cue:");
    snprintf(text, sizeof(text), "%.*s  patterns: p.npy\n%s",
             (int)(cut - experiment), experiment, rest);
    write_text("file.yaml", text);
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1", "-o", "a");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "file.yaml", "--epochs", "1", "-o", "b");
    expect(0, NULL, NULL);
    ck_assert(files_are_equal(in_folder("a/best.net.h5"),
                              in_folder("b/best.net.h5")));
    end();
}
END_TEST

START_TEST(patterns_take_the_place_of_the_experiments_own)
{
    begin();
    SPAWN(&r, folder, "patterns", "-o", "other.h5", "--count", "3", "--trains",
          "40", "--ticks", "50", "--density", "0.02", "--seed", "9");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "small.yaml", "--patterns", "other.h5",
          "--epochs", "1", "-o", "a");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1", "-o", "b");
    expect(0, NULL, NULL);
    ck_assert(!files_are_equal(in_folder("a/best.net.h5"),
                               in_folder("b/best.net.h5")));
    SPAWN(&r, folder, "eval", "a/best.net.h5", "small.yaml", "--patterns",
          "other.h5");
    expect(0, "recall of the pattern", NULL);
    SPAWN(&r, folder, "patterns", "-o", "wide.npy", "--count", "2", "--trains",
          "50", "--ticks", "50");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "small.yaml", "--patterns", "wide.npy", "-o",
          "c");
    expect(1, NULL, "set the size of its input population to 50");
    SPAWN(&r, folder, "train", "small.yaml", "--patterns", "none.h5");
    expect(1, NULL, "none.h5");
    end();
}
END_TEST

START_TEST(train_on_a_data_set_learns_its_classes)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("thirds.yaml", "network:\n"
                              "  neurons: {tau_theta: 8}\n"
                              "  kernel: {shape: exponential, tau: 4}\n"
                              "  populations:\n"
                              "    - {name: input, size: 12, input: true}\n"
                              "    - {name: hidden, size: 20}\n"
                              "    - {name: output, size: 3}\n"
                              "data: {dataset: thirds.data.h5}\n"
                              "training:\n"
                              "  epochs: 20\n"
                              "  batch: 12\n"
                              "  loss: {kind: rate}\n"
                              "  optimiser: {kind: adam, rate: 0.01}\n");
    SPAWN(&r, folder, "train", "thirds.yaml");
    expect(0, "epoch 20 of 20", NULL);
    SPAWN(&r, folder, "eval", "runs/thirds/best.net.h5", "thirds.yaml");
    expect(0, "12 test samples", NULL);
    expect(0, "accuracy                  100.00 %", NULL);
    end();
}
END_TEST

/* A quarter of the synapses are enough for three classes. */
START_TEST(train_of_sparse_projections_learns_and_resumes)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("sparse.yaml",
               "network:\n"
               "  neurons: {tau_theta: 8}\n"
               "  kernel: {shape: exponential, tau: 4, per_axon: true}\n"
               "  populations:\n"
               "    - {name: input, size: 12, input: true}\n"
               "    - {name: hidden, size: 40}\n"
               "    - {name: output, size: 3}\n"
               "  projections:\n"
               "    - {from: input, to: hidden, density: 0.25}\n"
               "    - {from: hidden, to: output, density: 0.5}\n"
               "data: {dataset: thirds.data.h5}\n"
               "training:\n"
               "  epochs: 20\n"
               "  batch: 12\n"
               "  loss: {kind: rate}\n"
               "  learn: {kernels: free}\n"
               "  optimiser: {kind: adam, rate: 0.01}\n");
    SPAWN(&r, folder, "train", "sparse.yaml", "-o", "a", "--seed", "7");
    expect(0, "epoch 20 of 20", NULL);
    SPAWN(&r, folder, "eval", "a/best.net.h5", "sparse.yaml");
    expect(0, "accuracy                  100.00 %", NULL);
    SPAWN(&r, folder, "info", "a/best.net.h5");
    expect(0, "sparse, 120 synapses", NULL);
    expect(0, "sparse, 60 synapses", NULL);
    SPAWN(&r, folder, "train", "sparse.yaml", "-o", "b", "--seed", "7",
          "--epochs", "3");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "sparse.yaml", "-o", "b", "--resume");
    expect(0, "epoch 20 of 20", NULL);
    ck_assert(files_are_equal(in_folder("a/checkpoint.net.h5"),
                              in_folder("b/checkpoint.net.h5")));
    end();
}
END_TEST

START_TEST(train_twice_two_epochs_is_train_four)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "-o", "a", "--threads", "1");
    expect(0, "epoch 4 of 4", NULL);
    SPAWN(&r, folder, "train", "small.yaml", "-o", "b", "--epochs", "2");
    expect(0, "epoch 2 of 2", NULL);
    SPAWN(&r, folder, "train", "small.yaml", "-o", "b", "--resume", "--threads",
          "2");
    expect(0, "epoch 3 of 4", NULL);
    ck_assert(files_are_equal(in_folder("a/checkpoint.net.h5"),
                              in_folder("b/checkpoint.net.h5")));
    ck_assert(files_are_equal(in_folder("a/best.net.h5"),
                              in_folder("b/best.net.h5")));
    SPAWN(&r, folder, "train", "small.yaml", "-o", "b");
    expect(1, NULL, "--resume continues it");
    SPAWN(&r, folder, "train", "small.yaml", "-o", "b", "--resume", "--seed",
          "9");
    expect(1, NULL, "leave it out");
    write_text("small.yaml", strchr(experiment, '\n') + 1);
    SPAWN(&r, folder, "train", "small.yaml", "-o", "b", "--resume");
    expect(1, NULL, "has changed since the run began");
    end();
}
END_TEST

static void pause_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* Ctrl-C at some moment after the first checkpoint, then on to the end. */
START_TEST(train_stopped_by_ctrl_c_saves_and_goes_on_bit_for_bit)
{
    begin();
    const char *const words[] = {"train", "small.yaml", "-o",   "b", "-t",
                                 "1",     "--epochs",   "4000", NULL};
    int process = spawn_start(folder, words);
    for (int k = 0; k < 1000; k++) {
        pause_ms(10);
        if (access(in_folder("b/checkpoint.net.h5"), F_OK) == 0) {
            break;
        }
    }
    kill(process, SIGINT);
    ck_assert_int_eq(spawn_wait(process), 1);
    struct ebb_checkpoint c;
    ck_assert_msg(ebb_checkpoint_read(&c, in_folder("b/checkpoint.net.h5")) ==
                      EBB_OK,
                  "%s", ebb_error_message());
    char epochs[32];
    snprintf(epochs, sizeof(epochs), "%llu", (unsigned long long)c.epoch + 1);
    SPAWN(&r, folder, "train", "small.yaml", "-o", "b", "--resume", "--epochs",
          epochs);
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "small.yaml", "-o", "a", "--epochs", epochs);
    expect(0, NULL, NULL);
    ck_assert(files_are_equal(in_folder("a/checkpoint.net.h5"),
                              in_folder("b/checkpoint.net.h5")));
    end();
}
END_TEST

START_TEST(train_stops_early_without_gain)
{
    begin();
    char text[2048];
    snprintf(text, sizeof(text),
             "%s  early_stop: {patience: 2, min_change: 10}\n", experiment);
    write_text("early.yaml", text);
    SPAWN(&r, folder, "train", "early.yaml", "--epochs", "50");
    expect(0, "stopped early: no gain in 2 epochs", NULL);
    expect(0, "epoch 3 of 50", NULL);
    ck_assert_ptr_null(strstr(r.out, "epoch 4 of 50"));
    end();
}
END_TEST

START_TEST(eval_and_info_agree_with_training)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "--json");
    expect(0, "\"test_loss\": ", NULL);
    const char *last = strstr(r.out, "{\"epoch\": 4");
    ck_assert_ptr_nonnull(last);
    char loss[32];
    snprintf(loss, sizeof(loss), "%.9s",
             strstr(last, "\"test_loss\": ") + strlen("\"test_loss\": "));
    SPAWN(&r, folder, "eval", "runs/small/checkpoint.net.h5", "small.yaml",
          "--json");
    expect(0, loss, NULL);
    SPAWN(&r, folder, "eval", "runs/small/best.net.h5", "small.yaml");
    expect(0, "recall of the pattern", NULL);
    SPAWN(&r, folder, "info", "runs/small/checkpoint.net.h5");
    expect(0, "checkpoint after 4 epochs", NULL);
    SPAWN(&r, folder, "info", "runs/small/best.net.h5", "--json");
    expect(0, "\"neurons\": 90", NULL);
    end();
}
END_TEST

/* V = I - Vth R where lambda is 0 (5a), and a spike is V >= Vth. */
static void check_states(const char *states, const char *spikes)
{
    double value[3] = {0}; /* V, R, I of the last neuron and tick */
    unsigned long long tick = 0, seen = 0, fired = 0;
    unsigned node = 0;
    char state = 0, line[256];
    FILE *file = fopen(states, "rb");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file)) {
        double x = 0;
        if (sscanf(line, "%llu,%c,hidden,%u,%lf", &tick, &state, &node, &x) !=
            4) {
            continue;
        }
        value[state == 'V' ? 0 : state == 'R' ? 1 : 2] = x;
        seen++;
        if (state == 'I') {
            ck_assert_double_eq_tol(value[0], value[2] - value[1], 1e-12);
            fired += value[0] >= 1;
        }
    }
    fclose(file);
    ck_assert_uint_eq(seen, 3 * 50);
    file = fopen(spikes, "rb");
    ck_assert_ptr_nonnull(file);
    unsigned long long told = 0;
    while (fgets(line, sizeof(line), file)) {
        told += strstr(line, ",7,1,hidden") != NULL;
    }
    fclose(file);
    ck_assert_uint_eq(told, fired);
}

START_TEST(run_tells_states_and_spikes_of_the_model)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "-o", "a");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "run", "a/best.net.h5", "small.yaml", "--sample", "5",
          "--record", "V,R,I@hidden", "--neurons", "7", "--states",
          "states.csv", "--spikes", "spikes.csv");
    expect(0, "50 ticks: ", NULL);
    check_states(in_folder("states.csv"), in_folder("spikes.csv"));
    end();
}
END_TEST

/* What a run wrote is input of the next: the same events, the same spikes. */
START_TEST(run_from_csv_is_as_from_the_pattern)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "-o", "a", "--epochs", "1");
    SPAWN(&r, folder, "patterns", "-o", "p.h5", "--trains", "40", "--ticks",
          "50", "--density", "0.03");
    SPAWN(&r, folder, "run", "a/best.net.h5", "p.h5", "--pattern", "2",
          "--noise", "--seed", "9", "--spikes", "one.csv");
    expect(0, NULL, NULL);
    char command[512];
    snprintf(command, sizeof(command),
             "cd '%s' && grep input one.csv | cut -d, -f1-3 >in.csv", folder);
    ck_assert_int_eq(system(command), 0);
    SPAWN(&r, folder, "run", "a/best.net.h5", "in.csv", "--until", "50",
          "--spikes", "two.csv");
    expect(0, NULL, NULL);
    ck_assert(files_are_equal(in_folder("one.csv"), in_folder("two.csv")));
    end();
}
END_TEST

RUN_SUITE("tools", "command", train_on_a_data_set_learns_its_classes,
          train_of_sparse_projections_learns_and_resumes,
          convert_turns_patterns_into_events_and_names_what_it_cannot,
          help_is_there_for_every_command,
          output_that_cannot_be_written_is_a_failure,
          patterns_are_written_and_read_back,
          train_from_a_file_of_patterns_is_as_from_drawings,
          patterns_take_the_place_of_the_experiments_own,
          train_twice_two_epochs_is_train_four,
          train_stopped_by_ctrl_c_saves_and_goes_on_bit_for_bit,
          train_stops_early_without_gain, eval_and_info_agree_with_training,
          run_tells_states_and_spikes_of_the_model,
          run_from_csv_is_as_from_the_pattern)
