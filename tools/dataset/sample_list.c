/* tools/dataset/sample_list.c - recordings with their classes. */
#include "tools/dataset/sample_list.h"

#include "core/memory.h"
#include "tools/dataset/gesture_list.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { LINE_BYTES = 8192, PATH_BYTES = 4096, LABEL_MAX = 1000000 };

ebb_status ebb_sample_list_add(struct ebb_sample_list *list,
                               const struct ebb_sample_file *one)
{
    EBB_TRY(
        ebb_mem_grow(&list->at, &list->room, list->n + 1, sizeof(*list->at)));
    char *copy = ebb_mem_strdup(one->path);
    if (!copy) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a list of samples");
    }
    list->at[list->n] = *one;
    list->at[list->n++].path = copy;
    return EBB_OK;
}

/* A whole recording. */
static ebb_status add(struct ebb_sample_list *list, char *path, uint32_t label,
                      enum ebb_split split)
{
    const struct ebb_sample_file one = {path, label, split, INT64_MIN,
                                        INT64_MAX};
    return ebb_sample_list_add(list, &one);
}

static ebb_status join(char *out, const char *folder, const char *name)
{
    int n = name[0] == '/' ? snprintf(out, PATH_BYTES, "%s", name)
                           : snprintf(out, PATH_BYTES, "%s/%s", folder, name);
    return n >= 0 && n < PATH_BYTES
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_IO, "%s/%s: too long a path", folder, name);
}

static bool find_split(const char *word, enum ebb_split *split)
{
    static const char *const names[] = {[EBB_SPLIT_TRAIN] = "train",
                                        [EBB_SPLIT_VALIDATION] = "validation",
                                        [EBB_SPLIT_TEST] = "test"};
    for (size_t k = 0; k < 3; k++) {
        if (strcasecmp(word, names[k]) == 0) {
            *split = (enum ebb_split)k;
            return true;
        }
    }
    return false;
}

/* A number from 0 to LABEL_MAX and nothing else. */
static bool find_label(const char *word, uint32_t *label)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(word, &end, 10);
    *label = (uint32_t)value;
    return isdigit((unsigned char)word[0]) && !*end && errno == 0 &&
           value <= LABEL_MAX;
}

static ebb_status take_line(struct ebb_sample_list *list, const char *file,
                            const char *folder, size_t number, char *line)
{
    const char *blank = " \t\r\n,";
    char *rest = NULL, path[PATH_BYTES];
    line[strcspn(line, "#")] = '\0';
    char *name = strtok_r(line, blank, &rest);
    char *label = name ? strtok_r(NULL, blank, &rest) : NULL;
    char *split = label ? strtok_r(NULL, blank, &rest) : NULL;
    uint32_t class = 0;
    enum ebb_split part = EBB_SPLIT_TRAIN;
    if (!name) {
        return EBB_OK;
    }
    if (!label || !find_label(label, &class)) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s:%zu: '%.60s' needs a class of 0 to %d after it",
                        file, number, name, LABEL_MAX);
    }
    if (split && !find_split(split, &part)) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s:%zu: '%.60s' is none of train, validation, test",
                        file, number, split);
    }
    EBB_TRY(join(path, folder, name));
    return add(list, path, class, part);
}

static ebb_status read_file(struct ebb_sample_list *list, const char *path)
{
    char line[LINE_BYTES], folder[PATH_BYTES];
    FILE *file = fopen(path, "r");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "%s: %s", path, strerror(errno));
    }
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = '\0';
    } else {
        snprintf(folder, sizeof(folder), ".");
    }
    ebb_status status = EBB_OK;
    for (size_t n = 1; status == EBB_OK && fgets(line, sizeof(line), file);
         n++) {
        status = take_line(list, path, folder, n, line);
    }
    fclose(file);
    return status;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* What to do with one entry of a folder; `k` counts its folders. */
typedef ebb_status visit(void *self, char *path, const char *name);

static ebb_status each_entry(const char *folder, visit *go, void *self)
{
    struct dirent **entry;
    int n = scandir(folder, &entry, visible, alphasort);
    if (n < 0) {
        return EBB_FAIL(EBB_ERR_IO, "%s: %s", folder, strerror(errno));
    }
    ebb_status status = EBB_OK;
    for (int k = 0; k < n; k++) {
        char path[PATH_BYTES];
        if (status == EBB_OK) {
            status = join(path, folder, entry[k]->d_name);
        }
        if (status == EBB_OK) {
            status = go(self, path, entry[k]->d_name);
        }
        free(entry[k]);
    }
    free(entry);
    return status;
}

/* Folders of classes being walked through. */
struct walk {
    struct ebb_sample_list *list;
    enum ebb_split split;
    bool numbers;   /* the names of all classes are numbers */
    uint32_t label; /* of the class at hand */
    uint32_t seen;  /* classes so far */
    size_t splits;  /* Train, Test, … */
};

static ebb_status take_sample(void *self, char *path, const char *name)
{
    struct walk *w = self;
    (void)name;
    return is_folder(path) ? EBB_OK : add(w->list, path, w->label, w->split);
}

static ebb_status look_at_class(void *self, char *path, const char *name)
{
    struct walk *w = self;
    uint32_t label;
    w->numbers = w->numbers && (!is_folder(path) || find_label(name, &label));
    return EBB_OK;
}

static ebb_status take_class(void *self, char *path, const char *name)
{
    struct walk *w = self;
    if (!is_folder(path)) {
        return EBB_OK;
    }
    w->label = w->seen++;
    if (w->numbers) {
        (void)find_label(name, &w->label);
    }
    return each_entry(path, take_sample, w);
}

static ebb_status take_classes(struct walk *w, const char *folder)
{
    w->numbers = true;
    w->seen = 0;
    EBB_TRY(each_entry(folder, look_at_class, w));
    return each_entry(folder, take_class, w);
}

static ebb_status take_split(void *self, char *path, const char *name)
{
    struct walk *w = self;
    if (!is_folder(path) || !find_split(name, &w->split)) {
        return EBB_OK;
    }
    w->splits++;
    return take_classes(w, path);
}

static ebb_status read_folder(struct ebb_sample_list *out, const char *path)
{
    struct walk w = {.list = out, .split = EBB_SPLIT_TRAIN};
    EBB_TRY(each_entry(path, take_split, &w));
    return w.splits ? EBB_OK : take_classes(&w, path);
}

ebb_status ebb_sample_list_read(struct ebb_sample_list *out, const char *path)
{
    *out = (struct ebb_sample_list){0};
    ebb_status status = EBB_OK;
    if (ebb_gesture_list_is(path)) {
        status = ebb_gesture_list_read(out, path);
    } else {
        status =
            is_folder(path) ? read_folder(out, path) : read_file(out, path);
    }
    if (status == EBB_OK && out->n == 0) {
        status = EBB_FAIL(EBB_ERR_FORMAT,
                          "%s: no samples; wanted are lines 'recording label "
                          "[split]', or folders named after classes",
                          path);
    }
    if (status != EBB_OK) {
        ebb_sample_list_finish(out);
    }
    return status;
}

void ebb_sample_list_finish(struct ebb_sample_list *list)
{
    for (size_t k = 0; k < list->n; k++) {
        ebb_mem_free(list->at[k].path);
    }
    ebb_mem_free(list->at);
    *list = (struct ebb_sample_list){0};
}
