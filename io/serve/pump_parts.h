/* io/serve/pump_parts.h - inside of the thread that simulates. */
#ifndef EBB_IO_SERVE_PUMP_PARTS_H
#define EBB_IO_SERVE_PUMP_PARTS_H

#include "io/serve/pump.h"
#include "io/serve/reorder.h"

enum { SPIKE_BYTES = 12, SPIKES_HELD = 1024 };

/** A layer while it is counted. */
struct gather {
    uint64_t spikes;
    uint32_t *node, *dt_us; /* [EBB_LIVE_SHOWN] */
    size_t n_shown;
};

/** A frame while it is gathered. */
struct canvas {
    uint8_t *on, *off;             /* [height * width] */
    struct gather *gather;         /* [populations] */
    struct ebb_live_layer *layers; /* [populations] input first */
    uint64_t index, events, begin_ns;
    struct ebb_live_work work; /* when it began */
};

struct ebb_pump {
    struct ebb_pump_options options;
    struct ebb_ring *ring;
    struct ebb_live_totals *totals;
    struct ebb_pump_out out;
    const struct ebb_live_network *network;
    size_t input, output;
    struct ebb_reorder reorder;
    struct ebb_live_event *popped; /* [POPPED] */
    struct ebb_events pending;     /* of the tick that is open */
    uint64_t *arrival;             /* [n_arrivals] of the packets in it */
    size_t n_arrivals;
    bool begun;               /* an event has come */
    ebb_tick now;             /* simulated below this */
    ebb_tick open;            /* the tick that events fall into */
    ebb_tick step, next_step; /* ticks of a step; where the next one begins */
    uint64_t came_ns;         /* when the last event came */
    struct ebb_readout readout;
    bool in_gesture;
    uint64_t gesture_begin_us, gesture_end_us;
    struct canvas canvas;
    struct ebb_latency latency;
    uint8_t spikes[SPIKES_HELD * SPIKE_BYTES];
    size_t n_spikes;
};

/** Time at which a tick begins, us. */
uint64_t pump_time_us(const struct ebb_pump *p, ebb_tick tick);

EBB_NODISCARD ebb_status canvas_init(struct ebb_pump *p);
void canvas_finish(struct ebb_pump *p);

/** An event of the input, for the picture. */
void canvas_event(struct ebb_pump *p, const struct ebb_live_event *e);

/** Spikes of a population at a tick. */
void canvas_spikes(struct ebb_pump *p, size_t population, ebb_tick tick,
                   const ebb_neuron_id *node, size_t n);

/** Hand the frame that ends at tick `until` out, and begin the next one. */
void canvas_publish(struct ebb_pump *p, ebb_tick until);

/** A gesture has ended by silence, or with the stream. */
void canvas_end_gesture(struct ebb_pump *p, ebb_tick until);

#endif
