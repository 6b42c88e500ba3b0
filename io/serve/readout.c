/* io/serve/readout.c - the class that output spikes speak for. */
#include "io/serve/readout.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

ebb_status ebb_readout_init(struct ebb_readout *r, size_t n, size_t steps,
                            enum ebb_readout_rule rule)
{
    *r = (struct ebb_readout){.rule = rule, .n = n, .steps = steps};
    r->count = ebb_mem_calloc(n, sizeof(*r->count));
    r->probability = ebb_mem_calloc(n, sizeof(*r->probability));
    if (steps > 0 && n <= SIZE_MAX / steps) {
        r->step = ebb_mem_calloc(steps * n, sizeof(*r->step));
    }
    if (!r->count || !r->probability || (steps > 0 && !r->step)) {
        ebb_readout_finish(r);
        return EBB_FAIL(EBB_ERR_NOMEM,
                        "no memory for a window of %zu steps, %zu classes",
                        steps, n);
    }
    return EBB_OK;
}

void ebb_readout_finish(struct ebb_readout *r)
{
    ebb_mem_free(r->count);
    ebb_mem_free(r->probability);
    ebb_mem_free(r->step);
    *r = (struct ebb_readout){.n = 0};
}

void ebb_readout_count(struct ebb_readout *r, size_t k)
{
    r->count[k]++;
    if (r->step) {
        r->step[r->now * r->n + k]++;
    }
}

/* Where the largest count is; *sum gets that of the weights. */
static size_t weigh(struct ebb_readout *r, double *sum)
{
    size_t best = 0;
    *sum = 0;
    for (size_t k = 1; k < r->n; k++) {
        best = r->count[k] > r->count[best] ? k : best;
    }
    double most = (double)r->count[best];
    for (size_t k = 0; k < r->n; k++) {
        double c = (double)r->count[k];
        r->probability[k] = r->rule == EBB_READOUT_SHARE ? c : exp(c - most);
        *sum += r->probability[k];
    }
    return best;
}

void ebb_readout_tell(struct ebb_readout *r)
{
    double sum;
    size_t best = weigh(r, &sum);
    for (size_t k = 0; k < r->n; k++) {
        r->probability[k] =
            sum > 0 ? r->probability[k] / sum : 1 / (double)r->n;
    }
    bool any = r->count[best] > 0;
    r->winner = any ? (long)best : -1;
    r->confidence = any ? r->probability[best] : 0;
}

void ebb_readout_step(struct ebb_readout *r)
{
    if (!r->step) {
        return;
    }
    r->now = (r->now + 1) % r->steps;
    uint32_t *oldest = r->step + r->now * r->n;
    for (size_t k = 0; k < r->n; k++) {
        r->count[k] -= oldest[k];
        oldest[k] = 0;
    }
}

void ebb_readout_clear(struct ebb_readout *r)
{
    memset(r->count, 0, r->n * sizeof(*r->count));
    if (r->step) {
        memset(r->step, 0, r->steps * r->n * sizeof(*r->step));
    }
}
