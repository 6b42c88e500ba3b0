/* io/trace_file.h - recorded runs in HDF5 (*.trace.h5): written while the run
 * goes on, read back to be replayed or looked at. Layout: docs/files.md.
 *
 * The file stands beside its name as NAME.part until the run is complete. It
 * can be read while it grows and after its writer was killed: at least once a
 * second all complete ticks are committed, and a commit stands whatever comes
 * after it (io/trace_part.h reads them, `ebb repair` makes a trace of them).
 * An older file of that name is untouched until then. */
#ifndef EBB_IO_TRACE_FILE_H
#define EBB_IO_TRACE_FILE_H

#include "core/flow.h"
#include "models/network.h"

/** What a trace is called while it is not complete: NAME.part. */
#define EBB_TRACE_PART ".part"

/** A trace being written. One thread at a time. */
struct ebb_trace_writer;

/**
 * Begin a trace of `ticks` ticks; EBB_TICK_NEVER: nobody knows how many.
 *
 *     net     of the run; borrowed
 *     probes  [n_probes] states that the run tells; borrowed
 *     origin  one line on where it comes from (the command); borrowed; NULL:
 *             none
 *
 * Errors: EBB_ERR_IO (also where there is a NAME.part already: it may be all
 * that is left of a run), EBB_ERR_ARG (two probes of one state and place; a
 * name that the layout needs itself), EBB_ERR_NOMEM. Nothing is left then.
 * Memory: three times 1024 ticks of the probed states (fewer of more than 8192
 * neurons), whatever the length of the run. A thread compresses.
 */
EBB_NODISCARD ebb_status ebb_trace_writer_create(
    struct ebb_trace_writer **out, const char *path,
    const struct ebb_network *net, ebb_tick ticks,
    const struct ebb_probe *probes, size_t n_probes, const char *origin);

/** What of a run a trace holds, where that is not all of it. */
struct ebb_trace_piece {
    ebb_tick first;     /* the tick that the run goes on from */
    uint64_t run;       /* tells runs apart: network, input, way of running */
    size_t rank, ranks; /* of a job; 0 of 1 */
    const size_t *own;  /* [populations][2] neurons from .. to of this rank,
                           whose spikes it tells; NULL: all */
};

/** The same for a piece of a run; `ebb merge` joins them. Ticks keep their
 *  numbers. */
EBB_NODISCARD ebb_status ebb_trace_writer_create_piece(
    struct ebb_trace_writer **out, const char *path,
    const struct ebb_network *net, ebb_tick ticks,
    const struct ebb_probe *probes, size_t n_probes, const char *origin,
    const struct ebb_trace_piece *piece);

/** Commit each `ticks` ticks instead of each second; 0: each second. */
void ebb_trace_writer_commit_every(struct ebb_trace_writer *writer,
                                   ebb_tick ticks);

/**
 * Where the run goes; valid as long as the writer. Room is made sure of before
 * anything is written: where there is none, or a write fails, the run gets
 * EBB_ERR_IO with what is kept, and all that can be done is to abandon.
 */
struct ebb_run_sink ebb_trace_writer_sink(struct ebb_trace_writer *writer);

/** Commit every complete tick now. Errors: as of the sink. */
EBB_NODISCARD ebb_status
ebb_trace_writer_commit(struct ebb_trace_writer *writer);

/** The name of the growing file; valid as long as the writer. */
const char *ebb_trace_writer_part(const struct ebb_trace_writer *writer);

/** Every tick below this is safe. */
ebb_tick ebb_trace_writer_committed(const struct ebb_trace_writer *writer);

/**
 * End with the ticks that are complete, which may be fewer than were meant:
 * write what is still in memory, the overview included, and give the file its
 * name. The writer is freed; after a failure it is not, and has to be
 * abandoned. Errors: EBB_ERR_IO.
 */
EBB_NODISCARD ebb_status
ebb_trace_writer_finish(struct ebb_trace_writer *writer);

/**
 * Give up. NAME.part is kept where something has been committed, else nothing
 * is left. NULL is allowed.
 *
 * Returns true where HDF5 could not be closed, because a write of it failed:
 * then the program must end by _exit(), lest it destroy what is kept.
 */
bool ebb_trace_writer_abandon(struct ebb_trace_writer *writer);

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

/** Ticks that the run was to have: more than there are where it was stopped or
 *  cut short. */
ebb_tick ebb_trace_file_intended(const struct ebb_trace_file *file);

#endif
