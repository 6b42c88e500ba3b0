/* core/random.h - counter-based random numbers (Philox 4x32-10).
 *
 * A draw is a function of (seed, purpose, index, number of the draw) alone, so
 * the same numbers come out for any number of threads and after any restart.
 * Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". */
#ifndef EBB_CORE_RANDOM_H
#define EBB_CORE_RANDOM_H

#include <stdint.h>

/** What a stream of numbers is for; streams of two purposes never meet. */
enum ebb_random_purpose {
    EBB_RANDOM_WEIGHTS = 1, /* index: projection */
    EBB_RANDOM_BIAS,        /* index: population */
    EBB_RANDOM_SHUFFLE,     /* index: epoch */
    EBB_RANDOM_CUE,         /* index: sample number over all epochs */
    EBB_RANDOM_DROPOUT,     /* index: sample number over all epochs */
    EBB_RANDOM_PATTERN,     /* index: pattern */
    EBB_RANDOM_CONNECT,     /* index: projection << 32 | target neuron */
    EBB_RANDOM_TEST,        /* index: free for tests and benchmarks */
    EBB_RANDOM_AUGMENT,     /* index: epoch << 32 | sample */
    EBB_RANDOM_HELD_OUT,    /* index: class */
    EBB_RANDOM_SPLIT,       /* index: class */
    EBB_RANDOM_ASSEMBLY,    /* index: pattern of an associative memory */
    EBB_RANDOM_AXON,        /* index: projection << 32 | source neuron */
    EBB_RANDOM_ENCODE,      /* index: epoch << 32 | sample */
    EBB_RANDOM_ENCODER      /* index: input of an encoder */
};

/** One stream of random numbers. Plain data: a copy repeats the original. */
struct ebb_random {
    uint32_t counter[4]; /* draw, purpose, index low, index high */
    uint32_t key[2];     /* seed */
    uint32_t block[4];   /* numbers of the current counter */
    unsigned used;       /* how many of them are spent */
};

/** The stream of one purpose and index. */
struct ebb_random ebb_random_stream(uint64_t seed,
                                    enum ebb_random_purpose purpose,
                                    uint64_t index);

/** Uniform 32 random bits. */
uint32_t ebb_random_bits(struct ebb_random *r);

/** Uniform in [0, 1), 53 bits. */
double ebb_random_uniform(struct ebb_random *r);

/** Uniform in [low, high). */
double ebb_random_between(struct ebb_random *r, double low, double high);

/** Uniform integer in [0, n), n >= 1; without modulo bias. */
uint32_t ebb_random_below(struct ebb_random *r, uint32_t n);

/** Standard normal (Box-Muller). */
double ebb_random_normal(struct ebb_random *r);

/** Number of failures before the next success of probability p in (0, 1]:
 *  jumps from one random event to the next. Saturates at UINT64_MAX / 2. */
uint64_t ebb_random_geometric(struct ebb_random *r, double p);

#endif
