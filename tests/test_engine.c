/* tests/test_engine.c - what the event engine costs, in counters: silence and
 * finer ticks are free, and where a run stops changes nothing. */
#include "sim/engine.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>

enum { CHANNELS = 20, HIDDEN = 10, OUTPUTS = 5 };

/* The first layer fires at once, on the ticks of its input; the second when
 * its membrane has climbed to threshold, at a time of its own. */
static void set_kernel(struct ebb_network *net, size_t q)
{
    struct ebb_kernel_spec spec = {
        .shape = q == 0 ? EBB_KERNEL_EXPONENTIAL : EBB_KERNEL_DUAL_EXPONENTIAL,
        .tau_m = 8e-3,
        .tau_s = 2e-3,
        .seconds = true,
        .input_lag = 1,
        .normalised = true};

    ck_assert_int_eq(ebb_kernel_expand(&net->projections[q].kernel, net->arena,
                                       &spec, 1, net->tick_s),
                     EBB_OK);
}

static size_t add_neurons(struct ebb_network *net, const char *name, size_t n)
{
    size_t index;
    ck_assert_int_eq(ebb_network_add_population(net, name, n, false, &index),
                     EBB_OK);
    struct ebb_population *p = &net->populations[index];
    ck_assert_int_eq(ebb_network_values(net, &p->tau_theta, 1), EBB_OK);
    p->tau_theta.v[0] = 20e-3;
    p->theta.v[0] = exp(-net->tick_s / 20e-3);
    return index;
}

static void add_weights(struct ebb_network *net, size_t from, size_t to,
                        double weight, double delay_s)
{
    size_t index;
    ck_assert_int_eq(ebb_network_add_projection(
                         net, from == 0 ? "first" : "second", from, to,
                         EBB_PROJECTION_DENSE, EBB_FLOAT64, 0, &index),
                     EBB_OK);
    struct ebb_projection *p = &net->projections[index];
    for (size_t s = 0; s < p->synapses; s++) {
        /* A third of them; the rest stay 0. */
        ((double *)p->weight)[s] = s % 3 == 0 ? weight : 0;
    }
    p->delay_s = delay_s;
    p->delay_ticks = (ebb_tick)llround(delay_s / net->tick_s);
    set_kernel(net, index);
}

