/* tools/cmd_eval.c - how good a network is, and what it costs. */
#include "tools/commands.h"
#include "tools/eval_dataset.h"
#include "tools/json.h"
#include "tools/setting.h"

#include "core/memory.h"
#include "io/file_kind.h"
#include "io/network_file.h"

#include <math.h>
#include <stdio.h>

/* An evaluation on its way. */
struct job {
    const struct ebb_args *args;
    struct ebb_setting setting;
    struct ebb_network *net;
    struct ebb_trainer *trainer;
    struct ebb_score score;
    size_t split;
};

static const char *const splits[] = {"train", "validation", "test"};

static ebb_status take_options(struct job *j)
{
    struct ebb_setting *s = &j->setting;
    uint64_t threads = s->options.threads;
    uint64_t samples = s->source.size[j->split];
    EBB_TRY(ebb_args_count(j->args, "threads", 0, 1024, &threads));
    uint64_t most = s->dataset ? samples : 1000000000; /* cues are drawn */
    if (most == 0 || (samples == 0 && !ebb_args_has(j->args, "samples"))) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s has no %s samples; give %sanother --split",
                        s->experiment->path, splits[j->split],
                        s->dataset ? "" : "--samples N or ");
    }
    EBB_TRY(ebb_args_count(j->args, "samples", 1, most, &samples));
    s->options.threads = (unsigned)threads;
    s->source.size[j->split] = samples;
    return EBB_OK;
}

/* Another seed draws other cues of the same patterns. Samples of a data set are
 * judged as they are. */
static ebb_status take_seed(struct job *j)
{
    j->setting.experiment->augment = (struct ebb_augment){.shift = 0};
    struct ebb_cue_params *cues = &j->setting.experiment->cues;
    EBB_TRY(ebb_args_count(j->args, "seed", 0, UINT64_MAX,
                           j->split == EBB_SPLIT_TEST ? &cues->test_seed
                                                      : &cues->seed));
    return ebb_setting_redraw(&j->setting);
}

static ebb_status evaluate(struct job *j)
{
    const char *network = j->args->operand[0];
    EBB_TRY(ebb_setting_init(&j->setting, j->args->operand[1],
                             ebb_args_text(j->args, "patterns")));
    EBB_TRY(take_seed(j));
    EBB_TRY(take_options(j));
    EBB_TRY(ebb_network_file_read(&j->net, network));
    EBB_TRY(ebb_setting_check(&j->setting, j->net, network));
    EBB_TRY(ebb_trainer_create(&j->trainer, j->net, &j->setting.source,
                               &j->setting.options));
    j->score.activity =
        ebb_mem_calloc(j->net->n_populations, sizeof(*j->score.activity));
    if (!j->score.activity) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for scores");
    }
    return ebb_trainer_evaluate(j->trainer, (enum ebb_split)j->split, 0,
                                &j->score);
}

/* Spikes of one population in one sample, from its mean activity. */
static double spikes_of(const struct job *j, size_t population)
{
    double cells = (double)j->net->populations[population].n *
                   (double)j->setting.source.ticks;
    return j->score.activity[population] / (double)j->score.n * cells;
}

/* Spikes times the synapses that each reaches. */
static double operations_of(const struct job *j)
{
    double sum = 0;
    for (size_t q = 0; q < j->net->n_projections; q++) {
        const struct ebb_projection *p = &j->net->projections[q];
        sum += spikes_of(j, p->source) * ebb_projection_reach(j->net, p);
    }
    return sum;
}

static double neuron_spikes_of(const struct job *j)
{
    double sum = 0;
    for (size_t k = 0; k < j->net->n_populations; k++) {
        sum += j->net->populations[k].input ? 0 : spikes_of(j, k);
    }
    return sum;
}

static void tell_json(struct job *j)
{
    double n = (double)j->score.n;
    bool distance = j->setting.options.loss.kind == EBB_LOSS_VAN_ROSSUM;
    struct ebb_json out = {.n = 0};
    ebb_json_text(&out, "network", j->args->operand[0]);
    ebb_json_text(&out, "split", splits[j->split]);
    ebb_json_count(&out, "samples", j->score.n);
    ebb_json_number(&out, "loss", j->score.loss / n);
    if (ebb_setting_has_classes(&j->setting)) {
        ebb_json_number(&out, distance ? "recall" : "accuracy",
                        (double)j->score.right / n);
    }
    if (isfinite(j->score.cue_loss)) {
        ebb_json_number(&out, "cue_loss", j->score.cue_loss / n);
    }
    ebb_json_number(&out, "spikes_per_sample", neuron_spikes_of(j));
    ebb_json_number(&out, "operations_per_sample", operations_of(j));
    ebb_json_print(&out);
}

