/* sim/cluster.c - windows: run, exchange, agree on what comes next. */
#include "sim/cluster_parts.h"
#include "sim/engine_state.h"

#include "core/denormals.h"

#include <stdio.h>
#include <string.h>

#if EBB_HAVE_OPENMP
#include <omp.h>
#endif

/* Words of a process in an exchange, before those of its threads' spikes. */
enum { SAID_STATUS, SAID_STOP, SAID_NEXT, SAID_LENGTH = SAID_NEXT + 2 };

size_t ebb_cluster_processors(void)
{
#if EBB_HAVE_OPENMP
    return (size_t)omp_get_num_procs();
#else
    return 1;
#endif
}

static void run_member(struct ebb_cluster *c, struct member *m,
                       ebb_status (*work)(struct ebb_cluster *,
                                          struct member *))
{
    ebb_denormals_flush();
    m->status = work(c, m);
    if (m->status != EBB_OK) {
        snprintf(m->text, sizeof(m->text), "%s", ebb_error_message());
    }
}

ebb_status cluster_each(struct ebb_cluster *c,
                        ebb_status (*work)(struct ebb_cluster *,
                                           struct member *))
{
#if EBB_HAVE_OPENMP
#pragma omp parallel for schedule(static, 1) num_threads((int)c->team)
#endif
    for (size_t k = 0; k < c->threads; k++) {
        run_member(c, &c->member[k], work);
    }
    for (size_t k = 0; k < c->threads; k++) {
        if (c->member[k].status != EBB_OK) {
            return EBB_FAIL(c->member[k].status, "%s", c->member[k].text);
        }
    }
    return EBB_OK;
}

ebb_status ebb_cluster_create(struct ebb_cluster **out,
                              const struct ebb_network *net,
                              const struct ebb_cluster_options *options)
{
    *out = NULL;
    struct ebb_cluster *c = ebb_mem_calloc(1, sizeof(*c));
    if (!c) {
        ebb_status status =
            EBB_FAIL(EBB_ERR_NOMEM, "no memory for several engines");
        return options->exchange ? ebb_exchange_agree(options->exchange, status)
                                 : status;
    }
    c->net = net;
    c->options = *options;
    c->exchange = options->exchange ? *options->exchange : ebb_exchange_alone();
    c->threads = options->threads ? options->threads : 1;
    c->shares = c->threads * c->exchange.ranks;
    ebb_status status = cluster_build(c);
    if (status != EBB_OK) {
        ebb_cluster_destroy(c);
        return status;
    }
    *out = c;
    return EBB_OK;
}

void ebb_cluster_destroy(struct ebb_cluster *c)
{
    if (!c) {
        return;
    }
    for (size_t k = 0; c->member && k < c->threads; k++) {
        ebb_engine_destroy(c->member[k].engine);
    }
    ebb_engine_destroy(c->alone);
    volleys_finish(&c->book);
    ebb_mem_free(c->said);
    ebb_arena_destroy(c->arena);
    ebb_mem_free(c);
}

static ebb_status reset_member(struct ebb_cluster *c, struct member *m)
{
    (void)c;
    return ebb_engine_reset(m->engine);
}

ebb_status ebb_cluster_reset(struct ebb_cluster *c)
{
    if (c->alone) {
        return ebb_engine_reset(c->alone);
    }
    c->now = c->next = c->start = c->end = 0;
    c->failed = c->stop = c->all_stop = c->begun = false;
    c->broken = EBB_OK;
    volleys_clear(&c->book);
    c->given = 0;
    c->ticks_visited = 0;
    return cluster_each(c, reset_member);
}

ebb_status ebb_cluster_input(struct ebb_cluster *c, size_t population,
                             const struct ebb_event *events, size_t n)
{
    if (c->alone) {
        return ebb_engine_input(c->alone, population, events, n);
    }
    for (size_t k = 0; k < c->threads; k++) {
        EBB_TRY(ebb_engine_input(c->member[k].engine, population, events, n));
    }
    if (n > 0 && events[0].tick < c->next) {
        c->next = events[0].tick;
    }
    return EBB_OK;
}

/* A share takes the spikes that it does not have yet, and goes on. */
static ebb_status step_member(struct ebb_cluster *c, struct member *m)
{
    const struct stage *stage = &c->stage[c->under_way];
    EBB_TRY(engine_share_receive(m->engine, &c->book, c->given, c->book.n));
    if (c->under_way == 0) {
        engine_share_begin(m->engine, c->start);
    }
    m->out->fired.n = 0;
    EBB_TRY(c->n_stages == 1
                ? engine_share_run(m->engine, c->end)
                : engine_share_stage(m->engine, stage->from, stage->to));
    m->next = engine_share_next(m->engine);
    return EBB_OK;
}

