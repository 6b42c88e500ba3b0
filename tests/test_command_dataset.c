/* tests/test_command_dataset.c - data sets made from recordings. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"
#include "tests/spawn.h"

#include "core/events.h"
#include "core/random.h"
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

/* From the recordings to a network that runs on one of them. */
START_TEST(what_learns_from_ticks_of_a_length_has_such_ticks)
{
    static const char text[] =
        "network:\n"
        "%s"
        "  kernel: {shape: exponential, tau: 2}\n"
        "  populations:\n"
        "    - {name: input, shape: [2, 3, 4], input: true}\n"
        "    - {name: output, size: 9}\n"
        "data: {dataset: x.data.h5}\n"
        "training: {epochs: 1, batch: 1, loss: {kind: rate}}\n";
    char yaml[512];
    begin();
    write_recordings();
    SPAWN(&r, folder, "dataset", "list.txt", "-o", "x.data.h5", "--tick", "2ms",
          "--ticks", "4", "--width", "4", "--height", "3");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "info", "x.data.h5");
    expect(0, "a tick is 2 ms: samples of 0.008 s", NULL);
    snprintf(yaml, sizeof(yaml), text, "");
    write_text("x.yaml", yaml);
    SPAWN(&r, folder, "train", "x.yaml", "-o", "t");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "run", "t/best.net.h5", "a.csv", "--json");
    expect(0, "\"class\": null", NULL);
    expect(0, "\"ticks\": 5,", NULL); /* 8 ms after the first event */
    snprintf(yaml, sizeof(yaml), text, "  tick: 1ms\n");
    write_text("x.yaml", yaml);
    SPAWN(&r, folder, "train", "x.yaml", "-o", "u");
    expect(1, NULL, "ticks of x.data.h5 are 0.002 s long, the network's 0.001");
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

/* 3000 events on 40 x 30 pixels, one of them busy. */
static void write_random(const char *name)
{
    static char text[1 << 17];
    struct ebb_random some = ebb_random_stream(8, EBB_RANDOM_TEST, 0);
    size_t n = (size_t)snprintf(text, sizeof(text), "t,x,y,p\n");
    int t = 0;
    for (int k = 0; k < 3000; k++) {
        int busy = ebb_random_below(&some, 10) == 0;
        t += (int)ebb_random_below(&some, 20);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%d,%u,%u,%u\n", t,
                              busy ? 7 : ebb_random_below(&some, 40),
                              busy ? 9 : ebb_random_below(&some, 30),
                              ebb_random_below(&some, 2));
    }
    write_text(name, text);
}

/* The only sample of a data set in a file. */
static void load_sample(const char *name, struct ebb_sample *out)
{
    struct ebb_dataset *set;
    ck_assert_int_eq(ebb_dataset_read(&set, in_folder(name)), EBB_OK);
    struct ebb_sample_source source = ebb_dataset_source(set);
    ck_assert_int_eq(source.read(source.self, EBB_SPLIT_TRAIN, 0, 0, out),
                     EBB_OK);
    ebb_dataset_destroy(set);
}

static void expect_equal_samples(const char *a, const char *b)
{
    struct ebb_sample x = {.label = 0}, y = {.label = 0};
    load_sample(a, &x);
    load_sample(b, &y);
    ck_assert_uint_gt(x.input.n, 0);
    ck_assert_uint_eq(x.input.n, y.input.n);
    for (size_t k = 0; k < x.input.n; k++) {
        CHECK_EACH(x.input.at[k].tick == y.input.at[k].tick &&
                       x.input.at[k].node == y.input.at[k].node,
                   "event %zu", k);
    }
    ebb_events_finish(&x.input);
    ebb_events_finish(&y.input);
    ebb_events_finish(&x.target);
    ebb_events_finish(&y.target);
}

/* What convert does on the way, dataset does too. */
START_TEST(steps_do_to_samples_what_they_do_to_recordings)
{
    static const struct {
        const char *option, *value, *width, *height;
    } steps[] = {{"--crop", "5,6,20,11", "20", "11"},
                 {"--flip", "xy", "40", "30"},
                 {"--shrink", "7", "6", "5"},
                 {"--hot", "10", "40", "30"},
                 {"--refractory", "3ms", "40", "30"}};
    begin();
    write_random("a.csv");
    write_text("a.txt", "a.csv 0\n");
    write_text("b.txt", "b.csv 0\n");
    for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
        SPAWN(&r, folder, "convert", "a.csv", "b.csv", "--sensor", "40x30",
              steps[k].option, steps[k].value);
        expect(0, NULL, NULL);
        SPAWN(&r, folder, "dataset", "a.txt", "-o", "a.data.h5", "--tick",
              "1ms", "--absolute", "--width", "40", "--height", "30",
              steps[k].option, steps[k].value);
        expect(0, "1 samples of 32 ticks", NULL);
        SPAWN(&r, folder, "dataset", "b.txt", "-o", "b.data.h5", "--tick",
              "1ms", "--absolute", "--width", steps[k].width, "--height",
              steps[k].height);
        expect(0, "1 samples of 32 ticks", NULL);
        expect_equal_samples("a.data.h5", "b.data.h5");
    }
    end();
}
END_TEST

