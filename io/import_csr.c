/* io/import_csr.c - sparse matrices as networks. */
#include "io/import_csr.h"

#include "core/memory.h"
#include "io/h5.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 256 };

/* The matrix as it is in the file. */
struct matrix {
    size_t rows, columns, stored;
};

static bool text_is(hid_t at, const char *attribute, const char *wanted)
{
    char text[32];
    return H5Aexists(at, attribute) > 0 &&
           ebb_h5_get_any_text(text, sizeof(text), at, attribute) == EBB_OK &&
           strcmp(text, wanted) == 0;
}

static bool is_csr(hid_t at)
{
    return text_is(at, "encoding-type", "csr_matrix") ||
           text_is(at, "h5sparse_format", "csr");
}

/* Open the only member that is a matrix. */
static ebb_status open_only(hid_t *out, hid_t file)
{
    size_t found = 0;
    *out = -1;
    for (size_t k = 0; k < ebb_h5_members(file); k++) {
        char name[NAME_BYTES];
        hid_t at;
        if (ebb_h5_member(name, sizeof(name), file, k) != EBB_OK ||
            ebb_h5_group(&at, file, name) != EBB_OK) {
            continue;
        }
        if (is_csr(at) && found++ == 0) {
            *out = at;
        } else {
            H5Gclose(at);
        }
    }
    if (found == 1) {
        return EBB_OK;
    }
    if (*out >= 0) {
        H5Gclose(*out);
        *out = -1;
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "%zu groups are a CSR matrix (encoding-type csr_matrix); "
                    "name one with --matrix",
                    found);
}

static ebb_status open_matrix(hid_t *out, hid_t file, const char *name)
{
    *out = -1;
    if (!name && is_csr(file)) {
        *out = H5Gopen2(file, "/", H5P_DEFAULT);
        return *out >= 0 ? EBB_OK
                         : EBB_FAIL(EBB_ERR_FORMAT, "its root is damaged");
    }
    if (!name && ebb_h5_has(file, "X") &&
        ebb_h5_group(out, file, "X") == EBB_OK && is_csr(*out)) {
        return EBB_OK;
    }
    if (*out >= 0) {
        H5Gclose(*out);
    }
    if (!name) {
        return open_only(out, file);
    }
    EBB_TRY(ebb_h5_group(out, file, name));
    if (!is_csr(*out)) {
        H5Gclose(*out);
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "'%s' is no CSR matrix: encoding-type is not "
                        "csr_matrix; save it with tocsr()",
                        name);
    }
    return EBB_OK;
}

static ebb_status get_shape(struct matrix *m, hid_t at)
{
    uint64_t size[2] = {0};
    const char *name = H5Aexists(at, "shape") > 0 ? "shape" : "h5sparse_shape";
    EBB_TRY(ebb_h5_get_counts(size, 2, at, name));
    if (size[0] == 0 || size[1] == 0 || size[0] >= UINT32_MAX ||
        size[1] >= UINT32_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "shape is [%llu, %llu]; give 1 to %u rows and columns",
                        (unsigned long long)size[0],
                        (unsigned long long)size[1], UINT32_MAX - 1);
    }
    m->rows = size[0];
    m->columns = size[1];
    return EBB_OK;
}

/* All sizes, before memory is taken. Columns are no array: as many as are
 * believable for what is stored. */
static ebb_status measure(struct matrix *m, hid_t at)
{
    struct ebb_h5_shape rows, columns, data;
    EBB_TRY(get_shape(m, at));
    EBB_TRY(ebb_h5_shape(&rows, at, "indptr"));
    EBB_TRY(ebb_h5_shape(&columns, at, "indices"));
    EBB_TRY(ebb_h5_shape(&data, at, "data"));
    if (rows.count != m->rows + 1) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "indptr holds %zu numbers; %zu rows need %zu",
                        rows.count, m->rows, m->rows + 1);
    }
    if (columns.count != data.count || data.count == 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%zu indices for %zu numbers in data; there is one "
                        "each, and at least one",
                        columns.count, data.count);
    }
    m->stored = data.count;
    return ebb_edges_check_size(m->columns, data.count + m->rows);
}

static ebb_status check_rows(const struct ebb_projection *q, size_t columns)
{
    size_t rows = q->n_inputs;
    if (q->indptr[0] != 0 || q->indptr[rows] != q->synapses) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "indptr runs from %llu to %llu; it must run from 0 to "
                        "the %zu numbers",
                        (unsigned long long)q->indptr[0],
                        (unsigned long long)q->indptr[rows], q->synapses);
    }
    for (size_t j = 0; j < rows; j++) {
        if (q->indptr[j] > q->indptr[j + 1]) {
            return EBB_FAIL(EBB_ERR_FORMAT, "indptr[%zu] falls", j + 1);
        }
    }
    for (size_t k = 0; k < q->synapses; k++) {
        if (q->indices[k] >= columns) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "indices[%zu] = %u; there are %zu columns", k,
                            q->indices[k], columns);
        }
    }
    return EBB_OK;
}

