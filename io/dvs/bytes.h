/* io/dvs/bytes.h - a file seen through one buffer, and numbers within it. */
#ifndef EBB_IO_DVS_BYTES_H
#define EBB_IO_DVS_BYTES_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    EBB_DVS_BUFFER = 1 << 18,    /* bytes read at once */
    EBB_DVS_RECORD_MAX = 1 << 26 /* the longest record that is taken */
};

/** A file being read, front to back. */
struct ebb_dvs_bytes {
    FILE *file;
    uint8_t *buffer;
    size_t room, at, n; /* bytes at..n of the buffer are next */
    uint64_t passed;    /* bytes before buffer[at] */
    uint64_t size;      /* from its start to the end; UINT64_MAX: a pipe */
    int64_t origin;     /* where it began within the file */
    bool end;           /* nothing comes after the buffer */
    bool open;          /* no file: more may be handed over */
    int error;          /* errno of the failure that ended it */
};

/** Begin; the stream is taken. Errors: EBB_ERR_NOMEM, and then it is closed. */
EBB_NODISCARD ebb_status ebb_dvs_bytes_init(struct ebb_dvs_bytes *in,
                                            FILE *file);

/** The same without a file: bytes are handed over by ebb_dvs_bytes_add() as
 *  long as in->open. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_dvs_bytes_init_open(struct ebb_dvs_bytes *in);

/** Hand bytes over; returns how many of them the buffer had room for. */
size_t ebb_dvs_bytes_add(struct ebb_dvs_bytes *in, const uint8_t *bytes,
                         size_t n);

void ebb_dvs_bytes_finish(struct ebb_dvs_bytes *in);

/** The next bytes, *have of them: at least `want` unless the file ends, and
 *  all that the buffer holds. Valid until the next call. `want` is at most
 *  EBB_DVS_BUFFER, or what was reserved. */
const uint8_t *ebb_dvs_bytes_peek(struct ebb_dvs_bytes *in, size_t want,
                                  size_t *have);

/** Pass over bytes, peeked at or not; stops at the end of the file. */
void ebb_dvs_bytes_skip(struct ebb_dvs_bytes *in, uint64_t n);

/** Can it be read from any place? A pipe cannot. */
bool ebb_dvs_bytes_seekable(const struct ebb_dvs_bytes *in);

/** Bytes of the file, which must be seekable; what is peeked at next stays what
 *  it is. */
uint64_t ebb_dvs_bytes_length(struct ebb_dvs_bytes *in);

/** Go on from byte `at` of the file, which must be seekable; a failure is in
 *  in->error. */
void ebb_dvs_bytes_goto(struct ebb_dvs_bytes *in, uint64_t at);

/** Let records of `want` bytes be peeked at. Errors: EBB_ERR_FORMAT (longer
 *  than EBB_DVS_RECORD_MAX), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_dvs_bytes_reserve(struct ebb_dvs_bytes *in,
                                               size_t want);

static inline uint32_t ebb_le16(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

static inline uint32_t ebb_le32(const uint8_t *b)
{
    return ebb_le16(b) | ebb_le16(b + 2) << 16;
}

static inline uint64_t ebb_le64(const uint8_t *b)
{
    return ebb_le32(b) | (uint64_t)ebb_le32(b + 4) << 32;
}

static inline uint32_t ebb_be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           (uint32_t)b[3];
}

#endif
