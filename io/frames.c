/* io/frames.c - frames of values in memory, and as tables of text. */
#include "io/frames.h"

#include "core/memory.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1 << 16 };

static const char between[] = " \t\r\n,;";

ebb_status ebb_frames_resize(struct ebb_frames *f, size_t frames,
                             size_t channels)
{
    if (channels > 0 && frames > SIZE_MAX / 2 / channels) {
        return EBB_FAIL(EBB_ERR_NOMEM, "%zu frames of %zu values", frames,
                        channels);
    }
    EBB_TRY(ebb_mem_grow(&f->at, &f->room, frames * channels, sizeof(*f->at)));
    f->frames = frames;
    f->channels = channels;
    return EBB_OK;
}

void ebb_frames_finish(struct ebb_frames *f)
{
    ebb_mem_free(f->at);
    *f = (struct ebb_frames){0};
}

/* A table being read. */
struct table {
    struct ebb_frames *out;
    const char *path;
    size_t line; /* from 1 */
};

static ebb_status take_value(struct table *t, size_t column, char **at)
{
    struct ebb_frames *f = t->out;
    char *end = NULL;
    double value = strtod(*at, &end);
    float x = (float)value;
    if (end == *at || !isfinite(x) || (*end && !strchr(between, *end))) {
        return EBB_FAIL(
            EBB_ERR_FORMAT, "%s:%zu: column %zu is '%.*s'; it must be a number",
            t->path, t->line, column + 1, (int)strcspn(*at, between), *at);
    }
    size_t n = f->frames * f->channels + column;
    EBB_TRY(ebb_mem_grow(&f->at, &f->room, n + 1, sizeof(*f->at)));
    f->at[n] = x;
    *at = end + strspn(end, between);
    return EBB_OK;
}

static ebb_status take_frame(struct table *t, char *at)
{
    struct ebb_frames *f = t->out;
    size_t n = 0;
    for (; *at; n++) {
        if (f->frames > 0 && n == f->channels) {
            break;
        }
        EBB_TRY(take_value(t, n, &at));
    }
    f->channels = f->frames > 0 ? f->channels : n;
    if (n != f->channels || *at) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s:%zu: %s values than the %zu of the first line",
                        t->path, t->line, *at ? "more" : "fewer", f->channels);
    }
    f->frames++;
    return EBB_OK;
}

static bool is_number(const char *at)
{
    char *end = NULL;
    (void)strtod(at, &end);
    return end != at;
}

static ebb_status take_line(struct table *t, char *line, bool whole)
{
    char *at = line + strspn(line, between);
    if (!whole) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s:%zu: longer than %d bytes, or with a zero byte; "
                        "that is no table of numbers",
                        t->path, t->line, LINE_BYTES - 2);
    }
    bool names = t->line == 1 && !is_number(at);
    return !*at || *at == '#' || names ? EBB_OK : take_frame(t, at);
}

static ebb_status read_lines(struct table *t, FILE *file, char *line)
{
    while (fgets(line, LINE_BYTES, file)) {
        size_t n = strlen(line);
        bool whole = (n > 0 && line[n - 1] == '\n') ||
                     (n + 1 < LINE_BYTES && feof(file));
        t->line++;
        EBB_TRY(take_line(t, line, whole));
    }
    return ferror(file)
               ? EBB_FAIL(EBB_ERR_IO, "%s: %s", t->path, strerror(errno))
               : EBB_OK;
}

ebb_status ebb_frames_read_text(struct ebb_frames *out, const char *path)
{
    struct table t = {.out = out, .path = path};
    out->frames = out->channels = 0;
    FILE *file = fopen(path, "r");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "%s: %s", path, strerror(errno));
    }
    char *line = ebb_mem_calloc(LINE_BYTES, 1);
    ebb_status status =
        line ? read_lines(&t, file, line)
             : EBB_FAIL(EBB_ERR_NOMEM, "no memory to read %s", path);
    ebb_mem_free(line);
    fclose(file);
    return status;
}
