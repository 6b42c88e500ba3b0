/* tests/shd_file.h - data sets of spikes as SHD lays them out, for tests of
 * their reader. */
#ifndef EBB_TESTS_SHD_FILE_H
#define EBB_TESTS_SHD_FILE_H

#include <hdf5.h>

#include <stddef.h>
#include <stdint.h>

/** How such a file deviates from SHD's own. Zero: not at all. */
struct shd_quirks {
    int wide;            /* times of 32 bits, labels of 8, as SSC may have */
    int short_units;     /* the last sample has a unit less than times */
    int few_labels;      /* a label is missing */
    int whole_times;     /* times are whole numbers */
    float first_time;    /* where not 0: of the first spike, s */
    int32_t first_unit;  /* where not 0: of the first spike */
    H5Z_filter_t filter; /* of times; 0: none */
};

/** Sample k: its class, its number of spikes, and of spike i the time in s,
 *  which float16 holds, and the unit. */
unsigned shd_label(size_t k);
size_t shd_spikes(size_t k);
float shd_time(size_t k, size_t i);
unsigned shd_unit(size_t k, size_t i);

/** Write a file of `samples` of them; aborts the test when that fails. */
void shd_file(const char *path, size_t samples, const struct shd_quirks *q);

#endif
