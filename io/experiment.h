/* io/experiment.h - an experiment file: a network, data, and how to learn. */
#ifndef EBB_IO_EXPERIMENT_H
#define EBB_IO_EXPERIMENT_H

#include "core/error.h"
#include "models/augment.h"
#include "models/network.h"
#include "models/patterns.h"

#include <stdbool.h>
#include <stdint.h>

/** How the weights of a projection start. */
enum ebb_init_shape {
    EBB_INIT_UNIFORM, /* U(-scale, scale) */
    EBB_INIT_NORMAL,  /* N(0, scale²) */
    EBB_INIT_CONSTANT /* scale */
};

struct ebb_init {
    enum ebb_init_shape shape;
    double scale; /* 0: 1/sqrt(fan_in) */
};

/** Where samples come from. */
enum ebb_data_kind {
    EBB_DATA_DRAWINGS, /* cues of patterns that the project draws */
    EBB_DATA_PATTERNS, /* cues of patterns in a file */
    EBB_DATA_DATASET   /* a data set file */
};

enum ebb_experiment_loss { EBB_EXPERIMENT_RATE, EBB_EXPERIMENT_VAN_ROSSUM };

/** How to learn, in the words of the file. */
struct ebb_training {
    unsigned epochs, threads;
    size_t batch;
    enum ebb_experiment_loss loss;
    struct ebb_kernel_spec loss_kernel;
    bool mean_squared;
    enum { EBB_TRAINING_SGD, EBB_TRAINING_ADAM, EBB_TRAINING_ADAMW } optimiser;
    double rate, momentum, beta1, beta2, epsilon, weight_decay;
    enum {
        EBB_TRAINING_CONSTANT,
        EBB_TRAINING_STEP,
        EBB_TRAINING_COSINE
    } schedule;
    double gamma;
    unsigned warmup;
    unsigned milestones[16];
    unsigned n_milestones;
    enum { EBB_TRAINING_FIXED, EBB_TRAINING_FREE, EBB_TRAINING_STABLE } kernels;
    bool learn_bias, learn_lambda, learn_theta, learn_v_th;
    double *dropout; /* [populations] */
    double *penalty; /* [populations] */
    double *limit;   /* [populations] activity beyond which … */
    double *excess;  /* … its excess counts; weight */
    bool any_dropout, any_penalty, any_excess;
    unsigned patience; /* epochs without gain after which to stop; 0: never */
    double min_change; /* smallest gain that counts */
};

/** A whole experiment. */
struct ebb_experiment {
    char *path;
    char *name;
    uint64_t seed;
    struct ebb_network *network; /* finished; weights drawn from the seed */
    struct ebb_init *init;       /* [projections] */
    bool *bias_drawn;            /* [populations] else it is given */
    enum ebb_data_kind data;
    struct ebb_pattern_params drawings;
    char *data_file; /* patterns or data set, beside the experiment or not */
    struct ebb_cue_params cues;
    double validation_share; /* of a data set's training samples; 0: none */
    uint64_t validation_seed;
    struct ebb_augment augment; /* of a data set's training samples */
    struct ebb_training training;
};

/**
 * Read an experiment; the format is docs/files.md's. Errors name file, line,
 * field, value and reason: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_ARG,
 * EBB_ERR_DIVERGED (a kernel that explodes), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_experiment_read(struct ebb_experiment **out,
                                             const char *path);

/** Free it. NULL is allowed. */
void ebb_experiment_destroy(struct ebb_experiment *experiment);

/** Start again from another seed: weights, biases, training noise. Errors:
 *  those of ebb_network_finish(). */
EBB_NODISCARD ebb_status ebb_experiment_seed(struct ebb_experiment *experiment,
                                             uint64_t seed);

#endif
