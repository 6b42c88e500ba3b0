/* io/trace_write.c - recorded runs in HDF5, written while the run goes on. */
#include "io/trace_file.h"

#include "core/memory.h"
#include "io/h5.h"
#include "io/trace_populations.h"

#include <stdio.h>
#include <string.h>

enum {
    BLOCK_TICKS = 1024,  /* values of a neuron that are written together */
    CHUNK_NEURONS = 16,  /* neurons in a chunk: lines and images read well */
    SPIKE_BLOCK = 16384, /* spikes in a chunk */
    NEURON_BINS = 512,   /* of the overview, at most */
    TIME_BINS = 2000,
    NAME_BYTES = 200
};

/* One state: values wait until a block is full. */
struct series {
    const struct ebb_probe *probe;
    hid_t dataset; /* [n, points], points growing */
    size_t points; /* written */
    size_t held;   /* waiting */
    double *block; /* [n][BLOCK_TICKS] */
};

/* The spikes of one population. */
struct train {
    hid_t tick, node, value; /* [spikes], growing; value only for inputs */
    size_t written, held;
    uint64_t *ticks; /* [SPIKE_BLOCK] */
    uint32_t *nodes;
    double *values;
};

struct ebb_trace_writer {
    const struct ebb_network *net;
    char *path;
    hid_t file, entry, spikes;
    ebb_tick ticks;
    struct series *series;
    size_t n_series;
    struct train *trains; /* [n_trains], at last all populations */
    size_t n_trains;
    size_t *first_row; /* [populations] its place in the overview */
    size_t neurons, neuron_bins, time_bins;
    float *rate; /* [neuron_bins][time_bins] spikes, then a mean rate */
    struct ebb_arena *arena;
};

static ebb_status write_failed(const char *what)
{
    return EBB_FAIL(EBB_ERR_IO, "cannot write '%s': is the disk full?", what);
}

/* A dataset [rows, n] (or [n]) whose last side grows. */
static ebb_status create_growing(hid_t *out, hid_t at, const char *name,
                                 hid_t type, size_t rows, size_t chunk)
{
    int rank = rows > 0 ? 2 : 1;
    hsize_t side = rows < CHUNK_NEURONS ? rows : CHUNK_NEURONS;
    hsize_t now[2] = {rows, 0}, most[2] = {rows, H5S_UNLIMITED};
    hsize_t chunks[2] = {side, chunk};
    hid_t space = H5Screate_simple(rank, now + 2 - rank, most + 2 - rank);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, false);
    H5Pset_chunk(plan, rank, chunks + 2 - rank);
    H5Pset_shuffle(plan);
    H5Pset_deflate(plan, 4);
    *out = H5Dcreate2(at, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    H5Pclose(plan);
    H5Sclose(space);
    return *out >= 0 ? EBB_OK : write_failed(name);
}

/* Columns [from, from + n) of a growing dataset; the rows of `data` are
 * `stride` numbers apart. */
static ebb_status append(hid_t dataset, hid_t type, size_t rows, size_t from,
                         size_t n, size_t stride, const void *data)
{
    int rank = rows > 0 ? 2 : 1;
    hsize_t size[2] = {rows, from + n}, start[2] = {0, from};
    hsize_t count[2] = {rows, n}, in_memory[2] = {rows, stride};
    hsize_t zero[2] = {0, 0};
    int at = 2 - rank;
    herr_t result = H5Dset_extent(dataset, size + at);
    hid_t space = H5Dget_space(dataset);
    hid_t memory = H5Screate_simple(rank, in_memory + at, NULL);
    if (result >= 0) {
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start + at, NULL, count + at,
                            NULL);
        H5Sselect_hyperslab(memory, H5S_SELECT_SET, zero + at, NULL, count + at,
                            NULL);
        result = H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, data);
    }
    H5Sclose(memory);
    H5Sclose(space);
    return result >= 0 ? EBB_OK : write_failed("trace");
}

static const char *state_name(enum ebb_state state)
{
    static const char *const names[] = {[EBB_STATE_V] = "V",
                                        [EBB_STATE_R] = "R",
                                        [EBB_STATE_I] = "I",
                                        [EBB_STATE_F] = "F",
                                        [EBB_STATE_A] = "A"};
    return names[state];
}

static const char *place_name(const struct ebb_network *net,
                              const struct ebb_probe *p)
{
    return p->state == EBB_STATE_F ? net->projections[p->where].name
                                   : net->populations[p->where].name;
}

