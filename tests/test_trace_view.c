/* tests/test_trace_view.c - traces looked at without their network: what a
 * writer told comes back; what is damaged or somebody else's is named. */
#include "core/memory.h"
#include "io/h5.h"
#include "io/trace_file.h"
#include "io/trace_view.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TICKS = 2100, N = 20 };

static char path[64];
static struct ebb_network *net;

static double value_at(size_t neuron, ebb_tick tick)
{
    return (double)neuron + 1e-4 * (double)tick;
}

/* V of neurons 3, 4 and 11 at every 5th tick; neuron t % N fires at tick t. */
static void write_trace(void)
{
    static const uint32_t nodes[] = {3, 4, 11};
    struct ebb_probe probe = {EBB_STATE_V, 1, nodes, 3, 5};
    struct ebb_trace_writer *w;
    ck_assert_msg(ebb_trace_writer_create(&w, path, net, TICKS, &probe, 1,
                                          "a test") == EBB_OK,
                  "%s", ebb_error_message());
    struct ebb_run_sink sink = ebb_trace_writer_sink(w);
    for (ebb_tick t = 0; t < TICKS; t++) {
        ebb_neuron_id node = (ebb_neuron_id)(t % N);
        double v[3] = {value_at(3, t), value_at(4, t), value_at(11, t)};
        ck_assert_int_eq(sink.spikes(sink.self, 1, t, &node, NULL, 1), EBB_OK);
        if (t % 5 == 0) {
            ck_assert_int_eq(sink.state(sink.self, 0, t, v), EBB_OK);
        }
        if (sink.advance) {
            ck_assert_int_eq(sink.advance(sink.self, t + 1), EBB_OK);
        }
    }
    ck_assert_msg(ebb_trace_writer_finish(w) == EBB_OK, "%s",
                  ebb_error_message());
}

static void begin(void)
{
    size_t index;
    snprintf(path, sizeof(path), "/tmp/ebb_view_%d.trace.h5", (int)getpid());
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "z_in", 4, true, &index),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "a_out", N, false, &index),
                     EBB_OK);
    struct ebb_values *v_th = &net->populations[1].v_th;
    ck_assert_int_eq(ebb_network_values(net, v_th, N), EBB_OK);
    for (size_t i = 0; i < N; i++) {
        v_th->v[i] = 1 + (double)i;
    }
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    write_trace();
}

static void end(void)
{
    unlink(path);
    ebb_network_destroy(net);
}

static struct ebb_trace_view *view_of(const char *name)
{
    struct ebb_trace_view *view;
    ck_assert_msg(ebb_trace_view_open(&view, name) == EBB_OK, "%s",
                  ebb_error_message());
    return view;
}

START_TEST(a_trace_tells_what_was_written)
{
    begin();
    struct ebb_trace_view *view = view_of(path);
    const struct ebb_trace_about *a = ebb_trace_view_about(view);
    char hash[32];
    snprintf(hash, sizeof(hash), "%016llx",
             (unsigned long long)ebb_network_hash(net));
    ck_assert_uint_eq(a->ticks, TICKS);
    ck_assert_uint_eq(a->committed, TICKS);
    ck_assert_str_eq(a->network_hash, hash);
    ck_assert_str_eq(a->origin, "a test");
    ck_assert_uint_eq(a->n_populations, 2);
    ck_assert_str_eq(a->populations[0].name, "z_in"); /* network's order */
    ck_assert(a->populations[0].input && !a->populations[1].input);
    ck_assert_uint_eq(a->populations[0].n, 4);
    ck_assert_uint_eq(a->populations[1].spikes, TICKS);
    ck_assert_uint_eq(a->n_states, 1);
    ck_assert_str_eq(a->states[0].place, "a_out");
    ck_assert_uint_eq(a->states[0].rows, 3);
    ck_assert_uint_eq(a->states[0].points, TICKS / 5);
    ck_assert_uint_eq(a->states[0].every, 5);
    ebb_trace_view_close(view);
    end();
}
END_TEST

