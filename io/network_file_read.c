/* io/network_file_read.c - reading networks and checkpoints. */
#include "io/network_file.h"

#include "core/memory.h"
#include "core/nearest.h"
#include "io/h5.h"
#include "io/network_rows_file.h"
#include "io/network_space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 64 };

/* A member of /populations or /projections with its place in the network. */
struct member {
    char name[NAME_BYTES];
    hid_t group;
};

/* A network on its way. */
struct reading {
    struct ebb_network *net;
    uint64_t version;
    bool compact; /* sparse rows */
};

static void close_members(struct member *list, size_t n)
{
    for (size_t k = 0; list && k < n; k++) {
        if (list[k].group > 0) {
            H5Gclose(list[k].group);
        }
    }
    ebb_mem_free(list);
}

static ebb_status place_member(struct member *list, size_t n, hid_t all,
                               size_t k)
{
    char name[NAME_BYTES];
    hid_t group;
    uint64_t index = 0;
    EBB_TRY(ebb_h5_member(name, sizeof(name), all, k));
    EBB_TRY(ebb_h5_group(&group, all, name));
    ebb_status status = ebb_h5_get_count(&index, group, "index");
    if (status == EBB_OK && (index >= n || list[index].group > 0)) {
        status = EBB_FAIL(EBB_ERR_FORMAT,
                          "index = %llu; the %zu of them count from 0, each "
                          "once",
                          (unsigned long long)index, n);
    }
    if (status != EBB_OK) {
        H5Gclose(group);
        return ebb_error_prefix(status, "'%s': ", name);
    }
    memcpy(list[index].name, name, sizeof(name));
    list[index].group = group;
    return EBB_OK;
}

/* Members of a group in the order of their attribute `index`. */
static ebb_status open_members(struct member **out, size_t *n, hid_t file,
                               const char *group)
{
    hid_t all;
    EBB_TRY(ebb_h5_group(&all, file, group));
    *n = ebb_h5_members(all);
    struct member *list = ebb_mem_calloc(*n, sizeof(*list));
    ebb_status status =
        list ? EBB_OK
             : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu of %s", *n, group);
    for (size_t k = 0; k < *n && status == EBB_OK; k++) {
        status = place_member(list, *n, all, k);
    }
    H5Gclose(all);
    if (status != EBB_OK) {
        close_members(list, *n);
        return status;
    }
    *out = list;
    return EBB_OK;
}

static ebb_status get_values(struct ebb_network *net, struct ebb_values *values,
                             hid_t at, const char *name,
                             const struct ebb_population *p, bool optional)
{
    if (optional && !ebb_h5_has(at, name)) {
        return EBB_OK;
    }
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, at, name));
    if (shape.count != 1 && shape.count != p->n &&
        shape.count != p->grid.channels) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "%s has %zu values; give 1 or one for each of the %zu "
                        "neurons or %zu channels",
                        name, shape.count, p->n, p->grid.channels);
    }
    EBB_TRY(ebb_network_values(net, values, shape.count));
    return ebb_h5_read(values->v, at, name, H5T_NATIVE_DOUBLE, shape.count);
}

static ebb_status get_neuron(struct ebb_network *net, struct ebb_population *p,
                             hid_t at)
{
    char reset[16];
    EBB_TRY(ebb_h5_get_text(reset, sizeof(reset), at, "reset"));
    if (strcmp(reset, "hybrid") != 0 && strcmp(reset, "filter") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "reset is '%s'; it is filter or hybrid",
                        reset);
    }
    p->reset = reset[0] == 'h' ? EBB_RESET_HYBRID : EBB_RESET_FILTER;
    EBB_TRY(ebb_h5_get_count(&p->refractory_ticks, at, "refractory_ticks"));
    EBB_TRY(ebb_h5_get_number(&p->refractory_s, at, "refractory_s"));
    EBB_TRY(ebb_h5_get_number(&p->sigma, at, "sigma"));
    EBB_TRY(get_values(net, &p->lambda, at, "lambda", p, false));
    EBB_TRY(get_values(net, &p->theta, at, "theta", p, false));
    EBB_TRY(get_values(net, &p->v_th, at, "v_th", p, false));
    EBB_TRY(get_values(net, &p->bias, at, "bias", p, false));
    EBB_TRY(get_values(net, &p->v0, at, "v0", p, false));
    EBB_TRY(get_values(net, &p->v_reset, at, "v_reset", p, false));
    EBB_TRY(get_values(net, &p->tau_lambda, at, "tau_lambda_s", p, true));
    return get_values(net, &p->tau_theta, at, "tau_theta_s", p, true);
}

