/* tools/plot/distance.c - how far apart the answers to test samples are. */
#include "tools/plot/plot.h"

#include "core/memory.h"
#include "tools/plot/gnuplot.h"
#include "tools/plot/responses.h"

/* A matrix on its way to a picture. */
struct job {
    struct ebb_responses responses;
    float *filtered;  /* [n, ticks, neurons] k * O */
    double *distance; /* [n, n] */
    struct ebb_arena *arena;
    struct ebb_van_rossum_f32 *loss;
    double within, between; /* means of same and of other classes */
};

static ebb_status allocate(struct job *j)
{
    const struct ebb_responses *r = &j->responses;
    struct ebb_loss loss = r->setting.options.loss;
    struct ebb_kernel kernel;
    if (loss.kind != EBB_LOSS_VAN_ROSSUM) {
        loss.kernel =
            (struct ebb_kernel_spec){.shape = EBB_KERNEL_DUAL_EXPONENTIAL,
                                     .tau_m = 8,
                                     .tau_s = 2,
                                     .input_lag = 1,
                                     .normalised = true};
    }
    j->filtered =
        ebb_mem_calloc(r->n * r->ticks, r->neurons * sizeof(*j->filtered));
    j->distance = ebb_mem_calloc(r->n * r->n, sizeof(*j->distance));
    if (!j->filtered || !j->distance) {
        return EBB_FAIL(EBB_ERR_NOMEM,
                        "no memory for the distances of %zu samples", r->n);
    }
    EBB_TRY(ebb_arena_create(&j->arena));
    EBB_TRY(
        ebb_kernel_expand(&kernel, j->arena, &loss.kernel, 1, r->net->tick_s));
    return ebb_van_rossum_create_f32(&j->loss, &kernel, r->ticks, r->neurons);
}

/* 1/(2 ticks) Σ (f_a - f_b)², the distance of equation (8). */
static double distance_of(const float *a, const float *b, size_t cells,
                          size_t ticks)
{
    double sum = 0;
    for (size_t k = 0; k < cells; k++) {
        double e = (double)a[k] - (double)b[k];
        sum += e * e;
    }
    return sum / (2 * (double)ticks);
}

static void measure(struct job *j)
{
    const struct ebb_responses *r = &j->responses;
    size_t n = r->n, cells = r->ticks * r->neurons;
    size_t same = 0, other = 0;
    for (size_t a = 0; a < n; a++) {
        ebb_van_rossum_filter_f32(j->loss, j->filtered + a * cells,
                                  r->o + a * cells);
    }
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < a; b++) {
            double d = distance_of(j->filtered + a * cells,
                                   j->filtered + b * cells, cells, r->ticks);
            bool alike = r->label[a] == r->label[b];
            j->distance[a * n + b] = j->distance[b * n + a] = d;
            j->within += alike ? d : 0;
            j->between += alike ? 0 : d;
            same += alike;
            other += !alike;
        }
    }
    j->within /= same ? (double)same : 1;
    j->between /= other ? (double)other : 1;
}

static void draw(struct ebb_gnuplot *g, const struct job *j)
{
    const struct ebb_responses *r = &j->responses;
    char title[400];
    snprintf(title, sizeof(title),
             "%.200s on %zu test samples: mean %.3g within a class, %.3g "
             "between",
             r->net->populations[r->population].name, r->n, j->within,
             j->between);
    ebb_gnuplot_matrix(g, "distance", j->distance, r->n, r->n);
    ebb_responses_tics(g->script, r, 'x');
    ebb_responses_tics(g->script, r, 'y');
    fputs("set title ", g->script);
    ebb_gnuplot_text(g, title);
    fprintf(g->script,
            "\nset size ratio -1\nset xlabel 'sample, by class'\n"
            "set ylabel 'sample, by class'\nset cblabel 'van Rossum "
            "distance'\nset cbrange [0:%.9g]\nset xrange [-.5:%g]\n"
            "set yrange [%g:-.5]\nunset key\n"
            "plot $distance matrix with image\n",
            ebb_gnuplot_largest(j->distance, r->n * r->n), (double)r->n - .5,
            (double)r->n - .5);
}

static ebb_status work(struct job *j, const struct ebb_args *args,
                       const char *out)
{
    struct ebb_gnuplot g;
    EBB_TRY(ebb_responses_run(&j->responses, args));
    EBB_TRY(allocate(j));
    measure(j);
    EBB_TRY(ebb_gnuplot_begin(&g, out, 860, 760));
    draw(&g, j);
    return ebb_gnuplot_end(&g, EBB_OK);
}

ebb_status ebb_plot_distance(const struct ebb_args *args, const char *out)
{
    struct job j = {.within = 0};
    ebb_status status = work(&j, args, out);
    ebb_van_rossum_destroy_f32(j.loss);
    ebb_arena_destroy(j.arena);
    ebb_mem_free(j.filtered);
    ebb_mem_free(j.distance);
    ebb_responses_finish(&j.responses);
    return status;
}
