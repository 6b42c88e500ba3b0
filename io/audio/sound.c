/* io/audio/sound.c - sounds from WAV, read in a child process: anybody's file
 * goes through a large library. */
#include "io/audio/sound.h"

#include "core/memory.h"
#include "io/child.h"

#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1 << 14, CHANNELS_MAX = 64, VALUES_MAX = 1 << 28 };

/* In the child: the mean of the channels of a block, in place. */
static ebb_status send_block(struct ebb_child_out *out, float *block,
                             size_t frames, size_t channels)
{
    for (size_t k = 0; k < frames; k++) {
        double sum = 0;
        for (size_t c = 0; c < channels; c++) {
            sum += (double)block[k * channels + c];
        }
        block[k] = (float)(sum / (double)channels);
    }
    const struct iovec part = {block, frames * sizeof(*block)};
    return ebb_child_send(out, &part, 1);
}

/* The length in the header is not believed: blocks come until there are no
 * more. */
static ebb_status send_blocks(struct ebb_child_out *out, SNDFILE *file,
                              const SF_INFO *info)
{
    if (info->channels < 1 || info->channels > CHANNELS_MAX ||
        info->samplerate < 1) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%d channels at %d Hz; there must be 1 to %d",
                        info->channels, info->samplerate, CHANNELS_MAX);
    }
    size_t channels = (size_t)info->channels;
    double rate = info->samplerate;
    const struct iovec part = {&rate, sizeof(rate)};
    float *block = ebb_mem_calloc(BLOCK, channels * sizeof(*block));
    sf_count_t got = 0;
    if (!block) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a sound");
    }
    ebb_status status = ebb_child_send(out, &part, 1);
    while (status == EBB_OK && (got = sf_readf_float(file, block, BLOCK)) > 0) {
        status = send_block(out, block, (size_t)got, channels);
    }
    ebb_mem_free(block);
    return status;
}

static ebb_status read_in_child(void *self, struct ebb_child_out *out)
{
    const char *const *path = self;
    SF_INFO info = {0};
    SNDFILE *file = sf_open(*path, SFM_READ, &info);
    if (!file) {
        return EBB_FAIL(EBB_ERR_FORMAT, "no sound: %s", sf_strerror(NULL));
    }
    ebb_status status = send_blocks(out, file, &info);
    sf_close(file);
    return status;
}

/* What the child says is checked as if it came from the file. */
static ebb_status take_rate(struct ebb_sound *s, struct ebb_child *child)
{
    const uint8_t *bytes;
    size_t n;
    EBB_TRY(ebb_child_receive(child, &bytes, &n));
    if (n == sizeof(s->rate_hz)) {
        memcpy(&s->rate_hz, bytes, n);
    }
    return n == sizeof(s->rate_hz) && s->rate_hz >= 1 && s->rate_hz < 1e10
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "tells no rate");
}

static ebb_status take_block(struct ebb_sound *s, const uint8_t *bytes,
                             size_t n)
{
    size_t more = n / sizeof(*s->at);
    if (n % sizeof(*s->at) != 0 || more > VALUES_MAX - s->n) {
        return EBB_FAIL(EBB_ERR_FORMAT, "longer than 2^28 values");
    }
    EBB_TRY(ebb_mem_grow(&s->at, &s->room, s->n + more, sizeof(*s->at)));
    memcpy(s->at + s->n, bytes, n);
    for (size_t k = s->n; k < s->n + more; k++) {
        if (!isfinite(s->at[k])) {
            return EBB_FAIL(EBB_ERR_FORMAT, "value %zu is no finite number", k);
        }
    }
    s->n += more;
    return EBB_OK;
}

static ebb_status take_all(struct ebb_sound *s, struct ebb_child *child)
{
    const uint8_t *bytes;
    size_t n = 1;
    EBB_TRY(take_rate(s, child));
    while (n > 0) {
        EBB_TRY(ebb_child_receive(child, &bytes, &n));
        EBB_TRY(take_block(s, bytes, n));
    }
    return EBB_OK;
}

ebb_status ebb_sound_read(struct ebb_sound *out, const char *path)
{
    struct ebb_child *child;
    out->n = 0;
    if (access(path, R_OK) != 0) {
        return EBB_FAIL(EBB_ERR_IO, "%s: %s", path, strerror(errno));
    }
    EBB_TRY(ebb_child_start(&child, read_in_child, &path, NULL));
    ebb_status status = take_all(out, child);
    ebb_child_end(child);
    return ebb_error_prefix(status, "%s: ", path);
}

void ebb_sound_finish(struct ebb_sound *s)
{
    ebb_mem_free(s->at);
    *s = (struct ebb_sound){0};
}
