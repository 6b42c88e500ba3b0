/* tests/golden_file.c - test vectors of an independent implementation. */
#include "tests/golden_file.h"

#include <check.h>
#include <dirent.h>
#include <hdf5.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    const char *p = strrchr(*x, '/'), *q = strrchr(*y, '/');
    return strcmp(p ? p + 1 : *x, q ? q + 1 : *y);
}

static void list_directory(const char *directory, char ***paths, size_t *n)
{
    DIR *d = opendir(directory);
    if (!d) {
        return;
    }
    for (struct dirent *e; (e = readdir(d));) {
        size_t length = strlen(e->d_name);
        if (length < 4 || strcmp(e->d_name + length - 3, ".h5") != 0) {
            continue;
        }
        char path[1024];
        snprintf(path, sizeof(path), "%s/%s", directory, e->d_name);
        *paths = realloc(*paths, (*n + 1) * sizeof(char *));
        (*paths)[(*n)++] = strdup(path);
    }
    closedir(d);
}

size_t golden_list(char ***paths)
{
    const char *env = getenv("EBB_GOLDEN");
    char *list = strdup(
        env ? env : EBB_SOURCE "/tests/golden:" EBB_SOURCE "/../shared/golden");
    size_t n = 0;
    *paths = NULL;
    for (char *d = strtok(list, ":"); d; d = strtok(NULL, ":")) {
        list_directory(d, paths, &n);
    }
    free(list);
    qsort(*paths, n, sizeof(char *), by_name);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && by_name(&(*paths)[kept - 1], &(*paths)[i]) == 0) {
            free((*paths)[i]);
        } else {
            (*paths)[kept++] = (*paths)[i];
        }
    }
    return kept;
}

void golden_free_list(char **paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(paths[i]);
    }
    free(paths);
}

static struct golden_array read_path(struct golden *g, const char *path)
{
    struct golden_array a = {.size = 1};
    H5E_auto2_t quiet;
    void *data;
    H5Eget_auto2(H5E_DEFAULT, &quiet, &data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t d = H5Dopen2((hid_t)g->file, path, H5P_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, quiet, data);
    if (d < 0) {
        a.size = 0;
        return a;
    }
    hid_t s = H5Dget_space(d);
    hsize_t dims[4] = {1, 1, 1, 1};
    a.rank = (unsigned)H5Sget_simple_extent_dims(s, dims, NULL);
    for (unsigned i = 0; i < 4; i++) {
        a.dims[i] = (size_t)dims[i];
        a.size *= a.dims[i];
    }
    a.v = ebb_arena_calloc(g->arena, a.size + 1, sizeof(double));
    ck_assert_msg(
        H5Dread(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, a.v) >= 0,
        "cannot read %s of %s", path, g->path);
    H5Sclose(s);
    H5Dclose(d);
    return a;
}

struct golden_array golden_read(struct golden *g, const char *format, ...)
{
    char path[256];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof(path), format, args);
    va_end(args);
    return read_path(g, path);
}

struct golden_array golden_need(struct golden *g, const char *format, ...)
{
    char path[256];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof(path), format, args);
    va_end(args);
    struct golden_array a = read_path(g, path);
    ck_assert_msg(a.v != NULL, "%s: no dataset %s", g->path, path);
    return a;
}

/* A number attribute, or `missing` where there is none. */
static double number(hid_t group, const char *name, double missing)
{
    if (H5Aexists(group, name) <= 0) {
        return missing;
    }
    double v[4] = {0};
    hid_t a = H5Aopen(group, name, H5P_DEFAULT);
    ck_assert(H5Aread(a, H5T_NATIVE_DOUBLE, v) >= 0);
    H5Aclose(a);
    return v[0];
}

