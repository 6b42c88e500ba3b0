/* tools/plot/traces.c - recorded states of some neurons over time. */
#include "tools/plot/plot.h"

#include "core/memory.h"
#include "core/nearest.h"
#include "io/trace_view.h"
#include "tools/node_list.h"
#include "tools/plot/gnuplot.h"

#include <math.h>
#include <string.h>

enum { NEURONS = 6, STATES = 4, SPAN = 1000, SPAN_MOST = 200000 };

/* What is drawn: a column for each neuron, a row for each of its states. */
struct job {
    struct ebb_trace_view *view;
    const struct ebb_trace_about *about;
    const char *place;
    const struct ebb_trace_population *population; /* NULL: a projection */
    const struct ebb_trace_state *state[STATES];   /* from top to bottom */
    size_t n_states;
    struct ebb_node_list nodes;
    size_t row[STATES][NEURONS]; /* where its values are */
    uint64_t from, to;           /* ticks from <= t < to */
    struct ebb_events spikes;    /* of the population */
    double *v_th;                /* [neurons]; NULL: not told */
    double *values;              /* [points of the span] */
};

static const struct ebb_trace_population *
population_of(const struct ebb_trace_about *a, const char *name)
{
    for (size_t k = 0; k < a->n_populations; k++) {
        if (strcmp(a->populations[k].name, name) == 0) {
            return &a->populations[k];
        }
    }
    return NULL;
}

/* The population nearest to the output of which V is there, or what is. */
static const char *default_place(const struct ebb_trace_about *a)
{
    const char *place = a->states[0].place;
    for (size_t k = 0; k < a->n_populations; k++) {
        for (size_t s = 0; s < a->n_states; s++) {
            if (a->states[s].letter[0] == 'V' &&
                strcmp(a->states[s].place, a->populations[k].name) == 0) {
                place = a->states[s].place;
            }
        }
    }
    return place;
}

static ebb_status choose_place(struct job *j, const struct ebb_args *args)
{
    const struct ebb_trace_about *a = j->about;
    const char *wanted = ebb_args_text(args, "population");
    if (a->n_states == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s holds no states; record some: ebb run NETWORK "
                        "INPUT --record V,R,I@hidden -o TRACE",
                        args->operand[1]);
    }
    j->place = wanted ? wanted : default_place(a);
    j->population = population_of(a, j->place);
    for (const char *letter = "VRIF"; *letter; letter++) {
        for (size_t s = 0; s < a->n_states; s++) {
            if (a->states[s].letter[0] == *letter &&
                strcmp(a->states[s].place, j->place) == 0) {
                j->state[j->n_states++] = &a->states[s];
            }
        }
    }
    if (j->n_states > 0) {
        return EBB_OK;
    }
    const char *near = ebb_nearest(
        wanted, (const char *const[]){a->states[0].place}, 1, sizeof(char *));
    return EBB_FAIL(EBB_ERR_ARG,
                    "%s holds no states of '%.60s'%s%s%s (ebb info lists them)",
                    args->operand[1], wanted, near ? "; did you mean '" : "",
                    near ? near : "", near ? "'?" : "");
}

static ebb_status choose_span(struct job *j, const struct ebb_args *args)
{
    uint64_t end = j->about->committed;
    uint64_t first = j->about->first;
    if (end <= first) {
        return EBB_FAIL(EBB_ERR_ARG, "%s holds no ticks", args->operand[1]);
    }
    j->from = first;
    EBB_TRY(ebb_args_count(args, "from", first, end - 1, &j->from));
    j->to = end - j->from < SPAN ? end : j->from + SPAN;
    EBB_TRY(ebb_args_count(args, "to", j->from + 1, end, &j->to));
    return j->to - j->from <= SPAN_MOST
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "%llu ticks are more than a picture can show; at "
                          "most %d from --from to --to",
                          (unsigned long long)(j->to - j->from), SPAN_MOST);
}

/* Where a neuron stands among those recorded. */
static ebb_status find_row(size_t *out, const struct ebb_trace_state *s,
                           const uint32_t *ids, uint32_t node)
{
    for (size_t k = 0; k < s->rows; k++) {
        if (ids[k] == node) {
            *out = k;
            return EBB_OK;
        }
    }
    return EBB_FAIL(EBB_ERR_ARG,
                    "--neurons: %s of %u in '%s' is not recorded; of %u to %u "
                    "there are %zu",
                    s->letter, node, s->place, s->rows ? ids[0] : 0,
                    s->rows ? ids[s->rows - 1] : 0, s->rows);
}

