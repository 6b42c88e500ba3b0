/* models/network.c - building a network, and finding things in it. */
#include "models/network.h"

#include "models/network_parts.h"
#include "models/rows.h"

#include <assert.h>
#include <string.h>

ebb_status ebb_network_create(struct ebb_network **out)
{
    *out = NULL;
    struct ebb_network *net = ebb_mem_calloc(1, sizeof(*net));
    if (!net) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a network");
    }
    ebb_status status = ebb_arena_create(&net->arena);
    if (status != EBB_OK) {
        ebb_network_destroy(net);
        return status;
    }
    *out = net;
    return EBB_OK;
}

void ebb_network_destroy(struct ebb_network *net)
{
    if (!net) {
        return;
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        ebb_rows_destroy(net->projections[k].rows);
    }
    ebb_arena_destroy(net->arena);
    ebb_mem_free(net->populations);
    ebb_mem_free(net->projections);
    ebb_mem_free(net);
}

static ebb_status copy_name(struct ebb_network *net, const char *kind,
                            const char *name, char **out)
{
    size_t size = strlen(name) + 1;
    if (size == 1 || size > 64 || strchr(name, '/') || strcmp(name, ".") == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s name '%.80s': give 1 to 63 characters without '/'",
                        kind, name);
    }
    char *copy = ebb_arena_calloc(net->arena, size, 1);
    if (!copy) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %s '%s'", kind, name);
    }
    memcpy(copy, name, size);
    *out = copy;
    return EBB_OK;
}

ebb_status ebb_network_values(struct ebb_network *net,
                              struct ebb_values *values, size_t n)
{
    double *v = ebb_arena_calloc(net->arena, n, sizeof(double));
    if (!v) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu parameters", n);
    }
    values->v = v;
    values->n = n;
    return EBB_OK;
}

static ebb_status set_defaults(struct ebb_network *net,
                               struct ebb_population *p)
{
    struct ebb_values *const values[] = {&p->lambda, &p->theta, &p->v_th,
                                         &p->bias,   &p->v0,    &p->v_reset};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        EBB_TRY(ebb_network_values(net, values[i], 1));
    }
    p->v_th.v[0] = 1;
    p->sigma = 0.4;
    return EBB_OK;
}

ebb_status ebb_network_add_population(struct ebb_network *net, const char *name,
                                      size_t n, bool input, size_t *index)
{
    if (ebb_network_find_population(net, name) < net->n_populations) {
        return EBB_FAIL(EBB_ERR_ARG, "two populations are called '%s'", name);
    }
    if (n == 0 || n > UINT32_MAX - 1) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "population '%s' of %zu neurons; it needs at least 1 "
                        "and at most %u",
                        name, n, UINT32_MAX - 1);
    }
    if (input && ebb_network_input(net) < net->n_populations) {
        return EBB_FAIL(EBB_ERR_ARG, "input '%s': the network has one already",
                        name);
    }
    EBB_TRY(ebb_mem_grow(&net->populations, &net->population_capacity,
                         net->n_populations + 1, sizeof(*net->populations)));
    struct ebb_population p = {.n = n, .grid = {n, 1, 1}, .input = input};
    EBB_TRY(copy_name(net, "population", name, &p.name));
    EBB_TRY(set_defaults(net, &p));
    *index = net->n_populations;
    net->populations[net->n_populations++] = p;
    return EBB_OK;
}

static ebb_status alloc_synapses(struct ebb_network *net,
                                 struct ebb_projection *p)
{
    size_t sources = p->n_inputs;
    size_t targets = net->populations[p->target].n;
    size_t size = p->number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
    if (p->kind == EBB_PROJECTION_DENSE) {
        p->synapses = sources * targets;
    } else if (p->kind == EBB_PROJECTION_SPARSE) {
        p->indptr =
            ebb_arena_calloc(net->arena, sources + 1, sizeof(*p->indptr));
        p->indices =
            ebb_arena_calloc(net->arena, p->synapses, sizeof(*p->indices));
    }
    p->weight = ebb_arena_calloc(net->arena, p->synapses, size);
    bool sparse_missing =
        p->kind == EBB_PROJECTION_SPARSE && (!p->indptr || !p->indices);
    if (!p->weight || sparse_missing) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the %zu synapses of '%s'",
                        p->synapses, p->name);
    }
    return EBB_OK;
}

ebb_status network_check_ends(const struct ebb_network *net, const char *name,
                              size_t source, size_t target)
{
    if (source >= net->n_populations || target >= net->n_populations) {
        return EBB_FAIL(EBB_ERR_ARG, "projection '%s' has no source or target",
                        name);
    }
    if (net->populations[target].input) {
        return EBB_FAIL(EBB_ERR_ARG, "projection '%s' ends in the input '%s'",
                        name, net->populations[target].name);
    }
    if (ebb_network_find_projection(net, name) < net->n_projections) {
        return EBB_FAIL(EBB_ERR_ARG, "two projections are called '%s'", name);
    }
    return EBB_OK;
}