static ebb_tick first_of(ebb_tick a, ebb_tick b)
{
    return a < b ? a : b;
}

/* What this process has to say, with its spikes or without. */
static ebb_status say(struct ebb_cluster *c, bool spikes, size_t *n)
{
    ebb_tick next = EBB_TICK_NEVER;
    size_t head = SAID_LENGTH + c->threads, words = head;
    bool fine = c->broken == EBB_OK, full = fine && spikes;
    for (size_t k = 0; fine && k < c->threads; k++) {
        words += full ? c->member[k].out->fired.n : 0;
        next = first_of(next, c->member[k].next);
    }
    if (words > c->said_room) {
        EBB_TRY(ebb_mem_grow(&c->said, &c->said_room, words, sizeof(*c->said)));
    }
    c->said[SAID_STATUS] = (uint32_t)c->broken;
    c->said[SAID_STOP] = c->stop;
    c->said[SAID_NEXT] = (uint32_t)(next >> 32);
    c->said[SAID_NEXT + 1] = (uint32_t)next;
    *n = head;
    for (size_t k = 0; k < c->threads; k++) {
        const struct volley_words *own = &c->member[k].out->fired;
        size_t length = full ? own->n : 0;
        c->said[SAID_LENGTH + k] = (uint32_t)length;
        if (length > 0) {
            memcpy(c->said + *n, own->at, length * sizeof(*own->at));
        }
        *n += length;
    }
    return EBB_OK;
}

/* The words of a process are those of its threads. */
static ebb_status take_apart(struct ebb_cluster *c, size_t rank)
{
    struct ebb_exchange_words words = c->heard[rank];
    size_t at = SAID_LENGTH + c->threads;
    for (size_t k = 0; k < c->threads; k++) {
        size_t n = at <= words.n ? words.at[SAID_LENGTH + k] : 0;
        if (at > words.n || n > words.n - at) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "rank %zu sent %zu words, fewer than it said", rank,
                            words.n);
        }
        c->part[rank * c->threads + k] =
            (struct volley_part){.at = words.at + at, .n = n};
        at += n;
    }
    return EBB_OK;
}

static void note_broken(struct ebb_cluster *c, ebb_status status)
{
    if (status != EBB_OK && c->broken == EBB_OK) {
        c->broken = status;
        snprintf(c->why, sizeof(c->why), "%s", ebb_error_message());
    }
}

static ebb_status report_broken(const struct ebb_cluster *c)
{
    return c->broken == EBB_OK ? EBB_OK : EBB_FAIL(c->broken, "%s", c->why);
}

/* All processes meet; c->part gets what their shares said, c->next what they
 * have to do by themselves. One that failed may stand elsewhere than the
 * others: so each meeting begins with the same words, and nobody goes on from
 * one in which somebody failed. */
static ebb_status meet(struct ebb_cluster *c, bool spikes)
{
    bool broken = false;
    size_t n = 0;
    note_broken(c, say(c, spikes, &n));
    uint32_t last_word[SAID_LENGTH] = {(uint32_t)c->broken};
    EBB_TRY(c->exchange.gather(c->exchange.self, n > 0 ? c->said : last_word,
                               n > 0 ? n : SAID_LENGTH, c->heard));
    c->all_stop = false;
    for (size_t r = 0; r < c->exchange.ranks; r++) {
        struct ebb_exchange_words words = c->heard[r];
        broken =
            broken || words.n < SAID_LENGTH || words.at[SAID_STATUS] != EBB_OK;
        if (!broken) {
            ebb_tick next =
                (ebb_tick)words.at[SAID_NEXT] << 32 | words.at[SAID_NEXT + 1];
            c->next = first_of(c->next, next);
            c->all_stop = c->all_stop || words.at[SAID_STOP];
        }
    }
    if (broken) {
        return ebb_exchange_agree(&c->exchange, report_broken(c));
    }
    for (size_t r = 0; r < c->exchange.ranks; r++) {
        note_broken(c, take_apart(c, r)); /* all see the same */
    }
    return report_broken(c);
}

/* The same where no other process is. */
static ebb_status meet_alone(struct ebb_cluster *c)
{
    EBB_TRY(report_broken(c));
    for (size_t k = 0; k < c->threads; k++) {
        const struct volley_words *own = &c->member[k].out->fired;
        c->part[k] = (struct volley_part){.at = own->at, .n = own->n};
        c->next = first_of(c->next, c->member[k].next);
    }
    return EBB_OK;
}

