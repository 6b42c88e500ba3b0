/* tests/test_scale.c - cost grows with events only: counters of a network whose
 * silent part grows tenfold, and whose tick shrinks a hundredfold. */
#include "sim/engine.h"
#include "tests/run_suite.h"
#include "tools/bench/scale_net.h"

#include <math.h>
#include <stdio.h>

enum { BUSY = 19200, MS = 4000 };

static struct ebb_counters run(const struct ebb_scale_net *how,
                               enum ebb_engine_mode mode, bool single)
{
    struct ebb_network *net;
    struct ebb_events input = {0};
    struct ebb_engine_options options = ebb_engine_options_default();
    struct ebb_counters c;
    options.mode = mode;
    options.single = single;
    ck_assert_msg(ebb_scale_net_create(&net, how) == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert_int_eq(ebb_scale_net_input(&input, how, MS), EBB_OK);
    ck_assert_msg(ebb_engine_simulate(&c, net, &options, input.at, input.n,
                                      (ebb_tick)MS * how->finer) == EBB_OK,
                  "%s", ebb_error_message());
    ebb_events_finish(&input);
    ebb_network_destroy(net);
    return c;
}

static void check_near(const char *what, uint64_t before, uint64_t after)
{
    ck_assert_msg(fabs((double)after - (double)before) <=
                      .01 * (double)before + 1,
                  "%s: %llu, then %llu", what, (unsigned long long)before,
                  (unsigned long long)after);
}

static void check_same(const char *what, const struct ebb_counters *a,
                       const struct ebb_counters *b)
{
    printf("%s: %llu then %llu updates, %llu then %llu deliveries, %llu then "
           "%llu queue operations, %llu then %llu evaluations, %llu then %llu "
           "ticks visited\n",
           what, (unsigned long long)a->neuron_updates,
           (unsigned long long)b->neuron_updates,
           (unsigned long long)a->synaptic_operations,
           (unsigned long long)b->synaptic_operations,
           (unsigned long long)a->queue_operations,
           (unsigned long long)b->queue_operations,
           (unsigned long long)a->crossing_evaluations,
           (unsigned long long)b->crossing_evaluations,
           (unsigned long long)a->ticks_visited,
           (unsigned long long)b->ticks_visited);
    fflush(stdout);
    ck_assert_uint_gt(a->spikes, 20000);
    ck_assert_uint_eq(a->spikes, b->spikes);
    check_near("neuron updates", a->neuron_updates, b->neuron_updates);
    check_near("block updates", a->block_updates, b->block_updates);
    check_near("deliveries", a->synaptic_operations, b->synaptic_operations);
    check_near("queue operations", a->queue_operations, b->queue_operations);
    check_near("evaluations", a->crossing_evaluations, b->crossing_evaluations);
    check_near("ticks visited", a->ticks_visited, b->ticks_visited);
}

START_TEST(ten_times_the_silent_neurons_cost_nothing)
{
    for (int mode = EBB_ENGINE_ADAPTIVE; mode <= EBB_ENGINE_LAZY; mode++) {
        for (int between = 0; between < 2; between++) {
            struct ebb_scale_net how = {
                .busy = BUSY, .silent = BUSY, .between = between, .finer = 1};
            struct ebb_counters a =
                run(&how, (enum ebb_engine_mode)mode, false);
            how.silent = 10 * BUSY;
            struct ebb_counters b =
                run(&how, (enum ebb_engine_mode)mode, false);
            check_same(between ? "silent neurons between the others"
                               : "silent neurons behind the others",
                       &a, &b);
        }
    }
}
END_TEST

START_TEST(a_hundredth_of_the_tick_costs_nothing)
{
    for (int mode = EBB_ENGINE_ADAPTIVE; mode <= EBB_ENGINE_LAZY; mode++) {
        for (int single = 0; single < 2; single++) {
            struct ebb_scale_net how = {
                .busy = BUSY, .silent = BUSY, .finer = 1};
            struct ebb_counters a =
                run(&how, (enum ebb_engine_mode)mode, single);
            how.finer = 100;
            struct ebb_counters b =
                run(&how, (enum ebb_engine_mode)mode, single);
            check_same(single ? "ticks of 10 us in place of 1 ms, float"
                              : "ticks of 10 us in place of 1 ms",
                       &a, &b);
            ck_assert_uint_gt(b.ticks_skipped, 80 * a.ticks_skipped);
        }
    }
}
END_TEST

RUN_SUITE("property", "scale", ten_times_the_silent_neurons_cost_nothing,
          a_hundredth_of_the_tick_costs_nothing)
