/* tools/memory/capacity.c - how many patterns a Willshaw memory holds: measured
 * by recall, beside theory. */
#include "tools/memory/memory.h"

#include "tools/memory/capacity_tell.h"
#include "tools/progress.h"
#include "tools/stop.h"

#include "core/memory.h"

#include <math.h>

static const double COMPLETED = 0.99;       /* of a pattern, at the threshold */
static const double FROM = 0.003, TO = 1.5; /* F where the sweep begins, ends */

static ebb_status take_options(struct ebb_capacity *c)
{
    const struct ebb_args *args = c->args;
    double missing = 0;
    c->params = ebb_association_params_default();
    c->size = (struct ebb_memory_size){.neurons = 2000, .cells = 32};
    c->wanted = 24;
    c->points = 9;
    c->cues = 200;
    EBB_TRY(ebb_memory_take_network(args, &c->params, &c->size));
    EBB_TRY(ebb_args_count(args, "seeds", 2, 100000, &c->wanted));
    EBB_TRY(ebb_args_count(args, "points", 3, 1000, &c->points));
    EBB_TRY(ebb_args_count(args, "cues", 1, UINT32_MAX, &c->cues));
    EBB_TRY(ebb_args_number(args, "missing", 0, 1, &missing));
    c->options.noise.missing = missing;
    double cue = nearbyint((1 - missing) * (double)c->size.cells);
    c->theory = (struct ebb_willshaw){.neurons = c->size.neurons,
                                      .cells = c->size.cells,
                                      .cue = (size_t)cue,
                                      .connect = c->params.connect};
    return EBB_OK;
}

/* Pattern counts, evenly apart in their logarithm, over the range of theory. */
static ebb_status choose_counts(struct ebb_capacity *c)
{
    double from = ebb_willshaw_capacity(&c->table, FROM);
    double to = ebb_willshaw_capacity(&c->table, TO);
    if (!(to > 0)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "with a threshold of %zu of %zu cells no number of "
                        "patterns makes enough neurons fire falsely; give a "
                        "lower --threshold",
                        c->theory.threshold, c->theory.cue);
    }
    from = fmax(from, 2);
    for (size_t k = 0; k < c->points; k++) {
        double part = (double)k / (double)(c->points - 1);
        c->count[k] = nearbyint(from * pow(to / from, part));
    }
    return EBB_OK;
}

static ebb_status prepare(struct ebb_capacity *c)
{
    EBB_TRY(take_options(c));
    struct ebb_willshaw *w = &c->theory;
    if (c->params.threshold > 0 &&
        c->params.threshold != nearbyint(c->params.threshold)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--threshold is %g; theory counts whole coincidences",
                        c->params.threshold);
    }
    if (c->params.kind != EBB_ASSOCIATION_WILLSHAW) {
        return EBB_FAIL(EBB_ERR_ARG, "theory is of --kind willshaw alone");
    }
    w->threshold = c->params.threshold > 0
                       ? (size_t)c->params.threshold
                       : ebb_willshaw_threshold(w, COMPLETED);
    c->params.threshold = (double)w->threshold;
    EBB_TRY(ebb_willshaw_table_init(&c->table, w));
    size_t cells = c->points * c->wanted;
    c->count = ebb_mem_calloc(c->points, sizeof(double));
    c->mean = ebb_mem_calloc(c->points + c->wanted, sizeof(double));
    c->falsely = ebb_mem_calloc(cells, sizeof(double));
    c->completed = ebb_mem_calloc(cells, sizeof(double));
    if (!c->count || !c->mean || !c->falsely || !c->completed) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu measurements", cells);
    }
    return choose_counts(c);
}

/* Ask for the first patterns of a memory, one cue each; means into *sum. */
static ebb_status ask_all(const struct ebb_capacity *c, struct ebb_recall *r,
                          size_t patterns, struct ebb_recall_score *sum)
{
    size_t n = c->cues < patterns ? (size_t)c->cues : patterns;
    *sum = (struct ebb_recall_score){0, 0, 0};
    for (size_t k = 0; k < n; k++) {
        struct ebb_recall_score score[2];
        EBB_TRY(ebb_recall_ask(r, k, 0, score));
        sum->completion += score[1].completion / (double)n;
        sum->falsely += score[1].falsely / (double)n;
    }
    return EBB_OK;
}

static ebb_status recall(const struct ebb_capacity *c, uint64_t seed,
                         const struct ebb_network *net,
                         const struct ebb_assemblies *a,
                         struct ebb_recall_score *sum)
{
    struct ebb_recall *r;
    struct ebb_recall_options o = c->options;
    o.steps = 1;
    o.seed = seed;
    EBB_TRY(ebb_association_period(&o.period, &c->params));
    EBB_TRY(ebb_recall_create(&r, net, a, &o));
    ebb_status status = ask_all(c, r, a->n, sum);
    ebb_recall_destroy(r);
    return status;
}

/* One memory of one seed and number of patterns, built and asked. */
static ebb_status measure(struct ebb_capacity *c, size_t run, size_t point)
{
    struct ebb_assemblies a;
    struct ebb_network *net = NULL;
    struct ebb_recall_score sum;
    struct ebb_association_params p = c->params;
    p.seed += run;
    EBB_TRY(ebb_assemblies_draw(&a, c->size.neurons, (size_t)c->count[point],
                                c->size.cells, p.seed));
    ebb_status status = ebb_association_build(&net, &p, &a, NULL);
    if (status == EBB_OK) {
        status = recall(c, p.seed, net, &a, &sum);
    }
    if (status == EBB_OK) {
        c->falsely[run * c->points + point] = sum.falsely;
        c->completed[run * c->points + point] = sum.completion;
    }
    ebb_network_destroy(net);
    ebb_assemblies_finish(&a);
    return status;
}

/* Seed by seed, so that Ctrl-C leaves whole curves. */
static ebb_status sweep(struct ebb_capacity *c)
{
    struct ebb_progress progress = ebb_progress_begin(0, c->wanted * c->points);
    ebb_status status = EBB_OK;
    ebb_stop_listen();
    while (c->seeds < c->wanted && !ebb_stop_wanted() && status == EBB_OK) {
        size_t k = 0;
        for (; k < c->points && !ebb_stop_wanted() && status == EBB_OK; k++) {
            status = measure(c, c->seeds, k);
            ebb_progress_show(&progress, c->seeds * c->points + k + 1,
                              "memories built and asked");
        }
        c->seeds += k == c->points && status == EBB_OK;
    }
    ebb_progress_clear(&progress);
    if (status == EBB_OK && c->seeds < 2) {
        return EBB_FAIL(EBB_ERR_STOPPED, "stopped before two seeds were done; "
                                         "nothing is written");
    }
    return status;
}

ebb_status ebb_memory_capacity(const struct ebb_args *args)
{
    struct ebb_capacity c = {.args = args};
    double start = ebb_seconds_now();
    ebb_status status = prepare(&c);
    if (status == EBB_OK) {
        status = sweep(&c);
    }
    c.seconds = ebb_seconds_now() - start;
    if (status == EBB_OK) {
        status = ebb_capacity_tell(&c);
    }
    ebb_willshaw_table_finish(&c.table);
    ebb_mem_free(c.count);
    ebb_mem_free(c.mean);
    ebb_mem_free(c.falsely);
    ebb_mem_free(c.completed);
    return status;
}
