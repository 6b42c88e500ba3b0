/* io/state_parts.h - what writing and reading of checkpoints share. */
#ifndef EBB_IO_STATE_PARTS_H
#define EBB_IO_STATE_PARTS_H

#include "io/h5.h"
#include "io/state_file.h"

#include <string.h>

enum { STATE_FILE_VERSION = 1, STATE_PATH_BYTES = 4096 };

/** Of which type numbers are in the file, and here. */
static inline hid_t state_file_type(enum ebb_snapshot_type type)
{
    const hid_t types[] = {[EBB_SNAPSHOT_U32] = H5T_STD_U32LE,
                           [EBB_SNAPSHOT_U64] = H5T_STD_U64LE,
                           [EBB_SNAPSHOT_F32] = H5T_IEEE_F32LE,
                           [EBB_SNAPSHOT_F64] = H5T_IEEE_F64LE};
    return types[type];
}

static inline hid_t state_native_type(enum ebb_snapshot_type type)
{
    const hid_t types[] = {[EBB_SNAPSHOT_U32] = H5T_NATIVE_UINT32,
                           [EBB_SNAPSHOT_U64] = H5T_NATIVE_UINT64,
                           [EBB_SNAPSHOT_F32] = H5T_NATIVE_FLOAT,
                           [EBB_SNAPSHOT_F64] = H5T_NATIVE_DOUBLE};
    return types[type];
}

static const uint64_t state_sum_start = 0xcbf29ce484222325;

/** A sum over bytes, by words of 8 (the last one filled up with 0): sees a
 *  flipped bit and words that changed places. Pieces but the last are of whole
 *  words. */
static inline uint64_t state_sum(uint64_t sum, const void *data, size_t bytes)
{
    const unsigned char *at = data;
    for (size_t k = 0; k < bytes; k += 8) {
        uint64_t word = 0;
        memcpy(&word, at + k, bytes - k < 8 ? bytes - k : 8);
        sum = (sum ^ word) * 0x100000001b3;
        sum ^= sum >> 29;
    }
    return sum;
}

/** The name of one rank's file. Errors: EBB_ERR_ARG (too long). */
EBB_NODISCARD ebb_status state_file_name(char out[STATE_PATH_BYTES],
                                         const char *path, size_t rank,
                                         size_t ranks);

#endif
