/* io/sonata_write.c - networks to SONATA. */
#include "io/sonata.h"

#include "io/h5_list.h"
#include "models/network_rows.h"

enum { MAGIC = 0x0A7A };

static ebb_status put_version(hid_t file)
{
    const uint32_t magic = MAGIC, version[2] = {0, 1};
    hsize_t two = 2;
    hid_t one = H5Screate(H5S_SCALAR), pair = H5Screate_simple(1, &two, NULL);
    hid_t a =
        H5Acreate2(file, "magic", H5T_STD_U32LE, one, H5P_DEFAULT, H5P_DEFAULT);
    hid_t b = H5Acreate2(file, "version", H5T_STD_U32LE, pair, H5P_DEFAULT,
                         H5P_DEFAULT);
    bool written = H5Awrite(a, H5T_NATIVE_UINT32, &magic) >= 0 &&
                   H5Awrite(b, H5T_NATIVE_UINT32, version) >= 0;
    H5Aclose(a);
    H5Aclose(b);
    H5Sclose(one);
    H5Sclose(pair);
    return written ? EBB_OK : EBB_FAIL(EBB_ERR_IO, "cannot write attributes");
}

/* 0, step, 2 step, ... */
static ebb_status put_steps(hid_t at, const char *name, uint64_t step, size_t n)
{
    struct ebb_h5_list list;
    ebb_status status =
        ebb_h5_list_begin(&list, at, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, n);
    for (uint64_t k = 0; k < n && status == EBB_OK; k++) {
        uint64_t number = k * step;
        status = ebb_h5_list_add(&list, &number, 1);
    }
    return ebb_h5_list_end(&list, status);
}

static ebb_status fill_nodes(hid_t at, const struct ebb_population *p)
{
    hid_t group;
    EBB_TRY(put_steps(at, "node_id", 1, p->n));
    EBB_TRY(put_steps(at, "node_type_id", 0, p->n));
    EBB_TRY(put_steps(at, "node_group_id", 0, p->n));
    EBB_TRY(put_steps(at, "node_group_index", 1, p->n));
    EBB_TRY(ebb_h5_group_create(&group, at, "0"));
    H5Gclose(group);
    return EBB_OK;
}

/* The synapses of a projection, source by source. */
struct edges {
    const struct ebb_network *net;
    const struct ebb_projection *p;
    size_t n, sources, targets;
};

static size_t row_length(const struct edges *e, size_t source)
{
    return e->p->kind == EBB_PROJECTION_SPARSE
               ? ebb_projection_row_length(e->p, source)
               : e->targets;
}

static ebb_status add_sources(struct ebb_h5_list *list, const struct edges *e,
                              size_t source)
{
    const uint64_t number = source;
    ebb_status status = EBB_OK;
    for (size_t k = row_length(e, source); k > 0 && status == EBB_OK; k--) {
        status = ebb_h5_list_add(list, &number, 1);
    }
    return status;
}

static ebb_status add_targets(struct ebb_h5_list *list, const struct edges *e,
                              size_t source)
{
    bool sparse = e->p->kind == EBB_PROJECTION_SPARSE;
    struct ebb_row row = {.n = e->targets};
    ebb_status status = EBB_OK;
    if (sparse) {
        row = ebb_projection_row(e->p, source);
    }
    for (size_t k = 0; k < row.n && status == EBB_OK; k++) {
        uint64_t number = sparse ? row.target[k] : k;
        status = ebb_h5_list_add(list, &number, 1);
    }
    return status;
}

static ebb_status add_weights(struct ebb_h5_list *list, const struct edges *e,
                              size_t source)
{
    const struct ebb_projection *p = e->p;
    const char *all = p->weight;
    if (p->kind == EBB_PROJECTION_SPARSE) {
        struct ebb_row row = ebb_projection_row(p, source);
        return ebb_h5_list_add(list, row.weight, row.n);
    }
    size_t size = p->number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
    return ebb_h5_list_add(list, all + source * e->targets * size, e->targets);
}

static ebb_status add_delays(struct ebb_h5_list *list, const struct edges *e,
                             size_t source)
{
    double tick_ms = e->net->tick_s > 0 ? 1e3 * e->net->tick_s : 1;
    double delay = (double)e->p->delay_ticks * tick_ms;
    ebb_status status = EBB_OK;
    for (size_t k = row_length(e, source); k > 0 && status == EBB_OK; k--) {
        status = ebb_h5_list_add(list, &delay, 1);
    }
    return status;
}

