/* io/network_file.c - writing networks and checkpoints. */
#include "io/network_file.h"

#include "core/memory.h"
#include "io/h5.h"
#include "io/network_file_parts.h"
#include "io/network_rows_file.h"
#include "io/network_space.h"

#include <string.h>

static ebb_status put_values(hid_t at, const char *name,
                             struct ebb_values values)
{
    if (values.n == 0) {
        return EBB_OK; /* not given */
    }
    struct ebb_h5_shape shape = ebb_h5_shape_1(values.n);
    return ebb_h5_write(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &shape,
                        values.v, true);
}

static ebb_status fill_population(hid_t at, const struct ebb_population *p,
                                  size_t index)
{
    EBB_TRY(ebb_h5_put_count(at, "index", index));
    EBB_TRY(ebb_h5_put_count(at, "n", p->n));
    EBB_TRY(ebb_h5_put_count(at, "input", p->input));
    EBB_TRY(ebb_network_space_put_population(at, p));
    if (p->input) {
        return EBB_OK;
    }
    bool hybrid = p->reset == EBB_RESET_HYBRID;
    EBB_TRY(ebb_h5_put_text(at, "reset", hybrid ? "hybrid" : "filter"));
    EBB_TRY(ebb_h5_put_count(at, "refractory_ticks", p->refractory_ticks));
    EBB_TRY(ebb_h5_put_number(at, "refractory_s", p->refractory_s));
    EBB_TRY(ebb_h5_put_number(at, "sigma", p->sigma));
    EBB_TRY(put_values(at, "lambda", p->lambda));
    EBB_TRY(put_values(at, "theta", p->theta));
    EBB_TRY(put_values(at, "v_th", p->v_th));
    EBB_TRY(put_values(at, "bias", p->bias));
    EBB_TRY(put_values(at, "v0", p->v0));
    EBB_TRY(put_values(at, "v_reset", p->v_reset));
    EBB_TRY(put_values(at, "tau_lambda_s", p->tau_lambda));
    return put_values(at, "tau_theta_s", p->tau_theta);
}

static ebb_status fill_kernel(hid_t at, const struct ebb_kernel *k)
{
    const struct ebb_kernel_spec *spec = &k->spec;
    EBB_TRY(ebb_h5_put_text(at, "name", ebb_kernel_shape_name(spec->shape)));
    EBB_TRY(ebb_h5_put_number(at, "tau_m", spec->tau_m));
    EBB_TRY(ebb_h5_put_number(at, "tau_s", spec->tau_s));
    EBB_TRY(ebb_h5_put_text(at, "unit", spec->seconds ? "s" : "tick"));
    EBB_TRY(ebb_h5_put_count(at, "input_lag", (uint64_t)spec->input_lag));
    EBB_TRY(ebb_h5_put_count(at, "normalised", spec->normalised));
    if (k->order_p > 0) {
        struct ebb_h5_shape shape = ebb_h5_shape_2(k->order_p, k->n);
        EBB_TRY(ebb_h5_write(at, "alpha", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                             &shape, k->alpha, true));
    }
    struct ebb_h5_shape shape = ebb_h5_shape_2(k->order_q + 1, k->n);
    return ebb_h5_write(at, "beta", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &shape,
                        k->beta, true);
}

/* Weights [source][target] of memory as [target, source] of the file. */
static ebb_status put_dense(hid_t at, const struct ebb_projection *p,
                            size_t sources, size_t targets)
{
    bool single = p->number == EBB_FLOAT32;
    size_t size = single ? sizeof(float) : sizeof(double);
    char *turned = ebb_mem_calloc(sources * targets, size);
    if (!turned) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to write weights");
    }
    for (size_t j = 0; j < sources; j++) {
        const char *row = (const char *)p->weight + j * targets * size;
        for (size_t i = 0; i < targets; i++) {
            memcpy(turned + (i * sources + j) * size, row + i * size, size);
        }
    }
    struct ebb_h5_shape shape = ebb_h5_shape_2(targets, sources);
    ebb_status status = ebb_h5_write(
        at, "weight", single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE,
        single ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE, &shape, turned, false);
    ebb_mem_free(turned);
    return status;
}

static ebb_status put_weights(hid_t at, const struct ebb_network *net,
                              const struct ebb_projection *p, bool *constant)
{
    switch (p->kind) {
    case EBB_PROJECTION_DENSE:
        return put_dense(at, p, p->n_inputs, net->populations[p->target].n);
    case EBB_PROJECTION_SPARSE:
        return network_rows_put(at, p, net->populations[p->source].n, constant);
    case EBB_PROJECTION_CONV2D:
        break;
    }
    return EBB_OK; /* with the rest of what it does in space */
}

