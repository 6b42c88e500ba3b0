/* io/trace_layout.c - groups, datasets and attributes of a trace. */
#include "io/trace_layout.h"

#include "io/trace_populations.h"

#include <stdio.h>
#include <string.h>

enum { LABEL_BYTES = 200, LIST_BLOCK = EBB_STREAM_CHUNK, RATE_BLOCK = 512 };

size_t ebb_trace_layout_streams(const struct ebb_trace_plan *plan)
{
    return plan->n_series + plan->n_populations + 1;
}

void ebb_trace_staging_name(char name[EBB_STAGING_NAME_BYTES], const char *kind,
                            size_t index)
{
    snprintf(name, EBB_STAGING_NAME_BYTES, "%s_%zu", kind, index);
}

static void plan_series(struct ebb_stream *s,
                        const struct ebb_trace_series *series)
{
    s->block = ebb_stream_block(series->n);
    ebb_stream_add(s, series->state, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                   series->n);
    ebb_stream_add(s, "tick", H5T_STD_U64LE, H5T_NATIVE_UINT64, 0)->derived =
        true;
}

static void plan_train(struct ebb_stream *s, const struct ebb_trace_train *p,
                       double tick_s)
{
    s->block = LIST_BLOCK;
    ebb_stream_add(s, "ticks", H5T_STD_U64LE, H5T_NATIVE_UINT64, 0);
    ebb_stream_add(s, "node_ids", H5T_STD_U32LE, H5T_NATIVE_UINT32, 0);
    if (p->input) {
        ebb_stream_add(s, "value", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 0);
    }
    if (tick_s > 0) {
        ebb_stream_add(s, "timestamps", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 0)
            ->derived = true;
    }
}

static void plan_rate(struct ebb_stream *s, const struct ebb_overview *o)
{
    s->block = RATE_BLOCK;
    ebb_stream_add(s, "rate", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, o->neuron_bins);
    ebb_stream_add(s, "tick", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 0);
}

ebb_status ebb_trace_layout_plan(struct ebb_stream *streams,
                                 struct ebb_arena *arena,
                                 const struct ebb_trace_plan *plan,
                                 const struct ebb_overview *overview)
{
    struct ebb_stream *s = streams;
    for (size_t k = 0; k < plan->n_series; k++) {
        plan_series(s++, &plan->series[k]);
    }
    for (size_t k = 0; k < plan->n_populations; k++) {
        plan_train(s++, &plan->populations[k], plan->tick_s);
    }
    plan_rate(s, overview);
    for (size_t k = 0; k < ebb_trace_layout_streams(plan); k++) {
        EBB_TRY(ebb_stream_begin(&streams[k], arena));
    }
    return EBB_OK;
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
    return result >= 0 ? EBB_OK : EBB_FAIL(EBB_ERR_IO, "cannot write 'axes'");
}

