/* tools/bench/train.c - one training step against its bare matrix products. */
#include "tools/bench/bench.h"
#include "tools/bench/mnist.h"
#include "tools/progress.h"
#include "tools/setting.h"

#include "core/memory.h"
#include "sim/product.h"

#include <math.h>

enum { RUNS_MAX = 99 };

/* Arrays for the products of the largest projection. */
struct bare {
    float *f, *v, *w, *d_w;
    size_t rows;
    const struct ebb_network *net;
};

static ebb_status alloc_bare(struct bare *b, struct ebb_arena *arena)
{
    size_t widest = 0, synapses = 0;
    for (size_t k = 0; k < b->net->n_populations; k++) {
        size_t n = b->net->populations[k].n;
        widest = n > widest ? n : widest;
    }
    for (size_t k = 0; k < b->net->n_projections; k++) {
        const struct ebb_projection *p = &b->net->projections[k];
        size_t n = p->synapses;
        if (p->kind != EBB_PROJECTION_DENSE) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "'%s' is not dense; --suite mnist measures a "
                            "network that convolves",
                            p->name);
        }
        synapses = n > synapses ? n : synapses;
    }
    b->f = ebb_arena_calloc(arena, b->rows * widest, sizeof(float));
    b->v = ebb_arena_calloc(arena, b->rows * widest, sizeof(float));
    b->w = ebb_arena_calloc(arena, synapses, sizeof(float));
    b->d_w = ebb_arena_calloc(arena, synapses, sizeof(float));
    if (!b->f || !b->v || !b->w || !b->d_w) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the bare products");
    }
    for (size_t k = 0; k < b->rows * widest; k++) {
        b->f[k] = b->v[k] = (float)(k % 17) * 0x1p-10F;
    }
    for (size_t k = 0; k < synapses; k++) {
        b->w[k] = (float)(k % 13) * 0x1p-10F;
    }
    return EBB_OK;
}

/* Forward, dW and (but for inputs, which need none) dF of a whole batch; dW is
 * set, as the first product of a tile does in a trainer. */
static double time_bare(const struct bare *b)
{
    double start = ebb_seconds_now();
    for (size_t k = 0; k < b->net->n_projections; k++) {
        const struct ebb_projection *p = &b->net->projections[k];
        size_t sources = b->net->populations[p->source].n;
        size_t targets = b->net->populations[p->target].n;
        struct ebb_product shape = {.rows = b->rows,
                                    .sources = sources,
                                    .targets = targets,
                                    .source_stride = sources,
                                    .target_stride = targets};
        ebb_product_forward_f32(&shape, b->v, b->f, b->w, false);
        ebb_product_weight_f32(&shape, b->d_w, b->f, b->v, false);
        if (!b->net->populations[p->source].input) {
            ebb_product_backward_f32(&shape, b->f, b->v, b->w);
        }
    }
    return ebb_seconds_now() - start;
}

static ebb_status time_step(struct ebb_trainer *trainer, size_t step,
                            double *seconds)
{
    struct ebb_train_step done;
    double start = ebb_seconds_now();
    size_t steps = ebb_trainer_steps(trainer);
    EBB_TRY(ebb_trainer_step(trainer, (unsigned)(step / steps), step % steps,
                             &done));
    *seconds = ebb_seconds_now() - start;
    return EBB_OK;
}

static ebb_status compare(struct ebb_bench *bench, struct ebb_trainer *trainer,
                          const struct bare *bare, double peak)
{
    double step[RUNS_MAX], product[RUNS_MAX], ratio[RUNS_MAX];
    size_t n = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    (void)time_bare(bare); /* warm */
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(time_step(trainer, k + 1, &step[k]));
        product[k] = time_bare(bare);
        ratio[k] = step[k] / product[k];
    }
    const double none = (double)NAN;
    struct ebb_bench_figure figures[] = {
        {"train.products", ebb_bench_median(product, n), "s", none, none, 0},
        {"train.step", ebb_bench_median(step, n), "s",
         ebb_bench_median(ratio, n), 1.6, 0},
        {"train.peak_memory", peak / 0x1p20, "MiB", none, 400, 0}};
    for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++) {
        ebb_bench_report(bench, &figures[k]);
    }
    return EBB_OK;
}

static ebb_status measure(struct ebb_bench *bench, struct ebb_setting *s,
                          struct ebb_trainer **trainer, struct ebb_arena *arena)
{
    EBB_TRY(ebb_setting_init(s, bench->input, NULL));
    s->options.threads = 1;
    struct bare bare = {.net = s->experiment->network,
                        .rows = s->options.batch * (size_t)s->source.ticks};
    EBB_TRY(ebb_trainer_create(trainer, s->experiment->network, &s->source,
                               &s->options));
    double warm = 0;
    EBB_TRY(time_step(*trainer, 0, &warm));
    double peak = (double)ebb_mem_peak(); /* before the bare arrays */
    EBB_TRY(alloc_bare(&bare, arena));
    return compare(bench, *trainer, &bare, peak);
}

static ebb_status run(struct ebb_bench *bench)
{
    struct ebb_setting s = {0};
    struct ebb_trainer *trainer = NULL;
    struct ebb_arena *arena = NULL;
    if (bench->mnist) {
        return ebb_bench_train_mnist(bench);
    }
    EBB_TRY(ebb_arena_create(&arena));
    ebb_status status = measure(bench, &s, &trainer, arena);
    ebb_trainer_destroy(trainer);
    ebb_setting_finish(&s);
    ebb_arena_destroy(arena);
    return status;
}

const struct ebb_bench_suite ebb_bench_train = {
    .name = "train",
    .summary = "a training step against its bare matrix products, one thread",
    .input = "experiments/associative_memory.yaml",
    .run = run};
