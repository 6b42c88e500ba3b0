/* tools/plot/json_line.h - numbers out of lines of JSON that ebb wrote. */
#ifndef EBB_TOOLS_PLOT_JSON_LINE_H
#define EBB_TOOLS_PLOT_JSON_LINE_H

#include <stdbool.h>

/** The number of a field; false where the line has none. */
bool ebb_json_line_number(const char *line, const char *name, double *value);

#endif
