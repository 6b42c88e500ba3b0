/* tests/test_gradients.c - every gradient against central differences.
 *
 * A spike has no derivative, so the membrane fires smoothly here: O is the
 * primitive of the surrogate (19),
 *
 *     O = Phi((V - Vth) / sigma),  dO/dV = exp(-(Vth - V)²/(2σ²)) / (√(2π) σ)
 *
 * of which the adjoint of sim/batch.h is the exact derivative. */
#include "core/random.h"
#include "sim/batch.h"
#include "sim/learn/loss.h"
#include "tests/random_network.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MOST = 2, TICKS_LEAST = 14, TICKS_MOST = 26 };
enum { MOST_COMPARED = 150 }; /* of one array; evenly spread in it */

/* Gradients closer to 0 than this part of E cannot be told from the rounding
 * of a difference. */
static const double FLOOR = 1e-5;
static const double TOLERANCE = 1e-6;

static double smooth_spike(double v, double v_th, double sigma)
{
    return .5 * erfc((v_th - v) / (sigma * sqrt(2)));
}

/* Filter reset, and hybrid reset without refractory ticks: what is carried is
 * a mixture, U = O v_reset + (1 - O) V. */
static void smooth_row(double *v, double *o,
                       const struct ebb_membrane_state_f64 *state,
                       const struct ebb_membrane_rows_f64 *m, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        double reset = m->hybrid ? 0 : m->v_th[i] * state->reset[i];
        v[i] += m->lambda[i] * state->carried[i] + m->bias[i] - reset;
        o[i] = smooth_spike(v[i], m->v_th[i], m->sigma);
        state->reset[i] = m->theta[i] * state->reset[i] + o[i];
        state->carried[i] =
            m->hybrid ? o[i] * m->v_reset[i] + (1 - o[i]) * v[i] : v[i];
    }
}

/* Refractory ticks: who spikes when is given and stays as it is. */
static void frozen_row(double *v, double *o, const uint8_t *phase,
                       const struct ebb_membrane_state_f64 *state,
                       const struct ebb_membrane_rows_f64 *m, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        if (phase[i] == EBB_PHASE_HELD) {
            v[i] = m->v_reset[i];
            o[i] = 0;
            state->carried[i] = m->v_reset[i];
            continue;
        }
        v[i] += m->lambda[i] * state->carried[i] + m->bias[i];
        o[i] = smooth_spike(v[i], m->v_th[i], m->sigma);
        state->carried[i] = phase[i] == EBB_PHASE_SPIKE ? m->v_reset[i] : v[i];
    }
}

static void smooth_forward(double *v, double *o, uint8_t *phase,
                           const struct ebb_membrane_state_f64 *state,
                           const struct ebb_membrane_rows_f64 *m, size_t t0,
                           size_t t1, size_t stride, size_t width)
{
    if (t0 == 0) {
        memcpy(state->carried, m->v0, width * sizeof(double));
        memset(state->reset, 0, width * sizeof(double));
    }
    for (size_t t = t0; t < t1; t++) {
        size_t at = t * stride;
        if (phase) {
            frozen_row(v + at, o + at, phase + at, state, m, width);
        } else {
            smooth_row(v + at, o + at, state, m, width);
        }
    }
}

/* One network, what it is fed with and what is asked of it. */
struct trial {
    uint64_t seed;
    struct random_network n;
    struct ebb_model_f64 *model;
    struct ebb_step_f64 step;
    struct ebb_batch_f64 *batch;
    struct ebb_gradient_f64 *gradient;
    size_t ticks, samples, output;
    struct ebb_van_rossum_f64 *van_rossum; /* NULL: rate loss */
    struct ebb_network *loss_owner;        /* of the loss kernel */
    double *target;                        /* [samples][ticks][outputs] */
    size_t label[SAMPLES_MOST];
    double loss;
    size_t compared, tiny; /* parameters; arrays below the floor */
};

