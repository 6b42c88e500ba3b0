/* models/network_parts.h - what models/network*.c share. */
#ifndef EBB_MODELS_NETWORK_PARTS_H
#define EBB_MODELS_NETWORK_PARTS_H

#include "models/network.h"

/** Can there be a projection of that name between these populations? Errors:
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status network_check_ends(const struct ebb_network *net,
                                            const char *name, size_t source,
                                            size_t target);

/** Add a sparse projection that has no synapses yet. Errors: EBB_ERR_ARG
 *  (name), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status network_add_bare(struct ebb_network *net,
                                          const char *name, size_t source,
                                          size_t target, size_t *index);

#endif
