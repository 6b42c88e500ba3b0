/* models/grid.c - neurons that stand in space: grids, convolutions, pooling. */
#include "models/grid.h"

enum { FIELD_MAX = 65536 }; /* products of two stay far from overflow */

const char *ebb_pool_kind_name(enum ebb_pool_kind kind)
{
    static const char *const names[] = {"none", "sum", "average", "max"};
    return kind <= EBB_POOL_MAX ? names[kind] : NULL;
}

struct ebb_conv ebb_conv_default(size_t rows, size_t columns)
{
    return (struct ebb_conv){.size = {rows, columns},
                             .stride = {1, 1},
                             .dilation = {1, 1},
                             .groups = 1};
}

static ebb_status check_field(const char *owner, const char *field,
                              const size_t value[2], size_t least)
{
    for (size_t k = 0; k < 2; k++) {
        if (value[k] < least || value[k] > FIELD_MAX) {
            return EBB_FAIL(EBB_ERR_ARG, "%s: %s = %zu; it is from %zu to %d",
                            owner, field, value[k], least, FIELD_MAX);
        }
    }
    return EBB_OK;
}

/* Windows of `reach` numbers that fit into `room`, `stride` apart. */
static size_t windows(size_t room, size_t reach, size_t stride)
{
    return reach > room ? 0 : (room - reach) / stride + 1;
}

ebb_status ebb_pool_grid(struct ebb_grid *out, const struct ebb_pool *pool,
                         struct ebb_grid in)
{
    *out = in;
    if (pool->kind == EBB_POOL_NONE) {
        return EBB_OK;
    }
    EBB_TRY(check_field("pool", "size", pool->size, 1));
    EBB_TRY(check_field("pool", "stride", pool->stride, 1));
    out->rows = windows(in.rows, pool->size[0], pool->stride[0]);
    out->columns = windows(in.columns, pool->size[1], pool->stride[1]);
    if (out->rows == 0 || out->columns == 0) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "pool: a window of [%zu, %zu] does not fit into "
                        "[%zu, %zu, %zu]; give the source a shape that it "
                        "fits, or a smaller window",
                        pool->size[0], pool->size[1], in.channels, in.rows,
                        in.columns);
    }
    return EBB_OK;
}

static ebb_status check_groups(const struct ebb_conv *conv, struct ebb_grid in,
                               size_t channels)
{
    if (conv->groups == 0 || in.channels % conv->groups != 0 ||
        channels % conv->groups != 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "conv: groups = %zu; they must divide the %zu channels "
                        "of its input and its own %zu",
                        conv->groups, in.channels, channels);
    }
    return EBB_OK;
}

ebb_status ebb_conv_grid(struct ebb_grid *out, const struct ebb_conv *conv,
                         struct ebb_grid in, size_t channels)
{
    EBB_TRY(check_field("conv", "size", conv->size, 1));
    EBB_TRY(check_field("conv", "stride", conv->stride, 1));
    EBB_TRY(check_field("conv", "padding", conv->padding, 0));
    EBB_TRY(check_field("conv", "dilation", conv->dilation, 1));
    EBB_TRY(check_groups(conv, in, channels));
    size_t extent[2], room[2] = {in.rows, in.columns};
    for (size_t k = 0; k < 2; k++) {
        size_t reach = (conv->size[k] - 1) * conv->dilation[k] + 1;
        extent[k] =
            windows(room[k] + 2 * conv->padding[k], reach, conv->stride[k]);
    }
    if (extent[0] == 0 || extent[1] == 0) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "conv: a window of [%zu, %zu] does not fit into "
                        "[%zu, %zu, %zu] with padding [%zu, %zu]; give the "
                        "source a shape that it fits, or more padding",
                        conv->size[0], conv->size[1], in.channels, in.rows,
                        in.columns, conv->padding[0], conv->padding[1]);
    }
    *out = (struct ebb_grid){channels, extent[0], extent[1]};
    return EBB_OK;
}
