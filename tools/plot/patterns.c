/* tools/plot/patterns.c - the patterns of a file, as rasters. */
#include "tools/plot/plot.h"

#include "io/file_kind.h"
#include "io/patterns_file.h"
#include "tools/plot/gnuplot.h"

enum { COLUMNS = 5, AT_MOST = 20 };

/* Patterns first .. first + n, drawn beside each other. */
struct choice {
    size_t first, n, columns, rows;
};

static ebb_status choose(struct choice *c, const struct ebb_patterns *p,
                         const struct ebb_args *args)
{
    uint64_t one = 0;
    *c = (struct choice){.n = p->n < AT_MOST ? p->n : AT_MOST};
    if (ebb_args_has(args, "pattern")) {
        EBB_TRY(ebb_args_count(args, "pattern", 0, p->n - 1, &one));
        *c = (struct choice){.first = (size_t)one, .n = 1};
    }
    c->columns = c->n < COLUMNS ? c->n : COLUMNS;
    c->rows = (c->n + c->columns - 1) / c->columns;
    return EBB_OK;
}

static void put_spikes(FILE *to, const struct ebb_patterns *p, size_t pattern)
{
    const uint8_t *spike = p->spike + pattern * p->trains * p->ticks;
    fprintf(to, "$p%zu << EOD\nNaN NaN\n", pattern); /* never an empty block */
    for (size_t i = 0; i < p->trains; i++) {
        for (size_t t = 0; t < p->ticks; t++) {
            if (spike[i * p->ticks + t]) {
                fprintf(to, "%zu %zu\n", t, i);
            }
        }
    }
    fputs("EOD\n", to);
}

/* Axes carry words at the left and the bottom edge of the sheet only. */
static void draw_one(FILE *to, const struct ebb_patterns *p,
                     const struct choice *c, size_t k)
{
    bool left = k % c->columns == 0, bottom = k + c->columns >= c->n;
    put_spikes(to, p, c->first + k);
    fprintf(to,
            "set title 'pattern %zu, %.2f %% spikes'\n"
            "set ylabel '%s'\nset xlabel '%s'\n"
            "plot $p%zu w p pt 7 ps %s lc 1\n",
            c->first + k, 100 * ebb_patterns_density(p, c->first + k),
            left ? "train" : "", bottom ? "time (ticks)" : "", c->first + k,
            c->n == 1 ? ".5" : ".25");
}

static ebb_status draw(const struct ebb_patterns *p,
                       const struct ebb_args *args, const char *out)
{
    struct choice c;
    struct ebb_gnuplot g;
    EBB_TRY(choose(&c, p, args));
    int side = c.n == 1 ? 620 : 280;
    EBB_TRY(ebb_gnuplot_begin(&g, out, side * (int)c.columns + 20,
                              side * (int)c.rows + 20));
    fprintf(g.script,
            "set multiplot layout %zu,%zu\nunset key\n"
            "set xrange [0:%zu]\nset yrange [%zu:0]\n",
            c.rows, c.columns, p->ticks, p->trains);
    for (size_t k = 0; k < c.n; k++) {
        draw_one(g.script, p, &c, k);
    }
    fputs("unset multiplot\n", g.script);
    return ebb_gnuplot_end(&g, EBB_OK);
}

ebb_status ebb_plot_patterns(const struct ebb_args *args, const char *out)
{
    struct ebb_patterns patterns;
    enum ebb_file_kind kind;
    const char *path = args->operand[1];
    EBB_TRY(ebb_file_kind_find(&kind, path));
    if (kind != EBB_FILE_PATTERNS) {
        return EBB_FAIL(EBB_ERR_ARG, "%s is of kind %s; give patterns", path,
                        ebb_file_kind_name(kind));
    }
    EBB_TRY(ebb_patterns_read(&patterns, path));
    ebb_status status = draw(&patterns, args, out);
    ebb_patterns_finish(&patterns);
    return status;
}
