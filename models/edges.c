/* models/edges.c - networks made of lists of synapses that came from
 * elsewhere. */
#include "models/edges.h"

#include <stdio.h>
#include <stdlib.h>

enum { ALWAYS_BELIEVED = 1000000, NEURONS_AN_EDGE = 64, NAME_BYTES = 96 };

ebb_status ebb_edges_push(struct ebb_edges *list, struct ebb_edge edge)
{
    EBB_TRY(ebb_mem_grow(&list->at, &list->capacity, list->n + 1,
                         sizeof(*list->at)));
    list->at[list->n++] = edge;
    return EBB_OK;
}

void ebb_edges_finish(struct ebb_edges *list)
{
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

static int compare(const void *a, const void *b)
{
    const struct ebb_edge *x = a, *y = b;
    if (x->delay_ticks != y->delay_ticks) {
        return x->delay_ticks > y->delay_ticks ? 1 : -1;
    }
    if (x->source != y->source) {
        return x->source > y->source ? 1 : -1;
    }
    if (x->target != y->target) {
        return x->target > y->target ? 1 : -1;
    }
    return (x->weight > y->weight) - (x->weight < y->weight);
}

static ebb_status check(const struct ebb_network *net, const char *name,
                        size_t source, size_t target,
                        const struct ebb_edges *list)
{
    size_t sources = net->populations[source].n;
    size_t targets = net->populations[target].n, delays = 0;
    for (size_t k = 0; k < list->n; k++) {
        const struct ebb_edge *e = &list->at[k];
        if (e->source >= sources || e->target >= targets) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "'%s': a synapse from %u to %u; there are %zu "
                            "sources and %zu targets",
                            name, e->source, e->target, sources, targets);
        }
        delays += k == 0 || e->delay_ticks != e[-1].delay_ticks;
    }
    if (delays > EBB_EDGES_DELAYS_MAX) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "'%s': %zu delays; at most %d are told apart: give "
                        "longer ticks",
                        name, delays, EBB_EDGES_DELAYS_MAX);
    }
    return EBB_OK;
}

/* Synapses of one delay, sorted. */
static ebb_status add_part(struct ebb_network *net, const char *name,
                           size_t source, size_t target,
                           const struct ebb_edge *edge, size_t n,
                           const struct ebb_edge_neurons *how)
{
    size_t index = 0, row = 0, rows = net->populations[source].n;
    EBB_TRY(ebb_network_add_projection(net, name, source, target,
                                       EBB_PROJECTION_SPARSE, EBB_FLOAT32, n,
                                       &index));
    struct ebb_projection *q = &net->projections[index];
    for (size_t k = 0; k < n; k++) {
        while (row <= edge[k].source) {
            q->indptr[row++] = k;
        }
        q->indices[k] = edge[k].target;
        ((float *)q->weight)[k] = edge[k].weight;
    }
    while (row <= rows) {
        q->indptr[row++] = n;
    }
    return ebb_edges_set_kernel(net, index, how, edge[0].delay_ticks);
}

ebb_status ebb_edges_add(struct ebb_network *net, const char *name,
                         size_t source, size_t target, struct ebb_edges *list,
                         const struct ebb_edge_neurons *how)
{
    if (list->n == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "'%s' has no synapses", name);
    }
    qsort(list->at, list->n, sizeof(*list->at), compare);
    EBB_TRY(check(net, name, source, target, list));
    bool one = list->at[0].delay_ticks == list->at[list->n - 1].delay_ticks;
    for (size_t from = 0, to; from < list->n; from = to) {
        char text[NAME_BYTES];
        uint32_t delay = list->at[from].delay_ticks;
        for (to = from; to < list->n && list->at[to].delay_ticks == delay;) {
            to++;
        }
        if (one) {
            snprintf(text, sizeof(text), "%s", name);
        } else {
            snprintf(text, sizeof(text), "%.50s_%u", name, delay);
        }
        EBB_TRY(add_part(net, text, source, target, list->at + from, to - from,
                         how));
    }
    return EBB_OK;
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
