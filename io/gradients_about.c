/* io/gradients_about.c - what a file of gradients holds. */
#include "io/gradients_file.h"

#include "core/memory.h"
#include "io/h5.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MEMBER_BYTES = 128, GROUP_BYTES = 160, KERNEL_BYTES = 176 };

static void find_largest(struct ebb_gradient_array *a, const double *g,
                         size_t count)
{
    size_t width = a->columns ? a->columns : 1;
    for (size_t k = 0; k < count && !isnan(a->largest); k++) {
        double size = fabs(g[k]);
        if (size > a->largest || isnan(size)) {
            a->largest = size;
            a->row = k / width;
            a->column = k % width;
        }
    }
}

static ebb_status measure(struct ebb_gradient_array *a, hid_t at,
                          const char *dataset)
{
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, at, dataset));
    if (shape.rank < 1) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'%s' has %d dimensions", dataset,
                        shape.rank);
    }
    a->rows = (size_t)shape.size[0];
    a->columns = shape.rank > 1 && a->rows > 0 ? shape.count / a->rows : 0;
    double *g = ebb_mem_calloc(shape.count, sizeof(*g));
    if (!g) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu gradients",
                        shape.count);
    }
    ebb_status status =
        ebb_h5_read(g, at, dataset, H5T_NATIVE_DOUBLE, shape.count);
    if (status == EBB_OK) {
        find_largest(a, g, shape.count);
    }
    ebb_mem_free(g);
    return status;
}

/* The arrays of a group that are there, of a list of names. */
static ebb_status take(struct ebb_gradients_about *out, hid_t at,
                       const char *group, const char *const *names, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (!ebb_h5_has(at, names[k])) {
            continue;
        }
        EBB_TRY(ebb_mem_grow(&out->arrays, &out->room, out->n + 1,
                             sizeof(*out->arrays)));
        struct ebb_gradient_array *a = &out->arrays[out->n];
        snprintf(a->name, sizeof(a->name), "%s/%s", group, names[k]);
        EBB_TRY(ebb_error_prefix(measure(a, at, names[k]), "/%s: ", group));
        out->n++;
    }
    return EBB_OK;
}

static ebb_status take_kernel(struct ebb_gradients_about *out, hid_t at,
                              const char *group)
{
    static const char *const names[] = {"alpha", "beta"};
    char name[KERNEL_BYTES];
    hid_t kernel;
    if (!ebb_h5_has(at, "kernel")) {
        return EBB_OK;
    }
    EBB_TRY(ebb_h5_group(&kernel, at, "kernel"));
    snprintf(name, sizeof(name), "%s/kernel", group);
    ebb_status status = take(out, kernel, name, names, 2);
    H5Gclose(kernel);
    return status;
}

static ebb_status take_member(struct ebb_gradients_about *out, hid_t all,
                              const char *kind, size_t index)
{
    static const char *const names[] = {"bias", "lambda", "theta",
                                        "v_th", "weight", "data"};
    char member[MEMBER_BYTES], group[GROUP_BYTES];
    hid_t at;
    EBB_TRY(ebb_h5_member(member, sizeof(member), all, index));
    EBB_TRY(ebb_h5_group(&at, all, member));
    snprintf(group, sizeof(group), "%s/%s", kind, member);
    ebb_status status =
        take(out, at, group, names, sizeof(names) / sizeof(names[0]));
    status = status ? status : take_kernel(out, at, group);
    H5Gclose(at);
    return status;
}

static ebb_status take_kind(struct ebb_gradients_about *out, hid_t file,
                            const char *kind)
{
    hid_t all;
    EBB_TRY(ebb_h5_group(&all, file, kind));
    ebb_status status = EBB_OK;
    size_t n = ebb_h5_members(all);
    for (size_t k = 0; k < n && status == EBB_OK; k++) {
        status = take_member(out, all, kind, k);
    }
    H5Gclose(all);
    return status;
}

static ebb_status read_all(struct ebb_gradients_about *out, hid_t file)
{
    char format[32];
    EBB_TRY(ebb_h5_get_text(format, sizeof(format), file, "format"));
    if (strcmp(format, "ebb gradients") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "format '%s'; gradients have 'ebb gradients'", format);
    }
    EBB_TRY(ebb_h5_get_text(out->network_hash, sizeof(out->network_hash), file,
                            "network_hash"));
    EBB_TRY(ebb_h5_get_number(&out->loss, file, "loss"));
    EBB_TRY(take_kind(out, file, "populations"));
    return take_kind(out, file, "projections");
}

ebb_status ebb_gradients_about_read(struct ebb_gradients_about *out,
                                    const char *path)
{
    hid_t file;
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = read_all(out, file);
    H5Fclose(file);
    return ebb_error_prefix(status, "%s: ", path);
}

void ebb_gradients_about_finish(struct ebb_gradients_about *about)
{
    ebb_mem_free(about->arrays);
    *about = (struct ebb_gradients_about){.n = 0};
}
