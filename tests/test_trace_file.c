/* tests/test_trace_file.c - recordings in HDF5: the same as in memory. */
#include "io/h5.h"
#include "io/trace_file.h"
#include "io/trace_part.h"
#include "sim/engine.h"
#include "sim/replay.h"
#include "sim/trace_memory.h"
#include "tests/recorded_network.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TICKS = 1500 };

static char path[64];
static struct ebb_network *net;
static struct ebb_events input;

static void begin(void)
{
    snprintf(path, sizeof(path), "/tmp/ebb_trace_%d.trace.h5", (int)getpid());
    net = recorded_network();
    recorded_input(&input, TICKS);
}

static void end(void)
{
    unlink(path);
    ebb_events_finish(&input);
    ebb_network_destroy(net);
}

static void run(const struct ebb_probe *probes, size_t n,
                struct ebb_run_sink sink)
{
    struct ebb_counters counters;
    struct ebb_engine_options how = ebb_engine_options_default();
    how.probes = probes;
    how.n_probes = n;
    how.sink = sink;
    ck_assert_msg(ebb_engine_simulate(&counters, net, &how, input.at, input.n,
                                      TICKS) == EBB_OK,
                  "%s", ebb_error_message());
    ck_assert_uint_gt(counters.spikes, 200);
}

static void record(const struct ebb_probe *probes, size_t n)
{
    struct ebb_trace_writer *w;
    ck_assert_msg(ebb_trace_writer_create(&w, path, net, TICKS, probes, n,
                                          "test") == EBB_OK,
                  "%s", ebb_error_message());
    run(probes, n, ebb_trace_writer_sink(w));
    ck_assert_int_eq(access(path, F_OK), -1); /* not before it is whole */
    ck_assert_msg(ebb_trace_writer_finish(w) == EBB_OK, "%s",
                  ebb_error_message());
}

static struct ebb_gradient_f64 *replay(const struct ebb_model_f64 *model,
                                       const struct ebb_trace *trace,
                                       double *loss)
{
    struct ebb_gradient_f64 *g;
    struct ebb_replay_goal goal = {.label = 1};
    ck_assert_int_eq(ebb_gradient_create_f64(&g, model), EBB_OK);
    ck_assert_msg(ebb_replay(loss, g, model, trace, &goal) == EBB_OK, "%s",
                  ebb_error_message());
    return g;
}

