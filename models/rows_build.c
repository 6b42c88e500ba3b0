/* models/rows_build.c - rows from a source, by several threads.
 *
 * First all rows are looked at, so that the form, and where each row begins,
 * are known; then each is written into its place. What one thread does to a
 * row depends on that row alone. */
#include "models/rows_parts.h"

#include "core/denormals.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

enum {
    CHUNK = 64,              /* rows that a thread takes at once */
    THREAD_BYTES = 48 << 20, /* addresses: its stack, its share of the heap */
};

struct build {
    struct ebb_rows *rows;
    const struct ebb_row_source *source;
    const struct ebb_rows_watch *watch;
    struct survey all;
    struct row_size *size; /* [sources] */
    size_t done, total;    /* rows, over all passes */
    /* The first failure; messages belong to threads. */
    ebb_status failed;
    char message[1024];
};

/* What a thread has of its own. */
struct worker {
    void *thread; /* the source's */
    uint32_t *target;
    void *weight;
    struct survey survey;
};

typedef ebb_status pass_fn(struct build *b, struct worker *w,
                           const struct row *row);

static void keep_failure(struct build *b, ebb_status status)
{
#if EBB_HAVE_OPENMP
#pragma omp critical(ebb_rows)
#endif
    if (status != EBB_OK && b->failed == EBB_OK) {
        b->failed = status;
        snprintf(b->message, sizeof(b->message), "%s", ebb_error_message());
    }
}

static bool has_failed(struct build *b)
{
    bool failed;
#if EBB_HAVE_OPENMP
#pragma omp critical(ebb_rows)
#endif
    failed = b->failed != EBB_OK;
    return failed;
}

/* One thread at a time tells how far it is. */
static ebb_status tell(struct build *b, size_t rows)
{
    ebb_status status = EBB_OK;
#if EBB_HAVE_OPENMP
#pragma omp critical(ebb_rows_watch)
#endif
    {
        b->done += rows;
        if (b->watch) {
            status = b->watch->rows(b->watch->self, b->done, b->total);
        }
    }
    return status;
}

static ebb_status begin(const struct build *b, struct worker *w)
{
    const struct ebb_row_source *source = b->source;
    size_t number = source->number == EBB_FLOAT32 ? 4 : 8;
    *w = (struct worker){.survey = survey_start()};
    w->target = ebb_mem_calloc(source->most + 1, sizeof(*w->target));
    w->weight = ebb_mem_calloc(source->most + 1, number);
    if (!w->target || !w->weight) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a row of %zu synapses",
                        source->most);
    }
    return source->begin ? source->begin(source->self, &w->thread) : EBB_OK;
}

static void end(const struct build *b, struct worker *w)
{
    if (b->source->end && w->thread) {
        b->source->end(b->source->self, w->thread);
    }
    ebb_mem_free(w->target);
    ebb_mem_free(w->weight);
}

static ebb_status run_chunk(struct build *b, struct worker *w, pass_fn *pass,
                            size_t chunk)
{
    const struct ebb_row_source *source = b->source;
    size_t first = chunk * CHUNK, all = b->rows->shape.sources;
    size_t to = first + CHUNK < all ? first + CHUNK : all;
    for (size_t j = first; j < to; j++) {
        struct row row = {.source = j,
                          .target = w->target,
                          .weight = w->weight,
                          .number = source->number};
        EBB_TRY(source->row(source->self, w->thread, j, w->target, w->weight,
                            &row.n));
        if (row.n > source->most) {
            return EBB_FAIL(EBB_ERR_SHAPE,
                            "row %zu has %zu synapses; at most %zu were "
                            "announced",
                            j, row.n, source->most);
        }
        EBB_TRY(pass(b, w, &row));
    }
    return tell(b, to - first);
}

