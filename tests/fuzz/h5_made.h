/* tests/fuzz/h5_made.h - small HDF5 files whose contents a fuzzer chooses:
 * HDF5 wrote them, so what is odd about them is for our readers to find. */
#ifndef EBB_TESTS_FUZZ_H5_MADE_H
#define EBB_TESTS_FUZZ_H5_MADE_H

#include "tests/fuzz/choices.h"

#include <hdf5.h>

/** A file in memory, to be handed to h5_made_end(). */
hid_t h5_made_begin(void);

/** Close it; the path of a file with its bytes, until the next one. */
const char *h5_made_end(hid_t file);

/** A member of `at`: mostly a dataset of `n` numbers, as wide and in such
 *  pieces as is chosen; or a link that leads nowhere, a group, nothing. */
void h5_made_numbers(hid_t at, const char *name, size_t n, struct choices *c);

/** The same, lists of numbers. */
void h5_made_lists(hid_t at, const char *name, size_t n, struct choices *c);

/** A group, or -1: mostly there. */
hid_t h5_made_group(hid_t at, const char *name, struct choices *c);

/** An attribute, mostly a number; or none. */
void h5_made_attribute(hid_t at, const char *name, struct choices *c);

/** End the program where a file, dataset, group or attribute of HDF5 is still
 *  open: a reader leaks. Spaces, types and plans HDF5 does not count for us. */
void h5_made_check_closed(void);

#endif
