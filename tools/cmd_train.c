/* tools/cmd_train.c - learn. */
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/progress.h"
#include "tools/run_folder.h"
#include "tools/run_summary.h"
#include "tools/setting.h"
#include "tools/stop.h"
#include "tools/train_variant.h"

#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A training run on its way. */
struct job {
    const struct ebb_args *args;
    struct ebb_setting setting;
    struct ebb_run_folder folder;
    struct ebb_trainer *trainer;
    struct ebb_checkpoint at; /* where it stands */
    struct ebb_score score;
    struct ebb_progress progress;
    uint64_t test_every; /* epochs; 0: only at the end */
    double epoch_start;
    double *penalty; /* [populations] of --penalty; NULL: not given */
    char data_hash[EBB_DATA_HASH_BYTES];
    bool json;
};

static ebb_status take_validation(struct job *j)
{
    double share = 0;
    if (!ebb_args_has(j->args, "validation")) {
        return EBB_OK;
    }
    EBB_TRY(ebb_args_number(j->args, "validation", 0, 0.99, &share));
    return ebb_setting_hold_out(&j->setting, share);
}

static ebb_status take_options(struct job *j)
{
    struct ebb_train_options *o = &j->setting.options;
    uint64_t epochs = o->epochs, threads = o->threads;
    uint64_t batch = o->batch;
    EBB_TRY(ebb_args_count(j->args, "epochs", 1, 1000000, &epochs));
    EBB_TRY(ebb_args_count(j->args, "threads", 0, 1024, &threads));
    EBB_TRY(ebb_args_count(j->args, "batch", 1, 1000000, &batch));
    EBB_TRY(ebb_args_count(j->args, "test-every", 0, 1000000, &j->test_every));
    o->epochs = (unsigned)epochs;
    o->threads = (unsigned)threads;
    o->batch = batch;
    j->json = ebb_args_has(j->args, "json");
    return take_validation(j);
}

static ebb_status name_folder(struct job *j)
{
    const char *out = ebb_args_text(j->args, "out");
    char name[512];
    snprintf(name, sizeof(name), "runs/%s", j->setting.experiment->name);
    return ebb_run_folder_init(&j->folder, out ? out : name);
}

static ebb_status check_samples(const struct job *j, uint64_t training)
{
    return j->at.samples == training
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "%s was begun with %llu training samples, but there "
                          "are %llu; give --validation as then, or restore "
                          "the data",
                          j->folder.checkpoint,
                          (unsigned long long)j->at.samples,
                          (unsigned long long)training);
}

/* The seed decides the weights, so it is settled before there is a trainer. */
static ebb_status settle_seed(struct job *j, bool resume)
{
    uint64_t seed = j->setting.experiment->seed;
    uint64_t training = j->setting.source.size[EBB_SPLIT_TRAIN];
    EBB_TRY(ebb_args_count(j->args, "seed", 0, UINT64_MAX, &seed));
    if (!resume) {
        j->at = (struct ebb_checkpoint){.seed = seed,
                                        .samples = training,
                                        .best_loss = (double)NAN,
                                        .best_right = (double)NAN};
    } else {
        EBB_TRY(ebb_checkpoint_read(&j->at, j->folder.checkpoint));
        if (ebb_args_has(j->args, "seed") && seed != j->at.seed) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "--seed %llu, but %s was begun with %llu; leave "
                            "it out, or begin anew with another --out",
                            (unsigned long long)seed, j->folder.checkpoint,
                            (unsigned long long)j->at.seed);
        }
        EBB_TRY(check_samples(j, training));
    }
    return ebb_setting_seed(&j->setting, j->at.seed);
}

static ebb_status begin_folder(struct job *j, bool resume)
{
    const char *experiment = j->setting.experiment->path;
    if (resume) {
        if (!ebb_run_folder_used(&j->folder)) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "nothing to resume: there is no %s; leave out "
                            "--resume to begin",
                            j->folder.checkpoint);
        }
        return ebb_run_folder_match(&j->folder, experiment);
    }
    if (ebb_run_folder_used(&j->folder) && !ebb_args_has(j->args, "force")) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s already holds a run; --resume continues it, --out "
                        "FOLDER puts this one elsewhere, --force replaces it",
                        j->folder.folder);
    }
    return EBB_OK;
}

