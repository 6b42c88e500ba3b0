/* sim/conv_run.c - a convolution, forward and backward; built once per
 * precision.
 *
 * A row (one tick of one sample) is unfolded into the matrix
 *
 *     U[k, s] = F[i, y stride + u dilation - padding, …],
 *     k = (i, u, v) of the window, s = (y, x) of the target
 *
 * so that the convolution is the product V = W U for each group, its adjoint
 * d_U = Wᵀ d_V and d_W = d_V Uᵀ. Rows are apart from each other: the same bits
 * for any number of samples and ticks at a time. */
#include "sim/projection_run.h"

#include "core/real_build.inc"

#include <string.h>

typedef EBB_REAL real;
typedef struct EBB_NAME(ebb_model_projection) projection;

/* Sizes of one group. */
struct group {
    size_t channels, inputs; /* of the target, of the source */
    size_t window;           /* rows of U: inputs * size */
    size_t places;           /* columns of U */
    size_t room;             /* places of a channel of the source */
};

static struct group group_of(const struct ebb_projection *p)
{
    size_t inputs = p->inputs.channels / p->conv.groups;
    return (struct group){.channels = p->to.channels / p->conv.groups,
                          .inputs = inputs,
                          .window = inputs * p->conv.size[0] * p->conv.size[1],
                          .places = p->to.rows * p->to.columns,
                          .room = p->inputs.rows * p->inputs.columns};
}

/* Targets x whose source x stride + offset - padding is on the grid. */
struct part {
    size_t from, to;
};

static struct part part_inside(size_t targets, size_t room, size_t stride,
                               size_t offset, size_t padding)
{
    struct part p = {0, 0};
    if (offset < padding) {
        p.from = (padding - offset + stride - 1) / stride;
    }
    if (room + padding > offset) {
        p.to = (room + padding - offset - 1) / stride + 1;
    }
    p.to = p.to < targets ? p.to : targets;
    p.from = p.from < p.to ? p.from : p.to;
    return p;
}

/* A place of the window, for all channels: which targets see a neuron of the
 * grid there, and where it stands. */
struct line {
    struct part y, x;
    size_t start; /* of the first target's, within a channel */
    size_t down;  /* from there to that of the next row of targets */
};

static struct line line_of(const struct ebb_projection *p, size_t v, size_t w)
{
    const struct ebb_conv *c = &p->conv;
    size_t columns = p->inputs.columns;
    struct line l = {.down = c->stride[0] * columns};
    v *= c->dilation[0];
    w *= c->dilation[1];
    l.y =
        part_inside(p->to.rows, p->inputs.rows, c->stride[0], v, c->padding[0]);
    l.x = part_inside(p->to.columns, columns, c->stride[1], w, c->padding[1]);
    if (l.y.from == l.y.to || l.x.from == l.x.to) {
        return (struct line){.down = l.down}; /* all of it beyond the grid */
    }
    l.start = (l.y.from * c->stride[0] + v - c->padding[0]) * columns +
              l.x.from * c->stride[1] + w - c->padding[1];
    return l;
}

/* The loops without a step vectorise. */
static void copy_row(real *restrict to, const real *restrict from, size_t n,
                     size_t step)
{
    if (step == 1) {
        memcpy(to, from, n * sizeof(real));
        return;
    }
    for (size_t x = 0; x < n; x++) {
        to[x] = from[x * step];
    }
}

static void add_row(real *restrict to, const real *restrict from, size_t n,
                    size_t step)
{
    for (size_t x = 0; step == 1 && x < n; x++) {
        to[x] += from[x];
    }
    for (size_t x = 0; step != 1 && x < n; x++) {
        to[x * step] += from[x];
    }
}

/* Rows of targets that lie as those of the source do: what a window's place
 * sees is one run, but for what it takes from the ends of other rows. */
static bool one_run(const struct ebb_projection *p, const struct line *l)
{
    return p->conv.stride[1] == 1 && l->down == p->to.columns;
}

