/* io/merge_open.c - pieces of a run, looked at and sorted out. */
#include "io/merge_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 100000 };

static ebb_status open_file(struct merge_file *f, const char *path)
{
    size_t n = strlen(path), end = strlen(EBB_TRACE_PART);
    f->path = path;
    if (n > end && strcmp(path + n - end, EBB_TRACE_PART) == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s is a recording that goes on or was cut short: "
                        "make a trace of it first, with ebb repair %s",
                        path, path);
    }
    EBB_TRY(ebb_trace_part_open(&f->part, path));
    f->plan = ebb_trace_part_plan(f->part);
    return EBB_OK;
}

/* A fact in which two files have to agree. */
static ebb_status check(bool agrees, const struct merge_file *a,
                        const struct merge_file *b, const char *what)
{
    return agrees ? EBB_OK
                  : EBB_FAIL(EBB_ERR_ARG,
                             "%s and %s are not pieces of one "
                             "run: they differ in %s",
                             a->path, b->path, what);
}

static ebb_status check_populations(const struct merge_file *a,
                                    const struct merge_file *b)
{
    const struct ebb_trace_plan *p = a->plan, *q = b->plan;
    bool same = p->n_populations == q->n_populations;
    for (size_t k = 0; same && k < p->n_populations; k++) {
        const struct ebb_trace_train *x = &p->populations[k];
        const struct ebb_trace_train *y = &q->populations[k];
        same = strcmp(x->name, y->name) == 0 && x->n == y->n &&
               x->input == y->input;
    }
    return check(same, a, b, "their populations");
}

/* The series of that state and place; SIZE_MAX: none. */
static size_t find_series(const struct ebb_trace_plan *plan,
                          const struct ebb_trace_series *like)
{
    for (size_t k = 0; k < plan->n_series; k++) {
        const struct ebb_trace_series *s = &plan->series[k];
        if (strcmp(s->place, like->place) == 0 &&
            strcmp(s->state, like->state) == 0) {
            return k;
        }
    }
    return SIZE_MAX;
}

static ebb_status check_pair(const struct merge_file *a,
                             const struct merge_file *b)
{
    const struct ebb_trace_plan *p = a->plan, *q = b->plan;
    EBB_TRY(check(p->network_hash == q->network_hash, a, b, "the network"));
    EBB_TRY(check(p->tick_s == q->tick_s, a, b, "the length of a tick"));
    EBB_TRY(check(p->run == q->run, a, b, "the input, or how they ran"));
    return check_populations(a, b);
}

static int by_place(const void *a, const void *b)
{
    const struct merge_file *x = a, *y = b;
    if (x->plan->first != y->plan->first) {
        return x->plan->first < y->plan->first ? -1 : 1;
    }
    return (x->plan->rank > y->plan->rank) - (x->plan->rank < y->plan->rank);
}

/* All ranks of one start, each once; they stand in order. */
static ebb_status check_ranks(const struct merge_span *s)
{
    size_t ranks = s->file[0].plan->ranks;
    for (size_t k = 1; k < s->n; k++) {
        const struct merge_file *a = &s->file[k - 1], *b = &s->file[k];
        if (a->plan->rank == b->plan->rank || b->plan->ranks != ranks) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "%s and %s both begin at tick %" PRIu64
                            " and hold the same neurons: leave one out",
                            a->path, b->path, s->first);
        }
    }
    for (size_t k = 0; k < ranks; k++) {
        if (k == s->n || s->file[k].plan->rank != k) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "the trace of rank %zu of %zu from tick %" PRIu64
                            " is missing: give those of all ranks (there is "
                            "%s)",
                            k + 1, ranks, s->first, s->file[0].path);
        }
    }
    return EBB_OK;
}

static ebb_status find_spans(struct merge *m)
{
    m->span = ebb_arena_calloc(m->arena, m->n, sizeof(*m->span));
    if (!m->span) {
        return merge_no_memory();
    }
    for (size_t k = 0; k < m->n; k++) {
        struct merge_file *f = &m->file[k];
        if (k == 0 || f->plan->first != m->file[k - 1].plan->first) {
            m->span[m->n_spans++] = (struct merge_span){
                .file = f, .first = f->plan->first, .held = f->plan->ticks};
        }
        struct merge_span *s = &m->span[m->n_spans - 1];
        s->n++;
        s->held = f->plan->ticks < s->held ? f->plan->ticks : s->held;
    }
    return EBB_OK;
}

static ebb_status check_all_ranks(const struct merge *m)
{
    for (size_t k = 0; k < m->n_spans; k++) {
        EBB_TRY(check_ranks(&m->span[k]));
    }
    return EBB_OK;
}

/* Of the spans that hold tick `at`, the one that began last; NULL: none does.
 * *next: where the first one after it begins, EBB_TICK_NEVER: none does. */
static const struct merge_span *span_at(const struct merge *m, ebb_tick at,
                                        ebb_tick *next)
{
    const struct merge_span *found = NULL;
    *next = EBB_TICK_NEVER;
    for (size_t k = 0; k < m->n_spans; k++) {
        const struct merge_span *s = &m->span[k];
        if (s->first > at) {
            *next = s->first;
            break;
        }
        found = at < s->held ? s : found;
    }
    return found;
}

static ebb_status fail_gap(const struct merge *m, ebb_tick from, ebb_tick next)
{
    const struct merge_span *before = m->span, *after = m->span;
    for (size_t k = 0; k < m->n_spans; k++) {
        before = m->span[k].held == from ? &m->span[k] : before;
        after = m->span[k].first == next ? &m->span[k] : after;
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "ticks %" PRIu64 " to %" PRIu64
                    " are in none of the traces: %s ends before "
                    "them, %s begins after them",
                    from, next - 1, before->file[0].path, after->file[0].path);
}

