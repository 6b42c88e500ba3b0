/* sim/deliver_rows.c - what the rows of a sparse projection bring.
 *
 * All rows that are due are gone through slice by slice, so that the sums of a
 * slice stay in the cache while they are added to; each target still gets its
 * additions in the order of rows. */
#include "sim/deliver_rows.h"
#include "sim/space.h"

#include "models/rows_layout.h"

#include <string.h>

enum {
    OPEN = 8192,   /* rows that are gone through at once */
    MANY = 1 << 20 /* synapses from which on threads are worth their while */
};

/* Segments of rows that are computed here. */
struct part {
    size_t from, to;
};

static struct part owned_part(const struct drive *d)
{
    const struct ebb_rows *rows = d->rows;
    size_t slice = rows->shape.slice;
    if (rows->form.span != slice) {
        return (struct part){0, 1};
    }
    return (struct part){d->own_from / slice - rows->shape.first_slice,
                         (d->own_to + slice - 1) / slice -
                             rows->shape.first_slice};
}

/* Target of a row at which its segment k begins. */
static size_t begin_of(const struct drive *d, size_t k)
{
    const struct ebb_rows *rows = d->rows;
    return rows->shape.first_slice * rows->shape.slice + k * rows->form.span;
}

static ebb_status take_rooms(struct ebb_engine *e, struct drive *d)
{
    size_t room = ebb_rows_longest(d->rows) + EBB_SEGMENT_LANES;
    size_t number = d->sum64 ? sizeof(double) : sizeof(float);
    d->open_room = d->axons < OPEN ? d->axons : OPEN;
    d->open = ebb_arena_calloc(e->arena, d->open_room, sizeof(*d->open));
    d->reached = ebb_arena_calloc(e->arena, room, sizeof(*d->reached));
    d->brought = ebb_arena_calloc(e->arena, room, number);
    return d->open && d->reached && d->brought ? EBB_OK : engine_no_memory();
}

ebb_status rows_take(struct ebb_engine *e, struct drive *d)
{
    const struct ebb_projection *p = d->p;
    const struct crowd *to = &e->crowd[p->target];
    struct ebb_rows_shape shape = {.sources = d->axons,
                                   .targets = d->targets,
                                   .slice = to->slice,
                                   .first_slice = d->own_from / to->slice,
                                   .last_slice =
                                       (d->own_to + to->slice - 1) / to->slice,
                                   .threads = p->synapses < MANY ? 1 : 0};
    bool compact = p->rows && ebb_rows_shape(p->rows).slice == to->slice;
    if (compact && !to->by_place) {
        d->rows = p->rows;
        return take_rooms(e, d);
    }
    if (to->by_place || p->rows) {
        EBB_TRY(space_pack(e, d, &shape));
    } else {
        EBB_TRY(ebb_rows_pack(&d->own_rows, &shape, p->indptr, p->indices,
                              p->weight, p->number));
    }
    d->rows = d->own_rows;
    return take_rooms(e, d);
}

/* Row `axon` from the first segment that is computed here on. */
static struct ebb_segment_row open_row(const struct drive *d, size_t axon,
                                       double x)
{
    const struct ebb_segment_form *form = &d->rows->form;
    struct ebb_segment_row row = {.count = d->rows->data + d->rows->start[axon],
                                  .x = x};
    size_t before = owned_part(d).from;
    row.at = row.count + form->segments * form->count_bytes;
    for (size_t k = 0; k < before; k++) {
        row.at +=
            ebb_segment_bytes(form, ebb_segment_count(form, row.count, k));
    }
    return row;
}

/* Targets of segment k into d->reached, as far as they are computed here.
 * Returns how many; *first: how many of the segment come before. */
static size_t reach_of(const struct ebb_engine *e, const struct drive *d,
                       const struct ebb_segment_row *row, size_t k,
                       size_t *first)
{
    const struct ebb_segment_form *form = &d->rows->form;
    size_t n = ebb_segment_count(form, row->count, k), begin = begin_of(d, k);
    *first = 0;
    e->segment_f64->targets(form, row->at, n, d->reached);
    while (n > 0 && begin + d->reached[n - 1] >= d->own_to) {
        n--;
    }
    while (*first < n && begin + d->reached[*first] < d->own_from) {
        (*first)++;
    }
    return n - *first;
}

static void touch(struct crowd *to, size_t i)
{
    if (to->by_place) {
        blocks_touch(to, i, i + 1);
        return;
    }
    neurons_touch(to, i, TOUCH_ARRIVAL);
    to->tile[crowd_tile(to, i)].due++;
}

static void touch_row(const struct ebb_engine *e, const struct drive *d,
                      struct crowd *to, size_t axon)
{
    const struct ebb_segment_form *form = &d->rows->form;
    struct ebb_segment_row row = open_row(d, axon, 0);
    struct part part = owned_part(d);
    for (size_t k = part.from; k < part.to; k++) {
        size_t begin = begin_of(d, k), first;
        size_t n = reach_of(e, d, &row, k, &first);
        for (size_t i = first; i < first + n; i++) {
            touch(to, begin + d->reached[i]);
        }
        row.at +=
            ebb_segment_bytes(form, ebb_segment_count(form, row.count, k));
    }
}

