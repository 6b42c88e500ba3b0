/* io/sonata_write.c - networks to SONATA. */
#include "io/sonata.h"

#include "core/memory.h"
#include "io/h5.h"

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

/* What number k of a list is. */
typedef uint64_t list_fn(const void *self, size_t k);

static uint64_t zero(const void *self, size_t k)
{
    (void)self;
    (void)k;
    return 0;
}

static uint64_t itself(const void *self, size_t k)
{
    (void)self;
    return k;
}

static ebb_status put_list(hid_t at, const char *name, list_fn *what,
                           const void *self, size_t n)
{
    uint64_t *list = ebb_mem_calloc(n, sizeof(*list));
    if (!list) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu edges", n);
    }
    for (size_t k = 0; k < n; k++) {
        list[k] = what(self, k);
    }
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    ebb_status status = ebb_h5_write(at, name, H5T_STD_U64LE, H5T_NATIVE_UINT64,
                                     &shape, list, true);
    ebb_mem_free(list);
    return status;
}

static ebb_status fill_nodes(hid_t at, const struct ebb_population *p)
{
    hid_t group;
    EBB_TRY(put_list(at, "node_id", itself, NULL, p->n));
    EBB_TRY(put_list(at, "node_type_id", zero, NULL, p->n));
    EBB_TRY(put_list(at, "node_group_id", zero, NULL, p->n));
    EBB_TRY(put_list(at, "node_group_index", itself, NULL, p->n));
    EBB_TRY(ebb_h5_group_create(&group, at, "0"));
    H5Gclose(group);
    return EBB_OK;
}

/* The synapses of a projection, one after the other. */
struct edges {
    const struct ebb_network *net;
    const struct ebb_projection *p;
    uint64_t *source; /* [n] of sparse ones */
    size_t n, targets;
};

static uint64_t source_of(const void *self, size_t k)
{
    const struct edges *e = self;
    return e->source ? e->source[k] : k / e->targets;
}

static uint64_t target_of(const void *self, size_t k)
{
    const struct edges *e = self;
    return e->source ? e->p->indices[k] : k % e->targets;
}

/* Rows spelled out. */
static ebb_status edges_init(struct edges *e)
{
    if (e->p->kind != EBB_PROJECTION_SPARSE) {
        return EBB_OK;
    }
    e->source = ebb_mem_calloc(e->n, sizeof(*e->source));
    if (!e->source) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu edges", e->n);
    }
    for (size_t j = 0; j < e->p->n_inputs; j++) {
        for (uint64_t k = e->p->indptr[j]; k < e->p->indptr[j + 1]; k++) {
            e->source[k] = j;
        }
    }
    return EBB_OK;
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

static ebb_status put_end(hid_t at, const char *name, list_fn *what,
                          const struct edges *e, const char *population)
{
    EBB_TRY(put_list(at, name, what, e, e->n));
    hid_t list = H5Dopen2(at, name, H5P_DEFAULT);
    ebb_status status = put_text(list, "node_population", population);
    H5Dclose(list);
    return status;
}

static ebb_status put_values(hid_t group, const struct edges *e)
{
    const struct ebb_projection *p = e->p;
    double tick_ms = e->net->tick_s > 0 ? 1e3 * e->net->tick_s : 1;
    struct ebb_h5_shape shape = ebb_h5_shape_1(e->n);
    bool single = p->number == EBB_FLOAT32;
    EBB_TRY(ebb_h5_write(group, "syn_weight", H5T_IEEE_F64LE,
                         single ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE, &shape,
                         p->weight, true));
    double *delay = ebb_mem_calloc(e->n, sizeof(*delay));
    if (!delay) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu edges", e->n);
    }
    for (size_t k = 0; k < e->n; k++) {
        delay[k] = (double)p->delay_ticks * tick_ms;
    }
    ebb_status status = ebb_h5_write(group, "delay", H5T_IEEE_F64LE,
                                     H5T_NATIVE_DOUBLE, &shape, delay, true);
    ebb_mem_free(delay);
    return status;
}

static ebb_status fill_edges(hid_t at, const struct edges *e)
{
    const struct ebb_population *all = e->net->populations;
    hid_t group;
    EBB_TRY(
        put_end(at, "source_node_id", source_of, e, all[e->p->source].name));
    EBB_TRY(
        put_end(at, "target_node_id", target_of, e, all[e->p->target].name));
    EBB_TRY(put_list(at, "edge_type_id", zero, NULL, e->n));
    EBB_TRY(put_list(at, "edge_group_id", zero, NULL, e->n));
    EBB_TRY(put_list(at, "edge_group_index", itself, NULL, e->n));
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
                      .targets = net->populations[p->target].n};
    if (p->kind == EBB_PROJECTION_CONV2D || p->pool.kind != EBB_POOL_NONE) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "'%s' convolves or pools: SONATA has no such edges",
                        p->name);
    }
    EBB_TRY(ebb_h5_group_create(&at, all, p->name));
    ebb_status status = edges_init(&e);
    status = status ? status : fill_edges(at, &e);
    ebb_mem_free(e.source);
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
