/* models/edges_parts.h - lists of synapses gone through in order. Part of
 * models/edges.h.
 *
 * edges       the list, and networks made of it
 * edges_sort  its sorted pieces, merged while they are read */
#ifndef EBB_MODELS_EDGES_PARTS_H
#define EBB_MODELS_EDGES_PARTS_H

#include "models/edges.h"

/** Edges that are held at most. */
static inline size_t edges_room(const struct ebb_edges *list)
{
    return list->room ? list->room : EBB_EDGES_ROOM;
}

/** Sort what is in memory and move it into the temporary file. Errors:
 *  EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status edges_spill(struct ebb_edges *list);

/* One sorted piece of a list. */
struct edge_run {
    struct ebb_edge *at;       /* [n] in memory */
    size_t k, n;               /* the next of them */
    uint64_t first, next, end; /* places in the temporary file: the first, the
                                  next to be read, behind the last */
};

/** All edges by delay, source, target and weight; equal ones as they came. */
struct edge_walk {
    const struct ebb_spool *spool;
    struct edge_run *run; /* [runs] */
    size_t runs;
    size_t *heap; /* [heaped] runs that have a next edge, the smallest first */
    size_t heaped;
    struct ebb_edge *room; /* [runs][share] */
    size_t share;
};

/** Begin: what is in memory is sorted or spilled. End it after a failure, too.
 *  Errors: EBB_ERR_NOMEM, EBB_ERR_IO. */
EBB_NODISCARD ebb_status edge_walk_begin(struct edge_walk *w,
                                         struct ebb_edges *list);

void edge_walk_end(struct edge_walk *w);

/** Go to the first edge of that delay, or of the next longer one. */
EBB_NODISCARD ebb_status edge_walk_seek(struct edge_walk *w,
                                        uint32_t delay_ticks);

/** The next edge; NULL: there is none. */
static inline const struct ebb_edge *edge_walk_peek(const struct edge_walk *w)
{
    const struct edge_run *run = w->heaped ? &w->run[w->heap[0]] : NULL;
    return run ? &run->at[run->k] : NULL;
}

/** Go past it. */
EBB_NODISCARD ebb_status edge_walk_pass(struct edge_walk *w);

#endif
