/* io/sonata.h - networks as SONATA (Dai et al. 2020, PLoS Comput. Biol.
 * 16:e1007696): `/nodes/<population>` and `/edges/<population>` in HDF5.
 *
 * What is read: `source_node_id`, `target_node_id` with their attribute
 * `node_population`, and of one edge group `syn_weight` and `delay` (ms). What
 * a CSV of types tells is not read. What is written is one file of nodes and
 * edges; neurons' parameters and kernels have no place there. */
#ifndef EBB_IO_SONATA_H
#define EBB_IO_SONATA_H

#include "models/edges.h"

/** Does an HDF5 file hold edges of SONATA? */
bool ebb_sonata_looks(const char *path);

/** What the edges do not tell. */
struct ebb_sonata_options {
    const char *nodes; /* file of /nodes; NULL: the same, or by the highest
                          number */
    double weight;     /* of edges that tell none; NaN: a failure */
    bool round;        /* delays to whole ticks, at least 1 */
};

/**
 * Read such a network: each edge population becomes projections, one for each
 * delay. A node population that nothing ends in is the input; a single
 * population that feeds itself gets an input channel for each neuron.
 * Errors: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_ARG (more than one input; a
 * delay that is no whole number of ticks), EBB_ERR_NOMEM, all with the path.
 */
EBB_NODISCARD ebb_status
ebb_sonata_read(struct ebb_network **out, const char *path,
                const struct ebb_sonata_options *options,
                const struct ebb_edge_neurons *how);

/** Write nodes and edges; a tick that is not given counts as 1 ms. A file of
 *  that name is replaced at the end, at once. Errors: EBB_ERR_ARG
 *  (convolutions, pooling), EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_sonata_write(const char *path,
                                          const struct ebb_network *net);

#endif
