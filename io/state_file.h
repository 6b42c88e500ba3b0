/* io/state_file.h - checkpoints of runs (*.state.h5): written beside their name
 * and renamed, read back by whoever goes on. Layout: docs/files.md.
 *
 * A job of several ranks has a file for each, NAME.1of3 and so on. Each of them
 * keeps the one before as NAME.1of3.old, so that a job that is killed while its
 * ranks rename theirs still has one whole checkpoint. */
#ifndef EBB_IO_STATE_FILE_H
#define EBB_IO_STATE_FILE_H

#include "core/snapshot.h"
#include "core/tick.h"

#include <stdint.h>

enum { EBB_STATE_ORIGIN_BYTES = 640, EBB_STATE_RANKS_MAX = 4096 };

/** What a checkpoint is of. */
struct ebb_state_about {
    ebb_tick tick;     /* first one that has not been run */
    ebb_tick intended; /* ticks of the run */
    double tick_s;     /* length of a tick; 0: not given */
    uint64_t network_hash;
    uint64_t run; /* tells runs apart: network, input, way of running */
    uint64_t input_events;               /* of ticks before `tick` … */
    uint64_t input_hash;                 /* … and what they were */
    size_t rank, ranks;                  /* file rank of ranks; 0 of 1 */
    size_t shares;                       /* parts within the file */
    char origin[EBB_STATE_ORIGIN_BYTES]; /* the command */
};

/** Whoever is saved: tells everything of share `share` to `sink`, the same at
 *  each call. */
struct ebb_state_giver {
    void *self;
    ebb_status (*save)(void *self, size_t share,
                       const struct ebb_snapshot_sink *sink);
};

/**
 * Write a checkpoint beside its name and see it safely on the disk; it gets its
 * name by ebb_state_file_publish(). Room is made sure of beforehand. Nothing is
 * left after a failure, and an older checkpoint is as it was.
 *
 *     broken  out  true where HDF5 failed to write all the same: then the
 *                  program must end by _exit()
 *
 * Errors: EBB_ERR_IO (no room, not writable), EBB_ERR_NOMEM, what `giver`
 * reports.
 */
EBB_NODISCARD ebb_status
ebb_state_file_write(const char *path, const struct ebb_state_about *about,
                     const struct ebb_state_giver *giver, bool *broken);

/** Give a written checkpoint its name, in place of the one before; with several
 *  ranks, once all of them have written theirs. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_state_file_publish(const char *path, size_t rank,
                                                size_t ranks);

/** Remove what ebb_state_file_write() left of a rank and will get no name,
 *  since another rank failed; nothing where there is none. */
void ebb_state_file_discard(const char *path, size_t rank, size_t ranks);

/** What one file says, whether the others are there or not. Errors: EBB_ERR_IO,
 *  EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status ebb_state_file_about(struct ebb_state_about *out,
                                              const char *path);

/** All files of one checkpoint. One thread at a time. */
struct ebb_state_set;

/**
 * Open the checkpoint of that name: the file itself, or those of all ranks of
 * a job. Where jobs of several sizes have left some, of those that are complete
 * the latest tick of one run; of different runs what was written last.
 * Errors: EBB_ERR_IO (there is none), EBB_ERR_FORMAT (damaged, or a rank's file
 * is missing; of different runs and written at one time), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_state_set_open(struct ebb_state_set **out,
                                            const char *path);

/** Close it. NULL is allowed. */
void ebb_state_set_close(struct ebb_state_set *set);

/** What the first of its files says. */
const struct ebb_state_about *
ebb_state_set_about(const struct ebb_state_set *set);

/** Files in it. */
size_t ebb_state_set_files(const struct ebb_state_set *set);

/** Its arrays: a part for each share of each file. What they hold is checked
 *  against a sum when find() is called. Valid as long as the set. */
struct ebb_snapshot_source ebb_state_set_source(struct ebb_state_set *set);

#endif
