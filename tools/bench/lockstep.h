/* tools/bench/lockstep.h - processes of a job in one, a thread each: they meet
 * in memory and wait asleep, so that the time each takes of a processor is that
 * of its own work. */
#ifndef EBB_TOOLS_BENCH_LOCKSTEP_H
#define EBB_TOOLS_BENCH_LOCKSTEP_H

#include "sim/exchange.h"

/** What each of them does: `self` is the caller's. */
typedef ebb_status (*ebb_lockstep_work)(void *self,
                                        const struct ebb_exchange *exchange);

/** Run `work` once for each rank of `ranks` (1 to 1024), all at once. One that
 *  fails says why and ends the program: others may wait for it. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_lockstep_run(size_t ranks, ebb_lockstep_work work,
                                          void *self);

#endif
