/* tests/test_property_engine.c - the event engine against the dense reference,
 * on networks of every kind, lazily, swept and adaptively. */
#include "sim/engine.h"
#include "tests/dense_reference.h"
#include "tests/random_network.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const mode_names[] = {[EBB_ENGINE_ADAPTIVE] = "adaptive",
                                         [EBB_ENGINE_LAZY] = "lazy",
                                         [EBB_ENGINE_SWEPT] = "swept"};

/* A run held against the reference as it goes. */
struct comparison {
    const struct random_network *n;
    const struct dense_reference *d;
    const struct ebb_probe *probes;
    double scale[8]; /* largest |V| of each population */
    uint64_t seed;
    enum ebb_engine_mode mode;
    size_t spikes; /* of neurons */
};

static ebb_status compare_spikes(void *self, size_t population, ebb_tick tick,
                                 const ebb_neuron_id *node, const double *value,
                                 size_t n)
{
    struct comparison *c = self;
    size_t width = c->n->net->populations[population].n;
    const double *expected = c->d->o[population] + tick * width;
    for (size_t k = 0; k < n; k++) {
        double is = value ? value[k] : 1;
        CHECK_EACH(fabs(expected[node[k]] - is) <= 1e-12,
                   "seed %llu, %s: population %zu neuron %u tick %llu: "
                   "spike %g, the reference has %g",
                   (unsigned long long)c->seed, mode_names[c->mode], population,
                   node[k], (unsigned long long)tick, is, expected[node[k]]);
    }
    c->spikes += c->n->net->populations[population].input ? 0 : n;
    return EBB_OK;
}

static ebb_status compare_states(void *self, size_t probe, ebb_tick tick,
                                 const double *value)
{
    const struct comparison *c = self;
    size_t k = c->probes[probe].where, width = c->probes[probe].n;
    const double *expected = c->d->v[k] + tick * width;
    for (size_t i = 0; i < width; i++) {
        CHECK_EACH(fabs(value[i] - expected[i]) <= 1e-9 * c->scale[k],
                   "seed %llu, %s: population %zu neuron %zu tick %llu: "
                   "V = %.17g, the reference has %.17g",
                   (unsigned long long)c->seed, mode_names[c->mode], k, i,
                   (unsigned long long)tick, value[i], expected[i]);
    }
    return EBB_OK;
}

static double largest(const double *a, size_t n)
{
    double most = 1;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs(a[i]));
    }
    return most;
}

/* Every V at every tick too when `watch`; without it, ticks in which nothing
 * happens are not visited at all. */
static void check(const struct random_network *n,
                  const struct dense_reference *d, uint64_t seed,
                  enum ebb_engine_mode mode, bool watch)
{
    struct ebb_probe probes[8];
    struct comparison c = {
        .n = n, .d = d, .probes = probes, .seed = seed, .mode = mode};
    struct ebb_engine_options options = ebb_engine_options_default();
    for (size_t k = 1; k < n->net->n_populations; k++) {
        size_t width = n->net->populations[k].n;
        c.scale[k] = largest(d->v[k], n->ticks * width);
        probes[k - 1] = (struct ebb_probe){
            .state = EBB_STATE_V, .where = k, .n = width, .every = 1};
    }
    options.mode = mode;
    options.slice = seed % 3 ? 64 : 0; /* several, where there are many */
    options.probes = probes;
    options.n_probes = watch ? n->net->n_populations - 1 : 0;
    options.sink = (struct ebb_run_sink){
        .self = &c, .spikes = compare_spikes, .state = compare_states};
    struct ebb_engine *engine;
    ck_assert_msg(ebb_engine_create(&engine, n->net, &options) == EBB_OK,
                  "seed %llu: %s", (unsigned long long)seed,
                  ebb_error_message());
    ck_assert_int_eq(ebb_engine_input(engine, 0, n->input.at, n->input.n),
                     EBB_OK);
    /* In two pieces: where a run is interrupted changes nothing. */
    ck_assert_int_eq(ebb_engine_run(engine, n->ticks / 3), EBB_OK);
    ck_assert_msg(ebb_engine_run(engine, n->ticks) == EBB_OK, "seed %llu: %s",
                  (unsigned long long)seed, ebb_error_message());
    struct ebb_counters counters = ebb_engine_counters(engine);
    ck_assert_msg(c.spikes == d->spikes,
                  "seed %llu, %s: %zu spikes, the reference has %zu",
                  (unsigned long long)seed, mode_names[mode], c.spikes,
                  d->spikes);
    ck_assert_uint_eq(counters.spikes, d->spikes);
    ck_assert_uint_eq(counters.ticks_visited + counters.ticks_skipped,
                      n->ticks);
    ebb_engine_destroy(engine);
}

