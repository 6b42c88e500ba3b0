/* sim/space.c - where spikes land in convolutions and linear poolings. */
#include "sim/space.h"

#include <math.h>
#include <string.h>

/* Where the axon stands. */
struct spot {
    size_t channel, at[2];
};

static struct spot spot_of(const struct drive *d, size_t axon)
{
    /* numbers of neurons are of 32 bits, which divide faster */
    const struct ebb_grid *g = drive_grid(d);
    uint32_t rows = (uint32_t)g->rows, own = (uint32_t)axon;
    uint32_t columns = (uint32_t)g->columns, row = own / columns;
    return (struct spot){.channel = row / rows,
                         .at = {row % rows, own % columns}};
}

size_t space_reach(const struct drive *d, size_t axon)
{
    const struct ebb_projection *p = d->p;
    struct spot spot = spot_of(d, axon);
    size_t places = axis_count(&d->axis[0], spot.at[0], false) *
                    axis_count(&d->axis[1], spot.at[1], false);
    return places * (p->kind == EBB_PROJECTION_CONV2D
                         ? p->to.channels / p->conv.groups
                         : d->targets);
}

static void push_run(struct drive *d, size_t to, size_t from, size_t n,
                     double x)
{
    d->run[d->n_runs++] = (struct ebb_sweep_run){
        .from = from, .to = (uint32_t)to, .n = (uint32_t)n, .x = x};
}

/* Runs in one row of targets: `target` and `weight` are of its first place and
 * slot, for the channels of the axon's group. */
static void runs_of_row(struct drive *d, size_t column, size_t target,
                        size_t weight, double x)
{
    const struct axis *a = &d->axis[1];
    size_t all = d->p->to.channels, own = all / d->p->conv.groups;
    for (size_t k = a->first[column]; k < a->first[column + 1]; k++) {
        const struct stretch *s = &a->stretch[k];
        size_t to = target + s->target * all, from = weight + s->slot * own;
        if (own == all) {
            push_run(d, to, from, s->n * all, x);
            continue;
        }
        for (size_t i = 0; i < s->n; i++) {
            push_run(d, to + i * all, from + i * own, own, x);
        }
    }
}

void space_runs(struct drive *d, size_t axon, double x)
{
    const struct ebb_projection *p = d->p;
    const struct axis *a = &d->axis[0];
    struct spot spot = spot_of(d, axon);
    size_t all = p->to.channels, own = all / p->conv.groups;
    size_t group = spot.channel / (p->inputs.channels / p->conv.groups);
    size_t kernel = spot.channel * p->conv.size[0];
    size_t row = spot.at[0];
    for (size_t k = a->first[row]; k < a->first[row + 1]; k++) {
        const struct stretch *s = &a->stretch[k];
        for (size_t i = 0; i < s->n; i++) {
            runs_of_row(d, spot.at[1],
                        (s->target + i) * p->to.columns * all + group * own,
                        (kernel + s->slot + i) * p->conv.size[1] * own,
                        x * d->share);
        }
    }
}

/* What pools an axon: a rectangle. */
struct windows {
    size_t from[2], n[2];
    size_t channel;
};

static struct windows windows_of(const struct drive *d, size_t axon)
{
    struct spot spot = spot_of(d, axon);
    struct windows w = {.channel = spot.channel};
    for (size_t k = 0; k < 2; k++) {
        const struct axis *a = &d->axis[k];
        size_t first = a->first[spot.at[k]];
        if (a->first[spot.at[k] + 1] > first) { /* one stretch */
            w.from[k] = a->stretch[first].target;
            w.n[k] = a->stretch[first].n;
        }
    }
    return w;
}

/* Number of what is pooled in window (y, x) of a rectangle. */
static size_t pooled_at(const struct drive *d, const struct windows *w,
                        size_t y, size_t x)
{
    const struct ebb_grid *g = &d->p->inputs;
    return (w->channel * g->rows + w->from[0] + y) * g->columns + w->from[1] +
           x;
}

void space_rows(struct drive *d, size_t axon, double x)
{
    struct windows w = windows_of(d, axon);
    for (size_t k = 0; k < w.n[0] * w.n[1]; k++) {
        size_t row = pooled_at(d, &w, k / w.n[1], k % w.n[1]);
        d->row[d->n_rows] = (uint32_t)row;
        d->carry[d->n_rows++] = x * d->share;
    }
}

static double largest_of(const struct ebb_projection *p, size_t from, size_t n)
{
    double most = 0;
    for (size_t s = from; s < from + n; s++) {
        most = fmax(most, fabs(ebb_projection_weight(p, s)));
    }
    return most;
}

/* Of the kernels of one channel of axons. */
static double largest_of_channel(const struct ebb_projection *p, size_t channel)
{
    size_t window = p->conv.size[0] * p->conv.size[1];
    size_t inputs = p->inputs.channels / p->conv.groups;
    size_t outs = p->to.channels / p->conv.groups;
    size_t first = channel / inputs * outs;
    double most = 0;
    for (size_t out = first; out < first + outs; out++) {
        size_t kernel = out * inputs + channel % inputs;
        most = fmax(most, largest_of(p, kernel * window, window));
    }
    return most;
}

void space_largest(const struct drive *d, double *largest)
{
    const struct ebb_projection *p = d->p;
    bool conv = p->kind == EBB_PROJECTION_CONV2D;
    size_t own = d->axons / p->from.channels;
    size_t windows = 1;
    for (size_t k = 0; p->pool.kind != EBB_POOL_NONE && k < 2; k++) {
        windows *= (p->pool.size[k] - 1) / p->pool.stride[k] + 1;
    }
    for (size_t j = 0; j < d->axons; j++) {
        double most = 0;
        if (conv) {
            most =
                j % own == 0 ? largest_of_channel(p, j / own) : largest[j - 1];
            largest[j] =
                j % own == 0 ? most * d->share * (double)windows : most;
            continue;
        }
        struct windows w = windows_of(d, j);
        for (size_t k = 0; k < w.n[0] * w.n[1]; k++) {
            size_t row = pooled_at(d, &w, k / w.n[1], k % w.n[1]);
            most += largest_of(p, row * d->targets, d->targets);
        }
        largest[j] = most * d->share;
    }
}

void space_name(struct ebb_engine *e, struct crowd *c, size_t n)
{
    size_t before = 0;
    uint32_t channels = (uint32_t)c->channels;
    if (n == 0) {
        return;
    }
    memset(c->of_channel, 0, c->channels * sizeof(*c->of_channel));
    for (size_t k = 0; k < n; k++) {
        c->of_channel[e->fired[k] % channels]++;
    }
    for (size_t k = 0; k < c->channels; k++) {
        size_t own = c->of_channel[k];
        c->of_channel[k] = before;
        before += own;
    }
    for (size_t k = 0; k < n; k++) {
        uint32_t channel = e->fired[k] % channels;
        uint32_t place = e->fired[k] / channels;
        e->named[c->of_channel[channel]++] =
            channel * (ebb_neuron_id)c->places + place;
    }
    ebb_neuron_id *named = e->named;
    e->named = e->fired;
    e->fired = named;
}
