/* tools/team.c - threads and processes that a command runs on. */
#include "tools/team.h"

#include "core/memory.h"

#include <stdio.h>
#include <string.h>

/* Below so many synapses a second thread has too little to do. */
static const double large = 1e7;

enum { THREADS_MAX = 1024 };

ebb_status ebb_team_join(struct ebb_team *team, const struct ebb_args *args)
{
    uint64_t threads = 0;
    EBB_TRY(ebb_args_count(args, "threads", 1, THREADS_MAX, &threads));
    team->threads = (size_t)threads;
    return ebb_exchange_join(&team->exchange);
}

void ebb_team_choose(struct ebb_team *team, const struct ebb_network *net)
{
    double synapses = 0;
    for (size_t k = 0; k < net->n_projections; k++) {
        synapses += net->projections[k].kind == EBB_PROJECTION_SPARSE
                        ? ebb_projection_connections(&net->projections[k])
                        : 0;
    }
    if (team->threads == 0) {
        bool alone = team->exchange.ranks <= 1;
        team->threads =
            alone && synapses >= large ? ebb_cluster_processors() : 1;
    }
}

ebb_status ebb_team_agree(const struct ebb_team *team, ebb_status status)
{
    return ebb_exchange_agree(&team->exchange, status);
}

bool ebb_team_speaks(const struct ebb_team *team)
{
    return team->exchange.rank == 0;
}

ebb_status ebb_team_traffic(struct ebb_team_traffic *out,
                            const struct ebb_team *team,
                            const struct ebb_cluster *cluster)
{
    struct ebb_exchange_volume v = ebb_exchange_volume_of(&team->exchange);
    uint64_t bytes[2] = {v.bytes_sent, v.bytes_received};
    EBB_TRY(ebb_exchange_sum(&team->exchange, bytes, 2));
    *out = (struct ebb_team_traffic){.exchanges = v.exchanges,
                                     .sent = bytes[0],
                                     .received = bytes[1],
                                     .seconds = v.seconds,
                                     .window = ebb_cluster_window(cluster)};
    return EBB_OK;
}

/* Where the ending of a name begins: ".trace.h5", ".csv". */
static size_t ending_at(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *trace = strstr(name, ".trace.h5");
    const char *dot = trace && trace[strlen(".trace.h5")] == '\0'
                          ? trace
                          : strrchr(name, '.');
    return dot && dot > name ? (size_t)(dot - path) : strlen(path);
}

ebb_status ebb_team_path(char *out, size_t size, const struct ebb_team *team,
                         const char *path)
{
    size_t at = ending_at(path);
    int n = team->exchange.ranks <= 1
                ? snprintf(out, size, "%s", path)
                : snprintf(out, size, "%.*s.rank%zu%s", (int)at, path,
                           team->exchange.rank, path + at);
    return n >= 0 && (size_t)n < size
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG, "%s is too long a name", path);
}

/* Nodes from <= k < to that are owned, written to `list` where all were
 * meant. Returns how many numbers that took. */
static size_t keep(struct ebb_probe *p, struct ebb_share_range own,
                   uint32_t *list)
{
    size_t from = 0, n = 0;
    if (!p->nodes) {
        for (size_t i = own.from; i < own.to && i < p->n; i++) {
            list[n++] = (uint32_t)i;
        }
        p->nodes = list;
        p->n = n;
        return n;
    }
    while (from < p->n && p->nodes[from] < own.from) {
        from++;
    }
    while (from + n < p->n && p->nodes[from + n] < own.to) {
        n++;
    }
    p->nodes += from;
    p->n = n;
    return 0;
}

ebb_status ebb_team_owned(struct ebb_share_range *own,
                          const struct ebb_team *team,
                          const struct ebb_network *net,
                          const struct ebb_engine_options *how)
{
    const struct ebb_cluster_options options = {
        .engine = *how, .threads = team->threads, .exchange = &team->exchange};
    for (size_t k = 0; k < net->n_populations; k++) {
        EBB_TRY(ebb_cluster_owned(&own[k], net, &options, k));
    }
    return EBB_OK;
}

ebb_status ebb_team_keep(const struct ebb_team *team,
                         const struct ebb_network *net,
                         const struct ebb_share_range *own,
                         struct ebb_probe *probes, size_t *n, uint32_t **nodes)
{
    size_t room = 1, used = 0, kept = 0;
    if (team->exchange.ranks <= 1) {
        return EBB_OK;
    }
    for (size_t k = 0; k < *n; k++) {
        room += probes[k].nodes ? 0 : probes[k].n;
    }
    *nodes = ebb_mem_calloc(room, sizeof(**nodes));
    if (!*nodes) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for what to record");
    }
    for (size_t k = 0; k < *n; k++) {
        struct ebb_probe *p = &probes[k];
        size_t seat = p->state == EBB_STATE_F
                          ? net->projections[p->where].source
                          : p->where;
        used += keep(p, own[seat], *nodes + used);
        if (p->n > 0) {
            probes[kept++] = *p;
        }
    }
    *n = kept;
    return EBB_OK;
}

int ebb_team_end(struct ebb_team *team, const struct ebb_args *args,
                 ebb_status status)
{
    bool speaks = ebb_team_speaks(team);
    int end = status == EBB_OK ? EBB_EXIT_OK : EBB_EXIT_FAILED;
    if (speaks) {
        end = ebb_args_end(args, status);
    }
    ebb_exchange_leave(&team->exchange);
    return end;
}
