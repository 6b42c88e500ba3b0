/* tools/cmd_patterns.c - draw spike patterns, or look at them. */
#include "tools/commands.h"
#include "tools/json.h"

#include "io/patterns_file.h"
#include "models/patterns.h"

#include <stdio.h>

enum { ROWS = 30, COLUMNS = 60 };

static ebb_status take(const struct ebb_args *args,
                       struct ebb_pattern_params *p)
{
    uint64_t n = p->n, trains = p->trains, ticks = p->ticks;
    EBB_TRY(ebb_args_count(args, "count", 1, EBB_PATTERN_DRAWINGS, &n));
    EBB_TRY(ebb_args_count(args, "trains", 1, 100000, &trains));
    EBB_TRY(ebb_args_count(args, "ticks", 1, 100000, &ticks));
    EBB_TRY(ebb_args_number(args, "density", 0, 0.03, &p->density));
    EBB_TRY(ebb_args_count(args, "seed", 0, UINT64_MAX, &p->seed));
    p->n = n;
    p->trains = trains;
    p->ticks = ticks;
    return EBB_OK;
}

/* One pattern in characters: a cell is dark where it holds a spike. */
static void show(const struct ebb_patterns *p, size_t pattern)
{
    for (size_t row = 0; row < ROWS; row++) {
        char line[COLUMNS + 1];
        for (size_t column = 0; column < COLUMNS; column++) {
            size_t i0 = row * p->trains / ROWS;
            size_t i1 = (row + 1) * p->trains / ROWS;
            size_t t0 = column * p->ticks / COLUMNS;
            size_t t1 = (column + 1) * p->ticks / COLUMNS;
            int spikes = 0;
            for (size_t i = i0; i < i1; i++) {
                for (size_t t = t0; t < t1; t++) {
                    spikes +=
                        p->spike[(pattern * p->trains + i) * p->ticks + t];
                }
            }
            line[column] = spikes ? '#' : ' ';
        }
        line[COLUMNS] = '\0';
        printf("  |%s|\n", line);
    }
}

static void tell(const struct ebb_args *args, const struct ebb_patterns *p,
                 bool drawn)
{
    for (size_t k = 0; k < p->n; k++) {
        const char *name = drawn ? ebb_pattern_name(k) : "";
        double density = ebb_patterns_density(p, k);
        if (ebb_args_has(args, "json")) {
            struct ebb_json j = {.n = 0};
            ebb_json_count(&j, "pattern", k);
            ebb_json_text(&j, "name", name);
            ebb_json_count(&j, "trains", p->trains);
            ebb_json_count(&j, "ticks", p->ticks);
            ebb_json_number(&j, "density", density);
            ebb_json_print(&j);
            continue;
        }
        printf("pattern %zu %s: %zu trains x %zu ticks, %.2f %% spikes\n", k,
               name, p->trains, p->ticks, 100 * density);
        if (ebb_args_has(args, "show")) {
            show(p, k);
        }
    }
}

static ebb_status work(const struct ebb_args *args, struct ebb_patterns *p,
                       const struct ebb_pattern_params *params)
{
    const char *from = ebb_args_text(args, "from");
    const char *out = ebb_args_text(args, "out");
    EBB_TRY(from ? ebb_patterns_read(p, from) : ebb_patterns_draw(p, params));
    if (out) {
        EBB_TRY(ebb_patterns_write(out, p));
    }
    tell(args, p, !from);
    if (out && !ebb_args_has(args, "json")) {
        printf("written to %s\n", out);
    }
    return EBB_OK;
}

static int run(struct ebb_args *args)
{
    struct ebb_pattern_params params = ebb_pattern_params_default();
    struct ebb_patterns patterns = {0};
    ebb_status status = take(args, &params);
    if (status != EBB_OK) {
        return ebb_args_usage(args, status);
    }
    status = work(args, &patterns, &params);
    ebb_patterns_finish(&patterns);
    return ebb_args_end(args, status);
}

static const struct ebb_option options[] = {
    {"out", 'o', "FILE", "write them to FILE (.npy, else HDF5)"},
    {"from", 0, "FILE", "take patterns from FILE instead of drawing"},
    {"count", 0, "N", "how many drawings (10)"},
    {"trains", 0, "N", "neurons, from top to bottom (300)"},
    {"ticks", 0, "N", "from left to right (300)"},
    {"density", 0, "P", "spikes per train and tick (0.014)"},
    {"seed", 0, "N", "of the dots (1)"},
    {"show", 0, NULL, "show them in characters"},
    {"json", 0, NULL, "print a JSON object for each"},
    {0}};

const struct ebb_command ebb_command_patterns = {
    .name = "patterns",
    .operands = "",
    .summary = "draw spike patterns: letters and shapes",
    .text = "Patterns are arrays [pattern, train, tick] of 0 and 1. An "
            "experiment takes a file of\nthem as `patterns: FILE`.\n\n"
            "examples:\n"
            "  ebb patterns --show\n"
            "  ebb patterns -o patterns.h5 --seed 7\n"
            "  ebb patterns --from mine.npy --show",
    .options = options,
    .run = run};
