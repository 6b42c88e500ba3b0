/* tests/test_command_validation.c - training that holds out samples for
 * validation and alters the others. */
#include "tests/bad_file.h"
#include "tests/command_files.h"
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The three classes of the data set are three pairs of rows. */
static const char *const validated =
    "network:\n"
    "  neurons: {tau_theta: 8}\n"
    "  kernel: {shape: exponential, tau: 4, per_axon: true}\n"
    "  populations:\n"
    "    - {name: input, shape: [1, 6, 2], input: true}\n"
    "    - {name: hidden, size: 20}\n"
    "    - {name: output, size: 3}\n"
    "data:\n"
    "  dataset: thirds.data.h5\n"
    "  validation: 25 %\n"
    "  augment: {shift: 1, drop: 0.1, jitter: 0.5}\n"
    "training:\n"
    "  epochs: 6\n"
    "  batch: 6\n"
    "  loss: {kind: rate}\n"
    "  optimiser: {kind: adam, rate: 0.01}\n";

/* The text of a file of the folder, until the next call. */
static char *read_file(const char *name)
{
    static char text[32768];
    FILE *file = fopen(in_folder(name), "rb");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static double field(const char *line, const char *name)
{
    char key[64];
    snprintf(key, sizeof(key), "\"%s\": ", name);
    const char *at = strstr(line, key);
    ck_assert_msg(at != NULL, "no %s in: %s", name, line);
    return strtod(at + strlen(key), NULL);
}

START_TEST(altered_samples_resume_bit_for_bit_on_any_threads)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--seed", "7", "--threads",
          "1");
    expect(0, "epoch 6 of 6", NULL);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "b", "--seed", "7", "--threads",
          "2", "--epochs", "2");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "b", "--resume", "--threads",
          "2");
    expect(0, "epoch 6 of 6", NULL);
    ck_assert(files_are_equal(in_folder("a/checkpoint.net.h5"),
                              in_folder("b/checkpoint.net.h5")));
    ck_assert(files_are_equal(in_folder("a/best.net.h5"),
                              in_folder("b/best.net.h5")));
    SPAWN(&r, folder, "train", "v.yaml", "-o", "b", "--resume", "--epochs", "7",
          "--validation", "0.5");
    expect(1, NULL,
           "begun with 36 training samples, but there are 24; give "
           "--validation as then");
    SPAWN(&r, folder, "train", "v.yaml", "-o", "c", "--seed", "8");
    expect(0, NULL, NULL);
    ck_assert(!files_are_equal(in_folder("a/checkpoint.net.h5"),
                               in_folder("c/checkpoint.net.h5")));
    end();
}
END_TEST

/* By the curve: most right, of equals the lowest loss. */
static unsigned best_epoch(const char *curve, double *right)
{
    unsigned best = 0;
    double loss = 0;
    *right = -1;
    for (const char *line = curve; *line; line = strchr(line, '\n') + 1) {
        double now = field(line, "validation_right");
        double lost = field(line, "validation_loss");
        bool better = now > *right || (now >= *right && lost < loss);
        const char *said = strstr(line, "\"best\": ");
        ck_assert_ptr_nonnull(said);
        ck_assert_int_eq(strncmp(said, "\"best\": true", 12) == 0, better);
        if (better) {
            best = (unsigned)field(line, "epoch");
            *right = now;
            loss = lost;
        }
    }
    return best;
}

START_TEST(best_network_is_the_one_with_most_validation_samples_right)
{
    char text[128];
    double right;
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a");
    unsigned epoch = best_epoch(read_file("a/curve.jsonl"), &right);
    snprintf(text, sizeof(text),
             "from epoch %u: validation %.1f %% right, test ", epoch,
             100 * right);
    expect(0, text, NULL);
    SPAWN(&r, folder, "eval", "a/best.net.h5", "v.yaml", "--split",
          "validation");
    snprintf(text, sizeof(text), "accuracy                  %.2f %%",
             100 * right);
    expect(0, "12 validation samples", NULL); /* 4 of 16 of each class */
    expect(0, text, NULL);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "all", "--validation", "0",
          "--json");
    expect(0, NULL, NULL);
    ck_assert_ptr_null(strstr(r.out, "validation"));
    SPAWN(&r, folder, "train", "small.yaml", "-o", "cues", "--validation",
          "0.1");
    expect(1, NULL, "--validation holds out a part of a data set");
    end();
}
END_TEST

/* What `ebb info` says of the kernels. */
static void kernels_of(char *out, size_t size, const char *network)
{
    SPAWN(&r, folder, "info", network);
    expect(0, NULL, NULL);
    snprintf(out, size, "%s", strstr(r.out, "input_hidden"));
}

