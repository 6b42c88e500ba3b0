/* models/association_row.h - the synapses of one axon of an associative
 * memory. Part of models/association.h. */
#ifndef EBB_MODELS_ASSOCIATION_ROW_H
#define EBB_MODELS_ASSOCIATION_ROW_H

#include "models/association.h"

/** What rows are drawn from. Zero-initialise. */
struct ebb_association_row {
    const struct ebb_association_params *params;
    const struct ebb_assemblies *patterns;
    /* Hopfield: [neurons] patterns shared with the source; all 0 between. */
    uint32_t *shared;
    /* The others: [neurons / 64 + 1] a bit for each that shares one, and
     * [neurons / 4096 + 1] one for each word that is not 0; all 0 between. */
    uint64_t *some, *touched;
    size_t words;    /* in touched */
    double log_miss; /* ln(1 - Z) */
    double step;     /* of rounded weights; 0: not rounded */
};

/** Borrows both; step as of ebb_association_step(). Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_association_row_init(
    struct ebb_association_row *r, const struct ebb_association_params *params,
    const struct ebb_assemblies *patterns, double step);

void ebb_association_row_finish(struct ebb_association_row *r);

/**
 * Draw the synapses of neuron `source`, targets rising.
 *
 *     target, weight  out  room for a neuron each at most
 *
 * Returns how many there are; the same for the same source each time.
 */
size_t ebb_association_row_draw(struct ebb_association_row *r, uint32_t source,
                                uint32_t *target, float *weight);

/** No synapse's |weight| could be larger, whoever is connected; Hopfield only.
 *  O(P M²). */
double ebb_association_row_largest(struct ebb_association_row *r);

#endif
