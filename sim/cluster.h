/* sim/cluster.h - a network that several engines compute together: threads of
 * this process, and processes of a job.
 *
 * Each engine computes a share of the neurons (sim/share.h) and is given the
 * spikes of all. The shares run in step, a window at a time: as many ticks as
 * pass before a spike of a neuron can be felt, the smallest lag of projections
 * between neurons. After a window its spikes are exchanged, and all agree on
 * the first tick at which anybody has something to do; silence is not
 * exchanged. Where spikes are felt in the tick itself (a lag of 0), a window is
 * one tick, and spikes are exchanged on the way from population to population.
 *
 * Spikes and states are, bit for bit, those of one engine, for any number of
 * threads and processes. */
#ifndef EBB_SIM_CLUSTER_H
#define EBB_SIM_CLUSTER_H

#include "core/snapshot.h"
#include "sim/engine.h"
#include "sim/exchange.h"

/** How to run. */
struct ebb_cluster_options {
    struct ebb_engine_options engine; /* of all shares; `share` is not read */
    size_t threads;                   /* engines of this process; 0 is 1 */
    const struct ebb_exchange *exchange; /* borrowed; NULL: alone */
};

/** Several engines. Called by one thread; all processes of a job make the same
 *  calls, but for probes and sink, which are each one's own. */
struct ebb_cluster;

/** Number of threads that this build can make use of: 1 without OpenMP, else
 *  the processors that this process may use. */
size_t ebb_cluster_processors(void);

/**
 * Prepare to simulate `net` (borrowed) from tick 0. All processes have as many
 * threads and the same options.
 *
 * options->engine.sink is called by the calling thread, in order of tick, with
 * all spikes of all populations, on every process; states are told as far as
 * this process computes them, so a probe must stay within what
 * ebb_cluster_owned() says. With one share all is as with an ebb_engine.
 *
 * Errors: as ebb_engine_create(); EBB_ERR_ARG (a probe beyond what this process
 * computes; processes that differ), the same in all processes.
 */
EBB_NODISCARD ebb_status
ebb_cluster_create(struct ebb_cluster **out, const struct ebb_network *net,
                   const struct ebb_cluster_options *options);

/** Free it. NULL is allowed. */
void ebb_cluster_destroy(struct ebb_cluster *cluster);

/** Neurons of a population that this process computes with these options; of
 *  PSPs those count whose axon's neuron it computes. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status
ebb_cluster_owned(struct ebb_share_range *out, const struct ebb_network *net,
                  const struct ebb_cluster_options *options, size_t population);

/** Back to tick 0, as ebb_engine_reset(). */
EBB_NODISCARD ebb_status ebb_cluster_reset(struct ebb_cluster *cluster);

/** Hand over input events, as ebb_engine_input(): the same in all processes. */
EBB_NODISCARD ebb_status ebb_cluster_input(struct ebb_cluster *cluster,
                                           size_t population,
                                           const struct ebb_event *events,
                                           size_t n);

/**
 * Run every tick below `until`. Errors: as ebb_engine_run(), the same in all
 * processes, with the rank that failed; the cluster can only be reset or
 * destroyed then. EBB_ERR_STOPPED from sink.advance is heard at the end of a
 * window, one window later where there are several processes: all is told up to
 * ebb_cluster_now(), and the run can go on.
 */
EBB_NODISCARD ebb_status ebb_cluster_run(struct ebb_cluster *cluster,
                                         ebb_tick until);

/** As ebb_engine_simulate(); the counters are those of all processes. */
EBB_NODISCARD ebb_status ebb_cluster_simulate(
    struct ebb_counters *counters, const struct ebb_network *net,
    const struct ebb_cluster_options *options, const struct ebb_event *events,
    size_t n, ebb_tick ticks);

/** Engines of this process. */
size_t ebb_cluster_threads(const struct ebb_cluster *cluster);

/** Save what engine number `thread` of this process computes, between two runs;
 *  see ebb_engine_save(). */
EBB_NODISCARD ebb_status ebb_cluster_save(const struct ebb_cluster *cluster,
                                          size_t thread, uint64_t network_hash,
                                          const struct ebb_snapshot_sink *sink);

/** Go on where the engines of a job were saved, however many; see
 *  ebb_engine_load(). All processes load all parts. */
EBB_NODISCARD ebb_status
ebb_cluster_load(struct ebb_cluster *cluster, uint64_t network_hash,
                 const struct ebb_snapshot_source *source);

/** First tick that has not been run. */
ebb_tick ebb_cluster_now(const struct ebb_cluster *cluster);

/** Ticks of a window, at most. */
ebb_tick ebb_cluster_window(const struct ebb_cluster *cluster);

/**
 * What was done since tick 0 by this process: sums over its threads. They are
 * the numbers of one engine, but for queue_operations, of which each share has
 * its own, and ticks: those in which some share had something to do.
 */
struct ebb_counters ebb_cluster_counters(const struct ebb_cluster *cluster);

/** The same of all processes, who all call it; ticks are those of this one.
 *  Errors: as ebb_exchange_sum(). */
EBB_NODISCARD ebb_status ebb_cluster_total(const struct ebb_cluster *cluster,
                                           struct ebb_counters *out);

#endif