/* From the first tick to the last that anything holds, without gaps. */
static ebb_status find_pieces(struct merge *m)
{
    size_t most = 2 * m->n_spans;
    m->piece = ebb_arena_calloc(m->arena, most, sizeof(*m->piece));
    if (!m->piece) {
        return merge_no_memory();
    }
    for (ebb_tick at = m->span[0].first, next; m->n_pieces < most;) {
        const struct merge_span *s = span_at(m, at, &next);
        if (!s && next == EBB_TICK_NEVER) {
            break;
        }
        if (!s) {
            return fail_gap(m, at, next);
        }
        ebb_tick to = s->held < next ? s->held : next;
        m->piece[m->n_pieces++] = (struct merge_piece){s, at, to};
        at = to;
    }
    return EBB_OK;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The neurons of a series that the ranks of the first span have together. */
static ebb_status join_nodes(struct merge *m, size_t series)
{
    const struct merge_span *s = &m->span[0];
    struct ebb_trace_series *to = &m->plan.series[series];
    size_t n = 0;
    for (size_t k = 0; k < s->n; k++) {
        size_t at = s->file[k].series[series];
        n += at < SIZE_MAX ? s->file[k].plan->series[at].n : 0;
    }
    uint32_t *nodes = ebb_arena_calloc(m->arena, n, sizeof(*nodes));
    if (!nodes) {
        return merge_no_memory();
    }
    n = 0;
    for (size_t k = 0; k < s->n; k++) {
        size_t at = s->file[k].series[series];
        if (at < SIZE_MAX) {
            const struct ebb_trace_series *own = &s->file[k].plan->series[at];
            memcpy(nodes + n, own->nodes, own->n * sizeof(*nodes));
            n += own->n;
        }
    }
    qsort(nodes, n, sizeof(*nodes), by_number);
    for (size_t k = 1; k < n; k++) {
        if (nodes[k] == nodes[k - 1]) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "%s of neuron %u of '%s' is in the traces of two "
                            "ranks",
                            to->state, nodes[k], to->place);
        }
    }
    to->nodes = nodes;
    to->n = n;
    return EBB_OK;
}

/* All series that some file has: a rank leaves out those of which it computes
 * nothing. */
static ebb_status join_series(struct merge *m)
{
    size_t most = 0;
    for (size_t f = 0; f < m->n; f++) {
        most += m->file[f].plan->n_series;
    }
    m->plan.series = ebb_arena_calloc(m->arena, most, sizeof(*m->plan.series));
    m->plan.n_series = 0;
    if (!m->plan.series) {
        return merge_no_memory();
    }
    for (size_t f = 0; f < m->n; f++) {
        for (size_t k = 0; k < m->file[f].plan->n_series; k++) {
            const struct ebb_trace_series *s = &m->file[f].plan->series[k];
            size_t at = find_series(&m->plan, s);
            if (at == SIZE_MAX) {
                m->plan.series[m->plan.n_series++] = *s;
            } else {
                EBB_TRY(check(m->plan.series[at].every == s->every, &m->file[0],
                              &m->file[f], "the ticks at which they record"));
            }
        }
    }
    return EBB_OK;
}

static ebb_status map_series(struct merge *m)
{
    for (size_t f = 0; f < m->n; f++) {
        struct merge_file *file = &m->file[f];
        file->series =
            ebb_arena_calloc(m->arena, m->plan.n_series, sizeof(*file->series));
        if (!file->series) {
            return merge_no_memory();
        }
        for (size_t k = 0; k < m->plan.n_series; k++) {
            file->series[k] = find_series(file->plan, &m->plan.series[k]);
        }
    }
    for (size_t k = 0; k < m->plan.n_series; k++) {
        EBB_TRY(join_nodes(m, k));
    }
    return EBB_OK;
}

static ebb_status plan_whole(struct merge *m)
{
    const struct ebb_trace_plan *from = m->file[0].plan;
    const struct merge_span *first = &m->span[0];
    m->plan = *from;
    m->plan.first = m->plan.ticks = first->first;
    m->plan.intended = first->file[0].plan->intended;
    if (m->n_pieces > 0) { /* else nothing was run */
        const struct merge_piece *last = &m->piece[m->n_pieces - 1];
        m->plan.ticks = last->to;
        m->plan.intended = last->span->file[0].plan->intended;
    }
    m->plan.rank = 0;
    m->plan.ranks = 1;
    m->plan.populations = ebb_arena_calloc(m->arena, from->n_populations,
                                           sizeof(*m->plan.populations));
    if (!m->plan.populations) {
        return merge_no_memory();
    }
    for (size_t k = 0; k < from->n_populations; k++) {
        m->plan.populations[k] = from->populations[k];
        m->plan.populations[k].own_from = 0;
        m->plan.populations[k].own_to = from->populations[k].n;
    }
    EBB_TRY(join_series(m));
    return map_series(m);
}

ebb_status merge_open(struct merge *m, const char *const *part, size_t n)
{
    if (n == 0 || n > FILES_MAX) {
        return EBB_FAIL(EBB_ERR_ARG, "%zu traces to join; 1 to %d", n,
                        FILES_MAX);
    }
    m->file = ebb_arena_calloc(m->arena, n, sizeof(*m->file));
    if (!m->file) {
        return merge_no_memory();
    }
    m->n = n;
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(open_file(&m->file[k], part[k]));
        EBB_TRY(check_pair(&m->file[0], &m->file[k]));
    }
    qsort(m->file, n, sizeof(*m->file), by_place);
    EBB_TRY(find_spans(m));
    EBB_TRY(check_all_ranks(m));
    EBB_TRY(find_pieces(m));
    return plan_whole(m);
}
