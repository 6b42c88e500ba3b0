/* tests/test_command_gesture.c - the tree of DVS128 Gesture, made up, becomes
 * a data set. */
#include "tests/aedat3_file.h"
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include "core/random.h"
#include "io/dataset_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SIDE = 128, EVENTS = 4000, TICK_US = 1000, TICKS = 50 };

static struct dvs_stream user[3];

static const char *const names[] = {"user01_led", "user02_natural",
                                    "user03_lab"};

/* class, start, end of each stretch: overlapping, over the turn of the
 * camera's counter, and one without any event. */
static const int64_t turn = INT64_C(1) << 31;
static const int64_t stretch[][3] = {
    {3, 5000, 60000}, {11, 58000, 90000}, {1, 1, 2}};

enum { STRETCHES = 3 };

static int64_t base_of(size_t u)
{
    return u == 1 ? turn - 40000 : 0;
}

/* A recording of 0.1 s, from just before the turn for the second user. */
static void make_user(size_t u)
{
    struct dvs_bytes file = {.n = 0};
    char name[64];
    struct ebb_random some = ebb_random_stream(5, EBB_RANDOM_TEST, u);
    int64_t t = base_of(u) + 100;
    dvs_stream_finish(&user[u]);
    for (size_t k = 0; k < EVENTS; k++) {
        t += ebb_random_below(&some, 50);
        dvs_stream_add(&user[u], t, ebb_random_below(&some, SIDE),
                       ebb_random_below(&some, SIDE),
                       ebb_random_below(&some, 2));
    }
    aedat3_file(&file, &user[u], 60);
    snprintf(name, sizeof(name), "set/%s.aedat", names[u]);
    FILE *out = fopen(in_folder(name), "wb");
    ck_assert(out && fwrite(file.at, 1, file.n, out) == file.n);
    fclose(out);
    dvs_bytes_finish(&file);
}

static void make_labels(size_t u)
{
    char name[64], text[512];
    size_t n = (size_t)snprintf(text, sizeof(text),
                                "class,startTime_usec,endTime_usec\r\n");
    for (size_t k = 0; k < STRETCHES; k++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%d,%lld,%lld\r\n",
                              (int)stretch[k][0],
                              (long long)(base_of(u) + stretch[k][1]),
                              (long long)(base_of(u) + stretch[k][2]));
    }
    snprintf(name, sizeof(name), "set/%s_labels.csv", names[u]);
    write_text(name, text);
}

static void make(void)
{
    begin();
    ck_assert_int_eq(mkdir(in_folder("set"), 0777), 0);
    for (size_t u = 0; u < 3; u++) {
        make_user(u);
        make_labels(u);
    }
    write_text("set/trials_to_train.txt",
               "user01_led.aedat\r\nuser02_natural.aedat\r\n");
    write_text("set/trials_to_test.txt", "user03_lab.aedat\n\n");
}

static void finish(void)
{
    for (size_t u = 0; u < 3; u++) {
        dvs_stream_finish(&user[u]);
    }
    end();
}

