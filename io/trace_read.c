/* io/trace_read.c - recorded runs, read back to be replayed. */
#include "io/trace_file.h"

#include "core/memory.h"
#include "io/h5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISSING_BYTES = 300, PATH_BYTES = 160 };

struct ebb_trace_file {
    const struct ebb_network *net;
    char *path;
    hid_t file;
    ebb_tick first, ticks, intended;
    uint64_t ranks;
    uint64_t hash;
};

static void name_state(char *out, const struct ebb_trace_file *t,
                       size_t population, const char *state)
{
    snprintf(out, PATH_BYTES, "entry/%s/%s",
             t->net->populations[population].name, state);
}

/* A group by its path, each member of which is linked directly. */
static ebb_status open_path(hid_t *out, hid_t file, const char *path)
{
    char step[PATH_BYTES];
    hid_t at = H5Gopen2(file, "/", H5P_DEFAULT);
    ebb_status status = EBB_OK;
    for (const char *p = path; *p && status == EBB_OK;) {
        size_t n = strcspn(p, "/");
        snprintf(step, sizeof(step), "%.*s", (int)n, p);
        hid_t next;
        status = ebb_h5_group(&next, at, step);
        if (status == EBB_OK) {
            H5Gclose(at);
            at = next;
        }
        p += n + (p[n] == '/');
    }
    if (status != EBB_OK) {
        H5Gclose(at);
        at = -1;
    }
    *out = at;
    return status;
}

/* Is V of all neurons there at every tick? */
static bool has_all(const struct ebb_trace_file *t, size_t population)
{
    char path[PATH_BYTES];
    hid_t group;
    struct ebb_h5_shape shape = {0};
    name_state(path, t, population, "V");
    if (open_path(&group, t->file, path) != EBB_OK) {
        return false;
    }
    bool whole = ebb_h5_shape(&shape, group, "V") == EBB_OK &&
                 shape.rank == 2 &&
                 shape.size[0] == t->net->populations[population].n &&
                 shape.size[1] == t->ticks;
    H5Gclose(group);
    return whole;
}

static bool has_spikes(const struct ebb_trace_file *t, size_t population)
{
    char path[PATH_BYTES];
    hid_t group;
    snprintf(path, sizeof(path), "spikes/%s",
             t->net->populations[population].name);
    if (open_path(&group, t->file, path) != EBB_OK) {
        return false;
    }
    bool there = ebb_h5_has(group, "ticks") && ebb_h5_has(group, "node_ids");
    H5Gclose(group);
    return there;
}

static void note(char *missing, const char *what, const char *name)
{
    size_t used = strlen(missing);
    snprintf(missing + used, MISSING_BYTES - used, "%s%s '%s'",
             used ? ", " : "", what, name);
}

/* All that a replay would miss, in one message. */
static ebb_status check_complete(const struct ebb_trace_file *t)
{
    char missing[MISSING_BYTES] = "";
    for (size_t k = 0; k < t->net->n_populations; k++) {
        const struct ebb_population *p = &t->net->populations[k];
        if (!p->input && !has_all(t, k)) {
            note(missing, "V of all neurons at every tick of", p->name);
        }
        if (!has_spikes(t, k)) {
            note(missing, "spikes of", p->name);
        }
    }
    return missing[0] == '\0'
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "it cannot be replayed; missing: %s (record V of "
                          "every population: ebb run --record all)",
                          missing);
}

static ebb_status read_run(struct ebb_trace_file *t)
{
    char text[32] = "";
    hid_t run;
    EBB_TRY(ebb_h5_get_text(text, sizeof(text), t->file, "format"));
    if (strcmp(text, "ebb trace") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "format '%s'; a trace has 'ebb trace'",
                        text);
    }
    EBB_TRY(ebb_h5_group(&run, t->file, "run"));
    ebb_status status =
        ebb_h5_get_text(text, sizeof(text), run, "network_hash");
    status = status ? status : ebb_h5_get_count(&t->ticks, run, "ticks");
    t->intended = t->ticks;
    if (status == EBB_OK && H5Aexists(run, "intended_ticks") > 0) {
        status = ebb_h5_get_count(&t->intended, run, "intended_ticks");
    }
    t->ranks = 1;
    if (status == EBB_OK && H5Aexists(run, "first_tick") > 0) {
        status = ebb_h5_get_count(&t->first, run, "first_tick");
        status = status ? status : ebb_h5_get_count(&t->ranks, run, "ranks");
    }
    H5Gclose(run);
    EBB_TRY(status);
    t->hash = strtoull(text, NULL, 16);
    if (t->first > 0 || t->ranks > 1) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "it is a piece of a run (from tick %llu, of %llu "
                        "ranks): join it with the others with ebb merge",
                        (unsigned long long)t->first,
                        (unsigned long long)t->ranks);
    }
    return t->hash == ebb_network_hash(t->net)
               ? check_complete(t)
               : EBB_FAIL(EBB_ERR_ARG,
                          "the run of another network (hash %s, this one has "
                          "%016llx); give the network that ran",
                          text, (unsigned long long)ebb_network_hash(t->net));
}

