/* tools/run_summary.h - what a training run came to, for pages of results:
 * result.json and confusion.csv in its folder. */
#ifndef EBB_TOOLS_RUN_SUMMARY_H
#define EBB_TOOLS_RUN_SUMMARY_H

#include "tools/run_folder.h"
#include "tools/setting.h"

enum { EBB_DATA_HASH_BYTES = 17 };

/** Hash the file that a setting's data came from: 16 hexadecimal digits, ""
 *  where there is none. For when a run begins: later it may be another file.
 *  O(size of the file). Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_run_summary_hash(char out[EBB_DATA_HASH_BYTES],
                                              const struct ebb_setting *s);

/** A run that is over. */
struct ebb_run_summary {
    const struct ebb_setting *setting;
    const struct ebb_checkpoint *at;
    const char *data_hash;         /* of when it began or went on */
    const struct ebb_score *score; /* of the best network on the test samples,
                                      with guesses; n = 0: there are none */
};

/**
 * Write result.json (one object: experiment, seed, commit, data and its hash,
 * processor, epochs, kernels, scores, activity) and, where samples have
 * classes, confusion.csv: a row for each class, a column for each answer,
 * which is always a class (ebb_judge_class()). Where the second cannot be
 * written, the first is kept. Errors: EBB_ERR_IO, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_run_summary_write(
    const struct ebb_run_folder *f, const struct ebb_run_summary *summary);

#endif
