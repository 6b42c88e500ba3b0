/* io/sonata_read.c - networks from SONATA. */
#include "io/sonata.h"

#include "core/memory.h"
#include "io/h5.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 64, POPULATIONS_MAX = 256 };

/* An edge population while it is read. */
struct edges {
    char name[NAME_BYTES], source[NAME_BYTES], target[NAME_BYTES];
    uint64_t *from, *to, *row; /* [n] */
    double *weight, *delay_ms; /* [rows] of the group; NULL: not told */
    size_t n, rows;
    struct ebb_edges list;
    size_t highest[2]; /* source, target */
};

struct sonata {
    const struct ebb_sonata_options *options;
    const struct ebb_edge_neurons *how;
    struct edges *edges; /* [n] */
    size_t n;
};

static void edges_finish(struct edges *e)
{
    ebb_mem_free(e->from);
    ebb_mem_free(e->to);
    ebb_mem_free(e->row);
    ebb_mem_free(e->weight);
    ebb_mem_free(e->delay_ms);
    e->from = e->to = e->row = NULL;
    e->weight = e->delay_ms = NULL;
}

/* A list of whole numbers of known length, or of any (*n = SIZE_MAX). */
static ebb_status get_list(void *out, size_t *n, hid_t at, const char *name,
                           hid_t type, size_t size)
{
    struct ebb_h5_shape shape;
    void *list;
    EBB_TRY(ebb_h5_shape(&shape, at, name));
    if (shape.rank != 1 || (*n != SIZE_MAX && shape.count != *n)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'%s' holds %zu numbers, not %zu", name,
                        shape.count, *n);
    }
    list = ebb_mem_calloc(shape.count, size);
    if (!list) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu edges", shape.count);
    }
    ebb_status status = ebb_h5_read(list, at, name, type, shape.count);
    if (status != EBB_OK) {
        ebb_mem_free(list);
        return status;
    }
    *n = shape.count;
    memcpy(out, &list, sizeof(list));
    return EBB_OK;
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
        ebb_h5_get_any_text(name, NAME_BYTES, list, "node_population");
    H5Dclose(list);
    return ebb_error_prefix(status, "%s: ", dataset);
}

/* The group that all edges are in, opened; its name into `name`. */
static ebb_status open_group(hid_t *out, struct edges *e, hid_t at)
{
    char name[24] = "0";
    uint64_t *group = NULL;
    size_t n = e->n;
    if (ebb_h5_has(at, "edge_group_id")) {
        EBB_TRY(get_list(&group, &n, at, "edge_group_id", H5T_NATIVE_UINT64,
                         sizeof(*group)));
        bool one = true;
        for (size_t k = 1; k < n; k++) {
            one = one && group[k] == group[0];
        }
        if (n > 0) {
            snprintf(name, sizeof(name), "%llu", (unsigned long long)group[0]);
        }
        ebb_mem_free(group);
        if (!one) {
            return EBB_FAIL(EBB_ERR_FORMAT, "edges of more than one group; "
                                            "one is read");
        }
    }
    if (ebb_h5_has(at, "edge_group_index")) {
        EBB_TRY(get_list(&e->row, &n, at, "edge_group_index", H5T_NATIVE_UINT64,
                         sizeof(*e->row)));
    }
    return ebb_h5_group(out, at, name);
}

static ebb_status get_values(struct edges *e, hid_t group)
{
    e->rows = SIZE_MAX;
    if (ebb_h5_has(group, "syn_weight")) {
        EBB_TRY(get_list(&e->weight, &e->rows, group, "syn_weight",
                         H5T_NATIVE_DOUBLE, sizeof(double)));
    }
    if (ebb_h5_has(group, "delay")) {
        EBB_TRY(get_list(&e->delay_ms, &e->rows, group, "delay",
                         H5T_NATIVE_DOUBLE, sizeof(double)));
    }
    return EBB_OK;
}

static ebb_status get_delay(uint32_t *out, const struct sonata *s, double ms)
{
    double ticks = ms * 1e-3 / s->how->tick_s, nearest = nearbyint(ticks);
    if (!(ticks >= 0 && ticks < UINT32_MAX) ||
        (!s->options->round && fabs(ticks - nearest) > 1e-6 * fmax(1, ticks))) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a delay of %g ms is %g ticks of %g ms; give a --tick "
                        "of which it is a whole number, or --round-delays",
                        ms, ticks, 1e3 * s->how->tick_s);
    }
    *out = (uint32_t)(s->options->round ? fmax(1, nearest) : nearest);
    return EBB_OK;
}