static ebb_status open_file(struct ebb_trace_file *t)
{
    size_t n = strlen(t->path), end = strlen(EBB_TRACE_PART);
    if (n > end && strcmp(t->path + n - end, EBB_TRACE_PART) == 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s is a recording that goes on or was cut short; ebb "
                        "repair makes a trace of it",
                        t->path);
    }
    return ebb_h5_open(&t->file, t->path);
}

ebb_status ebb_trace_file_open(struct ebb_trace_file **out, const char *path,
                               const struct ebb_network *net)
{
    *out = NULL;
    struct ebb_trace_file *t = ebb_mem_calloc(1, sizeof(*t));
    if (!t) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    }
    t->net = net;
    t->file = -1;
    t->path = ebb_mem_strdup(path);
    ebb_status status = t->path
                            ? open_file(t)
                            : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    if (status == EBB_OK) {
        status = ebb_error_prefix(read_run(t), "%s: ", path);
    }
    if (status != EBB_OK) {
        ebb_trace_file_close(t);
        return status;
    }
    *out = t;
    return EBB_OK;
}

void ebb_trace_file_close(struct ebb_trace_file *t)
{
    if (t) {
        if (t->file >= 0) {
            H5Fclose(t->file);
        }
        ebb_mem_free(t->path);
        ebb_mem_free(t);
    }
}

/* Columns t0..t1 of a dataset [n, ticks], turned to [t1 - t0, n]. */
static ebb_status read_columns(double *out, hid_t group, const char *name,
                               size_t n, ebb_tick t0, ebb_tick t1)
{
    size_t width = (size_t)(t1 - t0);
    hsize_t start[2] = {0, t0}, count[2] = {n, width};
    double *rows = ebb_mem_calloc(n * width, sizeof(*rows));
    if (!rows) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu ticks of a trace",
                        width);
    }
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    ebb_status status = ebb_h5_read_rectangle(
        rows, dataset, name, H5T_NATIVE_DOUBLE, 2, start, count);
    H5Dclose(dataset);
    for (size_t t = 0; t < width; t++) {
        for (size_t i = 0; i < n; i++) {
            out[t * n + i] = rows[i * width + t];
        }
    }
    ebb_mem_free(rows);
    return status;
}

/* Its shape has been checked when the file was opened. */
static ebb_status read_v(void *self, size_t population, ebb_tick t0,
                         ebb_tick t1, double *v)
{
    struct ebb_trace_file *t = self;
    char path[PATH_BYTES];
    hid_t group;
    name_state(path, t, population, "V");
    EBB_TRY(open_path(&group, t->file, path));
    ebb_status status =
        read_columns(v, group, "V", t->net->populations[population].n, t0, t1);
    H5Gclose(group);
    return ebb_error_prefix(status, "%s: ", t->path);
}

/* The columns of a spike list. */
struct columns {
    uint64_t *tick;
    uint32_t *node;
    double *value;
};

static ebb_status read_columns_of(struct columns *c, hid_t group, size_t n)
{
    c->tick = ebb_mem_calloc(n, sizeof(*c->tick));
    c->node = ebb_mem_calloc(n, sizeof(*c->node));
    c->value = ebb_mem_calloc(n, sizeof(*c->value));
    if (!c->tick || !c->node || !c->value) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu spikes", n);
    }
    EBB_TRY(ebb_h5_read(c->tick, group, "ticks", H5T_NATIVE_UINT64, n));
    EBB_TRY(ebb_h5_read(c->node, group, "node_ids", H5T_NATIVE_UINT32, n));
    if (ebb_h5_has(group, "value")) {
        return ebb_h5_read(c->value, group, "value", H5T_NATIVE_DOUBLE, n);
    }
    for (size_t k = 0; k < n; k++) {
        c->value[k] = 1;
    }
    return EBB_OK;
}

static ebb_status push_columns(struct ebb_events *out, hid_t group)
{
    struct ebb_h5_shape shape;
    struct columns c = {0};
    EBB_TRY(ebb_h5_shape(&shape, group, "ticks"));
    ebb_status status = read_columns_of(&c, group, shape.count);
    for (size_t k = 0; status == EBB_OK && k < shape.count; k++) {
        struct ebb_event e = {c.tick[k], c.node[k], c.value[k]};
        status = ebb_events_push(out, e);
    }
    ebb_mem_free(c.tick);
    ebb_mem_free(c.node);
    ebb_mem_free(c.value);
    return status;
}

static ebb_status read_spikes(void *self, size_t population,
                              struct ebb_events *out)
{
    struct ebb_trace_file *t = self;
    char path[PATH_BYTES];
    hid_t group;
    snprintf(path, sizeof(path), "spikes/%s",
             t->net->populations[population].name);
    ebb_events_clear(out);
    EBB_TRY(open_path(&group, t->file, path));
    ebb_status status = push_columns(out, group);
    H5Gclose(group);
    EBB_TRY(ebb_error_prefix(status, "%s: %s: ", t->path, path));
    return ebb_events_sort(out);
}

struct ebb_trace ebb_trace_file_trace(struct ebb_trace_file *t)
{
    return (struct ebb_trace){.self = t,
                              .ticks = t->ticks,
                              .network_hash = t->hash,
                              .read_v = read_v,
                              .read_spikes = read_spikes};
}

ebb_tick ebb_trace_file_intended(const struct ebb_trace_file *t)
{
    return t->intended;
}