static void feed(struct trial *t, struct ebb_random *r)
{
    size_t channels = t->n.net->populations[0].n;
    ebb_batch_clear_f64(t->batch);
    for (size_t k = 0; k < t->samples; k++) {
        double *o = ebb_batch_o_f64(t->batch, 0, k);
        for (size_t i = 0; i < t->ticks * channels; i++) {
            o[i] = ebb_random_below(r, 4) ? 0 : ebb_random_between(r, -.5, 2);
        }
    }
}

/* Axons of one population carry a O, as under dropout. */
static void grade(struct trial *t, struct ebb_random *r)
{
    size_t k = ebb_random_below(r, (uint32_t)t->n.net->n_populations);
    for (size_t sample = 0; sample < t->samples; sample++) {
        double *a = NULL;
        ck_assert_int_eq(ebb_batch_scale_f64(t->batch, k, sample, &a), EBB_OK);
        for (size_t i = 0; i < t->ticks * t->n.net->populations[k].n; i++) {
            a[i] = ebb_random_below(r, 3) ? 1.5 : 0;
        }
    }
}

static void freeze_neuron(struct trial *t, uint8_t *phase, size_t n,
                          ebb_tick refractory, struct ebb_random *r)
{
    ebb_tick held = 0;
    for (size_t at = 0; at < t->ticks; at++) {
        bool fires = held == 0 && ebb_random_below(r, 5) == 0;
        phase[at * n] = held    ? EBB_PHASE_HELD
                        : fires ? EBB_PHASE_SPIKE
                                : EBB_PHASE_FREE;
        held = fires ? refractory : held - (held > 0);
    }
}

static void freeze(struct trial *t, struct ebb_random *r)
{
    for (size_t k = 0; k < t->n.net->n_populations; k++) {
        const struct ebb_population *p = &t->n.net->populations[k];
        for (size_t sample = 0; sample < t->samples; sample++) {
            uint8_t *phase = ebb_batch_phase_f64(t->batch, k, sample);
            for (size_t i = 0; phase && i < p->n; i++) {
                freeze_neuron(t, phase + i, p->n, p->refractory_ticks, r);
            }
        }
    }
}

static void ask_for_trains(struct trial *t, struct ebb_random *r)
{
    size_t n = t->n.net->populations[t->output].n;
    size_t cells = t->samples * t->ticks * n;
    struct ebb_kernel kernel = {.order_p = 0};
    struct ebb_kernel_spec spec = {.shape = ebb_random_below(r, 2)
                                                ? EBB_KERNEL_DUAL_EXPONENTIAL
                                                : EBB_KERNEL_EXPONENTIAL,
                                   .tau_m = 4,
                                   .tau_s = 1,
                                   .input_lag = (int)ebb_random_below(r, 2)};
    ck_assert_int_eq(ebb_network_create(&t->loss_owner), EBB_OK);
    ck_assert_int_eq(
        ebb_kernel_expand(&kernel, t->loss_owner->arena, &spec, 1, 0), EBB_OK);
    ck_assert_int_eq(
        ebb_van_rossum_create_f64(&t->van_rossum, &kernel, t->ticks, n),
        EBB_OK);
    t->target = ebb_mem_calloc(cells, sizeof(double));
    ck_assert_ptr_nonnull(t->target);
    for (size_t i = 0; i < cells; i++) {
        t->target[i] = ebb_random_below(r, 5) == 0;
    }
}

/* E of one sample; its dE/dO is added where the adjoint finds it. */
static double judge_sample(struct trial *t, size_t k, bool learn)
{
    size_t n = t->n.net->populations[t->output].n;
    const double *o = ebb_batch_o_f64(t->batch, t->output, k);
    double *d_o = learn ? ebb_batch_d_o_f64(t->batch, t->output, k) : NULL;
    return t->van_rossum
               ? ebb_van_rossum_distance_f64(t->van_rossum, d_o, o,
                                             t->target + k * t->ticks * n, 1)
               : ebb_loss_rate_f64(d_o, o, t->ticks, n, t->label[k], 1);
}

static double judge(struct trial *t, bool learn)
{
    double loss = 0;
    for (size_t k = 0; k < t->samples; k++) {
        loss += judge_sample(t, k, learn);
    }
    return loss;
}

