/* io/trace_write.c - recorded runs in HDF5, written while the run goes on. */
#include "io/trace_write.h"

#include "core/memory.h"
#include "io/disk_space.h"
#include "io/trace_layout.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    ROOM_FIXED = 64 << 10, /* bytes, of what HDF5 keeps beside the data */
    ROOM_STREAM = 16 << 10,
    MESSAGE_BYTES = 400
};

static const double COMMIT_SECONDS = 1;

struct ebb_trace_writer {
    struct ebb_trace_plan plan;
    char *path, *part; /* at last, and so far */
    hid_t file;
    struct ebb_disk_space space;
    struct ebb_chunk_worker *worker;
    struct ebb_stream *streams; /* series, populations, overview */
    struct ebb_trace_commit commit;
    struct ebb_overview overview;
    size_t *first_row;     /* [populations] its place in the overview */
    ebb_tick tick;         /* complete below this */
    ebb_tick commit_every; /* 0: by the clock */
    double committed_at;   /* s */
    bool broken;           /* HDF5 is not to be touched any more */
    struct ebb_arena *arena;
};

static struct ebb_stream *train(struct ebb_trace_writer *w, size_t population)
{
    return &w->streams[w->plan.n_series + population];
}

static struct ebb_stream *rate(struct ebb_trace_writer *w)
{
    return train(w, w->plan.n_populations);
}

/* Cheap enough to be read at every tick. */
static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* From now on HDF5 stays as it is: a write that failed cannot be mended, and
 * closing would damage what is kept. */
static ebb_status fail(struct ebb_trace_writer *w, ebb_status status)
{
    char why[MESSAGE_BYTES];
    if (status == EBB_OK || w->broken) {
        return status;
    }
    w->broken = true;
    snprintf(why, sizeof(why), "%s", ebb_error_message());
    return w->commit.ticks <= w->plan.first
               ? EBB_FAIL(status, "%s: %s", w->part, why)
               : EBB_FAIL(status,
                          "%s: %s; it holds every tick below %llu, of which "
                          "ebb repair makes a trace",
                          w->part, why, (unsigned long long)w->commit.ticks);
}

static ebb_status reserve(struct ebb_trace_writer *w, uint64_t bytes)
{
    hsize_t size = 0;
    return H5Fget_filesize(w->file, &size) >= 0
               ? ebb_disk_space_reserve(&w->space, size, bytes)
               : EBB_FAIL(EBB_ERR_IO, "its size cannot be told");
}

/* Columns that follow from others, or from the place. */
static void derive(struct ebb_trace_writer *w, size_t stream)
{
    struct ebb_stream *s = &w->streams[stream];
    struct ebb_column *last = &s->column[s->n_columns - 1];
    if (stream < w->plan.n_series) {
        uint64_t *tick = (void *)last->data;
        for (size_t k = 0; k < s->held; k++) {
            tick[k] = ebb_trace_series_tick(&w->plan.series[stream],
                                            w->plan.first, s->mark.in_main + k);
        }
    } else if (last->derived) {
        const uint64_t *tick = (const void *)s->column[EBB_TRAIN_TICK].data;
        double *ms = (void *)last->data, tick_ms = w->plan.tick_s * 1e3;
        for (size_t k = 0; k < s->held; k++) {
            ms[k] = (double)tick[k] * tick_ms;
        }
    }
}

/* Write a block that was packed, if there is one. */
static ebb_status settle(struct ebb_trace_writer *w, size_t stream)
{
    struct ebb_stream *s = &w->streams[stream];
    if (s->full == 0) {
        return EBB_OK;
    }
    EBB_TRY(ebb_stream_wait(s, w->worker));
    EBB_TRY(reserve(w, ebb_stream_bytes(s) + ROOM_FIXED));
    return ebb_stream_write(s);
}

static ebb_status pack_stream(struct ebb_trace_writer *w, size_t stream)
{
    EBB_TRY(settle(w, stream));
    derive(w, stream);
    ebb_stream_pack(&w->streams[stream], w->worker);
    return EBB_OK;
}

