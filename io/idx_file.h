/* io/idx_file.h - arrays of bytes in IDX, as MNIST has them; packed by gzip or
 * not. */
#ifndef EBB_IO_IDX_FILE_H
#define EBB_IO_IDX_FILE_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

/** A file being read. */
struct ebb_idx;

/** Its array: items of rows of columns (1 x 1 where it has one dimension). */
struct ebb_idx_about {
    size_t items, rows, columns;
};

/** Open a file of unsigned bytes of 1 to 3 dimensions, of at most 2^32 items of
 *  2^24 bytes each. Errors: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_idx_open(struct ebb_idx **out,
                                      struct ebb_idx_about *about,
                                      const char *path);

/** The next item, item [rows * columns]. Errors: EBB_ERR_FORMAT (the file ends
 *  before). */
EBB_NODISCARD ebb_status ebb_idx_read(struct ebb_idx *idx, uint8_t *item);

/** Close it. NULL is allowed. */
void ebb_idx_close(struct ebb_idx *idx);

#endif
