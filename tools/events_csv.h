/* tools/events_csv.h - spikes as text: one event a line, tick,node[,value]. */
#ifndef EBB_TOOLS_EVENTS_CSV_H
#define EBB_TOOLS_EVENTS_CSV_H

#include "core/events.h"

/** Read events and sort them. Empty lines, lines that start with # and a
 *  first line of names are passed over. Errors: EBB_ERR_IO, EBB_ERR_FORMAT
 *  (with file and line), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_events_csv_read(struct ebb_events *out,
                                             const char *path);

/** Write events. A file of that name is replaced at the end, at once. Errors:
 *  EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_events_csv_write(const char *path,
                                              const struct ebb_events *events);

#endif
