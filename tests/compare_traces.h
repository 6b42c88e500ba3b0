/* tests/compare_traces.h - a recording against an uninterrupted one. */
#ifndef EBB_TESTS_COMPARE_TRACES_H
#define EBB_TESTS_COMPARE_TRACES_H

#include "io/trace_part.h"

/** All that `part` holds of the ticks from <= t < to is what `ref` holds, bit
 *  for bit, and no spike below `to` is missing. */
void compare_traces(struct ebb_trace_part *part, struct ebb_trace_part *ref,
                    ebb_tick from, ebb_tick to);

#endif
