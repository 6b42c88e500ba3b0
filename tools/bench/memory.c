/* tools/bench/memory.c - a large associative memory from its seed to its
 * checkpoint: time and memory of each phase. */
#include "tools/bench/bench.h"
#include "tools/bench/large_memory.h"
#include "tools/commands.h"
#include "tools/stop.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TICKS = 1000 }; /* of 1 ms */

/* A phase by phase measurement. */
struct job {
    struct ebb_bench *bench;
    double share; /* of the large memory */
    struct ebb_large_memory memory;
    struct ebb_large_run run;
    struct ebb_progress progress;
    char folder[200], trace[240], state[240];
    double start, phase; /* s */
};

static void tell(const struct job *j, const char *name, double value,
                 const char *unit, double bar, bool at_least)
{
    const struct ebb_bench_figure f = {name,        value, unit,
                                       (double)NAN, bar,   at_least};
    ebb_bench_report(j->bench, &f);
}

/* Seconds of a phase that ends, and the largest memory until then. */
static void tell_phase(struct job *j, const char *seconds, const char *peak,
                       double bar)
{
    double now = ebb_seconds_now();
    ebb_progress_clear(&j->progress);
    tell(j, seconds, now - j->phase, "s", bar, false);
    tell(j, peak, (double)ebb_mem_peak(), "B", (double)NAN, false);
    j->phase = ebb_seconds_now();
}

static ebb_status show_rows(void *self, size_t done, size_t total)
{
    struct job *j = self;
    j->progress.total = total;
    ebb_progress_show(&j->progress, done, "rows measured and drawn");
    return ebb_stop_wanted() ? EBB_FAIL(EBB_ERR_STOPPED, "stopped") : EBB_OK;
}

static ebb_status build(struct job *j)
{
    const struct ebb_rows_watch watch = {.self = j, .rows = show_rows};
    j->progress = ebb_progress_begin(0, 2 * j->memory.neurons);
    EBB_TRY(ebb_large_memory_build(&j->memory, &watch));
    double synapses = (double)ebb_large_memory_synapses(&j->memory);
    double bytes = (double)ebb_large_memory_bytes(&j->memory);
    tell_phase(j, "memory.build", "memory.build.peak", (double)NAN);
    tell(j, "memory.synapses", synapses, "", (double)NAN, false);
    tell(j, "memory.synapse", bytes / synapses, "B", 3, false);
    return EBB_OK;
}

static ebb_status tell_run(struct job *j)
{
    struct ebb_counters c = ebb_cluster_counters(j->run.cluster);
    double operations = (double)c.synaptic_operations, completion, falsely;
    double wanted = 1e9 * j->share;
    EBB_TRY(ebb_large_run_score(&j->run, &completion, &falsely));
    tell(j, "memory.spikes", (double)c.spikes, "", (double)NAN, false);
    tell(j, "memory.rate",
         (double)c.spikes / (double)j->memory.neurons / (TICKS * 1e-3), "Hz",
         (double)NAN, false);
    tell(j, "memory.operations", operations, "", (double)NAN, false);
    tell(j, "memory.completion", completion, "", 0.99, true);
    tell(j, "memory.false", falsely, "", 0.01, false);
    if (operations < 0.7 * wanted || operations > 1.5 * wanted) {
        return EBB_FAIL(EBB_ERR_DIVERGED,
                        "%.4g synaptic operations; about %.2g were meant",
                        operations, wanted);
    }
    return EBB_OK;
}

static ebb_status run_ticks(struct job *j)
{
    j->progress = ebb_progress_begin(0, TICKS);
    j->run.progress = &j->progress;
    EBB_TRY(ebb_large_run_begin(&j->run, &j->memory, ebb_cluster_processors(),
                                TICKS, j->trace, NULL));
    tell_phase(j, "memory.prepare", "memory.prepare.peak", (double)NAN);
    EBB_TRY(ebb_cluster_run(j->run.cluster, TICKS));
    EBB_TRY(ebb_large_run_record(&j->run));
    tell_phase(j, "memory.run", "memory.run.peak", 30 * j->share);
    return tell_run(j);
}

static double size_of(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 ? (double)s.st_size : (double)NAN;
}

static ebb_status save(struct job *j)
{
    j->phase = ebb_seconds_now();
    EBB_TRY(ebb_large_run_save(&j->run, TICKS, j->state));
    tell_phase(j, "memory.save", "memory.save.peak", (double)NAN);
    tell(j, "memory.trace", size_of(j->trace), "B", (double)NAN, false);
    tell(j, "memory.checkpoint", size_of(j->state), "B", (double)NAN, false);
    return EBB_OK;
}

static ebb_status make_folder(struct job *j)
{
    const char *where = getenv("TMPDIR");
    int n = snprintf(j->folder, sizeof(j->folder), "%s/ebb_memory_XXXXXX",
                     where && where[0] ? where : "/tmp");
    if (n < 0 || (size_t)n >= sizeof(j->folder) || !mkdtemp(j->folder)) {
        j->folder[0] = '\0';
        return EBB_FAIL(EBB_ERR_IO,
                        "no folder can be made in %.150s: set TMPDIR to one "
                        "with room",
                        where && where[0] ? where : "/tmp");
    }
    snprintf(j->trace, sizeof(j->trace), "%s/spikes.trace.h5", j->folder);
    snprintf(j->state, sizeof(j->state), "%s/run.state.h5", j->folder);
    return EBB_OK;
}

static void remove_files(const struct job *j)
{
    char part[260];
    if (j->folder[0]) {
        snprintf(part, sizeof(part), "%s%s", j->trace, EBB_TRACE_PART);
        remove(part);
        remove(j->trace);
        remove(j->state);
        rmdir(j->folder);
    }
}

static ebb_status work(struct job *j)
{
    EBB_TRY(make_folder(j));
    ebb_stop_listen();
    EBB_TRY(build(j));
    EBB_TRY(run_ticks(j));
    EBB_TRY(save(j));
    tell(j, "memory.all", ebb_seconds_now() - j->start, "s", 300 * j->share,
         false);
    tell(j, "memory.peak", (double)ebb_mem_peak() / 0x1p30, "GiB",
         16 * j->share, false);
    return EBB_OK;
}

static ebb_status run(struct ebb_bench *bench)
{
    size_t neurons = bench->large ? 1000000 : 100000;
    struct job j = {.bench = bench,
                    .share = (double)neurons / 1e6,
                    .memory = {.neurons = neurons,
                               .patterns = neurons / 5,
                               .cued = neurons / 20000},
                    .start = ebb_seconds_now()};
    j.phase = j.start;
    ebb_status status = work(&j);
    ebb_progress_clear(&j.progress);
    ebb_large_run_finish(&j.run);
    remove_files(&j);
    if (j.run.broken) { /* HDF5 cannot end as it should */
        fprintf(stderr, "ebb bench: %s\n", ebb_error_message());
        _exit(EBB_EXIT_FAILED);
    }
    ebb_large_memory_finish(&j.memory);
    return status;
}

const struct ebb_bench_suite ebb_bench_memory = {
    .name = "memory",
    .summary = "a large associative memory from its seed to its checkpoint",
    .all_cores = true,
    .run = run};
