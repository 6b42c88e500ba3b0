/* tests/test_memory_experiment.c - sweeps of capacity from experiment files:
 * the one of the project shrunk, and bad ones. */
#include "io/memory_experiment.h"
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROJECTS EBB_SOURCE "/experiments/willshaw_capacity.yaml"

static const char *const small = "memory:\n"
                                 "  neurons: 300\n"
                                 "  cells: 15\n"
                                 "  connect: 0.8\n"
                                 "cues: {cells: 12, count: 20}\n"
                                 "sweep:\n"
                                 "  seeds: 2\n"
                                 "  points: 3\n"
                                 "  targets: [2 %, 0.4]\n"
                                 "output: {figure: s.svg}\n";

/* The small experiment with one piece of text put in another's place. */
static void write_changed(const char *from, const char *to)
{
    char text[1024];
    const char *at = strstr(small, from);
    ck_assert_ptr_nonnull(at);
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - small), small, to,
             at + strlen(from));
    write_text("e.yaml", text);
}

START_TEST(the_projects_experiment_shrunk_finds_its_targets)
{
    begin();
    SPAWN(&r, folder, "memory", "capacity", PROJECTS, "--neurons", "600",
          "--seeds", "3", "--points", "7", "--cues", "40");
    expect(0, "600 neurons, patterns of 32 cells", NULL);
    expect(0, "false ones reach 1 % at ", NULL);
    expect(0, "false ones reach 50 % at ", NULL);
    ck_assert_int_eq(access(in_folder("willshaw_capacity.jsonl"), F_OK), 0);
    ck_assert_int_eq(access(in_folder("willshaw_capacity.svg"), F_OK), 0);
    end();
}
END_TEST

START_TEST(options_stand_over_the_file)
{
    begin();
    write_text("e.yaml", small);
    SPAWN(&r, folder, "memory", "capacity", "e.yaml", "--json", "--cells", "16",
          "--missing", "0.5", "--figure", "other.png", "--seeds", "3");
    expect(0, "\"neurons\": 300, \"cells\": 16, \"cue\": 8, \"connect\": 0.8",
           NULL);
    expect(0, "\"seeds\": 3", NULL);
    expect(0, "{\"level\": 0.02", NULL);
    expect(0, "{\"level\": 0.4", NULL);
    ck_assert_int_eq(access(in_folder("other.png"), F_OK), 0);
    ck_assert_int_eq(access(in_folder("s.svg"), F_OK), -1);
    end();
}
END_TEST

START_TEST(numbers_of_patterns_may_be_listed)
{
    begin();
    write_changed("points: 3", "patterns: [20, 60, 90, 200]");
    SPAWN(&r, folder, "memory", "capacity", "e.yaml", "--json");
    expect(0, "{\"patterns\": 20, ", NULL);
    expect(0, "{\"patterns\": 90, ", NULL);
    expect(0, "{\"patterns\": 200, ", NULL);
    expect(0, "\"cue\": 12", NULL);
    end();
}
END_TEST

START_TEST(the_projects_experiment_says_what_it_is_called_for)
{
    struct ebb_memory_experiment e = {.tick_s = 1e-3};
    ck_assert_int_eq(ebb_memory_experiment_read(&e, PROJECTS), EBB_OK);
    ck_assert_uint_eq(e.neurons, 2000);
    ck_assert_uint_eq(e.seeds, 24);
    ck_assert_uint_eq(e.delay_ticks, 5);
    ck_assert_uint_eq(e.n_targets, 2);
    ck_assert_double_eq(e.targets[0], 0.01);
    ck_assert_double_eq(e.targets[1], 0.5);
    ck_assert_str_eq(e.figure, "willshaw_capacity.svg");
    ebb_memory_experiment_finish(&e);
}
END_TEST

START_TEST(what_is_wrong_with_a_file_is_told_with_its_line)
{
    const struct {
        const char *from, *to, *says;
    } bad[] = {
        {"neurons: 300", "neurons: 3", "e.yaml:2: memory.neurons is '3'"},
        {"neurons: 300", "nuerons: 300", "did you mean 'neurons'"},
        {"  neurons: 300\n", "", "neurons"},
        {"cells: 15", "cells: 151", "e.yaml:3: memory.cells is '151'"},
        {"connect: 0.8", "connect: 1.1", "memory.connect is '1.1'"},
        {"connect: 0.8", "threshold: 16", "memory.threshold is '16'"},
        {"connect: 0.8", "kind: hopfield", "memory.kind is 'hopfield'"},
        {"connect: 0.8", "delay: 0", "memory.delay is '0'"},
        {"connect: 0.8", "tick: 5", "its length needs a unit"},
        {"cells: 12", "cells: 16", "e.yaml:5: cues.cells is '16'"},
        {"seeds: 2", "seeds: 1", "e.yaml:7: sweep.seeds is '1'"},
        {"points: 3", "points: 2", "sweep.points is '2'"},
        {"seeds: 2", "patterns: [9, 8, 7]", "leave out one of the two"},
        {"points: 3", "patterns: [9, 8, 30]", "sweep.patterns[1] is '8'"},
        {"points: 3", "patterns: [9, 10]", "give 3 to 256 of them"},
        {"2 %, 0.4", "2 %, 1.5", "sweep.targets[1] is '1.5'"},
        {"2 %, 0.4", "0.4, 2 %", "targets rise"},
        {"[2 %, 0.4]", "[]", "give 1 to 16 of them"},
        {"s.svg", "s.pdf", "e.yaml:10: output.figure is 's.pdf'"}};
    begin();
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        write_changed(bad[k].from, bad[k].to);
        SPAWN(&r, folder, "memory", "capacity", "e.yaml");
        expect(1, NULL, bad[k].says);
    }
    end();
}
END_TEST

START_TEST(what_does_not_fit_is_told)
{
    begin();
    write_text("e.yaml", small);
    SPAWN(&r, folder, "memory", "capacity", "none.yaml");
    expect(1, NULL, "cannot read 'none.yaml'");
    SPAWN(&r, folder, "memory", "capacity", "e.yaml", "--cells", "10");
    expect(1, NULL, "a cue of 12 cells, but patterns of 10");
    SPAWN(&r, folder, "memory", "capacity", "e.yaml", "e.yaml");
    expect(2, NULL, "capacity");
    SPAWN(&r, folder, "memory", "build", "--figure", "x.svg");
    expect(2, NULL, "takes no --figure");
    end();
}
END_TEST

RUN_SUITE("io", "memory_experiment",
          the_projects_experiment_shrunk_finds_its_targets,
          options_stand_over_the_file, numbers_of_patterns_may_be_listed,
          the_projects_experiment_says_what_it_is_called_for,
          what_is_wrong_with_a_file_is_told_with_its_line,
          what_does_not_fit_is_told)