START_TEST(replay_from_a_file_has_the_bits_of_replay_from_memory)
{
    begin();
    struct ebb_trace_memory *memory;
    struct ebb_trace_file *file;
    struct ebb_model_f64 *model;
    size_t n;
    double losses[2];
    ck_assert_int_eq(ebb_trace_memory_create(&memory, net, TICKS, NULL),
                     EBB_OK);
    const struct ebb_probe *probes = ebb_trace_memory_probes(memory, &n);
    run(probes, n, ebb_trace_memory_sink(memory));
    record(probes, n);
    ck_assert_msg(ebb_trace_file_open(&file, path, net) == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert_int_eq(ebb_model_create_f64(&model, net, true), EBB_OK);
    struct ebb_trace traces[2] = {ebb_trace_memory_trace(memory),
                                  ebb_trace_file_trace(file)};
    ck_assert_uint_eq(traces[1].ticks, TICKS);
    struct ebb_gradient_f64 *a = replay(model, &traces[0], &losses[0]);
    struct ebb_gradient_f64 *b = replay(model, &traces[1], &losses[1]);
    ck_assert_int_eq(memcmp(&losses[0], &losses[1], sizeof(double)), 0);
    ck_assert_int_eq(memcmp(a->all, b->all, a->n_all * sizeof(double)), 0);
    ebb_gradient_destroy_f64(a);
    ebb_gradient_destroy_f64(b);
    ebb_model_destroy_f64(model);
    ebb_trace_file_close(file);
    ebb_trace_memory_destroy(memory);
    end();
}
END_TEST

START_TEST(subsets_and_decimation_are_as_asked_for)
{
    begin();
    const uint32_t nodes[] = {2, 3, 11};
    struct ebb_probe probes[] = {
        {EBB_STATE_V, 1, nodes, 3, 7},
        {EBB_STATE_F, 1, NULL, HIDDEN, 1},
    };
    record(probes, 2);
    hid_t file, group;
    struct ebb_h5_shape shape;
    uint32_t ids[3];
    ck_assert_int_eq(ebb_h5_open(&file, path), EBB_OK);
    group = H5Gopen2(file, "/entry/hidden/V", H5P_DEFAULT);
    ck_assert_int_eq(ebb_h5_shape(&shape, group, "V"), EBB_OK);
    ck_assert_uint_eq(shape.size[0], 3);
    ck_assert_uint_eq(shape.size[1], (TICKS + 6) / 7);
    ck_assert_int_eq(ebb_h5_read(ids, group, "neuron", H5T_NATIVE_UINT32, 3),
                     EBB_OK);
    ck_assert_int_eq(memcmp(ids, nodes, sizeof(ids)), 0);
    H5Gclose(group);
    group = H5Gopen2(file, "/entry/hidden_hidden/F", H5P_DEFAULT);
    ck_assert_int_eq(ebb_h5_shape(&shape, group, "F"), EBB_OK);
    ck_assert_uint_eq(shape.size[0], HIDDEN);
    ck_assert_uint_eq(shape.size[1], TICKS);
    H5Gclose(group);
    H5Fclose(file);
    end();
}
END_TEST

/* Of more bins than a chunk has. */
START_TEST(the_overview_counts_every_spike)
{
    enum { NEURONS = INPUTS + HIDDEN + OUTPUTS };
    static float rate[NEURONS * TICKS];
    static double tick[TICKS];
    struct ebb_h5_shape shape;
    double spikes = 0, seen = 0;
    begin();
    record(NULL, 0);
    hid_t file, group;
    ck_assert_int_eq(ebb_h5_open(&file, path), EBB_OK);
    group = H5Gopen2(file, "/entry/overview", H5P_DEFAULT);
    ck_assert_int_eq(
        ebb_h5_read(rate, group, "rate", H5T_NATIVE_FLOAT, NEURONS * TICKS),
        EBB_OK);
    ck_assert_int_eq(ebb_h5_read(tick, group, "tick", H5T_NATIVE_DOUBLE, TICKS),
                     EBB_OK);
    H5Gclose(group);
    for (size_t k = 0; k < NEURONS * TICKS; k++) {
        seen += (double)rate[k];
    }
    for (size_t k = 0; k < TICKS; k++) {
        ck_assert(tick[k] == (double)k);
    }
    static const char *const names[] = {"/spikes/in", "/spikes/hidden",
                                        "/spikes/out"};
    for (size_t k = 0; k < 3; k++) {
        group = H5Gopen2(file, names[k], H5P_DEFAULT);
        ck_assert_int_eq(ebb_h5_shape(&shape, group, "ticks"), EBB_OK);
        spikes += (double)shape.count;
        H5Gclose(group);
    }
    H5Fclose(file);
    ck_assert(seen == spikes);
    end();
}
END_TEST

/* As SONATA has them, where the length of a tick is known. */
START_TEST(spikes_have_times_in_milliseconds)
{
    struct ebb_h5_shape shape;
    char units[16];
    begin();
    net->tick_s = 2.5e-4;
    record(NULL, 0);
    hid_t file, group, times;
    ck_assert_int_eq(ebb_h5_open(&file, path), EBB_OK);
    group = H5Gopen2(file, "/spikes/hidden", H5P_DEFAULT);
    ck_assert_int_eq(ebb_h5_shape(&shape, group, "timestamps"), EBB_OK);
    uint64_t *tick = calloc(shape.count, sizeof(*tick));
    double *ms = calloc(shape.count, sizeof(*ms));
    ck_assert_int_eq(
        ebb_h5_read(tick, group, "ticks", H5T_NATIVE_UINT64, shape.count),
        EBB_OK);
    ck_assert_int_eq(
        ebb_h5_read(ms, group, "timestamps", H5T_NATIVE_DOUBLE, shape.count),
        EBB_OK);
    for (size_t k = 0; k < shape.count; k++) {
        ck_assert(ms[k] == (double)tick[k] * 0.25);
    }
    times = H5Dopen2(group, "timestamps", H5P_DEFAULT);
    ck_assert_int_eq(ebb_h5_get_text(units, sizeof(units), times, "units"),
                     EBB_OK);
    ck_assert_str_eq(units, "milliseconds");
    H5Dclose(times);
    H5Gclose(group);
    H5Fclose(file);
    free(tick);
    free(ms);
    end();
}
END_TEST

START_TEST(open_names_all_that_a_replay_would_miss)
{
    begin();
    struct ebb_probe probes[] = {{EBB_STATE_V, 1, NULL, HIDDEN, 2}};
    struct ebb_trace_file *file;
    record(probes, 1);
    ck_assert_int_eq(ebb_trace_file_open(&file, path, net), EBB_ERR_FORMAT);
    ck_assert_ptr_null(file);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "'hidden'"));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "'out'"));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "--record all"));
    end();
}
END_TEST