/* Spikes that the shares do not have yet will be felt. */
static void expect(struct ebb_cluster *c)
{
    for (size_t k = c->given; k < c->book.n; k++) {
        const struct merged_volley *v = &c->book.volley[k];
        ebb_tick lag = c->lag[v->population];
        if (lag != EBB_TICK_NEVER) {
            c->next = first_of(c->next, v->tick + lag);
        }
    }
}

/* A stage of the window, and the exchange after it. */
static ebb_status run_stage(struct ebb_cluster *c, size_t stage)
{
    c->under_way = stage;
    if (c->broken == EBB_OK) {
        note_broken(c, cluster_each(c, step_member));
    }
    if (stage == 0) {
        volleys_clear(&c->book);
    }
    c->given = c->book.n;
    c->next = EBB_TICK_NEVER;
    EBB_TRY(c->exchange.ranks > 1 ? meet(c, true) : meet_alone(c));
    note_broken(c, volleys_merge(&c->book, c->net, c->part, c->shares, c->start,
                                 c->end - c->start));
    expect(c);
    return c->exchange.ranks > 1 ? EBB_OK : report_broken(c);
}

static ebb_status run_window(struct ebb_cluster *c, ebb_tick start,
                             ebb_tick end)
{
    c->start = start;
    c->end = end;
    for (size_t k = 0; k < c->n_stages; k++) {
        EBB_TRY(run_stage(c, k));
    }
    c->now = end;
    c->next = c->next > end ? c->next : end;
    if (c->broken == EBB_OK) {
        note_broken(c, cluster_tell(c));
    }
    return c->exchange.ranks > 1 ? EBB_OK : report_broken(c);
}

static ebb_status catch_up(struct ebb_cluster *c, struct member *m)
{
    EBB_TRY(engine_share_receive(m->engine, &c->book, c->given, c->book.n));
    engine_share_skip(m->engine, c->now);
    return EBB_OK;
}

/* All shares have all spikes and stand at the same tick; all processes know
 * how the others fared. */
static ebb_status settle(struct ebb_cluster *c)
{
    const struct ebb_run_sink *sink = &c->options.engine.sink;
    if (c->broken == EBB_OK) {
        note_broken(c, cluster_each(c, catch_up));
        c->given = c->book.n;
    }
    if (c->broken == EBB_OK && sink->advance && !c->stop && !c->all_stop) {
        ebb_status status = sink->advance(sink->self, c->now);
        c->stop = status == EBB_ERR_STOPPED;
        note_broken(c, c->stop ? EBB_OK : status);
    }
    EBB_TRY(c->exchange.ranks > 1 ? meet(c, false) : report_broken(c));
    if (c->exchange.rank == 0) { /* to be saved by one of them */
        engine_share_count_ticks(c->member[0].engine, c->ticks_visited,
                                 c->now - c->ticks_visited);
    }
    bool stop = c->stop || c->all_stop;
    c->stop = c->all_stop = false;
    return stop ? EBB_FAIL(EBB_ERR_STOPPED, "stopped") : EBB_OK;
}

/* The first tick at which there is something to do, of which nobody has told
 * after a reset or a load. */
static ebb_status find_next(struct ebb_cluster *c)
{
    c->next = EBB_TICK_NEVER;
    for (size_t k = 0; k < c->threads; k++) {
        c->member[k].next = engine_share_next(c->member[k].engine);
        c->next = first_of(c->next, c->member[k].next);
    }
    c->begun = true;
    return c->exchange.ranks > 1 ? meet(c, false) : EBB_OK;
}

static ebb_status run_windows(struct ebb_cluster *c, ebb_tick until)
{
    bool alone = c->exchange.ranks <= 1;
    EBB_TRY(c->begun ? EBB_OK : find_next(c));
    while (c->now < until && !c->all_stop) {
        ebb_tick start = first_of(c->next, until);
        c->now = start;
        if (start < until) {
            ebb_tick left = until - start;
            ebb_tick ticks = first_of(left, c->window);
            EBB_TRY(run_window(c, start, start + ticks));
        }
        c->all_stop = c->all_stop || (alone && c->stop);
    }
    return EBB_OK;
}

ebb_status ebb_cluster_run(struct ebb_cluster *c, ebb_tick until)
{
    if (c->alone) {
        return ebb_engine_run(c->alone, until);
    }
    if (c->failed) {
        return EBB_FAIL(EBB_ERR_ARG, "a run that failed goes on after a reset "
                                     "only");
    }
    ebb_status status = run_windows(c, until);
    if (status == EBB_OK) {
        status = settle(c);
    }
    c->failed = status != EBB_OK && status != EBB_ERR_STOPPED;
    return status;
}

size_t ebb_cluster_threads(const struct ebb_cluster *c)
{
    return c->threads;
}

