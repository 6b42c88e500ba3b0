/* io/yaml_map.h - where in a YAML file each value stands, and whether it
 * belongs there.
 *
 * libcyaml loads a document into structs but tells little about what is wrong
 * with it. This walks the same schema over the document first, so that each
 * complaint has file, line, field and, for a mistyped key, what was meant. */
#ifndef EBB_IO_YAML_MAP_H
#define EBB_IO_YAML_MAP_H

#include "core/error.h"

#include <cyaml/cyaml.h>

#include <stddef.h>

/** Lines of the values of one file. Zero-initialise. */
struct ebb_yaml_map {
    const char *file;             /* borrowed */
    struct ebb_yaml_place *place; /* [n] in the order of the file */
    size_t n, capacity;
};

/** One value: "network.populations[1].size" and its line, from 1. */
struct ebb_yaml_place {
    char *path;
    size_t line;
};

/**
 * Check a document against a schema of mappings, sequences and strings, and
 * note the line of each value.
 *
 *     file  name for messages; borrowed
 *     text  [length] the document
 *
 * Errors: EBB_ERR_FORMAT (no YAML; unknown, missing or repeated field; a value
 * of another kind than the schema wants), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_yaml_scan(struct ebb_yaml_map *out,
                                       const char *file, const char *text,
                                       size_t length,
                                       const struct cyaml_schema_value *schema);

/** Free the places. */
void ebb_yaml_map_finish(struct ebb_yaml_map *map);

/** Line of a value, or of the nearest thing around it that is there. */
size_t ebb_yaml_line(const struct ebb_yaml_map *map, const char *path);

#endif