/* Events of user `u` in [from, to) of the recording, spread over ticks. */
static void expect_sample(const struct ebb_sample *sample, size_t u,
                          int64_t from, int64_t to)
{
    size_t n = 0;
    uint64_t wanted = 0, found = 0; /* sums that no order changes */
    for (size_t k = 0; k < user[u].all.n; k++) {
        const struct ebb_dvs_block *b = &user[u].all;
        if (b->t[k] >= from && b->t[k] < to) {
            uint64_t node = (uint64_t)b->p[k] * SIDE * SIDE +
                            (uint64_t)b->y[k] * SIDE + b->x[k];
            n++;
            wanted += node * (uint64_t)((b->t[k] - from) / TICK_US + 1);
        }
    }
    ck_assert_uint_eq(sample->input.n, n);
    for (size_t k = 0; k < n; k++) {
        found += sample->input.at[k].node * (sample->input.at[k].tick + 1);
    }
    ck_assert_uint_eq(found, wanted);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Sample `index` of a split: its label, and [from, to) of user `u`. */
static void check_sample(struct ebb_sample_source *source, enum ebb_split split,
                         size_t index, size_t label, size_t u, int64_t from,
                         int64_t to)
{
    struct ebb_sample sample = {.label = 0};
    ck_assert_int_eq(source->read(source->self, split, 0, index, &sample),
                     EBB_OK);
    ck_assert_uint_eq(sample.label, label);
    expect_sample(&sample, u, base_of(u) + from, base_of(u) + to);
    ebb_events_finish(&sample.input);
    ebb_events_finish(&sample.target);
}

static struct ebb_sample_source open_set(struct ebb_dataset **set)
{
    ck_assert_msg(ebb_dataset_read(set, in_folder("x.data.h5")) == EBB_OK, "%s",
                  ebb_error_message());
    return ebb_dataset_source(*set);
}

START_TEST(every_labelled_stretch_becomes_a_sample)
{
    struct ebb_dataset *set;
    make();
    SPAWN(&r, folder, "dataset", "set", "-o", "x.data.h5", "--tick", "1ms",
          "--ticks", "50");
    expect(0, "9 samples of 50 ticks", NULL);
    expect(0, "input [2, 128, 128]", NULL);
    expect(0, "3 samples have no event", NULL);
    struct ebb_sample_source source = open_set(&set);
    ck_assert_uint_eq(source.size[EBB_SPLIT_TRAIN], 6);
    ck_assert_uint_eq(source.size[EBB_SPLIT_TEST], 3);
    for (size_t k = 0; k < 9; k++) {
        size_t u = k / STRETCHES;
        const int64_t *of = stretch[k % STRETCHES];
        check_sample(&source, u < 2 ? EBB_SPLIT_TRAIN : EBB_SPLIT_TEST,
                     u < 2 ? k : k - 6, (size_t)of[0] - 1, u, of[1],
                     least(of[2], of[1] + (int64_t)TICKS * TICK_US));
    }
    ebb_dataset_destroy(set);
    finish();
}
END_TEST

START_TEST(step_makes_whole_samples_of_a_stretch)
{
    struct ebb_dataset *set;
    make();
    SPAWN(&r, folder, "dataset", "set", "-o", "x.data.h5", "--tick", "1ms",
          "--ticks", "20", "--step", "15ms");
    /* 55 ms: from 0, 15, 30; 32 ms: from 0; nothing: from 0 */
    expect(0, "15 samples of 20 ticks", NULL);
    struct ebb_sample_source source = open_set(&set);
    for (size_t k = 0; k < 3; k++) {
        int64_t from = stretch[0][1] + 15000 * (int64_t)k;
        check_sample(&source, EBB_SPLIT_TRAIN, 5 + k, 2, 1, from, from + 20000);
    }
    check_sample(&source, EBB_SPLIT_TRAIN, 8, 10, 1, 58000, 78000);
    ebb_dataset_destroy(set);
    SPAWN(&r, folder, "dataset", "set", "-o", "x.data.h5", "--tick", "10ms",
          "--step", "15ms");
    expect(1, NULL, "--step is 1.5 ticks of 10000 us; it must be a whole");
    finish();
}
END_TEST

START_TEST(what_is_wrong_in_the_tree_is_told_with_file_and_line)
{
    static const struct {
        const char *file, *text, *says;
    } bad[] = {
        {"set/user02_natural_labels.csv", "class,a,b\n3,5,9\n12,1,2\n",
         "user02_natural_labels.csv:3: class 12; there are classes 1 to 11"},
        {"set/user02_natural_labels.csv", "3,5,9\n0,1,2\n", "labels.csv:2: cl"},
        {"set/user02_natural_labels.csv", "3,9,9\n",
         "labels.csv:1: starts at 9 us and ends at 9; the end must be later"},
        {"set/user02_natural_labels.csv", "3,5\n", "wanted are class, start"},
        {"set/user02_natural_labels.csv", "3,5,9,1\n", "labels.csv:1: wanted"},
        {"set/user02_natural_labels.csv", "3,-5,9\n", "labels.csv:1: wanted"},
        {"set/user02_natural_labels.csv", "3,5,99999999999999999999\n",
         "labels.csv:1: wanted"},
        {"set/trials_to_test.txt", "user03_lab.aedat\nuser04_led.aedat\n",
         "trials_to_test.txt:2: user04_led.aedat and user04_led_labels.csv "
         "must both be in the folder"},
        {"set/trials_to_test.txt", "user03_lab.csv\n",
         "trials_to_test.txt:1: 'user03_lab.csv' is no name of a recording"},
    };
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        make();
        write_text(bad[k].file, bad[k].text);
        SPAWN(&r, folder, "dataset", "set", "-o", "x.data.h5");
        expect(1, NULL, bad[k].says);
        finish();
    }
    make();
    write_text("set/trials_to_test.txt", "\n");
    write_text("set/trials_to_train.txt", "");
    SPAWN(&r, folder, "dataset", "set", "-o", "x.data.h5");
    expect(1, NULL, "set: no samples");
    finish();
}
END_TEST

RUN_SUITE("tools", "command_gesture", every_labelled_stretch_becomes_a_sample,
          step_makes_whole_samples_of_a_stretch,
          what_is_wrong_in_the_tree_is_told_with_file_and_line)
