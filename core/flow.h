/* core/flow.h - where sim/ and io/ meet: sources and sinks of samples, spikes
 * and states, and recorded runs. Small structs of function pointers; who
 * implements one includes no one who uses it. */
#ifndef EBB_CORE_FLOW_H
#define EBB_CORE_FLOW_H

#include "core/error.h"
#include "core/events.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One sample of a data set. Zero-initialise; the lists are reused. */
struct ebb_sample {
    struct ebb_events input;
    struct ebb_events target; /* wanted output spikes, where given */
    size_t label;             /* class */
};

/** Which part of a data set. */
enum ebb_split { EBB_SPLIT_TRAIN, EBB_SPLIT_VALIDATION, EBB_SPLIT_TEST };

/** A data set, from a file or drawn anew for each epoch. */
struct ebb_sample_source {
    void *self;
    size_t inputs;  /* channels */
    size_t outputs; /* output trains; 0 when only labels are given */
    size_t classes; /* labels are below this */
    ebb_tick ticks; /* length of a sample */
    size_t size[3]; /* samples of each split */
    /**
     * Fill *out with sample `index` of `split` as it is in `epoch` (sources
     * that draw noise give another one in each). Lists are cleared first.
     * A pure function of its arguments; callable from many threads.
     */
    ebb_status (*read)(void *self, enum ebb_split split, uint64_t epoch,
                       size_t index, struct ebb_sample *out);
    /**
     * The output that stands for a class (what a memory should recall), added
     * to *out in order; NULL when classes have none.
     */
    ebb_status (*prototype)(void *self, size_t label, struct ebb_events *out);
};

/** A state that a run can tell, per neuron of a population or per axon of a
 *  projection. */
enum ebb_state {
    EBB_STATE_V, /* membrane potential as compared, before any hybrid reset */
    EBB_STATE_R, /* reset filter */
    EBB_STATE_I, /* weighted input, bias included */
    EBB_STATE_F, /* PSP of an axon */
    EBB_STATE_A  /* a, what a spike at that tick would carry */
};

/** A wish: one state of some neurons at some ticks. */
struct ebb_probe {
    enum ebb_state state;
    size_t where;          /* population; projection for F */
    const uint32_t *nodes; /* [n] neurons or axons, rising; NULL: all of them */
    size_t n;              /* how many (also where nodes is NULL) */
    ebb_tick every;        /* k: ticks 0, k, 2k, …; >= 1 */
};

/** Where a run's spikes and states go, in order of tick. Any function may be
 *  NULL. A status other than EBB_OK ends the run, which passes it on. */
struct ebb_run_sink {
    void *self;
    /**
     * All spikes (for an input population: all events) of one population at
     * one tick; only called where there are any.
     *
     *     node   [n]  rising
     *     value  [n]  what the axon carries (a O); NULL: all 1
     */
    ebb_status (*spikes)(void *self, size_t population, ebb_tick tick,
                         const ebb_neuron_id *node, const double *value,
                         size_t n);
    /** The state of probe number `probe` at one tick: value [probe.n]. */
    ebb_status (*state)(void *self, size_t probe, ebb_tick tick,
                        const double *value);
    /** Every tick below `tick` is complete: the place to write and commit. */
    ebb_status (*advance)(void *self, ebb_tick tick);
};

/** What a simulation has done so far. */
struct ebb_live_work {
    uint64_t spikes, synaptic_operations, neuron_updates;
    double energy_j; /* an estimate, of arithmetic and memory */
};

/** A network that is simulated while its input comes. Called by one thread; a
 *  status other than EBB_OK ends the simulation. Its spikes go to the
 *  ebb_run_sink that it was made with, within advance(). */
struct ebb_live_network {
    void *self;
    /** Input of ticks that were not simulated yet, sorted. */
    ebb_status (*events)(void *self, const struct ebb_event *events, size_t n);
    /** Simulate every tick below `until`. */
    ebb_status (*advance)(void *self, ebb_tick until);
    void (*work)(void *self, struct ebb_live_work *out);
};

/** A recorded run, in memory or in a file, to be replayed. */
struct ebb_trace {
    void *self;
    ebb_tick ticks;
    uint64_t network_hash; /* of the network that ran */
    /** V as compared: v [t1 - t0, n] of ticks t0 <= t < t1. */
    ebb_status (*read_v)(void *self, size_t population, ebb_tick t0,
                         ebb_tick t1, double *v);
    /** All spikes (for an input: its events, with values), sorted; the list is
     *  cleared first. Spikes of neurons have the value 1. */
    ebb_status (*read_spikes)(void *self, size_t population,
                              struct ebb_events *out);
    /** a [t1 - t0, n] of graded axons, or NULL when nothing was graded;
     *  *graded gets false (and a is left alone) for a population that was
     *  not. */
    ebb_status (*read_a)(void *self, size_t population, ebb_tick t0,
                         ebb_tick t1, double *a, bool *graded);
};

#endif
