/* models/encoder.h - values over time become events: images, sounds and other
 * series. */
#ifndef EBB_MODELS_ENCODER_H
#define EBB_MODELS_ENCODER_H

#include "core/error.h"
#include "core/events.h"

#include <stddef.h>
#include <stdint.h>

/** How a value becomes events; see ebb_encoder_run(). */
enum ebb_encoding {
    EBB_ENCODE_ANALOG,  /* the value itself at each tick */
    EBB_ENCODE_RATE,    /* an event with the value's probability */
    EBB_ENCODE_REGULAR, /* as often, evenly */
    EBB_ENCODE_LATENCY, /* one event a frame, the sooner the larger */
    EBB_ENCODE_DELTA,   /* an event when the value has changed by a step */
    EBB_ENCODE_CURRENT, /* the value drives a leaky neuron */
    EBB_ENCODINGS
};

/** "analog" and so on; NULL beyond the list. */
const char *ebb_encoding_name(enum ebb_encoding kind);

/** An encoder. Start from ebb_encoder_params_default(). */
struct ebb_encoder_params {
    enum ebb_encoding kind;
    double gain;          /* what values are multiplied by; not 0 */
    double spread;        /* gains are gain * spread^U(-1, 1); >= 1 */
    double shift;         /* offsets are U(-shift, shift); >= 0 */
    double threshold;     /* latency: silent up to it, >= 0; delta: a step, > 0;
                            current: of the neuron, > 0 */
    double hysteresis;    /* delta: more to turn round, >= 0 */
    double tau;           /* current: time constant of the leak, ticks; 0: the
                            neuron does not leak */
    unsigned polarities;  /* 2: channels again, with the sign turned; or 1 */
    size_t inputs;        /* 0: one for each channel and polarity; else so many,
                            which take the channels by turns */
    uint64_t seed;        /* of gains, offsets and rate */
    ebb_tick frame_ticks; /* for which a frame of values is shown; >= 1 */
};

/** Analog, gain 1, no spread or shift, threshold 1, no hysteresis, tau 10, one
 *  polarity, an input a channel, seed 1, one tick a frame. */
struct ebb_encoder_params ebb_encoder_params_default(void);

/** Frames of values, [frames, channels], as one of both kinds. */
struct ebb_series {
    const float *at;
    const uint8_t *bytes; /* where `at` is NULL */
    size_t frames;
};

/** An encoder made ready. */
struct ebb_encoder;

/**
 * Prepare an encoder of `channels` channels to samples of `ticks` ticks.
 *
 *     centre, scale  [channels]  in  values count as (x - centre) / scale;
 *                                    copied
 *
 * Errors: EBB_ERR_ARG naming the parameter, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_encoder_create(
    struct ebb_encoder **out, const struct ebb_encoder_params *params,
    size_t channels, ebb_tick ticks, const double *centre, const double *scale);

/** Free it. NULL is allowed. */
void ebb_encoder_destroy(struct ebb_encoder *e);

/** How many inputs it feeds. */
size_t ebb_encoder_inputs(const struct ebb_encoder *e);

/**
 * Encode one sample. Input i is fed by channel c = i mod channels with the sign
 * s: 1, or, of two polarities, -1 where i / channels is odd. At tick t, of
 * frame t / frame_ticks, it sees
 *
 *     u = gain_i (s (x[c] - centre[c]) / scale[c] - offset_i)          (1)
 *
 * and gives an event of value
 *
 *     analog   u, where it is not 0; of two polarities, where it is above 0
 *     rate     1 with probability u
 *     regular  1 when A >= 1, A += u (in 0..1) and then A -= 1; A = 0.5 at
 *              first
 *     latency  1 at tick round((1 - u) (frame_ticks - 1)) of the frame, where
 *              u > threshold; u counts as at most 1
 *     delta    n, the steps by which u has left the last value that was told,
 *              n = floor(|u - told| / threshold); told += n steps. It takes
 *              hysteresis more to go the other way than last time. Downward n
 *              is negative; of two polarities each tells its own direction.
 *              The first frame is told by no event
 *     current  1 when V >= threshold, V = exp(-1 / tau) V + max(0, u), and then
 *              V -= threshold; V = 0 at first                          (2)
 *
 * Nothing comes after the last frame. (2) is a current-based leaky
 * integrate-and-fire neuron; with inputs above channels a population of them
 * has gains and thresholds of its own, as drawn.
 *
 *     out  out  events, cleared first, sorted
 *
 * A function of its arguments alone, callable from many threads; what is drawn
 * is so by seed, epoch and index. O(inputs * ticks), one allocation.
 * Errors: EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_encoder_run(const struct ebb_encoder *e,
                                         const struct ebb_series *series,
                                         uint64_t epoch, size_t index,
                                         struct ebb_events *out);

#endif
