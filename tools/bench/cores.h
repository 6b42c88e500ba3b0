/* tools/bench/cores.h - runs on one core and on two, where cores may be shared.
 *
 * What other programs take of the processors, the system tells. That virtual
 * processors are two threads of one core, or are slowed by somebody on the same
 * machine, it does not. So each turn has three runs: the whole on one core, the
 * whole on each of two at once, and half of it on each of two. The second one
 * against the third is what dividing the work gains at the speed that both
 * cores have; the first against the second tells whether they are two. */
#ifndef EBB_TOOLS_BENCH_CORES_H
#define EBB_TOOLS_BENCH_CORES_H

#include "tools/bench/bench.h"
#include <stdbool.h>

/** Processor time of this process so far, s. */
double ebb_bench_cores_own(void);

/** A while in which somebody watches the processors. */
struct ebb_bench_watch {
    double start, all, own; /* s */
};

/** It begins; `own` is the processor time so far of all who take part. */
struct ebb_bench_watch ebb_bench_watch_begin(double own);

/** Cores that other programs took since then; NaN where nobody tells. */
double ebb_bench_watch_end(const struct ebb_bench_watch *watch, double own);

/** A turn. */
struct ebb_bench_turn {
    double one;    /* s of the whole on one core */
    double each;   /* s of the whole on each of two cores: the slower one */
    double half;   /* s of half of it on each */
    double others; /* cores that other programs took meanwhile */
};

enum { EBB_BENCH_TURNS = 99 };

/** Turns, of which those count in which other programs took little. */
struct ebb_bench_turns {
    struct ebb_bench_turn at[EBB_BENCH_TURNS];
    size_t kept, tried;
};

/** Add one. */
void ebb_bench_turns_add(struct ebb_bench_turns *turns,
                         const struct ebb_bench_turn *turn);

/** Were enough kept for `runs`, or too many tried? */
bool ebb_bench_turns_are_done(const struct ebb_bench_turns *turns, size_t runs);

/** Median of the whole on one core, s; NaN: no turn counts. */
double ebb_bench_turns_one(const struct ebb_bench_turns *turns);

/** What their figures are called. */
struct ebb_bench_turn_names {
    const char *one, *each, *half, *cores, *plain;
};

/** Report the medians; that of each / half against a bar, and of one / half
 *  where the cores are two. Says when nothing can be judged. */
void ebb_bench_turns_report(struct ebb_bench *bench,
                            const struct ebb_bench_turns *turns,
                            const struct ebb_bench_turn_names *names,
                            double bar);

#endif
