/* tools/record_spec.h - what to record, from words: "V,R@hidden1,F@in:hidden1".
 */
#ifndef EBB_TOOLS_RECORD_SPEC_H
#define EBB_TOOLS_RECORD_SPEC_H

#include "core/flow.h"
#include "models/network.h"
#include "tools/node_list.h"

enum { EBB_RECORD_MAX = 64 };

/** Probes, and the list of nodes that they share. Zero-initialise. */
struct ebb_record_spec {
    struct ebb_probe probe[EBB_RECORD_MAX];
    size_t n;
    struct ebb_node_list nodes; /* none: all */
};

/**
 * Read the words of --record: states V, R, I of a population and F of a
 * projection or of SOURCE:TARGET; a state without a place takes the next
 * one's, at the end the output population.
 *
 *     words  or "all": V of every population that is no input
 *     nodes  "0:10,50", the neurons of all probes; NULL: all
 *     every  ticks from one value to the next, >= 1
 *
 * Errors: EBB_ERR_ARG naming the word and what is near it, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_record_spec_parse(struct ebb_record_spec *out,
                                               const struct ebb_network *net,
                                               const char *words,
                                               const char *nodes,
                                               ebb_tick every);

/** Free the list of nodes. */
void ebb_record_spec_finish(struct ebb_record_spec *spec);

#endif
