/* core/tick.h - simulation time, and the names of what lives in it. */
#ifndef EBB_CORE_TICK_H
#define EBB_CORE_TICK_H

#include <math.h>
#include <stdint.h>

typedef uint64_t ebb_tick;      /* simulation time in steps of the tick */
typedef uint32_t ebb_neuron_id; /* index into one population */

#define EBB_TICK_NEVER UINT64_MAX

/** Length of a tick in us: whole where it is so but for rounding, that events
 *  at the borders of ticks fall on the same side everywhere. */
static inline double ebb_tick_us(double tick_s)
{
    double us = tick_s * 1e6, whole = round(us);
    return fabs(us - whole) < 1e-9 * us ? whole : us;
}

#endif
