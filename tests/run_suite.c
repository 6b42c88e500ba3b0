/* tests/run_suite.c - main() of a test program: one suite, one case. */
#include "tests/run_suite.h"

#include "core/denormals.h"

#include <stdlib.h>

int run_suite(const char *suite, const char *tcase, const TTest *const *tests,
              size_t n)
{
    ebb_denormals_flush();
    Suite *s = suite_create(suite);
    TCase *c = tcase_create(tcase);
    tcase_set_timeout(c, 0); /* meson has the clock */
    for (size_t i = 0; i < n; i++) {
        tcase_add_test(c, tests[i]);
    }
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
