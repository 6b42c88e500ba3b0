/* tests/golden_file.h - test vectors of an independent implementation. */
#ifndef EBB_TESTS_GOLDEN_FILE_H
#define EBB_TESTS_GOLDEN_FILE_H

#include "models/network.h"

#include <stddef.h>
#include <stdint.h>

/** An array of a golden file as doubles. */
struct golden_array {
    double *v;
    size_t dims[4];
    unsigned rank;
    size_t size;
};

/** One event list [n, 2] = (tick, index), with values where graded. */
struct golden_events {
    struct golden_array pairs;
    struct golden_array values; /* v = NULL: all 1 */
    size_t n;
};

/** An open golden file and the network that it describes. */
struct golden {
    char path[512];
    long long file; /* HDF5 handle */
    size_t ticks, samples, layers;
    struct ebb_network *net; /* population 0 is the input, l is layer l */
    struct ebb_kernel loss_kernel;
    struct ebb_arena *arena;
    struct golden_array rows; /* ticks that arrays hold; v = NULL: all */
};

/** Paths of all golden files: every .h5 in the directories of EBB_GOLDEN
 *  (colon-separated), by default tests/golden and ../shared/golden. Freed by
 *  the caller with golden_free_list. A file found twice is listed once. */
size_t golden_list(char ***paths);
void golden_free_list(char **paths, size_t n);

/** Open; aborts the test on anything unexpected. `per_axon`: give every
 *  kernel a column per axon even where all columns are equal. */
struct golden *golden_open(const char *path, int per_axon);
void golden_close(struct golden *g);

/** Read a dataset (printf-style path); v = NULL when there is none. */
struct golden_array golden_read(struct golden *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The same, for a dataset that must be there. */
struct golden_array golden_need(struct golden *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Event list of a sample, e.g. "input_events" with "input_values". */
struct golden_events golden_events(struct golden *g, size_t sample,
                                   const char *name, const char *values);

/** Label of a sample. */
size_t golden_label(struct golden *g, size_t sample);

/** Name of projection k's place below a layer's gradients: "layer2" or
 *  "layer2/extra1". */
void golden_projection_path(const struct golden *g, size_t projection,
                            char *out, size_t size);

#endif
