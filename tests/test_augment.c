/* tests/test_augment.c - altered training samples, and those held out. */
#include "models/augment.h"
#include "tests/run_suite.h"

#include <math.h>
#include <string.h>

enum { ROWS = 8, COLUMNS = 10, PLANE = ROWS * COLUMNS, SAMPLES = 40 };

static const struct ebb_grid grid = {2, ROWS, COLUMNS};

/* Sample k is of class k % 4 (every tenth of class 4) and has an event on
 * each channel of the middle of the picture, in tick 5. */
static ebb_status read_plain(void *self, enum ebb_split split, uint64_t epoch,
                             size_t index, struct ebb_sample *out)
{
    (void)self, (void)epoch;
    ebb_events_clear(&out->input);
    ebb_events_clear(&out->target);
    out->label = index % 10 == 9 ? 4 : index % 4;
    for (ebb_neuron_id c = 0; c < 2; c++) {
        for (ebb_neuron_id k = 0; k < 4; k++) {
            ebb_neuron_id row = c * ROWS + 3 + k / 2;
            struct ebb_event e = {5, row * COLUMNS + 4 + k % 2, 1};
            EBB_TRY(ebb_events_push(&out->input, e));
        }
    }
    /* What an index of another split would be mistaken for. */
    struct ebb_event mark = {(ebb_tick)split, (ebb_neuron_id)index, 1};
    return ebb_events_push(&out->target, mark);
}

static struct ebb_sample_source plain(void)
{
    return (struct ebb_sample_source){.inputs = 2 * PLANE,
                                      .classes = 5,
                                      .ticks = 10,
                                      .size = {SAMPLES, 0, 20},
                                      .read = read_plain};
}

static struct ebb_sample_source altered(struct ebb_augmented **a,
                                        const struct ebb_augment *how)
{
    struct ebb_sample_source from = plain();
    ck_assert_int_eq(ebb_augmented_create(a, &from, grid, how, 7), EBB_OK);
    return ebb_augmented_source(*a);
}

static void read_into(struct ebb_sample *s, struct ebb_sample_source source,
                      enum ebb_split split, uint64_t epoch, size_t index)
{
    CHECK_EACH(source.read(source.self, split, epoch, index, s) == EBB_OK, "%s",
               ebb_error_message());
}

static bool equal(const struct ebb_events *a, const struct ebb_events *b)
{
    bool same = a->n == b->n;
    for (size_t k = 0; same && k < a->n; k++) {
        same = a->at[k].tick == b->at[k].tick && a->at[k].node == b->at[k].node;
    }
    return same;
}

static void finish(struct ebb_sample *s)
{
    ebb_events_finish(&s->input);
    ebb_events_finish(&s->target);
}

START_TEST(shift_moves_both_channels_alike_and_by_all_amounts)
{
    struct ebb_augmented *a;
    struct ebb_sample_source source =
        altered(&a, &(struct ebb_augment){.shift = 2});
    struct ebb_sample s = {.label = 0};
    bool seen[5][5] = {{false}};
    for (uint64_t epoch = 0; epoch < 20; epoch++) {
        for (size_t k = 0; k < SAMPLES; k++) {
            read_into(&s, source, EBB_SPLIT_TRAIN, epoch, k);
            CHECK_EACH(s.input.n == 8, "%zu events", s.input.n);
            size_t row = s.input.at[0].node / COLUMNS;
            size_t column = s.input.at[0].node % COLUMNS;
            CHECK_EACH(row >= 1 && row <= 5 && column >= 2 && column <= 6,
                       "moved to %zu, %zu", row, column);
            seen[row - 1][column - 2] = true;
            for (size_t i = 0; i < 4; i++) {
                CHECK_EACH(s.input.at[i].node + PLANE == s.input.at[i + 4].node,
                           "channels apart");
            }
            CHECK_EACH(s.input.at[3].node == s.input.at[0].node + COLUMNS + 1,
                       "no square any more");
        }
    }
    for (size_t k = 0; k < 25; k++) {
        ck_assert(seen[k / 5][k % 5]);
    }
    finish(&s);
    ebb_augmented_destroy(a);
}
END_TEST

