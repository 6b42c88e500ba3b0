/* tests/test_exchange.c - what processes tell each other, and how one ends that
 * cannot. */
#include "core/memory.h"
#include "sim/exchange.h"
#include "tests/run_suite.h"

#include <stdbool.h>
#include <string.h>

/* A job of two, of which the other always says that all is well, or 5. */
struct job {
    size_t met, given_up;
    uint32_t said[64];
};

static ebb_status gather(void *self, const uint32_t *words, size_t n,
                         struct ebb_exchange_words *out)
{
    static const uint32_t other[2] = {0, 5};
    struct job *j = self;
    memcpy(j->said, words, (n < 64 ? n : 64) * sizeof(*words));
    out[0] = (struct ebb_exchange_words){words, n};
    out[1] = (struct ebb_exchange_words){other, n < 2 ? n : 2};
    j->met++;
    return EBB_OK;
}

static void give_up(void *self)
{
    ((struct job *)self)->given_up++;
}

static struct job job;

static struct ebb_exchange two(void)
{
    job = (struct job){.met = 0};
    return (struct ebb_exchange){
        .self = &job, .ranks = 2, .gather = gather, .give_up = give_up};
}

START_TEST(all_agree_and_add_up)
{
    struct ebb_exchange x = two();
    uint64_t value = 7;
    ck_assert_int_eq(ebb_exchange_agree(&x, EBB_OK), EBB_OK);
    ck_assert_int_eq(ebb_exchange_sum(&x, &value, 1), EBB_OK);
    ck_assert_uint_eq(value, 12);
    ck_assert_int_eq(
        ebb_exchange_agree(&x, EBB_FAIL(EBB_ERR_IO, "no such luck")),
        EBB_ERR_IO);
    ck_assert_str_eq(ebb_error_message(), "rank 0: no such luck");
    ck_assert_uint_eq(job.given_up, 0);
}
END_TEST

/* The others are waiting: whoever cannot meet them ends all, once. */
START_TEST(a_process_without_memory_ends_the_job)
{
    for (long nth = 1; nth <= 3; nth++) {
        struct ebb_exchange x = two();
        uint64_t value = 7;
        ebb_mem_fail_nth(nth);
        ebb_status status = nth == 1 ? ebb_exchange_agree(&x, EBB_OK)
                                     : ebb_exchange_sum(&x, &value, 1);
        ebb_mem_fail_nth(0);
        bool whole = nth == 3; /* there are two allocations in a sum */
        ck_assert_int_eq(status, whole ? EBB_OK : EBB_ERR_NOMEM);
        ck_assert_uint_eq(job.met, whole);
        ck_assert_uint_eq(job.given_up, !whole);
    }
}
END_TEST

RUN_SUITE("sim", "exchange", all_agree_and_add_up,
          a_process_without_memory_ends_the_job)
