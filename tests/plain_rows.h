/* tests/plain_rows.h - random compressed rows, of every kind. */
#ifndef EBB_TESTS_PLAIN_ROWS_H
#define EBB_TESTS_PLAIN_ROWS_H

#include "core/random.h"
#include "models/rows.h"

/** Compressed rows, and how they are to be packed. */
struct plain_rows {
    struct ebb_rows_shape shape; /* one thread */
    enum ebb_number number;
    uint64_t *indptr;
    uint32_t *indices;
    void *weight;
};

/** Weights by the layout that they end in. */
enum plain_weights { CONSTANT, EIGHT, HALF, SINGLE, DOUBLE, PLAIN_WEIGHTS };

/** A weight of that kind. */
double plain_weight(enum plain_weights kind, struct ebb_random *r);

/** Rows that are empty, have one target (often at the border of a slice), few,
 *  many, all, or the same ones twice; slices of 64 to 32768 targets; weights
 *  of every kind. The same for the same seed. */
struct plain_rows plain_rows_draw(uint64_t seed);

void plain_rows_finish(struct plain_rows *p);

/** qsort() order of numbers that rise. */
int plain_rising(const void *a, const void *b);

#endif
