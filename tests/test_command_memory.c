/* tests/test_command_memory.c - associative memories built and asked. */
#include "tests/bad_file.h"
#include "tests/command_folder.h"
#include "tests/run_suite.h"
#include "tests/spawn.h"

#include "core/memory.h"
#include "io/association_file.h"
#include "io/network_file.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMALL "--neurons", "400", "--patterns", "20", "--cells", "30"

/* "name": number of the last object that was printed. */
static double number(const char *name)
{
    char key[64];
    const char *at = NULL;
    snprintf(key, sizeof(key), "\"%s\": ", name);
    for (const char *from = r.out; (from = strstr(from, key)); from++) {
        at = from;
    }
    ck_assert_msg(at != NULL, "no %s in %s", key, r.out);
    return strtod(at + strlen(key), NULL);
}

START_TEST(a_memory_is_built_and_recalls)
{
    const char *const kinds[] = {"willshaw", "hopfield", "attractor"};
    begin();
    for (size_t k = 0; k < 3; k++) {
        SPAWN(&r, folder, "memory", "build", "-o", "m.net.h5", "--kind",
              kinds[k], SMALL, "--connect", "0.8", "--json");
        expect(0, "\"neurons\": 400, \"patterns\": 20, \"cells\": 30", NULL);
        ck_assert_double_gt(number("synapses"), 5000);
        SPAWN(&r, folder, "memory", "recall", "m.net.h5", "--missing", "0.2",
              "--steps", "4", "--json");
        expect(0,
               "{\"step\": 0, \"tick\": 0, \"cues\": 100, \"completion\": "
               "0.8, \"false\": 0, ",
               NULL);
        r.out[strstr(r.out, "{\"file\"") - r.out] = '\0';
        ck_assert_double_gt(number("completion"), 0.97);
        ck_assert_double_lt(number("false"), 0.05);
        ck_assert_double_gt(number("overlap"), 0.97);
    }
    SPAWN(&r, folder, "memory", "recall", "m.net.h5", "--pattern", "3",
          "--cues", "2");
    expect(0, "2 cues: 0 % of the cells missing", NULL);
    SPAWN(&r, folder, "info", "m.net.h5");
    expect(0, "432 neurons", NULL);
    expect(0, "weights: constant; ", NULL);
    expect(0, " bytes a neuron)", NULL);
    SPAWN(&r, folder, "info", "m.net.h5", "--json");
    expect(0, "{\"projection\": \"recall\"", NULL);
    ck_assert_double_gt(number("bytes_per_synapse"), 0);
    end();
}
END_TEST

START_TEST(the_same_seed_gives_the_same_file)
{
    begin();
    SPAWN(&r, folder, "memory", "build", "-o", "a.net.h5", SMALL);
    expect(0, "400 neurons", NULL);
    SPAWN(&r, folder, "memory", "build", "-o", "b.net.h5", SMALL);
    SPAWN(&r, folder, "memory", "build", "-o", "c.net.h5", SMALL, "--seed",
          "2");
    ck_assert(files_are_equal(in_folder("a.net.h5"), in_folder("b.net.h5")));
    ck_assert(!files_are_equal(in_folder("a.net.h5"), in_folder("c.net.h5")));
    end();
}
END_TEST

START_TEST(threads_do_not_change_the_file)
{
    begin();
    for (size_t k = 0; k < 3; k++) {
        const char *const kinds[] = {"willshaw", "hopfield", "attractor"};
        SPAWN(&r, folder, "memory", "build", "-o", "a.net.h5", SMALL, "--kind",
              kinds[k], "--threads", "1");
        expect(0, "400 neurons", NULL);
        SPAWN(&r, folder, "memory", "build", "-o", "b.net.h5", SMALL, "--kind",
              kinds[k], "--threads", "5");
        expect(0, "400 neurons", NULL);
        ck_assert(
            files_are_equal(in_folder("a.net.h5"), in_folder("b.net.h5")));
    }
    end();
}
END_TEST

