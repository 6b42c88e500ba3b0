/* tests/test_experiment.c - experiment files, good and bad. */
#include "io/experiment.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A small experiment; the bad ones differ from it in one place. */
static const char *const small =
    "network:\n"
    "  neurons: {tau_theta: 8, v_th: 1}\n"
    "  kernel: {shape: dual_exponential, tau_m: 8, tau_s: 2, per_axon: true}\n"
    "  populations:\n"
    "    - {name: input, size: 6, input: true}\n"
    "    - {name: hidden, size: 4}\n"
    "    - {name: output, size: 6}\n"
    "data: {patterns: drawings, train: 64}\n"
    "training:\n"
    "  epochs: 2\n"
    "  loss: {kind: van_rossum, kernel: {shape: exponential, tau: 4}}\n";

static char path[64];

/* Read a text as an experiment. */
static ebb_status read_text(struct ebb_experiment **out, const char *text)
{
    snprintf(path, sizeof(path), "/tmp/ebb_experiment_XXXXXX");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (long)strlen(text));
    close(file);
    ebb_status status = ebb_experiment_read(out, path);
    unlink(path);
    return status;
}

/* The small experiment with one piece of text put in another's place. */
static ebb_status read_changed(struct ebb_experiment **out, const char *from,
                               const char *to)
{
    char text[4096];
    const char *at = strstr(small, from);
    ck_assert_ptr_nonnull(at);
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - small), small, to,
             at + strlen(from));
    return read_text(out, text);
}

START_TEST(read_of_a_small_experiment_builds_its_network)
{
    struct ebb_experiment *e = NULL;
    ck_assert_msg(read_text(&e, small) == EBB_OK, "%s", ebb_error_message());
    const struct ebb_network *net = e->network;
    ck_assert_uint_eq(net->n_populations, 3);
    ck_assert_uint_eq(net->n_projections, 2);
    ck_assert_str_eq(net->projections[0].name, "input_hidden");
    ck_assert_uint_eq(net->projections[0].kernel.n, 6);
    ck_assert_double_eq(net->populations[1].theta.v[0], exp(-1.0 / 8));
    ck_assert_uint_eq(net->populations[1].bias.n, 4);
    const float *w = net->projections[0].weight;
    double limit = 1 / sqrt(6);
    double largest = 0;
    for (size_t k = 0; k < 24; k++) {
        largest = fmax(largest, fabs((double)w[k]));
    }
    ck_assert_double_le(largest, limit);
    ck_assert_double_ge(largest, limit / 2);
    ck_assert_uint_eq(e->training.epochs, 2);
    ck_assert_uint_eq(e->training.batch, 64);
    ck_assert(e->training.learn_bias);
    ebb_experiment_destroy(e);
}
END_TEST

START_TEST(seed_decides_the_weights)
{
    struct ebb_experiment *a = NULL, *b = NULL;
    ck_assert_int_eq(read_text(&a, small), EBB_OK);
    ck_assert_int_eq(read_text(&b, small), EBB_OK);
    uint64_t first = ebb_network_hash(a->network);
    ck_assert_uint_eq(first, ebb_network_hash(b->network));
    ck_assert_int_eq(ebb_experiment_seed(b, 2), EBB_OK);
    ck_assert_uint_ne(first, ebb_network_hash(b->network));
    ck_assert_int_eq(ebb_experiment_seed(b, 1), EBB_OK);
    ck_assert_uint_eq(first, ebb_network_hash(b->network));
    ebb_experiment_destroy(a);
    ebb_experiment_destroy(b);
}
END_TEST

/* The small experiment, its first projection at a density. */
static ebb_status read_sparse(struct ebb_experiment **out, const char *density)
{
    char list[300];
    snprintf(list, sizeof(list),
             "  projections:\n"
             "    - {from: input, to: hidden, density: %s}\n"
             "    - {from: hidden, to: output, density: 1}\n"
             "    - {from: input, to: output, density: 0.5, name: skip}\n"
             "data: {patterns",
             density);
    return read_changed(out, "data: {patterns", list);
}

