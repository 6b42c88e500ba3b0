/* sim/engine_parts.h - the rooms of the event engine, for its own sources.
 *
 * engine        the tick: what is due, population by population
 * engine_build  rooms, tables and memory, taken once; crowd_build: those of a
 *               population
 * deliver       spikes on their way and what they bring; deliver_rows: what
 *               sparse projections do
 * tiles         what is brought up to date in a tick: neuron by neuron, or a
 *               whole tile in one sweep
 * neurons       one neuron in closed form: commit, fire, next wake-up
 * sweep_tile    many at once
 * space         where spikes land in convolutions and linear poolings;
 *               space_build: their tables
 * maxima        max pooling; winners: by events
 * blocks        neurons that stand by place, block by block
 * engine_probe  states told without touching them
 * engine_share  one of several that compute a network in step
 *
 * A neuron is brought up to date only when something reaches it: its state
 * stands for the end of tick `done` - 1 and is committed at an arrival, at its
 * own spike and when a refractory time ends; whatever else looks at it works
 * on a copy. A sweep commits a whole tile.
 *
 * After a sweep nobody asks when each neuron will fire next: the tile is open,
 * and the next tick either sweeps it again or closes it, asking those whose
 * bound says that they may. So a network that is busy at every tick runs like a
 * dense loop, and one that is not pays once per burst. */
#ifndef EBB_SIM_ENGINE_PARTS_H
#define EBB_SIM_ENGINE_PARTS_H

#include "core/calendar.h"
#include "core/crossing.h"
#include "core/memory.h"
#include "core/segment.h"
#include "models/rows.h"
#include "sim/calendar_entry.h"
#include "sim/engine.h"
#include "sim/engine_share.h"
#include "sim/sweep_tile.h"

enum {
    BLOCK = EBB_SWEEP_LANES, /* neurons by place that are committed at once */
    TILE = 4096,     /* neurons at most for which lazy or sweep is chosen at
                        once */
    SWEEP_SHARE = 32 /* sweep from one addition in so many neurons on: where
                        both cost the same */
};

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

struct drive;

/* A run of neurons. */
struct tile {
    ebb_tick done;    /* ticks that a sweep left behind; see crowd.done */
    size_t n_stray;   /* neurons committed by themselves since then */
    size_t n_waiting; /* neurons with a wake-up in the calendar */
    size_t due;       /* additions in this tick */
    size_t idle;      /* sweeps of late for which little was due */
    size_t patience;  /* how many of them are cheaper than to close the tile */
    size_t grace;     /* so many are made without asking */
    ebb_tick closed;  /* when it was closed last */
    bool swept;       /* in this tick */
    bool open;        /* swept before, and nobody asked yet who will fire */
};

/* Numbers from a range, to be gone through in order. */
struct marks {
    uint64_t *bit; /* one for each number */
    uint64_t *top; /* one for each word of them: 0 where that is 0 */
    size_t n;      /* how many are marked */
};

/* A run of neurons that stand by place, the channels of a place or a few: the
 * unit of laziness. */
struct block {
    ebb_tick done; /* ticks that its states have behind them */
    ebb_tick wake; /* of its next wake-up; EBB_TICK_NEVER */
    uint32_t idle; /* sweeps since something was due */
};

/* A population at work. States are columns; crowd_at() tells where numbers
 * stand.
 *
 * Where a convolution ends, the channels of one place stand together: a spike
 * adds runs of weights. The engine's number of a neuron is then its place times
 * the channels plus its channel, and not that of the network; spikes bear the
 * network's. */
