/* tests/test_trained.c - the networks of experiments/trained, once more on test
 * samples that their training never saw. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"
#include "tests/sample_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Right on at least `least` of so many test samples of x.data.h5. */
static void judge(const char *network, const char *samples, double least)
{
    char path[700];
    snprintf(path, sizeof(path), EBB_SOURCE "/experiments/trained/%s", network);
    SPAWN(&r, folder, "eval", path, "x.data.h5", "--samples", samples,
          "--json");
    expect(0, NULL, NULL);
    const char *at = strstr(r.out, "\"accuracy\": ");
    ck_assert_msg(at != NULL, "%s", r.out);
    double right = strtod(at + strlen("\"accuracy\": "), NULL);
    printf("%s: %.2f %% of %s right\n", network, 100 * right, samples);
    ck_assert_double_ge(right, least);
}

START_TEST(spoken_digits_are_still_known)
{
    if (!sample_is_here("fsdd/fsdd-recordings.tar.xz")) {
        return;
    }
    begin();
    unpack_sample("fsdd/fsdd-recordings.tar.xz", ".");
    SPAWN(&r, folder, "dataset", "recordings", "-o", "x.data.h5", "--test",
          "take=0-4", "--validation", "take=5-9", "--ticks", "100", "--inputs",
          "300", "--gain", "0.3", "--spread", "3", "--shift", "1");
    if (strstr(r.err, "built without sound")) {
        printf("skipped: built without sound\n");
    } else {
        expect(0, "3000 samples of 100 ticks", NULL);
        judge("spoken_digits.net.h5", "300", 0.98);
    }
    end();
}
END_TEST

START_TEST(signs_are_still_known)
{
    if (!sample_is_here("auslan/tctodd.tar.xz")) {
        return;
    }
    begin();
    unpack_sample("auslan/tctodd.tar.xz", "tctodd");
    SPAWN(&r, folder, "dataset", "tctodd", "-o", "x.data.h5", "--test",
          "session=5-9", "--relative", "--inputs", "300", "--gain", "0.6",
          "--spread", "3", "--shift", "1");
    expect(0, "2565 samples of 136 ticks", NULL);
    judge("auslan.net.h5", "570", 0.68); /* 70.7 % when kept */
    end();
}
END_TEST

RUN_SUITE("tools", "trained", spoken_digits_are_still_known,
          signs_are_still_known)
