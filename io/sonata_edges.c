/* io/sonata_edges.c - an edge population of SONATA, read in pieces. */
#include "io/sonata_edges.h"

#include "core/memory.h"
#include "io/h5_window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 1 << 18 }; /* edges read at a time: 2 MiB of numbers */

static const char *const ends[] = {"source_node_id", "target_node_id"};

/* A row of the group, and the edge of the piece that it tells about. */
struct place {
    uint64_t row;
    size_t k;
};

/* A population while its edges are read. */
struct reading {
    const struct sonata_edges *e;
    const struct ebb_sonata_options *options;
    const struct ebb_edge_neurons *how;
    struct ebb_h5_window end[2];        /* source, target */
    struct ebb_h5_window row;           /* dataset < 0: edge k has row k */
    struct ebb_h5_window weight, delay; /* of the group, in ms; dataset < 0:
                                           not told */
    size_t rows;                        /* of the group */
    struct place *place;                /* [PIECE] */
    struct ebb_edge *edge;              /* [PIECE] */
};

/* Of known length, or of any (*n = SIZE_MAX). */
static ebb_status open_list(struct ebb_h5_window *w, size_t *n, hid_t at,
                            const char *name, hid_t type)
{
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, at, name));
    if (shape.rank != 1 || (*n != SIZE_MAX && shape.count != *n)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'%s' holds %zu numbers, not %zu", name,
                        shape.count, *n);
    }
    *n = shape.count;
    return ebb_h5_window_open(w, at, name, type, *n < PIECE ? *n : PIECE);
}

static size_t piece_at(const struct sonata_edges *e, size_t from)
{
    return e->n - from < PIECE ? e->n - from : PIECE;
}

static ebb_status get_end(char *name, hid_t at, const char *dataset)
{
    if (!ebb_h5_has(at, dataset)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the dataset '%s' is missing", dataset);
    }
    hid_t list = H5Dopen2(at, dataset, H5P_DEFAULT);
    if (list < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'%s' is no dataset", dataset);
    }
    ebb_status status =
        ebb_h5_get_any_text(name, SONATA_NAME_BYTES, list, "node_population");
    H5Dclose(list);
    return ebb_error_prefix(status, "%s: ", dataset);
}

/* The highest number; all are numbers of nodes. */
static ebb_status find_highest(size_t *highest, const struct sonata_edges *e,
                               struct ebb_h5_window *w)
{
    for (size_t from = 0; from < e->n; from += PIECE) {
        const void *piece;
        size_t n = piece_at(e, from);
        EBB_TRY(ebb_h5_window_at(w, from, n, &piece));
        for (size_t k = 0; k < n; k++) {
            uint64_t node = ((const uint64_t *)piece)[k];
            if (node >= UINT32_MAX - 1) {
                return EBB_FAIL(EBB_ERR_FORMAT,
                                "%s[%zu] = %llu; numbers of nodes are below %u",
                                w->name, from + k, (unsigned long long)node,
                                UINT32_MAX - 1);
            }
            *highest = node > *highest ? (size_t)node : *highest;
        }
    }
    return EBB_OK;
}

ebb_status sonata_edges_look(struct sonata_edges *e, hid_t at)
{
    EBB_TRY(get_end(e->source, at, ends[0]));
    EBB_TRY(get_end(e->target, at, ends[1]));
    e->n = SIZE_MAX;
    for (size_t k = 0; k < 2; k++) {
        struct ebb_h5_window w = {.dataset = -1};
        ebb_status status =
            open_list(&w, &e->n, at, ends[k], H5T_NATIVE_UINT64);
        status = status ? status : find_highest(&e->highest[k], e, &w);
        ebb_h5_window_close(&w);
        EBB_TRY(status);
    }
    return EBB_OK;
}

/* All edges are of one group: its number. */
static ebb_status find_group(uint64_t *out, const struct sonata_edges *e,
                             struct ebb_h5_window *w)
{
    for (size_t from = 0; from < e->n; from += PIECE) {
        const void *piece;
        size_t n = piece_at(e, from);
        EBB_TRY(ebb_h5_window_at(w, from, n, &piece));
        const uint64_t *group = piece;
        *out = from == 0 ? group[0] : *out;
        for (size_t k = 0; k < n; k++) {
            if (group[k] != *out) {
                return EBB_FAIL(EBB_ERR_FORMAT, "edges of more than one group; "
                                                "one is read");
            }
        }
    }
    return EBB_OK;
}

static ebb_status open_group(hid_t *out, const struct sonata_edges *e, hid_t at)
{
    char name[24];
    uint64_t group = 0;
    size_t n = e->n;
    struct ebb_h5_window w = {.dataset = -1};
    if (ebb_h5_has(at, "edge_group_id")) {
        ebb_status status =
            open_list(&w, &n, at, "edge_group_id", H5T_NATIVE_UINT64);
        status = status ? status : find_group(&group, e, &w);
        ebb_h5_window_close(&w);
        EBB_TRY(status);
    }
    snprintf(name, sizeof(name), "%llu", (unsigned long long)group);
    return ebb_h5_group(out, at, name);
}

static ebb_status open_values(struct reading *r, hid_t group)
{
    r->rows = SIZE_MAX;
    if (ebb_h5_has(group, "syn_weight")) {
        EBB_TRY(open_list(&r->weight, &r->rows, group, "syn_weight",
                          H5T_NATIVE_DOUBLE));
    }
    if (ebb_h5_has(group, "delay")) {
        EBB_TRY(
            open_list(&r->delay, &r->rows, group, "delay", H5T_NATIVE_DOUBLE));
    }
    return EBB_OK;
}

