/* tools/events_csv.c - spikes as text. */
#include "tools/events_csv.h"

#include "tools/out_file.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 256 };

static bool whole(const char **at, uint64_t *out)
{
    const char *from = *at + strspn(*at, " \t");
    char *end = NULL;
    errno = 0;
    *out = strtoull(from, &end, 10);
    *at = end + strspn(end, " \t\r\n");
    return *from >= '0' && *from <= '9' && errno == 0;
}

static bool parse(const char *line, struct ebb_event *event)
{
    uint64_t tick = 0, node = 0;
    *event = (struct ebb_event){.value = 1};
    if (!whole(&line, &tick) || *line++ != ',' || !whole(&line, &node) ||
        tick > EBB_TICK_NEVER / 2 || node > UINT32_MAX) {
        return false;
    }
    event->tick = tick;
    event->node = (ebb_neuron_id)node;
    if (*line == ',') {
        char *end = NULL;
        event->value = strtod(line + 1, &end);
        bool number = end != line + 1 && isfinite(event->value);
        line = end + strspn(end, " \t\r\n");
        return number && !*line;
    }
    return !*line;
}

/* Not cut by the end of the room, nor by a zero byte: what follows would be
 * taken for a line of its own, or passed over. */
static bool is_whole_line(const char *line, FILE *file)
{
    size_t n = strlen(line);
    return (n > 0 && line[n - 1] == '\n') || (n + 1 < LINE_BYTES && feof(file));
}

static ebb_status read_lines(struct ebb_events *out, FILE *file,
                             const char *path)
{
    char line[LINE_BYTES];
    for (size_t number = 1; fgets(line, sizeof(line), file); number++) {
        struct ebb_event event;
        size_t lead = strspn(line, " \t\r\n");
        bool names = number == 1 && strncmp(line, "tick", 4) == 0;
        if (!line[lead] || line[lead] == '#' || names) {
            continue;
        }
        if (!is_whole_line(line, file) || !parse(line, &event)) {
            line[strcspn(line, "\r\n")] = '\0';
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "%s:%zu: '%.60s' is no event; a line is "
                            "tick,node or tick,node,value",
                            path, number, line);
        }
        EBB_TRY(ebb_events_push(out, event));
    }
    return ferror(file) ? EBB_FAIL(EBB_ERR_IO, "cannot read '%s': %s", path,
                                   strerror(errno))
                        : EBB_OK;
}

ebb_status ebb_events_csv_read(struct ebb_events *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read '%s': %s", path,
                        strerror(errno));
    }
    ebb_events_clear(out);
    ebb_status status = read_lines(out, file, path);
    fclose(file);
    return status == EBB_OK ? ebb_events_sort(out) : status;
}

ebb_status ebb_events_csv_write(const char *path,
                                const struct ebb_events *events)
{
    struct ebb_out_file out = {.file = NULL};
    EBB_TRY(ebb_out_file_begin(&out, path));
    fprintf(out.file, "tick,node,value\n");
    for (size_t k = 0; k < events->n; k++) {
        const struct ebb_event *e = &events->at[k];
        fprintf(out.file, "%llu,%u,%.17g\n", (unsigned long long)e->tick,
                e->node, e->value);
    }
    return ebb_out_file_end(&out, EBB_OK);
}
