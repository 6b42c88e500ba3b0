/* tools/setting.c - an experiment made ready. */
#include "tools/setting.h"

#include "io/dataset_file.h"
#include "io/patterns_file.h"

#include <math.h>
#include <string.h>

static struct ebb_optimiser optimiser_of(const struct ebb_training *t)
{
    static const enum ebb_optimiser_kind kinds[] = {
        [EBB_TRAINING_SGD] = EBB_SGD,
        [EBB_TRAINING_ADAM] = EBB_ADAM,
        [EBB_TRAINING_ADAMW] = EBB_ADAMW};
    return (struct ebb_optimiser){.kind = kinds[t->optimiser],
                                  .rate = t->rate,
                                  .momentum = t->momentum,
                                  .beta1 = t->beta1,
                                  .beta2 = t->beta2,
                                  .epsilon = t->epsilon,
                                  .weight_decay = t->weight_decay};
}

static struct ebb_schedule schedule_of(const struct ebb_training *t)
{
    static const enum ebb_schedule_kind kinds[] = {
        [EBB_TRAINING_CONSTANT] = EBB_SCHEDULE_CONSTANT,
        [EBB_TRAINING_STEP] = EBB_SCHEDULE_STEP,
        [EBB_TRAINING_COSINE] = EBB_SCHEDULE_COSINE};
    struct ebb_schedule s = {.kind = kinds[t->schedule],
                             .n_milestones = t->n_milestones,
                             .gamma = t->gamma,
                             .warmup = t->warmup};
    _Static_assert(sizeof(s.milestones) == sizeof(t->milestones),
                   "an experiment has as many milestones as a schedule");
    memcpy(s.milestones, t->milestones, sizeof(s.milestones));
    return s;
}

static struct ebb_learn learn_of(const struct ebb_training *t)
{
    static const enum ebb_kernel_learning kernels[] = {
        [EBB_TRAINING_FIXED] = EBB_KERNELS_FIXED,
        [EBB_TRAINING_FREE] = EBB_KERNELS_FREE,
        [EBB_TRAINING_STABLE] = EBB_KERNELS_STABLE};
    return (struct ebb_learn){.kernels = kernels[t->kernels],
                              .bias = t->learn_bias,
                              .lambda = t->learn_lambda,
                              .theta = t->learn_theta,
                              .v_th = t->learn_v_th};
}

static struct ebb_train_options options_of(const struct ebb_experiment *e)
{
    const struct ebb_training *t = &e->training;
    return (struct ebb_train_options){
        .epochs = t->epochs,
        .batch = t->batch,
        .loss = {.kind = t->loss == EBB_EXPERIMENT_RATE ? EBB_LOSS_RATE
                                                        : EBB_LOSS_VAN_ROSSUM,
                 .kernel = t->loss_kernel,
                 .mean_squared = t->mean_squared},
        .optimiser = optimiser_of(t),
        .schedule = schedule_of(t),
        .learn = learn_of(t),
        .dropout = t->any_dropout ? t->dropout : NULL,
        .penalty = t->any_penalty ? t->penalty : NULL,
        .limit = t->limit,
        .excess = t->any_excess ? t->excess : NULL,
        .target_delay = e->cues.target_delay,
        .seed = e->seed,
        .threads = t->threads};
}

static void forget_training(struct ebb_setting *s)
{
    ebb_augmented_destroy(s->augmented);
    ebb_held_out_destroy(s->held_out);
    s->augmented = NULL;
    s->held_out = NULL;
}

/* Ticks of a network without a length of its own are those of the data. */
static ebb_status settle_tick(struct ebb_setting *s)
{
    struct ebb_network *net = s->experiment->network;
    double own = net->tick_s, data = ebb_dataset_tick(s->dataset);
    if (!(data > 0) || fabs(own - data) <= 1e-9 * data) {
        return EBB_OK;
    }
    return own > 0 ? EBB_FAIL(EBB_ERR_ARG,
                              "ticks of %s are %g s long, the network's %g s: "
                              "change network.tick, or make the data set "
                              "with another --tick",
                              s->experiment->data_file, data, own)
                   : ebb_network_set_tick(net, data);
}

/* The samples of a data set, some held out, the rest altered. */
static ebb_status settle_training(struct ebb_setting *s)
{
    const struct ebb_experiment *e = s->experiment;
    const struct ebb_network *net = e->network;
    size_t input = ebb_network_input(net);
    forget_training(s);
    EBB_TRY(settle_tick(s));
    s->source = ebb_dataset_source(s->dataset);
    if (e->validation_share > 0) {
        EBB_TRY(ebb_held_out_create(&s->held_out, &s->source,
                                    e->validation_share, e->validation_seed));
        s->source = ebb_held_out_source(s->held_out);
    }
    if (ebb_augment_any(&e->augment) && input < net->n_populations) {
        EBB_TRY(ebb_augmented_create(&s->augmented, &s->source,
                                     net->populations[input].grid, &e->augment,
                                     e->seed));
        s->source = ebb_augmented_source(s->augmented);
    }
    return EBB_OK;
}

