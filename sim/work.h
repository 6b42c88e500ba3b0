/* sim/work.h - what a run cost: operations, bytes, an estimate in joules, and
 * what a dense network of the same shape would cost. */
#ifndef EBB_SIM_WORK_H
#define EBB_SIM_WORK_H

#include "sim/engine.h"

/** Work of one or several runs. Plain data; every figure is a sum. */
struct ebb_work {
    double seconds; /* of the network's time; 0: its tick has no length */
    double input_events, spikes;
    double synaptic_operations; /* a weight added to a target */
    double neuron_updates;
    double adds, multiplies; /* of both */
    double bytes;            /* read and written for both */
    /* The same network, dense: every synapse and neuron at every tick. */
    double dense_operations, dense_updates;
    double dense_adds, dense_multiplies, dense_bytes;
    /* A network of frames of this shape, one pass: a multiply-add for each
       synapse. */
    double frame_operations;
};

/** An estimate, in J. */
struct ebb_energy {
    double arithmetic;
    double memory; /* as if all of it lay in a cache of 32 KiB */
};

/**
 * The work that the counters of `ticks` ticks stand for.
 *
 * An update of a neuron whose state has n numbers (V, R and one for each order
 * of each shared kernel) is n multiply-adds and moves 2 n numbers; n is the
 * mean over neurons. A synaptic operation is an addition, of a weight to a sum
 * that is read and written; with kernels per axon a multiply-add. An axon with
 * a kernel of its own adds its order in multiply-adds at each tick at which it
 * is active. `single`: states of 4 bytes instead of 8.
 */
struct ebb_work ebb_work_of(const struct ebb_network *net,
                            const struct ebb_counters *counters, ebb_tick ticks,
                            bool single);

/** Add `more` to `sum`. */
void ebb_work_add(struct ebb_work *sum, const struct ebb_work *more);

/**
 * What that takes in a 45 nm process at 0.9 V: 0.9 pJ for an addition and
 * 3.7 pJ for a multiplication of 32-bit floats, 20 pJ for 8 bytes of a 32 KiB
 * cache (Horowitz, "Computing's energy problem", ISSCC 2014). An estimate of
 * the arithmetic, not of a processor: fetching and decoding instructions takes
 * more than either.
 */
struct ebb_energy ebb_work_energy(const struct ebb_work *work);
struct ebb_energy ebb_work_dense_energy(const struct ebb_work *work);

/** The same for one pass of a network of frames, weights and sums from the
 *  cache, J. */
struct ebb_energy ebb_work_frame_energy(const struct ebb_work *work);

/** A neuromorphic chip's published energy of a synaptic operation. */
struct ebb_chip {
    const char *name, *source;
    double synaptic_operation; /* J */
};

/** Chip k; NULL beyond the last. */
const struct ebb_chip *ebb_work_chip(size_t k);

#endif
