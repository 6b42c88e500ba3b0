/* tools/cmd_plot.c - pictures of what there is. */
#include "tools/commands.h"
#include "tools/plot/plot.h"

#include "core/nearest.h"

#include <stdio.h>
#include <string.h>

/* One kind of picture. */
struct kind {
    const char *name;
    size_t operands, most; /* the kind itself included */
    const char *needs;
    const char *options; /* those that it takes, beside --out */
    ebb_status (*draw)(const struct ebb_args *args, const char *out);
};

enum { OPERANDS_MAX = 9 };

static const struct kind kinds[] = {
    {"curve", 2, OPERANDS_MAX,
     "RUN … (run folders or their curve.jsonl, at most 8)", "", ebb_plot_curve},
    {"recall", 3, 3, "NETWORK EXPERIMENT.yaml", " sample ", ebb_plot_recall},
    {"kernels", 3, 3, "NETWORK EXPERIMENT.yaml", "", ebb_plot_kernels},
    {"capacity", 2, 2, "LINES (from ebb memory capacity -o)", "",
     ebb_plot_capacity},
    {"patterns", 2, 2, "PATTERNS (.h5 or .npy)", " pattern ",
     ebb_plot_patterns},
    {"traces", 2, 2, "TRACE", " population neurons from to ", ebb_plot_traces},
    {"rates", 2, 2, "TRACE, or NETWORK EXPERIMENT.yaml", " population from to ",
     ebb_plot_rate_map},
    {"rates", 3, 3, "TRACE, or NETWORK EXPERIMENT.yaml", " population samples ",
     ebb_plot_rates},
    {"distance", 3, 3, "NETWORK EXPERIMENT.yaml", " population samples ",
     ebb_plot_distance}};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* An option that another kind takes would be passed over in silence. */
static ebb_status check_options(const struct ebb_args *args,
                                const struct kind *kind)
{
    for (const struct ebb_option *o = args->command->options; o->name; o++) {
        char word[32];
        snprintf(word, sizeof(word), " %s ", o->name);
        if (ebb_args_has(args, o->name) && strcmp(o->name, "out") != 0 &&
            !strstr(kind->options, word)) {
            return EBB_FAIL(EBB_ERR_ARG, "ebb plot %s takes no --%s",
                            kind->name, o->name);
        }
    }
    return EBB_OK;
}

static ebb_status find(const struct ebb_args *args, const struct kind **out)
{
    const char *name = args->operand[0];
    for (size_t k = 0; k < KINDS; k++) {
        if (strcmp(kinds[k].name, name) == 0) {
            *out = &kinds[k];
            if (args->n_operands >= kinds[k].operands &&
                args->n_operands <= kinds[k].most) {
                return check_options(args, &kinds[k]);
            }
        }
    }
    if (*out) {
        return EBB_FAIL(EBB_ERR_ARG, "ebb plot %s takes %s", name,
                        (*out)->needs);
    }
    const char *near =
        ebb_nearest(name, &kinds[0].name, KINDS, sizeof(kinds[0]));
    return EBB_FAIL(EBB_ERR_ARG,
                    "no picture is called '%.60s'%s%s%s (ebb plot --help "
                    "lists them)",
                    name, near ? "; did you mean '" : "", near ? near : "",
                    near ? "'?" : "");
}

static int run(struct ebb_args *args)
{
    const struct kind *kind = NULL;
    const char *out = ebb_args_text(args, "out");
    ebb_status status = find(args, &kind);
    if (status == EBB_OK && !out) {
        status = EBB_FAIL(EBB_ERR_ARG, "where to? give -o NAME.png or "
                                       "-o NAME.svg");
    }
    if (status != EBB_OK || !kind) {
        return ebb_args_usage(args, status);
    }
    return ebb_args_end(args, kind->draw(args, out));
}

static const struct ebb_option options[] = {
    {"out", 'o', "FILE", "the picture, .png or .svg"},
    {"sample", 0, "K", "recall: which test sample (0)"},
    {"patterns", 0, "FILE", "these patterns instead of the experiment's"},
    {"pattern", 0, "K", "patterns: this one only"},
    {"population", 0, "NAME", "traces, rates, distance: this one"},
    {"neurons", 0, "LIST", "traces: 3,7 or 0:4, at most 6 (the first)"},
    {"from", 0, "TICK", "traces, rates of a trace: first tick (0)"},
    {"to", 0, "TICK", "and one behind the last (traces: 1000 on)"},
    {"samples", 0, "N", "distance, rates: so many test samples (64)"},
    {0}};

const struct ebb_command ebb_command_plot = {
    .name = "plot",
    .operands = "KIND FILE …",
    .summary = "pictures of learning, recall, kernels, spikes, states",
    .text = "kinds:\n"
            "  curve    loss and recall over epochs, of one run or several\n"
            "  recall   cue, target and recall of a test sample, side by side\n"
            "  kernels  PSP kernels before and after learning\n"
            "  patterns the patterns of a file, as rasters\n"
            "  traces   V, R and I of recorded neurons, with threshold and "
            "spikes\n"
            "  rates    of all neurons over time (TRACE), or on test samples "
            "(NETWORK EXPERIMENT)\n"
            "  distance how far apart the answers of a population to test "
            "samples are\n"
            "  capacity false activations of a memory over the number of its "
            "patterns\n\n"
            "examples:\n"
            "  ebb plot curve runs/associative_memory -o curve.png\n"
            "  ebb plot curve runs/learned runs/fixed -o both.svg\n"
            "  ebb plot recall best.net.h5 experiments/demo.yaml --sample 3 "
            "-o recall.svg\n"
            "  ebb plot kernels best.net.h5 experiments/demo.yaml -o "
            "kernels.png\n"
            "  ebb plot patterns patterns.h5 -o patterns.png\n"
            "  ebb plot traces a.trace.h5 --population hidden2 --neurons 3,7 "
            "--to 200 -o v.svg\n"
            "  ebb plot distance best.net.h5 experiments/demo.yaml --samples "
            "64 -o d.png",
    .operands_min = 2,
    .operands_max = OPERANDS_MAX,
    .options = options,
    .run = run};
