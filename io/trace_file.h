/* io/trace_file.h - recorded runs in HDF5 (*.trace.h5): written while the run
 * goes on, read back to be replayed or looked at. Layout: docs/files.md.
 *
 * The file stands beside its name as NAME.tmp until the run is complete: a run
 * that fails or is killed leaves an older file of that name untouched, and no
 * new one. */
#ifndef EBB_IO_TRACE_FILE_H
#define EBB_IO_TRACE_FILE_H

#include "core/flow.h"
#include "models/network.h"

/** A trace being written. One thread at a time. */
struct ebb_trace_writer;

/**
 * Begin a trace of `ticks` ticks.
 *
 *     net     of the run; borrowed
 *     probes  [n_probes] states that the run tells; borrowed
 *     origin  one line on where it comes from (the command); NULL: none
 *
 * Errors: EBB_ERR_IO, EBB_ERR_ARG (two probes of one state and place; a name
 * that the layout needs itself), EBB_ERR_NOMEM. Memory: 1024 ticks of the
 * probed states, whatever the length of the run.
 */
EBB_NODISCARD ebb_status ebb_trace_writer_create(
    struct ebb_trace_writer **out, const char *path,
    const struct ebb_network *net, ebb_tick ticks,
    const struct ebb_probe *probes, size_t n_probes, const char *origin);

/** Where the run goes; valid as long as the writer. */
struct ebb_run_sink ebb_trace_writer_sink(struct ebb_trace_writer *writer);

/** Write what is still in memory, the overview included, and give the file its
 *  name. The writer is freed, on failure too. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_trace_writer_finish(struct ebb_trace_writer *writer);

/** Give up: nothing is left of the file. NULL is allowed. */
void ebb_trace_writer_abandon(struct ebb_trace_writer *writer);

/** A trace being read. */
struct ebb_trace_file;

/**
 * Open a trace for replay by `net`, which is borrowed.
 * Errors: EBB_ERR_IO, EBB_ERR_FORMAT naming all that a replay would miss (V of
 * every neuron at every tick, spikes of every population).
 */
EBB_NODISCARD ebb_status ebb_trace_file_open(struct ebb_trace_file **out,
                                             const char *path,
                                             const struct ebb_network *net);

/** Close it. NULL is allowed. */
void ebb_trace_file_close(struct ebb_trace_file *file);

/** The recorded run; valid as long as `file`. */
struct ebb_trace ebb_trace_file_trace(struct ebb_trace_file *file);

#endif
