/* io/h5_list.c - long lists of numbers written in pieces. */
#include "io/h5_list.h"

#include "core/memory.h"

#include <assert.h>
#include <string.h>

enum { PIECE_BYTES = 1 << 20 }; /* of a chunk: each is packed once */

static ebb_status full_disk(const char *name)
{
    return EBB_FAIL(EBB_ERR_IO, "cannot write '%s': is the disk full?", name);
}

ebb_status ebb_h5_list_begin(struct ebb_h5_list *l, hid_t at, const char *name,
                             hid_t file_type, hid_t type, size_t n)
{
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    *l = (struct ebb_h5_list){
        .name = name, .type = type, .bytes = H5Tget_size(type), .all = n};
    l->room = PIECE_BYTES / H5Tget_size(file_type);
    l->room = n < l->room ? n : l->room;
    l->piece = ebb_mem_calloc(l->room, l->bytes);
    if (!l->piece) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to write '%s'", name);
    }
    EBB_TRY(ebb_h5_create_dataset(&l->dataset, at, name, file_type, &shape));
    return EBB_OK;
}

static ebb_status flush(struct ebb_h5_list *l)
{
    hsize_t start = l->done, count = l->n;
    if (l->n == 0) {
        return EBB_OK;
    }
    hid_t file_space = H5Dget_space(l->dataset);
    hid_t space = H5Screate_simple(1, &count, NULL);
    herr_t result = H5Sselect_hyperslab(file_space, H5S_SELECT_SET, &start,
                                        NULL, &count, NULL);
    if (result >= 0) {
        result = H5Dwrite(l->dataset, l->type, space, file_space, H5P_DEFAULT,
                          l->piece);
    }
    H5Sclose(space);
    H5Sclose(file_space);
    l->done += l->n;
    l->n = 0;
    return result >= 0 ? EBB_OK : full_disk(l->name);
}

ebb_status ebb_h5_list_add(struct ebb_h5_list *l, const void *numbers, size_t n)
{
    const char *from = numbers;
    assert(n <= l->all - l->done - l->n);
    while (n > 0) {
        size_t part = l->room - l->n < n ? l->room - l->n : n;
        memcpy(l->piece + l->n * l->bytes, from, part * l->bytes);
        l->n += part;
        from += part * l->bytes;
        n -= part;
        if (l->n == l->room) {
            EBB_TRY(flush(l));
        }
    }
    return EBB_OK;
}

ebb_status ebb_h5_list_end(struct ebb_h5_list *l, ebb_status so_far)
{
    if (so_far == EBB_OK) {
        so_far = flush(l);
    }
    assert(so_far != EBB_OK || l->done == l->all);
    if (l->dataset > 0 && H5Dclose(l->dataset) < 0 && so_far == EBB_OK) {
        so_far = full_disk(l->name);
    }
    ebb_mem_free(l->piece);
    *l = (struct ebb_h5_list){0};
    return so_far;
}
