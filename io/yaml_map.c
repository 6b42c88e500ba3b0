/* io/yaml_map.c - where in a YAML file each value stands. */
#include "io/yaml_map.h"

#include "core/memory.h"
#include "core/nearest.h"

#include <yaml.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PATH_MAX_BYTES = 256 };

struct scan {
    yaml_parser_t parser;
    struct ebb_yaml_map *map;
    char path[PATH_MAX_BYTES];
    size_t line; /* of the last event */
};

#define SCAN_FAIL(s, ...)                                                      \
    ebb_error_prefix(EBB_FAIL(EBB_ERR_FORMAT, __VA_ARGS__),                    \
                     "%s:%zu: ", (s)->map->file, (s)->line)

static ebb_status next(struct scan *s, yaml_event_t *event)
{
    if (!yaml_parser_parse(&s->parser, event)) {
        s->line = s->parser.problem_mark.line + 1;
        return SCAN_FAIL(s, "this is no YAML: %s",
                         s->parser.problem ? s->parser.problem : "unreadable");
    }
    s->line = event->start_mark.line + 1;
    if (event->type == YAML_ALIAS_EVENT) {
        yaml_event_delete(event);
        return SCAN_FAIL(s, "aliases (*name) are not understood here; write "
                            "the value out");
    }
    return EBB_OK;
}

static ebb_status note(struct scan *s, size_t line)
{
    struct ebb_yaml_map *map = s->map;
    EBB_TRY(ebb_mem_grow(&map->place, &map->capacity, map->n + 1,
                         sizeof(*map->place)));
    char *path = ebb_mem_strdup(s->path);
    if (!path) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a path");
    }
    map->place[map->n++] = (struct ebb_yaml_place){path, line};
    return EBB_OK;
}

static size_t count_fields(const struct cyaml_schema_field *fields)
{
    size_t n = 0;
    while (fields[n].key) {
        n++;
    }
    return n;
}

static ebb_status find_field(struct scan *s, const char *key,
                             const struct cyaml_schema_field *fields,
                             size_t *out)
{
    size_t n = count_fields(fields);
    for (size_t k = 0; k < n; k++) {
        if (strcmp(fields[k].key, key) == 0) {
            *out = k;
            return EBB_OK;
        }
    }
    const char *near = ebb_nearest(key, &fields[0].key, n, sizeof(*fields));
    const char *inside = s->path[0] ? s->path : "the experiment";
    if (near) {
        return SCAN_FAIL(s, "%s: unknown field '%.60s'; did you mean '%s'?",
                         inside, key, near);
    }
    char list[512] = "";
    for (size_t k = 0, at = 0; k < n && at < sizeof(list); k++) {
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
                               k ? ", " : "", fields[k].key);
    }
    return SCAN_FAIL(s, "%s: unknown field '%.60s'; it takes %s", inside, key,
                     list);
}

static ebb_status scan_value(struct scan *s, const yaml_event_t *event,
                             const struct cyaml_schema_value *schema);

/* Lengthen the path by a field or an index; returns its old length. */
static size_t enter(struct scan *s, const char *field, size_t index)
{
    size_t old = strlen(s->path);
    if (field) {
        snprintf(s->path + old, sizeof(s->path) - old, "%s%s", old ? "." : "",
                 field);
    } else {
        snprintf(s->path + old, sizeof(s->path) - old, "[%zu]", index);
    }
    return old;
}

/* The value of a field whose name stands at `line`. */
static ebb_status scan_item(struct scan *s, size_t line,
                            const struct cyaml_schema_value *schema)
{
    yaml_event_t event;
    EBB_TRY(next(s, &event));
    ebb_status status = note(s, line);
    if (status == EBB_OK) {
        status = scan_value(s, &event, schema);
    }
    yaml_event_delete(&event);
    return status;
}

static ebb_status scan_field(struct scan *s, const yaml_event_t *key,
                             const struct cyaml_schema_field *fields,
                             uint64_t *seen)
{
    if (key->type != YAML_SCALAR_EVENT) {
        return SCAN_FAIL(s, "the name of a field must be a word");
    }
    const char *name = (const char *)key->data.scalar.value;
    size_t k = 0;
    EBB_TRY(find_field(s, name, fields, &k));
    if (*seen & (uint64_t)1 << k) {
        return SCAN_FAIL(s, "'%s' is given twice; drop one of them", name);
    }
    *seen |= (uint64_t)1 << k;
    size_t old = enter(s, name, 0);
    EBB_TRY(scan_item(s, s->line, &fields[k].value));
    s->path[old] = '\0';
    return EBB_OK;
}

