/* io/network_space.h - shapes, convolutions and pooling in network files. */
#ifndef EBB_IO_NETWORK_SPACE_H
#define EBB_IO_NETWORK_SPACE_H

#include "io/h5.h"
#include "models/network.h"

/** Write the shape of a population, where it has one. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_network_space_put_population(hid_t at, const struct ebb_population *p);

/** Write how a projection pools, and all of a convolution. Errors:
 *  EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_network_space_put_projection(hid_t at, const struct ebb_projection *p);

/** Read the shape of a population that was added, where it has one. Errors:
 *  EBB_ERR_FORMAT, EBB_ERR_SHAPE. */
EBB_NODISCARD ebb_status ebb_network_space_get_population(
    struct ebb_network *net, size_t population, hid_t at);

/**
 * Read what a dense or conv2d projection does in space, and check the shape of
 * its weights against it, before memory is taken for them.
 *
 *     conv    where space->conv points to
 *     weight  shape of the weights in the file
 *
 * Errors: EBB_ERR_FORMAT, EBB_ERR_SHAPE, EBB_ERR_ARG.
 */
EBB_NODISCARD ebb_status ebb_network_space_get_projection(
    struct ebb_spatial *space, struct ebb_conv *conv, hid_t at,
    const struct ebb_population *source, const struct ebb_population *target,
    const struct ebb_h5_shape *weight);

/** Shape of a convolution's weights. */
struct ebb_h5_shape ebb_network_space_weights(const struct ebb_projection *p);

#endif
