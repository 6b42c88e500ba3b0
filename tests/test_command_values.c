/* tests/test_command_values.c - data sets made from images, sounds and other
 * series. */
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include "core/events.h"
#include "io/dataset_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void write_bytes(const char *name, const uint8_t *bytes, size_t n)
{
    FILE *file = fopen(in_folder(name), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static void make_folder(const char *name)
{
    ck_assert_int_eq(mkdir(in_folder(name), 0777), 0);
}

/* `items` images of 2 x 3 pixels; pixel p of image k is 40 (p + k). */
static void write_images(const char *name, uint8_t items)
{
    uint8_t bytes[16 + 6 * 8] = {0, 0, 8, 3, 0, 0, 0, items,
                                 0, 0, 0, 2, 0, 0, 0, 3};
    for (size_t k = 0; k < (size_t)items * 6; k++) {
        bytes[16 + k] = (uint8_t)(40 * (k % 6 + k / 6) % 256);
    }
    write_bytes(name, bytes, 16 + (size_t)items * 6);
}

static void write_labels(const char *name, uint8_t items)
{
    uint8_t bytes[8 + 8] = {0, 0, 8, 1, 0, 0, 0, items};
    for (uint8_t k = 0; k < items; k++) {
        bytes[8 + k] = k % 3;
    }
    write_bytes(name, bytes, 8u + items);
}

static void write_mnist(void)
{
    make_folder("MNIST");
    write_images("MNIST/train-images-idx3-ubyte", 6);
    write_labels("MNIST/train-labels-idx1-ubyte", 6);
    write_images("MNIST/t10k-images.idx3-ubyte", 3);
    write_labels("MNIST/t10k-labels.idx1-ubyte", 3);
}

/* A data set of the folder, to read from. */
struct opened {
    struct ebb_dataset *set;
    struct ebb_sample_source source;
    struct ebb_sample sample;
};

static void open_set(struct opened *o, const char *name)
{
    *o = (struct opened){.set = NULL};
    ck_assert_msg(ebb_dataset_read(&o->set, in_folder(name)) == EBB_OK, "%s",
                  ebb_error_message());
    o->source = ebb_dataset_source(o->set);
}

static void read_one(struct opened *o, enum ebb_split split, size_t index)
{
    ck_assert_int_eq(
        o->source.read(o->source.self, split, 0, index, &o->sample), EBB_OK);
}

static void close_set(struct opened *o)
{
    ebb_events_finish(&o->sample.input);
    ebb_events_finish(&o->sample.target);
    ebb_dataset_destroy(o->set);
}

static void check_sizes(const struct opened *o, size_t train, size_t validation,
                        size_t test)
{
    ck_assert_uint_eq(o->source.size[EBB_SPLIT_TRAIN], train);
    ck_assert_uint_eq(o->source.size[EBB_SPLIT_VALIDATION], validation);
    ck_assert_uint_eq(o->source.size[EBB_SPLIT_TEST], test);
}

START_TEST(four_files_of_images_become_a_data_set)
{
    struct opened o;
    begin();
    write_mnist();
    SPAWN(&r, folder, "dataset", "MNIST", "-o", "m.data.h5");
    expect(0,
           "9 samples of 25 ticks, 9 frames of 6 values, for 6 inputs by "
           "analog\ninput [1, 2, 3]\n6 for training",
           NULL);
    open_set(&o, "m.data.h5");
    check_sizes(&o, 6, 0, 3);
    read_one(&o, EBB_SPLIT_TEST, 2);
    ck_assert_uint_eq(o.sample.label, 2);
    ck_assert_uint_eq(o.sample.input.n, 25 * 6);
    const struct ebb_event *e = &o.sample.input.at[24 * 6 + 4];
    ck_assert(e->tick == 24 && e->node == 4);
    ck_assert_double_eq_tol(e->value, 240.0 / 255, 1e-12);
    close_set(&o);
    SPAWN(&r, folder, "dataset", "MNIST", "-o", "m.data.h5", "--encode", "rate",
          "--ticks", "200", "--validation", "50%", "--seed", "3");
    expect(0, "3 for training, 3 for validation, 3 for tests", NULL);
    open_set(&o, "m.data.h5");
    check_sizes(&o, 3, 3, 3);
    for (size_t k = 0; k < 3; k++) { /* of each class one */
        read_one(&o, EBB_SPLIT_VALIDATION, k);
        ck_assert_uint_eq(o.sample.label, k);
    }
    close_set(&o);
    end();
}
END_TEST

START_TEST(images_that_do_not_fit_their_labels_are_refused)
{
    begin();
    write_mnist();
    write_labels("MNIST/train-labels-idx1-ubyte", 5);
    SPAWN(&r, folder, "dataset", "MNIST", "-o", "m.data.h5");
    expect(1, NULL, "6 train-images, but 5 labels");
    write_labels("MNIST/train-labels-idx1-ubyte", 7);
    SPAWN(&r, folder, "dataset", "MNIST", "-o", "m.data.h5");
    expect(1, NULL, "6 train-images, but 7 labels");
    write_images("MNIST/train-images-idx3-ubyte", 0);
    write_labels("MNIST/train-labels-idx1-ubyte", 0);
    ck_assert_int_eq(remove(in_folder("MNIST/t10k-images.idx3-ubyte")), 0);
    ck_assert_int_eq(remove(in_folder("MNIST/t10k-labels.idx1-ubyte")), 0);
    SPAWN(&r, folder, "dataset", "MNIST", "-o", "m.data.h5");
    expect(1, NULL, "no samples");
    ck_assert_int_eq(remove(in_folder("MNIST/train-labels-idx1-ubyte")), 0);
    SPAWN(&r, folder, "dataset", "MNIST", "-o", "m.data.h5");
    expect(1, NULL, "no train-labels-idx");
    ck_assert_ptr_null(fopen(in_folder("m.data.h5"), "rb"));
    end();
}
END_TEST

/* Two signs, two sessions of two takes each, three columns. */
static void write_signs(void)
{
    static const char *const signs[] = {"go-on", "stop"};
    char name[64], text[128];
    make_folder("signs");
    for (int session = 1; session <= 2; session++) {
        snprintf(name, sizeof(name), "signs/tctodd%d", session);
        make_folder(name);
        for (int k = 0; k < 4; k++) {
            snprintf(name, sizeof(name), "signs/tctodd%d/%s-%d.tsd", session,
                     signs[k / 2], k % 2 + 1);
            snprintf(text, sizeof(text), "%d\t0.5\t%d\n%d\t0.5\t-1\n", session,
                     k, session + 2);
            write_text(name, text);
        }
    }
    write_text("signs/README", "no sign");
}

START_TEST(series_are_split_by_what_their_names_tell)
{
    struct opened o;
    begin();
    write_signs();
    SPAWN(&r, folder, "dataset", "signs", "-o", "s.data.h5", "--test",
          "session=2", "--validation", "take=2", "--hold", "3");
    expect(0,
           "8 samples of 6 ticks, 16 frames of 3 values, for 6 inputs by "
           "current\n2 for training, 2 for validation, 4 for tests\n1 files",
           NULL);
    open_set(&o, "s.data.h5");
    check_sizes(&o, 2, 2, 4);
    ck_assert_uint_eq(o.source.classes, 2);
    read_one(&o, EBB_SPLIT_TEST, 3);
    ck_assert_uint_eq(o.sample.label, 1);
    close_set(&o);
    SPAWN(&r, folder, "dataset", "signs", "-o", "s.data.h5", "--only",
          "class=stop", "--encode", "analog", "--plain", "--polarities", "1");
    expect(0, "4 samples of 2 ticks", NULL);
    open_set(&o, "s.data.h5");
    read_one(&o, EBB_SPLIT_TRAIN, 0);
    ck_assert_uint_eq(o.sample.input.n, 6);
    ck_assert_double_eq_tol(o.sample.input.at[2].value, 2, 1e-12);
    ck_assert_double_eq_tol(o.sample.input.at[5].value, -1, 1e-12);
    close_set(&o);
    SPAWN(&r, folder, "dataset", "signs", "-o", "s.data.h5", "--test", "50%",
          "--inputs", "20", "--json");
    expect(0, "\"inputs\": 20", NULL);
    expect(0, "\"test\": 4", NULL);
    end();
}
END_TEST

START_TEST(a_list_of_tables_is_taken_as_series)
{
    struct opened o;
    begin();
    write_text("a.csv", "x,y\n1,2\n3,4\n");
    write_text("b.csv", "1,2\n");
    write_text("list.txt", "a.csv 0\nb.csv 1 test\n");
    SPAWN(&r, folder, "dataset", "list.txt", "--series", "-o", "s.data.h5",
          "--encode", "delta");
    expect(0,
           "2 samples of 2 ticks, 3 frames of 2 values, for 4 inputs by "
           "delta\n1 for training, 0 for validation, 1 for tests",
           NULL);
    open_set(&o, "s.data.h5");
    read_one(&o, EBB_SPLIT_TRAIN, 0);
    /* Less the mean by the deviation: -1 and 1, two steps up at tick 1. */
    ck_assert_uint_eq(o.sample.input.n, 2);
    ck_assert(o.sample.input.at[1].tick == 1 && o.sample.input.at[1].node == 1);
    ck_assert_double_eq_tol(o.sample.input.at[1].value, 2, 1e-12);
    close_set(&o);
    write_text("b.csv", "1,2,3\n");
    SPAWN(&r, folder, "dataset", "list.txt", "--series", "-o", "s.data.h5");
    expect(1, NULL, "b.csv: frames of 3 values, those of the first have 2");
    write_text("b.csv", "x\n");
    SPAWN(&r, folder, "dataset", "list.txt", "--series", "-o", "s.data.h5");
    expect(1, NULL, "b.csv: no frame in it");
    end();
}
END_TEST

static void put_little(uint8_t *to, uint32_t value, size_t bytes)
{
    for (size_t k = 0; k < bytes; k++) {
        to[k] = (uint8_t)(value >> 8 * k);
    }
}

/* A tone of half a second, 16 bits, one channel. */
static void write_wav(const char *name, uint32_t rate, double hz)
{
    static uint8_t bytes[44 + 2 * 48000];
    uint32_t n = rate / 2;
    memcpy(bytes, "RIFF....WAVEfmt ", 16);
    put_little(bytes + 4, 36 + 2 * n, 4);
    put_little(bytes + 16, 16, 4);
    put_little(bytes + 20, 1, 2);
    put_little(bytes + 22, 1, 2);
    put_little(bytes + 24, rate, 4);
    put_little(bytes + 28, 2 * rate, 4);
    put_little(bytes + 32, 2, 2);
    put_little(bytes + 34, 16, 2);
    memcpy(bytes + 36, "data", 4);
    put_little(bytes + 40, 2 * n, 4);
    for (uint32_t k = 0; k < n; k++) {
        double x = sin(6.283185307179586 * hz * k / rate);
        int32_t value = (int32_t)lrint(20000 * x);
        put_little(bytes + 44 + 2 * (size_t)k, (uint32_t)value, 2);
    }
    write_bytes(name, bytes, 44 + 2 * (size_t)n);
}

static void write_sounds(void)
{
    make_folder("sounds");
    write_wav("sounds/0_ann_0.wav", 8000, 300);
    write_wav("sounds/0_ann_1.wav", 8000, 310);
    write_wav("sounds/7_bob_0.wav", 8000, 1200);
    write_wav("sounds/7_bob_1.wav", 8000, 1180);
}

static bool sound_is_built_in(void)
{
    SPAWN(&r, folder, "dataset", "sounds", "-o", "w.data.h5");
    if (r.status == 1 && strstr(r.err, "built without sound")) {
        printf("skipped: built without sound\n");
        return false;
    }
    return true;
}

START_TEST(sounds_become_frames_of_cepstra)
{
    struct opened o;
    begin();
    write_sounds();
    if (sound_is_built_in()) {
        SPAWN(&r, folder, "dataset", "sounds", "-o", "w.data.h5", "--test",
              "take=1", "--ticks", "40");
        /* 4000 values: 1 + (4000 - 200) / 80 frames. */
        expect(0,
               "4 samples of 40 ticks, 192 frames of 26 values, for 52 "
               "inputs by current",
               NULL);
        expect(0, "4 samples are longer", NULL);
        open_set(&o, "w.data.h5");
        check_sizes(&o, 2, 0, 2);
        ck_assert_uint_eq(o.source.classes, 8);
        ck_assert_double_eq_tol(ebb_dataset_tick(o.set), 0.01, 1e-12);
        read_one(&o, EBB_SPLIT_TRAIN, 1);
        ck_assert_uint_eq(o.sample.label, 7);
        ck_assert_uint_gt(o.sample.input.n, 20);
        close_set(&o);
        SPAWN(&r, folder, "dataset", "sounds", "-o", "w.data.h5", "--test",
              "speaker=bob", "--slopes", "0", "--coefficients", "10");
        expect(0, "frames of 10 values", NULL);
        expect(0, "2 for training, 0 for validation, 2 for tests", NULL);
        write_wav("sounds/7_bob_1.wav", 16000, 1180);
        SPAWN(&r, folder, "dataset", "sounds", "-o", "w.data.h5");
        expect(1, NULL, "7_bob_1.wav: at 16000 Hz, the first sound at 8000");
        write_text("sounds/7_bob_1.wav", "RIFF is all there is");
        SPAWN(&r, folder, "dataset", "sounds", "-o", "w.data.h5");
        expect(1, NULL, "7_bob_1.wav: no sound: ");
    }
    end();
}
END_TEST

START_TEST(options_that_make_no_sense_say_why)
{
    static const struct {
        const char *words[6], *says;
    } rows[] = {
        {{"--test", "speaker=1"}, "names tell session, class, take"},
        {{"--test", "session=9"}, "takes 0 of 8 training samples"},
        {{"--test", "session=1-2"}, "takes 8 of 8 training samples"},
        {{"--test", "120%"}, "wanted is a share"},
        {{"--only", "class=go"}, "leaves no sample"},
        {{"--names", "{class}.wav"}, "none of 9 files has a name as"},
        {{"--names", "{sign}.tsd"}, "tells no {class}"},
        {{"--encode", "rate", "--leak", "3"},
         "does nothing with --encode rate"},
        {{"--encode", "delta", "--threshold", "0"}, "threshold"},
        {{"--inputs", "4"}, "takes at least 6"},
        {{"--bands", "20"}, "--bands is for sounds"},
        {{"--step", "1s"}, "--step is for recordings"},
    };
    begin();
    write_signs();
    for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
        const char *words[12] = {"dataset", "signs", "-o", "s.data.h5"};
        memcpy(words + 4, rows[k].words, sizeof(rows[k].words));
        spawn_run(&r, folder, words);
        expect(1, NULL, rows[k].says);
        ck_assert_ptr_null(fopen(in_folder("s.data.h5"), "rb"));
    }
    write_text("a.csv", "t,x,y,p\n1000,0,0,1\n");
    write_text("list.txt", "a.csv 0\n");
    SPAWN(&r, folder, "dataset", "list.txt", "-o", "s.data.h5", "--gain", "2");
    expect(1, NULL, "--gain is for images, sounds and other series");
    end();
}
END_TEST

RUN_SUITE("tools", "command_values", four_files_of_images_become_a_data_set,
          images_that_do_not_fit_their_labels_are_refused,
          series_are_split_by_what_their_names_tell,
          a_list_of_tables_is_taken_as_series, sounds_become_frames_of_cepstra,
          options_that_make_no_sense_say_why)
