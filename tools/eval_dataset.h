/* tools/eval_dataset.h - how good a network is on a bare data set. */
#ifndef EBB_TOOLS_EVAL_DATASET_H
#define EBB_TOOLS_EVAL_DATASET_H

#include "core/flow.h"
#include "tools/args.h"

/**
 * Run the samples of a split through the event engine, as `ebb run` would, and
 * print accuracy (labels), van Rossum distance (targets) and what a sample
 * costs. Operands: network and data set. Errors: those of reading both,
 * EBB_ERR_ARG and EBB_ERR_SHAPE where they do not fit.
 */
EBB_NODISCARD ebb_status ebb_eval_dataset(const struct ebb_args *args,
                                          enum ebb_split split,
                                          const char *split_name);

#endif
