/* core/calendar.h - what is due when: a monotone priority queue on the tick.
 *
 * A ring of buckets, one a tick, for the near future, with a bitmap of those
 * that are not empty; a heap for what lies beyond. Push, pop and "next
 * occupied tick" take O(1) within the ring, O(log n) beyond; stretches without
 * entries are jumped over however long they are. */
#ifndef EBB_CORE_CALENDAR_H
#define EBB_CORE_CALENDAR_H

#include "core/error.h"
#include "core/tick.h"

#include <stddef.h>
#include <stdint.h>

/** A calendar queue of 64-bit entries. One thread at a time. */
struct ebb_calendar;

/** Empty queue at tick 0. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_calendar_create(struct ebb_calendar **out);

/** Free the queue and the entries in it. NULL is allowed. */
void ebb_calendar_destroy(struct ebb_calendar *calendar);

/** Add an entry for `tick`, which must not be before the last tick popped.
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_calendar_push(struct ebb_calendar *calendar,
                                           ebb_tick tick, uint64_t entry);

/** The first tick that has entries; EBB_TICK_NEVER when the queue is empty. */
ebb_tick ebb_calendar_next(const struct ebb_calendar *calendar);

/**
 * Take everything due at `tick`, in the order in which it was pushed; nothing
 * may be left before it.
 *
 *     entries  out  valid until the next pop; pushes leave it alone
 *     n        out  how many; 0 is allowed
 *
 * Errors: EBB_ERR_NOMEM (entries from beyond the ring), nothing is lost.
 */
EBB_NODISCARD ebb_status ebb_calendar_pop(struct ebb_calendar *calendar,
                                          ebb_tick tick,
                                          const uint64_t **entries, size_t *n);

/** An entry of the queue and its tick. */
struct ebb_calendar_item {
    ebb_tick tick;
    uint64_t entry;
};

/** Copy what is in the queue, in no certain order: out [ebb_calendar_size()].
 *  O(n). */
void ebb_calendar_list(const struct ebb_calendar *calendar,
                       struct ebb_calendar_item *out);

/** Entries in the queue. */
size_t ebb_calendar_size(const struct ebb_calendar *calendar);

#endif
