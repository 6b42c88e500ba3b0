/* tools/bench/ranks.c - a large network on two processes against one, and what
 * an exchange between them takes.
 *
 * MPI waits by turning round, which takes a core from whoever works: so the
 * second process sleeps while the first one runs alone. */
#include "tools/bench/bench.h"
#include "tools/bench/cores.h"
#include "tools/bench/team_net.h"

#include "core/memory.h"
#include "sim/cluster.h"
#include "tools/progress.h"

#include <math.h>
#include <time.h>

enum { SMALL = 8, MANY = 2000, LARGE = 1 << 18, FEW = 20 };

static const double bar = 1.6;

/* A process of the two. */
struct ranks {
    struct ebb_exchange exchange;
    struct ebb_network *net;
    struct ebb_events input;
    struct ebb_cluster *whole, *halves; /* of this one alone, of both */
    double alone;                       /* s that it took last, rounded up */
};

/* All meet, and hear a number of the first. */
static ebb_status hear(struct ranks *r, uint32_t said, uint32_t *heard)
{
    struct ebb_exchange_words words[2];
    EBB_TRY(r->exchange.gather(r->exchange.self, &said, 1, words));
    *heard = words[0].at[0];
    return EBB_OK;
}

/* The first may work alone for so long (s). Is it the first? */
static bool is_alone(const struct ranks *r, double seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)(1e9 * (seconds - (double)time.tv_sec));
    if (r->exchange.rank != 0) {
        nanosleep(&time, NULL);
    }
    return r->exchange.rank == 0;
}

static ebb_status time_run(struct ranks *r, struct ebb_cluster *c,
                           double *seconds)
{
    EBB_TRY(ebb_cluster_reset(c));
    EBB_TRY(ebb_cluster_input(c, 0, r->input.at, r->input.n));
    double start = ebb_seconds_now();
    EBB_TRY(ebb_cluster_run(c, EBB_TEAM_TICKS));
    *seconds = ebb_seconds_now() - start;
    return EBB_OK;
}

/* Processor time of both so far, s. */
static ebb_status own_seconds(struct ranks *r, double *seconds)
{
    uint64_t us = (uint64_t)(1e6 * ebb_bench_cores_own());
    EBB_TRY(ebb_exchange_sum(&r->exchange, &us, 1));
    *seconds = 1e-6 * (double)us;
    return EBB_OK;
}

/* The whole by the first alone. */
static ebb_status time_one(struct ranks *r, double *seconds)
{
    uint32_t us;
    EBB_TRY(hear(r, (uint32_t)(1e6 * r->alone), &us));
    ebb_status status = EBB_OK;
    if (is_alone(r, 1e-6 * us)) {
        status = time_run(r, r->whole, seconds);
        r->alone = *seconds * 1.2;
    }
    return ebb_exchange_agree(&r->exchange, status);
}

/* The whole by each; the time of the slower one. */
static ebb_status time_each(struct ranks *r, double *seconds)
{
    uint32_t ignored;
    EBB_TRY(time_run(r, r->whole, seconds));
    double start = ebb_seconds_now();
    EBB_TRY(hear(r, 0, &ignored));
    *seconds += ebb_seconds_now() - start;
    return EBB_OK;
}

static ebb_status take_turn(struct ranks *r, struct ebb_bench_turn *turn)
{
    double own;
    EBB_TRY(own_seconds(r, &own));
    struct ebb_bench_watch w = ebb_bench_watch_begin(own);
    EBB_TRY(time_one(r, &turn->one));
    EBB_TRY(time_each(r, &turn->each));
    EBB_TRY(time_run(r, r->halves, &turn->half));
    EBB_TRY(own_seconds(r, &own));
    turn->others = ebb_bench_watch_end(&w, own);
    return EBB_OK;
}

