/* tools/eval_dataset.c - how good a network is on a bare data set. */
#include "tools/eval_dataset.h"

#include "tools/energy_meter.h"
#include "tools/json.h"
#include "tools/progress.h"
#include "tools/work_tell.h"

#include "core/memory.h"
#include "io/dataset_file.h"
#include "io/network_file.h"
#include "sim/engine.h"
#include "sim/learn/loss.h"

#include <stdio.h>
#include <string.h>

/* An evaluation on its way. */
struct job {
    const struct ebb_args *args;
    const char *network, *path, *split_name;
    enum ebb_split split;
    struct ebb_dataset *dataset;
    struct ebb_sample_source source;
    struct ebb_network *net;
    struct ebb_engine *engine;
    struct ebb_sample sample;
    size_t output, outputs, samples, right;
    double *count; /* [outputs] spikes of one sample */
    /* Where there are targets: */
    struct ebb_van_rossum_f64 *van_rossum;
    double *o, *target; /* [ticks][outputs] of one sample */
    double tau, distance;
    struct ebb_counters sum; /* over samples */
    struct ebb_work work;    /* likewise */
    struct ebb_work_measured measured;
};

static ebb_status take_options(struct job *j)
{
    uint64_t samples = j->source.size[j->split];
    if (samples == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s has no %s samples; give another --split", j->path,
                        j->split_name);
    }
    if (ebb_args_has(j->args, "seed")) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--seed draws the cues of an experiment; the samples "
                        "of %s are what they are",
                        j->path);
    }
    EBB_TRY(ebb_args_count(j->args, "samples", 1, samples, &samples));
    EBB_TRY(ebb_args_number(j->args, "tau", 1e-3, 1e9, &j->tau));
    j->samples = samples;
    return EBB_OK;
}

static ebb_status check_sizes(struct job *j)
{
    size_t input = ebb_network_input(j->net);
    size_t channels =
        input < j->net->n_populations ? j->net->populations[input].n : 0;
    j->output = ebb_network_output(j->net);
    j->outputs = j->net->populations[j->output].n;
    if (channels != j->source.inputs) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "%s takes %zu input channels, but %s has %zu",
                        j->network, channels, j->path, j->source.inputs);
    }
    if (j->source.outputs > 0 && j->source.outputs != j->outputs) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "%s answers with %zu neurons, but the targets of %s "
                        "have %zu trains",
                        j->network, j->outputs, j->path, j->source.outputs);
    }
    if (j->source.classes > j->outputs) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "%s answers with %zu neurons, but %s has %zu classes",
                        j->network, j->outputs, j->path, j->source.classes);
    }
    return EBB_OK;
}

static ebb_status prepare_distance(struct job *j)
{
    struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_EXPONENTIAL,
                                   .tau_m = j->tau};
    struct ebb_kernel kernel;
    size_t ticks = (size_t)j->source.ticks;
    EBB_TRY(ebb_kernel_expand(&kernel, j->net->arena, &spec, 1, 0));
    EBB_TRY(
        ebb_van_rossum_create_f64(&j->van_rossum, &kernel, ticks, j->outputs));
    j->o = ebb_mem_calloc(ticks, j->outputs * sizeof(*j->o));
    j->target = ebb_mem_calloc(ticks, j->outputs * sizeof(*j->target));
    return j->o && j->target
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM,
                          "no memory for %zu ticks of %zu target trains", ticks,
                          j->outputs);
}

/* The output's spikes of one tick. */
static ebb_status hear(void *self, size_t population, ebb_tick tick,
                       const ebb_neuron_id *node, const double *value, size_t n)
{
    struct job *j = self;
    (void)value;
    for (size_t k = 0; population == j->output && k < n; k++) {
        j->count[node[k]]++;
        if (j->o) {
            j->o[(size_t)tick * j->outputs + node[k]] = 1;
        }
    }
    return EBB_OK;
}

static ebb_status prepare(struct job *j)
{
    EBB_TRY(ebb_network_file_read_compact(&j->net, j->network));
    EBB_TRY(ebb_dataset_read(&j->dataset, j->path));
    j->source = ebb_dataset_source(j->dataset);
    EBB_TRY(take_options(j));
    EBB_TRY(check_sizes(j));
    j->count = ebb_mem_calloc(j->outputs, sizeof(*j->count));
    if (!j->count) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu counts", j->outputs);
    }
    if (j->source.outputs > 0) {
        EBB_TRY(prepare_distance(j));
    }
    struct ebb_engine_options how = ebb_engine_options_default();
    how.sink = (struct ebb_run_sink){.self = j, .spikes = hear};
    return ebb_engine_create(&j->engine, j->net, &how);
}

static void add_counters(struct ebb_counters *sum, const struct ebb_counters *c)
{
    sum->spikes += c->spikes;
    sum->input_events += c->input_events;
    sum->synaptic_operations += c->synaptic_operations;
    sum->neuron_updates += c->neuron_updates;
    sum->wakeups_fired += c->wakeups_fired;
    sum->crossing_evaluations += c->crossing_evaluations;
    sum->queue_operations += c->queue_operations;
    sum->ticks_skipped += c->ticks_skipped;
}

/* Most spikes; the first of equals. */
static size_t class_of(const struct job *j)
{
    size_t best = 0;
    for (size_t i = 1; i < j->source.classes; i++) {
        best = j->count[i] > j->count[best] ? i : best;
    }
    return best;
}

