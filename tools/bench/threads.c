/* tools/bench/threads.c - a large network on two threads against one.
 *
 * 10^5 neurons with 1000 synapses each at a mean rate of 1 Hz, ticks of 1 ms:
 * each tick a thousandth of the neurons is made to fire, and what they send
 * makes no others fire. Runs take turns. Two threads can only be twice as fast
 * where two cores are free: what else ran meanwhile is told, and where that was
 * too much nothing is judged. */
#include "tools/bench/bench.h"

#include "core/memory.h"
#include "core/random.h"
#include "sim/cluster.h"
#include "tools/progress.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NEURONS = 100000, FAN_OUT = 1000, TICKS = 1000, RUNS_MAX = 99 };

static const double busy_most = 0.1; /* cores taken by others */

/* The network, its input, and who runs it. */
struct threads {
    struct ebb_network *net;
    struct ebb_events input;
    struct ebb_cluster *cluster[2]; /* of one and of two threads */
};

static ebb_status add_neurons(struct ebb_network *net)
{
    size_t index;
    EBB_TRY(ebb_network_add_population(net, "input", NEURONS, true, &index));
    EBB_TRY(ebb_network_add_population(net, "memory", NEURONS, false, &index));
    net->populations[index].reset = EBB_RESET_HYBRID;
    net->populations[index].lambda.v[0] = 0.9;
    net->tick_s = 1e-3;
    return EBB_OK;
}

static ebb_status add_synapses(struct ebb_network *net, const char *name,
                               size_t source, size_t fan_out, double weight)
{
    bool cue = source == 0; /* makes a neuron fire once */
    struct ebb_kernel_spec spec = {
        .shape = cue ? EBB_KERNEL_NONE : EBB_KERNEL_EXPONENTIAL, .tau_m = 5};
    size_t index, n = (size_t)NEURONS * fan_out;
    EBB_TRY(ebb_network_add_projection(
        net, name, source, 1, EBB_PROJECTION_SPARSE, EBB_FLOAT32, n, &index));
    struct ebb_projection *p = &net->projections[index];
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, index);
    uint32_t step = (uint32_t)(NEURONS / fan_out);
    for (size_t s = 0; s < n; s++) { /* one somewhere in each step */
        size_t j = s / fan_out;
        p->indices[s] = fan_out == 1 ? (uint32_t)j
                                     : (uint32_t)(s % fan_out) * step +
                                           ebb_random_below(&r, step);
        ((float *)p->weight)[s] = (float)weight;
    }
    for (size_t j = 0; j <= NEURONS; j++) {
        p->indptr[j] = j * fan_out;
    }
    p->delay_ticks = cue ? 0 : 5;
    return ebb_kernel_expand(&p->kernel, net->arena, &spec, 1, 0);
}

static ebb_status draw_input(struct ebb_events *input)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 99);
    for (ebb_tick tick = 0; tick < TICKS; tick++) {
        for (uint32_t node = ebb_random_below(&r, 1999); node < NEURONS;
             node += 1 + ebb_random_below(&r, 1999)) {
            struct ebb_event e = {.tick = tick, .node = node, .value = 1};
            EBB_TRY(ebb_events_push(input, e));
        }
    }
    return EBB_OK;
}

static ebb_status prepare(struct threads *t)
{
    EBB_TRY(ebb_network_create(&t->net));
    EBB_TRY(add_neurons(t->net));
    EBB_TRY(add_synapses(t->net, "cue", 0, 1, 10));
    EBB_TRY(add_synapses(t->net, "recall", 1, FAN_OUT, 1e-4));
    EBB_TRY(ebb_network_finish(t->net));
    EBB_TRY(draw_input(&t->input));
    for (size_t k = 0; k < 2; k++) {
        const struct ebb_cluster_options how = {
            .engine = ebb_engine_options_default(), .threads = k + 1};
        EBB_TRY(ebb_cluster_create(&t->cluster[k], t->net, &how));
    }
    return EBB_OK;
}

static double own_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* Seconds that the processors of this machine were busy so far; NaN where
 * nobody tells. */
static double all_seconds(void)
{
    unsigned long long user = 0, nice = 0, system = 0;
    FILE *file = fopen("/proc/stat", "r");
    int n =
        file ? fscanf(file, "cpu %llu %llu %llu", &user, &nice, &system) : 0;
    if (file) {
        fclose(file);
    }
    return n == 3
               ? (double)(user + nice + system) / (double)sysconf(_SC_CLK_TCK)
               : (double)NAN;
}

static ebb_status time_run(struct threads *t, size_t which, double *seconds,
                           double *others)
{
    struct ebb_cluster *c = t->cluster[which];
    EBB_TRY(ebb_cluster_reset(c));
    EBB_TRY(ebb_cluster_input(c, 0, t->input.at, t->input.n));
    double start = ebb_seconds_now(), own = own_seconds(), all = all_seconds();
    EBB_TRY(ebb_cluster_run(c, TICKS));
    *seconds = ebb_seconds_now() - start;
    *others = (all_seconds() - all - (own_seconds() - own)) / *seconds;
    return EBB_OK;
}

static void report(struct ebb_bench *bench, const struct threads *t, size_t n,
                   double *one, double *two, double *ratio, double *busy)
{
    const double none = (double)NAN;
    struct ebb_counters c = ebb_cluster_counters(t->cluster[1]);
    double taken = ebb_bench_median(busy, n), alone = ebb_bench_median(one, n);
    bool judged = taken <= busy_most && ebb_cluster_processors() >= 2;
    struct ebb_bench_figure figures[] = {
        {"threads.operations", (double)c.synaptic_operations / alone, "/s",
         none, none, 0},
        {"threads.one", alone, "s", none, none, 0},
        {"threads.two", ebb_bench_median(two, n), "s",
         ebb_bench_median(ratio, n), judged ? 1.7 : none, 1},
        {"threads.cores_of_others", taken, "", none, none, 0}};
    for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++) {
        ebb_bench_report(bench, &figures[k]);
    }
    if (!judged && !bench->json) {
        printf("two cores were not free: nothing is judged\n");
    }
}

static ebb_status measure(struct ebb_bench *bench, struct threads *t)
{
    double one[RUNS_MAX], two[RUNS_MAX], ratio[RUNS_MAX], busy[RUNS_MAX];
    size_t n = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    EBB_TRY(prepare(t));
    for (size_t k = 0; k < n; k++) {
        double ignored;
        EBB_TRY(time_run(t, 0, &one[k], &ignored));
        EBB_TRY(time_run(t, 1, &two[k], &busy[k]));
        ratio[k] = one[k] / two[k];
    }
    report(bench, t, n, one, two, ratio, busy);
    return EBB_OK;
}

static ebb_status run(struct ebb_bench *bench)
{
    struct threads t = {.net = NULL};
    ebb_status status = measure(bench, &t);
    for (size_t k = 0; k < 2; k++) {
        ebb_cluster_destroy(t.cluster[k]);
    }
    ebb_events_finish(&t.input);
    ebb_network_destroy(t.net);
    return status;
}

const struct ebb_bench_suite ebb_bench_threads = {
    .name = "threads",
    .summary = "a large network on two threads against one",
    .run = run};