/* A list of text, as NXdata wants its axes: a 1-D attribute. */
static ebb_status put_axes(hid_t at, const char *first, const char *second)
{
    char names[2][16] = {{0}};
    hsize_t n = 2;
    snprintf(names[0], sizeof(names[0]), "%s", first);
    snprintf(names[1], sizeof(names[1]), "%s", second);
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, sizeof(names[0]));
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t axes = H5Acreate2(at, "axes", type, space, H5P_DEFAULT, H5P_DEFAULT);
    herr_t result = axes < 0 ? -1 : H5Awrite(axes, type, names);
    if (axes >= 0) {
        H5Aclose(axes);
    }
    H5Sclose(space);
    H5Tclose(type);
    return result >= 0 ? EBB_OK : write_failed("axes");
}

static ebb_status open_nxdata(hid_t *out, hid_t at, const char *name,
                              const char *signal)
{
    EBB_TRY(ebb_h5_group_create(out, at, name));
    ebb_status status = ebb_h5_put_text(*out, "NX_class", "NXdata");
    status = status ? status : ebb_h5_put_text(*out, "signal", signal);
    return status ? status : put_axes(*out, "neuron", "tick");
}

/* Group /entry/<place>, made by whichever of its states comes first. */
static ebb_status open_place(hid_t *out, hid_t entry, const char *name)
{
    if (strcmp(name, "overview") == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a trace has an 'overview' of its own; give the "
                        "population of that name another");
    }
    if (ebb_h5_has(entry, name)) {
        return ebb_h5_group(out, entry, name);
    }
    EBB_TRY(ebb_h5_group_create(out, entry, name));
    return ebb_h5_put_text(*out, "NX_class", "NXcollection");
}

/* What a viewer writes along an axis; by other units it knows that cells of an
 * image need not be square. */
static ebb_status label_axis(hid_t group, const char *name, const char *label,
                             const char *units)
{
    hid_t axis = H5Dopen2(group, name, H5P_DEFAULT);
    ebb_status status = ebb_h5_put_text(axis, "long_name", label);
    status = status ? status : ebb_h5_put_text(axis, "units", units);
    H5Dclose(axis);
    return status;
}

static ebb_status write_neurons(hid_t group, const struct ebb_probe *p,
                                struct ebb_arena *arena)
{
    uint32_t *ids = ebb_arena_calloc(arena, p->n, sizeof(*ids));
    if (!ids) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    for (size_t k = 0; k < p->n; k++) {
        ids[k] = p->nodes ? p->nodes[k] : (uint32_t)k;
    }
    struct ebb_h5_shape shape = ebb_h5_shape_1(p->n);
    EBB_TRY(ebb_h5_write(group, "neuron", H5T_STD_U32LE, H5T_NATIVE_UINT32,
                         &shape, ids, true));
    return label_axis(group, "neuron", "neuron", "neuron");
}

static ebb_status write_ticks(hid_t group, const struct ebb_probe *p,
                              size_t points)
{
    uint64_t *ticks = ebb_mem_calloc(points, sizeof(*ticks));
    if (!ticks) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    for (size_t k = 0; k < points; k++) {
        ticks[k] = k * p->every;
    }
    struct ebb_h5_shape shape = ebb_h5_shape_1(points);
    ebb_status status = ebb_h5_write(group, "tick", H5T_STD_U64LE,
                                     H5T_NATIVE_UINT64, &shape, ticks, true);
    ebb_mem_free(ticks);
    return status ? status : label_axis(group, "tick", "time (ticks)", "tick");
}

static ebb_status describe_series(struct ebb_trace_writer *w, struct series *s,
                                  hid_t group)
{
    const struct ebb_probe *p = s->probe;
    char label[NAME_BYTES];
    snprintf(label, sizeof(label), "%s of %s", state_name(p->state),
             place_name(w->net, p));
    EBB_TRY(create_growing(&s->dataset, group, state_name(p->state),
                           H5T_IEEE_F64LE, p->n, BLOCK_TICKS));
    EBB_TRY(ebb_h5_put_text(s->dataset, "long_name", label));
    EBB_TRY(ebb_h5_put_text(s->dataset, "interpretation", "spectrum"));
    EBB_TRY(write_neurons(group, p, w->arena));
    return write_ticks(group, p,
                       (size_t)((w->ticks + p->every - 1) / p->every));
}

