/* models/network_tick.c - the same network at another tick length. */
#include "models/network.h"

#include "models/network_rows.h"

#include <math.h>

/* Whole number of ticks of a duration, or a failure that names it. */
static ebb_status whole_ticks(double seconds, double tick_s, const char *owner,
                              const char *field, ebb_tick *out)
{
    double ticks = seconds / tick_s;
    double nearest = nearbyint(ticks);
    if (!(fabs(ticks - nearest) <= 1e-6 * fmax(1, ticks)) || ticks > 0x1p40) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "'%s': %s of %g s is %g ticks of %g s; it must be a "
                        "whole number of ticks",
                        owner, field, seconds, ticks, tick_s);
    }
    *out = (ebb_tick)nearest;
    return EBB_OK;
}

static bool all_zero(struct ebb_values values)
{
    for (size_t i = 0; i < values.n; i++) {
        if (values.v[i] != 0.0) {
            return false;
        }
    }
    return true;
}

static ebb_status need_seconds(const char *owner, const char *field)
{
    return EBB_FAIL(EBB_ERR_ARG,
                    "'%s' gives its %s in ticks or as a bare number; another "
                    "tick length needs it in time units",
                    owner, field);
}

static ebb_status check_population(const struct ebb_population *p,
                                   double tick_s)
{
    ebb_tick ticks;
    if (p->tau_lambda.n == 0 && !all_zero(p->lambda)) {
        return need_seconds(p->name, "lambda");
    }
    if (p->tau_theta.n == 0 && p->reset == EBB_RESET_FILTER &&
        !all_zero(p->theta)) {
        return need_seconds(p->name, "theta");
    }
    if (p->refractory_ticks > 0 && !(p->refractory_s > 0)) {
        return need_seconds(p->name, "refractory time");
    }
    return p->refractory_s > 0 ? whole_ticks(p->refractory_s, tick_s, p->name,
                                             "refractory time", &ticks)
                               : EBB_OK;
}

/* Weights that neurons share can be scaled for all of them or for none. */
static ebb_status check_shared(const struct ebb_network *net,
                               const struct ebb_projection *p)
{
    const struct ebb_population *to = &net->populations[p->target];
    size_t per_channel = p->to.rows * p->to.columns;
    bool alike = p->kind != EBB_PROJECTION_CONV2D || to->tau_lambda.n <= 1;
    for (size_t i = 0; !alike && i < to->n; i++) {
        size_t first = i / per_channel * per_channel;
        if (ebb_value_at(to->tau_lambda, i) !=
            ebb_value_at(to->tau_lambda, first)) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "'%s' shares its weights over each channel of "
                            "'%s', whose lambda differs within one: another "
                            "tick length cannot be had",
                            p->name, to->name);
        }
    }
    return EBB_OK;
}

static ebb_status check_projection(const struct ebb_network *net,
                                   const struct ebb_projection *p,
                                   double tick_s)
{
    EBB_TRY(check_shared(net, p));
    ebb_tick ticks;
    const struct ebb_kernel_spec *spec = &p->kernel.spec;
    bool timeless = spec->shape == EBB_KERNEL_NONE;
    if (!timeless && (spec->shape == EBB_KERNEL_IIR || !spec->seconds)) {
        return need_seconds(p->name, "kernel");
    }
    if (p->delay_ticks > 0 && !(p->delay_s > 0)) {
        return need_seconds(p->name, "delay");
    }
    return p->delay_s > 0
               ? whole_ticks(p->delay_s, tick_s, p->name, "delay", &ticks)
               : EBB_OK;
}

/* (1 - λ')/(1 - λ) of each neuron of a population; 1 where λ = 0. */
static double gain_at(const struct ebb_population *p, size_t i, double tick_s)
{
    double lambda = ebb_value_at(p->lambda, i);
    if (p->tau_lambda.n == 0 || !(lambda > 0) || lambda == 1.0) {
        return 1;
    }
    return -expm1(-tick_s / ebb_value_at(p->tau_lambda, i)) / (1 - lambda);
}

static void scale_synapse(struct ebb_projection *p, size_t k, double gain)
{
    if (p->number == EBB_FLOAT32) {
        float *w = p->weight;
        w[k] = (float)((double)w[k] * gain);
    } else {
        double *w = p->weight;
        w[k] *= gain;
    }
}

/* A target of weight k; of a convolution's, the first of many alike. */
static size_t target_of(const struct ebb_projection *p, size_t k)
{
    if (p->kind == EBB_PROJECTION_SPARSE) {
        return p->indices[k];
    }
    size_t per_channel = p->to.rows * p->to.columns;
    return p->kind == EBB_PROJECTION_CONV2D
               ? k / (p->synapses / p->to.channels) * per_channel
               : k % (p->to.channels * per_channel);
}

