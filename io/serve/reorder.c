/* io/serve/reorder.c - events in order of time: a heap. */
#include "io/serve/reorder.h"

#include "core/memory.h"

#include <assert.h>

ebb_status ebb_reorder_init(struct ebb_reorder *r, int64_t window_us,
                            size_t capacity)
{
    *r = (struct ebb_reorder){.window_us = window_us, .capacity = capacity};
    r->heap = ebb_mem_calloc(capacity, sizeof(*r->heap));
    return r->heap
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu events", capacity);
}

void ebb_reorder_finish(struct ebb_reorder *r)
{
    ebb_mem_free(r->heap);
    r->heap = NULL;
}

static bool comes_before(const struct ebb_reorder *r, size_t a, size_t b)
{
    int64_t ta = r->heap[a].event.t_us, tb = r->heap[b].event.t_us;
    return ta < tb || (ta == tb && r->heap[a].number < r->heap[b].number);
}

static void swap(struct ebb_reorder *r, size_t a, size_t b)
{
    struct ebb_held held = r->heap[a];
    r->heap[a] = r->heap[b];
    r->heap[b] = held;
}

void ebb_reorder_push(struct ebb_reorder *r, const struct ebb_live_event *e)
{
    assert(r->n < r->capacity);
    size_t k = r->n++;
    r->heap[k].event = *e;
    r->heap[k].number = r->pushed++;
    if (!r->begun || e->t_us > r->newest) {
        r->newest = e->t_us;
    }
    for (; k > 0 && comes_before(r, k, (k - 1) / 2); k = (k - 1) / 2) {
        swap(r, k, (k - 1) / 2);
    }
    if (!r->begun) {
        r->begun = true;
        r->last = e->t_us - r->window_us;
    }
}

static void sink(struct ebb_reorder *r)
{
    for (size_t k = 0, child; (child = 2 * k + 1) < r->n; k = child) {
        child += child + 1 < r->n && comes_before(r, child + 1, child);
        if (!comes_before(r, child, k)) {
            return;
        }
        swap(r, child, k);
    }
}

bool ebb_reorder_pop(struct ebb_reorder *r, struct ebb_live_event *out,
                     bool all)
{
    if (r->n == 0) {
        return false;
    }
    const struct ebb_live_event *first = &r->heap[0].event;
    if (!all && r->n < r->capacity && first->t_us > r->newest - r->window_us) {
        return false;
    }
    *out = *first;
    swap(r, 0, --r->n);
    sink(r);
    if (out->t_us < r->last) {
        out->t_us = r->last;
        r->late++;
    }
    r->last = out->t_us;
    return true;
}
