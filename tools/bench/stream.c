/* tools/bench/stream.c - the associative memory stepped through its input one
 * tick at a time, as a live user would, against a bare loop of the same
 * additions, one core. */
#include "tools/bench/bench.h"
#include "tools/bench/stream_loop.h"
#include "tools/progress.h"
#include "tools/setting.h"

#include "core/memory.h"
#include "core/step.h"
#include "sim/engine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RUNS_MAX = 99, TRAINED_EPOCHS = 3, LAYERS = 4 };

/* Thresholds at which the untrained network with shared kernels, its weights
 * drawn with the experiment's seed, fires at 1 to 2 % in every layer. */
static const double sparse_v_th[LAYERS] = {.17, .16, .169, .186};

/* Additions of one projection, tick by tick, as the engine makes them. */
struct rows {
    size_t *from; /* [ticks + 1] */
    uint32_t *axon;
    double *x;
    size_t n, axon_room, x_room;
};

/* One network and its input. */
struct stream {
    const char *name;
    const struct ebb_network *net;
    const struct ebb_events *input;
    ebb_tick ticks;
    struct ebb_events spikes[LAYERS + 1]; /* of each population */
    struct rows rows[LAYERS];
    struct ebb_bare_layer layer[LAYERS + 1], axons[LAYERS];
    struct ebb_arena *arena;
    uint64_t additions, logged;
    double *tick_s; /* [ticks] */
};

static ebb_status no_memory(void)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the bare loop");
}

static ebb_status take(void *self, size_t population, ebb_tick tick,
                       const ebb_neuron_id *node, const double *value, size_t n)
{
    struct stream *s = self;
    for (size_t k = 0; k < n; k++) {
        struct ebb_event e = {tick, node[k], value ? value[k] : 1};
        EBB_TRY(ebb_events_push(&s->spikes[population], e));
    }
    return EBB_OK;
}

/* What the engine fires, and how many additions it makes. */
static ebb_status listen(struct stream *s)
{
    struct ebb_engine_options how = ebb_engine_options_default();
    struct ebb_counters counters;
    how.sink = (struct ebb_run_sink){.self = s, .spikes = take};
    EBB_TRY(ebb_engine_simulate(&counters, s->net, &how, s->input->at,
                                s->input->n, s->ticks));
    s->additions = counters.synaptic_operations;
    return EBB_OK;
}

static ebb_status log_row(struct rows *rows, uint32_t axon, double x)
{
    EBB_TRY(ebb_mem_grow(&rows->axon, &rows->axon_room, rows->n + 1,
                         sizeof(*rows->axon)));
    EBB_TRY(
        ebb_mem_grow(&rows->x, &rows->x_room, rows->n + 1, sizeof(*rows->x)));
    rows->axon[rows->n] = axon;
    rows->x[rows->n++] = x;
    return EBB_OK;
}

/* F of every axon at every tick; an axon counts from its first spike on until
 * nothing is left of it. Shared kernels of one tap: the spikes themselves. */
static ebb_status log_rows(struct stream *s, size_t q, double *past)
{
    const struct ebb_projection *p = &s->net->projections[q];
    const struct ebb_kernel *k = &p->kernel;
    const struct ebb_events *spikes = &s->spikes[p->source];
    size_t axons = s->net->populations[p->source].n, next = 0;
    unsigned tap = ebb_kernel_first_tap(k);
    ebb_tick lag = p->delay_ticks + tap;
    struct rows *rows = &s->rows[q];
    memset(past, 0, 3 * axons * sizeof(*past));
    for (ebb_tick t = 0; t < s->ticks; t++) {
        rows->from[t] = rows->n;
        double *f = past, *f1 = past + axons, *f2 = past + 2 * axons;
        for (size_t j = 0; j < axons; j++) {
            f[j] = k->n == 1 ? 0
                             : k->alpha[j] * f1[j] + k->alpha[k->n + j] * f2[j];
        }
        for (; next < spikes->n && spikes->at[next].tick + lag == t; next++) {
            size_t j = spikes->at[next].node;
            f[j] += k->beta[tap * k->n + ebb_kernel_column(k, j)] *
                    spikes->at[next].value;
        }
        for (size_t j = 0; j < axons; j++) {
            if (fabs(f[j]) > 1e-20) {
                EBB_TRY(log_row(rows, (uint32_t)j, f[j]));
            }
        }
        memmove(f2, f1, axons * sizeof(*past));
        memmove(f1, f, axons * sizeof(*past));
        s->logged +=
            (rows->n - rows->from[t]) * s->net->populations[p->target].n;
    }
    rows->from[s->ticks] = rows->n;
    return EBB_OK;
}

