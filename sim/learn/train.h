/* sim/learn/train.h - learning: batches, tiles, threads, optimiser steps. */
#ifndef EBB_SIM_LEARN_TRAIN_H
#define EBB_SIM_LEARN_TRAIN_H

#include "core/flow.h"
#include "models/network.h"
#include "sim/learn/optimiser.h"
#include "sim/learn/parameters.h"
#include "sim/learn/score.h"

/** How a network learns. */
struct ebb_train_options {
    unsigned epochs;
    size_t batch; /* samples per step; an incomplete last batch is left out */
    struct ebb_loss loss;
    struct ebb_optimiser optimiser;
    struct ebb_schedule schedule;
    struct ebb_learn learn;
    const double *dropout; /* [populations] probability that an axon's spike is
                              lost (survivors carry 1/(1-p)); NULL: none */
    const double *penalty; /* [populations] weight of the mean activity
                              (spikes per neuron and tick) in the loss; NULL */
    const double *limit;   /* [populations] mean activity of a sample beyond
                              which … */
    const double *excess;  /* … the square of the excess counts in the loss,
                              with this weight; NULL */
    ebb_tick target_delay; /* of the source, to judge cues; see ebb_judge_cue */
    uint64_t seed;         /* of shuffling and dropout */
    bool bf16;             /* products of factors rounded to bf16 */
    unsigned threads;      /* 0: as many as there are processors */
};

/** What one step did. */
struct ebb_train_step {
    double loss;   /* mean over the batch, before the step */
    size_t scaled; /* poles that had to be pulled inside */
};

/** A network being trained. */
struct ebb_trainer;

/**
 * Prepare to train `net`, which is borrowed and changed by
 * ebb_trainer_store() only. Errors: EBB_ERR_ARG (source and network do not
 * fit, nothing to learn), EBB_ERR_NOMEM (also where it would take more than the
 * machine has; tells how much).
 */
EBB_NODISCARD ebb_status
ebb_trainer_create(struct ebb_trainer **out, struct ebb_network *net,
                   const struct ebb_sample_source *source,
                   const struct ebb_train_options *options);

/** Free it. NULL is allowed. */
void ebb_trainer_destroy(struct ebb_trainer *trainer);

/** Steps in one epoch. */
size_t ebb_trainer_steps(const struct ebb_trainer *trainer);

/**
 * Do step `step` of `epoch` (both from 0): the same bits for any number of
 * threads. Errors: EBB_ERR_DIVERGED (loss or gradient is no number, parameters
 * stay as they were), and what the source reports.
 */
EBB_NODISCARD ebb_status ebb_trainer_step(struct ebb_trainer *trainer,
                                          unsigned epoch, size_t step,
                                          struct ebb_train_step *out);

/**
 * Judge the network as it is now on a split.
 *
 *     epoch  draw of the noise, where the split has any
 *     score  out; score->activity is allocated by the caller
 *
 * Errors: what the source reports.
 */
EBB_NODISCARD ebb_status ebb_trainer_evaluate(struct ebb_trainer *trainer,
                                              enum ebb_split split,
                                              uint64_t epoch,
                                              struct ebb_score *score);

/** Write what was learned into the network, and check it. Errors: those of
 *  ebb_network_finish(). */
EBB_NODISCARD ebb_status ebb_trainer_store(struct ebb_trainer *trainer);

/** All that a checkpoint needs besides epoch and step: parameters and moments,
 *  [n] floats each, and the number of steps taken. Writable. */
struct ebb_trainer_state {
    float *x, *m, *v;
    size_t n;
    uint64_t *steps;
};

struct ebb_trainer_state ebb_trainer_state(struct ebb_trainer *trainer);

/** Put x, once restored, into force. */
void ebb_trainer_restore(struct ebb_trainer *trainer);

/** Bytes in the arrays of training: those of the model, and for each thread
 *  and tile. */
size_t ebb_trainer_bytes(const struct ebb_trainer *trainer);

#endif
