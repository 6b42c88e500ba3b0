/* io/chunk_pack.c - a chunk of an HDF5 dataset, filtered as HDF5 would. */
#include "io/chunk_pack.h"

#include <string.h>
#include <zlib.h>

size_t ebb_chunk_bound(size_t rows, size_t points, size_t item)
{
    return (size_t)compressBound((uLong)(rows * points * item));
}

enum { MEMORY_LEVEL = 8 }; /* zlib's default: compressBound() holds for it */

/* Byte b of number (row, point) goes to plane b, place row points + point. */
static void shuffle(unsigned char *restrict out,
                    const struct ebb_chunk_source *s)
{
    const unsigned char *data = s->data;
    size_t plane = s->rows * s->points;
    memset(out, 0, plane * s->item);
    for (size_t p = 0; p < s->points_held; p++) {
        const unsigned char *at = data + p * s->stride * s->item;
        for (size_t r = 0; r < s->rows_held; r++) {
            unsigned char *to = out + r * s->points + p;
            for (size_t b = 0; b < s->item; b++) {
                to[b * plane] = *at++;
            }
        }
    }
}

/* Shuffled numbers have runs of equal bytes, and else hardly any repetition:
 * looking for no more than runs is several times as fast. */
static int deflate_all(unsigned char *out, uLongf *size, unsigned char *data,
                       size_t bytes)
{
    z_stream z = {.next_in = data,
                  .avail_in = (uInt)bytes,
                  .next_out = out,
                  .avail_out = (uInt)*size};
    int result = deflateInit2(&z, EBB_CHUNK_DEFLATE, Z_DEFLATED, MAX_WBITS,
                              MEMORY_LEVEL, Z_RLE);
    if (result != Z_OK) {
        return result;
    }
    result = deflate(&z, Z_FINISH);
    *size = z.total_out;
    deflateEnd(&z);
    return result;
}

ebb_status ebb_chunk_pack(void *out, size_t *size, void *scratch,
                          const struct ebb_chunk_source *from)
{
    size_t bytes = from->rows * from->points * from->item;
    uLongf n = compressBound((uLong)bytes);
    shuffle(scratch, from);
    if (deflate_all(out, &n, scratch, bytes) != Z_STREAM_END) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to compress %zu bytes",
                        bytes);
    }
    *size = (size_t)n;
    return EBB_OK;
}