START_TEST(events_beyond_the_grid_or_the_ticks_are_lost)
{
    struct ebb_augmented *a;
    struct ebb_sample_source source =
        altered(&a, &(struct ebb_augment){.shift = 6, .jitter = 6});
    struct ebb_sample s = {.label = 0};
    size_t kept = 0, moved = 0;
    for (uint64_t epoch = 0; epoch < 50; epoch++) {
        read_into(&s, source, EBB_SPLIT_TRAIN, epoch, 0);
        ck_assert_int_eq(ebb_events_check(&s.input, 2 * PLANE, 10), EBB_OK);
        kept += s.input.n;
        for (size_t k = 0; k < s.input.n; k++) {
            moved += s.input.at[k].tick != 5;
            ck_assert(k == 0 || s.input.at[k - 1].tick <= s.input.at[k].tick);
        }
    }
    ck_assert(kept > 0 && kept < 50 * 8 && moved > 0);
    finish(&s);
    ebb_augmented_destroy(a);
}
END_TEST

START_TEST(drop_loses_its_share)
{
    struct ebb_augmented *a;
    struct ebb_sample_source source =
        altered(&a, &(struct ebb_augment){.drop = 0.25});
    struct ebb_sample s = {.label = 0};
    double kept = 0;
    for (uint64_t epoch = 0; epoch < 50; epoch++) {
        for (size_t k = 0; k < SAMPLES; k++) {
            read_into(&s, source, EBB_SPLIT_TRAIN, epoch, k);
            kept += (double)s.input.n;
        }
    }
    ck_assert_double_eq_tol(kept / (50 * SAMPLES * 8), 0.75, 0.01);
    finish(&s);
    ebb_augmented_destroy(a);
}
END_TEST

START_TEST(turns_and_stretches_keep_the_middle_and_move_the_rest)
{
    struct ebb_augmented *a;
    struct ebb_sample_source source =
        altered(&a, &(struct ebb_augment){.rotate = 180, .stretch = 0.5});
    struct ebb_sample s = {.label = 0};
    bool moved = false;
    for (uint64_t epoch = 0; epoch < 50; epoch++) {
        read_into(&s, source, EBB_SPLIT_TRAIN, epoch, 3);
        ck_assert_uint_eq(s.input.n, 8);
        for (size_t k = 0; k < 8; k++) {
            size_t row = s.input.at[k].node / COLUMNS % ROWS;
            size_t column = s.input.at[k].node % COLUMNS;
            ck_assert(row >= 2 && row <= 5 && column >= 3 && column <= 6);
            moved = moved || row < 3 || row > 4 || column < 4 || column > 5;
        }
    }
    ck_assert(moved);
    finish(&s);
    ebb_augmented_destroy(a);
}
END_TEST

START_TEST(a_sample_is_a_function_of_seed_epoch_and_index)
{
    struct ebb_augmented *a;
    const struct ebb_augment how = {
        .shift = 3, .rotate = 20, .stretch = 0.1, .jitter = 2, .drop = 0.2};
    struct ebb_sample_source source = altered(&a, &how);
    struct ebb_sample s = {.label = 0}, t = {.label = 0};
    read_into(&s, source, EBB_SPLIT_TRAIN, 3, 5);
    read_into(&t, source, EBB_SPLIT_TRAIN, 4, 5);
    ck_assert(!equal(&s.input, &t.input));
    read_into(&t, source, EBB_SPLIT_TRAIN, 3, 6);
    ck_assert(!equal(&s.input, &t.input));
    read_into(&t, source, EBB_SPLIT_TRAIN, 3, 5);
    ck_assert(equal(&s.input, &t.input));
    read_into(&s, source, EBB_SPLIT_TEST, 3, 5);
    read_into(&t, plain(), EBB_SPLIT_TEST, 0, 5);
    ck_assert(equal(&s.input, &t.input));
    finish(&s);
    finish(&t);
    ebb_augmented_destroy(a);
}
END_TEST