static ebb_status open_all(struct reading *r, hid_t at)
{
    hid_t group;
    size_t n = r->e->n, piece = piece_at(r->e, 0);
    for (size_t k = 0; k < 2; k++) {
        EBB_TRY(open_list(&r->end[k], &n, at, ends[k], H5T_NATIVE_UINT64));
    }
    EBB_TRY(open_group(&group, r->e, at));
    ebb_status status = open_values(r, group);
    H5Gclose(group);
    EBB_TRY(status);
    if (ebb_h5_has(at, "edge_group_index")) {
        EBB_TRY(
            open_list(&r->row, &n, at, "edge_group_index", H5T_NATIVE_UINT64));
    }
    r->place = ebb_mem_calloc(piece, sizeof(*r->place));
    r->edge = ebb_mem_calloc(piece, sizeof(*r->edge));
    return r->place && r->edge
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu edges", piece);
}

static void close_all(struct reading *r)
{
    struct ebb_h5_window *const all[] = {&r->end[0], &r->end[1], &r->row,
                                         &r->weight, &r->delay};
    for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
        ebb_h5_window_close(all[k]);
    }
    ebb_mem_free(r->place);
    ebb_mem_free(r->edge);
}

static ebb_status get_delay(uint32_t *out, const struct reading *r, double ms)
{
    double ticks = ms * 1e-3 / r->how->tick_s, nearest = nearbyint(ticks);
    if (!(ticks >= 0 && ticks < UINT32_MAX) ||
        (!r->options->round && fabs(ticks - nearest) > 1e-6 * fmax(1, ticks))) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a delay of %g ms is %g ticks of %g ms; give a --tick "
                        "of which it is a whole number, or --round-delays",
                        ms, ticks, 1e3 * r->how->tick_s);
    }
    *out = (uint32_t)(r->options->round ? fmax(1, nearest) : nearest);
    return EBB_OK;
}

static ebb_status get_weight(float *out, struct reading *r, size_t row)
{
    const void *at = &r->options->weight;
    if (r->weight.dataset >= 0) {
        EBB_TRY(ebb_h5_window_at(&r->weight, row, 1, &at));
    }
    double weight = *(const double *)at;
    *out = (float)weight;
    if (isfinite(*out)) {
        return EBB_OK;
    }
    return r->weight.dataset >= 0
               ? EBB_FAIL(EBB_ERR_FORMAT, "syn_weight[%zu] = %g", row, weight)
               : EBB_FAIL(EBB_ERR_FORMAT, "its edges tell no syn_weight; "
                                          "give one for all: --weight");
}

/* Weight and delay of an edge, from its row. */
static ebb_status get_values(struct reading *r, size_t from,
                             const struct place *p)
{
    struct ebb_edge *edge = &r->edge[p->k];
    const void *at;
    bool told = r->weight.dataset >= 0 || r->delay.dataset >= 0;
    if (told && p->row >= r->rows) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "edge_group_index[%zu] = %llu; the "
                        "group has %zu rows",
                        from + p->k, (unsigned long long)p->row, r->rows);
    }
    edge->delay_ticks = (uint32_t)r->how->delay_ticks;
    EBB_TRY(get_weight(&edge->weight, r, (size_t)p->row));
    if (r->delay.dataset < 0) {
        return EBB_OK;
    }
    EBB_TRY(ebb_h5_window_at(&r->delay, (size_t)p->row, 1, &at));
    return get_delay(&edge->delay_ticks, r, *(const double *)at);
}

static int by_row(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

/* The rows of a piece in their own order, so that the group is gone through
 * once at most. */
static ebb_status find_places(struct reading *r, size_t from, size_t n)
{
    const void *piece = NULL;
    bool rise = true;
    if (r->row.dataset >= 0) {
        EBB_TRY(ebb_h5_window_at(&r->row, from, n, &piece));
    }
    const uint64_t *row = piece;
    for (size_t k = 0; k < n; k++) {
        r->place[k] = (struct place){row ? row[k] : from + k, k};
        rise = rise && (k == 0 || r->place[k].row >= r->place[k - 1].row);
    }
    if (!rise) {
        qsort(r->place, n, sizeof(*r->place), by_row);
    }
    return EBB_OK;
}

static ebb_status get_piece(struct reading *r, struct ebb_edges *list,
                            size_t from)
{
    size_t n = piece_at(r->e, from);
    const void *source, *target;
    EBB_TRY(ebb_h5_window_at(&r->end[0], from, n, &source));
    EBB_TRY(ebb_h5_window_at(&r->end[1], from, n, &target));
    EBB_TRY(find_places(r, from, n));
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(get_values(r, from, &r->place[k]));
    }
    for (size_t k = 0; k < n; k++) {
        r->edge[k].source = (uint32_t)((const uint64_t *)source)[k];
        r->edge[k].target = (uint32_t)((const uint64_t *)target)[k];
        EBB_TRY(ebb_edges_push(list, r->edge[k]));
    }
    return EBB_OK;
}

ebb_status sonata_edges_get(struct ebb_edges *list,
                            const struct sonata_edges *e, hid_t at,
                            const struct ebb_sonata_options *options,
                            const struct ebb_edge_neurons *how)
{
    const struct ebb_h5_window none = {.dataset = -1};
    struct reading r = {.e = e,
                        .options = options,
                        .how = how,
                        .end = {none, none},
                        .row = none,
                        .weight = none,
                        .delay = none};
    ebb_status status = open_all(&r, at);
    status = status ? status : ebb_edges_expect(list, e->n);
    for (size_t from = 0; from < e->n && status == EBB_OK; from += PIECE) {
        status = get_piece(&r, list, from);
    }
    close_all(&r);
    return status;
}
