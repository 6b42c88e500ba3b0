/* tests/dense_reference.c - the equations of models/network.h, word by word. */
#include "tests/dense_reference.h"
#include "tests/reference_projection.h"

#include <math.h>
#include <stdlib.h>

/* What one population carries from tick to tick. */
struct carried {
    double *u; /* [n] V[t-1], or v_reset after a spike under hybrid reset */
    double *r; /* [n] R[t] */
    ebb_tick *held;
};

static void *need(size_t count, size_t size)
{
    void *block = calloc(count ? count : 1, size);
    if (!block) {
        abort();
    }
    return block;
}

/* F_j[t] = Σ_p α_p F_j[t-p] + Σ_q β_q S_j[t-q-delay]   (5d) */
static double psp(const struct dense_reference *d, size_t projection,
                  size_t axon, size_t t)
{
    const struct ebb_projection *p = &d->net->projections[projection];
    const struct ebb_kernel *k = &p->kernel;
    size_t axons = d->net->populations[p->source].n;
    size_t column = k->n == 1 ? 0 : axon;
    double f = 0;
    for (size_t i = 1; i <= k->order_p && i <= t; i++) {
        f += k->alpha[(i - 1) * k->n + column] *
             d->f[projection][(t - i) * axons + axon];
    }
    for (size_t q = 0; q <= k->order_q && q + p->delay_ticks <= t; q++) {
        f += k->beta[q * k->n + column] *
             d->o[p->source][(t - q - p->delay_ticks) * axons + axon];
    }
    return f;
}

/* Add Σ_j w_ij F_j of one projection to I [n], and |w F| to terms [n]. */
static void project(const struct dense_reference *d, size_t projection,
                    size_t t, double *input, double *terms)
{
    const struct ebb_projection *p = &d->net->projections[projection];
    size_t axons = d->net->populations[p->source].n;
    double *pooled = need(p->n_inputs, sizeof(*pooled));
    reference_pool(p, d->f[projection] + t * axons, pooled);
    reference_project(p, pooled, input, terms);
    free(pooled);
}

static void step_neuron(struct dense_reference *d, size_t population,
                        struct carried *c, size_t i, size_t t, double input,
                        double terms)
{
    const struct ebb_population *p = &d->net->populations[population];
    bool hybrid = p->reset == EBB_RESET_HYBRID;
    double v_th = ebb_value_at(p->v_th, i);
    double bias = ebb_value_at(p->bias, i);
    double leak = ebb_value_at(p->lambda, i) * c->u[i];
    double reset = hybrid ? 0 : v_th * c->r[i];
    double v = leak + (input + bias) - reset; /* (5a) */
    if (c->held[i] > 0) {
        c->held[i]--;
        d->v[population][t * p->n + i] = ebb_value_at(p->v_reset, i);
        return;
    }
    bool fired = d->net->strict ? v > v_th : v >= v_th; /* (5e, 5f) */
    double size = fmax(v_th, terms + fabs(bias) + fabs(leak) + fabs(reset));
    d->nearest = fmin(d->nearest, fabs(v - v_th) / size);
    d->v[population][t * p->n + i] = v;
    d->o[population][t * p->n + i] = fired;
    d->spikes += fired;
    c->r[i] = ebb_value_at(p->theta, i) * c->r[i] + fired; /* (5c) */
    c->u[i] = hybrid && fired ? ebb_value_at(p->v_reset, i) : v;
    c->held[i] = hybrid && fired ? p->refractory_ticks : 0;
}

static void step_population(struct dense_reference *d, size_t population,
                            struct carried *c, size_t t)
{
    size_t n = d->net->populations[population].n;
    double *input = need(n, sizeof(*input)), *terms = need(n, sizeof(*terms));
    for (size_t q = 0; q < d->net->n_projections; q++) {
        const struct ebb_projection *p = &d->net->projections[q];
        size_t axons = d->net->populations[p->source].n;
        for (size_t j = 0; p->target == population && j < axons; j++) {
            d->f[q][t * axons + j] = psp(d, q, j, t);
        }
        if (p->target == population) {
            project(d, q, t, input, terms);
        }
    }
    for (size_t i = 0; i < n; i++) {
        step_neuron(d, population, c, i, t, input[i], terms[i]);
    }
    free(input);
    free(terms);
}

static void take_room(struct dense_reference *d, struct carried *c,
                      size_t ticks)
{
    d->o = need(d->net->n_populations, sizeof(*d->o));
    d->v = need(d->net->n_populations, sizeof(*d->v));
    d->f = need(d->net->n_projections, sizeof(*d->f));
    for (size_t k = 0; k < d->net->n_populations; k++) {
        const struct ebb_population *p = &d->net->populations[k];
        d->o[k] = need(ticks * p->n, sizeof(double));
        d->v[k] = p->input ? NULL : need(ticks * p->n, sizeof(double));
        c[k].u = need(p->n, sizeof(double));
        c[k].r = need(p->n, sizeof(double));
        c[k].held = need(p->n, sizeof(ebb_tick));
        for (size_t i = 0; !p->input && i < p->n; i++) {
            c[k].u[i] = ebb_value_at(p->v0, i);
        }
    }
    for (size_t q = 0; q < d->net->n_projections; q++) {
        size_t axons = d->net->populations[d->net->projections[q].source].n;
        d->f[q] = need(ticks * axons, sizeof(double));
    }
}

struct dense_reference dense_reference_run(const struct ebb_network *net,
                                           const struct ebb_events *input,
                                           size_t ticks)
{
    struct dense_reference d = {.nearest = INFINITY, .net = net};
    struct carried *c = need(net->n_populations, sizeof(*c));
    size_t source = ebb_network_input(net);
    take_room(&d, c, ticks);
    for (size_t k = 0; k < input->n; k++) {
        const struct ebb_event *e = &input->at[k];
        d.o[source][e->tick * net->populations[source].n + e->node] += e->value;
    }
    for (size_t t = 0; t < ticks; t++) {
        for (size_t k = 0; k < net->n_populations; k++) {
            size_t population = net->order[k];
            if (!net->populations[population].input) {
                step_population(&d, population, &c[population], t);
            }
        }
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        free(c[k].u);
        free(c[k].r);
        free(c[k].held);
    }
    free(c);
    return d;
}

void dense_reference_finish(struct dense_reference *d)
{
    for (size_t k = 0; k < d->net->n_populations; k++) {
        free(d->o[k]);
        free(d->v[k]);
    }
    for (size_t q = 0; q < d->net->n_projections; q++) {
        free(d->f[q]);
    }
    free(d->o);
    free(d->v);
    free(d->f);
}
