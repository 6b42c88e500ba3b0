/* sim/engine.h - the event engine: spikes along active axons, states in closed
 * form between them.
 *
 * The spikes are those of models/network.h, tick for tick. Nothing is computed
 * for a neuron, an axon or a tick where nothing happens; stretches of silence
 * are jumped over, however long. */
#ifndef EBB_SIM_ENGINE_H
#define EBB_SIM_ENGINE_H

#include "core/flow.h"
#include "models/network.h"

#include <stdbool.h>

/** How blocks that were reached in a tick are brought up to date. Rasters are
 *  the same in every mode; traces agree to 1e-9 (double states). */
enum ebb_engine_mode {
    EBB_ENGINE_ADAPTIVE, /* chosen per tick and tile from what is due there */
    EBB_ENGINE_LAZY,     /* only what was reached */
    EBB_ENGINE_SWEPT     /* the whole tile */
};

/** How to run. */
struct ebb_engine_options {
    enum ebb_engine_mode mode;
    bool single;  /* states and additions in float: faster; a spike may move by
                    a tick, and modes may differ */
    double drop;  /* > 0: axons leave the active set below this share of
                          Vth instead of 2^-53 / fan-in; not exact */
    size_t slice; /* neurons of a slice, the least that is computed apart: a
                     power of two >= 64; 0: by the population's size. Traces
                     of two sizes agree as those of two modes do */
    const struct ebb_probe *probes; /* [n_probes] states to tell; borrowed */
    size_t n_probes;
    struct ebb_run_sink sink; /* borrowed; zero: nobody listens */
    /**
     * a of the axons of `population` at `tick` (dropout, graded spikes), or
     * NULL: all 1. A pure function of its arguments.
     */
    double (*grade)(void *self, size_t population, ebb_neuron_id node,
                    ebb_tick tick);
    void *grade_self;
};

/** What a run did. Part of every result. */
struct ebb_counters {
    uint64_t spikes;              /* of neurons */
    uint64_t input_events;        /* after adding up those of one tick */
    uint64_t synaptic_operations; /* additions of a weight to a target */
    uint64_t block_updates;       /* commits of a block's state: of a neuron
                                     that was reached, or of a swept tile */
    uint64_t neuron_updates;      /* neurons in them */
    uint64_t wakeups_predicted, wakeups_superseded, wakeups_fired;
    uint64_t crossing_evaluations;
    uint64_t queue_operations; /* pushes and pops */
    uint64_t ticks_visited, ticks_skipped;
    uint64_t tiles_swept, tiles_lazy; /* choices made; blocks of a convolution
                                         are swept always */
    uint64_t axons_active;            /* per-axon kernels: sum over ticks */
};

/** A network being simulated. One thread at a time. */
struct ebb_engine;

/** Options: adaptive, exact, double states, nothing recorded. */
struct ebb_engine_options ebb_engine_options_default(void);

/**
 * Prepare to simulate `net` (finished; borrowed) from tick 0. Memory for the
 * run is taken here. Errors: EBB_ERR_ARG (a projection that pools by maxima; a
 * probe that does not fit; more refractory ticks than the states' precision
 * counts, 2^22 in float), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status
ebb_engine_create(struct ebb_engine **out, const struct ebb_network *net,
                  const struct ebb_engine_options *options);

/** Memory that the engine itself holds, beside the network. */
size_t ebb_engine_bytes(const struct ebb_engine *e);

/** Free it. NULL is allowed. */
void ebb_engine_destroy(struct ebb_engine *engine);

/** Back to tick 0 and the initial states; input handed over is forgotten,
 *  counters are 0. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_engine_reset(struct ebb_engine *engine);

/**
 * Hand over input events of ticks not yet run, of the input population
 * `population`, sorted by tick. Several on one channel in one tick add up.
 * Errors: EBB_ERR_ARG (tick in the past, no such channel, value not finite),
 * EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_engine_input(struct ebb_engine *engine,
                                          size_t population,
                                          const struct ebb_event *events,
                                          size_t n);

/**
 * Run every tick below `until`. Running to t1 and then to t2 gives the bits of
 * running to t2 at once. Errors: what the sink reports, EBB_ERR_DIVERGED,
 * EBB_ERR_NOMEM. A failure within a tick, other than of sink.advance, leaves
 * the engine of no use but to be reset or destroyed.
 */
EBB_NODISCARD ebb_status ebb_engine_run(struct ebb_engine *engine,
                                        ebb_tick until);

/**
 * One whole run: `events` [n] into the network's input population, every tick
 * below `ticks`, told to options->sink; *counters gets what it did, as far as
 * it came. Errors: as above.
 */
EBB_NODISCARD ebb_status ebb_engine_simulate(
    struct ebb_counters *counters, const struct ebb_network *net,
    const struct ebb_engine_options *options, const struct ebb_event *events,
    size_t n, ebb_tick ticks);

/** First tick that has not been run. */
ebb_tick ebb_engine_now(const struct ebb_engine *engine);

/** First tick >= now at which something may happen without further input (a
 *  wake-up that has become void counts too); EBB_TICK_NEVER when nothing
 *  will. */
ebb_tick ebb_engine_next(const struct ebb_engine *engine);

/** What was done since tick 0. */
struct ebb_counters ebb_engine_counters(const struct ebb_engine *engine);

#endif