/* Columns of u whose sources are beyond the grid. */
static void clear_sides(const struct line *l, real *u, size_t columns)
{
    for (size_t y = l->y.from; y < l->y.to; y++) {
        for (size_t x = 0; x < l->x.from; x++) {
            u[y * columns + x] = 0;
        }
        for (size_t x = l->x.to; x < columns; x++) {
            u[y * columns + x] = 0;
        }
    }
}

/* Places from the first to behind the last that have a source. */
static struct part run_of(const struct line *l, size_t columns)
{
    struct part none = {0, 0};
    return l->y.from == l->y.to
               ? none
               : (struct part){l->y.from * columns + l->x.from,
                               (l->y.to - 1) * columns + l->x.to};
}

static void unfold_run(const struct ebb_projection *p, const struct line *l,
                       real *u, const real *f)
{
    const size_t columns = p->to.columns, all = p->to.rows * columns;
    const struct part run = run_of(l, columns);
    memset(u, 0, run.from * sizeof(real));
    memcpy(u + run.from, f + l->start, (run.to - run.from) * sizeof(real));
    memset(u + run.to, 0, (all - run.to) * sizeof(real));
    clear_sides(l, u, columns);
}

static void unfold_line(const struct ebb_projection *p, const struct line *l,
                        real *u, const real *f)
{
    const size_t columns = p->to.columns, n = l->x.to - l->x.from;
    if (one_run(p, l)) {
        unfold_run(p, l, u, f);
        return;
    }
    if (n < columns || l->y.to - l->y.from < p->to.rows) {
        memset(u, 0, p->to.rows * columns * sizeof(real));
    }
    u += l->y.from * columns + l->x.from;
    f += l->start;
    for (size_t y = l->y.from; y < l->y.to; y++) {
        copy_row(u, f, n, p->conv.stride[1]);
        u += columns;
        f += l->down;
    }
}

/* What has no source is cleared in d_u, so that adding it changes nothing. */
static void fold_line(const struct ebb_projection *p, const struct line *l,
                      real *d_f, real *d_u)
{
    const size_t columns = p->to.columns, n = l->x.to - l->x.from;
    if (one_run(p, l)) {
        const struct part run = run_of(l, columns);
        clear_sides(l, d_u, columns);
        add_row(d_f + l->start, d_u + run.from, run.to - run.from, 1);
        return;
    }
    d_u += l->y.from * columns + l->x.from;
    d_f += l->start;
    for (size_t y = l->y.from; y < l->y.to; y++) {
        add_row(d_f, d_u, n, p->conv.stride[1]);
        d_u += columns;
        d_f += l->down;
    }
}

/* Places `first` and on of the window, as many as are gone through for one
 * channel after the other: a channel stays in the L1 cache, and U is gone
 * through as it lies. Returns how many. */
enum { LINES = 32 };

static size_t lines_of(struct line out[LINES], const struct ebb_projection *p,
                       size_t first)
{
    size_t left = p->conv.size[0] * p->conv.size[1] - first;
    size_t n = left < LINES ? left : LINES;
    for (size_t j = 0; j < n; j++) {
        size_t k = first + j;
        out[j] = line_of(p, k / p->conv.size[1], k % p->conv.size[1]);
    }
    return n;
}

/* U of one group from its channels of F. */
static void unfold(const struct ebb_projection *p, const struct group *g,
                   real *u, const real *f)
{
    const size_t window = g->window / g->inputs;
    struct line l[LINES];
    for (size_t k = 0, n; k < window; k += n) {
        n = lines_of(l, p, k);
        for (size_t i = 0; i < g->inputs; i++) {
            for (size_t j = 0; j < n; j++) {
                unfold_line(p, &l[j], u + (i * window + k + j) * g->places,
                            f + i * g->room);
            }
        }
    }
}

/* The adjoint of unfold(): add d_U to d_F. */
static void fold(const struct ebb_projection *p, const struct group *g,
                 real *d_f, real *d_u)
{
    const size_t window = g->window / g->inputs;
    struct line l[LINES];
    for (size_t k = 0, n; k < window; k += n) {
        n = lines_of(l, p, k);
        for (size_t i = 0; i < g->inputs; i++) {
            for (size_t j = 0; j < n; j++) {
                fold_line(p, &l[j], d_f + i * g->room,
                          d_u + (i * window + k + j) * g->places);
            }
        }
    }
}