static ebb_status run_pass(struct build *b, pass_fn *pass)
{
    size_t chunks = (b->rows->shape.sources + CHUNK - 1) / CHUNK;
#if EBB_HAVE_OPENMP
#pragma omp parallel num_threads((int)b->rows->shape.threads)
#endif
    {
        struct worker w;
        keep_failure(b, begin(b, &w));
#if EBB_HAVE_OPENMP
#pragma omp for schedule(dynamic, 1)
#endif
        for (size_t chunk = 0; chunk < chunks; chunk++) {
            if (!has_failed(b)) {
                keep_failure(b, run_chunk(b, &w, pass, chunk));
            }
        }
#if EBB_HAVE_OPENMP
#pragma omp critical(ebb_rows)
#endif
        survey_merge(&b->all, &w.survey);
        end(b, &w);
    }
    return b->failed == EBB_OK ? EBB_OK : EBB_FAIL(b->failed, "%s", b->message);
}

static ebb_status look(struct build *b, struct worker *w, const struct row *row)
{
    double *largest = b->rows->largest;
    b->rows->length[row->source] = (uint32_t)row->n;
    for (size_t k = 0; largest && k < row->n; k++) {
        double size = fabs(row_weight(row, k));
        largest[row->source] = fmax(largest[row->source], size);
    }
    return survey_row(&w->survey, &b->rows->shape, row, &b->size[row->source]);
}

static ebb_status measure(struct build *b, struct worker *w,
                          const struct row *row)
{
    (void)w;
    b->rows->start[row->source + 1] = row_bytes(b->rows, row);
    return EBB_OK;
}

static ebb_status put(struct build *b, struct worker *w, const struct row *row)
{
    (void)w;
    row_write(b->rows, &b->all.values, row);
    return EBB_OK;
}

/* The same from what was noted, where targets are coded by places. */
static void measure_places(struct build *b)
{
    const struct ebb_segment_form *form = &b->rows->form;
    for (size_t j = 0; j < b->rows->shape.sources; j++) {
        const struct row_size *size = &b->size[j];
        size_t codes = form->segments == 1
                           ? ebb_packed_bytes(size->kept, form->bits)
                           : size->codes;
        b->rows->start[j + 1] = form->segments * form->count_bytes + codes +
                                (size_t)size->kept * form->weight_bytes;
    }
}

static ebb_status check_memory(double bytes)
{
    return bytes <= (double)ebb_mem_left()
               ? EBB_OK
               : ebb_mem_refuse("the synapses", bytes);
}

static ebb_status take_data(struct ebb_rows *rows)
{
    size_t n = rows->shape.sources;
    for (size_t j = 0; j < n; j++) {
        rows->start[j + 1] += rows->start[j];
    }
    size_t bytes = (size_t)rows->start[n] + EBB_SEGMENT_MARGIN;
    EBB_TRY(check_memory((double)bytes));
    rows->data = ebb_mem_calloc(bytes, 1);
    if (!rows->data) {
        return ebb_mem_refuse("the synapses", (double)bytes);
    }
    ebb_mem_use_large_pages(rows->data, bytes);
    return EBB_OK;
}

/* Floats that stand as they are lose their denormals in the processor; codes
 * must not be more exact, or the form of a part would show. */
static void settle_values(struct build *b)
{
    struct ebb_rows *rows = b->rows;
    bool flush = rows->number == EBB_FLOAT32 && ebb_denormals_can_flush();
    value_set_sort(&b->all.values);
    rows->n_values = b->all.values.n;
    memcpy(rows->value, b->all.values.bits, sizeof(rows->value));
    for (size_t k = 0; k < rows->n_values; k++) {
        double w = rows->value[k];
        rows->carried[k] =
            flush && ebb_rows_is_denormal(w) ? copysign(0, w) : w;
    }
}

static void settle(struct build *b)
{
    struct ebb_rows *rows = b->rows;
    rows->form = survey_form(&b->all, &rows->shape);
    rows->form.value = rows->carried;
    rows->longest = b->all.longest;
    rows->synapses = b->all.synapses;
    rows->kept = b->all.kept;
    if (!b->all.values.over) {
        settle_values(b);
    }
    b->total = (rows->form.deltas ? 3 : 2) * rows->shape.sources;
}

