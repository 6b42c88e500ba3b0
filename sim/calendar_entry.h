/* sim/calendar_entry.h - what the event engine's calendar holds: a wake-up of a
 * neuron or of a window of a max pooling, or a tap of a projection. */
#ifndef EBB_SIM_CALENDAR_ENTRY_H
#define EBB_SIM_CALENDAR_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint64_t entry_wake(size_t population, size_t neuron)
{
    return (uint64_t)population << 32 | (uint64_t)neuron;
}

static inline uint64_t entry_tap(size_t projection, size_t place)
{
    return (uint64_t)1 << 63 | (uint64_t)projection << 32 | (uint64_t)place;
}

static inline uint64_t entry_window(size_t projection, size_t window)
{
    return (uint64_t)1 << 62 | (uint64_t)projection << 32 | (uint64_t)window;
}

static inline bool entry_is_tap(uint64_t entry)
{
    return entry >> 63 != 0;
}

static inline bool entry_is_window(uint64_t entry)
{
    return entry >> 62 == 1;
}

static inline size_t entry_owner(uint64_t entry)
{
    return (size_t)(entry >> 32) & 0x3fffffff;
}

static inline size_t entry_item(uint64_t entry)
{
    return (size_t)(entry & 0xffffffff);
}

#endif
