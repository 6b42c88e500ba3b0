/* tools/cmd_bench.c - benchmarks, as ratios to a bare loop. */
#include "tools/bench/bench.h"
#include "tools/commands.h"
#include "tools/json.h"

#include "core/nearest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct ebb_bench_suite *const suites[] = {
    &ebb_bench_train, &ebb_bench_engine,   &ebb_bench_stream,
    &ebb_bench_io,    &ebb_bench_dvs,      &ebb_bench_serve,
    &ebb_bench_scale, &ebb_bench_delivery, &ebb_bench_threads,
    &ebb_bench_ranks, &ebb_bench_shares,   &ebb_bench_memory};

enum { SUITES = sizeof(suites) / sizeof(suites[0]) };

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double ebb_bench_median(double *times, size_t n)
{
    qsort(times, n, sizeof(*times), compare_times);
    return n % 2 ? times[n / 2] : (times[n / 2 - 1] + times[n / 2]) / 2;
}

void ebb_bench_report(struct ebb_bench *bench, const struct ebb_bench_figure *f)
{
    double measured = isnan(f->ratio) ? f->value : f->ratio;
    bool ok = isnan(f->bar) ||
              (f->at_least ? measured >= f->bar : measured <= f->bar);
    bench->all_hold = bench->all_hold && ok;
    if (bench->json) {
        struct ebb_json out = {.n = 0};
        ebb_json_text(&out, "name", f->name);
        ebb_json_number(&out, "value", f->value);
        ebb_json_text(&out, "unit", f->unit);
        ebb_json_number(&out, "ratio", f->ratio);
        ebb_json_number(&out, "bar", f->bar);
        ebb_json_bool(&out, "ok", ok);
        ebb_json_print(&out);
        return;
    }
    printf("%-24s %10.4g %-4s", f->name, f->value, f->unit);
    if (!isnan(f->ratio)) {
        printf("  %6.3f x", f->ratio);
    }
    if (!isnan(f->bar)) {
        printf("  (%s %g: %s)", f->at_least ? "at least" : "at most", f->bar,
               ok ? "holds" : "FAILS");
    }
    printf("\n");
    fflush(stdout);
}

static ebb_status find(const char *name, const struct ebb_bench_suite **out)
{
    const char *names[SUITES];
    for (size_t k = 0; k < SUITES; k++) {
        names[k] = suites[k]->name;
        if (strcmp(name, names[k]) == 0) {
            *out = suites[k];
            return EBB_OK;
        }
    }
    const char *near = ebb_nearest(name, names, SUITES, sizeof(names[0]));
    return EBB_FAIL(EBB_ERR_ARG,
                    "no suite is called '%.60s'%s%s%s (there are: train, "
                    "engine, stream, io, dvs, serve, scale, delivery, threads, "
                    "ranks, shares, memory)",
                    name, near ? "; did you mean '" : "", near ? near : "",
                    near ? "'?" : "");
}

/* The products' threads are counted when the program starts, so it starts
 * again with one: both sides of a ratio run on one core. */
static void settle_threads(const struct ebb_args *args)
{
    const char *now = getenv("OMP_NUM_THREADS");
    if (now && strcmp(now, "1") == 0) {
        return;
    }
    char program[] = "ebb", command[] = "bench", json[] = "--json";
    char mnist[] = "--suite=mnist";
    char *words[16] = {program, command};
    size_t n = 2;
    for (size_t k = 0; k < args->n_operands; k++) {
        words[n++] = args->operand[k];
    }
    char runs[64];
    snprintf(runs, sizeof(runs), "--runs=%.40s",
             ebb_args_has(args, "runs") ? ebb_args_text(args, "runs") : "7");
    words[n++] = runs;
    if (ebb_args_has(args, "json")) {
        words[n++] = json;
    }
    if (ebb_args_has(args, "suite")) {
        words[n++] = mnist;
    }
    if (setenv("OMP_NUM_THREADS", "1", 1) == 0) {
        execv("/proc/self/exe", words);
    }
}

/* --suite names networks that stand in place of INPUT. */
static ebb_status take_networks(const struct ebb_args *args,
                                const struct ebb_bench_suite *suite)
{
    static const char *const known[] = {"mnist"};
    size_t which = 0;
    if (!ebb_args_has(args, "suite")) {
        return EBB_OK;
    }
    if (suite != &ebb_bench_train || args->n_operands > 1) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--suite mnist is an option of `ebb bench train` "
                        "without an INPUT");
    }
    return ebb_args_word(args, "suite", known, 1, &which);
}

