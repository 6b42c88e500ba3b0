/* tools/dataset/gesture_list.c - the tree of DVS128 Gesture. */
#include "tools/dataset/gesture_list.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 512, PATH_BYTES = 4096, CLASSES = 11 };

static const struct {
    const char *name;
    enum ebb_split split;
} lists[] = {{"trials_to_train.txt", EBB_SPLIT_TRAIN},
             {"trials_to_test.txt", EBB_SPLIT_TEST}};

/* A file of lines being read. */
struct lines {
    FILE *file;
    char path[PATH_BYTES];
    size_t number; /* of the line at hand, from 1 */
    char line[LINE_BYTES];
};

static bool make_path(char out[PATH_BYTES], const char *folder,
                      const char *name, const char *ending)
{
    int n = snprintf(out, PATH_BYTES, "%s/%s%s", folder, name, ending);
    return n >= 0 && n < PATH_BYTES;
}

bool ebb_gesture_list_is(const char *folder)
{
    char path[PATH_BYTES];
    for (size_t k = 0; k < 2; k++) {
        if (make_path(path, folder, lists[k].name, "") &&
            access(path, F_OK) == 0) {
            return true;
        }
    }
    return false;
}

static ebb_status lines_open(struct lines *l)
{
    l->number = 0;
    l->file = fopen(l->path, "r");
    return l->file ? EBB_OK
                   : EBB_FAIL(EBB_ERR_IO, "%s: %s", l->path, strerror(errno));
}

/* The next line that is not blank, without blanks around it; false: none. */
static bool lines_next(struct lines *l, char **text)
{
    while (fgets(l->line, sizeof(l->line), l->file)) {
        l->number++;
        char *at = l->line + strspn(l->line, " \t\r\n");
        size_t n = strlen(at);
        while (n > 0 && isspace((unsigned char)at[n - 1])) {
            at[--n] = '\0';
        }
        *text = at;
        if (n > 0) {
            return true;
        }
    }
    return false;
}

/* A whole number at *text, with `after` behind it. */
static bool take_number(char **text, char after, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(*text, &end, 10);
    bool ok = isdigit((unsigned char)**text) && errno == 0 && *end == after;
    *out = value;
    *text = *end ? end + 1 : end;
    return ok;
}

static ebb_status take_stretch(struct ebb_sample_list *out,
                               struct ebb_sample_file *one,
                               const struct lines *l, char *text)
{
    int64_t class = 0;
    if (!take_number(&text, ',', &class) ||
        !take_number(&text, ',', &one->begin) ||
        !take_number(&text, '\0', &one->end)) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s:%zu: wanted are class, start and end in us, such "
                        "as 3,41000000,47000000",
                        l->path, l->number);
    }
    if (class < 1 || class > CLASSES) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s:%zu: class %lld; there are classes 1 to %d",
                        l->path, l->number, (long long)class, CLASSES);
    }
    if (one->begin >= one->end) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s:%zu: starts at %lld us and ends at %lld; the end "
                        "must be later",
                        l->path, l->number, (long long)one->begin,
                        (long long)one->end);
    }
    one->label = (uint32_t)(class - 1);
    return ebb_sample_list_add(out, one);
}

/* The stretches of one recording. */
static ebb_status read_labels(struct ebb_sample_list *out,
                              struct ebb_sample_file *one, struct lines *l)
{
    char *text;
    ebb_status status = lines_open(l);
    while (status == EBB_OK && lines_next(l, &text)) {
        bool names = l->number == 1 && strncmp(text, "class", 5) == 0;
        status = names ? EBB_OK : take_stretch(out, one, l, text);
    }
    if (l->file) {
        fclose(l->file);
    }
    return status;
}

static ebb_status take_trial(struct ebb_sample_list *out, const char *folder,
                             const struct lines *list, enum ebb_split split,
                             char *name)
{
    struct lines labels;
    char path[PATH_BYTES];
    struct ebb_sample_file one = {.path = path, .split = split};
    char *dot = strrchr(name, '.');
    if (!dot || strcmp(dot, ".aedat") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s:%zu: '%.60s' is no name of a recording "
                        "(NAME.aedat)",
                        list->path, list->number, name);
    }
    bool fits = make_path(path, folder, name, "");
    *dot = '\0';
    fits = make_path(labels.path, folder, name, "_labels.csv") && fits;
    if (!fits || access(path, R_OK) != 0 || access(labels.path, R_OK) != 0) {
        return EBB_FAIL(EBB_ERR_IO,
                        "%s:%zu: %s.aedat and %s_labels.csv must both be in "
                        "the folder: %s",
                        list->path, list->number, name, name,
                        fits ? strerror(errno) : "too long a path");
    }
    return read_labels(out, &one, &labels);
}

static ebb_status read_list(struct ebb_sample_list *out, const char *folder,
                            struct lines *l, enum ebb_split split)
{
    char *name;
    ebb_status status = lines_open(l);
    while (status == EBB_OK && lines_next(l, &name)) {
        status = take_trial(out, folder, l, split, name);
    }
    if (l->file) {
        fclose(l->file);
    }
    return status;
}

ebb_status ebb_gesture_list_read(struct ebb_sample_list *out,
                                 const char *folder)
{
    struct lines l;
    for (size_t k = 0; k < 2; k++) {
        if (!make_path(l.path, folder, lists[k].name, "")) {
            return EBB_FAIL(EBB_ERR_IO, "%s: too long a path", folder);
        }
        if (access(l.path, F_OK) == 0) {
            EBB_TRY(read_list(out, folder, &l, lists[k].split));
        }
    }
    return EBB_OK;
}
