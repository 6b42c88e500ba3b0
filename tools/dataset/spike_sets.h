/* tools/dataset/spike_sets.h - samples from data sets of spikes in HDF5 (SHD,
 * SSC). */
#ifndef EBB_TOOLS_DATASET_SPIKE_SETS_H
#define EBB_TOOLS_DATASET_SPIKE_SETS_H

#include "tools/args.h"
#include "tools/dataset/samples.h"

#include <stdbool.h>

/** Is the first operand one, going by its being HDF5? */
bool ebb_spike_sets_are(const struct ebb_args *args);

/** Make the samples of all operands; each one's split is in its name, or in
 *  --split. The file is begun here and not ended; *channels gets its width.
 *  Errors: those of reading, writing and the options. */
EBB_NODISCARD ebb_status ebb_spike_sets_take(uint64_t *channels,
                                             const struct ebb_args *args,
                                             struct ebb_samples *samples);

#endif