static void check_networks(struct random_network (*draw)(uint64_t seed),
                           uint64_t standard)
{
    const char *asked = getenv("EBB_NETWORKS");
    const char *start = getenv("EBB_SEED");
    uint64_t networks = asked ? strtoull(asked, NULL, 10) : standard;
    uint64_t first = start ? strtoull(start, NULL, 10) : 0;
    size_t rejected = 0, firing = 0;
    double nearest = INFINITY;
    for (uint64_t seed = first; seed < first + networks; seed++) {
        struct random_network n = draw(seed);
        struct dense_reference d =
            dense_reference_run(n.net, &n.input, n.ticks);
        firing += d.spikes > 0;
        if (d.nearest <= 1e-10) { /* any order of additions may decide */
            rejected++;
        } else {
            nearest = fmin(nearest, d.nearest);
            check(&n, &d, seed, EBB_ENGINE_LAZY, false);
            check(&n, &d, seed, EBB_ENGINE_SWEPT, seed % 2 == 0);
            check(&n, &d, seed, EBB_ENGINE_ADAPTIVE, seed % 2 == 1);
        }
        dense_reference_finish(&d);
        random_network_finish(&n);
    }
    printf("%llu networks, %zu fire, %zu rejected; nearest |V - Vth| %.3g\n",
           (unsigned long long)networks, firing, rejected, nearest);
    ck_assert_msg(rejected * 50 <= networks, "%zu networks rejected", rejected);
    ck_assert_msg(firing * 10 >= networks * 7, "only %zu fire", firing);
}

START_TEST(engine_equals_the_dense_reference_on_random_networks)
{
    check_networks(random_network_draw, 2000);
}
END_TEST

START_TEST(engine_equals_the_dense_reference_where_networks_convolve)
{
    check_networks(random_network_draw_spatial, 1000);
}
END_TEST

static void check_ties(struct random_network (*draw)(uint64_t seed))
{
    size_t ties = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct random_network n = draw(seed);
        struct dense_reference d =
            dense_reference_run(n.net, &n.input, n.ticks);
        ties += d.nearest == 0;
        check(&n, &d, seed, EBB_ENGINE_LAZY, false);
        check(&n, &d, seed, EBB_ENGINE_SWEPT, seed % 2 == 0);
        check(&n, &d, seed, EBB_ENGINE_ADAPTIVE, seed % 2 == 1);
        dense_reference_finish(&d);
        random_network_finish(&n);
    }
    printf("300 dyadic networks, %zu with V = Vth\n", ties);
    ck_assert_uint_gt(ties, 20);
}

START_TEST(engine_decides_exact_ties_as_the_equations_do)
{
    check_ties(random_network_draw_dyadic);
}
END_TEST

START_TEST(engine_decides_exact_ties_where_networks_convolve)
{
    check_ties(random_network_draw_spatial_dyadic);
}
END_TEST

/* Spikes of two runs, and what their V add up to. */
struct moved {
    struct ebb_events spikes[2];
    double v[2];
    size_t run;
};

static ebb_status add_up(void *self, size_t probe, ebb_tick tick,
                         const double *value)
{
    struct moved *m = self;
    (void)probe;
    (void)tick;
    m->v[m->run] += value[0];
    return EBB_OK;
}

static ebb_status collect(void *self, size_t population, ebb_tick tick,
                          const ebb_neuron_id *node, const double *value,
                          size_t n)
{
    struct moved *m = self;
    (void)value;
    for (size_t k = 0; population > 0 && k < n; k++) {
        struct ebb_event e = {tick, (uint32_t)(population << 16) | node[k], 1};
        EBB_TRY(ebb_events_push(&m->spikes[m->run], e));
    }
    return EBB_OK;
}

static bool before(const struct ebb_event *a, const struct ebb_event *b)
{
    return a->tick < b->tick || (a->tick == b->tick && a->node < b->node);
}

static size_t count_moved(const struct ebb_events *a,
                          const struct ebb_events *b)
{
    size_t i = 0, j = 0, shared = 0;
    while (i < a->n && j < b->n) {
        bool less = before(&a->at[i], &b->at[j]);
        bool more = before(&b->at[j], &a->at[i]);
        shared += !less && !more;
        i += !more;
        j += !less;
    }
    return a->n - shared;
}

/* Float states are not exact, but few spikes move. */
START_TEST(float_states_move_few_spikes)
{
    size_t all = 0, moved = 0, rounded = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct random_network n = random_network_draw(seed);
        struct ebb_engine_options how = ebb_engine_options_default();
        struct ebb_counters counters;
        struct moved m = {.run = 0};
        how.mode = (enum ebb_engine_mode)(seed % 3);
        how.sink = (struct ebb_run_sink){
            .self = &m, .spikes = collect, .state = add_up};
        struct ebb_probe v = {
            .state = EBB_STATE_V, .where = 1, .n = 1, .every = 17};
        how.probes = &v;
        how.n_probes = seed % 2;
        for (; m.run < 2; m.run++) {
            how.single = m.run == 1;
            ck_assert_msg(
                ebb_engine_simulate(&counters, n.net, &how, n.input.at,
                                    n.input.n, n.ticks) == EBB_OK,
                "seed %llu: %s", (unsigned long long)seed, ebb_error_message());
        }
        rounded += m.v[0] != m.v[1];
        all += m.spikes[0].n;
        moved += count_moved(&m.spikes[0], &m.spikes[1]);
        ebb_events_finish(&m.spikes[0]);
        ebb_events_finish(&m.spikes[1]);
        random_network_finish(&n);
    }
    printf("%zu of %zu spikes moved\n", moved, all);
    ck_assert_uint_gt(rounded, 100); /* they are float */
    ck_assert_uint_gt(all, 10000);
    ck_assert_uint_lt(200 * moved, all);
}
END_TEST

RUN_SUITE("property", "engine",
          engine_equals_the_dense_reference_on_random_networks,
          engine_equals_the_dense_reference_where_networks_convolve,
          engine_decides_exact_ties_as_the_equations_do,
          engine_decides_exact_ties_where_networks_convolve,
          float_states_move_few_spikes)
