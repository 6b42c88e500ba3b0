/* io/dataset_file.h - data sets of spikes in HDF5 (*.data.h5).
 *
 *     /events/{tick, node[, value]}   all samples, one after the other; or
 *     /values/...                     values that become events when they are
 *                                     read (io/dataset_values.h)
 *     /sample_offsets  [samples + 1]  first event, or frame, of each
 *     /label           [samples]      class; or, and, the wanted output:
 *     /target/{tick, node}, /target/offsets  [samples + 1]
 *     /split           [samples]      0 training, 1 validation, 2 test
 *     attributes: format "ebb dataset", version 1 (2 with
 *     values), inputs, ticks; outputs
 *     where there are targets; tick_s where a tick has a length, s */
#ifndef EBB_IO_DATASET_FILE_H
#define EBB_IO_DATASET_FILE_H

#include "core/error.h"
#include "core/flow.h"
#include "models/encoder.h"

#include <stdbool.h>
#include <stddef.h>

/** A data set in memory. */
struct ebb_dataset;

/** Read and check a data set. Errors: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_ARG
 *  (an event beyond inputs or ticks), EBB_ERR_NOMEM, all with the path. */
EBB_NODISCARD ebb_status ebb_dataset_read(struct ebb_dataset **out,
                                          const char *path);

/** Free it. NULL is allowed. */
void ebb_dataset_destroy(struct ebb_dataset *dataset);

/** Length of a tick, s; 0: not told. */
double ebb_dataset_tick(const struct ebb_dataset *dataset);

/** What it holds. */
struct ebb_dataset_about {
    size_t samples;
    size_t events;  /* of all inputs */
    size_t targets; /* wanted spikes of all samples */
    bool labelled, targeted;
    bool graded;              /* events carry values */
    size_t smallest, largest; /* samples of the rarest, commonest class */
    size_t fewest, most;      /* events, or frames, of a sample */
    const struct ebb_encoder_params *encoder; /* of values; NULL: events */
    size_t frames, channels;                  /* of all samples' values */
};

/** Count what it holds. O(samples). */
struct ebb_dataset_about ebb_dataset_about(const struct ebb_dataset *dataset);

/** Its samples; `dataset` must outlive the source. */
struct ebb_sample_source ebb_dataset_source(struct ebb_dataset *dataset);

#endif
