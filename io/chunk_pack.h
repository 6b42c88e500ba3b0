/* io/chunk_pack.h - a chunk of an HDF5 dataset, filtered as HDF5 would: bytes
 * shuffled, then deflated. Knows nothing of HDF5, so it can run anywhere. */
#ifndef EBB_IO_CHUNK_PACK_H
#define EBB_IO_CHUNK_PACK_H

#include "core/error.h"

#include <stddef.h>

enum { EBB_CHUNK_DEFLATE = 1 }; /* level, as the datasets state it */

/** A piece of an array in memory that becomes one chunk [rows, points]. */
struct ebb_chunk_source {
    const void *data; /* [points_held][stride] numbers, the first one taken */
    size_t stride;    /* numbers from a point to the next */
    size_t rows_held, points_held; /* what there is; the rest gets 0 */
    size_t rows, points;           /* of the chunk */
    size_t item;                   /* bytes of a number, at most 8 */
};

/** Bytes that a packed chunk may have at most. */
size_t ebb_chunk_bound(size_t rows, size_t points, size_t item);

/**
 * Pack one chunk: turned to [rows][points], shuffled, deflated.
 *
 *     out      [ebb_chunk_bound()]  out  the chunk as it stands in the file
 *     size                          out  its bytes
 *     scratch  [rows points item]   out  the chunk before it is deflated
 *
 * A pure function; callable from many threads. Errors: EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_chunk_pack(void *out, size_t *size, void *scratch,
                                        const struct ebb_chunk_source *from);

#endif
