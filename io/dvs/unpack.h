/* io/dvs/unpack.h - packets as they were before they were compressed. */
#ifndef EBB_IO_DVS_UNPACK_H
#define EBB_IO_DVS_UNPACK_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

enum { EBB_PLAIN_MAX = 1 << 24 }; /* the longest packet that is taken */

/** Bytes of a packet. Zero-initialise; free `at` with ebb_mem_free(). */
struct ebb_plain {
    uint8_t *at;
    size_t n, room;
};

/** Make room for at least `want` bytes. Errors: EBB_ERR_FORMAT (more than
 *  EBB_PLAIN_MAX), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_plain_reserve(struct ebb_plain *plain,
                                           size_t want);

/** Unpack one frame of LZ4 or Zstandard. Errors: EBB_ERR_FORMAT (damaged, too
 *  long, or built without the library, with the way out), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_unpack_lz4(struct ebb_plain *out,
                                        const uint8_t *from, size_t n);
EBB_NODISCARD ebb_status ebb_unpack_zstd(struct ebb_plain *out,
                                         const uint8_t *from, size_t n);

#endif
