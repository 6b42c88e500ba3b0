/* tests/random_wide.c - networks of some hundreds of neurons a population. */
#include "tests/random_wide.h"

#include "tests/random_parts.h"
#include "tests/run_suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LEAST = 200, MOST = 600, FAN_IN = 25, LONGEST = 20, LONG = 160 };

static size_t add_population(struct ebb_network *net, size_t k,
                             struct ebb_random *r)
{
    char name[16];
    size_t index, n = LEAST + ebb_random_below(r, MOST - LEAST + 1);
    snprintf(name, sizeof(name), "w%zu", k);
    ck_assert_msg(ebb_network_add_population(net, name, n, false, &index) ==
                      EBB_OK,
                  "%s", ebb_error_message());
    random_neurons(net, &net->populations[index], r);
    return index;
}

/* Each axon reaches each target by the same chance. */
static size_t draw_rows(uint64_t *indptr, uint32_t *indices, size_t axons,
                        size_t targets, struct ebb_random *r)
{
    double chance = fmin(1, (double)FAN_IN / (double)axons);
    size_t n = 0;
    for (size_t j = 0; j < axons; j++) {
        indptr[j] = n;
        for (size_t i = 0; i < targets; i++) {
            if (ebb_random_uniform(r) < chance) {
                indices[n++] = (uint32_t)i;
            }
        }
    }
    indptr[axons] = n;
    return n;
}

static void add_projection(struct ebb_network *net, size_t source,
                           size_t target, bool sparse, bool at_once,
                           struct ebb_random *r)
{
    char name[16];
    size_t index, axons = net->populations[source].n;
    size_t targets = net->populations[target].n;
    uint64_t *indptr = calloc(axons + 1, sizeof(*indptr));
    uint32_t *indices = calloc(axons * targets, sizeof(*indices));
    ck_assert(indptr && indices);
    size_t n = draw_rows(indptr, indices, axons, targets, r);
    snprintf(name, sizeof(name), "wide%zu", net->n_projections);
    ck_assert_msg(ebb_network_add_projection(
                      net, name, source, target,
                      sparse ? EBB_PROJECTION_SPARSE : EBB_PROJECTION_DENSE,
                      ebb_random_below(r, 2) ? EBB_FLOAT32 : EBB_FLOAT64, n,
                      &index) == EBB_OK,
                  "%s", ebb_error_message());
    struct ebb_projection *p = &net->projections[index];
    for (size_t j = 0; sparse && j <= axons; j++) {
        p->indptr[j] = indptr[j];
    }
    for (size_t s = 0; sparse && s < n; s++) {
        p->indices[s] = indices[s];
    }
    random_weights(p, sparse && axons > FAN_IN ? FAN_IN : axons, r);
    random_kernel(net, p, source >= target || !at_once, r);
    if (ebb_random_below(r, 2)) {
        p->delay_ticks = 1 + ebb_random_below(r, LONGEST);
    }
    free(indptr);
    free(indices);
}

/* Half of the networks pass nothing on within a tick: what comes from the small
 * one is delayed too. */
static void delay_all(struct ebb_network *net, struct ebb_random *r)
{
    ebb_tick least = 1 + ebb_random_below(r, 6);
    for (size_t k = 0; k < net->n_projections; k++) {
        struct ebb_projection *p = &net->projections[k];
        bool input = net->populations[p->source].input;
        if (!input && p->delay_ticks < least) {
            p->delay_ticks = least;
        }
    }
}

struct random_network random_wide_draw(uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 91);
    struct random_network out = seed % 3 == 0
                                    ? random_network_draw_spatial(seed)
                                    : random_network_draw(seed);
    bool at_once = seed % 2 == 0;
    struct ebb_network *net = out.net;
    size_t first = net->n_populations;
    size_t wide = 2 + ebb_random_below(&r, 2);
    for (size_t k = 0; k < wide; k++) {
        add_population(net, k, &r);
    }
    for (size_t k = 0; k < wide; k++) {
        size_t target = first + k;
        size_t before = k > 0 ? target - 1 : 0;
        bool dense = k > 0 && ebb_random_below(&r, 6) == 0;
        add_projection(net, before, target, !dense, at_once, &r);
        add_projection(net, target, target, true, at_once, &r);
        add_projection(net, first + ebb_random_below(&r, (uint32_t)wide),
                       target, true, at_once, &r);
    }
    add_projection(net, first - 1, first, true, at_once, &r);
    if (!at_once) {
        delay_all(net, &r);
    }
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "seed %llu: %s",
                  (unsigned long long)seed, ebb_error_message());
    out.ticks = out.ticks < LONG ? out.ticks : LONG;
    while (out.input.n > 0 && out.input.at[out.input.n - 1].tick >= out.ticks) {
        out.input.n--;
    }
    return out;
}
