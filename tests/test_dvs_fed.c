/* tests/test_dvs_fed.c - recordings that are handed over in pieces. */
#include "tests/dvs_corpus.h"
#include "tests/run_suite.h"

#include <string.h>

static struct dvs_bytes file;
static struct dvs_stream wanted, got;

static void take(struct ebb_dvs_reader *r, struct ebb_dvs_block *block)
{
    do {
        ck_assert_msg(ebb_dvs_read(r, block) == EBB_OK, "%s",
                      ebb_error_message());
        for (size_t k = 0; k < block->n; k++) {
            dvs_stream_add(&got, block->t[k], block->x[k], block->y[k],
                           block->p[k]);
        }
    } while (block->n > 0);
}

/* Hand the file over in pieces of `piece` bytes. */
static void feed(const char *format, size_t piece)
{
    struct ebb_dvs_reader *r;
    struct ebb_dvs_block block;
    struct ebb_dvs_options as = ebb_dvs_options_default();
    as.format = format;
    dvs_stream_finish(&got);
    got = (struct dvs_stream){.status = EBB_OK};
    ck_assert_int_eq(ebb_dvs_block_init(&block, 64), EBB_OK);
    ck_assert_int_eq(ebb_dvs_open_fed(&r, "pieces", &as), EBB_OK);
    for (size_t at = 0; at < file.n;) {
        size_t n = file.n - at < piece ? file.n - at : piece;
        at += ebb_dvs_feed(r, file.at + at, n);
        take(r, &block);
    }
    ebb_dvs_feed_end(r);
    take(r, &block);
    ebb_dvs_close(r);
    ebb_dvs_block_finish(&block);
}

START_TEST(pieces_of_any_size_give_the_events_of_the_file)
{
    static const size_t pieces[] = {1, 2, 3, 7, 64, 1000, 1 << 20};
    struct dvs_kind kind;
    size_t fed = 0;
    for (size_t k = 0; (kind = dvs_corpus_kind(k)).name; k++) {
        if (!ebb_dvs_format_is_fed(kind.format)) {
            continue;
        }
        fed++;
        dvs_corpus_make(&file, &wanted, k, 4096);
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
            feed(kind.format, pieces[i]);
            ck_assert_msg(dvs_streams_equal(&wanted, &got),
                          "%s in pieces of %zu: %zu events of %zu", kind.name,
                          pieces[i], got.all.n, wanted.all.n);
        }
    }
    ck_assert_uint_ge(fed, 4);
    dvs_bytes_finish(&file);
    dvs_stream_finish(&wanted);
    dvs_stream_finish(&got);
}
END_TEST

START_TEST(formats_that_need_a_file_are_refused)
{
    struct ebb_dvs_reader *r;
    struct ebb_dvs_options as = ebb_dvs_options_default();
    as.format = "aedat4";
    ck_assert_int_eq(ebb_dvs_open_fed(&r, "x", &as), EBB_ERR_ARG);
    ck_assert_ptr_null(r);
    ck_assert(strstr(ebb_error_message(), "aedat4"));
}
END_TEST

RUN_SUITE("io", "dvs_fed", pieces_of_any_size_give_the_events_of_the_file,
          formats_that_need_a_file_are_refused)
