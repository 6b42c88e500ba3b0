/* tests/test_patterns.c - patterns, and the cues that ask for them. */
#include "models/patterns.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct ebb_pattern_params small = {
    .n = 3, .trains = 60, .ticks = 80, .density = .02, .seed = 4};

START_TEST(drawings_have_the_density_asked_for_and_follow_the_seed)
{
    struct ebb_patterns a, b, other;
    struct ebb_pattern_params params = small;
    ck_assert_int_eq(ebb_patterns_draw(&a, &params), EBB_OK);
    ck_assert_int_eq(ebb_patterns_draw(&b, &params), EBB_OK);
    params.seed = 5;
    ck_assert_int_eq(ebb_patterns_draw(&other, &params), EBB_OK);
    size_t cells = a.n * a.trains * a.ticks;
    ck_assert_int_eq(memcmp(a.spike, b.spike, cells), 0);
    ck_assert_int_ne(memcmp(a.spike, other.spike, cells), 0);
    for (size_t k = 0; k < a.n; k++) {
        ck_assert_double_eq_tol(ebb_patterns_density(&a, k), .02, .01);
    }
    ebb_patterns_finish(&a);
    ebb_patterns_finish(&b);
    ebb_patterns_finish(&other);
}
END_TEST

START_TEST(patterns_of_no_size_are_refused)
{
    struct ebb_patterns p;
    ck_assert_int_eq(ebb_patterns_create(&p, 0, 1, 1), EBB_ERR_ARG);
    ck_assert_int_eq(ebb_patterns_create(&p, 1, 0, 1), EBB_ERR_ARG);
    ck_assert_int_eq(ebb_patterns_create(&p, 1, 1, 0), EBB_ERR_ARG);
    ck_assert_int_eq(ebb_patterns_create(&p, 1, 1U << 31, (size_t)1 << 40),
                     EBB_ERR_ARG);
    struct ebb_pattern_params params = small;
    params.n = EBB_PATTERN_DRAWINGS + 1;
    ck_assert_int_eq(ebb_patterns_draw(&p, &params), EBB_ERR_ARG);
}
END_TEST

/* Two trains of five ticks, a spike on the diagonal of each. */
static struct ebb_patterns diagonal(void)
{
    struct ebb_patterns p;
    ck_assert_int_eq(ebb_patterns_create(&p, 2, 5, 5), EBB_OK);
    for (size_t k = 0; k < 5; k++) {
        p.spike[k * 5 + k] = 1;
        p.spike[25 + k * 5 + 4 - k] = 1;
    }
    return p;
}

START_TEST(target_is_delayed_and_loses_what_falls_off)
{
    struct ebb_patterns p = diagonal();
    struct ebb_events out = {0};
    ck_assert_int_eq(ebb_pattern_target(&out, &p, 0, 2), EBB_OK);
    ck_assert_uint_eq(out.n, 3);
    for (size_t k = 0; k < 3; k++) {
        ck_assert_uint_eq(out.at[k].tick, k + 2);
        ck_assert_uint_eq(out.at[k].node, k);
        ck_assert_double_eq(out.at[k].value, 1);
    }
    ebb_events_clear(&out);
    ck_assert_int_eq(ebb_pattern_target(&out, &p, 1, 5), EBB_OK);
    ck_assert_uint_eq(out.n, 0);
    ebb_events_finish(&out);
    ebb_patterns_finish(&p);
}
END_TEST

START_TEST(cue_without_noise_is_its_pattern)
{
    struct ebb_patterns p = diagonal();
    struct ebb_events cue = {0}, target = {0};
    struct ebb_cue_noise none = {.p_alter = 0};
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 5);
    ck_assert_int_eq(ebb_cue_draw(&cue, &p, 1, &none, &r), EBB_OK);
    ck_assert_int_eq(ebb_pattern_target(&target, &p, 1, 0), EBB_OK);
    ck_assert_uint_eq(cue.n, target.n);
    for (size_t k = 0; k < cue.n; k++) {
        ck_assert_uint_eq(cue.at[k].tick, target.at[k].tick);
        ck_assert_uint_eq(cue.at[k].node, target.at[k].node);
    }
    ebb_events_finish(&cue);
    ebb_events_finish(&target);
    ebb_patterns_finish(&p);
}
END_TEST

/* Spikes of one cue of the drawing. */
static size_t draw(const struct ebb_patterns *p, struct ebb_cue_noise noise,
                   uint64_t seed)
{
    struct ebb_events cue = {0};
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 6);
    ck_assert_int_eq(ebb_cue_draw(&cue, p, 0, &noise, &r), EBB_OK);
    ck_assert_int_eq(ebb_events_check(&cue, p->trains, p->ticks), EBB_OK);
    for (size_t k = 0; k < cue.n; k++) {
        ck_assert_double_eq(cue.at[k].value, 1);
        ck_assert(k == 0 || cue.at[k - 1].tick < cue.at[k].tick ||
                  cue.at[k - 1].node < cue.at[k].node);
    }
    size_t n = cue.n;
    ebb_events_finish(&cue);
    return n;
}

