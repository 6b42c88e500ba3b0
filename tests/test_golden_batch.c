/* tests/test_golden_batch.c - batch run, losses, adjoint and replay against
 * vectors of an independent implementation. */
#include "sim/batch.h"
#include "sim/learn/loss.h"
#include "sim/replay.h"
#include "sim/trace_memory.h"
#include "tests/golden_file.h"
#include "tests/reference_projection.h"
#include "tests/run_suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One golden file being checked. */
struct trial {
    struct golden *g;
    struct ebb_model_f64 *model;
    struct ebb_batch_f64 *batch;
    struct ebb_gradient_f64 *gradient;
    struct ebb_van_rossum_f64 *loss;
    size_t sample;
};

static struct trial trial_open(const char *path)
{
    struct trial t = {.g = golden_open(path, 0)};
    struct ebb_batch_options options = {.ticks = t.g->ticks,
                                        .samples = 1,
                                        .learn = true,
                                        .neuron_gradients = true};
    ck_assert_int_eq(ebb_model_create_f64(&t.model, t.g->net, true), EBB_OK);
    ck_assert_int_eq(ebb_batch_create_f64(&t.batch, t.model, &options), EBB_OK);
    size_t outputs = t.g->net->populations[t.g->layers].n;
    ck_assert_int_eq(ebb_van_rossum_create_f64(&t.loss, &t.g->loss_kernel,
                                               t.g->ticks, outputs),
                     EBB_OK);
    return t;
}

static void trial_close(struct trial *t)
{
    ebb_van_rossum_destroy_f64(t->loss);
    ebb_batch_destroy_f64(t->batch);
    ebb_model_destroy_f64(t->model);
    golden_close(t->g);
}

static void set_inputs(struct trial *t)
{
    ebb_batch_clear_f64(t->batch);
    double *o = ebb_batch_o_f64(t->batch, 0, 0);
    size_t n = t->g->net->populations[0].n;
    struct golden_events e =
        golden_events(t->g, t->sample, "input_events", "input_values");
    for (size_t k = 0; k < e.n; k++) {
        size_t at = (size_t)e.pairs.v[2 * k] * n + (size_t)e.pairs.v[2 * k + 1];
        o[at] += e.values.v ? e.values.v[k] : 1;
    }
    for (size_t l = 1; l <= t->g->layers; l++) {
        struct golden_array a =
            golden_read(t->g, "sample%zu/layer%zu/axon_scale", t->sample, l);
        double *scale;
        if (a.v) {
            ck_assert_int_eq(ebb_batch_scale_f64(t->batch, l, 0, &scale),
                             EBB_OK);
            memcpy(scale, a.v, a.size * sizeof(double));
        }
    }
}

/* Largest difference over the rows that the file holds. */
static void check_rows(struct trial *t, const char *what, const double *ours,
                       struct golden_array expected, double tolerance)
{
    size_t n = expected.dims[1];
    for (size_t r = 0; r < expected.dims[0]; r++) {
        size_t tick = t->g->rows.v ? (size_t)t->g->rows.v[r] : r;
        for (size_t i = 0; i < n; i++) {
            double e = expected.v[r * n + i];
            double o = ours[tick * n + i];
            ck_assert_msg(fabs(o - e) <= tolerance,
                          "%s sample %zu: %s[%zu, %zu] = %.17g, expected %.17g",
                          t->g->path, t->sample, what, tick, i, o, e);
        }
    }
}

static void check_spikes(struct trial *t, size_t layer)
{
    size_t n = t->g->net->populations[layer].n;
    const double *o = ebb_batch_o_f64(t->batch, layer, 0);
    struct golden_array spikes =
        golden_need(t->g, "sample%zu/layer%zu/spikes", t->sample, layer);
    size_t k = 0;
    for (size_t tick = 0; tick < t->g->ticks; tick++) {
        for (size_t i = 0; i < n; i++) {
            bool expected = k < spikes.dims[0] && spikes.size > 0 &&
                            (size_t)spikes.v[2 * k] == tick &&
                            (size_t)spikes.v[2 * k + 1] == i;
            k += expected;
            ck_assert_msg((o[tick * n + i] != 0) == expected,
                          "%s sample %zu layer %zu: spike of %zu at %zu: %g, "
                          "expected %d",
                          t->g->path, t->sample, layer, i, tick,
                          o[tick * n + i], expected);
        }
    }
}

