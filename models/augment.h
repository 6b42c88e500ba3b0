/* models/augment.h - training samples altered at random, and a part of them
 * held out for validation. */
#ifndef EBB_MODELS_AUGMENT_H
#define EBB_MODELS_AUGMENT_H

#include "core/error.h"
#include "core/flow.h"
#include "models/grid.h"

#include <stddef.h>
#include <stdint.h>

/** How training samples are altered. All 0: not at all. */
struct ebb_augment {
    size_t shift;   /* moved by up to so many rows and columns, whole ones */
    double rotate;  /* turned about the middle by up to so many degrees */
    double stretch; /* made larger or smaller by up to this part of the size */
    double jitter;  /* each event moved in time by a rounded N(0, jitter²),
                       ticks */
    double drop;    /* probability that an event is lost, [0, 1) */
};

/** Is anything altered? */
bool ebb_augment_any(const struct ebb_augment *how);

/** A source whose training samples are altered. */
struct ebb_augmented;

/**
 * Alter the training samples of `source`, which is copied and whose `self`
 * must outlive the result; other splits pass unchanged.
 *
 *     grid  of the input's channels, rows, columns
 *     seed  what happens to a sample is a function of seed, epoch and index
 *
 * What leaves the grid or the ticks is lost. O(events) a sample, and a sort
 * where events are turned, stretched or moved in time.
 * Errors: EBB_ERR_ARG (the grid is not of the source's inputs; a shift, turn
 * or stretch without rows and columns), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_augmented_create(
    struct ebb_augmented **out, const struct ebb_sample_source *source,
    struct ebb_grid grid, const struct ebb_augment *how, uint64_t seed);

/** Free it. NULL is allowed. */
void ebb_augmented_destroy(struct ebb_augmented *a);

/** The altered source; `a` must outlive it. */
struct ebb_sample_source ebb_augmented_source(struct ebb_augmented *a);

/** A source part of whose training samples are for validation. */
struct ebb_held_out;

/**
 * Hold out a share of the training samples for validation: of each class the
 * same share, rounded, drawn from the seed. `source` as above. Reads every
 * training sample once, for its class.
 * Errors: EBB_ERR_ARG (a source that has validation samples; a share that
 * leaves no sample on either side), EBB_ERR_NOMEM, and those of reading.
 */
EBB_NODISCARD ebb_status ebb_held_out_create(
    struct ebb_held_out **out, const struct ebb_sample_source *source,
    double share, uint64_t seed);

/** Free it. NULL is allowed. */
void ebb_held_out_destroy(struct ebb_held_out *h);

/** The source with its validation samples; `h` must outlive it. */
struct ebb_sample_source ebb_held_out_source(struct ebb_held_out *h);

#endif
