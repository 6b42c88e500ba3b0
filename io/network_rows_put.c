/* io/network_rows_put.c - the rows of sparse projections, written. */
#include "io/network_rows_file.h"

#include "io/h5_list.h"
#include "models/network_rows.h"

#include <string.h>

/* With fewer synapses nothing is won by a file that older programs refuse. */
enum { CONSTANT_FROM = 65536 };

static size_t bytes_of(const struct ebb_projection *p)
{
    return p->number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
}

static bool is_constant(const struct ebb_projection *p)
{
    if (p->synapses < CONSTANT_FROM) {
        return false;
    }
    if (p->rows) {
        return ebb_rows_constant(p->rows);
    }
    size_t size = bytes_of(p);
    const char *w = p->weight;
    return memcmp(w, w + size, (p->synapses - 1) * size) == 0;
}

static ebb_status put_starts(hid_t at, const struct ebb_projection *p,
                             size_t sources)
{
    struct ebb_h5_list list;
    uint64_t start = 0;
    ebb_status status = ebb_h5_list_begin(&list, at, "indptr", H5T_STD_U64LE,
                                          H5T_NATIVE_UINT64, sources + 1);
    status = status ? status : ebb_h5_list_add(&list, &start, 1);
    for (size_t j = 0; j < sources && status == EBB_OK; j++) {
        start += ebb_projection_row_length(p, j);
        status = ebb_h5_list_add(&list, &start, 1);
    }
    return ebb_h5_list_end(&list, status);
}

static ebb_status put_targets(hid_t at, const struct ebb_projection *p,
                              size_t sources)
{
    struct ebb_h5_list list;
    ebb_status status = ebb_h5_list_begin(&list, at, "indices", H5T_STD_U32LE,
                                          H5T_NATIVE_UINT32, p->synapses);
    for (size_t j = 0; j < sources && status == EBB_OK; j++) {
        struct ebb_row row = ebb_projection_row(p, j);
        status = ebb_h5_list_add(&list, row.target, row.n);
    }
    return ebb_h5_list_end(&list, status);
}

/* The first weight there is. */
static ebb_status add_first(struct ebb_h5_list *list,
                            const struct ebb_projection *p, size_t sources)
{
    for (size_t j = 0; j < sources; j++) {
        if (ebb_projection_row_length(p, j) > 0) {
            return ebb_h5_list_add(list, ebb_projection_row(p, j).weight, 1);
        }
    }
    return EBB_OK;
}

static ebb_status put_weights(hid_t at, const struct ebb_projection *p,
                              size_t sources, bool constant)
{
    struct ebb_h5_list list;
    bool single = p->number == EBB_FLOAT32;
    ebb_status status = ebb_h5_list_begin(
        &list, at, "data", single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE,
        single ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE,
        constant ? 1 : p->synapses);
    if (status == EBB_OK && constant) {
        status = add_first(&list, p, sources);
    }
    for (size_t j = 0; j < sources && status == EBB_OK && !constant; j++) {
        struct ebb_row row = ebb_projection_row(p, j);
        status = ebb_h5_list_add(&list, row.weight, row.n);
    }
    return ebb_h5_list_end(&list, status);
}

ebb_status network_rows_put(hid_t at, const struct ebb_projection *p,
                            size_t sources, bool *constant)
{
    bool one = is_constant(p);
    EBB_TRY(put_starts(at, p, sources));
    EBB_TRY(put_targets(at, p, sources));
    EBB_TRY(put_weights(at, p, sources, one));
    *constant = *constant || one;
    return EBB_OK;
}
