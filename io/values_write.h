/* io/values_write.h - data sets of values (io/dataset_values.h) written sample
 * by sample; memory does not grow with the values. */
#ifndef EBB_IO_VALUES_WRITE_H
#define EBB_IO_VALUES_WRITE_H

#include "core/error.h"
#include "core/flow.h"
#include "models/encoder.h"

#include <stdbool.h>

/** A data set being written. */
struct ebb_values_writer;

/** Begin a data set of frames of `channels` values, which are bytes or floats;
 *  `origin`: a line on where it comes from. The file gets its name at the end.
 *  Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status
ebb_values_writer_create(struct ebb_values_writer **out, const char *path,
                         size_t channels, bool bytes, const char *origin);

/** Add one sample, of the kind that was begun. Errors: EBB_ERR_ARG (a value
 *  that is not finite), EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_values_writer_add(struct ebb_values_writer *writer,
                                               const struct ebb_series *series,
                                               uint32_t label,
                                               enum ebb_split split);

/** How values count: as they are; bytes as 0 to 1; each channel less its mean
 *  over the training samples, by its standard deviation. */
enum ebb_values_norm {
    EBB_VALUES_PLAIN,
    EBB_VALUES_BYTES,
    EBB_VALUES_STANDARD
};

/** What is told about the whole. */
struct ebb_values_about {
    struct ebb_encoder_params encoder;
    enum ebb_values_norm norm;
    ebb_tick ticks; /* of a sample */
    double tick_s;  /* 0: not told */
};

/** Frames of the longest sample so far. */
size_t ebb_values_writer_longest(const struct ebb_values_writer *writer);

/** Write the rest and give the file its name. The writer is freed, on failure
 *  too. Errors: EBB_ERR_ARG (the encoder), EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_values_writer_finish(
    struct ebb_values_writer *writer, const struct ebb_values_about *about);

/** Give up: nothing is left of the file. NULL is allowed. */
void ebb_values_writer_abandon(struct ebb_values_writer *writer);

#endif