static ebb_status run_build(struct build *b)
{
    struct ebb_rows *rows = b->rows;
    size_t n = rows->shape.sources;
    EBB_TRY(
        check_memory((double)n * (sizeof(*rows->start) + sizeof(*rows->length) +
                                  sizeof(*b->size))));
    rows->start = ebb_mem_calloc(n + 1, sizeof(*rows->start));
    rows->length = ebb_mem_calloc(n, sizeof(*rows->length));
    b->size = ebb_mem_calloc(n, sizeof(*b->size));
    bool part =
        rows->shape.first_slice > 0 ||
        rows->shape.last_slice * rows->shape.slice < rows->shape.targets;
    if (part) {
        rows->largest = ebb_mem_calloc(n, sizeof(*rows->largest));
    }
    if (!rows->start || !rows->length || !b->size || (part && !rows->largest)) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu rows", n);
    }
    b->total = 2 * n;
    EBB_TRY(run_pass(b, look));
    settle(b);
    if (rows->form.deltas) {
        EBB_TRY(run_pass(b, measure));
    } else {
        measure_places(b);
    }
    ebb_mem_free(b->size);
    b->size = NULL;
    EBB_TRY(take_data(rows));
    return run_pass(b, put);
}

static ebb_status settle_shape(struct ebb_rows_shape *shape,
                               const struct ebb_row_source *source)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (shape->slice == 0) {
        shape->slice = ebb_rows_slice(shape->targets);
    }
    bool power = (shape->slice & (shape->slice - 1)) == 0;
    if (!power || shape->slice < 64 || shape->slice > 1U << 30) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "slices of %zu targets; a power of two from 64 to "
                        "2^30",
                        shape->slice);
    }
    size_t slices = (shape->targets + shape->slice - 1) / shape->slice;
    if (shape->first_slice == 0 && shape->last_slice == 0) {
        shape->last_slice = slices;
    }
    if (shape->sources == 0 || shape->targets == 0 ||
        shape->sources > UINT32_MAX || shape->targets > UINT32_MAX / 2 ||
        source->most > UINT32_MAX / 2 || shape->last_slice > slices ||
        shape->first_slice >= shape->last_slice) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "rows of %zu sources to %zu targets, %zu at most, "
                        "slices %zu to %zu of %zu",
                        shape->sources, shape->targets, source->most,
                        shape->first_slice, shape->last_slice, slices);
    }
    if (shape->threads == 0) {
        shape->threads = cores > 0 ? (unsigned)cores : 1;
    }
    while (shape->threads > 1 &&
           !ebb_mem_fits((size_t)shape->threads * THREAD_BYTES)) {
        shape->threads--; /* a thread that does not start ends the program */
    }
    size_t chunks = (shape->sources + CHUNK - 1) / CHUNK;
    shape->threads =
        shape->threads < chunks ? shape->threads : (unsigned)chunks;
    return EBB_OK;
}

ebb_status ebb_rows_build(struct ebb_rows **out,
                          const struct ebb_rows_shape *shape,
                          const struct ebb_row_source *source,
                          const struct ebb_rows_watch *watch)
{
    struct ebb_rows_shape own = *shape;
    *out = NULL;
    EBB_TRY(settle_shape(&own, source));
    struct ebb_rows *rows = ebb_mem_calloc(1, sizeof(*rows));
    if (!rows) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for rows");
    }
    rows->shape = own;
    rows->number = source->number;
    struct build b = {
        .rows = rows, .source = source, .watch = watch, .all = survey_start()};
    ebb_status status = run_build(&b);
    ebb_mem_free(b.size);
    if (status != EBB_OK) {
        ebb_rows_destroy(rows);
        return status;
    }
    *out = rows;
    return EBB_OK;
}
