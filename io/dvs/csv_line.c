/* io/dvs/csv_line.c - lines of numbers. */
#include "io/dvs/csv_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_separator(char c)
{
    return c == ',' || c == ';' || is_space(c);
}

void ebb_csv_split(struct ebb_csv_line *out, const char *line, size_t n)
{
    size_t k = 0;
    out->n = 0;
    while (k < n && is_space(line[k])) {
        k++;
    }
    while (k < n) {
        size_t from = k;
        while (k < n && !is_separator(line[k])) {
            k++;
        }
        if (out->n < EBB_CSV_FIELDS) {
            out->at[out->n] = line + from;
            out->length[out->n] = k - from;
        }
        out->n++;
        while (k < n && is_space(line[k])) {
            k++;
        }
        if (k < n && (line[k] == ',' || line[k] == ';')) {
            k++;
            while (k < n && is_space(line[k])) {
                k++;
            }
        }
    }
}

/* Numbers with exponents, which few write. */
static bool scientific(struct ebb_csv_number *out, const char *at, size_t n)
{
    char text[64], *end = NULL;
    if (n >= sizeof(text)) {
        return false;
    }
    memcpy(text, at, n);
    text[n] = '\0';
    double x = strtod(text, &end);
    if (*end || !(fabs(x) < 9e12)) {
        return false;
    }
    out->whole = (int64_t)x;
    out->millionths = llround(1e6 * x);
    out->fraction = x < (double)out->whole || x > (double)out->whole;
    return true;
}

bool ebb_csv_number(struct ebb_csv_number *out, const char *at, size_t n)
{
    const int64_t limit = INT64_MAX / 80; /* differences fit as well */
    size_t k = n && (at[0] == '-' || at[0] == '+'), digits = 0, places = 0;
    int64_t whole = 0, small = 0, sign = n && at[0] == '-' ? -1 : 1;
    bool up = false, fraction = false;
    for (; k < n && at[k] >= '0' && at[k] <= '9'; k++, digits++) {
        if (whole > limit) {
            return false;
        }
        whole = 10 * whole + (at[k] - '0');
    }
    k += k < n && at[k] == '.';
    for (; k < n && at[k] >= '0' && at[k] <= '9'; k++, digits++, places++) {
        fraction = fraction || at[k] != '0';
        if (places < 6) {
            small = 10 * small + (at[k] - '0');
        } else if (places == 6) {
            up = at[k] >= '5';
        }
    }
    if (digits == 0 || k < n) {
        return digits > 0 && (at[k] == 'e' || at[k] == 'E') &&
               scientific(out, at, n);
    }
    for (; places < 6; places++) {
        small *= 10;
    }
    out->whole = sign * whole;
    out->millionths = 0; /* of what is too large: no time in seconds */
    if (whole < limit / 1000000) {
        out->millionths = sign * (1000000 * whole + small + up);
    }
    out->fraction = fraction;
    return true;
}

bool ebb_csv_polarity(uint8_t *out, const char *at, size_t n)
{
    struct ebb_csv_number x;
    if (n == 4 && strncasecmp(at, "true", 4) == 0) {
        *out = 1;
        return true;
    }
    if (n == 5 && strncasecmp(at, "false", 5) == 0) {
        *out = 0;
        return true;
    }
    if (!ebb_csv_number(&x, at, n) || x.fraction || x.whole < -1 ||
        x.whole > 1) {
        return false;
    }
    *out = x.whole > 0;
    return true;
}
