/* tests/test_dvs_prefixes.c - recordings cut anywhere: what comes before the
 * cut is read, and nothing else; and memory that is short anywhere. */
#include "tests/dvs_corpus.h"
#include "tests/run_suite.h"

#include "core/memory.h"

#include <string.h>

enum { SIZE = 4096 };

/* Are the events of `some` the first ones of `all`? */
static bool is_start(const struct dvs_stream *some,
                     const struct dvs_stream *all)
{
    size_t n = some->all.n;
    return n <= all->all.n &&
           (n == 0 || (memcmp(some->all.t, all->all.t, 8 * n) == 0 &&
                       memcmp(some->all.x, all->all.x, 2 * n) == 0 &&
                       memcmp(some->all.y, all->all.y, 2 * n) == 0 &&
                       memcmp(some->all.p, all->all.p, n) == 0));
}

static void check_prefixes(const struct dvs_bytes *file,
                           const struct dvs_stream *all,
                           const struct dvs_kind *kind)
{
    struct ebb_dvs_options as = ebb_dvs_options_default();
    struct dvs_stream some = {.status = EBB_OK};
    size_t last = 0;
    as.format = kind->format;
    for (size_t n = 0; n <= file->n && n <= SIZE; n++) {
        dvs_stream_parse(&some, file->at, n, "memory", &as, 64);
        CHECK_EACH(some.status == EBB_OK || some.all.n == 0,
                   "%s cut at %zu fails after %zu events: %s", kind->name, n,
                   some.all.n, ebb_error_message());
        CHECK_EACH(some.all.n >= last && is_start(&some, all),
                   "%s cut at %zu: %zu events after %zu", kind->name, n,
                   some.all.n, last);
        last = some.all.n;
    }
    dvs_stream_finish(&some);
}

START_TEST(read_of_every_prefix_gives_the_events_before_the_cut)
{
    struct dvs_bytes file = {.n = 0};
    struct dvs_stream s = {.status = EBB_OK}, whole = {.status = EBB_OK};
    struct dvs_kind kind;
    for (size_t k = 0; (kind = dvs_corpus_kind(k)).name; k++) {
        dvs_corpus_make(&file, &s, k, SIZE);
        dvs_stream_parse(&whole, file.at, file.n, "memory", NULL, 64);
        ck_assert_msg(whole.status == EBB_OK, "%s: %s", kind.name,
                      ebb_error_message());
        ck_assert_str_eq(whole.about.format, kind.format);
        ck_assert_msg(dvs_streams_equal(&s, &whole), "%s: %zu events for %zu",
                      kind.name, whole.all.n, s.all.n);
        check_prefixes(&file, &s, &kind);
    }
    dvs_bytes_finish(&file);
    dvs_stream_finish(&s);
    dvs_stream_finish(&whole);
}
END_TEST

START_TEST(read_of_every_prefix_of_a_sample_does_too)
{
    static const char *const samples[][2] = {
        {"formats/prophesee/evt2.raw", "evt2"},
        {"formats/prophesee/evt3_sample.raw", "evt3"},
        {"formats/es/dvs.es", "es"},
        {"formats/aedat/sample.aedat4", "aedat4"},
        {"formats/aedat/tales-jAERdata-aedat2.aedat", "aedat2"},
        {"formats/csv/sample.csv", "csv"},
        {"formats/nmnist/NMNIST_1.bs2", "nmnist"}};
    struct dvs_bytes file = {.n = 0};
    struct dvs_stream all = {.status = EBB_OK};
    for (size_t k = 0; dvs_samples_are_here() && k < 7; k++) {
        const char *path = dvs_sample(samples[k][0]);
        struct dvs_kind kind = {path, samples[k][1]};
        ck_assert(dvs_bytes_load(&file, path));
        dvs_stream_read(&all, path, NULL, 4096);
        check_prefixes(&file, &all, &kind);
    }
    dvs_bytes_finish(&file);
    dvs_stream_finish(&all);
}
END_TEST

/* Read a file while the nth allocation fails; how did it end? */
static ebb_status read_short(const struct dvs_bytes *file,
                             struct ebb_dvs_block *block, long nth)
{
    struct ebb_dvs_reader *reader;
    FILE *stream = fmemopen(file->at, file->n, "rb");
    ck_assert_ptr_nonnull(stream);
    ebb_mem_fail_nth(nth);
    ebb_status status = ebb_dvs_open_stream(&reader, stream, "memory", NULL);
    ck_assert((reader != NULL) == (status == EBB_OK));
    if (status == EBB_OK) {
        do {
            status = ebb_dvs_read(reader, block);
        } while (status == EBB_OK && block->n > 0);
        /* a failure stays one */
        ck_assert(status == EBB_OK || ebb_dvs_read(reader, block) == status);
    }
    ebb_mem_fail_nth(0);
    ebb_dvs_close(reader);
    return status;
}

START_TEST(read_survives_every_failed_allocation)
{
    struct dvs_bytes file = {.n = 0};
    struct dvs_stream s = {.status = EBB_OK};
    struct ebb_dvs_block block;
    ck_assert(ebb_dvs_block_init(&block, 64) == EBB_OK);
    for (size_t k = 0; dvs_corpus_kind(k).name; k++) {
        ebb_status status = EBB_ERR_NOMEM;
        dvs_corpus_make(&file, &s, k, SIZE);
        for (long nth = 1; status != EBB_OK; nth++) {
            status = read_short(&file, &block, nth);
            ck_assert_msg(status == EBB_OK || status == EBB_ERR_NOMEM, "%s: %s",
                          dvs_corpus_kind(k).name, ebb_error_message());
        }
    }
    ebb_dvs_block_finish(&block);
    dvs_bytes_finish(&file);
    dvs_stream_finish(&s);
}
END_TEST

START_TEST(write_survives_every_failed_allocation)
{
    struct ebb_dvs_writer *w;
    FILE *null = fopen("/dev/null", "wb");
    ck_assert_ptr_nonnull(null);
    for (size_t k = 0; ebb_dvs_format_name(k); k++) {
        const char *format = ebb_dvs_format_name(k);
        if (!ebb_dvs_format_writes(format) || ebb_dvs_format_in_file(format)) {
            continue;
        }
        ebb_status status = EBB_ERR_NOMEM;
        for (long nth = 1; status != EBB_OK; nth++) {
            ebb_mem_fail_nth(nth);
            status = ebb_dvs_writer_create(&w, null, format, NULL);
            ebb_mem_fail_nth(0);
            ck_assert((w != NULL) == (status == EBB_OK));
            ebb_dvs_writer_destroy(w);
        }
    }
    fclose(null);
}
END_TEST

RUN_SUITE("io", "dvs_prefixes",
          read_of_every_prefix_gives_the_events_before_the_cut,
          read_of_every_prefix_of_a_sample_does_too,
          read_survives_every_failed_allocation,
          write_survives_every_failed_allocation)