/* Kernels, resets and delays in time units, at ticks of 1 ms. */
static struct ebb_network *small_network(void)
{
    struct ebb_network *net;
    size_t input;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    net->tick_s = 1e-3;
    ck_assert_int_eq(
        ebb_network_add_population(net, "input", CHANNELS, true, &input),
        EBB_OK);
    size_t hidden = add_neurons(net, "hidden", HIDDEN);
    size_t output = add_neurons(net, "output", OUTPUTS);
    add_weights(net, input, hidden, 1.3, 0);
    add_weights(net, hidden, output, .4, 3e-3);
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

/* Spikes of a run, in milliseconds rounded up. */
struct raster {
    double tick_ms;
    struct ebb_events spikes;
};

static ebb_status take(void *self, size_t population, ebb_tick tick,
                       const ebb_neuron_id *node, const double *value, size_t n)
{
    struct raster *r = self;
    (void)value;
    for (size_t k = 0; population > 0 && k < n; k++) {
        struct ebb_event e = {(ebb_tick)ceil((double)tick * r->tick_ms - 1e-9),
                              node[k] + (ebb_neuron_id)(1000 * population), 1};
        ck_assert_int_eq(ebb_events_push(&r->spikes, e), EBB_OK);
    }
    return EBB_OK;
}

/* Run single input events every 100 ms; `fine` ticks in a millisecond. */
static struct ebb_counters run_at(const struct ebb_network *net, ebb_tick fine,
                                  enum ebb_engine_mode mode,
                                  struct raster *raster)
{
    struct ebb_engine_options options = ebb_engine_options_default();
    struct ebb_engine *engine;
    options.mode = mode;
    options.sink = (struct ebb_run_sink){.self = raster, .spikes = take};
    raster->tick_ms = 1 / (double)fine;
    ck_assert_int_eq(ebb_engine_create(&engine, net, &options), EBB_OK);
    for (ebb_tick k = 0; k < 40; k++) {
        struct ebb_event e = {100 * k * fine, (ebb_neuron_id)(k % CHANNELS), 1};
        ck_assert_int_eq(ebb_engine_input(engine, 0, &e, 1), EBB_OK);
    }
    ck_assert_int_eq(ebb_engine_run(engine, 5000 * fine), EBB_OK);
    struct ebb_counters c = ebb_engine_counters(engine);
    ebb_engine_destroy(engine);
    ck_assert_int_eq(ebb_events_sort(&raster->spikes), EBB_OK);
    return c;
}

static void check_finer(enum ebb_engine_mode mode)
{
    struct raster coarse = {.tick_ms = 1};
    struct ebb_network *net = small_network();
    struct ebb_counters first = run_at(net, 1, mode, &coarse);
    ck_assert_uint_gt(first.spikes, 100);
    for (ebb_tick fine = 10; fine <= 1000; fine *= 100) {
        struct raster raster = {.tick_ms = 1};
        ck_assert_msg(ebb_network_set_tick(net, 1e-3 / (double)fine) == EBB_OK,
                      "%s", ebb_error_message());
        struct ebb_counters c = run_at(net, fine, mode, &raster);
        ck_assert_uint_eq(raster.spikes.n, coarse.spikes.n);
        for (size_t k = 0; k < raster.spikes.n; k++) {
            const struct ebb_event *a = &raster.spikes.at[k];
            const struct ebb_event *b = &coarse.spikes.at[k];
            ck_assert_uint_eq(a->node, b->node);
            ck_assert_uint_eq(a->tick, b->tick);
        }
        printf("%llu ticks a ms: %llu queue operations, %llu updates, "
               "%llu ticks visited\n",
               (unsigned long long)fine, (unsigned long long)c.queue_operations,
               (unsigned long long)c.block_updates,
               (unsigned long long)c.ticks_visited);
        ck_assert_uint_eq(c.synaptic_operations, first.synaptic_operations);
        ck_assert_uint_le(10 * c.queue_operations, 11 * first.queue_operations);
        ck_assert_uint_ge(10 * c.queue_operations, 9 * first.queue_operations);
        ck_assert_uint_le(c.block_updates,
                          c.synaptic_operations + c.wakeups_fired);
        ebb_events_finish(&raster.spikes);
    }
    ebb_events_finish(&coarse.spikes);
    ebb_network_destroy(net);
}

START_TEST(finer_ticks_cost_nothing)
{
    check_finer(EBB_ENGINE_LAZY);
    check_finer(EBB_ENGINE_ADAPTIVE);
}
END_TEST

START_TEST(a_trillion_silent_ticks_are_jumped)
{
    const ebb_tick far = 1000000000000;
    struct raster raster = {.tick_ms = 1};
    struct ebb_network *net = small_network();
    struct ebb_engine_options options = ebb_engine_options_default();
    struct ebb_engine *engine;
    options.sink = (struct ebb_run_sink){.self = &raster, .spikes = take};
    ck_assert_int_eq(ebb_engine_create(&engine, net, &options), EBB_OK);
    struct ebb_event events[] = {{0, 0, 1}, {far, 0, 1}};
    ck_assert_int_eq(ebb_engine_input(engine, 0, events, 2), EBB_OK);
    ck_assert_int_eq(ebb_engine_run(engine, far + 1000), EBB_OK);
    struct ebb_counters c = ebb_engine_counters(engine);
    ck_assert_uint_eq(c.ticks_visited + c.ticks_skipped, far + 1000);
    ck_assert_uint_lt(c.ticks_visited, 100);
    ck_assert_uint_eq(raster.spikes.n % 2, 0);
    ck_assert_uint_gt(raster.spikes.n, 0);
    for (size_t k = 0; k < raster.spikes.n / 2; k++) { /* the same again */
        const struct ebb_event *a = &raster.spikes.at[k];
        const struct ebb_event *b = a + raster.spikes.n / 2;
        ck_assert_uint_eq(a->node, b->node);
        ck_assert_uint_eq(a->tick + far, b->tick);
    }
    ck_assert_uint_eq(ebb_engine_next(engine), EBB_TICK_NEVER);
    ebb_engine_destroy(engine);
    ebb_events_finish(&raster.spikes);
    ebb_network_destroy(net);
}
END_TEST

START_TEST(bad_input_is_refused)
{
    struct ebb_network *net = small_network();
    struct ebb_engine_options options = ebb_engine_options_default();
    struct ebb_engine *engine;
    ck_assert_int_eq(ebb_engine_create(&engine, net, &options), EBB_OK);
    struct ebb_event bad[] = {{5, CHANNELS, 1}, {5, 0, NAN}, {4, 0, 1}};
    struct ebb_event good = {5, 0, 1};
    ck_assert_int_eq(ebb_engine_input(engine, 0, &good, 1), EBB_OK);
    for (size_t k = 0; k < 3; k++) {
        ck_assert_int_eq(ebb_engine_input(engine, 0, &bad[k], 1), EBB_ERR_ARG);
    }
    ck_assert_int_eq(ebb_engine_input(engine, 1, &good, 1), EBB_ERR_ARG);
    ebb_engine_destroy(engine);
    struct ebb_probe probe = {.state = EBB_STATE_V, .where = 0, .every = 1};
    options.probes = &probe;
    options.n_probes = 1;
    ck_assert_int_eq(ebb_engine_create(&engine, net, &options), EBB_ERR_ARG);
    ebb_network_destroy(net);
}
END_TEST

/* Counts, and fails once. */
struct fragile {
    size_t spikes, fail_at;
};

static ebb_status take_until(void *self, size_t population, ebb_tick tick,
                             const ebb_neuron_id *node, const double *value,
                             size_t n)
{
    struct fragile *f = self;
    (void)tick;
    (void)node;
    (void)value;
    f->spikes += population > 0 ? n : 0;
    return f->spikes > f->fail_at
               ? EBB_FAIL(EBB_ERR_IO, "no room for this spike")
               : EBB_OK;
}

static ebb_status ignore(void *self, size_t probe, ebb_tick tick,
                         const double *value)
{
    (void)self;
    (void)probe;
    (void)tick;
    (void)value;
    return EBB_OK;
}

START_TEST(a_run_that_failed_goes_on_after_a_reset_only)
{
    struct ebb_network *net = small_network();
    struct ebb_engine_options options = ebb_engine_options_default();
    struct fragile f = {.fail_at = 3};
    struct ebb_engine *engine;
    options.sink = (struct ebb_run_sink){.self = &f, .spikes = take_until};
    ck_assert_int_eq(ebb_engine_create(&engine, net, &options), EBB_OK);
    for (int turn = 0; turn < 2; turn++) {
        f.spikes = 0;
        for (ebb_tick k = 0; k < 10; k++) {
            struct ebb_event e = {100 * k, (ebb_neuron_id)k, 1};
            ck_assert_int_eq(ebb_engine_input(engine, 0, &e, 1), EBB_OK);
        }
        ck_assert_int_eq(ebb_engine_run(engine, 1000), EBB_ERR_IO);
        ck_assert_int_eq(ebb_engine_run(engine, 1000), EBB_ERR_ARG);
        ck_assert_int_eq(ebb_engine_reset(engine), EBB_OK);
    }
    ebb_engine_destroy(engine);
    ebb_network_destroy(net);
}
END_TEST

/* Many neurons, of which nobody can fire; two kinds of them, or a kernel whose
 * bound takes other coordinates. */
static struct ebb_network *quiet_network(bool kinds)
{
    struct ebb_network *net;
    size_t input, many, q;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "in", 1, true, &input),
                     EBB_OK);
    ck_assert_int_eq(
        ebb_network_add_population(net, "many", 1000, false, &many), EBB_OK);
    struct ebb_population *p = &net->populations[many];
    if (kinds) {
        ck_assert_int_eq(ebb_network_values(net, &p->lambda, p->n), EBB_OK);
        for (size_t i = 0; i < p->n; i++) {
            p->lambda.v[i] = i % 2 ? .5 : .6;
        }
    }
    ck_assert_int_eq(ebb_network_add_projection(net, "q", input, many,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT32, 0, &q),
                     EBB_OK);
    struct ebb_kernel *k = &net->projections[q].kernel;
    k->spec.shape = EBB_KERNEL_IIR;
    ck_assert_int_eq(ebb_kernel_alloc(k, net->arena, 2, 0, 1), EBB_OK);
    k->alpha[0] = .75; /* dyadic: the transposed form */
    k->alpha[1] = -.125;
    k->beta[0] = 1;
    for (size_t i = 0; i < p->n; i++) {
        ((float *)net->projections[q].weight)[i] = .01F;
    }
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

