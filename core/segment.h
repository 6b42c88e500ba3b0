/* core/segment.h - synapses of one axon onto a run of targets, packed, and what
 * a spike does with them.
 *
 * A row of synapses is a count for each of its segments and then the segments:
 * targets, packed (core/packed.h), up to a whole byte, and the weights. Numbers
 * stand in the byte order of the machine, at any address; EBB_SEGMENT_MARGIN
 * bytes behind the last one have to be there, as they may be loaded. */
#ifndef EBB_CORE_SEGMENT_H
#define EBB_CORE_SEGMENT_H

#include "core/packed.h"
#include "core/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    EBB_SEGMENT_MARGIN = 64,
    EBB_SEGMENT_VALUES = 256,
    EBB_SEGMENT_LANES = 16 /* rooms of n numbers are of n + so many */
};

enum ebb_segment_weights {
    EBB_WEIGHTS_CONSTANT, /* value[0] */
    EBB_WEIGHTS_CODES,    /* value[byte] */
    EBB_WEIGHTS_HALF,
    EBB_WEIGHTS_FLOAT,
    EBB_WEIGHTS_DOUBLE
};

/** How targets and weights are coded; the same in all rows. */
struct ebb_segment_form {
    size_t segments; /* of a row */
    size_t span;     /* targets that a segment is about */
    unsigned bits;   /* of a target */
    bool deltas;     /* from the target before, in a segment's first from the
                        beginning of its span; else all from there */
    bool distinct;   /* no row has a target twice */
    enum ebb_segment_weights weights;
    const double *value; /* [EBB_SEGMENT_VALUES] constant and codes */
    unsigned weight_bytes;
    unsigned count_bytes; /* 1, 2 or 4 */
};

/** Synapses of segment k of the row whose counts begin at `count`. */
static inline size_t ebb_segment_count(const struct ebb_segment_form *form,
                                       const uint8_t *count, size_t k)
{
    uint16_t two;
    uint32_t four;
    if (form->count_bytes == 1) {
        return count[k];
    }
    if (form->count_bytes == 2) {
        memcpy(&two, count + 2 * k, sizeof(two));
        return two;
    }
    memcpy(&four, count + 4 * k, sizeof(four));
    return four;
}

/** Bytes of a segment of n synapses. */
static inline size_t ebb_segment_bytes(const struct ebb_segment_form *form,
                                       size_t n)
{
    return ebb_packed_bytes(n, form->bits) + n * form->weight_bytes;
}

/** A row being gone through, one segment after the other. */
struct ebb_segment_row {
    const uint8_t *at;    /* the next segment */
    const uint8_t *count; /* counts of all */
    double x;             /* what its axon carries */
};

#define EBB_REAL_BITS 32
#include "core/real_begin.inc"
#include "core/segment.inc"
#include "core/real_end.inc"

#define EBB_REAL_BITS 64
#include "core/real_begin.inc"
#include "core/segment.inc"
#include "core/real_end.inc"

#endif
