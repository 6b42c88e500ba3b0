/* io/merge_copy.c - states and spikes of the pieces of a run, in order. */
#include "io/merge_parts.h"

#include "io/trace_stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SPIKES = 4096 }; /* of a file that are read at a time */

/* Where the neurons of each file stand in the whole. */
static ebb_status find_rows(struct merge *m, const struct merge_span *s,
                            size_t series)
{
    const struct ebb_trace_series *to = &m->plan.series[series];
    size_t found = 0;
    for (size_t f = 0; f < s->n; f++) {
        size_t of = s->file[f].series[series];
        if (of == SIZE_MAX) {
            continue;
        }
        const struct ebb_trace_series *own = &s->file[f].plan->series[of];
        s->file[f].row =
            ebb_arena_calloc(m->arena, own->n, sizeof(*s->file[f].row));
        if (!s->file[f].row) {
            return merge_no_memory();
        }
        for (size_t k = 0, at = 0; k < own->n; k++) {
            while (at < to->n && to->nodes[at] < own->nodes[k]) {
                at++;
            }
            if (at == to->n || to->nodes[at] != own->nodes[k]) {
                return EBB_FAIL(EBB_ERR_ARG,
                                "%s has %s of neuron %u of '%s', others have "
                                "not: they differ in the states that they "
                                "record",
                                s->file[f].path, to->state, own->nodes[k],
                                to->place);
            }
            s->file[f].row[k] = at++;
            found++;
        }
    }
    return found == to->n
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "%s, with its other ranks, has %s of %zu neurons of "
                          "'%s', those before it %zu: they differ in the "
                          "states that they record",
                          s->file[0].path, to->state, found, to->place, to->n);
}

/* Points [from, from + n) of a span, counted within it: all [n][neurons]. */
static ebb_status gather(struct merge *m, const struct merge_span *s,
                         size_t series, uint64_t from, size_t n, double *own,
                         double *all)
{
    size_t width = m->plan.series[series].n;
    for (size_t f = 0; f < s->n; f++) {
        const struct merge_file *file = &s->file[f];
        size_t of = file->series[series];
        if (of == SIZE_MAX) {
            continue;
        }
        size_t rows = file->plan->series[of].n;
        EBB_TRY(ebb_error_prefix(
            ebb_trace_part_read_states(file->part, of, from, n, own),
            "%s: ", file->path));
        for (size_t k = 0; k < n; k++) {
            for (size_t r = 0; r < rows; r++) {
                all[k * width + file->row[r]] = own[k * rows + r];
            }
        }
    }
    return EBB_OK;
}

static ebb_status copy_piece(struct merge *m, const struct merge_piece *piece,
                             size_t series, double *own, double *all)
{
    const struct merge_span *s = piece->span;
    const struct ebb_trace_series *to = &m->plan.series[series];
    uint64_t from = ebb_trace_series_points(to, s->first, piece->from);
    uint64_t end = ebb_trace_series_points(to, s->first, piece->to);
    size_t block = ebb_stream_block(to->n);
    EBB_TRY(find_rows(m, s, series));
    for (; from < end; from += block) {
        size_t n = end - from < block ? (size_t)(end - from) : block;
        EBB_TRY(gather(m, s, series, from, n, own, all));
        for (size_t k = 0; k < n; k++) {
            ebb_tick tick = ebb_trace_series_tick(to, s->first, from + k);
            EBB_TRY(m->sink.state(m->sink.self, series, tick, all + k * to->n));
        }
    }
    return EBB_OK;
}

ebb_status merge_series(struct merge *m, size_t series)
{
    size_t n = m->plan.series[series].n, block = ebb_stream_block(n);
    double *own = ebb_mem_calloc(block * n, sizeof(*own));
    double *all = ebb_mem_calloc(block * n, sizeof(*all));
    ebb_status status = own && all ? EBB_OK : merge_no_memory();
    for (size_t k = 0; k < m->n_pieces && status == EBB_OK; k++) {
        status = copy_piece(m, &m->piece[k], series, own, all);
    }
    ebb_mem_free(own);
    ebb_mem_free(all);
    return status;
}

/* Spikes of one file, piece by piece. */
struct reader {
    const struct merge_file *file;
    uint64_t next, all; /* that were read, that there are */
    size_t at, n;       /* within what was read last */
    uint64_t tick[SPIKES];
    uint32_t node[SPIKES];
    double value[SPIKES];
};

/* Those of all ranks of a span, by tick and neuron. */
struct stream {
    struct reader *reader; /* [n] */
    size_t n;
    size_t population;
    bool begun;
    struct ebb_event last;
};

static ebb_status fill(struct reader *r, size_t population)
{
    if (r->at < r->n || r->next == r->all) {
        return EBB_OK;
    }
    r->n = r->all - r->next < SPIKES ? (size_t)(r->all - r->next) : SPIKES;
    r->at = 0;
    EBB_TRY(ebb_error_prefix(
        ebb_trace_part_read_spikes(r->file->part, population, r->next, r->n,
                                   r->tick, r->node, r->value),
        "%s: ", r->file->path));
    r->next += r->n;
    return EBB_OK;
}

