/* tools/out_file.h - text that replaces a file at the end, or not at all. */
#ifndef EBB_TOOLS_OUT_FILE_H
#define EBB_TOOLS_OUT_FILE_H

#include "core/error.h"

#include <stdio.h>

/** A file being written. Zero-initialise. */
struct ebb_out_file {
    FILE *file; /* write here; NULL: not begun */
    char *path;
    char *beside; /* path.tmp until the end; NULL: written in place */
};

/** Begin. What is no file of its own (a pipe, /dev/stdout) is written in
 *  place. Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_out_file_begin(struct ebb_out_file *out,
                                            const char *path);

/** End: the file gets its name, or, where `so_far` or a write failed, the old
 *  one stays. Does nothing where nothing was begun. Errors: `so_far`,
 *  EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_out_file_end(struct ebb_out_file *out,
                                          ebb_status so_far);

#endif
