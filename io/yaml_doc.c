/* io/yaml_doc.c - YAML files read by a schema. */
#include "io/yaml_doc.h"

#include "core/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_BYTES_MAX = 1 << 20 };

const struct cyaml_schema_value ebb_yaml_word = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};

/* What libcyaml would print, kept: its first line says what is wrong. */
struct told {
    char text[200];
};

static void keep(cyaml_log_t level, void *self, const char *format,
                 va_list values)
{
    struct told *told = self;
    if (level >= CYAML_LOG_ERROR && !told->text[0]) {
        vsnprintf(told->text, sizeof(told->text), format, values);
        told->text[strcspn(told->text, "\n")] = '\0';
    }
}

static cyaml_config_t config_with(struct told *told)
{
    return (cyaml_config_t){.log_fn = keep,
                            .log_ctx = told,
                            .mem_fn = cyaml_mem,
                            .log_level = CYAML_LOG_ERROR,
                            .flags = CYAML_CFG_NO_ALIAS};
}

static ebb_status read_text(char **out, size_t *length, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read '%s': %s", path,
                        strerror(errno));
    }
    char *text = ebb_mem_calloc(FILE_BYTES_MAX + 2, 1);
    if (!text) {
        fclose(file);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to read '%s'", path);
    }
    *length = fread(text, 1, FILE_BYTES_MAX + 1, file);
    int error = ferror(file) ? errno : 0;
    fclose(file);
    *out = text;
    if (error) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read '%s': %s", path,
                        strerror(error));
    }
    if (*length > FILE_BYTES_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "'%s' is larger than 1 MiB; that is no experiment",
                        path);
    }
    return EBB_OK;
}

ebb_status ebb_yaml_load(void **out, struct ebb_yaml_map *map, const char *path,
                         const struct cyaml_schema_value *schema)
{
    *out = NULL;
    char *text = NULL;
    size_t length = 0;
    ebb_status status = read_text(&text, &length, path);
    if (status == EBB_OK) {
        status = ebb_yaml_scan(map, path, text, length, schema);
    }
    if (status == EBB_OK) {
        struct told told = {""};
        cyaml_config_t config = config_with(&told);
        cyaml_err_t error =
            cyaml_load_data((const uint8_t *)text, length, &config, schema,
                            (cyaml_data_t **)out, NULL);
        if (error != CYAML_OK) {
            status = EBB_FAIL(EBB_ERR_FORMAT, "%s: %s (%s)", path,
                              cyaml_strerror(error), told.text);
        }
    }
    ebb_mem_free(text);
    return status;
}

void ebb_yaml_free(void *doc, const struct cyaml_schema_value *schema)
{
    struct told told = {""};
    cyaml_config_t config = config_with(&told);
    cyaml_free(&config, schema, doc, 0);
}
