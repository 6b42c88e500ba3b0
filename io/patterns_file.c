/* io/patterns_file.c - spike patterns in HDF5 and .npy files. */
#include "io/patterns_file.h"

#include "core/memory.h"
#include "io/h5.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_BYTES_MAX = 4096, SIDE_MAX = 1 << 20 };

static const size_t cells_max = (size_t)1 << 32;

static bool is_npy(const char *path)
{
    size_t n = strlen(path);
    return n > 4 && strcmp(path + n - 4, ".npy") == 0;
}

static ebb_status check_sizes(const uint64_t size[3])
{
    uint64_t cells = 1;
    for (size_t k = 0; k < 3; k++) {
        if (size[k] == 0 || size[k] > SIDE_MAX || cells > cells_max / size[k]) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "patterns of [%llu, %llu, %llu]; wanted is "
                            "[pattern, train, tick], each at least 1",
                            (unsigned long long)size[0],
                            (unsigned long long)size[1],
                            (unsigned long long)size[2]);
        }
        cells *= size[k];
    }
    return EBB_OK;
}

static ebb_status check_cells(const struct ebb_patterns *p)
{
    size_t cells = p->n * p->trains * p->ticks;
    for (size_t k = 0; k < cells; k++) {
        if (p->spike[k] > 1) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "the cell [%zu, %zu, %zu] is %u; a spike is 1, "
                            "none is 0",
                            k / (p->trains * p->ticks),
                            k / p->ticks % p->trains, k % p->ticks,
                            p->spike[k]);
        }
    }
    return EBB_OK;
}

static ebb_status read_h5(struct ebb_patterns *out, const char *path)
{
    hid_t file;
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = ebb_h5_shape(&shape, file, "patterns");
    uint64_t size[3] = {0, 0, 0};
    if (status == EBB_OK && shape.rank == 3) {
        memcpy(size, shape.size, sizeof(size));
    }
    if (status == EBB_OK) {
        status = check_sizes(size);
    }
    if (status == EBB_OK) {
        status = ebb_patterns_create(out, size[0], size[1], size[2]);
    }
    if (status == EBB_OK) {
        status = ebb_h5_read(out->spike, file, "patterns", H5T_NATIVE_UINT8,
                             shape.count);
    }
    H5Fclose(file);
    return status;
}

/* Of an .npy header: what follows a key of its dictionary. */
static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    at = at ? strchr(at, ':') : NULL;
    return at ? at + 1 + strspn(at + 1, " ") : NULL;
}

static ebb_status parse_npy(const char *header, uint64_t size[3], size_t *bytes)
{
    const char *descr = value_of(header, "'descr'");
    const char *order = value_of(header, "'fortran_order'");
    const char *shape = value_of(header, "'shape'");
    if (!descr || !order || !shape || *shape != '(') {
        return EBB_FAIL(EBB_ERR_FORMAT, "the .npy header makes no sense");
    }
    if (strncmp(order, "False", 5) != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the array is in Fortran order; save it with "
                        "numpy.ascontiguousarray");
    }
    static const char *const types[] = {"'|b1'", "'|u1'", "'|i1'"};
    *bytes = 0;
    for (size_t k = 0; k < 3; k++) {
        if (strncmp(descr, types[k], strlen(types[k])) == 0) {
            *bytes = 1;
        }
    }
    if (*bytes == 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the array is of type %.8s; save it as numpy.uint8 or "
                        "bool",
                        descr);
    }
    const char *at = shape + 1;
    size_t k = 0;
    for (; k < 3; k++) {
        char *end = NULL;
        size[k] = strtoull(at, &end, 10);
        if (end == at) {
            break;
        }
        at = end + strspn(end, ", ");
    }
    if (k < 3 || *at != ')') {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the array is not of three dimensions [pattern, "
                        "train, tick]");
    }
    return check_sizes(size);
}

/* Magic, version and header of an open .npy file. */
static ebb_status read_header(FILE *file, char *header, size_t room)
{
    unsigned char start[12];
    if (fread(start, 1, 8, file) != 8 || memcmp(start, "\x93NUMPY", 6) != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "this is no .npy file");
    }
    size_t wide = start[6] == 1 ? 2 : 4;
    if (start[6] < 1 || start[6] > 3 ||
        fread(start + 8, 1, wide, file) != wide) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the .npy header is cut short");
    }
    size_t length = 0;
    for (size_t k = wide; k > 0; k--) {
        length = length << 8 | start[8 + k - 1];
    }
    if (length >= room || fread(header, 1, length, file) != length) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the .npy header is cut short");
    }
    header[length] = '\0';
    return EBB_OK;
}

