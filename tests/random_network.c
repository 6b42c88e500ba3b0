/* tests/random_network.c - networks of every kind, from a seed. */
#include "tests/random_parts.h"
#include "tests/run_suite.h"

#include "core/cmplx.h"
#include "core/poles.h"
#include "core/random.h"

#include <check.h>
#include <math.h>
#include <stdio.h>

static void random_values(struct ebb_network *net, struct ebb_values *values,
                          size_t n, double low, double high,
                          struct ebb_random *r)
{
    if (ebb_random_below(r, 2)) {
        ck_assert_int_eq(ebb_network_values(net, values, n), EBB_OK);
    }
    for (size_t i = 0; i < values->n; i++) {
        values->v[i] = ebb_random_between(r, low, high);
    }
}

enum { FEW = 12, MANY = 205 }; /* neurons of a population, at most */

/* Most populations are small; some span several runs of vector lanes. */
static size_t random_size(struct ebb_random *r)
{
    return ebb_random_below(r, 30) ? 1 + ebb_random_below(r, FEW)
                                   : FEW + 1 + ebb_random_below(r, MANY - FEW);
}

void random_neurons(struct ebb_network *net, struct ebb_population *p,
                    struct ebb_random *r)
{
    size_t n = p->n;
    /* Each pair of λ and θ has tables of its own: not for hundreds of them. */
    size_t kinds = n > FEW ? 1 : n;
    if (ebb_random_below(r, 3)) {
        random_values(net, &p->lambda, kinds, 0, .97, r);
    }
    random_values(net, &p->theta, kinds, 0, .97, r);
    random_values(net, &p->v_th, n, .5, 1.5, r);
    random_values(net, &p->v0, n, -.5, .4, r);
    if (ebb_random_below(r, 2)) {
        random_values(net, &p->bias, n, -.2, .3, r);
    }
    if (ebb_random_below(r, 3) == 0) {
        p->reset = EBB_RESET_HYBRID;
        random_values(net, &p->v_reset, n, -.5, .4, r);
        p->refractory_ticks = ebb_random_below(r, 2) * ebb_random_below(r, 6);
    }
}

static size_t add_population(struct ebb_network *net, size_t k,
                             struct ebb_random *r)
{
    char name[16];
    size_t index, n = random_size(r);
    snprintf(name, sizeof(name), "p%zu", k);
    ck_assert_int_eq(ebb_network_add_population(net, name, n, k == 0, &index),
                     EBB_OK);
    if (k > 0) {
        random_neurons(net, &net->populations[index], r);
    }
    return index;
}

/* Poles of every kind. */
static void random_alpha(double *alpha, size_t stride, unsigned order,
                         struct ebb_random *r)
{
    double complex pole[4];
    unsigned n = 0;
    while (n < order) {
        double size = .95 * sqrt(ebb_random_uniform(r));
        double angle = ebb_random_between(r, 0, 3.14);
        unsigned kind = ebb_random_below(r, 5);
        if (kind == 0 && n + 2 <= order) {
            pole[n++] = CMPLX(size * cos(angle), size * sin(angle));
            pole[n++] = CMPLX(size * cos(angle), -size * sin(angle));
        } else if (kind == 1 && n > 0 && cimag(pole[n - 1]) == 0) {
            pole[n] =
                creal(pole[n - 1]) * (1 - (ebb_random_below(r, 2) ? 0 : 1e-7));
            n++;
        } else {
            pole[n++] = kind == 2 ? -size : size;
        }
    }
    ebb_poles_expand(alpha, stride, pole, order);
}

void random_kernel(struct ebb_network *net, struct ebb_projection *p, bool lag,
                   struct ebb_random *r)
{
    size_t axons = net->populations[p->source].n;
    size_t n = ebb_random_below(r, 2) ? 1 : axons;
    unsigned shape = ebb_random_below(r, 5);
    p->delay_ticks =
        (lag ? 1 : 0) + ebb_random_below(r, 2) * ebb_random_below(r, 5);
    if (shape < EBB_KERNEL_IIR) {
        struct ebb_kernel_spec spec = {.shape = (enum ebb_kernel_shape)shape,
                                       .tau_m = ebb_random_between(r, 3, 12),
                                       .tau_s = ebb_random_between(r, .5, 2.5),
                                       .input_lag = (int)ebb_random_below(r, 2),
                                       .normalised = ebb_random_below(r, 2)};
        ck_assert_int_eq(ebb_kernel_expand(&p->kernel, net->arena, &spec, n, 0),
                         EBB_OK);
        return;
    }
    unsigned order_p = ebb_random_below(r, 5), order_q = ebb_random_below(r, 7);
    p->kernel.spec.shape = EBB_KERNEL_IIR;
    ck_assert_int_eq(
        ebb_kernel_alloc(&p->kernel, net->arena, order_p, order_q, n), EBB_OK);
    for (size_t j = 0; j < n; j++) {
        if (order_p > 0) {
            random_alpha(p->kernel.alpha + j, n, order_p, r);
        }
        for (unsigned q = 0; q <= order_q; q++) {
            p->kernel.beta[q * n + j] =
                ebb_random_below(r, 3) ? ebb_random_between(r, -.3, 1) : 0;
        }
    }
}

