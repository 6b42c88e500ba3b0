/* tests/test_events.c - lists of spikes. */
#include "core/events.h"
#include "core/memory.h"
#include "core/random.h"
#include "tests/run_suite.h"

#include <math.h>
#include <string.h>

static void push(struct ebb_events *list, ebb_tick tick, ebb_neuron_id node,
                 double value)
{
    struct ebb_event e = {tick, node, value};
    ck_assert_int_eq(ebb_events_push(list, e), EBB_OK);
}

START_TEST(sort_orders_by_tick_then_node_and_keeps_equals_in_order)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 0);
    for (uint32_t n = 0; n < 200; n++) {
        struct ebb_events list = {0};
        for (uint32_t k = 0; k < n; k++) {
            push(&list, ebb_random_below(&r, 9), ebb_random_below(&r, 4), k);
        }
        ck_assert_int_eq(ebb_events_sort(&list), EBB_OK);
        ck_assert_uint_eq(list.n, n);
        for (size_t k = 1; k < n; k++) {
            const struct ebb_event *a = &list.at[k - 1], *b = &list.at[k];
            bool same = a->tick == b->tick && a->node == b->node;
            ck_assert(a->tick < b->tick ||
                      (a->tick == b->tick && a->node <= b->node));
            ck_assert(!same || a->value < b->value);
        }
        ebb_events_finish(&list);
    }
}
END_TEST

START_TEST(sort_without_memory_leaves_the_list_as_it_was)
{
    struct ebb_events list = {0};
    push(&list, 5, 0, 1);
    push(&list, 3, 0, 2);
    ebb_mem_fail_nth(1);
    ck_assert_int_eq(ebb_events_sort(&list), EBB_ERR_NOMEM);
    ebb_mem_fail_nth(0);
    ck_assert_uint_eq(list.n, 2);
    ck_assert_uint_eq(list.at[0].tick, 5);
    ebb_events_finish(&list);
}
END_TEST

START_TEST(sort_of_a_sorted_list_takes_no_memory)
{
    struct ebb_events list = {0};
    for (ebb_tick t = 0; t < 100; t++) {
        push(&list, t, 0, 1);
    }
    uint64_t before = ebb_mem_count();
    ck_assert_int_eq(ebb_events_sort(&list), EBB_OK);
    ck_assert_uint_eq(ebb_mem_count(), before);
    ebb_events_finish(&list);
}
END_TEST

START_TEST(merge_adds_the_values_of_one_node_in_one_tick)
{
    struct ebb_events list = {0};
    push(&list, 1, 2, .5);
    push(&list, 1, 2, .25);
    push(&list, 1, 3, 1);
    push(&list, 2, 2, 1);
    push(&list, 2, 2, -1);
    ebb_events_merge(&list);
    ck_assert_uint_eq(list.n, 3);
    ck_assert_double_eq(list.at[0].value, .75);
    ck_assert_double_eq(list.at[1].value, 1);
    ck_assert_double_eq(list.at[2].value, 0); /* an event all the same */
    ebb_events_clear(&list);
    ebb_events_merge(&list);
    ck_assert_uint_eq(list.n, 0);
    ebb_events_finish(&list);
}
END_TEST

START_TEST(check_names_the_event_that_does_not_fit)
{
    struct ebb_events list = {0};
    ck_assert_int_eq(ebb_events_check(&list, 0, 0), EBB_OK);
    push(&list, 3, 1, 1);
    push(&list, 4, 2, 1);
    ck_assert_int_eq(ebb_events_check(&list, 3, 5), EBB_OK);
    ck_assert_int_eq(ebb_events_check(&list, 2, 5), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "event 1 is on channel"));
    ck_assert_int_eq(ebb_events_check(&list, 3, 4), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "event 1 is at tick 4"));
    list.at[0].value = (double)NAN;
    ck_assert_int_eq(ebb_events_check(&list, 3, 5), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "event 0"));
    ebb_events_finish(&list);
}
END_TEST

RUN_SUITE("core", "events",
          sort_orders_by_tick_then_node_and_keeps_equals_in_order,
          sort_without_memory_leaves_the_list_as_it_was,
          sort_of_a_sorted_list_takes_no_memory,
          merge_adds_the_values_of_one_node_in_one_tick,
          check_names_the_event_that_does_not_fit)
