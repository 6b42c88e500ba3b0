/* tools/cmd_grad.c - gradients from a recorded run. */
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/setting.h"

#include "io/gradients_file.h"
#include "io/network_file.h"
#include "io/trace_file.h"
#include "sim/replay.h"

#include <math.h>
#include <stdio.h>

/* A replay on its way. */
struct job {
    const struct ebb_args *args;
    struct ebb_setting setting;
    struct ebb_network *net;
    struct ebb_trace_file *trace;
    struct ebb_model_f64 *model;
    struct ebb_gradient_f64 *gradient;
    struct ebb_sample sample;
    struct ebb_arena *arena; /* of the loss kernel */
    double loss;
};

/* What the sample of the experiment wants of the output. */
static ebb_status take_sample(struct job *j)
{
    struct ebb_sample_source *source = &j->setting.source;
    size_t n = source->size[EBB_SPLIT_TEST];
    uint64_t index = 0;
    if (n == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "%s has no test samples",
                        j->args->operand[2]);
    }
    EBB_TRY(ebb_args_count(j->args, "sample", 0, n - 1, &index));
    return source->read(source->self, EBB_SPLIT_TEST, 0, index, &j->sample);
}

/* Of a run that was cut short, the loss is over what there is. */
static void cut_target(struct job *j, ebb_tick ticks)
{
    struct ebb_events *target = &j->sample.target;
    if (ticks >= ebb_trace_file_intended(j->trace)) {
        return;
    }
    while (target->n > 0 && target->at[target->n - 1].tick >= ticks) {
        target->n--;
    }
    if (!ebb_args_has(j->args, "json")) {
        printf("%s has %llu of %llu ticks: the loss is that of these\n",
               j->args->operand[1], (unsigned long long)ticks,
               (unsigned long long)ebb_trace_file_intended(j->trace));
    }
}

static ebb_status replay(struct job *j)
{
    const struct ebb_loss *loss = &j->setting.options.loss;
    struct ebb_trace trace = ebb_trace_file_trace(j->trace);
    struct ebb_kernel kernel;
    struct ebb_replay_goal goal = {.label = j->sample.label};
    cut_target(j, trace.ticks);
    if (loss->kind == EBB_LOSS_VAN_ROSSUM) {
        EBB_TRY(ebb_arena_create(&j->arena));
        EBB_TRY(ebb_kernel_expand(&kernel, j->arena, &loss->kernel, 1, 0));
        goal.kernel = &kernel;
        goal.target = &j->sample.target;
    }
    EBB_TRY(ebb_model_create_f64(&j->model, j->net, true));
    EBB_TRY(ebb_gradient_create_f64(&j->gradient, j->model));
    return ebb_error_prefix(
        ebb_replay(&j->loss, j->gradient, j->model, &trace, &goal),
        "replay of %s: ", j->args->operand[1]);
}

/* `mean_squared` is 2/N of equation (8). */
static void scale(struct job *j)
{
    const struct ebb_loss *loss = &j->setting.options.loss;
    size_t output = ebb_network_output(j->net);
    if (loss->kind != EBB_LOSS_VAN_ROSSUM || !loss->mean_squared) {
        return;
    }
    double factor = 2 / (double)j->net->populations[output].n;
    j->loss *= factor;
    for (size_t k = 0; k < j->gradient->n_all; k++) {
        j->gradient->all[k] *= factor;
    }
}

static ebb_status store(struct job *j)
{
    const char *path = ebb_args_text(j->args, "out");
    if (!path) {
        return EBB_OK;
    }
    struct ebb_gradients_of_population *populations =
        ebb_mem_calloc(j->net->n_populations, sizeof(*populations));
    struct ebb_gradients_of_projection *projections =
        ebb_mem_calloc(j->net->n_projections, sizeof(*projections));
    struct ebb_gradients all = {populations, projections, j->loss};
    ebb_status status =
        populations && projections
            ? EBB_OK
            : EBB_FAIL(EBB_ERR_NOMEM, "no memory for gradients");
    for (size_t k = 0; status == EBB_OK && k < j->net->n_populations; k++) {
        const struct ebb_gradient_population_f64 *g =
            &j->gradient->populations[k];
        populations[k] = (struct ebb_gradients_of_population){
            g->d_bias, g->d_lambda, g->d_theta, g->d_v_th};
    }
    for (size_t k = 0; status == EBB_OK && k < j->net->n_projections; k++) {
        const struct ebb_gradient_projection_f64 *g =
            &j->gradient->projections[k];
        projections[k] = (struct ebb_gradients_of_projection){
            g->d_weight, g->d_alpha, g->d_beta};
    }
    if (status == EBB_OK) {
        status = ebb_gradients_file_write(path, j->net, &all);
    }
    ebb_mem_free(populations);
    ebb_mem_free(projections);
    return status;
}

