/* sim/cluster_build.c - rooms of several engines, taken once. */
#include "sim/cluster_parts.h"

#include <string.h>

enum {
    LONGEST = 1024,      /* ticks of a window: nobody should wait long for a
                            progress bar, or for Ctrl-C */
    STATES_MAX = 1 << 21 /* numbers that wait to be told */
};

static ebb_status no_memory(void)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for several engines");
}

/* Is a spike of `from` felt in `to` in the tick itself? */
static bool is_felt_at_once(const struct ebb_network *net, size_t from,
                            size_t to)
{
    for (size_t k = 0; k < net->n_projections; k++) {
        const struct ebb_projection *p = &net->projections[k];
        if (p->source == from && p->target == to &&
            ebb_projection_lag(p) == 0) {
            return true;
        }
    }
    return false;
}

/* Populations of a stage feel nothing of each other in the tick itself; inputs
 * are known to everybody. */
static bool needs_stage(const struct ebb_cluster *c, size_t first, size_t place)
{
    const struct ebb_network *net = c->net;
    for (size_t k = first; k < place; k++) {
        size_t from = net->order[k];
        if (!net->populations[from].input &&
            is_felt_at_once(net, from, net->order[place])) {
            return true;
        }
    }
    return false;
}

static ebb_status find_stages(struct ebb_cluster *c)
{
    size_t n = c->net->n_populations;
    c->stage = ebb_arena_calloc(c->arena, n + 1, sizeof(*c->stage));
    if (!c->stage) {
        return no_memory();
    }
    c->n_stages = 1;
    for (size_t place = 0; place < n; place++) {
        if (needs_stage(c, c->stage[c->n_stages - 1].from, place)) {
            c->stage[c->n_stages++].from = place;
        }
        c->stage[c->n_stages - 1].to = place + 1;
    }
    return EBB_OK;
}

static ebb_status find_lags(struct ebb_cluster *c)
{
    const struct ebb_network *net = c->net;
    c->lag =
        ebb_arena_calloc(c->arena, net->n_populations + 1, sizeof(*c->lag));
    if (!c->lag) {
        return no_memory();
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        c->lag[k] = EBB_TICK_NEVER;
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        const struct ebb_projection *p = &net->projections[k];
        ebb_tick lag = ebb_projection_lag(p);
        if (lag < c->lag[p->source]) {
            c->lag[p->source] = lag;
        }
    }
    return EBB_OK;
}

/* Ticks before a spike of a neuron is felt, or before too many states wait to
 * be told. */
static void find_window(struct ebb_cluster *c)
{
    const struct ebb_engine_options *o = &c->options.engine;
    ebb_tick room = STATES_MAX, states = 0;
    c->window = LONGEST;
    for (size_t k = 0; k < c->net->n_populations; k++) {
        if (!c->net->populations[k].input && c->lag[k] < c->window) {
            c->window = c->lag[k];
        }
    }
    for (size_t k = 0; k < o->n_probes; k++) {
        ebb_tick every = o->probes[k].every; /* 0 is refused by the engines */
        states += every > 0 ? o->probes[k].n / every + 1 : 0;
    }
    if (states > 0 && room / states < c->window) {
        c->window = room / states;
    }
    if (c->window == 0 || c->n_stages > 1) {
        c->window = 1;
    }
}

/* What all processes have to have in common. */
enum { COMMON = 8 };

static void describe(const struct ebb_cluster *c, uint32_t *words)
{
    const struct ebb_engine_options *o = &c->options.engine;
    uint64_t neurons = 0;
    for (size_t k = 0; k < c->net->n_populations; k++) {
        neurons += c->net->populations[k].n;
    }
    words[0] = (uint32_t)c->threads;
    words[1] = (uint32_t)c->net->n_populations;
    words[2] = (uint32_t)c->net->n_projections;
    words[3] = (uint32_t)neurons;
    words[4] = (uint32_t)o->mode;
    words[5] = o->single;
    words[6] = (uint32_t)o->slice;
    words[7] = (uint32_t)c->window; /* may differ: the least of all counts */
}

static ebb_status compare(struct ebb_cluster *c, const uint32_t *own)
{
    for (size_t r = 0; r < c->exchange.ranks; r++) {
        const struct ebb_exchange_words *its = &c->heard[r];
        if (its->n != COMMON ||
            memcmp(its->at, own, (COMMON - 1) * sizeof(*own)) != 0) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "rank %zu and rank %zu differ in network, threads "
                            "or options: all have to be given the same",
                            c->exchange.rank, r);
        }
        if (its->at[COMMON - 1] < c->window) {
            c->window = its->at[COMMON - 1];
        }
    }
    return EBB_OK;
}

