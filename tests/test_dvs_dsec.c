/* tests/test_dvs_dsec.c - recordings in HDF5. */
#include "tests/command_folder.h"
#include "tests/dvs_stream.h"
#include "tests/run_suite.h"

#include "core/random.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct dvs_stream s, back;

static void make(size_t n, int64_t from)
{
    struct ebb_random random = ebb_random_stream(3, EBB_RANDOM_TEST, n);
    int64_t t = from;
    dvs_stream_finish(&s);
    for (size_t k = 0; k < n; k++) {
        t += ebb_random_below(&random, 100) ? ebb_random_below(&random, 20)
                                            : 5000;
        dvs_stream_add(&s, t, ebb_random_below(&random, 640),
                       ebb_random_below(&random, 480),
                       ebb_random_below(&random, 2));
    }
}

static ebb_status write_all(const char *path)
{
    struct ebb_dvs_writer *w;
    struct ebb_dvs_about about = {.width = 640, .height = 480};
    EBB_TRY(ebb_dvs_writer_create_file(&w, path, "dsec", &about));
    ebb_status status = EBB_OK;
    for (size_t from = 0; from < s.all.n && status == EBB_OK; from += 700) {
        struct ebb_dvs_block piece = s.all;
        piece.t += from;
        piece.x += from;
        piece.y += from;
        piece.p += from;
        piece.n = s.all.n - from < 700 ? s.all.n - from : 700;
        status = ebb_dvs_write(w, &piece);
    }
    status = status == EBB_OK ? ebb_dvs_writer_end(w) : status;
    ebb_dvs_writer_destroy(w);
    return status;
}

static void expect_failure(const char *path, const char *why)
{
    dvs_stream_read(&back, path, NULL, 64);
    ck_assert_int_ne(back.status, EBB_OK);
    ck_assert_msg(strstr(ebb_error_message(), why) != NULL, "%s",
                  ebb_error_message());
}

static void finish(void)
{
    dvs_stream_finish(&s);
    dvs_stream_finish(&back);
    end();
}

START_TEST(read_of_what_was_written_is_the_same_stream)
{
    static const size_t sizes[] = {0, 1, 699, 5000};
    begin();
    for (size_t k = 0; k < 4; k++) {
        const char *path = in_folder("a.h5");
        make(sizes[k], INT64_C(1605537493718345));
        ck_assert_msg(write_all(path) == EBB_OK, "%s", ebb_error_message());
        dvs_stream_read(&back, path, NULL, 1000);
        ck_assert_msg(back.status == EBB_OK, "%s", ebb_error_message());
        ck_assert_str_eq(back.about.format, "dsec");
        ck_assert_uint_eq(back.about.width, 640);
        ck_assert_uint_eq(back.about.left_over, 0);
        ck_assert(dvs_streams_equal(&s, &back));
    }
    finish();
}
END_TEST

START_TEST(read_of_a_window_starts_where_the_index_tells)
{
    struct ebb_dvs_options window = ebb_dvs_options_default();
    begin();
    const char *path = in_folder("a.h5");
    make(5000, 1234);
    ck_assert(write_all(path) == EBB_OK);
    for (size_t from = 0; from < 5000; from += 617) {
        window.begin = s.all.t[from];
        window.end = s.all.t[4999];
        dvs_stream_read(&back, path, &window, 64);
        ck_assert(back.status == EBB_OK && back.all.n > 0);
        size_t first = from;
        while (first > 0 && s.all.t[first - 1] == s.all.t[from]) {
            first--;
        }
        for (size_t k = 0; k < back.all.n; k++) {
            CHECK_EACH(back.all.t[k] == s.all.t[first + k] &&
                           back.all.x[k] == s.all.x[first + k],
                       "from %zu: event %zu", from, k);
        }
        size_t last = first + back.all.n;
        ck_assert_int_ge(s.all.t[last], window.end);
    }
    finish();
}
END_TEST

