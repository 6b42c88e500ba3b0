/* io/trace_overview.c - rates of all neurons over all of a run. */
#include "io/trace_overview.h"

#include <string.h>

ebb_status ebb_overview_init(struct ebb_overview *o, struct ebb_arena *arena,
                             size_t neurons, ebb_tick ticks)
{
    size_t bins = ticks < EBB_OVERVIEW_BINS ? (size_t)ticks : EBB_OVERVIEW_BINS;
    *o = (struct ebb_overview){.neurons = neurons,
                               .neuron_bins = neurons < EBB_OVERVIEW_NEURONS
                                                  ? neurons
                                                  : EBB_OVERVIEW_NEURONS,
                               .bins = bins < 2 ? 2 : bins + bins % 2,
                               .width = 1};
    o->rate =
        ebb_arena_calloc(arena, o->bins * o->neuron_bins, sizeof(*o->rate));
    return o->rate ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
}

/* Two bins become one. */
static void widen(struct ebb_overview *o)
{
    size_t n = o->neuron_bins;
    for (size_t b = 0; b < o->bins / 2; b++) {
        float *to = o->rate + b * n;
        const float *one = o->rate + 2 * b * n, *other = one + n;
        for (size_t k = 0; k < n; k++) {
            to[k] = one[k] + other[k];
        }
    }
    memset(o->rate + o->bins / 2 * n, 0, o->bins / 2 * n * sizeof(*o->rate));
    o->width *= 2;
}

void ebb_overview_count(struct ebb_overview *o, size_t row, ebb_tick tick)
{
    while (tick / o->width >= o->bins) {
        widen(o);
    }
    size_t y = row * o->neuron_bins / o->neurons;
    o->rate[tick / o->width * o->neuron_bins + y] += 1;
}

static ebb_tick bin_ticks(const struct ebb_overview *o, size_t bin,
                          ebb_tick ticks)
{
    ebb_tick from = bin * o->width;
    return ticks - from < o->width ? ticks - from : o->width;
}

size_t ebb_overview_end(struct ebb_overview *o, ebb_tick ticks)
{
    while (ticks > 0 && (ticks - 1) / o->width >= o->bins) {
        widen(o);
    }
    size_t bins = (size_t)((ticks + o->width - 1) / o->width);
    double neurons = (double)o->neurons / (double)o->neuron_bins;
    for (size_t b = 0; b < bins; b++) {
        double cell = neurons * (double)bin_ticks(o, b, ticks);
        float *rate = o->rate + b * o->neuron_bins;
        for (size_t k = 0; k < o->neuron_bins; k++) {
            rate[k] = (float)((double)rate[k] / cell);
        }
    }
    return bins;
}

double ebb_overview_tick(const struct ebb_overview *o, size_t bin,
                         ebb_tick ticks)
{
    return (double)bin * (double)o->width +
           0.5 * ((double)bin_ticks(o, bin, ticks) - 1);
}

double ebb_overview_neuron(const struct ebb_overview *o, size_t bin)
{
    return ((double)bin + 0.5) * (double)o->neurons / (double)o->neuron_bins -
           0.5;
}