struct crowd {
    const struct ebb_population *p;
    size_t index, n;
    /* Neurons own_from <= i < own_to are computed here: whole slices, or all of
       them. Columns are as long as the population, numbers are its own; what is
       not owned is never touched, so that its memory costs nothing. */
    size_t own_from, own_to;
    size_t slice;       /* neurons of a slice, a power of two */
    unsigned tile_bits; /* a tile has 1 << tile_bits, never more than a slice */
    bool by_place;
    size_t channels, places; /* by_place */
    size_t *of_channel;      /* [channels] spikes of a tick; by_place */
    struct block *block;     /* [n_blocks]; by_place, in place of tiles */
    size_t n_blocks;
    struct marks due, awake; /* blocks that this tick reaches, or that are swept
                                until nobody in them may fire; by_place */
    struct last_step *steps; /* [STEPS] of so many ticks each; by_place */
    struct drive **in, **out; /* [n_in], [n_out] projections that reach it and
                                 that leave it, in order */
    size_t n_in, n_out;
    struct flight flight;
    size_t size; /* numbers in the state of one neuron, its bias included */
    struct kind *kinds;
    size_t n_kinds;
    uint32_t *kind; /* [n]; NULL: there is one */
    size_t stride;  /* n, up to whole lanes of a sweep */
    size_t rows;    /* of the state that are kept: size - 1, or one less */
    double *x64; /* [rows][stride] state, by place [blocks][rows][BLOCK]; one of
                    the two is NULL */
    float *x32;
    ebb_tick *done; /* [n] ticks that the state has behind it, unless its tile
                       has more */
    double *held64; /* [stride] first tick after the refractory time, counted */
    float *held32;  /* from held_from (0: long past), in the states' precision;
                      both NULL: there is none */
    ebb_tick held_from;
    ebb_tick *wake; /* [n] tick of the next wake-up; EBB_TICK_NEVER */
    uint8_t *touch; /* [n] enum touch */
    uint32_t *list; /* [n] neurons touched in this tick */
    size_t n_list;
    uint32_t *later; /* [n] neurons to be looked at in the next tick */
    size_t n_later;
    struct tile *tile;         /* [n, in tiles] */
    size_t tile_from, tile_to; /* those that are owned */
    bool whole; /* so much is due in this tick that all tiles are swept: nobody
                    is touched */
    bool in_pieces; /* rows that reach it are added slice by slice */
    bool *direct;   /* [slices] in this tick additions go straight into those
                      states: all is swept, and the slice was in the tick
                      before; NULL: never */
    bool driven;    /* active axons will reach it in the next tick too */
    bool open;      /* some tile is */
    /* Sweeps. */
    bool sweepable; /* in vector code, that is */
    size_t v_apart; /* V is nothing to keep, and stands here in x, for the sweep
                       just made; 0: it is a row */
    uint32_t *stray;    /* [n] per tile, from its first neuron on */
    uint32_t *restless; /* [a tile] who may fire soon */
    double *strayed;    /* [a tile][size] of strays, while a sweep passes */
    struct tile_view view;
    struct last_step last;
    struct ebb_sweep_arrival *arrival; /* [projections] */
    size_t n_sections;
    /* Probes. */
    bool watched;      /* some probe looks at it */
    double *v, *i, *r; /* [n] as of the tick of the last commit; watched */
    /* Input population: events to come. */
    struct ebb_events events;
    size_t next_event;
};

/** Where row k of neuron i's state stands. */
static inline size_t crowd_at(const struct crowd *c, size_t k, size_t i)
{
    if (!c->by_place) {
        return k * c->stride + i;
    }
    return c->v_apart && k == c->rows
               ? c->v_apart + i % EBB_SWEEP_ROOM
               : (i / BLOCK * c->rows + k) * BLOCK + i % BLOCK;
}

/** The network's number of neuron i. */
static inline size_t crowd_node(const struct crowd *c, size_t i)
{
    return c->by_place ? i % c->channels * c->places + i / c->channels : i;
}

/** The engine's number of a neuron. */
static inline size_t crowd_slot(const struct crowd *c, size_t node)
{
    return c->by_place ? node % c->places * c->channels + node / c->places
                       : node;
}

/** A parameter of neuron i. */
static inline double crowd_value(const struct crowd *c,
                                 struct ebb_values values, size_t i)
{
    return values.n == 1 ? values.v[0] : ebb_value_at(values, crowd_node(c, i));
}

static inline ebb_tick crowd_held(const struct crowd *c, size_t i)
{
    if (c->held64) {
        return c->held_from + (ebb_tick)c->held64[i];
    }
    return c->held_from + (c->held32 ? (ebb_tick)c->held32[i] : 0);
}

static inline const struct kind *crowd_kind(const struct crowd *c, size_t i)
{
    return &c->kinds[c->kind ? c->kind[i] : 0];
}