static int text_is(hid_t group, const char *name, const char *value)
{
    if (H5Aexists(group, name) <= 0) {
        return 0;
    }
    char text[4096] = "";
    hid_t a = H5Aopen(group, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(a);
    if (H5Tis_variable_str(type) > 0) {
        char *v = NULL;
        ck_assert(H5Aread(a, type, &v) >= 0);
        snprintf(text, sizeof(text), "%s", v);
        H5free_memory(v);
    } else {
        ck_assert(H5Tget_size(type) < sizeof(text));
        ck_assert(H5Aread(a, type, text) >= 0);
    }
    H5Tclose(type);
    H5Aclose(a);
    return strcmp(text, value) == 0;
}

static hid_t open_group(struct golden *g, const char *path)
{
    hid_t group = H5Gopen2((hid_t)g->file, path, H5P_DEFAULT);
    ck_assert_msg(group >= 0, "no group %s in %s", path, g->path);
    return group;
}

static void set_values(struct golden *g, hid_t group, size_t layer,
                       const char *attribute, struct ebb_values *values)
{
    struct golden_array a =
        golden_read(g, "params/layer%zu/%s", layer, attribute);
    if (a.v) {
        values->v = a.v;
        values->n = a.size;
    } else {
        values->v[0] = number(group, attribute, values->v[0]);
    }
}

/* A population of the shape that an attribute tells. */
static size_t add_population(struct golden *g, const char *name, hid_t group,
                             const char *attribute, bool input)
{
    double shape[3] = {1, 1, 1};
    size_t index;
    hid_t a = H5Aopen(group, attribute, H5P_DEFAULT);
    ck_assert(H5Aread(a, H5T_NATIVE_DOUBLE, shape) >= 0);
    H5Aclose(a);
    struct ebb_grid grid = {(size_t)shape[0], (size_t)shape[1],
                            (size_t)shape[2]};
    ck_assert_int_eq(ebb_network_add_population(
                         g->net, name, ebb_grid_size(grid), input, &index),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(g->net, index, grid), EBB_OK);
    return index;
}

static void load_neurons(struct golden *g, size_t layer)
{
    char path[64];
    snprintf(path, sizeof(path), "params/layer%zu", layer);
    hid_t group = open_group(g, path);
    char name[32];
    snprintf(name, sizeof(name), "layer%zu", layer);
    size_t index = add_population(g, name, group, "out_shape", false);
    struct ebb_population *p = &g->net->populations[index];
    p->reset =
        text_is(group, "reset", "hybrid") ? EBB_RESET_HYBRID : EBB_RESET_FILTER;
    p->sigma = number(group, "sigma", p->sigma);
    set_values(g, group, layer, "lambda", &p->lambda);
    set_values(g, group, layer, "theta", &p->theta);
    set_values(g, group, layer, "vth", &p->v_th);
    set_values(g, group, layer, "v0", &p->v0);
    if (p->reset == EBB_RESET_HYBRID) {
        set_values(g, group, layer, "v_reset", &p->v_reset);
        p->refractory_ticks = (ebb_tick)number(group, "refractory_ticks", 0);
    }
    set_values(g, group, layer, "b", &p->bias);
    H5Gclose(group);
}

static int columns_equal(struct golden_array a)
{
    size_t columns = a.size > 0 ? a.size / a.dims[0] : 1;
    for (size_t i = 0; i < a.size; i++) {
        if (a.v[i] != a.v[i / columns * columns]) {
            return 0;
        }
    }
    return 1;
}

static void load_kernel(struct golden *g, const char *path,
                        struct ebb_projection *p, int per_axon)
{
    struct golden_array alpha = golden_read(g, "params/%s/alpha", path);
    struct golden_array beta = golden_read(g, "params/%s/beta", path);
    size_t axons = beta.size / beta.dims[0];
    size_t n =
        !per_axon && columns_equal(alpha) && columns_equal(beta) ? 1 : axons;
    unsigned order_p = alpha.v ? (unsigned)alpha.dims[0] : 0;
    ck_assert_int_eq(ebb_kernel_alloc(&p->kernel, g->net->arena, order_p,
                                      (unsigned)beta.dims[0] - 1, n),
                     EBB_OK);
    p->kernel.spec.shape = EBB_KERNEL_IIR;
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < order_p; i++) {
            p->kernel.alpha[i * n + j] = alpha.v[i * axons + j];
        }
        for (size_t i = 0; i < beta.dims[0]; i++) {
            p->kernel.beta[i * n + j] = beta.v[i * axons + j];
        }
    }
}

/* How a layer pools and convolves; kernels are square. */
static struct ebb_spatial space_of(struct golden *g, const char *path,
                                   struct ebb_conv *conv)
{
    char all[80];
    struct ebb_spatial space = {.pool.kind = EBB_POOL_NONE};
    snprintf(all, sizeof(all), "params/%s", path);
    hid_t group = open_group(g, all);
    size_t window = (size_t)number(group, "pool_k", 1);
    space.pool =
        (struct ebb_pool){text_is(group, "pool", "max")   ? EBB_POOL_MAX
                          : text_is(group, "pool", "avg") ? EBB_POOL_AVERAGE
                                                          : EBB_POOL_NONE,
                          {window, window},
                          {window, window}};
    if (text_is(group, "kind", "conv")) {
        struct golden_array w = golden_need(g, "params/%s/W", path);
        size_t padding = (size_t)number(group, "pad", 0);
        size_t stride = (size_t)number(group, "stride", 1);
        *conv = ebb_conv_default(w.dims[2], w.dims[3]);
        conv->padding[0] = conv->padding[1] = padding;
        conv->stride[0] = conv->stride[1] = stride;
        space.conv = conv;
    }
    H5Gclose(group);
    return space;
}

