/* core/events.h - a growing list of spikes. */
#ifndef EBB_CORE_EVENTS_H
#define EBB_CORE_EVENTS_H

#include "core/error.h"
#include "core/tick.h"

#include <stdbool.h>
#include <stddef.h>

/** One spike or input event. */
struct ebb_event {
    ebb_tick tick;
    ebb_neuron_id node; /* neuron or channel within its population */
    double value;       /* 1 unless graded */
};

/** A list of events. Zero-initialise; finish with ebb_events_finish(). */
struct ebb_events {
    struct ebb_event *at;
    size_t n, capacity;
};

/** Add one event at the end. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_events_push(struct ebb_events *list,
                                         struct ebb_event event);

/** Forget the events, keep the memory. */
void ebb_events_clear(struct ebb_events *list);

/** Free the memory. */
void ebb_events_finish(struct ebb_events *list);

/** Sort by tick, then node; equal ones keep their order. O(n log n), or O(n)
 *  when sorted already. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_events_sort(struct ebb_events *list);

/** Add up the values of events on one node in one tick; the list is sorted. */
void ebb_events_merge(struct ebb_events *list);

/** Keep the first of them only. */
void ebb_events_thin(struct ebb_events *list);

/** Check that every node is below `nodes` and every tick below `ticks`.
 *  Errors: EBB_ERR_ARG naming the event. */
EBB_NODISCARD ebb_status ebb_events_check(const struct ebb_events *list,
                                          size_t nodes, ebb_tick ticks);

#endif
