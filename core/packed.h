/* core/packed.h - numbers of a few bits each, one after the other.
 *
 * Number k of `bits` bits stands from bit k * bits on, the lowest bit of each
 * byte first; the same on machines of either byte order. Readers load 8 bytes
 * at a time: 8 bytes behind the last number have to be there. */
#ifndef EBB_CORE_PACKED_H
#define EBB_CORE_PACKED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { EBB_PACKED_BITS_MAX = 32, EBB_PACKED_MARGIN = 8 };

static inline uint64_t ebb_packed_word(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/** Number k. */
static inline uint32_t ebb_packed_at(const uint8_t *from, size_t k,
                                     unsigned bits)
{
    size_t bit = k * bits;
    uint64_t word = ebb_packed_word(from + bit / 8) >> bit % 8;
    return (uint32_t)(word & (((uint64_t)1 << bits) - 1));
}

/** Put number k where bits are still 0. */
static inline void ebb_packed_put(uint8_t *to, size_t k, unsigned bits,
                                  uint32_t number)
{
    size_t bit = k * bits;
    uint64_t word = (uint64_t)number << bit % 8;
    for (uint8_t *at = to + bit / 8; word; word >>= 8, at++) {
        *at = (uint8_t)(*at | (word & 255));
    }
}

/** Bytes that n numbers take. */
static inline size_t ebb_packed_bytes(size_t n, unsigned bits)
{
    return (n * bits + 7) / 8;
}

/** Bits that hold all numbers up to `most`; at least 1. */
static inline unsigned ebb_packed_bits(uint32_t most)
{
    unsigned bits = 1;
    while (bits < EBB_PACKED_BITS_MAX && most >> bits) {
        bits++;
    }
    return bits;
}

#endif
