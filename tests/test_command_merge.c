/* tests/test_command_merge.c - pieces of a run that hold the same ticks, joined
 * to one trace. */
#include "io/h5.h"
#include "io/network_file.h"
#include "io/trace_part.h"
#include "tests/command_folder.h"
#include "tests/compare_traces.h"
#include "tests/recorded_network.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TO(ticks)                                                              \
    "run", "net.h5", "in.csv", "--until", ticks, "--record", "V@out"

static void run_piece(const char *from, const char *until, const char *state,
                      const char *trace)
{
    SPAWN(&r, folder, TO(until), "--resume", from, "--checkpoint", state, "-o",
          trace);
    expect(0, NULL, NULL);
}

/* a: 300 to 900, b: 380 to 420, c: 400 to 700. */
static void begin_pieces(void)
{
    struct ebb_network *net = recorded_network();
    struct ebb_events input = {0};
    begin();
    ck_assert_int_eq(ebb_network_file_write(in_folder("net.h5"), net, NULL),
                     EBB_OK);
    ebb_network_destroy(net);
    recorded_input(&input, 1000);
    FILE *file = fopen(in_folder("in.csv"), "wb");
    for (size_t k = 0; k < input.n; k++) {
        fprintf(file, "%llu,%u,%.17g\n", (unsigned long long)input.at[k].tick,
                input.at[k].node, input.at[k].value);
    }
    fclose(file);
    ebb_events_finish(&input);
    SPAWN(&r, folder, TO("300"), "--checkpoint", "300.state.h5", "-o",
          "x.trace.h5");
    expect(0, NULL, NULL);
    run_piece("300.state.h5", "900", "900.state.h5", "a.trace.h5");
    run_piece("300.state.h5", "380", "380.state.h5", "x.trace.h5");
    run_piece("380.state.h5", "420", "420.state.h5", "b.trace.h5");
    run_piece("380.state.h5", "400", "400.state.h5", "x.trace.h5");
    run_piece("400.state.h5", "700", "700.state.h5", "c.trace.h5");
}

static struct ebb_trace_part *open_part(const char *name)
{
    struct ebb_trace_part *part;
    ck_assert_msg(ebb_trace_part_open(&part, in_folder(name)) == EBB_OK, "%s",
                  ebb_error_message());
    return part;
}

/* A piece that begins later and ends earlier than another cuts nothing off. */
START_TEST(the_whole_ends_with_what_ends_last)
{
    begin_pieces();
    SPAWN(&r, folder, "merge", "all.trace.h5", "c.trace.h5", "a.trace.h5",
          "b.trace.h5");
    expect(0, "ticks 300 to 900,", NULL);
    struct ebb_trace_part *all = open_part("all.trace.h5");
    struct ebb_trace_part *a = open_part("a.trace.h5");
    ck_assert_uint_eq(ebb_trace_part_plan(all)->ticks, 900);
    ck_assert_uint_eq(ebb_trace_part_plan(all)->intended, 900);
    compare_traces(all, a, 300, 900);
    ebb_trace_part_close(all);
    ebb_trace_part_close(a);
    SPAWN(&r, folder, "merge", "bc.trace.h5", "c.trace.h5", "b.trace.h5");
    expect(0, "ticks 380 to 700", NULL);
    end();
}
END_TEST

/* Give the spike of hidden neurons at that tick another neuron; false: there is
 * none at it. */
static bool alter_spike(const char *name, uint64_t tick)
{
    hid_t file = H5Fopen(in_folder(name), H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t ticks = H5Dopen2(file, "/spikes/hidden/ticks", H5P_DEFAULT);
    hid_t nodes = H5Dopen2(file, "/spikes/hidden/node_ids", H5P_DEFAULT);
    hid_t space = H5Dget_space(ticks);
    size_t n = (size_t)H5Sget_simple_extent_npoints(space), at = 0;
    uint64_t *t = calloc(n + 1, 8), *node = calloc(n + 1, 8);
    ck_assert_int_ge(
        H5Dread(ticks, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, t), 0);
    ck_assert_int_ge(
        H5Dread(nodes, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, node),
        0);
    /* The last one of its tick, and not the last neuron. */
    while (at < n && (t[at] < tick || node[at] + 1 >= HIDDEN ||
                      (at + 1 < n && t[at + 1] == t[at]))) {
        at++;
    }
    bool there = at < n;
    node[at]++;
    ck_assert_int_ge(
        H5Dwrite(nodes, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, node),
        0);
    free(t);
    free(node);
    H5Sclose(space);
    H5Dclose(nodes);
    H5Dclose(ticks);
    H5Fclose(file);
    return there;
}

/* Ticks 400 to 700 of a are in c, which is not the one that begins next. */
START_TEST(spikes_are_compared_with_all_that_hold_them)
{
    begin_pieces();
    ck_assert_msg(alter_spike("a.trace.h5", 500), "nothing fires");
    SPAWN(&r, folder, "merge", "all.trace.h5", "a.trace.h5", "b.trace.h5",
          "c.trace.h5");
    expect(1, NULL, "a.trace.h5 and c.trace.h5 both hold ticks 400 to 699");
    expect(1, NULL, "not the same spikes");
    ck_assert_int_eq(access(in_folder("all.trace.h5"), F_OK), -1);
    end();
}
END_TEST

/* Where halving looks first, a tick of hidden neurons that is too low: all
 * before it would be passed over. The spikes from 420 on that are before it. */
static size_t misplace_spike(const char *name, uint64_t tick)
{
    hid_t file = H5Fopen(in_folder(name), H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t ticks = H5Dopen2(file, "/spikes/hidden/ticks", H5P_DEFAULT);
    hid_t space = H5Dget_space(ticks);
    size_t n = (size_t)H5Sget_simple_extent_npoints(space), before = 0;
    uint64_t *t = calloc(n + 1, 8);
    ck_assert_int_ge(
        H5Dread(ticks, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, t), 0);
    for (size_t k = 0; k < n / 2; k++) {
        before += t[k] >= 420;
    }
    t[n / 2] = tick;
    ck_assert_int_ge(
        H5Dwrite(ticks, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, t),
        0);
    free(t);
    H5Sclose(space);
    H5Dclose(ticks);
    H5Fclose(file);
    return before;
}

/* a is taken to 380, then b, then a again from 420. */
START_TEST(a_trace_out_of_order_loses_no_spikes_in_silence)
{
    begin_pieces();
    ck_assert_uint_gt(misplace_spike("a.trace.h5", 410), 0);
    SPAWN(&r, folder, "merge", "all.trace.h5", "a.trace.h5", "b.trace.h5");
    expect(1, NULL, "a.trace.h5: ");
    expect(1, NULL, "before and after tick 420 are not in order");
    ck_assert_int_eq(access(in_folder("all.trace.h5"), F_OK), -1);
    end();
}
END_TEST

RUN_SUITE("tools", "command_merge", the_whole_ends_with_what_ends_last,
          spikes_are_compared_with_all_that_hold_them,
          a_trace_out_of_order_loses_no_spikes_in_silence)
