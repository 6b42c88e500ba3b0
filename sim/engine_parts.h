/* sim/engine_parts.h - the rooms of the event engine, for its own sources.
 *
 * engine        the tick: what is due, population by population
 * engine_build  tables and memory, taken once
 * deliver       spikes on their way and what they bring
 * neurons       states in closed form: commit, fire, next wake-up
 * engine_probe  states told without touching them
 *
 * A neuron is brought up to date only when something reaches it: its state
 * stands for the end of tick `done` - 1 and is committed at an arrival, at its
 * own spike and when a refractory time ends; whatever else looks at it works
 * on a copy. */
#ifndef EBB_SIM_ENGINE_PARTS_H
#define EBB_SIM_ENGINE_PARTS_H

#include "core/calendar.h"
#include "core/crossing.h"
#include "core/memory.h"
#include "sim/engine.h"

enum { TILE = 4096 }; /* neurons for which lazy or sweep is chosen at once */

/* Why a neuron is looked at in this tick. */
enum touch { TOUCH_WAKE = 1, TOUCH_ARRIVAL = 2 };

/* Closed forms of neurons that share λ and θ. */
struct kind {
    double lambda, theta;
    struct ebb_filter *filter;
    struct ebb_crossing *crossing;
};

/* Spikes of one population in one tick. */
struct volley {
    ebb_tick tick;
    size_t from, n; /* among node[] and value[] */
};

/* Spikes of a population that are still under way, oldest first. */
struct flight {
    struct volley *volley;
    size_t first, n, volley_room;
    ebb_neuron_id *node;
    double *value;
    size_t n_node, node_room, value_room;
    ebb_tick longest; /* ticks after which none is wanted any more */
};

/* A population at work. */
struct crowd {
    const struct ebb_population *p;
    size_t index, n;
    struct flight flight;
    size_t size; /* numbers in the state of one neuron */
    struct kind *kinds;
    size_t n_kinds;
    uint32_t *kind; /* [n] */
    double *x;      /* [n][size] state */
    ebb_tick *done; /* [n] ticks that the state has behind it */
    ebb_tick *held; /* [n] first tick after the refractory time */
    ebb_tick *wake; /* [n] tick of the next wake-up; EBB_TICK_NEVER */
    uint8_t *touch; /* [n] enum touch */
    uint32_t *list; /* [n] neurons touched in this tick */
    size_t n_list;
    size_t *tile_due;  /* [tiles] additions due in this tick */
    bool driven;       /* active axons will reach it in the next tick too */
    bool watched;      /* some probe looks at it */
    double *v, *i, *r; /* [n] as of the tick of the last commit; watched */
    /* Input population: events to come. */
    struct ebb_events events;
    size_t next_event;
};

/* How a projection's spikes reach V. */
enum way {
    WAY_DIRECT,  /* no recursion: each tap is an addition to I */
    WAY_SECTION, /* shared α: a section of the target's closed form */
    WAY_AXONS    /* α per axon: active axons contribute at each tick */
};

/* A projection at work. */
struct drive {
    const struct ebb_projection *p;
    size_t index, axons, targets;
    enum way way;
    size_t at; /* section: first number within the target's state */
    unsigned order;
    double gain[EBB_ORDER_MAX]; /* section: what an addition of 1 does */
    unsigned n_taps;
    unsigned *tap; /* [n_taps] q that is not zero on every axon, falling */
    uint32_t *due; /* [n_taps] places in tap[] due in this tick */
    unsigned n_due;
    double *sum; /* [targets] additions of this tick */
    bool hot;    /* sum holds something */
    /* Active axons. */
    double *past;  /* [axons][order] F[t-1], F[t-2], … */
    double *input; /* [axons] Σ β S of this tick */
    double *limit; /* [axons] |F| below which an axon cannot matter */
    uint32_t *active;
    size_t n_active;
    bool *is_active;
    /* PSPs for a probe. */
    bool watched;
    double *f; /* [axons][order + 1] F[t], F[t-1], … */
};

struct ebb_engine {
    const struct ebb_network *net;
    struct ebb_engine_options options;
    struct ebb_arena *arena;
    struct ebb_calendar *calendar;
    struct crowd *crowd;  /* [n_populations] */
    struct drive *drive;  /* [n_projections] */
    ebb_neuron_id *fired; /* [widest] */
    double *carried;      /* [widest] */
    ebb_tick now;
    struct ebb_counters counters;
};

/* Entries of the calendar: a wake-up of a neuron, or a tap of a projection. */
static inline uint64_t entry_wake(size_t population, size_t neuron)
{
    return (uint64_t)population << 32 | (uint64_t)neuron;
}

static inline uint64_t entry_tap(size_t projection, size_t place)
{
    return (uint64_t)1 << 63 | (uint64_t)projection << 32 | (uint64_t)place;
}

static inline bool entry_is_tap(uint64_t entry)
{
    return entry >> 63 != 0;
}

static inline size_t entry_owner(uint64_t entry)
{
    return (size_t)(entry >> 32) & 0x7fffffff;
}

static inline size_t entry_item(uint64_t entry)
{
    return (size_t)(entry & 0xffffffff);
}

/** Ticks from a spike to the addition of one tap of a projection. */
static inline ebb_tick drive_lag(const struct drive *d, unsigned place)
{
    return d->p->delay_ticks + d->tap[place];
}

/** Take memory and build tables of everything. Errors: EBB_ERR_NOMEM,
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status engine_build(struct ebb_engine *e);

/** Check that a probe fits the network. Errors: EBB_ERR_ARG. */
EBB_NODISCARD ebb_status engine_check_probes(const struct ebb_engine *e);

/** Let a volley go: remember its spikes and put their additions into the
 *  calendar (those without lag into the projections' own lists).
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status deliver_send(struct ebb_engine *e, struct crowd *from,
                                      const ebb_neuron_id *node,
                                      const double *value, size_t n);

/** The spikes of `from` at `tick`; NULL when there are none. */
const struct volley *deliver_find(const struct crowd *from, ebb_tick tick);

/** Sort numbers, rising; O(n) when they are sorted, as they mostly are. */
void deliver_sort(uint32_t *list, size_t n);

/** Add up what one projection brings to its targets in this tick. */
void deliver_collect(struct ebb_engine *e, struct drive *d);

/** Mark a neuron to be looked at in this tick. */
static inline void neurons_touch(struct crowd *c, size_t i, enum touch why)
{
    if (!c->touch[i]) {
        c->list[c->n_list++] = (uint32_t)i;
    }
    c->touch[i] = (uint8_t)(c->touch[i] | why);
}

/** Look at every touched neuron of a population and tell who fired:
 *  e->fired gets them, rising, *n how many. Errors: EBB_ERR_NOMEM,
 *  EBB_ERR_DIVERGED. */
EBB_NODISCARD ebb_status neurons_step(struct ebb_engine *e, struct crowd *c,
                                      size_t *n);

/** Decide when neuron i will have to be looked at again.
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status neurons_plan(struct ebb_engine *e, struct crowd *c,
                                      size_t i);

/** Back to the initial states. */
void neurons_reset(struct crowd *c);

/** The first tick >= now that some probe wants; EBB_TICK_NEVER. */
ebb_tick probe_next(const struct ebb_engine *e);

/** PSPs of watched projections at this tick. */
void probe_step_psps(struct ebb_engine *e);

/** Tell what is wanted at this tick. Errors: what the sink reports. */
EBB_NODISCARD ebb_status probe_tell(struct ebb_engine *e, double *value);

#endif