/* Ticks are counted by the cluster: each engine knows its own alone. */
struct counting {
    const struct ebb_cluster *c;
    const struct ebb_snapshot_sink *sink;
};

static ebb_status put_counted(void *self, const char *name,
                              enum ebb_snapshot_type type, const void *data,
                              size_t n)
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

ebb_status ebb_cluster_save(const struct ebb_cluster *c, size_t thread,
                            uint64_t network_hash,
                            const struct ebb_snapshot_sink *sink)
{
    struct counting counting = {c, sink};
    const struct ebb_snapshot_sink own = {.self = &counting,
                                          .put = put_counted};
    if (c->alone) {
        return ebb_engine_save(c->alone, network_hash, sink);
    }
    return c->failed
               ? EBB_FAIL(EBB_ERR_ARG, "a run that failed cannot be saved")
               : ebb_engine_save(c->member[thread].engine, network_hash, &own);
}

static ebb_status load_all(struct ebb_cluster *c, uint64_t network_hash,
                           const struct ebb_snapshot_source *source)
{
    for (size_t k = 0; k < c->threads; k++) {
        EBB_TRY(ebb_engine_load(c->member[k].engine, network_hash, source));
    }
    return EBB_OK;
}

ebb_status ebb_cluster_load(struct ebb_cluster *c, uint64_t network_hash,
                            const struct ebb_snapshot_source *source)
{
    if (c->alone) {
        return ebb_engine_load(c->alone, network_hash, source);
    }
    ebb_status status = ebb_cluster_reset(c);
    status = status ? status : load_all(c, network_hash, source);
    c->failed = status != EBB_OK;
    EBB_TRY(ebb_exchange_agree(&c->exchange, status));
    c->now = c->next = ebb_engine_now(c->member[0].engine);
    struct ebb_counters first = ebb_engine_counters(c->member[0].engine);
    c->ticks_visited = first.ticks_visited;
    return EBB_OK;
}

ebb_tick ebb_cluster_now(const struct ebb_cluster *c)
{
    return c->alone ? ebb_engine_now(c->alone) : c->now;
}

ebb_tick ebb_cluster_window(const struct ebb_cluster *c)
{
    return c->window;
}

/* Counters are nothing but numbers, one after the other. */
enum { COUNTERS = sizeof(struct ebb_counters) / sizeof(uint64_t) };
_Static_assert(COUNTERS * sizeof(uint64_t) == sizeof(struct ebb_counters),
               "counters of 64 bits");

struct ebb_counters ebb_cluster_counters(const struct ebb_cluster *c)
{
    uint64_t sum[COUNTERS] = {0};
    struct ebb_counters out;
    if (c->alone) {
        return ebb_engine_counters(c->alone);
    }
    for (size_t k = 0; k < c->threads; k++) {
        struct ebb_counters own = ebb_engine_counters(c->member[k].engine);
        uint64_t each[COUNTERS];
        memcpy(each, &own, sizeof(each));
        for (size_t i = 0; i < COUNTERS; i++) {
            sum[i] += each[i];
        }
    }
    memcpy(&out, sum, sizeof(out));
    out.ticks_visited = c->ticks_visited;
    out.ticks_skipped = c->now - c->ticks_visited;
    return out;
}

ebb_status ebb_cluster_total(const struct ebb_cluster *c,
                             struct ebb_counters *out)
{
    uint64_t sum[COUNTERS];
    *out = ebb_cluster_counters(c);
    struct ebb_counters own = *out;
    memcpy(sum, out, sizeof(sum));
    EBB_TRY(ebb_exchange_sum(&c->exchange, sum, COUNTERS));
    memcpy(out, sum, sizeof(*out));
    out->ticks_visited = own.ticks_visited;
    out->ticks_skipped = own.ticks_skipped;
    return EBB_OK;
}

ebb_status ebb_cluster_simulate(struct ebb_counters *counters,
                                const struct ebb_network *net,
                                const struct ebb_cluster_options *options,
                                const struct ebb_event *events, size_t n,
                                ebb_tick ticks)
{
    struct ebb_cluster *c;
    *counters = (struct ebb_counters){0};
    EBB_TRY(ebb_cluster_create(&c, net, options));
    ebb_status status = ebb_cluster_input(c, ebb_network_input(net), events, n);
    status = ebb_exchange_agree(&c->exchange, status);
    if (status == EBB_OK) {
        status = ebb_cluster_run(c, ticks);
    }
    if (status == EBB_OK) {
        status = ebb_cluster_total(c, counters);
    } else {
        *counters = ebb_cluster_counters(c);
    }
    ebb_cluster_destroy(c);
    return status;
}