START_TEST(density_gives_each_neuron_so_many_different_sources)
{
    struct ebb_experiment *e = NULL;
    ck_assert_msg(read_sparse(&e, "0.5") == EBB_OK, "%s", ebb_error_message());
    const struct ebb_projection *p = &e->network->projections[0];
    ck_assert_int_eq(p->kind, EBB_PROJECTION_SPARSE);
    ck_assert_uint_eq(p->synapses, 4 * 3);
    size_t fan_in[4] = {0};
    for (size_t j = 0; j < 6; j++) {
        for (uint64_t s = p->indptr[j]; s < p->indptr[j + 1]; s++) {
            ck_assert(s == p->indptr[j] || p->indices[s - 1] < p->indices[s]);
            fan_in[p->indices[s]]++;
        }
    }
    double largest = 0;
    for (size_t s = 0; s < p->synapses; s++) {
        largest = fmax(largest, fabs(ebb_projection_weight(p, s)));
    }
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(fan_in[i], 3);
    }
    ck_assert(largest <= 1 / sqrt(3) && largest > 1 / sqrt(6)); /* of 12 */
    ck_assert_int_eq(e->network->projections[1].kind, EBB_PROJECTION_DENSE);
    ebb_experiment_destroy(e);
}
END_TEST

START_TEST(seed_decides_who_is_connected)
{
    struct ebb_experiment *a = NULL, *b = NULL;
    ck_assert_int_eq(read_sparse(&a, "0.34"), EBB_OK);
    ck_assert_int_eq(read_sparse(&b, "0.34"), EBB_OK);
    const struct ebb_projection *p = &a->network->projections[0];
    const struct ebb_projection *q = &b->network->projections[0];
    ck_assert_uint_eq(p->synapses, 4 * 2);
    size_t bytes = p->synapses * sizeof(*p->indices);
    ck_assert_int_eq(memcmp(p->indices, q->indices, bytes), 0);
    ck_assert_uint_eq(ebb_network_hash(a->network),
                      ebb_network_hash(b->network));
    bool moved = false;
    for (uint64_t seed = 2; seed < 6; seed++) {
        ck_assert_int_eq(ebb_experiment_seed(b, seed), EBB_OK);
        moved |= memcmp(p->indices, q->indices, bytes) != 0;
    }
    ck_assert(moved);
    ck_assert_int_eq(ebb_experiment_seed(b, 1), EBB_OK);
    ck_assert_uint_eq(ebb_network_hash(a->network),
                      ebb_network_hash(b->network));
    ebb_experiment_destroy(a);
    ebb_experiment_destroy(b);
}
END_TEST

/* 20000 draws of 3 of 6: each source half of the time. */
START_TEST(density_prefers_no_source)
{
    struct ebb_experiment *e = NULL;
    size_t taken[6] = {0};
    ck_assert_int_eq(read_sparse(&e, "0.5"), EBB_OK);
    const struct ebb_projection *p = &e->network->projections[0];
    for (uint64_t seed = 0; seed < 5000; seed++) {
        ck_assert_int_eq(ebb_experiment_seed(e, seed), EBB_OK);
        for (size_t j = 0; j < 6; j++) {
            taken[j] += (size_t)(p->indptr[j + 1] - p->indptr[j]);
        }
    }
    for (size_t j = 0; j < 6; j++) {
        ck_assert_double_eq_tol((double)taken[j] / 20000, .5, .02);
    }
    ebb_experiment_destroy(e);
}
END_TEST

START_TEST(density_that_makes_no_sense_is_refused)
{
    static const struct {
        const char *density, *says;
    } rows[] = {
        {"0", "give at least 0.17"}, {"0.05", "leaves none to a neuron"},
        {"1.1", "0 to 1"},           {"-0.5", "0 to 1"},
        {"nan", "must be a number"}, {"half", "must be a number"}};
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct ebb_experiment *e = NULL;
        ck_assert_int_ne(read_sparse(&e, rows[k].density), EBB_OK);
        const char *message = ebb_error_message();
        ck_assert_msg(strstr(message, rows[k].says) &&
                          strstr(message, ":9: network.projections[0].density"),
                      "'%s' says: %s", rows[k].density, message);
    }
}
END_TEST

START_TEST(read_with_units_keeps_them)
{
    struct ebb_experiment *e = NULL;
    ck_assert_msg(read_changed(&e, "  neurons: {tau_theta: 8,",
                               "  tick: 1 ms\n"
                               "  neurons: {tau_theta: 8 ms,") == EBB_OK,
                  "%s", ebb_error_message());
    const struct ebb_population *p = &e->network->populations[1];
    ck_assert_double_eq_tol(p->theta.v[0], exp(-1.0 / 8), 1e-15);
    ck_assert_double_eq_tol(p->tau_theta.v[0], 8e-3, 1e-18);
    ebb_experiment_destroy(e);
}
END_TEST