static ebb_status push_edge(struct sonata *s, struct edges *e, size_t k)
{
    size_t row = e->row ? e->row[k] : k;
    bool told = e->weight || e->delay_ms;
    if (told && row >= e->rows) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "edge_group_index[%zu] = %zu; the "
                        "group has %zu rows",
                        k, row, e->rows);
    }
    double weight = e->weight ? e->weight[row] : s->options->weight;
    struct ebb_edge edge = {.weight = (float)weight,
                            .delay_ticks = (uint32_t)s->how->delay_ticks};
    if (!isfinite(edge.weight)) {
        return e->weight
                   ? EBB_FAIL(EBB_ERR_FORMAT, "syn_weight[%zu] = %g", row,
                              weight)
                   : EBB_FAIL(EBB_ERR_FORMAT, "its edges tell no syn_weight; "
                                              "give one for all: --weight");
    }
    if (e->from[k] >= UINT32_MAX - 1 || e->to[k] >= UINT32_MAX - 1) {
        return EBB_FAIL(EBB_ERR_FORMAT, "edge %zu is from %llu to %llu", k,
                        (unsigned long long)e->from[k],
                        (unsigned long long)e->to[k]);
    }
    edge.source = (uint32_t)e->from[k];
    edge.target = (uint32_t)e->to[k];
    e->highest[0] = edge.source > e->highest[0] ? edge.source : e->highest[0];
    e->highest[1] = edge.target > e->highest[1] ? edge.target : e->highest[1];
    if (e->delay_ms) {
        EBB_TRY(get_delay(&edge.delay_ticks, s, e->delay_ms[row]));
    }
    return ebb_edges_push(&e->list, edge);
}

static ebb_status get_edges(struct sonata *s, struct edges *e, hid_t at)
{
    hid_t group;
    EBB_TRY(get_end(e->source, at, "source_node_id"));
    EBB_TRY(get_end(e->target, at, "target_node_id"));
    e->n = SIZE_MAX;
    EBB_TRY(get_list(&e->from, &e->n, at, "source_node_id", H5T_NATIVE_UINT64,
                     sizeof(*e->from)));
    EBB_TRY(get_list(&e->to, &e->n, at, "target_node_id", H5T_NATIVE_UINT64,
                     sizeof(*e->to)));
    EBB_TRY(open_group(&group, e, at));
    ebb_status status = get_values(e, group);
    H5Gclose(group);
    for (size_t k = 0; k < e->n && status == EBB_OK; k++) {
        status = push_edge(s, e, k);
    }
    edges_finish(e);
    return status;
}

static ebb_status get_all_edges(struct sonata *s, hid_t all)
{
    s->n = ebb_h5_members(all);
    if (s->n == 0 || s->n > POPULATIONS_MAX) {
        s->n = 0;
        return EBB_FAIL(EBB_ERR_FORMAT, "1 to %d edge populations are read",
                        POPULATIONS_MAX);
    }
    s->edges = ebb_mem_calloc(s->n, sizeof(*s->edges));
    if (!s->edges) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu populations", s->n);
    }
    for (size_t k = 0; k < s->n; k++) {
        struct edges *e = &s->edges[k];
        hid_t at;
        EBB_TRY(ebb_h5_member(e->name, sizeof(e->name), all, k));
        EBB_TRY(ebb_h5_group(&at, all, e->name));
        ebb_status status = get_edges(s, e, at);
        H5Gclose(at);
        EBB_TRY(ebb_error_prefix(status, "/edges/%s: ", e->name));
    }
    return EBB_OK;
}

/* Nodes of a population by its /nodes, where there is one; 0: not told. */
static ebb_status count_nodes(size_t *n, const char *path, const char *name)
{
    hid_t file, all, at;
    struct ebb_h5_shape shape = {.count = 0};
    *n = 0;
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = EBB_OK;
    if (ebb_h5_has(file, "nodes") &&
        ebb_h5_group(&all, file, "nodes") == EBB_OK) {
        if (ebb_h5_has(all, name) && ebb_h5_group(&at, all, name) == EBB_OK) {
            status = ebb_h5_shape(&shape, at, "node_type_id");
            H5Gclose(at);
        }
        H5Gclose(all);
    }
    H5Fclose(file);
    *n = shape.count;
    return ebb_error_prefix(status, "/nodes/%s: ", name);
}

