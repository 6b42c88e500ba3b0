/* tests/recorded_network.c - a small network that is worth recording. */
#include "tests/recorded_network.h"

#include "core/random.h"

#include <check.h>

static void connect(struct ebb_network *net, const char *name, size_t from,
                    size_t to, ebb_tick delay)
{
    size_t index;
    struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_DUAL_EXPONENTIAL,
                                   .tau_m = 8,
                                   .tau_s = 2,
                                   .input_lag = 1};
    ck_assert_int_eq(ebb_network_add_projection(net, name, from, to,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT64, 0, &index),
                     EBB_OK);
    struct ebb_projection *p = &net->projections[index];
    ck_assert_int_eq(ebb_kernel_expand(&p->kernel, net->arena, &spec, 1, 0),
                     EBB_OK);
    p->delay_ticks = delay;
    struct ebb_random r = ebb_random_stream(7, EBB_RANDOM_TEST, index);
    for (size_t k = 0; k < p->synapses; k++) {
        ((double *)p->weight)[k] = ebb_random_between(&r, -.4, .9);
    }
}

struct ebb_network *recorded_network(void)
{
    size_t index;
    struct ebb_network *net;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    ck_assert_int_eq(
        ebb_network_add_population(net, "in", INPUTS, true, &index), EBB_OK);
    ck_assert_int_eq(
        ebb_network_add_population(net, "hidden", HIDDEN, false, &index),
        EBB_OK);
    net->populations[index].reset = EBB_RESET_HYBRID;
    net->populations[index].refractory_ticks = 2;
    ck_assert_int_eq(
        ebb_network_add_population(net, "out", OUTPUTS, false, &index), EBB_OK);
    connect(net, "in_hidden", 0, 1, 0);
    connect(net, "hidden_hidden", 1, 1, 3);
    connect(net, "hidden_out", 1, 2, 0);
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

void recorded_input(struct ebb_events *input, ebb_tick ticks)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 99);
    for (ebb_tick t = 0; t < ticks; t += 1 + ebb_random_below(&r, 6)) {
        struct ebb_event e = {t, ebb_random_below(&r, INPUTS),
                              ebb_random_between(&r, .5, 2)};
        ck_assert_int_eq(ebb_events_push(input, e), EBB_OK);
    }
}
