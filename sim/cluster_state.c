/* sim/cluster_state.c - several engines put aside between two ticks and gone on
 * with by as many, more or fewer. */
#include "sim/cluster_state.h"

#include "sim/cluster_parts.h"
#include "sim/engine_parts.h"
#include "sim/engine_state.h"

#include <string.h>

size_t ebb_cluster_threads(const struct ebb_cluster *c)
{
    return c->alone ? 1 : c->threads;
}

/* Ticks are counted by the cluster: its engines know their own alone. */
struct counting {
    const struct ebb_cluster *c;
    const struct ebb_snapshot_sink *sink;
};

static ebb_status put(void *self, const char *name, enum ebb_snapshot_type type,
                      const void *data, size_t n)
{
    const struct counting *w = self;
    struct ebb_counters counters;
    if (strcmp(name, "run/counters") == 0) {
        memcpy(&counters, data, sizeof(counters));
        counters.ticks_visited = w->c->ticks_visited;
        counters.ticks_skipped = w->c->now - w->c->ticks_visited;
        data = &counters;
    }
    return w->sink->put(w->sink->self, name, type, data, n);
}

ebb_status ebb_cluster_save(const struct ebb_cluster *c, size_t share,
                            uint64_t network_hash,
                            const struct ebb_snapshot_sink *sink)
{
    struct counting counting = {c, sink};
    const struct ebb_snapshot_sink own = {.self = &counting, .put = put};
    if (c->alone) {
        return ebb_engine_save(c->alone, network_hash, sink);
    }
    if (c->failed) {
        return EBB_FAIL(EBB_ERR_ARG, "a run that failed cannot be saved");
    }
    return ebb_engine_save(c->member[share].engine, network_hash, &own);
}

ebb_status ebb_cluster_load(struct ebb_cluster *c, uint64_t network_hash,
                            const struct ebb_snapshot_source *source)
{
    if (c->alone) {
        return ebb_engine_load(c->alone, network_hash, source);
    }
    EBB_TRY(ebb_cluster_reset(c));
    c->failed = true; /* until all of it is there */
    for (size_t k = 0; k < c->threads; k++) {
        struct ebb_engine *e = c->member[k].engine;
        EBB_TRY(ebb_engine_load(e, network_hash, source));
        c->ticks_visited = e->counters.ticks_visited;
        if (c->exchange.rank > 0 || k > 0) {
            e->counters = (struct ebb_counters){0};
        }
    }
    c->now = ebb_engine_now(c->member[0].engine);
    c->next =
        c->now; /* whoever has nothing to do says so in the first window */
    c->failed = false;
    return EBB_OK;
}
