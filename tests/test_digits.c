/* tests/test_digits.c - handwritten digits as a camera saw them: what
 * experiments/nmnist_small.yaml learns from 900 recordings, with 100 others to
 * choose the network, tells 95 of 100 that it never saw. Minutes. */
#include "tests/command_folder.h"
#include "tests/dvs_stream.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARCHIVE "nmnist-small/NMNISTsmall.tar.xz"

static bool unpack(void)
{
    char words[700];
    const char *archive = dvs_sample(ARCHIVE);
    if (access(archive, R_OK) != 0) {
        printf("skipped: no recordings of digits beside the source tree\n");
        return false;
    }
    snprintf(words, sizeof(words), "tar -xJf '%s' -C '%s'", archive, folder);
    ck_assert_msg(system(words) == 0, "%s", words);
    return true;
}

/* Lines "number<tab>digit" of the archive become lines of the list. */
static void add_lines(FILE *to, const char *name, const char *split)
{
    char path[64], line[128];
    snprintf(path, sizeof(path), "NMNISTsmall/%s", name);
    FILE *in = fopen(in_folder(path), "r");
    ck_assert_msg(in != NULL, "%s", path);
    while (fgets(line, sizeof(line), in)) {
        unsigned sample, digit;
        if (sscanf(line, "%u %u", &sample, &digit) == 2) {
            fprintf(to, "NMNISTsmall/%u.bs2 %u %s\n", sample, digit, split);
        }
    }
    fclose(in);
}

static void copy_experiment(void)
{
    static char text[8192];
    FILE *in = fopen(EBB_SOURCE "/experiments/nmnist_small.yaml", "rb");
    ck_assert_ptr_nonnull(in);
    size_t n = fread(text, 1, sizeof(text) - 1, in);
    fclose(in);
    text[n] = '\0';
    write_text("digits.yaml", text);
}

START_TEST(digits_that_were_never_seen_are_told)
{
    begin();
    if (!unpack()) {
        end();
        return;
    }
    FILE *list = fopen(in_folder("all.txt"), "w");
    ck_assert_ptr_nonnull(list);
    add_lines(list, "train1K.txt", "train");
    add_lines(list, "test100.txt", "test");
    ck_assert_int_eq(fclose(list), 0);
    copy_experiment();
    SPAWN(&r, folder, "dataset", "all.txt", "-o", "nmnist_small.data.h5",
          "--width", "34", "--height", "34");
    expect(0, "1100 samples of 32 ticks", NULL);
    SPAWN(&r, folder, "train", "digits.yaml", "-o", "run");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "eval", "run/best.net.h5", "digits.yaml");
    printf("%s", r.out);
    expect(0, "100 test samples", NULL);
    const char *at = strstr(r.out, "accuracy");
    ck_assert_ptr_nonnull(at);
    ck_assert_double_ge(strtod(at + strlen("accuracy"), NULL), 95);
    end();
}
END_TEST

RUN_SUITE("tools", "digits", digits_that_were_never_seen_are_told)
