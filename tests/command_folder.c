/* tests/command_folder.c - a folder of its own for a test of the program. */
#include "tests/command_folder.h"

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
