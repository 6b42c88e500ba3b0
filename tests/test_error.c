/* tests/test_error.c - the text of the last failure. */
#include "core/error.h"
#include "tests/run_suite.h"

#include <pthread.h>
#include <string.h>

START_TEST(fail_keeps_text_place_and_status)
{
    ck_assert_int_eq(EBB_FAIL(EBB_ERR_SHAPE, "%d weights for %s", 3, "one"),
                     EBB_ERR_SHAPE);
    ck_assert_str_eq(ebb_error_message(), "3 weights for one");
    ck_assert_ptr_nonnull(strstr(ebb_error_place(), "test_error.c:"));
}
END_TEST

START_TEST(prefix_goes_in_front_of_a_failure_only)
{
    (void)EBB_FAIL(EBB_ERR_IO, "no weight");
    ck_assert_int_eq(ebb_error_prefix(EBB_ERR_IO, "%s: ", "a.h5"), EBB_ERR_IO);
    ck_assert_str_eq(ebb_error_message(), "a.h5: no weight");
    ck_assert_int_eq(ebb_error_prefix(EBB_OK, "never"), EBB_OK);
    ck_assert_str_eq(ebb_error_message(), "a.h5: no weight");
}
END_TEST

START_TEST(texts_that_are_too_long_are_cut)
{
    char text[5000];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    (void)EBB_FAIL(EBB_ERR_ARG, "%s", text);
    size_t most = strlen(ebb_error_message());
    ck_assert_uint_ge(most, 500);
    ck_assert_int_eq(ebb_error_prefix(EBB_ERR_ARG, "a: "), EBB_ERR_ARG);
    ck_assert_uint_eq(strlen(ebb_error_message()), most);
    ck_assert_int_eq(strncmp(ebb_error_message(), "a: xx", 5), 0);
    ck_assert_int_eq(ebb_error_prefix(EBB_ERR_ARG, "%s", text), EBB_ERR_ARG);
    ck_assert_uint_eq(strlen(ebb_error_message()), most);
}
END_TEST

static ebb_status pass_on(ebb_status status)
{
    EBB_TRY(status);
    return EBB_ERR_FULL;
}

START_TEST(try_passes_failures_on_and_goes_on_without_one)
{
    ck_assert_int_eq(pass_on(EBB_ERR_NOMEM), EBB_ERR_NOMEM);
    ck_assert_int_eq(pass_on(EBB_OK), EBB_ERR_FULL);
}
END_TEST

static void *fail_elsewhere(void *unused)
{
    (void)EBB_FAIL(EBB_ERR_IO, "elsewhere");
    return unused;
}

START_TEST(each_thread_has_its_own_text)
{
    pthread_t thread;
    (void)EBB_FAIL(EBB_ERR_ARG, "here");
    ck_assert_int_eq(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    ck_assert_str_eq(ebb_error_message(), "here");
}
END_TEST

START_TEST(every_status_has_words)
{
#define CHECK_STATUS(code, text) ck_assert_str_eq(ebb_status_text(code), text);
    EBB_STATUS_LIST(CHECK_STATUS)
    ck_assert_str_eq(ebb_status_text((ebb_status)99), "unknown status");
}
END_TEST

RUN_SUITE("core", "error", fail_keeps_text_place_and_status,
          prefix_goes_in_front_of_a_failure_only,
          texts_that_are_too_long_are_cut,
          try_passes_failures_on_and_goes_on_without_one,
          each_thread_has_its_own_text, every_status_has_words)
