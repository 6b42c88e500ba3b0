/* io/sonata_read.c - networks from SONATA. */
#include "io/sonata.h"

#include "core/memory.h"
#include "io/sonata_edges.h"

#include <string.h>

enum { POPULATIONS_MAX = 256 };

struct sonata {
    const struct ebb_sonata_options *options;
    const struct ebb_edge_neurons *how;
    const char *path;
    hid_t all;                  /* /edges */
    struct sonata_edges *edges; /* [n] */
    size_t n;
};

static ebb_status look_at(struct sonata_edges *e, const struct sonata *s,
                          size_t k)
{
    hid_t at;
    EBB_TRY(ebb_h5_member(e->name, sizeof(e->name), s->all, k));
    EBB_TRY(ebb_h5_group(&at, s->all, e->name));
    ebb_status status = sonata_edges_look(e, at);
    H5Gclose(at);
    return ebb_error_prefix(status, "/edges/%s: ", e->name);
}

static ebb_status look_at_all(struct sonata *s)
{
    size_t n = ebb_h5_members(s->all);
    if (n == 0 || n > POPULATIONS_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT, "1 to %d edge populations are read",
                        POPULATIONS_MAX);
    }
    s->edges = ebb_mem_calloc(n, sizeof(*s->edges));
    if (!s->edges) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu populations", n);
    }
    s->n = n;
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(look_at(&s->edges[k], s, k));
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
static ebb_status size_of(size_t *n, const struct sonata *s, const char *name)
{
    size_t highest = 0, edges = 0;
    const char *nodes = s->options->nodes ? s->options->nodes : s->path;
    EBB_TRY(count_nodes(n, nodes, name));
    for (size_t k = 0; k < s->n && *n == 0; k++) {
        const struct sonata_edges *e = &s->edges[k];
        const char *const ends[] = {e->source, e->target};
        for (size_t end = 0; end < 2; end++) {
            if (strcmp(ends[end], name) == 0) {
                highest = e->highest[end] > highest ? e->highest[end] : highest;
                edges += e->n;
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
                              const struct sonata *s, const char *name)
{
    size_t n;
    *index = ebb_network_find_population(net, name);
    if (*index < net->n_populations) {
        return EBB_OK;
    }
    EBB_TRY(size_of(&n, s, name));
    return is_target(s, name)
               ? ebb_edges_add_neurons(net, name, n, s->how, index)
               : ebb_network_add_population(net, name, n, true, index);
}

/* One list at a time is held, and of that a piece. */
static ebb_status add_edges(struct ebb_network *net, const struct sonata *s,
                            const struct sonata_edges *e, size_t source,
                            size_t target)
{
    struct ebb_edges list = {.n = 0};
    hid_t at;
    EBB_TRY(ebb_h5_group(&at, s->all, e->name));
    ebb_status status = sonata_edges_get(&list, e, at, s->options, s->how);
    H5Gclose(at);
    status = ebb_error_prefix(status, "/edges/%s: ", e->name);
    status = status
                 ? status
                 : ebb_edges_add(net, e->name, source, target, &list, s->how);
    ebb_edges_finish(&list);
    return status;
}

static ebb_status fill(struct ebb_network *net, struct sonata *s)
{
    EBB_TRY(look_at_all(s));
    net->tick_s = s->how->tick_s;
    for (size_t k = 0; k < s->n; k++) {
        const struct sonata_edges *e = &s->edges[k];
        size_t source, target;
        EBB_TRY(find_or_add(&source, net, s, e->source));
        EBB_TRY(find_or_add(&target, net, s, e->target));
        EBB_TRY(add_edges(net, s, e, source, target));
    }
    if (net->n_populations == 1) {
        EBB_TRY(ebb_edges_add_input(net, 0, s->how));
    }
    return ebb_network_finish(net);
}

static ebb_status read_file(struct ebb_network *net, struct sonata *s)
{
    hid_t file;
    EBB_TRY(ebb_h5_open(&file, s->path));
    ebb_status status = ebb_h5_group(&s->all, file, "edges");
    if (status == EBB_OK) {
        status = fill(net, s);
        H5Gclose(s->all);
    }
    H5Fclose(file);
    return status;
}

ebb_status ebb_sonata_read(struct ebb_network **out, const char *path,
                           const struct ebb_sonata_options *options,
                           const struct ebb_edge_neurons *how)
{
    struct sonata s = {.options = options, .how = how, .path = path};
    struct ebb_network *net = NULL;
    *out = NULL;
    EBB_TRY(ebb_network_create(&net));
    ebb_status status = read_file(net, &s);
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
            char name[SONATA_NAME_BYTES];
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