/* `p` has all but its name and, with `alloc`, the room for its weights. */
static ebb_status add_projection(struct ebb_network *net, const char *name,
                                 struct ebb_projection p, bool alloc,
                                 size_t *index)
{
    EBB_TRY(ebb_mem_grow(&net->projections, &net->projection_capacity,
                         net->n_projections + 1, sizeof(*net->projections)));
    EBB_TRY(copy_name(net, "projection", name, &p.name));
    if (alloc) {
        EBB_TRY(alloc_synapses(net, &p));
    }
    *index = net->n_projections;
    net->projections[net->n_projections++] = p;
    return EBB_OK;
}

static struct ebb_projection from_grid_to_grid(const struct ebb_network *net,
                                               size_t source, size_t target)
{
    struct ebb_grid from = net->populations[source].grid;
    return (struct ebb_projection){.source = source,
                                   .target = target,
                                   .n_inputs = net->populations[source].n,
                                   .from = from,
                                   .inputs = from,
                                   .to = net->populations[target].grid};
}

ebb_status ebb_network_add_projection(struct ebb_network *net, const char *name,
                                      size_t source, size_t target,
                                      enum ebb_projection_kind kind,
                                      enum ebb_number number, size_t synapses,
                                      size_t *index)
{
    EBB_TRY(network_check_ends(net, name, source, target));
    assert(kind != EBB_PROJECTION_CONV2D);
    struct ebb_projection p = from_grid_to_grid(net, source, target);
    p.kind = kind;
    p.number = number;
    p.synapses = synapses;
    return add_projection(net, name, p, true, index);
}

ebb_status network_add_bare(struct ebb_network *net, const char *name,
                            size_t source, size_t target, size_t *index)
{
    struct ebb_projection p = from_grid_to_grid(net, source, target);
    p.kind = EBB_PROJECTION_SPARSE;
    return add_projection(net, name, p, false, index);
}

/* The grids between, and how many weights that makes. */
static ebb_status fit_space(struct ebb_projection *p,
                            const struct ebb_spatial *space)
{
    EBB_TRY(ebb_pool_grid(&p->inputs, &space->pool, p->from));
    p->n_inputs = ebb_grid_size(p->inputs);
    p->pool = space->pool;
    if (!space->conv) {
        return EBB_OK;
    }
    struct ebb_grid made;
    p->conv = *space->conv;
    EBB_TRY(ebb_conv_grid(&made, &p->conv, p->inputs, p->to.channels));
    if (!ebb_grid_equal(made, p->to)) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "conv: from [%zu, %zu, %zu] it makes [%zu, %zu, %zu], "
                        "but its target has the shape [%zu, %zu, %zu]",
                        p->inputs.channels, p->inputs.rows, p->inputs.columns,
                        made.channels, made.rows, made.columns, p->to.channels,
                        p->to.rows, p->to.columns);
    }
    size_t window = p->conv.size[0] * p->conv.size[1];
    p->synapses = made.channels * (p->inputs.channels / p->conv.groups);
    if (p->synapses > SIZE_MAX / sizeof(double) / window) {
        return EBB_FAIL(EBB_ERR_ARG, "conv: a window of [%zu, %zu]",
                        p->conv.size[0], p->conv.size[1]);
    }
    p->synapses *= window;
    return EBB_OK;
}

ebb_status ebb_network_add_spatial(struct ebb_network *net, const char *name,
                                   size_t source, size_t target,
                                   const struct ebb_spatial *space,
                                   enum ebb_number number, size_t *index)
{
    EBB_TRY(network_check_ends(net, name, source, target));
    struct ebb_projection p = {.source = source,
                               .target = target,
                               .kind = space->conv ? EBB_PROJECTION_CONV2D
                                                   : EBB_PROJECTION_DENSE,
                               .number = number,
                               .from = net->populations[source].grid,
                               .to = net->populations[target].grid};
    EBB_TRY(ebb_error_prefix(fit_space(&p, space), "projection '%s': ", name));
    return add_projection(net, name, p, true, index);
}

size_t ebb_network_find_population(const struct ebb_network *net,
                                   const char *name)
{
    size_t i = 0;
    while (i < net->n_populations &&
           strcmp(net->populations[i].name, name) != 0) {
        i++;
    }
    return i;
}

size_t ebb_network_find_projection(const struct ebb_network *net,
                                   const char *name)
{
    size_t i = 0;
    while (i < net->n_projections &&
           strcmp(net->projections[i].name, name) != 0) {
        i++;
    }
    return i;
}

size_t ebb_network_input(const struct ebb_network *net)
{
    size_t i = 0;
    while (i < net->n_populations && !net->populations[i].input) {
        i++;
    }
    return i;
}

size_t ebb_network_output(const struct ebb_network *net)
{
    size_t i = net->n_populations;
    while (i > 0 && net->populations[i - 1].input) {
        i--;
    }
    return i > 0 ? i - 1 : net->n_populations;
}

ebb_tick ebb_projection_lag(const struct ebb_projection *p)
{
    return p->delay_ticks + ebb_kernel_first_tap(&p->kernel);
}