static ebb_status open_data(struct ebb_setting *s, const char *patterns)
{
    struct ebb_experiment *e = s->experiment;
    if (e->data == EBB_DATA_DATASET && patterns) {
        return EBB_FAIL(
            EBB_ERR_ARG,
            "the experiment learns from a data set (%s); --patterns "
            "%s is for those that draw cues from patterns",
            e->data_file, patterns);
    }
    s->data_file = patterns ? patterns : e->data_file;
    if (e->data == EBB_DATA_DATASET) {
        EBB_TRY(ebb_dataset_read(&s->dataset, e->data_file));
        return settle_training(s);
    }
    EBB_TRY(e->data == EBB_DATA_DRAWINGS && !patterns
                ? ebb_patterns_draw(&s->patterns, &e->drawings)
                : ebb_patterns_read(&s->patterns, s->data_file));
    EBB_TRY(ebb_cues_create(&s->cues, &s->patterns, &e->cues));
    s->source = ebb_cues_source(s->cues);
    return EBB_OK;
}

ebb_status ebb_setting_check(const struct ebb_setting *s,
                             const struct ebb_network *net,
                             const char *network_name)
{
    size_t input = ebb_network_input(net);
    size_t output = ebb_network_output(net);
    size_t channels =
        input < net->n_populations ? net->populations[input].n : 0;
    if (channels != s->source.inputs) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "%s takes %zu input channels, but the data of %s has "
                        "%zu; set the size of its input population to %zu",
                        network_name, channels, s->experiment->path,
                        s->source.inputs, s->source.inputs);
    }
    bool trains = s->options.loss.kind == EBB_LOSS_VAN_ROSSUM;
    size_t wanted = trains ? s->source.outputs : s->source.classes;
    size_t outputs = net->populations[output].n;
    if (trains ? outputs != wanted : outputs < wanted) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "%s answers with %zu neurons, but the data of %s has "
                        "%zu %s; set the size of '%s' to %zu",
                        network_name, outputs, s->experiment->path, wanted,
                        trains ? "output trains" : "classes",
                        net->populations[output].name, wanted);
    }
    return EBB_OK;
}

ebb_status ebb_setting_init(struct ebb_setting *s, const char *path,
                            const char *patterns)
{
    *s = (struct ebb_setting){0};
    EBB_TRY(ebb_experiment_read(&s->experiment, path));
    s->options = options_of(s->experiment);
    EBB_TRY(ebb_error_prefix(open_data(s, patterns), "%s: data: ", path));
    return ebb_setting_check(s, s->experiment->network, path);
}

ebb_status ebb_setting_init_from(struct ebb_setting *s, const char *path,
                                 const struct ebb_sample_source *source)
{
    *s = (struct ebb_setting){.source = *source};
    EBB_TRY(ebb_experiment_read(&s->experiment, path));
    s->options = options_of(s->experiment);
    return ebb_setting_check(s, s->experiment->network, path);
}

ebb_status ebb_setting_hold_out(struct ebb_setting *s, double share)
{
    if (!s->dataset) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s draws its samples; --validation holds out a part "
                        "of a data set",
                        s->experiment->path);
    }
    s->experiment->validation_share = share;
    return settle_training(s);
}

ebb_status ebb_setting_redraw(struct ebb_setting *s)
{
    if (!s->cues) {
        return s->dataset ? settle_training(s) : EBB_OK;
    }
    struct ebb_cues *cues = NULL;
    EBB_TRY(ebb_cues_create(&cues, &s->patterns, &s->experiment->cues));
    ebb_cues_destroy(s->cues);
    s->cues = cues;
    s->source = ebb_cues_source(cues);
    return EBB_OK;
}

ebb_status ebb_setting_seed(struct ebb_setting *s, uint64_t seed)
{
    EBB_TRY(ebb_experiment_seed(s->experiment, seed));
    s->options.seed = seed;
    return ebb_setting_redraw(s);
}

bool ebb_setting_has_classes(const struct ebb_setting *s)
{
    return s->options.loss.kind == EBB_LOSS_RATE || s->source.prototype != NULL;
}

void ebb_setting_finish(struct ebb_setting *s)
{
    ebb_cues_destroy(s->cues);
    forget_training(s);
    ebb_dataset_destroy(s->dataset);
    ebb_patterns_finish(&s->patterns);
    ebb_experiment_destroy(s->experiment);
    *s = (struct ebb_setting){0};
}