START_TEST(rows_spikes_and_thresholds_are_those_of_the_run)
{
    begin();
    struct ebb_trace_view *view = view_of(path);
    const struct ebb_trace_about *a = ebb_trace_view_about(view);
    struct ebb_events spikes = {0};
    uint32_t nodes[3];
    double v[40], v_th[N];
    bool told = false;
    ck_assert_int_eq(ebb_trace_view_nodes(view, a->states, nodes), EBB_OK);
    ck_assert_uint_eq(nodes[2], 11);
    ck_assert_int_eq(ebb_trace_view_row(view, a->states, 2, 380, 40, v),
                     EBB_OK);
    for (size_t k = 0; k < 40; k++) {
        ck_assert_double_eq(v[k], value_at(11, 5 * (380 + k)));
    }
    ck_assert_int_eq(ebb_trace_view_row(view, a->states, 2, 381, 40, v),
                     EBB_ERR_ARG);
    ck_assert_int_eq(ebb_trace_view_row(view, a->states, 3, 0, 1, v),
                     EBB_ERR_ARG);
    ck_assert_int_eq(ebb_trace_view_spikes(view, &a->populations[1], &spikes),
                     EBB_OK);
    ck_assert_uint_eq(spikes.n, TICKS);
    ck_assert_uint_eq(spikes.at[1234].node, 1234 % N);
    ck_assert_int_eq(ebb_trace_view_v_th(view, &a->populations[1], v_th, &told),
                     EBB_OK);
    ck_assert(told && v_th[7] == 8);
    ck_assert_int_eq(ebb_trace_view_v_th(view, &a->populations[0], v_th, &told),
                     EBB_OK);
    ck_assert(!told);
    ebb_events_finish(&spikes);
    ebb_trace_view_close(view);
    end();
}
END_TEST

/* Change the file as `how` says and open it again. */
static ebb_status after(void (*how)(hid_t file))
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    struct ebb_trace_view *view;
    ck_assert_int_ge((int)(file >= 0), 1);
    how(file);
    H5Fclose(file);
    ebb_status status = ebb_trace_view_open(&view, path);
    ebb_trace_view_close(view);
    return status;
}

static void forget_populations(hid_t file)
{
    H5Ldelete(file, "/run/populations", H5P_DEFAULT);
}

static void commit_too_much(hid_t file)
{
    hid_t run = H5Gopen2(file, "/run", H5P_DEFAULT);
    H5Adelete(run, "committed_ticks"); /* where there is one */
    ck_assert_int_eq(ebb_h5_put_count(run, "committed_ticks", TICKS + 1),
                     EBB_OK);
    H5Gclose(run);
}

static void forget_axis(hid_t file)
{
    H5Ldelete(file, "/entry/a_out/V/tick", H5P_DEFAULT);
}

static void forget_spikes(hid_t file)
{
    H5Ldelete(file, "/spikes/a_out/ticks", H5P_DEFAULT);
}

START_TEST(damaged_and_foreign_traces_are_named)
{
    begin();
    ck_assert_int_eq(after(forget_populations), EBB_OK); /* sizes unknown */
    write_trace();
    ck_assert_int_eq(after(commit_too_much), EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "2101 ticks committed"));
    write_trace();
    ck_assert_int_eq(after(forget_axis), EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "/entry/a_out/V: "));
    write_trace();
    ck_assert_int_eq(after(forget_spikes), EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "/spikes/a_out: "));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), path));
    end();
}
END_TEST

START_TEST(open_survives_every_failed_allocation)
{
    begin();
    struct ebb_trace_view *view = NULL;
    ebb_status status = EBB_ERR_NOMEM;
    for (long nth = 1; status != EBB_OK; nth++) {
        ebb_mem_fail_nth(nth);
        status = ebb_trace_view_open(&view, path);
        ebb_mem_fail_nth(0);
        ck_assert((view != NULL) == (status == EBB_OK));
        ck_assert_int_lt((int)nth, 100);
    }
    ebb_trace_view_close(view);
    end();
}
END_TEST

RUN_SUITE("io", "trace_view", a_trace_tells_what_was_written,
          rows_spikes_and_thresholds_are_those_of_the_run,
          damaged_and_foreign_traces_are_named,
          open_survives_every_failed_allocation)
