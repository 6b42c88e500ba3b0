/* sim/engine_state.h - a run put aside between two ticks, and gone on with.
 *
 * What is saved decides everything that comes: states, the ticks they stand
 * for, tiles and blocks, wake-ups (void ones too, since they are counted),
 * spikes under way, active axons, windows of max pooling, counters. A run that
 * is loaded gives the bits of one that was never interrupted: spikes, probes
 * and counters.
 *
 * Neurons are saved by their numbers in the network, and an engine saves those
 * that it computes: a load puts together what the engines of a job have left,
 * however many there were and are. */
#ifndef EBB_SIM_ENGINE_STATE_H
#define EBB_SIM_ENGINE_STATE_H

#include "core/snapshot.h"
#include "sim/engine.h"

/**
 * Save the state at ebb_engine_now(). Names and contents: docs/files.md.
 *
 *     network_hash  ebb_network_hash() of the network that runs
 *
 * The engine stays as it is. Input that was handed over and has not come yet is
 * not saved. Errors: EBB_ERR_ARG (a run that failed), EBB_ERR_NOMEM, what the
 * sink reports. O(neurons + spikes under way).
 */
EBB_NODISCARD ebb_status ebb_engine_save(const struct ebb_engine *engine,
                                         uint64_t network_hash,
                                         const struct ebb_snapshot_sink *sink);

/**
 * Go on where others were saved. The engine must have been made for the same
 * network, mode, precision, `drop` and slice; probes of F must have been there,
 * others are free. Input of ticks from ebb_engine_now() on has to be handed
 * over anew.
 *
 * Errors: EBB_ERR_ARG (another network, another way of running),
 * EBB_ERR_FORMAT (a number out of its range, neurons that no part has),
 * EBB_ERR_NOMEM, what the source reports. A failure leaves the engine of no use
 * but to be reset or destroyed.
 */
EBB_NODISCARD ebb_status
ebb_engine_load(struct ebb_engine *engine, uint64_t network_hash,
                const struct ebb_snapshot_source *source);

#endif
