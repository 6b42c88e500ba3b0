/* io/experiment_training.c - the training of an experiment. */
#include "io/experiment_parts.h"

#include "core/nearest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static ebb_status take_optimiser(struct ebb_training *t,
                                 const struct ebb_place *p,
                                 const struct ebb_doc_optimiser *doc)
{
    static const char *const kinds[] = {"sgd", "adam", "adamw"};
    size_t kind = EBB_TRAINING_ADAMW;
    EBB_TRY(ebb_take_word(p, "kind", doc->kind, kinds, 3, &kind));
    bool adam = kind != EBB_TRAINING_SGD;
    if (adam && doc->momentum) {
        return ebb_place_fail(p, "momentum", doc->momentum,
                              "only kind: sgd has it");
    }
    if (!adam && (doc->beta1 || doc->beta2 || doc->epsilon)) {
        return ebb_place_fail(p, "kind", doc->kind,
                              "beta1, beta2 and epsilon belong to adam and "
                              "adamw");
    }
    switch (kind) {
    case EBB_TRAINING_SGD:
        t->optimiser = EBB_TRAINING_SGD;
        t->weight_decay = 0;
        break;
    case EBB_TRAINING_ADAM:
        t->optimiser = EBB_TRAINING_ADAM;
        t->weight_decay = 0;
        break;
    default:
        t->optimiser = EBB_TRAINING_ADAMW;
        break;
    }
    EBB_TRY(ebb_take_number(p, "rate", doc->rate, 1e-12, 1e3, &t->rate));
    EBB_TRY(ebb_take_number(p, "momentum", doc->momentum, 0, 0.999999,
                            &t->momentum));
    EBB_TRY(ebb_take_number(p, "beta1", doc->beta1, 0, 0.999999, &t->beta1));
    EBB_TRY(ebb_take_number(p, "beta2", doc->beta2, 0, 0.9999999, &t->beta2));
    EBB_TRY(ebb_take_number(p, "epsilon", doc->epsilon, 1e-30, 1, &t->epsilon));
    return ebb_take_number(p, "weight_decay", doc->weight_decay, 0, 1e3,
                           &t->weight_decay);
}

static ebb_status take_milestones(struct ebb_training *t,
                                  const struct ebb_place *p,
                                  const struct ebb_doc_list *list)
{
    enum { MOST = sizeof(t->milestones) / sizeof(t->milestones[0]) };
    if (list->n > MOST) {
        return ebb_place_fail(p, "milestones", NULL, "%u are too many (%d)",
                              list->n, MOST);
    }
    uint64_t last = 0;
    for (unsigned k = 0; k < list->n; k++) {
        char field[32];
        snprintf(field, sizeof(field), "milestones[%u]", k);
        EBB_TRY(
            ebb_take_count(p, field, list->item[k], last + 1, 1000000, &last));
        t->milestones[k] = (unsigned)last;
    }
    t->n_milestones = list->n;
    return EBB_OK;
}

static ebb_status take_schedule(struct ebb_training *t,
                                const struct ebb_place *p,
                                const struct ebb_doc_schedule *doc)
{
    static const char *const kinds[] = {"constant", "step", "cosine"};
    size_t kind = 0;
    EBB_TRY(ebb_take_word(p, "kind", doc->kind, kinds, 3, &kind));
    t->schedule = kind == 2   ? EBB_TRAINING_COSINE
                  : kind == 1 ? EBB_TRAINING_STEP
                              : EBB_TRAINING_CONSTANT;
    if (kind == 1 && doc->milestones.n == 0) {
        return ebb_place_fail(p, "kind", doc->kind,
                              "it needs milestones: [epochs]");
    }
    if (kind != 1 && doc->milestones.n > 0) {
        return ebb_place_fail(p, "milestones", NULL, "they need kind: step");
    }
    t->gamma = kind == 1 ? 0.1 : 0;
    uint64_t warmup = 0;
    EBB_TRY(ebb_take_number(p, "gamma", doc->gamma, 0, 1, &t->gamma));
    EBB_TRY(ebb_take_count(p, "warmup", doc->warmup, 0, 1000000, &warmup));
    t->warmup = (unsigned)warmup;
    return take_milestones(t, p, &doc->milestones);
}