START_TEST(eval_judges_training_samples_as_they_are)
{
    char told[1024], plain[2048];
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    const char *line = strstr(validated, "  augment: ");
    ck_assert_ptr_nonnull(line);
    snprintf(plain, sizeof(plain), "%.*s%s", (int)(line - validated), validated,
             strchr(line, '\n') + 1);
    write_text("w.yaml", plain);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "eval", "a/best.net.h5", "w.yaml", "--split", "train",
          "--json");
    expect(0, "\"samples\": 36", NULL);
    snprintf(told, sizeof(told), "%s", strstr(r.out, "\"samples\""));
    SPAWN(&r, folder, "eval", "a/best.net.h5", "v.yaml", "--split", "train",
          "--json");
    expect(0, told, NULL);
    end();
}
END_TEST

START_TEST(no_kernels_leaves_the_kernels_as_they_began)
{
    char fixed[4096], learned[4096];
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--no-kernels");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "b");
    expect(0, NULL, NULL);
    kernels_of(fixed, sizeof(fixed), "a/best.net.h5");
    kernels_of(learned, sizeof(learned), "b/best.net.h5");
    ck_assert_msg(strstr(fixed, "exponential"), "%s", fixed);
    ck_assert_msg(!strstr(learned, "exponential"), "%s", learned);
    end();
}
END_TEST

/* Numbers of confusion.csv: all of them, and those of its diagonal. */
static void add_up(const char *text, unsigned classes, double *all,
                   double *right)
{
    unsigned n = 0;
    *all = *right = 0;
    for (char *end; *text; text = end + (*end != '\0'), n++) {
        double cell = strtod(text, &end);
        ck_assert_ptr_ne(end, text);
        *all += cell;
        *right += n / classes == n % classes ? cell : 0;
    }
    ck_assert_uint_eq(n, classes * classes);
}

START_TEST(result_tells_where_it_comes_from_and_what_eval_tells)
{
    double all, right;
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--kernels", "stable",
          "--penalty", "0.5", "--epochs", "2", "--json");
    expect(0, NULL, NULL);
    const char *text = read_file("a/result.json");
    ck_assert_ptr_nonnull(strstr(text, "\"kernels\": \"stable\""));
    ck_assert_ptr_nonnull(strstr(text, "\"data\": \"thirds.data.h5\""));
    ck_assert_ptr_nonnull(strstr(text, "\"commit\": \""));
    ck_assert_double_eq(field(text, "penalty"), 0.5);
    ck_assert_double_eq(field(text, "epochs"), 2);
    ck_assert_double_eq(field(text, "epochs_planned"), 2);
    double share = field(text, "test_right");
    double samples = field(text, "test_samples");
    add_up(read_file("a/confusion.csv"), 3, &all, &right);
    ck_assert_double_eq(all, samples);
    ck_assert_double_eq_tol(right / all, share, 1e-9);
    SPAWN(&r, folder, "eval", "a/best.net.h5", "v.yaml", "--json");
    expect(0, NULL, NULL);
    ck_assert_double_eq_tol(field(r.out, "accuracy"), share, 1e-9);
    end();
}
END_TEST

START_TEST(scores_are_kept_where_confusion_cannot_be_written)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    ck_assert_int_eq(mkdir(in_folder("a"), 0777), 0);
    ck_assert_int_eq(mkdir(in_folder("a/confusion.csv.tmp"), 0777), 0);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--epochs", "1");
    expect(1, NULL, "confusion.csv");
    ck_assert_double_ge(field(read_file("a/result.json"), "test_right"), 0);
    end();
}
END_TEST

/* The data_hash of a run. */
static void hash_of(char hash[17], const char *run)
{
    char name[64];
    snprintf(name, sizeof(name), "%s/result.json", run);
    const char *at = strstr(read_file(name), "\"data_hash\": \"");
    ck_assert_ptr_nonnull(at);
    snprintf(hash, 17, "%.16s", at + strlen("\"data_hash\": \""));
}

START_TEST(result_of_another_network_is_refused)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--epochs", "1");
    expect(0, NULL, NULL);
    command_network_write(in_folder("a/best.net.h5"), 40, 3);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--resume", "--epochs",
          "1");
    expect(1, NULL, "a/best.net.h5: its populations are not those of the");
    end();
}
END_TEST

