/* io/dvs/writer.c - events into a file. */
#include "core/memory.h"
#include "io/dvs/formats.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum { OUT_BYTES = 1 << 16 };

/* A stream, or a path. */
static ebb_status create(struct ebb_dvs_writer **out, FILE *stream,
                         const char *path, const struct ebb_dvs_format *f,
                         const struct ebb_dvs_about *about)
{
    struct ebb_dvs_writer *w = ebb_mem_calloc(1, sizeof(*w));
    if (w) {
        w->format = f;
        w->file = stream;
        w->path = path;
        w->last = INT64_MIN;
        w->about = about ? *about : (struct ebb_dvs_about){.width = 0};
        w->state = ebb_mem_calloc(1, f->writer_bytes + 1);
        w->buffer = ebb_mem_calloc(OUT_BYTES, 1);
    }
    if (!w || !w->state || !w->buffer) {
        if (w) {
            ebb_mem_free(w->state);
            ebb_mem_free(w->buffer);
        }
        ebb_mem_free(w);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a writer");
    }
    ebb_status status = f->begin(w);
    if (status != EBB_OK) {
        ebb_dvs_writer_destroy(w);
        return status;
    }
    *out = w;
    return EBB_OK;
}

static ebb_status find(const struct ebb_dvs_format **out, const char *format,
                       bool in_file)
{
    *out = ebb_dvs_format_find(format);
    if (!*out) {
        return ebb_dvs_format_unknown(format);
    }
    if (!(*out)->begin) {
        return EBB_FAIL(EBB_ERR_ARG, "recordings are read from %s, not written",
                        (*out)->title);
    }
    if ((*out)->in_file != in_file) {
        return EBB_FAIL(EBB_ERR_ARG, "%s is written %s", (*out)->title,
                        in_file ? "into streams" : "into files of a name");
    }
    return EBB_OK;
}

ebb_status ebb_dvs_writer_create(struct ebb_dvs_writer **out, FILE *stream,
                                 const char *format,
                                 const struct ebb_dvs_about *about)
{
    const struct ebb_dvs_format *f;
    *out = NULL;
    EBB_TRY(find(&f, format, false));
    return create(out, stream, NULL, f, about);
}

ebb_status ebb_dvs_writer_create_file(struct ebb_dvs_writer **out,
                                      const char *path, const char *format,
                                      const struct ebb_dvs_about *about)
{
    const struct ebb_dvs_format *f;
    *out = NULL;
    EBB_TRY(find(&f, format, true));
    return create(out, NULL, path, f, about);
}

void ebb_dvs_writer_destroy(struct ebb_dvs_writer *w)
{
    if (!w) {
        return;
    }
    if (w->format->drop) {
        w->format->drop(w);
    }
    ebb_mem_free(w->state);
    ebb_mem_free(w->buffer);
    ebb_mem_free(w);
}

static void flush(struct ebb_dvs_writer *w)
{
    if (fwrite(w->buffer, 1, w->n, w->file) != w->n) {
        w->failed = true;
    }
    w->n = 0;
}

uint8_t *ebb_dvs_out(struct ebb_dvs_writer *w, size_t n)
{
    if (OUT_BYTES - w->n < n) {
        flush(w);
    }
    uint8_t *to = w->buffer + w->n;
    w->n += n;
    return to;
}

void ebb_dvs_out_text(struct ebb_dvs_writer *w, const char *format, ...)
{
    enum { MOST = 1000 };
    char text[MOST];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    assert(n >= 0 && n < MOST);
    memcpy(ebb_dvs_out(w, (size_t)n), text, (size_t)n);
}

ebb_status ebb_dvs_too_far(const struct ebb_dvs_writer *w, int64_t t)
{
    return EBB_FAIL(EBB_ERR_ARG,
                    "event %llu at %lld us is too far from the one before, or "
                    "from 0, for %s; let times start at 0 (--zero) or "
                    "choose another format",
                    (unsigned long long)w->events, (long long)t,
                    w->format->title);
}

/* Can the format hold the event? */
static ebb_status check(struct ebb_dvs_writer *w, int64_t t, uint32_t x,
                        uint32_t y)
{
    const struct ebb_dvs_format *f = w->format;
    if (x > f->side_max || y > f->side_max) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "event %llu at column %u, row %u; %s holds 0 to %u: "
                        "cut a piece out (--crop), make the picture smaller "
                        "(--shrink), or choose another format",
                        (unsigned long long)w->events, x, y, f->title,
                        f->side_max);
    }
    if (f->t_max < INT64_MAX && (t < 0 || t > f->t_max)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "event %llu at %lld us; %s holds 0 to %lld: let times "
                        "start at 0 (--zero), or choose another format",
                        (unsigned long long)w->events, (long long)t, f->title,
                        (long long)f->t_max);
    }
    if (f->rising && t < w->last) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "event %llu at %lld us comes after one at %lld, which "
                        "%s cannot hold; hold times that step back "
                        "(--monotone), or choose another format",
                        (unsigned long long)w->events, (long long)t,
                        (long long)w->last, f->title);
    }
    w->last = t;
    w->events++;
    return EBB_OK;
}

ebb_status ebb_dvs_write(struct ebb_dvs_writer *w,
                         const struct ebb_dvs_block *block)
{
    for (size_t k = 0; k < block->n; k++) {
        EBB_TRY(check(w, block->t[k], block->x[k], block->y[k]));
    }
    EBB_TRY(w->format->write(w, block));
    return w->failed ? EBB_FAIL(EBB_ERR_IO, "cannot write: %s", strerror(errno))
                     : EBB_OK;
}

ebb_status ebb_dvs_writer_flush(struct ebb_dvs_writer *w)
{
    if (w->file) {
        flush(w);
        w->failed = fflush(w->file) != 0 || w->failed;
    }
    return w->failed ? EBB_FAIL(EBB_ERR_IO, "cannot write: %s", strerror(errno))
                     : EBB_OK;
}

ebb_status ebb_dvs_writer_end(struct ebb_dvs_writer *w)
{
    if (w->format->end) {
        return w->format->end(w);
    }
    flush(w);
    return w->failed ? EBB_FAIL(EBB_ERR_IO, "cannot write: %s", strerror(errno))
                     : EBB_OK;
}