static ebb_status get_population(struct reading *r, const struct member *m)
{
    struct ebb_network *net = r->net;
    uint64_t n = 0, input = 0;
    size_t index = 0;
    EBB_TRY(ebb_h5_get_count(&n, m->group, "n"));
    EBB_TRY(ebb_h5_get_count(&input, m->group, "input"));
    EBB_TRY(ebb_network_add_population(net, m->name, n, input != 0, &index));
    EBB_TRY(ebb_network_space_get_population(net, index, m->group));
    return input ? EBB_OK : get_neuron(net, &net->populations[index], m->group);
}

static ebb_status fill_kernel(struct ebb_kernel *k, struct ebb_arena *arena,
                              hid_t at)
{
    char name[32], unit[8];
    uint64_t lag = 0, normalised = 0;
    struct ebb_kernel_spec *spec = &k->spec;
    EBB_TRY(ebb_h5_get_text(name, sizeof(name), at, "name"));
    EBB_TRY(ebb_h5_get_text(unit, sizeof(unit), at, "unit"));
    EBB_TRY(ebb_h5_get_number(&spec->tau_m, at, "tau_m"));
    EBB_TRY(ebb_h5_get_number(&spec->tau_s, at, "tau_s"));
    EBB_TRY(ebb_h5_get_count(&lag, at, "input_lag"));
    EBB_TRY(ebb_h5_get_count(&normalised, at, "normalised"));
    if (!ebb_kernel_shape_find(name, &spec->shape)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "no kernel is called '%s'", name);
    }
    spec->seconds = strcmp(unit, "s") == 0;
    if (!spec->seconds && strcmp(unit, "tick") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "unit is '%s'; it is tick or s", unit);
    }
    spec->input_lag = lag != 0;
    spec->normalised = normalised != 0;
    struct ebb_h5_shape alpha = {.rank = 2}, beta;
    if (ebb_h5_has(at, "alpha")) {
        EBB_TRY(ebb_h5_shape(&alpha, at, "alpha"));
    }
    EBB_TRY(ebb_h5_shape(&beta, at, "beta"));
    if (alpha.rank != 2 || beta.rank != 2 || beta.size[0] == 0 ||
        beta.size[0] > EBB_KERNEL_ORDER_Q_MAX + 1 || alpha.size[0] > 4096 ||
        (alpha.size[0] > 0 && alpha.size[1] != beta.size[1])) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "alpha is [P, n] and beta [Q + 1, n], n being 1 or "
                        "the number of axons");
    }
    EBB_TRY(ebb_kernel_alloc(k, arena, (unsigned)alpha.size[0],
                             (unsigned)beta.size[0] - 1, beta.size[1]));
    if (alpha.size[0] > 0) {
        EBB_TRY(
            ebb_h5_read(k->alpha, at, "alpha", H5T_NATIVE_DOUBLE, alpha.count));
    }
    return ebb_h5_read(k->beta, at, "beta", H5T_NATIVE_DOUBLE, beta.count);
}

static ebb_status get_dense(struct ebb_projection *p, hid_t at, size_t sources,
                            size_t targets)
{
    bool single = p->number == EBB_FLOAT32;
    size_t size = single ? sizeof(float) : sizeof(double);
    char *turned = ebb_mem_calloc(sources * targets, size);
    if (!turned) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to read weights");
    }
    ebb_status status = ebb_h5_read(
        turned, at, "weight", single ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE,
        sources * targets);
    for (size_t j = 0; j < sources && status == EBB_OK; j++) {
        char *row = (char *)p->weight + j * targets * size;
        for (size_t i = 0; i < targets; i++) {
            memcpy(row + i * size, turned + (i * sources + j) * size, size);
        }
    }
    ebb_mem_free(turned);
    return status;
}

static ebb_status find_end(const struct ebb_network *net, hid_t at,
                           const char *field, size_t *out)
{
    char name[NAME_BYTES];
    EBB_TRY(ebb_h5_get_text(name, sizeof(name), at, field));
    *out = ebb_network_find_population(net, name);
    if (*out < net->n_populations) {
        return EBB_OK;
    }
    const char *near =
        net->n_populations == 0
            ? NULL
            : ebb_nearest(name, (const char *const *)&net->populations[0].name,
                          net->n_populations, sizeof(net->populations[0]));
    return EBB_FAIL(EBB_ERR_FORMAT, "%s: no population is called '%s'%s%s%s",
                    field, name, near ? "; did you mean '" : "",
                    near ? near : "", near ? "'?" : "");
}

static ebb_status get_kind(enum ebb_projection_kind *out, hid_t at)
{
    char kind[16];
    EBB_TRY(ebb_h5_get_text(kind, sizeof(kind), at, "kind"));
    for (int k = EBB_PROJECTION_DENSE; k <= EBB_PROJECTION_CONV2D; k++) {
        *out = (enum ebb_projection_kind)k;
        if (strcmp(kind, ebb_projection_kind_name(*out)) == 0) {
            return EBB_OK;
        }
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "kind is '%s'; it is dense or sparse or conv2d", kind);
}

