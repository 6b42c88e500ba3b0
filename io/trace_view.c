/* io/trace_view.c - recorded runs, looked at without their network. */
#include "io/trace_view.h"

#include "core/memory.h"
#include "io/h5.h"

#include <stdlib.h>
#include <string.h>

struct ebb_trace_view {
    struct ebb_trace_about about;
    char *path;
    hid_t file;
    size_t state_room;
};

/* A group of a group: at/first/second. */
static ebb_status open_two(hid_t *out, hid_t at, const char *first,
                           const char *second)
{
    hid_t between;
    EBB_TRY(ebb_h5_group(&between, at, first));
    ebb_status status = ebb_h5_group(out, between, second);
    H5Gclose(between);
    return status;
}

static ebb_status open_state(hid_t *out, const struct ebb_trace_view *view,
                             const struct ebb_trace_state *s)
{
    hid_t entry;
    EBB_TRY(ebb_h5_group(&entry, view->file, "entry"));
    ebb_status status = open_two(out, entry, s->place, s->letter);
    H5Gclose(entry);
    return status;
}

/* How far the run had come when the file was written: all of it, unless it
 * says otherwise. */
static ebb_status read_committed(struct ebb_trace_about *a, hid_t run)
{
    static const char name[] = "committed_ticks";
    a->committed = a->ticks;
    if (H5Aexists(run, name) > 0) {
        EBB_TRY(ebb_h5_get_count(&a->committed, run, name));
    } else if (ebb_h5_has(run, name)) {
        EBB_TRY(ebb_h5_read(&a->committed, run, name, H5T_NATIVE_UINT64, 1));
    }
    return a->committed <= a->ticks && a->committed >= a->first
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "%llu ticks committed of %llu",
                          (unsigned long long)a->committed,
                          (unsigned long long)a->ticks);
}

static ebb_status get_optional(uint64_t *out, hid_t at, const char *name)
{
    return H5Aexists(at, name) > 0 ? ebb_h5_get_count(out, at, name) : EBB_OK;
}

static ebb_status read_run(struct ebb_trace_about *a, hid_t run)
{
    EBB_TRY(ebb_h5_get_count(&a->ticks, run, "ticks"));
    a->intended = a->ticks;
    if (H5Aexists(run, "intended_ticks") > 0) {
        EBB_TRY(ebb_h5_get_count(&a->intended, run, "intended_ticks"));
    }
    a->ranks = 1;
    EBB_TRY(get_optional(&a->first, run, "first_tick"));
    EBB_TRY(get_optional(&a->rank, run, "rank"));
    EBB_TRY(get_optional(&a->ranks, run, "ranks"));
    EBB_TRY(ebb_h5_get_number(&a->tick_s, run, "tick_s"));
    EBB_TRY(ebb_h5_get_text(a->network_hash, sizeof(a->network_hash), run,
                            "network_hash"));
    if (H5Aexists(run, "origin") > 0) {
        EBB_TRY(ebb_h5_get_text(a->origin, sizeof(a->origin), run, "origin"));
    }
    return read_committed(a, run);
}

/* Files of others, and of the first days, do not have it. */
static ebb_status read_size(struct ebb_trace_population *p, hid_t run)
{
    hid_t at;
    if (!ebb_h5_has(run, "populations")) {
        return EBB_OK;
    }
    EBB_TRY(open_two(&at, run, "populations", p->name));
    uint64_t input = 0;
    ebb_status status = ebb_h5_get_count(&p->n, at, "n");
    status = status ? status : ebb_h5_get_count(&p->index, at, "index");
    status = status ? status : ebb_h5_get_count(&input, at, "input");
    p->input = input != 0;
    H5Gclose(at);
    if (status == EBB_OK && p->n > UINT32_MAX) {
        status = EBB_FAIL(EBB_ERR_FORMAT, "n = %llu is no number of neurons",
                          (unsigned long long)p->n);
    }
    return status;
}

static ebb_status read_population(struct ebb_trace_population *p, hid_t spikes,
                                  hid_t run)
{
    hid_t at;
    struct ebb_h5_shape shape = {0};
    EBB_TRY(ebb_h5_group(&at, spikes, p->name));
    ebb_status status = ebb_h5_shape(&shape, at, "ticks");
    p->spikes = shape.count;
    p->input = ebb_h5_has(at, "value");
    H5Gclose(at);
    return status ? status : read_size(p, run);
}

static int by_index(const void *a, const void *b)
{
    const struct ebb_trace_population *p = a, *q = b;
    return (p->index > q->index) - (p->index < q->index);
}

static ebb_status read_populations(struct ebb_trace_about *a, hid_t spikes,
                                   hid_t run)
{
    size_t n = ebb_h5_members(spikes);
    a->populations = ebb_mem_calloc(n, sizeof(*a->populations));
    if (!a->populations) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu populations", n);
    }
    for (size_t k = 0; k < n; k++) {
        struct ebb_trace_population *p = &a->populations[k];
        p->index = k;
        EBB_TRY(ebb_h5_member(p->name, sizeof(p->name), spikes, k));
        EBB_TRY(ebb_error_prefix(read_population(p, spikes, run),
                                 "/spikes/%s: ", p->name));
    }
    a->n_populations = n;
    if (n > 1) {
        qsort(a->populations, n, sizeof(*a->populations), by_index);
    }
    return EBB_OK;
}