/* Data first, then the word that it is there. */
static ebb_status commit(struct ebb_trace_writer *w)
{
    uint64_t bytes = ROOM_FIXED;
    for (size_t k = 0; k < w->commit.n_streams; k++) {
        EBB_TRY(settle(w, k));
        bytes += ebb_stream_commit_bytes(&w->streams[k]);
    }
    EBB_TRY(reserve(w, bytes));
    for (size_t k = 0; k < w->commit.n_streams; k++) {
        EBB_TRY(ebb_stream_commit(&w->streams[k]));
        w->commit.mark[k] = w->streams[k].mark;
    }
    ebb_tick before = w->commit.ticks;
    w->commit.ticks = w->tick;
    ebb_status status = ebb_trace_commit_write(&w->commit);
    if (status != EBB_OK) {
        w->commit.ticks = before;
    }
    w->committed_at = seconds_now();
    return status;
}

/* Packing a block changes the buffers: they are looked up for each spike. */
static ebb_status take_spike(struct ebb_trace_writer *w, size_t population,
                             ebb_tick tick, ebb_neuron_id node, double value)
{
    struct ebb_stream *s = train(w, population);
    ((uint64_t *)(void *)s->column[EBB_TRAIN_TICK].data)[s->held] = tick;
    ((uint32_t *)(void *)s->column[EBB_TRAIN_NODE].data)[s->held] = node;
    if (w->plan.populations[population].input) {
        ((double *)(void *)s->column[EBB_TRAIN_MORE].data)[s->held] = value;
    }
    s->held++;
    ebb_overview_count(&w->overview, w->first_row[population] + node,
                       tick - w->plan.first);
    return s->held == s->block ? pack_stream(w, w->plan.n_series + population)
                               : EBB_OK;
}

static ebb_status take_spikes(void *self, size_t population, ebb_tick tick,
                              const ebb_neuron_id *node, const double *value,
                              size_t n)
{
    struct ebb_trace_writer *w = self;
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(fail(
            w, take_spike(w, population, tick, node[k], value ? value[k] : 1)));
    }
    return EBB_OK;
}

static ebb_status take_state(void *self, size_t probe, ebb_tick tick,
                             const double *value)
{
    (void)tick; /* they come in order */
    struct ebb_trace_writer *w = self;
    struct ebb_stream *s = &w->streams[probe];
    const struct ebb_column *c = &s->column[EBB_SERIES_STATE];
    size_t bytes = c->rows * sizeof(*value);
    memcpy(c->data + s->held * bytes, value, bytes);
    s->held++;
    return s->held == s->block ? fail(w, pack_stream(w, probe)) : EBB_OK;
}

static ebb_status take_advance(void *self, ebb_tick tick)
{
    struct ebb_trace_writer *w = self;
    w->tick = tick;
    bool due = w->commit_every
                   ? tick - w->commit.ticks >= w->commit_every
                   : seconds_now() - w->committed_at >= COMMIT_SECONDS;
    return due ? fail(w, commit(w)) : EBB_OK;
}

struct ebb_run_sink ebb_trace_writer_sink(struct ebb_trace_writer *w)
{
    return (struct ebb_run_sink){.self = w,
                                 .spikes = take_spikes,
                                 .state = take_state,
                                 .advance = take_advance};
}

void ebb_trace_writer_commit_every(struct ebb_trace_writer *w, ebb_tick ticks)
{
    w->commit_every = ticks;
}

ebb_status ebb_trace_writer_commit(struct ebb_trace_writer *w)
{
    return fail(w, commit(w));
}

const char *ebb_trace_writer_part(const struct ebb_trace_writer *w)
{
    return w->part;
}

ebb_tick ebb_trace_writer_committed(const struct ebb_trace_writer *w)
{
    return w->commit.ticks;
}

static ebb_status plan_overview(struct ebb_trace_writer *w)
{
    size_t populations = w->plan.n_populations;
    w->first_row =
        ebb_arena_calloc(w->arena, populations + 1, sizeof(*w->first_row));
    if (!w->first_row) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    for (size_t k = 0; k < populations; k++) {
        w->first_row[k + 1] = w->first_row[k] + w->plan.populations[k].n;
    }
    return ebb_overview_init(&w->overview, w->arena, w->first_row[populations],
                             w->plan.ticks - w->plan.first);
}

static ebb_status take_memory(struct ebb_trace_writer *w)
{
    size_t n = ebb_trace_layout_streams(&w->plan);
    w->streams = ebb_arena_calloc(w->arena, n, sizeof(*w->streams));
    if (!w->streams) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    EBB_TRY(plan_overview(w));
    EBB_TRY(ebb_chunk_worker_create(&w->worker));
    EBB_TRY(ebb_trace_commit_init(&w->commit, w->arena, n - 1));
    return ebb_trace_layout_plan(w->streams, w->arena, &w->plan, &w->overview);
}

