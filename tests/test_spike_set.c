/* tests/test_spike_set.c - data sets of spikes as of SHD: read, looked into,
 * and made a data set for training. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"
#include "tests/shd_file.h"

#include "core/events.h"
#include "core/memory.h"
#include "io/dataset_file.h"
#include "io/file_kind.h"
#include "io/spike_set.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLES = 12 };

static void check_sample(const struct ebb_spike_set_sample *s, size_t k)
{
    ck_assert_uint_eq(s->label, shd_label(k));
    ck_assert_uint_eq(s->n, shd_spikes(k));
    for (size_t i = 0; i < s->n; i++) {
        CHECK_EACH(!(s->time_s[i] < shd_time(k, i)) &&
                       !(s->time_s[i] > shd_time(k, i)),
                   "sample %zu, spike %zu: %g s for %g", k, i,
                   (double)s->time_s[i], (double)shd_time(k, i));
        CHECK_EACH(s->unit[i] == shd_unit(k, i), "sample %zu, spike %zu", k, i);
    }
}

START_TEST(read_gives_every_spike_in_half_and_in_single_precision)
{
    begin();
    for (int wide = 0; wide < 2; wide++) {
        struct ebb_spike_set *set;
        struct shd_quirks q = {.wide = wide};
        enum ebb_file_kind kind;
        size_t n;
        shd_file(in_folder("a.h5"), SAMPLES, &q);
        ck_assert_int_eq(ebb_file_kind_find(&kind, in_folder("a.h5")), EBB_OK);
        ck_assert_int_eq(kind, EBB_FILE_SPIKE_SET);
        ck_assert_msg(ebb_spike_set_open(&set, in_folder("a.h5"), &n) == EBB_OK,
                      "%s", ebb_error_message());
        ck_assert_uint_eq(n, SAMPLES);
        for (size_t k = 0; k < n; k++) {
            struct ebb_spike_set_sample s;
            ck_assert_msg(ebb_spike_set_read(set, &s) == EBB_OK, "%s",
                          ebb_error_message());
            check_sample(&s, k);
        }
        ebb_spike_set_close(set);
    }
    end();
}
END_TEST

static ebb_status read_all(const char *path)
{
    struct ebb_spike_set *set;
    size_t n;
    ebb_status status = ebb_spike_set_open(&set, path, &n);
    ck_assert((set != NULL) == (status == EBB_OK));
    for (size_t k = 0; status == EBB_OK && k < n; k++) {
        struct ebb_spike_set_sample s;
        status = ebb_spike_set_read(set, &s);
    }
    ebb_spike_set_close(set);
    return status;
}

START_TEST(read_of_what_is_none_names_what_is_wrong)
{
    static const struct {
        struct shd_quirks q;
        const char *says;
    } bad[] = {
        {{.short_units = 1}, "sample 11: 38 times and 37 units"},
        {{.few_labels = 1}, "11 labels for 12 samples"},
        {{.whole_times = 1}, "/spikes/times holds no lists of real numbers"},
        {{.first_time = -1}, "sample 0: spike 0 at -1 s, which is no time"},
        {{.first_time = NAN}, "sample 0: spike 0 at nan s"},
        {{.first_time = HUGE_VALF}, "sample 0: spike 0 at inf s"},
        {{.first_unit = -3}, "sample 0: spike 0 of unit -3"},
        {{.first_unit = 65536}, "sample 0: spike 0 of unit 65536"},
        {{.filter = 32001}, "hdf5-filter-plugin-blosc-serial"},
    };
    begin();
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        shd_file(in_folder("a.h5"), SAMPLES, &bad[k].q);
        ck_assert_int_eq(read_all(in_folder("a.h5")), EBB_ERR_FORMAT);
        ck_assert_msg(strstr(ebb_error_message(), "a.h5: ") != NULL &&
                          strstr(ebb_error_message(), bad[k].says) != NULL,
                      "%s", ebb_error_message());
    }
    end();
}
END_TEST

START_TEST(read_survives_every_failed_allocation)
{
    ebb_status status = EBB_ERR_NOMEM;
    begin();
    shd_file(in_folder("a.h5"), SAMPLES, NULL);
    for (long nth = 1; status != EBB_OK; nth++) {
        ebb_mem_fail_nth(nth);
        status = read_all(in_folder("a.h5"));
        ebb_mem_fail_nth(0);
        ck_assert_msg(status == EBB_OK || status == EBB_ERR_NOMEM, "%s",
                      ebb_error_message());
    }
    end();
}
END_TEST

START_TEST(info_tells_what_a_set_holds)
{
    begin();
    shd_file(in_folder("a.h5"), SAMPLES, NULL);
    SPAWN(&r, folder, "info", "a.h5");
    expect(0, "a.h5: spike set", NULL);
    expect(0, "12 samples of 18 classes, 0 to 1 of each", NULL);
    expect(0, "250 spikes, 0 to 38 a sample", NULL);
    SPAWN(&r, folder, "info", "a.h5", "--json");
    expect(0, "\"samples\": 12, \"classes\": 18", NULL);
    expect(0, "\"spikes\": 250", NULL);
    SPAWN(&r, folder, "convert", "a.h5", "b.csv");
    expect(1, NULL, "kind spike set");
    SPAWN(&r, folder, "convert", "a.h5", "b.csv", "--from", "dsec");
    expect(1, NULL, "a data set of spikes, not a recording");
    end();
}
END_TEST

/* Sample k of the file, which is sample `index` of a split of the set. */
static void check_made(struct ebb_sample_source *source, enum ebb_split split,
                       size_t index, size_t k)
{
    struct ebb_sample sample = {.label = 0};
    size_t within = 0;
    uint64_t wanted = 0, found = 0; /* sums that no order changes */
    ck_assert_int_eq(source->read(source->self, split, 0, index, &sample),
                     EBB_OK);
    ck_assert_uint_eq(sample.label, shd_label(k));
    for (size_t i = 0; i < shd_spikes(k); i++) {
        uint64_t tick = (uint64_t)(1e6 * (double)shd_time(k, i) / 4000);
        within += tick < 200;
        wanted += tick < 200 ? (tick + 1) * (shd_unit(k, i) + 1) : 0;
    }
    ck_assert_uint_eq(sample.input.n, within);
    for (size_t i = 0; i < within; i++) {
        found += (sample.input.at[i].tick + 1) * (sample.input.at[i].node + 1);
    }
    ck_assert_uint_eq(found, wanted);
    ebb_events_finish(&sample.input);
    ebb_events_finish(&sample.target);
}

