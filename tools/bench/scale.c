/* tools/bench/scale.c - cost grows with events only: a network whose silent
 * part grows tenfold, and whose tick shrinks a hundredfold. */
#include "tools/bench/bench.h"
#include "tools/bench/scale_net.h"
#include "tools/progress.h"

#include "sim/engine.h"

#include <math.h>
#include <stdio.h>

enum { BUSY = 38400, MS = 20000, RUNS_MAX = 50 };

/* A network at work. */
struct contestant {
    const char *name;
    struct ebb_scale_net how;
    struct ebb_network *net;
    struct ebb_engine *engine;
    struct ebb_events input;
    double time[RUNS_MAX]; /* s */
};

static ebb_status create(struct contestant *c)
{
    struct ebb_engine_options options = ebb_engine_options_default();
    EBB_TRY(ebb_scale_net_create(&c->net, &c->how));
    EBB_TRY(ebb_scale_net_input(&c->input, &c->how, MS));
    return ebb_engine_create(&c->engine, c->net, &options);
}

static void destroy(struct contestant *c)
{
    ebb_engine_destroy(c->engine);
    ebb_events_finish(&c->input);
    ebb_network_destroy(c->net);
}

static ebb_status run_once(struct contestant *c, double *seconds)
{
    EBB_TRY(ebb_engine_reset(c->engine));
    EBB_TRY(ebb_engine_input(c->engine, 0, c->input.at, c->input.n));
    double start = ebb_seconds_now();
    EBB_TRY(ebb_engine_run(c->engine, (ebb_tick)MS * c->how.finer));
    *seconds = ebb_seconds_now() - start;
    return EBB_OK;
}

/* All by turns; the first is what the others are held against. */
static ebb_status race(struct ebb_bench *bench, struct contestant *c, size_t n)
{
    double ratio[RUNS_MAX], ignored;
    size_t runs = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(create(&c[k]));
        EBB_TRY(run_once(&c[k], &ignored));
    }
    for (size_t r = 0; r < runs; r++) {
        for (size_t k = 0; k < n; k++) {
            EBB_TRY(run_once(&c[k], &c[k].time[r]));
        }
    }
    for (size_t k = n; k-- > 0;) {
        for (size_t r = 0; r < runs; r++) {
            ratio[r] = c[k].time[r] / c[0].time[r];
        }
        double times = ebb_bench_median(ratio, runs);
        for (size_t r = 0; r < runs; r++) {
            ratio[r] = c[k].time[r];
        }
        const double none = (double)NAN;
        const struct ebb_bench_figure f = {c[k].name,
                                           ebb_bench_median(ratio, runs),
                                           "s",
                                           k > 0 ? times : none,
                                           k > 0 && !c[k].how.between ? 1.15
                                                                      : none,
                                           false};
        ebb_bench_report(bench, &f);
    }
    return EBB_OK;
}

static ebb_status run(struct ebb_bench *bench)
{
    struct contestant c[] = {
        {.name = "scale.base",
         .how = {.busy = BUSY, .silent = BUSY, .finer = 1}},
        {.name = "scale.silent",
         .how = {.busy = BUSY, .silent = 10 * BUSY, .finer = 1}},
        {.name = "scale.silent_between",
         .how =
             {.busy = BUSY, .silent = 10 * BUSY, .between = true, .finer = 1}},
        {.name = "scale.tick",
         .how = {.busy = BUSY, .silent = BUSY, .finer = 100}}};
    size_t n = sizeof(c) / sizeof(c[0]);
    ebb_status status = race(bench, c, n);
    for (size_t k = 0; k < n; k++) {
        destroy(&c[k]);
    }
    return status;
}

const struct ebb_bench_suite ebb_bench_scale = {
    .name = "scale",
    .summary = "ten times the silent neurons, a hundredth of the tick",
    .run = run};
