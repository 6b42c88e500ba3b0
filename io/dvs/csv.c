/* io/dvs/csv.c - recordings as text: a line an event.
 *
 * The order of columns is told by the names in the first line, by the caller,
 * or by the numbers: t,x,y,p, or x,y,p,t, or x,y,t,p. Times are us, or seconds
 * where they have fractions. */
#include "io/dvs/csv_columns.h"
#include "io/dvs/format.h"

#include <string.h>

enum { SNIFFED = 1 << 16, SNIFFED_LIVE = 1 << 12 };

struct csv_reader {
    struct ebb_csv_columns columns;
    uint64_t line; /* its number, from 1 */
    bool events;   /* have come: no names any more */
};

static bool csv_matches(const struct ebb_dvs_start *start)
{
    struct ebb_csv_columns c = {.known = false};
    /* text has no zero bytes; this saves looking at most other files */
    if (memchr(start->bytes, 0, start->n < 256 ? start->n : 256)) {
        return false;
    }
    ebb_csv_columns_sniff(&c, (const char *)start->bytes, start->n);
    return c.known;
}

static ebb_status csv_open(struct ebb_dvs_reader *r)
{
    struct csv_reader *s = r->state;
    size_t have;
    if (r->options.columns) {
        EBB_TRY(ebb_csv_columns_named(&s->columns, r->options.columns));
    }
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, SNIFFED, &have);
    ebb_csv_columns_sniff(&s->columns, (const char *)b,
                          have < SNIFFED ? have : SNIFFED);
    r->about.width = s->columns.width;
    r->about.height = s->columns.height;
    if (!s->columns.known) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "its lines are no events of four numbers in the order "
                        "t,x,y,p or x,y,p,t; name them, such as --columns "
                        "xytp");
    }
    snprintf(r->about.version, sizeof(r->about.version), "%s",
             s->columns.seconds ? "in seconds" : "in us");
    return EBB_OK;
}

/* Is a whole line there that starts like a number? Order and unit of the
 * columns are told by what has come until then. */
static bool csv_ready(struct ebb_dvs_reader *r)
{
    const char *at = (const char *)r->in.buffer + r->in.at;
    const char *end = (const char *)r->in.buffer + r->in.n, *stop;
    bool ready = end - at >= SNIFFED_LIVE;
    while (!ready && (stop = memchr(at, '\n', (size_t)(end - at)))) {
        ready = (*at >= '0' && *at <= '9') || *at == '-' || *at == '.';
        at = stop + 1;
    }
    return ready;
}

/* The number in a column, 0..65535. */
static bool pixel(const struct ebb_csv_line *f, size_t k, uint32_t *out)
{
    struct ebb_csv_number x;
    if (!ebb_csv_number(&x, f->at[k], f->length[k]) || x.fraction ||
        x.whole < 0 || x.whole > UINT16_MAX) {
        return false;
    }
    *out = (uint32_t)x.whole;
    return true;
}

static bool take(const struct ebb_csv_columns *c, const char *line, size_t n,
                 struct ebb_dvs_block *out)
{
    struct ebb_csv_line f;
    struct ebb_csv_number t;
    uint32_t x, y;
    uint8_t p;
    ebb_csv_split(&f, line, n);
    if (f.n < c->least || f.n > EBB_CSV_FIELDS ||
        !ebb_csv_number(&t, f.at[c->t], f.length[c->t]) ||
        !pixel(&f, c->x, &x) || !pixel(&f, c->y, &y) ||
        !ebb_csv_polarity(&p, f.at[c->p], f.length[c->p]) ||
        (t.fraction && !c->seconds)) {
        return false;
    }
    ebb_dvs_put(out, c->seconds ? t.millionths : t.whole, x, y, p);
    return true;
}

