/* tests/test_network_space.c - populations in space, what convolves and pools
 * between them, and what is refused. */
#include "models/network.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Shapes as PyTorch's documentation of Conv2d computes them. */
static const struct {
    struct ebb_conv conv;
    struct ebb_grid in;
    size_t channels;
    struct ebb_grid out; /* 0 channels: refused */
} convolutions[] = {
    {{{3, 3}, {1, 1}, {1, 1}, {1, 1}, 1}, {2, 10, 10}, 3, {3, 10, 10}},
    {{{3, 3}, {1, 1}, {0, 0}, {1, 1}, 1}, {3, 5, 5}, 4, {4, 3, 3}},
    {{{5, 3}, {2, 3}, {1, 2}, {2, 1}, 2}, {4, 20, 17}, 6, {6, 7, 7}},
    {{{1, 1}, {4, 4}, {0, 0}, {9, 9}, 1}, {1, 9, 8}, 1, {1, 3, 2}},
    {{{3, 3}, {1, 1}, {0, 0}, {1, 1}, 1}, {2, 2, 5}, 3, {0, 0, 0}},
    {{{3, 3}, {1, 1}, {0, 0}, {3, 3}, 1}, {2, 6, 9}, 3, {0, 0, 0}},
    {{{3, 3}, {1, 1}, {1, 1}, {1, 1}, 2}, {3, 9, 9}, 4, {0, 0, 0}},
    {{{3, 3}, {1, 1}, {1, 1}, {1, 1}, 3}, {3, 9, 9}, 4, {0, 0, 0}},
    {{{3, 3}, {1, 1}, {1, 1}, {1, 1}, 0}, {3, 9, 9}, 4, {0, 0, 0}},
    {{{0, 3}, {1, 1}, {1, 1}, {1, 1}, 1}, {3, 9, 9}, 4, {0, 0, 0}},
    {{{3, 3}, {1, 0}, {1, 1}, {1, 1}, 1}, {3, 9, 9}, 4, {0, 0, 0}},
    {{{3, 3}, {1, 1}, {1, 1}, {0, 1}, 1}, {3, 9, 9}, 4, {0, 0, 0}},
    {{{SIZE_MAX, 3}, {1, 1}, {1, 1}, {1, 1}, 1}, {3, 9, 9}, 4, {0, 0, 0}},
    {{{3, 3}, {1, 1}, {1, SIZE_MAX}, {1, 1}, 1}, {3, 9, 9}, 4, {0, 0, 0}},
};

START_TEST(conv_grid_is_known_or_refused)
{
    for (size_t k = 0; k < sizeof(convolutions) / sizeof(convolutions[0]);
         k++) {
        struct ebb_grid out = {0, 0, 0}, wanted = convolutions[k].out;
        ebb_status status =
            ebb_conv_grid(&out, &convolutions[k].conv, convolutions[k].in,
                          convolutions[k].channels);
        ck_assert_msg((status == EBB_OK) == (wanted.channels > 0),
                      "row %zu: %s", k, ebb_error_message());
        ck_assert_msg(ebb_grid_equal(out, wanted), "row %zu: [%zu, %zu, %zu]",
                      k, out.channels, out.rows, out.columns);
    }
}
END_TEST

START_TEST(pool_grid_leaves_out_what_is_over)
{
    struct ebb_pool pool = {EBB_POOL_MAX, {2, 3}, {2, 2}};
    struct ebb_grid out;
    ck_assert_int_eq(ebb_pool_grid(&out, &pool, (struct ebb_grid){4, 5, 8}),
                     EBB_OK);
    ck_assert(ebb_grid_equal(out, (struct ebb_grid){4, 2, 3}));
    ck_assert_int_eq(ebb_pool_grid(&out, &pool, (struct ebb_grid){4, 1, 8}),
                     EBB_ERR_SHAPE);
    pool.stride[1] = 0;
    ck_assert_int_eq(ebb_pool_grid(&out, &pool, (struct ebb_grid){4, 5, 8}),
                     EBB_ERR_ARG);
    pool.kind = EBB_POOL_NONE;
    ck_assert_int_eq(ebb_pool_grid(&out, &pool, (struct ebb_grid){4, 5, 8}),
                     EBB_OK);
    ck_assert(ebb_grid_equal(out, (struct ebb_grid){4, 5, 8}));
}
END_TEST

