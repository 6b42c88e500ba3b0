/* tests/test_values.c - data sets of values, tables of text, arrays in IDX. */
#include "io/dataset_file.h"
#include "io/frames.h"
#include "io/h5.h"
#include "io/idx_file.h"
#include "io/values_write.h"
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

/* Two training samples and one for tests, of two channels. */
static const float series[] = {1, 5, 3, 5, /**/ 2, 5, /**/ 100, 7};

static struct ebb_values_about about(enum ebb_values_norm norm)
{
    struct ebb_values_about a = {.encoder = ebb_encoder_params_default(),
                                 .norm = norm,
                                 .ticks = 4,
                                 .tick_s = 0.01};
    return a;
}

static void write_values(const char *name, const struct ebb_values_about *a)
{
    struct ebb_values_writer *w;
    const struct ebb_series s[] = {{.at = series, .frames = 2},
                                   {.at = series + 4, .frames = 1},
                                   {.at = series + 6, .frames = 1}};
    ck_assert_int_eq(
        ebb_values_writer_create(&w, in_folder(name), 2, false, "here"),
        EBB_OK);
    for (size_t k = 0; k < 3; k++) {
        enum ebb_split split = k < 2 ? EBB_SPLIT_TRAIN : EBB_SPLIT_TEST;
        ck_assert_int_eq(
            ebb_values_writer_add(w, &s[k], (uint32_t)(k % 2), split), EBB_OK);
    }
    ck_assert_uint_eq(ebb_values_writer_longest(w), 2);
    ck_assert_msg(ebb_values_writer_finish(w, a) == EBB_OK, "%s",
                  ebb_error_message());
}

static void check_event(const struct ebb_sample *s, size_t k, ebb_tick tick,
                        ebb_neuron_id node, double value)
{
    ck_assert_uint_gt(s->input.n, k);
    ck_assert_uint_eq(s->input.at[k].tick, tick);
    ck_assert_uint_eq(s->input.at[k].node, node);
    ck_assert_double_eq_tol(s->input.at[k].value, value, 1e-6);
}

START_TEST(values_come_back_as_events_by_the_norm_of_training)
{
    struct ebb_dataset *d;
    struct ebb_sample s = {.label = 9};
    struct ebb_values_about a = about(EBB_VALUES_STANDARD);
    begin();
    write_values("v.data.h5", &a);
    ck_assert_msg(ebb_dataset_read(&d, in_folder("v.data.h5")) == EBB_OK, "%s",
                  ebb_error_message());
    struct ebb_sample_source source = ebb_dataset_source(d);
    ck_assert_uint_eq(source.inputs, 2);
    ck_assert_uint_eq(source.ticks, 4);
    ck_assert_uint_eq(source.size[EBB_SPLIT_TRAIN], 2);
    ck_assert_double_eq_tol(ebb_dataset_tick(d), 0.01, 1e-15);
    /* Channel 0 of training: 1, 3, 2; channel 1 never changes: scale 1. */
    const double deviation = sqrt(2.0 / 3);
    ck_assert_int_eq(source.read(d, EBB_SPLIT_TRAIN, 0, 0, &s), EBB_OK);
    ck_assert_uint_eq(s.input.n, 2);
    check_event(&s, 0, 0, 0, -1 / deviation);
    check_event(&s, 1, 1, 0, 1 / deviation);
    ck_assert_int_eq(source.read(d, EBB_SPLIT_TEST, 0, 0, &s), EBB_OK);
    ck_assert_uint_eq(s.label, 0);
    ck_assert_uint_eq(s.input.n, 2);
    check_event(&s, 0, 0, 0, 98 / deviation);
    check_event(&s, 1, 0, 1, 2);
    ebb_events_finish(&s.input);
    ebb_events_finish(&s.target);
    ebb_dataset_destroy(d);
    SPAWN(&r, folder, "info", "v.data.h5");
    expect(0, "4 frames of 2 values, 1 to 2 a sample", NULL);
    expect(0, "analog, 1 ticks a frame, gain 1", NULL);
    end();
}
END_TEST

