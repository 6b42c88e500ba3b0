/* tests/test_association.c - patterns, synapses and recall of associative
 * memories. */
#include "models/association.h"
#include "models/network_rows.h"
#include "sim/recall.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdlib.h>

enum { NEURONS = 120, PATTERNS = 30, CELLS = 12 };

static struct ebb_assemblies a;
static struct ebb_network *net;

static struct ebb_association_params params_of(enum ebb_association_kind kind,
                                               double connect)
{
    struct ebb_association_params p = ebb_association_params_default();
    p.kind = kind;
    p.connect = connect;
    p.seed = 7;
    ck_assert_int_eq(ebb_association_settle(&p, &a), EBB_OK);
    return p;
}

static const struct ebb_projection *build(struct ebb_association_params p)
{
    ck_assert_msg(ebb_association_build(&net, &p, &a, 1, NULL) == EBB_OK, "%s",
                  ebb_error_message());
    size_t recall = ebb_network_find_projection(net, "recall");
    uint64_t compact = ebb_network_hash(net);
    ck_assert_ptr_nonnull(net->projections[recall].rows);
    ck_assert_int_eq(ebb_network_unpack(net, recall), EBB_OK);
    ck_assert_ptr_null(net->projections[recall].rows);
    ck_assert_uint_eq(ebb_network_hash(net), compact);
    return &net->projections[recall];
}

static void draw(void)
{
    ck_assert_int_eq(ebb_assemblies_draw(&a, NEURONS, PATTERNS, CELLS, 3),
                     EBB_OK);
}

static void finish(void)
{
    ebb_network_destroy(net);
    net = NULL;
    ebb_assemblies_finish(&a);
}

static bool holds(size_t pattern, uint32_t neuron)
{
    const uint32_t *cell = ebb_assemblies_cells(&a, pattern);
    for (size_t k = 0; k < a.cells; k++) {
        if (cell[k] == neuron) {
            return true;
        }
    }
    return false;
}

START_TEST(draw_is_a_function_of_seed_and_pattern)
{
    struct ebb_assemblies fewer, other;
    draw();
    ck_assert_int_eq(ebb_assemblies_draw(&fewer, NEURONS, 5, CELLS, 3), EBB_OK);
    ck_assert_int_eq(ebb_assemblies_draw(&other, NEURONS, 5, CELLS, 4), EBB_OK);
    size_t same = 0;
    for (size_t k = 0; k < 5 * CELLS; k++) {
        ck_assert_uint_eq(fewer.cell[k], a.cell[k]);
        same += other.cell[k] == a.cell[k];
    }
    ck_assert_uint_lt(same, 5 * CELLS / 2);
    ebb_assemblies_finish(&fewer);
    ebb_assemblies_finish(&other);
    finish();
}
END_TEST

START_TEST(index_lists_the_patterns_of_each_neuron)
{
    draw();
    for (uint32_t i = 0; i < NEURONS; i++) {
        uint64_t at = a.first[i];
        for (size_t p = 0; p < PATTERNS; p++) {
            if (holds(p, i)) {
                ck_assert_uint_lt(at, a.first[i + 1]);
                ck_assert_uint_eq(a.member[at++], p);
            }
        }
        ck_assert_uint_eq(at, a.first[i + 1]);
    }
    finish();
}
END_TEST

START_TEST(draw_takes_every_cell_equally_often)
{
    struct ebb_assemblies many;
    enum { N = 20, M = 5, P = 40000 };
    ck_assert_int_eq(ebb_assemblies_draw(&many, N, P, M, 1), EBB_OK);
    double mean = (double)P * M / N;
    double deviation = sqrt(mean * (1 - (double)M / N));
    for (size_t i = 0; i < N; i++) {
        double off = (double)ebb_assemblies_usage(&many, i) - mean;
        ck_assert_msg(fabs(off) < 5 * deviation, "neuron %zu: %g off", i, off);
    }
    ebb_assemblies_finish(&many);
}
END_TEST

