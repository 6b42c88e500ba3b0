/* core/events.c - a growing list of spikes. */
#include "core/events.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

ebb_status ebb_events_push(struct ebb_events *list, struct ebb_event event)
{
    EBB_TRY(ebb_mem_grow(&list->at, &list->capacity, list->n + 1,
                         sizeof(*list->at)));
    list->at[list->n++] = event;
    return EBB_OK;
}

void ebb_events_clear(struct ebb_events *list)
{
    list->n = 0;
}

void ebb_events_finish(struct ebb_events *list)
{
    ebb_mem_free(list->at);
    *list = (struct ebb_events){0};
}

static bool in_order(const struct ebb_event *a, const struct ebb_event *b)
{
    return a->tick < b->tick || (a->tick == b->tick && a->node <= b->node);
}

static bool is_sorted(const struct ebb_events *list)
{
    for (size_t i = 1; i < list->n; i++) {
        if (!in_order(&list->at[i - 1], &list->at[i])) {
            return false;
        }
    }
    return true;
}

/* Merge two sorted runs from[a..b) and from[b..c) into to[a..c). */
static void merge_runs(struct ebb_event *to, const struct ebb_event *from,
                       size_t a, size_t b, size_t c)
{
    size_t left = a, right = b;
    for (size_t k = a; k < c; k++) {
        bool take_left =
            right >= c || (left < b && in_order(&from[left], &from[right]));
        to[k] = from[take_left ? left++ : right++];
    }
}

ebb_status ebb_events_sort(struct ebb_events *list)
{
    if (is_sorted(list)) {
        return EBB_OK;
    }
    struct ebb_event *spare = ebb_mem_calloc(list->capacity, sizeof(*spare));
    if (!spare) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to sort %zu events", list->n);
    }
    for (size_t run = 1; run < list->n; run *= 2) {
        for (size_t a = 0; a < list->n; a += 2 * run) {
            size_t b = a + run < list->n ? a + run : list->n;
            size_t c = b + run < list->n ? b + run : list->n;
            merge_runs(spare, list->at, a, b, c);
        }
        struct ebb_event *swap = list->at;
        list->at = spare;
        spare = swap;
    }
    ebb_mem_free(spare);
    return EBB_OK;
}

/* Events on one node in one tick become one; `add`: with all their values. */
static void unite(struct ebb_events *list, bool add)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct ebb_event *last = kept > 0 ? &list->at[kept - 1] : NULL;
        const struct ebb_event *e = &list->at[i];
        if (!last || last->tick != e->tick || last->node != e->node) {
            list->at[kept++] = *e;
        } else if (add) {
            last->value += e->value;
        }
    }
    list->n = kept;
}

void ebb_events_merge(struct ebb_events *list)
{
    unite(list, true);
}

void ebb_events_thin(struct ebb_events *list)
{
    unite(list, false);
}

ebb_status ebb_events_check(const struct ebb_events *list, size_t nodes,
                            ebb_tick ticks)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct ebb_event *e = &list->at[i];
        if (e->node >= nodes) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "event %zu is on channel %u; there are %zu", i,
                            e->node, nodes);
        }
        if (e->tick >= ticks) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "event %zu is at tick %llu; the run ends before "
                            "tick %llu",
                            i, (unsigned long long)e->tick,
                            (unsigned long long)ticks);
        }
        if (!isfinite(e->value)) {
            return EBB_FAIL(EBB_ERR_ARG, "event %zu has the value %g", i,
                            (double)e->value);
        }
    }
    return EBB_OK;
}