static ebb_status open_series(struct ebb_trace_writer *w, struct series *s,
                              const struct ebb_probe *p)
{
    hid_t place = -1, group = -1;
    s->probe = p;
    s->block = ebb_arena_calloc(w->arena, p->n * BLOCK_TICKS, sizeof(double));
    if (!s->block) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    EBB_TRY(open_place(&place, w->entry, place_name(w->net, p)));
    ebb_status status =
        ebb_h5_has(place, state_name(p->state))
            ? EBB_FAIL(EBB_ERR_ARG, "%s of '%s' is asked for twice",
                       state_name(p->state), place_name(w->net, p))
            : open_nxdata(&group, place, state_name(p->state),
                          state_name(p->state));
    status = status ? status : describe_series(w, s, group);
    if (group >= 0) {
        H5Gclose(group);
    }
    H5Gclose(place);
    return status;
}

static ebb_status open_train(struct ebb_trace_writer *w, size_t population)
{
    struct train *t = &w->trains[population];
    const struct ebb_population *p = &w->net->populations[population];
    hid_t group;
    t->tick = t->node = t->value = -1;
    t->ticks = ebb_arena_calloc(w->arena, SPIKE_BLOCK, sizeof(*t->ticks));
    t->nodes = ebb_arena_calloc(w->arena, SPIKE_BLOCK, sizeof(*t->nodes));
    t->values = ebb_arena_calloc(w->arena, SPIKE_BLOCK, sizeof(*t->values));
    if (!t->ticks || !t->nodes || !t->values) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    EBB_TRY(ebb_h5_group_create(&group, w->spikes, p->name));
    ebb_status status =
        create_growing(&t->tick, group, "ticks", H5T_STD_U64LE, 0, SPIKE_BLOCK);
    status = status ? status
                    : create_growing(&t->node, group, "node_ids", H5T_STD_U32LE,
                                     0, SPIKE_BLOCK);
    status = status || !p->input
                 ? status
                 : create_growing(&t->value, group, "value", H5T_IEEE_F64LE, 0,
                                  SPIKE_BLOCK);
    H5Gclose(group);
    return status;
}

static ebb_status plan_overview(struct ebb_trace_writer *w)
{
    size_t populations = w->net->n_populations;
    w->first_row =
        ebb_arena_calloc(w->arena, populations + 1, sizeof(*w->first_row));
    if (!w->first_row) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    for (size_t k = 0; k < populations; k++) {
        w->first_row[k + 1] = w->first_row[k] + w->net->populations[k].n;
    }
    w->neurons = w->first_row[populations];
    w->neuron_bins = w->neurons < NEURON_BINS ? w->neurons : NEURON_BINS;
    w->time_bins = w->ticks < TIME_BINS ? (size_t)w->ticks : TIME_BINS;
    w->rate = ebb_arena_calloc(w->arena, w->neuron_bins * w->time_bins,
                               sizeof(*w->rate));
    return w->rate ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
}

static ebb_status describe_run(const struct ebb_trace_writer *w,
                               const char *origin)
{
    hid_t run;
    char hash[20];
    snprintf(hash, sizeof(hash), "%016llx",
             (unsigned long long)ebb_network_hash(w->net));
    EBB_TRY(ebb_h5_group_create(&run, w->file, "run"));
    ebb_status status = ebb_h5_put_text(run, "network_hash", hash);
    status = status ? status : ebb_h5_put_count(run, "ticks", w->ticks);
    status = status ? status : ebb_h5_put_number(run, "tick_s", w->net->tick_s);
    status = status ? status
                    : ebb_h5_put_text(run, "v_is",
                                      "as compared with the threshold, before "
                                      "any hybrid reset");
    status =
        status || !origin ? status : ebb_h5_put_text(run, "origin", origin);
    status = status ? status : ebb_trace_populations_write(run, w->net);
    H5Gclose(run);
    return status;
}

static ebb_status describe_file(struct ebb_trace_writer *w, const char *origin)
{
    EBB_TRY(ebb_h5_put_text(w->file, "format", "ebb trace"));
    EBB_TRY(ebb_h5_put_count(w->file, "version", 1));
    EBB_TRY(ebb_h5_put_text(w->file, "NX_class", "NXroot"));
    EBB_TRY(ebb_h5_put_text(w->file, "default", "entry"));
    EBB_TRY(ebb_h5_group_create(&w->entry, w->file, "entry"));
    EBB_TRY(ebb_h5_put_text(w->entry, "NX_class", "NXentry"));
    EBB_TRY(ebb_h5_put_text(w->entry, "default", "overview"));
    EBB_TRY(ebb_h5_group_create(&w->spikes, w->file, "spikes"));
    return describe_run(w, origin);
}