static size_t add_grid(struct ebb_network *net, const char *name,
                       struct ebb_grid grid)
{
    size_t index;
    bool input = net->n_populations == 0;
    ck_assert_int_eq(ebb_network_add_population(net, name, ebb_grid_size(grid),
                                                input, &index),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(net, index, grid), EBB_OK);
    return index;
}

static ebb_status connect(struct ebb_network *net, size_t source, size_t target,
                          const struct ebb_pool *pool,
                          const struct ebb_conv *conv, size_t *index)
{
    struct ebb_kernel_spec spec = {
        .shape = EBB_KERNEL_EXPONENTIAL, .tau_m = 4e-3, .seconds = true};
    struct ebb_spatial space = {.pool = {EBB_POOL_NONE, {0, 0}, {0, 0}},
                                .conv = conv};
    char name[16];
    snprintf(name, sizeof(name), "q%zu", net->n_projections);
    if (pool) {
        space.pool = *pool;
    }
    EBB_TRY(ebb_network_add_spatial(net, name, source, target, &space,
                                    EBB_FLOAT64, index));
    return ebb_kernel_expand(&net->projections[*index].kernel, net->arena,
                             &spec, 1, net->tick_s);
}

static const struct ebb_pool halves = {EBB_POOL_MAX, {2, 2}, {2, 2}};

/* [1, 6, 6] -> 3x3 conv -> [2, 6, 6] -> pooled, dense -> 3. */
static struct ebb_network *make(void)
{
    struct ebb_network *net;
    struct ebb_conv conv = ebb_conv_default(3, 3);
    size_t q;
    conv.padding[0] = conv.padding[1] = 1;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    net->tick_s = 1e-3;
    size_t in = add_grid(net, "in", (struct ebb_grid){1, 6, 6});
    size_t mid = add_grid(net, "mid", (struct ebb_grid){2, 6, 6});
    size_t out = add_grid(net, "out", (struct ebb_grid){3, 1, 1});
    ck_assert_int_eq(connect(net, in, mid, NULL, &conv, &q), EBB_OK);
    ck_assert_int_eq(connect(net, mid, out, &halves, NULL, &q), EBB_OK);
    for (size_t k = 0; k < 18; k++) {
        ((double *)net->projections[0].weight)[k] = 1;
    }
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

START_TEST(weights_are_those_of_windows_and_of_what_is_pooled)
{
    struct ebb_network *net = make();
    ck_assert_uint_eq(net->projections[0].synapses, 2 * 9);
    ck_assert_uint_eq(net->projections[1].synapses, 2 * 9 * 3);
    /* 4 corners meet 4 windows, 16 edges 6, the rest 9; 2 channels. */
    ck_assert_double_eq_tol(ebb_projection_reach(net, &net->projections[0]),
                            2 * (4 * 4 + 16 * 6 + 16 * 9) / 36., 1e-12);
    ck_assert_double_eq_tol(ebb_projection_reach(net, &net->projections[1]), 3,
                            1e-12);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(conv_refuses_a_target_of_another_shape)
{
    struct ebb_network *net = make();
    struct ebb_conv conv = ebb_conv_default(3, 3);
    size_t q;
    ck_assert_int_eq(connect(net, 0, 1, NULL, &conv, &q), EBB_ERR_SHAPE);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "projection 'q2': conv: "
                                                      "from [1, 6, 6]"));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "[2, 4, 4]"));
    conv.groups = 2;
    ck_assert_int_eq(connect(net, 0, 1, NULL, &conv, &q), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "groups = 2"));
    ck_assert_int_eq(connect(net, 2, 1, &halves, NULL, &q), EBB_ERR_SHAPE);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "[3, 1, 1]"));
    ck_assert_uint_eq(net->n_projections, 2);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(a_shape_is_of_all_neurons_and_stays)
{
    struct ebb_network *net = make();
    const struct ebb_grid bad[] = {
        {2, 6, 5}, {0, 6, 6}, {2, 0, 0}, {SIZE_MAX, SIZE_MAX, 72}};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        ck_assert_int_eq(ebb_network_set_grid(net, 1, bad[k]), EBB_ERR_SHAPE);
        ck_assert_ptr_nonnull(strstr(ebb_error_message(), "'mid'"));
    }
    ck_assert_int_eq(ebb_network_set_grid(net, 1, (struct ebb_grid){2, 4, 9}),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_finish(net), EBB_ERR_SHAPE);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(a_value_for_each_channel_is_that_of_its_neurons)
{
    struct ebb_network *net = make();
    struct ebb_population *mid = &net->populations[1];
    ck_assert_int_eq(ebb_network_values(net, &mid->bias, 2), EBB_OK);
    mid->bias.v[1] = .5;
    ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
    for (size_t i = 0; i < 72; i++) {
        ck_assert(ebb_value_at(mid->bias, i) == (i < 36 ? 0 : .5));
    }
    ck_assert_int_eq(ebb_network_values(net, &mid->bias, 3), EBB_OK);
    ck_assert_int_eq(ebb_network_finish(net), EBB_ERR_SHAPE);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "2 channels"));
    ebb_network_destroy(net);
}
END_TEST

