/* tests/test_bad_input.c - whatever is wrong with what the program is given,
 * it says what, where and what to do, and destroys nothing. */
#include "tests/bad_rows.h"
#include "tests/command_files.h"
#include "tests/command_folder.h"
#include "tests/run_suite.h"

#include "io/network_file.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS = 24 };

/* A small experiment of everything that can be got wrong in a file. */
static const char *const tiny =
    "network:\n"
    "  tick: 2ms\n"
    "  neurons: {tau_theta: 4, v_th: 1}\n"
    "  kernel: {shape: iir, alpha: [0.5], beta: [0, 1]}\n"
    "  populations:\n"
    "    - {name: input, size: 3, input: true}\n"
    "    - {name: hidden, size: 4, reset: hybrid, refractory: 1}\n"
    "    - {name: output, size: 2}\n"
    "data: {dataset: tiny.data.h5}\n"
    "training: {epochs: 1, batch: 2, loss: {kind: rate}}\n";

/* Input to output in rows; a loop at the output that needs its delay. */
static void write_sparse(void)
{
    static const uint64_t indptr[] = {0, 1, 2, 2, 0, 1, 2};
    struct ebb_network *net;
    size_t in, out, q;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "input", 3, true, &in), 0);
    ck_assert_int_eq(ebb_network_add_population(net, "output", 2, false, &out),
                     0);
    for (size_t k = 0; k < 2; k++) {
        ck_assert_int_eq(ebb_network_add_projection(
                             net, k ? "loop" : "rows", k ? out : in, out,
                             EBB_PROJECTION_SPARSE, EBB_FLOAT32, 2, &q),
                         0);
        struct ebb_projection *p = &net->projections[q];
        struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_EXPONENTIAL,
                                       .tau_m = 3};
        memcpy(p->indptr, indptr + 4 * k, (k ? 3 : 4) * sizeof(*indptr));
        p->delay_ticks = k;
        p->indices[1] = 1;
        ck_assert_int_eq(ebb_kernel_expand(&p->kernel, net->arena, &spec, 1, 0),
                         0);
    }
    ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
    ck_assert_int_eq(
        ebb_network_file_write(in_folder("sparse.net.h5"), net, NULL), EBB_OK);
    ebb_network_destroy(net);
}

/* A convolution of [2, 4, 4], and a quarter of it to two neurons. */
static void write_conv(void)
{
    struct ebb_network *net;
    size_t index;
    struct ebb_conv conv = {{3, 3}, {1, 1}, {1, 1}, {1, 1}, 1};
    struct ebb_spatial first = {{EBB_POOL_NONE, {0, 0}, {0, 0}}, &conv};
    struct ebb_spatial second = {{EBB_POOL_MAX, {2, 2}, {2, 2}}, NULL};
    struct ebb_kernel_spec none = {.shape = EBB_KERNEL_NONE};
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    for (size_t k = 0; k < 2; k++) {
        ck_assert_int_eq(ebb_network_add_population(net, k ? "mid" : "input",
                                                    32, k == 0, &index),
                         0);
        ck_assert_int_eq(
            ebb_network_set_grid(net, index, (struct ebb_grid){2, 4, 4}), 0);
    }
    ck_assert_int_eq(ebb_network_add_population(net, "end", 2, false, &index),
                     0);
    for (size_t k = 0; k < 2; k++) {
        ck_assert_int_eq(ebb_network_add_spatial(net, k ? "out" : "conv", k,
                                                 k + 1, k ? &second : &first,
                                                 EBB_FLOAT32, &index),
                         0);
        ck_assert_int_eq(ebb_kernel_expand(&net->projections[index].kernel,
                                           net->arena, &none, 1, 0),
                         0);
    }
    ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
    ck_assert_int_eq(
        ebb_network_file_write(in_folder("conv.net.h5"), net, NULL), EBB_OK);
    ebb_network_destroy(net);
}

/* The same experiment on a data set that will be bad. */
static void write_bad_data(void)
{
    char text[1024];
    const char *name = strstr(tiny, "tiny.data.h5");
    snprintf(text, sizeof(text), "%.*sbad%s", (int)(name - tiny), tiny,
             name + strlen("tiny"));
    write_text("data.yaml", text);
}

static void write_many(void)
{
    char text[2048] = "";
    for (size_t k = 0, at = 0; k < 200; k++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%zu,1\n", k);
    }
    write_text("many.csv", text);
}

/* Everything good that the bad is made from. */
static void begin_good(void)
{
    static const struct command_dataset data = {
        .inputs = 3, .classes = 2, .ticks = 10, .samples = 8, .events = 4};
    struct command_dataset classes = data, trains = data;
    classes.classes = 3;
    trains.outputs = 4;
    begin();
    write_text("tiny.yaml", tiny);
    write_bad_data();
    write_text("in.csv", "tick,node\n0,0\n3,2\n9,1\n");
    write_many();
    command_dataset_write(in_folder("tiny.data.h5"), &data);
    command_dataset_write(in_folder("many.data.h5"), &classes);
    command_dataset_write(in_folder("trains.data.h5"), &trains);
    write_sparse();
    write_conv();
    command_network_write(in_folder("wide.net.h5"), 4, 2);
    SPAWN(&r, folder, "train", "tiny.yaml", "-o", "t");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "train", "tiny.yaml", "-o", "bad");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "run", "t/best.net.h5", "in.csv", "--record", "all", "-o",
          "tiny.trace.h5");
    expect(0, NULL, NULL);
    SPAWN(&r, folder, "patterns", "-o", "p.h5", "--count", "2", "--trains",
          "40", "--ticks", "50");
    expect(0, NULL, NULL);
}