static void check_states(struct trial *t)
{
    for (size_t l = 1; l <= t->g->layers; l++) {
        check_spikes(t, l);
        check_rows(t, "V", ebb_batch_v_f64(t->batch, l, 0),
                   golden_need(t->g, "sample%zu/layer%zu/V", t->sample, l),
                   1e-9);
    }
    for (size_t k = 0; k < t->g->net->n_projections; k++) {
        char path[64];
        golden_projection_path(t->g, k, path, sizeof(path));
        check_rows(t, "F", ebb_batch_f_f64(t->batch, k, 0),
                   golden_need(t->g, "sample%zu/%s/F", t->sample, path), 1e-9);
        struct golden_array pooled =
            golden_read(t->g, "sample%zu/%s/Fp", t->sample, path);
        if (pooled.v) {
            check_rows(t, "pooled F", ebb_batch_pooled_f64(t->batch, k, 0),
                       pooled, 1e-9);
        }
    }
}

/* I = Σ w F + b, which batch runs turn into V in place. */
static void check_inputs(struct trial *t)
{
    const struct ebb_network *net = t->g->net;
    for (size_t l = 1; l <= t->g->layers; l++) {
        size_t n = net->populations[l].n;
        double *sum = calloc(t->g->ticks * n, sizeof(double));
        for (size_t k = 0; k < net->n_projections; k++) {
            if (net->projections[k].target != l) {
                continue;
            }
            const struct ebb_projection *p = &net->projections[k];
            const double *f = ebb_batch_pooled_f64(t->batch, k, 0);
            for (size_t tick = 0; tick < t->g->ticks; tick++) {
                reference_project(p, f + tick * p->n_inputs, sum + tick * n,
                                  NULL);
            }
        }
        for (size_t i = 0; i < t->g->ticks * n; i++) {
            sum[i] += ebb_value_at(net->populations[l].bias, i % n);
        }
        check_rows(t, "I", sum,
                   golden_need(t->g, "sample%zu/layer%zu/I", t->sample, l),
                   1e-9);
        free(sum);
    }
}

static void check_reset(struct trial *t)
{
    for (size_t l = 1; l <= t->g->layers; l++) {
        struct golden_array r =
            golden_read(t->g, "sample%zu/layer%zu/R", t->sample, l);
        if (r.v) {
            check_rows(t, "R", ebb_batch_r_f64(t->batch, l, 0), r, 1e-9);
        }
    }
}

/* Within 1e-8 of the largest magnitude in the expected array. */
static double tolerance_of(struct golden_array expected)
{
    double largest = 0;
    for (size_t i = 0; i < expected.size; i++) {
        largest = fmax(largest, fabs(expected.v[i]));
    }
    return fmax(1e-8 * largest, 1e-12);
}

static void check_array(struct trial *t, const char *what, const double *ours,
                        struct golden_array expected)
{
    double tolerance = tolerance_of(expected);
    for (size_t i = 0; i < expected.size; i++) {
        ck_assert_msg(fabs(ours[i] - expected.v[i]) <= tolerance,
                      "%s sample %zu: %s[%zu] = %.17g, expected %.17g",
                      t->g->path, t->sample, what, i, ours[i], expected.v[i]);
    }
}

static void check_adjoints(struct trial *t, const char *loss)
{
    for (size_t l = 1; l <= t->g->layers; l++) {
        struct golden_array gv = golden_need(
            t->g, "sample%zu/adj_%s/layer%zu/gV", t->sample, loss, l);
        struct golden_array go = golden_need(
            t->g, "sample%zu/adj_%s/layer%zu/gO", t->sample, loss, l);
        check_rows(t, "gV", ebb_batch_d_v_f64(t->batch, l, 0), gv,
                   tolerance_of(gv));
        check_rows(t, "gO", ebb_batch_d_o_f64(t->batch, l, 0), go,
                   tolerance_of(go));
    }
    for (size_t k = 0; k < t->g->net->n_projections; k++) {
        char path[64];
        golden_projection_path(t->g, k, path, sizeof(path));
        struct golden_array gf =
            golden_need(t->g, "sample%zu/adj_%s/%s/gF", t->sample, loss, path);
        check_rows(t, "gF", ebb_batch_d_f_f64(t->batch, k, 0), gf,
                   tolerance_of(gf));
    }
}

/* A gradient per neuron, or its sum over those that share the parameter. */
static void check_neurons(struct trial *t, const char *what, const char *loss,
                          size_t layer, const double *ours)
{
    struct golden_array expected = golden_read(
        t->g, "sample%zu/grad_%s/layer%zu/%s", t->sample, loss, layer, what);
    if (!expected.v) {
        return;
    }
    size_t n = t->g->net->populations[layer].n;
    double *sum = calloc(expected.size, sizeof(double));
    for (size_t i = 0; i < n; i++) {
        sum[i / (n / expected.size)] += ours[i];
    }
    check_array(t, what, sum, expected);
    free(sum);
}

