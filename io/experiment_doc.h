/* io/experiment_doc.h - an experiment file as it is written: every value a
 * string, NULL where it is left out. Only io/experiment*.c sees this. */
#ifndef EBB_IO_EXPERIMENT_DOC_H
#define EBB_IO_EXPERIMENT_DOC_H

#include "io/yaml_doc.h"

#include <stdbool.h>
#include <stdint.h>

struct ebb_doc_neuron {
    char *lambda, *tau_lambda, *theta, *tau_theta;
    char *v_th, *v0, *bias, *sigma;
    char *reset, *v_reset, *refractory;
};

struct ebb_doc_conv {
    char *channels, *size, *stride, *padding, *dilation, *groups;
};

struct ebb_doc_pool {
    const char *kind;
    char *size, *stride;
};

/* How a population is fed, by the one before or by a projection. */
struct ebb_doc_space {
    struct ebb_doc_conv *conv;
    struct ebb_doc_pool *pool;
};

struct ebb_doc_population {
    char *name, *size, *input;
    struct ebb_doc_list shape;
    struct ebb_doc_space space;
    struct ebb_doc_neuron neuron;
};

struct ebb_doc_kernel {
    char *shape, *tau, *tau_m, *tau_s, *input_lag, *normalised, *per_axon;
    struct ebb_doc_list alpha, beta;
};

struct ebb_doc_projection {
    char *name, *source, *target, *delay, *weights, *scale, *density;
    struct ebb_doc_space space;
    struct ebb_doc_kernel *kernel;
};

struct ebb_doc_network {
    char *tick, *strict, *layers;
    struct ebb_doc_list input;
    struct ebb_doc_neuron *neurons;
    struct ebb_doc_kernel *kernel;
    struct ebb_doc_population *populations;
    unsigned n_populations;
    struct ebb_doc_projection *projections;
    unsigned n_projections;
    const char *const *written; /* [n_populations] as layers; no field */
};

struct ebb_doc_drawings {
    char *count, *trains, *ticks, *density, *seed;
};

struct ebb_doc_cue {
    char *p_alter, *p_jitter, *jitter, *p_delete, *block, *background;
};

struct ebb_doc_augment {
    char *shift, *rotate, *stretch, *jitter, *drop;
};

struct ebb_doc_data {
    char *patterns, *dataset, *target_delay;
    char *train, *validation, *validation_seed, *test, *test_seed;
    struct ebb_doc_drawings *drawings;
    struct ebb_doc_cue *cue;
    struct ebb_doc_augment *augment;
};

struct ebb_doc_optimiser {
    char *kind, *rate, *momentum, *beta1, *beta2, *epsilon, *weight_decay;
};

struct ebb_doc_schedule {
    char *kind, *gamma, *warmup;
    struct ebb_doc_list milestones;
};

struct ebb_doc_loss {
    char *kind, *mean_squared;
    struct ebb_doc_kernel *kernel;
};

struct ebb_doc_learn {
    char *kernels, *bias, *lambda, *theta, *v_th;
};

struct ebb_doc_activity {
    char *target, *weight;
};

struct ebb_doc_layer {
    char *name, *dropout, *rate_penalty;
    struct ebb_doc_activity *activity;
};

struct ebb_doc_early_stop {
    char *patience, *min_change;
};

struct ebb_doc_training {
    char *epochs, *batch, *threads;
    struct ebb_doc_optimiser *optimiser;
    struct ebb_doc_schedule *schedule;
    struct ebb_doc_loss *loss;
    struct ebb_doc_learn *learn;
    struct ebb_doc_activity *activity;
    struct ebb_doc_layer *layers;
    unsigned n_layers;
    struct ebb_doc_early_stop *early_stop;
};

struct ebb_doc {
    char *name, *seed;
    struct ebb_doc_network *network;
    struct ebb_doc_data *data;
    struct ebb_doc_training *training;
};

/**
 * Read and check the file; *map tells where its values stand. The caller frees
 * both, also after a failure, with ebb_doc_destroy() and
 * ebb_yaml_map_finish(). Errors: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_doc_read(struct ebb_doc **out,
                                      struct ebb_yaml_map *map,
                                      const char *path);

/** Free it. NULL is allowed. */
void ebb_doc_destroy(struct ebb_doc *doc);

#endif
