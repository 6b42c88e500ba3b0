/* io/experiment_network.c - the network of an experiment. */
#include "io/experiment_parts.h"

#include "core/nearest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LIST_MAX = 4096 };

static const double any = 1e300;

/* λ or θ: a number, or a time constant from which it follows. */
static ebb_status take_decay(struct ebb_network *net, struct ebb_values *decay,
                             struct ebb_values *tau, const struct ebb_place *p,
                             const char *name, const char *number,
                             const char *time)
{
    char field[16];
    snprintf(field, sizeof(field), "tau_%s", name);
    if (number && time) {
        return ebb_place_fail(p, field, time, "give %s or %s, not both", name,
                              field);
    }
    EBB_TRY(ebb_take_number(p, name, number, 0, 1, &decay->v[0]));
    if (number) {
        tau->n = 0; /* a default in time units is overruled */
    }
    if (!time) {
        return EBB_OK;
    }
    struct ebb_duration d = {0};
    EBB_TRY(ebb_take_duration(p, field, time, false, &d));
    if (d.seconds && !(net->tick_s > 0)) {
        return ebb_place_fail(p, field, time,
                              "a time in seconds needs the length of a tick; "
                              "give network.tick");
    }
    decay->v[0] = exp(-(d.seconds ? net->tick_s : 1) / d.value);
    tau->n = 0;
    if (d.seconds) {
        EBB_TRY(ebb_network_values(net, tau, 1));
        tau->v[0] = d.value;
    }
    return EBB_OK;
}

static ebb_status take_reset(struct ebb_network *net, struct ebb_population *to,
                             const struct ebb_place *p,
                             const struct ebb_doc_neuron *doc)
{
    static const char *const resets[] = {"filter", "hybrid"};
    size_t reset = (size_t)to->reset;
    EBB_TRY(ebb_take_word(p, "reset", doc->reset, resets, 2, &reset));
    to->reset = reset ? EBB_RESET_HYBRID : EBB_RESET_FILTER;
    EBB_TRY(ebb_take_number(p, "v_reset", doc->v_reset, -any, any,
                            &to->v_reset.v[0]));
    EBB_TRY(ebb_take_ticks(p, "refractory", doc->refractory, net->tick_s,
                           &to->refractory_ticks, &to->refractory_s));
    if (doc->v_reset && !reset) {
        return ebb_place_fail(p, "v_reset", doc->v_reset,
                              "it needs reset: hybrid");
    }
    if (doc->refractory && !reset) {
        return ebb_place_fail(p, "refractory", doc->refractory,
                              "it needs reset: hybrid");
    }
    if (reset && !(to->v_reset.v[0] < to->v_th.v[0])) {
        return ebb_place_fail(p, doc->v_reset ? "v_reset" : "v_th", NULL,
                              "v_reset = %g is not below the threshold v_th "
                              "= %g",
                              to->v_reset.v[0], to->v_th.v[0]);
    }
    return EBB_OK;
}

static ebb_status take_neuron(struct ebb_network *net,
                              struct ebb_population *to, bool *bias_drawn,
                              const struct ebb_place *p,
                              const struct ebb_doc_neuron *doc)
{
    EBB_TRY(take_decay(net, &to->lambda, &to->tau_lambda, p, "lambda",
                       doc->lambda, doc->tau_lambda));
    EBB_TRY(take_decay(net, &to->theta, &to->tau_theta, p, "theta", doc->theta,
                       doc->tau_theta));
    EBB_TRY(ebb_take_number(p, "v_th", doc->v_th, -any, any, &to->v_th.v[0]));
    EBB_TRY(ebb_take_number(p, "v0", doc->v0, -any, any, &to->v0.v[0]));
    EBB_TRY(ebb_take_number(p, "sigma", doc->sigma, 1e-6, 1e6, &to->sigma));
    if (doc->bias && strcmp(doc->bias, "random") == 0) {
        *bias_drawn = true;
    } else if (doc->bias) {
        *bias_drawn = false;
        EBB_TRY(
            ebb_take_number(p, "bias", doc->bias, -any, any, &to->bias.v[0]));
    }
    return take_reset(net, to, p, doc);
}