/** Ticks that a clock in the states' precision counts. */
static inline ebb_tick crowd_clock(const struct crowd *c)
{
    return (ebb_tick)1 << (c->x32 ? 23 : 52);
}

/** The tile of neuron i, where they do not stand by place. */
static inline size_t crowd_tile(const struct crowd *c, size_t i)
{
    return i >> c->tile_bits;
}

/** Do additions to neuron i go straight into its state in this tick? */
static inline bool crowd_direct(const struct crowd *c, size_t i)
{
    return c->direct && c->direct[i / c->slice];
}

/** The end of what is owned, up to whole runs of lanes. */
static inline size_t crowd_lanes_to(const struct crowd *c)
{
    return c->own_to == c->n ? c->stride : c->own_to;
}

static inline ebb_tick crowd_done(const struct crowd *c, size_t i)
{
    if (c->by_place) {
        return c->block[i / BLOCK].done;
    }
    ebb_tick tile = c->tile[crowd_tile(c, i)].done;
    return c->done[i] > tile ? c->done[i] : tile;
}

/* A run of what one place of an axis reaches, rising by one. */
struct stretch {
    uint32_t target; /* the first: row or column of the targets of a
                        convolution, or of what is pooled */
    uint32_t slot;   /* conv: of the kernel, which meets it */
    uint32_t n;
};

/* What the rows or the columns of the axons reach. */
struct axis {
    size_t *first; /* [rows + 1] the stretches of each, one after the other */
    struct stretch *stretch;
};

/** Targets of place `at` of an axis, or the stretches of them. */
static inline size_t axis_count(const struct axis *axis, size_t at,
                                bool stretches)
{
    size_t n = 0;
    for (size_t k = axis->first[at]; k < axis->first[at + 1]; k++) {
        n += stretches ? 1 : axis->stretch[k].n;
    }
    return n;
}

/* How a projection's spikes reach V. */
enum way {
    WAY_DIRECT,  /* no recursion: each tap is an addition to I */
    WAY_SECTION, /* shared α: a section of the target's closed form */
    WAY_AXONS,   /* α per axon: active axons contribute at each tick */
    WAY_WINNERS  /* maxima: changes of a section, by parts */
};

struct maxima;

/* A projection at work. */
struct drive {
    const struct ebb_projection *p;
    size_t index, axons, targets;
    size_t own_from, own_to;   /* targets that are computed here */
    bool spatial;              /* it convolves, or pools by sums */
    struct maxima *maxima;     /* it pools by maxima */
    const struct drive *whole; /* it is a part of that one (sim/maxima.c) */
    enum way way;
    size_t at;   /* section: first number within the target's state */
    int section; /* its number; projections of equal α share one */
    unsigned order;
    double gain[EBB_ORDER_MAX]; /* section: what an addition of 1 does */
    /* Weights as the engine numbers targets; its own copy where that is not
     * the network's way. Conv: [channels of axons][slots of rows][slots of
     * columns][channels of targets in a group]. */
    const void *weight;
    /* Sparse: the rows, what is open of those that are due, and the targets
       and products of one. */
    const struct ebb_rows *rows;
    struct ebb_rows *own_rows; /* when nobody else owns them */
    struct ebb_segment_row *open;
    size_t open_room;
    uint32_t *reached;
    void *brought;       /* double or float, as the states */
    struct axis axis[2]; /* conv, pooling: rows, columns */
    double share;        /* conv, pooling: what F is multiplied by */
    size_t fan_in;       /* axons that reach one target, at most */
    size_t most_pieces;  /* rows or runs of weights that an axon takes */
    unsigned n_taps;
    unsigned *tap; /* [n_taps] q that is not zero on every axon, falling */
    uint32_t *due; /* [n_taps] places in tap[] due in this tick */
    unsigned n_due;
    double *sum64; /* [targets, up to whole lanes] additions of this tick, in */
    float *sum32;  /* the precision of the states; one of the two is NULL */
    uint32_t *row; /* rows to be added to sum … */
    double *carry; /* … and what they are multiplied by */
    size_t n_rows, row_room, carry_room;
    struct ebb_sweep_run *run; /* conv: the same as runs */
    size_t n_runs, run_room;
    bool hot; /* sum holds something */
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
    struct crowd *crowd;          /* [n_populations] */
    struct drive *drive;          /* [n_projections] */
    ebb_neuron_id *fired, *named; /* [widest] */
    double *carried;              /* [widest] */
    struct probe_part *part;      /* [n_probes] what is told here */
    struct engine_outbox *out;    /* one of several shares; else NULL */
    const struct ebb_sweep_ops_f32 *sweep_f32; /* of this processor */
    const struct ebb_sweep_ops_f64 *sweep_f64;
    const struct ebb_segment_ops_f32 *segment_f32;
    const struct ebb_segment_ops_f64 *segment_f64;
    ebb_tick now;
    bool failed; /* in the middle of a tick: nothing goes on from there */
    struct ebb_counters counters;
};

