/* io/experiment_values.c - values of an experiment file, from text. */
#include "io/experiment_values.h"

#include "core/nearest.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ebb_place ebb_place_in(const struct ebb_place *outer, const char *field)
{
    struct ebb_place p = *outer;
    size_t n = strlen(p.path);
    size_t room = sizeof(p.path) - n;
    snprintf(p.path + n, room, "%s%s", n ? "." : "", field);
    return p;
}

struct ebb_place ebb_place_at(const struct ebb_place *outer, const char *field,
                              size_t index)
{
    struct ebb_place p = ebb_place_in(outer, field);
    size_t n = strlen(p.path);
    snprintf(p.path + n, sizeof(p.path) - n, "[%zu]", index);
    return p;
}

ebb_status ebb_place_fail(const struct ebb_place *p, const char *field,
                          const char *text, const char *format, ...)
{
    char reason[400];
    va_list values;
    va_start(values, format);
    vsnprintf(reason, sizeof(reason), format, values);
    va_end(values);
    struct ebb_place at = field ? ebb_place_in(p, field) : *p;
    size_t line = ebb_yaml_line(p->map, at.path);
    if (text) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%s:%zu: %s is '%.60s': %s",
                        p->map->file, line, at.path, text, reason);
    }
    return EBB_FAIL(EBB_ERR_FORMAT, "%s:%zu: %s: %s", p->map->file, line,
                    at.path[0] ? at.path : "the experiment", reason);
}

/* A finite number at the start of text; *rest is what follows it. */
static bool number_in(const char *text, double *out, const char **rest)
{
    char *end = NULL;
    *out = strtod(text, &end);
    *rest = end + strspn(end, " \t");
    return end != text && isfinite(*out);
}

ebb_status ebb_take_number(const struct ebb_place *p, const char *field,
                           const char *text, double low, double high,
                           double *out)
{
    if (!text) {
        return EBB_OK;
    }
    const char *rest = NULL;
    double x = 0;
    if (!number_in(text, &x, &rest) || *rest) {
        return ebb_place_fail(p, field, text, "it must be a number");
    }
    if (x < low || x > high) {
        return isinf(high)
                   ? ebb_place_fail(p, field, text, "it must be at least %.9g",
                                    low)
                   : ebb_place_fail(p, field, text, "it must be %.9g to %.9g",
                                    low, high);
    }
    *out = x;
    return EBB_OK;
}

ebb_status ebb_take_count(const struct ebb_place *p, const char *field,
                          const char *text, uint64_t low, uint64_t high,
                          uint64_t *out)
{
    if (!text) {
        return EBB_OK;
    }
    char *end = NULL;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno == ERANGE || n < low ||
        n > high) {
        return ebb_place_fail(
            p, field, text, "it must be a whole number of %llu to %llu",
            (unsigned long long)low, (unsigned long long)high);
    }
    *out = n;
    return EBB_OK;
}

ebb_status ebb_take_share(const struct ebb_place *p, const char *field,
                          const char *text, double *out)
{
    if (!text) {
        return EBB_OK;
    }
    const char *rest = NULL;
    double x = 0;
    bool number = number_in(text, &x, &rest);
    bool percent = number && strcmp(rest, "%") == 0;
    x = percent ? x / 100 : x;
    if (!number || (*rest && !percent) || x < 0 || x >= 1) {
        return ebb_place_fail(p, field, text,
                              "it must be a share below 1, such as 0.1 or "
                              "10 %%");
    }
    *out = x;
    return EBB_OK;
}

ebb_status ebb_take_bool(const struct ebb_place *p, const char *field,
                         const char *text, bool *out)
{
    if (!text) {
        return EBB_OK;
    }
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
        return ebb_place_fail(p, field, text, "it must be true or false");
    }
    *out = text[0] == 't';
    return EBB_OK;
}

ebb_status ebb_take_word(const struct ebb_place *p, const char *field,
                         const char *text, const char *const *words, size_t n,
                         size_t *out)
{
    if (!text) {
        return EBB_OK;
    }
    char list[300] = "";
    size_t at = 0;
    for (size_t k = 0; k < n; k++) {
        if (strcmp(text, words[k]) == 0) {
            *out = k;
            return EBB_OK;
        }
        if (at < sizeof(list)) {
            at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
                                   k ? ", " : "", words[k]);
        }
    }
    const char *near = ebb_nearest(text, words, n, sizeof(*words));
    return near ? ebb_place_fail(p, field, text,
                                 "did you mean '%s'? (it is one of %s)", near,
                                 list)
                : ebb_place_fail(p, field, text, "it must be one of %s", list);
}

static const struct {
    const char *name;
    double seconds;
} units[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"µs", 1e-6}, {"ns", 1e-9}};

ebb_status ebb_take_duration(const struct ebb_place *p, const char *field,
                             const char *text, bool zero,
                             struct ebb_duration *out)
{
    if (!text) {
        return EBB_OK;
    }
    const char *rest = NULL;
    double x = 0, scale = 0;
    bool number = number_in(text, &x, &rest);
    for (size_t k = 0; k < sizeof(units) / sizeof(units[0]); k++) {
        if (number && strcmp(rest, units[k].name) == 0) {
            scale = units[k].seconds;
        }
    }
    if (!number || (*rest && scale == 0.0)) {
        return ebb_place_fail(p, field, text,
                              "it must be a number of ticks, or a time with "
                              "a unit (s, ms, us, ns)");
    }
    if (x < 0 || (x == 0.0 && !zero)) {
        return ebb_place_fail(p, field, text, "it must be %s 0",
                              zero ? "at least" : "above");
    }
    *out = (struct ebb_duration){*rest ? x * scale : x, *rest != '\0'};
    return EBB_OK;
}

ebb_status ebb_take_ticks(const struct ebb_place *p, const char *field,
                          const char *text, double tick_s, uint64_t *ticks,
                          double *seconds)
{
    if (!text) {
        return EBB_OK;
    }
    struct ebb_duration d = {0};
    EBB_TRY(ebb_take_duration(p, field, text, true, &d));
    if (d.seconds && !(tick_s > 0)) {
        return ebb_place_fail(p, field, text,
                              "a time in seconds needs the length of a tick; "
                              "give network.tick");
    }
    double n = d.seconds ? d.value / tick_s : d.value;
    if (fabs(n - nearbyint(n)) > 1e-6 * fmax(1, n) || n > 0x1p40) {
        return ebb_place_fail(
            p, field, text, "it must be a whole number of ticks (it is %g)", n);
    }
    *ticks = (uint64_t)nearbyint(n);
    *seconds = d.seconds ? d.value : 0;
    return EBB_OK;
}