/* The first spike from tick `from` on, by halving. */
static ebb_status find_spike(uint64_t *out, const struct reader *r,
                             size_t population, ebb_tick from)
{
    uint64_t low = 0, high = from > r->file->plan->first ? r->all : 0;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2, tick;
        uint32_t node;
        double value;
        EBB_TRY(ebb_error_prefix(
            ebb_trace_part_read_spikes(r->file->part, population, middle, 1,
                                       &tick, &node, &value),
            "%s: ", r->file->path));
        if (tick < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *out = low;
    return EBB_OK;
}

/* Spikes of a span from tick `from` on. */
static ebb_status open_stream(struct stream *st, const struct merge_span *s,
                              size_t population, ebb_tick from)
{
    *st = (struct stream){.population = population};
    st->reader = ebb_mem_calloc(s->n, sizeof(*st->reader));
    if (!st->reader) {
        return merge_no_memory();
    }
    st->n = s->n;
    for (size_t k = 0; k < s->n; k++) {
        st->reader[k].file = &s->file[k];
        st->reader[k].all = ebb_trace_part_spikes(s->file[k].part, population);
        EBB_TRY(
            find_spike(&st->reader[k].next, &st->reader[k], population, from));
    }
    return EBB_OK;
}

static void close_stream(struct stream *st)
{
    ebb_mem_free(st->reader);
    st->reader = NULL;
}

static bool is_before(const struct reader *a, const struct reader *b)
{
    uint64_t x = a->tick[a->at], y = b->tick[b->at];
    return x < y || (x == y && a->node[a->at] < b->node[b->at]);
}

/* The next spike below tick `end`; false: there is none. */
static ebb_status next_spike(struct stream *st, ebb_tick end,
                             struct ebb_event *out, bool *there)
{
    struct reader *first = NULL;
    for (size_t k = 0; k < st->n; k++) {
        struct reader *r = &st->reader[k];
        EBB_TRY(fill(r, st->population));
        if (r->at < r->n && (!first || is_before(r, first))) {
            first = r;
        }
    }
    *there = first && first->tick[first->at] < end;
    if (!*there) {
        return EBB_OK;
    }
    size_t at = first->at++;
    *out =
        (struct ebb_event){first->tick[at], first->node[at], first->value[at]};
    bool rises = !st->begun || out->tick > st->last.tick ||
                 (out->tick == st->last.tick && out->node > st->last.node);
    st->begun = true;
    st->last = *out;
    return rises && out->tick >= first->file->plan->first
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "%s: neuron %u at tick %" PRIu64
                          " stands in a wrong place, or is in two traces",
                          first->file->path, out->node, out->tick);
}

/* What was read ends where halving finds tick `end`, and there the next piece
 * of this span begins: nothing of a trace out of order is passed over. */
static ebb_status check_end(const struct stream *st, ebb_tick end)
{
    for (size_t k = 0; k < st->n; k++) {
        const struct reader *r = &st->reader[k];
        uint64_t found = 0;
        EBB_TRY(find_spike(&found, r, st->population, end));
        if (found != r->next - (r->n - r->at)) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "%s: its spikes before and after tick %" PRIu64
                            " are not in order: the trace is damaged",
                            r->file->path, end);
        }
    }
    return EBB_OK;
}

/* Ticks from <= t < to, which both hold, have to be the same. */
static ebb_status compare(const struct merge_span *a,
                          const struct merge_span *b, size_t population,
                          ebb_tick from, ebb_tick to)
{
    struct stream first = {.reader = NULL}, second = {.reader = NULL};
    bool same = true, one = true, other = true;
    ebb_status status = open_stream(&first, a, population, from);
    status = status ? status : open_stream(&second, b, population, from);
    while (status == EBB_OK && same && one) {
        struct ebb_event x = {0}, y = {0};
        status = next_spike(&first, to, &x, &one);
        status = status ? status : next_spike(&second, to, &y, &other);
        same = one == other && x.tick == y.tick && x.node == y.node &&
               memcmp(&x.value, &y.value, sizeof(x.value)) == 0;
    }
    if (status == EBB_OK && same) {
        status = check_end(&first, to);
        status = status ? status : check_end(&second, to);
    }
    close_stream(&first);
    close_stream(&second);
    return status || same
               ? status
               : EBB_FAIL(EBB_ERR_ARG,
                          "%s and %s both hold ticks %" PRIu64 " to %" PRIu64
                          ", but not the same spikes: they are not of one run",
                          a->file[0].path, b->file[0].path, from, to - 1);
}

/* A span with all pieces that are taken from others. */
static ebb_status compare_span(const struct merge *m,
                               const struct merge_span *s, size_t population)
{
    for (size_t k = 0; k < m->n_pieces; k++) {
        const struct merge_piece *p = &m->piece[k];
        ebb_tick from = p->from > s->first ? p->from : s->first;
        ebb_tick to = p->to < s->held ? p->to : s->held;
        if (p->span != s && from < to) {
            EBB_TRY(compare(s, p->span, population, from, to));
        }
    }
    return EBB_OK;
}

static ebb_status copy_spikes(struct merge *m, const struct merge_piece *p,
                              struct stream *st)
{
    struct ebb_event e;
    bool there = true;
    for (;;) {
        EBB_TRY(next_spike(st, p->to, &e, &there));
        if (!there) {
            return check_end(st, p->to);
        }
        m->result->spikes++;
        EBB_TRY(m->sink.spikes(m->sink.self, st->population, e.tick, &e.node,
                               &e.value, 1));
    }
}

ebb_status merge_spikes(struct merge *m, size_t population)
{
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < m->n_pieces && status == EBB_OK; k++) {
        const struct merge_piece *p = &m->piece[k];
        struct stream st;
        status = open_stream(&st, p->span, population, p->from);
        status = status ? status : copy_spikes(m, p, &st);
        close_stream(&st);
    }
    for (size_t k = 0; k < m->n_spans && status == EBB_OK; k++) {
        status = compare_span(m, &m->span[k], population);
    }
    return status;
}