START_TEST(weights_of_8_bits_are_rounded_and_it_is_told)
{
    double step = 0;
    struct ebb_network *net[2];
    begin();
    SPAWN(&r, folder, "memory", "build", "-o", "f.net.h5", SMALL, "--kind",
          "hopfield");
    SPAWN(&r, folder, "memory", "build", "-o", "i.net.h5", SMALL, "--kind",
          "hopfield", "--weights", "int8");
    expect(0, "weights rounded to multiples of ", NULL);
    SPAWN(&r, folder, "memory", "build", "-o", "i.net.h5", SMALL, "--kind",
          "hopfield", "--weights", "int8", "--json");
    step = number("weight_step");
    ck_assert_double_gt(step, 0);
    ck_assert_int_eq(ebb_network_file_read(&net[0], in_folder("f.net.h5")), 0);
    ck_assert_int_eq(ebb_network_file_read(&net[1], in_folder("i.net.h5")), 0);
    size_t k = ebb_network_find_projection(net[0], "recall");
    const struct ebb_projection *a = &net[0]->projections[k];
    const struct ebb_projection *b = &net[1]->projections[k];
    ck_assert_uint_eq(a->synapses, b->synapses);
    for (size_t s = 0; s < a->synapses; s++) {
        double x = ebb_projection_weight(a, s), y = ebb_projection_weight(b, s);
        double whole = nearbyint(y / step);
        CHECK_EACH(
            a->indices[s] == b->indices[s] && fabs(x - y) <= 0.5001 * step &&
                fabs(whole) <= 127 && fabs(y - whole * step) < 1e-3 * step,
            "synapse %zu: %g, rounded to %g in steps of %g", s, x, y, step);
    }
    ebb_network_destroy(net[0]);
    ebb_network_destroy(net[1]);
    SPAWN(&r, folder, "info", "i.net.h5");
    expect(0, "weights: 8 bits", NULL);
    SPAWN(&r, folder, "memory", "recall", "i.net.h5", "--missing", "0.2",
          "--json");
    expect(0, "{\"step\": 5", NULL);
    r.out[strstr(r.out, "{\"file\"") - r.out] = '\0';
    ck_assert_double_gt(number("completion"), 0.9);
    end();
}
END_TEST

START_TEST(what_was_built_is_what_is_read)
{
    struct ebb_association_params p;
    struct ebb_assemblies read, drawn;
    begin();
    SPAWN(&r, folder, "memory", "build", "-o", "m.net.h5", SMALL, "--kernel",
          "dual_exponential", "--tau", "6", "--tau-s", "2", "--delay", "7",
          "--lambda", "0.25", "--threshold", "9", "--connect", "0.75");
    expect(0, "fires on 9 coincident spikes", NULL);
    ck_assert_int_eq(
        ebb_association_file_read(&read, &p, in_folder("m.net.h5")), EBB_OK);
    ck_assert_int_eq(ebb_assemblies_draw(&drawn, 400, 20, 30, 1), EBB_OK);
    ck_assert_mem_eq(read.cell, drawn.cell, 600 * sizeof(uint32_t));
    ck_assert_mem_eq(read.member, drawn.member, 600 * sizeof(uint32_t));
    ck_assert_int_eq(p.kernel.shape, EBB_KERNEL_DUAL_EXPONENTIAL);
    ck_assert_double_eq(p.kernel.tau_m, 6);
    ck_assert_double_eq(p.kernel.tau_s, 2);
    ck_assert_uint_eq(p.delay_ticks, 7);
    ck_assert_uint_eq(p.refractory_ticks, 6);
    ck_assert_double_eq(p.lambda, 0.25);
    ck_assert_double_eq(p.threshold, 9);
    ck_assert_double_eq(p.connect, 0.75);
    struct ebb_network *net, *built;
    ck_assert_int_eq(ebb_network_file_read(&net, in_folder("m.net.h5")), 0);
    ck_assert_int_eq(ebb_association_build(&built, &p, &read, 1, NULL), EBB_OK);
    ck_assert_uint_eq(ebb_network_hash(net), ebb_network_hash(built));
    ebb_network_destroy(net);
    ebb_network_destroy(built);
    ebb_assemblies_finish(&read);
    ebb_assemblies_finish(&drawn);
    end();
}
END_TEST