START_TEST(rates_are_drawn_anew_in_each_epoch)
{
    struct ebb_dataset *d;
    struct ebb_sample s = {.label = 0};
    struct ebb_values_about a = about(EBB_VALUES_PLAIN);
    size_t n[3];
    begin();
    a.ticks = 1000;
    a.encoder.kind = EBB_ENCODE_RATE;
    a.encoder.frame_ticks = 1000;
    a.encoder.gain = 0.1;
    write_values("v.data.h5", &a);
    ck_assert_int_eq(ebb_dataset_read(&d, in_folder("v.data.h5")), EBB_OK);
    struct ebb_sample_source source = ebb_dataset_source(d);
    for (size_t k = 0; k < 3; k++) {
        ck_assert_int_eq(source.read(d, EBB_SPLIT_TRAIN, k % 2, 1, &s), EBB_OK);
        n[k] = s.input.n;
    }
    ck_assert_uint_eq(n[0], n[2]);
    ck_assert_uint_ne(n[0], n[1]);
    /* 0.2 and 0.5 a tick: 700, standard deviation 20. */
    ck_assert(n[0] > 600 && n[0] < 800);
    ebb_events_finish(&s.input);
    ebb_events_finish(&s.target);
    ebb_dataset_destroy(d);
    end();
}
END_TEST

