/* tests/test_golden_engine.c - the event engine against vectors of an
 * independent implementation: spikes exactly, V, R, I and F within 1e-9, in
 * every mode, with kernels shared and per axon. */
#include "sim/engine.h"
#include "tests/golden_file.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

/* One sample of one file, as the engine tells it. */
struct trial {
    struct golden *g;
    size_t sample;
    struct ebb_probe probe[MOST];
    double *told[MOST]; /* [ticks, n] of each probe */
    size_t n_probes;
    double *o[16];     /* [ticks, n] spikes of each layer */
    double *scale[16]; /* [ticks, n] a of a layer, or NULL */
};

static ebb_status take_spikes(void *self, size_t population, ebb_tick tick,
                              const ebb_neuron_id *node, const double *value,
                              size_t n)
{
    struct trial *t = self;
    size_t width = t->g->net->populations[population].n;
    (void)value;
    for (size_t k = 0; k < n; k++) {
        t->o[population][tick * width + node[k]] = 1;
    }
    return EBB_OK;
}

static ebb_status take_state(void *self, size_t probe, ebb_tick tick,
                             const double *value)
{
    struct trial *t = self;
    size_t n = t->probe[probe].n;
    memcpy(t->told[probe] + tick * n, value, n * sizeof(*value));
    return EBB_OK;
}

static double grade(void *self, size_t population, ebb_neuron_id node,
                    ebb_tick tick)
{
    const struct trial *t = self;
    size_t width = t->g->net->populations[population].n;
    return t->scale[population] ? t->scale[population][tick * width + node] : 1;
}

static void add_probe(struct trial *t, enum ebb_state state, size_t where,
                      size_t n)
{
    ck_assert_uint_lt(t->n_probes, MOST);
    t->told[t->n_probes] = calloc(t->g->ticks * n, sizeof(double));
    t->probe[t->n_probes++] =
        (struct ebb_probe){.state = state, .where = where, .n = n, .every = 1};
}

static void prepare(struct trial *t)
{
    const struct ebb_network *net = t->g->net;
    for (size_t k = 0; k < net->n_populations; k++) {
        size_t n = net->populations[k].n;
        t->o[k] = calloc(t->g->ticks * n, sizeof(double));
        t->scale[k] = NULL;
        if (k == 0) {
            continue;
        }
        t->scale[k] =
            golden_read(t->g, "sample%zu/layer%zu/axon_scale", t->sample, k).v;
        add_probe(t, EBB_STATE_V, k, n);
        add_probe(t, EBB_STATE_I, k, n);
        add_probe(t, EBB_STATE_R, k, n);
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        add_probe(t, EBB_STATE_F, k,
                  net->populations[net->projections[k].source].n);
    }
}

static void finish(struct trial *t)
{
    for (size_t k = 0; k < t->n_probes; k++) {
        free(t->told[k]);
    }
    for (size_t k = 0; k < t->g->net->n_populations; k++) {
        free(t->o[k]);
    }
    t->n_probes = 0;
}

static void feed(struct trial *t, struct ebb_engine *engine)
{
    struct golden_events e =
        golden_events(t->g, t->sample, "input_events", "input_values");
    struct ebb_events events = {0};
    for (size_t k = 0; k < e.n; k++) {
        struct ebb_event event = {(ebb_tick)e.pairs.v[2 * k],
                                  (ebb_neuron_id)e.pairs.v[2 * k + 1],
                                  e.values.v ? e.values.v[k] : 1};
        ck_assert_int_eq(ebb_events_push(&events, event), EBB_OK);
    }
    ck_assert_int_eq(ebb_events_sort(&events), EBB_OK);
    ck_assert_msg(ebb_engine_input(engine, 0, events.at, events.n) == EBB_OK,
                  "%s", ebb_error_message());
    ebb_events_finish(&events);
}

static void check_rows(const struct trial *t, char what, const double *ours,
                       struct golden_array expected)
{
    size_t n = expected.v ? expected.dims[1] : 0;
    for (size_t r = 0; expected.v && r < expected.dims[0]; r++) {
        size_t tick = t->g->rows.v ? (size_t)t->g->rows.v[r] : r;
        for (size_t i = 0; i < n; i++) {
            double e = expected.v[r * n + i], o = ours[tick * n + i];
            CHECK_EACH(fabs(o - e) <= 1e-9,
                       "%s sample %zu: %c[%zu, %zu] = %.17g, expected %.17g",
                       t->g->path, t->sample, what, tick, i, o, e);
        }
    }
}

