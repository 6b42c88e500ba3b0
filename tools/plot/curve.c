/* tools/plot/curve.c - loss and recall over epochs. */
#include "tools/plot/plot.h"

#include "tools/plot/gnuplot.h"
#include "tools/plot/json_line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_BYTES = 8192 };

static ebb_status open_curve(FILE **out, const char *path)
{
    char name[4096];
    struct stat info;
    bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    snprintf(name, sizeof(name), "%s%s", path, folder ? "/curve.jsonl" : "");
    *out = fopen(name, "rb");
    return *out ? EBB_OK
                : EBB_FAIL(EBB_ERR_IO,
                           "cannot read '%s': %s; give a run folder or its "
                           "curve.jsonl",
                           name, strerror(errno));
}

static bool has_number(const char *line, const char *name)
{
    double value;
    return ebb_json_line_number(line, name, &value);
}

/* The same as text for gnuplot. */
static void put_field(FILE *to, const char *line, const char *name)
{
    double value;
    if (ebb_json_line_number(line, name, &value)) {
        fprintf(to, " %.9g", value);
    } else {
        fputs(" NaN", to);
    }
}

static ebb_status put_curve(FILE *to, FILE *from, const char *path,
                            bool *validated)
{
    static const char *const fields[] = {"epoch",         "train_loss",
                                         "test_loss",     "validation_loss",
                                         "test_cue_loss", "test_right"};
    char line[LINE_BYTES];
    size_t epochs = 0;
    fputs("$curve << EOD\n", to);
    while (fgets(line, sizeof(line), from)) {
        if (!has_number(line, "epoch")) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "%s: line %zu has no number \"epoch\"; it is no "
                            "learning curve",
                            path, epochs + 1);
        }
        for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++) {
            put_field(to, line, fields[k]);
        }
        fputc('\n', to);
        epochs++;
        *validated |= strstr(line, "\"validation_loss\": ") != NULL;
    }
    fputs("EOD\n", to);
    return epochs > 0 ? EBB_OK
                      : EBB_FAIL(EBB_ERR_FORMAT, "%s: no epochs yet", path);
}

static void draw(FILE *to, bool validated)
{
    fprintf(to,
            "set multiplot layout 2,1\nset grid lc '#e0e0e0'\n"
            "set lmargin 10\nset rmargin 3\n"
            "set key top right\nset yrange [0:*]\n"
            "set ylabel 'loss'\nset format x ''\nset bmargin 1\n"
            "plot $curve u 1:2 w l lw 2 lc 5 t 'training', "
            "$curve u 1:3 w lp lw 2 pt 7 ps .6 lc 1 t 'test', "
            "%s"
            "$curve u 1:5 w l lw 2 dt 2 lc 2 t 'the cue itself'\n"
            "set format x\nset bmargin 4\nset xlabel 'epoch'\n"
            "set ylabel 'right, %%'\nset yrange [0:105]\nunset key\n"
            "plot $curve u 1:(100*$6) w lp lw 2 pt 7 ps .6 lc 1\n"
            "unset multiplot\n",
            validated ? "$curve u 1:4 w lp lw 2 pt 7 ps .6 lc 3 "
                        "t 'validation', "
                      : "");
}

ebb_status ebb_plot_curve(const struct ebb_args *args, const char *out)
{
    const char *path = args->operand[1];
    struct ebb_gnuplot g;
    FILE *from;
    bool validated = false;
    EBB_TRY(open_curve(&from, path));
    ebb_status status = ebb_gnuplot_begin(&g, out, 800, 560);
    if (status == EBB_OK) {
        status = put_curve(g.script, from, path, &validated);
        if (status == EBB_OK) {
            draw(g.script, validated);
        }
        status = ebb_gnuplot_end(&g, status);
    }
    fclose(from);
    return status;
}