static ebb_status take_rows(struct job *j, size_t state, uint32_t *ids)
{
    const struct ebb_trace_state *s = j->state[state];
    EBB_TRY(ebb_trace_view_nodes(j->view, s, ids));
    if (!j->nodes.at) { /* none were asked for: the first */
        j->nodes.at = ebb_mem_calloc(1, sizeof(*j->nodes.at));
        if (!j->nodes.at || s->rows == 0) {
            return EBB_FAIL(EBB_ERR_ARG, "no neuron of '%s' is recorded",
                            s->place);
        }
        j->nodes.at[0] = ids[0];
        j->nodes.n = 1;
    }
    for (size_t k = 0; k < j->nodes.n; k++) {
        EBB_TRY(find_row(&j->row[state][k], s, ids, j->nodes.at[k]));
    }
    return EBB_OK;
}

static ebb_status choose_neurons(struct job *j, const struct ebb_args *args)
{
    const char *words = ebb_args_text(args, "neurons");
    if (words) {
        EBB_TRY(ebb_node_list_parse(&j->nodes, words));
    }
    if (j->nodes.n > NEURONS) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--neurons names %zu; a picture has room for %d",
                        j->nodes.n, NEURONS);
    }
    for (size_t k = 0; k < j->n_states; k++) {
        uint32_t *ids = ebb_mem_calloc(j->state[k]->rows, sizeof(*ids));
        ebb_status status =
            ids ? take_rows(j, k, ids)
                : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a picture");
        ebb_mem_free(ids);
        EBB_TRY(status);
    }
    return EBB_OK;
}

static ebb_status take_population(struct job *j)
{
    bool told = false;
    j->values = ebb_mem_calloc((size_t)(j->to - j->from), sizeof(*j->values));
    if (!j->values) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a picture");
    }
    if (!j->population) {
        return EBB_OK;
    }
    EBB_TRY(ebb_trace_view_spikes(j->view, j->population, &j->spikes));
    double *v_th = ebb_mem_calloc((size_t)j->population->n, sizeof(*v_th));
    if (!v_th) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for thresholds");
    }
    ebb_status status =
        ebb_trace_view_v_th(j->view, j->population, v_th, &told);
    if (status == EBB_OK && told) {
        j->v_th = v_th;
    } else {
        ebb_mem_free(v_th);
    }
    return status;
}

static double threshold(const struct job *j, size_t column)
{
    uint32_t node = j->nodes.at[column];
    return j->v_th && node < j->population->n ? j->v_th[node] : (double)NAN;
}

/* Spikes stand on the line of V, or on the threshold between its values. */
static void put_spikes(FILE *to, const struct job *j, size_t column,
                       uint64_t first, size_t n,
                       const struct ebb_trace_state *s)
{
    fputs("$spikes << EOD\nNaN NaN\n", to); /* never an empty block */
    for (size_t k = 0; k < j->spikes.n; k++) {
        const struct ebb_event *e = &j->spikes.at[k];
        if (e->node != j->nodes.at[column] || e->tick < j->from ||
            e->tick >= j->to) {
            continue;
        }
        ebb_tick at = e->tick - s->first; /* spikes before have no value */
        bool there = e->tick >= s->first && at % s->every == 0 &&
                     at / s->every - first < n;
        fprintf(to, "%llu %.9g\n", (unsigned long long)e->tick,
                there ? j->values[at / s->every - first]
                      : threshold(j, column));
    }
    fputs("EOD\n", to);
}

static void put_plot(FILE *to, const struct job *j, size_t column, bool is_v,
                     size_t n)
{
    const char *style = n < 50 ? "lp pt 7 ps .3" : "l"; /* one has no line */
    if (!is_v) {
        fprintf(to, "plot $values w %s lw 1.5 lc 3 notitle\n", style);
        return;
    }
    double v_th = threshold(j, column);
    fprintf(to, "plot $values w %s lw 1.5 lc 1 t 'V'", style);
    if (isfinite(v_th)) {
        fprintf(to, ", %.9g w l lw 1.5 dt 2 lc '#808080' t 'threshold'", v_th);
    }
    fputs(", $spikes w p pt 7 ps .8 lc 2 t 'spike'\n", to);
}

/* A state that never changes still needs an axis with some height. */
static void put_range(FILE *to, const double *values, size_t n)
{
    bool flat = true;
    for (size_t k = 1; k < n; k++) {
        flat = flat && values[k] == values[0];
    }
    if (flat && n > 0) {
        fprintf(to, "set yrange [%.9g:%.9g]\n", values[0] - 1, values[0] + 1);
    } else {
        fputs("set yrange [*:*]\n", to);
    }
}

static uint64_t points_before(const struct ebb_trace_state *s, ebb_tick tick)
{
    return tick > s->first ? (tick - s->first + s->every - 1) / s->every : 0;
}