/* Ticks from one value to the next, from the first two. */
static ebb_status read_every(struct ebb_trace_state *s, hid_t at, ebb_tick from)
{
    uint64_t first[2] = {0, 0};
    struct ebb_h5_shape shape;
    s->every = 1;
    s->first = 0;
    EBB_TRY(ebb_h5_shape(&shape, at, "tick"));
    if (shape.rank != 1 || shape.count < s->points) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%zu ticks for %zu values", shape.count,
                        s->points);
    }
    if (shape.count == 0) {
        return EBB_OK;
    }
    hsize_t two = shape.count < 2 ? 1 : 2;
    hid_t dataset = H5Dopen2(at, "tick", H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset),
          memory = H5Screate_simple(1, &two, NULL);
    hsize_t zero = 0;
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &zero, NULL, &two, NULL);
    herr_t result =
        H5Dread(dataset, H5T_NATIVE_UINT64, memory, space, H5P_DEFAULT, first);
    H5Sclose(memory);
    H5Sclose(space);
    H5Dclose(dataset);
    if (result < 0 || first[0] < from || (from == 0 && first[0] > 0) ||
        (two == 2 && first[1] <= first[0])) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'tick' does not rise from %llu",
                        (unsigned long long)from);
    }
    s->first = first[0];
    s->every = two == 2 ? first[1] - first[0] : 1;
    return EBB_OK;
}

static ebb_status read_state(struct ebb_trace_state *s, hid_t place,
                             ebb_tick from)
{
    hid_t at;
    struct ebb_h5_shape shape = {0};
    EBB_TRY(ebb_h5_group(&at, place, s->letter));
    ebb_status status = ebb_h5_shape(&shape, at, s->letter);
    if (status == EBB_OK && shape.rank != 2) {
        status = EBB_FAIL(EBB_ERR_FORMAT, "it is no array [neuron, tick]");
    }
    s->rows = shape.size[0];
    s->points = shape.size[1];
    status = status ? status : read_every(s, at, from);
    H5Gclose(at);
    return ebb_error_prefix(status, "/entry/%s/%s: ", s->place, s->letter);
}

static ebb_status read_place(struct ebb_trace_view *view, hid_t place,
                             const char *name)
{
    static const char *const letters[] = {"F", "I", "R", "V"};
    struct ebb_trace_about *a = &view->about;
    for (size_t k = 0; k < sizeof(letters) / sizeof(letters[0]); k++) {
        if (!ebb_h5_has(place, letters[k])) {
            continue;
        }
        EBB_TRY(ebb_mem_grow(&a->states, &view->state_room, a->n_states + 1,
                             sizeof(*a->states)));
        struct ebb_trace_state *s = &a->states[a->n_states];
        strcpy(s->letter, letters[k]);
        strcpy(s->place, name);
        EBB_TRY(read_state(s, place, a->first));
        a->n_states++;
    }
    return EBB_OK;
}

static ebb_status read_states(struct ebb_trace_view *view, hid_t entry)
{
    char name[EBB_TRACE_NAME_BYTES];
    size_t n = ebb_h5_members(entry);
    for (size_t k = 0; k < n; k++) {
        hid_t place;
        EBB_TRY(ebb_h5_member(name, sizeof(name), entry, k));
        if (ebb_h5_group(&place, entry, name) != EBB_OK) {
            continue; /* somebody else's dataset */
        }
        ebb_status status = read_place(view, place, name);
        H5Gclose(place);
        EBB_TRY(status);
    }
    return EBB_OK;
}

static ebb_status read_all(struct ebb_trace_view *view)
{
    char format[32];
    hid_t run = -1, spikes = -1, entry = -1;
    EBB_TRY(ebb_h5_get_text(format, sizeof(format), view->file, "format"));
    if (strcmp(format, "ebb trace") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "format '%s'; a trace has 'ebb trace'",
                        format);
    }
    ebb_status status = ebb_h5_group(&run, view->file, "run");
    status = status ? status : ebb_h5_group(&spikes, view->file, "spikes");
    status = status ? status : ebb_h5_group(&entry, view->file, "entry");
    status = status ? status : read_run(&view->about, run);
    status = status ? status : read_populations(&view->about, spikes, run);
    status = status ? status : read_states(view, entry);
    const hid_t opened[] = {run, spikes, entry};
    for (size_t k = 0; k < 3; k++) {
        if (opened[k] >= 0) {
            H5Gclose(opened[k]);
        }
    }
    return status;
}

