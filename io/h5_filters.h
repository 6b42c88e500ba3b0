/* io/h5_filters.h - compression in HDF5 files of others: what is read, and
 * what a person needs for the rest. */
#ifndef EBB_IO_H5_FILTERS_H
#define EBB_IO_H5_FILTERS_H

#include "io/h5.h"

/** Is a dataset stored plainly or with deflate, shuffle and checksums, which
 *  every HDF5 reads? `name` is for messages. Errors: EBB_ERR_FORMAT naming the
 *  filter, the package that brings it and the command that turns the file into
 *  one without. */
EBB_NODISCARD ebb_status ebb_h5_check_filters(hid_t dataset, const char *name);

#endif
