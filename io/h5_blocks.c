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

/* Places of a dimension that are read at once, of so many chunks at most. */
static hsize_t block_of(hsize_t chunk, hsize_t origin, hsize_t left)
{
    if (origin % chunk == 0) {
        return left * chunk;
    }
    return left > 1 ? (left - 1) * chunk : 1;
}

void h5_blocks_init_in(struct h5_blocks *b, hid_t dataset, int rank,
                       const hsize_t *origin, const hsize_t *size)
{
    hsize_t chunk[EBB_H5_RANK_MAX] = {0}, left = EBB_H5_CHUNKS_MAX;
    bool chunked = get_chunk(chunk, dataset, rank);
    *b = (struct h5_blocks){.rank = rank};
    for (int k = rank - 1; k >= 0; k--) {
        hsize_t chunks = 1;
        if (chunked && chunk[k] > 0) {
            hsize_t before = origin[k] % chunk[k];
            chunks = size[k] / chunk[k] +
                     (size[k] % chunk[k] + before + chunk[k] - 1) / chunk[k];
        }
        b->origin[k] = origin[k];
        b->size[k] = size[k];
        b->block[k] =
            chunks <= left ? size[k] : block_of(chunk[k], origin[k], left);
        left = chunks <= left ? left / chunks : 1;
    }
}

void h5_blocks_init(struct h5_blocks *b, hid_t dataset,
                    const struct ebb_h5_shape *shape)
{
    const hsize_t origin[EBB_H5_RANK_MAX] = {0};
    h5_blocks_init_in(b, dataset, shape->rank, origin, shape->size);
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

ebb_status h5_blocks_select(const struct h5_blocks *b, hid_t space,
                            hid_t rectangle)
{
    hsize_t n[EBB_H5_RANK_MAX], at[EBB_H5_RANK_MAX];
    for (int k = 0; k < b->rank; k++) {
        hsize_t rest = b->size[k] - b->start[k];
        n[k] = rest < b->block[k] ? rest : b->block[k];
        at[k] = b->origin[k] + b->start[k];
    }
    return H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, n, NULL) >= 0 &&
                   H5Sselect_hyperslab(rectangle, H5S_SELECT_SET, b->start,
                                       NULL, n, NULL) >= 0
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
