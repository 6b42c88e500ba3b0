/* models/recall.c - damaged cues of stored patterns, and how well an
 * associative memory completes them. */
#include "models/recall.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

ebb_tick ebb_recall_lead(const struct ebb_recall_noise *noise)
{
    return (ebb_tick)ceil(3 * noise->jitter);
}

static ebb_status push(struct ebb_events *out, uint32_t cell, ebb_tick at,
                       const struct ebb_recall_noise *noise,
                       struct ebb_random *random)
{
    double lead = (double)ebb_recall_lead(noise), moved = 0;
    if (noise->jitter > 0) {
        moved = nearbyint(noise->jitter * ebb_random_normal(random));
        moved = fmin(fmax(moved, -lead), lead);
    }
    ebb_tick tick = (ebb_tick)((double)at + moved);
    return ebb_events_push(out, (struct ebb_event){tick, cell, 1});
}

/* `keep` of the n cells, each set as likely. */
static ebb_status push_some(struct ebb_events *out, const uint32_t *cell,
                            size_t n, size_t keep, ebb_tick at,
                            const struct ebb_recall_noise *noise,
                            struct ebb_random *random)
{
    for (size_t k = 0; k < n && keep > 0; k++) {
        if (ebb_random_below(random, (uint32_t)(n - k)) < keep) {
            EBB_TRY(push(out, cell[k], at, noise, random));
            keep--;
        }
    }
    return EBB_OK;
}

/* `add` neurons that are not yet in scratch, and then are. */
static ebb_status push_others(struct ebb_events *out, size_t neurons,
                              size_t add, ebb_tick at, uint8_t *scratch,
                              const struct ebb_recall_noise *noise,
                              struct ebb_random *random)
{
    while (add > 0) {
        uint32_t i = ebb_random_below(random, (uint32_t)neurons);
        if (!scratch[i]) {
            EBB_TRY(push(out, i, at, noise, random));
            scratch[i] = 1;
            add--;
        }
    }
    return EBB_OK;
}

ebb_status ebb_recall_cue(struct ebb_events *out,
                          const struct ebb_assemblies *a, size_t pattern,
                          const struct ebb_recall_noise *noise, ebb_tick at,
                          uint8_t *scratch, struct ebb_random *random)
{
    const uint32_t *cell = ebb_assemblies_cells(a, pattern);
    double whole = (double)a->cells;
    double add = nearbyint(noise->added * whole);
    if (!(noise->missing >= 0 && noise->missing <= 1) ||
        !(add >= 0 && add <= (double)(a->neurons - a->cells) / 2)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a cue without %g of its %zu cells and with %g others "
                        "out of %zu neurons; leave out 0 to 1, and add no more "
                        "than half of the others",
                        noise->missing, a->cells, add, a->neurons);
    }
    size_t keep = (size_t)nearbyint((1 - noise->missing) * whole);
    size_t before = out->n;
    for (size_t k = 0; k < a->cells; k++) {
        scratch[cell[k]] = 1;
    }
    ebb_status status = push_some(out, cell, a->cells, keep, at, noise, random);
    if (status == EBB_OK) {
        status = push_others(out, a->neurons, (size_t)add, at, scratch, noise,
                             random);
    }
    for (size_t k = 0; k < a->cells; k++) {
        scratch[cell[k]] = 0;
    }
    for (size_t k = before; k < out->n; k++) {
        scratch[out->at[k].node] = 0;
    }
    return status ? status : ebb_events_sort(out);
}

ebb_status ebb_recall_count_init(struct ebb_recall_count *c,
                                 const struct ebb_assemblies *patterns,
                                 ebb_tick start, ebb_tick period, size_t waves)
{
    *c = (struct ebb_recall_count){
        .patterns = patterns,
        .start = start,
        .period = period,
        .waves = waves,
        .right = ebb_mem_calloc(waves, sizeof(*c->right)),
        .falsely = ebb_mem_calloc(waves, sizeof(*c->falsely)),
        .seen = ebb_mem_calloc(patterns->neurons, sizeof(*c->seen)),
        .wanted = ebb_mem_calloc(patterns->neurons, sizeof(*c->wanted))};
    if (!c->right || !c->falsely || !c->seen || !c->wanted) {
        ebb_recall_count_finish(c);
        return EBB_FAIL(EBB_ERR_NOMEM,
                        "no memory to count the spikes of %zu "
                        "neurons",
                        patterns->neurons);
    }
    return EBB_OK;
}

void ebb_recall_count_finish(struct ebb_recall_count *c)
{
    ebb_mem_free(c->right);
    ebb_mem_free(c->falsely);
    ebb_mem_free(c->seen);
    ebb_mem_free(c->wanted);
    *c = (struct ebb_recall_count){0};
}

void ebb_recall_count_begin(struct ebb_recall_count *c, size_t pattern)
{
    const struct ebb_assemblies *a = c->patterns;
    const uint32_t *cell = ebb_assemblies_cells(a, pattern);
    c->pattern = pattern;
    memset(c->right, 0, c->waves * sizeof(*c->right));
    memset(c->falsely, 0, c->waves * sizeof(*c->falsely));
    memset(c->seen, 0, a->neurons * sizeof(*c->seen));
    memset(c->wanted, 0, a->neurons * sizeof(*c->wanted));
    for (size_t k = 0; k < a->cells; k++) {
        c->wanted[cell[k]] = 1;
    }
}

void ebb_recall_count_spikes(struct ebb_recall_count *c, ebb_tick tick,
                             const ebb_neuron_id *node, size_t n)
{
    if (tick < c->start || (tick - c->start) / c->period >= c->waves) {
        return;
    }
    size_t wave = (size_t)((tick - c->start) / c->period);
    for (size_t k = 0; k < n; k++) {
        if (c->seen[node[k]] != wave + 1) {
            c->seen[node[k]] = (uint32_t)wave + 1;
            c->right[wave] += c->wanted[node[k]];
            c->falsely[wave] += !c->wanted[node[k]];
        }
    }
}

struct ebb_recall_score ebb_recall_count_score(const struct ebb_recall_count *c,
                                               size_t wave)
{
    double cells = (double)c->patterns->cells;
    double right = (double)c->right[wave], other = (double)c->falsely[wave];
    double fired = right + other;
    return (struct ebb_recall_score){
        .completion = right / cells,
        .falsely = other / cells,
        .overlap = fired > 0 ? right / sqrt(cells * fired) : 0};
}