static double *column(struct stream *s, size_t n)
{
    return ebb_arena_calloc(s->arena, n + 64, sizeof(double));
}

/* A bare population: filter columns where the filter is its own. */
static ebb_status lay_out(struct stream *s, struct ebb_bare_layer *l, size_t n,
                          const struct ebb_kernel *filter)
{
    *l = (struct ebb_bare_layer){.n = n,
                                 .y = column(s, n),
                                 .v = column(s, n),
                                 .r = column(s, n),
                                 .o = column(s, n),
                                 .bias = column(s, n)};
    if (filter) {
        l->f1 = column(s, n);
        l->f2 = column(s, n);
        l->alpha1 = column(s, n);
        l->alpha2 = column(s, n);
    }
    if (!l->y || !l->v || !l->r || !l->o || !l->bias ||
        (filter && (!l->f1 || !l->f2 || !l->alpha1 || !l->alpha2))) {
        return no_memory();
    }
    for (size_t j = 0; filter && j < n; j++) {
        size_t from = ebb_kernel_column(filter, j);
        l->alpha1[j] = filter->alpha[from];
        l->alpha2[j] = filter->alpha[filter->n + from];
    }
    return EBB_OK;
}

static ebb_status prepare(struct stream *s)
{
    size_t widest = 0;
    EBB_TRY(ebb_arena_create(&s->arena));
    EBB_TRY(listen(s));
    for (size_t k = 0; k <= LAYERS; k++) {
        size_t n = s->net->populations[k].n;
        widest = n > widest ? n : widest;
    }
    double *past = column(s, 3 * widest);
    s->tick_s = column(s, (size_t)s->ticks);
    if (!past || !s->tick_s) {
        return no_memory();
    }
    for (size_t q = 0; q < LAYERS; q++) {
        const struct ebb_projection *p = &s->net->projections[q];
        const struct ebb_population *to = &s->net->populations[q + 1];
        bool shared = p->kernel.n == 1;
        s->rows[q].from = ebb_arena_calloc(s->arena, (size_t)s->ticks + 1,
                                           sizeof(*s->rows[q].from));
        if (!s->rows[q].from) {
            return no_memory();
        }
        EBB_TRY(log_rows(s, q, past));
        EBB_TRY(lay_out(s, &s->axons[q], s->net->populations[q].n,
                        shared ? NULL : &p->kernel));
        struct ebb_bare_layer *l = &s->layer[q + 1];
        EBB_TRY(lay_out(s, l, to->n, shared ? &p->kernel : NULL));
        l->lambda = to->lambda.v[0];
        l->theta = to->theta.v[0];
        l->v_th = to->v_th.v[0];
        for (size_t i = 0; i < to->n; i++) {
            l->bias[i] = ebb_value_at(to->bias, i);
        }
    }
    return EBB_OK;
}

static void finish(struct stream *s)
{
    for (size_t k = 0; k <= LAYERS; k++) {
        ebb_events_finish(&s->spikes[k]);
    }
    for (size_t q = 0; q < LAYERS; q++) {
        ebb_mem_free(s->rows[q].axon);
        ebb_mem_free(s->rows[q].x);
    }
    ebb_arena_destroy(s->arena);
}

