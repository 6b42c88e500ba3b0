/* tools/bench/engine.c - the event engine against a plain dense loop of the
 * same network, one core; without a bar also against a tuned one. */
#include "tools/bench/bench.h"
#include "tools/bench/counters.h"
#include "tools/bench/dense_loop.h"
#include "tools/progress.h"

#include "core/memory.h"
#include "core/step.h"
#include "io/import_bench_net.h"
#include "sim/engine.h"

#include <math.h>
#include <stdio.h>

enum { RUNS_MAX = 99, PATH_BYTES = 4096 };

/* A network at a tick length, and by how much the engine has to be faster. */
struct race {
    const char *name, *file;
    double tick_s, seconds;
    double bar_f64, bar_f32;
};

static const struct race races[] = {
    {"engine.n1_cuba.100us", "n1_cuba.h5", 1e-4, 1, 0.9, 0.9},
    {"engine.n3_assoc.1ms", "n3_assoc.h5", 1e-3, 10, 1, 1.45},
    {"engine.n3_assoc.100us", "n3_assoc.h5", 1e-4, 10, 10, 6.5},
};

/* One race being run. */
struct track {
    const struct race *race;
    struct ebb_network *net;
    struct ebb_events input;
    ebb_tick ticks;
    double engine[RUNS_MAX], dense[RUNS_MAX], ratio[RUNS_MAX];
    double tuned[RUNS_MAX], to_tuned[RUNS_MAX];
};

static ebb_status open_track(struct track *t, const char *folder)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/%s", folder, t->race->file);
    EBB_TRY(ebb_bench_net_read(&t->net, path, t->race->tick_s));
    EBB_TRY(ebb_bench_net_input(&t->input, path, t->race->tick_s));
    t->ticks = (ebb_tick)llround(t->race->seconds / t->race->tick_s);
    while (t->input.n > 0 && t->input.at[t->input.n - 1].tick >= t->ticks) {
        t->input.n--;
    }
    return EBB_OK;
}

/* The engine from its initial state; tables and memory are taken before. */
static ebb_status time_engine(const struct track *t, struct ebb_engine *e,
                              double *seconds, uint64_t *spikes)
{
    EBB_TRY(ebb_engine_reset(e));
    double start = ebb_seconds_now();
    EBB_TRY(ebb_engine_input(e, ebb_network_input(t->net), t->input.at,
                             t->input.n));
    EBB_TRY(ebb_engine_run(e, t->ticks));
    *seconds = ebb_seconds_now() - start;
    *spikes = ebb_engine_counters(e).spikes;
    return EBB_OK;
}

static double time_dense(const struct track *t, bool single, bool tuned,
                         void *loop, uint64_t *spikes)
{
    const char *isa = ebb_step_best_f64()->isa;
    double start = ebb_seconds_now();
    *spikes = single ? ebb_dense_loop_run_f32(loop, t->input.at, t->input.n,
                                              t->ticks, tuned, isa)
                     : ebb_dense_loop_run_f64(loop, t->input.at, t->input.n,
                                              t->ticks, tuned, isa);
    return ebb_seconds_now() - start;
}

/* Spikes of both must agree to 1 in 100, or they do not do the same. */
static ebb_status check_spikes(const struct track *t, uint64_t ours,
                               uint64_t dense)
{
    double off = fabs((double)ours - (double)dense);
    return off <= 0.01 * (double)dense
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_DIVERGED,
                          "%s: %llu spikes in the engine, %llu in the dense "
                          "loop",
                          t->race->name, (unsigned long long)ours,
                          (unsigned long long)dense);
}

static ebb_status run_race(struct ebb_bench *bench, struct track *t,
                           bool single, struct ebb_engine *e, void *loop)
{
    uint64_t ours = 0, theirs = 0;
    size_t n = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    EBB_TRY(time_engine(t, e, &t->engine[0], &ours)); /* warm */
    for (size_t k = 0; k < n; k++) {
        t->dense[k] = time_dense(t, single, false, loop, &theirs);
        t->tuned[k] = time_dense(t, single, true, loop, &theirs);
        EBB_TRY(time_engine(t, e, &t->engine[k], &ours));
        t->ratio[k] = t->dense[k] / t->engine[k];
        t->to_tuned[k] = t->tuned[k] / t->engine[k];
    }
    EBB_TRY(check_spikes(t, ours, theirs));
    char name[3][80];
    static const char *const suffix[] = {"", ".dense", ".tuned"};
    const double none = (double)NAN;
    for (size_t k = 0; k < 3; k++) {
        snprintf(name[k], sizeof(name[k]), "%s.%s%s", t->race->name,
                 single ? "float" : "double", suffix[k]);
    }
    struct ebb_bench_figure figures[] = {
        {name[1], ebb_bench_median(t->dense, n), "s", none, none, false},
        {name[0], ebb_bench_median(t->engine, n), "s",
         ebb_bench_median(t->ratio, n),
         single ? t->race->bar_f32 : t->race->bar_f64, true},
        {name[2], ebb_bench_median(t->tuned, n), "s",
         ebb_bench_median(t->to_tuned, n), none, false}};
    for (size_t k = 0; k < 3; k++) {
        ebb_bench_report(bench, &figures[k]);
    }
    return EBB_OK;
}

static ebb_status race_in(struct ebb_bench *bench, struct track *t, bool single)
{
    struct ebb_engine_options how = ebb_engine_options_default();
    how.single = single;
    struct ebb_dense_loop_f32 *f32 = NULL;
    struct ebb_dense_loop_f64 *f64 = NULL;
    struct ebb_engine *engine = NULL;
    ebb_status status = single ? ebb_dense_loop_create_f32(&f32, t->net)
                               : ebb_dense_loop_create_f64(&f64, t->net);
    if (status == EBB_OK) {
        status = ebb_engine_create(&engine, t->net, &how);
    }
    if (status == EBB_OK) {
        status = run_race(bench, t, single, engine,
                          single ? (void *)f32 : (void *)f64);
    }
    ebb_engine_destroy(engine);
    ebb_dense_loop_destroy_f32(f32);
    ebb_dense_loop_destroy_f64(f64);
    return status;
}

static ebb_status run(struct ebb_bench *bench)
{
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < sizeof(races) / sizeof(races[0]) && !status; k++) {
        struct track t = {.race = &races[k]};
        status = open_track(&t, bench->input);
        status = status ? status : race_in(bench, &t, false);
        status = status ? status : race_in(bench, &t, true);
        if (status == EBB_OK && k == 0) {
            status = ebb_bench_counters(bench, "engine.counters", t.net,
                                        &t.input, t.ticks);
        }
        ebb_events_finish(&t.input);
        ebb_network_destroy(t.net);
    }
    return status;
}

const struct ebb_bench_suite ebb_bench_engine = {
    .name = "engine",
    .summary = "the event engine against a plain dense loop, one core",
    .input = "../shared/data/nets",
    .run = run};
