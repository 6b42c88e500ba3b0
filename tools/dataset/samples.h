/* tools/dataset/samples.h - events of recordings become samples of a data
 * set. */
#ifndef EBB_TOOLS_DATASET_SAMPLES_H
#define EBB_TOOLS_DATASET_SAMPLES_H

#include "core/error.h"
#include "core/events.h"
#include "core/flow.h"
#include "io/dataset_write.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Recordings are not longer, in ticks. */
#define EBB_SAMPLES_TICK_MAX 1e15

/** A data set being made. Zero-initialise, then set the first part. */
struct ebb_samples {
    double tick_us;
    ebb_tick ticks; /* of a sample */
    ebb_tick step; /* from one sample of a recording to the next; 0: only one */
    bool once;     /* at most one event a channel and tick */

    struct ebb_dataset_writer *writer;
    size_t n, empty;     /* samples, and those without an event */
    size_t of[3];        /* samples of each split */
    uint64_t kept, late; /* events in samples, and in none */
    struct ebb_events window;
    struct ebb_samples_unit *unit; /* [units] recordings for training */
    size_t units, unit_room;
};

/** The samples of one recording, which stay together. */
struct ebb_samples_unit {
    uint32_t label;
    size_t first, n;
};

/** Begin the file. Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_samples_begin(struct ebb_samples *s,
                                           const char *path, size_t inputs,
                                           const char *origin);

/** May an event be in a sample? If not, it is counted as such. */
bool ebb_samples_want(struct ebb_samples *s, double tick);

/** Add the samples of a recording: the events are sorted, and `length` ticks
 *  are what it lasts, 0 where its last event tells. The part after its last
 *  whole sample is left out, unless it is the first. Errors: EBB_ERR_ARG,
 *  EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_samples_add(struct ebb_samples *s,
                                         const struct ebb_events *events,
                                         ebb_tick length, uint32_t label,
                                         enum ebb_split split);

/** Make a share, above 0 and below 1, of the recordings for training ones for
 *  validation: of every class that share, rounded, but not all. Which ones is a
 *  function of `seed` and of the recordings alone. */
void ebb_samples_validate(struct ebb_samples *s, double share, uint64_t seed);

/** Give the file its name. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_samples_end(struct ebb_samples *s);

/** Free all; a file that has not got its name is removed. */
void ebb_samples_finish(struct ebb_samples *s);

#endif
