/* tools/out_file.c - text that replaces a file at the end, or not at all. */
#include "tools/out_file.h"

#include "core/memory.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void forget(struct ebb_out_file *out)
{
    ebb_mem_free(out->path);
    ebb_mem_free(out->beside);
    *out = (struct ebb_out_file){.file = NULL};
}

static ebb_status name_files(struct ebb_out_file *out, const char *path)
{
    struct stat info;
    bool in_place = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    size_t size = strlen(path) + 5;
    out->path = ebb_mem_strdup(path);
    out->beside = in_place ? NULL : ebb_mem_calloc(size, 1);
    if (!out->path || (!in_place && !out->beside)) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a file name");
    }
    if (out->beside) {
        snprintf(out->beside, size, "%s.tmp", path);
    }
    return EBB_OK;
}

ebb_status ebb_out_file_begin(struct ebb_out_file *out, const char *path)
{
    ebb_status status = name_files(out, path);
    if (status == EBB_OK) {
        out->file = fopen(out->beside ? out->beside : out->path, "wb");
        if (!out->file) {
            status = EBB_FAIL(EBB_ERR_IO, "cannot write '%s': %s", path,
                              strerror(errno));
        }
    }
    if (status != EBB_OK) {
        forget(out);
    }
    return status;
}

/* The first failure of writing is the one that counts. */
static int close_file(struct ebb_out_file *out)
{
    int error = 0;
    errno = 0;
    bool failed = ferror(out->file) != 0;
    failed = fflush(out->file) != 0 || failed;
    error = failed ? (errno ? errno : EIO) : 0;
    if (!error && out->beside && fsync(fileno(out->file)) != 0) {
        error = errno;
    }
    if (fclose(out->file) != 0 && !error) {
        error = errno;
    }
    return error;
}

ebb_status ebb_out_file_end(struct ebb_out_file *out, ebb_status so_far)
{
    if (!out->file) {
        return so_far;
    }
    ebb_status status = so_far;
    int error = close_file(out);
    if (status == EBB_OK && !error && out->beside &&
        rename(out->beside, out->path) != 0) {
        error = errno;
    }
    if (status == EBB_OK && error) {
        status = EBB_FAIL(EBB_ERR_IO, "cannot write '%s': %s", out->path,
                          strerror(error));
    }
    if (status != EBB_OK && out->beside) {
        unlink(out->beside);
    }
    forget(out);
    return status;
}