START_TEST(read_of_the_experiments_in_the_project_succeeds)
{
    static const char *const files[] = {
        EBB_SOURCE "/experiments/associative_memory.yaml",
        EBB_SOURCE "/experiments/associative_memory_paper.yaml",
        EBB_SOURCE "/experiments/demo.yaml"};
    for (size_t k = 0; k < 3; k++) {
        struct ebb_experiment *e = NULL;
        ck_assert_msg(ebb_experiment_read(&e, files[k]) == EBB_OK, "%s",
                      ebb_error_message());
        ck_assert_uint_eq(e->network->n_projections, 4);
        ck_assert_uint_eq(e->network->projections[0].kernel.n, 300);
        ebb_experiment_destroy(e);
    }
}
END_TEST

START_TEST(read_of_the_experiments_with_layers_builds_the_papers_networks)
{
    static const struct {
        const char *file;
        size_t populations, dense; /* synapses of the first dense layer */
    } rows[] = {
        {EBB_SOURCE "/experiments/nmnist.yaml", 7, 256 * 64 * 6 * 6},
        {EBB_SOURCE "/experiments/dvs128_gesture.yaml", 6, 256 * 32 * 16 * 16},
        {EBB_SOURCE "/experiments/gesture_clips.yaml", 6, 256 * 32 * 16 * 16},
        {EBB_SOURCE "/experiments/mnist_conv.yaml", 7, 512 * 64 * 4 * 4}};
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct ebb_experiment *e = NULL;
        ck_assert_msg(ebb_experiment_read(&e, rows[k].file) == EBB_OK, "%s",
                      ebb_error_message());
        size_t n = e->network->n_populations;
        ck_assert_uint_eq(n, rows[k].populations);
        ck_assert_uint_eq(e->network->projections[n - 3].synapses,
                          rows[k].dense);
        ebb_experiment_destroy(e);
    }
}
END_TEST

START_TEST(convolutions_make_the_shapes_that_the_experiment_tells)
{
    struct ebb_experiment *e = NULL;
    const struct ebb_grid wanted[] = {
        {2, 34, 34}, {12, 30, 30}, {64, 11, 11}, {10, 1, 1}};
    ck_assert_msg(
        ebb_experiment_read(&e, EBB_SOURCE "/experiments/nmnist_small.yaml") ==
            EBB_OK,
        "%s", ebb_error_message());
    const struct ebb_network *net = e->network;
    ck_assert_uint_eq(net->n_populations, 4);
    for (size_t k = 0; k < 4; k++) {
        ck_assert(ebb_grid_equal(net->populations[k].grid, wanted[k]));
    }
    ck_assert_uint_eq(net->populations[1].bias.n, 12);
    ck_assert_uint_eq(net->projections[2].synapses, 10 * 64 * 5 * 5);
    const float *w = net->projections[0].weight;
    double largest = 0, limit = 1 / sqrt(2 * 25); /* of a window */
    for (size_t s = 0; s < net->projections[0].synapses; s++) {
        largest = fmax(largest, fabs((double)w[s]));
    }
    ck_assert(largest <= limit && largest > .9 * limit);
    ebb_experiment_destroy(e);
}
END_TEST

START_TEST(validation_of_a_data_set_is_a_share_and_training_is_augmented)
{
    struct ebb_experiment *e = NULL;
    ck_assert_msg(read_changed(&e, "patterns: drawings, train: 64",
                               "dataset: x, validation: 12.5 %,\n"
                               " augment: {shift: 2, rotate: 10, stretch: 0.1,"
                               " jitter: 0.5, drop: 0.2}") == EBB_OK,
                  "%s", ebb_error_message());
    ck_assert_double_eq(e->validation_share, 0.125);
    ck_assert_uint_eq(e->validation_seed, 1);
    ck_assert_uint_eq(e->augment.shift, 2);
    ck_assert_double_eq(e->augment.rotate, 10);
    ck_assert_double_eq(e->augment.stretch, 0.1);
    ck_assert_double_eq(e->augment.jitter, 0.5);
    ck_assert_double_eq(e->augment.drop, 0.2);
    ebb_experiment_destroy(e);
}
END_TEST