START_TEST(cue_noise_deletes_adds_and_moves_as_asked)
{
    struct ebb_patterns p;
    ck_assert_int_eq(ebb_patterns_draw(&p, &small), EBB_OK);
    size_t spikes = draw(&p, (struct ebb_cue_noise){.p_alter = 0}, 0);
    size_t cells = p.trains * p.ticks;
    double added = 0, fewest = (double)spikes;
    for (uint64_t seed = 0; seed < 200; seed++) {
        size_t n = draw(&p, (struct ebb_cue_noise){.background = .01}, seed);
        ck_assert_uint_ge(n, spikes);
        added += (double)(n - spikes) / 200;
        struct ebb_cue_noise hole = {.p_alter = 1, .p_delete = 1, .block = 30};
        n = draw(&p, hole, seed);
        ck_assert_uint_le(n, spikes);
        fewest = fmin(fewest, (double)n);
        struct ebb_cue_noise moved = {.p_alter = 1, .p_jitter = 1, .jitter = 3};
        ck_assert_uint_le(draw(&p, moved, seed), spikes); /* some meet */
    }
    ck_assert_double_eq_tol(added / (double)cells, .01, .002);
    ck_assert_double_lt(fewest, .8 * (double)spikes);
    ebb_patterns_finish(&p);
}
END_TEST

/* Are two samples the same events? */
static bool alike(const struct ebb_events *a, const struct ebb_events *b)
{
    bool same = a->n == b->n;
    for (size_t k = 0; same && k < a->n; k++) {
        same = a->at[k].tick == b->at[k].tick &&
               a->at[k].node == b->at[k].node &&
               a->at[k].value == b->at[k].value;
    }
    return same;
}

START_TEST(cues_are_a_function_of_split_epoch_and_index)
{
    struct ebb_patterns p;
    struct ebb_cues *cues;
    struct ebb_cue_params params = {.noise = {.background = .05},
                                    .target_delay = 2,
                                    .train = 6,
                                    .validation = 3,
                                    .test = 3,
                                    .seed = 1,
                                    .test_seed = 1};
    ck_assert_int_eq(ebb_patterns_draw(&p, &small), EBB_OK);
    ck_assert_int_eq(ebb_cues_create(&cues, &p, &params), EBB_OK);
    ebb_patterns_finish(&p); /* they were copied */
    struct ebb_sample_source s = ebb_cues_source(cues);
    ck_assert_uint_eq(s.classes, 3);
    ck_assert_uint_eq(s.size[EBB_SPLIT_TRAIN], 6);
    struct ebb_sample first = {.label = 0}, again = {.label = 0};
    ck_assert_int_eq(s.read(s.self, EBB_SPLIT_TRAIN, 0, 4, &first), EBB_OK);
    ck_assert_uint_eq(first.label, 1);
    ck_assert_int_eq(s.read(s.self, EBB_SPLIT_TRAIN, 0, 4, &again), EBB_OK);
    ck_assert(alike(&first.input, &again.input));
    ck_assert(alike(&first.target, &again.target));
    ck_assert_int_eq(s.read(s.self, EBB_SPLIT_TRAIN, 1, 4, &again), EBB_OK);
    ck_assert(!alike(&first.input, &again.input)); /* new noise each epoch */
    ck_assert(alike(&first.target, &again.target));
    ck_assert_int_eq(s.read(s.self, EBB_SPLIT_TEST, 0, 1, &first), EBB_OK);
    ck_assert_int_eq(s.read(s.self, EBB_SPLIT_TEST, 7, 1, &again), EBB_OK);
    ck_assert(alike(&first.input, &again.input)); /* the same in each */
    ck_assert_int_eq(s.read(s.self, EBB_SPLIT_VALIDATION, 0, 1, &again), 0);
    ck_assert(!alike(&first.input, &again.input)); /* though of one seed */
    ebb_events_clear(&again.target);
    ck_assert_int_eq(s.prototype(s.self, 1, &again.target), EBB_OK);
    ck_assert(alike(&first.target, &again.target));
    ebb_events_finish(&first.input);
    ebb_events_finish(&first.target);
    ebb_events_finish(&again.input);
    ebb_events_finish(&again.target);
    ebb_cues_destroy(cues);
}
END_TEST

RUN_SUITE("models", "patterns",
          drawings_have_the_density_asked_for_and_follow_the_seed,
          patterns_of_no_size_are_refused,
          target_is_delayed_and_loses_what_falls_off,
          cue_without_noise_is_its_pattern,
          cue_noise_deletes_adds_and_moves_as_asked,
          cues_are_a_function_of_split_epoch_and_index)
