/* io/association_file.h - associative memories in files: a network
 * (*.net.h5) that has its patterns beside it, in the group /memory. The layout
 * is docs/files.md's. */
#ifndef EBB_IO_ASSOCIATION_FILE_H
#define EBB_IO_ASSOCIATION_FILE_H

#include "models/association.h"

/** Write network, patterns and what they were built from. A file of that name
 *  is replaced at the end, at once. Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status
ebb_association_file_write(const char *path, const struct ebb_network *net,
                           const struct ebb_association_params *params,
                           const struct ebb_assemblies *patterns);

/** Does a network's file have patterns beside it? Errors: EBB_ERR_IO,
 *  EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status ebb_association_file_has(bool *out, const char *path);

/** Read patterns and parameters; the network is ebb_network_file_read()'s.
 *  Errors: EBB_ERR_IO, EBB_ERR_FORMAT (a network without them),
 *  EBB_ERR_NOMEM, all with the path. */
EBB_NODISCARD ebb_status ebb_association_file_read(
    struct ebb_assemblies *patterns, struct ebb_association_params *params,
    const char *path);

#endif
