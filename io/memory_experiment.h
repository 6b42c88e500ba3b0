/* io/memory_experiment.h - an experiment file about how many patterns a memory
 * holds. docs/files.md has its fields. */
#ifndef EBB_IO_MEMORY_EXPERIMENT_H
#define EBB_IO_MEMORY_EXPERIMENT_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    EBB_MEMORY_PATTERNS_MAX = 256, /* numbers of patterns in a list */
    EBB_MEMORY_TARGETS_MAX = 16
};

/** What the file says; what it leaves out stays as it was. */
struct ebb_memory_experiment {
    uint64_t neurons, cells; /* N; M of a pattern */
    double connect;          /* Z, 0 < Z <= 1 */
    uint64_t threshold;      /* K; 0: found */
    uint64_t delay_ticks;
    double tick_s;
    uint64_t cue;                             /* cells of a cue; 0: all M */
    uint64_t cues;                            /* asked of a memory */
    uint64_t seeds, seed;                     /* memories of each size */
    uint64_t points;                          /* numbers of patterns … */
    double patterns[EBB_MEMORY_PATTERNS_MAX]; /* … or these, rising */
    size_t n_patterns;                        /* 0: `points` are found */
    double targets[EBB_MEMORY_TARGETS_MAX];   /* shares of M, rising */
    size_t n_targets;                         /* at least 1 */
    char *lines, *figure; /* files to write, or NULL; owned */
};

/** Read a file over *e. Errors: EBB_ERR_IO, EBB_ERR_NOMEM; EBB_ERR_FORMAT with
 *  file, line, field and reason. The caller finishes *e, also after a
 *  failure. */
EBB_NODISCARD ebb_status
ebb_memory_experiment_read(struct ebb_memory_experiment *e, const char *path);

/** Free the names. */
void ebb_memory_experiment_finish(struct ebb_memory_experiment *e);

#endif
