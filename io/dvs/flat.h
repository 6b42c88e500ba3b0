/* io/dvs/flat.h - FlatBuffers, as far as AEDAT 4 needs them; every offset is
 * held to be hostile. */
#ifndef EBB_IO_DVS_FLAT_H
#define EBB_IO_DVS_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A buffer, and a table within it. */
struct ebb_flat {
    const uint8_t *at;
    size_t n;
    size_t table;
};

/** Find the table at the root. False where it lies outside. */
bool ebb_flat_root(struct ebb_flat *out, const uint8_t *at, size_t n);

/** Where a field of `bytes` bytes is, or NULL: absent, or outside. */
const uint8_t *ebb_flat_field(const struct ebb_flat *f, unsigned index,
                              size_t bytes);

/** Items of a vector of items of `bytes` bytes each, *n of them; NULL: absent,
 *  or outside. */
const uint8_t *ebb_flat_vector(const struct ebb_flat *f, unsigned index,
                               size_t bytes, size_t *n);

/** Item `k` of a vector of tables, which ebb_flat_vector() found with items of
 *  4 bytes. False where it lies outside. */
bool ebb_flat_item(struct ebb_flat *out, const struct ebb_flat *f,
                   const uint8_t *vector, size_t k);

#endif
