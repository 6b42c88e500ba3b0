/* models/association_row.c - the synapses of one axon of an associative
 * memory. */
#include "models/association_row.h"

#include "core/random.h"

#include <math.h>

ebb_status ebb_association_row_init(struct ebb_association_row *r,
                                    const struct ebb_association_params *params,
                                    const struct ebb_assemblies *patterns)
{
    *r = (struct ebb_association_row){
        .params = params,
        .patterns = patterns,
        .shared = ebb_mem_calloc(patterns->neurons, sizeof(*r->shared)),
        .log_miss = params->connect < 1 ? log1p(-params->connect) : 0};
    return r->shared ? EBB_OK
                     : EBB_FAIL(EBB_ERR_NOMEM,
                                "no memory for a row of %zu "
                                "synapses",
                                patterns->neurons);
}

void ebb_association_row_finish(struct ebb_association_row *r)
{
    ebb_mem_free(r->shared);
    *r = (struct ebb_association_row){0};
}

/* Count the patterns that each neuron shares with the source, or forget. */
static void mark(struct ebb_association_row *r, uint32_t source, bool count)
{
    const struct ebb_assemblies *a = r->patterns;
    for (uint64_t m = a->first[source]; m < a->first[source + 1]; m++) {
        const uint32_t *cell = ebb_assemblies_cells(a, a->member[m]);
        for (size_t k = 0; k < a->cells; k++) {
            r->shared[cell[k]] = count ? r->shared[cell[k]] + 1 : 0;
        }
    }
}

/* Neurons passed over before the next that is connected. The logarithm of the
 * probability is the same for all, unlike in ebb_random_geometric(). */
static uint64_t gap(const struct ebb_association_row *r,
                    struct ebb_random *random)
{
    if (!(r->log_miss < 0)) {
        return 0;
    }
    double passed = floor(log(1 - ebb_random_uniform(random)) / r->log_miss);
    return passed < 0x1p62 ? (uint64_t)passed : UINT64_MAX / 2;
}

static float weigh(const struct ebb_association_row *r, uint32_t source,
                   uint32_t target)
{
    const struct ebb_assemblies *a = r->patterns;
    double both = r->shared[target];
    if (r->params->kind != EBB_ASSOCIATION_HOPFIELD) {
        return 1; /* (1) */
    }
    double f = (double)a->cells / (double)a->neurons;
    double one = (double)(ebb_assemblies_usage(a, source) +
                          ebb_assemblies_usage(a, target));
    double sum = both - f * one + (double)a->n * f * f;
    return (float)(sum / ((1 - f) * (1 - f))); /* (2) */
}

size_t ebb_association_row_draw(struct ebb_association_row *r, uint32_t source,
                                uint32_t *target, float *weight)
{
    size_t n = 0;
    bool all = r->params->kind == EBB_ASSOCIATION_HOPFIELD;
    struct ebb_random random =
        ebb_random_stream(r->params->seed, EBB_RANDOM_AXON, source);
    mark(r, source, true);
    for (uint64_t i = gap(r, &random); i < r->patterns->neurons;
         i += 1 + gap(r, &random)) {
        if (i == source || !(all || r->shared[i] > 0)) {
            continue;
        }
        if (target) {
            target[n] = (uint32_t)i;
            weight[n] = weigh(r, source, (uint32_t)i);
        }
        n++;
    }
    mark(r, source, false);
    return n;
}