/* Median seconds of a tick of the engine. */
static ebb_status time_engine(struct stream *s, struct ebb_engine *e,
                              double *median)
{
    size_t next = 0, input = ebb_network_input(s->net);
    EBB_TRY(ebb_engine_reset(e));
    for (ebb_tick t = 0; t < s->ticks; t++) {
        double start = ebb_seconds_now();
        size_t from = next;
        while (next < s->input->n && s->input->at[next].tick == t) {
            next++;
        }
        EBB_TRY(ebb_engine_input(e, input, s->input->at + from, next - from));
        EBB_TRY(ebb_engine_run(e, t + 1));
        s->tick_s[t] = ebb_seconds_now() - start;
    }
    *median = ebb_bench_median(s->tick_s, (size_t)s->ticks);
    return EBB_OK;
}

/* The same of the bare loop. */
static double time_bare(struct stream *s, const struct ebb_bare_loop *loop)
{
    for (ebb_tick t = 0; t < s->ticks; t++) {
        double start = ebb_seconds_now();
        for (size_t q = 0; q < LAYERS; q++) {
            const struct ebb_projection *p = &s->net->projections[q];
            const struct rows *rows = &s->rows[q];
            struct ebb_bare_layer *to = &s->layer[q + 1];
            const float *w = p->weight;
            if (s->axons[q].f1) {
                loop->step_axons(&s->axons[q]);
            }
            for (size_t k = rows->from[t]; k < rows->from[t + 1]; k++) {
                loop->add_row(to->y, w + rows->axon[k] * to->n, rows->x[k],
                              to->n);
            }
            loop->step_neurons(to);
        }
        s->tick_s[t] = ebb_seconds_now() - start;
    }
    return ebb_bench_median(s->tick_s, (size_t)s->ticks);
}

static const struct ebb_bare_loop *choose(void)
{
#if EBB_STEP_X86
    const char *isa = ebb_step_best_f64()->isa;
    if (strcmp(isa, "avx512") == 0) {
        return &ebb_bare_loop_avx512;
    }
    if (strcmp(isa, "avx2") == 0) {
        return &ebb_bare_loop_avx2;
    }
#endif
    return &ebb_bare_loop_baseline;
}

static void report(struct ebb_bench *bench, const struct stream *s,
                   double *engine, double *bare, double *ratio, size_t n)
{
    const double none = (double)NAN;
    char name[4][64];
    static const char *const suffix[] = {"", ".bare", ".additions", ".rate"};
    for (size_t k = 0; k < 4; k++) {
        snprintf(name[k], sizeof(name[k]), "stream.%s%s", s->name, suffix[k]);
    }
    double spikes = 0, neurons = 0;
    for (size_t k = 1; k <= LAYERS; k++) {
        spikes += (double)s->spikes[k].n;
        neurons += (double)s->net->populations[k].n;
    }
    struct ebb_bench_figure figures[] = {
        {name[2], (double)s->additions / (double)s->ticks, "1/tick", none, none,
         false},
        {name[3], spikes / neurons / (double)s->ticks, "1", none, none, false},
        {name[1], 1e6 * ebb_bench_median(bare, n), "us", none, none, false},
        {name[0], 1e6 * ebb_bench_median(engine, n), "us",
         ebb_bench_median(ratio, n), 1.5, false}};
    for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++) {
        ebb_bench_report(bench, &figures[k]);
    }
}

/* Each layer of the sparse network must be that. */
static ebb_status check_rates(const struct stream *s)
{
    for (size_t k = 1; k <= LAYERS; k++) {
        double rate = (double)s->spikes[k].n /
                      (double)s->net->populations[k].n / (double)s->ticks;
        if (rate < .01 || rate > .02) {
            return EBB_FAIL(EBB_ERR_DIVERGED,
                            "stream.%s: layer %zu fires at %.2g spikes per "
                            "neuron and tick, not 0.01 to 0.02",
                            s->name, k, rate);
        }
    }
    return EBB_OK;
}

/* Both must make the same additions, or the ratio says nothing. */
static ebb_status check_additions(const struct stream *s)
{
    double off = fabs((double)s->logged - (double)s->additions);
    return off <= 0.02 * (double)s->additions
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_DIVERGED,
                          "%s: %llu additions in the engine, %llu in the bare "
                          "loop",
                          s->name, (unsigned long long)s->additions,
                          (unsigned long long)s->logged);
}

