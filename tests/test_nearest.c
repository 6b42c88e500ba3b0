/* tests/test_nearest.c - what somebody may have meant. */
#include "core/nearest.h"
#include "tests/run_suite.h"

static const char *const words[] = {"lambda", "tau_theta", "v_th", "bias"};

static const char *near(const char *word)
{
    return ebb_nearest(word, words, 4, sizeof(words[0]));
}

START_TEST(nearest_finds_dropped_swapped_and_changed_letters)
{
    ck_assert_str_eq(near("lamda"), "lambda");
    ck_assert_str_eq(near("tau_thtea"), "tau_theta");
    ck_assert_str_eq(near("vth"), "v_th");
    ck_assert_str_eq(near("bais"), "bias");
    ck_assert_str_eq(near("biases"), "bias");
}
END_TEST

START_TEST(nearest_of_a_stranger_is_nothing)
{
    ck_assert_ptr_null(near("colour"));
    ck_assert_ptr_null(near(""));
    ck_assert_ptr_null(ebb_nearest("bias", words, 0, sizeof(words[0])));
}
END_TEST

START_TEST(nearest_of_a_very_long_word_is_nothing)
{
    char word[1000];
    for (size_t k = 0; k + 1 < sizeof(word); k++) {
        word[k] = 'b';
    }
    word[sizeof(word) - 1] = '\0';
    ck_assert_ptr_null(near(word));
}
END_TEST

START_TEST(nearest_walks_over_structs)
{
    static const struct {
        const char *name;
        int other;
    } table[] = {{"dense", 1}, {"sparse", 2}};
    const char *found =
        ebb_nearest("sparce", &table[0].name, 2, sizeof(table[0]));
    ck_assert_str_eq(found, "sparse");
}
END_TEST

RUN_SUITE("core", "nearest", nearest_finds_dropped_swapped_and_changed_letters,
          nearest_of_a_stranger_is_nothing,
          nearest_of_a_very_long_word_is_nothing, nearest_walks_over_structs)
