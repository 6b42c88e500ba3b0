/* tests/test_dvs_aedat4.c - AEDAT 4 with every compression, and damaged. */
#include "tests/aedat4_file.h"
#include "tests/run_suite.h"

#include "io/dvs/format.h"

#include <stdlib.h>
#include <string.h>

static const enum aedat4_compression kinds[] = {AEDAT4_NONE, AEDAT4_LZ4,
                                                AEDAT4_ZSTD};

static struct dvs_stream s, back;
static struct dvs_bytes file;

static void make(size_t n, enum aedat4_compression kind)
{
    dvs_stream_finish(&s);
    for (unsigned k = 0; k < n; k++) {
        dvs_stream_add(&s, INT64_C(1605537493718345) + 3 * k, k % 346, k % 260,
                       k % 3 == 0);
    }
    aedat4_file(&file, &s, 100, kind);
}

static void finish(void)
{
    dvs_stream_finish(&s);
    dvs_stream_finish(&back);
    dvs_bytes_finish(&file);
}

START_TEST(read_unpacks_every_compression)
{
    for (size_t k = 0; k < 3; k++) {
        make(1234, kinds[k]);
        dvs_stream_parse(&back, file.at, file.n, "memory", NULL, 64);
        if (!aedat4_can(kinds[k])) {
            ck_assert_int_eq(back.status, EBB_ERR_FORMAT);
            ck_assert_ptr_nonnull(
                strstr(ebb_error_message(), "was built without"));
            continue;
        }
        ck_assert_msg(back.status == EBB_OK, "%s", ebb_error_message());
        ck_assert_str_eq(back.about.format, "aedat4");
        ck_assert_str_eq(back.about.device, "DAVIS346_1");
        ck_assert_uint_eq(back.about.width, 346);
        ck_assert_uint_eq(back.about.height, 260);
        ck_assert_uint_eq(back.about.skipped, 13); /* the other stream's */
        ck_assert(dvs_streams_equal(&s, &back));
    }
    finish();
}
END_TEST

/* Where the header has the position of the index, which ends the file. */
enum { INDEX_AT = 14 + 4 + 28 };

static size_t index_at(void)
{
    uint64_t at = 0;
    for (size_t k = 8; k-- > 0;) {
        at = at << 8 | file.at[INDEX_AT + k];
    }
    return (size_t)at;
}

START_TEST(read_of_a_recording_without_an_index_goes_to_its_end)
{
    make(1000, AEDAT4_NONE);
    file.n = index_at();
    memset(file.at + INDEX_AT, 0xFF, 8);
    dvs_stream_parse(&back, file.at, file.n, "memory", NULL, 4096);
    ck_assert_msg(back.status == EBB_OK, "%s", ebb_error_message());
    ck_assert(dvs_streams_equal(&s, &back));
    /* cut within a packet: all before it */
    dvs_stream_parse(&back, file.at, file.n - 60, "memory", NULL, 4096);
    ck_assert_int_eq(back.status, EBB_OK);
    ck_assert_uint_eq(back.all.n, 900);
    ck_assert_uint_gt(back.about.left_over, 0);
    finish();
}
END_TEST

START_TEST(read_of_damaged_packets_names_the_byte)
{
    make(100, AEDAT4_NONE);
    size_t packet = index_at() - (8 + 36) - (8 + 1636);
    ck_assert(memcmp(file.at + packet + 16, "EVTS", 4) == 0);
    memset(file.at + packet + 8 + 28 + 4, 0x7F, 4); /* more than there are */
    dvs_stream_parse(&back, file.at, file.n, "memory", NULL, 64);
    ck_assert_int_eq(back.status, EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "packet at byte"));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "events lie outside"));
    memset(file.at + packet + 4, 0x7F, 4); /* as large as files never are */
    dvs_stream_parse(&back, file.at, file.n, "memory", NULL, 64);
    ck_assert_int_eq(back.status, EBB_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "a record of"));
    finish();
}
END_TEST

START_TEST(a_forged_length_takes_no_memory)
{
    struct ebb_dvs_reader *reader;
    struct ebb_dvs_block block;
    make(100, AEDAT4_NONE);
    size_t packet = index_at() - (8 + 36) - (8 + 1636);
    memcpy(file.at + packet + 4, "\xF0\xFF\xFF\x03", 4); /* 64 MiB */
    FILE *stream = fmemopen(file.at, file.n, "rb");
    ck_assert_ptr_nonnull(stream);
    ck_assert(ebb_dvs_open_stream(&reader, stream, "memory", NULL) == EBB_OK);
    ck_assert(ebb_dvs_block_init(&block, 64) == EBB_OK);
    ck_assert(ebb_dvs_read(reader, &block) == EBB_OK);
    ck_assert_uint_eq(block.n, 0); /* as if cut there */
    ck_assert_uint_le(reader->in.room, 2 * file.n + 4096);
    ebb_dvs_block_finish(&block);
    ebb_dvs_close(reader);
    finish();
}
END_TEST

RUN_SUITE("io", "dvs_aedat4", read_unpacks_every_compression,
          read_of_a_recording_without_an_index_goes_to_its_end,
          read_of_damaged_packets_names_the_byte,
          a_forged_length_takes_no_memory)
