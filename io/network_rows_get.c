/* io/network_rows_get.c - the rows of sparse projections, read. */
#include "io/network_rows_file.h"

#include "core/memory.h"
#include "io/h5_window.h"
#include "models/network_rows.h"

#include <math.h>
#include <string.h>

enum { PIECE = 1 << 18 }; /* numbers held at a time, a chunk of 32 bits */

static size_t bytes_of(enum ebb_number number)
{
    return number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
}

static hid_t type_of(enum ebb_number number)
{
    return number == EBB_FLOAT32 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

ebb_status network_rows_measure(struct network_rows *r,
                                const struct ebb_network *net, uint64_t version)
{
    struct ebb_h5_shape data, indices, rows;
    size_t sources = net->populations[r->source].n;
    bool single = false;
    EBB_TRY(ebb_h5_shape_of_weights(&data, &single, r->at, "data"));
    r->number = single ? EBB_FLOAT32 : EBB_FLOAT64;
    EBB_TRY(ebb_h5_shape(&rows, r->at, "indptr"));
    EBB_TRY(ebb_h5_shape(&indices, r->at, "indices"));
    if (rows.count != sources + 1) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "indptr holds %zu numbers; %zu sources need %zu",
                        rows.count, sources, sources + 1);
    }
    r->synapses = indices.count;
    r->constant = version >= 2 && data.count == 1 && indices.count > 1;
    if (data.count != indices.count && !r->constant) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "'indices' holds %zu numbers, not %zu as 'data'%s",
                        indices.count, data.count,
                        version >= 2 ? ", which may also be one for all" : "");
    }
    return EBB_OK;
}

static void fill_weights(void *weight, enum ebb_number number, size_t n)
{
    size_t size = bytes_of(number);
    for (size_t k = 1; k < n; k++) {
        memcpy((char *)weight + k * size, weight, size);
    }
}

ebb_status network_rows_get(const struct network_rows *r,
                            struct ebb_network *net, size_t *index)
{
    EBB_TRY(ebb_network_add_projection(net, r->name, r->source, r->target,
                                       EBB_PROJECTION_SPARSE, r->number,
                                       r->synapses, index));
    struct ebb_projection *p = &net->projections[*index];
    size_t sources = net->populations[r->source].n;
    EBB_TRY(ebb_h5_read(p->indptr, r->at, "indptr", H5T_NATIVE_UINT64,
                        sources + 1));
    EBB_TRY(ebb_h5_read(p->indices, r->at, "indices", H5T_NATIVE_UINT32,
                        p->synapses));
    EBB_TRY(ebb_h5_read(p->weight, r->at, "data", type_of(r->number),
                        r->constant ? 1 : p->synapses));
    if (r->constant) {
        fill_weights(p->weight, r->number, p->synapses);
    }
    return EBB_OK;
}

/* Rows of a file, one after the other, as often as they are asked for. */
struct stream {
    const struct network_rows *rows;
    size_t sources, targets;
    uint64_t *start; /* [sources + 1] */
    size_t longest;
    struct ebb_h5_window indices, data;
    double constant;
};

static ebb_status check_starts(struct stream *s)
{
    size_t n = s->sources, synapses = s->rows->synapses;
    if (s->start[0] != 0 || s->start[n] != synapses) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "indptr runs from %llu to %llu; it must run from 0 to "
                        "the %zu synapses",
                        (unsigned long long)s->start[0],
                        (unsigned long long)s->start[n], synapses);
    }
    for (size_t j = 0; j < n; j++) {
        if (s->start[j] > s->start[j + 1] || s->start[j + 1] > synapses) {
            return EBB_FAIL(EBB_ERR_SHAPE,
                            "indptr[%zu] and the next do not rise within the "
                            "%zu synapses",
                            j, synapses);
        }
        size_t length = (size_t)(s->start[j + 1] - s->start[j]);
        s->longest = length > s->longest ? length : s->longest;
    }
    return EBB_OK;
}