/* A number of each edge. */
static ebb_status put_rows(hid_t at, const char *name, hid_t file_type,
                           hid_t type, const struct edges *e,
                           ebb_status (*add)(struct ebb_h5_list *list,
                                             const struct edges *e,
                                             size_t source))
{
    struct ebb_h5_list list;
    ebb_status status =
        ebb_h5_list_begin(&list, at, name, file_type, type, e->n);
    for (size_t j = 0; j < e->sources && status == EBB_OK; j++) {
        status = add(&list, e, j);
    }
    return ebb_h5_list_end(&list, status);
}

/* Of variable length: readers in Python take text of fixed length for bytes. */
static ebb_status put_text(hid_t at, const char *name, const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    hid_t a = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool written = H5Awrite(a, type, &text) >= 0;
    H5Aclose(a);
    H5Sclose(space);
    H5Tclose(type);
    return written ? EBB_OK : EBB_FAIL(EBB_ERR_IO, "cannot write '%s'", name);
}

static ebb_status put_end(hid_t at, const char *name, const char *population,
                          const struct edges *e,
                          ebb_status (*add)(struct ebb_h5_list *list,
                                            const struct edges *e,
                                            size_t source))
{
    EBB_TRY(put_rows(at, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, e, add));
    hid_t list = H5Dopen2(at, name, H5P_DEFAULT);
    ebb_status status = put_text(list, "node_population", population);
    H5Dclose(list);
    return status;
}

static ebb_status put_values(hid_t group, const struct edges *e)
{
    bool single = e->p->number == EBB_FLOAT32;
    EBB_TRY(put_rows(group, "syn_weight", H5T_IEEE_F64LE,
                     single ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE, e,
                     add_weights));
    return put_rows(group, "delay", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, e,
                    add_delays);
}

static ebb_status fill_edges(hid_t at, const struct edges *e)
{
    const struct ebb_population *all = e->net->populations;
    hid_t group;
    EBB_TRY(
        put_end(at, "source_node_id", all[e->p->source].name, e, add_sources));
    EBB_TRY(
        put_end(at, "target_node_id", all[e->p->target].name, e, add_targets));
    EBB_TRY(put_steps(at, "edge_type_id", 0, e->n));
    EBB_TRY(put_steps(at, "edge_group_id", 0, e->n));
    EBB_TRY(put_steps(at, "edge_group_index", 1, e->n));
    EBB_TRY(ebb_h5_group_create(&group, at, "0"));
    ebb_status status = put_values(group, e);
    H5Gclose(group);
    return status;
}

static ebb_status put_population(hid_t all, const struct ebb_population *p)
{
    hid_t at;
    EBB_TRY(ebb_h5_group_create(&at, all, p->name));
    ebb_status status = fill_nodes(at, p);
    H5Gclose(at);
    return status;
}

static ebb_status put_projection(hid_t all, const struct ebb_network *net,
                                 const struct ebb_projection *p)
{
    hid_t at;
    struct edges e = {.net = net,
                      .p = p,
                      .n = p->synapses,
                      .sources = p->n_inputs,
                      .targets = net->populations[p->target].n};
    if (p->kind == EBB_PROJECTION_CONV2D || p->pool.kind != EBB_POOL_NONE) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "'%s' convolves or pools: SONATA has no such edges",
                        p->name);
    }
    EBB_TRY(ebb_h5_group_create(&at, all, p->name));
    ebb_status status = fill_edges(at, &e);
    H5Gclose(at);
    return status;
}

static ebb_status fill_file(hid_t file, const struct ebb_network *net)
{
    hid_t nodes, edges;
    EBB_TRY(put_version(file));
    EBB_TRY(ebb_h5_group_create(&nodes, file, "nodes"));
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < net->n_populations && status == EBB_OK; k++) {
        status = put_population(nodes, &net->populations[k]);
    }
    H5Gclose(nodes);
    EBB_TRY(status);
    EBB_TRY(ebb_h5_group_create(&edges, file, "edges"));
    for (size_t k = 0; k < net->n_projections && status == EBB_OK; k++) {
        status = put_projection(edges, net, &net->projections[k]);
    }
    H5Gclose(edges);
    return status;
}

ebb_status ebb_sonata_write(const char *path, const struct ebb_network *net)
{
    hid_t file;
    EBB_TRY(ebb_h5_begin(&file, path));
    ebb_status status = fill_file(file, net);
    if (status != EBB_OK) {
        ebb_h5_abandon(file, path);
        return ebb_error_prefix(status, "%s: ", path);
    }
    return ebb_h5_commit(file, path);
}
