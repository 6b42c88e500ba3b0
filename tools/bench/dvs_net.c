/* tools/bench/dvs_net.c - a network that convolves, and events of a camera to
 * feed it with. */
#include "tools/bench/dvs_net.h"

#include "core/random.h"
#include "io/dvs/dvs.h"

#include <math.h>

/* A layer; a window of 0 is dense. Thresholds are those of the strided and of
 * the other network. */
static const struct layer {
    const char *name;
    size_t channels, size;
    double v_th[2];
} layers[EBB_DVS_LAYERS] = {
    {"input", 2, 0, {0, 0}},        {"c1", 64, 7, {1, 1}},
    {"c2", 32, 3, {.81, .82}},      {"c3", 32, 3, {.79, .79}},
    {"hidden", 256, 0, {.21, .22}}, {"output", 10, 0, {.6, .6}}};

/* Uniform, of variance 1 / fan-in. */
static void draw_weights(struct ebb_projection *p, size_t index)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_WEIGHTS, index);
    size_t fan_in = p->kind == EBB_PROJECTION_CONV2D
                        ? p->synapses / p->to.channels
                        : p->n_inputs;
    double most = sqrt(3 / (double)fan_in);
    for (size_t s = 0; s < p->synapses; s++) {
        ((float *)p->weight)[s] = (float)ebb_random_between(&r, -most, most);
    }
}

static ebb_status connect(struct ebb_network *net, const struct ebb_conv *conv)
{
    const struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_DUAL_EXPONENTIAL,
                                         .tau_m = 8,
                                         .tau_s = 2,
                                         .input_lag = 1,
                                         .normalised = true};
    const struct ebb_spatial space = {.conv = conv};
    size_t to = net->n_populations - 1, index;
    EBB_TRY(ebb_network_add_spatial(net, net->populations[to].name, to - 1, to,
                                    &space, EBB_FLOAT32, &index));
    draw_weights(&net->projections[index], index);
    return ebb_kernel_expand(&net->projections[index].kernel, net->arena, &spec,
                             1, 0);
}

static ebb_status add_layer(struct ebb_network *net, const struct layer *l,
                            bool strided)
{
    size_t before = net->n_populations - 1, index;
    struct ebb_conv conv = ebb_conv_default(l->size, l->size);
    struct ebb_grid grid = {l->channels, 1, 1};
    if (strided) {
        conv.stride[0] = conv.stride[1] = 2;
    }
    if (l->size > 0) {
        EBB_TRY(ebb_conv_grid(&grid, &conv, net->populations[before].grid,
                              l->channels));
    }
    EBB_TRY(ebb_network_add_population(net, l->name, ebb_grid_size(grid), false,
                                       &index));
    EBB_TRY(ebb_network_set_grid(net, index, grid));
    struct ebb_population *p = &net->populations[index];
    p->theta.v[0] = exp(-1. / 8);
    p->v_th.v[0] = l->v_th[!strided];
    return connect(net, l->size > 0 ? &conv : NULL);
}

static ebb_status fill(struct ebb_network *net, bool strided)
{
    const struct ebb_grid sensor = {2, EBB_DVS_SIDE, EBB_DVS_SIDE};
    size_t input;
    net->tick_s = 1e-3;
    EBB_TRY(ebb_network_add_population(net, layers[0].name,
                                       ebb_grid_size(sensor), true, &input));
    EBB_TRY(ebb_network_set_grid(net, input, sensor));
    for (size_t k = 1; k < EBB_DVS_LAYERS; k++) {
        EBB_TRY(add_layer(net, &layers[k], strided));
    }
    return ebb_network_finish(net);
}

ebb_status ebb_dvs_net_create(struct ebb_network **out, bool strided)
{
    EBB_TRY(ebb_network_create(out));
    ebb_status status = fill(*out, strided);
    if (status != EBB_OK) {
        ebb_network_destroy(*out);
        *out = NULL;
    }
    return status;
}

