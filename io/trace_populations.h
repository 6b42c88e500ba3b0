/* io/trace_populations.h - /run/populations of a trace: what a reader without
 * the network needs to know of it. */
#ifndef EBB_IO_TRACE_POPULATIONS_H
#define EBB_IO_TRACE_POPULATIONS_H

#include "io/h5.h"
#include "io/trace_plan.h"

/** Write the group `populations` into /run: sizes, order and thresholds.
 *  Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_trace_populations_write(hid_t run, const struct ebb_trace_plan *plan);

#endif
