/* io/dvs/reader.c - a recording in blocks. */
#include "core/memory.h"
#include "io/dvs/formats.h"

#include <errno.h>
#include <string.h>

enum {
    START_BYTES = 1 << 16, /* by which a format is found */
    JITTER_US = 1000000    /* events are not further out of order than that */
};

struct ebb_dvs_options ebb_dvs_options_default(void)
{
    return (struct ebb_dvs_options){.begin = INT64_MIN, .end = INT64_MAX};
}

static ebb_status io_failure(const struct ebb_dvs_reader *r)
{
    return EBB_FAIL(EBB_ERR_IO, "cannot read: %s", strerror(r->in.error));
}

static ebb_status find_format(struct ebb_dvs_reader *r)
{
    struct ebb_dvs_start start = {.name = r->name};
    start.bytes = ebb_dvs_bytes_peek(&r->in, START_BYTES, &start.n);
    if (r->in.error) {
        return io_failure(r);
    }
    if (r->options.format) {
        r->format = ebb_dvs_format_find(r->options.format);
        return r->format ? EBB_OK : ebb_dvs_format_unknown(r->options.format);
    }
    if (start.n == 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file is empty");
    }
    r->format = ebb_dvs_format_match(&start);
    return r->format ? EBB_OK
                     : EBB_FAIL(EBB_ERR_FORMAT,
                                "no recording of an event camera that ebb "
                                "knows; if it is one, name its format "
                                "(--from)");
}

/* What is earlier need not be unpacked, where the format can be passed over. */
static ebb_status seek(struct ebb_dvs_reader *r)
{
    int64_t from = r->options.begin;
    if (!r->format->seek || from < INT64_MIN + JITTER_US ||
        !ebb_dvs_bytes_seekable(&r->in)) {
        return EBB_OK;
    }
    return r->format->seek(r, from - JITTER_US);
}

/* Memory for the format that was found. */
static ebb_status prepare(struct ebb_dvs_reader *r)
{
    r->about.format = r->format->name;
    r->about.title = r->format->title;
    if (r->format->reader_bytes) {
        r->state = ebb_mem_calloc(1, r->format->reader_bytes);
        if (!r->state) {
            return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a reader");
        }
    }
    return EBB_OK;
}

static ebb_status begin(struct ebb_dvs_reader *r)
{
    EBB_TRY(find_format(r));
    EBB_TRY(prepare(r));
    EBB_TRY(r->format->open(r));
    EBB_TRY(r->in.error ? io_failure(r) : EBB_OK);
    EBB_TRY(seek(r));
    r->begun = true;
    return r->in.error ? io_failure(r) : EBB_OK;
}

static ebb_status begin_fed(struct ebb_dvs_reader *r)
{
    const char *format = r->options.format ? r->options.format : "";
    r->format = ebb_dvs_format_find(format);
    if (!r->format || !r->format->ready) {
        return EBB_FAIL(EBB_ERR_ARG, "'%.40s' is not read as it comes", format);
    }
    EBB_TRY(ebb_dvs_bytes_init_open(&r->in));
    return prepare(r);
}

ebb_status ebb_dvs_open_fed(struct ebb_dvs_reader **out, const char *name,
                            const struct ebb_dvs_options *options)
{
    *out = NULL;
    struct ebb_dvs_reader *r = ebb_mem_calloc(1, sizeof(*r));
    ebb_status status = EBB_OK;
    if (r) {
        r->options = *options;
        r->name = r->owned_name = ebb_mem_strdup(name);
    }
    if (!r || !r->owned_name) {
        status = EBB_FAIL(EBB_ERR_NOMEM, "no memory for a reader");
    }
    status = status ? status : begin_fed(r);
    if (status != EBB_OK) {
        ebb_dvs_close(r);
        return ebb_error_prefix(status, "%s: ", name);
    }
    *out = r;
    return EBB_OK;
}

size_t ebb_dvs_feed(struct ebb_dvs_reader *r, const uint8_t *bytes, size_t n)
{
    return ebb_dvs_bytes_add(&r->in, bytes, n);
}

void ebb_dvs_feed_end(struct ebb_dvs_reader *r)
{
    r->in.open = false;
}

