/* io/association_file.c - associative memories in files. */
#include "io/association_file.h"

#include "io/network_file_parts.h"

#include <string.h>

static ebb_status put_patterns(hid_t at, const struct ebb_assemblies *a)
{
    struct ebb_h5_shape shape = ebb_h5_shape_2(a->n, a->cells);
    EBB_TRY(ebb_h5_put_count(at, "neurons", a->neurons));
    return ebb_h5_write(at, "cells", H5T_STD_U32LE, H5T_NATIVE_UINT32, &shape,
                        a->cell, true);
}

static ebb_status put_params(hid_t at, const struct ebb_association_params *p)
{
    const struct ebb_kernel_spec *k = &p->kernel;
    EBB_TRY(ebb_h5_put_text(at, "kind", ebb_association_name(p->kind)));
    EBB_TRY(ebb_h5_put_number(at, "connect", p->connect));
    EBB_TRY(ebb_h5_put_number(at, "threshold", p->threshold));
    EBB_TRY(ebb_h5_put_count(at, "delay_ticks", p->delay_ticks));
    EBB_TRY(ebb_h5_put_text(at, "kernel", ebb_kernel_shape_name(k->shape)));
    EBB_TRY(ebb_h5_put_number(at, "tau_m", k->tau_m));
    EBB_TRY(ebb_h5_put_number(at, "tau_s", k->tau_s));
    EBB_TRY(ebb_h5_put_number(at, "lambda", p->lambda));
    EBB_TRY(ebb_h5_put_number(at, "theta", p->theta));
    EBB_TRY(ebb_h5_put_count(at, "hybrid", p->reset == EBB_RESET_HYBRID));
    EBB_TRY(ebb_h5_put_count(at, "refractory_ticks", p->refractory_ticks));
    EBB_TRY(ebb_h5_put_number(at, "tick_s", p->tick_s));
    EBB_TRY(ebb_h5_put_count(at, "inhibitory", p->inhibitory));
    EBB_TRY(ebb_h5_put_number(at, "inhibition", p->inhibition));
    EBB_TRY(ebb_h5_put_count(at, "weight_bits", p->weight_bits));
    return ebb_h5_put_count(at, "seed", p->seed);
}

static ebb_status fill(hid_t file, const struct ebb_network *net,
                       const struct ebb_association_params *params,
                       const struct ebb_assemblies *patterns)
{
    hid_t at;
    EBB_TRY(ebb_network_file_fill(file, net, NULL));
    EBB_TRY(ebb_h5_group_create(&at, file, "memory"));
    ebb_status status = put_params(at, params);
    if (status == EBB_OK) {
        status = put_patterns(at, patterns);
    }
    H5Gclose(at);
    return status;
}

ebb_status
ebb_association_file_write(const char *path, const struct ebb_network *net,
                           const struct ebb_association_params *params,
                           const struct ebb_assemblies *patterns)
{
    hid_t file;
    EBB_TRY(ebb_h5_begin(&file, path));
    ebb_status status = fill(file, net, params, patterns);
    if (status != EBB_OK) {
        ebb_h5_abandon(file, path);
        return ebb_error_prefix(status, "%s: ", path);
    }
    return ebb_h5_commit(file, path);
}

static ebb_status find_kind(struct ebb_association_params *p, const char *kind)
{
    for (size_t k = 0; k < EBB_ASSOCIATIONS; k++) {
        if (strcmp(kind, ebb_association_name(k)) == 0) {
            p->kind = (enum ebb_association_kind)k;
            return EBB_OK;
        }
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "kind is '%s'; it is willshaw, hopfield or attractor",
                    kind);
}

static ebb_status get_kernel(struct ebb_kernel_spec *k, hid_t at)
{
    char name[32];
    *k = (struct ebb_kernel_spec){.input_lag = 1};
    EBB_TRY(ebb_h5_get_text(name, sizeof(name), at, "kernel"));
    EBB_TRY(ebb_h5_get_number(&k->tau_m, at, "tau_m"));
    EBB_TRY(ebb_h5_get_number(&k->tau_s, at, "tau_s"));
    if (!ebb_kernel_shape_find(name, &k->shape) || k->shape == EBB_KERNEL_IIR) {
        return EBB_FAIL(EBB_ERR_FORMAT, "no kernel of a memory is called '%s'",
                        name);
    }
    return EBB_OK;
}

/* Of later files alone. */
static ebb_status get_weight_bits(struct ebb_association_params *p, hid_t at)
{
    uint64_t bits = 0;
    if (H5Aexists(at, "weight_bits") > 0) {
        EBB_TRY(ebb_h5_get_count(&bits, at, "weight_bits"));
    }
    if (bits != 0 && bits != 8) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "weight_bits is %llu; it is 0 (float) or 8",
                        (unsigned long long)bits);
    }
    p->weight_bits = (unsigned)bits;
    return EBB_OK;
}

