/* io/patterns_file.h - spike patterns in files: HDF5 or NumPy's .npy, an array
 * [pattern, train, tick] of 0 and 1. */
#ifndef EBB_IO_PATTERNS_FILE_H
#define EBB_IO_PATTERNS_FILE_H

#include "core/error.h"
#include "models/patterns.h"

/** Read patterns: from .npy (booleans or whole numbers, C order) or from the
 *  dataset /patterns of an HDF5 file. Errors: EBB_ERR_IO, EBB_ERR_FORMAT,
 *  EBB_ERR_NOMEM, all with the path. */
EBB_NODISCARD ebb_status ebb_patterns_read(struct ebb_patterns *out,
                                           const char *path);

/** Write patterns: .npy where the name ends so, else HDF5. A file of that name
 *  is replaced at the end, at once. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_patterns_write(const char *path,
                                            const struct ebb_patterns *p);

#endif