/* The small experiment, its populations in the short notation. */
static ebb_status read_layers(struct ebb_experiment **out, const char *input,
                              const char *layers)
{
    char text[2048];
    snprintf(text, sizeof(text),
             "network:\n"
             "  kernel: {shape: exponential, tau: 4}\n"
             "%s"
             "  layers: %s\n"
             "data: {dataset: x}\n"
             "training: {epochs: 2, loss: {kind: rate}}\n",
             input, layers);
    return read_text(out, text);
}

START_TEST(layers_stand_for_the_populations_that_they_name)
{
    struct ebb_experiment *e = NULL;
    ck_assert_msg(read_layers(&e, "  input: [2, 34, 34]\n",
                              "32C3-32C3p1s2-64C5x3d2g2-P2-64C3-A2s1-256-10") ==
                      EBB_OK,
                  "%s", ebb_error_message());
    static const struct {
        const char *name;
        struct ebb_grid grid;
    } wanted[] = {{"input", {2, 34, 34}},  {"conv1", {32, 32, 32}},
                  {"conv2", {32, 16, 16}}, {"conv3", {64, 8, 12}},
                  {"conv4", {64, 2, 4}},   {"dense1", {256, 1, 1}},
                  {"output", {10, 1, 1}}};
    const struct ebb_network *net = e->network;
    ck_assert_uint_eq(net->n_populations, 7);
    for (size_t k = 0; k < 7; k++) {
        const struct ebb_population *p = &net->populations[k];
        ck_assert_str_eq(p->name, wanted[k].name);
        ck_assert_msg(ebb_grid_equal(p->grid, wanted[k].grid),
                      "%s: %zu x %zu x %zu", p->name, p->grid.channels,
                      p->grid.rows, p->grid.columns);
    }
    ck_assert(net->populations[0].input && !net->populations[6].input);
    ck_assert_int_eq(net->projections[3].pool.kind, EBB_POOL_MAX);
    ck_assert_uint_eq(net->projections[3].pool.stride[1], 2);
    ck_assert_int_eq(net->projections[4].pool.kind, EBB_POOL_AVERAGE);
    ck_assert_uint_eq(net->projections[4].pool.stride[1], 1);
    ck_assert_uint_eq(net->projections[2].conv.groups, 2);
    ebb_experiment_destroy(e);
    ck_assert_msg(read_layers(&e, "  input: [784]\n", "300-10") == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert_uint_eq(e->network->populations[1].n, 300);
    ebb_experiment_destroy(e);
}
END_TEST

START_TEST(layers_that_make_no_sense_are_refused_by_name)
{
    static const struct {
        const char *input, *layers, *says;
    } rows[] = {
        {"  input: [2, 8, 8]\n", "4C3-4Q3-10", "layer 2, '4Q3': a layer is"},
        {"  input: [2, 8, 8]\n", "4C3--10", "layer 2, '': a layer is"},
        {"  input: [2, 8, 8]\n", "4C-10", "layer 1, '4C': a layer is"},
        {"  input: [2, 8, 8]\n", "4C3s-10", "layer 1, '4C3s'"},
        {"  input: [2, 8, 8]\n", "4C3s1s2-10", "layer 1, '4C3s1s2'"},
        {"  input: [2, 8, 8]\n", "C3-10", "layer 1, 'C3'"},
        {"  input: [2, 8, 8]\n", "4C3-P2", "no layer behind it"},
        {"  input: [2, 8, 8]\n", "4C3-P2-A2-10", "two poolings in a row"},
        {"  input: [2, 8, 8]\n", "4C3-P-10", "layer 2, 'P'"},
        {"  input: [2, 8, 8]\n", "4C3-P9-10",
         "network.layers[3: 10]: projection"},
        {"  input: [2, 8, 8]\n", "4C9-10", "network.layers[1: 4C9].conv: "},
        {"  input: [2, 8, 8]\n", "4C0-10",
         "network.layers[1: 4C0].conv.size is '0'"},
        {"  input: [2, 8, 8]\n", "0-10", "network.layers[1: 0].size is '0'"},
        {"  input: [2, 8]\n", "10", "[channels, rows, columns], or"},
        {"", "10", "give input: "},
        {"  input: [2, 8, 8]\n  populations: [{name: a, size: 1}]\n", "10",
         "not both"},
        {"  input: [9]\n  projections: [{from: input, to: output}]\n", "10",
         "each feeds the next"}};
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct ebb_experiment *e = NULL;
        ebb_status status = read_layers(&e, rows[k].input, rows[k].layers);
        const char *message = ebb_error_message();
        ck_assert_msg(status == EBB_ERR_FORMAT, "%s is accepted",
                      rows[k].layers);
        ck_assert_msg(strstr(message, rows[k].says), "'%s' says: %s",
                      rows[k].layers, message);
    }
}
END_TEST

