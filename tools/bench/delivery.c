/* tools/bench/delivery.c - additions of the event engine's delivery against a
 * bare loop over the same rows, one core.
 *
 * 10^5 axons reach 1000 neurons each, of 10^4 or of 10^6. Which rows are due is
 * drawn anew for every tick, so that both sides read them from memory: the loop
 * as plain compressed rows, the engine as it packed them. Both have large pages
 * and end at the same sums, bit for bit. */
#include "tools/bench/bench.h"
#include "tools/bench/scatter_loop.h"
#include "tools/progress.h"

#include "core/random.h"
#include "core/step.h"
#include "models/rows.h"
#include "sim/deliver_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { AXONS = 100000, ROW = 1000, RUNS_MAX = 99 };

/* What weights are like, by the layout that they let the engine choose. */
enum weights { FLOATS, BYTES, ONE };

static const char *const suffix[] = {
    [FLOATS] = "", [BYTES] = ".int8", [ONE] = ".constant"};

/* Rows that are due in a tick, and what is asked of the engine. */
struct load {
    size_t due, ticks;
    double bar[ONE + 1]; /* NaN: none */
};

struct field {
    struct ebb_network *net;
    struct ebb_engine *engine;
    const char *name;
    enum weights weights;
    double *sum;   /* [neurons] of the loop */
    uint32_t *due; /* [ticks][rows] */
    ebb_scatter_loop_fn *loop;
};

static ebb_scatter_loop_fn *find_loop(void)
{
#if EBB_STEP_X86
    const char *isa = ebb_step_best_f64()->isa;
    if (strcmp(isa, "avx512") == 0) {
        return ebb_scatter_loop_avx512;
    }
    if (strcmp(isa, "avx2") == 0) {
        return ebb_scatter_loop_avx2;
    }
#endif
    return ebb_scatter_loop_baseline;
}

/* ROW different targets of n, rising, any set as likely as another: the points
 * at which ROW of ROW + 1 waiting times are over. */
static void draw_targets(uint32_t *target, size_t n, struct ebb_random *r)
{
    double at[ROW], sum = 0;
    for (size_t k = 0; k <= ROW; k++) {
        sum -= log1p(-ebb_random_uniform(r));
        if (k < ROW) {
            at[k] = sum;
        }
    }
    for (size_t k = 0; k < ROW; k++) {
        double place = at[k] / sum * (double)(n - ROW);
        target[k] = (uint32_t)place + (uint32_t)k;
    }
}

static void draw_weights(struct ebb_projection *p, enum weights kind)
{
    float *w = p->weight;
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 1 + kind);
    for (size_t s = 0; s < p->synapses; s++) {
        uint32_t bits = kind == ONE ? 0 : ebb_random_bits(&r);
        w[s] = kind == ONE     ? 0.7F
               : kind == BYTES ? 0.01F * ((float)(bits % 255) - 127)
                               : (float)bits * 0x1p-31F - 1;
    }
}

static ebb_status add_rows(struct field *f, size_t n)
{
    size_t from, to, index;
    struct ebb_kernel_spec none = {.shape = EBB_KERNEL_NONE};
    EBB_TRY(ebb_network_add_population(f->net, "axons", AXONS, true, &from));
    EBB_TRY(ebb_network_add_population(f->net, "neurons", n, false, &to));
    EBB_TRY(ebb_network_add_projection(f->net, "synapses", from, to,
                                       EBB_PROJECTION_SPARSE, EBB_FLOAT32,
                                       (size_t)AXONS * ROW, &index));
    struct ebb_projection *p = &f->net->projections[index];
    ebb_mem_use_large_pages(p->indices, p->synapses * sizeof(*p->indices));
    ebb_mem_use_large_pages(p->weight, p->synapses * sizeof(float));
    for (size_t j = 0; j < AXONS; j++) {
        struct ebb_random r = ebb_random_stream(2, EBB_RANDOM_TEST, j);
        draw_targets(p->indices + j * ROW, n, &r);
        p->indptr[j + 1] = (j + 1) * ROW;
    }
    p->delay_ticks = 1;
    return ebb_kernel_expand(&p->kernel, f->net->arena, &none, 1, 0);
}

/* Which rows are due, tick by tick. */
static void draw_due(struct field *f, const struct load *load, size_t run)
{
    struct ebb_random r = ebb_random_stream(3, EBB_RANDOM_TEST, run);
    for (size_t k = 0; k < load->due * load->ticks; k++) {
        f->due[k] = ebb_random_below(&r, AXONS);
    }
}

static double time_loop(struct field *f, const struct load *load)
{
    const struct ebb_projection *p = &f->net->projections[0];
    double start = ebb_seconds_now();
    for (size_t t = 0; t < load->ticks; t++) {
        f->loop(f->sum, p->indptr, p->indices, p->weight,
                f->due + t * load->due, load->due, 1);
    }
    return ebb_seconds_now() - start;
}

/* As in a tick in which all tiles are swept: nobody is touched. */
static ebb_status time_engine(struct field *f, const struct load *load,
                              double *seconds)
{
    struct ebb_engine *e = f->engine;
    struct drive *d = &e->drive[0];
    e->crowd[d->p->target].whole = true;
    double start = ebb_seconds_now();
    for (size_t t = 0; t < load->ticks; t++) {
        for (size_t k = 0; k < load->due; k++) {
            EBB_TRY(deliver_want(d, f->due[t * load->due + k], 1));
        }
        rows_add(e, d);
        d->n_rows = 0;
    }
    *seconds = ebb_seconds_now() - start;
    return EBB_OK;
}

