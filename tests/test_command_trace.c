/* tests/test_command_trace.c - what is made of runs: recordings and gradients.
 */
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include "io/h5.h"
#include "io/network_file.h"
#include "io/trace_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The loss of a replayed recording is that of the evaluation. */
START_TEST(grad_of_a_recorded_run_has_the_loss_of_eval)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "eval", "runs/small/best.net.h5", "small.yaml",
          "--samples", "1", "--json");
    expect(0, "\"loss\": ", NULL);
    double judged = strtod(strstr(r.out, "\"loss\": ") + 8, NULL);
    SPAWN(&r, folder, "run", "runs/small/best.net.h5", "small.yaml", "--record",
          "all", "-o", "a.trace.h5");
    expect(0, "50 ticks", NULL);
    SPAWN(&r, folder, "info", "a.trace.h5");
    expect(0, "trace", NULL);
    SPAWN(&r, folder, "grad", "runs/small/best.net.h5", "a.trace.h5",
          "small.yaml", "-o", "a.grad.h5", "--json");
    expect(0, "\"loss\": ", NULL);
    double replayed = strtod(strstr(r.out, "\"loss\": ") + 8, NULL);
    ck_assert_double_eq_tol(replayed, judged, 1e-4 * judged);
    ck_assert_ptr_nonnull(strstr(r.out, "\"alpha\": "));
    hid_t file;
    struct ebb_h5_shape shape;
    ck_assert_int_eq(ebb_h5_open(&file, in_folder("a.grad.h5")), EBB_OK);
    hid_t group = H5Gopen2(file, "/projections/input_hidden", H5P_DEFAULT);
    ck_assert_int_eq(ebb_h5_shape(&shape, group, "weight"), EBB_OK);
    ck_assert_uint_eq(shape.size[0], 50);
    ck_assert_uint_eq(shape.size[1], 40);
    H5Gclose(group);
    H5Fclose(file);
    end();
}
END_TEST

START_TEST(grad_of_an_incomplete_trace_names_what_is_missing)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "run", "runs/small/best.net.h5", "small.yaml", "--record",
          "V@hidden", "-o", "a.trace.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "grad", "runs/small/best.net.h5", "a.trace.h5",
          "small.yaml", "-o", "a.grad.h5");
    expect(1, NULL, "V of all neurons at every tick of 'output'");
    ck_assert_int_eq(access(in_folder("a.grad.h5"), F_OK), -1);
    end();
}
END_TEST

/* A trace of `ticks` of 50 ticks in which all is silent. */
static void write_short_trace(const char *name, ebb_tick ticks)
{
    static const double nothing[50];
    struct ebb_network *net;
    struct ebb_trace_writer *w;
    struct ebb_probe probes[] = {{EBB_STATE_V, 1, NULL, 50, 1},
                                 {EBB_STATE_V, 2, NULL, 40, 1}};
    ck_assert_int_eq(
        ebb_network_file_read(&net, in_folder("runs/small/best.net.h5")),
        EBB_OK);
    ck_assert_msg(ebb_trace_writer_create(&w, in_folder(name), net, 50, probes,
                                          2, NULL) == EBB_OK,
                  "%s", ebb_error_message());
    struct ebb_run_sink sink = ebb_trace_writer_sink(w);
    for (ebb_tick t = 0; t < ticks; t++) {
        ck_assert_int_eq(sink.state(sink.self, 0, t, nothing), EBB_OK);
        ck_assert_int_eq(sink.state(sink.self, 1, t, nothing), EBB_OK);
        ck_assert_int_eq(sink.advance(sink.self, t + 1), EBB_OK);
    }
    ck_assert_int_eq(ebb_trace_writer_finish(w), EBB_OK);
    ebb_network_destroy(net);
}

START_TEST(grad_of_a_shorter_run_is_that_of_its_ticks)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1");
    expect(0, NULL, NULL);
    write_short_trace("a.trace.h5", 20);
    SPAWN(&r, folder, "grad", "runs/small/best.net.h5", "a.trace.h5",
          "small.yaml", "-o", "a.grad.h5");
    expect(0, "20 of 50 ticks", NULL);
    ck_assert_int_eq(access(in_folder("a.grad.h5"), F_OK), 0);
    end();
}
END_TEST

START_TEST(repair_says_what_it_cannot_do)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1");
    expect(0, NULL, NULL);
    write_short_trace("a.trace.h5", 20);
    SPAWN(&r, folder, "repair", "a.trace.h5");
    expect(1, NULL, "give the trace a name with -o");
    SPAWN(&r, folder, "repair", "a.trace.h5", "-o", "a.trace.h5");
    expect(1, NULL, "is what is to be repaired");
    SPAWN(&r, folder, "repair", "b.trace.h5.part");
    expect(1, NULL, "b.trace.h5.part");
    ck_assert_int_eq(
        rename(in_folder("a.trace.h5"), in_folder("b.trace.h5.part")), 0);
    SPAWN(&r, folder, "grad", "runs/small/best.net.h5", "b.trace.h5.part",
          "small.yaml");
    expect(1, NULL, "ebb repair");
    SPAWN(&r, folder, "repair", "b.trace.h5.part");
    expect(0, "b.trace.h5: 20 of 50 ticks", NULL);
    struct ebb_h5_shape shape;
    hid_t file, hidden;
    ck_assert_int_eq(ebb_h5_open(&file, in_folder("b.trace.h5")), EBB_OK);
    hidden = H5Gopen2(file, "/run/populations/hidden", H5P_DEFAULT);
    ck_assert_int_eq(ebb_h5_shape(&shape, hidden, "v_th"), EBB_OK);
    H5Gclose(hidden);
    H5Fclose(file);
    SPAWN(&r, folder, "repair", "b.trace.h5.part");
    expect(1, NULL, "--force replaces it");
    SPAWN(&r, folder, "repair", "runs/small/best.net.h5", "-o", "c.trace.h5");
    expect(1, NULL, "best.net.h5: format 'ebb network'");
    ck_assert_int_eq(access(in_folder("c.trace.h5"), F_OK), -1);
    end();
}
END_TEST

START_TEST(run_of_a_million_million_silent_ticks_is_recorded_at_once)
{
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "--epochs", "1");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "run", "runs/small/best.net.h5", "small.yaml", "--until",
          "1000000000000", "-o", "a.trace.h5");
    expect(0, "1000000000000 ticks", NULL);
    SPAWN(&r, folder, "info", "a.trace.h5", "--json");
    expect(0, "\"committed_ticks\": 1000000000000", NULL);
    end();
}
END_TEST

RUN_SUITE("tools", "trace", grad_of_a_recorded_run_has_the_loss_of_eval,
          grad_of_an_incomplete_trace_names_what_is_missing,
          grad_of_a_shorter_run_is_that_of_its_ticks,
          repair_says_what_it_cannot_do,
          run_of_a_million_million_silent_ticks_is_recorded_at_once)
