/* tests/test_engine_space.c - what convolutions cost the event engine, in
 * counters: the targets that an event reaches, and nothing for the rest. */
#include "core/memory.h"
#include "core/random.h"
#include "sim/engine.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>

enum { SIDE = 128, CHANNELS = 16 };

static void add_weights(struct ebb_network *net, size_t from, size_t to,
                        const struct ebb_spatial *space, bool per_axon)
{
    const struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_DUAL_EXPONENTIAL,
                                         .tau_m = 8,
                                         .tau_s = 2,
                                         .input_lag = 1,
                                         .normalised = true};
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 91);
    size_t index;
    ck_assert_msg(ebb_network_add_spatial(net, net->populations[to].name, from,
                                          to, space, EBB_FLOAT32,
                                          &index) == EBB_OK,
                  "%s", ebb_error_message());
    struct ebb_projection *p = &net->projections[index];
    for (size_t s = 0; s < p->synapses; s++) {
        ((float *)p->weight)[s] = (float)ebb_random_between(&r, -.4, .5);
    }
    ck_assert_int_eq(ebb_kernel_expand(&p->kernel, net->arena, &spec,
                                       per_axon ? net->populations[from].n : 1,
                                       0),
                     EBB_OK);
}

static size_t add_population(struct ebb_network *net, const char *name,
                             struct ebb_grid grid, bool input)
{
    size_t index;
    ck_assert_int_eq(ebb_network_add_population(net, name, ebb_grid_size(grid),
                                                input, &index),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(net, index, grid), EBB_OK);
    net->populations[index].theta.v[0] = .9;
    return index;
}

/* A sensor of 2 channels, 16C4 at steps of 4, averages of 2 x 2, 16C3 with a
 * border. */
