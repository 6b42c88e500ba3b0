/* models/patterns.h - spatio-temporal patterns to be remembered, and the noisy
 * cues that ask for them (Fang et al., IJCAI 2020, section 5.1). */
#ifndef EBB_MODELS_PATTERNS_H
#define EBB_MODELS_PATTERNS_H

#include "core/error.h"
#include "core/events.h"
#include "core/flow.h"
#include "core/random.h"

#include <stddef.h>
#include <stdint.h>

/** Spike patterns: n pictures of trains over ticks. */
struct ebb_patterns {
    size_t n, trains, ticks;
    uint8_t *spike; /* [n, trains, ticks] 0 or 1 */
};

enum { EBB_PATTERN_DRAWINGS = 10 };

/** Name of drawing i ("circle", "letter E", …), or NULL. */
const char *ebb_pattern_name(size_t i);

/** How patterns are drawn. */
struct ebb_pattern_params {
    size_t n;       /* how many, at most EBB_PATTERN_DRAWINGS */
    size_t trains;  /* neurons, from top to bottom */
    size_t ticks;   /* from left to right */
    double density; /* spikes per train and tick */
    uint64_t seed;  /* of the dots */
};

/** 10 patterns of 300 trains x 300 ticks, density 1.4 %, seed 1. */
struct ebb_pattern_params ebb_pattern_params_default(void);

/**
 * Draw letters and shapes in dots: along each train that crosses a stroke,
 * spikes follow each other at random intervals that are never short.
 * Errors: EBB_ERR_ARG, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_patterns_draw(struct ebb_patterns *out,
                                           const struct ebb_pattern_params *p);

/** Zeroed patterns. Errors: EBB_ERR_ARG (a size of 0), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_patterns_create(struct ebb_patterns *out, size_t n,
                                             size_t trains, size_t ticks);

/** Free the spikes. */
void ebb_patterns_finish(struct ebb_patterns *p);

/** Spikes per train and tick of one pattern. */
double ebb_patterns_density(const struct ebb_patterns *p, size_t pattern);

/** How a cue differs from its pattern. */
struct ebb_cue_noise {
    double p_alter;    /* probability that the cue is altered at all */
    double p_jitter;   /* then: that every spike is moved in time … */
    double jitter;     /* … by a rounded normal of this deviation, ticks */
    double p_delete;   /* then: that a part is deleted … */
    size_t block;      /* … a square of this side, or as many whole trains */
    double background; /* probability of a noise spike per train and tick */
};

/** The settings of the paper's authors (0.4, 0.7, 1, 0.5, 40, 0.005). */
struct ebb_cue_noise ebb_cue_noise_default(void);

/** A cue of one pattern: its spikes, altered and with background, added to
 *  `out` and sorted by tick, each cell once. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_cue_draw(struct ebb_events *out,
                                      const struct ebb_patterns *p,
                                      size_t pattern,
                                      const struct ebb_cue_noise *noise,
                                      struct ebb_random *random);

/** A data set of cues: the input is a noisy cue, the target its pattern. */
struct ebb_cue_params {
    struct ebb_cue_noise noise;
    ebb_tick target_delay; /* ticks by which the target follows the cue */
    size_t train, validation, test; /* samples per epoch */
    uint64_t seed;                  /* of training and validation */
    uint64_t test_seed;
};

struct ebb_cues;

/**
 * Cues as a sample source: patterns take turns in shuffled order; each epoch
 * draws new noise for training, validation and test stay the same.
 * `patterns` is copied. Errors: EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_cues_create(struct ebb_cues **out,
                                         const struct ebb_patterns *patterns,
                                         const struct ebb_cue_params *params);

/** Free it. NULL is allowed. */
void ebb_cues_destroy(struct ebb_cues *cues);

/** The source; `cues` must outlive it. */
struct ebb_sample_source ebb_cues_source(struct ebb_cues *cues);

/** The spikes of a pattern as a target: delayed, what falls off the end is
 *  lost. Added to `out` in order. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_pattern_target(struct ebb_events *out,
                                            const struct ebb_patterns *p,
                                            size_t pattern, ebb_tick delay);

#endif
