/* tools/dataset/walk.c - the files of a folder and of those in it. */
#include "tools/dataset/walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4096, DEPTH_MAX = 8 };

bool ebb_folder_is(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool ebb_name_ends(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);
    return n > m && strcasecmp(name + n - m, ending) == 0;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

struct walk {
    ebb_folder_visit *visit;
    void *self;
};

static ebb_status walk_folder(const struct walk *w, const char *folder,
                              int depth);

static ebb_status take_entry(const struct walk *w, const char *folder,
                             const char *name, int depth)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (n < 0 || n >= PATH_BYTES) {
        return EBB_FAIL(EBB_ERR_IO, "%s/%s: too long a path", folder, name);
    }
    if (ebb_folder_is(path)) {
        return depth < DEPTH_MAX ? walk_folder(w, path, depth + 1) : EBB_OK;
    }
    return w->visit(w->self, path);
}

static ebb_status walk_folder(const struct walk *w, const char *folder,
                              int depth)
{
    struct dirent **entry;
    int n = scandir(folder, &entry, visible, alphasort);
    if (n < 0) {
        return EBB_FAIL(EBB_ERR_IO, "%s: %s", folder, strerror(errno));
    }
    ebb_status status = EBB_OK;
    for (int k = 0; k < n; k++) {
        if (status == EBB_OK) {
            status = take_entry(w, folder, entry[k]->d_name, depth);
        }
        free(entry[k]);
    }
    free(entry);
    return status;
}

ebb_status ebb_folder_walk(const char *folder, ebb_folder_visit *visit,
                           void *self)
{
    const struct walk w = {visit, self};
    return walk_folder(&w, folder, 0);
}
