/* tools/plot/rate_map.c - how much neurons fire over time, from a trace. */
#include "tools/plot/plot.h"

#include "core/memory.h"
#include "io/trace_view.h"
#include "tools/plot/gnuplot.h"

#include <string.h>

enum { ROWS = 240, COLUMNS = 120 }; /* cells of a map, at most */

/* A map of rates over time: populations one below the other. */
struct map {
    struct ebb_trace_view *view;
    const struct ebb_trace_about *about;
    size_t first, end;        /* populations first <= k < end */
    uint64_t *row;            /* [populations + 1] first row of each */
    uint64_t from, to;        /* ticks from <= t < to */
    size_t rows, columns;     /* cells */
    double *cell;             /* [rows, columns] */
    struct ebb_events spikes; /* of one population at a time */
};

static ebb_status choose_population(struct map *m, const struct ebb_args *args)
{
    const char *name = ebb_args_text(args, "population");
    const struct ebb_trace_population *p = m->about->populations;
    m->end = m->about->n_populations;
    for (size_t k = 0; name && k < m->about->n_populations; k++) {
        if (strcmp(p[k].name, name) == 0) {
            m->first = k;
            m->end = k + 1;
            return EBB_OK;
        }
    }
    if (name) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s holds no spikes of '%.60s' (ebb info lists the "
                        "populations)",
                        args->operand[1], name);
    }
    return m->end > 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG, "%s holds no spikes", args->operand[1]);
}

static ebb_status choose_span(struct map *m, const struct ebb_args *args)
{
    m->to = m->about->committed;
    if (m->to == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "%s holds no ticks", args->operand[1]);
    }
    EBB_TRY(ebb_args_count(args, "from", 0, m->to - 1, &m->from));
    return ebb_args_count(args, "to", m->from + 1, m->to, &m->to);
}

/* Neurons of a population; where the file does not say, up to the last that
 * fired. */
static ebb_status measure(struct map *m, size_t k, uint64_t *out)
{
    const struct ebb_trace_population *p = &m->about->populations[k];
    *out = p->n > 0 ? p->n : 1;
    if (p->n > 0) {
        return EBB_OK;
    }
    EBB_TRY(ebb_trace_view_spikes(m->view, p, &m->spikes));
    for (size_t e = 0; e < m->spikes.n; e++) {
        uint64_t least = (uint64_t)m->spikes.at[e].node + 1;
        *out = *out > least ? *out : least;
    }
    return EBB_OK;
}

static ebb_status lay_out(struct map *m)
{
    m->row = ebb_mem_calloc(m->about->n_populations + 1, sizeof(*m->row));
    if (!m->row) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a map of rates");
    }
    for (size_t k = m->first; k < m->end; k++) {
        uint64_t n = 0;
        EBB_TRY(measure(m, k, &n));
        m->row[k + 1] = m->row[k] + n;
    }
    uint64_t neurons = m->row[m->end], ticks = m->to - m->from;
    m->rows = neurons < ROWS ? (size_t)neurons : ROWS;
    m->columns = ticks < COLUMNS ? (size_t)ticks : COLUMNS;
    m->cell = ebb_mem_calloc(m->rows * m->columns, sizeof(*m->cell));
    return m->cell ? EBB_OK
                   : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a map of rates");
}

/* In whole numbers: a bin that a rounded quotient missed would stay white. */
static size_t bin_of(uint64_t at, size_t bins, uint64_t whole)
{
    return (size_t)(at * bins / whole);
}

/* How many of `whole` fall into one bin. */
static double width_of(size_t bin, size_t bins, uint64_t whole)
{
    uint64_t begin = (bin * whole + bins - 1) / bins;
    uint64_t end = ((bin + 1) * whole + bins - 1) / bins;
    return (double)(end - begin);
}

static ebb_status count(struct map *m, size_t k)
{
    EBB_TRY(
        ebb_trace_view_spikes(m->view, &m->about->populations[k], &m->spikes));
    for (size_t e = 0; e < m->spikes.n; e++) {
        const struct ebb_event *s = &m->spikes.at[e];
        uint64_t row = m->row[k] + s->node;
        if (s->tick < m->from || s->tick >= m->to || row >= m->row[k + 1]) {
            continue;
        }
        size_t y = bin_of(row, m->rows, m->row[m->end]);
        size_t x = bin_of(s->tick - m->from, m->columns, m->to - m->from);
        m->cell[y * m->columns + x] += 1;
    }
    return EBB_OK;
}