static int run(struct ebb_args *args)
{
    const struct ebb_bench_suite *suite = NULL;
    uint64_t runs = 7;
    ebb_status status = find(args->operand[0], &suite);
    if (status == EBB_OK) {
        status = ebb_args_count(args, "runs", 1, 99, &runs);
    }
    if (status == EBB_OK && ebb_args_has(args, "large") &&
        suite != &ebb_bench_memory) {
        status =
            EBB_FAIL(EBB_ERR_ARG, "--large is an option of the suite memory");
    }
    if (status == EBB_OK) {
        status = take_networks(args, suite);
    }
    if (status != EBB_OK) {
        return ebb_args_usage(args, status);
    }
    if (!suite->all_cores) {
        settle_threads(args);
    }
    struct ebb_bench bench = {.input = args->n_operands > 1 ? args->operand[1]
                                                            : suite->input,
                              .runs = runs,
                              .json = ebb_args_has(args, "json"),
                              .large = ebb_args_has(args, "large"),
                              .mnist = ebb_args_has(args, "suite"),
                              .all_hold = true};
    int result = ebb_args_end(args, suite->run(&bench));
    return result != EBB_EXIT_OK || bench.all_hold ? result : EBB_EXIT_FAILED;
}

static const struct ebb_option options[] = {
    {"runs", 0, "N", "interleaved runs, of which the median counts (7)"},
    {"large", 0, NULL, "memory: 10^6 neurons with 1000 synapses each"},
    {"suite", 0, "NAME", "train: mnist, its two networks on drawn images"},
    {"json", 0, NULL, "print each figure as a JSON object"},
    {0}};

const struct ebb_command ebb_command_bench = {
    .name = "bench",
    .operands = "SUITE [INPUT]",
    .summary = "the benchmarks, as ratios to a bare loop",
    .text =
        "suites:\n"
        "  train   a training step against its bare matrix products, one "
        "thread;\n"
        "          INPUT is an experiment "
        "(experiments/associative_memory.yaml);\n"
        "          --suite mnist takes experiments/mnist_mlp.yaml and "
        "mnist_conv.yaml, images\n"
        "          that are drawn, and bare oneDNN primitives in the layouts "
        "that they like\n"
        "  engine  the event engine against a plain dense loop of the same "
        "network;\n"
        "          INPUT is a folder with n1_cuba.h5 and n3_assoc.h5\n"
        "  stream  the associative memory tick by tick against its bare "
        "additions;\n"
        "          INPUT is its experiment\n"
        "  io      recordings of event cameras against bare loops that "
        "unpack them\n"
        "  dvs     convolutions on events of a camera against a dense run "
        "of the same\n"
        "          network; INPUT is a folder with 1.bs2 to 10.bs2, without "
        "them edges\n"
        "          that move are drawn; the larger network takes 2.5 GB\n"
        "  scale   ten times the silent neurons, a hundredth of the tick: "
        "the same time\n"
        "  serve   the first of these clips over UDP, three times as fast: "
        "from a packet\n"
        "          to its spikes; nothing may be lost\n"
        "  delivery  additions per second of spikes that reach 1000 of 10^4 "
        "or 10^6\n"
        "          neurons, 100 or 5000 of 10^5 rows in a tick, drawn anew "
        "for each,\n"
        "          against the plain C loop over compressed rows in memory:\n"
        "          for each row, for each target: sum[target] += (double)(x "
        "* weight)\n"
        "          with double sums and float weights; takes 1.5 GB\n"
        "  threads 10^5 neurons of 1000 synapses each on two threads against "
        "one, where two\n"
        "          cores are free; takes 1 GB\n"
        "  ranks   the same on two processes: mpirun -n 2 --bind-to none ebb "
        "bench ranks;\n"
        "          and what an exchange takes\n"
        "  shares  processor time of each of 1 to 13 processes of the same "
        "network: what\n"
        "          is divided among them and what each repeats\n"
        "\n"
        "Exit status 1 when a bar does not hold.\n\n"
        "examples:\n"
        "  ebb bench train\n"
        "  ebb bench train --runs 15 --json\n"
        "  ebb bench train --suite mnist\n"
        "  ebb bench memory --large",
    .operands_min = 1,
    .operands_max = 2,
    .options = options,
    .run = run};
