/* models/network_check.c - is the network sound, and in what order does it
 * run within a tick? */
#include "models/network.h"

#include "core/poles.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct range {
    const char *field;
    double low, high;
};

static ebb_status check_values(const struct ebb_population *p,
                               struct ebb_values values, struct range r)
{
    if (values.n != 1 && values.n != p->n && values.n != p->grid.channels) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "population '%s': %s has %zu values for %zu neurons in "
                        "%zu channels",
                        p->name, r.field, values.n, p->n, p->grid.channels);
    }
    for (size_t i = 0; i < values.n; i++) {
        double v = values.v[i];
        if (!isfinite(v) || v < r.low || v > r.high) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "population '%s': %s[%zu] = %g; it must be a "
                            "number from %g to %g",
                            p->name, r.field, i, v, r.low, r.high);
        }
    }
    return EBB_OK;
}

/* Time constants stand beside the decays that follow from them. */
static ebb_status check_tau(const struct ebb_population *p,
                            struct ebb_values tau, struct ebb_values decay,
                            const char *field)
{
    if (tau.n != 0 && tau.n != decay.n) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "population '%s': %s has %zu values for %zu decays; "
                        "give one each, or none",
                        p->name, field, tau.n, decay.n);
    }
    for (size_t i = 0; i < tau.n; i++) {
        if (!(tau.v[i] > 0 && isfinite(tau.v[i]))) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "population '%s': %s[%zu] = %g; a time constant "
                            "is positive",
                            p->name, field, i, tau.v[i]);
        }
    }
    return EBB_OK;
}

static ebb_status check_population(const struct ebb_population *p)
{
    const double any = 1e300;
    EBB_TRY(check_values(p, p->lambda, (struct range){"lambda", 0, 1}));
    EBB_TRY(check_values(p, p->theta, (struct range){"theta", 0, 1}));
    EBB_TRY(check_values(p, p->v_th, (struct range){"v_th", -any, any}));
    EBB_TRY(check_values(p, p->bias, (struct range){"bias", -any, any}));
    EBB_TRY(check_values(p, p->v0, (struct range){"v0", -any, any}));
    EBB_TRY(check_values(p, p->v_reset, (struct range){"v_reset", -any, any}));
    EBB_TRY(check_tau(p, p->tau_lambda, p->lambda, "tau_lambda_s"));
    EBB_TRY(check_tau(p, p->tau_theta, p->theta, "tau_theta_s"));
    if (!(p->sigma > 0 && isfinite(p->sigma))) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "population '%s': sigma = %g; the width of the "
                        "surrogate derivative is positive",
                        p->name, p->sigma);
    }
    if (p->reset == EBB_RESET_FILTER && p->refractory_ticks > 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "population '%s': refractory_ticks = %llu needs "
                        "reset: hybrid",
                        p->name, (unsigned long long)p->refractory_ticks);
    }
    for (size_t i = 0; p->reset == EBB_RESET_HYBRID && i < p->n; i++) {
        double v_reset = ebb_value_at(p->v_reset, i);
        double v_th = ebb_value_at(p->v_th, i);
        if (!(v_reset < v_th)) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "population '%s': v_reset = %g of neuron %zu is "
                            "not below its threshold v_th = %g",
                            p->name, v_reset, i, v_th);
        }
    }
    return EBB_OK;
}

static void find_channels(struct ebb_population *p)
{
    struct ebb_values *const values[] = {
        &p->lambda, &p->theta,   &p->v_th,       &p->bias,
        &p->v0,     &p->v_reset, &p->tau_lambda, &p->tau_theta};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        size_t n = values[i]->n;
        values[i]->channel = n > 1 && n < p->n ? p->n / n : 0;
    }
}