static ebb_status stream_open(struct stream *s, const struct ebb_network *net)
{
    const struct network_rows *r = s->rows;
    s->sources = net->populations[r->source].n;
    s->targets = net->populations[r->target].n;
    s->start = ebb_mem_calloc(s->sources + 1, sizeof(*s->start));
    if (!s->start) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu rows", s->sources);
    }
    EBB_TRY(ebb_h5_read(s->start, r->at, "indptr", H5T_NATIVE_UINT64,
                        s->sources + 1));
    EBB_TRY(check_starts(s));
    size_t room = s->longest > PIECE ? s->longest : PIECE;
    room = room < r->synapses ? room : r->synapses;
    EBB_TRY(ebb_h5_window_open(&s->indices, r->at, "indices", H5T_NATIVE_UINT32,
                               room));
    if (r->constant) {
        return ebb_h5_read(&s->constant, r->at, "data", H5T_NATIVE_DOUBLE, 1);
    }
    return ebb_h5_window_open(&s->data, r->at, "data", type_of(r->number),
                              room);
}

static void stream_close(struct stream *s)
{
    ebb_h5_window_close(&s->indices);
    ebb_h5_window_close(&s->data);
    ebb_mem_free(s->start);
}

static ebb_status check_targets(const struct stream *s, size_t source,
                                const uint32_t *target, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (target[k] >= s->targets || (k > 0 && target[k] < target[k - 1])) {
            return EBB_FAIL(EBB_ERR_SHAPE,
                            "indices[%llu] = %u; targets rise within a row and "
                            "are below %zu",
                            (unsigned long long)s->start[source] + k, target[k],
                            s->targets);
        }
    }
    return EBB_OK;
}

static ebb_status check_weights(const struct stream *s, size_t source,
                                const void *weight, size_t n)
{
    bool single = s->rows->number == EBB_FLOAT32;
    for (size_t k = 0; k < n; k++) {
        double w = single ? (double)((const float *)weight)[k]
                          : ((const double *)weight)[k];
        if (!isfinite(w)) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "weight[%llu] = %g is no finite number",
                            (unsigned long long)s->start[source] + k, w);
        }
    }
    return EBB_OK;
}

static ebb_status get_weights(struct stream *s, size_t source, void *weight,
                              size_t n)
{
    const void *from = NULL;
    if (s->rows->constant) {
        for (size_t k = 0; k < n; k++) {
            if (s->rows->number == EBB_FLOAT32) {
                ((float *)weight)[k] = (float)s->constant;
            } else {
                ((double *)weight)[k] = s->constant;
            }
        }
        return check_weights(s, source, weight, n > 0);
    }
    EBB_TRY(ebb_h5_window_at(&s->data, (size_t)s->start[source], n, &from));
    memcpy(weight, from, n * s->data.bytes);
    return check_weights(s, source, weight, n);
}

static ebb_status get_row(void *self, void *thread, size_t source,
                          uint32_t *target, void *weight, size_t *n)
{
    struct stream *s = self;
    const void *from = NULL;
    (void)thread;
    *n = (size_t)(s->start[source + 1] - s->start[source]);
    if (*n == 0) {
        return EBB_OK;
    }
    EBB_TRY(ebb_h5_window_at(&s->indices, (size_t)s->start[source], *n, &from));
    memcpy(target, from, *n * sizeof(*target));
    EBB_TRY(check_targets(s, source, target, *n));
    return get_weights(s, source, weight, *n);
}

static ebb_status build(struct ebb_rows **out, struct stream *s)
{
    /* One thread: HDF5 reads for one at a time, and rows come in order. */
    struct ebb_rows_shape shape = {
        .sources = s->sources, .targets = s->targets, .threads = 1};
    struct ebb_row_source source = {.self = s,
                                    .most = s->longest,
                                    .number = s->rows->number,
                                    .row = get_row};
    return ebb_rows_build(out, &shape, &source, NULL);
}

ebb_status network_rows_get_compact(const struct network_rows *r,
                                    struct ebb_network *net, size_t *index)
{
    struct stream s = {.rows = r};
    struct ebb_rows *rows = NULL;
    ebb_status status = stream_open(&s, net);
    if (status == EBB_OK) {
        status = build(&rows, &s);
    }
    stream_close(&s);
    return status == EBB_OK ? ebb_network_add_rows(net, r->name, r->source,
                                                   r->target, rows, index)
                            : status;
}