static ebb_status agree_on_common(struct ebb_cluster *c)
{
    uint32_t own[COMMON];
    if (c->exchange.ranks <= 1) {
        return EBB_OK;
    }
    describe(c, own);
    EBB_TRY(c->exchange.gather(c->exchange.self, own, COMMON, c->heard));
    return compare(c, own);
}

static ebb_status create_engine(struct ebb_cluster *c, struct member *m)
{
    size_t k = (size_t)(m - c->member);
    struct ebb_engine_options how = c->options.engine;
    how.share = (struct ebb_share){.index = c->exchange.rank * c->threads + k,
                                   .count = c->shares};
    EBB_TRY(ebb_engine_create(&m->engine, c->net, &how));
    m->out = engine_share_outbox(m->engine);
    m->out->tells_input = k == 0 && how.sink.spikes;
    return EBB_OK;
}

/* Everything that a probe looks at must be computed in this process. */
static ebb_status check_probes(const struct ebb_cluster *c)
{
    for (size_t p = 0; p < c->options.engine.n_probes; p++) {
        size_t told = 0, wanted = c->options.engine.probes[p].n;
        for (size_t k = 0; k < c->threads; k++) {
            struct probe_part part = engine_share_part(c->member[k].engine, p);
            told += part.to - part.from;
        }
        if (told != wanted) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "probe %zu: of %zu nodes only %zu are computed in "
                            "this process",
                            p, wanted, told);
        }
    }
    return EBB_OK;
}

static ebb_status take_rooms(struct ebb_cluster *c)
{
    struct ebb_arena *a = c->arena;
    size_t n = c->net->n_populations, widest = 1;
    for (size_t k = 0; k < n; k++) {
        size_t own = c->net->populations[k].n;
        widest = own > widest ? own : widest;
    }
    c->member = ebb_arena_calloc(a, c->threads, sizeof(*c->member));
    c->part = ebb_arena_calloc(a, c->shares, sizeof(*c->part));
    c->heard = ebb_arena_calloc(a, c->exchange.ranks, sizeof(*c->heard));
    c->told = ebb_arena_calloc(a, n + 1, sizeof(*c->told));
    c->value = ebb_arena_calloc(a, widest, sizeof(*c->value));
    return c->member && c->part && c->heard && c->told && c->value
               ? EBB_OK
               : no_memory();
}

static ebb_status build_shares(struct ebb_cluster *c)
{
    EBB_TRY(cluster_each(c, create_engine));
    return check_probes(c);
}

static ebb_status build_rooms(struct ebb_cluster *c)
{
    size_t processors = ebb_cluster_processors();
    c->team = c->threads < processors ? c->threads : processors;
    EBB_TRY(ebb_arena_create(&c->arena));
    EBB_TRY(take_rooms(c));
    EBB_TRY(find_stages(c));
    EBB_TRY(find_lags(c));
    find_window(c);
    return EBB_OK;
}

ebb_status cluster_build(struct ebb_cluster *c)
{
    EBB_TRY(ebb_exchange_agree(&c->exchange, build_rooms(c)));
    EBB_TRY(ebb_exchange_agree(&c->exchange, agree_on_common(c)));
    if (c->shares == 1) {
        return ebb_engine_create(&c->alone, c->net, &c->options.engine);
    }
    return ebb_exchange_agree(&c->exchange, build_shares(c));
}

ebb_status ebb_cluster_owned(struct ebb_share_range *out,
                             const struct ebb_network *net,
                             const struct ebb_cluster_options *options,
                             size_t population)
{
    size_t threads = options->threads ? options->threads : 1;
    size_t ranks = options->exchange ? options->exchange->ranks : 1;
    size_t rank = options->exchange ? options->exchange->rank : 0;
    struct ebb_share_range *range =
        ebb_mem_calloc(net->n_populations + 1, sizeof(*range));
    if (!range) {
        return no_memory();
    }
    *out = (struct ebb_share_range){0};
    for (size_t k = 0; k < threads; k++) {
        struct ebb_share share = {.index = rank * threads + k,
                                  .count = ranks * threads};
        ebb_share_ranges(net, options->engine.slice, share, range);
        struct ebb_share_range own = range[population];
        if (own.from < own.to) {
            out->from = out->from < out->to ? out->from : own.from;
            out->to = own.to;
        }
    }
    ebb_mem_free(range);
    return EBB_OK;
}