static ebb_status prepare(struct job *j)
{
    bool resume = ebb_args_has(j->args, "resume");
    EBB_TRY(ebb_setting_init(&j->setting, j->args->operand[0],
                             ebb_args_text(j->args, "patterns")));
    EBB_TRY(take_options(j));
    EBB_TRY(name_folder(j));
    EBB_TRY(begin_folder(j, resume));
    EBB_TRY(settle_seed(j, resume));
    EBB_TRY(ebb_run_summary_hash(j->data_hash, &j->setting));
    EBB_TRY(ebb_train_variant_settle(&j->penalty, &j->setting, &j->at,
                                     resume ? j->folder.checkpoint : NULL,
                                     j->args));
    struct ebb_network *net = j->setting.experiment->network;
    ebb_status status = ebb_trainer_create(&j->trainer, net, &j->setting.source,
                                           &j->setting.options);
    if (status != EBB_OK && resume && j->at.bf16) {
        return ebb_error_prefix(
            status, "%s was begun with --bf16: ", j->folder.checkpoint);
    }
    EBB_TRY(status);
    if (ebb_trainer_steps(j->trainer) == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a batch of %zu is larger than the %zu training "
                        "samples of an epoch; give a smaller --batch",
                        j->setting.options.batch,
                        j->setting.source.size[EBB_SPLIT_TRAIN]);
    }
    j->score.activity =
        ebb_mem_calloc(net->n_populations, sizeof(*j->score.activity));
    if (!j->score.activity) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for scores");
    }
    if (!resume) {
        return ebb_run_folder_begin(&j->folder, j->setting.experiment->path);
    }
    struct ebb_trainer_state state = ebb_trainer_state(j->trainer);
    EBB_TRY(ebb_run_folder_restore(&j->folder, &state));
    ebb_trainer_restore(j->trainer);
    return ebb_run_folder_cut(&j->folder, j->at.epoch);
}

static ebb_status save(struct job *j)
{
    EBB_TRY(ebb_trainer_store(j->trainer));
    struct ebb_trainer_state state = ebb_trainer_state(j->trainer);
    return ebb_run_folder_save(&j->folder, j->setting.experiment->network,
                               &state, &j->at);
}

static void put_score(struct ebb_json *l, struct job *j, const char *split)
{
    char name[40];
    double n = (double)j->score.n;
    snprintf(name, sizeof(name), "%s_loss", split);
    ebb_json_number(l, name, j->score.loss / n);
    snprintf(name, sizeof(name), "%s_right", split);
    if (ebb_setting_has_classes(&j->setting)) {
        ebb_json_number(l, name, (double)j->score.right / n);
    }
    if (isfinite(j->score.cue_loss)) {
        snprintf(name, sizeof(name), "%s_cue_loss", split);
        ebb_json_number(l, name, j->score.cue_loss / n);
    }
    size_t populations = j->setting.experiment->network->n_populations;
    for (size_t k = 0; k < populations; k++) {
        j->score.activity[k] /= n;
    }
    snprintf(name, sizeof(name), "%s_activity", split);
    ebb_json_numbers(l, name, j->score.activity, populations);
}

static bool tests_now(const struct job *j)
{
    bool last = j->at.epoch == j->setting.options.epochs;
    bool turn = j->test_every && j->at.epoch % j->test_every == 0;
    return j->setting.source.size[EBB_SPLIT_TEST] > 0 && (last || turn);
}

/* What decides which network is the best: the share of right classes, NaN
 * where it is not watched, then the loss. */
struct watched {
    double right, loss;
};

