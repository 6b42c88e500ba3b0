/* io/gradients_file.c - gradients in HDF5. */
#include "io/gradients_file.h"

#include "io/h5.h"
#include "io/network_space.h"

#include <stdio.h>

static ebb_status put(hid_t at, const char *name, const double *values,
                      struct ebb_h5_shape shape)
{
    return shape.count == 0
               ? EBB_OK
               : ebb_h5_write(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                              &shape, values, true);
}

static ebb_status fill_population(hid_t at, const struct ebb_population *p,
                                  const struct ebb_gradients_of_population *g)
{
    struct ebb_h5_shape shape = ebb_h5_shape_1(p->n);
    EBB_TRY(put(at, "bias", g->bias, shape));
    EBB_TRY(put(at, "lambda", g->lambda, shape));
    EBB_TRY(put(at, "theta", g->theta, shape));
    return put(at, "v_th", g->v_th, shape);
}

/* [source][target] of memory as [target, source] of the file. */
static ebb_status put_dense(hid_t at, const double *weight, size_t sources,
                            size_t targets)
{
    double *turned = ebb_mem_calloc(sources * targets, sizeof(*turned));
    if (!turned) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to write gradients");
    }
    for (size_t j = 0; j < sources; j++) {
        for (size_t i = 0; i < targets; i++) {
            turned[i * sources + j] = weight[j * targets + i];
        }
    }
    ebb_status status =
        put(at, "weight", turned, ebb_h5_shape_2(targets, sources));
    ebb_mem_free(turned);
    return status;
}

static ebb_status put_weights(hid_t at, const struct ebb_network *net,
                              const struct ebb_projection *p,
                              const double *weight)
{
    switch (p->kind) {
    case EBB_PROJECTION_DENSE:
        return put_dense(at, weight, p->n_inputs,
                         net->populations[p->target].n);
    case EBB_PROJECTION_SPARSE:
        return put(at, "data", weight, ebb_h5_shape_1(p->synapses));
    case EBB_PROJECTION_CONV2D:
        break;
    }
    return put(at, "weight", weight, ebb_network_space_weights(p));
}

static ebb_status fill_projection(hid_t at, const struct ebb_network *net,
                                  const struct ebb_projection *p,
                                  const struct ebb_gradients_of_projection *g)
{
    size_t sources = net->populations[p->source].n;
    hid_t kernel;
    EBB_TRY(put_weights(at, net, p, g->weight));
    EBB_TRY(ebb_h5_group_create(&kernel, at, "kernel"));
    ebb_status status = put(kernel, "alpha", g->alpha,
                            ebb_h5_shape_2(p->kernel.order_p, sources));
    if (status == EBB_OK) {
        status = put(kernel, "beta", g->beta,
                     ebb_h5_shape_2(p->kernel.order_q + 1, sources));
    }
    H5Gclose(kernel);
    return status;
}

static ebb_status fill_populations(hid_t all, const struct ebb_network *net,
                                   const struct ebb_gradients *g)
{
    for (size_t k = 0; k < net->n_populations; k++) {
        const struct ebb_population *p = &net->populations[k];
        hid_t at;
        if (p->input) {
            continue;
        }
        EBB_TRY(ebb_h5_group_create(&at, all, p->name));
        ebb_status status = fill_population(at, p, &g->populations[k]);
        H5Gclose(at);
        EBB_TRY(status);
    }
    return EBB_OK;
}

static ebb_status fill_projections(hid_t all, const struct ebb_network *net,
                                   const struct ebb_gradients *g)
{
    for (size_t k = 0; k < net->n_projections; k++) {
        const struct ebb_projection *p = &net->projections[k];
        hid_t at;
        EBB_TRY(ebb_h5_group_create(&at, all, p->name));
        ebb_status status = fill_projection(at, net, p, &g->projections[k]);
        H5Gclose(at);
        EBB_TRY(status);
    }
    return EBB_OK;
}

static ebb_status fill(hid_t file, const struct ebb_network *net,
                       const struct ebb_gradients *g)
{
    char hash[20];
    hid_t at;
    snprintf(hash, sizeof(hash), "%016llx",
             (unsigned long long)ebb_network_hash(net));
    EBB_TRY(ebb_h5_put_text(file, "format", "ebb gradients"));
    EBB_TRY(ebb_h5_put_count(file, "version", 1));
    EBB_TRY(ebb_h5_put_text(file, "network_hash", hash));
    EBB_TRY(ebb_h5_put_number(file, "loss", g->loss));
    EBB_TRY(ebb_h5_group_create(&at, file, "populations"));
    ebb_status status = fill_populations(at, net, g);
    H5Gclose(at);
    EBB_TRY(status);
    EBB_TRY(ebb_h5_group_create(&at, file, "projections"));
    status = fill_projections(at, net, g);
    H5Gclose(at);
    return status;
}

ebb_status ebb_gradients_file_write(const char *path,
                                    const struct ebb_network *net,
                                    const struct ebb_gradients *g)
{
    hid_t file;
    EBB_TRY(ebb_h5_begin(&file, path));
    ebb_status status = fill(file, net, g);
    if (status != EBB_OK) {
        ebb_h5_abandon(file, path);
        return ebb_error_prefix(status, "%s: ", path);
    }
    return ebb_h5_commit(file, path);
}