struct entry {
    uint32_t column;
    float value;
};

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return (x->column > y->column) - (x->column < y->column);
}

static bool rises(const struct ebb_projection *q, size_t row)
{
    for (uint64_t k = q->indptr[row] + 1; k < q->indptr[row + 1]; k++) {
        if (q->indices[k] < q->indices[k - 1]) {
            return false;
        }
    }
    return true;
}

/* Columns need not rise in the file. */
static ebb_status sort_rows(struct ebb_projection *q)
{
    struct entry *row = NULL;
    size_t room = 0;
    float *weight = q->weight;
    for (size_t j = 0; j < q->n_inputs; j++) {
        uint64_t from = q->indptr[j];
        size_t n = (size_t)(q->indptr[j + 1] - from);
        if (rises(q, j)) {
            continue;
        }
        ebb_status status = ebb_mem_grow(&row, &room, n, sizeof(*row));
        if (status != EBB_OK) {
            ebb_mem_free(row);
            return status;
        }
        for (size_t k = 0; k < n; k++) {
            row[k] = (struct entry){q->indices[from + k], weight[from + k]};
        }
        qsort(row, n, sizeof(*row), compare);
        for (size_t k = 0; k < n; k++) {
            q->indices[from + k] = row[k].column;
            weight[from + k] = row[k].value;
        }
    }
    ebb_mem_free(row);
    return EBB_OK;
}

static ebb_status get_synapses(struct ebb_network *net, hid_t at,
                               const struct matrix *m, size_t source,
                               size_t target,
                               const struct ebb_edge_neurons *how)
{
    size_t index = 0;
    EBB_TRY(ebb_network_add_projection(net, "synapses", source, target,
                                       EBB_PROJECTION_SPARSE, EBB_FLOAT32,
                                       m->stored, &index));
    struct ebb_projection *q = &net->projections[index];
    EBB_TRY(
        ebb_h5_read(q->indptr, at, "indptr", H5T_NATIVE_UINT64, m->rows + 1));
    EBB_TRY(
        ebb_h5_read(q->indices, at, "indices", H5T_NATIVE_UINT32, m->stored));
    EBB_TRY(ebb_h5_read(q->weight, at, "data", H5T_NATIVE_FLOAT, m->stored));
    EBB_TRY(check_rows(q, m->columns));
    EBB_TRY(sort_rows(q));
    return ebb_edges_set_kernel(net, index, how, how->delay_ticks);
}

static ebb_status fill(struct ebb_network *net, hid_t at, bool feed_forward,
                       const struct ebb_edge_neurons *how)
{
    struct matrix m = {.rows = 0};
    size_t input = 0, neurons = 0;
    bool forward = feed_forward;
    EBB_TRY(measure(&m, at));
    forward = forward || m.rows != m.columns;
    net->tick_s = how->tick_s;
    if (forward) {
        EBB_TRY(ebb_network_add_population(net, "input", m.rows, true, &input));
    }
    EBB_TRY(ebb_edges_add_neurons(net, "neurons", m.columns, how, &neurons));
    EBB_TRY(get_synapses(net, at, &m, forward ? input : neurons, neurons, how));
    if (!forward) {
        EBB_TRY(ebb_edges_add_input(net, neurons, how));
    }
    return ebb_network_finish(net);
}

bool ebb_csr_looks(const char *path)
{
    hid_t file, at;
    if (ebb_h5_open(&file, path) != EBB_OK) {
        return false;
    }
    bool looks = open_matrix(&at, file, NULL) == EBB_OK;
    if (looks) {
        H5Gclose(at);
    }
    H5Fclose(file);
    return looks;
}

ebb_status ebb_csr_read(struct ebb_network **out, const char *path,
                        const char *group, bool feed_forward,
                        const struct ebb_edge_neurons *how)
{
    hid_t file, at;
    struct ebb_network *net = NULL;
    *out = NULL;
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = open_matrix(&at, file, group);
    if (status == EBB_OK) {
        status = ebb_network_create(&net);
        status = status ? status : fill(net, at, feed_forward, how);
        H5Gclose(at);
    }
    H5Fclose(file);
    if (status != EBB_OK) {
        ebb_network_destroy(net);
        return ebb_error_prefix(status, "%s: ", path);
    }
    *out = net;
    return EBB_OK;
}
