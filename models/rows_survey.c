/* models/rows_survey.c - what rows are like: lengths, gaps, weights. */
#include "models/rows_parts.h"

#include "core/half.h"

#include <stdlib.h>

enum { SLOTS = sizeof(((struct value_set *)0)->slot) / sizeof(uint16_t) };

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* The slot of a value: its own, or the free one where it belongs. */
static size_t slot_of(const struct value_set *set, uint64_t bits)
{
    size_t at = (size_t)(bits * 0x9E3779B97F4A7C15U >> 54); /* of 1024 */
    while (set->slot[at] && set->bits[set->slot[at] - 1] != bits) {
        at = (at + 1) % SLOTS;
    }
    return at;
}

void value_set_add(struct value_set *set, double value)
{
    uint64_t bits = bits_of(value);
    size_t at = set->over ? 0 : slot_of(set, bits);
    if (set->over || set->slot[at]) {
        return;
    }
    if (set->n == EBB_SEGMENT_VALUES) {
        set->over = true;
        return;
    }
    set->bits[set->n++] = bits;
    set->slot[at] = (uint16_t)set->n;
}

void value_set_merge(struct value_set *set, const struct value_set *more)
{
    set->over = set->over || more->over;
    for (size_t k = 0; k < more->n; k++) {
        double value;
        memcpy(&value, &more->bits[k], sizeof(value));
        value_set_add(set, value);
    }
}

