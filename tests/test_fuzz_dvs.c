/* tests/test_fuzz_dvs.c - recordings damaged at random: reading ends, with
 * events or with a message.
 *
 * EBB_MUTANTS of every format (10000), the same ones in each run. */
#include "tests/dvs_corpus.h"
#include "tests/run_suite.h"

#include "core/random.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE = 2048, EDITS = 6, SEED = 99 };

static size_t below(struct ebb_random *r, size_t n)
{
    return ebb_random_below(r, (uint32_t)n);
}

/* One edit; `b` keeps room for a copy of a piece. */
static void edit(struct dvs_bytes *b, struct ebb_random *r)
{
    static const uint32_t odd[] = {0,          1,          0x7F,
                                   0xFF,       0x7FFFFFFF, 0x80000000,
                                   0xFFFFFFFF, 0x10000,    0xFFFFFFF0};
    if (b->n < 8) {
        return;
    }
    size_t at = below(r, b->n - 4), n = 1 + below(r, 32);
    n = n < b->n - at ? n : b->n - at;
    switch (below(r, 6)) {
    case 0: /* a bit */
        b->at[at] ^= (unsigned char)(1U << below(r, 8));
        break;
    case 1: /* a byte */
        b->at[at] = (unsigned char)ebb_random_bits(r);
        break;
    case 2: /* a number that somebody may not expect */
        memcpy(b->at + at, &odd[below(r, sizeof(odd) / sizeof(odd[0]))], 4);
        break;
    case 3: /* a cut */
        b->n = below(r, 4) ? b->n : at;
        break;
    case 4: /* a piece is missing */
        memmove(b->at + at, b->at + at + n, b->n - at - n);
        b->n -= n;
        break;
    default: /* a piece of another place */
        memmove(b->at + at, b->at + below(r, b->n - n + 1), n);
    }
}

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
            for (size_t e = 1 + below(&r, EDITS); e > 0; e--) {
                edit(&mutant, &r);
            }
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