static ebb_status compare(struct ebb_bench *bench, struct stream *s)
{
    struct ebb_engine_options how = ebb_engine_options_default();
    struct ebb_engine *e;
    double engine[RUNS_MAX], bare[RUNS_MAX], ratio[RUNS_MAX];
    size_t n = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    const struct ebb_bare_loop *loop = choose();
    EBB_TRY(check_additions(s));
    EBB_TRY(ebb_engine_create(&e, s->net, &how));
    ebb_status status = time_engine(s, e, &engine[0]); /* warm */
    for (size_t k = 0; k < n && status == EBB_OK; k++) {
        bare[k] = time_bare(s, loop);
        status = time_engine(s, e, &engine[k]);
        ratio[k] = engine[k] / bare[k];
    }
    ebb_engine_destroy(e);
    if (status == EBB_OK) {
        report(bench, s, engine, bare, ratio, n);
    }
    return status;
}

static ebb_status measure(struct ebb_bench *bench, const char *name,
                          const struct ebb_network *net,
                          const struct ebb_sample *sample, ebb_tick ticks)
{
    struct stream s = {
        .name = name, .net = net, .input = &sample->input, .ticks = ticks};
    ebb_status status = prepare(&s);
    if (status == EBB_OK && net->projections[0].kernel.n == 1) {
        status = check_rates(&s);
    }
    status = status ? status : compare(bench, &s);
    finish(&s);
    return status;
}

/* Shared kernels, and thresholds at which each layer fires rarely. */
static ebb_status make_sparse(struct ebb_network *net)
{
    const struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_DUAL_EXPONENTIAL,
                                         .tau_m = 8,
                                         .tau_s = 2,
                                         .input_lag = 1};
    for (size_t q = 0; q < net->n_projections; q++) {
        EBB_TRY(ebb_kernel_expand(&net->projections[q].kernel, net->arena,
                                  &spec, 1, net->tick_s));
    }
    for (size_t k = 0; k < LAYERS; k++) {
        net->populations[k + 1].v_th.v[0] = sparse_v_th[k];
    }
    return ebb_network_finish(net);
}

static ebb_status train(struct ebb_setting *s)
{
    struct ebb_trainer *trainer = NULL;
    struct ebb_train_step done;
    EBB_TRY(ebb_trainer_create(&trainer, s->experiment->network, &s->source,
                               &s->options));
    ebb_status status = EBB_OK;
    size_t steps = ebb_trainer_steps(trainer);
    for (size_t k = 0; k < TRAINED_EPOCHS * steps && status == EBB_OK; k++) {
        status =
            ebb_trainer_step(trainer, (unsigned)(k / steps), k % steps, &done);
    }
    status = status ? status : ebb_trainer_store(trainer);
    ebb_trainer_destroy(trainer);
    return status;
}

static ebb_status run_both(struct ebb_bench *bench, struct ebb_setting *s,
                           struct ebb_sample *sample)
{
    EBB_TRY(ebb_setting_init(s, bench->input, NULL));
    struct ebb_network *net = s->experiment->network;
    if (net->n_populations != LAYERS + 1 || net->n_projections != LAYERS) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s: the stream benchmark wants %d layers in a row",
                        bench->input, LAYERS + 1);
    }
    EBB_TRY(s->source.read(s->source.self, EBB_SPLIT_TEST, 0, 0, sample));
    EBB_TRY(train(s));
    EBB_TRY(measure(bench, "per_axon", net, sample, s->source.ticks));
    EBB_TRY(ebb_setting_seed(s, 1)); /* weights as they were drawn */
    EBB_TRY(make_sparse(net));
    return measure(bench, "shared", net, sample, s->source.ticks);
}

static ebb_status run(struct ebb_bench *bench)
{
    struct ebb_setting s = {0};
    struct ebb_sample sample = {0};
    ebb_status status = run_both(bench, &s, &sample);
    ebb_events_finish(&sample.input);
    ebb_events_finish(&sample.target);
    ebb_setting_finish(&s);
    return status;
}

const struct ebb_bench_suite ebb_bench_stream = {
    .name = "stream",
    .summary = "the associative memory tick by tick against its bare additions",
    .input = "experiments/associative_memory.yaml",
    .run = run};