static int by_bits(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void value_set_sort(struct value_set *set)
{
    qsort(set->bits, set->n, sizeof(*set->bits), by_bits);
    memset(set->slot, 0, sizeof(set->slot));
    for (size_t k = 0; k < set->n; k++) {
        set->slot[slot_of(set, set->bits[k])] = (uint16_t)(k + 1);
    }
}

size_t value_set_find(const struct value_set *set, double value)
{
    return set->slot[slot_of(set, bits_of(value))] - (size_t)1;
}

void row_kept(const struct ebb_rows_shape *shape, const struct row *row,
              size_t *from, size_t *to)
{
    size_t low = shape->first_slice * shape->slice;
    size_t high = shape->last_slice * shape->slice;
    *from = 0;
    *to = row->n;
    while (*from < row->n && row->target[*from] < low) {
        (*from)++;
    }
    while (*to > *from && row->target[*to - 1] >= high) {
        (*to)--;
    }
}

struct survey survey_start(void)
{
    return (struct survey){.half = true, .single = true};
}

static ebb_status check_row(const struct ebb_rows_shape *shape,
                            const struct row *row)
{
    for (size_t k = 0; k < row->n; k++) {
        bool falls = k > 0 && row->target[k] < row->target[k - 1];
        if (falls || row->target[k] >= shape->targets) {
            return EBB_FAIL(EBB_ERR_SHAPE,
                            "row %zu: target %zu of %zu is %u; targets rise "
                            "within a row and are below %zu",
                            row->source, k, row->n, row->target[k],
                            shape->targets);
        }
    }
    return EBB_OK;
}

/* Doubles that floats hold, but denormal, would be lost in the processor. */
static void survey_weight(struct survey *s, double w, enum ebb_number number)
{
    uint16_t ignored;
    bool lost = number == EBB_FLOAT64 && ebb_rows_is_denormal(w);
    value_set_add(&s->values, w);
    s->single = s->single && !lost &&
                bits_of(ebb_rows_widen(ebb_rows_narrow(w))) == bits_of(w);
    s->half = s->half && ebb_half_exact(w, &ignored);
}

static void survey_segment(struct survey *s, size_t n, unsigned slice_bits,
                           struct row_size *size)
{
    s->fullest = n > s->fullest ? n : s->fullest;
    size->codes += (uint32_t)ebb_packed_bytes(n, slice_bits);
}

ebb_status survey_row(struct survey *s, const struct ebb_rows_shape *shape,
                      const struct row *row, struct row_size *size)
{
    EBB_TRY(check_row(shape, row));
    size_t from, to, own = 0;
    uint32_t slice = (uint32_t)shape->slice;
    uint32_t first = (uint32_t)shape->first_slice * slice;
    uint32_t last = first, begin = first; /* target before, own slice */
    unsigned bits = ebb_packed_bits(slice - 1);
    row_kept(shape, row, &from, &to);
    *size = (struct row_size){.kept = (uint32_t)(to - from)};
    for (size_t k = from; k < to; k++) {
        uint32_t t = row->target[k], step = t - last;
        s->twice = s->twice || (own > 0 && step == 0);
        s->range_step = step > s->range_step ? step : s->range_step;
        if (t - begin >= slice) {
            survey_segment(s, own, bits, size);
            own = 0;
            begin = t / slice * slice;
            step = t - begin;
        }
        s->slice_step = step > s->slice_step ? step : s->slice_step;
        last = t;
        own++;
        survey_weight(s, row_weight(row, k), row->number);
    }
    survey_segment(s, own, bits, size);
    s->longest = to - from > s->longest ? to - from : s->longest;
    s->kept += to - from;
    s->synapses += row->n;
    return EBB_OK;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void survey_merge(struct survey *s, const struct survey *more)
{
    value_set_merge(&s->values, &more->values);
    s->twice = s->twice || more->twice;
    s->half = s->half && more->half;
    s->single = s->single && more->single;
    s->synapses += more->synapses;
    s->kept += more->kept;
    s->longest = larger(s->longest, more->longest);
    s->fullest = larger(s->fullest, more->fullest);
    s->slice_step = (uint32_t)larger(s->slice_step, more->slice_step);
    s->range_step = (uint32_t)larger(s->range_step, more->range_step);
}

static void choose_weights(const struct survey *s,
                           struct ebb_segment_form *form)
{
    static const unsigned bytes[] = {[EBB_WEIGHTS_CONSTANT] = 0,
                                     [EBB_WEIGHTS_CODES] = 1,
                                     [EBB_WEIGHTS_HALF] = 2,
                                     [EBB_WEIGHTS_FLOAT] = 4,
                                     [EBB_WEIGHTS_DOUBLE] = 8};
    bool few = !s->values.over;
    form->weights = few && s->values.n <= 1 ? EBB_WEIGHTS_CONSTANT
                    : few                   ? EBB_WEIGHTS_CODES
                    : s->half               ? EBB_WEIGHTS_HALF
                    : s->single             ? EBB_WEIGHTS_FLOAT
                                            : EBB_WEIGHTS_DOUBLE;
    form->weight_bytes = bytes[form->weights];
}

struct ebb_segment_form survey_form(const struct survey *s,
                                    const struct ebb_rows_shape *shape)
{
    enum { FEW = 4 }; /* synapses in a slice: not worth a count */
    size_t slices = shape->last_slice - shape->first_slice;
    size_t range = slices * shape->slice;
    size_t most = shape->targets - shape->first_slice * shape->slice;
    bool whole = s->kept / FEW < shape->sources * slices;
    struct ebb_segment_form form = {.segments = whole ? 1 : slices,
                                    .span = whole ? range : shape->slice};
    size_t places = whole && most < range ? most : form.span;
    size_t fullest = whole ? s->longest : s->fullest;
    choose_weights(s, &form);
    form.distinct = !s->twice;
    form.count_bytes = fullest < 1U << 8 ? 1 : fullest < 1U << 16 ? 2 : 4;
    form.bits = ebb_packed_bits((uint32_t)(places - 1));
    /* Places can be read at once: deltas only where an eighth is gained. */
    unsigned step = ebb_packed_bits(whole ? s->range_step : s->slice_step);
    unsigned all = form.bits + 8 * form.weight_bytes;
    form.deltas = step < form.bits && 8 * (form.bits - step) >= all;
    form.bits = form.deltas ? step : form.bits;
    return form;
}