static struct ebb_network *sensor_network(size_t rows, size_t columns,
                                          bool per_axon)
{
    struct ebb_network *net;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    struct ebb_conv first = ebb_conv_default(4, 4);
    struct ebb_conv second = ebb_conv_default(3, 3);
    const struct ebb_grid map = {CHANNELS, rows / 4, columns / 4};
    const struct ebb_grid half = {CHANNELS, rows / 8, columns / 8};
    first.stride[0] = first.stride[1] = 4;
    second.padding[0] = second.padding[1] = 1;
    size_t in =
        add_population(net, "in", (struct ebb_grid){2, rows, columns}, true);
    size_t c1 = add_population(net, "c1", map, false);
    size_t c2 = add_population(net, "c2", half, false);
    add_weights(net, in, c1, &(struct ebb_spatial){.conv = &first}, per_axon);
    const struct ebb_spatial pooled = {
        .pool = {.kind = EBB_POOL_AVERAGE, .size = {2, 2}, .stride = {2, 2}},
        .conv = &second};
    add_weights(net, c1, c2, &pooled, per_axon);
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

/* Events of a patch that wanders about the left half, away from its border. */
static void draw_events(struct ebb_events *events, size_t columns,
                        ebb_tick ticks)
{
    struct ebb_random r = ebb_random_stream(2, EBB_RANDOM_TEST, 92);
    for (ebb_tick t = 0; t < ticks; t++) {
        for (size_t k = 0; k < 30; k++) {
            size_t x = 20 + (size_t)t / 10 + ebb_random_below(&r, 24);
            size_t y = 40 + ebb_random_below(&r, 30);
            size_t channel = ebb_random_below(&r, 2);
            struct ebb_event e = {
                t, (ebb_neuron_id)((channel * SIDE + y) * columns + x), 1};
            ck_assert_int_eq(ebb_events_push(events, e), EBB_OK);
        }
    }
}

static struct ebb_counters run_on(size_t columns, bool per_axon,
                                  enum ebb_engine_mode mode)
{
    struct ebb_network *net = sensor_network(SIDE, columns, per_axon);
    struct ebb_engine_options options = ebb_engine_options_default();
    struct ebb_events events = {0};
    struct ebb_counters c;
    options.mode = mode;
    draw_events(&events, columns, 300);
    ck_assert_msg(ebb_engine_simulate(&c, net, &options, events.at, events.n,
                                      400) == EBB_OK,
                  "%s", ebb_error_message());
    ebb_events_finish(&events);
    ebb_network_destroy(net);
    return c;
}

/* Sums of squares tell two runs apart. */
static ebb_status add_spike(void *self, size_t population, ebb_tick tick,
                            const ebb_neuron_id *node, const double *value,
                            size_t n)
{
    uint64_t *sum = self;
    (void)value;
    for (size_t k = 0; k < n; k++) {
        uint64_t own = (tick * 7919 + node[k]) * 31 + population;
        *sum += own * own;
    }
    return EBB_OK;
}

/* Whatever fails within a tick, a reset engine starts anew. */
START_TEST(reset_after_a_failed_run_is_a_run_from_rest)
{
    for (int per_axon = 0; per_axon < 2; per_axon++) {
        uint64_t sum = 0, whole = 0;
        struct ebb_network *net = sensor_network(SIDE, SIDE, per_axon);
        struct ebb_events events = {0};
        struct ebb_engine *engine;
        struct ebb_engine_options options = ebb_engine_options_default();
        net->projections[1].pool.kind = EBB_POOL_MAX;
        options.sink = (struct ebb_run_sink){.self = &sum, .spikes = add_spike};
        draw_events(&events, SIDE, 40);
        ebb_status status = EBB_ERR_NOMEM;
        for (long nth = 1; status != EBB_OK; nth += 1 + nth / 8) {
            ck_assert_int_eq(ebb_engine_create(&engine, net, &options), EBB_OK);
            ck_assert_int_eq(ebb_engine_input(engine, 0, events.at, events.n),
                             EBB_OK);
            ebb_mem_fail_nth(nth);
            status = ebb_engine_run(engine, 60);
            ebb_mem_fail_nth(0);
            ck_assert_int_eq(ebb_engine_reset(engine), EBB_OK);
            sum = 0;
            ck_assert_int_eq(ebb_engine_input(engine, 0, events.at, events.n),
                             EBB_OK);
            ck_assert_int_eq(ebb_engine_run(engine, 60), EBB_OK);
            whole = whole ? whole : sum;
            CHECK_EACH(sum == whole, "after failure %ld", nth);
            ebb_engine_destroy(engine);
        }
        ck_assert_uint_gt(whole, 0);
        ebb_events_finish(&events);
        ebb_network_destroy(net);
    }
}
END_TEST

static void check_near(const char *what, uint64_t small, uint64_t large)
{
    printf("%s: %llu, with the silent half %llu\n", what,
           (unsigned long long)small, (unsigned long long)large);
    ck_assert_msg(fabs((double)large - (double)small) <= .01 * (double)small,
                  "%s: %llu, with the silent half %llu", what,
                  (unsigned long long)small, (unsigned long long)large);
}

START_TEST(a_silent_half_of_the_sensor_costs_nothing)
{
    uint64_t spikes = 0;
    for (int per_axon = 0; per_axon < 2; per_axon++) {
        for (int lazy = 0; lazy < 2; lazy++) {
            enum ebb_engine_mode mode =
                lazy ? EBB_ENGINE_LAZY : EBB_ENGINE_ADAPTIVE;
            struct ebb_counters a = run_on(SIDE, per_axon, mode);
            struct ebb_counters b = run_on(2 * SIDE, per_axon, mode);
            ck_assert_uint_gt(a.spikes, 1000);
            spikes = spikes ? spikes : a.spikes;
            ck_assert_uint_eq(a.spikes, spikes); /* the kernels are the same */
            ck_assert_uint_eq(a.spikes, b.spikes);
            check_near("synaptic operations", a.synaptic_operations,
                       b.synaptic_operations);
            check_near("neuron updates", a.neuron_updates, b.neuron_updates);
            check_near("block updates", a.block_updates, b.block_updates);
            check_near("queue operations", a.queue_operations,
                       b.queue_operations);
            if (per_axon) { /* many at once */
                ck_assert_uint_gt(a.axons_active, 2000 * 400);
            }
            /* What is silent is most of both. */
            ck_assert_uint_lt(2 * a.neuron_updates,
                              400 * 2 * (SIDE / 4) * (SIDE / 4) * CHANNELS);
        }
    }
}
END_TEST

/* One event in the midst of a layer reaches its window in each channel. */
START_TEST(an_event_costs_the_targets_that_it_reaches)
{
    for (size_t stride = 1; stride <= 3; stride++) {
        struct ebb_network *net;
        struct ebb_engine_options options = ebb_engine_options_default();
        struct ebb_counters c;
        struct ebb_conv conv = ebb_conv_default(5, 3);
        struct ebb_grid from = {3, 40, 31}, to;
        conv.stride[0] = conv.stride[1] = stride;
        ck_assert_int_eq(ebb_conv_grid(&to, &conv, from, 7), EBB_OK);
        ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
        size_t in = add_population(net, "in", from, true);
        size_t out = add_population(net, "out", to, false);
        add_weights(net, in, out, &(struct ebb_spatial){.conv = &conv}, false);
        ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
        uint64_t all = 0, nearest = UINT64_MAX;
        for (ebb_neuron_id x = 10; x < 13; x++) {
            struct ebb_event e = {0, (40 + 20) * 31 + x, 1};
            ck_assert_int_eq(ebb_engine_simulate(&c, net, &options, &e, 1, 10),
                             EBB_OK);
            all += c.synaptic_operations;
            nearest = c.synaptic_operations < nearest ? c.synaptic_operations
                                                      : nearest;
        }
        ck_assert_uint_ge(nearest, 7 * (5 / stride) * (3 / stride));
        ck_assert_uint_le(all, 3 * 7 * ((5 - 1) / stride + 1) *
                                   ((3 - 1) / stride + 1));
        if (stride == 1) {
            ck_assert_uint_eq(all, 3 * 7 * 5 * 3);
        }
        ebb_network_destroy(net);
    }
}
END_TEST

START_TEST(create_survives_every_failed_allocation)
{
    struct ebb_network *net = sensor_network(12, 16, true);
    struct ebb_engine_options options = ebb_engine_options_default();
    struct ebb_engine *engine = NULL;
    ebb_status status = EBB_ERR_NOMEM;
    long nth = 1;
    for (; status != EBB_OK; nth++) {
        ebb_mem_fail_nth(nth);
        status = ebb_engine_create(&engine, net, &options);
        ebb_mem_fail_nth(0);
        CHECK_EACH((engine != NULL) == (status == EBB_OK), "allocation %ld",
                   nth);
    }
    ck_assert_int_gt(nth, 10);
    ebb_engine_destroy(engine);
    ebb_network_destroy(net);
}
END_TEST

RUN_SUITE("unit", "engine_space", a_silent_half_of_the_sensor_costs_nothing,
          an_event_costs_the_targets_that_it_reaches,
          reset_after_a_failed_run_is_a_run_from_rest,
          create_survives_every_failed_allocation)