/* Put one number or text in place of what is there. */
static void spoil(const char *attribute, uint64_t value)
{
    hid_t file = H5Fopen(in_folder("v.data.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t at = H5Gopen2(file, "values", H5P_DEFAULT);
    bool root = strcmp(attribute, "inputs of root") == 0;
    hid_t in = root ? file : at;
    const char *name = root ? "inputs" : attribute;
    ck_assert_int_ge(H5Adelete(in, name), 0);
    ck_assert_int_eq(ebb_h5_put_count(in, name, value), EBB_OK);
    H5Gclose(at);
    H5Fclose(file);
}

START_TEST(read_of_bad_values_says_what_is_wrong)
{
    static const struct {
        const char *name;
        uint64_t value;
        const char *says;
    } rows[] = {{"polarities", 7, "polarities"},
                {"inputs", 1, "at least 2"},
                {"inputs", 1u << 30, "at most 1048576"},
                {"inputs of root", 5, "inputs = 5"},
                {"frame_ticks", 0, "frame"},
                {"spread", 0, "spread"}};
    struct ebb_values_about a = about(EBB_VALUES_PLAIN);
    begin();
    for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
        struct ebb_dataset *d = NULL;
        write_values("v.data.h5", &a);
        spoil(rows[k].name, rows[k].value);
        ck_assert_int_ne(ebb_dataset_read(&d, in_folder("v.data.h5")), EBB_OK);
        ck_assert_ptr_null(d);
        ck_assert_msg(strstr(ebb_error_message(), rows[k].says) != NULL, "%s",
                      ebb_error_message());
    }
    end();
}
END_TEST

START_TEST(writer_refuses_what_is_not_finite_and_leaves_nothing)
{
    struct ebb_values_writer *w;
    const float bad[] = {0, (float)NAN};
    const struct ebb_series s = {.at = bad, .frames = 1};
    begin();
    ck_assert_int_eq(
        ebb_values_writer_create(&w, in_folder("v.data.h5"), 2, false, NULL),
        EBB_OK);
    ck_assert_int_eq(ebb_values_writer_add(w, &s, 0, EBB_SPLIT_TRAIN),
                     EBB_ERR_ARG);
    ebb_values_writer_abandon(w);
    ck_assert_ptr_null(fopen(in_folder("v.data.h5"), "rb"));
    ck_assert_ptr_null(fopen(in_folder("v.data.h5.tmp"), "rb"));
    end();
}
END_TEST

START_TEST(tables_are_read_whatever_stands_between)
{
    struct ebb_frames f = {0};
    begin();
    write_text("a.csv", "x,y,z\n1, 2;3\n# so\n\n-4\t5e-1 6");
    ck_assert_msg(ebb_frames_read_text(&f, in_folder("a.csv")) == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert(f.frames == 2 && f.channels == 3);
    const float wanted[] = {1, 2, 3, -4, 0.5f, 6};
    ck_assert_int_eq(memcmp(f.at, wanted, sizeof(wanted)), 0);
    ebb_frames_finish(&f);
    end();
}
END_TEST

START_TEST(bad_tables_are_refused_with_their_line)
{
    static const char *const rows[][2] = {
        {"1,2\n3\n", "a.csv:2: fewer"},
        {"1,2\n3,4,5\n", "a.csv:2: more"},
        {"1,2\n3,nan\n", "a.csv:2: column 2 is 'nan'"},
        {"1,2\n3,1e99\n", "'1e99'"},
        {"1,2\n3,4x\n", "'4x'"},
        {"1 2\nx y\n", "a.csv:2: column 1"}};
    struct ebb_frames f = {0};
    begin();
    for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
        write_text("a.csv", rows[k][0]);
        ck_assert_int_eq(ebb_frames_read_text(&f, in_folder("a.csv")),
                         EBB_ERR_FORMAT);
        ck_assert_msg(strstr(ebb_error_message(), rows[k][1]) != NULL, "%s",
                      ebb_error_message());
    }
    ebb_frames_finish(&f);
    end();
}
END_TEST

static const uint8_t idx[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0,
                              1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};

static void write_idx(const char *name, size_t n, bool packed)
{
    if (packed) {
        gzFile file = gzopen(in_folder(name), "wb");
        ck_assert_int_eq(gzwrite(file, idx, (unsigned)n), (int)n);
        gzclose(file);
        return;
    }
    FILE *file = fopen(in_folder(name), "wb");
    ck_assert_uint_eq(fwrite(idx, 1, n, file), n);
    fclose(file);
}

START_TEST(idx_is_read_packed_or_not)
{
    begin();
    for (int packed = 0; packed < 2; packed++) {
        struct ebb_idx *i;
        struct ebb_idx_about a;
        uint8_t item[3];
        write_idx("a.idx", sizeof(idx), packed);
        ck_assert_msg(ebb_idx_open(&i, &a, in_folder("a.idx")) == EBB_OK, "%s",
                      ebb_error_message());
        ck_assert(a.items == 2 && a.rows == 1 && a.columns == 3);
        for (uint8_t k = 0; k < 2; k++) {
            ck_assert_int_eq(ebb_idx_read(i, item), EBB_OK);
            ck_assert(item[0] == 3 * k + 1 && item[2] == 3 * k + 3);
        }
        ck_assert_int_eq(ebb_idx_read(i, item), EBB_ERR_FORMAT);
        ebb_idx_close(i);
    }
    end();
}
END_TEST

START_TEST(idx_cut_anywhere_is_refused)
{
    begin();
    for (size_t n = 0; n < 2 * sizeof(idx); n++) {
        struct ebb_idx *i;
        struct ebb_idx_about a;
        uint8_t item[3];
        size_t got = 0;
        size_t keep = n % sizeof(idx);
        write_idx("a.idx", keep, n >= sizeof(idx));
        ebb_status status = ebb_idx_open(&i, &a, in_folder("a.idx"));
        while (status == EBB_OK && got < 2) {
            status = ebb_idx_read(i, item);
            got += status == EBB_OK;
        }
        ck_assert_int_eq(status, EBB_ERR_FORMAT);
        ck_assert_uint_eq(got, keep < 19 ? 0 : 1);
        ebb_idx_close(i);
    }
    end();
}
END_TEST

RUN_SUITE("io", "values", values_come_back_as_events_by_the_norm_of_training,
          rates_are_drawn_anew_in_each_epoch,
          read_of_bad_values_says_what_is_wrong,
          writer_refuses_what_is_not_finite_and_leaves_nothing,
          tables_are_read_whatever_stands_between,
          bad_tables_are_refused_with_their_line, idx_is_read_packed_or_not,
          idx_cut_anywhere_is_refused)
