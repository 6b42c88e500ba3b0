/* tools/bench/shares.c - what a process of many has to do, at two rates: the
 * constants of the model in docs/cluster.md.
 *
 * Processes are threads that meet in memory (tools/bench/lockstep.h), each of
 * which counts the processor time of its own work. With R of them that is
 * A / R + B: what is divided, and what everybody does. */
#include "tools/bench/bench.h"
#include "tools/bench/lockstep.h"
#include "tools/bench/team_net.h"

#include "sim/cluster.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

/* Numbers of processes; the most leave each a single slice of neurons. */
enum { NUMBERS = 4, RATES = 2, MOST = 13 };

static const size_t number[NUMBERS] = {1, 2, 6, MOST};
static const double rate[RATES] = {1, 0.1}; /* Hz */

/* A job of several processes. */
struct job {
    const struct ebb_network *net;
    struct ebb_events input;
    double busy[MOST]; /* s of a processor, by rank */
    double operations; /* of all */
};

/* What was measured at a rate, with numbers of processes. */
struct told {
    double mean[NUMBERS], most[NUMBERS]; /* s of a process */
    double operations, spikes;
    double divided, repeated; /* A and B, s */
};

static double thread_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static ebb_status run_cluster(struct job *j, struct ebb_cluster *c, size_t rank)
{
    EBB_TRY(ebb_cluster_input(c, 0, j->input.at, j->input.n));
    double start = thread_seconds();
    EBB_TRY(ebb_cluster_run(c, EBB_TEAM_TICKS));
    j->busy[rank] = thread_seconds() - start;
    return EBB_OK;
}

static ebb_status work(void *self, const struct ebb_exchange *exchange)
{
    struct job *j = self;
    struct ebb_cluster *c;
    const struct ebb_cluster_options how = {
        .engine = ebb_engine_options_default(), .exchange = exchange};
    EBB_TRY(ebb_cluster_create(&c, j->net, &how));
    ebb_status status = run_cluster(j, c, exchange->rank);
    if (status == EBB_OK && exchange->rank == 0) {
        struct ebb_counters own = ebb_cluster_counters(c);
        j->operations = (double)own.synaptic_operations;
    }
    ebb_cluster_destroy(c);
    return status;
}

/* The median of some runs: the mean and the largest of a job's processes. */
static ebb_status measure_number(struct job *j, size_t ranks, size_t runs,
                                 double *mean, double *most)
{
    double means[99], mosts[99];
    for (size_t k = 0; k < runs; k++) {
        means[k] = mosts[k] = 0;
        EBB_TRY(ebb_lockstep_run(ranks, work, j));
        for (size_t r = 0; r < ranks; r++) {
            means[k] += j->busy[r] / (double)ranks;
            mosts[k] = fmax(mosts[k], j->busy[r]);
        }
    }
    *mean = ebb_bench_median(means, runs);
    *most = ebb_bench_median(mosts, runs);
    return EBB_OK;
}

static ebb_status measure_rate(struct job *j, struct told *told, size_t runs)
{
    for (size_t k = 0; k < NUMBERS; k++) {
        EBB_TRY(
            measure_number(j, number[k], runs, &told->mean[k], &told->most[k]));
        if (number[k] == 1) { /* it counts for all */
            told->operations = j->operations;
        }
    }
    told->spikes = (double)j->input.n;
    const double few = (double)number[1], many = (double)number[NUMBERS - 1];
    told->divided =
        (told->mean[1] - told->mean[NUMBERS - 1]) / (1 / few - 1 / many);
    told->repeated = told->mean[1] - told->divided / few;
    return EBB_OK;
}

static void tell(struct ebb_bench *bench, const char *name, double value,
                 const char *unit, double ratio)
{
    const struct ebb_bench_figure f = {name,  value,       unit,
                                       ratio, (double)NAN, false};
    ebb_bench_report(bench, &f);
}

/* Ratios: to the model. */
static void report(struct ebb_bench *bench, const struct told *told)
{
    const double none = (double)NAN, windows = EBB_TEAM_TICKS / EBB_TEAM_DELAY;
    for (size_t i = 0; i < RATES; i++) {
        for (size_t k = 0; k < NUMBERS; k++) {
            char name[64];
            double n = (double)number[k];
            snprintf(name, sizeof(name), "shares.%g_hz_of_%zu", rate[i],
                     number[k]);
            tell(bench, name, told[i].mean[k], "s",
                 told[i].mean[k] / (told[i].divided / n + told[i].repeated));
            snprintf(name, sizeof(name), "shares.%g_hz_largest_%zu", rate[i],
                     number[k]);
            tell(bench, name, told[i].most[k], "s",
                 told[i].most[k] / told[i].mean[k]);
        }
    }
    double spike = (told[0].repeated - told[1].repeated) /
                   (told[0].spikes - told[1].spikes);
    tell(bench, "shares.operation_1_hz", told[0].divided / told[0].operations,
         "s", none);
    tell(bench, "shares.operation_0.1_hz", told[1].divided / told[1].operations,
         "s", none);
    tell(bench, "shares.spike", spike, "s", none);
    tell(bench, "shares.window",
         (told[1].repeated - spike * told[1].spikes) / windows, "s", none);
}

static ebb_status measure(struct ebb_bench *bench, struct ebb_network *net)
{
    struct told told[RATES] = {{.spikes = 0}};
    for (size_t i = 0; i < RATES; i++) {
        struct job j = {.net = net};
        ebb_status status = ebb_team_net_input(&j.input, rate[i]);
        if (status == EBB_OK) {
            status = measure_rate(&j, &told[i], bench->runs);
        }
        ebb_events_finish(&j.input);
        EBB_TRY(status);
    }
    report(bench, told);
    return EBB_OK;
}

static ebb_status run(struct ebb_bench *bench)
{
    struct ebb_network *net = NULL;
    ebb_status status = ebb_team_net_create(&net);
    if (status == EBB_OK) {
        status = measure(bench, net);
    }
    ebb_network_destroy(net);
    return status;
}

const struct ebb_bench_suite ebb_bench_shares = {
    .name = "shares",
    .summary = "what a process of many has to do",
    .all_cores = true,
    .run = run};
