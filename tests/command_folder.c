/* tests/command_folder.c - a folder of its own for a test of the program. */
#include "tests/command_folder.h"

#include "io/h5.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const experiment =
    "seed: 3\n"
    "network:\n"
    "  neurons: {tau_theta: 8, v_th: 1}\n"
    "  kernel: {shape: dual_exponential, tau_m: 8, tau_s: 2, input_lag: 0,\n"
    "           per_axon: true}\n"
    "  populations:\n"
    "    - {name: input, size: 40, input: true}\n"
    "    - {name: hidden, size: 50}\n"
    "    - {name: output, size: 40}\n"
    "data:\n"
    "  patterns: drawings\n"
    "  drawings: {count: 4, trains: 40, ticks: 50, density: 0.03}\n"
    "  cue: {block: 8}\n"
    "  target_delay: 2\n"
    "  train: 128\n"
    "  validation: 16\n"
    "  test: 32\n"
    "training:\n"
    "  epochs: 4\n"
    "  batch: 16\n"
    "  loss:\n"
    "    kind: van_rossum\n"
    "    mean_squared: true\n"
    "    kernel: {shape: dual_exponential, tau_m: 8, tau_s: 2}\n"
    "  optimiser: {kind: adamw, rate: 0.01}\n"
    "  layers: [{name: hidden, dropout: 0.1, rate_penalty: 0.01}]\n";

char folder[] = "/tmp/ebb_command_XXXXXX";
struct spawn r;

void write_text(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    fclose(file);
}

const char *in_folder(const char *name)
{
    static char paths[4][160];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void put_list(hid_t at, const char *name, const uint64_t *data, size_t n)
{
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    ck_assert_int_eq(ebb_h5_write(at, name, H5T_STD_U64LE, H5T_NATIVE_UINT64,
                                  &shape, data, false),
                     EBB_OK);
}

enum { SAMPLES = 60, EVENTS = 20 };

void write_dataset(const char *name)
{
    const char *path = in_folder(name);
    uint64_t tick[SAMPLES * EVENTS], node[SAMPLES * EVENTS];
    uint64_t offset[SAMPLES + 1], label[SAMPLES], split[SAMPLES];
    for (uint64_t k = 0; k < SAMPLES; k++) {
        label[k] = k % 3;
        split[k] = k < 48 ? 0 : 2;
        offset[k] = k * EVENTS;
        for (uint64_t e = 0; e < EVENTS; e++) {
            tick[k * EVENTS + e] = (k * 7 + e * 11) % 30;
            node[k * EVENTS + e] = label[k] * 4 + (k + e) % 4;
        }
    }
    offset[SAMPLES] = SAMPLES * EVENTS;
    hid_t file, events;
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_text(file, "format", "ebb dataset"), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_count(file, "inputs", 12), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_count(file, "ticks", 30), EBB_OK);
    ck_assert_int_eq(ebb_h5_group_create(&events, file, "events"), EBB_OK);
    put_list(events, "tick", tick, SAMPLES * EVENTS);
    put_list(events, "node", node, SAMPLES * EVENTS);
    put_list(file, "sample_offsets", offset, SAMPLES + 1);
    put_list(file, "label", label, SAMPLES);
    put_list(file, "split", split, SAMPLES);
    H5Gclose(events);
    ck_assert_int_eq(ebb_h5_commit(file, path), EBB_OK);
}

void begin(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_text("small.yaml", experiment);
}

void end(void)
{
    char command[160];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

void expect(int status, const char *out, const char *err)
{
    ck_assert_msg(r.status == status, "status %d\n%s%s", r.status, r.out,
                  r.err);
    ck_assert_msg(!out || strstr(r.out, out), "wanted '%s' in:\n%s", out,
                  r.out);
    ck_assert_msg(!err || strstr(r.err, err), "wanted '%s' in:\n%s", err,
                  r.err);
}
