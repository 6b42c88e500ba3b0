/* models/rows_layout.h - how rows stand in memory, for those who walk over them
 * without reading them back. Part of models/rows.h.
 *
 * A row, from data + start[j] on:
 *
 *     count    [segments], of 1, 2 or 4 bytes each
 *     segment  its targets, packed (core/packed.h), up to a whole byte, and its
 *              weights; one after the other
 *
 * Numbers stand in the byte order of the machine, at any address. Behind the
 * last row are EBB_ROWS_MARGIN bytes that may be loaded. */
#ifndef EBB_MODELS_ROWS_LAYOUT_H
#define EBB_MODELS_ROWS_LAYOUT_H

#include "core/packed.h"
#include "models/rows.h"

enum { EBB_ROWS_MARGIN = 64, EBB_ROWS_VALUES = 256 };

enum ebb_rows_weights {
    EBB_ROWS_CONSTANT, /* value[0] */
    EBB_ROWS_CODES,    /* value[byte] */
    EBB_ROWS_HALF,
    EBB_ROWS_FLOAT,
    EBB_ROWS_DOUBLE
};

/* How targets and weights are coded; the same in all rows. */
struct ebb_rows_form {
    size_t segments; /* of a row: the slices that are kept, or 1 */
    size_t span;     /* targets that a segment is about */
    unsigned bits;   /* of a target */
    bool deltas;     /* from the target before, in a segment's first from the
                        beginning of its span; else all from there */
    enum ebb_rows_weights weights;
    unsigned weight_bytes;
    unsigned count_bytes;
};

struct ebb_rows {
    struct ebb_rows_shape shape;
    enum ebb_number number;
    struct ebb_rows_form form;
    double value[EBB_ROWS_VALUES];
    size_t n_values;
    uint64_t *start;  /* [sources + 1] bytes of data before each row */
    uint32_t *length; /* [sources] synapses of whole rows */
    uint8_t *data;    /* [start[sources] + EBB_ROWS_MARGIN] */
    size_t longest;   /* of the synapses that are kept */
    uint64_t synapses, kept;
};

/** Synapses of segment k of the row whose counts begin at `count`. */
static inline size_t ebb_rows_count(const struct ebb_rows_form *form,
                                    const uint8_t *count, size_t k)
{
    uint16_t two;
    uint32_t four;
    switch (form->count_bytes) {
    case 1:
        return count[k];
    case 2:
        memcpy(&two, count + 2 * k, sizeof(two));
        return two;
    default:
        memcpy(&four, count + 4 * k, sizeof(four));
        return four;
    }
}

/** Weight k of those that begin at `from`. */
double ebb_rows_weight(const struct ebb_rows *rows, const uint8_t *from,
                       size_t k);

/** Bytes of a segment of n synapses. */
static inline size_t ebb_rows_segment(const struct ebb_rows_form *form,
                                      size_t n)
{
    return ebb_packed_bytes(n, form->bits) + n * form->weight_bytes;
}

#endif
