/* models/edges.c - networks made of lists of synapses that came from
 * elsewhere. */
#include "models/edges_parts.h"

#include "core/spool.h"
#include "models/network_rows.h"

#include <stdio.h>

enum { ALWAYS_BELIEVED = 1000000, NEURONS_AN_EDGE = 64, NAME_BYTES = 96 };

ebb_status ebb_edges_expect(const struct ebb_edges *list, uint64_t n)
{
    if (n <= edges_room(list)) {
        return EBB_OK;
    }
    return ebb_spool_check_room(n > UINT64_MAX / sizeof(struct ebb_edge)
                                    ? UINT64_MAX
                                    : n * sizeof(struct ebb_edge));
}

ebb_status ebb_edges_push(struct ebb_edges *list, struct ebb_edge edge)
{
    if (list->n == edges_room(list)) {
        EBB_TRY(edges_spill(list));
    }
    EBB_TRY(ebb_mem_grow(&list->at, &list->capacity, list->n + 1,
                         sizeof(*list->at)));
    list->at[list->n++] = edge;
    list->count++;
    list->highest_source =
        edge.source > list->highest_source ? edge.source : list->highest_source;
    list->highest_target =
        edge.target > list->highest_target ? edge.target : list->highest_target;
    return EBB_OK;
}

void ebb_edges_finish(struct ebb_edges *list)
{
    ebb_spool_destroy(list->spool);
    ebb_mem_free(list->at);
    *list = (struct ebb_edges){0};
}

struct ebb_edge_neurons ebb_edge_neurons_default(void)
{
    return (struct ebb_edge_neurons){.v_th = 1,
                                     .reset = EBB_RESET_HYBRID,
                                     .kernel = {.shape = EBB_KERNEL_NONE,
                                                .tau_m = 5,
                                                .tau_s = 1.25,
                                                .input_lag = 1},
                                     .delay_ticks = 1,
                                     .tick_s = 1e-3,
                                     .cue = 1.25};
}

ebb_status ebb_edges_add_neurons(struct ebb_network *net, const char *name,
                                 size_t n, const struct ebb_edge_neurons *how,
                                 size_t *index)
{
    EBB_TRY(ebb_network_add_population(net, name, n, false, index));
    struct ebb_population *p = &net->populations[*index];
    p->reset = how->reset;
    p->refractory_ticks = how->refractory_ticks;
    p->refractory_s = (double)how->refractory_ticks * how->tick_s;
    p->lambda.v[0] = how->lambda;
    p->theta.v[0] = how->theta;
    p->v_th.v[0] = how->v_th;
    return EBB_OK;
}

ebb_status ebb_edges_set_kernel(struct ebb_network *net, size_t projection,
                                const struct ebb_edge_neurons *how,
                                ebb_tick delay_ticks)
{
    struct ebb_projection *q = &net->projections[projection];
    q->delay_ticks = delay_ticks;
    q->delay_s = (double)delay_ticks * how->tick_s;
    return ebb_kernel_expand(&q->kernel, net->arena, &how->kernel, 1,
                             how->tick_s);
}

ebb_status ebb_edges_add_input(struct ebb_network *net, size_t population,
                               const struct ebb_edge_neurons *how)
{
    size_t input = 0, index = 0, n = net->populations[population].n;
    struct ebb_edge_neurons at_once = *how;
    at_once.kernel.shape = EBB_KERNEL_NONE;
    EBB_TRY(ebb_network_add_population(net, "input", n, true, &input));
    EBB_TRY(ebb_network_add_projection(net, "cue", input, population,
                                       EBB_PROJECTION_SPARSE, EBB_FLOAT32, n,
                                       &index));
    struct ebb_projection *q = &net->projections[index];
    for (size_t i = 0; i < n; i++) {
        q->indptr[i] = i;
        q->indices[i] = (uint32_t)i;
        ((float *)q->weight)[i] = (float)how->cue;
    }
    q->indptr[n] = n;
    return ebb_edges_set_kernel(net, index, &at_once, 0);
}

/* Synapses of one delay. */
struct part {
    uint32_t delay_ticks;
    size_t longest; /* row of them */
};

/* What is added. */
struct adding {
    struct ebb_network *net;
    const char *name;
    size_t source, target;
    struct edge_walk walk;
    struct part part[EBB_EDGES_DELAYS_MAX]; /* [parts], delays rising */
    size_t parts;
    uint32_t delay_ticks; /* of the part whose rows are read */
};

