/* io/serve/wire.h - encodings of events on their way, and what unpacks them.
 *
 *     t64x16y16p8   u64 t us, u16 x, u16 y, u8 p: 13 bytes
 *     t32x16y15p1   u32 t us (wraps), u16 x, u16 y << 1 | p: 8 bytes
 *     spif          u32: bit 31 no time follows, 30..16 x, 15 p, 14..0 y;
 *                   else a u32 of us follows (wraps)
 *     evt2 evt3 es csv   as in files (io/dvs/dvs.h)
 *
 * All little-endian, but spif on request. Bytes come in pieces of any size. */
#ifndef EBB_IO_SERVE_WIRE_H
#define EBB_IO_SERVE_WIRE_H

#include "io/dvs/dvs.h"

/** Encodings; the numbers are those of framed streams. */
enum ebb_wire {
    EBB_WIRE_T64 = 1,
    EBB_WIRE_T32,
    EBB_WIRE_SPIF,
    EBB_WIRE_EVT2,
    EBB_WIRE_EVT3,
    EBB_WIRE_ES,
    EBB_WIRE_CSV,
    EBB_WIRE_END
};

/** "t64x16y16p8" and so on; NULL beyond the list. */
const char *ebb_wire_name(unsigned wire);

/** The encoding of a name. Errors: EBB_ERR_ARG with the names there are. */
EBB_NODISCARD ebb_status ebb_wire_find(enum ebb_wire *out, const char *name);

/** Bytes of a record, or of a word of evt2 and evt3; 0 where they vary. */
size_t ebb_wire_record(enum ebb_wire wire);

/** What unpacks one stream. One thread at a time. */
struct ebb_decoder;

/** Begin. `big_endian` is for spif alone. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_decoder_create(struct ebb_decoder **out,
                                            enum ebb_wire wire,
                                            bool big_endian);

/** Free it. NULL is allowed. */
void ebb_decoder_destroy(struct ebb_decoder *decoder);

/**
 * Unpack bytes into a block, which is emptied first; *used gets how many were
 * taken. There is more to come out as long as the block is not empty, and more
 * to take as long as *used < n: call again with what is left.
 *
 *     now_us  time of events that carry none
 *
 * Errors: EBB_ERR_FORMAT (bytes that are no events), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_decoder_push(struct ebb_decoder *decoder,
                                          const uint8_t *bytes, size_t n,
                                          int64_t now_us,
                                          struct ebb_dvs_block *block,
                                          size_t *used);

/** No more bytes come: the next push, of none, gives what is left. */
void ebb_decoder_end(struct ebb_decoder *decoder);

/** Bytes of a record that has begun, of encodings of fixed records. */
size_t ebb_decoder_rest(const struct ebb_decoder *decoder);

/** Forget such a record: what follows it was lost. */
void ebb_decoder_resume(struct ebb_decoder *decoder);

/**
 * Pack events, of encodings of fixed records.
 *
 *     to  [block->n * EBB_WIRE_RECORD_MAX]
 *
 * Returns the bytes used. spif gets a time word each. Errors show as 0: an
 * event that does not fit (spif and t32: rows to 32767, spif columns too).
 */
size_t ebb_wire_pack(uint8_t *to, enum ebb_wire wire, bool big_endian,
                     const struct ebb_dvs_block *block);

enum { EBB_WIRE_RECORD_MAX = 13 };

#endif
