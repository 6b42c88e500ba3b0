/* tests/test_command_dataset.c - data sets made from recordings. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"
#include "tests/spawn.h"

#include "core/events.h"
#include "io/dataset_file.h"

#include <stdio.h>
#include <sys/stat.h>

/* Three recordings of a camera of 4 x 3 pixels, times in us. */
static void write_recordings(void)
{
    write_text("a.csv", "t,x,y,p\n1000,0,0,1\n1500,0,0,1\n2100,3,2,0\n"
                        "9000,1,1,1\n");
    write_text("b.csv", "t,x,y,p\n0,2,1,0\n3999,2,1,1\n");
    write_text("c.csv", "t,x,y,p\n500,1,0,1\n700,1,2,0\n");
    write_text("list.txt", "# recording, class\na.csv 0\nb.csv,4,validation\n"
                           "\nc.csv 1 test # the last\n");
}

static void make_folder(const char *name)
{
    ck_assert_int_eq(mkdir(in_folder(name), 0777), 0);
}

/* A sample of a data set in a file. */
static void check_sample(enum ebb_split split, size_t label,
                         const struct ebb_event *wanted, size_t n)
{
    struct ebb_dataset *set;
    struct ebb_sample sample = {.label = 0};
    ck_assert_int_eq(ebb_dataset_read(&set, in_folder("x.data.h5")), EBB_OK);
    struct ebb_sample_source source = ebb_dataset_source(set);
    ck_assert_uint_eq(source.inputs, 2 * 4 * 3);
    ck_assert_uint_eq(source.ticks, 4);
    ck_assert_uint_eq(source.size[split], 1);
    ck_assert_int_eq(source.read(source.self, split, 0, 0, &sample), EBB_OK);
    ck_assert_uint_eq(sample.label, label);
    ck_assert_uint_eq(sample.input.n, n);
    for (size_t k = 0; k < n; k++) {
        ck_assert_uint_eq(sample.input.at[k].tick, wanted[k].tick);
        ck_assert_uint_eq(sample.input.at[k].node, wanted[k].node);
    }
    ebb_events_finish(&sample.input);
    ebb_events_finish(&sample.target);
    ebb_dataset_destroy(set);
}

START_TEST(a_list_of_recordings_becomes_samples)
{
    begin();
    write_recordings();
    SPAWN(&r, folder, "dataset", "list.txt", "-o", "x.data.h5", "--tick", "1ms",
          "--ticks", "4", "--width", "4", "--height", "3");
    expect(0, "3 samples of 4 ticks, 7 events, input [2, 3, 4]", NULL);
    expect(0, "1 events lie beyond the ticks", NULL);
    const struct ebb_event a[] = {{0, 12, 1}, {0, 12, 1}, {1, 11, 1}};
    const struct ebb_event b[] = {{0, 6, 1}, {3, 18, 1}};
    const struct ebb_event c[] = {{0, 9, 1}, {0, 13, 1}};
    check_sample(EBB_SPLIT_TRAIN, 0, a, 3);
    check_sample(EBB_SPLIT_VALIDATION, 4, b, 2);
    check_sample(EBB_SPLIT_TEST, 1, c, 2);
    SPAWN(&r, folder, "dataset", "list.txt", "-o", "x.data.h5", "--tick", "1ms",
          "--ticks", "4", "--width", "4", "--height", "3", "--once",
          "--absolute", "--json");
    expect(0, "\"events\": 6", NULL);
    const struct ebb_event once[] = {{1, 12, 1}, {2, 11, 1}};
    check_sample(EBB_SPLIT_TRAIN, 0, once, 2);
    end();
}
END_TEST

START_TEST(folders_named_after_classes_become_samples)
{
    begin();
    write_recordings();
    make_folder("set");
    make_folder("set/Train");
    make_folder("set/Train/7");
    make_folder("set/Train/12");
    make_folder("set/Test");
    make_folder("set/Test/7");
    ck_assert_int_eq(rename(in_folder("a.csv"), in_folder("moved.csv")), 0);
    write_text("set/Train/7/a.csv", "t,x,y,p\n0,0,0,1\n1000,1,0,1\n");
    write_text("set/Train/12/b.csv", "t,x,y,p\n0,1,0,1\n1000,1,0,1\n");
    write_text("set/Test/7/c.csv", "t,x,y,p\n0,2,0,1\n1000,1,0,1\n");
    SPAWN(&r, folder, "dataset", "set", "-o", "x.data.h5", "--tick", "1ms",
          "--ticks", "4", "--width", "4", "--height", "3");
    expect(0, "3 samples", NULL);
    const struct ebb_event test[] = {{0, 14, 1}, {1, 13, 1}};
    check_sample(EBB_SPLIT_TEST, 7, test, 2);
    SPAWN(&r, folder, "info", "x.data.h5");
    expect(0, "2 training, 0 validation, 1 test", NULL);
    end();
}
END_TEST

START_TEST(what_makes_no_data_set_is_told)
{
    begin();
    write_recordings();
    write_text("x.data.h5", "kept");
    write_text("no_label.txt", "a.csv 0\nb.csv\n");
    write_text("split.txt", "a.csv 0 tests\n");
    write_text("gone.txt", "a.csv 0\nnone.csv 1\n");
    write_text("empty.txt", "# nothing\n");
    const struct {
        const char *list, *width, *says;
    } bad[] = {{"no_label.txt", "4", "no_label.txt:2: 'b.csv' needs a class"},
               {"split.txt", "4", "'tests' is none of train, validation, test"},
               {"gone.txt", "4", "none.csv"},
               {"empty.txt", "4", "empty.txt: no samples"},
               {"nowhere.txt", "4", "nowhere.txt: No such file"},
               {"list.txt", "2", "a.csv: an event at column 3 row 2, beyond"}};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        SPAWN(&r, folder, "dataset", bad[k].list, "-o", "x.data.h5", "--width",
              bad[k].width, "--height", "3", "--tick", "1ms");
        expect(1, NULL, bad[k].says);
    }
    SPAWN(&r, folder, "dataset", "list.txt");
    expect(1, NULL, "give -o NAME.data.h5");
    SPAWN(&r, folder, "dataset", "list.txt", "-o", "x.data.h5", "--tick",
          "10ns");
    expect(1, NULL, "microseconds");
    SPAWN(&r, folder, "info", "x.data.h5");
    expect(1, NULL, "x.data.h5"); /* still the old text */
    end();
}
END_TEST

RUN_SUITE("tools", "command_dataset", a_list_of_recordings_becomes_samples,
          folders_named_after_classes_become_samples,
          what_makes_no_data_set_is_told)
