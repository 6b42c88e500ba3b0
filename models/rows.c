/* models/rows.c - rows read back, and what they take. */
#include "models/rows_layout.h"

#include "core/half.h"

#include <math.h>
#include <stdio.h>

/* Enough slices for several to compute, sums that stay in the L2 cache. */
size_t ebb_rows_slice(size_t n)
{
    enum { LEAST = 4096, MOST = 32768, ENOUGH = 8 };
    size_t slice = LEAST;
    while (slice < MOST && n / slice >= 2 * ENOUGH) {
        slice *= 2;
    }
    return slice;
}

void ebb_rows_destroy(struct ebb_rows *rows)
{
    if (rows) {
        ebb_mem_free(rows->start);
        ebb_mem_free(rows->length);
        ebb_mem_free(rows->largest);
        ebb_mem_free(rows->data);
        ebb_mem_free(rows);
    }
}

struct ebb_rows_shape ebb_rows_shape(const struct ebb_rows *rows)
{
    return rows->shape;
}

enum ebb_number ebb_rows_number(const struct ebb_rows *rows)
{
    return rows->number;
}

size_t ebb_rows_length(const struct ebb_rows *rows, size_t source)
{
    return rows->length[source];
}

size_t ebb_rows_longest(const struct ebb_rows *rows)
{
    return rows->longest;
}

uint64_t ebb_rows_synapses(const struct ebb_rows *rows)
{
    return rows->synapses;
}

uint64_t ebb_rows_kept(const struct ebb_rows *rows)
{
    return rows->kept;
}

double ebb_rows_weight(const struct ebb_rows *rows, const uint8_t *from,
                       size_t k)
{
    uint16_t half;
    float single;
    double w;
    switch (rows->form.weights) {
    case EBB_WEIGHTS_CONSTANT:
        return rows->value[0];
    case EBB_WEIGHTS_CODES:
        return rows->value[from[k]];
    case EBB_WEIGHTS_HALF:
        memcpy(&half, from + k * sizeof(half), sizeof(half));
        return (double)ebb_half_value(half);
    case EBB_WEIGHTS_FLOAT:
        memcpy(&single, from + k * sizeof(single), sizeof(single));
        return ebb_rows_widen(single);
    case EBB_WEIGHTS_DOUBLE:
        break;
    }
    memcpy(&w, from + k * sizeof(w), sizeof(w));
    return w;
}

static void read_segment(const struct ebb_rows *rows, const uint8_t *from,
                         size_t n, size_t begin, uint32_t *target)
{
    const struct ebb_segment_form *form = &rows->form;
    uint32_t last = (uint32_t)begin;
    for (size_t k = 0; k < n; k++) {
        target[k] = last + ebb_packed_at(from, k, form->bits);
        last = form->deltas ? target[k] : last;
    }
}

static void read_weights(const struct ebb_rows *rows, const uint8_t *from,
                         size_t n, void *weight, size_t done)
{
    for (size_t k = 0; k < n; k++) {
        double w = ebb_rows_weight(rows, from, k);
        if (rows->number == EBB_FLOAT32) {
            ((float *)weight)[done + k] = ebb_rows_narrow(w);
        } else {
            ((double *)weight)[done + k] = w;
        }
    }
}

size_t ebb_rows_read(const struct ebb_rows *rows, size_t source,
                     uint32_t *target, void *weight)
{
    const struct ebb_segment_form *form = &rows->form;
    const uint8_t *count = rows->data + rows->start[source];
    const uint8_t *at = count + form->segments * form->count_bytes;
    size_t begin = rows->shape.first_slice * rows->shape.slice, done = 0;
    for (size_t s = 0; s < form->segments; s++, begin += form->span) {
        size_t n = ebb_segment_count(form, count, s);
        read_segment(rows, at, n, begin, target + done);
        if (weight) {
            read_weights(rows, at + ebb_packed_bytes(n, form->bits), n, weight,
                         done);
        }
        at += ebb_segment_bytes(form, n);
        done += n;
    }
    return done;
}

double ebb_rows_largest(const struct ebb_rows *rows, size_t source)
{
    const struct ebb_segment_form *form = &rows->form;
    const uint8_t *count = rows->data + rows->start[source];
    const uint8_t *at = count + form->segments * form->count_bytes;
    double most = 0;
    if (rows->largest) {
        return rows->largest[source];
    }
    for (size_t s = 0; s < form->segments; s++) {
        size_t n = ebb_segment_count(form, count, s);
        const uint8_t *weight = at + ebb_packed_bytes(n, form->bits);
        for (size_t k = 0; k < n; k++) {
            most = fmax(most, fabs(ebb_rows_weight(rows, weight, k)));
        }
        at += ebb_segment_bytes(form, n);
    }
    return most;
}

bool ebb_rows_constant(const struct ebb_rows *rows)
{
    return rows->form.weights == EBB_WEIGHTS_CONSTANT;
}

size_t ebb_rows_bytes(const struct ebb_rows *rows)
{
    size_t n = rows->shape.sources;
    return sizeof(*rows) + (n + 1) * sizeof(*rows->start) +
           n * sizeof(*rows->length) + (size_t)rows->start[n] +
           EBB_SEGMENT_MARGIN;
}

void ebb_rows_layout(const struct ebb_rows *rows, char *text, size_t size)
{
    static const char *const names[] = {[EBB_WEIGHTS_CONSTANT] = "constant",
                                        [EBB_WEIGHTS_HALF] = "half",
                                        [EBB_WEIGHTS_FLOAT] = "float",
                                        [EBB_WEIGHTS_DOUBLE] = "double"};
    const struct ebb_segment_form *form = &rows->form;
    char few[40];
    snprintf(few, sizeof(few), "8 bits, one of %zu", rows->n_values);
    snprintf(text, size, "targets: %u-bit %s, weights: %s", form->bits,
             form->deltas ? "deltas" : "places",
             form->weights == EBB_WEIGHTS_CODES ? few : names[form->weights]);
}
