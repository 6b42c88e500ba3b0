/* tools/plot/json_line.c - numbers out of lines of JSON that ebb wrote. */
#include "tools/plot/json_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ebb_json_line_number(const char *line, const char *name, double *value)
{
    char key[64];
    char *end = NULL;
    snprintf(key, sizeof(key), "\"%s\": ", name);
    const char *at = strstr(line, key);
    *value = at ? strtod(at + strlen(key), &end) : 0;
    return at && end > at + strlen(key);
}
