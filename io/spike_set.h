/* io/spike_set.h - data sets of spikes in HDF5 as SHD and SSC lay them out.
 *
 *     /spikes/times   [samples] lists of numbers, s (float16 or wider)
 *     /spikes/units   [samples] lists as long, channels
 *     /labels         [samples] classes
 *
 * HDF5 reads such lists of lists only in a child process (io/child.h): a file
 * on which it crashes, hangs or asks for more memory than there is ends in a
 * message. */
#ifndef EBB_IO_SPIKE_SET_H
#define EBB_IO_SPIKE_SET_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    EBB_SPIKE_SET_CHANNELS = 700, /* of SHD and SSC: cochlear hair cells */
    EBB_SPIKE_SET_LABEL_MAX = 1000000
};

/** A set being read. */
struct ebb_spike_set;

/** One sample; the arrays are valid until the next call. */
struct ebb_spike_set_sample {
    uint32_t label;       /* at most EBB_SPIKE_SET_LABEL_MAX */
    size_t n;             /* spikes */
    const float *time_s;  /* [n] finite, from 0, in any order */
    const uint32_t *unit; /* [n] below 65536 */
};

/** Open one; *samples is how many it holds. On failure *out is NULL. Errors:
 *  EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_NOMEM, each with the path. */
EBB_NODISCARD ebb_status ebb_spike_set_open(struct ebb_spike_set **out,
                                            const char *path, size_t *samples);

/** The next sample, in the order of the file; called as often as there are
 *  samples. Errors: as above, naming the sample; then only
 *  ebb_spike_set_close() may follow. */
EBB_NODISCARD ebb_status ebb_spike_set_read(struct ebb_spike_set *set,
                                            struct ebb_spike_set_sample *out);

/** Close it. NULL is allowed. */
void ebb_spike_set_close(struct ebb_spike_set *set);

#endif