START_TEST(create_refuses_what_makes_no_patterns)
{
    struct ebb_assemblies bad;
    ck_assert_int_eq(ebb_assemblies_create(&bad, 10, 1, 11), EBB_ERR_ARG);
    ck_assert_int_eq(ebb_assemblies_create(&bad, 10, 0, 1), EBB_ERR_ARG);
    ck_assert_int_eq(ebb_assemblies_create(&bad, 10, 1, 0), EBB_ERR_ARG);
    ck_assert_int_eq(ebb_assemblies_create(&bad, 10, 1, 2), EBB_OK);
    bad.cell[0] = 4;
    bad.cell[1] = 4;
    ck_assert_int_eq(ebb_assemblies_index(&bad), EBB_ERR_ARG);
    bad.cell[1] = 10;
    ck_assert_int_eq(ebb_assemblies_index(&bad), EBB_ERR_ARG);
    bad.cell[1] = 9;
    ck_assert_int_eq(ebb_assemblies_index(&bad), EBB_OK);
    ebb_assemblies_finish(&bad);
}
END_TEST

/* Σ_μ over all patterns, as the header says. */
static double covariance(uint32_t j, uint32_t i)
{
    double f = (double)CELLS / NEURONS, sum = 0;
    for (size_t p = 0; p < PATTERNS; p++) {
        sum += ((double)holds(p, i) - f) * ((double)holds(p, j) - f);
    }
    return sum / ((1 - f) * (1 - f));
}

static bool share_a_pattern(uint32_t j, uint32_t i)
{
    for (size_t p = 0; p < PATTERNS; p++) {
        if (holds(p, i) && holds(p, j)) {
            return true;
        }
    }
    return false;
}

START_TEST(willshaw_joins_exactly_the_cells_of_common_patterns)
{
    draw();
    const struct ebb_projection *q =
        build(params_of(EBB_ASSOCIATION_WILLSHAW, 1));
    for (uint32_t j = 0; j < NEURONS; j++) {
        uint64_t at = q->indptr[j];
        for (uint32_t i = 0; i < NEURONS; i++) {
            if (i != j && share_a_pattern(j, i)) {
                CHECK_EACH(at < q->indptr[j + 1] && q->indices[at] == i &&
                               ebb_projection_weight(q, at) == 1,
                           "no synapse from %u to %u", j, i);
                at++;
            }
        }
        ck_assert_uint_eq(at, q->indptr[j + 1]);
    }
    finish();
}
END_TEST

START_TEST(hopfield_weights_are_the_covariance)
{
    draw();
    const struct ebb_projection *q =
        build(params_of(EBB_ASSOCIATION_HOPFIELD, 0.5));
    for (uint32_t j = 0; j < NEURONS; j++) {
        for (uint64_t k = q->indptr[j]; k < q->indptr[j + 1]; k++) {
            double off =
                ebb_projection_weight(q, k) - covariance(j, q->indices[k]);
            CHECK_EACH(q->indices[k] != j, "%u feeds itself", j);
            CHECK_EACH(fabs(off) < 1e-6, "synapse from %u to %u: %g off", j,
                       q->indices[k], off);
        }
    }
    double pairs = (double)NEURONS * (NEURONS - 1);
    double off = ((double)q->synapses - 0.5 * pairs) / sqrt(0.25 * pairs);
    ck_assert_msg(fabs(off) < 5, "%zu synapses, %g deviations off", q->synapses,
                  off);
    finish();
}
END_TEST

/* Each pair that learned is connected as likely as any. */
START_TEST(willshaw_keeps_a_share_of_those_that_learned)
{
    draw();
    size_t pairs = build(params_of(EBB_ASSOCIATION_WILLSHAW, 1))->synapses,
           kept = 0;
    ebb_network_destroy(net);
    enum { SEEDS = 50 };
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct ebb_association_params p =
            params_of(EBB_ASSOCIATION_WILLSHAW, 0.3);
        p.seed = seed;
        const struct ebb_projection *q = build(p);
        for (uint32_t j = 0; j < NEURONS; j++) {
            for (uint64_t k = q->indptr[j]; k < q->indptr[j + 1]; k++) {
                uint32_t i = q->indices[k];
                CHECK_EACH(share_a_pattern(j, i), "from %u to %u", j, i);
                CHECK_EACH(k == q->indptr[j] || i > q->indices[k - 1],
                           "%u does not rise", i);
                kept++;
            }
        }
        ebb_network_destroy(net);
    }
    net = NULL;
    double off = ((double)kept / SEEDS - 0.3 * (double)pairs) /
                 sqrt(0.21 * (double)pairs / SEEDS);
    ck_assert_msg(fabs(off) < 5, "%g deviations off", off);
    finish();
}
END_TEST