/* Each axon reaches some targets, in rising order; few of many. */
static size_t random_rows(uint64_t *indptr, uint32_t *indices, size_t axons,
                          size_t targets, struct ebb_random *r)
{
    size_t n = 0;
    for (size_t j = 0; j < axons; j++) {
        indptr[j] = n;
        for (uint32_t i = 0; i < targets; i++) {
            if (ebb_random_below(r, targets > FEW ? 50 : 3) == 0) {
                indices[n++] = i;
            }
        }
    }
    indptr[axons] = n;
    return n;
}

void random_weights(struct ebb_projection *p, size_t fan_in,
                    struct ebb_random *r)
{
    double scale = 1.6 / sqrt((double)fan_in);
    for (size_t s = 0; s < p->synapses; s++) {
        double w = scale * (ebb_random_normal(r) + .4);
        if (p->number == EBB_FLOAT32) {
            ((float *)p->weight)[s] = (float)w;
        } else {
            ((double *)p->weight)[s] = w;
        }
    }
}

/* Weights of each of the layouts in which sparse ones are kept: the same for
 * all, few different ones, halves, any. */
static void random_layout(struct ebb_projection *p, struct ebb_random *r)
{
    unsigned kind = ebb_random_below(r, 4);
    double only = p->synapses > 0 ? ebb_projection_weight(p, 0) : 0;
    for (size_t s = 0; kind < 3 && s < p->synapses; s++) {
        double w = ebb_projection_weight(p, s);
        w = kind == 0   ? only
            : kind == 1 ? round(w * 20) * .05
                        : round(w * 256) / 256;
        if (p->number == EBB_FLOAT32) {
            ((float *)p->weight)[s] = (float)w;
        } else {
            ((double *)p->weight)[s] = w;
        }
    }
}

static void add_projection(struct ebb_network *net, size_t k, size_t source,
                           size_t target, struct ebb_random *r)
{
    char name[16];
    static uint64_t indptr[MANY + 1];
    static uint32_t indices[MANY * MANY];
    size_t index, axons = net->populations[source].n;
    bool sparse = ebb_random_below(r, 3) == 0;
    size_t synapses =
        random_rows(indptr, indices, axons, net->populations[target].n, r);
    snprintf(name, sizeof(name), "q%zu", k);
    ck_assert_msg(ebb_network_add_projection(
                      net, name, source, target,
                      sparse ? EBB_PROJECTION_SPARSE : EBB_PROJECTION_DENSE,
                      ebb_random_below(r, 2) ? EBB_FLOAT32 : EBB_FLOAT64,
                      synapses, &index) == EBB_OK,
                  "%s", ebb_error_message());
    struct ebb_projection *p = &net->projections[index];
    for (size_t j = 0; sparse && j <= axons; j++) {
        p->indptr[j] = indptr[j];
    }
    for (size_t s = 0; sparse && s < synapses; s++) {
        p->indices[s] = indices[s];
    }
    random_weights(p, axons, r);
    if (sparse) {
        random_layout(p, r);
    }
    random_kernel(net, p, source >= target, r);
}

/* Numbers that the reference keeps of one tick. */
static size_t numbers_of_tick(const struct ebb_network *net)
{
    size_t n = 0;
    for (size_t k = 0; k < net->n_populations; k++) {
        n += 2 * net->populations[k].n;
    }
    for (size_t q = 0; q < net->n_projections; q++) {
        n += net->populations[net->projections[q].source].n;
    }
    return n;
}

/* A stretch in which nothing comes in: none, up to 1000 ticks, or in one
 * network of a hundred up to 10^6 (for large networks, as many as the
 * reference has memory for). */
static ebb_tick random_silence(const struct ebb_network *net,
                               struct ebb_random *r)
{
    if (ebb_random_below(r, 100) == 0) {
        double most = fmin(1e6, 5e7 / (double)numbers_of_tick(net));
        return (ebb_tick)exp(ebb_random_between(r, log(1e3), log(most)));
    }
    return ebb_random_below(r, 3) ? 0 : 1 + ebb_random_below(r, 1000);
}

void random_input(struct random_network *out, ebb_tick busy,
                  struct ebb_random *r)
{
    size_t channels = out->net->populations[0].n;
    bool graded = ebb_random_below(r, 3) == 0;
    ebb_tick silence = random_silence(out->net, r), t = 0, rest = 0;
    ebb_tick from = ebb_random_below(r, (uint32_t)busy);
    while (t < busy) {
        struct ebb_event e = {t + rest, ebb_random_below(r, (uint32_t)channels),
                              graded ? ebb_random_between(r, -.5, 1.5) : 1};
        CHECK_EACH(ebb_events_push(&out->input, e) == EBB_OK, "%s",
                   ebb_error_message());
        t += ebb_random_below(r, 40) ? ebb_random_below(r, 3)
                                     : ebb_random_below(r, 60);
        rest = t >= from ? silence : 0;
    }
    out->ticks = (size_t)(busy + silence);
}

