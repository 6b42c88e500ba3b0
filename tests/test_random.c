/* tests/test_random.c - streams of random numbers. */
#include "core/random.h"
#include "tests/run_suite.h"

#include <math.h>

/* Known answers of Philox 4x32-10 (Random123, kat_vectors): all counters and
 * keys 0. Our stream of seed 0 has the purpose in its counter, so the stream
 * is rewound to none. */
START_TEST(bits_are_those_of_philox)
{
    static const uint32_t known[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c,
                                     0x9b00dbd8};
    struct ebb_random r = ebb_random_stream(0, EBB_RANDOM_TEST, 0);
    r.counter[1] = 0;
    for (size_t k = 0; k < 4; k++) {
        ck_assert_uint_eq(ebb_random_bits(&r), known[k]);
    }
}
END_TEST

START_TEST(streams_differ_by_seed_purpose_and_index)
{
    struct ebb_random r[] = {ebb_random_stream(1, EBB_RANDOM_CUE, 0),
                             ebb_random_stream(1, EBB_RANDOM_CUE, 0),
                             ebb_random_stream(2, EBB_RANDOM_CUE, 0),
                             ebb_random_stream(1, EBB_RANDOM_TEST, 0),
                             ebb_random_stream(1, EBB_RANDOM_CUE, 1),
                             ebb_random_stream(1, EBB_RANDOM_CUE, 1ULL << 40)};
    uint32_t first[6];
    for (size_t k = 0; k < 6; k++) {
        first[k] = ebb_random_bits(&r[k]);
    }
    ck_assert_uint_eq(first[0], first[1]);
    for (size_t a = 1; a < 6; a++) {
        for (size_t b = a + 1; b < 6; b++) {
            ck_assert_uint_ne(first[a], first[b]);
        }
    }
}
END_TEST

START_TEST(copy_of_a_stream_repeats_it)
{
    struct ebb_random r = ebb_random_stream(3, EBB_RANDOM_TEST, 4);
    (void)ebb_random_bits(&r);
    struct ebb_random copy = r;
    for (size_t k = 0; k < 50; k++) {
        ck_assert_uint_eq(ebb_random_bits(&r), ebb_random_bits(&copy));
    }
}
END_TEST

/* Mean and variance of many draws against those of the distribution, to five
 * standard errors. */
static void check_moments(const double *x, size_t n, double mean,
                          double variance)
{
    double sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++) {
        sum += x[k];
    }
    for (size_t k = 0; k < n; k++) {
        squares += (x[k] - mean) * (x[k] - mean);
    }
    ck_assert_double_eq_tol(sum / (double)n, mean,
                            5 * sqrt(variance / (double)n));
    ck_assert_double_eq_tol(squares / (double)n / variance, 1, .05);
}

enum { DRAWS = 40000 };

START_TEST(draws_have_the_mean_and_variance_of_their_distribution)
{
    static double x[4][DRAWS];
    const double p = .2;
    struct ebb_random r = ebb_random_stream(5, EBB_RANDOM_TEST, 1);
    for (size_t k = 0; k < DRAWS; k++) {
        x[0][k] = ebb_random_uniform(&r);
        x[1][k] = ebb_random_normal(&r);
        x[2][k] = (double)ebb_random_geometric(&r, p);
        x[3][k] = ebb_random_below(&r, 10);
        ck_assert(x[0][k] >= 0 && x[0][k] < 1 && x[3][k] < 10);
    }
    check_moments(x[0], DRAWS, .5, 1. / 12);
    check_moments(x[1], DRAWS, 0, 1);
    check_moments(x[2], DRAWS, (1 - p) / p, (1 - p) / (p * p));
    check_moments(x[3], DRAWS, 4.5, 99. / 12);
}
END_TEST

START_TEST(draws_at_the_edges_stay_within_bounds)
{
    struct ebb_random r = ebb_random_stream(6, EBB_RANDOM_TEST, 2);
    for (size_t k = 0; k < 1000; k++) {
        ck_assert_uint_eq(ebb_random_below(&r, 1), 0);
        ck_assert_uint_lt(ebb_random_below(&r, UINT32_MAX), UINT32_MAX);
        ck_assert_uint_eq(ebb_random_geometric(&r, 1), 0);
        ck_assert_uint_le(ebb_random_geometric(&r, 1e-300), UINT64_MAX / 2);
        double x = ebb_random_between(&r, -2, 3);
        ck_assert(x >= -2 && x < 3);
    }
}
END_TEST

RUN_SUITE("core", "random", bits_are_those_of_philox,
          streams_differ_by_seed_purpose_and_index, copy_of_a_stream_repeats_it,
          draws_have_the_mean_and_variance_of_their_distribution,
          draws_at_the_edges_stay_within_bounds)
