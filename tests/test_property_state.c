/* tests/test_property_state.c - runs that are saved and gone on with by another
 * engine, on networks of every kind: the bits of a run that was not. */
#include "core/memory.h"
#include "core/random.h"
#include "sim/engine_state.h"
#include "tests/random_network.h"
#include "tests/run_suite.h"
#include "tests/snapshot_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBES = 64, HASH = 1234 };

/* What a run tells from tick `from` on, word by word. */
struct log {
    ebb_tick from;
    uint64_t *word;
    size_t n, room;
};

/* One way of running one network. */
struct trial {
    struct random_network n;
    struct ebb_engine_options how;
    struct ebb_probe probe[PROBES];
    uint64_t seed;
    ebb_tick at; /* where it is saved */
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

/* The width of a probe is known to both runs: words of its values will do. */
struct probing {
    struct log *log;
    const struct ebb_probe *probe;
};

static ebb_status log_probe(void *self, size_t population, ebb_tick tick,
                            const ebb_neuron_id *node, const double *value,
                            size_t n)
{
    return log_spikes(((struct probing *)self)->log, population, tick, node,
                      value, n);
}

static ebb_status log_states(void *self, size_t probe, ebb_tick tick,
                             const double *value)
{
    struct probing *p = self;
    if (tick >= p->log->from) {
        note(p->log, ~(tick << 8 | probe));
        note_values(p->log, value, p->probe[probe].n);
    }
    return EBB_OK;
}

static void draw_probes(struct trial *t, struct ebb_random *r)
{
    static const enum ebb_state states[] = {EBB_STATE_V, EBB_STATE_R,
                                            EBB_STATE_I};
    size_t n = 0;
    const struct ebb_network *net = t->n.net;
    bool f = ebb_random_below(r, 2);
    for (size_t k = 1; k < net->n_populations && n + 3 < PROBES; k++) {
        for (size_t s = 0; s < 3; s++) {
            t->probe[n++] = (struct ebb_probe){.state = states[s],
                                               .where = k,
                                               .n = net->populations[k].n,
                                               .every = 1};
        }
    }
    for (size_t k = 0; f && k < net->n_projections && n < PROBES; k++) {
        size_t source = net->projections[k].source;
        t->probe[n++] = (struct ebb_probe){.state = EBB_STATE_F,
                                           .where = k,
                                           .n = net->populations[source].n,
                                           .every = 1 + ebb_random_below(r, 3)};
    }
    t->how.probes = t->probe;
    t->how.n_probes = n;
}

static void draw_trial(struct trial *t,
                       struct random_network (*draw)(uint64_t seed),
                       uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 210);
    *t = (struct trial){.n = draw(seed), .seed = seed};
    t->how = ebb_engine_options_default();
    t->how.mode = (enum ebb_engine_mode)(seed % 3);
    t->how.single = ebb_random_below(&r, 3) == 0;
    t->how.slice = ebb_random_below(&r, 2) ? 64 : 0;
    t->how.drop = ebb_random_below(&r, 8) ? 0 : 1e-6;
    if (ebb_random_below(&r, 2)) {
        draw_probes(t, &r);
    }
    ebb_tick last = t->n.input.n ? t->n.input.at[t->n.input.n - 1].tick : 0;
    last = ebb_random_below(&r, 4) || last + 8 > t->n.ticks ? t->n.ticks
                                                            : last + 8;
    t->at = ebb_random_below(&r, (uint32_t)last + 1);
    if (ebb_random_below(&r, 2) && t->n.input.n > 0) {
        uint32_t k = ebb_random_below(&r, (uint32_t)t->n.input.n);
        t->at = t->n.input.at[k].tick + ebb_random_below(&r, 4);
    }
    t->at = t->at < t->n.ticks ? t->at : t->n.ticks;
}

static struct ebb_engine *make(const struct trial *t, struct probing *p)
{
    struct ebb_engine *e;
    struct ebb_engine_options how = t->how;
    how.sink = (struct ebb_run_sink){
        .self = p, .spikes = log_probe, .state = log_states};
    ck_assert_msg(ebb_engine_create(&e, t->n.net, &how) == EBB_OK,
                  "seed %llu: %s", (unsigned long long)t->seed,
                  ebb_error_message());
    return e;
}

