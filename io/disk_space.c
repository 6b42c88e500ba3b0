/* io/disk_space.c - room for a file that grows. */
#include "io/disk_space.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const uint64_t step = (uint64_t)1 << 20;

ebb_status ebb_disk_space_init(struct ebb_disk_space *space, const char *path)
{
    *space = (struct ebb_disk_space){.file = open(path, O_RDWR | O_CLOEXEC)};
    return space->file >= 0 ? EBB_OK
                            : EBB_FAIL(EBB_ERR_IO, "cannot write '%s': %s",
                                       path, strerror(errno));
}

static ebb_status short_of(uint64_t bytes, const char *why)
{
    return EBB_FAIL(EBB_ERR_IO, "no room for %llu more bytes (%s)",
                    (unsigned long long)bytes, why);
}

/* fallocate() does not see this limit. */
static bool is_allowed(uint64_t end)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) != 0 ||
           limit.rlim_cur == RLIM_INFINITY || end <= limit.rlim_cur;
}

static ebb_status ask(const struct ebb_disk_space *space, uint64_t bytes)
{
    struct statvfs disk;
    if (fstatvfs(space->file, &disk) == 0 &&
        (uint64_t)disk.f_bavail * disk.f_frsize < bytes) {
        return short_of(bytes, strerror(ENOSPC));
    }
    return EBB_OK;
}

/* Does this failure say that the file system cannot reserve at all? */
static bool cannot_reserve(int error)
{
    return error == EOPNOTSUPP || error == ENOSYS || error == EINVAL ||
           error == ENODEV;
}

ebb_status ebb_disk_space_reserve(struct ebb_disk_space *space, uint64_t size,
                                  uint64_t bytes)
{
    uint64_t end = size + bytes;
    if (!is_allowed(end)) {
        return short_of(bytes, "the limit of a file's size, ulimit -f");
    }
    if (end <= space->until) {
        return EBB_OK;
    }
    uint64_t until = (end + step - 1) / step * step;
    int result;
    do {
        result = fallocate(space->file, FALLOC_FL_KEEP_SIZE, (off_t)size,
                           (off_t)(until - size));
    } while (result != 0 && errno == EINTR);
    if (result == 0) {
        space->until = until;
        return EBB_OK;
    }
    return cannot_reserve(errno) ? ask(space, bytes)
                                 : short_of(bytes, strerror(errno));
}

void ebb_disk_space_finish(struct ebb_disk_space *space)
{
    struct stat info;
    if (space->file >= 0) {
        if (fstat(space->file, &info) == 0) {
            (void)!ftruncate(space->file, info.st_size);
        }
        close(space->file);
        space->file = -1;
    }
}
