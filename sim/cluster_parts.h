/* sim/cluster_parts.h - the rooms of a cluster, for its own sources.
 *
 * cluster       windows: run, exchange, agree on what comes next
 * cluster_build rooms, taken once
 * cluster_tell  what the sink is told of a window */
#ifndef EBB_SIM_CLUSTER_PARTS_H
#define EBB_SIM_CLUSTER_PARTS_H

#include "sim/cluster.h"
#include "sim/engine_share.h"

/* One engine, and what its thread leaves for the others. */
struct member {
    struct ebb_engine *engine;
    struct engine_outbox *out;
    ebb_tick next; /* when it has something to do again */
    ebb_status status;
    char text[512];         /* of a failure */
    size_t visited, n_told; /* of the outbox, that were told */
};

/* Places of the populations' order that run without an exchange. */
struct stage {
    size_t from, to;
};

/* Spikes of a population in a tick, as the sink sees them. */
struct told {
    const ebb_neuron_id *node;
    const double *value; /* NULL: all 1 */
    size_t n;
};

struct ebb_cluster {
    const struct ebb_network *net;
    struct ebb_cluster_options options;
    struct ebb_exchange exchange;
    struct ebb_arena *arena;
    size_t threads, shares;
    size_t team;              /* threads that run: no more than processors */
    struct ebb_engine *alone; /* one share: all is done by it */
    struct member *member;    /* [threads] */
    struct stage *stage;      /* [n_stages] */
    size_t n_stages;
    ebb_tick *lag;       /* [populations] first tick at which a spike is felt;
                             EBB_TICK_NEVER */
    ebb_tick window;     /* ticks */
    ebb_tick now, next;  /* nothing happens before next */
    ebb_tick start, end; /* of the window under way */
    size_t under_way;    /* its stage */
    bool failed;         /* nothing goes on from here */
    bool begun;          /* `next` is known to all */
    struct volley_book book;
    size_t given;             /* volleys of the book that all shares have */
    struct volley_part *part; /* [shares] */
    struct ebb_exchange_words *heard; /* [ranks] */
    uint32_t *said;
    size_t said_room;
    /* Telling. */
    bool stop;         /* the sink wants the run to stop */
    bool all_stop;     /* somebody's does, and all know */
    ebb_status broken; /* what the sink, or a share, reported … */
    char why[512];     /* … and its text */
    struct told *told; /* [populations] */
    double *value;     /* [widest] of a probe, or of graded spikes */
    size_t volley, input, input_value; /* told of the window */
    uint64_t ticks_visited;
};

/** Rooms and engines. Errors: as ebb_cluster_create(). */
EBB_NODISCARD ebb_status cluster_build(struct ebb_cluster *c);

/** Do something with every member, each on a thread of its own where there are
 *  threads; its status and message are left there. The first failure. */
EBB_NODISCARD ebb_status cluster_each(struct ebb_cluster *c,
                                      ebb_status (*work)(struct ebb_cluster *c,
                                                         struct member *m));

/** Tell the sink the window that was run last. A wish to stop is noted.
 *  Errors: what the sink reports. */
EBB_NODISCARD ebb_status cluster_tell(struct ebb_cluster *c);

#endif
