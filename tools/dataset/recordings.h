/* tools/dataset/recordings.h - samples from recordings of event cameras. */
#ifndef EBB_TOOLS_DATASET_RECORDINGS_H
#define EBB_TOOLS_DATASET_RECORDINGS_H

#include "tools/args.h"
#include "tools/dataset/samples.h"

/** What was made of recordings. */
struct ebb_recordings {
    uint64_t polarities, height, width; /* of the input */
    size_t n;                           /* recordings, or stretches of them */
};

/** Make the samples of a list or a folder (tools/dataset/sample_list.h) that
 *  the options tell; the file is begun here and not ended. Errors: those of
 *  reading, writing and the options. */
EBB_NODISCARD ebb_status ebb_recordings_take(struct ebb_recordings *out,
                                             const struct ebb_args *args,
                                             struct ebb_samples *samples);

#endif
