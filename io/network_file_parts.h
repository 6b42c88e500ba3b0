/* io/network_file_parts.h - what other files that hold a network as well share
 * with io/network_file. */
#ifndef EBB_IO_NETWORK_FILE_PARTS_H
#define EBB_IO_NETWORK_FILE_PARTS_H

#include "io/h5.h"
#include "io/network_file.h"

/** Write a network, and training or NULL, at the root of an open file. Errors:
 *  EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status
ebb_network_file_fill(hid_t file, const struct ebb_network *net,
                      const struct ebb_checkpoint *training);

#endif
