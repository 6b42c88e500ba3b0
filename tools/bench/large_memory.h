/* tools/bench/large_memory.h - a large Willshaw memory at work: built, cued,
 * recorded, saved and gone on with. */
#ifndef EBB_TOOLS_BENCH_LARGE_MEMORY_H
#define EBB_TOOLS_BENCH_LARGE_MEMORY_H

#include "io/trace_file.h"
#include "models/association.h"
#include "sim/cluster.h"
#include "tools/progress.h"

enum { EBB_LARGE_PERIOD = 5 }; /* ticks of 1 ms from wave to wave */

/** A memory and its cues. Set what is first, zero the rest. */
struct ebb_large_memory {
    size_t neurons;
    size_t patterns; /* of 100 cells each, neurons / 5: 1000 synapses */
    size_t cued;     /* patterns; each recalls itself in every period */
    struct ebb_association_params params;
    struct ebb_assemblies assemblies;
    struct ebb_network *net;
    uint64_t hash; /* of the network: all synapses are read once for it */
    struct ebb_events cues; /* 4 of 5 cells, pattern k at tick k % period */
};

/** Draw patterns, synapses (by all cores) and cues. watch: or NULL. Errors:
 *  EBB_ERR_NOMEM, what watch reports; finish it all the same. */
EBB_NODISCARD ebb_status ebb_large_memory_build(
    struct ebb_large_memory *m, const struct ebb_rows_watch *watch);

void ebb_large_memory_finish(struct ebb_large_memory *m);

/** Synapses between its neurons, and the bytes that they take. */
size_t ebb_large_memory_synapses(const struct ebb_large_memory *m);
size_t ebb_large_memory_bytes(const struct ebb_large_memory *m);

/** A run of it. Zero-initialise. */
struct ebb_large_run {
    const struct ebb_large_memory *memory; /* borrowed */
    struct ebb_cluster *cluster;
    struct ebb_trace_writer *trace; /* NULL: nothing is recorded */
    struct ebb_run_sink trace_sink;
    struct ebb_progress *progress; /* borrowed; NULL: none is shown */
    size_t told;                   /* population whose spikes count */
    uint64_t spikes;               /* told so far */
    uint64_t sum;                  /* of ticks and neurons, by their order */
    ebb_tick *last;                /* [neurons] 1 + tick of its last spike */
    bool broken;                   /* HDF5 is: end by _exit() */
};

/** Begin at tick 0 with the cues, or where a checkpoint stands.
 *
 *     trace   file to record all spikes in, up to `ticks`; NULL: none
 *     resume  checkpoint; NULL: none
 *
 * Errors: EBB_ERR_IO, EBB_ERR_NOMEM, EBB_ERR_FORMAT; finish it all the same. */
EBB_NODISCARD ebb_status ebb_large_run_begin(struct ebb_large_run *r,
                                             const struct ebb_large_memory *m,
                                             size_t threads, ebb_tick ticks,
                                             const char *trace,
                                             const char *resume);

/** Write a checkpoint. Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_large_run_save(struct ebb_large_run *r,
                                            ebb_tick ticks, const char *path);

/** End the trace. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_large_run_record(struct ebb_large_run *r);

/** Share of the cells of cued patterns that fired in the last period, and of
 *  other neurons that did, as a share of those cells. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_large_run_score(const struct ebb_large_run *r,
                                             double *completion,
                                             double *falsely);

void ebb_large_run_finish(struct ebb_large_run *r);

#endif