static void feed(struct ebb_engine *e, const struct trial *t)
{
    const struct ebb_events *in = &t->n.input;
    size_t first = 0;
    while (first < in->n && in->at[first].tick < ebb_engine_now(e)) {
        first++;
    }
    ck_assert_int_eq(ebb_engine_input(e, 0,
                                      first < in->n ? in->at + first : NULL,
                                      in->n - first),
                     EBB_OK);
}

static void run_to(struct ebb_engine *e, const struct trial *t, ebb_tick tick)
{
    ck_assert_msg(ebb_engine_run(e, tick) == EBB_OK, "seed %llu: %s",
                  (unsigned long long)t->seed, ebb_error_message());
}

static void save(const struct ebb_engine *e, struct snapshot_store *to)
{
    struct ebb_snapshot_sink sink = snapshot_store_sink(to);
    ck_assert_msg(ebb_engine_save(e, HASH, &sink) == EBB_OK, "%s",
                  ebb_error_message());
}

static void load(struct ebb_engine *e, const struct trial *t,
                 struct snapshot_store *from)
{
    struct snapshot_parts parts = {.store = from, .n = 1};
    struct ebb_snapshot_source source = snapshot_store_source(&parts);
    ck_assert_msg(ebb_engine_load(e, HASH, &source) == EBB_OK, "seed %llu: %s",
                  (unsigned long long)t->seed, ebb_error_message());
}

static void compare(const struct trial *t, const struct log *a,
                    const struct log *b, const char *what)
{
    for (size_t k = 0; k < a->n && k < b->n; k++) {
        CHECK_EACH(a->word[k] == b->word[k],
                   "seed %llu, saved at tick %llu: %s: word %zu of %zu is "
                   "%016llx, without the interruption %016llx",
                   (unsigned long long)t->seed, (unsigned long long)t->at, what,
                   k, a->n, (unsigned long long)b->word[k],
                   (unsigned long long)a->word[k]);
    }
    CHECK_EACH(a->n == b->n,
               "seed %llu, saved at tick %llu: %s: %zu words, "
               "without the interruption %zu",
               (unsigned long long)t->seed, (unsigned long long)t->at, what,
               b->n, a->n);
}

/* Never interrupted: what it tells from `at` on, and how it ends. */
static struct ebb_counters run_whole(const struct trial *t, struct log *l,
                                     struct snapshot_store *end)
{
    struct probing p = {l, t->probe};
    struct ebb_engine *e = make(t, &p);
    l->from = t->at;
    feed(e, t);
    run_to(e, t, t->n.ticks);
    struct ebb_counters c = ebb_engine_counters(e);
    save(e, end);
    ebb_engine_destroy(e);
    return c;
}

/* Saved at `at` and gone on with by an engine that has been elsewhere. */
static struct ebb_counters run_apart(const struct trial *t, struct log *l,
                                     struct snapshot_store *middle,
                                     struct snapshot_store *end)
{
    struct log none = {.from = EBB_TICK_NEVER};
    struct probing first = {&none, t->probe}, second = {l, t->probe};
    struct ebb_engine *e = make(t, &first);
    feed(e, t);
    run_to(e, t, t->at);
    save(e, middle);
    ebb_engine_destroy(e);
    e = make(t, &second);
    l->from = EBB_TICK_NEVER;
    if (t->seed % 2) {
        feed(e, t);
        run_to(e, t, t->n.ticks / 2);
    }
    load(e, t, middle);
    ck_assert_uint_eq(ebb_engine_now(e), t->at);
    l->from = t->at;
    feed(e, t);
    run_to(e, t, t->n.ticks);
    struct ebb_counters c = ebb_engine_counters(e);
    save(e, end);
    ebb_engine_destroy(e);
    return c;
}

