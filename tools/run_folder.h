/* tools/run_folder.h - the folder of a training run: configuration,
 * checkpoint, best network, learning curve. */
#ifndef EBB_TOOLS_RUN_FOLDER_H
#define EBB_TOOLS_RUN_FOLDER_H

#include "core/error.h"
#include "io/network_file.h"
#include "sim/learn/train.h"

#include <stdbool.h>
#include <stdint.h>

/** Names of what is in the folder. Zero-initialise. */
struct ebb_run_folder {
    char *folder, *config, *checkpoint, *best, *curve, *result, *confusion;
};

/** Names for a run in `folder`. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_run_folder_init(struct ebb_run_folder *out,
                                             const char *folder);

/** Free the names. */
void ebb_run_folder_finish(struct ebb_run_folder *f);

/** Does the folder hold a run that could be continued? */
bool ebb_run_folder_used(const struct ebb_run_folder *f);

/** Make the folder and its parents, and copy the experiment to config.yaml;
 *  what an old run left is removed. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_run_folder_begin(const struct ebb_run_folder *f,
                                              const char *experiment);

/** Check that the experiment is still the one of config.yaml. Errors:
 *  EBB_ERR_IO, EBB_ERR_ARG (it changed; names the way out). */
EBB_NODISCARD ebb_status ebb_run_folder_match(const struct ebb_run_folder *f,
                                              const char *experiment);

/** Remove result.json and confusion.csv: training that goes on outdates them.
 *  Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_run_folder_drop_result(const struct ebb_run_folder *f);

/** Put text into a file of the folder, whole or not at all; `path` is one of
 *  the names of ebb_run_folder. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_run_folder_put(const char *path, const char *text,
                                            size_t size);

/** Add a line to the curve. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_run_folder_curve(const struct ebb_run_folder *f,
                                              const char *line);

/** Keep the first `lines` lines of the curve: a killed run may have written
 *  one that its checkpoint does not know. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_run_folder_cut(const struct ebb_run_folder *f,
                                            uint64_t lines);

/**
 * Write a checkpoint: the network, the trainer's state, and where training
 * stands (`at`; its arrays are filled in). A kill at any moment leaves the old
 * checkpoint or the new one. Errors: EBB_ERR_IO, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_run_folder_save(
    const struct ebb_run_folder *f, const struct ebb_network *net,
    const struct ebb_trainer_state *state, const struct ebb_checkpoint *at);

/** Read parameters and moments into `state`. Errors: EBB_ERR_IO,
 *  EBB_ERR_FORMAT (another number of parameters). */
EBB_NODISCARD ebb_status ebb_run_folder_restore(
    const struct ebb_run_folder *f, const struct ebb_trainer_state *state);

#endif
