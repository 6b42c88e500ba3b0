/* io/audio/no_audio.c - in place of sounds where they are not built in. */
#include "io/audio/sound.h"
#include "io/audio/spectrum.h"

#define WITHOUT                                                                \
    "this ebb was built without sound; install libsndfile1-dev and "           \
    "libkissfft-dev and build with -Daudio=enabled"

ebb_status ebb_sound_read(struct ebb_sound *out, const char *path)
{
    out->n = 0;
    return EBB_FAIL(EBB_ERR_FORMAT, "%s: %s", path, WITHOUT);
}

void ebb_sound_finish(struct ebb_sound *s)
{
    (void)s;
}

ebb_status ebb_spectrum_create(struct ebb_spectrum **out, size_t n)
{
    *out = NULL;
    (void)n;
    return EBB_FAIL(EBB_ERR_FORMAT, "%s", WITHOUT);
}

void ebb_spectrum_destroy(struct ebb_spectrum *s)
{
    (void)s;
}

void ebb_spectrum_power(struct ebb_spectrum *s, float *power, const float *x)
{
    (void)s;
    (void)power;
    (void)x;
}
