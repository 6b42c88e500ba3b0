/* io/yaml_doc.h - YAML files read by a schema: structs of text, and the line of
 * each value. Schemas are written with the words below. */
#ifndef EBB_IO_YAML_DOC_H
#define EBB_IO_YAML_DOC_H

#include "io/yaml_map.h"

/** A list of words. */
struct ebb_doc_list {
    char **item;
    unsigned n;
};

#define NEED CYAML_FLAG_DEFAULT
#define OPT  CYAML_FLAG_OPTIONAL

#define TEXT(flag, type, member)                                               \
    CYAML_FIELD_STRING_PTR(#member, (flag) | CYAML_FLAG_POINTER, struct type,  \
                           member, 0, CYAML_UNLIMITED)
#define TEXT_AS(key, flag, type, member)                                       \
    CYAML_FIELD_STRING_PTR(key, (flag) | CYAML_FLAG_POINTER, struct type,      \
                           member, 0, CYAML_UNLIMITED)
#define PART(flag, type, member, fields)                                       \
    CYAML_FIELD_MAPPING_PTR(#member, (flag) | CYAML_FLAG_POINTER, struct type, \
                            member, fields)
#define LIST(type, member)                                                     \
    CYAML_FIELD_SEQUENCE_COUNT(#member, OPT | CYAML_FLAG_POINTER, struct type, \
                               member.item, member.n, &ebb_yaml_word, 0,       \
                               CYAML_UNLIMITED)

/** A word of a list. */
extern const struct cyaml_schema_value ebb_yaml_word;

/**
 * Read and check a file of at most 1 MiB; *map tells where its values stand.
 * The caller frees both, also after a failure, with ebb_yaml_free() and
 * ebb_yaml_map_finish(). Errors: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_yaml_load(void **out, struct ebb_yaml_map *map,
                                       const char *path,
                                       const struct cyaml_schema_value *schema);

/** Free what was read. NULL is allowed. */
void ebb_yaml_free(void *doc, const struct cyaml_schema_value *schema);

#endif