START_TEST(open_refuses_the_run_of_another_network)
{
    begin();
    struct ebb_trace_file *file;
    record(NULL, 0);
    ((double *)net->projections[0].weight)[0] += 1;
    ck_assert_int_eq(ebb_trace_file_open(&file, path, net), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "another network"));
    end();
}
END_TEST

START_TEST(open_survives_truncation_anywhere)
{
    begin();
    struct ebb_probe probes[] = {{EBB_STATE_V, 1, NULL, HIDDEN, 1},
                                 {EBB_STATE_V, 2, NULL, OUTPUTS, 1}};
    struct ebb_trace_file *file;
    record(probes, 2);
    FILE *whole = fopen(path, "rb");
    ck_assert_int_eq(fseek(whole, 0, SEEK_END), 0);
    long size = ftell(whole);
    fclose(whole);
    for (long part = 63; part > 0; part--) {
        ck_assert_int_eq(truncate(path, size * part / 64), 0);
        ck_assert_int_ne(ebb_trace_file_open(&file, path, net), EBB_OK);
        ck_assert_ptr_null(file);
    }
    end();
}
END_TEST

START_TEST(abandon_leaves_an_older_file_and_nothing_else)
{
    begin();
    struct ebb_trace_writer *w;
    char beside[80];
    snprintf(beside, sizeof(beside), "%s.part", path);
    record(NULL, 0);
    ck_assert_int_eq(
        ebb_trace_writer_create(&w, path, net, TICKS, NULL, 0, NULL), EBB_OK);
    ck_assert_int_eq(access(beside, F_OK), 0);
    ebb_trace_writer_abandon(w);
    ck_assert_int_eq(access(beside, F_OK), -1);
    ck_assert_int_eq(access(path, F_OK), 0);
    end();
}
END_TEST

START_TEST(abandon_keeps_what_was_committed)
{
    begin();
    struct ebb_trace_writer *w, *other;
    struct ebb_trace_part *part;
    struct ebb_probe probes[] = {{EBB_STATE_V, 1, NULL, HIDDEN, 1}};
    char beside[80];
    snprintf(beside, sizeof(beside), "%s.part", path);
    ck_assert_int_eq(
        ebb_trace_writer_create(&w, path, net, TICKS, probes, 1, NULL), EBB_OK);
    ebb_trace_writer_commit_every(w, 400);
    run(probes, 1, ebb_trace_writer_sink(w));
    ck_assert_uint_eq(ebb_trace_writer_committed(w), 1200);
    ck_assert(!ebb_trace_writer_abandon(w));
    ck_assert_int_eq(access(path, F_OK), -1);
    ck_assert_int_eq(ebb_trace_part_open(&part, beside), EBB_OK);
    ck_assert_uint_eq(ebb_trace_part_plan(part)->ticks, 1200);
    ebb_trace_part_close(part);
    ck_assert_int_eq(
        ebb_trace_writer_create(&other, path, net, TICKS, probes, 1, NULL),
        EBB_ERR_IO); /* it may be all that is left */
    ck_assert_ptr_null(other);
    ck_assert_int_eq(access(beside, F_OK), 0);
    unlink(beside);
    end();
}
END_TEST

START_TEST(create_names_a_folder_that_is_not_there)
{
    begin();
    struct ebb_trace_writer *w;
    ck_assert_int_eq(ebb_trace_writer_create(&w, "/nowhere/x.trace.h5", net,
                                             TICKS, NULL, 0, NULL),
                     EBB_ERR_IO);
    ck_assert_ptr_null(w);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "/nowhere/x.trace.h5"));
    end();
}
END_TEST

RUN_SUITE(
    "unit", "trace_file", replay_from_a_file_has_the_bits_of_replay_from_memory,
    subsets_and_decimation_are_as_asked_for, the_overview_counts_every_spike,
    spikes_have_times_in_milliseconds, open_names_all_that_a_replay_would_miss,
    open_refuses_the_run_of_another_network, open_survives_truncation_anywhere,
    abandon_leaves_an_older_file_and_nothing_else,
    abandon_keeps_what_was_committed, create_names_a_folder_that_is_not_there)
