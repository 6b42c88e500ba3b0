/* io/trace_commit.h - how far a trace is safe: the one thing in a growing file
 * that a reader trusts.
 *
 * /run/commits has two records, written in turn, so that a write that is cut
 * short leaves the other: [number, ticks, (in_main, staged, slot) of each
 * stream, checksum]. /run/committed_ticks repeats the ticks for whoever only
 * wants to know how far it is. Streams: the series, then the populations. */
#ifndef EBB_IO_TRACE_COMMIT_H
#define EBB_IO_TRACE_COMMIT_H

#include "core/memory.h"
#include "core/tick.h"
#include "io/trace_stream.h"

/** The commits of a file. */
struct ebb_trace_commit {
    hid_t records, committed;     /* datasets; negative: none */
    uint64_t number;              /* of the last one */
    ebb_tick ticks;               /* complete below this */
    struct ebb_stream_mark *mark; /* [n_streams] */
    size_t n_streams;
    uint64_t *words; /* [2][…] as in the file */
};

/** Take memory for so many streams. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_trace_commit_init(struct ebb_trace_commit *commit,
                                               struct ebb_arena *arena,
                                               size_t n_streams);

/** Make the datasets in the group /run. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_trace_commit_create(struct ebb_trace_commit *commit, hid_t run);

/** Write *commit, of which `ticks` and `mark` have been set, as the next one
 *  and hand it to the file system. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_trace_commit_write(struct ebb_trace_commit *commit);

/** Open the datasets in the group /run. Errors: EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status ebb_trace_commit_open(struct ebb_trace_commit *commit,
                                               hid_t run);

/** Read the last commit, looking at the file anew. Errors: EBB_ERR_FORMAT (no
 *  record is whole). */
EBB_NODISCARD ebb_status ebb_trace_commit_read(struct ebb_trace_commit *commit);

/** Close the datasets. */
void ebb_trace_commit_close(struct ebb_trace_commit *commit);

#endif
