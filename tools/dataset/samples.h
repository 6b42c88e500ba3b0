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
    uint64_t kept, late; /* events in samples, and in none */
    struct ebb_events window;
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

/** Give the file its name. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_samples_end(struct ebb_samples *s);

/** Free all; a file that has not got its name is removed. */
void ebb_samples_finish(struct ebb_samples *s);

#endif
