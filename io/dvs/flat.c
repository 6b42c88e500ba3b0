/* io/dvs/flat.c - FlatBuffers, as far as AEDAT 4 needs them. */
#include "io/dvs/flat.h"

#include "io/dvs/bytes.h"

static bool inside(const struct ebb_flat *f, size_t at, size_t bytes)
{
    return at <= f->n && bytes <= f->n - at;
}

bool ebb_flat_root(struct ebb_flat *out, const uint8_t *at, size_t n)
{
    *out = (struct ebb_flat){.at = at, .n = n};
    if (!inside(out, 0, 4)) {
        return false;
    }
    out->table = ebb_le32(at);
    return inside(out, out->table, 4);
}

const uint8_t *ebb_flat_field(const struct ebb_flat *f, unsigned index,
                              size_t bytes)
{
    /* the table starts with the distance back to its list of offsets */
    int64_t list = (int64_t)f->table - (int32_t)ebb_le32(f->at + f->table);
    size_t entry = 4 + 2 * (size_t)index;
    if (list < 0 || !inside(f, (size_t)list, 4)) {
        return NULL;
    }
    size_t size = ebb_le16(f->at + list);
    if (entry + 2 > size || !inside(f, (size_t)list, size)) {
        return NULL;
    }
    size_t offset = ebb_le16(f->at + (size_t)list + entry);
    if (offset == 0 || !inside(f, f->table + offset, bytes)) {
        return NULL;
    }
    return f->at + f->table + offset;
}

const uint8_t *ebb_flat_vector(const struct ebb_flat *f, unsigned index,
                               size_t bytes, size_t *n)
{
    const uint8_t *field = ebb_flat_field(f, index, 4);
    if (!field) {
        return NULL;
    }
    size_t at = (size_t)(field - f->at) + ebb_le32(field);
    if (!inside(f, at, 4)) {
        return NULL;
    }
    *n = ebb_le32(f->at + at);
    at += 4;
    if (!inside(f, at, 0) || *n > (f->n - at) / bytes) {
        return NULL;
    }
    return f->at + at;
}

bool ebb_flat_item(struct ebb_flat *out, const struct ebb_flat *f,
                   const uint8_t *vector, size_t k)
{
    const uint8_t *item = vector + 4 * k;
    *out = *f;
    out->table = (size_t)(item - f->at) + ebb_le32(item);
    return inside(out, out->table, 4);
}