START_TEST(who_cannot_fire_is_not_kept_awake)
{
    for (int kinds = 0; kinds < 2; kinds++) {
        struct ebb_network *net = quiet_network(kinds);
        struct ebb_engine_options options = ebb_engine_options_default();
        struct ebb_counters c;
        struct ebb_event events[10];
        for (ebb_tick k = 0; k < 10; k++) {
            events[k] = (struct ebb_event){1000 * k, 0, 1};
        }
        ck_assert_int_eq(
            ebb_engine_simulate(&c, net, &options, events, 10, 10000), EBB_OK);
        ck_assert_uint_lt(c.ticks_visited, 40);
        ck_assert_uint_le(c.neuron_updates, 10 * 1000);
        ebb_network_destroy(net);
    }
}
END_TEST

/* A look at one neuron changes no bit, in float either: spikes are the same. */
START_TEST(a_probe_changes_nothing)
{
    struct ebb_network *net = small_network();
    for (int single = 0; single < 2; single++) {
        uint64_t spikes[2], updates[2];
        for (int watch = 0; watch < 2; watch++) {
            struct ebb_probe v = {
                .state = EBB_STATE_V, .where = 2, .n = 1, .every = 1000000};
            struct ebb_engine_options options = ebb_engine_options_default();
            struct ebb_event events[400];
            struct ebb_counters c;
            options.single = single;
            options.probes = &v;
            options.n_probes = (size_t)watch;
            options.sink.state = ignore;
            for (ebb_tick k = 0; k < 400; k++) {
                events[k] =
                    (struct ebb_event){3 * k, (ebb_neuron_id)(k * 7 % CHANNELS),
                                       .8 + .01 * (double)(k % 50)};
            }
            ck_assert_int_eq(
                ebb_engine_simulate(&c, net, &options, events, 400, 1300),
                EBB_OK);
            spikes[watch] = c.spikes;
            updates[watch] = c.neuron_updates;
        }
        ck_assert_uint_gt(spikes[0], 10);
        ck_assert_uint_eq(spikes[0], spikes[1]);
        ck_assert_uint_eq(updates[0], updates[1]);
    }
    ebb_network_destroy(net);
}
END_TEST

RUN_SUITE("unit", "engine", finer_ticks_cost_nothing,
          a_trillion_silent_ticks_are_jumped, bad_input_is_refused,
          a_run_that_failed_goes_on_after_a_reset_only,
          who_cannot_fire_is_not_kept_awake, a_probe_changes_nothing)
