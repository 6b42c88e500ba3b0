/* io/trace_repair.h - a whole trace of what a recording that was cut short has
 * committed. */
#ifndef EBB_IO_TRACE_REPAIR_H
#define EBB_IO_TRACE_REPAIR_H

#include "core/error.h"
#include "core/tick.h"

#include <stdbool.h>
#include <stdint.h>

/** What became of it. */
struct ebb_trace_repair {
    ebb_tick ticks, intended; /* that there are, that the run was to have */
    uint64_t spikes;          /* input events included */
    bool broken; /* a write failed: the program must end by _exit(), see
                    ebb_trace_writer_abandon() */
};

/**
 * Copy all that is committed in `part` to the trace `path`, which is replaced
 * at the end; `part` is only read, and may go on growing. Errors: EBB_ERR_IO,
 * EBB_ERR_FORMAT (damaged, or nothing was committed), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_trace_repair(struct ebb_trace_repair *result,
                                          const char *part, const char *path);

#endif