START_TEST(read_from_the_end_of_time_is_nothing)
{
    struct ebb_dvs_options window = ebb_dvs_options_default();
    begin();
    const char *path = in_folder("a.h5");
    make(5000, 1234);
    ck_assert(write_all(path) == EBB_OK);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t offset = H5Dopen2(file, "t_offset", H5P_DEFAULT);
    int64_t early = -5000000;
    ck_assert(H5Dwrite(offset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                       &early) >= 0);
    H5Dclose(offset);
    H5Fclose(file);
    window.begin = window.end = INT64_MAX;
    dvs_stream_read(&back, path, &window, 64);
    ck_assert_int_eq(back.status, EBB_OK);
    ck_assert_uint_eq(back.all.n, 0);
    finish();
}
END_TEST

START_TEST(write_refuses_more_than_71_minutes)
{
    begin();
    dvs_stream_finish(&s);
    dvs_stream_add(&s, 0, 0, 0, 0);
    dvs_stream_add(&s, INT64_C(1) << 32, 0, 0, 0);
    ck_assert_int_eq(write_all(in_folder("a.h5")), EBB_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "too far"));
    ck_assert_int_ne(access(in_folder("a.h5"), F_OK), 0);
    ck_assert_int_ne(access(in_folder("a.h5.tmp"), F_OK), 0);
    finish();
}
END_TEST

/* A list of `n` numbers in chunks of five, which hold what `filter`, if it is
 * not 0, might have made of them. */
static void make_list(hid_t at, const char *name, hsize_t n,
                      H5Z_filter_t filter)
{
    static const unsigned char packed[] = "packed by somebody";
    hsize_t chunk = 5, first = 0;
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, 1, &chunk);
    if (filter) {
        H5Pset_filter(plan, filter, H5Z_FLAG_OPTIONAL, 0, NULL);
    }
    hid_t list = H5Dcreate2(at, name, H5T_STD_U16LE, space, H5P_DEFAULT, plan,
                            H5P_DEFAULT);
    ck_assert(list >= 0);
    ck_assert(!filter || H5Dwrite_chunk(list, H5P_DEFAULT, 0, &first,
                                        sizeof(packed), packed) >= 0);
    H5Dclose(list);
    H5Pclose(plan);
    H5Sclose(space);
}

/* A file with /events/{t, x, y, p}, lists of `n` and of `n_p` zeros. */
static void make_lists(const char *path, hsize_t n, hsize_t n_p,
                       H5Z_filter_t filter)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t events =
        H5Gcreate2(file, "events", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    make_list(events, "t", n, filter);
    make_list(events, "x", n, filter);
    make_list(events, "y", n, filter);
    make_list(events, "p", n_p, filter);
    H5Gclose(events);
    H5Fclose(file);
}

/* Prophesee's layout. */
static void make_cd(const char *path, H5Z_filter_t filter)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t cd = H5Gcreate2(file, "CD", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    make_list(cd, "events", 10, filter);
    H5Gclose(cd);
    H5Fclose(file);
}

START_TEST(read_of_foreign_compression_names_the_filter_and_the_way_out)
{
    static const struct {
        H5Z_filter_t id;
        const char *says[3];
    } filters[] = {
        {32001,
         {"/events/t is compressed with the filter 32001 (Blosc)",
          "install Debian's hdf5-filter-plugin-blosc-serial",
          "h5repack -f GZIP=4 A.h5 B.h5"}},
        {32004, {"32004 (LZ4)", "Debian's hdf5-filter-plugin,", "h5repack"}},
        {32015, {"32015 (Zstandard)", "pip's hdf5plugin", "HDF5_PLUGIN_PATH="}},
        {32026, {"32026 (Blosc2)", "pip's hdf5plugin", "h5repack"}},
        {32123, {"32123, which ebb does not know", "where it is", "h5repack"}}};
    begin();
    for (size_t k = 0; k < sizeof(filters) / sizeof(filters[0]); k++) {
        make_lists(in_folder("a.h5"), 10, 10, filters[k].id);
        for (size_t part = 0; part < 3; part++) {
            expect_failure(in_folder("a.h5"), filters[k].says[part]);
        }
        SPAWN(&r, folder, "info", "a.h5");
        expect(1, "a.h5: recording", filters[k].says[0]);
    }
    finish();
}
END_TEST

