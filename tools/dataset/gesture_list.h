/* tools/dataset/gesture_list.h - the tree of DVS128 Gesture: recordings in
 * AEDAT 3.1 with tables of which gesture is when. */
#ifndef EBB_TOOLS_DATASET_GESTURE_LIST_H
#define EBB_TOOLS_DATASET_GESTURE_LIST_H

#include "tools/dataset/sample_list.h"

#include <stdbool.h>

/** Is there a list of its trials in the folder? */
bool ebb_gesture_list_is(const char *folder);

/**
 * Add a sample for each labelled stretch:
 *
 *     trials_to_train.txt     names of recordings, one a line; also
 *     trials_to_test.txt      either may be absent
 *     <name>.aedat            a recording of some minutes
 *     <name>_labels.csv       class,startTime_usec,endTime_usec
 *
 * Class 1 to 11 becomes label 0 to 10; a stretch has the events with
 * start <= t < end, in us of the recording. Stretches may overlap, as some of
 * the published ones do. Errors: EBB_ERR_IO, EBB_ERR_FORMAT with file and line,
 * EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_gesture_list_read(struct ebb_sample_list *out,
                                               const char *folder);

#endif
