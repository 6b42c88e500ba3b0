/* io/audio/sound.c - sounds from WAV. */
#include "io/audio/sound.h"

#include "core/memory.h"

#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096, CHANNELS_MAX = 64, VALUES_MAX = 1 << 28 };

/* The mean of a block's channels, at the end of *out. */
static ebb_status take_block(struct ebb_sound *out, const float *block,
                             size_t frames, size_t channels)
{
    if (frames > VALUES_MAX - out->n) {
        return EBB_FAIL(EBB_ERR_FORMAT, "longer than 2^28 values");
    }
    EBB_TRY(
        ebb_mem_grow(&out->at, &out->room, out->n + frames, sizeof(*out->at)));
    for (size_t k = 0; k < frames; k++) {
        double sum = 0;
        for (size_t c = 0; c < channels; c++) {
            sum += (double)block[k * channels + c];
        }
        if (!isfinite(sum)) {
            return EBB_FAIL(EBB_ERR_FORMAT, "value %zu is no finite number",
                            out->n);
        }
        out->at[out->n++] = (float)(sum / (double)channels);
    }
    return EBB_OK;
}

/* The length in the header is not believed: blocks come until there are no
 * more. */
static ebb_status read_blocks(struct ebb_sound *out, SNDFILE *file,
                              const SF_INFO *info)
{
    if (info->channels < 1 || info->channels > CHANNELS_MAX ||
        info->samplerate < 1) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%d channels at %d Hz; there must be 1 to %d",
                        info->channels, info->samplerate, CHANNELS_MAX);
    }
    size_t channels = (size_t)info->channels;
    float *block = ebb_mem_calloc(BLOCK, channels * sizeof(*block));
    if (!block) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a sound");
    }
    ebb_status status = EBB_OK;
    sf_count_t got = 1;
    while (status == EBB_OK && got > 0) {
        got = sf_readf_float(file, block, BLOCK);
        status =
            got > 0 ? take_block(out, block, (size_t)got, channels) : EBB_OK;
    }
    ebb_mem_free(block);
    return status;
}

ebb_status ebb_sound_read(struct ebb_sound *out, const char *path)
{
    SF_INFO info = {0};
    out->n = 0;
    if (access(path, R_OK) != 0) {
        return EBB_FAIL(EBB_ERR_IO, "%s: %s", path, strerror(errno));
    }
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%s: no sound: %s", path,
                        sf_strerror(NULL));
    }
    out->rate_hz = info.samplerate;
    ebb_status status = read_blocks(out, file, &info);
    sf_close(file);
    return ebb_error_prefix(status, "%s: ", path);
}

void ebb_sound_finish(struct ebb_sound *s)
{
    ebb_mem_free(s->at);
    *s = (struct ebb_sound){0};
}
