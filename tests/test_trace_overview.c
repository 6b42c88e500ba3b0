/* tests/test_trace_overview.c - one picture of a run of any length. */
#include "core/memory.h"
#include "io/trace_overview.h"
#include "tests/run_suite.h"

static struct ebb_arena *arena;
static struct ebb_overview o;

static void begin(size_t neurons, ebb_tick ticks)
{
    ck_assert_int_eq(ebb_arena_create(&arena), EBB_OK);
    ck_assert_int_eq(ebb_overview_init(&o, arena, neurons, ticks), EBB_OK);
}

static void end(void)
{
    ebb_arena_destroy(arena);
}

START_TEST(a_short_run_has_a_bin_a_tick)
{
    begin(3, 5);
    ebb_overview_count(&o, 1, 4);
    ck_assert_uint_eq(ebb_overview_end(&o, 5), 5);
    ck_assert(o.rate[4 * 3 + 1] == 1);
    ck_assert(o.rate[4 * 3] == 0);
    ck_assert(ebb_overview_tick(&o, 4, 5) == 4);
    ck_assert(ebb_overview_neuron(&o, 2) == 2);
    end();
}
END_TEST

/* All neurons fire at all ticks: the rate is 1 everywhere, in the last bin,
 * which is not full, as well. */
START_TEST(bins_widen_and_keep_the_rate)
{
    enum { NEURONS = 512, TICKS = 4999 };
    begin(NEURONS, TICKS);
    for (ebb_tick t = 0; t < TICKS; t++) {
        for (size_t k = 0; k < NEURONS; k++) {
            ebb_overview_count(&o, k, t);
        }
    }
    size_t bins = ebb_overview_end(&o, TICKS);
    ck_assert_uint_eq(bins, 1250);
    ck_assert_uint_eq(o.neuron_bins, EBB_OVERVIEW_NEURONS);
    for (size_t k = 0; k < bins * o.neuron_bins; k++) {
        ck_assert(o.rate[k] == 1);
    }
    ck_assert(ebb_overview_tick(&o, 0, TICKS) == 1.5);
    ck_assert(ebb_overview_tick(&o, 1249, TICKS) == 4997);
    end();
}
END_TEST

START_TEST(silence_of_any_length_takes_no_time)
{
    begin(2, (ebb_tick)1 << 50);
    ebb_overview_count(&o, 0, 0);
    ebb_overview_count(&o, 1, ((ebb_tick)1 << 50) - 1);
    size_t bins = ebb_overview_end(&o, (ebb_tick)1 << 50);
    ck_assert_uint_eq(bins, 1024);
    ck_assert(o.rate[0] > 0);
    ck_assert(o.rate[2 * (bins - 1) + 1] > 0);
    end();
}
END_TEST

START_TEST(a_run_that_was_stopped_at_once_has_no_bins)
{
    begin(2, 100);
    ck_assert_uint_eq(ebb_overview_end(&o, 0), 0);
    end();
}
END_TEST

RUN_SUITE("unit", "trace_overview", a_short_run_has_a_bin_a_tick,
          bins_widen_and_keep_the_rate, silence_of_any_length_takes_no_time,
          a_run_that_was_stopped_at_once_has_no_bins)
