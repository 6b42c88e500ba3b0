/* models/assemblies.h - sets of neurons to be remembered: each pattern is the
 * same number of cells out of one population. */
#ifndef EBB_MODELS_ASSEMBLIES_H
#define EBB_MODELS_ASSEMBLIES_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

/** `n` patterns of `cells` neurons out of `neurons`. */
struct ebb_assemblies {
    size_t neurons, n, cells;
    uint32_t *cell;   /* [n, cells] neurons, rising within a pattern */
    uint64_t *first;  /* [neurons + 1] where each neuron's patterns begin */
    uint32_t *member; /* [n * cells] patterns of each neuron, rising */
};

/** Patterns whose cells are still to be filled in, followed by
 *  ebb_assemblies_index(). Errors: EBB_ERR_ARG (a size of 0, more cells than
 *  neurons), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_assemblies_create(struct ebb_assemblies *out,
                                               size_t neurons, size_t n,
                                               size_t cells);

/** Check the cells and find the patterns of each neuron. O(n cells + neurons).
 *  Errors: EBB_ERR_ARG naming pattern and cell. */
EBB_NODISCARD ebb_status ebb_assemblies_index(struct ebb_assemblies *a);

/** Draw patterns: each is a function of seed and its number alone, all sets of
 *  cells equally likely. Errors: as of creating. */
EBB_NODISCARD ebb_status ebb_assemblies_draw(struct ebb_assemblies *out,
                                             size_t neurons, size_t n,
                                             size_t cells, uint64_t seed);

/** Free the cells. */
void ebb_assemblies_finish(struct ebb_assemblies *a);

/** The cells of one pattern: [a->cells]. */
static inline const uint32_t *
ebb_assemblies_cells(const struct ebb_assemblies *a, size_t pattern)
{
    return a->cell + pattern * a->cells;
}

/** Patterns that a neuron takes part in. */
static inline size_t ebb_assemblies_usage(const struct ebb_assemblies *a,
                                          size_t neuron)
{
    return (size_t)(a->first[neuron + 1] - a->first[neuron]);
}

#endif