static void check_spikes(struct trial *t, size_t layer)
{
    size_t n = t->g->net->populations[layer].n;
    struct golden_array spikes =
        golden_need(t->g, "sample%zu/layer%zu/spikes", t->sample, layer);
    size_t count = spikes.size / 2, ours = 0;
    for (size_t k = 0; k < count; k++) {
        size_t tick = (size_t)spikes.v[2 * k];
        size_t node = (size_t)spikes.v[2 * k + 1];
        CHECK_EACH(t->o[layer][tick * n + node] == 1,
                   "%s sample %zu layer %zu: no spike of %zu at %zu",
                   t->g->path, t->sample, layer, node, tick);
    }
    for (size_t k = 0; k < t->g->ticks * n; k++) {
        ours += t->o[layer][k] == 1;
    }
    ck_assert_msg(ours == count, "%s sample %zu layer %zu: %zu spikes of %zu",
                  t->g->path, t->sample, layer, ours, count);
}

static void compare(struct trial *t)
{
    static const char letter[] = {[EBB_STATE_V] = 'V',
                                  [EBB_STATE_R] = 'R',
                                  [EBB_STATE_I] = 'I',
                                  [EBB_STATE_F] = 'F'};
    for (size_t k = 0; k < t->n_probes; k++) {
        const struct ebb_probe *p = &t->probe[k];
        char what = letter[p->state], path[64];
        if (p->state == EBB_STATE_F) {
            golden_projection_path(t->g, p->where, path, sizeof(path));
            check_rows(t, what, t->told[k],
                       golden_need(t->g, "sample%zu/%s/F", t->sample, path));
        } else if (p->state == EBB_STATE_R) { /* hybrid reset has none */
            check_rows(
                t, what, t->told[k],
                golden_read(t->g, "sample%zu/layer%zu/R", t->sample, p->where));
        } else {
            check_rows(t, what, t->told[k],
                       golden_need(t->g, "sample%zu/layer%zu/%c", t->sample,
                                   p->where, what));
        }
    }
    for (size_t l = 1; l <= t->g->layers; l++) {
        check_spikes(t, l);
    }
}

static void check_sample(struct trial *t, enum ebb_engine_mode mode)
{
    struct ebb_engine_options options = ebb_engine_options_default();
    struct ebb_engine *engine;
    prepare(t);
    options.mode = mode;
    options.probes = t->probe;
    options.n_probes = t->n_probes;
    options.grade = grade;
    options.grade_self = t;
    options.sink = (struct ebb_run_sink){
        .self = t, .spikes = take_spikes, .state = take_state};
    ck_assert_msg(ebb_engine_create(&engine, t->g->net, &options) == EBB_OK,
                  "%s: %s", t->g->path, ebb_error_message());
    feed(t, engine);
    ck_assert_msg(ebb_engine_run(engine, t->g->ticks) == EBB_OK, "%s: %s",
                  t->g->path, ebb_error_message());
    ebb_engine_destroy(engine);
    compare(t);
    finish(t);
}

static void check_all(int per_axon)
{
    char **paths;
    size_t n = golden_list(&paths), checked = 0;
    ck_assert_msg(n > 0, "no golden files at all");
    for (size_t i = 0; i < n; i++) {
        struct trial t = {.g = golden_open(paths[i], per_axon)};
        for (t.sample = 0; t.sample < t.g->samples; t.sample++) {
            check_sample(&t, EBB_ENGINE_LAZY);
            check_sample(&t, EBB_ENGINE_SWEPT);
            check_sample(&t, EBB_ENGINE_ADAPTIVE);
        }
        golden_close(t.g);
        checked++;
    }
    printf("%zu golden files checked\n", checked);
    golden_free_list(paths, n);
}

START_TEST(engine_matches_every_golden_file)
{
    check_all(0);
}
END_TEST

START_TEST(engine_matches_every_golden_file_with_a_kernel_per_axon)
{
    check_all(1);
}
END_TEST

RUN_SUITE("golden", "engine", engine_matches_every_golden_file,
          engine_matches_every_golden_file_with_a_kernel_per_axon)
