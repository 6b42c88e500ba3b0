/* tests/test_network_tick.c - the same network at another tick length. */
#include "models/network.h"
#include "tests/run_suite.h"

#include <math.h>
#include <string.h>

static const double tau_kernel = 5e-3, tau_lambda = 8e-3, tau_theta = 20e-3;

static struct ebb_values *set_tau(struct ebb_network *net,
                                  struct ebb_values *tau, double seconds)
{
    ck_assert_int_eq(ebb_network_values(net, tau, 1), EBB_OK);
    tau->v[0] = seconds;
    return tau;
}

/* One input, two neurons, everything in time units, a tick of 1 ms. */
static struct ebb_network *make(void)
{
    struct ebb_network *net;
    size_t in, out, q;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    net->tick_s = 1e-3;
    ck_assert_int_eq(ebb_network_add_population(net, "in", 1, true, &in), 0);
    ck_assert_int_eq(ebb_network_add_population(net, "out", 2, false, &out), 0);
    struct ebb_population *p = &net->populations[out];
    set_tau(net, &p->tau_lambda, tau_lambda);
    set_tau(net, &p->tau_theta, tau_theta);
    p->lambda.v[0] = exp(-1e-3 / tau_lambda);
    p->theta.v[0] = exp(-1e-3 / tau_theta);
    p->bias.v[0] = .25;
    ck_assert_int_eq(ebb_network_add_projection(net, "w", in, out,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT64, 0, &q),
                     0);
    struct ebb_projection *w = &net->projections[q];
    struct ebb_kernel_spec spec = {
        .shape = EBB_KERNEL_ALPHA, .tau_m = tau_kernel, .seconds = true};
    ck_assert_int_eq(ebb_kernel_expand(&w->kernel, net->arena, &spec, 1, 1e-3),
                     0);
    w->delay_s = 2e-3;
    w->delay_ticks = 2;
    ((double *)w->weight)[0] = 1;
    ((double *)w->weight)[1] = -3;
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

START_TEST(set_tick_rebuilds_all_by_exact_integration)
{
    struct ebb_network *net = make();
    ck_assert_msg(ebb_network_set_tick(net, 1e-4) == EBB_OK, "%s",
                  ebb_error_message());
    const struct ebb_population *p = &net->populations[1];
    const struct ebb_projection *w = &net->projections[0];
    double gain = (1 - exp(-1e-4 / tau_lambda)) / (1 - exp(-1e-3 / tau_lambda));
    ck_assert_double_eq_tol(p->lambda.v[0], exp(-1e-4 / tau_lambda), 1e-15);
    ck_assert_double_eq_tol(p->theta.v[0], exp(-1e-4 / tau_theta), 1e-15);
    ck_assert_double_eq_tol(w->kernel.alpha[0], 2 * exp(-1e-4 / tau_kernel),
                            1e-15);
    ck_assert_uint_eq(w->delay_ticks, 20);
    ck_assert_double_eq_tol(((const double *)w->weight)[1], -3 * gain, 1e-14);
    ck_assert_double_eq_tol(p->bias.v[0], .25 * gain, 1e-15);
    ck_assert_double_eq(net->tick_s, 1e-4);
    /* A constant current I settles at I / (1 - λ): the same V. */
    ck_assert_double_eq_tol(p->bias.v[0] / (1 - p->lambda.v[0]),
                            .25 / (1 - exp(-1e-3 / tau_lambda)), 1e-12);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(set_tick_there_and_back_is_the_network_again)
{
    struct ebb_network *net = make(), *same = make();
    ck_assert_int_eq(ebb_network_set_tick(net, 1e-4), EBB_OK);
    ck_assert_int_eq(ebb_network_set_tick(net, 1e-3), EBB_OK);
    for (size_t k = 0; k < 2; k++) {
        ck_assert_double_eq_tol(ebb_projection_weight(&net->projections[0], k),
                                ebb_projection_weight(&same->projections[0], k),
                                1e-13);
    }
    ck_assert_double_eq(net->populations[1].lambda.v[0],
                        same->populations[1].lambda.v[0]);
    ck_assert_uint_eq(net->projections[0].delay_ticks, 2);
    ck_assert_int_eq(ebb_network_set_tick(same, 1e-3), EBB_OK); /* as it is */
    ebb_network_destroy(net);
    ebb_network_destroy(same);
}
END_TEST

/* Another tick is refused; the network stays as it was. */
static void refuse(struct ebb_network *net, double tick_s, const char *says)
{
    uint64_t before = ebb_network_hash(net);
    ck_assert_int_eq(ebb_network_set_tick(net, tick_s), EBB_ERR_ARG);
    ck_assert_uint_eq(ebb_network_hash(net), before);
    ck_assert_msg(strstr(ebb_error_message(), says) != NULL,
                  "wanted '%s' in: %s", says, ebb_error_message());
    ck_assert_double_eq(net->tick_s, 1e-3);
    ebb_network_destroy(net);
}

START_TEST(set_tick_names_what_is_not_in_time_units)
{
    struct ebb_network *net = make();
    net->populations[1].tau_lambda.n = 0;
    refuse(net, 1e-4, "'out' gives its lambda in ticks");
    net = make();
    net->populations[1].tau_theta.n = 0;
    refuse(net, 1e-4, "'out' gives its theta in ticks");
    net = make();
    net->projections[0].kernel.spec.seconds = false;
    refuse(net, 1e-4, "'w' gives its kernel in ticks");
    net = make();
    net->projections[0].kernel.spec.shape = EBB_KERNEL_IIR;
    refuse(net, 1e-4, "'w' gives its kernel in ticks");
    net = make();
    net->projections[0].delay_s = 0;
    refuse(net, 1e-4, "'w' gives its delay in ticks");
    refuse(make(), 0, "must be positive");
    refuse(make(), (double)NAN, "must be positive");
}
END_TEST

START_TEST(set_tick_gives_a_length_to_ticks_without_one)
{
    struct ebb_network *net = make();
    net->tick_s = 0;
    net->populations[1].tau_theta.n = 0; /* in ticks */
    double theta = net->populations[1].theta.v[0];
    ck_assert_int_eq(ebb_network_set_tick(net, 1e-2), EBB_OK);
    ck_assert_double_eq(net->tick_s, 1e-2);
    ck_assert_double_eq(net->populations[1].theta.v[0], theta);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(set_tick_needs_whole_delays)
{
    refuse(make(), 1.5e-3, "whole number of ticks");
    refuse(make(), 3e-3, "whole number of ticks");
    struct ebb_network *net = make();
    struct ebb_population *out = &net->populations[1];
    out->reset = EBB_RESET_HYBRID;
    out->refractory_s = 5e-3;
    out->refractory_ticks = 5;
    refuse(net, 2e-3, "'out': refractory time of 0.005 s is 2.5 ticks");
}
END_TEST

START_TEST(set_tick_leaves_charges_as_they_are)
{
    struct ebb_network *net = make();
    struct ebb_kernel_spec none = {.shape = EBB_KERNEL_NONE};
    ck_assert_int_eq(
        ebb_kernel_expand(&net->projections[0].kernel, net->arena, &none, 1, 0),
        0);
    ck_assert_int_eq(ebb_network_set_tick(net, 1e-4), EBB_OK);
    ck_assert_double_eq(ebb_projection_weight(&net->projections[0], 1), -3);
    ebb_network_destroy(net);
}
END_TEST

RUN_SUITE("models", "network_tick", set_tick_rebuilds_all_by_exact_integration,
          set_tick_there_and_back_is_the_network_again,
          set_tick_gives_a_length_to_ticks_without_one,
          set_tick_names_what_is_not_in_time_units, set_tick_needs_whole_delays,
          set_tick_leaves_charges_as_they_are)
