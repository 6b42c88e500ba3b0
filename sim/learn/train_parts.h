/* sim/learn/train_parts.h - a network being trained, seen from inside. Only
 * sim/learn/ sees this. */
#ifndef EBB_SIM_LEARN_TRAIN_PARTS_H
#define EBB_SIM_LEARN_TRAIN_PARTS_H

#include "sim/batch.h"
#include "sim/learn/train.h"

enum { EBB_TRAIN_TILES_MAX = 16, EBB_TRAIN_ROWS_PER_RUN = 256 };

/* What one thread works with. */
struct ebb_worker {
    struct ebb_batch_f32 *batch;
    struct ebb_judge *judge;
    struct ebb_sample *samples; /* [per_run] */
};

struct ebb_trainer {
    struct ebb_network *net;
    const struct ebb_sample_source *source;
    struct ebb_train_options options;
    struct ebb_model_f32 *model;
    struct ebb_parameters *parameters;
    float *m, *v; /* [parameters] moments */
    uint64_t steps;
    size_t per_run;  /* samples that run together */
    size_t n_tiles;  /* of a batch */
    size_t per_tile; /* samples in a tile */
    struct ebb_gradient_f32 *gradients[EBB_TRAIN_TILES_MAX];
    double loss[EBB_TRAIN_TILES_MAX];
    size_t n_workers;
    struct ebb_worker *workers;
    uint32_t *order; /* [training samples] shuffled */
    uint64_t order_epoch;
    bool shuffled;
    struct ebb_arena *arena;
};

/** At the start of each thread's work: denormals, and products on one thread
 *  each. */
void ebb_worker_settle(void);

/** The calling thread's own. */
struct ebb_worker *ebb_worker_own(struct ebb_trainer *t);

/** Put a sample's events into a slot of the batch's input rows. Errors: what
 *  the source reports. */
EBB_NODISCARD ebb_status ebb_worker_load(struct ebb_trainer *t,
                                         struct ebb_worker *w,
                                         enum ebb_split split, uint64_t epoch,
                                         size_t index, size_t slot);

/** Failures cross threads as a status and a copy of the text. */
struct ebb_outcome {
    ebb_status status;
    char text[512];
};

/** Keep the first failure of all threads. */
void ebb_outcome_keep(struct ebb_outcome *o, ebb_status status);

/** Report it on the thread that waits for them. */
EBB_NODISCARD ebb_status ebb_outcome_report(const struct ebb_outcome *o);

/** What training takes, in the arrays of its size. */
struct ebb_train_bytes {
    size_t thread;  /* each of the threads: batch arrays */
    size_t threads; /* how many */
    size_t shared;  /* gradients, parameters, moments */
};

/** Add it up before anything is taken: sizes beyond all memory saturate. */
struct ebb_train_bytes ebb_train_bytes(const struct ebb_trainer *t);

/** Refuse to train where that is more than the machine has. Errors:
 *  EBB_ERR_NOMEM, with the numbers and ways out. */
EBB_NODISCARD ebb_status ebb_train_check_memory(const struct ebb_trainer *t,
                                                size_t machine);

#endif