START_TEST(result_names_the_patterns_that_were_learned)
{
    char hash[2][17];
    begin();
    SPAWN(&r, folder, "train", "small.yaml", "-o", "drawn", "--epochs", "1");
    expect(0, NULL, NULL);
    ck_assert_ptr_null(strstr(read_file("drawn/result.json"), "\"data\""));
    for (int k = 0; k < 2; k++) {
        SPAWN(&r, folder, "patterns", "-o", "p.h5", "--count", "4", "--trains",
              "40", "--ticks", "50", "--density", k ? "0.02" : "0.03");
        expect(0, NULL, NULL);
        SPAWN(&r, folder, "train", "small.yaml", "-o", "a", "--patterns",
              "p.h5", "--epochs", "1", "--force");
        expect(0, NULL, NULL);
        ck_assert_ptr_nonnull(
            strstr(read_file("a/result.json"), "\"data\": \"p.h5\""));
        hash_of(hash[k], "a");
    }
    ck_assert_str_ne(hash[0], hash[1]);
    end();
}
END_TEST

static bool has_result(void)
{
    bool result = access(in_folder("a/result.json"), F_OK) == 0;
    bool confusion = access(in_folder("a/confusion.csv"), F_OK) == 0;
    ck_assert_int_eq(result, confusion);
    return result;
}

/* Interrupt a run after its first epoch from here. */
static void interrupt(const char *how)
{
    const char *const words[] = {"train", "v.yaml",   "-o",   "a",
                                 how,     "--epochs", "4000", NULL};
    const char *curve = in_folder("a/curve.jsonl");
    ck_assert_int_eq(unlink(curve), 0);
    int process = spawn_start(folder, words);
    const struct timespec pause = {.tv_nsec = 10000000};
    for (int k = 0; k < 3000 && access(curve, F_OK) != 0; k++) {
        nanosleep(&pause, NULL);
    }
    kill(process, SIGINT);
    ck_assert_int_eq(spawn_wait(process), 1);
}

START_TEST(result_of_before_goes_when_training_begins_or_goes_on)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--epochs", "2");
    expect(0, NULL, NULL);
    ck_assert(has_result());
    interrupt("--resume");
    ck_assert(!has_result());
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--resume", "--epochs",
          "3");
    expect(0, NULL, NULL);
    ck_assert(has_result()); /* nothing left to learn: judged again */
    interrupt("--force");
    ck_assert(!has_result());
    end();
}
END_TEST

/* Rounded factors learn, too; the same bits on any threads. */
START_TEST(bf16_learns_about_as_well_and_alike_on_any_threads)
{
    double loss;
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a");
    expect(0, NULL, NULL);
    loss = field(read_file("a/result.json"), "test_loss");
    SPAWN(&r, folder, "train", "v.yaml", "-o", "b", "--bf16", "--threads", "1");
    if (r.status != 0) {
        expect(1, NULL, "leave out --bf16");
        printf("skipped: %s", r.err);
    } else {
        double near = field(read_file("b/result.json"), "test_loss");
        ck_assert_msg(near < loss + 0.2, "loss %g, then %g", loss, near);
        ck_assert_ptr_nonnull(
            strstr(read_file("b/result.json"), "\"bf16\": true"));
        SPAWN(&r, folder, "train", "v.yaml", "-o", "c", "--bf16", "--threads",
              "2");
        expect(0, NULL, NULL);
        ck_assert(files_are_equal(in_folder("b/checkpoint.net.h5"),
                                  in_folder("c/checkpoint.net.h5")));
    }
    end();
}
END_TEST

/* Train v.yaml into a in one go, and into b in two, the second as begun. */
static void train_in_two(const char *option, const char *value)
{
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--force", "--epochs", "4",
          option, value);
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "b", "--force", "--epochs", "2",
          option, value);
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "v.yaml", "-o", "b", "--resume", "--epochs",
          "4");
    expect(0, "epoch 4 of 4", NULL);
    ck_assert(files_are_equal(in_folder("a/checkpoint.net.h5"),
                              in_folder("b/checkpoint.net.h5")));
    ck_assert(files_are_equal(in_folder("a/best.net.h5"),
                              in_folder("b/best.net.h5")));
}

#define RESUME(...)                                                            \
    SPAWN(&r, folder, "train", "v.yaml", "-o", "b", "--resume", "--epochs",    \
          "6", __VA_ARGS__)

