/* tests/test_willshaw.c - theory of how much a Willshaw memory holds. */
#include "models/willshaw.h"
#include "core/memory.h"
#include "tests/run_suite.h"

#include <math.h>

static double choose(size_t n, size_t k)
{
    double c = k > n ? 0 : 1;
    for (size_t i = 0; i < k && c > 0; i++) {
        c = c * (double)(n - i) / (double)(i + 1);
    }
    return c;
}

/* Probability that a pattern holds none of s given neurons. */
static double none_of(const struct ebb_willshaw *w, size_t s)
{
    return choose(w->neurons - 1 - s, w->cells - 1) /
           choose(w->neurons - 1, w->cells - 1);
}

static struct ebb_willshaw_table table_of(struct ebb_willshaw w)
{
    struct ebb_willshaw_table t;
    ck_assert_msg(ebb_willshaw_table_init(&t, &w) == EBB_OK, "%s",
                  ebb_error_message());
    return t;
}

/* By inclusion and exclusion: Σ_s (-1)^s C(c, s) Pr[none of s]^r. */
START_TEST(all_of_a_cue_are_set_as_inclusion_and_exclusion_says)
{
    struct ebb_willshaw w = {20, 5, 4, 1, 4};
    struct ebb_willshaw_table t = table_of(w);
    ck_assert_uint_gt(t.n, 30);
    for (size_t r = 0; r < 30; r++) {
        double sum = 0;
        for (size_t s = 0; s <= w.cue; s++) {
            sum += (s % 2 ? -1 : 1) * choose(w.cue, s) *
                   pow(none_of(&w, s), (double)r);
        }
        ck_assert_double_eq_tol(t.chance[r], sum, 1e-12);
    }
    ebb_willshaw_table_finish(&t);
}
END_TEST

START_TEST(one_of_a_cue_is_set_unless_none_is)
{
    struct ebb_willshaw w = {30, 6, 6, 1, 1};
    struct ebb_willshaw_table t = table_of(w);
    for (size_t r = 0; r < 20; r++) {
        ck_assert_double_eq_tol(t.chance[r], 1 - pow(none_of(&w, 6), (double)r),
                                1e-12);
    }
    ebb_willshaw_table_finish(&t);
}
END_TEST

/* One cell of the cue: set as often as not in the usage, connected with Z. */
START_TEST(dilution_thins_the_synapses)
{
    struct ebb_willshaw w = {30, 6, 1, 0.3, 1};
    struct ebb_willshaw_table t = table_of(w);
    for (size_t r = 0; r < 20; r++) {
        double set = 1 - pow(1 - 5.0 / 29, (double)r);
        ck_assert_double_eq_tol(t.chance[r], 0.3 * set, 1e-12);
    }
    /* Three patterns: a neuron is in 0, 1 or 2 of the two others. */
    double f = 0.2;
    double wanted =
        24.0 / 6 * (2 * f * (1 - f) * t.chance[1] + f * f * t.chance[2]);
    ck_assert_double_eq_tol(ebb_willshaw_false(&t, 3), wanted, 1e-12);
    ck_assert_double_eq_tol(ebb_willshaw_false(&t, 1), 0, 1e-12);
    ebb_willshaw_table_finish(&t);
}
END_TEST

START_TEST(capacity_is_where_the_level_is_reached)
{
    const double levels[] = {0.001, 0.01, 0.5, 2};
    struct ebb_willshaw_table t =
        table_of((struct ebb_willshaw){1000, 20, 20, 0.6, 9});
    for (size_t k = 0; k < 4; k++) {
        double at = ebb_willshaw_capacity(&t, levels[k]);
        size_t below = (size_t)floor(at);
        ck_assert_double_le(ebb_willshaw_false(&t, below), levels[k]);
        ck_assert_double_ge(ebb_willshaw_false(&t, below + 1), levels[k]);
    }
    /* All 20 synapses of a neuron exist too rarely to reach it. */
    ebb_willshaw_table_finish(&t);
    t = table_of((struct ebb_willshaw){1000, 20, 20, 0.6, 20});
    ck_assert_double_eq(ebb_willshaw_capacity(&t, 0.5), 0);
    ebb_willshaw_table_finish(&t);
}
END_TEST

START_TEST(completion_counts_all_cells_but_the_neuron_itself)
{
    struct ebb_willshaw w = {100, 4, 4, 1, 3};
    ck_assert_double_eq_tol(ebb_willshaw_completion(&w), 1, 1e-12);
    w.threshold = 4;
    ck_assert_double_eq_tol(ebb_willshaw_completion(&w), 0, 1e-12);
    w = (struct ebb_willshaw){100, 3, 3, 0.5, 2};
    ck_assert_double_eq_tol(ebb_willshaw_completion(&w), 0.25, 1e-12);
    w.cue = 2; /* one outside the cue sees 2, those inside 1 */
    ck_assert_double_eq_tol(ebb_willshaw_completion(&w), 0.25 / 3, 1e-12);
    ck_assert_uint_eq(
        ebb_willshaw_threshold(&(struct ebb_willshaw){100, 9, 9, 1, 0}, 0.99),
        8);
}
END_TEST

START_TEST(best_threshold_rises_with_the_load)
{
    struct ebb_willshaw w = {2000, 50, 40, 0.5, 0};
    size_t light = ebb_willshaw_best_threshold(&w, 50);
    size_t heavy = ebb_willshaw_best_threshold(&w, 300);
    ck_assert_uint_lt(light, heavy);
    w.threshold = heavy;
    ck_assert_double_ge(ebb_willshaw_completion(&w), 0.9);
}
END_TEST

START_TEST(init_refuses_what_has_no_theory)
{
    const struct ebb_willshaw bad[] = {
        {100, 1, 1, 1, 1},   {100, 60, 10, 1, 1}, {100, 10, 0, 1, 1},
        {100, 10, 11, 1, 1}, {100, 10, 10, 0, 1}, {9999, 2000, 1999, 1, 1}};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        struct ebb_willshaw_table t;
        ck_assert_int_eq(ebb_willshaw_table_init(&t, &bad[k]), EBB_ERR_ARG);
    }
}
END_TEST

START_TEST(init_survives_every_failed_allocation)
{
    struct ebb_willshaw w = {100, 10, 10, 0.5, 3};
    struct ebb_willshaw_table t = {.n = 0};
    ebb_status status = EBB_ERR_NOMEM;
    for (long nth = 1; status != EBB_OK; nth++) {
        ebb_mem_fail_nth(nth);
        status = ebb_willshaw_table_init(&t, &w);
        ebb_mem_fail_nth(0);
        CHECK_EACH((t.chance != NULL) == (status == EBB_OK), "%ld", nth);
    }
    ebb_willshaw_table_finish(&t);
}
END_TEST

RUN_SUITE("models", "willshaw",
          all_of_a_cue_are_set_as_inclusion_and_exclusion_says,
          one_of_a_cue_is_set_unless_none_is, dilution_thins_the_synapses,
          capacity_is_where_the_level_is_reached,
          completion_counts_all_cells_but_the_neuron_itself,
          best_threshold_rises_with_the_load, init_refuses_what_has_no_theory,
          init_survives_every_failed_allocation)
