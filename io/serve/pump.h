/* io/serve/pump.h - events from the ring into the network, and what it makes
 * of them: the thread that simulates.
 *
 * The time of the stream drives ticks: tick k is simulated once an event of a
 * later tick has come. After `idle_us` without an event the clock of the host
 * goes on in its place, as far behind, so that results keep coming. */
#ifndef EBB_IO_SERVE_PUMP_H
#define EBB_IO_SERVE_PUMP_H

#include "core/flow.h"
#include "io/serve/latency.h"
#include "io/serve/live.h"
#include "io/serve/readout.h"
#include "io/serve/ring.h"
#include "models/network.h"

#include <stdatomic.h>

/** How. Start from ebb_pump_options_default(). */
struct ebb_pump_options {
    const struct ebb_network *net; /* borrowed */
    double tick_us;
    uint32_t width, height; /* of the input */
    uint32_t polarities;    /* channels of it: 2, or 1 for both together */
    size_t spikes_of;       /* population whose spikes are told one by one */
    ebb_tick step;          /* ticks between results, >= 1 */
    size_t window;          /* of counts, in steps, >= 1 */
    uint64_t gap_us;        /* > 0: no window; silence that ends a gesture */
    int64_t idle_us;        /* < 0: the host's clock never goes on */
    int64_t reorder_us;     /* > 0: events may be so late */
    enum ebb_readout_rule rule;    /* of probabilities */
    const char *const *class_name; /* [neurons of the output] or NULL */
};

struct ebb_pump_options ebb_pump_options_default(void);

/** What everybody may look at. */
struct ebb_live_totals {
    atomic_uint_fast64_t datagrams, dropped_udp, lost_frames, malformed,
        outside, stale, jumps, events; /* of the sockets' thread */
    atomic_uint_fast64_t late, frames, spikes, gestures, ticks; /* of this */
    atomic_int_fast64_t now_us; /* time of the stream */
    atomic_bool is_stopping;    /* the host's clock does not go on any more */
};

/** A result of a gesture, or of a window where gap_us is 0. */
struct ebb_live_result {
    const struct ebb_live_frame *frame;
    uint64_t gesture; /* from 1; 0: a window */
    uint64_t begin_us, end_us;
    const uint64_t *count; /* [n_classes] output spikes */
};

/** Where results go; called by the thread that simulates, must not block. */
struct ebb_pump_out {
    void *self;
    void (*result)(void *self, const struct ebb_live_result *result);
    /** Each step, whether it is a result or not; may be NULL. */
    void (*frame)(void *frame_self, const struct ebb_live_frame *frame);
    void *frame_self;
    /** Records {u64 t_us, u32 neuron}, little-endian. */
    void (*spikes)(void *self, const uint8_t *bytes, size_t n);
};

struct ebb_pump;

/** Prepare. All but the names is copied. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_pump_create(struct ebb_pump **out,
                                         const struct ebb_pump_options *options,
                                         struct ebb_ring *ring,
                                         struct ebb_live_totals *totals,
                                         const struct ebb_pump_out *to);

/** Free it. NULL is allowed. */
void ebb_pump_destroy(struct ebb_pump *pump);

/** What the network tells its spikes to. */
struct ebb_run_sink ebb_pump_sink(struct ebb_pump *pump);

/** Simulate until the ring is closed and empty, up to the tick of the last
 *  event and with it. Errors: those of the network. */
EBB_NODISCARD ebb_status ebb_pump_run(struct ebb_pump *pump,
                                      const struct ebb_live_network *network);

/** After the run. */
const struct ebb_latency *ebb_pump_latency(const struct ebb_pump *pump);

#endif
