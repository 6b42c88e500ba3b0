/* tools/plot/rates.c - how much neurons fire on test samples. */
#include "tools/plot/plot.h"

#include "core/memory.h"
#include "tools/plot/gnuplot.h"
#include "tools/plot/responses.h"

/* Spikes of each neuron [neurons, samples]. */
static void count_answers(double *count, const struct ebb_responses *r)
{
    for (size_t s = 0; s < r->n; s++) {
        const float *o = r->o + s * r->ticks * r->neurons;
        for (size_t k = 0; k < r->ticks * r->neurons; k++) {
            count[k % r->neurons * r->n + s] += (double)o[k];
        }
    }
}

static ebb_status draw_answers(const struct ebb_responses *r, const char *out)
{
    struct ebb_gnuplot g;
    char title[300];
    double *count = ebb_mem_calloc(r->neurons * r->n, sizeof(*count));
    if (!count) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a map of rates");
    }
    count_answers(count, r);
    ebb_status status = ebb_gnuplot_begin(&g, out, 900, 640);
    if (status == EBB_OK) {
        snprintf(title, sizeof(title), "%.200s on %zu test samples",
                 r->net->populations[r->population].name, r->n);
        ebb_gnuplot_matrix(&g, "rate", count, r->neurons, r->n);
        ebb_responses_tics(g.script, r, 'x');
        fputs("set title ", g.script);
        ebb_gnuplot_text(&g, title);
        fprintf(g.script,
                "\nset xlabel 'sample, by class'\nset ylabel 'neuron'\n"
                "set cblabel 'rate (spikes in %zu ticks)'\n"
                "set cbrange [0:%.9g]\nset xrange [-.5:%g]\n"
                "set yrange [%g:-.5]\nunset key\n"
                "plot $rate matrix with image\n",
                r->ticks, ebb_gnuplot_largest(count, r->neurons * r->n),
                (double)r->n - .5, (double)r->neurons - .5);
        status = ebb_gnuplot_end(&g, EBB_OK);
    }
    ebb_mem_free(count);
    return status;
}

ebb_status ebb_plot_rates(const struct ebb_args *args, const char *out)
{
    struct ebb_responses r = {.n = 0};
    ebb_status status = ebb_responses_run(&r, args);
    status = status ? status : draw_answers(&r, out);
    ebb_responses_finish(&r);
    return status;
}
