/* tools/bench/mnist.c - steps of the networks for MNIST against the bare
 * primitives of the same shapes. */
#include "tools/bench/mnist.h"

#include "tools/setting.h"

#include "core/memory.h"
#include "core/random.h"
#include "sim/primitives.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

/* Images of the size of MNIST's, of which a fifth is ink; each for 25 ticks. */
enum { SIDE = 28, PIXELS = SIDE * SIDE, CLASSES = 10, TICKS = 25 };
enum { RUNS_MAX = 99, PIECE_ROWS = 400 };

static ebb_status draw(void *self, enum ebb_split split, uint64_t epoch,
                       size_t index, struct ebb_sample *out)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, index);
    float ink[PIXELS];
    (void)self;
    (void)split;
    (void)epoch;
    for (size_t i = 0; i < PIXELS; i++) {
        bool any = ebb_random_below(&r, 5) == 0;
        ink[i] = any ? (float)ebb_random_uniform(&r) : 0;
    }
    ebb_events_clear(&out->input);
    ebb_events_clear(&out->target);
    out->label = index % CLASSES;
    for (size_t k = 0; k < (size_t)TICKS * PIXELS; k++) {
        size_t i = k % PIXELS;
        if (ink[i] > 0) {
            struct ebb_event e = {k / PIXELS, (ebb_neuron_id)i, (double)ink[i]};
            EBB_TRY(ebb_events_push(&out->input, e));
        }
    }
    return EBB_OK;
}

/* A network, and the pieces in which its bare products are run. */
struct pair {
    const char *name;
    struct ebb_setting setting;
    struct ebb_trainer *trainer;
    struct ebb_primitives **bare; /* [projections] */
    size_t pieces, steps;
};

/* Of this thread, which does all the work on both sides: what else the machine
 * does counts for less than by the clock on the wall. */
static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static ebb_status take_bare(struct pair *p)
{
    const struct ebb_network *net = p->setting.experiment->network;
    size_t rows = p->setting.options.batch * TICKS;
    p->pieces = (rows + PIECE_ROWS - 1) / PIECE_ROWS;
    p->bare =
        ebb_mem_calloc(net->n_projections, sizeof(struct ebb_primitives *));
    if (!p->bare) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the bare products");
    }
    /* Kernels of input axons are learned from dE/dF, which is by data. */
    bool kernels = p->setting.options.learn.kernels != EBB_KERNELS_FIXED;
    for (size_t q = 0; q < net->n_projections; q++) {
        size_t source = net->projections[q].source;
        bool data = kernels || !net->populations[source].input;
        EBB_TRY(
            ebb_primitives_create(&p->bare[q], net, q, rows / p->pieces, data));
    }
    return EBB_OK;
}

static ebb_status time_bare(const struct pair *p, double *seconds)
{
    double start = processor_seconds();
    size_t n = p->setting.experiment->network->n_projections;
    for (size_t k = 0; k < p->pieces; k++) {
        for (size_t q = 0; q < n; q++) {
            EBB_TRY(ebb_primitives_run(p->bare[q]));
        }
    }
    *seconds = processor_seconds() - start;
    return EBB_OK;
}

static ebb_status time_step(struct pair *p, double *seconds)
{
    struct ebb_train_step done;
    double start = processor_seconds();
    size_t steps = ebb_trainer_steps(p->trainer);
    size_t k = p->steps++;
    EBB_TRY(
        ebb_trainer_step(p->trainer, (unsigned)(k / steps), k % steps, &done));
    *seconds = processor_seconds() - start;
    return EBB_OK;
}

static void tell(struct ebb_bench *bench, const struct pair *p, double *step,
                 double *bare, double *ratio, size_t n)
{
    const double none = (double)NAN;
    double of = 1e3 / (double)p->setting.options.batch;
    char primitives[40], own[40], memory[40];
    snprintf(primitives, sizeof(primitives), "%s.primitives", p->name);
    snprintf(own, sizeof(own), "%s.sample", p->name);
    snprintf(memory, sizeof(memory), "%s.memory", p->name);
    struct ebb_bench_figure figures[] = {
        {primitives, of * ebb_bench_median(bare, n), "ms", none, none, 0},
        {own, of * ebb_bench_median(step, n), "ms", ebb_bench_median(ratio, n),
         1.6, 0},
        {memory, (double)ebb_trainer_bytes(p->trainer) / 0x1p20, "MiB", none,
         none, 0}};
    for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++) {
        ebb_bench_report(bench, &figures[k]);
    }
}

static ebb_status compare(struct ebb_bench *bench, struct pair *p)
{
    double step[RUNS_MAX], bare[RUNS_MAX], ratio[RUNS_MAX], warm;
    size_t n = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    EBB_TRY(time_step(p, &warm));
    EBB_TRY(time_bare(p, &warm));
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(time_step(p, &step[k]));
        EBB_TRY(time_bare(p, &bare[k]));
        ratio[k] = step[k] / bare[k];
    }
    tell(bench, p, step, bare, ratio, n);
    return EBB_OK;
}

static ebb_status measure(struct ebb_bench *bench, struct pair *p,
                          const char *path)
{
    const struct ebb_sample_source source = {.inputs = PIXELS,
                                             .classes = CLASSES,
                                             .ticks = TICKS,
                                             .size = {1024, 0, 0},
                                             .read = draw};
    EBB_TRY(ebb_setting_init_from(&p->setting, path, &source));
    p->setting.options.threads = 1;
    EBB_TRY(ebb_trainer_create(&p->trainer, p->setting.experiment->network,
                               &p->setting.source, &p->setting.options));
    EBB_TRY(take_bare(p));
    return compare(bench, p);
}

static ebb_status run_one(struct ebb_bench *bench, const char *name,
                          const char *path)
{
    struct pair p = {.name = name};
    ebb_status status = measure(bench, &p, path);
    for (size_t q = 0;
         p.bare && q < p.setting.experiment->network->n_projections; q++) {
        ebb_primitives_destroy(p.bare[q]);
    }
    ebb_mem_free(p.bare);
    ebb_trainer_destroy(p.trainer);
    ebb_setting_finish(&p.setting);
    return status;
}

ebb_status ebb_bench_train_mnist(struct ebb_bench *bench)
{
    EBB_TRY(run_one(bench, "train.mnist_mlp", "experiments/mnist_mlp.yaml"));
    return run_one(bench, "train.mnist_conv", "experiments/mnist_conv.yaml");
}
