/* tools/run_job.h - a run on its way, for the sources of `ebb run`. */
#ifndef EBB_TOOLS_RUN_JOB_H
#define EBB_TOOLS_RUN_JOB_H

#include "tools/out_file.h"
#include "tools/progress.h"
#include "tools/record_spec.h"
#include "tools/run_checkpoint.h"
#include "tools/run_result.h"
#include "tools/team.h"

#include "io/trace_file.h"

/* A run on its way. */
struct run_job {
    const struct ebb_args *args;
    struct ebb_network *net;
    struct ebb_events input;
    ebb_tick ticks;
    struct ebb_record_spec record;
    struct ebb_out_file spikes, states;       /* CSV */
    char states_path[4096], trace_path[4096]; /* of this process */
    struct ebb_trace_writer *trace;           /* or NULL */
    struct ebb_run_sink trace_sink;
    bool broken;   /* the trace: the program must end by _exit() */
    ebb_tick done; /* ticks */
    struct ebb_run_checkpoint checkpoint;
    struct ebb_progress progress;
    struct ebb_engine_options how;
    struct ebb_team team;
    struct ebb_share_range *own; /* [populations] what is computed here */
    uint32_t *own_nodes; /* that record points into, of several processes */
    struct ebb_counters counters;
    struct ebb_team_traffic traffic;
    /* Recordings: what the output answers. */
    size_t output, outputs;
    double *count; /* [outputs] spikes; NULL: nobody asked */
    struct ebb_work_measured measured;
};

/** Read the input, as far as it is to be run, and find how long that is.
 *  Errors: those of reading, EBB_ERR_ARG. */
EBB_NODISCARD ebb_status run_take_input(struct run_job *j);

#endif
