/* models/edges_sort.c - lists of synapses in order: sorted pieces, merged while
 * they are read.
 *
 * All pieces but the last are of edges_room() edges, so that places tell where
 * they begin. */
#include "models/edges_parts.h"

#include "core/spool.h"

#include <stdlib.h>

enum { SHARE_LEAST = 64 }; /* edges of a piece that are read at a time */

static int compare(const void *a, const void *b)
{
    const struct ebb_edge *x = a, *y = b;
    if (x->delay_ticks != y->delay_ticks) {
        return x->delay_ticks > y->delay_ticks ? 1 : -1;
    }
    if (x->source != y->source) {
        return x->source > y->source ? 1 : -1;
    }
    if (x->target != y->target) {
        return x->target > y->target ? 1 : -1;
    }
    return (x->weight > y->weight) - (x->weight < y->weight);
}

/* Lists often come sorted. */
static void sort(struct ebb_edges *list)
{
    for (size_t k = 1; k < list->n; k++) {
        if (compare(&list->at[k - 1], &list->at[k]) > 0) {
            qsort(list->at, list->n, sizeof(*list->at), compare);
            return;
        }
    }
}

ebb_status edges_spill(struct ebb_edges *list)
{
    if (!list->spool) {
        EBB_TRY(ebb_spool_create(&list->spool));
    }
    sort(list);
    EBB_TRY(
        ebb_spool_write(list->spool, list->at, list->n * sizeof(*list->at)));
    list->n = 0;
    return EBB_OK;
}

static ebb_status take_rooms(struct edge_walk *w, bool spooled)
{
    w->run = ebb_mem_calloc(w->runs, sizeof(*w->run));
    w->heap = ebb_mem_calloc(w->runs, sizeof(*w->heap));
    w->room =
        ebb_mem_calloc(spooled ? w->runs * w->share : 0, sizeof(*w->room));
    return w->run && w->heap && w->room
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory to go through %zu pieces",
                          w->runs);
}

static ebb_status begin_spooled(struct edge_walk *w, struct ebb_edges *list)
{
    size_t length = edges_room(list);
    if (list->n > 0) {
        EBB_TRY(edges_spill(list));
    }
    ebb_mem_free(list->at);
    list->at = NULL;
    list->capacity = 0;
    w->spool = list->spool;
    w->runs = (size_t)((list->count + length - 1) / length);
    w->share = length / w->runs;
    w->share = w->share < SHARE_LEAST ? SHARE_LEAST : w->share;
    EBB_TRY(take_rooms(w, true));
    for (size_t r = 0; r < w->runs; r++) {
        struct edge_run *run = &w->run[r];
        run->at = w->room + r * w->share;
        run->first = (uint64_t)r * length;
        run->end = r + 1 < w->runs ? run->first + length : list->count;
    }
    return EBB_OK;
}

ebb_status edge_walk_begin(struct edge_walk *w, struct ebb_edges *list)
{
    *w = (struct edge_walk){.runs = 1};
    if (list->spool) {
        EBB_TRY(begin_spooled(w, list));
    } else {
        EBB_TRY(take_rooms(w, false));
        sort(list);
        w->run[0] = (struct edge_run){.at = list->at, .n = list->n};
    }
    return edge_walk_seek(w, 0);
}

void edge_walk_end(struct edge_walk *w)
{
    ebb_mem_free(w->run);
    ebb_mem_free(w->heap);
    ebb_mem_free(w->room);
}

static bool is_before(const struct edge_walk *w, size_t a, size_t b)
{
    const struct edge_run *x = &w->run[a], *y = &w->run[b];
    int sign = compare(&x->at[x->k], &y->at[y->k]);
    return sign < 0 || (sign == 0 && a < b);
}

/* Let the run at that place of the heap sink to where it belongs. */
static void sink(struct edge_walk *w, size_t place)
{
    for (;;) {
        size_t child = 2 * place + 1, other = child + 1;
        if (child >= w->heaped) {
            return;
        }
        if (other < w->heaped && is_before(w, w->heap[other], w->heap[child])) {
            child = other;
        }
        if (!is_before(w, w->heap[child], w->heap[place])) {
            return;
        }
        size_t up = w->heap[child];
        w->heap[child] = w->heap[place];
        w->heap[place] = up;
        place = child;
    }
}

static ebb_status refill(const struct edge_walk *w, struct edge_run *run)
{
    if (run->k < run->n || run->next == run->end) {
        return EBB_OK;
    }
    uint64_t left = run->end - run->next;
    run->n = left < w->share ? (size_t)left : w->share;
    run->k = 0;
    EBB_TRY(ebb_spool_read(w->spool, run->next * sizeof(*run->at), run->at,
                           run->n * sizeof(*run->at)));
    run->next += run->n;
    return EBB_OK;
}

static ebb_status delay_at(uint32_t *out, const struct edge_walk *w,
                           const struct edge_run *run, uint64_t place)
{
    struct ebb_edge e;
    if (!w->spool) {
        *out = run->at[place].delay_ticks;
        return EBB_OK;
    }
    EBB_TRY(ebb_spool_read(w->spool, place * sizeof(e), &e, sizeof(e)));
    *out = e.delay_ticks;
    return EBB_OK;
}

/* The first place of a run with that delay or a longer one, by halving. */
static ebb_status find(uint64_t *out, const struct edge_walk *w,
                       const struct edge_run *run, uint32_t delay)
{
    uint64_t low = run->first, high = w->spool ? run->end : run->n;
    while (low < high && delay > 0) {
        uint64_t middle = low + (high - low) / 2;
        uint32_t its = 0;
        EBB_TRY(delay_at(&its, w, run, middle));
        if (its < delay) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *out = low;
    return EBB_OK;
}

ebb_status edge_walk_seek(struct edge_walk *w, uint32_t delay_ticks)
{
    w->heaped = 0;
    for (size_t r = 0; r < w->runs; r++) {
        struct edge_run *run = &w->run[r];
        uint64_t place = 0;
        EBB_TRY(find(&place, w, run, delay_ticks));
        if (w->spool) {
            run->next = place;
            run->k = run->n = 0;
            EBB_TRY(refill(w, run));
        } else {
            run->k = (size_t)place;
        }
        if (run->k < run->n) {
            w->heap[w->heaped++] = r;
        }
    }
    for (size_t k = w->heaped / 2; k > 0; k--) {
        sink(w, k - 1);
    }
    return EBB_OK;
}

ebb_status edge_walk_pass(struct edge_walk *w)
{
    struct edge_run *run = &w->run[w->heap[0]];
    run->k++;
    EBB_TRY(refill(w, run));
    if (run->k == run->n) {
        w->heap[0] = w->heap[--w->heaped];
    }
    sink(w, 0);
    return EBB_OK;
}