static ebb_status read_open_npy(struct ebb_patterns *out, FILE *file)
{
    char header[HEADER_BYTES_MAX];
    uint64_t size[3] = {0};
    size_t bytes = 0;
    EBB_TRY(read_header(file, header, sizeof(header)));
    EBB_TRY(parse_npy(header, size, &bytes));
    size_t cells = size[0] * size[1] * size[2];
    struct stat info;
    long at = ftell(file);
    if (fstat(fileno(file), &info) != 0 || at < 0 ||
        (uint64_t)info.st_size - (uint64_t)at < cells) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the file ends before the %zu cells that it claims",
                        cells);
    }
    EBB_TRY(ebb_patterns_create(out, size[0], size[1], size[2]));
    if (fread(out->spike, 1, cells, file) != cells) {
        return EBB_FAIL(EBB_ERR_IO, "reading stopped before the end");
    }
    return EBB_OK;
}

static ebb_status read_npy(struct ebb_patterns *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "cannot be read: %s", strerror(errno));
    }
    ebb_status status = read_open_npy(out, file);
    fclose(file);
    return status;
}

ebb_status ebb_patterns_read(struct ebb_patterns *out, const char *path)
{
    *out = (struct ebb_patterns){0};
    ebb_status status = is_npy(path) ? read_npy(out, path) : read_h5(out, path);
    if (status == EBB_OK) {
        status = check_cells(out);
    }
    if (status != EBB_OK) {
        ebb_patterns_finish(out);
        return ebb_error_prefix(status, "%s: ", path);
    }
    return EBB_OK;
}

static ebb_status write_h5(const char *path, const struct ebb_patterns *p)
{
    hid_t file;
    EBB_TRY(ebb_h5_begin(&file, path));
    struct ebb_h5_shape shape = {.rank = 3,
                                 .size = {p->n, p->trains, p->ticks},
                                 .count = p->n * p->trains * p->ticks};
    ebb_status status = ebb_h5_put_text(file, "format", "ebb patterns");
    if (status == EBB_OK) {
        status = ebb_h5_put_count(file, "version", 1);
    }
    if (status == EBB_OK) {
        status = ebb_h5_write(file, "patterns", H5T_STD_U8LE, H5T_NATIVE_UINT8,
                              &shape, p->spike, true);
    }
    if (status != EBB_OK) {
        ebb_h5_abandon(file, path);
        return status;
    }
    return ebb_h5_commit(file, path);
}

/* The header is padded so that the data starts at a multiple of 64. */
static bool put_npy(FILE *file, const struct ebb_patterns *p)
{
    char text[192];
    int n = snprintf(text, sizeof(text),
                     "{'descr': '|u1', 'fortran_order': False, 'shape': (%zu, "
                     "%zu, %zu), }",
                     p->n, p->trains, p->ticks);
    size_t length = ((size_t)n + 1 + 10 + 63) / 64 * 64 - 10;
    unsigned char start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    start[8] = (unsigned char)length;
    size_t cells = p->n * p->trains * p->ticks;
    return fwrite(start, 1, sizeof(start), file) == sizeof(start) &&
           fprintf(file, "%-*s\n", (int)length - 1, text) > 0 &&
           fwrite(p->spike, 1, cells, file) == cells;
}

static ebb_status write_npy(const char *path, const struct ebb_patterns *p)
{
    char name[4096];
    if ((size_t)snprintf(name, sizeof(name), "%s.tmp", path) >= sizeof(name)) {
        return EBB_FAIL(EBB_ERR_IO, "the name is too long");
    }
    FILE *file = fopen(name, "wb");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "cannot be written: %s", strerror(errno));
    }
    bool good = put_npy(file, p);
    good = fflush(file) == 0 && fsync(fileno(file)) == 0 && good;
    good = fclose(file) == 0 && good;
    if (!good || rename(name, path) != 0) {
        int error = errno;
        unlink(name);
        return EBB_FAIL(EBB_ERR_IO, "cannot be written: %s", strerror(error));
    }
    return EBB_OK;
}

ebb_status ebb_patterns_write(const char *path, const struct ebb_patterns *p)
{
    ebb_status status = is_npy(path) ? write_npy(path, p) : write_h5(path, p);
    return ebb_error_prefix(status, "%s: ", path);
}
