/* tests/test_fuzz_dvs.c - recordings damaged at random, and those that
 * libFuzzer has left: reading ends, with events or with a message.
 *
 * EBB_MUTANTS of every format (10000), the same ones in each run; and a
 * hundredth as many of every kept file. */
#include "tests/dvs_corpus.h"
#include "tests/mutate.h"
#include "tests/run_suite.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 2048, SEED = 99 };

/* What may come of a file of `n` bytes. */
static void check(const struct dvs_stream *s, const char *name, size_t mutant)
{
    CHECK_EACH(s->status == EBB_OK || *ebb_error_message(),
               "%s, mutant %zu: a failure without a word", name, mutant);
    for (size_t k = 0; k < s->all.n; k++) {
        CHECK_EACH(s->all.p[k] <= 1, "%s, mutant %zu: polarity %u", name,
                   mutant, s->all.p[k]);
    }
}

static size_t mutants_wanted(void)
{
    const char *more = getenv("EBB_MUTANTS");
    return more ? strtoul(more, NULL, 10) : 10000;
}

START_TEST(read_of_damaged_recordings_ends)
{
    size_t mutants = mutants_wanted(), read = 0;
    struct dvs_bytes file = {.n = 0}, mutant = {.n = 0};
    struct dvs_stream s = {.status = EBB_OK};
    struct dvs_kind kind;
    for (size_t k = 0; (kind = dvs_corpus_kind(k)).name; k++) {
        struct ebb_dvs_options as = ebb_dvs_options_default();
        as.format = kind.format;
        dvs_corpus_make(&file, &s, k, SIZE);
        for (size_t m = 0; m < mutants; m++) {
            struct ebb_random r =
                ebb_random_stream(SEED + k, EBB_RANDOM_TEST, m);
            mutate(&mutant, &file, &r);
            dvs_stream_parse(&s, mutant.at, mutant.n, "memory",
                             m % 2 ? &as : NULL, 64 + m % 100);
            check(&s, kind.name, m);
            read++;
        }
    }
    printf("%zu damaged recordings\n", read);
    dvs_bytes_finish(&file);
    dvs_bytes_finish(&mutant);
    dvs_stream_finish(&s);
}
END_TEST

/* A kept file as it is and from the middle on, then damaged; how many were
 * read. */
static size_t read_kept(const char *path, const char *format)
{
    struct dvs_bytes file = {.n = 0}, mutant = {.n = 0};
    struct dvs_stream s = {.status = EBB_OK};
    struct ebb_dvs_options as = ebb_dvs_options_default();
    size_t mutants = mutants_wanted() / 100;
    as.format = format;
    ck_assert_msg(dvs_bytes_load(&file, path), "%s", path);
    for (size_t m = 0; m < mutants + 2; m++) {
        struct ebb_random r = ebb_random_stream(SEED, EBB_RANDOM_TEST, m);
        as.begin = m % 2 ? 1000000 + 100 * (int64_t)m : INT64_MIN;
        mutate(&mutant, &file, &r);
        dvs_stream_parse(&s, m < 2 ? file.at : mutant.at,
                         m < 2 ? file.n : mutant.n, "memory", &as, 64);
        check(&s, path, m);
    }
    dvs_bytes_finish(&file);
    dvs_bytes_finish(&mutant);
    dvs_stream_finish(&s);
    return mutants + 2;
}

static size_t read_folder(const char *format)
{
    char folder[512], path[1024];
    size_t read = 0;
    snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", EBB_SOURCE,
             format);
    DIR *entries = opendir(folder);
    ck_assert_msg(entries != NULL, "no folder %s", folder);
    for (struct dirent *e; (e = readdir(entries));) {
        if (e->d_name[0] != '.') {
            snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
            read += read_kept(path, format);
        }
    }
    closedir(entries);
    ck_assert_msg(read > 0, "no file in %s", folder);
    return read;
}

START_TEST(read_of_kept_files_ends)
{
    size_t read = 0;
    const char *format;
    for (size_t k = 0; (format = ebb_dvs_format_name(k)); k++) {
        if (strcmp(format, "dsec") != 0) { /* has tests of its own */
            read += read_folder(format);
        }
    }
    printf("%zu kept ones and what became of them\n", read);
}
END_TEST

RUN_SUITE("io", "fuzz_dvs", read_of_damaged_recordings_ends,
          read_of_kept_files_ends)