/* Targets whose synapses are scaled. */
struct gains {
    const struct ebb_population *to;
    double tick_s;
};

static double scaled(const void *self, uint32_t target, double weight)
{
    const struct gains *g = self;
    return weight * gain_at(g->to, target, g->tick_s);
}

static bool any_gain(const struct gains *g)
{
    bool any = false;
    for (size_t i = 0; i < g->to->n && !any; i++) {
        any = gain_at(g->to, i, g->tick_s) != 1.0;
    }
    return any;
}

static ebb_status scale_weights(struct ebb_network *net,
                                struct ebb_projection *p, double tick_s)
{
    struct gains gains = {&net->populations[p->target], tick_s};
    if (p->kernel.spec.shape == EBB_KERNEL_NONE || !any_gain(&gains)) {
        return EBB_OK;
    }
    if (p->rows) {
        return ebb_projection_change_rows(p, scaled, &gains);
    }
    for (size_t k = 0; k < p->synapses; k++) {
        scale_synapse(p, k, gain_at(gains.to, target_of(p, k), tick_s));
    }
    return EBB_OK;
}

static ebb_status scale_bias(struct ebb_network *net, struct ebb_population *p,
                             double tick_s)
{
    if (all_zero(p->bias)) {
        return EBB_OK;
    }
    struct ebb_values scaled = p->bias;
    if (p->bias.n < p->n && p->tau_lambda.n > 1) {
        EBB_TRY(ebb_network_values(net, &scaled, p->n));
    }
    for (size_t i = 0; i < scaled.n; i++) {
        scaled.v[i] = ebb_value_at(p->bias, i) * gain_at(p, i, tick_s);
    }
    p->bias = scaled;
    return EBB_OK;
}

static void rebuild_decay(struct ebb_values decay, struct ebb_values tau,
                          double tick_s)
{
    for (size_t i = 0; i < tau.n && tau.n == decay.n; i++) {
        decay.v[i] = exp(-tick_s / tau.v[i]);
    }
}

static ebb_status rebuild_population(struct ebb_population *p, double tick_s)
{
    rebuild_decay(p->lambda, p->tau_lambda, tick_s);
    rebuild_decay(p->theta, p->tau_theta, tick_s);
    if (p->refractory_s > 0) {
        EBB_TRY(whole_ticks(p->refractory_s, tick_s, p->name, "refractory time",
                            &p->refractory_ticks));
    }
    return EBB_OK;
}

static ebb_status rebuild_projection(struct ebb_network *net,
                                     struct ebb_projection *p, double tick_s)
{
    struct ebb_kernel_spec spec = p->kernel.spec;
    EBB_TRY(
        ebb_kernel_expand(&p->kernel, net->arena, &spec, p->kernel.n, tick_s));
    if (p->delay_s > 0) {
        EBB_TRY(
            whole_ticks(p->delay_s, tick_s, p->name, "delay", &p->delay_ticks));
    }
    return EBB_OK;
}

ebb_status ebb_network_set_tick(struct ebb_network *net, double tick_s)
{
    if (!(tick_s > 0 && isfinite(tick_s))) {
        return EBB_FAIL(EBB_ERR_ARG, "a tick of %g s; it must be positive",
                        tick_s);
    }
    if (fabs(tick_s - net->tick_s) <= 1e-12 * tick_s) {
        return EBB_OK;
    }
    if (net->tick_s == 0) { /* nothing was given in units of time */
        net->tick_s = tick_s;
        return EBB_OK;
    }
    for (size_t i = 0; i < net->n_populations; i++) {
        if (!net->populations[i].input) {
            EBB_TRY(check_population(&net->populations[i], tick_s));
        }
    }
    for (size_t i = 0; i < net->n_projections; i++) {
        EBB_TRY(check_projection(net, &net->projections[i], tick_s));
    }
    for (size_t i = 0; i < net->n_projections; i++) {
        EBB_TRY(scale_weights(net, &net->projections[i], tick_s));
        EBB_TRY(rebuild_projection(net, &net->projections[i], tick_s));
    }
    for (size_t i = 0; i < net->n_populations; i++) {
        struct ebb_population *p = &net->populations[i];
        EBB_TRY(scale_bias(net, p, tick_s));
        EBB_TRY(rebuild_population(p, tick_s));
    }
    net->tick_s = tick_s;
    return ebb_network_finish(net);
}