static ebb_status open_nxdata(hid_t *out, hid_t at, const char *name,
                              const char *signal)
{
    EBB_TRY(ebb_h5_group_create(out, at, name));
    ebb_status status = ebb_h5_put_text(*out, "NX_class", "NXdata");
    status = status ? status : ebb_h5_put_text(*out, "signal", signal);
    status = status ? status : put_axes(*out, "neuron", "tick");
    if (status != EBB_OK) {
        H5Gclose(*out);
    }
    return status;
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
static ebb_status label_axis(hid_t axis, const char *label, const char *units)
{
    EBB_TRY(ebb_h5_put_text(axis, "long_name", label));
    return ebb_h5_put_text(axis, "units", units);
}

static ebb_status label_neurons(hid_t group, const char *label)
{
    hid_t axis = H5Dopen2(group, "neuron", H5P_DEFAULT);
    ebb_status status = label_axis(axis, label, "neuron");
    H5Dclose(axis);
    return status;
}

/* Never in a single chunk, whose index a reader of a growing file could not
 * follow. */
static ebb_status put_neurons(hid_t group, const struct ebb_trace_series *s)
{
    uint32_t *ids = ebb_mem_calloc(s->n, sizeof(*ids));
    if (!ids) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    for (size_t k = 0; k < s->n; k++) {
        ids[k] = s->nodes ? s->nodes[k] : (uint32_t)k;
    }
    struct ebb_h5_shape shape = ebb_h5_shape_1(s->n);
    ebb_status status = ebb_h5_write(group, "neuron", H5T_STD_U32LE,
                                     H5T_NATIVE_UINT32, &shape, ids, false);
    ebb_mem_free(ids);
    return status ? status : label_neurons(group, "neuron");
}

/* What a repair has to know that the place of a series does not tell. */
static ebb_status open_staging(hid_t *out, hid_t staging, const char *kind,
                               size_t index, const char *name)
{
    char group[EBB_STAGING_NAME_BYTES];
    ebb_trace_staging_name(group, kind, index);
    EBB_TRY(ebb_h5_group_create(out, staging, group));
    return ebb_h5_put_text(*out, "name", name);
}

static ebb_status fill_series(hid_t group, struct ebb_stream *stream,
                              const struct ebb_trace_series *s, hid_t staging,
                              size_t index)
{
    char label[LABEL_BYTES];
    hid_t stage;
    snprintf(label, sizeof(label), "%s of %s", s->state, s->place);
    EBB_TRY(put_neurons(group, s));
    EBB_TRY(open_staging(&stage, staging, "series", index, s->place));
    ebb_status status = ebb_h5_put_text(stage, "state", s->state);
    status = status ? status : ebb_h5_put_count(stage, "every", s->every);
    status = status ? status : ebb_stream_create(stream, group, stage);
    H5Gclose(stage);
    EBB_TRY(status);
    hid_t values = stream->column[EBB_SERIES_STATE].main;
    EBB_TRY(label_axis(stream->column[EBB_SERIES_TICK].main, "time (ticks)",
                       "tick"));
    EBB_TRY(ebb_h5_put_text(values, "long_name", label));
    return ebb_h5_put_text(values, "interpretation", "spectrum");
}

static ebb_status create_series(hid_t entry, struct ebb_stream *stream,
                                const struct ebb_trace_series *s, hid_t staging,
                                size_t index)
{
    hid_t place = -1, group = -1;
    EBB_TRY(open_place(&place, entry, s->place));
    ebb_status status =
        ebb_h5_has(place, s->state)
            ? EBB_FAIL(EBB_ERR_ARG, "%s of '%s' is asked for twice", s->state,
                       s->place)
            : open_nxdata(&group, place, s->state, s->state);
    if (status == EBB_OK) {
        status = fill_series(group, stream, s, staging, index);
        H5Gclose(group);
    }
    H5Gclose(place);
    return status;
}

static ebb_status fill_train(hid_t group, struct ebb_stream *stream,
                             const struct ebb_trace_train *p, hid_t staging,
                             size_t index)
{
    hid_t stage;
    EBB_TRY(open_staging(&stage, staging, "population", index, p->name));
    ebb_status status = ebb_h5_put_count(stage, "n", p->n);
    status = status ? status : ebb_h5_put_count(stage, "input", p->input);
    status = status ? status : ebb_stream_create(stream, group, stage);
    H5Gclose(stage);
    const struct ebb_column *last = &stream->column[stream->n_columns - 1];
    return status || strcmp(last->name, "timestamps") != 0
               ? status
               : ebb_h5_put_text(last->main, "units", "milliseconds");
}

static ebb_status create_train(hid_t spikes, struct ebb_stream *stream,
                               const struct ebb_trace_train *p, hid_t staging,
                               size_t index)
{
    hid_t group;
    EBB_TRY(ebb_h5_group_create(&group, spikes, p->name));
    ebb_status status = fill_train(group, stream, p, staging, index);
    H5Gclose(group);
    return status;
}

static ebb_status fill_overview(hid_t group, struct ebb_stream *stream,
                                const struct ebb_overview *o)
{
    double centre[EBB_OVERVIEW_NEURONS];
    for (size_t k = 0; k < o->neuron_bins; k++) {
        centre[k] = ebb_overview_neuron(o, k);
    }
    struct ebb_h5_shape shape = ebb_h5_shape_1(o->neuron_bins);
    EBB_TRY(ebb_h5_write(group, "neuron", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                         &shape, centre, false));
    EBB_TRY(label_neurons(group, "neuron, populations one after the other"));
    EBB_TRY(ebb_stream_create(stream, group, -1));
    hid_t rate = stream->column[EBB_RATE_RATE].main;
    EBB_TRY(ebb_h5_put_text(rate, "long_name",
                            "rate (spikes per neuron and tick)"));
    EBB_TRY(ebb_h5_put_text(rate, "interpretation", "image"));
    return label_axis(stream->column[EBB_RATE_TICK].main, "time (ticks)",
                      "tick");
}

static ebb_status create_overview(hid_t entry, struct ebb_stream *stream,
                                  const struct ebb_overview *overview)
{
    hid_t group;
    EBB_TRY(open_nxdata(&group, entry, "overview", "rate"));
    ebb_status status = fill_overview(group, stream, overview);
    H5Gclose(group);
    return status;
}

static ebb_status create_entry(hid_t file, const struct ebb_trace_plan *plan,
                               struct ebb_stream *streams, hid_t staging,
                               const struct ebb_overview *overview)
{
    hid_t entry;
    size_t rate = plan->n_series + plan->n_populations;
    EBB_TRY(ebb_h5_group_create(&entry, file, "entry"));
    ebb_status status = ebb_h5_put_text(entry, "NX_class", "NXentry");
    status = status ? status : ebb_h5_put_text(entry, "default", "overview");
    for (size_t k = 0; k < plan->n_series && status == EBB_OK; k++) {
        status =
            create_series(entry, &streams[k], &plan->series[k], staging, k);
    }
    status = status ? status : create_overview(entry, &streams[rate], overview);
    H5Gclose(entry);
    return status;
}

static ebb_status create_spikes(hid_t file, const struct ebb_trace_plan *plan,
                                struct ebb_stream *trains, hid_t staging)
{
    hid_t spikes;
    ebb_status status = EBB_OK;
    EBB_TRY(ebb_h5_group_create(&spikes, file, "spikes"));
    for (size_t k = 0; k < plan->n_populations && status == EBB_OK; k++) {
        status =
            create_train(spikes, &trains[k], &plan->populations[k], staging, k);
    }
    H5Gclose(spikes);
    return status;
}

/* Of which run, and which piece of it. */
static ebb_status put_piece(hid_t run, const struct ebb_trace_plan *plan)
{
    char hash[20];
    snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)plan->run);
    if (plan->run != 0) {
        EBB_TRY(ebb_h5_put_text(run, "run", hash));
    }
    if (!ebb_trace_plan_is_piece(plan)) {
        return EBB_OK;
    }
    EBB_TRY(ebb_h5_put_count(run, "first_tick", plan->first));
    EBB_TRY(ebb_h5_put_count(run, "rank", plan->rank));
    return ebb_h5_put_count(run, "ranks", plan->ranks);
}

