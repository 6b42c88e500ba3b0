/* io/audio/spectrum.h - power spectra of real signals. */
#ifndef EBB_IO_AUDIO_SPECTRUM_H
#define EBB_IO_AUDIO_SPECTRUM_H

#include "core/error.h"

#include <stddef.h>

/** A transform of one length. */
struct ebb_spectrum;

/** Prepare for `n` values, even, 2 to 2^20. Errors: EBB_ERR_FORMAT (an ebb
 *  without sound, with the way out), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_spectrum_create(struct ebb_spectrum **out,
                                             size_t n);

/** Free it. NULL is allowed. */
void ebb_spectrum_destroy(struct ebb_spectrum *s);

/** |X[k]|² of the discrete Fourier transform X of x.
 *
 *     power  [n / 2 + 1]  out
 *     x      [n]          in
 *
 * In float; O(n log n). One thread at a time. */
void ebb_spectrum_power(struct ebb_spectrum *s, float *power, const float *x);

#endif
