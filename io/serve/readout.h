/* io/serve/readout.h - the class that output spikes speak for: counts over a
 * sliding window, or since the last silence. */
#ifndef EBB_IO_SERVE_READOUT_H
#define EBB_IO_SERVE_READOUT_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How counts c_k become probabilities. */
enum ebb_readout_rule {
    EBB_READOUT_SOFTMAX, /* e^c_k / Σ e^c_j, as the rate loss has it */
    EBB_READOUT_SHARE    /* c_k / Σ c_j */
};

/** Counts of n classes in the last `steps` steps. */
struct ebb_readout {
    enum ebb_readout_rule rule;
    size_t n, steps;
    uint64_t *count;     /* [n] within the window */
    uint32_t *step;      /* [steps][n], a ring; NULL: no window */
    size_t now;          /* the step that is being counted */
    double *probability; /* [n] set by ebb_readout_tell() */
    long winner;         /* -1: no spike */
    double confidence;   /* its probability; 0: no winner */
};

/** `steps` of the window; 0: count until ebb_readout_clear(). Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_readout_init(struct ebb_readout *r, size_t n,
                                          size_t steps,
                                          enum ebb_readout_rule rule);

/** Free what it holds. A zeroed one is allowed. */
void ebb_readout_finish(struct ebb_readout *r);

/** One spike of class k < n. */
void ebb_readout_count(struct ebb_readout *r, size_t k);

/** Set probabilities, winner (of equal ones the first) and confidence. */
void ebb_readout_tell(struct ebb_readout *r);

/** The next step begins; the oldest one leaves the window. */
void ebb_readout_step(struct ebb_readout *r);

/** Forget all. */
void ebb_readout_clear(struct ebb_readout *r);

#endif
