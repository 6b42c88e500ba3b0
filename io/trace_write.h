/* io/trace_write.h - a trace written by a plan, for whoever has no network. */
#ifndef EBB_IO_TRACE_WRITE_H
#define EBB_IO_TRACE_WRITE_H

#include "io/trace_file.h"
#include "io/trace_plan.h"

/** Begin the trace `path` as "path<suffix>". The plan is copied; what it points
 *  to is borrowed. Errors: as ebb_trace_writer_create(). */
EBB_NODISCARD ebb_status
ebb_trace_writer_open(struct ebb_trace_writer **out, const char *path,
                      const char *suffix, const struct ebb_trace_plan *plan);

#endif
