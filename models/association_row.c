/* models/association_row.c - the synapses of one axon of an associative
 * memory. */
#include "models/association_row.h"

#include "core/random.h"

#include <math.h>
#include <string.h>

ebb_status ebb_association_row_init(struct ebb_association_row *r,
                                    const struct ebb_association_params *params,
                                    const struct ebb_assemblies *patterns,
                                    double step)
{
    size_t n = patterns->neurons;
    bool counts = params->kind == EBB_ASSOCIATION_HOPFIELD;
    *r = (struct ebb_association_row){
        .params = params,
        .patterns = patterns,
        .shared = ebb_mem_calloc(counts ? n : 0, sizeof(*r->shared)),
        .words = n / 4096 + 1,
        .some = ebb_mem_calloc(counts ? 0 : n / 64 + 1, sizeof(*r->some)),
        .touched = ebb_mem_calloc(n / 4096 + 1, sizeof(*r->touched)),
        .step = step,
        .log_miss = params->connect < 1 ? log1p(-params->connect) : 0};
    if (!r->shared || !r->some || !r->touched) {
        ebb_association_row_finish(r);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a row of %zu synapses",
                        n);
    }
    return EBB_OK;
}

void ebb_association_row_finish(struct ebb_association_row *r)
{
    ebb_mem_free(r->shared);
    ebb_mem_free(r->some);
    ebb_mem_free(r->touched);
    *r = (struct ebb_association_row){0};
}

/* Those passed over before the next that is connected. The logarithm of the
 * probability is the same for all, unlike in ebb_random_geometric(). */
static uint64_t gap(const struct ebb_association_row *r,
                    struct ebb_random *random)
{
    if (!(r->log_miss < 0)) {
        return 0;
    }
    double passed = log(1 - ebb_random_uniform(random)) / r->log_miss;
    return passed < 0x1p62 ? (uint64_t)passed : UINT64_MAX / 2;
}

/* Count the patterns that each neuron shares with the source, or forget. */
static void count_shared(struct ebb_association_row *r, uint32_t source,
                         bool count)
{
    const struct ebb_assemblies *a = r->patterns;
    for (uint64_t m = a->first[source]; m < a->first[source + 1]; m++) {
        const uint32_t *cell = ebb_assemblies_cells(a, a->member[m]);
        for (size_t k = 0; k < a->cells; k++) {
            r->shared[cell[k]] = count ? r->shared[cell[k]] + 1 : 0;
        }
    }
}

/* (2) of a pair that shares some patterns and takes part in `one` in all, each
 * counted for both. */
static double covariance(const struct ebb_assemblies *a, double shared,
                         double one)
{
    double f = (double)a->cells / (double)a->neurons;
    double sum = shared - f * one + (double)a->n * f * f;
    return sum / ((1 - f) * (1 - f));
}

static double weight_of(const struct ebb_association_row *r, uint32_t source,
                        uint32_t target)
{
    const struct ebb_assemblies *a = r->patterns;
    double one = (double)(ebb_assemblies_usage(a, source) +
                          ebb_assemblies_usage(a, target));
    return covariance(a, r->shared[target], one);
}

static float rounded(const struct ebb_association_row *r, double weight)
{
    return (float)(r->step > 0 ? r->step * nearbyint(weight / r->step)
                               : weight);
}

static size_t draw_all(struct ebb_association_row *r, uint32_t source,
                       struct ebb_random *random, uint32_t *target,
                       float *weight)
{
    size_t n = 0;
    count_shared(r, source, true);
    for (uint64_t i = gap(r, random); i < r->patterns->neurons;
         i += 1 + gap(r, random)) {
        if (i != source) {
            target[n] = (uint32_t)i;
            weight[n++] = rounded(r, weight_of(r, source, (uint32_t)i));
        }
    }
    count_shared(r, source, false);
    return n;
}