/* Where additions to the neurons from i on go, all of one slice or of slices
 * that are alike: into the projection's own sums, or straight into a section;
 * one of the two is NULL. */
struct aim {
    double *f64;
    float *f32;
};

static struct aim aim_at(const struct drive *d, const struct crowd *to,
                         size_t i, bool direct)
{
    size_t at = direct ? d->at * to->stride + i : i;
    double *f64 = direct ? to->x64 : d->sum64;
    float *f32 = direct ? to->x32 : d->sum32;
    return (struct aim){.f64 = f64 ? f64 + at : NULL,
                        .f32 = f32 ? f32 + at : NULL};
}

/* Rows whose segments are slices. Returns how many additions that were. */
static uint64_t add_slices(struct ebb_engine *e, struct drive *d,
                           struct crowd *to, size_t n)
{
    const struct ebb_segment_form *form = &d->rows->form;
    struct part part = owned_part(d);
    struct aim aim = {NULL, NULL}, next = {NULL, NULL};
    uint64_t sum = 0;
    for (size_t k = part.from; k < part.to; k++, aim = next) {
        size_t begin = begin_of(d, k), end = begin_of(d, k + 1), wanted = 0;
        if (k == part.from) {
            aim = aim_at(d, to, begin, crowd_direct(to, begin));
        }
        if (k + 1 < part.to) {
            next = aim_at(d, to, end, crowd_direct(to, end));
            wanted =
                d->own_to - end < form->span ? d->own_to - end : form->span;
        }
        sum += aim.f64 ? e->segment_f64->add(aim.f64, next.f64, wanted, form,
                                             d->open, n, k)
                       : e->segment_f32->add(aim.f32, next.f32, wanted, form,
                                             d->open, n, k);
    }
    return sum;
}

/* Additions from <= k < to of d->reached, to slices that are alike. */
static void scatter(struct ebb_engine *e, struct drive *d, struct crowd *to,
                    size_t from, size_t end)
{
    size_t begin = begin_of(d, 0), first = begin + d->reached[from];
    struct aim aim = aim_at(d, to, begin, crowd_direct(to, first));
    if (aim.f64) {
        e->segment_f64->scatter(aim.f64, d->reached + from,
                                (double *)d->brought + from, end - from);
    } else {
        e->segment_f32->scatter(aim.f32, d->reached + from,
                                (float *)d->brought + from, end - from);
    }
}

/* A row that is one segment. Returns how many additions that were. */
static size_t add_whole(struct ebb_engine *e, struct drive *d, struct crowd *to,
                        const struct ebb_segment_row *row)
{
    const struct ebb_segment_form *form = &d->rows->form;
    size_t all = ebb_segment_count(form, row->count, 0), first;
    size_t begin = begin_of(d, 0), n = reach_of(e, d, row, 0, &first);
    const uint8_t *weight = row->at + ebb_packed_bytes(all, form->bits);
    if (d->sum64) {
        e->segment_f64->products(form, weight, all, row->x, d->brought);
    } else {
        e->segment_f32->products(form, weight, all, row->x, d->brought);
    }
    for (size_t k = first, end = k; k < first + n; k = end) {
        bool direct = crowd_direct(to, begin + d->reached[k]);
        while (end < first + n &&
               crowd_direct(to, begin + d->reached[end]) == direct) {
            end++;
        }
        scatter(e, d, to, k, end);
    }
    return n;
}

/* Rows lie here and there: look up where the next ones begin. */
static void fetch_ahead(const struct drive *d, size_t k)
{
    enum { STARTS = 32, COUNTS = 16 }; /* rows ahead */
    const uint64_t *start = d->rows->start;
    if (k + STARTS < d->n_rows) {
        __builtin_prefetch(&start[d->row[k + STARTS]]);
    }
    if (k + COUNTS < d->n_rows) {
        __builtin_prefetch(d->rows->data + start[d->row[k + COUNTS]]);
    }
}

void rows_add(struct ebb_engine *e, struct drive *d)
{
    struct crowd *to = &e->crowd[d->p->target];
    bool slices = d->rows->form.span == d->rows->shape.slice;
    for (size_t k = 0; k < d->n_rows && !to->whole; k++) {
        touch_row(e, d, to, d->row[k]);
    }
    for (size_t from = 0; from < d->n_rows; from += d->open_room) {
        size_t left = d->n_rows - from;
        size_t n = left < d->open_room ? left : d->open_room;
        uint64_t sum = 0;
        for (size_t k = 0; k < n; k++) {
            fetch_ahead(d, from + k);
            d->open[k] = open_row(d, d->row[from + k], d->carry[from + k]);
            sum += slices ? 0 : add_whole(e, d, to, &d->open[k]);
        }
        sum += slices ? add_slices(e, d, to, n) : 0;
        COUNT(e, synaptic_operations, sum);
    }
}