static double loss_of_run(struct trial *t)
{
    ebb_batch_forward_f64(t->batch);
    return judge(t, false);
}

/* A label that the softmax is not sure of already. */
static bool ask_for_classes(struct trial *t, struct ebb_random *r)
{
    uint32_t n = (uint32_t)t->n.net->populations[t->output].n;
    ebb_batch_forward_f64(t->batch);
    for (size_t k = 0; k < t->samples; k++) {
        uint32_t first = ebb_random_below(r, n), tried = 0;
        do {
            t->label[k] = (first + tried++) % n;
        } while (tried < n && judge_sample(t, k, false) <= .01);
        if (judge_sample(t, k, false) <= .01) {
            return false;
        }
    }
    return true;
}

static void start(struct trial *t, struct ebb_random *r)
{
    t->ticks = TICKS_LEAST + ebb_random_below(r, TICKS_MOST - TICKS_LEAST + 1);
    t->samples = 1 + ebb_random_below(r, SAMPLES_MOST);
    t->output = ebb_network_output(t->n.net);
    for (size_t k = 0; k < t->n.net->n_populations; k++) {
        t->n.net->populations[k].sigma = ebb_random_between(r, .3, .7);
    }
    struct ebb_batch_options options = {.ticks = t->ticks,
                                        .samples = t->samples,
                                        .learn = true,
                                        .neuron_gradients = true};
    ck_assert_int_eq(ebb_model_create_f64(&t->model, t->n.net, true), EBB_OK);
    ck_assert_int_eq(ebb_gradient_create_f64(&t->gradient, t->model), EBB_OK);
    ck_assert_int_eq(ebb_batch_create_f64(&t->batch, t->model, &options),
                     EBB_OK);
    t->step = *t->model->step;
    t->step.membrane_forward = smooth_forward;
    ebb_batch_set_step_f64(t->batch, &t->step);
    feed(t, r);
    if (ebb_random_below(r, 3) == 0) {
        grade(t, r);
    }
    freeze(t, r);
    if (ebb_random_below(r, 2) || !ask_for_classes(t, r)) {
        ask_for_trains(t, r);
    }
}

static void finish(struct trial *t)
{
    ebb_van_rossum_destroy_f64(t->van_rossum);
    ebb_network_destroy(t->loss_owner);
    ebb_mem_free(t->target);
    ebb_batch_destroy_f64(t->batch);
    ebb_gradient_destroy_f64(t->gradient);
    ebb_model_destroy_f64(t->model);
    random_network_finish(&t->n);
}

/* Parameters that are compared together: `n` numbers, and as many gradients;
 * `shared` neighbours are one parameter. */
struct parameters {
    const char *where, *what;
    double *value;
    const double *gradient;
    size_t n, shared;
};

/* Those that share a parameter have one value. */
static double loss_moved(struct trial *t, const struct parameters *p,
                         size_t from, double by)
{
    double kept = p->value[from];
    for (size_t i = 0; i < p->shared; i++) {
        p->value[from + i] = kept + by;
    }
    double loss = loss_of_run(t);
    for (size_t i = 0; i < p->shared; i++) {
        p->value[from + i] = kept;
    }
    return loss;
}

static double slope(struct trial *t, const struct parameters *p, size_t from,
                    double h)
{
    return (loss_moved(t, p, from, h) - loss_moved(t, p, from, -h)) / (2 * h);
}

/* Central differences over two steps, of which the error of second order
 * cancels, with ever smaller ones where the curve is steep. The plain
 * difference is enough where it is mild. */
static double difference(struct trial *t, const struct parameters *p,
                         size_t from, double wanted, double allowed)
{
    double plain = slope(t, p, from, 1e-5);
    for (double h = 4e-4; fabs(plain - wanted) > allowed && h > 1e-8; h /= 4) {
        double finer =
            (4 * slope(t, p, from, h) - slope(t, p, from, 2 * h)) / 3;
        plain = fabs(finer - wanted) < fabs(plain - wanted) ? finer : plain;
    }
    return plain;
}

