/* io/idx_file.c - arrays of bytes in IDX. */
#include "io/idx_file.h"

#include "core/memory.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

enum { UNSIGNED_BYTES = 8, ITEM_BYTES_MAX = 1 << 24 };

struct ebb_idx {
    gzFile file; /* zlib reads plain files as they are */
    char *path;
    size_t item, items, at;
};

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

static ebb_status read_exactly(struct ebb_idx *i, uint8_t *out, size_t n)
{
    return gzread(i->file, out, (unsigned)n) == (int)n
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "%s: ends before item %zu of %zu, or is damaged",
                          i->path, i->at, i->items);
}

/* Two zero bytes, the type, the number of dimensions, and the dimensions. */
static ebb_status read_header(struct ebb_idx *i, struct ebb_idx_about *about)
{
    uint8_t start[4], size[3][4] = {{0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 1}};
    EBB_TRY(read_exactly(i, start, sizeof(start)));
    if (start[0] || start[1] || start[2] != UNSIGNED_BYTES || start[3] < 1 ||
        start[3] > 3) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s: begins with bytes %u %u %u %u; wanted is an array "
                        "of unsigned bytes in IDX, 0 0 8 and 1 to 3",
                        i->path, start[0], start[1], start[2], start[3]);
    }
    EBB_TRY(read_exactly(i, size[0], (size_t)4 * start[3]));
    uint64_t rows = big_endian(size[1]), columns = big_endian(size[2]);
    if (rows * columns < 1 || rows * columns > ITEM_BYTES_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s: items of %llu x %llu; they must be of 1 to 2^24 "
                        "bytes",
                        i->path, (unsigned long long)rows,
                        (unsigned long long)columns);
    }
    i->items = big_endian(size[0]);
    i->item = (size_t)(rows * columns);
    *about = (struct ebb_idx_about){i->items, (size_t)rows, (size_t)columns};
    return EBB_OK;
}

ebb_status ebb_idx_open(struct ebb_idx **out, struct ebb_idx_about *about,
                        const char *path)
{
    *out = NULL;
    struct ebb_idx *i = ebb_mem_calloc(1, sizeof(*i));
    if (!i || !(i->path = ebb_mem_strdup(path))) {
        ebb_idx_close(i);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to read %s", path);
    }
    errno = 0;
    i->file = gzopen(path, "rb");
    ebb_status status =
        i->file ? read_header(i, about)
                : EBB_FAIL(EBB_ERR_IO, "%s: %s", path, strerror(errno));
    if (status != EBB_OK) {
        ebb_idx_close(i);
        return status;
    }
    *out = i;
    return EBB_OK;
}

ebb_status ebb_idx_read(struct ebb_idx *i, uint8_t *item)
{
    EBB_TRY(read_exactly(i, item, i->item));
    i->at++;
    return EBB_OK;
}

void ebb_idx_close(struct ebb_idx *i)
{
    if (!i) {
        return;
    }
    if (i->file) {
        gzclose(i->file);
    }
    ebb_mem_free(i->path);
    ebb_mem_free(i);
}