START_TEST(one_polarity_is_one_channel_a_pixel)
{
    begin();
    write_recordings();
    write_text("one.txt", "a.csv 0\n");
    static const struct {
        const char *which, *says;
        size_t n;
    } kinds[] = {{"merge", "4 events, input [1, 3, 4]", 4},
                 {"brighter", "3 events, input [1, 3, 4]", 3},
                 {"darker", "1 events, input [1, 3, 4]", 1}};
    for (size_t k = 0; k < 3; k++) {
        struct ebb_sample sample = {.label = 0};
        SPAWN(&r, folder, "dataset", "one.txt", "-o", "x.data.h5", "--tick",
              "1ms", "--width", "4", "--height", "3", "--polarity",
              kinds[k].which);
        expect(0, kinds[k].says, NULL);
        load_sample("x.data.h5", &sample);
        ck_assert_uint_eq(sample.input.n, kinds[k].n);
        /* (3, 2) is darker, the others brighter */
        ck_assert_uint_eq(sample.input.at[0].node, k == 2 ? 11 : 0);
        ebb_events_finish(&sample.input);
        ebb_events_finish(&sample.target);
    }
    end();
}
END_TEST

/* Number of samples of each class in a split. */
static void count_classes(const char *name, enum ebb_split split, size_t of[3])
{
    struct ebb_dataset *set;
    ck_assert_int_eq(ebb_dataset_read(&set, in_folder(name)), EBB_OK);
    struct ebb_sample_source source = ebb_dataset_source(set);
    of[0] = of[1] = of[2] = 0;
    for (size_t k = 0; k < source.size[split]; k++) {
        struct ebb_sample sample = {.label = 0};
        ck_assert_int_eq(source.read(source.self, split, 0, k, &sample),
                         EBB_OK);
        ck_assert_uint_lt(sample.label, 3);
        of[sample.label]++;
        ebb_events_finish(&sample.input);
        ebb_events_finish(&sample.target);
    }
    ebb_dataset_destroy(set);
}

/* 20 of class 0, 10 of class 1, 1 of class 2 and 5 for tests. */
START_TEST(validation_is_a_share_of_every_class)
{
    char text[4096] = "";
    size_t n = 0, of[3];
    begin();
    write_recordings();
    for (int k = 0; k < 36; k++) {
        int class = k < 20 ? 0 : k < 30 ? 1 : k < 31 ? 2 : 0;
        n += (size_t)snprintf(text + n, sizeof(text) - n, "a.csv %d%s\n", class,
                              k < 31 ? "" : " test");
    }
    write_text("many.txt", text);
    static const char *const files[] = {"a.data.h5", "b.data.h5", "c.data.h5"};
    static const char *const seeds[] = {"1", "1", "2"};
    for (size_t k = 0; k < 3; k++) {
        SPAWN(&r, folder, "dataset", "many.txt", "-o", files[k], "--tick",
              "1ms", "--ticks", "2", "--step", "2ms", "--width", "4",
              "--height", "3", "--validation", "20%", "--seed", seeds[k]);
        /* each makes four samples, which stay together */
        expect(0, "100 for training, 24 for validation, 20 for tests", NULL);
        count_classes(files[k], EBB_SPLIT_VALIDATION, of);
        ck_assert_uint_eq(of[0], 16);
        ck_assert_uint_eq(of[1], 8);
        ck_assert_uint_eq(of[2], 0);
        count_classes(files[k], EBB_SPLIT_TEST, of);
        ck_assert_uint_eq(of[0], 20);
    }
    ck_assert(files_are_equal(in_folder(files[0]), in_folder(files[1])));
    ck_assert(!files_are_equal(in_folder(files[0]), in_folder(files[2])));
    static const char *const bad[] = {"20", "0%", "100%", "%", "-5%", "nan%"};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        SPAWN(&r, folder, "dataset", "many.txt", "-o", "x.data.h5",
              "--validation", bad[k]);
        expect(1, NULL, "it must be a share above 0% and below 100%");
    }
    SPAWN(&r, folder, "dataset", "many.txt", "-o", "x.data.h5", "--split",
          "test");
    expect(1, NULL, "--split is for spikes in HDF5, which many.txt is not");
    end();
}
END_TEST

RUN_SUITE("tools", "command_dataset",
          steps_do_to_samples_what_they_do_to_recordings,
          one_polarity_is_one_channel_a_pixel,
          validation_is_a_share_of_every_class,
          a_list_of_recordings_becomes_samples,
          what_learns_from_ticks_of_a_length_has_such_ticks,
          folders_named_after_classes_become_samples,
          what_makes_no_data_set_is_told)
