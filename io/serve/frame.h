/* io/serve/frame.h - frames around events: what says how they are packed, and
 * shows what was lost.
 *
 *     u32 'EBBE', u8 version, u8 encoding, u16 flags, u32 number of the frame,
 *     u32 bytes that follow; little-endian
 *
 * Encoding 0xFF is a greeting: JSON with any of width, height, encoding and
 * t_unit. Flag 1: words of spif are big-endian. */
#ifndef EBB_IO_SERVE_FRAME_H
#define EBB_IO_SERVE_FRAME_H

#include "io/serve/wire.h"

enum {
    EBB_FRAME_HEADER = 16,
    EBB_FRAME_VERSION = 1,
    EBB_FRAME_HELLO = 0xFF,
    EBB_FRAME_BIG_ENDIAN = 1,
    EBB_FRAME_PAYLOAD_MAX = 1 << 20,
    EBB_FRAME_HELLO_MAX = 4096,
    EBB_FRAME_MAGIC_BYTES = 4
};

/** A header. */
struct ebb_frame {
    uint8_t encoding; /* enum ebb_wire, or EBB_FRAME_HELLO */
    uint16_t flags;
    uint32_t number;
    uint32_t bytes; /* of the payload */
};

/** Do `n` <= 4 bytes start like a frame? */
bool ebb_frame_starts(const uint8_t *bytes, size_t n);

/** Take a header apart. Errors: EBB_ERR_FORMAT naming the field. */
EBB_NODISCARD ebb_status ebb_frame_parse(struct ebb_frame *out,
                                         const uint8_t bytes[EBB_FRAME_HEADER]);

/** Write a header. */
void ebb_frame_print(uint8_t bytes[EBB_FRAME_HEADER],
                     const struct ebb_frame *frame);

/** What a greeting says; 0: not told. */
struct ebb_hello {
    uint32_t width, height;
    enum ebb_wire wire;
};

/** Take a greeting apart: a flat JSON object; names that are not known are
 *  passed over. Errors: EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status ebb_hello_parse(struct ebb_hello *out,
                                         const char *text, size_t n);

#endif
