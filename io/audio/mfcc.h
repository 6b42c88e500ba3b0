/* io/audio/mfcc.h - mel-frequency cepstral coefficients of a sound. */
#ifndef EBB_IO_AUDIO_MFCC_H
#define EBB_IO_AUDIO_MFCC_H

#include "core/error.h"
#include "io/frames.h"

#include <stdbool.h>

/** How they are made. Start from ebb_mfcc_params_default(). */
struct ebb_mfcc_params {
    double window_s, hop_s;
    double emphasis;        /* of high frequencies, 0..1 */
    double low_hz, high_hz; /* of the mel bank; high 0: half the rate */
    size_t bands;           /* of the mel bank, 2 to 256 */
    size_t coefficients;    /* 1 to bands */
    bool energy;            /* the first is the log energy of the frame */
    unsigned deltas; /* 1: also their slopes, 2: and the slopes of those */
};

/** Windows of 25 ms every 10 ms, emphasis 0.97, 26 bands from 0 Hz, 13
 *  coefficients with the energy, no deltas. */
struct ebb_mfcc_params ebb_mfcc_params_default(void);

/** Prepared for one rate. */
struct ebb_mfcc;

/** Prepare for sounds of `rate_hz`. Errors: EBB_ERR_ARG naming the parameter,
 *  EBB_ERR_FORMAT (an ebb without sound), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_mfcc_create(struct ebb_mfcc **out,
                                         const struct ebb_mfcc_params *params,
                                         double rate_hz);

/** Free it. NULL is allowed. */
void ebb_mfcc_destroy(struct ebb_mfcc *m);

/** Values of a frame: coefficients times (1 + deltas). */
size_t ebb_mfcc_channels(const struct ebb_mfcc *m);

/**
 * Coefficients of a sound. With y[k] = x[k] - emphasis x[k - 1], y[0] = x[0],
 * of each window w of W values, one every H:
 *
 *     P[k] = |DFT(hamming(W) w)[k]|² / N, N the next power of 2 from W on
 *     E[b] = ln max(1e-10, Σ_k bank[b, k] P[k])
 *     c[q] = sqrt((q > 0 ? 2 : 1) / B) Σ_b E[b] cos(π q (b + 1/2) / B)
 *     c[0] = ln max(1e-10, Σ w²)                          with `energy`
 *     d[t] = Σ_{n = 1, 2} n (c[t + n] - c[t - n]) / 10    slopes, ends held
 *
 * The bank has triangles over frequency, evenly spaced in
 * mel = 2595 log10(1 + f / 700), of height 1. Davis & Mermelstein 1980; Young
 * et al., The HTK Book. A sound shorter than a window is filled up with 0; the
 * part after the last whole window is left out.
 *
 *     x    [n]                 in
 *     out  [frames, channels]  out
 *
 * One thread at a time. Errors: EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_mfcc_run(struct ebb_mfcc *m, const float *x,
                                      size_t n, struct ebb_frames *out);

#endif