/* Judge the epoch that ended, which is watched where it is validated. */
static ebb_status judge(struct job *j, struct ebb_json *l, struct watched *w)
{
    if (j->setting.source.size[EBB_SPLIT_VALIDATION] > 0) {
        EBB_TRY(ebb_trainer_evaluate(j->trainer, EBB_SPLIT_VALIDATION, 0,
                                     &j->score));
        put_score(l, j, "validation");
        w->loss = j->score.loss / (double)j->score.n;
        if (j->setting.options.loss.kind == EBB_LOSS_RATE) {
            w->right = (double)j->score.right / (double)j->score.n;
        }
    }
    if (tests_now(j)) {
        EBB_TRY(ebb_trainer_evaluate(j->trainer, EBB_SPLIT_TEST, 0, &j->score));
        put_score(l, j, "test");
    }
    return EBB_OK;
}

static void tell(const struct job *j, const char *line, double loss,
                 const struct watched *w)
{
    ebb_progress_clear(&j->progress);
    if (j->json) {
        printf("%s\n", line);
        fflush(stdout);
        return;
    }
    char spent[16];
    ebb_seconds_text(spent, ebb_seconds_now() - j->epoch_start);
    printf("epoch %llu of %u: loss %.5f", (unsigned long long)j->at.epoch,
           j->setting.options.epochs, loss);
    if (isfinite(w->right)) {
        printf(", validation %.5f, %.1f %% right", w->loss, 100 * w->right);
    }
    if (tests_now(j)) {
        double n = (double)j->score.n;
        printf(", test %.5f", j->score.loss / n);
        if (ebb_setting_has_classes(&j->setting)) {
            printf(", %.1f %% right", 100 * (double)j->score.right / n);
        }
    }
    if (j->at.scaled) {
        printf(", %llu poles pulled in", (unsigned long long)j->at.scaled);
    }
    printf(" (%s)\n", spent);
    fflush(stdout);
}

static bool is_better(const struct job *j, const struct watched *w)
{
    double margin = j->setting.experiment->training.min_change;
    if (isnan(j->at.best_loss) || w->right > j->at.best_right) {
        return true;
    }
    return !(w->right < j->at.best_right) && w->loss < j->at.best_loss - margin;
}

static ebb_status keep_best(struct job *j, const struct watched *w)
{
    bool better = is_better(j, w);
    j->at.stale = better ? 0 : j->at.stale + 1;
    if (!better) {
        return EBB_OK;
    }
    j->at.best_loss = w->loss;
    j->at.best_right = w->right;
    j->at.best_epoch = j->at.epoch;
    EBB_TRY(ebb_trainer_store(j->trainer));
    return ebb_network_file_write(j->folder.best,
                                  j->setting.experiment->network, NULL);
}

static ebb_status end_epoch(struct job *j)
{
    struct ebb_setting *s = &j->setting;
    size_t steps = ebb_trainer_steps(j->trainer);
    double loss = j->at.loss_sum / (double)steps;
    double rate =
        ebb_schedule_rate(&s->options.schedule, s->options.optimiser.rate,
                          (unsigned)j->at.epoch, s->options.epochs);
    j->at.epoch++;
    j->at.step = 0;
    j->at.loss_sum = 0;
    struct ebb_json l = {.n = 0};
    ebb_json_count(&l, "epoch", j->at.epoch);
    ebb_json_number(&l, "rate", rate);
    ebb_json_number(&l, "train_loss", loss);
    ebb_json_count(&l, "poles_scaled", j->at.scaled);
    struct watched watched = {(double)NAN, loss};
    EBB_TRY(judge(j, &l, &watched));
    ebb_json_bool(&l, "best", is_better(j, &watched));
    ebb_json_number(&l, "seconds", ebb_seconds_now() - j->epoch_start);
    const char *line = ebb_json_end(&l);
    EBB_TRY(ebb_run_folder_curve(&j->folder, line));
    tell(j, line, loss, &watched);
    j->at.scaled = 0;
    EBB_TRY(keep_best(j, &watched));
    return save(j);
}

static ebb_status stop_here(struct job *j)
{
    EBB_TRY(save(j));
    ebb_progress_clear(&j->progress);
    return EBB_FAIL(EBB_ERR_STOPPED,
                    "stopped in epoch %llu after %llu of %zu steps; all is in "
                    "%s, and --resume goes on from there",
                    (unsigned long long)j->at.epoch + 1,
                    (unsigned long long)j->at.step,
                    ebb_trainer_steps(j->trainer), j->folder.checkpoint);
}

