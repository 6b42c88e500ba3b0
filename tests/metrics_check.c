/* tests/metrics_check.c - is a text in Prometheus' format 0.0.4? */
#include "tests/metrics_check.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 128, FAMILIES = 256 };

struct reader {
    const char *at;
    char family[NAME], type[16];
    char seen[FAMILIES][NAME];
    size_t n_seen;
    bool has_help, has_type;
    double bucket, bound; /* last bucket of a histogram */
};

/* A sample: name, the value of label `le`, value. */
struct sample {
    char name[NAME], le[NAME];
    double value;
};

static bool take(struct reader *r, const char *text)
{
    size_t n = strlen(text);
    if (strncmp(r->at, text, n) != 0) {
        return false;
    }
    r->at += n;
    return true;
}

static bool take_name(struct reader *r, char to[NAME])
{
    size_t n = 0;
    while (isalnum((unsigned char)r->at[n]) || r->at[n] == '_' ||
           r->at[n] == ':') {
        n++;
    }
    if (n == 0 || n >= NAME || isdigit((unsigned char)*r->at)) {
        return false;
    }
    memcpy(to, r->at, n);
    to[n] = '\0';
    r->at += n;
    return true;
}

static const char *take_help(struct reader *r)
{
    if (!take_name(r, r->family) || !take(r, " ")) {
        return "HELP without a name";
    }
    for (size_t k = 0; k < r->n_seen; k++) {
        if (strcmp(r->seen[k], r->family) == 0) {
            return "a family twice";
        }
    }
    if (r->n_seen == FAMILIES) {
        return "more families than this check knows";
    }
    strcpy(r->seen[r->n_seen++], r->family);
    while (*r->at && *r->at != '\n') {
        if (*r->at == '\\' && r->at[1] != '\\' && r->at[1] != 'n') {
            return "a bad escape in HELP";
        }
        r->at += *r->at == '\\' ? 2 : 1;
    }
    r->has_help = true;
    r->has_type = false;
    return take(r, "\n") ? NULL : "HELP without an end";
}

static const char *take_type(struct reader *r)
{
    char name[NAME];
    if (!take_name(r, name) || !take(r, " ") || strcmp(name, r->family) != 0 ||
        !r->has_help || r->has_type) {
        return "TYPE does not follow its HELP";
    }
    if (!take_name(r, name) || !take(r, "\n") || strlen(name) > 9) {
        return "TYPE without a type";
    }
    strcpy(r->type, name);
    size_t n = strlen(r->family);
    bool is_total = n > 6 && strcmp(r->family + n - 6, "_total") == 0;
    bool is_counter = strcmp(name, "counter") == 0;
    if (is_counter != is_total) {
        return "counters, and they alone, end in _total";
    }
    if (!is_counter && strcmp(name, "gauge") && strcmp(name, "histogram")) {
        return "an unknown type";
    }
    r->has_type = true;
    r->bucket = 0;
    r->bound = -HUGE_VAL;
    return NULL;
}

static bool take_label(struct reader *r, struct sample *s)
{
    char name[NAME], value[NAME];
    size_t n = 0;
    if (!take_name(r, name) || !take(r, "=\"")) {
        return false;
    }
    while (*r->at && *r->at != '"' && *r->at != '\n' && n < NAME - 1) {
        if (*r->at == '\\' && !strchr("\\n\"", *++r->at)) {
            return false;
        }
        value[n++] = *r->at++;
    }
    value[n] = '\0';
    if (strcmp(name, "le") == 0) {
        strcpy(s->le, value);
    }
    return take(r, "\"");
}

static bool take_labels(struct reader *r, struct sample *s)
{
    if (!take(r, "{")) {
        return true;
    }
    do {
        if (!take_label(r, s)) {
            return false;
        }
    } while (take(r, ","));
    return take(r, "}");
}

static const char *judge_bucket(struct reader *r, const struct sample *s)
{
    double bound = strtod(s->le, NULL); /* knows +Inf */
    if (!*s->le || !(bound > r->bound) || s->value < r->bucket) {
        return "buckets are not cumulative";
    }
    r->bound = bound;
    r->bucket = s->value;
    return NULL;
}

static const char *judge_histogram(struct reader *r, const struct sample *s)
{
    const char *part = s->name + strlen(r->family);
    if (strcmp(part, "_bucket") == 0) {
        return judge_bucket(r, s);
    }
    if (!isinf(r->bound)) {
        return "no bucket up to +Inf";
    }
    if (strcmp(part, "_count") == 0) {
        bool good = s->value >= r->bucket && s->value <= r->bucket;
        r->bound = -HUGE_VAL; /* another one with other labels may follow */
        r->bucket = 0;
        return good ? NULL : "count is not the last bucket";
    }
    return strcmp(part, "_sum") == 0 ? NULL : "no part of a histogram";
}

static const char *take_sample(struct reader *r)
{
    struct sample s = {0};
    char *end;
    if (!take_name(r, s.name) || !take_labels(r, &s) || !take(r, " ")) {
        return "a bad name or label";
    }
    s.value = strtod(r->at, &end);
    if (end == r->at || *end != '\n') {
        return "a bad value";
    }
    r->at = end + 1;
    bool is_histogram = strcmp(r->type, "histogram") == 0;
    bool fits = strncmp(s.name, r->family, strlen(r->family)) == 0 &&
                (is_histogram || strlen(s.name) == strlen(r->family));
    if (!r->has_type || !fits) {
        return "a sample outside its family";
    }
    return is_histogram ? judge_histogram(r, &s) : NULL;
}

const char *metrics_complaint(const char *text)
{
    struct reader r = {.at = text};
    const char *complaint = NULL;
    while (*r.at && !complaint) {
        complaint = take(&r, "# HELP ")   ? take_help(&r)
                    : take(&r, "# TYPE ") ? take_type(&r)
                                          : take_sample(&r);
    }
    return complaint;
}
