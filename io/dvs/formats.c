/* io/dvs/formats.c - the list of formats, and how one is found. */
#include "io/dvs/formats.h"

#include <string.h>

/* Those that open with a word of their own come before those that are told by
 * how their numbers look. */
static const struct ebb_dvs_format *const formats[] = {
    &ebb_dvs_evt2,   &ebb_dvs_evt21,  &ebb_dvs_evt3,  &ebb_dvs_aedat2,
    &ebb_dvs_aedat3, &ebb_dvs_aedat4, &ebb_dvs_es,    &ebb_dvs_csv,
    &ebb_dvs_dsec,   &ebb_dvs_dat,    &ebb_dvs_nmnist};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

bool ebb_dvs_ends(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);
    return n >= m && strcmp(name + n - m, ending) == 0;
}

const char *ebb_dvs_format_name(size_t k)
{
    return k < FORMATS ? formats[k]->name : NULL;
}

const struct ebb_dvs_format *ebb_dvs_format_find(const char *name)
{
    for (size_t k = 0; k < FORMATS; k++) {
        if (strcmp(formats[k]->name, name) == 0) {
            return formats[k];
        }
    }
    return NULL;
}

bool ebb_dvs_format_is_fed(const char *format)
{
    const struct ebb_dvs_format *f = ebb_dvs_format_find(format);
    return f && f->ready;
}

bool ebb_dvs_format_writes(const char *format)
{
    const struct ebb_dvs_format *f = ebb_dvs_format_find(format);
    return f && f->begin;
}

bool ebb_dvs_format_in_file(const char *format)
{
    const struct ebb_dvs_format *f = ebb_dvs_format_find(format);
    return f && f->in_file;
}

const char *ebb_dvs_format_of_name(const char *path)
{
    /* .raw is Prophesee's present format, and .bs2 another name of .bin */
    if (ebb_dvs_ends(path, ".raw")) {
        return "evt3";
    }
    if (ebb_dvs_ends(path, ".bs2")) {
        return "nmnist";
    }
    for (size_t k = 0; k < FORMATS; k++) {
        const struct ebb_dvs_format *f = formats[k];
        if (f->begin && f->ending && ebb_dvs_ends(path, f->ending)) {
            return f->name;
        }
    }
    return NULL;
}

const struct ebb_dvs_format *
ebb_dvs_format_match(const struct ebb_dvs_start *start)
{
    for (size_t k = 0; k < FORMATS; k++) {
        if (formats[k]->matches(start)) {
            return formats[k];
        }
    }
    return NULL;
}

ebb_status ebb_dvs_format_unknown(const char *name)
{
    char list[256] = "";
    for (size_t k = 0, at = 0; k < FORMATS && at < sizeof(list); k++) {
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
                               k ? ", " : "", formats[k]->name);
    }
    return EBB_FAIL(EBB_ERR_ARG,
                    "no format of recordings is called '%.40s' (there are: "
                    "%s)",
                    name, list);
}