/* Count what was done. A benchmark builds the engine without, to see what that
 * costs. */
#ifdef EBB_ENGINE_UNCOUNTED
#define COUNT(e, what, n) ((void)(e), (void)(n))
#else
#define COUNT(e, what, n) ((e)->counters.what += (n))
#endif

/** What rows of weights stand for: axons, or what is left of them by maxima. */
static inline const struct ebb_grid *drive_grid(const struct drive *d)
{
    return d->maxima || d->whole ? &d->p->inputs : &d->p->from;
}

static inline double drive_sum(const struct drive *d, size_t i)
{
    return d->sum64 ? d->sum64[i] : (double)d->sum32[i];
}

/** Ticks from a spike to the addition of one tap of a projection. */
static inline ebb_tick drive_lag(const struct drive *d, unsigned place)
{
    return d->p->delay_ticks + d->tap[place];
}

/** Is anything of it computed here? */
static inline bool crowd_owned(const struct crowd *c)
{
    return c->own_from < c->own_to;
}

/** Does it reach anything that is computed here? */
static inline bool drive_used(const struct drive *d)
{
    return d->own_from < d->own_to;
}

/** Neurons up to whole runs of lanes, which sweeps go over. */
static inline size_t engine_lanes(size_t n)
{
    return (n + EBB_SWEEP_LANES - 1) / EBB_SWEEP_LANES * EBB_SWEEP_LANES;
}

static inline ebb_status engine_no_memory(void)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the event engine");
}

/** Tables and memory of one population; its projections are there. Errors:
 *  EBB_ERR_NOMEM, EBB_ERR_ARG. */
EBB_NODISCARD ebb_status crowd_build(struct ebb_engine *e, struct crowd *c);

/** Take memory and build tables of everything. Errors: EBB_ERR_NOMEM,
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status engine_build(struct ebb_engine *e);

/** What V may lose when one axon of a projection is forgotten. */
double engine_negligible(const struct ebb_engine *e, const struct drive *d);

/** Nothing under way, nothing added; and its own memory freed. */
void drive_reset(struct drive *d);
void drive_finish(struct drive *d);

/** Let a row of weights, times x, be added. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status deliver_want(struct drive *d, size_t row, double x);

/** F of one active axon at this tick; false when it cannot matter any more. */
bool deliver_step_axon(struct drive *d, size_t axon, double *f);

/** Let a volley of `tick` go: remember its spikes and put their additions into
 *  the calendar (those without lag into the projections' own lists).
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status deliver_send(struct ebb_engine *e, struct crowd *from,
                                      ebb_tick tick, const ebb_neuron_id *node,
                                      const double *value, size_t n);

/** Let a volley of a tick before this one be under way again: taps that are
 *  not past. Volleys come in order. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status deliver_restore(struct ebb_engine *e,
                                         struct crowd *from, ebb_tick tick,
                                         const ebb_neuron_id *node,
                                         const double *value, size_t n);

/** The spikes of `from` at `tick`; NULL when there are none. */
const struct volley *deliver_find(const struct crowd *from, ebb_tick tick);

/** Sort numbers, rising; O(n) when they are sorted, as they mostly are. */
void deliver_sort(uint32_t *list, size_t n);

/** Additions that are due from a projection in this tick, counted until there
 *  are enough. */
size_t deliver_due(const struct ebb_engine *e, const struct drive *d,
                   size_t enough);

