/* tools/memory/capacity_tell.c - what is told of a sweep over numbers of
 * patterns. */
#include "tools/memory/capacity_tell.h"

#include "tools/json.h"
#include "tools/out_file.h"
#include "tools/plot/plot.h"

#include "core/statistics.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Over seeds, at one number of patterns. */
static struct ebb_interval over_seeds(struct ebb_capacity *c,
                                      const double *value, size_t point)
{
    for (size_t s = 0; s < c->seeds; s++) {
        c->mean[s] = value[s * c->points + point];
    }
    return ebb_interval_of(c->mean, c->seeds);
}

static void put_memory(const struct ebb_capacity *c, struct ebb_json *j)
{
    ebb_json_count(j, "neurons", c->theory.neurons);
    ebb_json_count(j, "cells", c->theory.cells);
    ebb_json_count(j, "cue", c->theory.cue);
    ebb_json_number(j, "connect", c->theory.connect);
    ebb_json_count(j, "threshold", c->theory.threshold);
    ebb_json_count(j, "seeds", c->seeds);
    ebb_json_count(j, "seed", c->file.seed);
    ebb_json_count(j, "cues", c->file.cues);
}

static void put_point(struct ebb_capacity *c, struct ebb_json *j, size_t k)
{
    struct ebb_interval f = over_seeds(c, c->falsely, k);
    struct ebb_interval done = over_seeds(c, c->completed, k);
    size_t patterns = (size_t)c->count[k];
    ebb_json_count(j, "patterns", patterns);
    ebb_json_number(j, "false", f.mean);
    ebb_json_number(j, "false_half", f.half);
    ebb_json_number(j, "false_theory", ebb_willshaw_false(&c->table, patterns));
    ebb_json_number(j, "completion", done.mean);
    ebb_json_number(j, "completion_half", done.half);
    ebb_json_number(j, "completion_theory",
                    ebb_willshaw_completion(&c->theory));
}

static void put_level(struct ebb_capacity *c, struct ebb_json *j, double level)
{
    struct ebb_interval at = ebb_level_crossing_of(
        c->count, c->falsely, c->seeds, c->points, level, c->mean);
    double theory = ebb_willshaw_capacity(&c->table, level);
    ebb_json_number(j, "level", level);
    ebb_json_number(j, "capacity", at.mean);
    ebb_json_number(j, "capacity_half", at.half);
    ebb_json_number(j, "capacity_theory", theory);
    ebb_json_number(j, "ratio", at.mean / theory);
}

/* A line for each number of patterns, then for each level. */
static void put_all(struct ebb_capacity *c, FILE *to)
{
    for (size_t k = 0; k < c->points + c->file.n_targets; k++) {
        struct ebb_json j = {.n = 0};
        if (k < c->points) {
            put_point(c, &j, k);
        } else {
            put_level(c, &j, c->file.targets[k - c->points]);
        }
        put_memory(c, &j);
        fprintf(to, "%s\n", ebb_json_end(&j));
    }
}

static void show_points(struct ebb_capacity *c)
{
    printf("willshaw memory of %zu neurons, patterns of %zu cells, pairs "
           "connected with %g\ncues of %zu cells, a neuron fires on %zu; %zu "
           "seeds, %.0f s\n\n"
           " patterns        false (95 %% interval)      theory   completion  "
           "theory\n",
           c->theory.neurons, c->theory.cells, c->theory.connect, c->theory.cue,
           c->theory.threshold, c->seeds, c->seconds);
    for (size_t k = 0; k < c->points; k++) {
        struct ebb_interval f = over_seeds(c, c->falsely, k);
        struct ebb_interval done = over_seeds(c, c->completed, k);
        size_t patterns = (size_t)c->count[k];
        printf("%9zu   %9.3f %%  +- %7.3f %%  %9.3f %%   %8.3f %% %8.3f %%\n",
               patterns, 100 * f.mean, 100 * f.half,
               100 * ebb_willshaw_false(&c->table, patterns), 100 * done.mean,
               100 * ebb_willshaw_completion(&c->theory));
    }
    printf("\n");
}

static void show_levels(struct ebb_capacity *c)
{
    for (size_t k = 0; k < c->file.n_targets; k++) {
        double level = c->file.targets[k];
        struct ebb_interval at = ebb_level_crossing_of(
            c->count, c->falsely, c->seeds, c->points, level, c->mean);
        double theory = ebb_willshaw_capacity(&c->table, level);
        if (at.mean > 0) {
            printf("false ones reach %g %% at %.1f +- %.1f patterns, in theory "
                   "at %.1f: ratio %.4f\n",
                   100 * level, at.mean, at.half, theory, at.mean / theory);
        } else {
            printf("false ones do not reach %g %% in this range (in theory at "
                   "%.1f)\n",
                   100 * level, theory);
        }
    }
}

static ebb_status write_lines(struct ebb_capacity *c)
{
    struct ebb_out_file file = {.file = NULL};
    if (!c->file.lines) {
        return EBB_OK;
    }
    EBB_TRY(ebb_out_file_begin(&file, c->file.lines));
    put_all(c, file.file);
    return ebb_out_file_end(&file, EBB_OK);
}

/* From the lines, whether or not they are kept. */
static ebb_status draw(struct ebb_capacity *c)
{
    if (!c->file.figure) {
        return EBB_OK;
    }
    FILE *lines = tmpfile();
    if (!lines) {
        return EBB_FAIL(EBB_ERR_IO, "cannot write a temporary file: %s",
                        strerror(errno));
    }
    put_all(c, lines);
    ebb_status status =
        ebb_plot_capacity_lines(lines, "the sweep", c->file.figure);
    fclose(lines);
    return status;
}

ebb_status ebb_capacity_tell(struct ebb_capacity *c)
{
    EBB_TRY(write_lines(c));
    if (ebb_args_has(c->args, "json")) {
        put_all(c, stdout);
    } else {
        show_points(c);
        show_levels(c);
    }
    return draw(c);
}