static ebb_status take_names(struct ebb_trace_writer *w, const char *path,
                             const char *suffix)
{
    size_t size = strlen(path) + strlen(suffix) + 1;
    w->path = ebb_arena_calloc(w->arena, strlen(path) + 1, 1);
    w->part = ebb_arena_calloc(w->arena, size, 1);
    if (!w->path || !w->part) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    strcpy(w->path, path);
    snprintf(w->part, size, "%s%s", path, suffix);
    return EBB_OK;
}

/* A recording that was cut short is never overwritten, a repair is. */
static ebb_status create_file(struct ebb_trace_writer *w, bool replace)
{
    struct stat info;
    if (!replace && stat(w->part, &info) == 0) {
        return EBB_FAIL(EBB_ERR_IO,
                        "'%s' is there already: a recording that goes on, or "
                        "was cut short; make a trace of it with ebb repair, "
                        "or remove it",
                        w->part);
    }
    EBB_TRY(ebb_h5_create_growing(&w->file, w->part, replace));
    EBB_TRY(ebb_disk_space_init(&w->space, w->part));
    uint64_t bytes = ROOM_FIXED;
    for (size_t k = 0; k < w->plan.n_series; k++) {
        bytes += w->plan.series[k].n * sizeof(uint32_t);
    }
    bytes += ebb_trace_layout_streams(&w->plan) * ROOM_STREAM;
    return ebb_error_prefix(reserve(w, bytes), "%s: ", w->part);
}

static ebb_status fill_file(struct ebb_trace_writer *w)
{
    EBB_TRY(ebb_trace_layout_create(w->file, &w->plan, w->streams, &w->commit,
                                    &w->overview));
    if (H5Fstart_swmr_write(w->file) < 0) {
        return EBB_FAIL(EBB_ERR_IO,
                        "%s: cannot be made readable while it "
                        "grows",
                        w->part);
    }
    w->tick = w->plan.first;
    return commit(w);
}

static ebb_status begin(struct ebb_trace_writer **out, const char *path,
                        const char *suffix)
{
    struct ebb_trace_writer *w = ebb_mem_calloc(1, sizeof(*w));
    *out = w;
    if (!w) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    w->file = w->commit.records = w->commit.committed = -1;
    w->space.file = -1;
    EBB_TRY(ebb_arena_create(&w->arena));
    return take_names(w, path, suffix);
}

static ebb_status create(struct ebb_trace_writer *w, bool replace)
{
    EBB_TRY(take_memory(w));
    EBB_TRY(create_file(w, replace));
    return fill_file(w);
}

static ebb_status begun(struct ebb_trace_writer **out,
                        struct ebb_trace_writer *w, ebb_status status)
{
    if (status != EBB_OK) {
        ebb_trace_writer_abandon(w);
        w = NULL;
    }
    *out = w;
    return status;
}

ebb_status ebb_trace_writer_open(struct ebb_trace_writer **out,
                                 const char *path, const char *suffix,
                                 const struct ebb_trace_plan *plan)
{
    struct ebb_trace_writer *w;
    ebb_status status = begin(&w, path, suffix);
    if (status == EBB_OK) {
        w->plan = *plan;
        status = create(w, true);
    }
    return begun(out, w, status);
}

/* What is kept is a piece of a run. */
static void take_piece(struct ebb_trace_plan *plan,
                       const struct ebb_trace_piece *piece)
{
    plan->first = piece->first;
    plan->run = piece->run;
    plan->rank = piece->rank;
    plan->ranks = piece->ranks > 0 ? piece->ranks : 1;
    for (size_t k = 0; piece->own && k < plan->n_populations; k++) {
        plan->populations[k].own_from = piece->own[2 * k];
        plan->populations[k].own_to = piece->own[2 * k + 1];
    }
}

ebb_status ebb_trace_writer_create(struct ebb_trace_writer **out,
                                   const char *path,
                                   const struct ebb_network *net,
                                   ebb_tick ticks,
                                   const struct ebb_probe *probes,
                                   size_t n_probes, const char *origin)
{
    const struct ebb_trace_piece whole = {.ranks = 1};
    return ebb_trace_writer_create_piece(out, path, net, ticks, probes,
                                         n_probes, origin, &whole);
}

