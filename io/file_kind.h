/* io/file_kind.h - what kind of file is this? */
#ifndef EBB_IO_FILE_KIND_H
#define EBB_IO_FILE_KIND_H

#include "core/error.h"

enum ebb_file_kind {
    EBB_FILE_NETWORK,
    EBB_FILE_PATTERNS,
    EBB_FILE_TRACE,
    EBB_FILE_DATASET,
    EBB_FILE_GRADIENTS,
    EBB_FILE_EXPERIMENT,
    EBB_FILE_EVENTS,    /* text: tick, node[, value] */
    EBB_FILE_RECORDING, /* of an event camera, in any format */
    EBB_FILE_SPIKE_SET, /* SHD, SSC: io/spike_set.h */
    EBB_FILE_STATE      /* checkpoint of a run */
};

/** "network" and so on. */
const char *ebb_file_kind_name(enum ebb_file_kind kind);

/** Look at a file's first bytes, format attribute and name; at what is in HDF5
 *  in a child process (io/child.h). Errors: EBB_ERR_IO, EBB_ERR_FORMAT (no
 *  kind that is known), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_file_kind_find(enum ebb_file_kind *out,
                                            const char *path);

#endif
