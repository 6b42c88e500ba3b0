/* tests/test_network_check.c - is a network sound, and in what order does it
 * run? */
#include "models/network.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* in -> a -> b, all dense with an exponential kernel; b -> a delayed. */
static struct ebb_network *make(void)
{
    static const struct {
        const char *name;
        size_t source, target;
        ebb_tick delay;
    } links[] = {{"in_a", 0, 1, 0}, {"a_b", 1, 2, 0}, {"b_a", 2, 1, 1}};
    struct ebb_network *net;
    size_t index;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "in", 2, true, &index), 0);
    ck_assert_int_eq(ebb_network_add_population(net, "a", 3, false, &index), 0);
    ck_assert_int_eq(ebb_network_add_population(net, "b", 2, false, &index), 0);
    for (size_t k = 0; k < 3; k++) {
        struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_EXPONENTIAL,
                                       .tau_m = 4};
        ck_assert_int_eq(
            ebb_network_add_projection(net, links[k].name, links[k].source,
                                       links[k].target, EBB_PROJECTION_DENSE,
                                       EBB_FLOAT64, 0, &index),
            0);
        struct ebb_projection *p = &net->projections[index];
        p->delay_ticks = links[k].delay;
        ck_assert_int_eq(ebb_kernel_expand(&p->kernel, net->arena, &spec, 1, 0),
                         0);
    }
    return net;
}

/* Finish a network that one line has spoilt. */
static void refuse(struct ebb_network *net, ebb_status wanted, const char *says)
{
    ebb_status status = ebb_network_finish(net);
    ck_assert_msg(status == wanted, "%s: status %d, %s", says, (int)status,
                  ebb_error_message());
    ck_assert_msg(strstr(ebb_error_message(), says) != NULL,
                  "wanted '%s' in: %s", says, ebb_error_message());
    ebb_network_destroy(net);
}