static double distance_of(struct job *j)
{
    size_t cells = (size_t)j->source.ticks * j->outputs;
    memset(j->target, 0, cells * sizeof(*j->target));
    for (size_t k = 0; k < j->sample.target.n; k++) {
        const struct ebb_event *e = &j->sample.target.at[k];
        j->target[(size_t)e->tick * j->outputs + e->node] = e->value;
    }
    double distance =
        ebb_van_rossum_distance_f64(j->van_rossum, NULL, j->o, j->target, 1);
    memset(j->o, 0, cells * sizeof(*j->o));
    return distance;
}

static ebb_status run_sample(struct job *j, size_t index)
{
    struct ebb_events *input = &j->sample.input;
    EBB_TRY(j->source.read(j->source.self, j->split, 0, index, &j->sample));
    EBB_TRY(ebb_engine_reset(j->engine));
    memset(j->count, 0, j->outputs * sizeof(*j->count));
    EBB_TRY(ebb_engine_input(j->engine, ebb_network_input(j->net), input->at,
                             input->n));
    EBB_TRY(ebb_engine_run(j->engine, j->source.ticks));
    struct ebb_counters counters = ebb_engine_counters(j->engine);
    struct ebb_work work =
        ebb_work_of(j->net, &counters, j->source.ticks, false);
    add_counters(&j->sum, &counters);
    ebb_work_add(&j->work, &work);
    j->right += class_of(j) == j->sample.label;
    j->distance += j->van_rossum ? distance_of(j) : 0;
    return EBB_OK;
}

static ebb_status evaluate(struct job *j)
{
    EBB_TRY(prepare(j));
    struct ebb_energy_meter meter;
    struct ebb_progress progress = ebb_progress_begin(0, j->samples);
    ebb_energy_meter_begin(&meter, NULL);
    for (size_t k = 0; k < j->samples; k++) {
        EBB_TRY(ebb_error_prefix(run_sample(j, k), "%s sample %zu of %s: ",
                                 j->split_name, k, j->path));
        ebb_progress_show(&progress, k + 1, "of the samples");
    }
    j->measured.joules = ebb_energy_meter_end(&meter);
    j->measured.seconds = ebb_seconds_now() - progress.start;
    ebb_progress_clear(&progress);
    return EBB_OK;
}

enum { COSTS = 8 };

/* What a sample costs, one line each. */
struct cost {
    const char *label, *name;
    uint64_t sum;
};

static void costs_of(const struct job *j, struct cost out[COSTS])
{
    const struct ebb_counters *c = &j->sum;
    const struct cost all[COSTS] = {
        {"input events", "input_events", c->input_events},
        {"spikes", "spikes", c->spikes},
        {"synaptic operations", "operations", c->synaptic_operations},
        {"neuron updates", "updates", c->neuron_updates},
        {"wake-ups", "wakeups", c->wakeups_fired},
        {"evaluations of V", "evaluations", c->crossing_evaluations},
        {"queue operations", "queue_operations", c->queue_operations},
        {"ticks skipped", "ticks_skipped", c->ticks_skipped}};
    memcpy(out, all, sizeof(all));
}

static void tell_json(const struct job *j)
{
    struct cost cost[COSTS];
    double n = (double)j->samples;
    struct ebb_json out = {.n = 0};
    costs_of(j, cost);
    ebb_json_text(&out, "network", j->network);
    ebb_json_text(&out, "dataset", j->path);
    ebb_json_text(&out, "split", j->split_name);
    ebb_json_count(&out, "samples", j->samples);
    if (j->source.classes > 0) {
        ebb_json_number(&out, "accuracy", (double)j->right / n);
    }
    if (j->van_rossum) {
        ebb_json_number(&out, "distance", j->distance / n);
        ebb_json_number(&out, "tau", j->tau);
    }
    for (size_t k = 0; k < COSTS; k++) {
        char field[64];
        snprintf(field, sizeof(field), "%s_per_sample", cost[k].name);
        ebb_json_number(&out, field, (double)cost[k].sum / n);
    }
    ebb_work_json(&out, &j->work, j->samples, &j->measured);
    ebb_json_print(&out);
}

static void tell(const struct job *j)
{
    struct cost cost[COSTS];
    double n = (double)j->samples;
    costs_of(j, cost);
    printf("%zu %s samples of %s\n", j->samples, j->split_name, j->path);
    if (j->source.classes > 0) {
        printf("  accuracy                  %.2f %%\n",
               100 * (double)j->right / n);
    }
    if (j->van_rossum) {
        printf("  distance to the target    %.5f (van Rossum, tau %g ticks)\n",
               j->distance / n, j->tau);
    }
    printf("in a sample of %llu ticks:\n", (unsigned long long)j->source.ticks);
    for (size_t k = 0; k < COSTS; k++) {
        printf("  %-25s %.1f\n", cost[k].label, (double)cost[k].sum / n);
    }
    ebb_work_print(&j->work, j->samples, &j->measured);
}

ebb_status ebb_eval_dataset(const struct ebb_args *args, enum ebb_split split,
                            const char *split_name)
{
    struct job j = {.args = args,
                    .network = args->operand[0],
                    .path = args->operand[1],
                    .split = split,
                    .split_name = split_name,
                    .tau = 10};
    ebb_status status = evaluate(&j);
    if (status == EBB_OK && ebb_args_has(args, "json")) {
        tell_json(&j);
    } else if (status == EBB_OK) {
        tell(&j);
    }
    ebb_engine_destroy(j.engine);
    ebb_van_rossum_destroy_f64(j.van_rossum);
    ebb_mem_free(j.o);
    ebb_mem_free(j.target);
    ebb_mem_free(j.count);
    ebb_events_finish(&j.sample.input);
    ebb_events_finish(&j.sample.target);
    ebb_network_destroy(j.net);
    ebb_dataset_destroy(j.dataset);
    return status;
}
