/* models/rows_parts.h - the steps of building rows, for their own sources.
 *
 * rows_build   passes over a source by several threads
 * rows_survey  what there is, and which form of it is the smallest
 * rows_pack    compressed rows as a source
 * rows_write   rows into their bytes
 * rows         rows read back */
#ifndef EBB_MODELS_ROWS_PARTS_H
#define EBB_MODELS_ROWS_PARTS_H

#include "models/rows_layout.h"

/* Different weights, as long as they are few. */
struct value_set {
    uint64_t bits[EBB_SEGMENT_VALUES]; /* of doubles */
    uint16_t slot[1024];               /* 1 + place in bits[]; 0: free */
    size_t n;
    bool over; /* there are more */
};

void value_set_add(struct value_set *set, double value);
void value_set_merge(struct value_set *set, const struct value_set *more);

/** Put values in an order that does not depend on who came first. */
void value_set_sort(struct value_set *set);

/** Place of a value that is there. */
size_t value_set_find(const struct value_set *set, double value);

/* What rows are like, as far as one thread has seen. */
struct survey {
    struct value_set values;
    bool half, single; /* all weights are exact so */
    bool twice;        /* a row has a target more than once */
    uint64_t synapses, kept;
    size_t longest;                  /* kept synapses of a row, at most */
    size_t fullest;                  /* of a segment, were they slices */
    uint32_t slice_step, range_step; /* largest delta, were segments slices or
                                        whole rows */
};

/* Of one row. */
struct row_size {
    uint32_t kept;
    uint32_t codes; /* bytes of its targets by places in slices */
};

/** One row, as a source gave it. */
struct row {
    size_t source, n;
    const uint32_t *target;
    const void *weight;
    enum ebb_number number;
};

static inline double row_weight(const struct row *row, size_t k)
{
    return row->number == EBB_FLOAT32
               ? ebb_rows_widen(((const float *)row->weight)[k])
               : ((const double *)row->weight)[k];
}

/** The synapses of a row that are kept: from <= k < to. */
void row_kept(const struct ebb_rows_shape *shape, const struct row *row,
              size_t *from, size_t *to);

/** Nothing seen yet. */
struct survey survey_start(void);

/** Check a row and note what it is like. Errors: EBB_ERR_SHAPE. */
EBB_NODISCARD ebb_status survey_row(struct survey *s,
                                    const struct ebb_rows_shape *shape,
                                    const struct row *row,
                                    struct row_size *size);

void survey_merge(struct survey *s, const struct survey *more);

/** The smallest form of what was seen. */
struct ebb_segment_form survey_form(const struct survey *s,
                                    const struct ebb_rows_shape *shape);

/** Bytes that a row takes, its targets coded anew. */
size_t row_bytes(const struct ebb_rows *rows, const struct row *row);

/** Write a row into its bytes, which are 0. */
void row_write(const struct ebb_rows *rows, const struct value_set *values,
               const struct row *row);

#endif
