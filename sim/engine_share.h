/* sim/engine_share.h - an engine that computes a share of a network, in step
 * with the engines of the other shares.
 *
 * A share runs the ticks of a window by itself; what fires is written down and
 * not sent, since nobody can feel it within the window. Then all shares are
 * given the spikes of all. Where spikes are felt in the tick itself, a window
 * is one tick that runs in stages, and spikes are given after each of them.
 * sim/cluster.c moves them. */
#ifndef EBB_SIM_ENGINE_SHARE_H
#define EBB_SIM_ENGINE_SHARE_H

#include "sim/engine.h"
#include "sim/volleys.h"

/** Part of a probe's nodes: places from <= k < to in its list. */
struct probe_part {
    size_t from, to;
};

/** What a share has to say of a window. */
struct engine_outbox {
    ebb_tick start;            /* of the window */
    struct volley_words fired; /* of its own neurons, since the last stage */
    bool tells_input;          /* and also … */
    struct volley_words input; /* events of inputs … */
    double *value;             /* … and their values */
    size_t n_values, value_room;
    ebb_tick *visited; /* ticks in which something was looked at */
    size_t n_visited, visited_room;
    double *state; /* parts of probes, by tick and probe */
    size_t n_states, state_room;
};

/** What engine `e`, one of several shares, has to say. */
struct engine_outbox *engine_share_outbox(struct ebb_engine *e);

/** The part of a probe that it tells. */
struct probe_part engine_share_part(const struct ebb_engine *e, size_t probe);

/** Begin a window at `start` >= now. */
void engine_share_begin(struct ebb_engine *e, ebb_tick start);

/** Run every tick below `until`; fired spikes stay in the outbox. Errors: as
 *  ebb_engine_run(). */
EBB_NODISCARD ebb_status engine_share_run(struct ebb_engine *e, ebb_tick until);

/** Run places from <= k < to of the populations' order in the tick at which the
 *  window began; the first and the last of them begin and end it. Errors: as
 *  ebb_engine_run(). */
EBB_NODISCARD ebb_status engine_share_stage(struct ebb_engine *e, size_t from,
                                            size_t to);

/** Spikes of all shares, volleys from <= k < to of the book. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status engine_share_receive(struct ebb_engine *e,
                                              const struct volley_book *book,
                                              size_t from, size_t to);

/** First tick >= now at which it has something to do. */
ebb_tick engine_share_next(const struct ebb_engine *e);

/** All ticks below this are over, without a look. */
void engine_share_skip(struct ebb_engine *e, ebb_tick until);

/** Set the counters of ticks, which no share knows by itself. */
void engine_share_count_ticks(struct ebb_engine *e, uint64_t visited,
                              uint64_t skipped);

#endif
