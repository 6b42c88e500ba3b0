/* io/experiment_draw.c - what the seed of an experiment decides: who is
 * connected, weights, biases. */
#include "io/experiment_parts.h"

#include <math.h>
#include <string.h>

static double fan_in_limit(size_t fan_in)
{
    return 1 / sqrt((double)fan_in);
}

/* One draw of `fan_in` different sources for a target (Floyd's algorithm:
 * Bentley & Floyd 1987, Comm. ACM 30:754-757). */
struct lot {
    uint32_t *taken;  /* [sources] last target, plus 1, that took it */
    uint32_t *source; /* [fan_in] out */
    size_t sources, fan_in;
    uint64_t seed, projection;
};

static void draw_sources(const struct lot *lot, uint32_t target)
{
    uint64_t index = lot->projection << 32 | target;
    struct ebb_random r =
        ebb_random_stream(lot->seed, EBB_RANDOM_CONNECT, index);
    for (size_t k = 0; k < lot->fan_in; k++) {
        uint32_t last = (uint32_t)(lot->sources - lot->fan_in + k);
        uint32_t j = ebb_random_below(&r, last + 1);
        j = lot->taken[j] == target + 1 ? last : j;
        lot->taken[j] = target + 1;
        lot->source[k] = j;
    }
}

/* The rows of a projection, one a source: count what each holds, then fill
 * them target by target, so that targets rise within a row. */
static void fill_rows(const struct lot *lot, struct ebb_projection *p,
                      uint32_t targets)
{
    uint64_t *next = p->indptr + 1;
    memset(p->indptr, 0, (lot->sources + 1) * sizeof(*p->indptr));
    for (uint32_t i = 0; i < targets; i++) {
        draw_sources(lot, i);
        for (size_t k = 0; k < lot->fan_in; k++) {
            next[lot->source[k]]++;
        }
    }
    for (uint64_t j = 0, sum = 0; j < lot->sources; j++) {
        uint64_t n = next[j];
        next[j] = sum; /* where row j begins; its end once it is filled */
        sum += n;
    }
    memset(lot->taken, 0, lot->sources * sizeof(*lot->taken));
    for (uint32_t i = 0; i < targets; i++) {
        draw_sources(lot, i);
        for (size_t k = 0; k < lot->fan_in; k++) {
            p->indices[next[lot->source[k]]++] = i;
        }
    }
}

static ebb_status connect_projection(struct ebb_experiment *e,
                                     size_t projection)
{
    struct ebb_projection *p = &e->network->projections[projection];
    size_t sources = e->network->populations[p->source].n;
    size_t targets = e->network->populations[p->target].n;
    struct lot lot = {
        .taken = ebb_mem_calloc(sources, sizeof(*lot.taken)),
        .source = ebb_mem_calloc(p->synapses / targets, sizeof(*lot.source)),
        .sources = sources,
        .fan_in = p->synapses / targets,
        .seed = e->seed,
        .projection = projection};
    ebb_status status = EBB_OK;
    if (lot.taken && lot.source) {
        fill_rows(&lot, p, (uint32_t)targets);
    } else {
        status = EBB_FAIL(EBB_ERR_NOMEM, "no memory to connect '%s'", p->name);
    }
    ebb_mem_free(lot.taken);
    ebb_mem_free(lot.source);
    return status;
}

/* Inputs of each neuron of the target. */
static size_t fan_in_of(const struct ebb_network *net,
                        const struct ebb_projection *p)
{
    bool conv = p->kind == EBB_PROJECTION_CONV2D; /* alike over space */
    return p->synapses /
           (conv ? p->to.channels : net->populations[p->target].n);
}

static double draw_weight(const struct ebb_init *init, double scale,
                          struct ebb_random *r)
{
    if (init->shape == EBB_INIT_UNIFORM) {
        return ebb_random_between(r, -scale, scale);
    }
    return init->shape == EBB_INIT_NORMAL ? scale * ebb_random_normal(r)
                                          : scale;
}

/* Dense ones are drawn target by target, as they are written down in a matrix
 * [target, source]; others as they lie in memory. */
static void draw_weights(const struct ebb_network *net, size_t projection,
                         const struct ebb_init *init, uint64_t seed)
{
    const struct ebb_projection *p = &net->projections[projection];
    size_t sources = p->n_inputs;
    size_t targets = net->populations[p->target].n;
    bool dense = p->kind == EBB_PROJECTION_DENSE;
    double scale = init->scale;
    if (scale == 0.0 && init->shape != EBB_INIT_CONSTANT) {
        scale = fan_in_limit(fan_in_of(net, p));
    }
    struct ebb_random r =
        ebb_random_stream(seed, EBB_RANDOM_WEIGHTS, projection);
    float *weight = p->weight;
    for (size_t k = 0; k < p->synapses; k++) {
        size_t at = dense ? k % sources * targets + k / sources : k;
        weight[at] = (float)draw_weight(init, scale, &r);
    }
}

static void draw_bias(const struct ebb_network *net, size_t population,
                      uint64_t seed)
{
    struct ebb_population *to = &net->populations[population];
    size_t fan_in = 0;
    for (size_t q = 0; q < net->n_projections; q++) {
        const struct ebb_projection *p = &net->projections[q];
        fan_in += p->target == population ? fan_in_of(net, p) : 0;
    }
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_BIAS, population);
    double limit = fan_in ? fan_in_limit(fan_in) : 0;
    for (size_t i = 0; i < to->bias.n; i++) {
        to->bias.v[i] = (double)(float)ebb_random_between(&r, -limit, limit);
    }
}

ebb_status ebb_experiment_connect(struct ebb_experiment *e)
{
    for (size_t q = 0; q < e->network->n_projections; q++) {
        if (e->network->projections[q].kind == EBB_PROJECTION_SPARSE) {
            EBB_TRY(connect_projection(e, q));
        }
    }
    return EBB_OK;
}

ebb_status ebb_experiment_draw(struct ebb_experiment *e)
{
    EBB_TRY(ebb_experiment_connect(e));
    for (size_t q = 0; q < e->network->n_projections; q++) {
        draw_weights(e->network, q, &e->init[q], e->seed);
    }
    for (size_t k = 0; k < e->network->n_populations; k++) {
        if (e->bias_drawn[k]) {
            draw_bias(e->network, k, e->seed);
        }
    }
    return EBB_OK;
}
