/* sim/deliver_rows.h - what the rows of a sparse projection bring. Part of the
 * event engine. */
#ifndef EBB_SIM_DELIVER_ROWS_H
#define EBB_SIM_DELIVER_ROWS_H

#include "sim/engine_parts.h"

/** The rows that a sparse projection delivers from: the network's, or packed
 *  here where they are plain, or not as the engine wants them. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status rows_take(struct ebb_engine *e, struct drive *d);

/** Add the rows that are wanted, as far as their targets are computed here, and
 *  touch those targets unless all are swept. */
void rows_add(struct ebb_engine *e, struct drive *d);

#endif