static ebb_status fill(struct ebb_trace_writer *w,
                       const struct ebb_probe *probes, size_t n_probes,
                       const char *origin)
{
    EBB_TRY(ebb_arena_create(&w->arena));
    w->series = ebb_arena_calloc(w->arena, n_probes, sizeof(*w->series));
    w->trains =
        ebb_arena_calloc(w->arena, w->net->n_populations, sizeof(*w->trains));
    if (!w->path || !w->series || !w->trains) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    EBB_TRY(plan_overview(w));
    EBB_TRY(ebb_h5_begin(&w->file, w->path));
    EBB_TRY(describe_file(w, origin));
    for (size_t k = 0; k < w->net->n_populations; k++) {
        ebb_status status = open_train(w, k);
        w->n_trains += w->trains[k].ticks != NULL;
        EBB_TRY(status);
    }
    for (size_t k = 0; k < n_probes; k++) {
        w->series[k].dataset = -1;
        w->n_series++;
        EBB_TRY(open_series(w, &w->series[k], &probes[k]));
    }
    return EBB_OK;
}

ebb_status ebb_trace_writer_create(struct ebb_trace_writer **out,
                                   const char *path,
                                   const struct ebb_network *net,
                                   ebb_tick ticks,
                                   const struct ebb_probe *probes,
                                   size_t n_probes, const char *origin)
{
    *out = NULL;
    struct ebb_trace_writer *w = ebb_mem_calloc(1, sizeof(*w));
    if (!w) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    w->net = net;
    w->ticks = ticks;
    w->file = w->entry = w->spikes = -1;
    w->path = ebb_mem_strdup(path);
    ebb_status status = fill(w, probes, n_probes, origin);
    if (status != EBB_OK) {
        ebb_trace_writer_abandon(w);
        return status;
    }
    *out = w;
    return EBB_OK;
}

static ebb_status flush_train(struct train *t)
{
    size_t n = t->held, from = t->written;
    t->held = 0;
    t->written += n;
    if (n == 0) {
        return EBB_OK;
    }
    EBB_TRY(append(t->tick, H5T_NATIVE_UINT64, 0, from, n, n, t->ticks));
    EBB_TRY(append(t->node, H5T_NATIVE_UINT32, 0, from, n, n, t->nodes));
    return t->value < 0
               ? EBB_OK
               : append(t->value, H5T_NATIVE_DOUBLE, 0, from, n, n, t->values);
}

static void count_spike(struct ebb_trace_writer *w, size_t population,
                        ebb_tick tick, ebb_neuron_id node)
{
    size_t row = w->first_row[population] + node;
    size_t y = row * w->neuron_bins / w->neurons;
    size_t x = (size_t)(tick * w->time_bins / w->ticks); /* whole: no gaps */
    w->rate[y * w->time_bins + (x < w->time_bins ? x : w->time_bins - 1)] += 1;
}

static ebb_status take_spikes(void *self, size_t population, ebb_tick tick,
                              const ebb_neuron_id *node, const double *value,
                              size_t n)
{
    struct ebb_trace_writer *w = self;
    struct train *t = &w->trains[population];
    for (size_t k = 0; k < n; k++) {
        t->ticks[t->held] = tick;
        t->nodes[t->held] = node[k];
        t->values[t->held++] = value ? value[k] : 1;
        count_spike(w, population, tick, node[k]);
        if (t->held == SPIKE_BLOCK) {
            EBB_TRY(ebb_error_prefix(flush_train(t), "%s: ", w->path));
        }
    }
    return EBB_OK;
}

static ebb_status flush_series(struct series *s)
{
    size_t n = s->held, from = s->points;
    s->held = 0;
    s->points += n;
    return n == 0 || s->probe->n == 0
               ? EBB_OK
               : append(s->dataset, H5T_NATIVE_DOUBLE, s->probe->n, from, n,
                        BLOCK_TICKS, s->block);
}