static ebb_status train_epoch(struct job *j)
{
    size_t steps = ebb_trainer_steps(j->trainer);
    j->epoch_start = ebb_seconds_now();
    while (j->at.step < steps) {
        if (ebb_stop_wanted()) {
            return stop_here(j);
        }
        struct ebb_train_step done = {0};
        EBB_TRY(ebb_trainer_step(j->trainer, (unsigned)j->at.epoch, j->at.step,
                                 &done));
        j->at.step++;
        j->at.loss_sum += done.loss;
        j->at.scaled += done.scaled;
        char text[80];
        snprintf(text, sizeof(text), "epoch %llu, loss %.5f",
                 (unsigned long long)j->at.epoch + 1, done.loss);
        ebb_progress_show(&j->progress, j->at.epoch * steps + j->at.step, text);
    }
    return end_epoch(j);
}

static bool is_stale(const struct job *j)
{
    unsigned patience = j->setting.experiment->training.patience;
    return patience > 0 && j->at.stale >= patience;
}

/* Judge the best network, which is no longer the one being trained. */
/* It was written by us, but lies where others may write. */
static ebb_status check_best(const struct job *j,
                             const struct ebb_network *best)
{
    const struct ebb_network *own = j->setting.experiment->network;
    bool alike = best->n_populations == own->n_populations;
    for (size_t k = 0; alike && k < own->n_populations; k++) {
        alike = best->populations[k].n == own->populations[k].n;
    }
    return alike ? EBB_OK
                 : EBB_FAIL(EBB_ERR_SHAPE,
                            "%s: its populations are not those of the "
                            "experiment; train again with --force",
                            j->folder.best);
}

static ebb_status judge_best(struct job *j)
{
    struct ebb_network *best = NULL;
    ebb_trainer_destroy(j->trainer);
    j->trainer = NULL;
    struct ebb_train_options how = j->setting.options;
    how.bf16 = false; /* as `ebb eval` would */
    EBB_TRY(ebb_network_file_read(&best, j->folder.best));
    ebb_status status = check_best(j, best);
    if (status == EBB_OK) {
        status =
            ebb_trainer_create(&j->trainer, best, &j->setting.source, &how);
    }
    if (status == EBB_OK) {
        status = ebb_trainer_evaluate(j->trainer, EBB_SPLIT_TEST, 0, &j->score);
    }
    ebb_trainer_destroy(j->trainer);
    j->trainer = NULL;
    ebb_network_destroy(best);
    return status;
}

/* What the best network is worth on the test samples, told and kept. */
static ebb_status conclude(struct job *j)
{
    size_t samples = j->setting.source.size[EBB_SPLIT_TEST];
    j->score.n = 0;
    if (samples > 0) {
        j->score.guess = ebb_mem_calloc(samples, sizeof(*j->score.guess));
        if (!j->score.guess) {
            return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu answers",
                            samples);
        }
        EBB_TRY(judge_best(j));
    }
    struct ebb_run_summary summary = {.setting = &j->setting,
                                      .at = &j->at,
                                      .data_hash = j->data_hash,
                                      .score = &j->score};
    return ebb_run_summary_write(&j->folder, &summary);
}

static void tell_best(const struct job *j)
{
    printf("the best network is in %s, from epoch %llu", j->folder.best,
           (unsigned long long)j->at.best_epoch);
    if (isfinite(j->at.best_right)) {
        printf(": validation %.1f %% right", 100 * j->at.best_right);
    }
    if (isfinite(j->at.best_right) && j->score.n > 0) {
        printf(", test %.1f %%",
               100 * (double)j->score.right / (double)j->score.n);
    }
    printf("\n");
}

