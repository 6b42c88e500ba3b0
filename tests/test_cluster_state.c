/* tests/test_cluster_state.c - runs on some threads, saved and gone on with on
 * others: the bits of one engine that was never interrupted. */
#include "core/memory.h"
#include "core/random.h"
#include "sim/cluster.h"
#include "tests/random_wide.h"
#include "tests/run_suite.h"
#include "tests/snapshot_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBES = 16, THREADS = 5, HASH = 4321 };

/* What a run tells from tick `from` on, word by word. */
struct log {
    ebb_tick from;
    const struct ebb_probe *probe;
    uint64_t *word;
    size_t n, room;
};

struct trial {
    struct random_network n;
    struct ebb_engine_options how;
    struct ebb_probe probe[PROBES];
    uint64_t seed;
    ebb_tick at;
};

static void note(struct log *l, uint64_t word)
{
    ck_assert_int_eq(
        ebb_mem_grow(&l->word, &l->room, l->n + 1, sizeof(*l->word)), EBB_OK);
    l->word[l->n++] = word;
}

static void note_values(struct log *l, const double *value, size_t n)
{
    for (size_t k = 0; value && k < n; k++) {
        uint64_t bits;
        memcpy(&bits, &value[k], sizeof(bits));
        note(l, bits);
    }
}

static ebb_status log_spikes(void *self, size_t population, ebb_tick tick,
                             const ebb_neuron_id *node, const double *value,
                             size_t n)
{
    struct log *l = self;
    if (tick >= l->from) {
        note(l, tick << 8 | population);
        for (size_t k = 0; k < n; k++) {
            note(l, node[k]);
        }
        note_values(l, value, n);
    }
    return EBB_OK;
}

static ebb_status log_states(void *self, size_t probe, ebb_tick tick,
                             const double *value)
{
    struct log *l = self;
    if (tick >= l->from) {
        note(l, ~(tick << 8 | probe));
        note_values(l, value, l->probe[probe].n);
    }
    return EBB_OK;
}

static void draw_trial(struct trial *t, uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 220);
    *t = (struct trial){.n = random_wide_draw(seed), .seed = seed};
    const struct ebb_network *net = t->n.net;
    size_t n = 0;
    t->how = ebb_engine_options_default();
    t->how.mode = (enum ebb_engine_mode)(seed % 3);
    t->how.single = seed % 4 == 3;
    t->how.slice = 64;
    for (size_t k = 1; k < net->n_populations && n < PROBES / 2; k++) {
        t->probe[n++] = (struct ebb_probe){.state = EBB_STATE_V,
                                           .where = k,
                                           .n = net->populations[k].n,
                                           .every = 1};
    }
    for (size_t k = 0; k < net->n_projections && n < PROBES; k++) {
        size_t source = net->projections[k].source;
        t->probe[n++] = (struct ebb_probe){.state = EBB_STATE_F,
                                           .where = k,
                                           .n = net->populations[source].n,
                                           .every = 3};
    }
    t->how.probes = t->probe;
    t->how.n_probes = seed % 2 ? n : 0;
    ebb_tick last = t->n.input.n ? t->n.input.at[t->n.input.n - 1].tick : 0;
    t->n.ticks = last + 40 < t->n.ticks ? last + 40 : t->n.ticks;
    t->at = ebb_random_below(&r, (uint32_t)t->n.ticks + 1);
}

static struct ebb_cluster *make(const struct trial *t, struct log *l,
                                size_t threads)
{
    struct ebb_cluster *c;
    struct ebb_cluster_options how = {.engine = t->how, .threads = threads};
    l->probe = t->probe;
    how.engine.sink = (struct ebb_run_sink){
        .self = l, .spikes = log_spikes, .state = log_states};
    ck_assert_msg(ebb_cluster_create(&c, t->n.net, &how) == EBB_OK,
                  "seed %llu: %s", (unsigned long long)t->seed,
                  ebb_error_message());
    return c;
}

static void run(struct ebb_cluster *c, const struct trial *t, ebb_tick until)
{
    const struct ebb_events *in = &t->n.input;
    size_t first = 0;
    while (first < in->n && in->at[first].tick < ebb_cluster_now(c)) {
        first++;
    }
    ck_assert_int_eq(ebb_cluster_input(c, 0,
                                       first < in->n ? in->at + first : NULL,
                                       in->n - first),
                     EBB_OK);
    ck_assert_msg(ebb_cluster_run(c, until) == EBB_OK, "seed %llu: %s",
                  (unsigned long long)t->seed, ebb_error_message());
}