/* Where projections are listed, they tell how a population is fed. */
static ebb_status check_fed(const struct ebb_place *p,
                            const struct ebb_doc_network *doc, size_t k)
{
    const struct ebb_doc_space *space = &doc->populations[k].space;
    const char *field = space->conv ? "conv" : "pool";
    if (!space->conv && !space->pool) {
        return EBB_OK;
    }
    if (doc->n_projections > 0) {
        return ebb_place_fail(p, field, NULL,
                              "with a list of projections it belongs there; "
                              "here give the shape");
    }
    return k > 0 ? EBB_OK
                 : ebb_place_fail(p, field, NULL,
                                  "there is no population before it");
}

/* Where population k stands in the file. */
static struct ebb_place place_of(const struct ebb_place *network,
                                 const struct ebb_doc_network *doc, size_t k)
{
    char field[100];
    if (!doc->written) {
        return ebb_place_at(network, "populations", k);
    }
    snprintf(field, sizeof(field), "layers[%s]", doc->written[k]);
    return ebb_place_in(network, field);
}

static ebb_status take_population(struct ebb_experiment *e,
                                  const struct ebb_place *network,
                                  const struct ebb_doc_network *doc, size_t k)
{
    const struct ebb_doc_population *from = &doc->populations[k];
    struct ebb_place p = place_of(network, doc, k);
    struct ebb_network *net = e->network;
    struct ebb_grid grid;
    bool input = false;
    EBB_TRY(check_fed(&p, doc, k));
    EBB_TRY(ebb_experiment_take_grid(&grid, net, &p, from));
    EBB_TRY(ebb_take_bool(&p, "input", from->input, &input));
    size_t index = 0;
    ebb_status status = ebb_network_add_population(
        net, from->name, ebb_grid_size(grid), input, &index);
    if (status == EBB_ERR_ARG) {
        char why[300];
        snprintf(why, sizeof(why), "%s", ebb_error_message());
        return ebb_place_fail(&p, "name", from->name, "%s", why);
    }
    EBB_TRY(status);
    EBB_TRY(ebb_network_set_grid(net, index, grid));
    if (input) {
        return EBB_OK;
    }
    struct ebb_population *to = &net->populations[index];
    e->bias_drawn[index] = true;
    if (doc->neurons) {
        struct ebb_place all = ebb_place_in(network, "neurons");
        EBB_TRY(
            take_neuron(net, to, &e->bias_drawn[index], &all, doc->neurons));
    }
    EBB_TRY(take_neuron(net, to, &e->bias_drawn[index], &p, &from->neuron));
    double bias = to->bias.v[0]; /* each neuron or channel learns its own */
    EBB_TRY(ebb_network_values(net, &to->bias, grid.channels));
    for (size_t i = 0; i < grid.channels; i++) {
        to->bias.v[i] = bias;
    }
    return EBB_OK;
}

static ebb_status need(const struct ebb_place *p, const char *shape,
                       const char *field, const char *text, bool wanted)
{
    if (wanted && !text) {
        return ebb_place_fail(p, "shape", shape, "it needs the field '%s'",
                              field);
    }
    if (!wanted && text) {
        return ebb_place_fail(p, field, text, "a kernel %s has no such field",
                              shape);
    }
    return EBB_OK;
}

static const char *const shapes[] = {"none", "exponential", "alpha",
                                     "dual_exponential", "iir"};

