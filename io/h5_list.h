/* io/h5_list.h - long lists of numbers written in pieces. */
#ifndef EBB_IO_H5_LIST_H
#define EBB_IO_H5_LIST_H

#include "io/h5.h"

/** A dataset [n] being written. Zero-initialise. */
struct ebb_h5_list {
    hid_t dataset, type;
    const char *name; /* borrowed */
    size_t bytes;     /* of a number in memory */
    char *piece;      /* numbers that are not written yet */
    size_t n, room;   /* in piece */
    size_t done, all;
};

/** Begin a dataset of `n` numbers of `type` (in memory, `bytes` each), as
 *  ebb_h5_write() would write it; its numbers come by ebb_h5_list_add().
 *  Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_h5_list_begin(struct ebb_h5_list *l, hid_t at,
                                           const char *name, hid_t file_type,
                                           hid_t type, size_t n);

/** Add numbers. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_list_add(struct ebb_h5_list *l,
                                         const void *numbers, size_t n);

/** End, `so_far` being how adding went. Errors: `so_far`, EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_list_end(struct ebb_h5_list *l,
                                         ebb_status so_far);

#endif