/* Where a projection goes from and to. */
struct ends {
    size_t source, target;
};

/* Sizes are compared before memory is taken for them. */
static ebb_status add_sparse(struct reading *r, const struct member *m,
                             struct ends ends, size_t *index)
{
    struct network_rows rows = {.name = m->name,
                                .at = m->group,
                                .source = ends.source,
                                .target = ends.target};
    EBB_TRY(network_rows_measure(&rows, r->net, r->version));
    return r->compact ? network_rows_get_compact(&rows, r->net, index)
                      : network_rows_get(&rows, r->net, index);
}

static ebb_status add_spatial(struct ebb_network *net, const struct member *m,
                              struct ends ends, bool convolves, size_t *index)
{
    struct ebb_h5_shape shape;
    bool single = false;
    struct ebb_conv conv;
    struct ebb_spatial space = {.conv = convolves ? &conv : NULL};
    const struct ebb_population *all = net->populations;
    EBB_TRY(ebb_h5_shape_of_weights(&shape, &single, m->group, "weight"));
    EBB_TRY(ebb_network_space_get_projection(
        &space, &conv, m->group, &all[ends.source], &all[ends.target], &shape));
    EBB_TRY(ebb_network_add_spatial(net, m->name, ends.source, ends.target,
                                    &space, single ? EBB_FLOAT32 : EBB_FLOAT64,
                                    index));
    struct ebb_projection *p = &net->projections[*index];
    if (!convolves) {
        return get_dense(p, m->group, p->n_inputs, all[ends.target].n);
    }
    return ebb_h5_read(p->weight, m->group, "weight",
                       single ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE,
                       p->synapses);
}

static ebb_status get_projection(struct reading *r, const struct member *m)
{
    struct ebb_network *net = r->net;
    struct ends ends = {0, 0};
    size_t index = 0;
    enum ebb_projection_kind kind;
    EBB_TRY(find_end(net, m->group, "source", &ends.source));
    EBB_TRY(find_end(net, m->group, "target", &ends.target));
    EBB_TRY(get_kind(&kind, m->group));
    EBB_TRY(
        kind == EBB_PROJECTION_SPARSE
            ? add_sparse(r, m, ends, &index)
            : add_spatial(net, m, ends, kind == EBB_PROJECTION_CONV2D, &index));
    struct ebb_projection *p = &net->projections[index];
    EBB_TRY(ebb_h5_get_count(&p->delay_ticks, m->group, "delay_ticks"));
    EBB_TRY(ebb_h5_get_number(&p->delay_s, m->group, "delay_s"));
    hid_t kernel;
    EBB_TRY(ebb_h5_group(&kernel, m->group, "kernel"));
    ebb_status status = fill_kernel(&p->kernel, net->arena, kernel);
    H5Gclose(kernel);
    return status;
}

static ebb_status get_all(struct reading *r, hid_t file, const char *group,
                          ebb_status (*get)(struct reading *r,
                                            const struct member *m))
{
    struct member *list = NULL;
    size_t n = 0;
    ebb_status status = open_members(&list, &n, file, group);
    for (size_t k = 0; k < n && status == EBB_OK; k++) {
        status = ebb_error_prefix(get(r, &list[k]), "'%s': ", list[k].name);
    }
    close_members(list, list ? n : 0);
    return ebb_error_prefix(status, "/%s: ", group);
}

static ebb_status check_format(hid_t file, uint64_t *version)
{
    char format[32];
    EBB_TRY(ebb_h5_get_text(format, sizeof(format), file, "format"));
    if (strcmp(format, "ebb network") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "this is '%s', but a network is wanted",
                        format);
    }
    EBB_TRY(ebb_h5_get_count(version, file, "version"));
    if (*version != 1 && *version != 2) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "version %llu; this program reads version 1 and 2",
                        (unsigned long long)*version);
    }
    return EBB_OK;
}

static ebb_status fill_network(struct reading *r, hid_t file)
{
    uint64_t strict = 0;
    EBB_TRY(check_format(file, &r->version));
    EBB_TRY(ebb_h5_get_number(&r->net->tick_s, file, "tick_s"));
    EBB_TRY(ebb_h5_get_count(&strict, file, "strict"));
    r->net->strict = strict != 0;
    EBB_TRY(get_all(r, file, "populations", get_population));
    EBB_TRY(get_all(r, file, "projections", get_projection));
    return ebb_network_finish(r->net);
}

