/* tools/memory/capacity_tell.h - a sweep over numbers of patterns, and what is
 * told of it. Part of tools/memory/capacity.c. */
#ifndef EBB_TOOLS_MEMORY_CAPACITY_TELL_H
#define EBB_TOOLS_MEMORY_CAPACITY_TELL_H

#include "tools/memory/memory.h"

#include "io/memory_experiment.h"
#include "models/willshaw.h"

/** A sweep. Zero-initialise. */
struct ebb_capacity {
    const struct ebb_args *args;
    struct ebb_memory_experiment file; /* what it and the options say */
    struct ebb_association_params params;
    struct ebb_memory_size size;
    struct ebb_recall_options options;
    struct ebb_willshaw theory;
    struct ebb_willshaw_table table;
    size_t points, wanted;       /* numbers of patterns; seeds */
    size_t seeds;                /* that were measured */
    double *count;               /* [points] patterns */
    double *mean;                /* [points + wanted] scratch */
    double *falsely, *completed; /* [wanted, points] means over cues */
    unsigned threads;            /* to build with; 0: all cores */
    double seconds;
};

/** Print the table or, with --json, an object for each number of patterns and
 *  each level; write these to file.lines and draw file.figure where these are
 *  not NULL. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_capacity_tell(struct ebb_capacity *c);

#endif
