/* io/dvs/csv_columns.c - which column of a text is what. */
#include "io/dvs/csv_columns.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINES = 4096 };

/* What the numbers of a column look like. */
struct look {
    bool numbers, polarities, pixels, fraction;
    size_t falls;
    int64_t last;
};

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void settle(struct ebb_csv_columns *c, const size_t place[4])
{
    c->t = place[0];
    c->x = place[1];
    c->y = place[2];
    c->p = place[3];
    c->least = 1 + most(most(c->t, c->x), most(c->y, c->p));
    c->known = true;
}

ebb_status ebb_csv_columns_named(struct ebb_csv_columns *out,
                                 const char *letters)
{
    size_t place[4], found = 0;
    for (size_t k = 0; k < 4; k++) {
        const char *at = strchr(letters, "txyp"[k]);
        if (at && at - letters < EBB_CSV_FIELDS && !strchr(at + 1, "txyp"[k])) {
            place[k] = (size_t)(at - letters);
            found++;
        }
    }
    if (found != 4) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "columns '%.40s': t, x, y and p each once among the "
                        "first %d letters, such as txyp, and - for what is "
                        "passed over",
                        letters, EBB_CSV_FIELDS);
    }
    settle(out, place);
    return EBB_OK;
}

/* t, x, y, p: 0 to 3, by the name of a column; 4: something else. */
static size_t meaning(const char *at, size_t n)
{
    static const char *const names[4][8] = {
        {"t", "ts", "time", "timestamp", "timestamps", "t_us"},
        {"x", "col", "column"},
        {"y", "row"},
        {"p", "pol", "polarity", "on", "polarities"}};
    while (n > 0 && (at[0] == '"' || at[0] == '\'')) {
        at++;
        n--;
    }
    while (n > 0 && (at[n - 1] == '"' || at[n - 1] == '\'')) {
        n--;
    }
    for (size_t k = 0; k < 4; k++) {
        for (size_t j = 0; j < 8 && names[k][j]; j++) {
            if (strlen(names[k][j]) == n &&
                strncasecmp(at, names[k][j], n) == 0) {
                return k;
            }
        }
    }
    return 4;
}

bool ebb_csv_names(struct ebb_csv_columns *c, const char *line, size_t n)
{
    struct ebb_csv_line fields;
    size_t place[4];
    unsigned found = 0;
    ebb_csv_split(&fields, line, n);
    for (size_t k = 0; k < fields.n && k < EBB_CSV_FIELDS; k++) {
        size_t what = meaning(fields.at[k], fields.length[k]);
        if (what < 4 && !(found & 1U << what)) {
            place[what] = k;
            found |= 1U << what;
        }
    }
    if (found != 15) {
        return false;
    }
    if (!c->known) {
        settle(c, place);
    }
    return true;
}

static bool take_geometry(struct ebb_csv_columns *c, const char *line, size_t n)
{
    static const char word[] = "geometry:";
    for (size_t k = 1; k < 4 && k + sizeof(word) < n; k++) {
        if (strncmp(line + k, word, sizeof(word) - 1) == 0) {
            struct ebb_csv_line fields;
            struct ebb_csv_number w, h;
            k += sizeof(word) - 1;
            ebb_csv_split(&fields, line + k, n - k);
            if (fields.n == 2 &&
                ebb_csv_number(&w, fields.at[0], fields.length[0]) &&
                ebb_csv_number(&h, fields.at[1], fields.length[1]) &&
                w.whole > 0 && w.whole <= 65536 && h.whole > 0 &&
                h.whole <= 65536) {
                c->width = (uint32_t)w.whole;
                c->height = (uint32_t)h.whole;
            }
            return true;
        }
    }
    return false;
}

bool ebb_csv_comment(struct ebb_csv_columns *c, const char *line, size_t n)
{
    while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == ' ')) {
        n--;
    }
    if (n > 0 && (line[0] == '#' || line[0] == '%')) {
        take_geometry(c, line, n);
        return true;
    }
    return n == 0;
}

static void look_at(struct look *l, const char *at, size_t n)
{
    struct ebb_csv_number x = {.whole = 0};
    uint8_t p;
    bool number = ebb_csv_number(&x, at, n);
    l->numbers = l->numbers && number;
    l->fraction = l->fraction || x.fraction;
    l->pixels = l->pixels && number && !x.fraction && x.whole >= 0 &&
                x.whole <= UINT16_MAX;
    l->polarities = l->polarities && ebb_csv_polarity(&p, at, n);
    /* whole units and millionths of them rise alike */
    int64_t t = x.fraction || x.millionths ? x.millionths : x.whole;
    l->falls += t < l->last;
    l->last = t;
}

/* The first order of columns that the numbers allow. */
static void choose(struct ebb_csv_columns *c, const struct look *look,
                   size_t lines)
{
    static const size_t orders[][4] = {
        {0, 1, 2, 3}, {3, 0, 1, 2}, {2, 0, 1, 3}};
    for (size_t k = 0; k < sizeof(orders) / sizeof(orders[0]); k++) {
        const size_t *o = orders[k];
        if (look[o[0]].numbers && 50 * look[o[0]].falls <= lines &&
            look[o[1]].pixels && look[o[2]].pixels && look[o[3]].polarities) {
            settle(c, o);
            return;
        }
    }
}

/* Looks at a line; false: the text is none of events. */
static bool look_at_line(struct ebb_csv_columns *c, struct look *look,
                         const char *line, size_t n)
{
    struct ebb_csv_line fields;
    if (ebb_csv_comment(c, line, n)) {
        return true;
    }
    if (c->lines == 0 && ebb_csv_names(c, line, n)) {
        return true;
    }
    ebb_csv_split(&fields, line, n);
    if (fields.n < 4 || fields.n > EBB_CSV_FIELDS ||
        (c->known && fields.n < c->least)) {
        return false;
    }
    for (size_t k = 0; k < fields.n; k++) {
        look_at(&look[k], fields.at[k], fields.length[k]);
    }
    c->lines++;
    return c->lines > 1 || look[0].numbers;
}

void ebb_csv_columns_sniff(struct ebb_csv_columns *out, const char *text,
                           size_t n)
{
    struct look look[EBB_CSV_FIELDS];
    for (size_t k = 0; k < EBB_CSV_FIELDS; k++) {
        look[k] = (struct look){true, true, true, false, 0, INT64_MIN};
    }
    const char *end = text + n;
    bool good = true;
    for (const char *at = text; at < end && good && out->lines < LINES;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        if (!stop && out->lines > 0) {
            break; /* the rest of it may be missing */
        }
        good = length < EBB_CSV_LINE && look_at_line(out, look, at, length);
        at += length + 1;
    }
    bool sure = out->known;
    if (!sure && out->lines > 0) {
        choose(out, look, out->lines);
        out->known = out->known && good;
    }
    out->seconds = out->known && look[out->t].fraction;
}
