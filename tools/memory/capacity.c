/* tools/memory/capacity.c - how many patterns a Willshaw memory holds: measured
 * by recall, beside theory. */
#include "tools/memory/memory.h"

#include "tools/memory/capacity_tell.h"
#include "tools/progress.h"
#include "tools/stop.h"

#include "core/memory.h"

#include <math.h>

static const double COMPLETED = 0.99; /* of a pattern, at the threshold */
/* Parts of the lowest and the highest target where the sweep begins, ends. */
static const double FROM = 0.3, TO = 3;

/* Neurons below which threads are not worth starting. */
enum { SMALL = 20000 };

static struct ebb_memory_experiment defaults(void)
{
    return (struct ebb_memory_experiment){.neurons = 2000,
                                          .cells = 32,
                                          .connect = 0.5,
                                          .delay_ticks = 5,
                                          .tick_s = 1e-3,
                                          .cues = 200,
                                          .seeds = 24,
                                          .seed = 1,
                                          .points = 9,
                                          .targets = {0.01, 0.5},
                                          .n_targets = 2};
}

/* The file's values, as those that options stand over. */
static void begin_with_file(struct ebb_capacity *c)
{
    const struct ebb_memory_experiment *e = &c->file;
    c->params = ebb_association_params_default();
    c->params.connect = e->connect;
    c->params.threshold = (double)e->threshold;
    c->params.delay_ticks = e->delay_ticks;
    c->params.tick_s = e->tick_s;
    c->params.seed = e->seed;
    c->size =
        (struct ebb_memory_size){.neurons = e->neurons, .cells = e->cells};
}

static ebb_status take_cue(struct ebb_capacity *c)
{
    struct ebb_memory_experiment *e = &c->file;
    double missing = 0;
    EBB_TRY(ebb_args_number(c->args, "missing", 0, 1, &missing));
    if (ebb_args_has(c->args, "missing") || e->cue == 0) {
        e->cue = (uint64_t)nearbyint((1 - missing) * (double)c->size.cells);
    }
    if (e->cue > c->size.cells) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a cue of %llu cells, but patterns of %llu; say what "
                        "cues lack with --missing",
                        (unsigned long long)e->cue,
                        (unsigned long long)c->size.cells);
    }
    c->options.noise.missing = 1 - (double)e->cue / (double)c->size.cells;
    return EBB_OK;
}

static ebb_status take_name(const struct ebb_args *args, const char *option,
                            char **name)
{
    const char *text = ebb_args_text(args, option);
    char *copy = text ? ebb_mem_strdup(text) : NULL;
    if (text && !copy) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a name");
    }
    if (copy) {
        ebb_mem_free(*name);
        *name = copy;
    }
    return EBB_OK;
}

static ebb_status take_options(struct ebb_capacity *c)
{
    const struct ebb_args *args = c->args;
    struct ebb_memory_experiment *e = &c->file;
    *e = defaults();
    if (args->n_operands > 1) {
        EBB_TRY(ebb_memory_experiment_read(e, args->operand[1]));
    }
    begin_with_file(c);
    EBB_TRY(ebb_memory_take_network(args, &c->params, &c->size));
    e->seed = c->params.seed;
    c->threads = c->size.neurons < SMALL ? 1 : 0;
    EBB_TRY(ebb_memory_take_threads(args, &c->threads));
    EBB_TRY(ebb_args_count(args, "seeds", 2, 100000, &e->seeds));
    if (ebb_args_has(args, "points")) {
        e->n_patterns = 0; /* found, not listed */
    }
    EBB_TRY(ebb_args_count(args, "points", 3, 1000, &e->points));
    EBB_TRY(ebb_args_count(args, "cues", 1, UINT32_MAX, &e->cues));
    EBB_TRY(take_name(args, "out", &e->lines));
    EBB_TRY(take_name(args, "figure", &e->figure));
    EBB_TRY(take_cue(c));
    c->points = e->points;
    c->wanted = e->seeds;
    c->theory = (struct ebb_willshaw){.neurons = c->size.neurons,
                                      .cells = c->size.cells,
                                      .cue = e->cue,
                                      .connect = c->params.connect};
    return EBB_OK;
}

/* Pattern counts, evenly apart in their logarithm, over the range of theory
 * for the targets. */
static ebb_status choose_counts(struct ebb_capacity *c)
{
    const struct ebb_memory_experiment *e = &c->file;
    double low = FROM * e->targets[0];
    double high = TO * e->targets[e->n_targets - 1];
    double from = ebb_willshaw_capacity(&c->table, low);
    double to = ebb_willshaw_capacity(&c->table, high);
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
        c->count[k] = e->n_patterns > 0
                          ? e->patterns[k]
                          : nearbyint(from * pow(to / from, part));
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
    size_t n = c->file.cues < patterns ? (size_t)c->file.cues : patterns;
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
    ebb_status status = ebb_association_build(&net, &p, &a, c->threads, NULL);
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
    ebb_memory_experiment_finish(&c.file);
    ebb_willshaw_table_finish(&c.table);
    ebb_mem_free(c.count);
    ebb_mem_free(c.mean);
    ebb_mem_free(c.falsely);
    ebb_mem_free(c.completed);
    return status;
}