static void tell(const struct job *j)
{
    double n = (double)j->score.n;
    bool distance = j->setting.options.loss.kind == EBB_LOSS_VAN_ROSSUM;
    printf("%zu %s samples of %s\n", j->score.n, splits[j->split],
           j->setting.experiment->path);
    if (distance) {
        printf("  distance to the target    %.5f (van Rossum)\n",
               j->score.loss / n);
        if (isfinite(j->score.cue_loss)) {
            printf("  distance of the cue       %.5f, %.1f times as much\n",
                   j->score.cue_loss / n, j->score.cue_loss / j->score.loss);
        }
        if (ebb_setting_has_classes(&j->setting)) {
            printf("  recall of the pattern     %.2f %%\n",
                   100 * (double)j->score.right / n);
        }
    } else {
        printf("  loss                      %.5f\n", j->score.loss / n);
        printf("  accuracy                  %.2f %%\n",
               100 * (double)j->score.right / n);
    }
    printf("  spikes in a sample        %.0f\n", neuron_spikes_of(j));
    printf("  synaptic operations       %.0f\n", operations_of(j));
    for (size_t k = 0; k < j->net->n_populations; k++) {
        printf("  %-12s %.2f %% spikes per tick\n", j->net->populations[k].name,
               100 * j->score.activity[k] / n);
    }
}

/* Is the second operand a bare data set? What is no file that ebb knows may
 * still be an experiment of some other name. */
static ebb_status find_kind(const struct ebb_args *args, bool *dataset)
{
    const char *path = args->operand[1];
    enum ebb_file_kind kind = EBB_FILE_EXPERIMENT;
    if (ebb_file_kind_find(&kind, path) != EBB_OK) {
        kind = EBB_FILE_EXPERIMENT;
    }
    *dataset = kind == EBB_FILE_DATASET;
    if (!*dataset && kind != EBB_FILE_EXPERIMENT) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s is of kind %s; samples come from an experiment "
                        "(.yaml) or a data set",
                        path, ebb_file_kind_name(kind));
    }
    return !*dataset && ebb_args_has(args, "tau")
               ? EBB_FAIL(EBB_ERR_ARG,
                          "--tau is for data sets; %s gives its own loss", path)
               : EBB_OK;
}

static int run(struct ebb_args *args)
{
    struct job j = {.args = args, .split = EBB_SPLIT_TEST};
    ebb_status status = ebb_args_word(args, "split", splits, 3, &j.split);
    if (status != EBB_OK) {
        return ebb_args_usage(args, status);
    }
    bool dataset = false;
    status = find_kind(args, &dataset);
    if (status == EBB_OK && dataset) {
        status =
            ebb_eval_dataset(args, (enum ebb_split)j.split, splits[j.split]);
    }
    if (status != EBB_OK || dataset) {
        return ebb_args_end(args, status);
    }
    status = evaluate(&j);
    if (status == EBB_OK && ebb_args_has(args, "json")) {
        tell_json(&j);
    } else if (status == EBB_OK) {
        tell(&j);
    }
    ebb_trainer_destroy(j.trainer);
    ebb_mem_free(j.score.activity);
    ebb_network_destroy(j.net);
    ebb_setting_finish(&j.setting);
    return ebb_args_end(args, status);
}

static const struct ebb_option options[] = {
    {"split", 0, "SPLIT", "train, validation or test (test)"},
    {"samples", 0, "N", "how many, instead of all that there are"},
    {"seed", 0, "N", "of the cues' noise, instead of the experiment's"},
    {"patterns", 0, "FILE", "these patterns instead of the experiment's"},
    {"tau", 0, "TICKS", "data set: of the van Rossum distance (10)"},
    {"threads", 't', "N", "experiment: 0: one a processor; the same result"},
    {"json", 0, NULL, "print a JSON object"},
    {0}};

const struct ebb_command ebb_command_eval = {
    .name = "eval",
    .operands = "NETWORK EXPERIMENT.yaml|DATASET",
    .summary = "accuracy or distance, recall, spikes and operations",
    .text = "Runs the network on the test samples of an experiment, which "
            "training never sees, or on\nthose of a bare data set: there by "
            "the event engine, with what a sample costs it. Labels\nare "
            "judged by the most spikes, targets by an exponential kernel "
            "(--tau).\n\n"
            "examples:\n"
            "  ebb eval runs/associative_memory/best.net.h5 "
            "experiments/associative_memory.yaml\n"
            "  ebb eval best.net.h5 my.yaml --seed 99 --samples 64 --json\n"
            "  ebb eval best.net.h5 digits.data.h5 --split validation",
    .operands_min = 2,
    .operands_max = 2,
    .options = options,
    .run = run};
