/* io/import_csr.h - sparse matrices as networks.
 *
 * A CSR matrix in HDF5 as AnnData, scanpy and others write it: a group with the
 * attributes `encoding-type` = "csr_matrix" (or of older files
 * `h5sparse_format` = "csr") and `shape` [2] (`h5sparse_shape`), and the
 * datasets `data`, `indices` and `indptr`. Rows are sources, columns targets.
 * A square matrix becomes recurrent neurons with an input channel each; any
 * other, an input of a channel a row, that feeds neurons, one a column. */
#ifndef EBB_IO_IMPORT_CSR_H
#define EBB_IO_IMPORT_CSR_H

#include "models/edges.h"

/** Does an HDF5 file hold such a matrix: at its root, in `X`, or in the only
 *  group that is one? */
bool ebb_csr_looks(const char *path);

/**
 * Read it.
 *
 *     group         where it is, or NULL: as above
 *     feed_forward  a square one becomes an input and neurons too
 *
 * Errors: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_ARG, EBB_ERR_NOMEM, all with the
 * path.
 */
EBB_NODISCARD ebb_status ebb_csr_read(struct ebb_network **out,
                                      const char *path, const char *group,
                                      bool feed_forward,
                                      const struct ebb_edge_neurons *how);

#endif
