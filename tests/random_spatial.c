/* tests/random_spatial.c - networks that convolve and pool, from a seed. */
#include "tests/random_parts.h"
#include "tests/run_suite.h"

#include <check.h>
#include <stdio.h>

enum { SIDE = 7, CHANNELS = 3 }; /* at most, of the input */

static size_t from_to(struct ebb_random *r, size_t low, size_t high)
{
    return low + ebb_random_below(r, (uint32_t)(high - low + 1));
}

static struct ebb_pool random_pool(struct ebb_random *r)
{
    struct ebb_pool pool = {.kind = EBB_POOL_NONE};
    if (ebb_random_below(r, 3)) {
        pool.kind = (enum ebb_pool_kind)from_to(r, EBB_POOL_SUM, EBB_POOL_MAX);
    }
    for (size_t k = 0; k < 2; k++) {
        pool.size[k] = from_to(r, 1, 3);
        pool.stride[k] = from_to(r, 1, 3);
    }
    return pool;
}

static struct ebb_conv random_conv(struct ebb_random *r, size_t channels)
{
    struct ebb_conv conv = {.groups = ebb_random_below(r, 2) ? channels : 1};
    for (size_t k = 0; k < 2; k++) {
        conv.size[k] = from_to(r, 1, 3);
        conv.stride[k] = from_to(r, 1, 2);
        conv.padding[k] = from_to(r, 0, 2);
        conv.dilation[k] = from_to(r, 1, 2);
    }
    return conv;
}

/* Maxima have no derivative where neurons are equal and a parameter moves them
 * apart; with a threshold each, no two neurons are. */
static void tell_neurons_apart(struct ebb_network *net,
                               struct ebb_population *p, struct ebb_random *r)
{
    ck_assert_int_eq(ebb_network_values(net, &p->v_th, p->n), EBB_OK);
    for (size_t i = 0; i < p->n; i++) {
        p->v_th.v[i] = ebb_random_between(r, .5, 1.5);
    }
}

static size_t add_population(struct ebb_network *net, struct ebb_grid grid,
                             struct ebb_random *r)
{
    char name[16];
    size_t index, k = net->n_populations;
    snprintf(name, sizeof(name), "p%zu", k);
    ck_assert_int_eq(ebb_network_add_population(net, name, ebb_grid_size(grid),
                                                k == 0, &index),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(net, index, grid), EBB_OK);
    struct ebb_population *p = &net->populations[index];
    if (k > 0) {
        random_neurons(net, p, r);
        tell_neurons_apart(net, p, r);
    }
    if (k > 0 && ebb_random_below(r, 2)) {
        ck_assert_int_eq(ebb_network_values(net, &p->bias, grid.channels),
                         EBB_OK);
        for (size_t c = 0; c < grid.channels; c++) {
            p->bias.v[c] = ebb_random_between(r, -.2, .3);
        }
    }
    return index;
}

/* The same of taps of 0, whose axons all have F = 0. */
static void tell_axons_apart(struct ebb_kernel *k, struct ebb_random *r)
{
    k->spec.shape = EBB_KERNEL_IIR;
    for (size_t i = 0; i < (k->order_q + 1) * k->n; i++) {
        k->beta[i] += ebb_random_between(r, .02, .1);
    }
}

static void add_projection(struct ebb_network *net, size_t source,
                           size_t target, const struct ebb_spatial *space,
                           struct ebb_random *r)
{
    char name[16];
    size_t index;
    snprintf(name, sizeof(name), "q%zu", net->n_projections);
    ck_assert_msg(ebb_network_add_spatial(net, name, source, target, space,
                                          ebb_random_below(r, 2) ? EBB_FLOAT32
                                                                 : EBB_FLOAT64,
                                          &index) == EBB_OK,
                  "%s", ebb_error_message());
    struct ebb_projection *p = &net->projections[index];
    size_t fan_in = space->conv ? p->synapses / p->to.channels : p->n_inputs;
    random_weights(p, fan_in, r);
    random_kernel(net, p, source >= target, r);
    if (p->pool.kind == EBB_POOL_MAX) {
        tell_axons_apart(&p->kernel, r);
    }
}

/* Another population, fed by the last one. */
static void grow(struct ebb_network *net, struct ebb_random *r)
{
    size_t source = net->n_populations - 1;
    struct ebb_grid pooled, grid, from = net->populations[source].grid;
    struct ebb_spatial space = {.pool = random_pool(r)};
    struct ebb_conv conv = random_conv(r, from.channels);
    while (ebb_pool_grid(&pooled, &space.pool, from) != EBB_OK) {
        space.pool = random_pool(r);
    }
    size_t channels = conv.groups * from_to(r, 1, 2);
    while (ebb_conv_grid(&grid, &conv, pooled, channels) != EBB_OK) {
        conv = random_conv(r, from.channels);
        channels = conv.groups * from_to(r, 1, 2);
    }
    bool convolves = ebb_random_below(r, 3) > 0;
    if (!convolves) {
        grid = (struct ebb_grid){from_to(r, 1, 4), 1, 1};
    }
    space.conv = convolves ? &conv : NULL;
    add_projection(net, source, add_population(net, grid, r), &space, r);
}

/* Back, ahead or to itself; pooled where that fits. */
static void add_extra(struct ebb_network *net, struct ebb_random *r)
{
    size_t n = net->n_populations;
    size_t source = from_to(r, 0, n - 1), target = from_to(r, 1, n - 1);
    struct ebb_grid grid;
    struct ebb_spatial space = {.pool = random_pool(r)};
    while (ebb_pool_grid(&grid, &space.pool, net->populations[source].grid) !=
           EBB_OK) {
        space.pool = random_pool(r);
    }
    add_projection(net, source, target, &space, r);
}

struct random_network random_network_draw_spatial(uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 80);
    struct random_network out = {.net = NULL};
    ebb_tick busy = 60 + ebb_random_below(&r, 140);
    ck_assert_int_eq(ebb_network_create(&out.net), EBB_OK);
    struct ebb_grid input = {from_to(&r, 1, CHANNELS), from_to(&r, 2, SIDE),
                             from_to(&r, 2, SIDE)};
    add_population(out.net, input, &r);
    for (size_t k = from_to(&r, 1, 3); k > 0; k--) {
        grow(out.net, &r);
    }
    if (ebb_random_below(&r, 3) == 0) {
        add_extra(out.net, &r);
    }
    ck_assert_msg(ebb_network_finish(out.net) == EBB_OK, "seed %llu: %s",
                  (unsigned long long)seed, ebb_error_message());
    random_input(&out, busy, &r);
    return out;
}