static ebb_status train(struct job *j)
{
    EBB_TRY(prepare(j));
    ebb_stop_listen();
    size_t steps = ebb_trainer_steps(j->trainer);
    unsigned epochs = j->setting.options.epochs;
    j->progress =
        ebb_progress_begin(j->at.epoch * steps + j->at.step, epochs * steps);
    if (j->at.epoch < epochs && !is_stale(j)) {
        EBB_TRY(ebb_run_folder_drop_result(&j->folder));
    }
    while (j->at.epoch < epochs && !is_stale(j)) {
        EBB_TRY(train_epoch(j));
    }
    EBB_TRY(conclude(j));
    if (j->json) {
        return EBB_OK;
    }
    if (is_stale(j)) {
        printf("stopped early: no gain in %llu epochs\n",
               (unsigned long long)j->at.stale);
    }
    tell_best(j);
    return EBB_OK;
}

static int run(struct ebb_args *args)
{
    struct job j = {.args = args, .test_every = 1};
    ebb_status status = train(&j);
    ebb_mem_free(j.score.activity);
    ebb_mem_free(j.score.guess);
    ebb_mem_free(j.penalty);
    ebb_trainer_destroy(j.trainer);
    ebb_run_folder_finish(&j.folder);
    ebb_setting_finish(&j.setting);
    return ebb_args_end(args, status);
}

static const struct ebb_option options[] = {
    {"out", 'o', "FOLDER", "where the run is kept (default runs/<name>)"},
    {"resume", 0, NULL, "go on with the run in the folder, bit for bit"},
    {"force", 0, NULL, "replace the run in the folder"},
    {"epochs", 0, "N", "instead of the experiment's"},
    {"batch", 0, "N", "samples in a step, instead of the experiment's"},
    {"seed", 0, "N", "instead of the experiment's"},
    {"patterns", 0, "FILE", "these patterns instead of the experiment's"},
    {"no-kernels", 0, NULL, "kernels stay as they begin: weights learn alone"},
    {"kernels", 0, "HOW", "fixed, free or stable, instead of the experiment's"},
    {"bf16", 0, NULL, "round factors of products to bf16, sums stay float"},
    {"penalty", 0, "W", "of activity, instead of every rate_penalty"},
    {"validation", 0, "SHARE", "of the training samples; 0: learn from all"},
    {"threads", 't', "N", "0: one a processor; the result is the same"},
    {"test-every", 0, "N", "epochs between tests; 0: only after the last"},
    {"json", 0, NULL, "print each epoch as a JSON object"},
    {0}};

const struct ebb_command ebb_command_train = {
    .name = "train",
    .operands = "EXPERIMENT.yaml",
    .summary = "learn; progress bar; checkpoints",
    .text =
        "The folder gets config.yaml (a copy of the experiment), "
        "checkpoint.net.h5 (after\neach epoch and on Ctrl-C), best.net.h5, "
        "curve.jsonl (a line an epoch), figures/,\nand in the end result.json "
        "and confusion.csv: what the best network is worth on the\ntest "
        "samples, from which commit, seed and data.\n\n"
        "The best network is that of the epoch with most validation samples "
        "right, or, where\nthere are no classes, of the lowest loss; test "
        "samples decide nothing. Once all is\nchosen, --validation 0 learns "
        "from all samples, and its last network,\ncheckpoint.net.h5, is the "
        "result.\n\n"
        "--penalty W adds W times the mean activity (spikes a neuron and "
        "tick) of each\npopulation but inputs to the loss; it replaces every "
        "rate_penalty of the experiment,\n0 takes them out. --no-kernels is "
        "--kernels fixed.\n\n"
        "--bf16 is for processors with avx512_bf16 or amx; others refuse it. "
        "Weights, sums\nand membranes stay float; validation, and tests after "
        "an epoch, run in bf16, too;\nthe final test is float.\n\n"
        "--resume learns with the --seed, --kernels, --penalty and --bf16 of "
        "the run; give\nthe same --validation, --batch and --patterns "
        "again.\n\n"
        "examples:\n"
        "  ebb train experiments/associative_memory.yaml\n"
        "  ebb train experiments/associative_memory.yaml --epochs 50 --resume\n"
        "  ebb train my.yaml --seed 7 -o runs/seed7 --threads 1\n"
        "  ebb train my.yaml --patterns mine.npy -o runs/mine\n"
        "  ebb train my.yaml --no-kernels -o runs/fixed",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .run = run};