START_TEST(dataset_takes_splits_from_names)
{
    struct ebb_dataset *set;
    begin();
    shd_file(in_folder("shd_train.h5"), SAMPLES, NULL);
    shd_file(in_folder("shd_test.h5"), 3, NULL);
    SPAWN(&r, folder, "dataset", "shd_train.h5", "shd_test.h5", "-o",
          "shd.data.h5", "--tick", "4ms", "--ticks", "200");
    expect(0, "15 samples of 200 ticks", NULL);
    expect(0, "700 channels", NULL);
    expect(0, "2 samples have no event", NULL);
    ck_assert_int_eq(ebb_dataset_read(&set, in_folder("shd.data.h5")), EBB_OK);
    struct ebb_sample_source source = ebb_dataset_source(set);
    ck_assert_uint_eq(source.inputs, 700);
    ck_assert_uint_eq(source.size[EBB_SPLIT_TRAIN], SAMPLES);
    ck_assert_uint_eq(source.size[EBB_SPLIT_TEST], 3);
    for (size_t k = 0; k < SAMPLES; k++) {
        check_made(&source, EBB_SPLIT_TRAIN, k, k);
    }
    for (size_t k = 0; k < 3; k++) {
        check_made(&source, EBB_SPLIT_TEST, k, k);
    }
    ebb_dataset_destroy(set);
    end();
}
END_TEST

START_TEST(dataset_names_what_it_cannot_take)
{
    begin();
    struct shd_quirks bent = {.short_units = 1};
    shd_file(in_folder("a.h5"), SAMPLES, NULL);
    shd_file(in_folder("b_train.h5"), SAMPLES, &bent);
    SPAWN(&r, folder, "dataset", "a.h5", "-o", "x.data.h5");
    expect(1, NULL, "a.h5: neither train, valid nor test is in its name");
    SPAWN(&r, folder, "dataset", "a.h5", "-o", "x.data.h5", "--split", "test");
    expect(0, "12 samples of 100 ticks", NULL);
    SPAWN(&r, folder, "info", "x.data.h5");
    expect(0, "0 training, 0 validation, 12 test", NULL);
    SPAWN(&r, folder, "dataset", "a.h5", "-o", "y.data.h5", "--split", "test",
          "--channels", "300");
    expect(1, NULL, "beyond 300 channels: give --channels");
    SPAWN(&r, folder, "dataset", "a.h5", "-o", "y.data.h5", "--split", "test",
          "--crop", "0,0,2,2");
    expect(1, NULL, "--crop is for recordings, which a.h5 is not");
    SPAWN(&r, folder, "dataset", "b_train.h5", "-o", "y.data.h5");
    expect(1, NULL, "b_train.h5: sample 11: 38 times and 37 units");
    SPAWN(&r, folder, "dataset", "x.data.h5", "-o", "y_train.data.h5",
          "--split", "train");
    expect(1, NULL, "'spikes' is missing");
    ck_assert_int_ne(access(in_folder("y.data.h5"), F_OK), 0);
    ck_assert_int_ne(access(in_folder("y.data.h5.tmp"), F_OK), 0);
    end();
}
END_TEST

RUN_SUITE("io", "spike_set",
          read_gives_every_spike_in_half_and_in_single_precision,
          read_of_what_is_none_names_what_is_wrong,
          read_survives_every_failed_allocation, info_tells_what_a_set_holds,
          dataset_takes_splits_from_names, dataset_names_what_it_cannot_take)
