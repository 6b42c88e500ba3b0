/* tests/test_calendar.c - the calendar queue against a sorted list. */
#include "core/calendar.h"
#include "core/memory.h"
#include "core/random.h"
#include "tests/run_suite.h"

#include <stdlib.h>

START_TEST(pop_same_tick_keeps_push_order)
{
    struct ebb_calendar *c;
    const uint64_t *entries;
    size_t n;
    ck_assert_int_eq(ebb_calendar_create(&c), EBB_OK);
    for (uint64_t i = 0; i < 100; i++) {
        ck_assert_int_eq(ebb_calendar_push(c, 5000, i), EBB_OK); /* far */
    }
    ck_assert_int_eq(ebb_calendar_pop(c, 4500, &entries, &n), EBB_OK);
    ck_assert_uint_eq(n, 0);
    for (uint64_t i = 100; i < 200; i++) {
        ck_assert_int_eq(ebb_calendar_push(c, 5000, i), EBB_OK); /* near */
    }
    ck_assert_int_eq(ebb_calendar_pop(c, 5000, &entries, &n), EBB_OK);
    ck_assert_uint_eq(n, 200);
    for (uint64_t i = 0; i < n; i++) {
        ck_assert_uint_eq(entries[i], i);
    }
    ck_assert_uint_eq(ebb_calendar_next(c), EBB_TICK_NEVER);
    ebb_calendar_destroy(c);
}
END_TEST

START_TEST(next_jumps_over_a_trillion_ticks)
{
    struct ebb_calendar *c;
    const uint64_t *entries;
    size_t n;
    ck_assert_int_eq(ebb_calendar_create(&c), EBB_OK);
    ck_assert_int_eq(ebb_calendar_push(c, 1000000000000ULL, 7), EBB_OK);
    ck_assert_uint_eq(ebb_calendar_next(c), 1000000000000ULL);
    ck_assert_int_eq(ebb_calendar_pop(c, 1000000000000ULL, &entries, &n),
                     EBB_OK);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(entries[0], 7);
    ebb_calendar_destroy(c);
}
END_TEST

/* A queue of (tick, number) kept as an unsorted list. */
struct slow {
    ebb_tick tick[4096];
    uint64_t entry[4096];
    size_t n;
};

static ebb_tick slow_next(const struct slow *s)
{
    ebb_tick first = EBB_TICK_NEVER;
    for (size_t i = 0; i < s->n; i++) {
        first = s->tick[i] < first ? s->tick[i] : first;
    }
    return first;
}

START_TEST(random_pushes_and_pops_equal_a_sorted_list)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 0);
    struct ebb_calendar *c;
    struct slow *s = calloc(1, sizeof(*s));
    ck_assert_int_eq(ebb_calendar_create(&c), EBB_OK);
    ebb_tick now = 0;
    uint64_t number = 0;
    for (int round = 0; round < 20000; round++) {
        while (s->n < 4000 && ebb_random_below(&r, 3) > 0) {
            ebb_tick delay = ebb_random_below(&r, 8) == 0
                                 ? ebb_random_below(&r, 100000)
                                 : ebb_random_below(&r, 1030);
            s->tick[s->n] = now + delay;
            s->entry[s->n++] = number;
            ck_assert_int_eq(ebb_calendar_push(c, now + delay, number++),
                             EBB_OK);
        }
        ebb_tick next = slow_next(s);
        ck_assert_uint_eq(ebb_calendar_next(c), next);
        if (next == EBB_TICK_NEVER) {
            continue;
        }
        now = next;
        const uint64_t *entries;
        size_t n, found = 0, kept = 0;
        ck_assert_int_eq(ebb_calendar_pop(c, now, &entries, &n), EBB_OK);
        for (size_t i = 0; i < s->n; i++) {
            if (s->tick[i] == now) {
                ck_assert(found < n);
                ck_assert_uint_eq(entries[found++], s->entry[i]);
            } else {
                s->tick[kept] = s->tick[i];
                s->entry[kept++] = s->entry[i];
            }
        }
        ck_assert_uint_eq(found, n);
        s->n = kept;
        ck_assert_uint_eq(ebb_calendar_size(c), kept);
    }
    ebb_calendar_destroy(c);
    free(s);
}
END_TEST

START_TEST(push_survives_a_failed_allocation)
{
    struct ebb_calendar *c;
    ck_assert_int_eq(ebb_calendar_create(&c), EBB_OK);
    ebb_mem_fail_nth(1);
    ck_assert_int_eq(ebb_calendar_push(c, 3, 1), EBB_ERR_NOMEM);
    ebb_mem_fail_nth(0);
    ck_assert_uint_eq(ebb_calendar_next(c), EBB_TICK_NEVER);
    ck_assert_int_eq(ebb_calendar_push(c, 3, 1), EBB_OK);
    ck_assert_uint_eq(ebb_calendar_next(c), 3);
    ebb_calendar_destroy(c);
}
END_TEST

RUN_SUITE("unit", "calendar", pop_same_tick_keeps_push_order,
          next_jumps_over_a_trillion_ticks,
          random_pushes_and_pops_equal_a_sorted_list,
          push_survives_a_failed_allocation)