START_TEST(create_refuses_what_does_not_fit)
{
    struct ebb_augmented *a;
    struct ebb_sample_source from = plain();
    const struct ebb_augment shift = {.shift = 1}, drop = {.drop = 0.1};
    struct ebb_grid line = {2 * PLANE, 1, 1}, other = {1, ROWS, COLUMNS};
    ck_assert_int_eq(ebb_augmented_create(&a, &from, other, &drop, 1),
                     EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "grid of 1 x 8 x 10"));
    ck_assert_int_eq(ebb_augmented_create(&a, &from, line, &shift, 1),
                     EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "give its shape"));
    ck_assert_int_eq(ebb_augmented_create(&a, &from, line, &drop, 1), EBB_OK);
    ebb_augmented_destroy(a);
}
END_TEST

/* What the source's training samples are used for: 1 training, 2 validation;
 * also counts validation samples of each class. */
static void look_at(struct ebb_held_out *h, int use[SAMPLES], size_t of[5])
{
    struct ebb_sample_source source = ebb_held_out_source(h);
    struct ebb_sample s = {.label = 0};
    memset(use, 0, SAMPLES * sizeof(*use));
    memset(of, 0, 5 * sizeof(*of));
    for (int split = 0; split < 2; split++) {
        for (size_t k = 0; k < source.size[split]; k++) {
            read_into(&s, source, (enum ebb_split)split, 0, k);
            ck_assert_uint_eq(s.target.at[0].tick, EBB_SPLIT_TRAIN);
            ck_assert_int_eq(use[s.target.at[0].node], 0);
            use[s.target.at[0].node] = split + 1;
            of[s.label] += split == EBB_SPLIT_VALIDATION;
        }
    }
    finish(&s);
}

START_TEST(held_out_takes_the_same_share_of_each_class_and_loses_none)
{
    struct ebb_sample_source from = plain();
    struct ebb_held_out *h;
    int use[SAMPLES], again[SAMPLES];
    size_t of[5];
    ck_assert_int_eq(ebb_held_out_create(&h, &from, 0.3, 1), EBB_OK);
    look_at(h, use, of);
    for (size_t k = 0; k < SAMPLES; k++) {
        ck_assert_int_ne(use[k], 0);
    }
    for (size_t k = 0; k < 4; k++) {
        ck_assert_uint_eq(of[k], k % 2 ? 2 : 3); /* of 8 and of 10 */
    }
    ck_assert_uint_eq(of[4], 1); /* of 4 */
    struct ebb_sample_source source = ebb_held_out_source(h);
    struct ebb_sample s = {.label = 0};
    read_into(&s, source, EBB_SPLIT_TEST, 0, 11);
    ck_assert_uint_eq(s.target.at[0].node, 11);
    ck_assert_int_eq(source.read(source.self, EBB_SPLIT_VALIDATION, 0, 11, &s),
                     EBB_ERR_ARG);
    ebb_held_out_destroy(h);
    ck_assert_int_eq(ebb_held_out_create(&h, &from, 0.3, 1), EBB_OK);
    look_at(h, again, of);
    ck_assert_mem_eq(use, again, sizeof(use));
    ebb_held_out_destroy(h);
    ck_assert_int_eq(ebb_held_out_create(&h, &from, 0.3, 2), EBB_OK);
    look_at(h, again, of);
    ck_assert_mem_ne(use, again, sizeof(use));
    ebb_held_out_destroy(h);
    finish(&s);
}
END_TEST

START_TEST(held_out_refuses_shares_that_leave_nothing)
{
    struct ebb_sample_source from = plain();
    struct ebb_held_out *h;
    const double bad[] = {0, 1, 0.01, 0.99, (double)NAN};
    for (size_t k = 0; k < 5; k++) {
        ck_assert_int_eq(ebb_held_out_create(&h, &from, bad[k], 1),
                         EBB_ERR_ARG);
        ck_assert_ptr_null(h);
    }
    from.size[EBB_SPLIT_VALIDATION] = 3;
    ck_assert_int_eq(ebb_held_out_create(&h, &from, 0.5, 1), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "3 validation samples"));
}
END_TEST

RUN_SUITE("models", "augment",
          shift_moves_both_channels_alike_and_by_all_amounts,
          events_beyond_the_grid_or_the_ticks_are_lost, drop_loses_its_share,
          turns_and_stretches_keep_the_middle_and_move_the_rest,
          a_sample_is_a_function_of_seed_epoch_and_index,
          create_refuses_what_does_not_fit,
          held_out_takes_the_same_share_of_each_class_and_loses_none,
          held_out_refuses_shares_that_leave_nothing)