static ebb_status push(struct ebb_events *out, ebb_tick tick, size_t x,
                       size_t y, size_t channel)
{
    size_t node = (channel * EBB_DVS_SIDE + y) * EBB_DVS_SIDE + x;
    return ebb_events_push(out,
                           (struct ebb_event){tick, (ebb_neuron_id)node, 1});
}

static ebb_status take_block(struct ebb_events *out,
                             const struct ebb_dvs_block *b, const char *path)
{
    for (size_t k = 0; k < b->n; k++) {
        if (b->x[k] >= EBB_DVS_SIDE || b->y[k] >= EBB_DVS_SIDE || b->t[k] < 0) {
            return EBB_FAIL(EBB_ERR_SHAPE,
                            "%s: an event at column %u, row %u, %lld us; this "
                            "takes sensors of 128 x 128 and times from 0 on",
                            path, b->x[k], b->y[k], (long long)b->t[k]);
        }
        EBB_TRY(push(out, (ebb_tick)b->t[k] / 1000, b->x[k], b->y[k],
                     b->p[k] ? 0 : 1));
    }
    return EBB_OK;
}

static ebb_status read_blocks(struct ebb_events *out,
                              struct ebb_dvs_reader *reader,
                              struct ebb_dvs_block *block, const char *path)
{
    do {
        EBB_TRY(ebb_dvs_read(reader, block));
        EBB_TRY(take_block(out, block, path));
    } while (block->n > 0);
    return ebb_events_sort(out);
}

ebb_status ebb_dvs_clip_read(struct ebb_events *out, ebb_tick *ticks,
                             const char *path)
{
    struct ebb_dvs_block block;
    struct ebb_dvs_reader *reader = NULL;
    EBB_TRY(ebb_dvs_block_init(&block, EBB_DVS_BLOCK));
    ebb_status status = ebb_dvs_open(&reader, path, NULL);
    if (status == EBB_OK) {
        status = read_blocks(out, reader, &block, path);
    }
    ebb_dvs_close(reader);
    ebb_dvs_block_finish(&block);
    *ticks = out->n > 0 ? out->at[out->n - 1].tick + 1 : 0;
    return status;
}

/* A straight edge that crosses the sensor. */
struct edge {
    double x, y, length, angle, speed; /* pixels, and pixels a tick */
};

static ebb_status draw_edge(struct ebb_events *out, ebb_tick tick,
                            const struct edge *e, struct ebb_random *r)
{
    enum { EVENTS = 30 };
    double along_x = cos(e->angle), along_y = sin(e->angle);
    for (int k = 0; k < EVENTS; k++) {
        double at = e->length * (ebb_random_uniform(r) - .5);
        double off = e->speed * (double)tick + ebb_random_normal(r);
        double x = e->x + at * along_x - off * along_y;
        double y = e->y + at * along_y + off * along_x;
        x -= EBB_DVS_SIDE * floor(x / EBB_DVS_SIDE);
        y -= EBB_DVS_SIDE * floor(y / EBB_DVS_SIDE);
        EBB_TRY(push(out, tick, (size_t)x % EBB_DVS_SIDE,
                     (size_t)y % EBB_DVS_SIDE, ebb_random_below(r, 4) == 0));
    }
    return EBB_OK;
}

ebb_status ebb_dvs_edges_draw(struct ebb_events *out, ebb_tick ticks,
                              uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 90);
    const struct edge edges[] = {
        {40, 30, 40, .4, .05}, {80, 70, 30, 2, -.08}, {60, 100, 25, 1.2, .06}};
    for (ebb_tick t = 0; t < ticks; t++) {
        for (size_t k = 0; k < sizeof(edges) / sizeof(edges[0]); k++) {
            EBB_TRY(draw_edge(out, t, &edges[k], &r));
        }
        for (int k = 0; k < 5; k++) { /* noise of the sensor */
            EBB_TRY(push(out, t, ebb_random_below(&r, EBB_DVS_SIDE),
                         ebb_random_below(&r, EBB_DVS_SIDE),
                         ebb_random_below(&r, 2)));
        }
    }
    return ebb_events_sort(out);
}
