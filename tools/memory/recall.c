/* tools/memory/recall.c - an associative memory asked with damaged cues. */
#include "tools/memory/memory.h"

#include "tools/json.h"
#include "tools/progress.h"
#include "tools/stop.h"

#include "core/memory.h"
#include "io/association_file.h"
#include "io/network_file.h"

#include <stdio.h>

/* Sums over cues of a wave. */
struct sums {
    double completion, falsely, overlap;
};

/* A memory being asked. */
struct job {
    const struct ebb_args *args;
    const char *path;
    struct ebb_association_params params;
    struct ebb_assemblies patterns;
    struct ebb_network *net;
    struct ebb_recall_options options;
    struct ebb_recall *recall;
    struct ebb_recall_score *score; /* [steps + 1] */
    struct sums *sums;              /* [steps + 1] */
    uint64_t cues, first;           /* patterns take turns from the first */
    uint64_t done, operations, spikes;
    double seconds;
    struct ebb_progress progress;
};

static ebb_status take_options(struct job *j)
{
    j->options.steps = 5;
    j->options.seed = 1;
    j->cues = 100;
    EBB_TRY(ebb_memory_take_cues(j->args, &j->options));
    EBB_TRY(ebb_args_count(j->args, "cues", 1, UINT32_MAX, &j->cues));
    return ebb_args_count(j->args, "seed", 0, UINT64_MAX, &j->options.seed);
}

static ebb_status load(struct job *j)
{
    EBB_TRY(ebb_network_file_read_compact(&j->net, j->path));
    EBB_TRY(ebb_association_file_read(&j->patterns, &j->params, j->path));
    if (ebb_args_has(j->args, "threshold")) {
        EBB_TRY(ebb_args_number(j->args, "threshold", 0.6, 1e9,
                                &j->params.threshold));
        EBB_TRY(ebb_association_set_threshold(j->net, &j->params,
                                              j->params.threshold));
    }
    EBB_TRY(
        ebb_args_count(j->args, "pattern", 0, j->patterns.n - 1, &j->first));
    EBB_TRY(ebb_association_period(&j->options.period, &j->params));
    size_t waves = j->options.steps + 1;
    j->score = ebb_mem_calloc(waves, sizeof(*j->score));
    j->sums = ebb_mem_calloc(waves, sizeof(*j->sums));
    return j->score && j->sums
               ? ebb_recall_create(&j->recall, j->net, &j->patterns,
                                   &j->options)
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu steps", waves - 1);
}

static ebb_status ask(struct job *j, uint64_t cue)
{
    bool one = ebb_args_has(j->args, "pattern");
    size_t pattern = one ? j->first : (size_t)(cue % j->patterns.n);
    EBB_TRY(ebb_recall_ask(j->recall, pattern, cue, j->score));
    for (size_t s = 0; s <= j->options.steps; s++) {
        j->sums[s].completion += j->score[s].completion;
        j->sums[s].falsely += j->score[s].falsely;
        j->sums[s].overlap += j->score[s].overlap;
    }
    struct ebb_counters c = ebb_recall_counters(j->recall);
    j->operations += c.synaptic_operations;
    j->spikes += c.spikes;
    j->done++;
    return EBB_OK;
}

static ebb_status ask_all(struct job *j)
{
    double start = ebb_seconds_now();
    ebb_stop_listen();
    j->progress = ebb_progress_begin(0, j->cues);
    ebb_status status = EBB_OK;
    for (uint64_t k = 0; k < j->cues && status == EBB_OK; k++) {
        if (ebb_stop_wanted()) {
            break; /* with what there is */
        }
        status = ask(j, k);
        ebb_progress_show(&j->progress, k + 1, "cues");
    }
    ebb_progress_clear(&j->progress);
    j->seconds = ebb_seconds_now() - start;
    if (status == EBB_OK && j->done == 0) {
        return EBB_FAIL(EBB_ERR_STOPPED, "stopped before the first cue");
    }
    return status;
}

static void tell_step_json(const struct job *j, size_t step)
{
    double n = (double)j->done;
    struct ebb_json json = {.n = 0};
    ebb_json_count(&json, "step", step);
    ebb_json_count(&json, "tick", step * j->options.period);
    ebb_json_count(&json, "cues", j->done);
    ebb_json_number(&json, "completion", j->sums[step].completion / n);
    ebb_json_number(&json, "false", j->sums[step].falsely / n);
    ebb_json_number(&json, "overlap", j->sums[step].overlap / n);
    ebb_json_print(&json);
}

static void tell_json(const struct job *j)
{
    struct ebb_json json = {.n = 0};
    for (size_t s = 0; s <= j->options.steps; s++) {
        tell_step_json(j, s);
    }
    ebb_json_text(&json, "file", j->path);
    ebb_json_text(&json, "kind", ebb_association_name(j->params.kind));
    ebb_json_number(&json, "threshold", j->params.threshold);
    ebb_json_count(&json, "cues", j->done);
    ebb_json_number(&json, "missing", j->options.noise.missing);
    ebb_json_number(&json, "added", j->options.noise.added);
    ebb_json_number(&json, "jitter_ticks", j->options.noise.jitter);
    ebb_json_count(&json, "synaptic_operations", j->operations);
    ebb_json_count(&json, "spikes", j->spikes);
    ebb_json_number(&json, "seconds", j->seconds);
    ebb_json_print(&json);
}

static void tell(const struct job *j)
{
    double n = (double)j->done;
    if (ebb_args_has(j->args, "json")) {
        tell_json(j);
        return;
    }
    printf("%s memory of %zu neurons, %zu patterns of %zu cells, fires on %g "
           "coincident spikes\n%llu cues: %g %% of the cells missing, %g %% "
           "added, jitter of %g ticks\n\n",
           ebb_association_name(j->params.kind), j->patterns.neurons,
           j->patterns.n, j->patterns.cells, j->params.threshold,
           (unsigned long long)j->done, 100 * j->options.noise.missing,
           100 * j->options.noise.added, j->options.noise.jitter);
    printf("   step   ticks  completion     false  overlap\n");
    for (size_t s = 0; s <= j->options.steps; s++) {
        const struct sums *sum = &j->sums[s];
        char step[24];
        snprintf(step, sizeof(step), "%zu", s);
        printf("%7s %7llu %9.2f %% %8.2f %% %8.4f\n", s ? step : "cue",
               (unsigned long long)(s * j->options.period),
               100 * sum->completion / n, 100 * sum->falsely / n,
               sum->overlap / n);
    }
    printf("\n%.0f synaptic operations and %.2f ms a cue\n",
           (double)j->operations / n, 1e3 * j->seconds / n);
}

ebb_status ebb_memory_recall(const struct ebb_args *args)
{
    struct job j = {.args = args, .path = args->operand[1]};
    ebb_status status = take_options(&j);
    if (status == EBB_OK) {
        status = load(&j);
    }
    if (status == EBB_OK) {
        status = ask_all(&j);
    }
    if (status == EBB_OK) {
        tell(&j);
    }
    ebb_recall_destroy(j.recall);
    ebb_mem_free(j.score);
    ebb_mem_free(j.sums);
    ebb_assemblies_finish(&j.patterns);
    ebb_network_destroy(j.net);
    return status;
}
