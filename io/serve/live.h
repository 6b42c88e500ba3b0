/* io/serve/live.h - what a live page shows of a moment of the stream. */
#ifndef EBB_IO_SERVE_LIVE_H
#define EBB_IO_SERVE_LIVE_H

#include <stddef.h>
#include <stdint.h>

/** A layer during a frame. Spikes are a sample where there are too many. */
struct ebb_live_layer {
    const char *name;
    size_t n;              /* neurons */
    uint64_t spikes;       /* in this frame, all of them */
    const uint32_t *node;  /* [n_shown] neuron, below n */
    const uint32_t *dt_us; /* [n_shown] time since the frame began */
    size_t n_shown;        /* at most EBB_LIVE_SHOWN_MAX */
};

enum { EBB_LIVE_SHOWN_MAX = 4096 };

/** A frame: the stretch [t - span, t) of stream time. Borrowed for a call. */
struct ebb_live_frame {
    uint64_t index;
    uint64_t t_us, span_us;
    uint32_t width, height;  /* of the sensor; 0: no image */
    const uint8_t *on, *off; /* [height * width] events, saturating */
    uint64_t events;         /* in this frame */
    const struct ebb_live_layer *layers; /* [n_layers] input first */
    size_t n_layers;
    const double *probability;     /* [n_classes] */
    const char *const *class_name; /* [n_classes], or NULL */
    size_t n_classes;
    long winner; /* class, or -1 while there is none */
    double confidence;
    double synaptic_operations, neuron_updates, energy_j; /* in this frame */
    double realtime_ratio; /* stream time simulated in a second of the clock */
    uint64_t dropped_udp, dropped_gap, malformed, late; /* since the start */
    double latency_p50_s, latency_p99_s;
    size_t queue_depth;
};

#endif