static void check_weights(struct trial *t, const char *loss, size_t projection)
{
    char path[64];
    golden_projection_path(t->g, projection, path, sizeof(path));
    struct golden_array expected =
        golden_need(t->g, "sample%zu/grad_%s/%s/W", t->sample, loss, path);
    const double *d = t->gradient->projections[projection].d_weight;
    double *turned = calloc(expected.size, sizeof(double));
    for (size_t i = 0; i < expected.dims[0]; i++) {
        for (size_t j = 0; j < expected.dims[1]; j++) {
            turned[i * expected.dims[1] + j] = d[j * expected.dims[0] + i];
        }
    }
    bool conv = t->g->net->projections[projection].kind ==
                EBB_PROJECTION_CONV2D; /* as in the file */
    check_array(t, "dW", conv ? d : turned, expected);
    free(turned);
    check_array(
        t, "dalpha", t->gradient->projections[projection].d_alpha,
        golden_read(t->g, "sample%zu/grad_%s/%s/alpha", t->sample, loss, path));
    check_array(
        t, "dbeta", t->gradient->projections[projection].d_beta,
        golden_need(t->g, "sample%zu/grad_%s/%s/beta", t->sample, loss, path));
}

static void check_gradients(struct trial *t, const char *loss)
{
    for (size_t l = 1; l <= t->g->layers; l++) {
        struct ebb_gradient_population_f64 *g = &t->gradient->populations[l];
        check_neurons(t, "b", loss, l, g->d_bias);
        check_neurons(t, "lambda", loss, l, g->d_lambda);
        check_neurons(t, "theta", loss, l, g->d_theta);
        check_neurons(t, "vth", loss, l, g->d_v_th);
    }
    for (size_t k = 0; k < t->g->net->n_projections; k++) {
        check_weights(t, loss, k);
    }
}

static double run_loss(struct trial *t, const char *loss)
{
    size_t layer = t->g->layers;
    size_t n = t->g->net->populations[layer].n;
    double *d_o = ebb_batch_d_o_f64(t->batch, layer, 0);
    const double *o = ebb_batch_o_f64(t->batch, layer, 0);
    if (strcmp(loss, "rate") == 0) {
        return ebb_loss_rate_f64(d_o, o, t->g->ticks, n,
                                 golden_label(t->g, t->sample), 1);
    }
    double *target = calloc(t->g->ticks * n, sizeof(double));
    struct golden_events e =
        golden_events(t->g, t->sample, "target_events", NULL);
    for (size_t k = 0; k < e.n; k++) {
        target[(size_t)e.pairs.v[2 * k] * n + (size_t)e.pairs.v[2 * k + 1]] = 1;
    }
    double value = ebb_van_rossum_distance_f64(t->loss, d_o, o, target, 1);
    double *filtered = calloc(t->g->ticks * n, sizeof(double));
    ebb_van_rossum_filter_f64(t->loss, filtered, o);
    check_rows(t, "filtered output", filtered,
               golden_need(t->g, "sample%zu/out_filtered", t->sample), 1e-9);
    free(filtered);
    free(target);
    return value;
}

static void check_loss(struct trial *t, const char *loss)
{
    ck_assert_int_eq(ebb_gradient_create_f64(&t->gradient, t->model), EBB_OK);
    ebb_batch_clear_losses_f64(t->batch);
    double value = run_loss(t, loss);
    struct golden_array expected =
        golden_need(t->g, "sample%zu/loss_%s", t->sample, loss);
    check_array(t, loss, &value, expected);
    ebb_batch_backward_f64(t->batch, t->gradient);
    check_adjoints(t, loss);
    check_gradients(t, loss);
    check_reset(t);
    ebb_gradient_destroy_f64(t->gradient);
}

START_TEST(batch_run_and_adjoint_match_every_golden_file)
{
    char **paths;
    size_t n = golden_list(&paths);
    size_t checked = 0;
    ck_assert_msg(n > 0, "no golden files at all");
    for (size_t i = 0; i < n; i++) {
        struct trial t = trial_open(paths[i]);
        for (t.sample = 0; t.sample < t.g->samples; t.sample++) {
            set_inputs(&t);
            ebb_batch_forward_f64(t.batch);
            check_states(&t);
            check_inputs(&t);
            check_loss(&t, "rate");
            check_loss(&t, "vr");
        }
        trial_close(&t);
        checked++;
    }
    printf("%zu golden files checked\n", checked);
    golden_free_list(paths, n);
}
END_TEST

