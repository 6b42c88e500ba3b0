/* io/serve/latency.c - how long packets took. */
#include "io/serve/latency.h"

#include <math.h>

double ebb_latency_bin_end(unsigned k)
{
    return 1e-6 * exp2((k + 1) / 8.0);
}

void ebb_latency_add(struct ebb_latency *l, double seconds)
{
    double k = seconds > 1e-6 ? floor(8 * log2(seconds * 1e6)) : 0;
    unsigned last = EBB_LATENCY_BINS - 1;
    l->count[k < last ? (unsigned)k : last]++;
    l->n++;
    l->sum_s += seconds;
    l->max_s = seconds > l->max_s ? seconds : l->max_s;
}

double ebb_latency_at(const struct ebb_latency *l, double share)
{
    double below = 0;
    for (unsigned k = 0; k < EBB_LATENCY_BINS; k++) {
        below += (double)l->count[k];
        if (l->n > 0 && below >= share * (double)l->n) {
            double end = ebb_latency_bin_end(k);
            return end < l->max_s && k + 1 < EBB_LATENCY_BINS ? end : l->max_s;
        }
    }
    return 0;
}
