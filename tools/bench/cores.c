/* tools/bench/cores.c - runs on one core and on two. */
#include "tools/bench/cores.h"

#include "tools/progress.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { KEPT_LEAST = 3, PATIENCE = 4 };

static const double others_most = 0.1, cores_least = 1.9;

double ebb_bench_cores_own(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* Seconds that the processors of this machine were busy so far; NaN where
 * nobody tells. */
static double busy(void)
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

struct ebb_bench_watch ebb_bench_watch_begin(double own)
{
    return (struct ebb_bench_watch){
        .start = ebb_seconds_now(), .all = busy(), .own = own};
}

double ebb_bench_watch_end(const struct ebb_bench_watch *w, double own)
{
    return (busy() - w->all - (own - w->own)) / (ebb_seconds_now() - w->start);
}

void ebb_bench_turns_add(struct ebb_bench_turns *t,
                         const struct ebb_bench_turn *turn)
{
    t->tried++;
    if (turn->others <= others_most && t->kept < EBB_BENCH_TURNS) {
        t->at[t->kept++] = *turn;
    }
}

bool ebb_bench_turns_are_done(const struct ebb_bench_turns *t, size_t runs)
{
    return t->kept >= runs || t->tried >= PATIENCE * runs;
}

enum { ONE, EACH, HALF, CORES, GAIN, PLAIN, FIGURES };

static double figure(const struct ebb_bench_turn *t, size_t which)
{
    const double all[FIGURES] = {[ONE] = t->one,
                                 [EACH] = t->each,
                                 [HALF] = t->half,
                                 [CORES] = 2 * t->one / t->each,
                                 [GAIN] = t->each / t->half,
                                 [PLAIN] = t->one / t->half};
    return all[which];
}

static double median(const struct ebb_bench_turns *t, size_t which)
{
    double of[EBB_BENCH_TURNS];
    for (size_t k = 0; k < t->kept; k++) {
        of[k] = figure(&t->at[k], which);
    }
    return t->kept ? ebb_bench_median(of, t->kept) : (double)NAN;
}

double ebb_bench_turns_one(const struct ebb_bench_turns *t)
{
    return median(t, ONE);
}

void ebb_bench_turns_report(struct ebb_bench *bench,
                            const struct ebb_bench_turns *t,
                            const struct ebb_bench_turn_names *names,
                            double bar)
{
    const double none = (double)NAN;
    bool judged = t->kept >= KEPT_LEAST;
    bool two = judged && median(t, CORES) >= cores_least;
    const struct ebb_bench_figure figures[] = {
        {names->one, median(t, ONE), "s", none, none, 0},
        {names->each, median(t, EACH), "s", none, none, 0},
        {names->cores, median(t, CORES), "", none, none, 0},
        {names->half, median(t, HALF), "s", median(t, GAIN),
         judged ? bar : none, 1},
        {names->plain, median(t, HALF), "s", median(t, PLAIN), two ? bar : none,
         1}};
    for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++) {
        ebb_bench_report(bench, &figures[k]);
    }
    if (!bench->json) {
        printf("%zu of %zu turns without other programs%s\n", t->kept, t->tried,
               !judged ? ": nothing is judged"
               : two   ? ", on two cores"
                       : "; the processors are not two whole cores");
    }
}