START_TEST(another_pooling_is_another_network)
{
    struct ebb_network *net = make();
    uint64_t hash = ebb_network_hash(net);
    net->projections[1].pool.kind = EBB_POOL_AVERAGE;
    ck_assert_uint_ne(ebb_network_hash(net), hash);
    ebb_network_destroy(net);
    net = make();
    ck_assert_uint_eq(ebb_network_hash(net), hash);
    ebb_network_destroy(net);
}
END_TEST

/* λ of each channel of 'mid', in time units. */
static void leak(struct ebb_network *net, size_t values)
{
    struct ebb_population *mid = &net->populations[1];
    ck_assert_int_eq(ebb_network_values(net, &mid->lambda, values), EBB_OK);
    ck_assert_int_eq(ebb_network_values(net, &mid->tau_lambda, values), EBB_OK);
    for (size_t k = 0; k < values; k++) {
        mid->tau_lambda.v[k] = 2e-3 * (double)(k + 1);
        mid->lambda.v[k] = exp(-1e-3 / mid->tau_lambda.v[k]);
    }
    ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
}

START_TEST(set_tick_scales_weights_channel_by_channel)
{
    struct ebb_network *net = make();
    const double *w = net->projections[0].weight;
    leak(net, 2);
    ck_assert_msg(ebb_network_set_tick(net, 5e-4) == EBB_OK, "%s",
                  ebb_error_message());
    for (size_t k = 0; k < 18; k++) {
        double tau = k < 9 ? 2e-3 : 4e-3;
        double gain = expm1(-5e-4 / tau) / expm1(-1e-3 / tau);
        ck_assert_double_eq_tol(w[k], gain, 1e-14);
    }
    ebb_network_destroy(net);
    net = make();
    leak(net, 72);
    ck_assert_int_eq(ebb_network_set_tick(net, 5e-4), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "differs within one"));
    ebb_network_destroy(net);
}
END_TEST

RUN_SUITE("models", "network_space", conv_grid_is_known_or_refused,
          pool_grid_leaves_out_what_is_over,
          weights_are_those_of_windows_and_of_what_is_pooled,
          conv_refuses_a_target_of_another_shape,
          a_shape_is_of_all_neurons_and_stays,
          a_value_for_each_channel_is_that_of_its_neurons,
          another_pooling_is_another_network,
          set_tick_scales_weights_channel_by_channel)