/* Up to `at` on some threads; the parts that they leave. */
static size_t save(const struct trial *t, size_t threads,
                   struct snapshot_store *store)
{
    struct log none = {.from = EBB_TICK_NEVER};
    struct ebb_cluster *c = make(t, &none, threads);
    run(c, t, t->at);
    size_t n = ebb_cluster_threads(c);
    for (size_t k = 0; k < n; k++) {
        struct ebb_snapshot_sink sink = snapshot_store_sink(&store[k]);
        ck_assert_msg(ebb_cluster_save(c, k, HASH, &sink) == EBB_OK, "%s",
                      ebb_error_message());
    }
    ebb_cluster_destroy(c);
    return n;
}

static struct ebb_counters go_on(const struct trial *t, size_t threads,
                                 struct snapshot_store *store, size_t n,
                                 struct log *l)
{
    struct snapshot_parts parts = {.store = store, .n = n};
    struct ebb_snapshot_source source = snapshot_store_source(&parts);
    struct ebb_cluster *c = make(t, l, threads);
    ck_assert_msg(ebb_cluster_load(c, HASH, &source) == EBB_OK, "seed %llu: %s",
                  (unsigned long long)t->seed, ebb_error_message());
    ck_assert_uint_eq(ebb_cluster_now(c), t->at);
    l->from = t->at;
    run(c, t, t->n.ticks);
    struct ebb_counters counters = ebb_cluster_counters(c);
    ebb_cluster_destroy(c);
    return counters;
}

static void compare(const struct trial *t, const struct log *a,
                    const struct log *b, size_t before, size_t after)
{
    size_t k = 0, most = a->n < b->n ? a->n : b->n;
    while (k < most && a->word[k] == b->word[k]) {
        k++;
    }
    CHECK_EACH(k == a->n && k == b->n,
               "seed %llu, tick %llu, %zu threads, then %zu: word %zu of %zu "
               "and %zu differs",
               (unsigned long long)t->seed, (unsigned long long)t->at, before,
               after, k, b->n, a->n);
}

/* Each share has a queue, and looks at ticks, of its own. */
static bool same_work(struct ebb_counters a, struct ebb_counters b)
{
    a.queue_operations = b.queue_operations = 0;
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static void check_trial(const struct trial *t)
{
    static const size_t counts[][2] = {{1, 1}, {1, 2}, {2, 1},
                                       {2, 3}, {3, 5}, {5, 2}};
    struct log whole = {.from = t->at};
    struct ebb_cluster *c = make(t, &whole, 1);
    run(c, t, t->n.ticks);
    struct ebb_counters a = ebb_cluster_counters(c);
    ebb_cluster_destroy(c);
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        struct snapshot_store store[THREADS] = {{0}};
        struct log apart = {.from = EBB_TICK_NEVER};
        size_t n = save(t, counts[k][0], store);
        ck_assert_uint_eq(n, counts[k][0]);
        struct ebb_counters b = go_on(t, counts[k][1], store, n, &apart);
        compare(t, &whole, &apart, counts[k][0], counts[k][1]);
        CHECK_EACH(same_work(a, b),
                   "seed %llu, tick %llu, %zu threads, then %zu: counters",
                   (unsigned long long)t->seed, (unsigned long long)t->at,
                   counts[k][0], counts[k][1]);
        for (size_t i = 0; i < n; i++) {
            snapshot_store_finish(&store[i]);
        }
        ebb_mem_free(apart.word);
    }
    ebb_mem_free(whole.word);
}

static void check_network(uint64_t seed)
{
    struct trial t;
    draw_trial(&t, seed);
    check_trial(&t);
    random_network_finish(&t.n);
}

START_TEST(a_run_goes_on_on_another_number_of_threads)
{
    const char *asked = getenv("EBB_NETWORKS"), *start = getenv("EBB_SEED");
    uint64_t n = asked ? strtoull(asked, NULL, 10) : 4;
    uint64_t first = start ? strtoull(start, NULL, 10) : 0;
    for (uint64_t seed = first; seed < first + n; seed++) {
        check_network(seed);
    }
}
END_TEST

/* Of several stages, and saved where a tick passes in which nothing happens:
 * it is not looked at after the load either. */
START_TEST(a_silent_first_tick_stays_unvisited)
{
    enum { SEED = 312 };
    check_network(SEED);
}
END_TEST

RUN_SUITE("unit", "cluster_state", a_run_goes_on_on_another_number_of_threads,
          a_silent_first_tick_stays_unvisited)
