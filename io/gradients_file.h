/* io/gradients_file.h - gradients in HDF5 (*.grad.h5): the network's tree,
 * with derivatives in the place of numbers. */
#ifndef EBB_IO_GRADIENTS_FILE_H
#define EBB_IO_GRADIENTS_FILE_H

#include "core/error.h"
#include "models/network.h"

#include <stddef.h>
#include <stdint.h>

/** Gradients of a population [n] each; all NULL for an input. */
struct ebb_gradients_of_population {
    const double *bias, *lambda, *theta, *v_th;
};

/** Gradients of a projection, per axon also where its kernel is shared. */
struct ebb_gradients_of_projection {
    const double *weight; /* as the projection's weights */
    const double *alpha;  /* [P, axons] */
    const double *beta;   /* [Q + 1, axons] */
};

/** Gradients of a network; arrays are borrowed. */
struct ebb_gradients {
    const struct ebb_gradients_of_population *populations;
    const struct ebb_gradients_of_projection *projections;
    double loss;
};

/** Write them. A file of that name is replaced at the end, at once.
 *  Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status
ebb_gradients_file_write(const char *path, const struct ebb_network *net,
                         const struct ebb_gradients *gradients);

enum { EBB_GRADIENT_NAME_BYTES = 256 };

/** One array of a file of gradients. */
struct ebb_gradient_array {
    char name[EBB_GRADIENT_NAME_BYTES]; /* "projections/a_b/kernel/alpha" */
    size_t rows, columns;               /* of one dimension: columns 0 */
    double largest;                     /* |gradient|; NaN where one is none */
    size_t row, column;                 /* its place */
};

/** What a file of gradients holds. Zero-initialise. */
struct ebb_gradients_about {
    double loss;
    char network_hash[32];
    struct ebb_gradient_array *arrays; /* populations, then projections */
    size_t n, room;
};

/** Read every array of a file, one after the other, for its largest number.
 *  Errors: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_NOMEM, all with the path. */
EBB_NODISCARD ebb_status
ebb_gradients_about_read(struct ebb_gradients_about *out, const char *path);

/** Free the list of arrays. */
void ebb_gradients_about_finish(struct ebb_gradients_about *about);

#endif