/* Length of the next line; `cut` tells that its end is missing. */
static const char *next_line(struct ebb_dvs_bytes *in, size_t *n, bool *cut)
{
    size_t have;
    const char *b = (const char *)ebb_dvs_bytes_peek(in, EBB_CSV_LINE, &have);
    const char *end =
        memchr(b, '\n', have < EBB_CSV_LINE ? have : EBB_CSV_LINE);
    *cut = !end;
    *n = end ? (size_t)(end - b) : have;
    return *n || end ? b : NULL;
}

static ebb_status no_event(const struct csv_reader *s, const char *line,
                           size_t n)
{
    char order[EBB_CSV_FIELDS + 1] = "--------";
    order[s->columns.t] = 't';
    order[s->columns.x] = 'x';
    order[s->columns.y] = 'y';
    order[s->columns.p] = 'p';
    order[s->columns.least] = '\0';
    n = n < 60 ? n : 60;
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "line %llu: '%.*s' is no event with the columns %s (p is "
                    "0 or 1, t in %s); name others with --columns",
                    (unsigned long long)s->line, (int)n, line, order,
                    s->columns.seconds ? "seconds" : "us");
}

static ebb_status csv_read(struct ebb_dvs_reader *r, struct ebb_dvs_block *out)
{
    struct csv_reader *s = r->state;
    while (out->n < out->capacity) {
        size_t n;
        bool cut;
        const char *line = next_line(&r->in, &n, &cut);
        if (!line) {
            break;
        }
        if (cut && r->in.open && n < EBB_CSV_LINE) {
            return EBB_OK; /* the rest of it is to come */
        }
        s->line++;
        if (cut && n >= EBB_CSV_LINE) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "line %llu is longer than %d characters",
                            (unsigned long long)s->line, EBB_CSV_LINE);
        }
        bool other = ebb_csv_comment(&s->columns, line, n) ||
                     (!s->events && ebb_csv_names(&s->columns, line, n));
        if (!other) {
            if (!take(&s->columns, line, n, out)) {
                /* what was cut short is no mistake */
                return cut ? EBB_OK : no_event(s, line, n);
            }
            s->events = true;
        }
        ebb_dvs_bytes_skip(&r->in, n + !cut);
    }
    return EBB_OK;
}

static ebb_status csv_begin(struct ebb_dvs_writer *w)
{
    if (w->about.width) {
        ebb_dvs_out_text(w, "# geometry:%u,%u\n", w->about.width,
                         w->about.height);
    }
    ebb_dvs_out_text(w, "t,x,y,p\n");
    return EBB_OK;
}

/* A number in digits; faster than what knows every format. */
static char *digits(char *end, uint64_t value)
{
    do {
        *--end = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return end;
}

static ebb_status csv_write(struct ebb_dvs_writer *w,
                            const struct ebb_dvs_block *b)
{
    enum { ROOM = 48 };
    for (size_t k = 0; k < b->n; k++) {
        char text[ROOM], *end = text + ROOM, *at = end;
        int64_t t = b->t[k];
        *--at = '\n';
        *--at = b->p[k] ? '1' : '0';
        *--at = ',';
        at = digits(at, b->y[k]);
        *--at = ',';
        at = digits(at, b->x[k]);
        *--at = ',';
        at = digits(at, t < 0 ? -(uint64_t)t : (uint64_t)t);
        if (t < 0) {
            *--at = '-';
        }
        size_t n = (size_t)(end - at);
        memcpy(ebb_dvs_out(w, n), at, n);
    }
    return EBB_OK;
}

const struct ebb_dvs_format ebb_dvs_csv = {.name = "csv",
                                           .title = "text",
                                           .ending = ".csv",
                                           .matches = csv_matches,
                                           .reader_bytes =
                                               sizeof(struct csv_reader),
                                           .open = csv_open,
                                           .ready = csv_ready,
                                           .read = csv_read,
                                           .side_max = 0xFFFF,
                                           .t_max = INT64_MAX,
                                           .begin = csv_begin,
                                           .write = csv_write};