START_TEST(finish_accepts_a_sound_network_and_orders_it)
{
    struct ebb_network *net = make();
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    ck_assert(net->recurrent);
    size_t place[3] = {0};
    for (size_t k = 0; k < 3; k++) {
        place[net->order[k]] = k;
    }
    ck_assert_uint_lt(place[0], place[1]); /* sources of this tick first */
    ck_assert_uint_lt(place[1], place[2]);
    ck_assert_uint_eq(ebb_network_output(net), 2);
    ck_assert_uint_eq(ebb_network_input(net), 0);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(finish_of_a_cycle_needs_a_lag_somewhere)
{
    struct ebb_network *net = make();
    net->projections[2].delay_ticks = 0;
    refuse(net, EBB_ERR_ARG, "cycle without delay");
    net = make();
    net->projections[2].delay_ticks = 0;
    net->projections[1].delay_ticks = 3;
    ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
    ck_assert_uint_eq(ebb_projection_lag(&net->projections[1]), 3);
    ebb_network_destroy(net);
    net = make();
    net->projections[2].delay_ticks = 0;
    net->projections[2].kernel.beta[0] = 0; /* nothing passes in this tick */
    ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(finish_names_population_field_and_value)
{
    struct ebb_network *net = make();
    net->populations[1].lambda.v[0] = 1.01;
    refuse(net, EBB_ERR_ARG, "population 'a': lambda[0] = 1.01");
    net = make();
    net->populations[2].theta.v[0] = -.1;
    refuse(net, EBB_ERR_ARG, "population 'b': theta[0] = -0.1");
    net = make();
    net->populations[1].v_th.v[0] = (double)NAN;
    refuse(net, EBB_ERR_ARG, "population 'a': v_th[0] = nan");
    net = make();
    net->populations[1].bias.v[0] = (double)INFINITY;
    refuse(net, EBB_ERR_ARG, "population 'a': bias[0] = inf");
    net = make();
    net->populations[1].sigma = 0;
    refuse(net, EBB_ERR_ARG, "population 'a': sigma = 0");
    net = make();
    net->populations[1].refractory_ticks = 2;
    refuse(net, EBB_ERR_ARG, "needs reset: hybrid");
    net = make();
    net->populations[1].reset = EBB_RESET_HYBRID;
    net->populations[1].v_reset.v[0] = 1;
    refuse(net, EBB_ERR_ARG, "v_reset = 1 of neuron 0 is not below");
    net = make();
    net->tick_s = -1;
    refuse(net, EBB_ERR_ARG, "a tick of -1");
}
END_TEST

START_TEST(finish_wants_a_time_constant_for_each_decay)
{
    struct ebb_network *net = make();
    struct ebb_population *a = &net->populations[1];
    ck_assert_int_eq(ebb_network_values(net, &a->tau_lambda, 1), EBB_OK);
    a->tau_lambda.v[0] = (double)NAN;
    refuse(net, EBB_ERR_ARG, "tau_lambda_s[0] = nan");
    net = make();
    a = &net->populations[1];
    ck_assert_int_eq(ebb_network_values(net, &a->tau_theta, 1), EBB_OK);
    refuse(net, EBB_ERR_ARG, "tau_theta_s[0] = 0");
    net = make();
    a = &net->populations[1];
    ck_assert_int_eq(ebb_network_values(net, &a->tau_theta, 3), EBB_OK);
    refuse(net, EBB_ERR_SHAPE, "tau_theta_s has 3 values for 1 decays");
}
END_TEST

START_TEST(finish_names_projection_field_and_value)
{
    struct ebb_network *net = make();
    ((double *)net->projections[0].weight)[1 * 3 + 2] = (double)NAN;
    refuse(net, EBB_ERR_ARG, "projection 'in_a': weight[2, 1] = nan");
    net = make();
    net->projections[1].kernel.beta[0] = (double)INFINITY;
    refuse(net, EBB_ERR_ARG, "projection 'a_b': beta[0, 0] = inf");
    net = make();
    net->projections[1].kernel.alpha[0] = (double)NAN;
    refuse(net, EBB_ERR_ARG, "projection 'a_b': alpha[0, 0] = nan");
    net = make();
    net->projections[1].kernel.alpha[0] = -1;
    refuse(net, EBB_ERR_DIVERGED, "projection 'a_b': axon 0 has an unstable");
    net = make();
    net->projections[1].kernel.n = 2;
    refuse(net, EBB_ERR_SHAPE, "kernel with 2 columns for 3 axons");
    net = make();
    net->projections[1].delay_ticks = (ebb_tick)1 << 41;
    refuse(net, EBB_ERR_ARG, "projection 'a_b': a delay");
}
END_TEST

START_TEST(names_are_taken_once_and_inputs_are_no_targets)
{
    struct ebb_network *net = make();
    size_t index;
    ck_assert_int_eq(ebb_network_add_population(net, "a", 1, false, &index),
                     EBB_ERR_ARG);
    ck_assert_int_eq(ebb_network_add_population(net, "", 1, false, &index),
                     EBB_ERR_ARG);
    ck_assert_int_eq(ebb_network_add_population(net, "x/y", 1, false, &index),
                     EBB_ERR_ARG);
    ck_assert_int_eq(ebb_network_add_population(net, "none", 0, false, &index),
                     EBB_ERR_ARG);
    ck_assert_int_eq(ebb_network_add_projection(net, "a_b", 0, 1,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT32, 0, &index),
                     EBB_ERR_ARG);
    ck_assert_int_eq(ebb_network_add_projection(net, "back", 1, 0,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT32, 0, &index),
                     EBB_ERR_ARG);
    ck_assert_uint_eq(net->n_populations, 3);
    ck_assert_uint_eq(net->n_projections, 3);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(network_without_neurons_is_refused)
{
    struct ebb_network *net;
    size_t index;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "in", 2, true, &index), 0);
    refuse(net, EBB_ERR_ARG, "no neurons");
    ebb_network_destroy(NULL);
}
END_TEST

START_TEST(hash_tells_networks_apart)
{
    struct ebb_network *one = make(), *other = make();
    ck_assert_int_eq(ebb_network_finish(one), EBB_OK);
    ck_assert_int_eq(ebb_network_finish(other), EBB_OK);
    ck_assert_uint_eq(ebb_network_hash(one), ebb_network_hash(other));
    ((double *)other->projections[2].weight)[5] = 1e-300;
    ck_assert_uint_ne(ebb_network_hash(one), ebb_network_hash(other));
    ((double *)other->projections[2].weight)[5] = 0;
    other->strict = true;
    ck_assert_uint_ne(ebb_network_hash(one), ebb_network_hash(other));
    ebb_network_destroy(one);
    ebb_network_destroy(other);
}
END_TEST

RUN_SUITE("models", "network_check",
          finish_accepts_a_sound_network_and_orders_it,
          finish_of_a_cycle_needs_a_lag_somewhere,
          finish_names_population_field_and_value,
          finish_wants_a_time_constant_for_each_decay,
          finish_names_projection_field_and_value,
          names_are_taken_once_and_inputs_are_no_targets,
          network_without_neurons_is_refused, hash_tells_networks_apart)
