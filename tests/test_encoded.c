/* tests/test_encoded.c - images, signs and spoken digits, from the published
 * files to a network that tells them apart better than chance. Small parts of
 * each, for small networks: what breaks between file, encoder and gradient
 * breaks this. */
#include "tests/command_folder.h"
#include "tests/dvs_stream.h"
#include "tests/run_suite.h"
#include "tests/sample_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static const char *const training = "training:\n"
                                    "  epochs: %d\n"
                                    "  batch: 16\n"
                                    "  loss: {kind: rate}\n"
                                    "  optimiser: {kind: adam, rate: 0.002}\n"
                                    "  schedule: {kind: cosine}\n";

static const char *const network =
    "network:\n"
    "  neurons: {lambda: 0, tau_theta: 4, v_th: 1}\n"
    "  kernel: {shape: dual_exponential, tau_m: 4, tau_s: 1, input_lag: 0,\n"
    "           per_axon: true}\n"
    "  input: [%s]\n"
    "  layers: %s\n"
    "data: {dataset: x.data.h5}\n";

/* Learn, and be right on at least `least` % of the test samples. */
static void learn(const char *input, const char *layers, int epochs,
                  double least)
{
    char text[1500];
    size_t n = (size_t)snprintf(text, sizeof(text), network, input, layers);
    snprintf(text + n, sizeof(text) - n, training, epochs);
    write_text("x.yaml", text);
    SPAWN(&r, folder, "train", "x.yaml", "-o", "run");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "eval", "run/checkpoint.net.h5", "x.yaml");
    expect(0, NULL, NULL);
    const char *at = strstr(r.out, "accuracy");
    ck_assert_msg(at != NULL, "%s", r.out);
    printf("%s", at);
    ck_assert_double_ge(strtod(at + strlen("accuracy"), NULL), least);
}

/* An experiment of the project, beside its data. */
static void copy_experiment(const char *name)
{
    static char text[10000];
    char path[700];
    snprintf(path, sizeof(path), EBB_SOURCE "/experiments/%s", name);
    FILE *in = fopen(path, "rb");
    ck_assert_ptr_nonnull(in);
    size_t n = fread(text, 1, sizeof(text) - 1, in);
    fclose(in);
    text[n] = '\0';
    write_text(name, text);
}

/* The first n items of a file in IDX, packed, as a file of its own. */
static void cut_idx(const char *from, const char *to, uint32_t n)
{
    static uint8_t bytes[16 + 784 * 1000];
    char path[64];
    snprintf(path, sizeof(path), "mnist/%s", from);
    gzFile in = gzopen(dvs_sample(path), "rb");
    ck_assert_ptr_nonnull(in);
    int got = gzread(in, bytes, sizeof(bytes));
    gzclose(in);
    ck_assert_int_gt(got, 16);
    size_t size = bytes[3] == 3 ? 16 + 784 * (size_t)n : 8 + (size_t)n;
    ck_assert_uint_le(size, (size_t)got);
    bytes[4] = bytes[5] = 0;
    bytes[6] = (uint8_t)(n >> 8);
    bytes[7] = (uint8_t)n;
    FILE *out = fopen(in_folder(to), "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

START_TEST(handwritten_digits_are_learned_from_their_images)
{
    if (!sample_is_here("mnist/train-images-idx3-ubyte.gz")) {
        return;
    }
    begin();
    ck_assert_int_eq(mkdir(in_folder("MNIST"), 0777), 0);
    cut_idx("train-images-idx3-ubyte.gz", "MNIST/train-images-idx3-ubyte", 600);
    cut_idx("train-labels-idx1-ubyte.gz", "MNIST/train-labels-idx1-ubyte", 600);
    cut_idx("t10k-images-idx3-ubyte.gz", "MNIST/t10k-images-idx3-ubyte", 300);
    cut_idx("t10k-labels-idx1-ubyte.gz", "MNIST/t10k-labels-idx1-ubyte", 300);
    SPAWN(&r, folder, "dataset", "MNIST", "-o", "x.data.h5", "--encode", "rate",
          "--ticks", "12");
    expect(0, "900 samples of 12 ticks", NULL);
    learn("1, 28, 28", "100-10", 4, 75);
    end();
}
END_TEST

START_TEST(convolutions_of_the_paper_run_from_images_to_a_score)
{
    if (!sample_is_here("mnist/train-images-idx3-ubyte.gz")) {
        return;
    }
    begin();
    ck_assert_int_eq(mkdir(in_folder("MNIST"), 0777), 0);
    cut_idx("train-images-idx3-ubyte.gz", "MNIST/train-images-idx3-ubyte", 20);
    cut_idx("train-labels-idx1-ubyte.gz", "MNIST/train-labels-idx1-ubyte", 20);
    cut_idx("t10k-images-idx3-ubyte.gz", "MNIST/t10k-images-idx3-ubyte", 8);
    cut_idx("t10k-labels-idx1-ubyte.gz", "MNIST/t10k-labels-idx1-ubyte", 8);
    SPAWN(&r, folder, "dataset", "MNIST", "-o", "mnist.data.h5", "--ticks", "5",
          "--validation", "20%");
    expect(0, "28 samples of 5 ticks", NULL);
    copy_experiment("mnist_conv.yaml");
    SPAWN(&r, folder, "train", "mnist_conv.yaml", "-o", "run", "--epochs", "2",
          "--batch", "8", "--threads", "1");
    expect(0, "the best network is in run/best.net.h5", NULL);
    SPAWN(&r, folder, "eval", "run/best.net.h5", "mnist_conv.yaml");
    expect(0, "8 test samples", NULL);
    end();
}
END_TEST

START_TEST(signs_are_learned_from_their_series)
{
    if (!sample_is_here("auslan/tctodd.tar.xz")) {
        return;
    }
    begin();
    unpack_sample("auslan/tctodd.tar.xz", ".");
    SPAWN(&r, folder, "dataset", ".", "-o", "x.data.h5", "--only",
          "class=yes,name,hot,thank,boy,wild", "--test", "session=7-9",
          "--inputs", "100", "--gain", "0.3", "--spread", "3", "--shift", "1",
          "--ticks", "80");
    expect(0, "162 samples of 80 ticks", NULL);
    learn("100", "60-6", 12, 55);
    end();
}
END_TEST

START_TEST(spoken_digits_are_learned_from_their_sounds)
{
    if (!sample_is_here("fsdd/fsdd-recordings.tar.xz")) {
        return;
    }
    begin();
    unpack_sample("fsdd/fsdd-recordings.tar.xz", ".");
    SPAWN(&r, folder, "dataset", "recordings", "-o", "x.data.h5", "--only",
          "speaker=jackson", "--test", "take=0-4", "--inputs", "100", "--gain",
          "0.3", "--spread", "3", "--shift", "1", "--ticks", "60");
    if (strstr(r.err, "built without sound")) {
        printf("skipped: built without sound\n");
    } else {
        expect(0, "500 samples of 60 ticks", NULL);
        learn("100", "60-10", 6, 80);
    }
    end();
}
END_TEST

RUN_SUITE("tools", "encoded", handwritten_digits_are_learned_from_their_images,
          convolutions_of_the_paper_run_from_images_to_a_score,
          signs_are_learned_from_their_series,
          spoken_digits_are_learned_from_their_sounds)