static double largest_of_row(struct ebb_association_row *r, uint32_t source)
{
    const struct ebb_assemblies *a = r->patterns;
    double most = 0;
    count_shared(r, source, true);
    for (uint64_t m = a->first[source]; m < a->first[source + 1]; m++) {
        const uint32_t *cell = ebb_assemblies_cells(a, a->member[m]);
        for (size_t k = 0; k < a->cells; k++) {
            double w = cell[k] == source ? 0 : weight_of(r, source, cell[k]);
            most = fmax(most, fabs(w));
        }
    }
    count_shared(r, source, false);
    return most;
}

double ebb_association_row_largest(struct ebb_association_row *r)
{
    const struct ebb_assemblies *a = r->patterns;
    size_t least = SIZE_MAX, greatest = 0;
    double most = 0;
    for (size_t j = 0; j < a->neurons; j++) {
        size_t usage = ebb_assemblies_usage(a, j);
        least = usage < least ? usage : least;
        greatest = usage > greatest ? usage : greatest;
        most = fmax(most, largest_of_row(r, (uint32_t)j));
    }
    most = fmax(most, fabs(covariance(a, 0, 2 * (double)least)));
    return fmax(most, fabs(covariance(a, 0, 2 * (double)greatest)));
}

static void mark_some(struct ebb_association_row *r, uint32_t source)
{
    const struct ebb_assemblies *a = r->patterns;
    for (uint64_t m = a->first[source]; m < a->first[source + 1]; m++) {
        const uint32_t *cell = ebb_assemblies_cells(a, a->member[m]);
        for (size_t k = 0; k < a->cells; k++) {
            size_t word = cell[k] / 64;
            r->some[word] |= (uint64_t)1 << cell[k] % 64;
            r->touched[word / 64] |= (uint64_t)1 << word % 64;
        }
    }
    r->some[source / 64] &= ~((uint64_t)1 << source % 64);
}

/* The lowest bit after `skip` others. */
static unsigned nth_bit(uint64_t word, uint64_t skip)
{
    for (; skip > 0; skip--) {
        word &= word - 1;
    }
    return (unsigned)__builtin_ctzll(word);
}

/* Synapses to those of a word of `some`; returns how many. */
static size_t draw_word(struct ebb_association_row *r, size_t word,
                        uint64_t *skip, struct ebb_random *random,
                        uint32_t *target, float *weight)
{
    size_t n = 0;
    bool one = (r->some[word] & (r->some[word] - 1)) == 0; /* mostly, if few */
    uint64_t bits = one ? r->some[word] != 0
                        : (uint64_t)__builtin_popcountll(r->some[word]);
    for (; *skip < bits; *skip += 1 + gap(r, random)) {
        target[n] = (uint32_t)(64 * word + nth_bit(r->some[word], *skip));
        weight[n++] = 1;
    }
    *skip -= bits;
    r->some[word] = 0;
    return n;
}

/* Only among those that learned: a draw for each synapse, not for each
 * pair (1). */
static size_t draw_some(struct ebb_association_row *r, uint32_t source,
                        struct ebb_random *random, uint32_t *target,
                        float *weight)
{
    size_t n = 0;
    mark_some(r, source);
    uint64_t skip = gap(r, random);
    for (size_t t = 0; t < r->words; t++) {
        for (uint64_t left = r->touched[t]; left != 0; left &= left - 1) {
            size_t word = 64 * t + (size_t)__builtin_ctzll(left);
            n += draw_word(r, word, &skip, random, target + n, weight + n);
        }
        r->touched[t] = 0;
    }
    return n;
}

size_t ebb_association_row_draw(struct ebb_association_row *r, uint32_t source,
                                uint32_t *target, float *weight)
{
    struct ebb_random random =
        ebb_random_stream(r->params->seed, EBB_RANDOM_AXON, source);
    return r->params->kind == EBB_ASSOCIATION_HOPFIELD
               ? draw_all(r, source, &random, target, weight)
               : draw_some(r, source, &random, target, weight);
}