static ebb_status stop_at(void *self, size_t done, size_t total)
{
    size_t *calls = self;
    ck_assert_uint_le(done, total);
    return ++*calls == 2 ? EBB_FAIL(EBB_ERR_STOPPED, "enough") : EBB_OK;
}

START_TEST(build_stops_when_the_watch_says_so)
{
    size_t calls = 0;
    struct ebb_rows_watch watch = {&calls, stop_at};
    draw();
    struct ebb_association_params p = params_of(EBB_ASSOCIATION_ATTRACTOR, 0.5);
    ck_assert_int_eq(ebb_association_build(&net, &p, &a, 1, &watch),
                     EBB_ERR_STOPPED);
    ck_assert_ptr_null(net);
    ck_assert_uint_eq(calls, 2);
    finish();
}
END_TEST

START_TEST(build_survives_every_failed_allocation)
{
    draw();
    struct ebb_association_params p = params_of(EBB_ASSOCIATION_ATTRACTOR, 0.5);
    ebb_status status = EBB_ERR_NOMEM;
    for (long nth = 1; status != EBB_OK; nth++) {
        ebb_mem_fail_nth(nth);
        status = ebb_association_build(&net, &p, &a, 1, NULL);
        ebb_mem_fail_nth(0);
        CHECK_EACH((net != NULL) == (status == EBB_OK), "allocation %ld", nth);
    }
    finish();
}
END_TEST

START_TEST(settle_refuses_what_makes_no_memory)
{
    draw();
    const struct ebb_association_params good =
        params_of(EBB_ASSOCIATION_ATTRACTOR, 0.5);
    struct ebb_association_params bad[6];
    for (size_t k = 0; k < 6; k++) {
        bad[k] = good;
    }
    bad[0].connect = 0;
    bad[1].connect = NAN;
    bad[2].threshold = 0.5;
    bad[3].delay_ticks = 0;
    bad[4].inhibitory = 0;
    bad[5].lambda = 1;
    for (size_t k = 0; k < 6; k++) {
        ck_assert_int_eq(ebb_association_settle(&bad[k], &a), EBB_ERR_ARG);
    }
    finish();
}
END_TEST

/* Cue, then what a step makes of it, averaged over all patterns. */
static struct ebb_recall_score ask(struct ebb_association_params p,
                                   struct ebb_recall_noise noise, size_t steps)
{
    struct ebb_recall_options o = {.noise = noise, .steps = steps, .seed = 5};
    struct ebb_recall *r;
    struct ebb_recall_score score[32], sum = {0, 0, 0};
    ck_assert_int_eq(ebb_association_period(&o.period, &p), EBB_OK);
    build(p);
    ck_assert_msg(ebb_recall_create(&r, net, &a, &o) == EBB_OK, "%s",
                  ebb_error_message());
    for (size_t k = 0; k < a.n; k++) {
        ck_assert_int_eq(ebb_recall_ask(r, k, 0, score), EBB_OK);
        double cue = nearbyint((1 - noise.missing) * (double)a.cells);
        if (noise.jitter == 0) {
            CHECK_EACH(score[0].completion == cue / (double)a.cells &&
                           score[0].falsely == noise.added,
                       "pattern %zu: cue of %g and %g", k, score[0].completion,
                       score[0].falsely);
        }
        sum.completion += score[steps].completion / (double)a.n;
        sum.falsely += score[steps].falsely / (double)a.n;
        sum.overlap += score[steps].overlap / (double)a.n;
    }
    ebb_recall_destroy(r);
    return sum;
}

/* 40 patterns of 50 cells in 1000 neurons: a light load. */
static void draw_light(void)
{
    ck_assert_int_eq(ebb_assemblies_draw(&a, 1000, 40, 50, 11), EBB_OK);
}

