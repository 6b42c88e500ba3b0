/* tests/test_command_trace.c - what is made of runs: recordings and gradients.
 */
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include "io/h5.h"

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

RUN_SUITE("tools", "trace", grad_of_a_recorded_run_has_the_loss_of_eval,
          grad_of_an_incomplete_trace_names_what_is_missing)
