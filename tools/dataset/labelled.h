/* tools/dataset/labelled.h - samples-to-be: where each is, its class, and
 * whether it is for training, validation or tests. */
#ifndef EBB_TOOLS_DATASET_LABELLED_H
#define EBB_TOOLS_DATASET_LABELLED_H

#include "core/error.h"
#include "core/flow.h"
#include "tools/dataset/name_pattern.h"

#include <stddef.h>
#include <stdint.h>

/** One sample. */
struct ebb_labelled {
    char *path;                     /* NULL: one of many in a file */
    struct ebb_name_fields *fields; /* NULL: its name tells nothing */
    uint32_t label;
    enum ebb_split split;
};

/** All of them. Zero-initialise. */
struct ebb_labelled_list {
    struct ebb_labelled *at;
    size_t n, room;
    struct ebb_name_pattern pattern; /* n 0: names tell nothing */
    size_t others;                   /* files whose names do not match */
};

/** Add one; the path, where there is one, is copied. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_labelled_add(struct ebb_labelled_list *list,
                                          const char *path, uint32_t label,
                                          enum ebb_split split);

/** The files of a folder, and of those in it, whose names match a pattern, in
 *  order of their names. Classes are numbers where all are, else they count by
 *  name. All are for training. Errors: EBB_ERR_ARG, EBB_ERR_IO, EBB_ERR_FORMAT
 *  (no such file), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_labelled_collect(struct ebb_labelled_list *list,
                                              const char *folder,
                                              const char *pattern);

/** The files of a list; see ebb_sample_list_read(). Errors: as there. */
EBB_NODISCARD ebb_status ebb_labelled_read(struct ebb_labelled_list *list,
                                           const char *path);

/** Keep those of which `chosen` is true: "FIELD=a,b,3-7"; classes count anew.
 *  `option` is what it was given as. Errors: EBB_ERR_ARG (no such field, none
 *  left). */
EBB_NODISCARD ebb_status ebb_labelled_keep(struct ebb_labelled_list *list,
                                           const char *option,
                                           const char *chosen);

/** Move training samples to another split: those chosen as above, or a share
 *  "30%", of each class the same, rounded, drawn from the seed. Errors:
 *  EBB_ERR_ARG (no such field, none chosen, none left). */
EBB_NODISCARD ebb_status ebb_labelled_move(struct ebb_labelled_list *list,
                                           enum ebb_split split,
                                           const char *option,
                                           const char *chosen, uint64_t seed);

/** Samples of a split. */
size_t ebb_labelled_count(const struct ebb_labelled_list *list,
                          enum ebb_split split);

/** Free it. */
void ebb_labelled_finish(struct ebb_labelled_list *list);

#endif