START_TEST(what_makes_no_sense_is_told)
{
    begin();
    SPAWN(&r, folder, "memory", "build", "-o", "m.net.h5", SMALL);
    expect(0, NULL, NULL);
    const struct {
        int status;
        const char *words[8], *says;
    } bad[] = {
        {2, {"bild"}, "did you mean 'build'"},
        {2, {"recall"}, "recall takes NETWORK"},
        {2, {"recall", "m.net.h5", "--cells", "3"}, "takes no --cells"},
        {2, {"build", "--missing", "0.1"}, "takes no --missing"},
        {1, {"build"}, "-o NAME.net.h5"},
        {1, {"build", "-o", "x", "--connect", "0"}, "--connect is '0'"},
        {1, {"build", "-o", "x", "--cells", "2001"}, "no more cells"},
        {1, {"build", "-o", "x", "--inhibition", "1"}, "--kind attractor"},
        {1, {"build", "-o", "x", "--theta", "1"}, "--reset filter"},
        {1, {"build", "-o", "x", "--weights", "int8"}, "--kind hopfield"},
        {1, {"build", "-o", "x", "--threads", "0"}, "--threads is '0'"},
        {1, {"recall", "m.net.h5", "--pattern", "20"}, "0 to 19"},
        {1, {"recall", "m.net.h5", "--added", "99"}, "half of the others"},
        {1, {"recall", "small.yaml"}, "no HDF5 file"}};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        const char *words[10] = {"memory"};
        memcpy(words + 1, bad[k].words, sizeof(bad[k].words));
        spawn_run(&r, folder, words);
        expect(bad[k].status, NULL, bad[k].says);
    }
    end();
}
END_TEST

START_TEST(a_network_without_patterns_is_told)
{
    const struct bad_edit none = {BAD_REMOVE, "memory", 0, NULL};
    begin();
    SPAWN(&r, folder, "memory", "build", "-o", "m.net.h5", SMALL);
    bad_file_copy(in_folder("bare.net.h5"), in_folder("m.net.h5"));
    bad_file_edit(in_folder("bare.net.h5"), &none);
    SPAWN(&r, folder, "memory", "recall", "bare.net.h5");
    expect(1, NULL, "no patterns are stored beside this network");
    SPAWN(&r, folder, "convert", "bare.net.h5", "copy.net.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "memory", "recall", "copy.net.h5");
    expect(1, NULL, "no patterns are stored beside this network");
    end();
}
END_TEST

START_TEST(a_memory_keeps_its_patterns_when_it_is_converted)
{
    char before[sizeof(r.out)];
    begin();
    SPAWN(&r, folder, "memory", "build", "-o", "m.net.h5", SMALL);
    SPAWN(&r, folder, "convert", "m.net.h5", "same.net.h5");
    expect(0, NULL, NULL);
    ck_assert(files_are_equal(in_folder("m.net.h5"), in_folder("same.net.h5")));
    SPAWN(&r, folder, "convert", "m.net.h5", "fine.net.h5", "--tick", "100us");
    expect(0, NULL, NULL);
    const char *const nets[] = {"m.net.h5", "fine.net.h5"};
    const char *const first_ticks[] = {"      1       5", "      1      50"};
    for (size_t k = 0; k < 2; k++) {
        SPAWN(&r, folder, "memory", "recall", nets[k], "--missing", "0.2",
              "--cues", "20", "--steps", "1");
        expect(0, first_ticks[k], NULL);
        char *row = strstr(r.out, first_ticks[k]) + strlen(first_ticks[k]);
        row[strcspn(row, "\n")] = '\0';
        if (k > 0) {
            ck_assert_str_eq(row, before);
        }
        snprintf(before, sizeof(before), "%s", row);
    }
    end();
}
END_TEST

static void check_file(const char *name, const char *wanted)
{
    char text[400] = "";
    FILE *file = fopen(in_folder(name), "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_gt(fread(text, 1, sizeof(text) - 1, file), 0);
    fclose(file);
    ck_assert_msg(strstr(text, wanted) != NULL, "%s", text);
}

START_TEST(a_list_of_synapses_runs_and_goes_through_sonata)
{
    begin();
    write_text("e.csv", "source,target,weight,delay\n0,1,1,2\n1,2,1,4\n");
    write_text("in.csv", "tick,node\n0,0\n");
    SPAWN(&r, folder, "convert", "e.csv", "a.net.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "convert", "a.net.h5", "a.sonata.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "convert", "a.sonata.h5", "b.net.h5");
    expect(0, NULL, NULL);
    const char *const nets[] = {"a.net.h5", "b.net.h5"};
    for (size_t k = 0; k < 2; k++) {
        SPAWN(&r, folder, "run", nets[k], "in.csv", "--until", "10", "--spikes",
              "o.csv");
        expect(0, "3 spikes", NULL);
        check_file("o.csv", "\n2,1,1,neurons\n6,2,1,neurons\n");
    }
    SPAWN(&r, folder, "convert", "in.csv", "x.net.h5");
    expect(1, NULL, "of kind events");
    end();
}
END_TEST

/* A memory file with one edit is refused by what is wrong with it. */
START_TEST(a_damaged_memory_is_told)
{
    const struct {
        struct bad_edit edit;
        const char *says;
    } bad[] = {
        {{BAD_REMOVE, "memory/cells", 0, NULL}, "'cells' is missing"},
        {{BAD_REMOVE, "memory@kind", 0, NULL}, "'kind' is missing"},
        {{BAD_TEXT, "memory@kind", 0, "hopfeld"}, "kind is 'hopfeld'"},
        {{BAD_TEXT, "memory@kernel", 0, "iir"}, "called 'iir'"},
        {{BAD_COUNT, "memory@neurons", 4000000000, NULL}, "4000000000 neurons"},
        {{BAD_COUNT, "memory@neurons", 399, NULL}, "399 neurons"},
        {{BAD_COUNT, "memory@delay_ticks", 0, NULL}, "a delay of 0"},
        {{BAD_NUMBER, "memory@lambda", -1, NULL}, "lambda = -1"},
        {{BAD_NUMBER, "memory@threshold", 1e300, NULL}, "threshold = 1e+300"},
        {{BAD_SIGNED, "memory/cells", -1, NULL}, "negative"},
        {{BAD_CELL, "memory/cells", 400, NULL}, "neuron 400"},
        {{BAD_FLAT, "memory/cells", 600, NULL}, "[pattern, cell]"},
        {{BAD_HUGE, "memory/cells", 0, NULL}, "cells"},
        {{BAD_WORDS, "memory/cells", 0, NULL}, "no numbers"},
        {{BAD_OUTSIDE, "memory/cells", 0, NULL}, "no numbers in this file"},
        {{BAD_REMOVE, "projections/recall", 0, NULL}, "recall"}};
    begin();
    SPAWN(&r, folder, "memory", "build", "-o", "m.net.h5", SMALL);
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        bad_file_copy(in_folder("bad.net.h5"), in_folder("m.net.h5"));
        bad_file_edit(in_folder("bad.net.h5"), &bad[k].edit);
        SPAWN(&r, folder, "memory", "recall", "bad.net.h5", "--cues", "1");
        expect(1, NULL, "bad.net.h5: ");
        expect(1, NULL, bad[k].says);
    }
    end();
}
END_TEST

START_TEST(a_picture_of_capacity_needs_what_capacity_wrote)
{
    begin();
    SPAWN(&r, folder, "memory", "capacity", "-o", "c.jsonl", "--neurons", "300",
          "--cells", "15", "--seeds", "2", "--points", "4", "--cues", "20");
    expect(0, "in theory at", NULL);
    SPAWN(&r, folder, "plot", "capacity", "c.jsonl", "-o", "c.svg");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "plot", "capacity", "small.yaml", "-o", "d.svg");
    expect(1, NULL, "small.yaml: no two lines");
    ck_assert_int_eq(access(in_folder("c.svg"), F_OK), 0);
    ck_assert_int_eq(access(in_folder("d.svg"), F_OK), -1);
    end();
}
END_TEST

