/* tools/json.h - one JSON object on one line. */
#ifndef EBB_TOOLS_JSON_H
#define EBB_TOOLS_JSON_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

/** An object being written. Zero-initialise; the first field opens it. An
 *  object has room for 4000 characters, enough for every line of `ebb`. */
struct ebb_json {
    char text[4096];
    size_t n;
};

/** Add "name": number; what is not finite becomes null. */
void ebb_json_number(struct ebb_json *j, const char *name, double value);

/** Add "name": whole number. */
void ebb_json_count(struct ebb_json *j, const char *name, uint64_t value);

/** Add "name": signed whole numbers; an array where n is not 1. */
void ebb_json_wholes(struct ebb_json *j, const char *name,
                     const int64_t *values, size_t n);

/** Add "name": "text", escaped. */
void ebb_json_text(struct ebb_json *j, const char *name, const char *text);

/** Add "name": true or false. */
void ebb_json_bool(struct ebb_json *j, const char *name, int value);

/** Add "name": [numbers]. */
void ebb_json_numbers(struct ebb_json *j, const char *name,
                      const double *values, size_t n);

/** Close the object; the text is complete. */
const char *ebb_json_end(struct ebb_json *j);

/** Close it and print it as a line. */
void ebb_json_print(struct ebb_json *j);

#endif
