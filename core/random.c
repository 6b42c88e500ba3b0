/* core/random.c - counter-based random numbers (Philox 4x32-10). */
#include "core/random.h"

#include <Random123/philox.h>
#include <math.h>
#include <string.h>

struct ebb_random ebb_random_stream(uint64_t seed,
                                    enum ebb_random_purpose purpose,
                                    uint64_t index)
{
    struct ebb_random r = {
        .counter = {0, (uint32_t)purpose, (uint32_t)index,
                    (uint32_t)(index >> 32)},
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .used = 4,
    };
    return r;
}

uint32_t ebb_random_bits(struct ebb_random *r)
{
    if (r->used == 4) {
        philox4x32_ctr_t counter;
        philox4x32_key_t key;
        memcpy(counter.v, r->counter, sizeof(r->counter));
        memcpy(key.v, r->key, sizeof(r->key));
        philox4x32_ctr_t block = philox4x32(counter, key);
        memcpy(r->block, block.v, sizeof(r->block));
        r->counter[0]++;
        r->used = 0;
    }
    return r->block[r->used++];
}

double ebb_random_uniform(struct ebb_random *r)
{
    uint64_t high = ebb_random_bits(r) >> 5; /* 27 bits */
    uint64_t low = ebb_random_bits(r) >> 6;  /* 26 bits */
    return (double)(high << 26 | low) * 0x1p-53;
}

double ebb_random_between(struct ebb_random *r, double low, double high)
{
    return low + (high - low) * ebb_random_uniform(r);
}

uint32_t ebb_random_below(struct ebb_random *r, uint32_t n)
{
    uint32_t limit = UINT32_MAX - UINT32_MAX % n; /* a multiple of n */
    uint32_t bits;
    do {
        bits = ebb_random_bits(r);
    } while (bits >= limit);
    return bits % n;
}

double ebb_random_normal(struct ebb_random *r)
{
    const double two_pi = 6.283185307179586;
    double u = 1.0 - ebb_random_uniform(r); /* (0, 1] */
    double angle = two_pi * ebb_random_uniform(r);
    return sqrt(-2.0 * log(u)) * cos(angle);
}

uint64_t ebb_random_geometric(struct ebb_random *r, double p)
{
    if (p >= 1.0) {
        return 0;
    }
    double u = 1.0 - ebb_random_uniform(r);
    double failures = floor(log(u) / log1p(-p));
    return failures < 0x1p62 ? (uint64_t)failures : UINT64_MAX / 2;
}