/* One state of one neuron. */
static ebb_status draw_panel(FILE *to, struct job *j, size_t state,
                             size_t column)
{
    const struct ebb_trace_state *s = j->state[state];
    uint64_t first = points_before(s, j->from), end = points_before(s, j->to);
    end = end < s->points ? end : s->points;
    first = first < end ? first : end;
    size_t n = (size_t)(end - first);
    if (n == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s of '%s' has no value there: there is one every "
                        "%llu ticks; move --from or --to",
                        s->letter, s->place, (unsigned long long)s->every);
    }
    EBB_TRY(ebb_trace_view_row(j->view, s, j->row[state][column], (size_t)first,
                               n, j->values));
    fputs("$values << EOD\nNaN NaN\n\n", to);
    for (size_t k = 0; k < n; k++) {
        fprintf(to, "%llu %.9g\n",
                (unsigned long long)(s->first + (first + k) * s->every),
                j->values[k]);
    }
    fputs("EOD\n", to);
    put_range(to, j->values, n);
    bool is_v = s->letter[0] == 'V';
    if (is_v) {
        put_spikes(to, j, column, first, n, s);
    }
    put_plot(to, j, column, is_v, n);
    return EBB_OK;
}

static const char *meaning_of(char letter)
{
    switch (letter) {
    case 'V':
        return "V, membrane potential";
    case 'R':
        return "R, reset filter";
    case 'I':
        return "I, weighted input";
    default:
        return "F, potential of the axon";
    }
}

/* Pixels of the sheet. */
enum { PANEL = 230, TOP = 64, BOTTOM = 62, LEFT = 90 };

static int height_of(const struct job *j)
{
    return TOP + BOTTOM + PANEL * (int)j->n_states;
}

static int width_of(const struct job *j)
{
    return j->nodes.n == 1 ? 1000 : 520 * (int)j->nodes.n;
}

static void put_time(FILE *to, const struct job *j, bool bottom)
{
    if (!bottom) {
        fputs("set format x ''\nset xlabel ''\n", to);
    } else if (j->about->tick_s > 0) {
        fprintf(to, "set format x\nset xlabel 'time (ticks of %g ms)'\n",
                1e3 * j->about->tick_s);
    } else {
        fputs("set format x\nset xlabel 'time (ticks)'\n", to);
    }
}

static void name_panel(struct ebb_gnuplot *g, const struct job *j, size_t state,
                       size_t column)
{
    char title[EBB_TRACE_NAME_BYTES + 40];
    snprintf(title, sizeof(title), "%s %u of %s",
             j->population ? "neuron" : "axon", j->nodes.at[column], j->place);
    fputs("set label 1 ", g->script);
    ebb_gnuplot_text(g, state == 0 ? title : "");
    fprintf(g->script,
            " at graph 0, graph 1 left offset 0,.8\nset ylabel '%s'\n%s",
            column == 0 ? meaning_of(j->state[state]->letter[0]) : "",
            state + column > 0 ? "unset key\n" : "");
    put_time(g->script, j, state + 1 == j->n_states);
}

static ebb_status draw(struct ebb_gnuplot *g, struct job *j)
{
    double height = height_of(j);
    fprintf(g->script,
            "set multiplot layout %zu,%zu margins screen %g,.98,%g,%g spacing "
            "%g,%g\n"
            "set key at screen .98, screen %g right horizontal samplen 2\n"
            "set grid lc '#e0e0e0'\nset xrange [%llu:%llu]\n",
            j->n_states, j->nodes.n, (double)LEFT / width_of(j),
            BOTTOM / height, 1 - TOP / height, 70. / width_of(j), 26 / height,
            1 - 14 / height, (unsigned long long)j->from,
            (unsigned long long)j->to);
    for (size_t s = 0; s < j->n_states; s++) {
        for (size_t k = 0; k < j->nodes.n; k++) {
            name_panel(g, j, s, k);
            EBB_TRY(draw_panel(g->script, j, s, k));
        }
    }
    fputs("unset multiplot\n", g->script);
    return EBB_OK;
}

static ebb_status work(struct job *j, const struct ebb_args *args,
                       const char *out)
{
    struct ebb_gnuplot g;
    EBB_TRY(ebb_trace_view_open(&j->view, args->operand[1]));
    j->about = ebb_trace_view_about(j->view);
    EBB_TRY(choose_place(j, args));
    EBB_TRY(choose_span(j, args));
    EBB_TRY(choose_neurons(j, args));
    EBB_TRY(take_population(j));
    EBB_TRY(ebb_gnuplot_begin(&g, out, width_of(j), height_of(j)));
    return ebb_gnuplot_end(&g, draw(&g, j));
}

ebb_status ebb_plot_traces(const struct ebb_args *args, const char *out)
{
    struct job j = {.view = NULL};
    ebb_status status = work(&j, args, out);
    ebb_trace_view_close(j.view);
    ebb_events_finish(&j.spikes);
    ebb_node_list_finish(&j.nodes);
    ebb_mem_free(j.v_th);
    ebb_mem_free(j.values);
    return status;
}