static void load_weights(struct golden *g, const char *path,
                         struct ebb_projection *p)
{
    struct golden_array w = golden_read(g, "params/%s/W", path);
    if (p->kind == EBB_PROJECTION_CONV2D) {
        ck_assert_uint_eq(w.size, p->synapses);
        memcpy(p->weight, w.v, w.size * sizeof(double));
        return;
    }
    for (size_t i = 0; i < w.dims[0]; i++) {
        for (size_t j = 0; j < w.dims[1]; j++) {
            ((double *)p->weight)[j * w.dims[0] + i] = w.v[i * w.dims[1] + j];
        }
    }
}

static void load_projection(struct golden *g, const char *path, size_t source,
                            size_t target, int per_axon)
{
    size_t index;
    struct ebb_conv conv;
    char name[64];
    snprintf(name, sizeof(name), "%s", path);
    for (char *c = name; *c; c++) {
        *c = *c == '/' ? '.' : *c;
    }
    struct ebb_spatial space = space_of(g, path, &conv);
    ck_assert_msg(ebb_network_add_spatial(g->net, name, source, target, &space,
                                          EBB_FLOAT64, &index) == EBB_OK,
                  "%s: %s", g->path, ebb_error_message());
    struct ebb_projection *p = &g->net->projections[index];
    load_weights(g, path, p);
    load_kernel(g, path, p, per_axon);
}

static void load_projections(struct golden *g, size_t layer, int per_axon)
{
    char path[64];
    snprintf(path, sizeof(path), "params/layer%zu", layer);
    hid_t group = open_group(g, path);
    size_t source = (size_t)number(group, "source", (double)layer - 1);
    size_t extras = (size_t)number(group, "n_extra", 0);
    H5Gclose(group);
    load_projection(g, path + strlen("params/"), source, layer, per_axon);
    for (size_t m = 1; m <= extras; m++) {
        snprintf(path, sizeof(path), "params/layer%zu/extra%zu", layer, m);
        group = open_group(g, path);
        source = (size_t)number(group, "source", 0);
        H5Gclose(group);
        load_projection(g, path + strlen("params/"), source, layer, per_axon);
    }
}

static void load_network(struct golden *g, int per_axon)
{
    hid_t first = open_group(g, "params/layer1");
    ck_assert_int_eq(ebb_network_create(&g->net), EBB_OK);
    add_population(g, "input", first, "in_shape", true);
    H5Gclose(first);
    for (size_t l = 1; l <= g->layers; l++) {
        load_neurons(g, l);
    }
    for (size_t l = 1; l <= g->layers; l++) {
        load_projections(g, l, per_axon);
    }
    ck_assert_msg(ebb_network_finish(g->net) == EBB_OK, "%s: %s", g->path,
                  ebb_error_message());
}

struct golden *golden_open(const char *path, int per_axon)
{
    struct golden *g = calloc(1, sizeof(*g));
    snprintf(g->path, sizeof(g->path), "%s", path);
    ck_assert_int_eq(ebb_arena_create(&g->arena), EBB_OK);
    g->file = (long long)H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    ck_assert_msg(g->file >= 0, "cannot open %s", path);
    hid_t root = open_group(g, "/");
    g->ticks = (size_t)number(root, "T", 0);
    g->samples = (size_t)number(root, "n_samples", 0);
    g->layers = (size_t)number(root, "n_layers", 0);
    H5Gclose(root);
    load_network(g, per_axon);
    struct golden_array alpha = golden_read(g, "loss/vr_alpha");
    struct golden_array beta = golden_read(g, "loss/vr_beta");
    ck_assert_int_eq(ebb_kernel_alloc(&g->loss_kernel, g->arena,
                                      (unsigned)alpha.size,
                                      (unsigned)beta.size - 1, 1),
                     EBB_OK);
    memcpy(g->loss_kernel.alpha, alpha.v, alpha.size * sizeof(double));
    memcpy(g->loss_kernel.beta, beta.v, beta.size * sizeof(double));
    g->rows = golden_read(g, "sample0/ticks");
    return g;
}

void golden_close(struct golden *g)
{
    H5Fclose((hid_t)g->file);
    ebb_network_destroy(g->net);
    ebb_arena_destroy(g->arena);
    free(g);
}

struct golden_events golden_events(struct golden *g, size_t sample,
                                   const char *name, const char *values)
{
    struct golden_events e = {.pairs =
                                  golden_read(g, "sample%zu/%s", sample, name)};
    if (values) {
        e.values = golden_read(g, "sample%zu/%s", sample, values);
    }
    e.n = e.pairs.v ? e.pairs.dims[0] : 0;
    return e;
}

size_t golden_label(struct golden *g, size_t sample)
{
    char path[32];
    snprintf(path, sizeof(path), "sample%zu", sample);
    hid_t group = open_group(g, path);
    size_t label = (size_t)number(group, "label", 0);
    H5Gclose(group);
    return label;
}

void golden_projection_path(const struct golden *g, size_t projection,
                            char *out, size_t size)
{
    snprintf(out, size, "%s", g->net->projections[projection].name);
    for (char *c = out; *c; c++) {
        *c = *c == '.' ? '/' : *c;
    }
}