static double sum_of(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
    }
    return sum;
}

static void compare(struct trial *t, const struct parameters *p)
{
    double largest = 0;
    for (size_t i = 0; i < p->n; i += p->shared) {
        largest = fmax(largest, fabs(sum_of(p->gradient + i, p->shared)));
    }
    double floor = FLOOR * fmax(t->loss, .1);
    double allowed = TOLERANCE * fmax(largest, floor);
    t->tiny += largest < floor && p->n > 0;
    size_t step = 1 + p->n / p->shared / MOST_COMPARED;
    for (size_t i = 0; i < p->n; i += step * p->shared) {
        double wanted = sum_of(p->gradient + i, p->shared);
        double found = difference(t, p, i, wanted, allowed);
        ck_assert_msg(fabs(found - wanted) <= allowed,
                      "seed %llu: %s of %s, number %zu: gradient %.12g, "
                      "central difference %.12g, largest of all %.3g",
                      (unsigned long long)t->seed, p->what, p->where, i, wanted,
                      found, largest);
        t->compared++;
    }
}

static void compare_projection(struct trial *t, size_t k)
{
    struct ebb_model_projection_f64 *p = &t->model->projections[k];
    const struct ebb_gradient_projection_f64 *g = &t->gradient->projections[k];
    size_t axons = t->n.net->populations[p->from->source].n;
    size_t shared = p->from->kernel.n == 1 ? axons : 1;
    const struct parameters all[] = {
        {p->from->name, "w", p->weight, g->d_weight, p->from->synapses, 1},
        {p->from->name, "alpha", p->alpha, g->d_alpha,
         p->filter.order_p * axons, shared},
        {p->from->name, "beta", p->beta, g->d_beta, p->filter.taps * axons,
         shared},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        compare(t, &all[i]);
    }
}

static size_t sharers(struct ebb_values values, size_t n)
{
    return n / values.n;
}

static void compare_population(struct trial *t, size_t k)
{
    const struct ebb_population *from = &t->n.net->populations[k];
    struct ebb_model_population_f64 *p = &t->model->populations[k];
    const struct ebb_gradient_population_f64 *g = &t->gradient->populations[k];
    const struct parameters all[] = {
        {from->name, "bias", p->bias, g->d_bias, from->n,
         sharers(from->bias, from->n)},
        {from->name, "lambda", p->lambda, g->d_lambda, from->n,
         sharers(from->lambda, from->n)},
        {from->name, "theta", p->theta, g->d_theta, from->n,
         sharers(from->theta, from->n)},
        {from->name, "v_th", p->v_th, g->d_v_th, from->n,
         sharers(from->v_th, from->n)},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        compare(t, &all[i]);
    }
}

static void compare_all(struct trial *t)
{
    ebb_batch_forward_f64(t->batch);
    ebb_batch_clear_losses_f64(t->batch);
    t->loss = judge(t, true);
    ebb_batch_backward_f64(t->batch, t->gradient);
    for (size_t k = 0; k < t->n.net->n_projections; k++) {
        compare_projection(t, k);
    }
    for (size_t k = 1; k < t->n.net->n_populations; k++) {
        compare_population(t, k);
    }
}

/* What the networks were, so that nothing goes untested unseen. */
struct tally {
    size_t recurrent, filter, hybrid, refractory, sparse, dense, shared,
        per_axon, delayed, meeting, rate, van_rossum, highest_p, highest_q;
    size_t shape[EBB_KERNEL_IIR + 1];
    size_t pool[EBB_POOL_MAX + 1], conv2d, grouped, per_channel;
};

