/* tests/test_memory_limits.c - memories built and asked with too little memory
 * end by saying so, at any limit. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"
#include "tests/spawn.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const size_t MIB = (size_t)1 << 20;

enum { FROM_MIB = 32, TO_MIB = 1024 };

/* Limits rise until the program gets on. Before its first word its libraries
 * are still being loaded, which it has no say in; from there on each end is an
 * end that tells: what was wanted, what is left. Returns the limit of success
 * in MiB, 0 where the program cannot be limited (under a sanitizer). */
static size_t rise(const char *const *words, size_t step, size_t *refusals)
{
    bool loaded = false;
    *refusals = 0;
    for (size_t mib = FROM_MIB; mib <= TO_MIB; mib += step) {
        spawn_limit_memory(mib * MIB);
        spawn_run(&r, folder, words);
        spawn_limit_memory(0);
        loaded = loaded || strncmp(r.err, "ebb: no memory", 14) == 0;
        if (!loaded) {
            continue;
        }
        if (r.status == 0) {
            return mib;
        }
        bool tells = strncmp(r.err, "ebb: no memory", 14) == 0 ||
                     (strncmp(r.err, "ebb memory: ", 12) == 0 &&
                      strstr(r.err, "no memory") != NULL);
        CHECK_EACH(r.status == 1 && tells, "%zu MiB: status %d, '%s'", mib,
                   r.status, r.err);
        *refusals += strncmp(r.err, "ebb memory: ", 12) == 0;
    }
    return 0;
}

START_TEST(build_and_recall_with_too_little_memory_say_so)
{
    const char *const build[] = {"memory",     "build", "-o",        "m.net.h5",
                                 "--neurons",  "4000",  "--threads", "2",
                                 "--patterns", "800",   "--cells",   "100",
                                 NULL};
    const char *const recall[] = {"memory", "recall", "m.net.h5",
                                  "--cues", "2",      NULL};
    size_t refusals = 0;
    begin();
    size_t enough = rise(build, 2, &refusals);
    if (enough == 0) {
        puts("skipped: this program does not run within 1 GiB of addresses");
    } else {
        ck_assert_uint_gt(refusals, 1);
        ck_assert_int_eq(access(in_folder("m.net.h5.tmp"), F_OK), -1);
        ck_assert_uint_gt(rise(recall, 3, &refusals), 0);
        ck_assert_uint_gt(refusals, 0);
    }
    end();
}
END_TEST

START_TEST(what_is_wanted_and_what_is_left_is_told)
{
    begin();
    spawn_limit_memory(256 * MIB);
    SPAWN(&r, folder, "memory", "build", "-o", "m.net.h5", "--neurons",
          "100000", "--kind", "hopfield", "--connect", "0.2");
    spawn_limit_memory(0);
    if (r.status == 1 && strncmp(r.err, "ebb", 3) == 0) {
        expect(1, NULL, "about 2e+09 synapses takes");
        expect(1, NULL, "GB are left to this process");
        expect(1, NULL, "or connect fewer pairs");
    } else {
        puts("skipped: this program does not run within 256 MiB");
    }
    end();
}
END_TEST

RUN_SUITE("tools", "memory_limits",
          build_and_recall_with_too_little_memory_say_so,
          what_is_wanted_and_what_is_left_is_told)
