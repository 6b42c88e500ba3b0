/* io/spike_set_parts.h - what of io/spike_set.h is done in child processes. */
#ifndef EBB_IO_SPIKE_SET_PARTS_H
#define EBB_IO_SPIKE_SET_PARTS_H

#include "io/child.h"
#include "io/h5.h"

#include <stdbool.h>

/** What comes before the arrays of a sample, times [n] (float) and units [n]
 *  (uint32), in a message of the child. The first message is the number of
 *  samples, a uint64. */
struct ebb_spike_set_head {
    uint32_t label, n;
};

/** The work of the child; `self` is the path. */
ebb_status ebb_spike_set_read_in_child(void *self, struct ebb_child_out *out);

/** Has an HDF5 file the lists of such a set, readable or not? */
bool ebb_spike_set_looks(hid_t file);

#endif
