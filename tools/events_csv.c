/* tools/events_csv.c - spikes as text. */
#include "tools/events_csv.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 256, PATH_BYTES = 4096 };

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
        if (!parse(line, &event)) {
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

static bool put_events(FILE *file, const struct ebb_events *events)
{
    bool good = fprintf(file, "tick,node,value\n") > 0;
    for (size_t k = 0; good && k < events->n; k++) {
        const struct ebb_event *e = &events->at[k];
        good = fprintf(file, "%llu,%u,%.17g\n", (unsigned long long)e->tick,
                       e->node, e->value) > 0;
    }
    return fflush(file) == 0 && fsync(fileno(file)) == 0 && good;
}

ebb_status ebb_events_csv_write(const char *path,
                                const struct ebb_events *events)
{
    char fresh[PATH_BYTES];
    if ((size_t)snprintf(fresh, sizeof(fresh), "%s.tmp", path) >=
        sizeof(fresh)) {
        return EBB_FAIL(EBB_ERR_IO, "the name '%.60s…' is too long", path);
    }
    FILE *file = fopen(fresh, "wb");
    bool good = file && put_events(file, events);
    good = file && fclose(file) == 0 && good;
    if (!good || rename(fresh, path) != 0) {
        int error = errno;
        unlink(fresh);
        return EBB_FAIL(EBB_ERR_IO, "cannot write '%s': %s", path,
                        strerror(error));
    }
    return EBB_OK;
}
