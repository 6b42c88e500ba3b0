/* io/trace_stream.c - what grows in a trace while it is written. */
#include "io/trace_stream.h"

#include "core/memory.h"

#include <assert.h>

enum {
    BLOCK_MAX = 1024, /* points: values of a neuron that stand together */
    BLOCK_MIN = 16,
    BLOCK_BYTES = 64 << 20,
    STAGED_CHUNK = 64 << 10, /* bytes */
    CHUNK_OVERHEAD = 256     /* bytes of the index, for a chunk */
};

static ebb_status write_failed(const char *what)
{
    return EBB_FAIL(EBB_ERR_IO, "cannot write '%s': is the disk full?", what);
}

size_t ebb_stream_block(size_t rows)
{
    size_t block = BLOCK_MAX;
    while (block > BLOCK_MIN && rows > BLOCK_BYTES / sizeof(double) / block) {
        block /= 2;
    }
    return block;
}

struct ebb_column *ebb_stream_add(struct ebb_stream *s, const char *name,
                                  hid_t file_type, hid_t type, size_t rows)
{
    struct ebb_column *c = &s->column[s->n_columns++];
    size_t side = EBB_STREAM_CHUNK / s->block;
    *c = (struct ebb_column){.name = name,
                             .file_type = file_type,
                             .type = type,
                             .item = H5Tget_size(type),
                             .rows = rows,
                             .side = rows < side ? rows : side,
                             .main = -1,
                             .staging = -1};
    return c;
}

/* Numbers of a point. */
static size_t width(const struct ebb_column *c)
{
    return c->rows > 0 ? c->rows : 1;
}

static size_t chunk_rows(const struct ebb_column *c)
{
    return c->rows > 0 ? c->side : 1;
}

static size_t chunks(const struct ebb_column *c)
{
    return (width(c) + chunk_rows(c) - 1) / chunk_rows(c);
}

/* Chunks of one block of all columns, one after the other. */
static ebb_status plan_job(struct ebb_stream *s, struct ebb_arena *arena)
{
    struct ebb_chunk_job *job = &s->job;
    size_t largest = 0, n = 0;
    for (size_t k = 0; k < s->n_columns; k++) {
        job->n += chunks(&s->column[k]);
    }
    job->source = ebb_arena_calloc(arena, job->n, sizeof(*job->source));
    job->packed = ebb_arena_calloc(arena, job->n, sizeof(*job->packed));
    job->bytes = ebb_arena_calloc(arena, job->n, sizeof(*job->bytes));
    if (!job->source || !job->packed || !job->bytes) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    for (size_t k = 0; k < s->n_columns; k++) {
        const struct ebb_column *c = &s->column[k];
        size_t bytes = chunk_rows(c) * s->block * c->item;
        size_t bound = ebb_chunk_bound(chunk_rows(c), s->block, c->item);
        largest = bytes > largest ? bytes : largest;
        for (size_t i = 0; i < chunks(c); i++, n++) {
            job->packed[n] = ebb_arena_calloc(arena, bound, 1);
            if (!job->packed[n]) {
                return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
            }
        }
    }
    job->scratch = ebb_arena_calloc(arena, largest, 1);
    return job->scratch ? EBB_OK
                        : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
}

ebb_status ebb_stream_begin(struct ebb_stream *s, struct ebb_arena *arena)
{
    for (size_t k = 0; k < s->n_columns; k++) {
        struct ebb_column *c = &s->column[k];
        c->data = ebb_arena_calloc(arena, s->block * width(c), c->item);
        c->full = ebb_arena_calloc(arena, s->block * width(c), c->item);
        if (!c->data || !c->full) {
            return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
        }
    }
    return plan_job(s, arena);
}

static ebb_status create(hid_t *out, hid_t at, const struct ebb_column *c,
                         hid_t space, hid_t plan)
{
    H5Pset_obj_track_times(plan, false);
    *out = H5Dcreate2(at, c->name, c->file_type, space, H5P_DEFAULT, plan,
                      H5P_DEFAULT);
    H5Pclose(plan);
    H5Sclose(space);
    return *out >= 0 ? EBB_OK : write_failed(c->name);
}

static ebb_status create_main(struct ebb_column *c, hid_t at, size_t block)
{
    int rank = c->rows > 0 ? 2 : 1, skip = 2 - rank;
    hsize_t now[2] = {c->rows, 0}, most[2] = {c->rows, H5S_UNLIMITED};
    hsize_t chunk[2] = {c->side, block};
    hid_t space = H5Screate_simple(rank, now + skip, most + skip);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, rank, chunk + skip);
    H5Pset_shuffle(plan);
    H5Pset_deflate(plan, EBB_CHUNK_DEFLATE);
    return create(&c->main, at, c, space, plan);
}

/* In small chunks, so that no room is taken that is not needed; never in a
 * single one, whose index a reader could not follow. */
static ebb_status create_staging(struct ebb_column *c, hid_t at, size_t block)
{
    int rank = c->rows > 0 ? 2 : 1;
    size_t points = STAGED_CHUNK / (width(c) * c->item);
    points = points < 1 ? 1 : points > block ? block : points;
    hsize_t size[2] = {2 * block, c->rows}, chunk[2] = {points, c->rows};
    hid_t space = H5Screate_simple(rank, size, NULL);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, rank, chunk);
    return create(&c->staging, at, c, space, plan);
}