static void expect_recall(struct ebb_association_params p,
                          struct ebb_recall_noise noise, size_t steps)
{
    struct ebb_recall_score s = ask(p, noise, steps);
    ck_assert_msg(s.completion > 0.97 && s.falsely < 0.03 && s.overlap > 0.97,
                  "%s: completion %g, false %g, overlap %g",
                  ebb_association_name(p.kind), s.completion, s.falsely,
                  s.overlap);
}

START_TEST(each_kind_completes_a_damaged_cue)
{
    struct ebb_recall_noise noise = {.missing = 0.2, .added = 0.1};
    draw_light();
    for (size_t kind = 0; kind < EBB_ASSOCIATIONS; kind++) {
        expect_recall(params_of((enum ebb_association_kind)kind, 0.5), noise,
                      3);
        ebb_network_destroy(net);
    }
    net = NULL;
    finish();
}
END_TEST

START_TEST(an_attractor_goes_on_from_half_a_pattern)
{
    struct ebb_recall_noise noise = {.missing = 0.5, .added = 0.1};
    draw_light();
    expect_recall(params_of(EBB_ASSOCIATION_ATTRACTOR, 0.5), noise, 30);
    finish();
}
END_TEST

START_TEST(a_kernel_gathers_a_jittered_cue)
{
    struct ebb_recall_noise noise = {.jitter = 1};
    draw_light();
    struct ebb_association_params p = params_of(EBB_ASSOCIATION_WILLSHAW, 0.5);
    p.threshold = 12;
    ck_assert_double_lt(ask(p, noise, 1).completion, 0.5);
    ebb_network_destroy(net);
    p.kernel.shape = EBB_KERNEL_EXPONENTIAL;
    p.kernel.tau_m = 3;
    p.delay_ticks = 10;
    p.refractory_ticks = 9;
    expect_recall(p, noise, 3);
    finish();
}
END_TEST

/* A threshold between the coincidences that a pattern gives and more. */
START_TEST(a_set_threshold_is_that_of_a_network_built_with_it)
{
    draw_light();
    struct ebb_association_params p = params_of(EBB_ASSOCIATION_WILLSHAW, 1);
    p.kernel.shape = EBB_KERNEL_DUAL_EXPONENTIAL;
    p.threshold = 49;
    build(p);
    struct ebb_network *wanted = net;
    p.threshold = 20;
    build(p);
    ck_assert_uint_ne(ebb_network_hash(net), ebb_network_hash(wanted));
    ck_assert_int_eq(ebb_association_set_threshold(net, &p, 49), EBB_OK);
    ck_assert_uint_eq(ebb_network_hash(net), ebb_network_hash(wanted));
    ebb_network_destroy(wanted);
    finish();
}
END_TEST

START_TEST(a_threshold_of_k_is_met_by_k_coincident_spikes)
{
    draw_light();
    struct ebb_association_params p = params_of(EBB_ASSOCIATION_WILLSHAW, 1);
    p.threshold = 49; /* what a cell gets from the others of its pattern */
    ck_assert_double_gt(ask(p, (struct ebb_recall_noise){0}, 1).completion,
                        0.9999);
    ebb_network_destroy(net);
    p.threshold = 50;
    ck_assert_double_eq(ask(p, (struct ebb_recall_noise){0}, 1).completion, 0);
    finish();
}
END_TEST

RUN_SUITE(
    "models", "association", draw_is_a_function_of_seed_and_pattern,
    index_lists_the_patterns_of_each_neuron,
    draw_takes_every_cell_equally_often, create_refuses_what_makes_no_patterns,
    willshaw_joins_exactly_the_cells_of_common_patterns,
    hopfield_weights_are_the_covariance,
    willshaw_keeps_a_share_of_those_that_learned,
    build_stops_when_the_watch_says_so, build_survives_every_failed_allocation,
    settle_refuses_what_makes_no_memory, each_kind_completes_a_damaged_cue,
    an_attractor_goes_on_from_half_a_pattern, a_kernel_gathers_a_jittered_cue,
    a_set_threshold_is_that_of_a_network_built_with_it,
    a_threshold_of_k_is_met_by_k_coincident_spikes)