static ebb_status take_loss(struct ebb_training *t, double tick_s,
                            const struct ebb_place *p,
                            const struct ebb_doc_loss *doc)
{
    static const char *const kinds[] = {"rate", "van_rossum"};
    size_t kind = 0;
    EBB_TRY(ebb_take_word(p, "kind", doc->kind, kinds, 2, &kind));
    t->loss = kind ? EBB_EXPERIMENT_VAN_ROSSUM : EBB_EXPERIMENT_RATE;
    if (!kind && (doc->kernel || doc->mean_squared)) {
        return ebb_place_fail(p, "kind", doc->kind,
                              "kernel and mean_squared belong to van_rossum");
    }
    EBB_TRY(
        ebb_take_bool(p, "mean_squared", doc->mean_squared, &t->mean_squared));
    if (!kind) {
        return EBB_OK;
    }
    if (!doc->kernel) {
        return ebb_place_fail(p, "kind", doc->kind, "it needs a kernel");
    }
    struct ebb_place in = ebb_place_in(p, "kernel");
    if (strcmp(doc->kernel->shape, "iir") == 0 || doc->kernel->per_axon) {
        return ebb_place_fail(&in, "shape", doc->kernel->shape,
                              "the loss takes a named kernel, the same for "
                              "all trains");
    }
    EBB_TRY(ebb_experiment_take_kernel_spec(&t->loss_kernel, &in, doc->kernel));
    if (t->loss_kernel.seconds) {
        if (!(tick_s > 0)) {
            return ebb_place_fail(&in, NULL, NULL,
                                  "a time in seconds needs network.tick");
        }
        t->loss_kernel.tau_m /= tick_s;
        t->loss_kernel.tau_s /= tick_s;
        t->loss_kernel.seconds = false;
    }
    return EBB_OK;
}

static ebb_status take_learn(struct ebb_training *t, const struct ebb_place *p,
                             const struct ebb_doc_learn *doc)
{
    static const char *const kernels[] = {"fixed", "free", "stable"};
    size_t k = 1;
    EBB_TRY(ebb_take_word(p, "kernels", doc->kernels, kernels, 3, &k));
    t->kernels = k == 0   ? EBB_TRAINING_FIXED
                 : k == 1 ? EBB_TRAINING_FREE
                          : EBB_TRAINING_STABLE;
    EBB_TRY(ebb_take_bool(p, "bias", doc->bias, &t->learn_bias));
    EBB_TRY(ebb_take_bool(p, "lambda", doc->lambda, &t->learn_lambda));
    EBB_TRY(ebb_take_bool(p, "theta", doc->theta, &t->learn_theta));
    return ebb_take_bool(p, "v_th", doc->v_th, &t->learn_v_th);
}

/* Keep a population from firing more than it should. */
static ebb_status take_activity(struct ebb_training *t,
                                const struct ebb_place *outer,
                                const struct ebb_doc_activity *doc,
                                size_t population)
{
    struct ebb_place p = ebb_place_in(outer, "activity");
    double target = 0, weight = 0;
    EBB_TRY(ebb_take_number(&p, "target", doc->target, 0, 1, &target));
    EBB_TRY(ebb_take_number(&p, "weight", doc->weight, 0, 1e9, &weight));
    t->limit[population] = target;
    t->excess[population] = weight;
    t->any_excess = t->any_excess || weight > 0;
    return EBB_OK;
}

/* For all populations between input and output. */
static ebb_status take_hidden_activity(struct ebb_experiment *e,
                                       const struct ebb_place *p,
                                       const struct ebb_doc_activity *doc)
{
    size_t output = ebb_network_output(e->network);
    for (size_t k = 0; doc && k < e->network->n_populations; k++) {
        if (k != output && !e->network->populations[k].input) {
            EBB_TRY(take_activity(&e->training, p, doc, k));
        }
    }
    return EBB_OK;
}

