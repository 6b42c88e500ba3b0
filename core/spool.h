/* core/spool.h - bytes that are not held in memory: a file without a name,
 * which is gone with the program. */
#ifndef EBB_CORE_SPOOL_H
#define EBB_CORE_SPOOL_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

/** Bytes written one after the other and read anywhere. */
struct ebb_spool;

/** An empty one, in the folder $TMPDIR, else /var/tmp. Errors: EBB_ERR_IO with
 *  the folder, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_spool_create(struct ebb_spool **out);

/** Would a temporary file of so many bytes fit into that folder? A file system
 *  that does not tell what is free counts as one with room. Errors: EBB_ERR_IO
 *  with the folder, both numbers and the way out. */
EBB_NODISCARD ebb_status ebb_spool_check_room(uint64_t bytes);

/** Free it, and what it takes on the disk. NULL is allowed. */
void ebb_spool_destroy(struct ebb_spool *spool);

/** Put bytes behind those that are there. Errors: EBB_ERR_IO (a full disk),
 *  with the way out. */
EBB_NODISCARD ebb_status ebb_spool_write(struct ebb_spool *spool,
                                         const void *data, size_t bytes);

/** Read bytes from..from+bytes-1, which have been written. Errors:
 *  EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_spool_read(const struct ebb_spool *spool,
                                        uint64_t from, void *data,
                                        size_t bytes);

#endif