ebb_status ebb_experiment_take_kernel_spec(struct ebb_kernel_spec *out,
                                           const struct ebb_place *p,
                                           const struct ebb_doc_kernel *doc)
{
    size_t shape = 0;
    EBB_TRY(ebb_take_word(p, "shape", doc->shape, shapes, 5, &shape));
    *out = (struct ebb_kernel_spec){.shape = EBB_KERNEL_NONE, .input_lag = 1};
    (void)ebb_kernel_shape_find(doc->shape, &out->shape);
    bool dual = out->shape == EBB_KERNEL_DUAL_EXPONENTIAL;
    bool single =
        out->shape == EBB_KERNEL_ALPHA || out->shape == EBB_KERNEL_EXPONENTIAL;
    EBB_TRY(need(p, doc->shape, "tau", doc->tau, single));
    EBB_TRY(need(p, doc->shape, "tau_m", doc->tau_m, dual));
    EBB_TRY(need(p, doc->shape, "tau_s", doc->tau_s, dual));
    if (!dual) {
        EBB_TRY(need(p, doc->shape, "input_lag", doc->input_lag, false));
        EBB_TRY(need(p, doc->shape, "normalised", doc->normalised, false));
    }
    struct ebb_duration slow = {0}, fast = {0};
    EBB_TRY(ebb_take_duration(p, "tau", doc->tau, false, &slow));
    EBB_TRY(ebb_take_duration(p, "tau_m", doc->tau_m, false, &slow));
    EBB_TRY(ebb_take_duration(p, "tau_s", doc->tau_s, false, &fast));
    if (dual && slow.seconds != fast.seconds) {
        return ebb_place_fail(p, "tau_s", doc->tau_s,
                              "tau_m and tau_s must both have a unit or both "
                              "be ticks");
    }
    if (dual && !(fast.value < slow.value)) {
        return ebb_place_fail(p, "tau_s", doc->tau_s,
                              "it must be below tau_m = %s (equal ones are "
                              "shape: alpha)",
                              doc->tau_m);
    }
    uint64_t lag = 1;
    EBB_TRY(ebb_take_count(p, "input_lag", doc->input_lag, 0, 1, &lag));
    EBB_TRY(ebb_take_bool(p, "normalised", doc->normalised, &out->normalised));
    out->tau_m = slow.value;
    out->tau_s = fast.value;
    out->seconds = slow.seconds;
    out->input_lag = (int)lag;
    return EBB_OK;
}

static ebb_status take_taps(const struct ebb_place *p, const char *field,
                            const struct ebb_doc_list *list, double *to,
                            size_t columns)
{
    for (unsigned k = 0; k < list->n; k++) {
        char name[40];
        snprintf(name, sizeof(name), "%s[%u]", field, k);
        double x = 0;
        EBB_TRY(ebb_take_number(p, name, list->item[k], -any, any, &x));
        for (size_t j = 0; j < columns; j++) {
            to[k * columns + j] = x;
        }
    }
    return EBB_OK;
}

static ebb_status take_iir(struct ebb_kernel *k, struct ebb_arena *arena,
                           const struct ebb_place *p,
                           const struct ebb_doc_kernel *doc, size_t columns)
{
    const char *const others[] = {doc->tau, doc->tau_m, doc->tau_s,
                                  doc->input_lag, doc->normalised};
    const char *const names[] = {"tau", "tau_m", "tau_s", "input_lag",
                                 "normalised"};
    for (size_t i = 0; i < 5; i++) {
        EBB_TRY(need(p, "iir", names[i], others[i], false));
    }
    if (doc->beta.n == 0) {
        return ebb_place_fail(p, "shape", doc->shape,
                              "it needs beta: [β_0, …] and may have alpha");
    }
    if (doc->alpha.n > LIST_MAX || doc->beta.n > EBB_KERNEL_ORDER_Q_MAX) {
        return ebb_place_fail(p, "beta", NULL, "%u taps are too many",
                              doc->beta.n);
    }
    EBB_TRY(ebb_kernel_alloc(k, arena, doc->alpha.n, doc->beta.n - 1, columns));
    k->spec.shape = EBB_KERNEL_IIR;
    EBB_TRY(take_taps(p, "alpha", &doc->alpha, k->alpha, columns));
    return take_taps(p, "beta", &doc->beta, k->beta, columns);
}

static ebb_status take_kernel(struct ebb_network *net, size_t projection,
                              const struct ebb_place *p,
                              const struct ebb_doc_kernel *doc)
{
    struct ebb_projection *to = &net->projections[projection];
    bool per_axon = false;
    EBB_TRY(ebb_take_bool(p, "per_axon", doc->per_axon, &per_axon));
    size_t columns = per_axon ? net->populations[to->source].n : 1;
    if (strcmp(doc->shape, "iir") == 0) {
        return take_iir(&to->kernel, net->arena, p, doc, columns);
    }
    if (doc->alpha.n || doc->beta.n) {
        return ebb_place_fail(p, doc->alpha.n ? "alpha" : "beta", NULL,
                              "only shape: iir takes coefficients");
    }
    struct ebb_kernel_spec spec = {0};
    EBB_TRY(ebb_experiment_take_kernel_spec(&spec, p, doc));
    if (spec.seconds && !(net->tick_s > 0)) {
        return ebb_place_fail(p, "shape", doc->shape,
                              "time constants in seconds need the length of a "
                              "tick; give network.tick");
    }
    return ebb_kernel_expand(&to->kernel, net->arena, &spec, columns,
                             net->tick_s);
}

