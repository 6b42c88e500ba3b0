/* tests/test_fuzz_dvs.c - recordings damaged at random: reading ends, with
 * events or with a message.
 *
 * EBB_MUTANTS of every format (10000), the same ones in each run. */
#include "tests/dvs_corpus.h"
#include "tests/mutate.h"
#include "tests/run_suite.h"

#include <stdlib.h>

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

START_TEST(read_of_damaged_recordings_ends)
{
    const char *more = getenv("EBB_MUTANTS");
    size_t mutants = more ? strtoul(more, NULL, 10) : 10000;
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
            mutant.n = 0;
            dvs_bytes_add(&mutant, file.at, file.n);
            mutate(&mutant, &r);
            dvs_stream_parse(&s, mutant.at, mutant.n, "memory",
                             m % 2 ? &as : NULL, 64 + m % 100);
            check(&s, kind.name, m);
        }
    }
    dvs_bytes_finish(&file);
    dvs_bytes_finish(&mutant);
    dvs_stream_finish(&s);
}
END_TEST

RUN_SUITE("io", "fuzz_dvs", read_of_damaged_recordings_ends)