static void tally_projection(struct tally *all, const struct ebb_network *net,
                             const struct ebb_projection *p)
{
    all->sparse += p->kind == EBB_PROJECTION_SPARSE;
    all->dense += p->kind == EBB_PROJECTION_DENSE;
    all->conv2d += p->kind == EBB_PROJECTION_CONV2D;
    all->grouped += p->kind == EBB_PROJECTION_CONV2D && p->conv.groups > 1;
    all->pool[p->pool.kind]++;
    all->shared += p->kernel.n == 1;
    all->per_axon += p->kernel.n > 1;
    all->delayed += p->delay_ticks > 0;
    all->shape[p->kernel.spec.shape]++;
    all->highest_p += p->kernel.order_p == 4;
    all->highest_q += p->kernel.order_q == 6;
    size_t into = 0;
    for (size_t k = 0; k < net->n_projections; k++) {
        into += net->projections[k].target == p->target;
    }
    all->meeting += into > 1;
}

static void tally_trial(struct tally *all, const struct trial *t)
{
    const struct ebb_network *net = t->n.net;
    all->recurrent += net->recurrent;
    all->rate += !t->van_rossum;
    all->van_rossum += t->van_rossum != NULL;
    for (size_t k = 1; k < net->n_populations; k++) {
        bool hybrid = net->populations[k].reset == EBB_RESET_HYBRID;
        all->per_channel += net->populations[k].bias.channel > 1;
        all->filter += !hybrid;
        all->hybrid += hybrid && net->populations[k].refractory_ticks == 0;
        all->refractory += hybrid && net->populations[k].refractory_ticks > 0;
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        tally_projection(all, net, &net->projections[k]);
    }
}

static void check_tally(const struct tally *all)
{
    size_t least = all->recurrent;
    const size_t each[] = {all->filter,   all->hybrid,     all->refractory,
                           all->sparse,   all->dense,      all->shared,
                           all->per_axon, all->delayed,    all->meeting,
                           all->rate,     all->van_rossum, all->highest_p,
                           all->highest_q};
    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        least = each[i] < least ? each[i] : least;
    }
    for (size_t i = 0; i <= EBB_KERNEL_IIR; i++) {
        least = all->shape[i] < least ? all->shape[i] : least;
    }
    ck_assert_msg(least >= 5, "some kind of network came %zu times only",
                  least);
}

static void check_spatial_tally(const struct tally *all)
{
    size_t least = all->recurrent;
    const size_t each[] = {all->conv2d,     all->grouped, all->per_channel,
                           all->dense,      all->shared,  all->per_axon,
                           all->refractory, all->hybrid,  all->filter};
    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        least = each[i] < least ? each[i] : least;
    }
    for (size_t i = 0; i <= EBB_POOL_MAX; i++) {
        least = all->pool[i] < least ? all->pool[i] : least;
    }
    ck_assert_msg(least >= 5, "some kind of network came %zu times only",
                  least);
}

static void check_networks(struct random_network (*draw)(uint64_t seed),
                           uint64_t networks,
                           void (*check)(const struct tally *all))
{
    struct tally tally = {.recurrent = 0};
    size_t compared = 0, tiny = 0;
    for (uint64_t seed = 0; seed < networks; seed++) {
        struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 79);
        struct trial t = {.seed = seed, .n = draw(seed)};
        start(&t, &r);
        compare_all(&t);
        tally_trial(&tally, &t);
        compared += t.compared;
        tiny += t.tiny;
        finish(&t);
    }
    printf("%llu networks, %zu parameters, %zu arrays with hardly a gradient\n",
           (unsigned long long)networks, compared, tiny);
    if (networks >= 100) {
        check(&tally);
    }
}

static uint64_t networks_or(uint64_t standard)
{
    const char *asked = getenv("EBB_NETWORKS");
    return asked ? strtoull(asked, NULL, 10) : standard;
}

START_TEST(every_gradient_equals_central_differences_of_a_smooth_network)
{
    check_networks(random_network_draw, networks_or(500), check_tally);
}
END_TEST

START_TEST(every_gradient_of_networks_that_convolve_is_right)
{
    check_networks(random_network_draw_spatial, networks_or(200),
                   check_spatial_tally);
}
END_TEST

RUN_SUITE("property", "gradients",
          every_gradient_equals_central_differences_of_a_smooth_network,
          every_gradient_of_networks_that_convolve_is_right)
