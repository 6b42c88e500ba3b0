/* sim/cluster_state.h - what several engines compute, put aside between two
 * ticks and gone on with by as many, more or fewer. */
#ifndef EBB_SIM_CLUSTER_STATE_H
#define EBB_SIM_CLUSTER_STATE_H

#include "core/snapshot.h"
#include "sim/cluster.h"

/** Engines of this process, each of which is saved as a part. */
size_t ebb_cluster_threads(const struct ebb_cluster *cluster);

/** Save engine `share` < ebb_cluster_threads() of this process, as
 *  ebb_engine_save(), after ebb_cluster_run(). Errors: as there. */
EBB_NODISCARD ebb_status ebb_cluster_save(const struct ebb_cluster *cluster,
                                          size_t share, uint64_t network_hash,
                                          const struct ebb_snapshot_sink *sink);

/**
 * Go on where all parts of `source` were saved, whatever the number of threads
 * and processes then and now; as ebb_engine_load(). All processes call it, and
 * agree afterwards on how they fared. Counters go to the first of them. Errors:
 * as there.
 */
EBB_NODISCARD ebb_status
ebb_cluster_load(struct ebb_cluster *cluster, uint64_t network_hash,
                 const struct ebb_snapshot_source *source);

#endif
