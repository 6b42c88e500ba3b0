/* tools/bench/dvs.c - a network that convolves, on events of a camera: the
 * event engine against a dense run of the same network, one core. */
#include "tools/bench/bench.h"
#include "tools/bench/conv_loop.h"
#include "tools/bench/dvs_net.h"

#include "core/memory.h"
#include "sim/engine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    CLIPS = 10,
    RUNS_MAX = 99,
    WINDOW = 100,     /* ticks of a clip that the dense run takes */
    SYNTHETIC = 1000, /* ticks of drawn edges */
    PATH_BYTES = 4096
};

/* Events of one recording. */
struct clip {
    struct ebb_events input;
    ebb_tick ticks;
};

struct show {
    struct clip clip[CLIPS];
    size_t n;
    struct ebb_network *net;
    struct ebb_engine *engine;
    struct ebb_conv_loop *loop;
    struct ebb_events spikes; /* of the engine, while it is listened to */
    uint64_t fired[EBB_DVS_LAYERS];
};

static ebb_status load(struct show *s, const char *folder)
{
    char path[PATH_BYTES];
    for (size_t k = 0; folder && k < CLIPS; k++) {
        snprintf(path, sizeof(path), "%s/%zu.bs2", folder, k + 1);
        if (k == 0 && access(path, R_OK) != 0) {
            break;
        }
        EBB_TRY(ebb_dvs_clip_read(&s->clip[k].input, &s->clip[k].ticks, path));
        s->n++;
    }
    if (s->n == 0) {
        s->n = 1;
        s->clip[0].ticks = SYNTHETIC;
        return ebb_dvs_edges_draw(&s->clip[0].input, SYNTHETIC, 1);
    }
    return EBB_OK;
}

static void finish(struct show *s)
{
    for (size_t k = 0; k < CLIPS; k++) {
        ebb_events_finish(&s->clip[k].input);
    }
    ebb_events_finish(&s->spikes);
    ebb_engine_destroy(s->engine);
    ebb_conv_loop_destroy(s->loop);
    ebb_network_destroy(s->net);
}

static ebb_status take(void *self, size_t population, ebb_tick tick,
                       const ebb_neuron_id *node, const double *value, size_t n)
{
    struct show *s = self;
    (void)value;
    s->fired[population] += n;
    for (size_t k = 0; population > 0 && k < n; k++) {
        struct ebb_event e = {tick, (ebb_neuron_id)(population << 28) | node[k],
                              1};
        EBB_TRY(ebb_events_push(&s->spikes, e));
    }
    return EBB_OK;
}

static size_t events_before(const struct clip *c, ebb_tick ticks)
{
    size_t n = c->input.n;
    while (n > 0 && c->input.at[n - 1].tick >= ticks) {
        n--;
    }
    return n;
}

/* Of the processor: both sides compute on one core and wait for nothing, and
 * runs are long enough for others to come between. */
static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A run from rest; seconds of the run alone. */
static ebb_status run_engine(struct show *s, const struct clip *c,
                             ebb_tick ticks, double *seconds)
{
    size_t n = events_before(c, ticks);
    EBB_TRY(ebb_engine_reset(s->engine));
    double start = seconds_now();
    EBB_TRY(ebb_engine_input(s->engine, 0, c->input.at, n));
    EBB_TRY(ebb_engine_run(s->engine, ticks));
    *seconds += seconds_now() - start;
    return EBB_OK;
}

static ebb_status run_loop(struct show *s, const struct clip *c, ebb_tick ticks,
                           double *seconds)
{
    double start = seconds_now();
    EBB_TRY(ebb_conv_loop_run(s->loop, c->input.at, events_before(c, ticks),
                              ticks, NULL));
    *seconds += seconds_now() - start;
    return EBB_OK;
}

static ebb_status open_engine(struct show *s, bool listen, bool single)
{
    struct ebb_engine_options how = ebb_engine_options_default();
    if (listen) {
        how.sink = (struct ebb_run_sink){.self = s, .spikes = take};
    }
    how.single = single;
    ebb_engine_destroy(s->engine);
    s->engine = NULL;
    return ebb_engine_create(&s->engine, s->net, &how);
}

static void report(struct ebb_bench *bench, const char *net, const char *what,
                   struct ebb_bench_figure f)
{
    char name[100];
    snprintf(name, sizeof(name), "dvs.%s.%s", net, what);
    f.name = name;
    ebb_bench_report(bench, &f);
}

/* Spikes that only one of both has. */
static size_t count_apart(const struct ebb_events *a,
                          const struct ebb_events *b)
{
    size_t i = 0, j = 0, shared = 0;
    while (i < a->n && j < b->n) {
        const struct ebb_event *x = &a->at[i], *y = &b->at[j];
        bool less =
            x->tick < y->tick || (x->tick == y->tick && x->node < y->node);
        bool same = x->tick == y->tick && x->node == y->node;
        shared += same;
        i += same || less;
        j += same || !less;
    }
    return a->n + b->n - 2 * shared;
}

/* Both have to fire alike, but for what the precision of floats moves. */
static ebb_status check_spikes(struct show *s, const struct clip *c,
                               ebb_tick ticks)
{
    struct ebb_events theirs = {0};
    double ignored = 0;
    s->spikes.n = 0;
    EBB_TRY(run_engine(s, c, ticks, &ignored));
    ebb_status status = ebb_events_sort(&s->spikes);
    if (status == EBB_OK) {
        status = ebb_conv_loop_run(s->loop, c->input.at,
                                   events_before(c, ticks), ticks, &theirs);
    }
    size_t apart = count_apart(&s->spikes, &theirs), n = theirs.n;
    ebb_events_finish(&theirs);
    if (status == EBB_OK && (n == 0 || 100 * apart > n)) {
        return EBB_FAIL(EBB_ERR_DIVERGED,
                        "%zu spikes of %zu are not the same in the engine and "
                        "in the dense run",
                        apart, n);
    }
    return status;
}

