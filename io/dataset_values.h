/* io/dataset_values.h - samples of a data set that are held as values and
 * become events when they are read. Only io/dataset*.c sees this.
 *
 *     /values/data           [frames, channels]  uint8 or float32
 *     /values/centre, scale  [channels]          x counts as
 *                                                (x - centre) / scale
 *     attributes of /values: encoder, gain, spread, shift, threshold,
 *     hysteresis, tau, polarities, inputs, seed, frame_ticks, as in
 *     models/encoder.h */
#ifndef EBB_IO_DATASET_VALUES_H
#define EBB_IO_DATASET_VALUES_H

#include "core/memory.h"
#include "io/h5.h"
#include "models/encoder.h"

/** Frames of all samples, one after the other, and how they become events. */
struct ebb_dataset_values {
    const float *at;      /* [frames, channels], or */
    const uint8_t *bytes; /* the same */
    size_t frames, channels;
    const uint64_t *offset; /* [samples + 1] first frame of each */
    struct ebb_encoder_params params;
    struct ebb_encoder *encoder;
};

/** Read /values of a file of samples that `ticks` ticks are shown, and the
 *  offsets of `samples` samples. The arrays are the arena's; the encoder is
 *  destroyed by the caller, after a failure too. Errors: EBB_ERR_FORMAT,
 *  EBB_ERR_ARG (of the encoder), EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_dataset_values_read(struct ebb_dataset_values *out,
                                                 struct ebb_arena *arena,
                                                 hid_t file, size_t samples,
                                                 uint64_t ticks);

/** Events of one sample; see ebb_encoder_run(). */
EBB_NODISCARD ebb_status
ebb_dataset_values_encode(const struct ebb_dataset_values *v, size_t sample,
                          uint64_t epoch, struct ebb_events *out);

/** Write the attributes of an encoder to the group /values. Errors:
 *  EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_dataset_values_put(hid_t at, const struct ebb_encoder_params *params);

#endif