static ebb_status work(struct job *j)
{
    const char *network = j->args->operand[0];
    EBB_TRY(ebb_setting_init(&j->setting, j->args->operand[2],
                             ebb_args_text(j->args, "patterns")));
    EBB_TRY(ebb_network_file_read(&j->net, network));
    EBB_TRY(ebb_setting_check(&j->setting, j->net, network));
    EBB_TRY(take_sample(j));
    EBB_TRY(ebb_trace_file_open(&j->trace, j->args->operand[1], j->net));
    EBB_TRY(replay(j));
    scale(j);
    return store(j);
}

static double norm(const double *g, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        sum += g[k] * g[k];
    }
    return sqrt(sum);
}

static void tell_projection(const struct job *j, size_t index)
{
    const struct ebb_projection *p = &j->net->projections[index];
    const struct ebb_gradient_projection_f64 *g =
        &j->gradient->projections[index];
    size_t axons = j->net->populations[p->source].n;
    double weight = norm(g->d_weight, p->synapses);
    double alpha = norm(g->d_alpha, p->kernel.order_p * axons);
    double beta = norm(g->d_beta, (p->kernel.order_q + 1) * axons);
    if (ebb_args_has(j->args, "json")) {
        struct ebb_json out = {.n = 0};
        ebb_json_text(&out, "projection", p->name);
        ebb_json_number(&out, "weight", weight);
        ebb_json_number(&out, "alpha", alpha);
        ebb_json_number(&out, "beta", beta);
        ebb_json_print(&out);
        return;
    }
    printf("  %-20s %12.5g %12.5g %12.5g\n", p->name, weight, alpha, beta);
}

static void tell(const struct job *j)
{
    if (ebb_args_has(j->args, "json")) {
        struct ebb_json out = {.n = 0};
        ebb_json_text(&out, "trace", j->args->operand[1]);
        ebb_json_number(&out, "loss", j->loss);
        ebb_json_print(&out);
    } else {
        printf("loss %.6f; lengths of the gradients by\n", j->loss);
        printf("  %-20s %12s %12s %12s\n", "projection", "weight", "alpha",
               "beta");
    }
    for (size_t k = 0; k < j->net->n_projections; k++) {
        tell_projection(j, k);
    }
}

static int run(struct ebb_args *args)
{
    struct job j = {.args = args};
    ebb_status status = work(&j);
    if (status == EBB_OK) {
        tell(&j);
    }
    ebb_gradient_destroy_f64(j.gradient);
    ebb_model_destroy_f64(j.model);
    ebb_arena_destroy(j.arena);
    ebb_trace_file_close(j.trace);
    ebb_events_finish(&j.sample.input);
    ebb_events_finish(&j.sample.target);
    ebb_network_destroy(j.net);
    ebb_setting_finish(&j.setting);
    return ebb_args_end(args, status);
}

static const struct ebb_option options[] = {
    {"sample", 0, "K", "which test sample was run (0)"},
    {"patterns", 0, "FILE", "these patterns instead of the experiment's"},
    {"out", 'o', "FILE", "write the gradients (NAME.grad.h5)"},
    {"json", 0, NULL, "print JSON objects"},
    {0}};

const struct ebb_command ebb_command_grad = {
    .name = "grad",
    .operands = "NETWORK TRACE EXPERIMENT.yaml",
    .summary = "offline BPTT over a recorded trace -> gradients",
    .text = "Replays a run that recorded V of every neuron at every tick. The "
            "experiment gives the\nloss, and the target of the test sample "
            "that was run.\n\n"
            "examples:\n"
            "  ebb run best.net.h5 experiments/demo.yaml --sample 12 --record "
            "all -o a.trace.h5\n"
            "  ebb grad best.net.h5 a.trace.h5 experiments/demo.yaml --sample "
            "12 -o a.grad.h5",
    .operands_min = 3,
    .operands_max = 3,
    .options = options,
    .run = run};
