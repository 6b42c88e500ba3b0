/* tests/test_learning.c - the associative memory learns as it should.
 *
 * $EBB_LEARNING_EPOCHS epochs of the default experiment are held against the
 * committed curve of its first epochs, and, where it gets so far, against what
 * the experiment must reach after 10, 20 and 50. */
#include "tests/run_suite.h"
#include "tests/spawn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCHS_MAX = 50 };

struct epoch {
    double train_loss, test_loss, recall;
};

static struct spawn r;
static struct epoch curve[EPOCHS_MAX + 1];
static unsigned epochs;
static char folder[] = "/tmp/ebb_learning_XXXXXX";

static double field(const char *line, const char *name)
{
    char key[64];
    snprintf(key, sizeof(key), "\"%s\": ", name);
    const char *at = strstr(line, key);
    ck_assert_msg(at != NULL, "no %s in: %s", name, line);
    return strtod(at + strlen(key), NULL);
}

static void read_curve(const char *text)
{
    unsigned n = 0;
    for (const char *line = text; line && *line;) {
        n = (unsigned)field(line, "epoch");
        ck_assert_uint_le(n, EPOCHS_MAX);
        curve[n] =
            (struct epoch){field(line, "train_loss"), field(line, "test_loss"),
                           field(line, "test_right")};
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    ck_assert_uint_eq(n, epochs);
}

/* Every checkpoint is of a stable network, or it would not be written: the
 * run fails at the first epoch with a pole on or beyond the unit circle. */
static void learn(void)
{
    const char *text = getenv("EBB_LEARNING_EPOCHS");
    epochs = text ? (unsigned)atoi(text) : 3;
    ck_assert_uint_le(epochs, EPOCHS_MAX);
    char count[16];
    snprintf(count, sizeof(count), "%u", epochs);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    SPAWN(&r, folder, "train",
          EBB_SOURCE "/experiments/associative_memory.yaml", "-o", "run",
          "--epochs", count, "--json");
    ck_assert_msg(r.status == 0, "%s%s", r.out, r.err);
    read_curve(r.out);
}

static void check_against_curve(void)
{
    FILE *file = fopen(EBB_SOURCE "/tests/golden/associative_memory.txt", "rb");
    ck_assert_ptr_nonnull(file);
    char line[256];
    unsigned seen = 0;
    while (fgets(line, sizeof(line), file)) {
        unsigned n = 0;
        double train = 0, test = 0;
        if (sscanf(line, "%u %lf %lf", &n, &train, &test) == 3 && n <= epochs) {
            ck_assert_double_eq_tol(curve[n].train_loss, train, 0.02 * train);
            ck_assert_double_eq_tol(curve[n].test_loss, test, 0.02 * test);
            seen++;
        }
    }
    fclose(file);
    ck_assert_uint_eq(seen, 3);
}

START_TEST(learning_follows_the_curve_and_reaches_its_marks)
{
    static const struct {
        unsigned epoch;
        double loss;
    } marks[] = {{10, 0.08}, {20, 0.049}, {50, 0.035}};
    learn();
    check_against_curve();
    for (size_t k = 0; k < 3; k++) {
        if (epochs >= marks[k].epoch) {
            const struct epoch *e = &curve[marks[k].epoch];
            printf("epoch %u: %.5f (at most %.3f), recall %.2f %%\n",
                   marks[k].epoch, e->test_loss, marks[k].loss,
                   100 * e->recall);
            ck_assert_double_le(e->test_loss, marks[k].loss);
            ck_assert_double_ge(e->recall, 0.99);
        }
    }
    char command[64];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

RUN_SUITE("tools", "learning", learning_follows_the_curve_and_reaches_its_marks)
