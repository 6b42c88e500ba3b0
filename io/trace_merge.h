/* io/trace_merge.h - one trace of the pieces of a run: of the ranks of a job,
 * and of a run that was gone on with. */
#ifndef EBB_IO_TRACE_MERGE_H
#define EBB_IO_TRACE_MERGE_H

#include "core/error.h"
#include "core/tick.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What became of it. */
struct ebb_trace_merge {
    ebb_tick first, ticks, intended; /* it holds first <= t < ticks */
    uint64_t spikes;                 /* input events included */
    bool broken; /* a write failed: the program must end by _exit(), see
                    ebb_trace_writer_abandon() */
};

/**
 * Join the traces part [n], in any order, to the trace `path`, which is
 * replaced at the end. They must be of one run, hold the same states, each
 * neuron once and no gap in time. Where a run was killed and gone on with from
 * an earlier tick, both pieces hold what lies between: the spikes must be the
 * same, and those of the later piece are taken.
 *
 * Memory: three blocks of the recorded states of all neurons, as for
 * recording, whatever the length of the run. Errors: EBB_ERR_IO,
 * EBB_ERR_FORMAT (damaged, a gap, a neuron twice), EBB_ERR_ARG (of different
 * runs), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_trace_merge(struct ebb_trace_merge *result,
                                         const char *const *part, size_t n,
                                         const char *path);

#endif