static ebb_status check_ends(const struct adding *a, const struct ebb_edge *e)
{
    size_t sources = a->net->populations[a->source].n;
    size_t targets = a->net->populations[a->target].n;
    return e->source < sources && e->target < targets
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "'%s': a synapse from %u to %u; there are %zu "
                          "sources and %zu targets",
                          a->name, e->source, e->target, sources, targets);
}

/* All edges once: do they fit, and which parts are there. */
static ebb_status survey(struct adding *a)
{
    const struct ebb_edge *e;
    struct ebb_edge last = {0};
    size_t length = 0;
    while ((e = edge_walk_peek(&a->walk))) {
        EBB_TRY(check_ends(a, e));
        bool part = a->parts == 0 || e->delay_ticks != last.delay_ticks;
        length = part || e->source != last.source ? 1 : length + 1;
        last = *e;
        if (part && a->parts++ < EBB_EDGES_DELAYS_MAX) {
            a->part[a->parts - 1] = (struct part){e->delay_ticks, 0};
        }
        if (a->parts <= EBB_EDGES_DELAYS_MAX) {
            struct part *own = &a->part[a->parts - 1];
            own->longest = length > own->longest ? length : own->longest;
        }
        EBB_TRY(edge_walk_pass(&a->walk));
    }
    if (a->parts > EBB_EDGES_DELAYS_MAX) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "'%s': %zu delays; at most %d are told apart: give "
                        "longer ticks",
                        a->name, a->parts, EBB_EDGES_DELAYS_MAX);
    }
    return EBB_OK;
}

/* Rows are asked for in order, from the first one on in each pass. */
static ebb_status give_row(void *self, void *thread, size_t source,
                           uint32_t *target, void *weight, size_t *n)
{
    struct adding *a = self;
    const struct ebb_edge *e;
    (void)thread;
    *n = 0;
    if (source == 0) {
        EBB_TRY(edge_walk_seek(&a->walk, a->delay_ticks));
    }
    while ((e = edge_walk_peek(&a->walk)) && e->source == source &&
           e->delay_ticks == a->delay_ticks) {
        target[*n] = e->target;
        ((float *)weight)[(*n)++] = e->weight;
        EBB_TRY(edge_walk_pass(&a->walk));
    }
    return EBB_OK;
}

static ebb_status add_part(struct adding *a, const struct part *part,
                           const struct ebb_edge_neurons *how)
{
    char name[NAME_BYTES];
    size_t index = 0;
    struct ebb_rows *rows;
    struct ebb_rows_shape shape = {.sources = a->net->populations[a->source].n,
                                   .targets = a->net->populations[a->target].n,
                                   .threads = 1}; /* edges come in order */
    struct ebb_row_source source = {.self = a,
                                    .most = part->longest,
                                    .number = EBB_FLOAT32,
                                    .row = give_row};
    if (a->parts == 1) {
        snprintf(name, sizeof(name), "%s", a->name);
    } else {
        snprintf(name, sizeof(name), "%.50s_%u", a->name, part->delay_ticks);
    }
    a->delay_ticks = part->delay_ticks;
    EBB_TRY(ebb_rows_build(&rows, &shape, &source, NULL));
    EBB_TRY(
        ebb_network_add_rows(a->net, name, a->source, a->target, rows, &index));
    return ebb_edges_set_kernel(a->net, index, how, part->delay_ticks);
}

static ebb_status add_parts(struct adding *a, struct ebb_edges *list,
                            const struct ebb_edge_neurons *how)
{
    EBB_TRY(edge_walk_begin(&a->walk, list));
    EBB_TRY(survey(a));
    for (size_t k = 0; k < a->parts; k++) {
        EBB_TRY(add_part(a, &a->part[k], how));
    }
    return EBB_OK;
}

ebb_status ebb_edges_add(struct ebb_network *net, const char *name,
                         size_t source, size_t target, struct ebb_edges *list,
                         const struct ebb_edge_neurons *how)
{
    struct adding a = {
        .net = net, .name = name, .source = source, .target = target};
    if (list->count == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "'%s' has no synapses", name);
    }
    ebb_status status = add_parts(&a, list, how);
    edge_walk_end(&a.walk);
    return status;
}

ebb_status ebb_edges_check_size(size_t neurons, size_t edges)
{
    if (neurons <= ALWAYS_BELIEVED || neurons / NEURONS_AN_EDGE <= edges) {
        return EBB_OK;
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "%zu synapses whose highest number asks for %zu neurons; "
                    "if that is meant, give --neurons",
                    edges, neurons);
}
