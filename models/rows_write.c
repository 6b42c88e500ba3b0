/* models/rows_write.c - rows into their bytes. */
#include "models/rows_parts.h"

#include "core/half.h"

/* Synapses from k on that lie in one segment; *begin: its first target. */
static size_t segment_of(const struct ebb_rows *rows, const struct row *row,
                         size_t k, size_t to, size_t segment, size_t *begin)
{
    const struct ebb_segment_form *form = &rows->form;
    size_t first = rows->shape.first_slice * rows->shape.slice, n = 0;
    *begin = first + segment * form->span;
    while (k + n < to && row->target[k + n] < *begin + form->span) {
        n++;
    }
    return n;
}

size_t row_bytes(const struct ebb_rows *rows, const struct row *row)
{
    const struct ebb_segment_form *form = &rows->form;
    size_t k, to, begin, bytes = form->segments * form->count_bytes;
    row_kept(&rows->shape, row, &k, &to);
    for (size_t s = 0; s < form->segments; s++) {
        size_t n = segment_of(rows, row, k, to, s, &begin);
        bytes += ebb_segment_bytes(form, n);
        k += n;
    }
    return bytes;
}

static void put_count(uint8_t *to, unsigned bytes, size_t k, size_t n)
{
    uint8_t one = (uint8_t)n;
    uint16_t two = (uint16_t)n;
    uint32_t four = (uint32_t)n;
    const void *from = bytes == 1   ? (void *)&one
                       : bytes == 2 ? (void *)&two
                                    : (void *)&four;
    memcpy(to + k * bytes, from, bytes);
}

static void put_targets(const struct ebb_segment_form *form, uint8_t *to,
                        const uint32_t *target, size_t n, size_t begin)
{
    uint32_t last = (uint32_t)begin;
    for (size_t k = 0; k < n; k++) {
        ebb_packed_put(to, k, form->bits, target[k] - last);
        last = form->deltas ? target[k] : last;
    }
}

static void put_weight(const struct ebb_segment_form *form,
                       const struct value_set *values, uint8_t *to, double w)
{
    float single = ebb_rows_narrow(w);
    uint16_t half = 0;
    switch (form->weights) {
    case EBB_WEIGHTS_CONSTANT:
        break;
    case EBB_WEIGHTS_CODES:
        *to = (uint8_t)value_set_find(values, w);
        break;
    case EBB_WEIGHTS_HALF:
        (void)ebb_half_exact(w, &half);
        memcpy(to, &half, sizeof(half));
        break;
    case EBB_WEIGHTS_FLOAT:
        memcpy(to, &single, sizeof(single));
        break;
    case EBB_WEIGHTS_DOUBLE:
        memcpy(to, &w, sizeof(w));
        break;
    }
}

void row_write(const struct ebb_rows *rows, const struct value_set *values,
               const struct row *row)
{
    const struct ebb_segment_form *form = &rows->form;
    uint8_t *count = rows->data + rows->start[row->source];
    uint8_t *at = count + form->segments * form->count_bytes;
    size_t k, to, begin;
    row_kept(&rows->shape, row, &k, &to);
    for (size_t s = 0; s < form->segments; s++) {
        size_t n = segment_of(rows, row, k, to, s, &begin);
        put_count(count, form->count_bytes, s, n);
        put_targets(form, at, row->target + k, n, begin);
        at += ebb_packed_bytes(n, form->bits);
        for (size_t i = 0; i < n; i++, at += form->weight_bytes) {
            put_weight(form, values, at, row_weight(row, k + i));
        }
        k += n;
    }
}
