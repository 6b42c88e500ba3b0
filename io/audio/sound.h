/* io/audio/sound.h - sounds from WAV and what else libsndfile reads. */
#ifndef EBB_IO_AUDIO_SOUND_H
#define EBB_IO_AUDIO_SOUND_H

#include "core/error.h"

#include <stddef.h>

/** One channel of a sound, the mean of those in the file. Zero-initialise;
 *  finish with ebb_sound_finish(); the memory is reused. */
struct ebb_sound {
    float *at; /* [n] of -1 to 1 */
    size_t n, room;
    double rate_hz;
};

/** Read a file of at most 2^28 values, in a child process: a library that
 *  crashes or hangs on a damaged file is a message. Errors: EBB_ERR_IO (not
 *  there), EBB_ERR_FORMAT (no sound; an ebb without sound, with the way out),
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_sound_read(struct ebb_sound *out,
                                        const char *path);

/** Free the memory. */
void ebb_sound_finish(struct ebb_sound *s);

#endif
