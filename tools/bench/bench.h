/* tools/bench/bench.h - benchmarks: ratios to a bare loop on the same machine.
 *
 * A suite measures, and reports each figure through ebb_bench_report(). The
 * bars stand beside the figures; the exit status says whether all hold. */
#ifndef EBB_TOOLS_BENCH_BENCH_H
#define EBB_TOOLS_BENCH_BENCH_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

/** What the person asked for, and how it went so far. */
struct ebb_bench {
    const char *input; /* file that the suite takes, or NULL */
    size_t runs;       /* interleaved repetitions, of which the median counts */
    bool json;
    bool large;    /* the suite in its full size, where it has two */
    bool mnist;    /* train: the networks for MNIST */
    bool all_hold; /* every bar so far */
};

/** One figure. */
struct ebb_bench_figure {
    const char *name; /* "train.step" */
    double value;
    const char *unit; /* "s" */
    double ratio;     /* to the bare loop; NaN: none */
    double bar;       /* NaN: none */
    bool at_least;    /* the bar is a lower bound of the ratio, else an upper;
                         without a ratio, of the value */
};

/** Print a figure and hold it against its bar. */
void ebb_bench_report(struct ebb_bench *bench,
                      const struct ebb_bench_figure *figure);

/** Median of n times; sorts them. */
double ebb_bench_median(double *times, size_t n);

/** A suite of benchmarks. */
struct ebb_bench_suite {
    const char *name;
    const char *summary;
    const char *input; /* default of its input, or NULL */
    bool all_cores;    /* else the program runs on one thread */
    ebb_status (*run)(struct ebb_bench *bench);
};

extern const struct ebb_bench_suite ebb_bench_delivery;
extern const struct ebb_bench_suite ebb_bench_dvs;
extern const struct ebb_bench_suite ebb_bench_engine;
extern const struct ebb_bench_suite ebb_bench_io;
extern const struct ebb_bench_suite ebb_bench_memory;
extern const struct ebb_bench_suite ebb_bench_ranks;
extern const struct ebb_bench_suite ebb_bench_scale;
extern const struct ebb_bench_suite ebb_bench_serve;
extern const struct ebb_bench_suite ebb_bench_shares;
extern const struct ebb_bench_suite ebb_bench_stream;
extern const struct ebb_bench_suite ebb_bench_threads;
extern const struct ebb_bench_suite ebb_bench_train;

#endif
