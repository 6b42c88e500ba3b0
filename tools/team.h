/* tools/team.h - threads and processes that a command runs on. */
#ifndef EBB_TOOLS_TEAM_H
#define EBB_TOOLS_TEAM_H

#include "core/flow.h"
#include "sim/cluster.h"
#include "tools/args.h"

/** Threads of this process, and where it stands among the processes of its job.
 *  Zero-initialise. */
struct ebb_team {
    struct ebb_exchange exchange;
    size_t threads; /* 0: not chosen yet */
};

/** The option that goes with it. */
#define EBB_TEAM_OPTIONS                                                       \
    {                                                                          \
        "threads", 0, "N",                                                     \
            "engines that share the network (large networks: all cores; "      \
            "else, and "                                                       \
            "under mpirun, 1)"                                                 \
    }

/** What went over the wires. */
struct ebb_team_traffic {
    uint64_t exchanges;
    uint64_t sent, received; /* bytes, of all processes */
    double seconds;          /* of this process, waiting included */
    ebb_tick window;         /* ticks between exchanges, at least */
};

/** Join the job that this process was started in, and read --threads. Errors:
 *  EBB_ERR_ARG, EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_team_join(struct ebb_team *team,
                                       const struct ebb_args *args);

/** Choose threads where nobody asked for a number. */
void ebb_team_choose(struct ebb_team *team, const struct ebb_network *net);

/** All processes agree on how they fare; see ebb_exchange_agree(). */
EBB_NODISCARD ebb_status ebb_team_agree(const struct ebb_team *team,
                                        ebb_status status);

/** Is this the process that prints? */
bool ebb_team_speaks(const struct ebb_team *team);

/** What the cluster exchanged, of all processes, who all call it. Errors: as
 *  ebb_exchange_sum(). */
EBB_NODISCARD ebb_status ebb_team_traffic(struct ebb_team_traffic *out,
                                          const struct ebb_team *team,
                                          const struct ebb_cluster *cluster);

/** The name of this process's own file: "a.trace.h5" becomes
 *  "a.rank2.trace.h5"; as it is where there is one process. Errors: EBB_ERR_ARG
 *  (too long). */
EBB_NODISCARD ebb_status ebb_team_path(char *out, size_t size,
                                       const struct ebb_team *team,
                                       const char *path);

/** What of each population this process computes: own [populations]. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_team_owned(struct ebb_share_range *own,
                                        const struct ebb_team *team,
                                        const struct ebb_network *net,
                                        const struct ebb_engine_options *how);

/**
 * Keep of probes [*n] what this process computes; those of which nothing is
 * left go.
 *
 *     own    [populations]  see above
 *     nodes  out  what they point into; free it after them
 *
 * Errors: EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_team_keep(const struct ebb_team *team,
                                       const struct ebb_network *net,
                                       const struct ebb_share_range *own,
                                       struct ebb_probe *probes, size_t *n,
                                       uint32_t **nodes);

/** Print the failure, if this process speaks, and leave the job. Returns the
 *  exit status. */
int ebb_team_end(struct ebb_team *team, const struct ebb_args *args,
                 ebb_status status);

#endif
