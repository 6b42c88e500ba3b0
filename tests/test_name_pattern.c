/* tests/test_name_pattern.c - what names of files tell. */
#include "tools/dataset/name_pattern.h"
#include "tests/run_suite.h"

#include <string.h>

static struct ebb_name_pattern p;
static struct ebb_name_fields f;

static void parse(const char *pattern)
{
    ck_assert_msg(ebb_name_pattern_parse(&p, pattern) == EBB_OK, "%s",
                  ebb_error_message());
}

START_TEST(fields_come_from_the_end_of_a_path)
{
    parse("tctodd{session}/{class}-{take}.tsd");
    ck_assert_uint_eq(p.n, 3);
    ck_assert(
        ebb_name_pattern_match(&p, "a/b/tctodd7/not-my-problem-2.tsd", &f));
    ck_assert_str_eq(f.is[0], "7");
    ck_assert_str_eq(f.is[1], "not-my-problem");
    ck_assert_str_eq(f.is[2], "2");
    ck_assert(ebb_name_pattern_match(&p, "tctodd1/no-1.tsd", &f));
    ck_assert(!ebb_name_pattern_match(&p, "no-1.tsd", &f));
    ck_assert(!ebb_name_pattern_match(&p, "xtctodd1/no-1.tsd", &f));
    ck_assert(!ebb_name_pattern_match(&p, "tctodd1/no-1.tsd.gz", &f));
    ck_assert(!ebb_name_pattern_match(&p, "tctodd1/-1.tsd", &f));
    ck_assert(!ebb_name_pattern_match(&p, "tctodd1/x/no-1.tsd", &f));
    ck_assert_uint_eq(ebb_name_pattern_field(&p, "take=1", 4), 2);
    ck_assert_uint_eq(ebb_name_pattern_field(&p, "speaker", 7), 3);
}
END_TEST

START_TEST(bad_patterns_are_refused)
{
    static const char *const bad[] = {"x.wav",
                                      "{speaker}.wav",
                                      "{class",
                                      "{}{class}.wav",
                                      "{class}{take}",
                                      "{class}_{class}",
                                      "{a}_{b}_{c}_{d}_{class}",
                                      "{class}_{a/b}"};
    for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++) {
        ck_assert_msg(ebb_name_pattern_parse(&p, bad[k]) == EBB_ERR_ARG, "%s",
                      bad[k]);
        ck_assert_ptr_nonnull(strstr(ebb_error_message(), "--names"));
    }
}
END_TEST

START_TEST(long_names_are_no_match_and_end_soon)
{
    char name[256];
    parse("{class}_{a}_{b}_{c}.wav");
    memset(name, '_', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    ck_assert(!ebb_name_pattern_match(&p, name, &f));
}
END_TEST

START_TEST(lists_hold_words_and_ranges_of_whole_numbers)
{
    ck_assert(ebb_name_is_among("3", "0-4"));
    ck_assert(ebb_name_is_among("04", "0-4"));
    ck_assert(ebb_name_is_among("9", "0-4,9"));
    ck_assert(!ebb_name_is_among("5", "0-4,9"));
    ck_assert(!ebb_name_is_among("", "0-4,9"));
    ck_assert(ebb_name_is_among("not-my", "yes,not-my"));
    ck_assert(!ebb_name_is_among("not", "not-my"));
    ck_assert(!ebb_name_is_among("3x", "0-4"));
    ck_assert(!ebb_name_is_among("10", "1"));
}
END_TEST

RUN_SUITE("tools", "name_pattern", fields_come_from_the_end_of_a_path,
          bad_patterns_are_refused, long_names_are_no_match_and_end_soon,
          lists_hold_words_and_ranges_of_whole_numbers)