START_TEST(an_interrupted_build_leaves_what_was_there)
{
    begin();
    write_text("m.net.h5", "kept");
    const char *const words[] = {
        "memory",     "build", "-o",      "m.net.h5", "--neurons", "100000",
        "--patterns", "20000", "--cells", "100",      NULL};
    int process = spawn_start(folder, words);
    usleep(300000);
    kill(process, SIGINT);
    int status = spawn_wait(process);
    /* before it listens the signal itself ends it */
    ck_assert_msg(status == 1 || status == 128 + SIGINT, "%d", status);
    check_file("m.net.h5", "kept");
    ck_assert_int_eq(access(in_folder("m.net.h5.tmp"), F_OK), -1);
    end();
}
END_TEST

RUN_SUITE("tools", "command_memory", a_memory_is_built_and_recalls,
          the_same_seed_gives_the_same_file, threads_do_not_change_the_file,
          weights_of_8_bits_are_rounded_and_it_is_told,
          what_was_built_is_what_is_read, what_makes_no_sense_is_told,
          a_network_without_patterns_is_told,
          a_memory_keeps_its_patterns_when_it_is_converted,
          a_list_of_synapses_runs_and_goes_through_sonata,
          a_damaged_memory_is_told,
          a_picture_of_capacity_needs_what_capacity_wrote,
          an_interrupted_build_leaves_what_was_there)
