/* tools/plot/curve.c - loss and recall over epochs, of one run or several. */
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

/* Curves drawn into one picture. */
struct curves {
    const struct ebb_args *args;
    size_t n;
    bool validated; /* any of them */
    double low;     /* fewest test samples right, of 1, once it goes well */
};

static size_t count_lines(FILE *from)
{
    char line[LINE_BYTES];
    size_t n = 0;
    while (fgets(line, sizeof(line), from)) {
        n++;
    }
    rewind(from);
    return n;
}

/* The first fifth of a run, which is far off, sets no scale. */
static void lower(struct curves *c, const char *line, bool early)
{
    double right;
    if (!early && ebb_json_line_number(line, "test_right", &right) &&
        right < c->low) {
        c->low = right;
    }
}

static ebb_status put_lines(struct curves *c, FILE *to, FILE *from,
                            const char *path)
{
    static const char *const fields[] = {
        "epoch",         "train_loss", "test_loss",       "validation_loss",
        "test_cue_loss", "test_right", "validation_right"};
    char line[LINE_BYTES];
    size_t epochs = 0, all = count_lines(from);
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
        lower(c, line, epochs < all / 5);
        epochs++;
        c->validated |= strstr(line, "\"validation_loss\": ") != NULL;
    }
    return epochs > 0 ? EBB_OK
                      : EBB_FAIL(EBB_ERR_FORMAT, "%s: no epochs yet", path);
}

/* Run k becomes the data block $curve<k>. */
static ebb_status put_curve(struct curves *c, FILE *to, size_t k)
{
    const char *path = c->args->operand[1 + k];
    FILE *from;
    EBB_TRY(open_curve(&from, path));
    fprintf(to, "$curve%zu << EOD\n", k);
    ebb_status status = put_lines(c, to, from, path);
    fputs("EOD\n", to);
    fclose(from);
    return status;
}

static void begin_panels(FILE *to)
{
    fputs("set multiplot layout 2,1\nset grid lc '#e0e0e0'\n"
          "set lmargin 10\nset rmargin 3\n"
          "set key top right\nset yrange [0:*]\n"
          "set ylabel 'loss'\nset format x ''\nset bmargin 1\n",
          to);
}

static void begin_second(FILE *to, const char *key)
{
    fprintf(to,
            "set format x\nset bmargin 4\nset xlabel 'epoch'\n"
            "set ylabel 'right, %%'\n%s\n",
            key);
}

static void draw_one(FILE *to, bool validated)
{
    begin_panels(to);
    fprintf(to,
            "plot $curve0 u 1:2 w l lw 2 lc 5 t 'training', "
            "$curve0 u 1:3 w lp lw 2 pt 7 ps .6 lc 1 t 'test', "
            "%s"
            "$curve0 u 1:5 w l lw 2 dt 2 lc 2 t 'the cue itself'\n",
            validated ? "$curve0 u 1:4 w lp lw 2 pt 7 ps .6 lc 3 "
                        "t 'validation', "
                      : "");
    begin_second(to, "set yrange [0:105]\nunset key");
    fprintf(to, "plot $curve0 u 1:(100*$6) w lp lw 2 pt 7 ps .6 lc 1%s\n",
            validated ? ", $curve0 u 1:(100*$7) w lp lw 2 pt 7 ps .6 lc 3"
                      : "");
    fputs("unset multiplot\n", to);
}

/* The last folder of a path, or all of it where it ends in none. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* One line of each run, told apart by colour. */
static void draw_lines(struct ebb_gnuplot *g, const struct curves *c,
                       const char *column, const char *style, bool named)
{
    for (size_t k = 0; k < c->n; k++) {
        fprintf(g->script, "%s$curve%zu u 1:%s w %s lc %zu ", k ? ", " : "", k,
                column, style, k + 1);
        if (named) {
            fputs("t ", g->script);
            ebb_gnuplot_plain(g, name_of(c->args->operand[1 + k]));
        } else {
            fputs("notitle", g->script);
        }
    }
}

/* Several runs: training loss above; below how many samples were right, of
 * validation dotted. */
static void draw_several(struct ebb_gnuplot *g, const struct curves *c)
{
    FILE *to = g->script;
    begin_panels(to);
    fputs("set ylabel 'training loss'\nplot ", to);
    draw_lines(g, c, "2", "l lw 2", true);
    fputc('\n', to);
    begin_second(to, "set key bottom right");
    fprintf(to, "set yrange [%g:100.5]\nplot ", 100 * c->low - 2);
    draw_lines(g, c, "(100*$6)", "lp lw 2 pt 7 ps .6", false);
    if (c->validated) {
        fputs(", ", to);
        draw_lines(g, c, "(100*$7)", "l lw 1.5 dt 3", false);
    }
    fputs(", NaN w lp lw 2 pt 7 ps .6 lc 'black' t 'test'", to);
    fputs(c->validated ? ", NaN w l lw 1.5 dt 3 lc 'black' t 'validation'\n"
                       : "\n",
          to);
    fputs("unset multiplot\n", to);
}

ebb_status ebb_plot_curve(const struct ebb_args *args, const char *out)
{
    struct curves c = {.args = args, .n = args->n_operands - 1, .low = 1};
    struct ebb_gnuplot g;
    EBB_TRY(ebb_gnuplot_begin(&g, out, 800, 560));
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < c.n && status == EBB_OK; k++) {
        status = put_curve(&c, g.script, k);
    }
    if (status == EBB_OK && c.n == 1) {
        draw_one(g.script, c.validated);
    } else if (status == EBB_OK) {
        draw_several(&g, &c);
    }
    return ebb_gnuplot_end(&g, status);
}
