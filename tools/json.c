/* tools/json.c - one JSON object on one line. */
#include "tools/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* Room for the end of the object is always kept. */
enum { ROOM = sizeof(((struct ebb_json *)NULL)->text) - 2 };

static void put(struct ebb_json *j, const char *format, ...) EBB_PRINTF(2, 3);

static void put(struct ebb_json *j, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int used = vsnprintf(j->text + j->n, ROOM - j->n, format, values);
    va_end(values);
    if (used >= 0 && (size_t)used < ROOM - j->n) {
        j->n += (size_t)used;
    } else {
        j->text[j->n] = '\0';
    }
}

static void put_name(struct ebb_json *j, const char *name)
{
    put(j, "%s\"%s\": ", j->n ? ", " : "{", name);
}

static void put_value(struct ebb_json *j, double value)
{
    if (isfinite(value)) {
        put(j, "%.9g", value);
    } else {
        put(j, "null");
    }
}

void ebb_json_number(struct ebb_json *j, const char *name, double value)
{
    put_name(j, name);
    put_value(j, value);
}

void ebb_json_count(struct ebb_json *j, const char *name, uint64_t value)
{
    put_name(j, name);
    put(j, "%llu", (unsigned long long)value);
}

void ebb_json_wholes(struct ebb_json *j, const char *name,
                     const int64_t *values, size_t n)
{
    put_name(j, name);
    for (size_t k = 0; k < n; k++) {
        put(j, "%s%lld", k ? ", " : (n == 1 ? "" : "["), (long long)values[k]);
    }
    put(j, "%s", n == 1 ? "" : (n ? "]" : "[]"));
}

void ebb_json_text(struct ebb_json *j, const char *name, const char *text)
{
    put_name(j, name);
    put(j, "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            put(j, "\\%c", *c);
        } else if ((unsigned char)*c < ' ') {
            put(j, "\\u%04x", (unsigned)*c);
        } else {
            put(j, "%c", *c);
        }
    }
    put(j, "\"");
}

void ebb_json_bool(struct ebb_json *j, const char *name, int value)
{
    put_name(j, name);
    put(j, "%s", value ? "true" : "false");
}

void ebb_json_numbers(struct ebb_json *j, const char *name,
                      const double *values, size_t n)
{
    put_name(j, name);
    for (size_t k = 0; k < n; k++) {
        put(j, "%s", k ? ", " : "[");
        put_value(j, values[k]);
    }
    put(j, "%s", n ? "]" : "[]");
}

const char *ebb_json_end(struct ebb_json *j)
{
    if (j->n == 0) {
        j->text[j->n++] = '{';
    }
    j->text[j->n++] = '}';
    j->text[j->n] = '\0';
    return j->text;
}

void ebb_json_print(struct ebb_json *j)
{
    printf("%s\n", ebb_json_end(j));
    fflush(stdout);
}