static ebb_status take_layer(struct ebb_experiment *e,
                             const struct ebb_place *p,
                             const struct ebb_doc_layer *doc)
{
    const struct ebb_network *net = e->network;
    struct ebb_training *t = &e->training;
    size_t k = ebb_network_find_population(net, doc->name);
    if (k == net->n_populations) {
        const char *near = ebb_nearest(
            doc->name, (const char *const *)&net->populations[0].name,
            net->n_populations, sizeof(net->populations[0]));
        return ebb_place_fail(
            p, "name", doc->name, "no population has this name%s%s%s",
            near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    EBB_TRY(
        ebb_take_number(p, "dropout", doc->dropout, 0, 0.99, &t->dropout[k]));
    EBB_TRY(ebb_take_number(p, "rate_penalty", doc->rate_penalty, 0, 1e6,
                            &t->penalty[k]));
    t->any_dropout = t->any_dropout || t->dropout[k] > 0;
    t->any_penalty = t->any_penalty || t->penalty[k] > 0;
    return doc->activity ? take_activity(t, p, doc->activity, k) : EBB_OK;
}

static ebb_status take_early_stop(struct ebb_training *t,
                                  const struct ebb_place *p,
                                  const struct ebb_doc_early_stop *doc)
{
    uint64_t patience = 0;
    EBB_TRY(
        ebb_take_count(p, "patience", doc->patience, 1, 1000000, &patience));
    t->patience = (unsigned)patience;
    return ebb_take_number(p, "min_change", doc->min_change, 0, 1e6,
                           &t->min_change);
}

static ebb_status take_parts(struct ebb_experiment *e,
                             const struct ebb_place *p,
                             const struct ebb_doc_training *doc)
{
    struct ebb_training *t = &e->training;
    struct ebb_place in = ebb_place_in(p, "loss");
    EBB_TRY(take_loss(t, e->network->tick_s, &in, doc->loss));
    if (doc->optimiser) {
        in = ebb_place_in(p, "optimiser");
        EBB_TRY(take_optimiser(t, &in, doc->optimiser));
    }
    if (doc->schedule) {
        in = ebb_place_in(p, "schedule");
        EBB_TRY(take_schedule(t, &in, doc->schedule));
    }
    if (doc->learn) {
        in = ebb_place_in(p, "learn");
        EBB_TRY(take_learn(t, &in, doc->learn));
    }
    EBB_TRY(take_hidden_activity(e, p, doc->activity));
    for (unsigned k = 0; k < doc->n_layers; k++) {
        in = ebb_place_at(p, "layers", k);
        EBB_TRY(take_layer(e, &in, &doc->layers[k]));
    }
    if (doc->early_stop) {
        in = ebb_place_in(p, "early_stop");
        EBB_TRY(take_early_stop(t, &in, doc->early_stop));
    }
    return EBB_OK;
}

ebb_status ebb_experiment_take_training(struct ebb_experiment *e,
                                        const struct ebb_place *p,
                                        const struct ebb_doc_training *doc)
{
    struct ebb_training *t = &e->training;
    *t = (struct ebb_training){.optimiser = EBB_TRAINING_ADAMW,
                               .rate = 1e-3,
                               .beta1 = 0.9,
                               .beta2 = 0.999,
                               .epsilon = 1e-8,
                               .weight_decay = 0.01,
                               .kernels = EBB_TRAINING_FREE,
                               .learn_bias = true};
    size_t n = e->network->n_populations;
    t->dropout = ebb_mem_calloc(n, sizeof(*t->dropout));
    t->penalty = ebb_mem_calloc(n, sizeof(*t->penalty));
    t->limit = ebb_mem_calloc(n, sizeof(*t->limit));
    t->excess = ebb_mem_calloc(n, sizeof(*t->excess));
    if (!t->dropout || !t->penalty || !t->limit || !t->excess) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu populations", n);
    }
    uint64_t epochs = 0, batch = 64, threads = 0;
    EBB_TRY(ebb_take_count(p, "epochs", doc->epochs, 1, 1000000, &epochs));
    EBB_TRY(ebb_take_count(p, "batch", doc->batch, 1, 1000000, &batch));
    EBB_TRY(ebb_take_count(p, "threads", doc->threads, 0, 1024, &threads));
    t->epochs = (unsigned)epochs;
    t->batch = batch;
    t->threads = (unsigned)threads;
    EBB_TRY(take_parts(e, p, doc));
    if (e->data != EBB_DATA_DATASET && batch > e->cues.train) {
        return ebb_place_fail(p, "batch", doc->batch,
                              "it is larger than the %zu training samples of "
                              "an epoch (data.train)",
                              e->cues.train);
    }
    if (t->patience && e->data != EBB_DATA_DATASET && e->cues.validation == 0) {
        return ebb_place_fail(p, "early_stop", NULL,
                              "it watches validation samples; give "
                              "data.validation");
    }
    return EBB_OK;
}