ebb_status ebb_trace_view_open(struct ebb_trace_view **out, const char *path)
{
    *out = NULL;
    struct ebb_trace_view *view = ebb_mem_calloc(1, sizeof(*view));
    if (!view) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    view->file = -1;
    view->path = ebb_mem_strdup(path);
    ebb_status status = view->path
                            ? ebb_h5_open(&view->file, path)
                            : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    if (status == EBB_OK) {
        status = ebb_error_prefix(read_all(view), "%s: ", path);
    }
    if (status != EBB_OK) {
        ebb_trace_view_close(view);
        return status;
    }
    *out = view;
    return EBB_OK;
}

void ebb_trace_view_close(struct ebb_trace_view *view)
{
    if (view) {
        if (view->file >= 0) {
            H5Fclose(view->file);
        }
        ebb_mem_free(view->about.populations);
        ebb_mem_free(view->about.states);
        ebb_mem_free(view->path);
        ebb_mem_free(view);
    }
}

const struct ebb_trace_about *
ebb_trace_view_about(const struct ebb_trace_view *view)
{
    return &view->about;
}

ebb_status ebb_trace_view_nodes(struct ebb_trace_view *view,
                                const struct ebb_trace_state *s, uint32_t *ids)
{
    hid_t at;
    EBB_TRY(open_state(&at, view, s));
    ebb_status status =
        ebb_h5_read(ids, at, "neuron", H5T_NATIVE_UINT32, s->rows);
    H5Gclose(at);
    return ebb_error_prefix(status, "%s: /entry/%s/%s: ", view->path, s->place,
                            s->letter);
}

ebb_status ebb_trace_view_row(struct ebb_trace_view *view,
                              const struct ebb_trace_state *s, size_t row,
                              size_t from, size_t n, double *out)
{
    hid_t at;
    hsize_t start[2] = {row, from}, count[2] = {1, n};
    if (row >= s->rows || from > s->points || n > s->points - from) {
        return EBB_FAIL(EBB_ERR_ARG, "row %zu, values %zu to %zu of [%zu, %zu]",
                        row, from, from + n, s->rows, s->points);
    }
    EBB_TRY(open_state(&at, view, s));
    hid_t dataset = H5Dopen2(at, s->letter, H5P_DEFAULT);
    ebb_status status = ebb_h5_read_rectangle(
        out, dataset, s->letter, H5T_NATIVE_DOUBLE, 2, start, count);
    H5Dclose(dataset);
    H5Gclose(at);
    return ebb_error_prefix(status, "%s: /entry/%s: ", view->path, s->place);
}

static ebb_status read_v_th(double *v_th, hid_t at, uint64_t n)
{
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, at, "v_th"));
    if (shape.count != 1 && shape.count != n) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%zu thresholds of %llu neurons",
                        shape.count, (unsigned long long)n);
    }
    EBB_TRY(ebb_h5_read(v_th, at, "v_th", H5T_NATIVE_DOUBLE, shape.count));
    for (uint64_t i = shape.count; i < n; i++) {
        v_th[i] = v_th[0];
    }
    return EBB_OK;
}

ebb_status ebb_trace_view_v_th(struct ebb_trace_view *view,
                               const struct ebb_trace_population *p,
                               double *v_th, bool *told)
{
    hid_t run, at;
    *told = p->n > 0 && !p->input;
    if (!*told) {
        return EBB_OK;
    }
    EBB_TRY(ebb_h5_group(&run, view->file, "run"));
    ebb_status status = open_two(&at, run, "populations", p->name);
    H5Gclose(run);
    EBB_TRY(status);
    status = read_v_th(v_th, at, p->n);
    H5Gclose(at);
    return ebb_error_prefix(status, "%s: /run/populations/%s: ", view->path,
                            p->name);
}

static ebb_status push_spikes(struct ebb_events *out, const uint64_t *tick,
                              const uint32_t *node, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        struct ebb_event e = {tick[k], node[k], 1};
        EBB_TRY(ebb_events_push(out, e));
    }
    return ebb_events_sort(out);
}

static ebb_status read_spikes(struct ebb_events *out, hid_t at, size_t n)
{
    uint64_t *tick = ebb_mem_calloc(n, sizeof(*tick));
    uint32_t *node = ebb_mem_calloc(n, sizeof(*node));
    ebb_status status =
        tick && node ? EBB_OK
                     : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu spikes", n);
    status =
        status ? status : ebb_h5_read(tick, at, "ticks", H5T_NATIVE_UINT64, n);
    status = status ? status
                    : ebb_h5_read(node, at, "node_ids", H5T_NATIVE_UINT32, n);
    status = status ? status : push_spikes(out, tick, node, n);
    ebb_mem_free(tick);
    ebb_mem_free(node);
    return status;
}

ebb_status ebb_trace_view_spikes(struct ebb_trace_view *view,
                                 const struct ebb_trace_population *p,
                                 struct ebb_events *out)
{
    hid_t at;
    ebb_events_clear(out);
    EBB_TRY(open_two(&at, view->file, "spikes", p->name));
    ebb_status status = read_spikes(out, at, (size_t)p->spikes);
    H5Gclose(at);
    return ebb_error_prefix(status, "%s: /spikes/%s: ", view->path, p->name);
}
