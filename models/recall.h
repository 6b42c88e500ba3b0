/* models/recall.h - damaged cues of stored patterns, and how well an
 * associative memory completes them. */
#ifndef EBB_MODELS_RECALL_H
#define EBB_MODELS_RECALL_H

#include "core/events.h"
#include "core/random.h"
#include "models/assemblies.h"

/** How a cue differs from its pattern of M cells. */
struct ebb_recall_noise {
    double missing; /* share of M that does not fire, 0..1 */
    double added;   /* others that fire, as a share of M */
    double jitter;  /* ticks: deviation of a spike, normal and rounded */
};

/** Ticks before a cue's own tick at which its first spikes may come. */
ebb_tick ebb_recall_lead(const struct ebb_recall_noise *noise);

/**
 * The cue of one pattern: round((1 - missing) M) of its cells and round(added
 * M) others, drawn at random, one spike each at tick `at` give or take the
 * jitter, no more than the lead away. Added to `out` and sorted.
 *
 *     scratch  [a->neurons] all 0 before and after
 *
 * Errors: EBB_ERR_ARG (more added than there are), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_recall_cue(struct ebb_events *out,
                                        const struct ebb_assemblies *a,
                                        size_t pattern,
                                        const struct ebb_recall_noise *noise,
                                        ebb_tick at, uint8_t *scratch,
                                        struct ebb_random *random);

/** How the neurons that fire in a wave compare with the pattern. */
struct ebb_recall_score {
    double completion; /* share of its M cells that fire */
    double falsely;    /* others that fire, as a share of M */
    double overlap;    /* cosine: right / sqrt(M fired), 0 where none fires */
};

/** Spikes counted by wave: wave s is the spikes of ticks from `start` + s
 *  period on, each neuron once. Zero-initialise. */
struct ebb_recall_count {
    const struct ebb_assemblies *patterns;
    ebb_tick start, period;
    size_t waves;
    uint64_t *right, *falsely; /* [waves] */
    uint32_t *seen;            /* [neurons] 1 + the last wave it fired in */
    uint8_t *wanted;           /* [neurons] of the pattern */
    size_t pattern;
};

/** Room to count `waves` waves. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_recall_count_init(
    struct ebb_recall_count *c, const struct ebb_assemblies *patterns,
    ebb_tick start, ebb_tick period, size_t waves);

void ebb_recall_count_finish(struct ebb_recall_count *c);

/** Begin to count for a pattern; what was counted is forgotten. O(neurons). */
void ebb_recall_count_begin(struct ebb_recall_count *c, size_t pattern);

/** Count the spikes of one tick. */
void ebb_recall_count_spikes(struct ebb_recall_count *c, ebb_tick tick,
                             const ebb_neuron_id *node, size_t n);

/** Score of a wave. */
struct ebb_recall_score ebb_recall_count_score(const struct ebb_recall_count *c,
                                               size_t wave);

#endif
