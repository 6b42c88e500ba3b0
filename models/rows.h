/* models/rows.h - synapses of a sparse projection, row by row, in the smallest
 * layout that keeps every bit.
 *
 * Row j holds the targets of axon j, rising (equal ones keep their order), and
 * their weights. Targets are cut into slices, runs of a power of two whose sums
 * stay in the L2 cache; the synapses of a row that lie in one slice stand
 * together, a segment. Where rows are so short that slices would stand empty,
 * a row is one segment.
 *
 *     targets   places within the slice of the segment, or distances from the
 *               one before, as many bits each as the largest needs
 *     weights   nothing where all are equal; one byte each where at most 256
 *               are different (8-bit weights with a scale are); else half,
 *               float or double, the smallest that is exact for all
 *
 * 1000 targets out of 10^6 take 1.9 bytes per synapse and the weight. Rows are
 * read only; any number of threads may read at once. */
#ifndef EBB_MODELS_ROWS_H
#define EBB_MODELS_ROWS_H

#include "models/network.h"

struct ebb_rows;

/** Targets of a slice for a population of n: a power of two from 4096 to
 *  32768, by its size alone. */
size_t ebb_rows_slice(size_t n);

/** What rows there are, and which part of them is kept. */
struct ebb_rows_shape {
    size_t sources, targets;        /* axons and neurons; both >= 1 */
    size_t slice;                   /* 0: ebb_rows_slice(targets); else a power
                                        of two from 64 to 32768 */
    size_t first_slice, last_slice; /* kept: first <= slice < last; both 0:
                                        all. Length of rows is that of whole
                                        ones in any case */
    unsigned threads;               /* to build with; 0: all cores */
};

/** Where rows come from: a function of the source's number alone, asked twice
 *  or three times for each. */
struct ebb_row_source {
    void *self;
    size_t most; /* synapses of one row, at most; room for so many is given */
    enum ebb_number number; /* type of the weights */
    /** Memory of one thread into *thread, and back; NULL: none is needed. */
    ebb_status (*begin)(void *self, void **thread);
    void (*end)(void *self, void *thread);
    /** Row `source`: *n targets, rising, and their weights, float or double.
     *  Called from several threads at once. */
    ebb_status (*row)(void *self, void *thread, size_t source, uint32_t *target,
                      void *weight, size_t *n);
};

/** Told now and then how many of all rows are done, from one thread at a time;
 *  may end the work by a status. */
struct ebb_rows_watch {
    void *self;
    ebb_status (*rows)(void *self, size_t done, size_t total);
};

/**
 * Build rows from a source. The bytes are the same for any number of threads.
 *
 *     watch  or NULL
 *
 * Errors: EBB_ERR_ARG (shape), EBB_ERR_SHAPE (targets that fall or are too
 * large, a row of more than `most`), EBB_ERR_NOMEM before more is taken than
 * the machine has, and what source and watch report.
 */
EBB_NODISCARD ebb_status ebb_rows_build(struct ebb_rows **out,
                                        const struct ebb_rows_shape *shape,
                                        const struct ebb_row_source *source,
                                        const struct ebb_rows_watch *watch);

/**
 * Build rows from compressed rows (CSR), which are read and left alone.
 *
 *     indptr   [sources + 1]  first synapse of each row, rising from 0
 *     indices  [synapses]     targets
 *     weight   [synapses]     of type `number`
 *
 * Errors: as of ebb_rows_build().
 */
EBB_NODISCARD ebb_status ebb_rows_pack(struct ebb_rows **out,
                                       const struct ebb_rows_shape *shape,
                                       const uint64_t *indptr,
                                       const uint32_t *indices,
                                       const void *weight,
                                       enum ebb_number number);

/** Free the rows. NULL is allowed. */
void ebb_rows_destroy(struct ebb_rows *rows);

/** Shape as it was asked for, with what was left open. */
struct ebb_rows_shape ebb_rows_shape(const struct ebb_rows *rows);

/** Type of the weights as they were given. */
enum ebb_number ebb_rows_number(const struct ebb_rows *rows);

/** Synapses of row j, those that are not kept included. O(1). */
size_t ebb_rows_length(const struct ebb_rows *rows, size_t source);

/** Synapses of the longest row that are kept. */
size_t ebb_rows_longest(const struct ebb_rows *rows);

/** Synapses of all rows: whole, or those that are kept. */
uint64_t ebb_rows_synapses(const struct ebb_rows *rows);
uint64_t ebb_rows_kept(const struct ebb_rows *rows);

/**
 * Read row j as it was given, bit for bit.
 *
 *     target  [ebb_rows_longest()]  out
 *     weight  [ebb_rows_longest()]  out  of type ebb_rows_number(); or NULL
 *
 * Returns how many there are.
 */
size_t ebb_rows_read(const struct ebb_rows *rows, size_t source,
                     uint32_t *target, void *weight);

/** Largest |weight| of row j, of the synapses that are not kept too; 0: there
 *  is none. */
double ebb_rows_largest(const struct ebb_rows *rows, size_t source);

/** Are all weights one number? */
bool ebb_rows_constant(const struct ebb_rows *rows);

/** Memory that they take, all of it. */
size_t ebb_rows_bytes(const struct ebb_rows *rows);

/** The layout in words, "targets: 15-bit places, weights: constant", into text
 *  [size]. */
void ebb_rows_layout(const struct ebb_rows *rows, char *text, size_t size);

#endif
