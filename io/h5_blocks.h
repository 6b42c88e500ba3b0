/* io/h5_blocks.h - a dataset of any rank, read a few chunks at a time. Part of
 * io/h5.h. */
#ifndef EBB_IO_H5_BLOCKS_H
#define EBB_IO_H5_BLOCKS_H

#include "io/h5.h"

/** Chunks that one call of HDF5 reads at most: it keeps kilobytes for each,
 *  there or not. */
enum { EBB_H5_CHUNKS_MAX = 1024 };

/** Blocks of whole chunks that cover a dataset or a rectangle of one, last
 *  dimension first. */
struct h5_blocks {
    int rank;
    hsize_t origin[EBB_H5_RANK_MAX]; /* of the rectangle, in the dataset */
    hsize_t size[EBB_H5_RANK_MAX];   /* of it */
    hsize_t block[EBB_H5_RANK_MAX];  /* of a block; cut where the data end */
    hsize_t start[EBB_H5_RANK_MAX];  /* of the next block, in the rectangle */
};

/** Blocks of EBB_H5_CHUNKS_MAX chunks at most, as large as can be; all of it is
 *  one where it has no chunks, or few. No size is 0. */
void h5_blocks_init(struct h5_blocks *b, hid_t dataset,
                    const struct ebb_h5_shape *shape);

/** The same of size[k] places from origin[k] on in each dimension. Blocks of a
 *  rectangle that begins within a chunk are of one chunk less. */
void h5_blocks_init_in(struct h5_blocks *b, hid_t dataset, int rank,
                       const hsize_t *origin, const hsize_t *size);

/** Is one block all there is? */
bool h5_blocks_is_one(const struct h5_blocks *b);

/** Select the next block in the extent of the dataset, and in that of the
 *  rectangle. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status h5_blocks_select(const struct h5_blocks *b,
                                          hid_t space, hid_t rectangle);

/** Go on to the one after it; false: that was the last. */
bool h5_blocks_next(struct h5_blocks *b);

#endif
