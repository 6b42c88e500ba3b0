/* tests/test_metrics.c - texts that grow, and figures in Prometheus' format. */
#include "io/serve/metrics.h"

#include "core/memory.h"
#include "tests/metrics_check.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A text as a string. */
static const char *string(struct ebb_text *text)
{
    ebb_text_put(text, "", 1);
    text->n--;
    ck_assert_int_eq(ebb_text_status(text), EBB_OK);
    return text->chars;
}

#define CHECK_TEXT(text, wanted)                                               \
    do {                                                                       \
        ck_assert_str_eq(string(text), wanted);                                \
        ebb_text_clear(text);                                                  \
    } while (0)

static struct ebb_text text;

static void begin(void)
{
    text = (struct ebb_text){0};
}

START_TEST(base64_is_that_of_rfc_4648)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xFB\xFF\xBF", "+/+/"}};
    begin();
    for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k++) {
        ebb_text_add_base64(&text, pairs[k][0], strlen(pairs[k][0]));
        CHECK_TEXT(&text, pairs[k][1]);
    }
    ebb_text_finish(&text);
}
END_TEST

START_TEST(strings_are_valid_json_whatever_they_hold)
{
    static const char *const pairs[][2] = {
        {"plain", "\"plain\""},
        {"a\"b\\c\n", "\"a\\\"b\\\\c\\u000a\""},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x8C",
         "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x8C\""},
        {"\xFFx", "\"\xEF\xBF\xBDx\""},               /* no such byte */
        {"\xC3", "\"\xEF\xBF\xBD\""},                 /* cut short */
        {"\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* overlong */
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}};
    begin();
    for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k++) {
        ebb_text_add_json(&text, pairs[k][0]);
        CHECK_TEXT(&text, pairs[k][1]);
    }
    ebb_text_finish(&text);
}
END_TEST

START_TEST(numbers_that_are_none_become_null)
{
    begin();
    ebb_text_add_number(&text, 0.25);
    ebb_text_add_number(&text, (double)NAN);
    ebb_text_add_number(&text, -HUGE_VAL);
    CHECK_TEXT(&text, "0.25nullnull");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(long_lines_fit)
{
    char line[5000];
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    begin();
    ebb_text_add(&text, "%s", line);
    CHECK_TEXT(&text, line);
    ebb_text_finish(&text);
}
END_TEST

START_TEST(a_failed_allocation_sticks_until_clear)
{
    begin();
    ebb_text_add(&text, "before");
    ebb_mem_fail_nth(1);
    ebb_text_add_base64(&text, "0123456789", 1 << 3);
    for (size_t k = 0; k < 1000; k++) {
        ebb_text_add(&text, "until it has to grow");
    }
    ebb_mem_fail_nth(0);
    ebb_text_add(&text, "after");
    ck_assert_int_eq(ebb_text_status(&text), EBB_ERR_NOMEM);
    ebb_text_clear(&text);
    ebb_text_add(&text, "again");
    CHECK_TEXT(&text, "again");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(families_are_written_as_the_format_says)
{
    const struct ebb_metrics_label labels[] = {{"source", "udp"},
                                               {"name", "a\"b\\c\nd"}};
    begin();
    ebb_metrics_family(&text, "ebb_events_total", "counter",
                       "Back\\slash\nline");
    ebb_metrics_count(&text, "ebb_events_total", 18446744073709551615u, labels,
                      2);
    ebb_metrics_gauge(&text, "ebb_load", "A \"gauge\".", 0.1);
    ck_assert_ptr_null(metrics_complaint(string(&text)));
    CHECK_TEXT(&text,
               "# HELP ebb_events_total Back\\\\slash\\nline\n"
               "# TYPE ebb_events_total counter\n"
               "ebb_events_total{source=\"udp\",name=\"a\\\"b\\\\c\\nd\"} "
               "18446744073709551615\n"
               "# HELP ebb_load A \"gauge\".\n"
               "# TYPE ebb_load gauge\n"
               "ebb_load 0.1\n");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(values_beyond_numbers_have_names)
{
    begin();
    ebb_metrics_value(&text, "a", (double)NAN, NULL, 0);
    ebb_metrics_value(&text, "a", HUGE_VAL, NULL, 0);
    ebb_metrics_value(&text, "a", -HUGE_VAL, NULL, 0);
    CHECK_TEXT(&text, "a NaN\na +Inf\na -Inf\n");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(histograms_are_cumulative)
{
    const double bound[] = {0.001, 0.01};
    const uint64_t counts[] = {3, 0, 2};
    const struct ebb_metrics_histogram h = {bound, counts, 2, 0.25};
    const struct ebb_metrics_label label = {"path", "/"};
    begin();
    ebb_metrics_family(&text, "t_seconds", "histogram", "Times.");
    ebb_metrics_histogram(&text, "t_seconds", &h, &label, 1);
    ebb_metrics_histogram(&text, "t_seconds", &h, NULL, 0);
    ck_assert_ptr_null(metrics_complaint(string(&text)));
    CHECK_TEXT(&text, "# HELP t_seconds Times.\n"
                      "# TYPE t_seconds histogram\n"
                      "t_seconds_bucket{path=\"/\",le=\"0.001\"} 3\n"
                      "t_seconds_bucket{path=\"/\",le=\"0.01\"} 3\n"
                      "t_seconds_bucket{path=\"/\",le=\"+Inf\"} 5\n"
                      "t_seconds_sum{path=\"/\"} 0.25\n"
                      "t_seconds_count{path=\"/\"} 5\n"
                      "t_seconds_bucket{le=\"0.001\"} 3\n"
                      "t_seconds_bucket{le=\"0.01\"} 3\n"
                      "t_seconds_bucket{le=\"+Inf\"} 5\n"
                      "t_seconds_sum 0.25\n"
                      "t_seconds_count 5\n");
    ebb_text_finish(&text);
}
END_TEST

/* The check itself finds what is wrong. */
START_TEST(bad_texts_are_complained_of)
{
    static const char *const bad[] = {
        "a 1\n",
        "# HELP a b\na 1\n",
        "# TYPE a gauge\na 1\n",
        "# HELP a b\n# TYPE a counter\na 1\n",
        "# HELP a b\n# TYPE a gauge\nb 1\n",
        "# HELP a b\n# TYPE a gauge\na x\n",
        "# HELP a b\n# TYPE a gauge\na 1",
        "# HELP a b\n# TYPE a gauge\na{x=\"\n\"} 1\n",
        "# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n# TYPE a gauge\na 1\n",
        "# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_count 2\n",
        ("# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\n"
         "a_bucket{le=\"+Inf\"} 1\n"),
        "# HELP a b\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 2\n"};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        ck_assert_msg(metrics_complaint(bad[k]) != NULL, "%s", bad[k]);
    }
}
END_TEST

RUN_SUITE("unit", "metrics", base64_is_that_of_rfc_4648,
          strings_are_valid_json_whatever_they_hold,
          numbers_that_are_none_become_null, long_lines_fit,
          a_failed_allocation_sticks_until_clear,
          families_are_written_as_the_format_says,
          values_beyond_numbers_have_names, histograms_are_cumulative,
          bad_texts_are_complained_of)
