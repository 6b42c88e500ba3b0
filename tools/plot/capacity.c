/* tools/plot/capacity.c - how many patterns a memory holds, measured beside
 * theory. */
#include "tools/plot/plot.h"

#include "tools/plot/gnuplot.h"
#include "tools/plot/json_line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 8192 };

static const char *const point_fields[] = {
    "patterns",   "false",           "false_half",       "false_theory",
    "completion", "completion_half", "completion_theory"};
static const char *const level_fields[] = {"capacity", "capacity_half", "level",
                                           "capacity_theory"};

enum {
    POINT_FIELDS = sizeof(point_fields) / sizeof(point_fields[0]),
    LEVEL_FIELDS = sizeof(level_fields) / sizeof(level_fields[0])
};

/* The lines that have all of some fields, as a block of gnuplot. */
static size_t put_block(struct ebb_gnuplot *g, FILE *from, const char *name,
                        const char *const *fields, size_t n)
{
    char line[LINE_BYTES];
    size_t lines = 0;
    rewind(from);
    fprintf(g->script, "$%s << EOD\n", name);
    while (fgets(line, sizeof(line), from)) {
        double value[POINT_FIELDS];
        size_t k = 0;
        while (k < n && ebb_json_line_number(line, fields[k], &value[k])) {
            k++;
        }
        for (size_t i = 0; i < n && k == n; i++) {
            fprintf(g->script, "%.9g%s", value[i], i + 1 < n ? " " : "\n");
        }
        lines += k == n;
    }
    fputs("EOD\n", g->script);
    return lines;
}

/* What was measured, from the first line. */
static void put_title(struct ebb_gnuplot *g, FILE *from)
{
    static const char *const fields[] = {"neurons", "cells",     "connect",
                                         "cue",     "threshold", "seeds"};
    char line[LINE_BYTES] = "", title[200];
    double v[6] = {0};
    rewind(from);
    if (!fgets(line, sizeof(line), from)) {
        return;
    }
    for (size_t k = 0; k < 6; k++) {
        (void)ebb_json_line_number(line, fields[k], &v[k]);
    }
    snprintf(title, sizeof(title),
             "%g neurons, patterns of %g cells, %g of the pairs connected; "
             "cues of %g, threshold %g; %g seeds",
             v[0], v[1], v[2], v[3], v[4], v[5]);
    fputs("set title ", g->script);
    ebb_gnuplot_text(g, title);
    fputc('\n', g->script);
}

static void draw(FILE *to)
{
    fputs("set multiplot layout 2,1\nset grid lc '#e0e0e0'\n"
          "set lmargin 11\nset rmargin 3\n"
          "stats $points u 1 nooutput\n"
          "set xrange [0.9*STATS_min:1.04*STATS_max]\n"
          "set logscale y\nset key top left reverse Left\n"
          "set format y '%g'\nset ylabel 'falsely active, % of M'\n"
          "set format x ''\nset bmargin 1\n"
          "plot $points u 1:(100*$4) w l lw 2 lc 2 t 'theory', "
          "$points u 1:(100*$2):(100*($2>$3?$2-$3:$2*.01)):(100*($2+$3)) "
          "w yerrorbars pt 7 ps .7 lw 1.5 lc 1 t 'measured, 95 % interval', "
          "$levels u 1:(100*$3):($1-$2):($1+$2) w xerrorbars pt 4 ps 1.2 lw "
          "1.5 lc 3 t 'capacity at the targets'\n"
          "unset title\nset format x '%g'\nset bmargin 4\nset tmargin 1\n"
          "unset logscale y\nset yrange [*<95:100.5]\n"
          "set key bottom left reverse Left\n"
          "set xlabel 'patterns stored'\nset ylabel 'completed, %'\n"
          "plot $points u 1:(100*$7) w l lw 2 lc 2 t 'theory', "
          "$points u 1:(100*$5):(100*$6) w yerrorbars pt 7 ps .7 lw 1.5 "
          "lc 1 t 'measured'\n"
          "unset multiplot\n",
          to);
}

ebb_status ebb_plot_capacity_lines(FILE *from, const char *name,
                                   const char *out)
{
    struct ebb_gnuplot g;
    EBB_TRY(ebb_gnuplot_begin(&g, out, 800, 640));
    put_title(&g, from);
    size_t points = put_block(&g, from, "points", point_fields, POINT_FIELDS);
    (void)put_block(&g, from, "levels", level_fields, LEVEL_FIELDS);
    draw(g.script);
    ebb_status status = EBB_OK;
    if (points < 2) {
        status = EBB_FAIL(EBB_ERR_FORMAT,
                          "%s: no two lines of what ebb memory capacity -o "
                          "writes",
                          name);
    }
    return ebb_gnuplot_end(&g, status);
}

ebb_status ebb_plot_capacity(const struct ebb_args *args, const char *out)
{
    const char *path = args->operand[1];
    FILE *from = fopen(path, "rb");
    if (!from) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read '%s': %s", path,
                        strerror(errno));
    }
    ebb_status status = ebb_plot_capacity_lines(from, path, out);
    fclose(from);
    return status;
}
