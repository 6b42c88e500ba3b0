/* sim/recall.h - an associative memory asked with cues, through the event
 * engine. */
#ifndef EBB_SIM_RECALL_H
#define EBB_SIM_RECALL_H

#include "models/recall.h"
#include "sim/cluster.h"

/** How to ask. */
struct ebb_recall_options {
    struct ebb_recall_noise noise;
    ebb_tick period; /* ticks from a wave of spikes to the next */
    size_t steps;    /* waves after the cue; >= 1 */
    uint64_t seed;   /* of the damage */
    enum ebb_engine_mode mode;
    bool single;                         /* float states */
    size_t threads;                      /* engines; 0 is 1 */
    const struct ebb_exchange *exchange; /* borrowed; NULL: one process */
};

/** A memory being asked. One thread at a time. */
struct ebb_recall;

/**
 * Prepare. `net` has an input population and a population `memory` of as many
 * neurons as the patterns; both are borrowed. The cue is given at such a tick
 * that wave 0 is the cue and wave s what came of it after s periods; a wave is
 * the spikes of the period that has its middle there.
 * Of several processes all make the same calls, and get the same scores: each
 * is told all spikes.
 * Errors: EBB_ERR_SHAPE (sizes that do not fit), EBB_ERR_ARG, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status
ebb_recall_create(struct ebb_recall **out, const struct ebb_network *net,
                  const struct ebb_assemblies *patterns,
                  const struct ebb_recall_options *options);

/** Free it. NULL is allowed. */
void ebb_recall_destroy(struct ebb_recall *r);

/**
 * Ask with cue number `cue` of a pattern, from rest; a cue is a function of
 * seed, pattern and number.
 *
 *     score  [steps + 1] out  of each wave
 *
 * Errors: EBB_ERR_ARG (no such pattern, noise out of range), EBB_ERR_NOMEM,
 * EBB_ERR_DIVERGED.
 */
EBB_NODISCARD ebb_status ebb_recall_ask(struct ebb_recall *r, size_t pattern,
                                        uint64_t cue,
                                        struct ebb_recall_score *score);

/** What was done for the last cue, by this process. */
struct ebb_counters ebb_recall_counters(const struct ebb_recall *r);

#endif