ebb_status ebb_trace_writer_create_piece(struct ebb_trace_writer **out,
                                         const char *path,
                                         const struct ebb_network *net,
                                         ebb_tick ticks,
                                         const struct ebb_probe *probes,
                                         size_t n_probes, const char *origin,
                                         const struct ebb_trace_piece *piece)
{
    struct ebb_trace_writer *w;
    ebb_status status = begin(&w, path, EBB_TRACE_PART);
    if (status == EBB_OK) {
        status = ebb_trace_plan_init(&w->plan, w->arena, net, ticks, probes,
                                     n_probes, origin);
    }
    if (status == EBB_OK) {
        take_piece(&w->plan, piece);
        status = create(w, false);
    }
    return begun(out, w, status);
}

static ebb_status write_overview(struct ebb_trace_writer *w)
{
    struct ebb_stream *s = rate(w);
    const struct ebb_overview *o = &w->overview;
    ebb_tick first = w->plan.first, ticks = w->tick - first;
    size_t bins = ebb_overview_end(&w->overview, ticks);
    for (size_t from = 0; from < bins; from += s->block) {
        s->held = bins - from < s->block ? bins - from : s->block;
        memcpy(s->column[EBB_RATE_RATE].data, o->rate + from * o->neuron_bins,
               s->held * o->neuron_bins * sizeof(*o->rate));
        double *middle = (void *)s->column[EBB_RATE_TICK].data;
        for (size_t k = 0; k < s->held; k++) {
            middle[k] = (double)first + ebb_overview_tick(o, from + k, ticks);
        }
        ebb_stream_pack(s, NULL);
        EBB_TRY(settle(w, w->commit.n_streams));
    }
    return EBB_OK;
}

/* A run that was stopped is a shorter run. */
static ebb_status write_ticks(struct ebb_trace_writer *w)
{
    if (w->tick == w->plan.ticks) {
        return EBB_OK;
    }
    hid_t run = H5Gopen2(w->file, "run", H5P_DEFAULT);
    hid_t ticks = H5Aopen(run, "ticks", H5P_DEFAULT);
    herr_t result =
        ticks < 0 ? -1 : H5Awrite(ticks, H5T_NATIVE_UINT64, &w->tick);
    if (ticks >= 0) {
        H5Aclose(ticks);
    }
    H5Gclose(run);
    return result >= 0 ? EBB_OK : EBB_FAIL(EBB_ERR_IO, "cannot write 'ticks'");
}

static ebb_status write_rest(struct ebb_trace_writer *w)
{
    for (size_t k = 0; k < w->commit.n_streams; k++) {
        EBB_TRY(pack_stream(w, k));
    }
    EBB_TRY(write_overview(w));
    EBB_TRY(write_ticks(w));
    return commit(w);
}

/* Everything but the file itself. */
static void close_objects(struct ebb_trace_writer *w)
{
    for (size_t k = 0; w->streams && k < w->commit.n_streams + 1; k++) {
        ebb_stream_close(&w->streams[k]);
    }
    ebb_trace_commit_close(&w->commit);
}

static void destroy(struct ebb_trace_writer *w)
{
    ebb_chunk_worker_destroy(w->worker);
    ebb_arena_destroy(w->arena);
    ebb_mem_free(w);
}

static ebb_status close_file(struct ebb_trace_writer *w)
{
    close_objects(w);
    if (H5Fclose(w->file) < 0) {
        return EBB_FAIL(EBB_ERR_IO, "cannot be closed: is the disk full?");
    }
    w->file = -1;
    ebb_disk_space_finish(&w->space);
    return ebb_h5_publish(w->part, w->path);
}

ebb_status ebb_trace_writer_finish(struct ebb_trace_writer *w)
{
    ebb_status status = fail(w, write_rest(w));
    status = status ? status : fail(w, close_file(w));
    if (status == EBB_OK) {
        destroy(w);
    }
    return status;
}

bool ebb_trace_writer_abandon(struct ebb_trace_writer *w)
{
    if (!w) {
        return false;
    }
    bool begun = w->file >= 0, left_open = begun && w->broken;
    if (begun && !left_open) {
        close_objects(w);
        H5Fclose(w->file);
    }
    ebb_disk_space_finish(&w->space);
    if (begun && w->commit.ticks <= w->plan.first) {
        unlink(w->part);
    }
    destroy(w);
    return left_open;
}