START_TEST(read_of_prophesee_hdf5_names_its_codec_and_the_way_out)
{
    begin();
    const char *path = in_folder("a.h5");
    make_cd(path, 0x8ECF);
    expect_failure(path, "/CD/events is compressed with the filter 36559 "
                         "(Prophesee's ECF)");
    expect_failure(path, "install Prophesee's hdf5-plugin-ecf");
    expect_failure(path, "metavision_file_to_csv -i A.hdf5");
    SPAWN(&r, folder, "info", "a.h5");
    expect(1, "a.h5: recording", "filter 36559");
    make_cd(path, 0);
    expect_failure(path, "Prophesee's layout of HDF5 (/CD/events)");
    finish();
}
END_TEST

START_TEST(read_of_lists_that_do_not_agree_is_a_failure)
{
    begin();
    const char *path = in_folder("a.h5");
    make_lists(path, 10, 9, 0);
    expect_failure(path, "/events/p holds 9 numbers, and /events/t 10");
    make_lists(path, 10, 10, 0);
    dvs_stream_read(&back, path, NULL, 64);
    ck_assert_uint_eq(back.all.n, 10);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, "events/y", H5P_DEFAULT);
    H5Fclose(file);
    expect_failure(path, "'y' is missing");
    finish();
}
END_TEST

START_TEST(read_of_a_cut_file_is_a_failure)
{
    begin();
    make(2000, 5);
    ck_assert(write_all(in_folder("a.h5")) == EBB_OK);
    struct dvs_bytes file = {.n = 0};
    ck_assert(dvs_bytes_load(&file, in_folder("a.h5")));
    const char *path = in_folder("b.h5");
    for (size_t n = 1; n < file.n; n += 97) {
        FILE *out = fopen(path, "wb");
        ck_assert(out && fwrite(file.at, 1, n, out) == n);
        fclose(out);
        dvs_stream_read(&back, path, NULL, 64);
        CHECK_EACH(back.status != EBB_OK, "cut at %zu", n);
    }
    dvs_bytes_finish(&file);
    finish();
}
END_TEST

START_TEST(convert_goes_into_hdf5_and_out_of_it)
{
    begin();
    write_text("a.csv", "t,x,y,p\n100,1,2,1\n100000,3,4,0\n");
    SPAWN(&r, folder, "convert", "a.csv", "b.h5", "--sensor", "10x20");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "info", "b.h5");
    expect(0, "HDF5 as of DSEC, sensor 10 x 20", NULL);
    expect(0, "2 events", NULL);
    SPAWN(&r, folder, "convert", "b.h5", "c.csv");
    expect(0, NULL, NULL);
    dvs_stream_read(&s, in_folder("a.csv"), NULL, 64);
    dvs_stream_read(&back, in_folder("c.csv"), NULL, 64);
    ck_assert(dvs_streams_equal(&s, &back));
    finish();
}
END_TEST

RUN_SUITE("io", "dvs_dsec", read_of_what_was_written_is_the_same_stream,
          read_of_a_window_starts_where_the_index_tells,
          read_from_the_end_of_time_is_nothing,
          write_refuses_more_than_71_minutes,
          read_of_foreign_compression_names_the_filter_and_the_way_out,
          read_of_prophesee_hdf5_names_its_codec_and_the_way_out,
          read_of_lists_that_do_not_agree_is_a_failure,
          read_of_a_cut_file_is_a_failure, convert_goes_into_hdf5_and_out_of_it)
