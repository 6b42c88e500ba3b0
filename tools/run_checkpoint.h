/* tools/run_checkpoint.h - --checkpoint and --resume of a run. */
#ifndef EBB_TOOLS_RUN_CHECKPOINT_H
#define EBB_TOOLS_RUN_CHECKPOINT_H

#include "io/state_file.h"
#include "sim/cluster.h"
#include "tools/args.h"
#include "tools/team.h"

/** The options that this takes, for the list of a command. */
#define EBB_CHECKPOINT_OPTIONS                                                 \
    {"checkpoint", 0, "FILE", "save the run there at its end or Ctrl-C"},      \
        {"checkpoint-every", 0, "TIME",                                        \
         "… and each so much of its time (1s, or ticks)"},                     \
    {                                                                          \
        "resume", 0, "FILE", "go on from there: the bits of one run"           \
    }

/** Checkpoints of one run. Zero-initialise. */
struct ebb_run_checkpoint {
    const char *path; /* NULL: none are written */
    ebb_tick every;   /* 0: at the end alone */
    bool resumes;     /* --resume was given */
    bool broken;      /* HDF5 is: the program must end by _exit() */
    double *count;    /* [outputs] spikes so far, kept along; NULL: none */
    size_t outputs;
    ebb_tick from;             /* first tick of this run */
    size_t first_event;        /* first one of the input that is to come */
    struct ebb_state_set *set; /* that is gone on from */
    struct ebb_state_about about;
    const struct ebb_events *input;
};

/**
 * Take the options, read what is gone on from and check that network, input and
 * length fit. Nothing happens without the options.
 *
 *     input  of the whole run, sorted; borrowed
 *     ticks  of the whole run
 *
 * Errors: EBB_ERR_ARG, those of reading.
 */
EBB_NODISCARD ebb_status ebb_run_checkpoint_take(
    struct ebb_run_checkpoint *c, const struct ebb_args *args,
    const struct ebb_network *net, const struct ebb_engine_options *how,
    const struct ebb_events *input, ebb_tick ticks);

/** Let fresh engines go on, where --resume was given. Errors: EBB_ERR_ARG,
 *  EBB_ERR_FORMAT, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_run_checkpoint_load(struct ebb_run_checkpoint *c,
                                                 struct ebb_cluster *cluster);

/** Up to which tick to run before the next one is saved. */
ebb_tick ebb_run_checkpoint_next(const struct ebb_run_checkpoint *c,
                                 ebb_tick now, ebb_tick ticks);

/** Save the engines as they stand, where --checkpoint was given: a file of each
 *  process, which get their names once all are written. Errors: EBB_ERR_IO,
 *  EBB_ERR_NOMEM; an older one is as it was. */
EBB_NODISCARD ebb_status ebb_run_checkpoint_save(
    struct ebb_run_checkpoint *c, const struct ebb_team *team,
    const struct ebb_cluster *cluster);

/** Close what was read. */
void ebb_run_checkpoint_finish(struct ebb_run_checkpoint *c);

#endif
