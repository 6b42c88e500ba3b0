/* tools/bench/counters.h - what the engine's counters cost. */
#ifndef EBB_TOOLS_BENCH_COUNTERS_H
#define EBB_TOOLS_BENCH_COUNTERS_H

#include "core/events.h"
#include "models/network.h"
#include "tools/bench/bench.h"

/**
 * Run a network over `ticks` ticks with the engine and with one that counts
 * nothing, by turns, and report the ratio under `name`.
 * Errors: those of the engine.
 */
EBB_NODISCARD ebb_status ebb_bench_counters(struct ebb_bench *bench,
                                            const char *name,
                                            const struct ebb_network *net,
                                            const struct ebb_events *input,
                                            ebb_tick ticks);

#endif
