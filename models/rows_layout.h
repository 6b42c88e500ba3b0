/* models/rows_layout.h - how rows stand in memory, for those who walk over them
 * without reading them back. Part of models/rows.h.
 *
 * Row j begins at data + start[j] and is as core/segment.h says; behind the
 * last one is the margin that it asks for. A segment is a slice, or all that is
 * kept of a row. */
#ifndef EBB_MODELS_ROWS_LAYOUT_H
#define EBB_MODELS_ROWS_LAYOUT_H

#include "core/segment.h"
#include "models/rows.h"

#include <math.h>

struct ebb_rows {
    struct ebb_rows_shape shape;
    enum ebb_number number;
    struct ebb_segment_form form;
    double value[EBB_SEGMENT_VALUES];   /* as they were given */
    double carried[EBB_SEGMENT_VALUES]; /* as they are delivered */
    size_t n_values;
    uint64_t *start;  /* [sources + 1] bytes of data before each row */
    uint32_t *length; /* [sources] synapses of whole rows */
    double *largest;  /* [sources] |weight| of whole rows; NULL: all is kept */
    uint8_t *data;    /* [start[sources] + EBB_SEGMENT_MARGIN] */
    size_t longest;   /* of the synapses that are kept */
    uint64_t synapses, kept;
};

/** A float as a double and back, with every bit: conversions of the processor
 *  lose denormals where it flushes them. */
static inline double ebb_rows_widen(float w)
{
    uint32_t bits;
    memcpy(&bits, &w, sizeof(bits));
    uint32_t fraction = bits & 0x7fffff;
    if ((bits >> 23 & 255) != 0 || fraction == 0) {
        return (double)w;
    }
    return ldexp(bits >> 31 ? -(double)fraction : (double)fraction, -149);
}

static inline float ebb_rows_narrow(double w)
{
    double size = fabs(w);
    float narrow = (float)w;
    if (size >= 0x1p-149 && size < 0x1p-126) {
        uint32_t bits = (uint32_t)ldexp(size, 149) | (w < 0 ? 1U << 31 : 0);
        memcpy(&narrow, &bits, sizeof(bits));
    }
    return narrow;
}

/** Is a weight a denormal number as a float? */
static inline bool ebb_rows_is_denormal(double w)
{
    return w != 0 && fabs(w) < 0x1p-126;
}

/** Weight k of those that begin at `from`. */
double ebb_rows_weight(const struct ebb_rows *rows, const uint8_t *from,
                       size_t k);

#endif
