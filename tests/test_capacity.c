/* tests/test_capacity.c - memories recalled by events hold as many patterns as
 * theory says. $EBB_SEEDS: memories of each size; with few, bounds are wide. */
#include "tests/run_suite.h"
#include "tests/spawn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct spawn r;

static const char *seeds_text(void)
{
    const char *text = getenv("EBB_SEEDS");
    return text ? text : "4";
}

static bool is_long(void)
{
    return atoi(seeds_text()) >= 20;
}

static double number(const char *line, const char *name)
{
    char key[64];
    snprintf(key, sizeof(key), "\"%s\": ", name);
    const char *at = strstr(line, key);
    ck_assert_msg(at != NULL, "no %s in %s", key, line);
    return strtod(at + strlen(key), NULL);
}

/* Capacity at 1 % and 50 % beside theory. */
static void check_levels(const char *what)
{
    const double wide[] = {0.2, 0.06};
    const char *line = r.out;
    for (size_t k = 0; k < 2; k++) {
        line = strstr(line + 1, "{\"level\": ");
        ck_assert_msg(line != NULL, "no level %zu in %s", k, r.out);
        double ratio = number(line, "ratio");
        double bound = is_long() ? 0.05 : wide[k];
        printf("%s: %g patterns +- %g at %g, in theory %g\n", what,
               number(line, "capacity"), number(line, "capacity_half"),
               number(line, "level"), number(line, "capacity_theory"));
        ck_assert_msg(fabs(ratio - 1) < bound, "%s: ratio %g at level %g", what,
                      ratio, number(line, "level"));
    }
}

static void measure(const char *connect, const char *missing)
{
    const char *neurons = is_long() ? "2000" : "800";
    SPAWN(&r, ".", "memory", "capacity", "--json", "--neurons", neurons,
          "--connect", connect, "--missing", missing, "--seeds", seeds_text());
    ck_assert_msg(r.status == 0, "%s", r.err);
}

START_TEST(a_diluted_memory_holds_what_theory_says)
{
    measure("0.5", "0");
    check_levels("half of the pairs");
}
END_TEST

START_TEST(a_whole_memory_holds_what_theory_says)
{
    if (is_long()) {
        measure("1", "0");
        check_levels("all pairs");
    }
}
END_TEST

START_TEST(cues_that_lack_cells_are_completed_as_theory_says)
{
    if (is_long()) {
        measure("0.7", "0.25");
        check_levels("0.7 of the pairs, cues of 3 in 4 cells");
    }
    measure("0.5", "0.25");
    for (const char *line = r.out; strncmp(line, "{\"pat", 5) == 0;
         line = strchr(line, '\n') + 1) {
        double off =
            number(line, "completion") - number(line, "completion_theory");
        ck_assert_msg(fabs(off) < 0.02, "%g off", off);
    }
}
END_TEST

RUN_SUITE("tools", "capacity", a_diluted_memory_holds_what_theory_says,
          a_whole_memory_holds_what_theory_says,
          cues_that_lack_cells_are_completed_as_theory_says)
