/* io/network_space.c - shapes, convolutions and pooling in network files. */
#include "io/network_space.h"

#include <string.h>

static ebb_status put_counts(hid_t at, const char *name, const size_t *counts,
                             size_t n)
{
    uint64_t data[3];
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    for (size_t k = 0; k < n; k++) {
        data[k] = counts[k];
    }
    return ebb_h5_write(at, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &shape,
                        data, false);
}

static ebb_status get_counts(size_t *counts, size_t n, hid_t at,
                             const char *name)
{
    uint64_t data[3];
    EBB_TRY(ebb_h5_read(data, at, name, H5T_NATIVE_UINT64, n));
    for (size_t k = 0; k < n; k++) {
        counts[k] = (size_t)data[k];
    }
    return EBB_OK;
}

ebb_status ebb_network_space_put_population(hid_t at,
                                            const struct ebb_population *p)
{
    const size_t shape[] = {p->grid.channels, p->grid.rows, p->grid.columns};
    return p->grid.channels == p->n ? EBB_OK
                                    : put_counts(at, "shape", shape, 3);
}

ebb_status ebb_network_space_get_population(struct ebb_network *net,
                                            size_t population, hid_t at)
{
    size_t shape[3];
    if (!ebb_h5_has(at, "shape")) {
        return EBB_OK;
    }
    EBB_TRY(get_counts(shape, 3, at, "shape"));
    return ebb_network_set_grid(
        net, population, (struct ebb_grid){shape[0], shape[1], shape[2]});
}

static ebb_status put_pool(hid_t at, const struct ebb_pool *pool)
{
    hid_t own;
    EBB_TRY(ebb_h5_group_create(&own, at, "pool"));
    ebb_status status =
        ebb_h5_put_text(own, "kind", ebb_pool_kind_name(pool->kind));
    status = status ? status : put_counts(own, "size", pool->size, 2);
    status = status ? status : put_counts(own, "stride", pool->stride, 2);
    H5Gclose(own);
    return status;
}

struct ebb_h5_shape ebb_network_space_weights(const struct ebb_projection *p)
{
    return (struct ebb_h5_shape){.rank = 4,
                                 .size = {p->to.channels,
                                          p->inputs.channels / p->conv.groups,
                                          p->conv.size[0], p->conv.size[1]},
                                 .count = p->synapses};
}

static ebb_status put_conv(hid_t at, const struct ebb_projection *p)
{
    bool single = p->number == EBB_FLOAT32;
    struct ebb_h5_shape shape = ebb_network_space_weights(p);
    EBB_TRY(put_counts(at, "stride", p->conv.stride, 2));
    EBB_TRY(put_counts(at, "padding", p->conv.padding, 2));
    EBB_TRY(put_counts(at, "dilation", p->conv.dilation, 2));
    EBB_TRY(ebb_h5_put_count(at, "groups", p->conv.groups));
    return ebb_h5_write(at, "weight", single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE,
                        single ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE, &shape,
                        p->weight, false);
}

ebb_status ebb_network_space_put_projection(hid_t at,
                                            const struct ebb_projection *p)
{
    if (p->pool.kind != EBB_POOL_NONE) {
        EBB_TRY(put_pool(at, &p->pool));
    }
    return p->kind == EBB_PROJECTION_CONV2D ? put_conv(at, p) : EBB_OK;
}

static ebb_status fill_pool(struct ebb_pool *pool, hid_t at)
{
    char kind[16];
    EBB_TRY(ebb_h5_get_text(kind, sizeof(kind), at, "kind"));
    pool->kind = EBB_POOL_MAX;
    while (pool->kind != EBB_POOL_NONE &&
           strcmp(kind, ebb_pool_kind_name(pool->kind)) != 0) {
        pool->kind--;
    }
    if (pool->kind == EBB_POOL_NONE) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "kind is '%s'; it is sum, average or max", kind);
    }
    EBB_TRY(get_counts(pool->size, 2, at, "size"));
    return get_counts(pool->stride, 2, at, "stride");
}

static ebb_status get_pool(struct ebb_pool *pool, hid_t at)
{
    hid_t own;
    *pool = (struct ebb_pool){.kind = EBB_POOL_NONE};
    if (!ebb_h5_has(at, "pool")) {
        return EBB_OK;
    }
    EBB_TRY(ebb_h5_group(&own, at, "pool"));
    ebb_status status = ebb_error_prefix(fill_pool(pool, own), "pool: ");
    H5Gclose(own);
    return status;
}

/* With these and the channels of both ends, its weights have the file's
 * size. */
static ebb_status get_conv(struct ebb_conv *conv, hid_t at, size_t inputs,
                           size_t outputs, const struct ebb_h5_shape *weight)
{
    uint64_t groups = 0;
    EBB_TRY(get_counts(conv->stride, 2, at, "stride"));
    EBB_TRY(get_counts(conv->padding, 2, at, "padding"));
    EBB_TRY(get_counts(conv->dilation, 2, at, "dilation"));
    EBB_TRY(ebb_h5_get_count(&groups, at, "groups"));
    conv->groups = (size_t)groups;
    if (groups == 0 || inputs % groups != 0 || weight->rank != 4 ||
        weight->size[0] != outputs || weight->size[1] != inputs / groups) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "weight must be [target channels, source channels / "
                        "groups, rows, columns], of %zu and %zu channels in "
                        "%llu groups",
                        outputs, inputs, (unsigned long long)groups);
    }
    conv->size[0] = (size_t)weight->size[2];
    conv->size[1] = (size_t)weight->size[3];
    return EBB_OK;
}

ebb_status ebb_network_space_get_projection(struct ebb_spatial *space,
                                            struct ebb_conv *conv, hid_t at,
                                            const struct ebb_population *source,
                                            const struct ebb_population *target,
                                            const struct ebb_h5_shape *weight)
{
    struct ebb_grid inputs;
    EBB_TRY(get_pool(&space->pool, at));
    if (space->conv) {
        return get_conv(conv, at, source->grid.channels, target->grid.channels,
                        weight);
    }
    EBB_TRY(ebb_pool_grid(&inputs, &space->pool, source->grid));
    size_t n = ebb_grid_size(inputs);
    if (weight->rank != 2 || weight->size[0] != target->n ||
        weight->size[1] != n) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "weight must be [target, source] = [%zu, %zu]%s",
                        target->n, n,
                        space->pool.kind == EBB_POOL_NONE
                            ? ""
                            : ", sources being what is pooled");
    }
    return EBB_OK;
}