ebb_status ebb_stream_create(struct ebb_stream *s, hid_t main, hid_t staging)
{
    for (size_t k = 0; k < s->n_columns; k++) {
        struct ebb_column *c = &s->column[k];
        EBB_TRY(create_main(c, main, s->block));
        if (staging >= 0 && !c->derived) {
            EBB_TRY(create_staging(c, staging, s->block));
        }
    }
    return EBB_OK;
}

static size_t describe_chunks(struct ebb_stream *s, const struct ebb_column *c,
                              size_t n)
{
    size_t rows = chunk_rows(c);
    for (size_t row = 0; row < width(c); row += rows) {
        size_t left = width(c) - row;
        s->job.source[n++] =
            (struct ebb_chunk_source){.data = c->full + row * c->item,
                                      .stride = width(c),
                                      .rows_held = left < rows ? left : rows,
                                      .points_held = s->full,
                                      .rows = rows,
                                      .points = s->block,
                                      .item = c->item};
    }
    return n;
}

void ebb_stream_pack(struct ebb_stream *s, struct ebb_chunk_worker *worker)
{
    size_t n = 0;
    assert(s->full == 0);
    s->full = s->held;
    s->held = 0;
    for (size_t k = 0; k < s->n_columns; k++) {
        struct ebb_column *c = &s->column[k];
        unsigned char *full = c->data;
        c->data = c->full;
        c->full = full;
        n = describe_chunks(s, c, n);
    }
    if (s->mark.staged > 0) { /* committed there: leave it alone for now */
        s->mark.slot ^= 1;
        s->mark.staged = 0;
    }
    if (s->full > 0) {
        ebb_chunk_worker_submit(worker, &s->job);
    }
}

ebb_status ebb_stream_wait(struct ebb_stream *s,
                           struct ebb_chunk_worker *worker)
{
    return s->full > 0 ? ebb_chunk_worker_wait(worker, &s->job) : EBB_OK;
}

uint64_t ebb_stream_bytes(const struct ebb_stream *s)
{
    uint64_t bytes = 0;
    for (size_t k = 0; k < s->job.n && s->full > 0; k++) {
        bytes += s->job.bytes[k] + CHUNK_OVERHEAD;
    }
    return bytes;
}

/* A chunk that was begun has its room, the last one needs all of its own. */
uint64_t ebb_stream_commit_bytes(const struct ebb_stream *s)
{
    uint64_t bytes = 0;
    for (size_t k = 0; k < s->n_columns && s->held > s->mark.staged; k++) {
        const struct ebb_column *c = &s->column[k];
        size_t point = width(c) * c->item;
        uint64_t chunk = point > STAGED_CHUNK ? point : STAGED_CHUNK;
        bytes += c->staging < 0 ? 0
                                : (s->held - s->mark.staged) * point + chunk +
                                      CHUNK_OVERHEAD;
    }
    return bytes;
}

/* The chunks of a column, of which `n` is the first; *n gets the next. */
static ebb_status write_column(const struct ebb_stream *s,
                               const struct ebb_column *c, size_t *n)
{
    hsize_t size[2] = {c->rows, s->mark.in_main + s->full};
    herr_t result = H5Dset_extent(c->main, size + (c->rows == 0));
    for (size_t row = 0; row < width(c) && result >= 0; row += chunk_rows(c)) {
        hsize_t at[2] = {row, s->mark.in_main};
        result = H5Dwrite_chunk(c->main, H5P_DEFAULT, 0, at + (c->rows == 0),
                                s->job.bytes[*n], s->job.packed[*n]);
        *n += 1;
    }
    return result >= 0 ? EBB_OK : write_failed(c->name);
}

ebb_status ebb_stream_write(struct ebb_stream *s)
{
    size_t n = 0;
    for (size_t k = 0; k < s->n_columns && s->full > 0; k++) {
        EBB_TRY(write_column(s, &s->column[k], &n));
    }
    s->mark.in_main += s->full;
    s->full = 0;
    return EBB_OK;
}

/* Points [staged, held) of the open block, behind those before them. */
static herr_t stage(const struct ebb_stream *s, const struct ebb_column *c)
{
    int rank = c->rows > 0 ? 2 : 1;
    size_t from = (size_t)s->mark.staged;
    hsize_t start[2] = {s->mark.slot * s->block + from, 0};
    hsize_t count[2] = {s->held - from, c->rows};
    hid_t space = H5Dget_space(c->staging);
    hid_t memory = H5Screate_simple(rank, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    herr_t result = H5Dwrite(c->staging, c->type, memory, space, H5P_DEFAULT,
                             c->data + from * width(c) * c->item);
    H5Sclose(memory);
    H5Sclose(space);
    return result;
}

ebb_status ebb_stream_commit(struct ebb_stream *s)
{
    for (size_t k = 0; k < s->n_columns; k++) {
        const struct ebb_column *c = &s->column[k];
        herr_t result = H5Dflush(c->main);
        if (result >= 0 && c->staging >= 0 && s->held > s->mark.staged) {
            result = stage(s, c);
            result = result < 0 ? result : H5Dflush(c->staging);
        }
        if (result < 0) {
            return write_failed(c->name);
        }
    }
    s->mark.staged = s->held;
    return EBB_OK;
}

static void close_dataset(hid_t *dataset)
{
    if (*dataset >= 0) {
        H5Dclose(*dataset);
    }
    *dataset = -1;
}

void ebb_stream_close(struct ebb_stream *s)
{
    for (size_t k = 0; k < s->n_columns; k++) {
        close_dataset(&s->column[k].main);
        close_dataset(&s->column[k].staging);
    }
}