/* The batch's own run, told tick by tick as a run tells it. */
static void record(struct trial *t, struct ebb_trace_memory *memory)
{
    const struct ebb_network *net = t->g->net;
    struct ebb_run_sink sink = ebb_trace_memory_sink(memory);
    size_t n_probes;
    const struct ebb_probe *probes = ebb_trace_memory_probes(memory, &n_probes);
    for (size_t tick = 0; tick < t->g->ticks; tick++) {
        for (size_t k = 0; k < net->n_populations; k++) {
            size_t n = net->populations[k].n;
            const double *o = ebb_batch_o_f64(t->batch, k, 0) + tick * n;
            for (ebb_neuron_id i = 0; i < n; i++) {
                ck_assert(o[i] == 0 || sink.spikes(sink.self, k, tick, &i,
                                                   &o[i], 1) == EBB_OK);
            }
        }
        for (size_t p = 0; p < n_probes; p++) {
            double *rows = ebb_batch_v_f64(t->batch, probes[p].where, 0);
            if (probes[p].state == EBB_STATE_A) {
                ck_assert_int_eq(
                    ebb_batch_scale_f64(t->batch, probes[p].where, 0, &rows),
                    EBB_OK);
            }
            ck_assert_int_eq(
                sink.state(sink.self, p, tick, rows + tick * probes[p].n),
                EBB_OK);
        }
    }
}

static void check_replay(struct trial *t, const struct ebb_trace *trace,
                         const char *loss)
{
    size_t layer = t->g->layers;
    struct ebb_events target = {0};
    struct golden_events e =
        golden_events(t->g, t->sample, "target_events", NULL);
    for (size_t k = 0; k < e.n; k++) {
        struct ebb_event wanted = {(ebb_tick)e.pairs.v[2 * k],
                                   (ebb_neuron_id)e.pairs.v[2 * k + 1], 1};
        ck_assert_int_eq(ebb_events_push(&target, wanted), EBB_OK);
    }
    struct ebb_replay_goal goal = {.label = golden_label(t->g, t->sample)};
    if (strcmp(loss, "vr") == 0) {
        goal.kernel = &t->g->loss_kernel;
        goal.target = &target;
    }
    ck_assert_uint_eq(ebb_network_output(t->g->net), layer);
    ck_assert_int_eq(ebb_gradient_create_f64(&t->gradient, t->model), EBB_OK);
    double value;
    ck_assert_msg(ebb_replay(&value, t->gradient, t->model, trace, &goal) ==
                      EBB_OK,
                  "%s: %s", t->g->path, ebb_error_message());
    check_array(t, loss, &value,
                golden_need(t->g, "sample%zu/loss_%s", t->sample, loss));
    check_gradients(t, loss);
    ebb_gradient_destroy_f64(t->gradient);
    ebb_events_finish(&target);
}

/* Replay of a recorded run: no state of the batch that ran is used. */
static void replay_sample(struct trial *t)
{
    bool graded[16] = {false};
    for (size_t l = 1; l <= t->g->layers; l++) {
        graded[l] =
            golden_read(t->g, "sample%zu/layer%zu/axon_scale", t->sample, l)
                .v != NULL;
    }
    struct ebb_trace_memory *memory;
    ck_assert_int_eq(
        ebb_trace_memory_create(&memory, t->g->net, t->g->ticks, graded),
        EBB_OK);
    record(t, memory);
    struct ebb_trace trace = ebb_trace_memory_trace(memory);
    check_replay(t, &trace, "rate");
    check_replay(t, &trace, "vr");
    ebb_trace_memory_destroy(memory);
}

START_TEST(replay_of_a_recorded_run_matches_every_golden_file)
{
    char **paths;
    size_t n = golden_list(&paths);
    for (size_t i = 0; i < n; i++) {
        struct trial t = trial_open(paths[i]);
        for (t.sample = 0; t.sample < t.g->samples; t.sample++) {
            set_inputs(&t);
            ebb_batch_forward_f64(t.batch);
            replay_sample(&t);
        }
        trial_close(&t);
    }
    golden_free_list(paths, n);
}
END_TEST

/* A trace of one tick in which nothing happened. */
static ebb_status no_spikes(void *self, size_t population,
                            struct ebb_events *out)
{
    (void)self;
    (void)population;
    ebb_events_clear(out);
    return EBB_OK;
}

START_TEST(replay_refuses_another_network_and_a_trace_without_v)
{
    char **paths;
    size_t n = golden_list(&paths);
    struct trial t = trial_open(paths[0]);
    struct ebb_trace trace = {.ticks = 1, .read_spikes = no_spikes};
    struct ebb_replay_goal goal = {.label = 0};
    double value;
    ck_assert_int_eq(ebb_gradient_create_f64(&t.gradient, t.model), EBB_OK);
    ck_assert_int_eq(ebb_replay(&value, t.gradient, t.model, &trace, &goal),
                     EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "another network"));
    trace.network_hash = ebb_network_hash(t.g->net);
    ck_assert_int_eq(ebb_replay(&value, t.gradient, t.model, &trace, &goal),
                     EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "lacks V"));
    ebb_gradient_destroy_f64(t.gradient);
    trial_close(&t);
    golden_free_list(paths, n);
}
END_TEST

RUN_SUITE("golden", "batch", batch_run_and_adjoint_match_every_golden_file,
          replay_of_a_recorded_run_matches_every_golden_file,
          replay_refuses_another_network_and_a_trace_without_v)