static ebb_status read_network(struct ebb_network **out, const char *path,
                               bool compact)
{
    *out = NULL;
    hid_t file;
    EBB_TRY(ebb_h5_open(&file, path));
    struct reading r = {.compact = compact};
    ebb_status status = ebb_network_create(&r.net);
    if (status == EBB_OK) {
        status = fill_network(&r, file);
    }
    H5Fclose(file);
    if (status != EBB_OK) {
        ebb_network_destroy(r.net);
        return ebb_error_prefix(status, "%s: ", path);
    }
    *out = r.net;
    return EBB_OK;
}

ebb_status ebb_network_file_read(struct ebb_network **out, const char *path)
{
    return read_network(out, path, false);
}

ebb_status ebb_network_file_read_compact(struct ebb_network **out,
                                         const char *path)
{
    return read_network(out, path, true);
}

/* How it learns; the first checkpoints did not tell. */
static ebb_status fill_variant(struct ebb_checkpoint *c, hid_t at)
{
    uint64_t bf16 = 0;
    c->penalty = (double)NAN;
    if (H5Aexists(at, "kernels") <= 0) {
        return EBB_OK;
    }
    EBB_TRY(ebb_h5_get_text(c->kernels, sizeof(c->kernels), at, "kernels"));
    EBB_TRY(ebb_h5_get_count(&bf16, at, "bf16"));
    EBB_TRY(ebb_h5_get_number(&c->penalty, at, "penalty"));
    c->bf16 = bf16 != 0;
    if (isinf(c->penalty) || c->penalty < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "/training: the attribute 'penalty' is %g; it must be "
                        "0 or above, or NaN",
                        c->penalty);
    }
    return EBB_OK;
}

static ebb_status fill_checkpoint(struct ebb_checkpoint *c, hid_t at)
{
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_get_count(&c->steps, at, "steps"));
    EBB_TRY(ebb_h5_get_count(&c->epoch, at, "epoch"));
    EBB_TRY(ebb_h5_get_count(&c->step, at, "step"));
    EBB_TRY(ebb_h5_get_count(&c->seed, at, "seed"));
    EBB_TRY(ebb_h5_get_count(&c->samples, at, "samples"));
    EBB_TRY(ebb_h5_get_count(&c->scaled, at, "scaled"));
    EBB_TRY(ebb_h5_get_count(&c->stale, at, "stale"));
    EBB_TRY(ebb_h5_get_number(&c->loss_sum, at, "loss_sum"));
    EBB_TRY(ebb_h5_get_number(&c->best_loss, at, "best_loss"));
    EBB_TRY(ebb_h5_get_number(&c->best_right, at, "best_right"));
    EBB_TRY(ebb_h5_get_count(&c->best_epoch, at, "best_epoch"));
    EBB_TRY(fill_variant(c, at));
    EBB_TRY(ebb_h5_shape(&shape, at, "x"));
    c->n = shape.count;
    return EBB_OK;
}

static ebb_status fill_array(float *out, size_t n, hid_t at, const char *name)
{
    EBB_TRY(ebb_h5_read(out, at, name, H5T_NATIVE_FLOAT, n));
    for (size_t k = 0; k < n; k++) {
        if (!isfinite(out[k])) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "/training: %s[%zu] = %g is no finite number", name,
                            k, (double)out[k]);
        }
    }
    return EBB_OK;
}

static ebb_status fill_arrays(const struct ebb_checkpoint *c, hid_t at)
{
    EBB_TRY(fill_array(c->x, c->n, at, "x"));
    EBB_TRY(fill_array(c->m, c->n, at, "m"));
    return fill_array(c->v, c->n, at, "v");
}

ebb_status ebb_checkpoint_read(struct ebb_checkpoint *out, const char *path)
{
    *out = (struct ebb_checkpoint){.n = 0};
    hid_t file, at;
    uint64_t version = 0;
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = check_format(file, &version);
    if (status == EBB_OK && !ebb_h5_has(file, "training")) {
        status = EBB_FAIL(EBB_ERR_FORMAT,
                          "a network, but no checkpoint of its training");
    }
    if (status == EBB_OK) {
        status = ebb_h5_group(&at, file, "training");
    }
    if (status == EBB_OK) {
        status = fill_checkpoint(out, at);
        H5Gclose(at);
    }
    H5Fclose(file);
    return ebb_error_prefix(status, "%s: ", path);
}

ebb_status ebb_checkpoint_read_arrays(const struct ebb_checkpoint *c,
                                      const char *path)
{
    hid_t file, at;
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = ebb_h5_group(&at, file, "training");
    if (status == EBB_OK) {
        status = fill_arrays(c, at);
        H5Gclose(at);
    }
    H5Fclose(file);
    return ebb_error_prefix(status, "%s: ", path);
}