static ebb_status check_rows(const struct ebb_network *net,
                             const struct ebb_projection *p)
{
    size_t rows = net->populations[p->source].n;
    size_t targets = net->populations[p->target].n;
    if (p->indptr[0] != 0 || p->indptr[rows] != p->synapses) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "projection '%s': indptr runs from %llu to %llu; it "
                        "must run from 0 to the %zu synapses",
                        p->name, (unsigned long long)p->indptr[0],
                        (unsigned long long)p->indptr[rows], p->synapses);
    }
    for (size_t j = 0; j < rows; j++) {
        if (p->indptr[j] > p->indptr[j + 1] || p->indptr[j + 1] > p->synapses) {
            return EBB_FAIL(EBB_ERR_SHAPE,
                            "projection '%s': indptr[%zu] and the next do not "
                            "rise within the %zu synapses",
                            p->name, j, p->synapses);
        }
        for (uint64_t s = p->indptr[j]; s < p->indptr[j + 1]; s++) {
            bool rises =
                s == p->indptr[j] || p->indices[s] >= p->indices[s - 1];
            if (p->indices[s] >= targets || !rises) {
                return EBB_FAIL(EBB_ERR_SHAPE,
                                "projection '%s': indices[%llu] = %u; targets "
                                "rise within a row and are below %zu",
                                p->name, (unsigned long long)s, p->indices[s],
                                targets);
            }
        }
    }
    return EBB_OK;
}

static ebb_status check_weights(const struct ebb_network *net,
                                const struct ebb_projection *p)
{
    for (size_t k = 0; k < p->synapses; k++) {
        double w = ebb_projection_weight(p, k);
        if (isfinite(w)) {
            continue;
        }
        if (p->kind == EBB_PROJECTION_DENSE) {
            size_t targets = net->populations[p->target].n;
            return EBB_FAIL(EBB_ERR_ARG,
                            "projection '%s': weight[%zu, %zu] = %g is no "
                            "finite number",
                            p->name, k % targets, k / targets, w);
        }
        return EBB_FAIL(EBB_ERR_ARG,
                        "projection '%s': weight[%zu] = %g is no finite number",
                        p->name, k, w);
    }
    return EBB_OK;
}

static ebb_status check_kernel(const struct ebb_network *net,
                               const struct ebb_projection *p)
{
    const struct ebb_kernel *k = &p->kernel;
    size_t axons = net->populations[p->source].n;
    if (!k->beta || (k->n != 1 && k->n != axons)) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "projection '%s': kernel with %zu columns for %zu "
                        "axons; give 1 or one each",
                        p->name, k->n, axons);
    }
    for (size_t i = 0; i < (k->order_q + 1) * k->n; i++) {
        if (!isfinite(k->beta[i])) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "projection '%s': beta[%zu, %zu] = %g is no finite "
                            "number",
                            p->name, i / k->n, i % k->n, k->beta[i]);
        }
    }
    for (size_t i = 0; i < k->order_p * k->n; i++) {
        if (!isfinite(k->alpha[i])) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "projection '%s': alpha[%zu, %zu] = %g is no "
                            "finite number",
                            p->name, i / k->n, i % k->n, k->alpha[i]);
        }
    }
    for (size_t j = 0; j < k->n; j++) {
        if (k->order_p == 0 ||
            ebb_poles_stable(k->alpha + j, k->n, k->order_p)) {
            continue;
        }
        double radius = ebb_poles_radius(k->alpha + j, k->n, k->order_p);
        return EBB_FAIL(EBB_ERR_DIVERGED,
                        "projection '%s': axon %zu has an unstable pole, "
                        "|p| = %.9g (must be below 1); bring its alpha inside "
                        "the unit circle",
                        p->name, j, radius);
    }
    return EBB_OK;
}

static ebb_status check_projection(const struct ebb_network *net,
                                   const struct ebb_projection *p)
{
    if (p->delay_ticks > (ebb_tick)1 << 40) {
        return EBB_FAIL(EBB_ERR_ARG, "projection '%s': a delay of %llu ticks",
                        p->name, (unsigned long long)p->delay_ticks);
    }
    EBB_TRY(check_kernel(net, p));
    if (p->kind == EBB_PROJECTION_SPARSE && !p->rows) {
        EBB_TRY(check_rows(net, p));
    }
    if (!ebb_grid_equal(p->from, net->populations[p->source].grid) ||
        !ebb_grid_equal(p->to, net->populations[p->target].grid)) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "projection '%s': its populations were given another "
                        "shape after it was added",
                        p->name);
    }
    return p->rows ? EBB_OK : check_weights(net, p); /* built of sound rows */
}

