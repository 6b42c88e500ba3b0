/* tools/plot/kernels.c - PSP kernels before and after learning. */
#include "tools/plot/plot.h"

#include "io/network_file.h"
#include "tools/plot/gnuplot.h"
#include "tools/setting.h"

enum { TICKS = 50, AXONS = 40 };

/* What one spike evokes on an axon, tick by tick: (5d). */
static void put_response(FILE *to, const struct ebb_kernel *k, size_t column)
{
    double f[TICKS];
    for (size_t t = 0; t < TICKS; t++) {
        f[t] = t <= k->order_q ? k->beta[t * k->n + column] : 0;
        for (size_t p = 1; p <= k->order_p && p <= t; p++) {
            f[t] += k->alpha[(p - 1) * k->n + column] * f[t - p];
        }
        fprintf(to, "%zu %.9g\n", t, f[t]);
    }
    fputs("\n", to);
}

static void draw_projection(FILE *to, const struct ebb_projection *after,
                            const struct ebb_projection *before, size_t q)
{
    size_t columns = after->kernel.n;
    size_t step = columns > AXONS ? columns / AXONS : 1;
    fprintf(to, "$after%zu << EOD\n", q);
    for (size_t j = 0; j < columns; j += step) {
        put_response(to, &after->kernel, j);
    }
    fprintf(to, "EOD\n$before%zu << EOD\n", q);
    put_response(to, &before->kernel, 0);
    fputs("EOD\n", to);
}

static void draw(struct ebb_gnuplot *g, const struct ebb_network *after,
                 const struct ebb_network *before)
{
    size_t n = after->n_projections;
    for (size_t q = 0; q < n; q++) {
        draw_projection(g->script, &after->projections[q],
                        &before->projections[q], q);
    }
    fprintf(g->script,
            "set multiplot layout %zu,2\nset grid lc '#e0e0e0'\n"
            "set xlabel 'time after a spike (ticks)'\n"
            "set ylabel 'PSP'\nset xrange [0:%d]\n",
            (n + 1) / 2, TICKS - 1);
    for (size_t q = 0; q < n; q++) {
        fputs("set title ", g->script);
        ebb_gnuplot_text(g, after->projections[q].name);
        fprintf(g->script,
                "\n%s\nplot $after%zu w l lw 1 lc '#8056b4e9' t 'after "
                "(some axons)', $before%zu w l lw 3 lc 2 t 'before'\n",
                q == 0 ? "set key top right" : "unset key", q, q);
    }
    fputs("unset multiplot\n", g->script);
}

static ebb_status work(struct ebb_setting *s, struct ebb_network **net,
                       const struct ebb_args *args, const char *out)
{
    struct ebb_gnuplot g;
    EBB_TRY(ebb_setting_init(s, args->operand[2], NULL));
    EBB_TRY(ebb_network_file_read(net, args->operand[1]));
    EBB_TRY(ebb_setting_check(s, *net, args->operand[1]));
    const struct ebb_network *before = s->experiment->network;
    if (before->n_projections != (*net)->n_projections) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "%s has %zu projections, the network of %s %zu; give "
                        "the experiment that trained it",
                        args->operand[1], (*net)->n_projections,
                        args->operand[2], before->n_projections);
    }
    size_t rows = ((*net)->n_projections + 1) / 2;
    EBB_TRY(ebb_gnuplot_begin(&g, out, 1000, 330 * (int)rows));
    draw(&g, *net, before);
    return ebb_gnuplot_end(&g, EBB_OK);
}

ebb_status ebb_plot_kernels(const struct ebb_args *args, const char *out)
{
    struct ebb_setting setting = {.experiment = NULL};
    struct ebb_network *net = NULL;
    ebb_status status = work(&setting, &net, args, out);
    ebb_network_destroy(net);
    ebb_setting_finish(&setting);
    return status;
}