/* V = W U as a product of plain matrices. */
static struct ebb_product product_of(const struct group *g,
                                     const struct ebb_product *shape)
{
    return (struct ebb_product){.rows = g->channels,
                                .sources = g->window,
                                .targets = g->places,
                                .source_stride = g->window,
                                .target_stride = g->places,
                                .low = shape->low};
}

static void forward(const projection *p, const struct ebb_product *shape,
                    real *v, const real *f, bool add, real *work)
{
    const struct group g = group_of(p->from);
    const struct ebb_product product = product_of(&g, shape);
    for (size_t r = 0; r < shape->rows; r++) {
        for (size_t k = 0; k < p->from->conv.groups; k++) {
            unfold(p->from, &g, work,
                   f + r * shape->source_stride + k * g.inputs * g.room);
            EBB_NAME(ebb_product_forward)
            (&product, v + r * shape->target_stride + k * g.channels * g.places,
             p->weight + k * g.channels * g.window, work, add);
        }
    }
}

static void backward(const projection *p, const struct ebb_product *shape,
                     real *d_f, const real *d_v, real *work)
{
    const struct group g = group_of(p->from);
    const struct ebb_product product = product_of(&g, shape);
    for (size_t r = 0; r < shape->rows; r++) {
        real *to = d_f + r * shape->source_stride;
        memset(to, 0, shape->sources * sizeof(real));
        for (size_t k = 0; k < p->from->conv.groups; k++) {
            EBB_NAME(ebb_product_weight)
            (&product, work, p->weight + k * g.channels * g.window,
             d_v + r * shape->target_stride + k * g.channels * g.places, false);
            fold(p->from, &g, to + k * g.inputs * g.room, work);
        }
    }
}

static void add_to(real *restrict sum, const real *restrict more, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sum[i] += more[i];
    }
}

static void weight(const projection *p, const struct ebb_product *shape,
                   real *d_weight, const real *f, const real *d_v, bool add,
                   real *work)
{
    const struct group g = group_of(p->from);
    const struct ebb_product product = product_of(&g, shape);
    const size_t n = g.channels * g.window;
    real *one = work + g.window * g.places; /* d_W of a row and group */
    if (!add) {
        memset(d_weight, 0, p->from->synapses * sizeof(real));
    }
    for (size_t r = 0; r < shape->rows; r++) {
        for (size_t k = 0; k < p->from->conv.groups; k++) {
            unfold(p->from, &g, work,
                   f + r * shape->source_stride + k * g.inputs * g.room);
            EBB_NAME(ebb_product_backward)
            (&product, one,
             d_v + r * shape->target_stride + k * g.channels * g.places, work);
            add_to(d_weight + k * n, one, n);
        }
    }
}

const struct EBB_NAME(ebb_projection_run)
    EBB_NAME(ebb_conv_run) = {forward, backward, weight};

#if EBB_REAL_BITS == 64
static size_t factor_of(const struct ebb_projection *p, size_t rows,
                        size_t targets)
{
    size_t widest = p->n_inputs > targets ? p->n_inputs : targets;
    if (p->kind == EBB_PROJECTION_CONV2D) {
        const struct group g = group_of(p);
        rows = g.window > g.channels ? g.window : g.channels;
        widest = g.places;
    }
    return rows * widest > p->synapses ? rows * widest : p->synapses;
}

size_t ebb_network_factor(const struct ebb_network *net, size_t rows)
{
    size_t most = 1;
    for (size_t i = 0; i < net->n_projections; i++) {
        const struct ebb_projection *p = &net->projections[i];
        size_t own = factor_of(p, rows, net->populations[p->target].n);
        most = own > most ? own : most;
    }
    return most;
}

size_t ebb_projection_work(const struct ebb_projection *p)
{
    if (p->kind != EBB_PROJECTION_CONV2D) {
        return 0;
    }
    const struct group g = group_of(p);
    return g.window * (g.places + g.channels);
}
#endif
