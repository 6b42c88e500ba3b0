/* tools/train_variant.h - what a training run varies of its experiment: how
 * kernels learn, what activity costs, rounded products. */
#ifndef EBB_TOOLS_TRAIN_VARIANT_H
#define EBB_TOOLS_TRAIN_VARIANT_H

#include "tools/args.h"
#include "tools/setting.h"

#include "io/network_file.h"

/**
 * Settle --kernels, --no-kernels, --penalty and --bf16: into s->options, and
 * into `at`, the checkpoint, which keeps them.
 *
 *     penalty     out  [populations] that s->options borrows, or NULL; the
 *                      caller frees it
 *     at          in   a run that goes on: as it was begun, which also holds
 *                      where no option is given; one that did not tell (empty
 *                      at->kernels) takes what the options say
 *                 out  how it learns
 *     checkpoint  name of the file that `at` was read from, for messages;
 *                 NULL: the run begins
 *
 * Errors: EBB_ERR_ARG (options against each other, or against the run that
 * goes on), EBB_ERR_FORMAT (`at` names no way to learn), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_train_variant_settle(double **penalty,
                                                  struct ebb_setting *s,
                                                  struct ebb_checkpoint *at,
                                                  const char *checkpoint,
                                                  const struct ebb_args *args);

#endif
