/* tests/test_memory.c - the door to the heap, and arenas. */
#include "core/memory.h"
#include "tests/run_suite.h"

#include <stdint.h>
#include <string.h>

START_TEST(calloc_gives_zeroed_memory_at_64_bytes)
{
    for (size_t n = 0; n < 300; n++) {
        unsigned char *block = ebb_mem_calloc(n, 1);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % 64, 0);
        for (size_t k = 0; k < n; k++) {
            ck_assert_uint_eq(block[k], 0);
            block[k] = 0xff; /* the next one is zeroed all the same */
        }
        ebb_mem_free(block);
    }
    ebb_mem_free(NULL);
}
END_TEST

START_TEST(calloc_of_more_than_there_is_gives_nothing)
{
    ck_assert_ptr_null(ebb_mem_calloc(SIZE_MAX, 2));
    ck_assert_ptr_null(ebb_mem_calloc(SIZE_MAX / 2 + 1, 2));
    ck_assert_ptr_null(ebb_mem_calloc(SIZE_MAX - 8, 1));
}
END_TEST

START_TEST(fail_nth_fails_once)
{
    ebb_mem_fail_nth(2);
    void *first = ebb_mem_calloc(1, 1), *second = ebb_mem_calloc(1, 1),
         *third = ebb_mem_calloc(1, 1);
    ebb_mem_fail_nth(0);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(second);
    ck_assert_ptr_nonnull(third);
    ebb_mem_free(first);
    ebb_mem_free(third);
}
END_TEST

START_TEST(grow_keeps_what_was_there_and_zeroes_the_rest)
{
    uint32_t *list = NULL;
    size_t room = 0, grown = 0;
    for (uint32_t k = 0; k < 1000; k++) {
        size_t before = room;
        ck_assert_int_eq(ebb_mem_grow(&list, &room, k + 1, sizeof(*list)),
                         EBB_OK);
        grown += room != before;
        ck_assert_uint_gt(room, k);
        ck_assert_uint_eq(list[k], 0);
        list[k] = k;
    }
    for (uint32_t k = 0; k < 1000; k++) {
        ck_assert_uint_eq(list[k], k);
    }
    ck_assert_uint_le(grown, 11); /* by doubling */
    ebb_mem_free(list);
}
END_TEST

START_TEST(grow_without_memory_leaves_all_as_it_was)
{
    int *list = NULL;
    size_t room = 0;
    ck_assert_int_eq(ebb_mem_grow(&list, &room, 4, sizeof(*list)), EBB_OK);
    int *was = list;
    size_t had = room;
    ebb_mem_fail_nth(1);
    ck_assert_int_eq(ebb_mem_grow(&list, &room, room + 1, sizeof(*list)),
                     EBB_ERR_NOMEM);
    ebb_mem_fail_nth(0);
    ck_assert_int_eq(ebb_mem_grow(&list, &room, SIZE_MAX / 2, sizeof(*list)),
                     EBB_ERR_NOMEM);
    ck_assert_ptr_eq(list, was);
    ck_assert_uint_eq(room, had);
    ebb_mem_free(list);
}
END_TEST

START_TEST(arena_gives_arrays_apart_from_each_other)
{
    struct ebb_arena *arena = NULL;
    unsigned char *block[50];
    ck_assert_int_eq(ebb_arena_create(&arena), EBB_OK);
    for (size_t k = 0; k < 50; k++) {
        block[k] = ebb_arena_calloc(arena, k * k, 3);
        ck_assert_ptr_nonnull(block[k]);
        ck_assert_uint_eq((uintptr_t)block[k] % 64, 0);
        memset(block[k], (int)k, k * k * 3);
    }
    for (size_t k = 0; k < 50; k++) {
        for (size_t i = 0; i < k * k * 3; i++) {
            ck_assert_uint_eq(block[k][i], k);
        }
    }
    ck_assert_uint_ge(ebb_arena_bytes(arena), 3 * 40425);
    ck_assert_ptr_null(ebb_arena_calloc(arena, SIZE_MAX, 2));
    ebb_arena_destroy(arena);
    ebb_arena_destroy(NULL);
}
END_TEST

START_TEST(strdup_copies_or_gives_nothing)
{
    char *copy = ebb_mem_strdup("ebb");
    ck_assert_str_eq(copy, "ebb");
    ebb_mem_free(copy);
    ebb_mem_fail_nth(1);
    ck_assert_ptr_null(ebb_mem_strdup("ebb"));
    ebb_mem_fail_nth(0);
    ck_assert_uint_gt(ebb_mem_peak(), 100000);
}
END_TEST

RUN_SUITE("core", "memory", calloc_gives_zeroed_memory_at_64_bytes,
          calloc_of_more_than_there_is_gives_nothing, fail_nth_fails_once,
          grow_keeps_what_was_there_and_zeroes_the_rest,
          grow_without_memory_leaves_all_as_it_was,
          arena_gives_arrays_apart_from_each_other,
          strdup_copies_or_gives_nothing)
