/* tests/test_cluster.c - several engines give the bits of one: on threads, and
 * as processes that meet through an exchange. */
#include "core/denormals.h"
#include "core/memory.h"
#include "sim/cluster.h"
#include "tests/random_wide.h"
#include "tests/run_suite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBES_MAX = 64, RANKS_MAX = 4 };

/* All that a sink was told, word by word. */
struct record {
    char *at;
    size_t n, room;
};

static void put(struct record *r, const void *data, size_t bytes)
{
    if (r->n + bytes > r->room) {
        r->room = 2 * (r->n + bytes);
        r->at = realloc(r->at, r->room);
        CHECK_EACH(r->at, "no memory for a record");
    }
    if (bytes > 0) {
        memcpy(r->at + r->n, data, bytes);
        r->n += bytes;
    }
}

static ebb_status put_spikes(void *self, size_t population, ebb_tick tick,
                             const ebb_neuron_id *node, const double *value,
                             size_t n)
{
    uint64_t head[4] = {'s', population, tick, n};
    put(self, head, sizeof(head));
    put(self, node, n * sizeof(*node));
    put(self, value, value ? n * sizeof(*value) : 0);
    return EBB_OK;
}

static ebb_status put_advance(void *self, ebb_tick tick)
{
    uint64_t head[2] = {'a', tick};
    put(self, head, sizeof(head));
    return EBB_OK;
}

/* A record, and how long its states are. */
struct scene {
    struct record record;
    const struct ebb_probe *probes;
};

static ebb_status put_states(void *self, size_t probe, ebb_tick tick,
                             const double *value)
{
    struct scene *s = self;
    uint64_t head[3] = {'v', probe, tick};
    put(&s->record, head, sizeof(head));
    put(&s->record, value, s->probes[probe].n * sizeof(*value));
    return EBB_OK;
}

static struct ebb_run_sink sink_of(struct scene *s)
{
    /* The record is the first member. */
    return (struct ebb_run_sink){.self = s,
                                 .spikes = put_spikes,
                                 .state = put_states,
                                 .advance = put_advance};
}

/* Every state of every neuron and axon. */
static size_t probe_all(const struct ebb_network *net, struct ebb_probe *probe)
{
    static const enum ebb_state states[] = {EBB_STATE_V, EBB_STATE_R,
                                            EBB_STATE_I};
    size_t n = 0;
    for (size_t k = 0; k < net->n_populations; k++) {
        for (size_t s = 0; s < 3 && !net->populations[k].input; s++) {
            probe[n++] = (struct ebb_probe){.state = states[s],
                                            .where = k,
                                            .n = net->populations[k].n,
                                            .every = 1};
        }
    }
    for (size_t k = 0; k < net->n_projections && n < PROBES_MAX; k++) {
        size_t source = net->projections[k].source;
        probe[n++] = (struct ebb_probe){.state = EBB_STATE_F,
                                        .where = k,
                                        .n = net->populations[source].n,
                                        .every = 1};
    }
    return n;
}

static const char *const mode_names[] = {[EBB_ENGINE_ADAPTIVE] = "adaptive",
                                         [EBB_ENGINE_LAZY] = "lazy",
                                         [EBB_ENGINE_SWEPT] = "swept"};

static struct ebb_cluster_options options_of(enum ebb_engine_mode mode,
                                             size_t threads)
{
    struct ebb_cluster_options o = {.engine = ebb_engine_options_default(),
                                    .threads = threads};
    o.engine.mode = mode;
    o.engine.slice = 64;
    return o;
}

/* Those that must not depend on how a network is divided. */
static void compare_counters(const struct ebb_counters *a,
                             const struct ebb_counters *b, const char *which)
{
#define SAME(what)                                                             \
    CHECK_EACH(a->what == b->what, "%s: " #what " %llu, one engine %llu",      \
               which, (unsigned long long)b->what,                             \
               (unsigned long long)a->what)
    SAME(spikes);
    SAME(input_events);
    SAME(synaptic_operations);
    SAME(block_updates);
    SAME(neuron_updates);
    SAME(wakeups_predicted);
    SAME(wakeups_superseded);
    SAME(wakeups_fired);
    SAME(crossing_evaluations);
    SAME(tiles_swept);
    SAME(tiles_lazy);
    SAME(axons_active);
    SAME(ticks_visited);
    SAME(ticks_skipped);
#undef SAME
}

static void compare_records(const struct record *a, const struct record *b,
                            const char *which)
{
    size_t n = a->n < b->n ? a->n : b->n, k = 0;
    while (k < n && a->at[k] == b->at[k]) {
        k++;
    }
    CHECK_EACH(a->n == b->n && k == n,
               "%s: told otherwise from byte %zu of %zu on (one engine told "
               "%zu)",
               which, k, b->n, a->n);
}

/* One run; the caller frees scene->record.at. */
static struct ebb_counters run(struct random_network *n,
                               struct ebb_cluster_options o,
                               struct ebb_probe *probes, size_t n_probes,
                               struct scene *scene, const char *which)
{
    struct ebb_counters counters;
    *scene = (struct scene){.probes = probes};
    o.engine.probes = probes;
    o.engine.n_probes = n_probes;
    o.engine.sink = sink_of(scene);
    ck_assert_msg(ebb_cluster_simulate(&counters, n->net, &o, n->input.at,
                                       n->input.n, n->ticks) == EBB_OK,
                  "%s: %s", which, ebb_error_message());
    return counters;
}

static void check_threads(struct random_network *n, uint64_t seed,
                          enum ebb_engine_mode mode, size_t n_probes,
                          struct ebb_probe *probes)
{
    static const size_t threads[] = {2, 7, 3, 4};
    struct scene one, several;
    char which[96];
    struct ebb_cluster_options o = options_of(mode, 1);
    struct ebb_counters single = run(n, o, probes, n_probes, &one, "alone");
    for (size_t k = seed % 2; k < 4; k += 2) {
        snprintf(which, sizeof(which), "seed %llu, %s, %zu threads%s",
                 (unsigned long long)seed, mode_names[mode], threads[k],
                 n_probes ? "" : ", no states");
        o.threads = threads[k];
        struct ebb_counters c = run(n, o, probes, n_probes, &several, which);
        compare_records(&one.record, &several.record, which);
        compare_counters(&single, &c, which);
        free(several.record.at);
    }
    free(one.record.at);
}

static size_t how_many(const char *variable, size_t otherwise)
{
    const char *text = getenv(variable);
    return text ? (size_t)strtoull(text, NULL, 10) : otherwise;
}

START_TEST(threads_give_the_bits_of_one_engine)
{
    struct ebb_probe probes[PROBES_MAX];
    size_t first = how_many("EBB_SEED", 0),
           n_nets = how_many("EBB_NETWORKS", 4);
    for (uint64_t seed = first; seed < first + n_nets; seed++) {
        struct random_network n = random_wide_draw(seed);
        size_t n_probes = probe_all(n.net, probes);
        for (int mode = 0; mode < 3; mode++) {
            size_t told = (seed / 2 + (size_t)mode) % 2 ? n_probes : 0;
            check_threads(&n, seed, (enum ebb_engine_mode)mode, told, probes);
        }
        random_network_finish(&n);
    }
}
END_TEST

RUN_SUITE("sim", "cluster", threads_give_the_bits_of_one_engine)
