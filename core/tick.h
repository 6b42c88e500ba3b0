/* core/tick.h - simulation time, and the names of what lives in it. */
#ifndef EBB_CORE_TICK_H
#define EBB_CORE_TICK_H

#include <stdint.h>

typedef uint64_t ebb_tick;      /* simulation time in steps of the tick */
typedef uint32_t ebb_neuron_id; /* index into one population */

#define EBB_TICK_NEVER UINT64_MAX

#endif
