/* io/frames.h - frames of values in memory, and as tables of text. */
#ifndef EBB_IO_FRAMES_H
#define EBB_IO_FRAMES_H

#include "core/error.h"

#include <stddef.h>

/** Frames of values, [frames, channels]. Zero-initialise; finish with
 *  ebb_frames_finish(); the memory is reused. */
struct ebb_frames {
    float *at;
    size_t frames, channels, room;
};

/** Forget what is in it, and make room. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_frames_resize(struct ebb_frames *f, size_t frames,
                                           size_t channels);

/** Free the memory. */
void ebb_frames_finish(struct ebb_frames *f);

/**
 * Read a table: a line a frame, as many finite numbers in each, between
 * commas, semicolons, blanks or tabs. Lines that are empty or start with #,
 * and a first line that starts with no number, are passed over.
 * Errors: EBB_ERR_IO, EBB_ERR_FORMAT with the line, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_frames_read_text(struct ebb_frames *out,
                                              const char *path);

#endif
