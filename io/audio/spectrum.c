/* io/audio/spectrum.c - power spectra of real signals. */
#include "io/audio/spectrum.h"

#include "core/memory.h"

#include <assert.h>
#include <kiss_fftr.h>

struct ebb_spectrum {
    size_t n;
    kiss_fftr_cfg plan;
    kiss_fft_cpx *x; /* [n / 2 + 1] */
};

ebb_status ebb_spectrum_create(struct ebb_spectrum **out, size_t n)
{
    *out = NULL;
    assert(n >= 2 && n % 2 == 0 && n <= 1 << 20);
    size_t bytes = 0;
    kiss_fftr_alloc((int)n, 0, NULL, &bytes); /* tells the size */
    struct ebb_spectrum *s = ebb_mem_calloc(1, sizeof(*s));
    void *room = ebb_mem_calloc(bytes, 1);
    kiss_fft_cpx *x = ebb_mem_calloc(n / 2 + 1, sizeof(*x));
    if (!s || !room || !x) {
        ebb_mem_free(s);
        ebb_mem_free(room);
        ebb_mem_free(x);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a spectrum of %zu", n);
    }
    *s = (struct ebb_spectrum){n, kiss_fftr_alloc((int)n, 0, room, &bytes), x};
    *out = s;
    return EBB_OK;
}

void ebb_spectrum_destroy(struct ebb_spectrum *s)
{
    if (s) {
        ebb_mem_free(s->plan);
        ebb_mem_free(s->x);
        ebb_mem_free(s);
    }
}

void ebb_spectrum_power(struct ebb_spectrum *s, float *power, const float *x)
{
    kiss_fftr(s->plan, x, s->x);
    for (size_t k = 0; k <= s->n / 2; k++) {
        power[k] = s->x[k].r * s->x[k].r + s->x[k].i * s->x[k].i;
    }
}