static ebb_status scan_mapping(struct scan *s,
                               const struct cyaml_schema_field *fields)
{
    uint64_t seen = 0;
    size_t line = s->line;
    for (;;) {
        yaml_event_t event;
        EBB_TRY(next(s, &event));
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        ebb_status status = scan_field(s, &event, fields, &seen);
        yaml_event_delete(&event);
        EBB_TRY(status);
    }
    for (size_t k = 0; fields[k].key; k++) {
        if (!(fields[k].value.flags & CYAML_FLAG_OPTIONAL) &&
            !(seen & (uint64_t)1 << k)) {
            s->line = line;
            return SCAN_FAIL(s, "%s: the field '%s' is missing",
                             s->path[0] ? s->path : "the experiment",
                             fields[k].key);
        }
    }
    return EBB_OK;
}

static ebb_status scan_sequence(struct scan *s,
                                const struct cyaml_schema_value *entry)
{
    for (size_t index = 0;; index++) {
        yaml_event_t event;
        EBB_TRY(next(s, &event));
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        size_t old = enter(s, NULL, index);
        ebb_status status = EBB_OK;
        if (!end) {
            status = note(s, s->line);
        }
        if (!end && status == EBB_OK) {
            status = scan_value(s, &event, entry);
        }
        yaml_event_delete(&event);
        EBB_TRY(status);
        s->path[old] = '\0';
        if (end) {
            return EBB_OK;
        }
    }
}

static ebb_status scan_value(struct scan *s, const yaml_event_t *event,
                             const struct cyaml_schema_value *schema)
{
    const char *where = s->path[0] ? s->path : "the experiment";
    switch (schema->type) {
    case CYAML_MAPPING:
        if (event->type != YAML_MAPPING_START_EVENT) {
            return SCAN_FAIL(s, "%s must hold fields (name: value)", where);
        }
        return scan_mapping(s, schema->mapping.fields);
    case CYAML_SEQUENCE:
        if (event->type != YAML_SEQUENCE_START_EVENT) {
            return SCAN_FAIL(s, "%s must be a list ([a, b] or lines with -)",
                             where);
        }
        return scan_sequence(s, schema->sequence.entry);
    default:
        if (event->type != YAML_SCALAR_EVENT) {
            return SCAN_FAIL(s, "%s must be a single value", where);
        }
        if (strlen((const char *)event->data.scalar.value) !=
            event->data.scalar.length) {
            return SCAN_FAIL(s, "%s holds a NUL character", where);
        }
        return EBB_OK;
    }
}

static ebb_status expect(struct scan *s, yaml_event_type_t type,
                         const char *otherwise)
{
    yaml_event_t event;
    EBB_TRY(next(s, &event));
    bool right = event.type == type;
    yaml_event_delete(&event);
    return right ? EBB_OK : SCAN_FAIL(s, "%s", otherwise);
}

ebb_status ebb_yaml_scan(struct ebb_yaml_map *out, const char *file,
                         const char *text, size_t length,
                         const struct cyaml_schema_value *schema)
{
    struct scan s = {.map = out, .line = 1};
    out->file = file;
    if (!yaml_parser_initialize(&s.parser)) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to read '%s'", file);
    }
    yaml_parser_set_input_string(&s.parser, (const unsigned char *)text,
                                 length);
    ebb_status status =
        expect(&s, YAML_STREAM_START_EVENT, "this is no YAML document");
    if (status == EBB_OK) {
        status = expect(&s, YAML_DOCUMENT_START_EVENT, "the file is empty");
    }
    if (status == EBB_OK) {
        status = scan_item(&s, 1, schema);
    }
    if (status == EBB_OK) {
        status = expect(&s, YAML_DOCUMENT_END_EVENT, "the document goes on");
    }
    if (status == EBB_OK) {
        status = expect(&s, YAML_STREAM_END_EVENT,
                        "only one document (---) is allowed in a file");
    }
    yaml_parser_delete(&s.parser);
    return status;
}

void ebb_yaml_map_finish(struct ebb_yaml_map *map)
{
    for (size_t k = 0; k < map->n; k++) {
        ebb_mem_free(map->place[k].path);
    }
    ebb_mem_free(map->place);
    *map = (struct ebb_yaml_map){0};
}

/* Cut the last part of a path; false when nothing is left. */
static bool shorten(char *path)
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] != '.' && path[n - 1] != '[') {
        n--;
    }
    path[n ? n - 1 : 0] = '\0';
    return n > 0;
}

size_t ebb_yaml_line(const struct ebb_yaml_map *map, const char *path)
{
    char part[PATH_MAX_BYTES];
    snprintf(part, sizeof(part), "%s", path);
    do {
        for (size_t k = 0; k < map->n; k++) {
            if (strcmp(map->place[k].path, part) == 0) {
                return map->place[k].line;
            }
        }
    } while (shorten(part));
    return 1;
}
