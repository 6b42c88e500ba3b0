/* tools/dataset/name_pattern.h - what names of files tell: class, speaker,
 * session, take. */
#ifndef EBB_TOOLS_DATASET_NAME_PATTERN_H
#define EBB_TOOLS_DATASET_NAME_PATTERN_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { EBB_NAME_FIELDS = 4, EBB_NAME_BYTES = 64 };

/** "tctodd{session}/{class}-{take}.tsd" taken apart: text, field, text, … */
struct ebb_name_pattern {
    char text[EBB_NAME_FIELDS + 1][EBB_NAME_BYTES];
    char field[EBB_NAME_FIELDS][EBB_NAME_BYTES]; /* their names */
    size_t n;                                    /* fields */
    size_t slashes;
};

/** What the fields of one name are. */
struct ebb_name_fields {
    char is[EBB_NAME_FIELDS][EBB_NAME_BYTES];
};

/** Take a pattern apart. Errors: EBB_ERR_ARG with what is wrong. */
EBB_NODISCARD ebb_status ebb_name_pattern_parse(struct ebb_name_pattern *out,
                                                const char *pattern);

/** Match the end of a path, from a folder's name on. A field is 1 to 63
 *  characters without '/'; earlier ones take as much as they can. */
bool ebb_name_pattern_match(const struct ebb_name_pattern *p, const char *path,
                            struct ebb_name_fields *out);

/** Number of the field of that name; p->n: none. */
size_t ebb_name_pattern_field(const struct ebb_name_pattern *p,
                              const char *name, size_t length);

/** Is a word in a list such as "theo,lucas" or "0-4,7"? Ranges are of whole
 *  numbers; words compare as they are written. */
bool ebb_name_is_among(const char *word, const char *list);

#endif
