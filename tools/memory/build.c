/* tools/memory/build.c - an associative memory built into a file. */
#include "tools/memory/memory.h"

#include "tools/json.h"
#include "tools/progress.h"
#include "tools/stop.h"

#include "core/memory.h"
#include "io/association_file.h"

#include <math.h>
#include <stdio.h>

/* A memory being made. */
struct job {
    const struct ebb_args *args;
    const char *out;
    struct ebb_association_params params;
    struct ebb_memory_size size;
    struct ebb_assemblies patterns;
    struct ebb_network *net;
    unsigned threads;
    struct ebb_progress progress;
    double step; /* of rounded weights */
    double start, build_seconds, seconds;
};

static ebb_status show(void *self, size_t done, size_t total)
{
    struct job *j = self;
    j->progress.total = total;
    ebb_progress_show(&j->progress, done, "rows measured and drawn");
    return ebb_stop_wanted()
               ? EBB_FAIL(EBB_ERR_STOPPED, "stopped; nothing is written")
               : EBB_OK;
}

/* Each pair of cells of a common pattern, or each pair, with probability Z. */
static double expected_synapses(const struct ebb_association_params *p,
                                const struct ebb_memory_size *size)
{
    double n = (double)size->neurons, f = (double)size->cells / n;
    double learned = p->kind == EBB_ASSOCIATION_HOPFIELD
                         ? 1
                         : -expm1((double)size->patterns * log1p(-f * f));
    return n * n * learned * p->connect;
}

/* Bits of a target, at least: of the largest gap between two of a row, as of
 * independent draws, and one less; no more than its place in a slice takes. */
static double least_bits(double synapses, double neurons)
{
    double density = fmin(1, synapses / (neurons * neurons));
    double gap = log(fmax(2, synapses)) / -log1p(-density);
    double place = fmin(log2((double)ebb_rows_slice((size_t)neurons)),
                        ceil(log2(neurons)));
    return fmax(1, fmin(ceil(log2(gap + 1)), place) - 1);
}

double ebb_memory_least_bytes(const struct ebb_association_params *p,
                              const struct ebb_memory_size *size)
{
    double synapses = expected_synapses(p, size);
    double weight = p->kind == EBB_ASSOCIATION_HOPFIELD; /* or more */
    double bits = least_bits(synapses, (double)size->neurons);
    return (bits / 8 + weight) * synapses;
}

/* What does not fit in any form is told before it is drawn; the others by what
 * they take, once that is known. */
static ebb_status check_memory(const struct job *j)
{
    double least = ebb_memory_least_bytes(&j->params, &j->size);
    return least <= (double)ebb_mem_left()
               ? EBB_OK
               : ebb_mem_refuse("the synapses", least);
}

static ebb_status make(struct job *j)
{
    const struct ebb_rows_watch watch = {.self = j, .rows = show};
    EBB_TRY(ebb_assemblies_draw(&j->patterns, j->size.neurons, j->size.patterns,
                                j->size.cells, j->params.seed));
    EBB_TRY(ebb_association_settle(&j->params, &j->patterns));
    EBB_TRY(check_memory(j));
    ebb_stop_listen();
    j->progress = ebb_progress_begin(0, 2 * j->size.neurons);
    ebb_status status = ebb_association_build(&j->net, &j->params, &j->patterns,
                                              j->threads, &watch);
    ebb_progress_clear(&j->progress);
    EBB_TRY(status);
    EBB_TRY(ebb_association_step(&j->step, &j->params, &j->patterns));
    j->build_seconds = ebb_seconds_now() - j->start;
    return ebb_association_file_write(j->out, j->net, &j->params, &j->patterns);
}

static const struct ebb_projection *find_recall(const struct job *j)
{
    return &j->net->projections[ebb_network_find_projection(j->net, "recall")];
}

