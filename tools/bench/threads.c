/* tools/bench/threads.c - a large network on two threads against one. */
#include "tools/bench/bench.h"
#include "tools/bench/cores.h"
#include "tools/bench/team_net.h"

#include "sim/cluster.h"
#include "tools/progress.h"

#include <math.h>
#include <pthread.h>

static const double bar = 1.7;

/* The network, its input, and who runs it. */
struct threads {
    struct ebb_network *net;
    struct ebb_events input;
    struct ebb_cluster *whole[2], *halves; /* of one thread each, of two */
};

/* A run, and how long it took. */
struct timed {
    const struct threads *threads;
    struct ebb_cluster *cluster;
    double seconds;
    ebb_status status;
};

static ebb_status create(struct threads *t, struct ebb_cluster **out,
                         size_t threads)
{
    const struct ebb_cluster_options how = {
        .engine = ebb_engine_options_default(), .threads = threads};
    return ebb_cluster_create(out, t->net, &how);
}

static ebb_status prepare(struct threads *t)
{
    EBB_TRY(ebb_team_net_create(&t->net));
    EBB_TRY(ebb_team_net_input(&t->input, 1));
    EBB_TRY(create(t, &t->whole[0], 1));
    EBB_TRY(create(t, &t->whole[1], 1));
    return create(t, &t->halves, 2);
}

static ebb_status run_cluster(struct timed *run)
{
    const struct ebb_events *input = &run->threads->input;
    EBB_TRY(ebb_cluster_reset(run->cluster));
    EBB_TRY(ebb_cluster_input(run->cluster, 0, input->at, input->n));
    double start = ebb_seconds_now();
    EBB_TRY(ebb_cluster_run(run->cluster, EBB_TEAM_TICKS));
    run->seconds = ebb_seconds_now() - start;
    return EBB_OK;
}

static void *run_beside(void *self)
{
    struct timed *run = self;
    run->status = run_cluster(run);
    return NULL;
}

static ebb_status time_run(struct threads *t, struct ebb_cluster *cluster,
                           double *seconds)
{
    struct timed run = {.threads = t, .cluster = cluster};
    EBB_TRY(run_cluster(&run));
    *seconds = run.seconds;
    return EBB_OK;
}

/* The whole on two threads that know nothing of each other. */
static ebb_status time_both(struct threads *t, double *seconds)
{
    struct timed run = {.threads = t, .cluster = t->whole[0]},
                 other = {.threads = t, .cluster = t->whole[1]};
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_beside, &other) != 0) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no second thread");
    }
    ebb_status status = run_cluster(&run);
    pthread_join(thread, NULL);
    *seconds = fmax(run.seconds, other.seconds);
    return status != EBB_OK ? status : other.status;
}

static ebb_status take_turn(struct threads *t, struct ebb_bench_turn *turn)
{
    struct ebb_bench_watch w = ebb_bench_watch_begin(ebb_bench_cores_own());
    EBB_TRY(time_run(t, t->whole[0], &turn->one));
    EBB_TRY(time_both(t, &turn->each));
    EBB_TRY(time_run(t, t->halves, &turn->half));
    turn->others = ebb_bench_watch_end(&w, ebb_bench_cores_own());
    return EBB_OK;
}

static void report(struct ebb_bench *bench, const struct threads *t,
                   const struct ebb_bench_turns *turns)
{
    static const struct ebb_bench_turn_names names = {
        .one = "threads.one",
        .each = "threads.one_on_each",
        .half = "threads.two",
        .cores = "threads.cores",
        .plain = "threads.two_of_one"};
    const double none = (double)NAN;
    struct ebb_counters c = ebb_cluster_counters(t->halves);
    const struct ebb_bench_figure speed = {"threads.operations",
                                           (double)c.synaptic_operations /
                                               ebb_bench_turns_one(turns),
                                           "/s",
                                           none,
                                           none,
                                           0};
    ebb_bench_report(bench, &speed);
    ebb_bench_turns_report(bench, turns, &names, bar);
}

static ebb_status measure(struct ebb_bench *bench, struct threads *t)
{
    struct ebb_bench_turns turns = {.tried = 0};
    struct ebb_bench_turn turn = {.one = 0};
    EBB_TRY(prepare(t));
    while (!ebb_bench_turns_are_done(&turns, bench->runs)) {
        EBB_TRY(take_turn(t, &turn));
        ebb_bench_turns_add(&turns, &turn);
    }
    report(bench, t, &turns);
    return EBB_OK;
}

static ebb_status run(struct ebb_bench *bench)
{
    struct threads t = {.net = NULL};
    ebb_status status = measure(bench, &t);
    ebb_cluster_destroy(t.whole[0]);
    ebb_cluster_destroy(t.whole[1]);
    ebb_cluster_destroy(t.halves);
    ebb_events_finish(&t.input);
    ebb_network_destroy(t.net);
    return status;
}

const struct ebb_bench_suite ebb_bench_threads = {
    .name = "threads",
    .summary = "a large network on two threads against one",
    .all_cores = true,
    .run = run};
