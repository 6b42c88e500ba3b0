/* tests/compare_traces.c - a recording against an uninterrupted one. */
#include "tests/compare_traces.h"

#include <check.h>
#include <string.h>

enum { BLOCK = 500 };

/* Points [from, to) of a series are those of the reference. */
static void compare_states(struct ebb_trace_part *part,
                           struct ebb_trace_part *ref, size_t series,
                           uint64_t from, uint64_t to)
{
    static double a[BLOCK * 64], b[BLOCK * 64];
    const struct ebb_trace_series *s =
        &ebb_trace_part_plan(ref)->series[series];
    ck_assert_uint_le(s->n, 64);
    for (size_t n; from < to; from += n) {
        n = to - from < BLOCK ? (size_t)(to - from) : BLOCK;
        ck_assert_msg(ebb_trace_part_read_states(part, series, from, n, a) ==
                          EBB_OK,
                      "%s", ebb_error_message());
        ck_assert_int_eq(ebb_trace_part_read_states(ref, series, from, n, b),
                         EBB_OK);
        ck_assert_msg(memcmp(a, b, n * s->n * sizeof(*a)) == 0,
                      "%s of '%s' differs at points %llu to %llu", s->state,
                      s->place, (unsigned long long)from,
                      (unsigned long long)(from + n));
    }
}

/* Spikes [from, to) of a population are those of the reference. */
static void compare_spikes(struct ebb_trace_part *part,
                           struct ebb_trace_part *ref, size_t population,
                           uint64_t from, uint64_t to)
{
    uint64_t tick[2][BLOCK];
    uint32_t node[2][BLOCK];
    double value[2][BLOCK];
    for (size_t n; from < to; from += n) {
        n = to - from < BLOCK ? (size_t)(to - from) : BLOCK;
        ck_assert_msg(ebb_trace_part_read_spikes(part, population, from, n,
                                                 tick[0], node[0],
                                                 value[0]) == EBB_OK,
                      "%s", ebb_error_message());
        ck_assert_int_eq(ebb_trace_part_read_spikes(ref, population, from, n,
                                                    tick[1], node[1], value[1]),
                         EBB_OK);
        ck_assert_int_eq(memcmp(tick[0], tick[1], n * sizeof(**tick)), 0);
        ck_assert_int_eq(memcmp(node[0], node[1], n * sizeof(**node)), 0);
        ck_assert_int_eq(memcmp(value[0], value[1], n * sizeof(**value)), 0);
    }
}

/* Spikes of the reference below a tick. */
static uint64_t spikes_below(struct ebb_trace_part *ref, size_t population,
                             ebb_tick ticks)
{
    uint64_t low = 0, high = ebb_trace_part_spikes(ref, population), tick;
    uint32_t node;
    double value;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        ck_assert_int_eq(ebb_trace_part_read_spikes(ref, population, middle, 1,
                                                    &tick, &node, &value),
                         EBB_OK);
        if (tick < ticks) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void compare_traces(struct ebb_trace_part *part, struct ebb_trace_part *ref,
                    ebb_tick from, ebb_tick to)
{
    const struct ebb_trace_plan *plan = ebb_trace_part_plan(ref);
    ck_assert_uint_eq(ebb_trace_part_plan(part)->n_series, plan->n_series);
    for (size_t k = 0; k < plan->n_series; k++) {
        compare_states(part, ref, k,
                       ebb_trace_series_points(&plan->series[k], 0, from),
                       ebb_trace_series_points(&plan->series[k], 0, to));
    }
    for (size_t k = 0; k < plan->n_populations; k++) {
        uint64_t there = spikes_below(ref, k, to);
        ck_assert_uint_eq(ebb_trace_part_spikes(part, k), there);
        compare_spikes(part, ref, k, spikes_below(ref, k, from), there);
    }
}
