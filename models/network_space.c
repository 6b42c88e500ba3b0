/* models/network_space.c - what a network's projections do in space. */
#include "models/network.h"

const char *ebb_projection_kind_name(enum ebb_projection_kind kind)
{
    static const char *const names[] = {"dense", "sparse", "conv2d"};
    return names[kind];
}

ebb_status ebb_network_set_grid(struct ebb_network *net, size_t population,
                                struct ebb_grid grid)
{
    struct ebb_population *p = &net->populations[population];
    bool fits = grid.channels > 0 && grid.rows > 0 && grid.columns > 0 &&
                p->n % grid.channels == 0 &&
                p->n / grid.channels % grid.rows == 0 &&
                p->n / grid.channels / grid.rows == grid.columns;
    if (!fits) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "population '%s': shape [%zu, %zu, %zu] is not that of "
                        "%zu neurons",
                        p->name, grid.channels, grid.rows, grid.columns, p->n);
    }
    p->grid = grid;
    return EBB_OK;
}

/* Pairs of a window and a place of `room` numbers within it. */
static double covered(size_t windows, size_t size, size_t stride,
                      size_t dilation, size_t padding, size_t room)
{
    double pairs = 0;
    for (size_t w = 0; w < windows; w++) {
        for (size_t u = 0; u < size; u++) {
            size_t at = w * stride + u * dilation;
            pairs += at >= padding && at - padding < room;
        }
    }
    return pairs;
}

double ebb_projection_connections(const struct ebb_projection *p)
{
    const struct ebb_conv *c = &p->conv;
    if (p->kind != EBB_PROJECTION_CONV2D) {
        return (double)p->synapses;
    }
    double rows = covered(p->to.rows, c->size[0], c->stride[0], c->dilation[0],
                          c->padding[0], p->inputs.rows);
    double columns = covered(p->to.columns, c->size[1], c->stride[1],
                             c->dilation[1], c->padding[1], p->inputs.columns);
    return rows * columns * (double)p->to.channels *
           (double)(p->inputs.channels / c->groups);
}

double ebb_projection_reach(const struct ebb_network *net,
                            const struct ebb_projection *p)
{
    const struct ebb_pool *pool = &p->pool;
    double axons = (double)net->populations[p->source].n, meets = axons;
    if (pool->kind != EBB_POOL_NONE) {
        meets = (double)p->from.channels *
                covered(p->inputs.rows, pool->size[0], pool->stride[0], 1, 0,
                        p->from.rows) *
                covered(p->inputs.columns, pool->size[1], pool->stride[1], 1, 0,
                        p->from.columns);
    }
    return meets / axons * ebb_projection_connections(p) / (double)p->n_inputs;
}
