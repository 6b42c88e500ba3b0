/* tests/test_command_conv.c - networks that convolve and pool, from an
 * experiment to what was learned. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"

/* The three classes of the data set are three pairs of rows. */
#define EXPERIMENT(layers)                                                     \
    "network:\n"                                                               \
    "  neurons: {tau_theta: 8}\n"                                              \
    "  kernel: {shape: exponential, tau: 4, per_axon: true}\n"                 \
    "  populations:\n"                                                         \
    "    - {name: input, shape: [1, 6, 2], input: true}\n" layers              \
    "data: {dataset: thirds.data.h5}\n"                                        \
    "training:\n"                                                              \
    "  epochs: 20\n"                                                           \
    "  batch: 12\n"                                                            \
    "  loss: {kind: rate}\n"                                                   \
    "  learn: {kernels: free}\n"                                               \
    "  optimiser: {kind: adam, rate: 0.01}\n"

static void train_and_eval(const char *name)
{
    SPAWN(&r, folder, "train", name, "-o", "a", "--seed", "7", "--threads",
          "1");
    expect(0, "epoch 20 of 20", NULL);
    SPAWN(&r, folder, "eval", "a/best.net.h5", name);
    expect(0, "accuracy                  100.00 %", NULL);
}

START_TEST(train_of_a_convolution_learns_and_resumes_bit_for_bit)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("c.yaml",
               EXPERIMENT("    - {name: c1, conv: {channels: 6, size: 2,"
                          " padding: 1}}\n"
                          "    - {name: output, size: 3,"
                          " pool: {kind: max, size: 2x1}}\n"));
    train_and_eval("c.yaml");
    SPAWN(&r, folder, "info", "a/best.net.h5");
    expect(0, "126 neurons", NULL); /* 6 maps of 7 x 3 */
    expect(0, "c1           126 neurons [6, 7, 3]", NULL);
    expect(0, "conv2d 2x2 every 1x1, padding 1x1, ", NULL);
    expect(0, "24 synapses", NULL);
    expect(0, "max pool 2x1 every 2x1, dense, 162 synapses", NULL);
    SPAWN(&r, folder, "train", "c.yaml", "-o", "b", "--seed", "7", "--epochs",
          "3", "--threads", "2");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "c.yaml", "-o", "b", "--resume", "--threads",
          "2");
    expect(0, "epoch 20 of 20", NULL);
    ck_assert(files_are_equal(in_folder("a/checkpoint.net.h5"),
                              in_folder("b/checkpoint.net.h5")));
    end();
}
END_TEST

START_TEST(train_of_listed_projections_in_space_learns)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("p.yaml", EXPERIMENT("    - {name: c1, shape: [4, 3, 2]}\n"
                                    "    - {name: output, size: 3}\n"
                                    "  projections:\n"
                                    "    - {from: input, to: c1,"
                                    " conv: {size: 2x1, stride: 2x1}}\n"
                                    "    - {from: c1, to: output,"
                                    " pool: {kind: average, size: 1x2}}\n"));
    train_and_eval("p.yaml");
    SPAWN(&r, folder, "info", "a/best.net.h5");
    expect(0, "average pool 1x2 every 1x2, dense, 36 synapses", NULL);
    end();
}
END_TEST

START_TEST(run_of_a_convolution_takes_events)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("c.yaml", EXPERIMENT("    - {name: output, conv: {channels: 3,"
                                    " size: 6x2}}\n"));
    train_and_eval("c.yaml");
    write_text("in.csv", "0,1\n");
    SPAWN(&r, folder, "run", "a/best.net.h5", "in.csv");
    expect(0, "3 synaptic operations", NULL);
    end();
}
END_TEST

RUN_SUITE("tools", "command_conv",
          train_of_a_convolution_learns_and_resumes_bit_for_bit,
          train_of_listed_projections_in_space_learns,
          run_of_a_convolution_takes_events)