/* Run a command line of words parted by blanks. */
static void run_line(const char *line)
{
    char text[512];
    const char *words[WORDS] = {NULL};
    snprintf(text, sizeof(text), "%s", line);
    size_t n = 0;
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        ck_assert_uint_lt(n + 1, WORDS);
        words[n++] = word;
    }
    spawn_run(&r, folder, words);
}

/* A file that somebody wants to keep has the name of the output. */
static void check_kept(const char *what)
{
    char line[16] = "", pattern[128];
    FILE *file = fopen(in_folder("kept.csv"), "rb");
    ck_assert_msg(file && fgets(line, sizeof(line), file) &&
                      strcmp(line, "mine\n") == 0,
                  "%s: the output that was there is gone", what);
    fclose(file);
    glob_t left;
    snprintf(pattern, sizeof(pattern), "%s/kept*.*[!v]", folder);
    ck_assert_msg(glob(pattern, 0, NULL, &left) == GLOB_NOMATCH,
                  "%s: %s is left over", what, left.gl_pathv[0]);
}

static size_t failures;

/* Tell all that is wrong with a row at once, and go on. */
static void check_row(const char *what, const struct bad_row *row, int status)
{
    write_text("kept.csv", "mine\n");
    run_line(row->command);
    bool good = r.status == status && r.err[0] != '\0';
    for (size_t k = 0; k < BAD_SAYS && row->says[k]; k++) {
        good = good && strstr(r.err, row->says[k]);
    }
    if (!good) {
        failures++;
        fprintf(stderr, "%s\n  ebb %s\n  status %d: %s", what, row->command,
                r.status, r.err[0] ? r.err : "(says nothing)\n");
    }
    check_kept(what);
}

START_TEST(bad_files_are_named_with_what_is_wrong_in_them)
{
    begin_good();
    failures = 0;
    for (size_t k = 0; k < bad_row_files_n; k++) {
        const struct bad_row_file *f = &bad_row_files[k];
        char what[200];
        snprintf(what, sizeof(what), "edit %d of %s (%g %s)", (int)f->edit.how,
                 f->edit.at ? f->edit.at : f->from, f->edit.value,
                 f->edit.text ? f->edit.text : "");
        bad_file_copy(in_folder(f->to), in_folder(f->from));
        bad_file_edit(in_folder(f->to), &f->edit);
        check_row(what, &f->row, 1);
    }
    ck_assert_msg(failures == 0, "%zu rows", failures);
    end();
}
END_TEST

static void write_bytes(const char *name, const char *text, size_t size)
{
    FILE *file = fopen(in_folder(name), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, size, file), size);
    fclose(file);
}

START_TEST(bad_texts_are_named_with_what_is_wrong_in_them)
{
    begin_good();
    failures = 0;
    for (size_t k = 0; k < bad_row_texts_n; k++) {
        const struct bad_row_text *t = &bad_row_texts[k];
        write_bytes(t->name, t->text, t->size ? t->size : strlen(t->text));
        check_row(t->text, &t->row, 1);
    }
    ck_assert_msg(failures == 0, "%zu rows", failures);
    end();
}
END_TEST

START_TEST(bad_command_lines_are_told_what_is_wrong_with_them)
{
    begin_good();
    failures = 0;
    for (size_t k = 0; k < bad_row_lines_n; k++) {
        check_row("command line", &bad_row_lines[k].row,
                  bad_row_lines[k].status);
    }
    ck_assert_msg(failures == 0, "%zu rows", failures);
    end();
}
END_TEST

/* The disk is full after so many bytes of a file. */
static const struct {
    size_t bytes;
    struct bad_row row;
} full[] = {
    {4096,
     {"run t/best.net.h5 in.csv --record all -o kept.csv",
      {"kept.csv", "no room for", "more bytes"}}},
    {1024, {"run t/best.net.h5 many.csv --spikes kept.csv", {"kept.csv"}}},
    {4096, {"train tiny.yaml -o full", {"full/"}}},
    {4096, {"convert t/best.net.h5 kept.csv", {"kept.csv"}}},
    {1024, {"patterns -o kept.csv", {"kept.csv"}}},
    {1024, {"convert p.h5 kept.npy", {"kept.npy"}}},
    {4096,
     {"grad t/best.net.h5 tiny.trace.h5 tiny.yaml -o kept.csv", {"kept.csv"}}},
    {100, {"convert p.h5 kept.csv", {"kept.csv"}}},
};

START_TEST(a_full_disk_is_a_failure_that_keeps_what_was_there)
{
    begin_good();
    failures = 0;
    for (size_t k = 0; k < sizeof(full) / sizeof(full[0]); k++) {
        spawn_limit_files(full[k].bytes);
        check_row("full disk", &full[k].row, 1);
        spawn_limit_files(0);
    }
    ck_assert_msg(failures == 0, "%zu rows", failures);
    end();
}
END_TEST

RUN_SUITE("tools", "bad_input", bad_files_are_named_with_what_is_wrong_in_them,
          bad_texts_are_named_with_what_is_wrong_in_them,
          bad_command_lines_are_told_what_is_wrong_with_them,
          a_full_disk_is_a_failure_that_keeps_what_was_there)
