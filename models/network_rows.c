/* models/network_rows.c - sparse projections in their compact form. */
#include "models/network_rows.h"

#include "models/network_parts.h"

#include <math.h>
#include <string.h>

static size_t number_bytes(enum ebb_number number)
{
    return number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
}

struct ebb_row ebb_projection_row(const struct ebb_projection *p, size_t source)
{
    if (p->rows) {
        size_t n =
            ebb_rows_read(p->rows, source, p->room_target, p->room_weight);
        return (struct ebb_row){p->room_target, p->room_weight, n};
    }
    uint64_t from = p->indptr[source];
    const char *weight = p->weight;
    return (struct ebb_row){p->indices + from,
                            weight + from * number_bytes(p->number),
                            (size_t)(p->indptr[source + 1] - from)};
}

size_t ebb_projection_row_length(const struct ebb_projection *p, size_t source)
{
    return p->rows ? ebb_rows_length(p->rows, source)
                   : (size_t)(p->indptr[source + 1] - p->indptr[source]);
}

static ebb_status check_rows(const struct ebb_network *net, const char *name,
                             size_t source, size_t target,
                             const struct ebb_rows *rows)
{
    struct ebb_rows_shape shape = ebb_rows_shape(rows);
    size_t sources = net->populations[source].n;
    size_t targets = net->populations[target].n;
    if (shape.sources == sources && shape.targets == targets &&
        ebb_rows_kept(rows) == ebb_rows_synapses(rows)) {
        return EBB_OK;
    }
    return EBB_FAIL(EBB_ERR_SHAPE,
                    "projection '%s': rows from %zu to %zu neurons, all of "
                    "%llu synapses kept, do not fit populations of %zu and %zu",
                    name, shape.sources, shape.targets,
                    (unsigned long long)ebb_rows_synapses(rows), sources,
                    targets);
}

static ebb_status add_rows(struct ebb_network *net, const char *name,
                           size_t source, size_t target, struct ebb_rows *rows,
                           size_t *index)
{
    size_t longest = ebb_rows_longest(rows);
    enum ebb_number number = ebb_rows_number(rows);
    EBB_TRY(network_check_ends(net, name, source, target));
    EBB_TRY(check_rows(net, name, source, target, rows));
    uint32_t *room = ebb_arena_calloc(net->arena, longest, sizeof(*room));
    void *weight = ebb_arena_calloc(net->arena, longest, number_bytes(number));
    if (!room || !weight) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a row of %zu synapses",
                        longest);
    }
    EBB_TRY(network_add_bare(net, name, source, target, index));
    struct ebb_projection *p = &net->projections[*index];
    p->number = number;
    p->synapses = (size_t)ebb_rows_synapses(rows);
    p->rows = rows;
    p->room_target = room;
    p->room_weight = weight;
    return EBB_OK;
}

ebb_status ebb_network_add_rows(struct ebb_network *net, const char *name,
                                size_t source, size_t target,
                                struct ebb_rows *rows, size_t *index)
{
    ebb_status status = add_rows(net, name, source, target, rows, index);
    if (status != EBB_OK) {
        ebb_rows_destroy(rows);
    }
    return status;
}

ebb_status ebb_network_unpack(struct ebb_network *net, size_t projection)
{
    struct ebb_projection *p = &net->projections[projection];
    size_t sources = net->populations[p->source].n;
    size_t size = number_bytes(p->number);
    if (!p->rows) {
        return EBB_OK;
    }
    uint64_t *indptr =
        ebb_arena_calloc(net->arena, sources + 1, sizeof(*indptr));
    uint32_t *indices =
        ebb_arena_calloc(net->arena, p->synapses, sizeof(*indices));
    char *weight = ebb_arena_calloc(net->arena, p->synapses, size);
    if (!indptr || !indices || !weight) {
        return EBB_FAIL(EBB_ERR_NOMEM,
                        "projection '%s': no memory for its %zu synapses in a "
                        "form that can be changed, %.3g GB",
                        p->name, p->synapses,
                        (double)p->synapses * (double)(4 + size) / 1e9);
    }
    for (size_t j = 0; j < sources; j++) {
        size_t at = (size_t)indptr[j];
        indptr[j + 1] =
            at + ebb_rows_read(p->rows, j, indices + at, weight + at * size);
    }
    ebb_rows_destroy(p->rows);
    p->rows = NULL;
    p->indptr = indptr;
    p->indices = indices;
    p->weight = weight;
    return EBB_OK;
}

ebb_status ebb_network_check_plain(const struct ebb_network *net)
{
    for (size_t k = 0; k < net->n_projections; k++) {
        if (net->projections[k].rows) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "projection '%s' is held in compact rows, which "
                            "only events go through; unpack them to train or "
                            "to run in batches",
                            net->projections[k].name);
        }
    }
    return EBB_OK;
}

/* Rows with other weights, as a source of rows. */
struct changed {
    const struct ebb_rows *from;
    double (*change)(const void *self, uint32_t target, double weight);
    const void *self;
};

static ebb_status changed_row(void *self, void *thread, size_t source,
                              uint32_t *target, void *weight, size_t *n)
{
    const struct changed *c = self;
    bool single = ebb_rows_number(c->from) == EBB_FLOAT32;
    float *w32 = single ? weight : NULL;
    double *w64 = single ? NULL : weight;
    (void)thread;
    *n = ebb_rows_read(c->from, source, target, weight);
    for (size_t k = 0; k < *n; k++) {
        double w = single ? (double)w32[k] : w64[k];
        w = c->change(c->self, target[k], w);
        if (!isfinite(single ? (double)(float)w : w)) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "the weight of synapse %zu of axon %zu becomes %g: "
                            "it must be finite",
                            k, source, w);
        }
        if (single) {
            w32[k] = (float)w;
        } else {
            w64[k] = w;
        }
    }
    return EBB_OK;
}

ebb_status ebb_projection_change_rows(struct ebb_projection *p,
                                      double (*change)(const void *self,
                                                       uint32_t target,
                                                       double weight),
                                      const void *self)
{
    struct changed c = {.from = p->rows, .change = change, .self = self};
    struct ebb_rows_shape shape = ebb_rows_shape(p->rows);
    struct ebb_row_source source = {.self = &c,
                                    .most = ebb_rows_longest(p->rows),
                                    .number = ebb_rows_number(p->rows),
                                    .row = changed_row};
    struct ebb_rows *rows;
    EBB_TRY(ebb_rows_build(&rows, &shape, &source, NULL));
    ebb_rows_destroy(p->rows);
    p->rows = rows;
    return EBB_OK;
}
