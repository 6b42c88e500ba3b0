/* tests/test_command_camera.c - recordings of event cameras through `ebb run`:
 * the class that a network tells, and what it costs. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include "io/network_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two outputs without memory: the left column of a [channels, 2, 2] sensor
 * fires the first, the right one the second, but not in two ticks on end. */
static void write_sides(const char *name, size_t channels)
{
    struct ebb_network *net;
    size_t in, out, q, n = 4 * channels;
    struct ebb_kernel_spec none = {.shape = EBB_KERNEL_NONE};
    struct ebb_grid grid = {channels, 2, 2};
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "input", n, true, &in),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(net, in, grid), EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "output", 2, false, &out),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_add_projection(net, "sides", in, out,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT32, 0, &q),
                     EBB_OK);
    struct ebb_projection *p = &net->projections[q];
    ck_assert_int_eq(ebb_kernel_expand(&p->kernel, net->arena, &none, 1, 0),
                     EBB_OK);
    for (size_t j = 0; j < n; j++) {
        ((float *)p->weight)[2 * j + j % 2] = 1;
    }
    net->tick_s = 1e-3;
    ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
    ck_assert_int_eq(ebb_network_file_write(in_folder(name), net, NULL),
                     EBB_OK);
    ebb_network_destroy(net);
}

/* Left once, right four times, twice of these in one tick. */
static void make(void)
{
    begin();
    write_sides("two.net.h5", 2);
    write_sides("one.net.h5", 1);
    write_text("a.csv", "# geometry:2,2\nt,x,y,p\n"
                        "5000000,0,0,1\n"
                        "5001100,1,1,0\n"
                        "5001900,1,1,0\n"
                        "5002000,1,0,1\n"
                        "5009999,1,1,1\n");
}

static double told(const char *name)
{
    char word[64];
    snprintf(word, sizeof(word), "\"%s\": ", name);
    const char *at = strstr(r.out, word);
    ck_assert_msg(at != NULL, "%s in %s", name, r.out);
    return strtod(at + strlen(word), NULL);
}

/* Does a file of the folder hold a line? */
static bool has_line(const char *name, const char *line)
{
    char text[4096];
    FILE *in = fopen(in_folder(name), "r");
    ck_assert_ptr_nonnull(in);
    size_t n = fread(text, 1, sizeof(text) - 1, in);
    fclose(in);
    text[n] = '\0';
    return strstr(text, line) != NULL;
}

START_TEST(run_of_a_recording_tells_its_class)
{
    static const char *const nets[] = {"two.net.h5", "one.net.h5"};
    make();
    for (size_t k = 0; k < 2; k++) {
        SPAWN(&r, folder, "run", nets[k], "a.csv", "--spikes", "s.csv");
        expect(0, "class 1: 2 of 3 output spikes, confidence 0.731", NULL);
        expect(0, "10 ticks: 4 input events, 3 spikes", NULL);
    }
    SPAWN(&r, folder, "run", "two.net.h5", "a.csv", "--json");
    expect(0, "\"class\": 1", NULL);
    expect(0, "\"output_spikes\": [1, 2]", NULL);
    ck_assert_double_eq(told("ticks"), 10);
    end();
}
END_TEST

START_TEST(run_of_a_piece_begins_and_ends_where_it_is_told)
{
    make();
    SPAWN(&r, folder, "run", "two.net.h5", "a.csv", "--begin", "1ms", "--end",
          "4ms", "--json");
    expect(0, "\"output_spikes\": [0, 1]", NULL);
    ck_assert_double_eq(told("ticks"), 3);
    SPAWN(&r, folder, "run", "two.net.h5", "a.csv", "--begin", "4ms", "--end",
          "4ms");
    expect(1, NULL, "--end must be later than --begin");
    end();
}
END_TEST

/* Both of a tick are one. */
START_TEST(run_takes_one_event_a_channel_and_tick_when_told)
{
    make();
    SPAWN(&r, folder, "run", "two.net.h5", "a.csv", "--once", "--states",
          "i.csv", "--record", "I@output");
    expect(0, NULL, NULL);
    ck_assert(has_line("i.csv", "\n1,I,output,1,1\n"));
    SPAWN(&r, folder, "run", "two.net.h5", "a.csv", "--states", "i.csv",
          "--record", "I@output");
    expect(0, NULL, NULL);
    ck_assert(has_line("i.csv", "\n1,I,output,1,2\n"));
    end();
}
END_TEST

START_TEST(run_of_a_recording_that_does_not_fit_says_why)
{
    make();
    write_text("wide.csv", "t,x,y,p\n0,0,0,1\n10,2,0,1\n");
    SPAWN(&r, folder, "run", "two.net.h5", "wide.csv");
    expect(1, NULL,
           "wide.csv: an event at column 2, row 0 is beyond the "
           "network's input of 2 x 2");
    SPAWN(&r, folder, "run", "two.net.h5", "a.csv", "--sample", "3");
    expect(1, NULL,
           "--sample is for input of kind experiment; a.csv is of kind "
           "recording");
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1", "-o", "t");
    SPAWN(&r, folder, "run", "t/best.net.h5", "a.csv");
    expect(1, NULL, "a.csv: the network's ");
    end();
}
END_TEST

/* Four events on dense rows of two weights: 8 additions in all; 4 ticks with
 * arrivals, each of which brings both neurons up to date (V and R). */
START_TEST(run_tells_what_it_cost)
{
    make();
    SPAWN(&r, folder, "run", "two.net.h5", "a.csv", "--json", "--mode", "lazy");
    expect(0, NULL, NULL);
    ck_assert_double_eq(told("synaptic_operations"), 8);
    ck_assert_double_eq(told("neuron_updates"), 8);
    ck_assert_double_eq(told("seconds_per_sample"), 0.01);
    ck_assert_double_eq(told("adds_per_sample"), 8 + 16);
    ck_assert_double_eq(told("multiplies_per_sample"), 16);
    ck_assert_double_eq(told("bytes_per_sample"), 8 * 20 + 16 * 16);
    ck_assert_double_eq(told("dense_operations_per_sample"), 160);
    ck_assert_double_eq(told("frame_operations_per_sample"), 16);
    ck_assert_double_eq_tol(told("arithmetic_joules_per_sample"),
                            24 * 0.9e-12 + 16 * 3.7e-12, 1e-16);
    SPAWN(&r, folder, "run", "two.net.h5", "a.csv", "--mode", "lazy");
    expect(0,
           "these events              8 synaptic operations: 80.8 pJ "
           "arithmetic + 1.04 nJ memory",
           NULL);
    expect(0, "Loihi 189 pJ", NULL);
    expect(0, "x real time", NULL);
    end();
}
END_TEST

RUN_SUITE("tools", "camera", run_of_a_recording_tells_its_class,
          run_of_a_piece_begins_and_ends_where_it_is_told,
          run_takes_one_event_a_channel_and_tick_when_told,
          run_of_a_recording_that_does_not_fit_says_why, run_tells_what_it_cost)