/* Depth-first search for cycles and order. */
struct walk {
    const struct ebb_network *net;
    unsigned char *mark; /* [n_populations] 0 new, 1 on the path, 2 done */
    size_t *path;        /* [n_populations] populations on the path */
    size_t depth;
    size_t *order; /* [n_populations] filled from the back: targets first */
    size_t left;
    bool same_tick_only; /* follow only projections without any lag */
    bool cycle;
};

static void describe_cycle(const struct walk *w, size_t again, char *text,
                           size_t size)
{
    size_t start = w->depth;
    while (start > 0 && w->path[start - 1] != again) {
        start--;
    }
    size_t used = 0;
    for (size_t i = start > 0 ? start - 1 : 0; i < w->depth; i++) {
        int more = snprintf(text + used, size - used, "%s -> ",
                            w->net->populations[w->path[i]].name);
        used = more < 0 || used + (size_t)more >= size ? size - 1
                                                       : used + (size_t)more;
    }
    snprintf(text + used, size - used, "%s", w->net->populations[again].name);
}

static ebb_status visit(struct walk *w, size_t population)
{
    w->mark[population] = 1;
    w->path[w->depth++] = population;
    for (size_t i = w->net->n_projections; i-- > 0;) {
        const struct ebb_projection *p = &w->net->projections[i];
        if (p->source != population ||
            (w->same_tick_only && ebb_projection_lag(p) > 0)) {
            continue;
        }
        if (w->mark[p->target] == 1) {
            w->cycle = true;
            if (w->same_tick_only) {
                char text[400];
                describe_cycle(w, p->target, text, sizeof(text));
                return EBB_FAIL(EBB_ERR_ARG,
                                "cycle without delay: %s; set beta_0 = 0 or "
                                "delay_ticks >= 1 on projection '%s'",
                                text, p->name);
            }
        } else if (w->mark[p->target] == 0) {
            EBB_TRY(visit(w, p->target));
        }
    }
    w->mark[population] = 2;
    w->depth--;
    w->order[--w->left] = population;
    return EBB_OK;
}

/* Order in which every followed projection runs forward. */
static ebb_status sort_populations(struct ebb_network *net, bool same_tick_only,
                                   size_t *order, bool *cycle)
{
    size_t n = net->n_populations;
    struct walk w = {.net = net,
                     .mark = ebb_mem_calloc(n, 1),
                     .path = ebb_mem_calloc(n, sizeof(size_t)),
                     .order = order,
                     .left = n,
                     .same_tick_only = same_tick_only};
    ebb_status status = EBB_OK;
    if (!w.mark || !w.path) {
        status =
            EBB_FAIL(EBB_ERR_NOMEM, "no memory to order %zu populations", n);
    }
    for (size_t i = n; i-- > 0 && status == EBB_OK;) {
        if (w.mark[i] == 0) {
            status = visit(&w, i);
        }
    }
    *cycle = w.cycle;
    ebb_mem_free(w.mark);
    ebb_mem_free(w.path);
    return status;
}

/* Without a cycle the order respects every projection, so that batch runs can
 * go projection by projection; with one, only those of the same tick. */
static ebb_status find_order(struct ebb_network *net)
{
    size_t n = net->n_populations;
    if (!net->order) {
        net->order = ebb_arena_calloc(net->arena, n, sizeof(size_t));
    }
    if (!net->order) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to order %zu populations", n);
    }
    bool ignored;
    EBB_TRY(sort_populations(net, false, net->order, &net->recurrent));
    if (net->recurrent) {
        EBB_TRY(sort_populations(net, true, net->order, &ignored));
    }
    return EBB_OK;
}

ebb_status ebb_network_finish(struct ebb_network *net)
{
    if (ebb_network_output(net) == net->n_populations) {
        return EBB_FAIL(EBB_ERR_ARG, "the network has no neurons");
    }
    if (!(net->tick_s >= 0 && isfinite(net->tick_s))) {
        return EBB_FAIL(EBB_ERR_ARG, "a tick of %g s; it must be positive",
                        net->tick_s);
    }
    for (size_t i = 0; i < net->n_populations; i++) {
        if (!net->populations[i].input) {
            find_channels(&net->populations[i]);
            EBB_TRY(check_population(&net->populations[i]));
        }
    }
    for (size_t i = 0; i < net->n_projections; i++) {
        EBB_TRY(check_projection(net, &net->projections[i]));
    }
    return find_order(net);
}