static ebb_status check_sums(const struct field *f)
{
    const struct drive *d = &f->engine->drive[0];
    for (size_t i = 0; i < d->targets; i++) {
        if (f->sum[i] != d->sum64[i]) {
            return EBB_FAIL(EBB_ERR_DIVERGED,
                            "%s%s: neuron %zu has %.17g, of the bare loop "
                            "%.17g",
                            f->name, suffix[f->weights], i, d->sum64[i],
                            f->sum[i]);
        }
    }
    return EBB_OK;
}

static void report(struct ebb_bench *bench, const struct field *f,
                   const struct load *load, double *engine, double *loop,
                   double *ratio, size_t n)
{
    double additions = (double)(load->due * load->ticks * ROW);
    const double none = (double)NAN;
    char name[2][80];
    for (size_t k = 0; k < 2; k++) {
        snprintf(name[k], sizeof(name[k]), "delivery.%s.%zu%s%s", f->name,
                 load->due, suffix[f->weights], k ? ".loop" : "");
    }
    struct ebb_bench_figure bare = {
        name[1], additions / ebb_bench_median(loop, n) / 1e6, "M/s", none, none,
        true};
    struct ebb_bench_figure own = {name[0],
                                   additions / ebb_bench_median(engine, n) /
                                       1e6,
                                   "M/s",
                                   ebb_bench_median(ratio, n),
                                   load->bar[f->weights],
                                   true};
    ebb_bench_report(bench, &bare);
    ebb_bench_report(bench, &own);
}

static ebb_status run_load(struct ebb_bench *bench, struct field *f,
                           const struct load *load)
{
    double engine[RUNS_MAX], loop[RUNS_MAX], ratio[RUNS_MAX];
    size_t n = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    struct drive *d = &f->engine->drive[0];
    memset(f->sum, 0, d->targets * sizeof(*f->sum));
    memset(d->sum64, 0, d->targets * sizeof(*d->sum64));
    for (size_t k = 0; k <= n; k++) { /* the first is a warm-up */
        size_t at = k > 0 ? k - 1 : 0;
        draw_due(f, load, k);
        loop[at] = time_loop(f, load);
        EBB_TRY(time_engine(f, load, &engine[at]));
        ratio[at] = loop[at] / engine[at];
    }
    EBB_TRY(check_sums(f));
    report(bench, f, load, engine, loop, ratio, n);
    return EBB_OK;
}

/* All loads of one kind of weights. */
static ebb_status run_weights(struct ebb_bench *bench, struct field *f,
                              const struct load *loads, size_t n)
{
    struct ebb_engine_options how = ebb_engine_options_default();
    draw_weights(&f->net->projections[0], f->weights);
    EBB_TRY(ebb_network_finish(f->net));
    EBB_TRY(ebb_engine_create(&f->engine, f->net, &how));
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < n && status == EBB_OK; k++) {
        status = run_load(bench, f, &loads[k]);
    }
    ebb_engine_destroy(f->engine);
    f->engine = NULL;
    return status;
}

static ebb_status run_field(struct ebb_bench *bench, struct field *f,
                            size_t neurons, const struct load *loads, size_t n,
                            enum weights last)
{
    size_t most = 0;
    for (size_t k = 0; k < n; k++) {
        size_t rows = loads[k].due * loads[k].ticks;
        most = rows > most ? rows : most;
    }
    EBB_TRY(ebb_network_create(&f->net));
    f->loop = find_loop();
    f->due = ebb_mem_calloc(most, sizeof(*f->due));
    f->sum = ebb_mem_calloc(neurons, sizeof(*f->sum));
    if (!f->due || !f->sum) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu sums", neurons);
    }
    ebb_mem_use_large_pages(f->sum, neurons * sizeof(*f->sum));
    EBB_TRY(add_rows(f, neurons));
    for (size_t kind = FLOATS; kind <= (size_t)last; kind++) {
        f->weights = (enum weights)kind;
        EBB_TRY(run_weights(bench, f, loads, n));
    }
    return EBB_OK;
}

static void finish(struct field *f)
{
    ebb_engine_destroy(f->engine);
    ebb_network_destroy(f->net);
    ebb_mem_free(f->due);
    ebb_mem_free(f->sum);
}

static ebb_status run(struct ebb_bench *bench)
{
    const double none = (double)NAN;
    const struct load few[] = {{100, 100, {0.9, none, none}},
                               {5000, 2, {0.9, none, none}}};
    const struct load many[] = {{100, 100, {1.15, none, none}},
                                {5000, 2, {1.5, none, none}}};
    struct field small = {.name = "10k"}, large = {.name = "1M"};
    ebb_status status = run_field(bench, &small, 10000, few, 2, FLOATS);
    finish(&small);
    if (status == EBB_OK) {
        status = run_field(bench, &large, 1000000, many, 2, ONE);
    }
    finish(&large);
    return status;
}

const struct ebb_bench_suite ebb_bench_delivery = {
    .name = "delivery",
    .summary = "synapses added to their targets against a bare loop, one core",
    .run = run};