struct random_network random_network_draw(uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 77);
    struct random_network out = {.net = NULL};
    ebb_tick busy = 60 + ebb_random_below(&r, 140);
    ck_assert_int_eq(ebb_network_create(&out.net), EBB_OK);
    size_t populations = 2 + ebb_random_below(&r, 3), projections = 0;
    for (size_t k = 0; k < populations; k++) {
        add_population(out.net, k, &r);
    }
    for (size_t k = 1; k < populations; k++) {
        add_projection(out.net, projections++, k - 1, k, &r);
    }
    for (size_t extra = ebb_random_below(&r, 4); extra > 0; extra--) {
        size_t source = ebb_random_below(&r, (uint32_t)populations);
        size_t target = 1 + ebb_random_below(&r, (uint32_t)populations - 1);
        add_projection(out.net, projections++, source, target, &r);
    }
    out.net->strict = ebb_random_below(&r, 4) == 0;
    ck_assert_msg(ebb_network_finish(out.net) == EBB_OK, "seed %llu: %s",
                  (unsigned long long)seed, ebb_error_message());
    random_input(&out, busy, &r);
    return out;
}

/* The nearest multiple of 1/steps. */
static double nearest_step(double x, double steps)
{
    return round(x * steps) / steps;
}

static void round_values(struct ebb_values *values, double steps)
{
    for (size_t i = 0; i < values->n; i++) {
        values->v[i] = nearest_step(values->v[i], steps);
    }
}

static void halve_values(struct ebb_values *values)
{
    for (size_t i = 0; i < values->n; i++) {
        values->v[i] = values->v[i] > .4 ? .5 : 0;
    }
}

/* α of at most two terms, +-1/2 and +-1/4: stable, one bit a tick. */
static void dyadic_kernel(struct ebb_kernel *k, struct ebb_random *r)
{
    k->spec.shape = EBB_KERNEL_IIR;
    for (unsigned p = 0; p < k->order_p; p++) {
        for (size_t j = 0; j < k->n; j++) {
            double size = p == 0 ? .5 : p == 1 ? .25 : 0;
            k->alpha[p * k->n + j] = ebb_random_below(r, 3) ? size : -size;
        }
    }
    for (size_t i = 0; i < (k->order_q + 1) * k->n; i++) {
        k->beta[i] = nearest_step(k->beta[i], 4);
    }
}

static void dyadic_projection(struct ebb_projection *p, struct ebb_random *r)
{
    for (size_t s = 0; s < p->synapses; s++) {
        double w = nearest_step(ebb_projection_weight(p, s), 16);
        if (p->number == EBB_FLOAT32) {
            ((float *)p->weight)[s] = (float)w;
        } else {
            ((double *)p->weight)[s] = w;
        }
    }
    dyadic_kernel(&p->kernel, r);
}

/* Averages over windows of other sizes are no short fractions. */
static void dyadic_pool(struct ebb_pool *pool)
{
    size_t window = pool->size[0] * pool->size[1];
    if (pool->kind == EBB_POOL_AVERAGE && (window & (window - 1)) != 0) {
        pool->kind = EBB_POOL_SUM;
    }
}

static struct random_network make_dyadic(struct random_network out,
                                         uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 78);
    for (size_t k = 1; k < out.net->n_populations; k++) {
        struct ebb_population *p = &out.net->populations[k];
        halve_values(&p->lambda);
        halve_values(&p->theta);
        for (size_t i = 0; i < p->v_th.n; i++) {
            p->v_th.v[i] = p->v_th.v[i] > 1 ? 1 : .5;
        }
        round_values(&p->bias, 16);
        round_values(&p->v0, 16);
        round_values(&p->v_reset, 16);
    }
    for (size_t k = 0; k < out.net->n_projections; k++) {
        dyadic_projection(&out.net->projections[k], &r);
        dyadic_pool(&out.net->projections[k].pool);
    }
    ck_assert_msg(ebb_network_finish(out.net) == EBB_OK, "seed %llu: %s",
                  (unsigned long long)seed, ebb_error_message());
    out.ticks = 36; /* so that every sum fits 53 bits */
    size_t kept = 0;
    for (size_t k = 0; k < out.input.n; k++) {
        struct ebb_event e = out.input.at[k];
        e.value = nearest_step(e.value, 4);
        if (e.tick < out.ticks) {
            out.input.at[kept++] = e;
        }
    }
    out.input.n = kept;
    return out;
}

struct random_network random_network_draw_dyadic(uint64_t seed)
{
    return make_dyadic(random_network_draw(seed), seed);
}

struct random_network random_network_draw_spatial_dyadic(uint64_t seed)
{
    return make_dyadic(random_network_draw_spatial(seed), seed);
}

void random_network_finish(struct random_network *r)
{
    ebb_events_finish(&r->input);
    ebb_network_destroy(r->net);
}