#define PROJECTION(fields)                                                     \
    "  projections: [{from: input, to: hidden, " fields "}]\ndata: {patterns"

#define DATASET(fields) "patterns: drawings, train: 64", "dataset: x, " fields

/* What is wrong, where, and what the message must say. */
static const struct {
    const char *from, *to;
    int line;
    const char *says;
} bad[] = {
    {"tau_theta: 8", "tau_thata: 8", 2, "did you mean 'tau_theta'"},
    {"tau_theta: 8", "tau_theta: -8", 2, "must be above 0"},
    {"tau_theta: 8", "tau_theta: 8 parsec", 2, "with a unit"},
    {"tau_theta: 8", "tau_theta: 8 ms", 2, "network.tick"},
    {"tau_theta: 8", "theta: 1.5", 2, "0 to 1"},
    {"tau_theta: 8", "theta: nan", 2, "must be a number"},
    {"tau_theta: 8", "theta: .5, tau_theta: 8", 2, "not both"},
    {"v_th: 1}", "v_th: 1, reset: hybrid, v_reset: 2}", 2, "not below"},
    {"v_th: 1}", "v_th: 1, reset: soft}", 2, "filter, hybrid"},
    {"v_th: 1}", "v_th: 1, v_th: 2}", 2, "given twice"},
    {"v_th: 1}", "v_th: 1, refractory: 2}", 2, "reset: hybrid"},
    {"dual_exponential", "dual_exponentail", 3, "mean 'dual_exponential'"},
    {"tau_s: 2", "tau_s: 8", 3, "below tau_m"},
    {"tau_s: 2, ", "", 3, "needs the field 'tau_s'"},
    {"tau_s: 2", "tau_s: 2, tau: 3", 3, "no such field"},
    {"shape: dual_exponential, tau_m: 8, tau_s: 2", "shape: iir", 3, "beta"},
    {"shape: dual_exponential, tau_m: 8, tau_s: 2",
     "shape: iir, alpha: [1.5], beta: [1]", 1, "1.5"},
    {"size: 4", "size: 0", 6, "whole number of 1 to"},
    {"size: 4", "size: 4.5", 6, "whole number"},
    {"size: 4", "size: [4]", 6, "single value"},
    {", size: 4", "", 6, "'size' is missing"},
    {"size: 4", "shape: [2, 2]", 6, "[channels, rows, columns]"},
    {"size: 4", "shape: [2, 2, 0]", 6, "whole number of 1"},
    {"size: 4", "size: 4, shape: [4, 1, 1]", 6, "give one of"},
    {"size: 4", "conv: {channels: 2, size: 2}", 6, "fit into [6, 1, 1]"},
    {"size: 4", "conv: {size: 1}", 6, "'channels' is missing"},
    {"size: 4", "conv: {channels: 2}", 6, "size"},
    {"size: 4", "conv: {channels: 4, size: 1, groups: 4}", 6, "must divide"},
    {"size: 4", "conv: {channels: 2, size: 1x}", 6, "whole number"},
    {"size: 4", "conv: {channels: 2, size: 1, pading: 1}", 6, "mean 'padding'"},
    {"size: 4", "size: 4, pool: {kind: min, size: 1}", 6, "sum, average, max"},
    {"size: 4", "size: 4, pool: {kind: max, size: 2}", 6, "fit into [6, 1, 1]"},
    {"size: 6, ", "size: 6, pool: {kind: max, size: 1}, ", 5,
     "no population before"},
    {"data: {patterns", PROJECTION("conv: {size: 1, channels: 4}"), 8,
     "shape of its target"},
    {"data: {patterns", PROJECTION("conv: {size: 1x2}"), 8, "does not fit"},
    {"data: {patterns", PROJECTION("density: .5, pool: {kind: sum, size: 1}"),
     8, "not sparse"},
    {"size: 4}\n    - {name: output, size: 6}\n",
     "size: 4, pool: {kind: max, size: 1}}\n"
     "  projections: [{from: input, to: hidden}]\n",
     6, "it belongs there"},
    {"name: hidden", "name: input", 6, "input"},
    {"name: hidden", "name: a/b", 6, "a/b"},
    {"data: {patterns: drawings", "data: {patern: drawings", 8,
     "did you mean 'patterns'"},
    {"patterns: drawings", "patterns: drawings, dataset: x", 8, "not both"},
    {"patterns: drawings, ", "", 8, "dataset: FILE"},
    {"train: 64", "train: 32", 0, "larger than the 32"},
    {"train: 64", "validation: 0.1", 8, "whole number"},
    {"train: 64", "validation_seed: 3", 8, "it is for a dataset"},
    {"train: 64", "augment: {shift: 1}", 8, "it is for a dataset"},
    {DATASET("validation: 100"), 8, "0.1 or 10 %"},
    {DATASET("validation: -5 %"), 8, "0.1 or 10 %"},
    {DATASET("augment: {shift: 1.5}"), 8, "whole number"},
    {DATASET("augment: {drop: 1}"), 8, "0 to 0.99"},
    {DATASET("augment: {shft: 1}"), 8, "mean 'shift'"},
    {"epochs: 2", "epochs: many", 10, "whole number"},
    {"epochs: 2", "epochs: 2\n  activity: {target: 2, weight: 1}", 11,
     "0 to 1"},
    {"epochs: 2", "epochs: 2\n  activity: {target: .1}", 11, "'weight' is"},
    {"size: 6, input: true}\n    - {name: hidden, size: 4}\n"
     "    - {name: output, size: 6}\n",
     "size: 6}\n  input: [4]\n", 6, "belongs to layers"},
    {"  populations:\n    - {name: input, size: 6, input: true}\n"
     "    - {name: hidden, size: 4}\n    - {name: output, size: 6}\n",
     "", 1, "'populations' is missing"},
    {"epochs: 2", "epochs: 2\n  early_stop: {patience: 3}", 11, "validation"},
    {"kind: van_rossum", "kind: van_rosum", 11, "mean 'van_rossum'"},
    {"shape: exponential, tau: 4", "shape: alpha", 11, "field 'tau'"},
    {"training:", "training: *all\nother:", 9, "alias"},
    {"training:", "trainig:", 9, "did you mean 'training'"},
    {"network:", "seed: x\nnetwork:", 1, "seed is 'x'"},
    {"v_th: 1}", "v_th: 1", 0, "YAML"},
    {"network:\n", "network: [\n", 1, "must hold fields"},
};