static bool same_counters(const struct ebb_counters *a,
                          const struct ebb_counters *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static void check_trial(const struct trial *t)
{
    struct log whole = {0}, apart = {0};
    struct snapshot_store middle = {0}, whole_end = {0}, apart_end = {0};
    struct ebb_counters a = run_whole(t, &whole, &whole_end);
    struct ebb_counters b = run_apart(t, &apart, &middle, &apart_end);
    compare(t, &whole, &apart, "spikes and states");
    CHECK_EACH(same_counters(&a, &b),
               "seed %llu, saved at tick %llu: counters differ",
               (unsigned long long)t->seed, (unsigned long long)t->at);
    const char *differs = snapshot_store_differ(&whole_end, &apart_end);
    CHECK_EACH(!differs,
               "seed %llu, saved at tick %llu: '%s' differs at the "
               "end",
               (unsigned long long)t->seed, (unsigned long long)t->at, differs);
    snapshot_store_finish(&middle);
    snapshot_store_finish(&whole_end);
    snapshot_store_finish(&apart_end);
    ebb_mem_free(whole.word);
    ebb_mem_free(apart.word);
}

static void check_networks(struct random_network (*draw)(uint64_t seed),
                           uint64_t standard)
{
    const char *asked = getenv("EBB_NETWORKS"), *start = getenv("EBB_SEED");
    uint64_t networks = asked ? strtoull(asked, NULL, 10) : standard;
    uint64_t first = start ? strtoull(start, NULL, 10) : 0;
    for (uint64_t seed = first; seed < first + networks; seed++) {
        struct trial t;
        draw_trial(&t, draw, seed);
        check_trial(&t);
        random_network_finish(&t.n);
    }
}

START_TEST(a_loaded_run_gives_the_bits_of_one_that_went_on)
{
    check_networks(random_network_draw, 400);
}
END_TEST

START_TEST(a_loaded_run_gives_the_same_bits_where_networks_convolve)
{
    check_networks(random_network_draw_spatial, 200);
}
END_TEST

/* Numbers from .. from + n of an array. */
static void copy_part(struct snapshot_store *to, const struct snapshot_array *a,
                      size_t first, size_t n)
{
    struct ebb_snapshot_sink sink = snapshot_store_sink(to);
    size_t bytes = ebb_snapshot_bytes(a->type);
    ck_assert_int_eq(
        sink.put(sink.self, a->name, a->type, a->at + first * bytes, n),
        EBB_OK);
}

static bool is_of(const char *name, const struct ebb_population *p,
                  const char *what)
{
    char full[EBB_SNAPSHOT_NAME_BYTES];
    snprintf(full, sizeof(full), "populations/%s/%s", p->name, what);
    return strcmp(name, full) == 0;
}

/* What a job of two shares would have left of a population of more than one
 * slice: the neurons below `cut`, or the others. */
static void split_array(struct snapshot_store *to,
                        const struct snapshot_array *a,
                        const struct ebb_population *p, size_t cut, bool low)
{
    struct ebb_snapshot_sink sink = snapshot_store_sink(to);
    size_t first = low ? 0 : cut, n = low ? cut : p->n - cut;
    size_t tiles = (n + 63) / 64;
    const uint64_t own[2] = {first, first + n};
    if (is_of(a->name, p, "own")) {
        ck_assert_int_eq(sink.put(sink.self, a->name, a->type, own, 2), EBB_OK);
    } else if (is_of(a->name, p, "tile")) {
        copy_part(to, a, first / 64 * 5, tiles * 5);
    } else if (is_of(a->name, p, "tile_open")) {
        copy_part(to, a, first / 64, tiles);
    } else if (is_of(a->name, p, "done") || is_of(a->name, p, "wake") ||
               is_of(a->name, p, "held") ||
               strstr(a->name, "/state_") != NULL) {
        copy_part(to, a, first, n);
    } else { /* lists: each part may have more than its own */
        copy_part(to, a, 0, a->n);
    }
}

/* In two parts; false: no population has two slices. */
static bool split(const struct trial *t, const struct snapshot_store *whole,
                  struct snapshot_store parts[2])
{
    bool any = false;
    for (size_t k = 0; k < whole->n; k++) {
        const struct snapshot_array *a = &whole->array[k];
        const struct ebb_population *p = NULL;
        for (size_t i = 1; i < t->n.net->n_populations; i++) {
            char start[EBB_SNAPSHOT_NAME_BYTES];
            snprintf(start, sizeof(start), "populations/%s/",
                     t->n.net->populations[i].name);
            bool own = strncmp(a->name, start, strlen(start)) == 0;
            p = own ? &t->n.net->populations[i] : p;
        }
        bool shared = strstr(a->name, "/flight_") != NULL ||
                      strncmp(a->name, "run/", 4) == 0;
        bool counters = strcmp(a->name, "run/counters") == 0;
        bool divides = p && p->n > 64 && !shared;
        any = any || divides;
        for (size_t part = 0; part < 2; part++) {
            if (divides) {
                split_array(&parts[part], a, p, 64, part == 0);
            } else if (counters && part == 1) {
                struct ebb_snapshot_sink sink = snapshot_store_sink(&parts[1]);
                const uint64_t none[64] = {0};
                ck_assert_int_eq(
                    sink.put(sink.self, a->name, a->type, none, a->n), EBB_OK);
            } else if (shared || part == (p ? (size_t)p->n % 2 : 0)) {
                copy_part(&parts[part], a, 0, a->n);
            }
        }
    }
    return any;
}

/* Parts of two shares, the second of them first where that is possible. */
static size_t check_split(const struct trial *t)
{
    struct log whole = {0}, apart = {0}, none = {.from = EBB_TICK_NEVER};
    struct snapshot_store end = {0}, middle = {0}, last = {0};
    struct snapshot_store pair[2] = {{0}};
    struct snapshot_parts parts = {.store = pair, .n = 2};
    struct ebb_snapshot_source source = snapshot_store_source(&parts);
    struct probing first = {&none, t->probe}, second = {&apart, t->probe};
    run_whole(t, &whole, &end);
    struct ebb_engine *e = make(t, &first);
    feed(e, t);
    run_to(e, t, t->at);
    save(e, &middle);
    ebb_engine_destroy(e);
    bool divided = split(t, &middle, pair);
    e = make(t, &second);
    apart.from = t->at;
    CHECK_EACH(ebb_engine_load(e, HASH, &source) == EBB_OK, "seed %llu: %s",
               (unsigned long long)t->seed, ebb_error_message());
    feed(e, t);
    run_to(e, t, t->n.ticks);
    save(e, &last);
    compare(t, &whole, &apart, "put together from two parts");
    const char *differs = snapshot_store_differ(&end, &last);
    CHECK_EACH(!differs, "seed %llu: '%s' differs", (unsigned long long)t->seed,
               differs);
    source.n_parts = 1; /* and the other one is missed */
    ebb_status status = ebb_engine_load(e, HASH, &source);
    CHECK_EACH(!divided || status == EBB_ERR_FORMAT, "seed %llu: status %d",
               (unsigned long long)t->seed, (int)status);
    ebb_engine_destroy(e);
    snapshot_store_finish(&end);
    snapshot_store_finish(&middle);
    snapshot_store_finish(&last);
    snapshot_store_finish(&pair[0]);
    snapshot_store_finish(&pair[1]);
    ebb_mem_free(whole.word);
    ebb_mem_free(apart.word);
    return divided;
}

START_TEST(parts_of_several_engines_are_put_together)
{
    size_t divided = 0;
    for (uint64_t seed = 0; seed < 2000 && divided < 25; seed++) {
        struct trial t;
        draw_trial(&t, random_network_draw, seed);
        bool large = false;
        for (size_t k = 1; k < t.n.net->n_populations; k++) {
            large = large || t.n.net->populations[k].n > 64;
        }
        t.how.slice = 64;
        if (large) {
            divided += check_split(&t);
        }
        random_network_finish(&t.n);
    }
    ck_assert_uint_eq(divided, 25);
}
END_TEST

static uint64_t odd_word(struct ebb_random *r, uint64_t was, ebb_tick now)
{
    const uint64_t odd[] = {
        0,          1,          UINT64_MAX, UINT64_MAX - 1, now,
        now - 1,    now + 1,    was + 1,    was - 1,        was ^ 1,
        1ULL << 32, 1ULL << 63, ~was,       0x7ff0ULL << 48};
    size_t k = ebb_random_below(r, sizeof(odd) / sizeof(odd[0]) + 2);
    return k < sizeof(odd) / sizeof(odd[0])
               ? odd[k]
               : was ^ (uint64_t)1 << ebb_random_below(r, 64);
}

/* A number that is another one, or an array that is shorter or not there. */
static void damage(struct snapshot_store *s, struct ebb_random *r, ebb_tick now)
{
    struct snapshot_array *a = &s->array[ebb_random_below(r, (uint32_t)s->n)];
    size_t bytes = ebb_snapshot_bytes(a->type);
    uint64_t word = 0;
    if (ebb_random_below(r, 12) == 0) {
        a->name[0] = 'X';
        return;
    }
    if (a->n == 0) {
        return;
    }
    if (ebb_random_below(r, 12) == 0) {
        a->n--;
        return;
    }
    unsigned char *at = a->at + bytes * ebb_random_below(r, (uint32_t)a->n);
    memcpy(&word, at, bytes);
    word = odd_word(r, word, now);
    memcpy(at, &word, bytes);
}

/* Whatever was saved: it is refused, or some run goes on and ends. */
static void try_damaged(const struct trial *t, uint64_t number, size_t *loaded)
{
    struct ebb_random r = ebb_random_stream(number, EBB_RANDOM_TEST, 213);
    struct log none = {.from = EBB_TICK_NEVER};
    struct probing probing = {&none, t->probe};
    struct snapshot_store store = {0};
    struct snapshot_parts parts = {.store = &store, .n = 1};
    struct ebb_snapshot_source source = snapshot_store_source(&parts);
    struct ebb_engine *e = make(t, &probing);
    feed(e, t);
    run_to(e, t, t->at);
    save(e, &store);
    for (size_t k = 1 + ebb_random_below(&r, 3); k > 0; k--) {
        damage(&store, &r, t->at);
    }
    ebb_status status = ebb_engine_load(e, HASH, &source);
    CHECK_EACH(
        status == EBB_OK || status == EBB_ERR_FORMAT || status == EBB_ERR_ARG,
        "number %llu: %s", (unsigned long long)number, ebb_error_message());
    ebb_tick end = t->at + 300;
    if (status == EBB_OK && ebb_engine_now(e) <= end) {
        ++*loaded;
        status = ebb_engine_run(e, end);
        CHECK_EACH(status == EBB_OK || status == EBB_ERR_DIVERGED,
                   "number %llu: %s", (unsigned long long)number,
                   ebb_error_message());
    }
    ebb_engine_destroy(e);
    snapshot_store_finish(&store);
}

START_TEST(damaged_states_are_refused_or_run_and_end)
{
    const char *asked = getenv("EBB_NETWORKS");
    uint64_t n = asked ? strtoull(asked, NULL, 10) : 400;
    size_t loaded = 0;
    for (uint64_t k = 0; k < n; k++) {
        struct trial t;
        draw_trial(
            &t, k % 2 ? random_network_draw : random_network_draw_spatial, k);
        t.at = t.at < 400 ? t.at : 400;
        try_damaged(&t, k, &loaded);
        random_network_finish(&t.n);
    }
    printf("%zu of %llu damaged states were loaded\n", loaded,
           (unsigned long long)n);
    ck_assert(n < 100 || loaded > n / 10);
    ck_assert(n < 100 || loaded < n * 9 / 10);
}
END_TEST

RUN_SUITE("property", "state", parts_of_several_engines_are_put_together,
          damaged_states_are_refused_or_run_and_end,
          a_loaded_run_gives_the_bits_of_one_that_went_on,
          a_loaded_run_gives_the_same_bits_where_networks_convolve)