/* Rates of all layers over all clips, and what they cost. */
static ebb_status count(struct ebb_bench *bench, struct show *s,
                        const char *net)
{
    const double none = (double)NAN;
    double ticks = 0, ignored = 0, ours = 0;
    memset(s->fired, 0, sizeof(s->fired));
    for (size_t k = 0; k < s->n; k++) {
        s->spikes.n = 0;
        EBB_TRY(run_engine(s, &s->clip[k], s->clip[k].ticks, &ignored));
        ours += (double)ebb_engine_counters(s->engine).synaptic_operations;
        ticks += (double)s->clip[k].ticks;
    }
    report(bench, net, "events",
           (struct ebb_bench_figure){NULL, (double)s->fired[0] / ticks, "/ms",
                                     none, none, false});
    for (size_t k = 1; k < s->net->n_populations; k++) {
        const struct ebb_population *p = &s->net->populations[k];
        char what[70];
        snprintf(what, sizeof(what), "rate.%s", p->name);
        double rate = (double)s->fired[k] / ticks / (double)p->n;
        report(bench, net, what,
               (struct ebb_bench_figure){NULL, 100 * rate, "%", none, none,
                                         false});
    }
    report(bench, net, "operations",
           (struct ebb_bench_figure){
               NULL, ours / ticks, "/ms",
               ebb_conv_loop_operations(s->net) * ticks / ours, 20, true});
    return EBB_OK;
}

/* The first ticks of some clips, by turns. */
static ebb_status race(struct ebb_bench *bench, struct show *s, const char *net,
                       size_t clips, ebb_tick ticks)
{
    double ours[RUNS_MAX] = {0}, dense[RUNS_MAX] = {0}, ratio[RUNS_MAX];
    size_t n = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    const double none = (double)NAN;
    for (size_t k = 0; k < n; k++) {
        for (size_t c = 0; c < clips; c++) {
            EBB_TRY(run_loop(s, &s->clip[c], ticks, &dense[k]));
            EBB_TRY(run_engine(s, &s->clip[c], ticks, &ours[k]));
        }
        ratio[k] = dense[k] / ours[k];
    }
    double all = (double)clips * (double)ticks / 1e3; /* s of recording */
    report(bench, net, "dense",
           (struct ebb_bench_figure){NULL, ebb_bench_median(dense, n) / all,
                                     "s/s", none, none, false});
    report(bench, net, "time",
           (struct ebb_bench_figure){NULL, ebb_bench_median(ours, n) / all,
                                     "s/s", ebb_bench_median(ratio, n), 5,
                                     true});
    return EBB_OK;
}

/* Whole clips in the engine: how much faster than they were recorded. */
static ebb_status play(struct ebb_bench *bench, struct show *s, const char *net,
                       bool single, double bar)
{
    enum { SHOWS = 3 }; /* they are long */
    double speed[SHOWS], slowest = HUGE_VAL;
    size_t n = bench->runs < SHOWS ? bench->runs : SHOWS;
    for (size_t k = 0; k < n; k++) {
        double all = 0, recorded = 0;
        for (size_t c = 0; c < s->n; c++) {
            double own = 0, length = (double)s->clip[c].ticks / 1e3;
            EBB_TRY(run_engine(s, &s->clip[c], s->clip[c].ticks, &own));
            all += own;
            recorded += length;
            slowest = fmin(slowest, length / own);
        }
        speed[k] = recorded / all;
    }
    const double none = (double)NAN;
    report(bench, net, single ? "real_time.float" : "real_time",
           (struct ebb_bench_figure){NULL, ebb_bench_median(speed, n), "x",
                                     none, bar, true});
    report(bench, net, single ? "slowest.float" : "slowest",
           (struct ebb_bench_figure){NULL, slowest, "x", none, none, false});
    return EBB_OK;
}

static ebb_status show_net(struct ebb_bench *bench, struct show *s,
                           bool strided)
{
    const char *name = strided ? "strided" : "full";
    size_t clips = strided ? s->n : 1;
    ebb_tick ticks = strided ? WINDOW : WINDOW / 2;
    EBB_TRY(ebb_dvs_net_create(&s->net, strided));
    EBB_TRY(open_engine(s, true, false));
    EBB_TRY(count(bench, s, name));
    EBB_TRY(ebb_conv_loop_create(&s->loop, s->net));
    for (size_t c = 0; c < clips; c++) {
        EBB_TRY(check_spikes(s, &s->clip[c], ticks));
    }
    EBB_TRY(open_engine(s, false, false));
    EBB_TRY(race(bench, s, name, clips, ticks));
    EBB_TRY(play(bench, s, name, false, strided ? 3 : (double)NAN));
    EBB_TRY(open_engine(s, false, true));
    EBB_TRY(play(bench, s, name, true, (double)NAN));
    ebb_engine_destroy(s->engine);
    ebb_conv_loop_destroy(s->loop);
    ebb_network_destroy(s->net);
    s->engine = NULL;
    s->loop = NULL;
    s->net = NULL;
    return EBB_OK;
}

static ebb_status run(struct ebb_bench *bench)
{
    struct show s = {.n = 0};
    ebb_status status = load(&s, bench->input);
    for (int strided = 1; strided >= 0 && status == EBB_OK; strided--) {
        status = show_net(bench, &s, strided);
    }
    finish(&s);
    return status;
}

const struct ebb_bench_suite ebb_bench_dvs = {
    .name = "dvs",
    .summary = "convolutions on events of a camera against a dense run",
    .input = "../shared/data/dvs128-gesture-clips",
    .run = run};