/* By the highest number where it is not told. */
static ebb_status size_of(size_t *n, const struct sonata *s, const char *path,
                          const char *name)
{
    size_t highest = 0, edges = 0;
    const char *nodes = s->options->nodes ? s->options->nodes : path;
    EBB_TRY(count_nodes(n, nodes, name));
    for (size_t k = 0; k < s->n && *n == 0; k++) {
        const struct edges *e = &s->edges[k];
        const char *const ends[] = {e->source, e->target};
        for (size_t end = 0; end < 2; end++) {
            if (strcmp(ends[end], name) == 0) {
                highest = e->highest[end] > highest ? e->highest[end] : highest;
                edges += e->list.n;
            }
        }
    }
    if (*n > 0) {
        return EBB_OK;
    }
    *n = highest + 1;
    return ebb_edges_check_size(*n, edges);
}

static bool is_target(const struct sonata *s, const char *name)
{
    for (size_t k = 0; k < s->n; k++) {
        if (strcmp(s->edges[k].target, name) == 0) {
            return true;
        }
    }
    return false;
}

static ebb_status find_or_add(size_t *index, struct ebb_network *net,
                              const struct sonata *s, const char *path,
                              const char *name)
{
    size_t n;
    *index = ebb_network_find_population(net, name);
    if (*index < net->n_populations) {
        return EBB_OK;
    }
    EBB_TRY(size_of(&n, s, path, name));
    return is_target(s, name)
               ? ebb_edges_add_neurons(net, name, n, s->how, index)
               : ebb_network_add_population(net, name, n, true, index);
}

static ebb_status fill(struct ebb_network *net, struct sonata *s,
                       const char *path)
{
    net->tick_s = s->how->tick_s;
    for (size_t k = 0; k < s->n; k++) {
        struct edges *e = &s->edges[k];
        size_t source, target;
        EBB_TRY(find_or_add(&source, net, s, path, e->source));
        EBB_TRY(find_or_add(&target, net, s, path, e->target));
        EBB_TRY(ebb_edges_add(net, e->name, source, target, &e->list, s->how));
    }
    if (net->n_populations == 1) {
        EBB_TRY(ebb_edges_add_input(net, 0, s->how));
    }
    return ebb_network_finish(net);
}

static ebb_status read_file(struct ebb_network *net, struct sonata *s,
                            const char *path)
{
    hid_t file, all;
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = ebb_h5_group(&all, file, "edges");
    if (status == EBB_OK) {
        status = get_all_edges(s, all);
        H5Gclose(all);
    }
    H5Fclose(file);
    return status ? status : fill(net, s, path);
}

ebb_status ebb_sonata_read(struct ebb_network **out, const char *path,
                           const struct ebb_sonata_options *options,
                           const struct ebb_edge_neurons *how)
{
    struct sonata s = {.options = options, .how = how};
    struct ebb_network *net = NULL;
    *out = NULL;
    EBB_TRY(ebb_network_create(&net));
    ebb_status status = read_file(net, &s, path);
    for (size_t k = 0; k < s.n && s.edges; k++) {
        edges_finish(&s.edges[k]);
        ebb_edges_finish(&s.edges[k].list);
    }
    ebb_mem_free(s.edges);
    if (status != EBB_OK) {
        ebb_network_destroy(net);
        return ebb_error_prefix(status, "%s: ", path);
    }
    *out = net;
    return EBB_OK;
}

bool ebb_sonata_looks(const char *path)
{
    hid_t file;
    if (ebb_h5_open(&file, path) != EBB_OK) {
        return false;
    }
    bool looks = ebb_h5_has(file, "edges") && H5Aexists(file, "format") <= 0 &&
                 !ebb_h5_has(file, "spikes");
    if (looks) {
        hid_t all;
        looks = ebb_h5_group(&all, file, "edges") == EBB_OK;
        if (looks) {
            char name[NAME_BYTES];
            hid_t at = -1;
            looks = ebb_h5_members(all) > 0 &&
                    ebb_h5_member(name, sizeof(name), all, 0) == EBB_OK &&
                    ebb_h5_group(&at, all, name) == EBB_OK &&
                    ebb_h5_has(at, "source_node_id");
            if (at >= 0) {
                H5Gclose(at);
            }
            H5Gclose(all);
        }
    }
    H5Fclose(file);
    return looks;
}