static ebb_status create_run(hid_t file, const struct ebb_trace_plan *plan,
                             struct ebb_trace_commit *commit)
{
    hid_t run;
    char hash[20];
    snprintf(hash, sizeof(hash), "%016llx",
             (unsigned long long)plan->network_hash);
    EBB_TRY(ebb_h5_group_create(&run, file, "run"));
    ebb_status status = ebb_h5_put_text(run, "network_hash", hash);
    status =
        status
            ? status
            : ebb_h5_put_count(run, "ticks",
                               plan->ticks == EBB_TICK_NEVER ? 0 : plan->ticks);
    status = status ? status
                    : ebb_h5_put_count(run, "intended_ticks", plan->intended);
    status = status ? status : ebb_h5_put_number(run, "tick_s", plan->tick_s);
    status = status ? status
                    : ebb_h5_put_text(run, "v_is",
                                      "as compared with the threshold, before "
                                      "any hybrid reset");
    status = status || !plan->origin
                 ? status
                 : ebb_h5_put_text(run, "origin", plan->origin);
    status = status ? status : put_piece(run, plan);
    status = status ? status : ebb_trace_populations_write(run, plan);
    status = status ? status : ebb_trace_commit_create(commit, run);
    H5Gclose(run);
    return status;
}

static ebb_status fill_file(hid_t file, const struct ebb_trace_plan *plan,
                            struct ebb_stream *streams,
                            const struct ebb_overview *overview, hid_t staging)
{
    EBB_TRY(ebb_h5_put_count(staging, "series", plan->n_series));
    EBB_TRY(ebb_h5_put_count(staging, "populations", plan->n_populations));
    EBB_TRY(create_entry(file, plan, streams, staging, overview));
    return create_spikes(file, plan, streams + plan->n_series, staging);
}

ebb_status ebb_trace_layout_create(hid_t file,
                                   const struct ebb_trace_plan *plan,
                                   struct ebb_stream *streams,
                                   struct ebb_trace_commit *commit,
                                   const struct ebb_overview *overview)
{
    hid_t staging;
    EBB_TRY(ebb_h5_put_text(file, "format", "ebb trace"));
    EBB_TRY(ebb_h5_put_count(file, "version",
                             ebb_trace_plan_is_piece(plan)
                                 ? EBB_TRACE_VERSION_PIECE
                                 : EBB_TRACE_VERSION));
    EBB_TRY(ebb_h5_put_text(file, "NX_class", "NXroot"));
    EBB_TRY(ebb_h5_put_text(file, "default", "entry"));
    EBB_TRY(create_run(file, plan, commit));
    EBB_TRY(ebb_h5_group_create(&staging, file, "staging"));
    ebb_status status = fill_file(file, plan, streams, overview, staging);
    H5Gclose(staging);
    return status;
}