/* Seconds of an exchange of `n` words each. */
static ebb_status time_exchange(struct ranks *r, size_t n, size_t times,
                                double *seconds)
{
    struct ebb_exchange_words out[2];
    uint32_t *words = ebb_mem_calloc(n, sizeof(*words));
    ebb_status status = ebb_exchange_agree(
        &r->exchange, words ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "no memory"));
    double start = 0;
    for (size_t k = 0; status == EBB_OK && k <= times; k++) {
        status = r->exchange.gather(r->exchange.self, words, n, out);
        start = k == 0 ? ebb_seconds_now() : start; /* the first grows rooms */
    }
    *seconds = (ebb_seconds_now() - start) / (double)times;
    ebb_mem_free(words);
    return status;
}

static ebb_status tell_exchanges(struct ebb_bench *bench, struct ranks *r)
{
    const double none = (double)NAN;
    double small, large;
    EBB_TRY(time_exchange(r, SMALL, MANY, &small));
    EBB_TRY(time_exchange(r, LARGE, FEW, &large));
    struct ebb_bench_figure figures[] = {
        {"ranks.exchange", small, "s", none, none, 0},
        {"ranks.bandwidth", LARGE * sizeof(uint32_t) / (large - small), "B/s",
         none, none, 0}};
    for (size_t k = 0; r->exchange.rank == 0 && k < 2; k++) {
        ebb_bench_report(bench, &figures[k]);
    }
    return EBB_OK;
}

static ebb_status prepare(struct ranks *r)
{
    const struct ebb_cluster_options how = {.engine =
                                                ebb_engine_options_default()};
    EBB_TRY(ebb_team_net_create(&r->net));
    EBB_TRY(ebb_team_net_input(&r->input, 1));
    EBB_TRY(ebb_cluster_create(&r->whole, r->net, &how));
    EBB_TRY(time_run(r, r->whole, &r->alone));
    r->alone *= 1.2;
    return EBB_OK;
}

static ebb_status take_turns(struct ranks *r, struct ebb_bench_turns *turns,
                             size_t runs)
{
    uint32_t done = 0;
    while (!done) {
        struct ebb_bench_turn turn = {.one = 0};
        EBB_TRY(take_turn(r, &turn));
        ebb_bench_turns_add(turns, &turn);
        EBB_TRY(hear(r, ebb_bench_turns_are_done(turns, runs), &done));
    }
    return EBB_OK;
}

static ebb_status measure(struct ebb_bench *bench, struct ranks *r)
{
    static const struct ebb_bench_turn_names names = {
        .one = "ranks.one",
        .each = "ranks.one_on_each",
        .half = "ranks.two",
        .cores = "ranks.cores",
        .plain = "ranks.two_of_one"};
    struct ebb_bench_turns turns = {.tried = 0};
    EBB_TRY(ebb_exchange_agree(&r->exchange, prepare(r)));
    struct ebb_cluster_options how = {.engine = ebb_engine_options_default(),
                                      .exchange = &r->exchange};
    EBB_TRY(ebb_cluster_create(&r->halves, r->net, &how));
    EBB_TRY(take_turns(r, &turns, bench->runs));
    if (r->exchange.rank == 0) {
        ebb_bench_turns_report(bench, &turns, &names, bar);
    }
    return tell_exchanges(bench, r);
}

static ebb_status measure_two(struct ebb_bench *bench, struct ranks *r)
{
    EBB_TRY(ebb_exchange_join(&r->exchange));
    return r->exchange.ranks == 2
               ? measure(bench, r)
               : EBB_FAIL(EBB_ERR_ARG,
                          "%zu processes: this suite is of two; start it as "
                          "mpirun -n 2 --bind-to none ebb bench ranks",
                          r->exchange.ranks);
}

static ebb_status run(struct ebb_bench *bench)
{
    struct ranks r = {.exchange = ebb_exchange_alone()};
    ebb_status status = measure_two(bench, &r);
    ebb_cluster_destroy(r.whole);
    ebb_cluster_destroy(r.halves);
    ebb_events_finish(&r.input);
    ebb_network_destroy(r.net);
    ebb_exchange_leave(&r.exchange);
    return status;
}

const struct ebb_bench_suite ebb_bench_ranks = {
    .name = "ranks",
    .summary = "a large network on two processes against one",
    .all_cores = true,
    .run = run};
