/* io/experiment_parts.h - the parts of an experiment, each in a file of its
 * own. Only io/experiment*.c sees this. */
#ifndef EBB_IO_EXPERIMENT_PARTS_H
#define EBB_IO_EXPERIMENT_PARTS_H

#include "io/experiment.h"
#include "io/experiment_doc.h"
#include "io/experiment_values.h"

/**
 * A section network with populations, written out of `layers` where it has
 * these: what is new is the arena's, the rest is borrowed from `doc`. Errors
 * as below.
 */
EBB_NODISCARD ebb_status ebb_experiment_expand_layers(
    struct ebb_doc_network *out, struct ebb_arena *arena,
    const struct ebb_place *p, const struct ebb_doc_network *doc);

/** Build the network, weights still zero. Errors name file, line, field. */
EBB_NODISCARD ebb_status
ebb_experiment_take_network(struct ebb_experiment *e, const struct ebb_place *p,
                            const struct ebb_doc_network *doc);

/** Shape of the next population of the network: from its size, its shape, or
 *  a convolution of the population before. Errors as above. */
EBB_NODISCARD ebb_status ebb_experiment_take_grid(
    struct ebb_grid *out, const struct ebb_network *net,
    const struct ebb_place *p, const struct ebb_doc_population *doc);

/** Pooling and convolution; space->conv points to *conv, or nowhere. Errors as
 *  above. */
EBB_NODISCARD ebb_status ebb_experiment_take_space(
    struct ebb_spatial *out, struct ebb_conv *conv, const struct ebb_place *p,
    const struct ebb_doc_space *doc);

/** Draw from the seed who is connected where projections are sparse. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_experiment_connect(struct ebb_experiment *e);

/** Draw from the seed who is connected, the weights and the biases. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_experiment_draw(struct ebb_experiment *e);

/** A named kernel; an iir one is refused. Errors as above. */
EBB_NODISCARD ebb_status ebb_experiment_take_kernel_spec(
    struct ebb_kernel_spec *out, const struct ebb_place *p,
    const struct ebb_doc_kernel *doc);

/** The section `data`. */
EBB_NODISCARD ebb_status
ebb_experiment_take_data(struct ebb_experiment *e, const struct ebb_place *p,
                         const struct ebb_doc_data *doc);

/** The section `training`. */
EBB_NODISCARD ebb_status ebb_experiment_take_training(
    struct ebb_experiment *e, const struct ebb_place *p,
    const struct ebb_doc_training *doc);

#endif