static ebb_status fill_projection(hid_t at, const struct ebb_network *net,
                                  size_t index, bool *constant)
{
    const struct ebb_projection *p = &net->projections[index];
    const struct ebb_population *source = &net->populations[p->source];
    const struct ebb_population *target = &net->populations[p->target];
    EBB_TRY(ebb_h5_put_count(at, "index", index));
    EBB_TRY(ebb_h5_put_text(at, "source", source->name));
    EBB_TRY(ebb_h5_put_text(at, "target", target->name));
    EBB_TRY(ebb_h5_put_text(at, "kind", ebb_projection_kind_name(p->kind)));
    EBB_TRY(ebb_h5_put_count(at, "delay_ticks", p->delay_ticks));
    EBB_TRY(ebb_h5_put_number(at, "delay_s", p->delay_s));
    EBB_TRY(put_weights(at, net, p, constant));
    EBB_TRY(ebb_network_space_put_projection(at, p));
    hid_t kernel;
    EBB_TRY(ebb_h5_group_create(&kernel, at, "kernel"));
    ebb_status status = fill_kernel(kernel, &p->kernel);
    H5Gclose(kernel);
    return status;
}

static ebb_status put_populations(hid_t file, const struct ebb_network *net)
{
    hid_t all;
    EBB_TRY(ebb_h5_group_create(&all, file, "populations"));
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < net->n_populations && status == EBB_OK; k++) {
        hid_t at;
        status = ebb_h5_group_create(&at, all, net->populations[k].name);
        if (status == EBB_OK) {
            status = fill_population(at, &net->populations[k], k);
            H5Gclose(at);
        }
    }
    H5Gclose(all);
    return status;
}

static ebb_status put_projections(hid_t file, const struct ebb_network *net,
                                  bool *constant)
{
    hid_t all;
    EBB_TRY(ebb_h5_group_create(&all, file, "projections"));
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < net->n_projections && status == EBB_OK; k++) {
        hid_t at;
        status = ebb_h5_group_create(&at, all, net->projections[k].name);
        if (status == EBB_OK) {
            status = fill_projection(at, net, k, constant);
            H5Gclose(at);
        }
    }
    H5Gclose(all);
    return status;
}

static ebb_status fill_training(hid_t at, const struct ebb_checkpoint *c)
{
    EBB_TRY(ebb_h5_put_count(at, "steps", c->steps));
    EBB_TRY(ebb_h5_put_count(at, "epoch", c->epoch));
    EBB_TRY(ebb_h5_put_count(at, "step", c->step));
    EBB_TRY(ebb_h5_put_count(at, "seed", c->seed));
    EBB_TRY(ebb_h5_put_count(at, "samples", c->samples));
    EBB_TRY(ebb_h5_put_count(at, "scaled", c->scaled));
    EBB_TRY(ebb_h5_put_count(at, "stale", c->stale));
    EBB_TRY(ebb_h5_put_number(at, "loss_sum", c->loss_sum));
    EBB_TRY(ebb_h5_put_number(at, "best_loss", c->best_loss));
    EBB_TRY(ebb_h5_put_number(at, "best_right", c->best_right));
    EBB_TRY(ebb_h5_put_count(at, "best_epoch", c->best_epoch));
    if (c->kernels[0]) {
        EBB_TRY(ebb_h5_put_text(at, "kernels", c->kernels));
        EBB_TRY(ebb_h5_put_count(at, "bf16", c->bf16));
        EBB_TRY(ebb_h5_put_number(at, "penalty", c->penalty));
    }
    const struct {
        const char *name;
        const float *data;
    } arrays[] = {{"x", c->x}, {"m", c->m}, {"v", c->v}};
    struct ebb_h5_shape shape = ebb_h5_shape_1(c->n);
    for (size_t k = 0; k < 3; k++) {
        EBB_TRY(ebb_h5_write(at, arrays[k].name, H5T_IEEE_F32LE,
                             H5T_NATIVE_FLOAT, &shape, arrays[k].data, false));
    }
    return EBB_OK;
}

ebb_status ebb_network_file_fill(hid_t file, const struct ebb_network *net,
                                 const struct ebb_checkpoint *training)
{
    EBB_TRY(ebb_h5_put_text(file, "format", "ebb network"));
    bool constant = false;
    EBB_TRY(ebb_h5_put_number(file, "tick_s", net->tick_s));
    EBB_TRY(ebb_h5_put_count(file, "strict", net->strict));
    EBB_TRY(ebb_h5_put_count(file, "hash", ebb_network_hash(net)));
    EBB_TRY(put_populations(file, net));
    EBB_TRY(put_projections(file, net, &constant));
    EBB_TRY(ebb_h5_put_count(file, "version", constant ? 2 : 1));
    if (!training) {
        return EBB_OK;
    }
    hid_t at;
    EBB_TRY(ebb_h5_group_create(&at, file, "training"));
    ebb_status status = fill_training(at, training);
    H5Gclose(at);
    return status;
}

ebb_status ebb_network_file_write(const char *path,
                                  const struct ebb_network *net,
                                  const struct ebb_checkpoint *training)
{
    hid_t file;
    EBB_TRY(ebb_h5_begin(&file, path));
    ebb_status status = ebb_network_file_fill(file, net, training);
    if (status != EBB_OK) {
        ebb_h5_abandon(file, path);
        return ebb_error_prefix(status, "%s: ", path);
    }
    return ebb_h5_commit(file, path);
}