START_TEST(resume_learns_as_the_run_was_begun_or_refuses)
{
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    train_in_two("--penalty", "0.5");
    RESUME("--penalty", "0.25");
    expect(1, NULL,
           "--penalty 0.25, but b/checkpoint.net.h5 was begun with "
           "0.5; leave it out");
    train_in_two("--kernels", "stable");
    RESUME("--kernels", "free");
    expect(1, NULL,
           "--kernels free, but b/checkpoint.net.h5 was begun with "
           "stable; leave it out");
    RESUME("--penalty", "1");
    expect(1, NULL, "--penalty 1, but b/checkpoint.net.h5 was begun without");
    RESUME("--bf16");
    expect(1, NULL, "--bf16, but b/checkpoint.net.h5 was begun without it");
    RESUME("--no-kernels", "--kernels", "free");
    expect(1, NULL, "--no-kernels is --kernels fixed");
    RESUME("--kernels", "stable");
    expect(0, "epoch 6 of 6", NULL);
    ck_assert_ptr_nonnull(
        strstr(read_file("b/result.json"), "\"kernels\": \"stable\""));
    end();
}
END_TEST

/* Checkpoints that do not tell are of the experiment, or of the options. */
START_TEST(resume_of_a_checkpoint_that_does_not_tell_goes_by_the_options)
{
    const struct bad_edit forget = {BAD_REMOVE, "training@kernels", 0, NULL};
    begin();
    write_dataset("thirds.data.h5");
    write_text("v.yaml", validated);
    train_in_two("--seed", "5");
    SPAWN(&r, folder, "train", "v.yaml", "-o", "a", "--resume");
    expect(0, "epoch 6 of 6", NULL);
    bad_file_edit(in_folder("b/checkpoint.net.h5"), &forget);
    RESUME("--threads", "1");
    expect(0, "epoch 6 of 6", NULL);
    ck_assert(files_are_equal(in_folder("a/checkpoint.net.h5"),
                              in_folder("b/checkpoint.net.h5")));
    bad_file_edit(in_folder("b/checkpoint.net.h5"), &forget);
    RESUME("--kernels", "fixed");
    expect(1, NULL, "parameters, but the experiment learns");
    end();
}
END_TEST

/* The activity of the hidden layer and the training loss of the last epoch. */
static double last_epoch(const char *extra, double *loss)
{
    char text[2048];
    snprintf(text, sizeof(text), "%s%s", validated, extra);
    write_text("x.yaml", text);
    SPAWN(&r, folder, "train", "x.yaml", "-o", "x", "--force", "--json",
          "--epochs", "20");
    expect(0, NULL, NULL);
    const char *line = strstr(r.out, "\"epoch\": 20");
    ck_assert_ptr_nonnull(line);
    *loss = field(line, "train_loss");
    const char *all = strstr(line, "\"test_activity\": [");
    ck_assert_ptr_nonnull(all);
    return strtod(strchr(all, ',') + 1, NULL);
}

START_TEST(activity_beyond_its_target_counts_and_is_learned_away)
{
    double loss, lower;
    begin();
    write_dataset("thirds.data.h5");
    double rate = last_epoch("", &loss);
    double kept =
        last_epoch("  activity: {target: 0.04, weight: 1000}\n", &lower);
    ck_assert_msg(rate > 0.1 && kept < 0.07 && kept > 0.01,
                  "activity %g, then %g", rate, kept);
    end();
}
END_TEST

START_TEST(an_input_without_rows_and_columns_is_not_shifted)
{
    char text[1024];
    begin();
    write_dataset("thirds.data.h5");
    const char *shape = strstr(validated, "shape: [1, 6, 2]");
    ck_assert_ptr_nonnull(shape);
    snprintf(text, sizeof(text), "%.*ssize: 12%s", (int)(shape - validated),
             validated, shape + strlen("shape: [1, 6, 2]"));
    write_text("flat.yaml", text);
    SPAWN(&r, folder, "train", "flat.yaml");
    expect(1, NULL, "flat.yaml: data: an input without rows and columns");
    end();
}
END_TEST

RUN_SUITE("tools", "command_validation",
          altered_samples_resume_bit_for_bit_on_any_threads,
          best_network_is_the_one_with_most_validation_samples_right,
          eval_judges_training_samples_as_they_are,
          result_tells_where_it_comes_from_and_what_eval_tells,
          scores_are_kept_where_confusion_cannot_be_written,
          result_of_another_network_is_refused,
          result_names_the_patterns_that_were_learned,
          result_of_before_goes_when_training_begins_or_goes_on,
          bf16_learns_about_as_well_and_alike_on_any_threads,
          no_kernels_leaves_the_kernels_as_they_began,
          resume_learns_as_the_run_was_begun_or_refuses,
          resume_of_a_checkpoint_that_does_not_tell_goes_by_the_options,
          activity_beyond_its_target_counts_and_is_learned_away,
          an_input_without_rows_and_columns_is_not_shifted)
