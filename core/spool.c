/* core/spool.c - bytes that are not held in memory. */
#include "core/spool.h"

#include "core/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

struct ebb_spool {
    int file;
    uint64_t bytes;
    char folder[PATH_BYTES];
};

/* Not /tmp, which may be memory. */
static const char *find_folder(void)
{
    const char *where = getenv("TMPDIR");
    return where && *where ? where : "/var/tmp";
}

ebb_status ebb_spool_check_room(uint64_t bytes)
{
    const char *folder = find_folder();
    struct statvfs disk;
    if (statvfs(folder, &disk) != 0 || disk.f_blocks == 0) {
        return EBB_OK;
    }
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    return left >= bytes
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_IO,
                          "a temporary file takes %llu bytes, and in %.200s "
                          "%llu are free; set TMPDIR to a folder with room",
                          (unsigned long long)bytes, folder,
                          (unsigned long long)left);
}

static ebb_status open_file(struct ebb_spool *s)
{
    char name[PATH_BYTES + 16];
    snprintf(name, sizeof(name), "%s/ebb.XXXXXX", s->folder);
    s->file = mkstemp(name);
    if (s->file < 0) {
        return EBB_FAIL(EBB_ERR_IO,
                        "no temporary file can be made in %.200s: %s; set "
                        "TMPDIR to a folder with room",
                        s->folder, strerror(errno));
    }
    unlink(name);
    return EBB_OK;
}

ebb_status ebb_spool_create(struct ebb_spool **out)
{
    *out = NULL;
    struct ebb_spool *s = ebb_mem_calloc(1, sizeof(*s));
    if (!s) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a temporary file");
    }
    s->file = -1;
    snprintf(s->folder, sizeof(s->folder), "%s", find_folder());
    ebb_status status = open_file(s);
    if (status != EBB_OK) {
        ebb_spool_destroy(s);
        return status;
    }
    *out = s;
    return EBB_OK;
}

void ebb_spool_destroy(struct ebb_spool *s)
{
    if (s && s->file >= 0) {
        close(s->file);
    }
    ebb_mem_free(s);
}

ebb_status ebb_spool_write(struct ebb_spool *s, const void *data, size_t bytes)
{
    const char *at = data;
    while (bytes > 0) {
        ssize_t n = pwrite(s->file, at, bytes, (off_t)s->bytes);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return EBB_FAIL(EBB_ERR_IO,
                            "a temporary file in %.200s cannot grow beyond "
                            "%.3g GB: %s; set TMPDIR to a folder with room",
                            s->folder, (double)s->bytes / 1e9,
                            n < 0 ? strerror(errno) : "nothing is written");
        }
        at += n;
        bytes -= (size_t)n;
        s->bytes += (uint64_t)n;
    }
    return EBB_OK;
}

ebb_status ebb_spool_read(const struct ebb_spool *s, uint64_t from, void *data,
                          size_t bytes)
{
    char *at = data;
    while (bytes > 0) {
        ssize_t n = pread(s->file, at, bytes, (off_t)from);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return EBB_FAIL(
                EBB_ERR_IO, "a temporary file in %.200s cannot be read: %s",
                s->folder, n < 0 ? strerror(errno) : "it ends too early");
        }
        at += n;
        bytes -= (size_t)n;
        from += (uint64_t)n;
    }
    return EBB_OK;
}
