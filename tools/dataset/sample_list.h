/* tools/dataset/sample_list.h - recordings with their classes: from a list in
 * a file, or from folders named after classes. */
#ifndef EBB_TOOLS_DATASET_SAMPLE_LIST_H
#define EBB_TOOLS_DATASET_SAMPLE_LIST_H

#include "core/error.h"
#include "core/flow.h"

#include <stddef.h>
#include <stdint.h>

/** One recording, or a stretch of one. */
struct ebb_sample_file {
    char *path;
    uint32_t label;
    enum ebb_split split;
    int64_t begin, end; /* us of the file: events with begin <= t < end;
                           INT64_MIN, INT64_MAX: all */
};

/** All of them. Zero-initialise. */
struct ebb_sample_list {
    struct ebb_sample_file *at;
    size_t n, room;
};

/**
 * Read `path`:
 *
 *     a file    lines "recording label [train|validation|test]", the recording
 *               as seen from the file's folder; # begins a comment
 *     a folder  Train/ and Test/ (or train/, test/, validation/), or neither;
 *               within, a folder for each class. Classes are numbers where all
 *               names are, else they count by name.
 *     a folder  with trials_to_train.txt or trials_to_test.txt: the tree of
 *               DVS128 Gesture (tools/dataset/gesture_list.h)
 *
 * Errors: EBB_ERR_IO, EBB_ERR_FORMAT with file and line, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_sample_list_read(struct ebb_sample_list *out,
                                              const char *path);

/** Add one; the path is copied. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_sample_list_add(struct ebb_sample_list *list,
                                             const struct ebb_sample_file *one);

/** Free it. */
void ebb_sample_list_finish(struct ebb_sample_list *list);

#endif
