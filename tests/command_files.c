/* tests/command_files.c - files of other sizes for tests of the program. */
#include "tests/command_files.h"

#include "io/h5.h"
#include "io/network_file.h"

#include <check.h>

static void put_list(hid_t at, const char *name, const uint64_t *data, size_t n)
{
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    ck_assert_int_eq(ebb_h5_write(at, name, H5T_STD_U64LE, H5T_NATIVE_UINT64,
                                  &shape, data, false),
                     EBB_OK);
}

enum { SAMPLES_MAX = 64, EVENTS_MAX = 2048 };

static void put_events(hid_t file, const struct command_dataset *d)
{
    uint64_t tick[EVENTS_MAX], node[EVENTS_MAX];
    size_t n = d->samples * d->events, width = d->inputs / d->classes;
    ck_assert_uint_le(n, EVENTS_MAX);
    for (size_t i = 0; i < n; i++) {
        size_t k = i / d->events, e = i % d->events;
        tick[i] = (k * 7 + e * 11) % d->ticks;
        node[i] = k % d->classes * width + (k + e) % width;
    }
    hid_t events;
    ck_assert_int_eq(ebb_h5_group_create(&events, file, "events"), EBB_OK);
    put_list(events, "tick", tick, n);
    put_list(events, "node", node, n);
    H5Gclose(events);
}

static void put_targets(hid_t file, const struct command_dataset *d)
{
    uint64_t tick[SAMPLES_MAX], node[SAMPLES_MAX], offset[SAMPLES_MAX + 1];
    for (size_t k = 0; k <= d->samples; k++) {
        offset[k] = k;
    }
    for (size_t k = 0; k < d->samples; k++) {
        tick[k] = 3;
        node[k] = k % d->outputs;
    }
    hid_t target;
    ck_assert_int_eq(ebb_h5_put_count(file, "outputs", d->outputs), EBB_OK);
    ck_assert_int_eq(ebb_h5_group_create(&target, file, "target"), EBB_OK);
    put_list(target, "tick", tick, d->samples);
    put_list(target, "node", node, d->samples);
    put_list(target, "offsets", offset, d->samples + 1);
    H5Gclose(target);
}

void command_dataset_write(const char *path, const struct command_dataset *d)
{
    uint64_t offset[SAMPLES_MAX + 1], label[SAMPLES_MAX], split[SAMPLES_MAX];
    ck_assert_uint_le(d->samples, SAMPLES_MAX);
    for (size_t k = 0; k <= d->samples; k++) {
        offset[k] = k * d->events;
    }
    for (size_t k = 0; k < d->samples; k++) {
        label[k] = k % d->classes;
        split[k] = k < d->samples * 4 / 5 ? 0 : 2;
    }
    hid_t file;
    ck_assert_int_eq(ebb_h5_begin(&file, path), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_text(file, "format", "ebb dataset"), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_count(file, "version", 1), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_count(file, "inputs", d->inputs), EBB_OK);
    ck_assert_int_eq(ebb_h5_put_count(file, "ticks", d->ticks), EBB_OK);
    put_events(file, d);
    if (d->outputs > 0) {
        put_targets(file, d);
    }
    put_list(file, "sample_offsets", offset, d->samples + 1);
    put_list(file, "label", label, d->samples);
    put_list(file, "split", split, d->samples);
    ck_assert_int_eq(ebb_h5_commit(file, path), EBB_OK);
}

void command_network_write(const char *path, size_t inputs, size_t outputs)
{
    struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_EXPONENTIAL, .tau_m = 4};
    struct ebb_network *net;
    size_t in, out, q;
    ck_assert_int_eq(ebb_network_create(&net), 0);
    ck_assert_int_eq(ebb_network_add_population(net, "in", inputs, true, &in),
                     0);
    ck_assert_int_eq(
        ebb_network_add_population(net, "out", outputs, false, &out), 0);
    ck_assert_int_eq(ebb_network_add_projection(net, "in_out", in, out,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT32, 0, &q),
                     0);
    ck_assert_int_eq(
        ebb_kernel_expand(&net->projections[q].kernel, net->arena, &spec, 1, 0),
        0);
    ck_assert_int_eq(ebb_network_finish(net), 0);
    ck_assert_int_eq(ebb_network_file_write(path, net, NULL), 0);
    ebb_network_destroy(net);
}
