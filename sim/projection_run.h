/* sim/projection_run.h - a projection over ticks and samples, forward and
 * backward; one table of functions for each kind of projection. */
#ifndef EBB_SIM_PROJECTION_RUN_H
#define EBB_SIM_PROJECTION_RUN_H

#include "sim/batch.h"

/** Numbers of work space that a projection's run needs. */
size_t ebb_projection_work(const struct ebb_projection *p);

/** The most numbers that a factor of a network's products has, over `rows`
 *  rows. */
size_t ebb_network_factor(const struct ebb_network *net, size_t rows);

#define EBB_REAL_BITS 32
#include "core/real_begin.inc"
#include "sim/projection_run.inc"
#include "core/real_end.inc"

#define EBB_REAL_BITS 64
#include "core/real_begin.inc"
#include "sim/projection_run.inc"
#include "core/real_end.inc"

#endif
