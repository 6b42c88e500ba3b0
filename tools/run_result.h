/* tools/run_result.h - what `ebb run` tells in the end. */
#ifndef EBB_TOOLS_RUN_RESULT_H
#define EBB_TOOLS_RUN_RESULT_H

#include "sim/engine.h"
#include "tools/args.h"
#include "tools/team.h"
#include "tools/work_tell.h"

struct ebb_run_result {
    const struct ebb_network *net;
    const struct ebb_engine_options *how;
    struct ebb_counters counters;
    ebb_tick ticks;
    ebb_tick from; /* what a resumed run went on from: traffic is since then */
    double *count; /* [outputs] spikes of the output; NULL: not of interest */
    size_t outputs;
    struct ebb_work_measured measured;
    const struct ebb_team *team;
    struct ebb_team_traffic traffic; /* of several processes */
};

/** Print it: the class first where there is one, then the work; or as JSON.
 *  The class is the output with most spikes, the first of equals; its
 *  confidence the softmax of the counts, which training by rate maximises. */
void ebb_run_result_tell(const struct ebb_run_result *r,
                         const struct ebb_args *args);

#endif
