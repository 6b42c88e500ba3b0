/* tools/memory/memory.h - the verbs of `ebb memory`. */
#ifndef EBB_TOOLS_MEMORY_MEMORY_H
#define EBB_TOOLS_MEMORY_MEMORY_H

#include "tools/args.h"

#include "models/association.h"
#include "sim/recall.h"

/** Sizes of a memory, beside what ebb_association_params says. */
struct ebb_memory_size {
    uint64_t neurons, patterns, cells;
};

/** What the options say of the network, on top of what *params and *size hold.
 *  Errors: EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_memory_take_network(
    const struct ebb_args *args, struct ebb_association_params *params,
    struct ebb_memory_size *size);

/** Threads to build with, from --threads; 0, the default: all cores. Errors:
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_memory_take_threads(const struct ebb_args *args,
                                                 unsigned *threads);

/** What the options say of cues and of how they are run. Errors:
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_memory_take_cues(const struct ebb_args *args,
                                              struct ebb_recall_options *o);

/** Bytes that the synapses of a memory take at least, in whatever form their
 *  rows are; tells what cannot fit before it is drawn. */
double ebb_memory_least_bytes(const struct ebb_association_params *params,
                              const struct ebb_memory_size *size);

/** Build a memory into a file. */
EBB_NODISCARD ebb_status ebb_memory_build(const struct ebb_args *args);

/** Ask one with damaged cues, and score what comes back. */
EBB_NODISCARD ebb_status ebb_memory_recall(const struct ebb_args *args);

/** Measure how many patterns a Willshaw memory holds, beside theory. */
EBB_NODISCARD ebb_status ebb_memory_capacity(const struct ebb_args *args);

#endif
