/* tools/sample_list.h - recordings with their classes: from a list in a file,
 * or from folders named after classes. */
#ifndef EBB_TOOLS_SAMPLE_LIST_H
#define EBB_TOOLS_SAMPLE_LIST_H

#include "core/error.h"
#include "core/flow.h"

#include <stddef.h>
#include <stdint.h>

/** One recording. */
struct ebb_sample_file {
    char *path;
    uint32_t label;
    enum ebb_split split;
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
 *
 * Errors: EBB_ERR_IO, EBB_ERR_FORMAT with file and line, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_sample_list_read(struct ebb_sample_list *out,
                                              const char *path);

/** Free it. */
void ebb_sample_list_finish(struct ebb_sample_list *list);

#endif
