/* io/h5_window.h - long lists of numbers read in pieces. */
#ifndef EBB_IO_H5_WINDOW_H
#define EBB_IO_H5_WINDOW_H

#include "io/h5.h"

/** A piece of a dataset in one dimension, moved along. Zero-initialise; close
 *  after a failure, too. */
struct ebb_h5_window {
    const char *name; /* borrowed */
    hid_t dataset, type;
    size_t bytes, all; /* of a number in memory; numbers of the dataset */
    char *piece;       /* [room] numbers from..from+n-1 */
    size_t from, n, room;
};

/** Open a dataset to read numbers of `type`, `room` at a time at most. Errors:
 *  EBB_ERR_FORMAT, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_h5_window_open(struct ebb_h5_window *w, hid_t at,
                                            const char *name, hid_t type,
                                            size_t room);

/** Close it. One that was never opened is allowed. */
void ebb_h5_window_close(struct ebb_h5_window *w);

/** Point *out to the numbers from..from+n-1, which are there; n <= room. Valid
 *  until the next call. Errors: as of ebb_h5_read_piece(). */
EBB_NODISCARD ebb_status ebb_h5_window_at(struct ebb_h5_window *w, size_t from,
                                          size_t n, const void **out);

#endif
