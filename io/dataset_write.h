/* io/dataset_write.h - data sets of spikes (io/dataset_file.h) written sample
 * by sample; memory does not grow with the events. */
#ifndef EBB_IO_DATASET_WRITE_H
#define EBB_IO_DATASET_WRITE_H

#include "core/error.h"
#include "core/events.h"
#include "core/flow.h"

#include <stddef.h>
#include <stdint.h>

/** A data set being written. */
struct ebb_dataset_writer;

/** Begin a data set of samples of `ticks` ticks of `inputs` channels; a tick is
 *  `tick_s` long (0: not told); `origin`: a line on where it comes from. The
 *  file gets its name at the end. Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_dataset_writer_create(
    struct ebb_dataset_writer **out, const char *path, size_t inputs,
    ebb_tick ticks, double tick_s, const char *origin);

/** Add one sample: its events, sorted by tick, its class and its split.
 *  Errors: EBB_ERR_ARG (an event beyond the inputs or ticks), EBB_ERR_IO,
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_dataset_writer_add(
    struct ebb_dataset_writer *writer, const struct ebb_events *events,
    uint32_t label, enum ebb_split split);

/** Move the samples first..first+n-1, all added before, to another split. */
void ebb_dataset_writer_move(struct ebb_dataset_writer *writer, size_t first,
                             size_t n, enum ebb_split split);

/** Write the rest and give the file its name. The writer is freed, on failure
 *  too. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_dataset_writer_finish(struct ebb_dataset_writer *writer);

/** Give up: nothing is left of the file. NULL is allowed. */
void ebb_dataset_writer_abandon(struct ebb_dataset_writer *writer);

#endif