static ebb_status find_population(const struct ebb_network *net,
                                  const struct ebb_place *p, const char *field,
                                  const char *name, size_t *out)
{
    *out = ebb_network_find_population(net, name);
    if (*out < net->n_populations) {
        return EBB_OK;
    }
    const char *near =
        ebb_nearest(name, (const char *const *)&net->populations[0].name,
                    net->n_populations, sizeof(net->populations[0]));
    return near ? ebb_place_fail(p, field, name,
                                 "no population has this name; did you mean "
                                 "'%s'?",
                                 near)
                : ebb_place_fail(p, field, name, "no population has this name");
}

static ebb_status take_init(struct ebb_init *init, const struct ebb_place *p,
                            const struct ebb_doc_projection *from)
{
    static const char *const words[] = {"uniform", "normal", "constant"};
    size_t shape = 0;
    EBB_TRY(ebb_take_word(p, "weights", from->weights, words, 3, &shape));
    init->shape = (enum ebb_init_shape)shape;
    EBB_TRY(ebb_take_number(p, "scale", from->scale,
                            shape == EBB_INIT_CONSTANT ? -any : 1e-30, any,
                            &init->scale));
    if (shape == EBB_INIT_CONSTANT && !from->scale) {
        return ebb_place_fail(p, "weights", from->weights,
                              "it needs the field 'scale', the weight");
    }
    return EBB_OK;
}

/* Inputs of each neuron of the target: so many, whatever the seed. */
static ebb_status take_fan_in(size_t *fan_in, size_t sources,
                              const struct ebb_place *p, const char *text)
{
    double density = 1;
    EBB_TRY(ebb_take_number(p, "density", text, 0, 1, &density));
    *fan_in = (size_t)nearbyint(density * (double)sources);
    return *fan_in > 0
               ? EBB_OK
               : ebb_place_fail(p, "density", text,
                                "of %zu sources that leaves none to a neuron; "
                                "give at least %.2g",
                                sources, 1 / (double)sources);
}

struct ends {
    size_t source, target;
};

/* Its synapses; a failure of models/ is told with its place. */
static ebb_status add_synapses(struct ebb_network *net,
                               const struct ebb_place *p,
                               const struct ebb_doc_projection *from,
                               struct ends ends, size_t *index)
{
    size_t sources = net->populations[ends.source].n, fan_in = 0;
    struct ebb_spatial space;
    struct ebb_conv conv;
    char name[160];
    snprintf(name, sizeof(name), "%s_%s", from->source, from->target);
    const char *called = from->name ? from->name : name;
    EBB_TRY(take_fan_in(&fan_in, sources, p, from->density));
    EBB_TRY(ebb_experiment_take_space(&space, &conv, p, &from->space));
    if (fan_in == sources) {
        return ebb_network_add_spatial(net, called, ends.source, ends.target,
                                       &space, EBB_FLOAT32, index);
    }
    if (from->space.conv || from->space.pool) {
        return ebb_place_fail(p, "density", from->density,
                              "what convolves or pools is not sparse");
    }
    return ebb_network_add_projection(
        net, called, ends.source, ends.target, EBB_PROJECTION_SPARSE,
        EBB_FLOAT32, fan_in * net->populations[ends.target].n, index);
}

static ebb_status add_projection(struct ebb_network *net,
                                 const struct ebb_place *p,
                                 const struct ebb_doc_projection *from,
                                 struct ends ends, size_t *index)
{
    ebb_status status = add_synapses(net, p, from, ends, index);
    if (status == EBB_ERR_ARG || status == EBB_ERR_SHAPE) {
        char why[400];
        snprintf(why, sizeof(why), "%s", ebb_error_message());
        return ebb_place_fail(p, NULL, NULL, "%s", why);
    }
    return status;
}

