/* io/h5_blocks.c - a dataset of any rank, read a few chunks at a time. */
#include "io/h5_blocks.h"

/* Extent of a chunk; false: all lies in one piece. */
static bool get_chunk(hsize_t *chunk, hid_t dataset, int rank)
{
    hid_t plan = H5Dget_create_plist(dataset);
    bool chunked = H5Pget_layout(plan) == H5D_CHUNKED &&
                   H5Pget_chunk(plan, rank, chunk) == rank;
    H5Pclose(plan);
    return chunked;
}

void h5_blocks_init(struct h5_blocks *b, hid_t dataset,
                    const struct ebb_h5_shape *shape)
{
    hsize_t chunk[EBB_H5_RANK_MAX] = {0}, left = EBB_H5_CHUNKS_MAX;
    bool chunked = get_chunk(chunk, dataset, shape->rank);
    *b = (struct h5_blocks){.rank = shape->rank};
    for (int k = shape->rank - 1; k >= 0; k--) {
        hsize_t size = shape->size[k], chunks = 1;
        if (chunked && chunk[k] > 0) {
            chunks = size / chunk[k] + (size % chunk[k] != 0);
        }
        b->size[k] = size;
        b->block[k] = chunks <= left ? size : left * chunk[k];
        left = chunks <= left ? left / chunks : 1;
    }
}

bool h5_blocks_is_one(const struct h5_blocks *b)
{
    for (int k = 0; k < b->rank; k++) {
        if (b->block[k] < b->size[k]) {
            return false;
        }
    }
    return true;
}

ebb_status h5_blocks_select(const struct h5_blocks *b, hid_t space)
{
    hsize_t n[EBB_H5_RANK_MAX];
    for (int k = 0; k < b->rank; k++) {
        hsize_t rest = b->size[k] - b->start[k];
        n[k] = rest < b->block[k] ? rest : b->block[k];
    }
    return H5Sselect_hyperslab(space, H5S_SELECT_SET, b->start, NULL, n,
                               NULL) >= 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_IO, "a block of it cannot be selected");
}

bool h5_blocks_next(struct h5_blocks *b)
{
    for (int k = b->rank - 1; k >= 0; k--) {
        if (b->size[k] - b->start[k] > b->block[k]) {
            b->start[k] += b->block[k];
            return true;
        }
        b->start[k] = 0;
    }
    return false;
}
