/* io/import_edges.h - lists of synapses in text as networks.
 *
 * A line a synapse: source,target,weight or source,target,weight,delay, the
 * delay in ticks; parted by commas, blanks or tabs. Lines that start with `#`,
 * and a first line of names, are passed over. */
#ifndef EBB_IO_IMPORT_EDGES_H
#define EBB_IO_IMPORT_EDGES_H

#include "models/edges.h"

/** Is the first line that says something a synapse, or does it begin with
 *  "source"? */
bool ebb_edges_csv_looks(const char *path);

/**
 * Read such a list: recurrent neurons with an input channel each, or, with
 * `feed_forward`, an input that feeds neurons.
 *
 *     neurons  how many, or 0: by the highest number
 *
 * Errors: EBB_ERR_IO, EBB_ERR_FORMAT with the line, EBB_ERR_ARG,
 * EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_edges_csv_read(struct ebb_network **out,
                                            const char *path, size_t neurons,
                                            bool feed_forward,
                                            const struct ebb_edge_neurons *how);

#endif