/* From counts to spikes per neuron and tick, or per second. */
static void divide(struct map *m)
{
    double tick_s = m->about->tick_s;
    for (size_t y = 0; y < m->rows; y++) {
        double neurons = width_of(y, m->rows, m->row[m->end]);
        for (size_t x = 0; x < m->columns; x++) {
            double ticks = width_of(x, m->columns, m->to - m->from);
            m->cell[y * m->columns + x] /=
                neurons * ticks * (tick_s > 0 ? tick_s : 1);
        }
    }
}

/* The name of each population at its middle, a line between two. */
static void put_populations(struct ebb_gnuplot *g, const struct map *m)
{
    fputs("set ytics scale 0 (", g->script);
    for (size_t k = m->first; k < m->end; k++) {
        ebb_gnuplot_plain(g, m->about->populations[k].name);
        fprintf(g->script, " %g%s",
                ((double)m->row[k] + (double)m->row[k + 1]) / 2,
                k + 1 < m->end ? ", " : ") noenhanced\n");
    }
    for (size_t k = m->first + 1; k < m->end; k++) {
        fprintf(g->script,
                "set arrow from graph 0, first %llu to graph 1, first %llu "
                "nohead front lc 2 lw 1\n",
                (unsigned long long)m->row[k], (unsigned long long)m->row[k]);
    }
}

static void put_neurons(struct ebb_gnuplot *g, const struct map *m)
{
    char label[EBB_TRACE_NAME_BYTES + 20] = "neurons, by population";
    if (m->end - m->first > 1) {
        put_populations(g, m);
    } else {
        snprintf(label, sizeof(label), "neuron of %s",
                 m->about->populations[m->first].name);
    }
    fputs("set ylabel ", g->script);
    ebb_gnuplot_text(g, label);
    fputc('\n', g->script);
}

static void draw_map(struct ebb_gnuplot *g, const struct map *m)
{
    FILE *to = g->script;
    double tick_s = m->about->tick_s;
    double neurons = (double)m->row[m->end], ticks = (double)(m->to - m->from);
    size_t cells = m->rows * m->columns;
    ebb_gnuplot_matrix(g, "rate", m->cell, m->rows, m->columns);
    put_neurons(g, m);
    fputs(tick_s > 0 ? "set cblabel 'rate (Hz)'\n"
                     : "set cblabel 'rate (spikes per neuron and tick)'\n",
          to);
    if (tick_s > 0) {
        fprintf(to, "set xlabel 'time (ticks of %g ms)'\n", 1e3 * tick_s);
    } else {
        fputs("set xlabel 'time (ticks)'\n", to);
    }
    fprintf(to,
            "set cbrange [0:%.9g]\n"
            "set xrange [%llu:%llu]\nset yrange [%.17g:0]\nunset key\n"
            "plot $rate matrix using (%llu + ($1 + .5) * %.17g):"
            "(($2 + .5) * %.17g):3 with image\n",
            ebb_gnuplot_largest(m->cell, cells), (unsigned long long)m->from,
            (unsigned long long)m->to, neurons, (unsigned long long)m->from,
            ticks / (double)m->columns, neurons / (double)m->rows);
}

static ebb_status map_rates(struct map *m, const struct ebb_args *args,
                            const char *out)
{
    struct ebb_gnuplot g;
    EBB_TRY(ebb_trace_view_open(&m->view, args->operand[1]));
    m->about = ebb_trace_view_about(m->view);
    EBB_TRY(choose_population(m, args));
    EBB_TRY(choose_span(m, args));
    EBB_TRY(lay_out(m));
    for (size_t k = m->first; k < m->end; k++) {
        EBB_TRY(count(m, k));
    }
    divide(m);
    EBB_TRY(ebb_gnuplot_begin(&g, out, 1000, 620));
    draw_map(&g, m);
    return ebb_gnuplot_end(&g, EBB_OK);
}

ebb_status ebb_plot_rate_map(const struct ebb_args *args, const char *out)
{
    struct map m = {.view = NULL};
    ebb_status status = map_rates(&m, args, out);
    ebb_trace_view_close(m.view);
    ebb_events_finish(&m.spikes);
    ebb_mem_free(m.row);
    ebb_mem_free(m.cell);
    return status;
}
