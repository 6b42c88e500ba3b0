/* tests/run_suite.h - main() of a test program: one suite, one case. */
#ifndef EBB_TESTS_RUN_SUITE_H
#define EBB_TESTS_RUN_SUITE_H

#include <check.h>
#include <stddef.h>

/** Run `n` tests and report; the value is the program's exit status. */
int run_suite(const char *suite, const char *tcase, const TTest *const *tests,
              size_t n);

/** ck_assert_msg() for inner loops: Check writes to a file at each assertion,
 *  this one only when it fails. */
#define CHECK_EACH(ok, ...)                                                    \
    do {                                                                       \
        if (!(ok)) {                                                           \
            ck_abort_msg(__VA_ARGS__);                                         \
        }                                                                      \
    } while (0)

#define RUN_SUITE(suite, tcase, ...)                                           \
    int main(void)                                                             \
    {                                                                          \
        const TTest *const tests[] = {__VA_ARGS__};                            \
        return run_suite(suite, tcase, tests,                                  \
                         sizeof(tests) / sizeof(tests[0]));                    \
    }

#endif