/** Add up what one projection brings to its targets in this tick.
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status deliver_collect(struct ebb_engine *e, struct drive *d);

/** Mark a neuron to be looked at in this tick. */
static inline void neurons_touch(struct crowd *c, size_t i, enum touch why)
{
    if (!c->touch[i]) {
        c->list[c->n_list++] = (uint32_t)i;
    }
    c->touch[i] = (uint8_t)(c->touch[i] | why);
}

/** Bring whatever was reached in this tick up to date and tell who fired:
 *  e->fired gets them, rising, *n how many. Errors: EBB_ERR_NOMEM,
 *  EBB_ERR_DIVERGED. */
EBB_NODISCARD ebb_status tiles_step(struct ebb_engine *e, struct crowd *c,
                                    size_t *n);

/** What is hot in a slice into c->view, in order of projections. */
void tiles_gather(const struct ebb_engine *e, struct crowd *c, size_t slice);

/** Keep the clock of refractory times short. */
void tiles_wind_clock(const struct ebb_engine *e, struct crowd *c);

/** Those of neurons from <= i < to that c->view.fired flags, rising, into
 *  list; returns how many. */
size_t tiles_flagged(const struct crowd *c, size_t from, size_t to,
                     uint32_t *list);

/** Names the first of neurons from <= i < to whose V is not finite. */
ebb_status tiles_diverged(const struct ebb_engine *e, const struct crowd *c,
                          size_t from, size_t to);

/** Memory of blocks. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status blocks_build(struct ebb_engine *e, struct crowd *c);

/** Back to tick 0, the states being there. */
void blocks_reset(struct crowd *c);

/** Mark the blocks of neurons from <= i < to to be swept in this tick. */
void blocks_touch(struct crowd *c, size_t from, size_t to);

/** Is block b swept until nobody in it may fire? And let it be, or not. */
bool blocks_is_awake(const struct crowd *c, size_t b);
void blocks_set_awake(struct crowd *c, size_t b, bool awake);

/** A wake-up of block b came. */
void blocks_wake(struct ebb_engine *e, struct crowd *c, size_t b);

/** What tiles_step() does, where neurons stand by place. */
EBB_NODISCARD ebb_status blocks_step(struct ebb_engine *e, struct crowd *c,
                                     size_t *n);

/** State x [size] of neuron i as it stands, and back. */
void neurons_load(const struct crowd *c, size_t i, double *x);
void neurons_store(struct crowd *c, size_t i, const double *x);

/** Hold neuron i up to that tick of the population's clock. */
void neurons_hold(struct crowd *c, size_t i, ebb_tick until);

/** Bring a copy x [size] of neuron i's state to this tick, additions included
 *  (they are used up); returns V before any reset. */
double neurons_advance(struct ebb_engine *e, struct crowd *c, size_t i,
                       double *x);

/** Note I and R of this tick for a probe, before the tick's additions are used
 *  up. */
void neurons_note(struct ebb_engine *e, struct crowd *c, size_t i);

/** Look at one neuron. `plan`: decide when to look again. *fired: did it
 *  spike? Errors: EBB_ERR_NOMEM, EBB_ERR_DIVERGED. */
EBB_NODISCARD ebb_status neurons_step(struct ebb_engine *e, struct crowd *c,
                                      size_t i, enum touch why, bool plan,
                                      bool *fired);

/** First tick > now at which neuron i has to be looked at; EBB_TICK_NEVER. */
ebb_tick neurons_next_look(struct ebb_engine *e, const struct crowd *c,
                           size_t i);

/** May neuron i fire at tick `now` or later, if nothing happens? The bound of
 *  one, where sweeps have none. */
bool neurons_may_fire(const struct crowd *c, size_t i, ebb_tick now);

/** Decide when to look at neuron i again. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status neurons_plan(struct ebb_engine *e, struct crowd *c,
                                      size_t i);

/** What spikes in this tick do to the states of neurons list [n]. */
void neurons_spike(struct crowd *c, const uint32_t *list, size_t n,
                   ebb_tick now);

/** V that is not finite. */
ebb_status neurons_diverged(const struct ebb_engine *e, const struct crowd *c,
                            size_t i);

/** Back to the initial states. */
void neurons_reset(struct crowd *c);

#endif
