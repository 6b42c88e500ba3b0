/* tools/plot/responses.h - what a population does on many test samples. */
#ifndef EBB_TOOLS_PLOT_RESPONSES_H
#define EBB_TOOLS_PLOT_RESPONSES_H

#include "tools/args.h"
#include "tools/setting.h"

#include <stdio.h>

/** Spikes of one population on test samples, those of a class together.
 *  Zero-initialise. */
struct ebb_responses {
    struct ebb_setting setting;
    struct ebb_network *net;
    size_t population, neurons, ticks;
    size_t n;      /* samples */
    size_t *label; /* [n] rising */
    float *o;      /* [n, ticks, neurons] 0 or 1 */
};

/**
 * Run the test samples of an experiment on a network, as evaluation does:
 * operands NETWORK EXPERIMENT, options --samples (64) and --population (the
 * smallest that is neither input nor output). The caller finishes, also after
 * a failure. Errors: those of reading; EBB_ERR_ARG (no such population, no
 * test samples), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_responses_run(struct ebb_responses *out,
                                           const struct ebb_args *args);

/** Free everything. */
void ebb_responses_finish(struct ebb_responses *r);

/** Write gnuplot's words for an axis of samples ('x' or 'y'): a name at the
 *  middle of each class. */
void ebb_responses_tics(FILE *to, const struct ebb_responses *r, char axis);

#endif