START_TEST(read_of_a_bad_experiment_names_line_and_reason)
{
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        struct ebb_experiment *e = NULL;
        ebb_status status = read_changed(&e, bad[k].from, bad[k].to);
        const char *message = ebb_error_message();
        ck_assert_msg(status != EBB_OK, "'%s' is accepted", bad[k].to);
        ck_assert_ptr_null(e);
        ck_assert_msg(strstr(message, bad[k].says) != NULL,
                      "'%s' says: %s (wanted: %s)", bad[k].to, message,
                      bad[k].says);
        char place[100];
        snprintf(place, sizeof(place), "%s:%d:", path, bad[k].line);
        ck_assert_msg(bad[k].line == 0 || strstr(message, place) != NULL,
                      "'%s' is at line %d: %s", bad[k].to, bad[k].line,
                      message);
    }
}
END_TEST

START_TEST(read_of_no_file_names_it)
{
    struct ebb_experiment *e = NULL;
    ck_assert_int_eq(ebb_experiment_read(&e, "/nowhere/x.yaml"), EBB_ERR_IO);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "/nowhere/x.yaml"));
    ck_assert_int_eq(read_text(&e, ""), EBB_ERR_FORMAT);
    ck_assert_int_eq(read_text(&e, "\x01\x02\xff"), EBB_ERR_FORMAT);
    ck_assert_int_eq(read_text(&e, "just a word"), EBB_ERR_FORMAT);
}
END_TEST

RUN_SUITE("io", "experiment",
          convolutions_make_the_shapes_that_the_experiment_tells,
          read_of_a_small_experiment_builds_its_network,
          seed_decides_the_weights,
          density_gives_each_neuron_so_many_different_sources,
          seed_decides_who_is_connected, density_prefers_no_source,
          density_that_makes_no_sense_is_refused, read_with_units_keeps_them,
          read_of_the_experiments_in_the_project_succeeds,
          read_of_the_experiments_with_layers_builds_the_papers_networks,
          layers_stand_for_the_populations_that_they_name,
          layers_that_make_no_sense_are_refused_by_name,
          validation_of_a_data_set_is_a_share_and_training_is_augmented,
          read_of_a_bad_experiment_names_line_and_reason,
          read_of_no_file_names_it)