static ebb_status take_state(void *self, size_t probe, ebb_tick tick,
                             const double *value)
{
    (void)tick; /* they come in order */
    struct ebb_trace_writer *w = self;
    struct series *s = &w->series[probe];
    for (size_t k = 0; k < s->probe->n; k++) {
        s->block[k * BLOCK_TICKS + s->held] = value[k];
    }
    s->held++;
    return s->held == BLOCK_TICKS
               ? ebb_error_prefix(flush_series(s), "%s: ", w->path)
               : EBB_OK;
}

struct ebb_run_sink ebb_trace_writer_sink(struct ebb_trace_writer *w)
{
    return (struct ebb_run_sink){
        .self = w, .spikes = take_spikes, .state = take_state};
}

/* Centres of n bins over `whole`. */
static ebb_status write_bins(hid_t group, const char *name, size_t n,
                             double whole, const char *label)
{
    double centre[TIME_BINS];
    for (size_t k = 0; k < n; k++) {
        centre[k] = ((double)k + 0.5) * whole / (double)n - 0.5;
    }
    struct ebb_h5_shape shape = ebb_h5_shape_1(n);
    EBB_TRY(ebb_h5_write(group, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &shape,
                         centre, true));
    return label_axis(group, name, label, name);
}

/* From counts to spikes per neuron and tick. */
static ebb_status write_overview(struct ebb_trace_writer *w)
{
    hid_t group;
    size_t cells = w->neuron_bins * w->time_bins;
    double per_bin = (double)w->neurons * (double)w->ticks / (double)cells;
    for (size_t k = 0; k < cells; k++) {
        w->rate[k] = (float)((double)w->rate[k] / per_bin);
    }
    struct ebb_h5_shape shape = ebb_h5_shape_2(w->neuron_bins, w->time_bins);
    EBB_TRY(open_nxdata(&group, w->entry, "overview", "rate"));
    ebb_status status = ebb_h5_write(group, "rate", H5T_IEEE_F32LE,
                                     H5T_NATIVE_FLOAT, &shape, w->rate, true);
    if (status == EBB_OK) {
        hid_t rate = H5Dopen2(group, "rate", H5P_DEFAULT);
        status = ebb_h5_put_text(rate, "long_name",
                                 "rate (spikes per neuron and tick)");
        status =
            status ? status : ebb_h5_put_text(rate, "interpretation", "image");
        H5Dclose(rate);
    }
    status =
        status ? status
               : write_bins(group, "neuron", w->neuron_bins, (double)w->neurons,
                            "neuron, populations one after the other");
    status = status ? status
                    : write_bins(group, "tick", w->time_bins, (double)w->ticks,
                                 "time (ticks)");
    H5Gclose(group);
    return status;
}

static void close_dataset(hid_t dataset)
{
    if (dataset >= 0) {
        H5Dclose(dataset);
    }
}

/* Everything but the file itself. */
static void close_objects(struct ebb_trace_writer *w)
{
    for (size_t k = 0; k < w->n_series; k++) {
        close_dataset(w->series[k].dataset);
    }
    for (size_t k = 0; k < w->n_trains; k++) {
        close_dataset(w->trains[k].tick);
        close_dataset(w->trains[k].node);
        close_dataset(w->trains[k].value);
    }
    if (w->spikes >= 0) {
        H5Gclose(w->spikes);
    }
    if (w->entry >= 0) {
        H5Gclose(w->entry);
    }
}

static void destroy(struct ebb_trace_writer *w)
{
    ebb_arena_destroy(w->arena);
    ebb_mem_free(w->path);
    ebb_mem_free(w);
}

ebb_status ebb_trace_writer_finish(struct ebb_trace_writer *w)
{
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < w->net->n_populations && status == EBB_OK; k++) {
        status = flush_train(&w->trains[k]);
    }
    for (size_t k = 0; k < w->n_series && status == EBB_OK; k++) {
        status = flush_series(&w->series[k]);
    }
    status = status ? status : write_overview(w);
    if (status != EBB_OK) {
        ebb_error_prefix(status, "%s: ", w->path);
        ebb_trace_writer_abandon(w);
        return status;
    }
    close_objects(w);
    status = ebb_h5_commit(w->file, w->path);
    destroy(w);
    return status;
}

void ebb_trace_writer_abandon(struct ebb_trace_writer *w)
{
    if (w) {
        close_objects(w);
        if (w->file >= 0) {
            ebb_h5_abandon(w->file, w->path);
        }
        destroy(w);
    }
}