ebb_status ebb_dvs_open_stream(struct ebb_dvs_reader **out, FILE *stream,
                               const char *name,
                               const struct ebb_dvs_options *options)
{
    *out = NULL;
    struct ebb_dvs_reader *r = ebb_mem_calloc(1, sizeof(*r));
    char *copy = ebb_mem_strdup(name);
    if (!r || !copy) {
        ebb_mem_free(r);
        ebb_mem_free(copy);
        fclose(stream);
        return EBB_FAIL(EBB_ERR_NOMEM, "%s: no memory for a reader", name);
    }
    r->name = r->owned_name = copy;
    r->options = options ? *options : ebb_dvs_options_default();
    ebb_status status = ebb_dvs_bytes_init(&r->in, stream);
    if (status == EBB_OK) {
        status = begin(r);
    }
    if (status != EBB_OK) {
        ebb_error_prefix(status, "%s: ", name);
        ebb_dvs_close(r);
        return status;
    }
    *out = r;
    return EBB_OK;
}

ebb_status ebb_dvs_open(struct ebb_dvs_reader **out, const char *path,
                        const struct ebb_dvs_options *options)
{
    *out = NULL;
    FILE *file = fopen(path, "rb");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read '%s': %s", path,
                        strerror(errno));
    }
    return ebb_dvs_open_stream(out, file, path, options);
}

bool ebb_dvs_is_recording(const char *path)
{
    struct ebb_dvs_bytes in;
    FILE *file = fopen(path, "rb");
    if (!file || ebb_dvs_bytes_init(&in, file) != EBB_OK) {
        return false;
    }
    struct ebb_dvs_start start = {.name = path};
    start.bytes = ebb_dvs_bytes_peek(&in, START_BYTES, &start.n);
    bool found = start.n > 0 && ebb_dvs_format_match(&start);
    ebb_dvs_bytes_finish(&in);
    return found;
}

void ebb_dvs_close(struct ebb_dvs_reader *r)
{
    if (!r) {
        return;
    }
    if (r->state && r->format->close) {
        r->format->close(r);
    }
    ebb_dvs_bytes_finish(&r->in);
    ebb_mem_free(r->state);
    ebb_mem_free(r->owned_name);
    ebb_mem_free(r);
}

const struct ebb_dvs_about *ebb_dvs_about(const struct ebb_dvs_reader *r)
{
    return &r->about;
}

/* Keep the events of the window; returns whether any, with jitter allowed
 * for, may follow. */
static bool keep_window(struct ebb_dvs_block *b, int64_t begin, int64_t end)
{
    int64_t last = end > INT64_MAX - JITTER_US ? INT64_MAX : end + JITTER_US;
    size_t kept = 0;
    bool more = false;
    for (size_t k = 0; k < b->n; k++) {
        int64_t t = b->t[k];
        more = more || t < last;
        b->t[kept] = t;
        b->x[kept] = b->x[k];
        b->y[kept] = b->y[k];
        b->p[kept] = b->p[k];
        kept += t >= begin && t < end;
    }
    b->n = kept;
    return more;
}

/* Is the header of what is handed over there? Takes it then. */
static ebb_status open_fed(struct ebb_dvs_reader *r)
{
    if (!r->in.open && r->in.n == r->in.at) {
        r->done = true;
    } else if (!r->in.open || r->format->ready(r)) {
        EBB_TRY(r->format->open(r));
        r->begun = true;
    }
    return EBB_OK;
}

/* Blocks until one has events of the window. */
static ebb_status read_on(struct ebb_dvs_reader *r, struct ebb_dvs_block *b)
{
    bool all = r->options.begin == INT64_MIN && r->options.end == INT64_MAX;
    if (!r->begun) {
        EBB_TRY(open_fed(r));
    }
    while (r->begun && !r->done && b->n == 0) {
        ebb_status status = r->format->read(r, b);
        r->done = b->n == 0;
        if (r->done && status == EBB_OK && r->in.open) {
            r->done = false;
            break; /* until more comes */
        }
        if (!all && !keep_window(b, r->options.begin, r->options.end)) {
            r->done = true;
        }
        EBB_TRY(status);
        if (r->in.error) {
            return io_failure(r);
        }
    }
    return EBB_OK;
}

ebb_status ebb_dvs_read(struct ebb_dvs_reader *r, struct ebb_dvs_block *block)
{
    block->n = 0;
    if (r->failed != EBB_OK) {
        return EBB_FAIL(r->failed, "%s: reading has failed before", r->name);
    }
    r->failed = read_on(r, block);
    if (r->done && r->in.end) {
        r->about.left_over = r->in.n - r->in.at;
    }
    return ebb_error_prefix(r->failed, "%s: ", r->name);
}