static ebb_status get_params(struct ebb_association_params *p, hid_t at)
{
    char kind[16];
    uint64_t hybrid = 0, inhibitory = 0;
    EBB_TRY(ebb_h5_get_text(kind, sizeof(kind), at, "kind"));
    EBB_TRY(find_kind(p, kind));
    EBB_TRY(ebb_h5_get_number(&p->connect, at, "connect"));
    EBB_TRY(ebb_h5_get_number(&p->threshold, at, "threshold"));
    EBB_TRY(ebb_h5_get_count(&p->delay_ticks, at, "delay_ticks"));
    EBB_TRY(get_kernel(&p->kernel, at));
    EBB_TRY(ebb_h5_get_number(&p->lambda, at, "lambda"));
    EBB_TRY(ebb_h5_get_number(&p->theta, at, "theta"));
    EBB_TRY(ebb_h5_get_count(&hybrid, at, "hybrid"));
    EBB_TRY(ebb_h5_get_count(&p->refractory_ticks, at, "refractory_ticks"));
    EBB_TRY(ebb_h5_get_number(&p->tick_s, at, "tick_s"));
    EBB_TRY(ebb_h5_get_count(&inhibitory, at, "inhibitory"));
    EBB_TRY(ebb_h5_get_number(&p->inhibition, at, "inhibition"));
    EBB_TRY(ebb_h5_get_count(&p->seed, at, "seed"));
    EBB_TRY(get_weight_bits(p, at));
    p->reset = hybrid ? EBB_RESET_HYBRID : EBB_RESET_FILTER;
    p->inhibitory = inhibitory;
    return EBB_OK;
}

/* An attribute alone may claim any number of neurons; rows are there. */
static ebb_status check_neurons(hid_t recall, uint64_t neurons)
{
    struct ebb_h5_shape rows;
    EBB_TRY(ebb_h5_shape(&rows, recall, "indptr"));
    if (rows.count != neurons + 1) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "patterns of %llu neurons beside a memory of %zu rows",
                        (unsigned long long)neurons, rows.count);
    }
    return EBB_OK;
}

static ebb_status get_patterns(struct ebb_assemblies *a, hid_t at, hid_t recall)
{
    struct ebb_h5_shape shape;
    uint64_t neurons = 0;
    EBB_TRY(ebb_h5_get_count(&neurons, at, "neurons"));
    EBB_TRY(check_neurons(recall, neurons));
    EBB_TRY(ebb_h5_shape(&shape, at, "cells"));
    if (shape.rank != 2) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "cells has %d dimensions; it is "
                        "[pattern, cell]",
                        shape.rank);
    }
    EBB_TRY(ebb_assemblies_create(a, neurons, shape.size[0], shape.size[1]));
    EBB_TRY(ebb_h5_read(a->cell, at, "cells", H5T_NATIVE_UINT32, shape.count));
    return ebb_assemblies_index(a);
}

static ebb_status get(struct ebb_assemblies *patterns,
                      struct ebb_association_params *params, hid_t file)
{
    hid_t at, projections, recall;
    if (!ebb_h5_has(file, "memory")) {
        return EBB_FAIL(EBB_ERR_FORMAT, "no patterns are stored beside this "
                                        "network: ebb memory build makes one "
                                        "that has them");
    }
    EBB_TRY(ebb_h5_group(&projections, file, "projections"));
    ebb_status status = ebb_h5_group(&recall, projections, "recall");
    H5Gclose(projections);
    EBB_TRY(status);
    status = ebb_h5_group(&at, file, "memory");
    if (status == EBB_OK) {
        status = get_params(params, at);
        status = status ? status : get_patterns(patterns, at, recall);
        status = status ? status : ebb_association_settle(params, patterns);
        H5Gclose(at);
    }
    H5Gclose(recall);
    return ebb_error_prefix(status, "/memory: ");
}

ebb_status ebb_association_file_has(bool *out, const char *path)
{
    hid_t file;
    EBB_TRY(ebb_h5_open(&file, path));
    *out = ebb_h5_has(file, "memory");
    H5Fclose(file);
    return EBB_OK;
}

ebb_status ebb_association_file_read(struct ebb_assemblies *patterns,
                                     struct ebb_association_params *params,
                                     const char *path)
{
    hid_t file;
    *patterns = (struct ebb_assemblies){0};
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = get(patterns, params, file);
    H5Fclose(file);
    if (status != EBB_OK) {
        ebb_assemblies_finish(patterns);
    }
    return ebb_error_prefix(status, "%s: ", path);
}
