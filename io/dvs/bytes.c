/* io/dvs/bytes.c - a file seen through one buffer. */
#include "io/dvs/bytes.h"

#include "core/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { LEAP_BYTES = 1 << 16, LEAST_BUFFER = 1 << 12 };

/* Of a file or a stream in memory; pipes and devices have none. */
static uint64_t size_of(struct ebb_dvs_bytes *in)
{
    struct stat info;
    int fd = fileno(in->file); /* -1: a stream in memory */
    bool has_one = fd < 0 || (fstat(fd, &info) == 0 && S_ISREG(info.st_mode));
    return has_one && ebb_dvs_bytes_seekable(in) ? ebb_dvs_bytes_length(in)
                                                 : UINT64_MAX;
}

/* Data sets have many small files: no more room than one of them takes. */
static size_t room_for(uint64_t size)
{
    if (size < LEAST_BUFFER) {
        return LEAST_BUFFER;
    }
    return size < EBB_DVS_BUFFER ? (size_t)size + 1 : EBB_DVS_BUFFER;
}

static ebb_status take_buffer(struct ebb_dvs_bytes *in)
{
    in->room = room_for(in->size);
    in->buffer = ebb_mem_calloc(in->room, 1);
    if (!in->buffer) {
        ebb_dvs_bytes_finish(in);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a buffer");
    }
    return EBB_OK;
}

ebb_status ebb_dvs_bytes_init(struct ebb_dvs_bytes *in, FILE *file)
{
    *in = (struct ebb_dvs_bytes){.file = file};
    off_t origin = ftello(file);
    in->origin = origin > 0 ? origin : 0;
    in->size = size_of(in);
    return take_buffer(in);
}

ebb_status ebb_dvs_bytes_init_open(struct ebb_dvs_bytes *in)
{
    *in = (struct ebb_dvs_bytes){.size = UINT64_MAX, .end = true, .open = true};
    return take_buffer(in);
}

void ebb_dvs_bytes_finish(struct ebb_dvs_bytes *in)
{
    if (in->file) {
        fclose(in->file);
    }
    ebb_mem_free(in->buffer);
    *in = (struct ebb_dvs_bytes){.file = NULL};
}

/* Bring what is left to the front. */
static void pack(struct ebb_dvs_bytes *in)
{
    memmove(in->buffer, in->buffer + in->at, in->n - in->at);
    in->n -= in->at;
    in->at = 0;
}

size_t ebb_dvs_bytes_add(struct ebb_dvs_bytes *in, const uint8_t *bytes,
                         size_t n)
{
    pack(in);
    size_t room = in->room - in->n, taken = n < room ? n : room;
    memcpy(in->buffer + in->n, bytes, taken);
    in->n += taken;
    return taken;
}

static void fill(struct ebb_dvs_bytes *in)
{
    pack(in);
    size_t want = in->room - in->n;
    errno = 0;
    size_t got = fread(in->buffer + in->n, 1, want, in->file);
    in->n += got;
    if (got < want) {
        in->end = true;
        in->error = ferror(in->file) ? (errno ? errno : EIO) : 0;
    }
}

const uint8_t *ebb_dvs_bytes_peek(struct ebb_dvs_bytes *in, size_t want,
                                  size_t *have)
{
    if (in->n - in->at < want && !in->end) {
        fill(in);
    }
    *have = in->n - in->at;
    return in->buffer + in->at;
}

/* Leap over what is far beyond the buffer; returns how far. */
static uint64_t leap(struct ebb_dvs_bytes *in, uint64_t n)
{
    uint64_t have = in->n - in->at;
    if (in->size == UINT64_MAX || n < have + LEAP_BYTES ||
        in->passed > in->size || n > in->size - in->passed) {
        return 0;
    }
    ebb_dvs_bytes_goto(in, in->passed + n);
    return n;
}

void ebb_dvs_bytes_skip(struct ebb_dvs_bytes *in, uint64_t n)
{
    n -= leap(in, n);
    while (n > 0) {
        size_t have;
        ebb_dvs_bytes_peek(in, 1, &have);
        size_t step = n < have ? (size_t)n : have;
        if (step == 0) {
            return;
        }
        in->at += step;
        in->passed += step;
        n -= step;
    }
}

bool ebb_dvs_bytes_seekable(const struct ebb_dvs_bytes *in)
{
    return fseeko(in->file, 0, SEEK_CUR) == 0;
}

uint64_t ebb_dvs_bytes_length(struct ebb_dvs_bytes *in)
{
    off_t here = ftello(in->file), end = -1;
    if (here >= 0 && fseeko(in->file, 0, SEEK_END) == 0) {
        end = ftello(in->file);
    }
    if (end < 0 || fseeko(in->file, here, SEEK_SET) != 0) {
        in->error = errno;
        in->end = true;
        return 0;
    }
    return end > in->origin ? (uint64_t)(end - in->origin) : 0;
}

void ebb_dvs_bytes_goto(struct ebb_dvs_bytes *in, uint64_t at)
{
    if (at >= in->passed && at - in->passed <= in->n - in->at) {
        in->at += (size_t)(at - in->passed); /* it is here already */
        in->passed = at;
        return;
    }
    in->at = in->n = 0;
    in->passed = at;
    in->end = false;
    bool far = at > (uint64_t)(INT64_MAX - in->origin);
    if (far || fseeko(in->file, in->origin + (off_t)at, SEEK_SET) != 0) {
        in->error = far ? EINVAL : errno;
        in->end = true;
    }
}

ebb_status ebb_dvs_bytes_reserve(struct ebb_dvs_bytes *in, size_t want)
{
    if (want > EBB_DVS_RECORD_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a record of %zu bytes at byte %llu; %d are the most "
                        "that is read",
                        want, (unsigned long long)in->passed,
                        EBB_DVS_RECORD_MAX);
    }
    if (want <= in->room) {
        return EBB_OK;
    }
    /* Not more than there is: a length is easily forged. */
    uint64_t left = in->size > in->passed ? in->size - in->passed : 0;
    if (left < want) {
        want = (size_t)left;
    }
    return ebb_mem_grow(&in->buffer, &in->room, want, 1);
}
