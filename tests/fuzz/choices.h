/* tests/fuzz/choices.h - the bytes that a fuzzer makes up, as a row of
 * choices. Beyond the last byte all are 0. */
#ifndef EBB_TESTS_FUZZ_CHOICES_H
#define EBB_TESTS_FUZZ_CHOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct choices {
    const uint8_t *at;
    size_t n;
};

/** The next `n` bytes into `out`. */
static inline void choose_bytes(struct choices *c, void *out, size_t n)
{
    size_t have = n < c->n ? n : c->n;
    if (have > 0) {
        memcpy(out, c->at, have);
    }
    memset((uint8_t *)out + have, 0, n - have);
    c->at += have;
    c->n -= have;
}

/** One of n <= 256; the first for most bytes, so that few choices of a row
 *  are odd ones. */
static inline unsigned choose_mostly_first(struct choices *c, unsigned n)
{
    uint8_t byte;
    choose_bytes(c, &byte, 1);
    return byte >= 128 ? byte % n : 0;
}

/** One of n <= 256. */
static inline unsigned choose(struct choices *c, unsigned n)
{
    uint8_t byte;
    choose_bytes(c, &byte, 1);
    return byte % n;
}

static inline int64_t choose_number(struct choices *c)
{
    int64_t number;
    choose_bytes(c, &number, sizeof(number));
    return number;
}

#endif