static ebb_status take_projection(struct ebb_experiment *e,
                                  const struct ebb_place *p,
                                  const struct ebb_place *network,
                                  const struct ebb_doc_network *doc,
                                  const struct ebb_doc_projection *from)
{
    struct ebb_network *net = e->network;
    size_t source = 0, target = 0, index = 0;
    EBB_TRY(find_population(net, p, "from", from->source, &source));
    EBB_TRY(find_population(net, p, "to", from->target, &target));
    EBB_TRY(
        add_projection(net, p, from, (struct ends){source, target}, &index));
    EBB_TRY(take_init(&e->init[index], p, from));
    struct ebb_projection *to = &net->projections[index];
    EBB_TRY(ebb_take_ticks(p, "delay", from->delay, net->tick_s,
                           &to->delay_ticks, &to->delay_s));
    if (from->kernel) {
        struct ebb_place own = ebb_place_in(p, "kernel");
        return take_kernel(net, index, &own, from->kernel);
    }
    if (doc->kernel) {
        struct ebb_place all = ebb_place_in(network, "kernel");
        return take_kernel(net, index, &all, doc->kernel);
    }
    return ebb_place_fail(p, NULL, NULL,
                          "the kernel is missing; give it here or, for all "
                          "projections, as network.kernel");
}

/* Without a list of projections each population feeds the next. */
static ebb_status chain(struct ebb_experiment *e, const struct ebb_place *p,
                        const struct ebb_doc_network *doc)
{
    for (unsigned k = 0; k + 1 < doc->n_populations; k++) {
        const struct ebb_doc_population *to = &doc->populations[k + 1];
        struct ebb_doc_projection link = {.source = doc->populations[k].name,
                                          .target = to->name,
                                          .space = to->space};
        struct ebb_place at = place_of(p, doc, k + 1);
        EBB_TRY(take_projection(e, &at, p, doc, &link));
    }
    return EBB_OK;
}

static ebb_status check_channels(const struct ebb_place *p,
                                 const struct ebb_doc_space *space)
{
    if (!space->conv || !space->conv->channels) {
        return EBB_OK;
    }
    struct ebb_place conv = ebb_place_in(p, "conv");
    return ebb_place_fail(&conv, "channels", space->conv->channels,
                          "the shape of its target has them");
}

static ebb_status alloc_lists(struct ebb_experiment *e,
                              const struct ebb_doc_network *doc)
{
    size_t populations = doc->n_populations;
    size_t projections = doc->n_projections + populations;
    e->bias_drawn = ebb_mem_calloc(populations + 1, sizeof(*e->bias_drawn));
    e->init = ebb_mem_calloc(projections + 1, sizeof(*e->init));
    if (!e->bias_drawn || !e->init) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu populations",
                        populations);
    }
    return ebb_network_create(&e->network);
}

ebb_status ebb_experiment_take_network(struct ebb_experiment *e,
                                       const struct ebb_place *p,
                                       const struct ebb_doc_network *doc)
{
    EBB_TRY(alloc_lists(e, doc));
    struct ebb_network *net = e->network;
    struct ebb_duration tick = {0};
    EBB_TRY(ebb_take_duration(p, "tick", doc->tick, false, &tick));
    if (doc->tick && !tick.seconds) {
        return ebb_place_fail(p, "tick", doc->tick,
                              "it needs a unit, such as 1 ms");
    }
    net->tick_s = tick.value;
    EBB_TRY(ebb_take_bool(p, "strict", doc->strict, &net->strict));
    for (unsigned k = 0; k < doc->n_populations; k++) {
        EBB_TRY(take_population(e, p, doc, k));
    }
    if (doc->n_projections == 0) {
        EBB_TRY(chain(e, p, doc));
    }
    for (unsigned k = 0; k < doc->n_projections; k++) {
        struct ebb_place at = ebb_place_at(p, "projections", k);
        EBB_TRY(check_channels(&at, &doc->projections[k].space));
        EBB_TRY(take_projection(e, &at, p, doc, &doc->projections[k]));
    }
    EBB_TRY(ebb_experiment_connect(e));
    ebb_status status = ebb_network_finish(net);
    if (status == EBB_ERR_NOMEM || status == EBB_OK) {
        return status;
    }
    return ebb_error_prefix(status, "%s:%zu: network: ", p->map->file,
                            ebb_yaml_line(p->map, "network"));
}