static void tell_json(const struct job *j)
{
    const struct ebb_projection *recall = find_recall(j);
    char layout[80];
    ebb_rows_layout(recall->rows, layout, sizeof(layout));
    struct ebb_json json = {.n = 0};
    ebb_json_text(&json, "file", j->out);
    ebb_json_text(&json, "kind", ebb_association_name(j->params.kind));
    ebb_json_count(&json, "neurons", j->patterns.neurons);
    ebb_json_count(&json, "patterns", j->patterns.n);
    ebb_json_count(&json, "cells", j->patterns.cells);
    ebb_json_number(&json, "connect", j->params.connect);
    ebb_json_number(&json, "threshold", j->params.threshold);
    ebb_json_count(&json, "delay_ticks", j->params.delay_ticks);
    ebb_json_count(&json, "seed", j->params.seed);
    ebb_json_count(&json, "synapses", recall->synapses);
    ebb_json_text(&json, "layout", layout);
    ebb_json_count(&json, "bytes", ebb_rows_bytes(recall->rows));
    ebb_json_number(&json, "weight_step", j->step);
    ebb_json_number(&json, "build_seconds", j->build_seconds);
    ebb_json_number(&json, "seconds", j->seconds);
    ebb_json_count(&json, "peak_bytes", ebb_mem_peak());
    ebb_json_print(&json);
}

static void tell(const struct job *j)
{
    if (ebb_args_has(j->args, "json")) {
        tell_json(j);
        return;
    }
    const struct ebb_projection *recall = find_recall(j);
    double synapses = (double)recall->synapses;
    double bytes = (double)ebb_rows_bytes(recall->rows);
    char layout[80];
    ebb_rows_layout(recall->rows, layout, sizeof(layout));
    printf("%s: %s memory of %zu neurons, %zu patterns of %zu cells, fires on "
           "%g coincident spikes\n%.0f synapses (%.1f a neuron), %.2f bytes "
           "each, %s\nbuilt in %.1f s and written in %.1f s, at most %.0f "
           "MiB\n",
           j->out, ebb_association_name(j->params.kind), j->patterns.neurons,
           j->patterns.n, j->patterns.cells, j->params.threshold, synapses,
           synapses / (double)j->patterns.neurons,
           synapses > 0 ? bytes / synapses : 0, layout, j->build_seconds,
           j->seconds - j->build_seconds, (double)ebb_mem_peak() / 0x1p20);
    if (j->step > 0) {
        printf("weights rounded to multiples of %.4g, %.4g off at most\n",
               j->step, j->step / 2);
    }
}

/* What was wanted, how much there is, and the way out. */
static ebb_status explain(const struct job *j, ebb_status status)
{
    char text[400];
    if (status != EBB_ERR_NOMEM) {
        return status;
    }
    snprintf(text, sizeof(text), "%s", ebb_error_message());
    double synapses = expected_synapses(&j->params, &j->size);
    return EBB_FAIL(
        EBB_ERR_NOMEM,
        "%s [a memory of about %.3g synapses takes %.2g GB or "
        "more, %.3g GB are left to this process: store fewer patterns, "
        "or connect fewer pairs]",
        text, synapses,
        (ebb_memory_least_bytes(&j->params, &j->size) +
         200 * (double)j->size.neurons) /
            1e9,
        (double)ebb_mem_left() / 1e9);
}

ebb_status ebb_memory_build(const struct ebb_args *args)
{
    struct job j = {.args = args,
                    .out = ebb_args_text(args, "out"),
                    .params = ebb_association_params_default(),
                    .size = {2000, 200, 50}};
    j.start = ebb_seconds_now();
    if (!j.out) {
        return EBB_FAIL(EBB_ERR_ARG, "where to? give -o NAME.net.h5");
    }
    EBB_TRY(ebb_memory_take_network(args, &j.params, &j.size));
    EBB_TRY(ebb_memory_take_threads(args, &j.threads));
    ebb_status status = explain(&j, make(&j));
    j.seconds = ebb_seconds_now() - j.start;
    if (status == EBB_OK) {
        tell(&j);
    }
    ebb_assemblies_finish(&j.patterns);
    ebb_network_destroy(j.net);
    return status;
}
