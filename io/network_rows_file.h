/* io/network_rows_file.h - the rows of sparse projections in files: written
 * and read in pieces, whichever form they have in memory. Part of
 * io/network_file.h. */
#ifndef EBB_IO_NETWORK_ROWS_FILE_H
#define EBB_IO_NETWORK_ROWS_FILE_H

#include "io/h5.h"
#include "models/network.h"

/** Write indptr, indices and data. *constant becomes true, and stays as it was
 *  otherwise, where all weights are one number that is written once: such a
 *  file is of version 2. Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status network_rows_put(hid_t at,
                                          const struct ebb_projection *p,
                                          size_t sources, bool *constant);

/** What a group holds. */
struct network_rows {
    const char *name;      /* of the projection */
    hid_t at;              /* borrowed */
    size_t source, target; /* populations */
    size_t synapses;
    bool constant; /* data is one number for all */
    enum ebb_number number;
};

/** Measure it; source and target are given. Errors: EBB_ERR_FORMAT,
 *  EBB_ERR_SHAPE. */
EBB_NODISCARD ebb_status network_rows_measure(struct network_rows *r,
                                              const struct ebb_network *net,
                                              uint64_t version);

/** Read plain arrays, still to be checked by ebb_network_finish(). Errors:
 *  EBB_ERR_FORMAT, EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status network_rows_get(const struct network_rows *r,
                                          struct ebb_network *net,
                                          size_t *index);

/** Read and check into compact rows: the file is gone over twice or three
 *  times, and memory holds a piece of it. Errors: as above; EBB_ERR_SHAPE,
 *  EBB_ERR_ARG as of ebb_network_finish(). */
EBB_NODISCARD ebb_status network_rows_get_compact(const struct network_rows *r,
                                                  struct ebb_network *net,
                                                  size_t *index);

#endif
