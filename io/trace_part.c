/* io/trace_part.c - a trace that still grows, or whose writer was killed. */
#include "io/trace_part.h"

#include "core/memory.h"
#include "io/trace_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 256, ORIGIN_BYTES = 1024, COLUMNS = 3 };

/* One dataset of the file and the place for its open block. */
struct column {
    hid_t main, staging;
    hid_t type;
    size_t rows; /* 0: a list */
};

struct stream {
    struct column column[COLUMNS];
    size_t n_columns;
    uint64_t block;
};

struct ebb_trace_part {
    struct ebb_trace_plan plan;
    struct ebb_arena *arena;
    hid_t file;
    struct stream *streams; /* series, then populations */
    size_t n_streams;       /* opened */
    struct ebb_trace_commit commit;
    uint64_t *spikes; /* [populations] in the committed ticks */
};

static ebb_status no_memory(void)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
}

static ebb_status get_name(const char **out, struct ebb_trace_part *part,
                           hid_t at, const char *attribute)
{
    char *name = ebb_arena_calloc(part->arena, NAME_BYTES, 1);
    if (!name) {
        return no_memory();
    }
    EBB_TRY(ebb_h5_get_text(name, NAME_BYTES, at, attribute));
    if (name[0] == '\0' || strchr(name, '/') || name[0] == '.') {
        return EBB_FAIL(EBB_ERR_FORMAT, "'%s' is no name", name);
    }
    *out = name;
    return EBB_OK;
}

/* Open a column: its sides in the file and in the staging area must agree. */
static ebb_status open_column(struct stream *s, hid_t at, hid_t stage,
                              const char *name, hid_t type, int rank)
{
    struct ebb_h5_shape main, staged;
    struct column *c = &s->column[s->n_columns];
    *c = (struct column){.main = -1, .staging = -1, .type = type};
    EBB_TRY(ebb_h5_shape(&main, at, name));
    EBB_TRY(ebb_h5_shape(&staged, stage, name));
    if (main.rank != rank || staged.rank != rank || staged.size[0] < 2 ||
        (rank == 2 && main.size[0] != staged.size[1])) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'%s' and its staging do not agree",
                        name);
    }
    s->block = staged.size[0] / 2;
    c->rows = rank == 2 ? (size_t)main.size[0] : 0;
    c->main = H5Dopen2(at, name, H5P_DEFAULT);
    c->staging = H5Dopen2(stage, name, H5P_DEFAULT);
    s->n_columns++;
    return c->main >= 0 && c->staging >= 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "'%s' cannot be read", name);
}

static ebb_status read_neurons(struct ebb_trace_part *part,
                               struct ebb_trace_series *s, hid_t group)
{
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, group, "neuron"));
    uint32_t *ids = ebb_arena_calloc(part->arena, shape.count, sizeof(*ids));
    if (!ids) {
        return no_memory();
    }
    s->nodes = ids;
    s->n = shape.count;
    return ebb_h5_read(ids, group, "neuron", H5T_NATIVE_UINT32, s->n);
}

static ebb_status open_state(hid_t *out, hid_t file,
                             const struct ebb_trace_series *s)
{
    hid_t entry, place = -1;
    EBB_TRY(ebb_h5_group(&entry, file, "entry"));
    ebb_status status = ebb_h5_group(&place, entry, s->place);
    H5Gclose(entry);
    EBB_TRY(status);
    status = ebb_h5_group(out, place, s->state);
    H5Gclose(place);
    return status;
}

static ebb_status fill_series(struct ebb_trace_part *part, size_t index,
                              hid_t stage)
{
    struct ebb_trace_series *s = &part->plan.series[index];
    struct stream *stream = &part->streams[index];
    hid_t group;
    EBB_TRY(get_name(&s->place, part, stage, "name"));
    EBB_TRY(get_name(&s->state, part, stage, "state"));
    EBB_TRY(ebb_h5_get_count(&s->every, stage, "every"));
    EBB_TRY(open_state(&group, part->file, s));
    ebb_status status = read_neurons(part, s, group);
    if (status == EBB_OK) {
        status =
            open_column(stream, group, stage, s->state, H5T_NATIVE_DOUBLE, 2);
    }
    H5Gclose(group);
    EBB_TRY(status);
    return s->every >= 1 && s->n >= 1 && s->n == stream->column[0].rows
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "%s of '%s' does not agree with its "
                          "neurons",
                          s->state, s->place);
}

static ebb_status open_columns(struct stream *s, hid_t group, hid_t stage,
                               bool input)
{
    EBB_TRY(open_column(s, group, stage, "ticks", H5T_NATIVE_UINT64, 1));
    EBB_TRY(open_column(s, group, stage, "node_ids", H5T_NATIVE_UINT32, 1));
    return input ? open_column(s, group, stage, "value", H5T_NATIVE_DOUBLE, 1)
                 : EBB_OK;
}

static ebb_status get_optional(uint64_t *out, hid_t at, const char *name)
{
    return H5Aexists(at, name) > 0 ? ebb_h5_get_count(out, at, name) : EBB_OK;
}

/* The neurons of a rank: all, unless the file says otherwise. */
static ebb_status read_own(struct ebb_trace_train *p, hid_t at)
{
    uint64_t from = 0, to = p->n;
    EBB_TRY(get_optional(&from, at, "own_from"));
    EBB_TRY(get_optional(&to, at, "own_to"));
    if (from > to || to > p->n) {
        return EBB_FAIL(EBB_ERR_FORMAT, "neurons %llu to %llu of %zu of '%s'",
                        (unsigned long long)from, (unsigned long long)to, p->n,
                        p->name);
    }
    p->own_from = from;
    p->own_to = to;
    return EBB_OK;
}

/* Thresholds, of which the recording itself makes no use. */
static ebb_status read_v_th(struct ebb_trace_part *part,
                            struct ebb_trace_train *p)
{
    hid_t run, all = -1, at = -1;
    struct ebb_h5_shape shape = {0};
    double *v_th = NULL;
    EBB_TRY(ebb_h5_group(&run, part->file, "run"));
    ebb_status status = ebb_h5_group(&all, run, "populations");
    status = status ? status : ebb_h5_group(&at, all, p->name);
    if (status == EBB_OK && !p->input) {
        status = ebb_h5_shape(&shape, at, "v_th");
    }
    if (status == EBB_OK && shape.count > 0) {
        v_th = ebb_arena_calloc(part->arena, shape.count, sizeof(*v_th));
        status =
            v_th ? ebb_h5_read(v_th, at, "v_th", H5T_NATIVE_DOUBLE, shape.count)
                 : no_memory();
    }
    p->v_th = (struct ebb_values){.v = v_th, .n = shape.count};
    status = status ? status : read_own(p, at);
    if (at >= 0) {
        H5Gclose(at);
    }
    if (all >= 0) {
        H5Gclose(all);
    }
    H5Gclose(run);
    return status;
}

static ebb_status fill_population(struct ebb_trace_part *part, size_t index,
                                  hid_t stage)
{
    struct ebb_trace_train *p = &part->plan.populations[index];
    struct stream *stream = &part->streams[part->plan.n_series + index];
    uint64_t n, input;
    hid_t spikes, group;
    EBB_TRY(get_name(&p->name, part, stage, "name"));
    EBB_TRY(ebb_h5_get_count(&n, stage, "n"));
    EBB_TRY(ebb_h5_get_count(&input, stage, "input"));
    if (n < 1 || n > UINT32_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'%s' has %llu neurons", p->name,
                        (unsigned long long)n);
    }
    p->n = n;
    p->input = input != 0;
    EBB_TRY(read_v_th(part, p));
    EBB_TRY(ebb_h5_group(&spikes, part->file, "spikes"));
    ebb_status status = ebb_h5_group(&group, spikes, p->name);
    H5Gclose(spikes);
    EBB_TRY(status);
    status = open_columns(stream, group, stage, p->input);
    H5Gclose(group);
    return status;
}

static ebb_status
fill_each(struct ebb_trace_part *part, hid_t staging, const char *kind,
          size_t n, ebb_status (*fill)(struct ebb_trace_part *, size_t, hid_t))
{
    char name[EBB_STAGING_NAME_BYTES];
    for (size_t k = 0; k < n; k++) {
        hid_t stage;
        ebb_trace_staging_name(name, kind, k);
        EBB_TRY(ebb_h5_group(&stage, staging, name));
        ebb_status status = fill(part, k, stage);
        H5Gclose(stage);
        EBB_TRY(ebb_error_prefix(status, "/staging/%s: ", name));
    }
    return EBB_OK;
}

static ebb_status take_memory(struct ebb_trace_part *part, uint64_t series,
                              uint64_t populations)
{
    struct ebb_trace_plan *plan = &part->plan;
    plan->n_series = series;
    plan->n_populations = populations;
    part->n_streams = series + populations;
    plan->series = ebb_arena_calloc(part->arena, series, sizeof(*plan->series));
    plan->populations =
        ebb_arena_calloc(part->arena, populations, sizeof(*plan->populations));
    part->spikes =
        ebb_arena_calloc(part->arena, populations, sizeof(*part->spikes));
    part->streams =
        ebb_arena_calloc(part->arena, part->n_streams, sizeof(*part->streams));
    if (!plan->series || !plan->populations || !part->spikes ||
        !part->streams) {
        return no_memory();
    }
    return ebb_trace_commit_init(&part->commit, part->arena, part->n_streams);
}

static ebb_status read_contents(struct ebb_trace_part *part, hid_t staging)
{
    uint64_t series, populations, most = ebb_h5_members(staging);
    EBB_TRY(ebb_h5_get_count(&series, staging, "series"));
    EBB_TRY(ebb_h5_get_count(&populations, staging, "populations"));
    if (series > most || populations > most) {
        return EBB_FAIL(
            EBB_ERR_FORMAT, "%llu series and %llu populations in '/staging'",
            (unsigned long long)series, (unsigned long long)populations);
    }
    EBB_TRY(take_memory(part, series, populations));
    EBB_TRY(fill_each(part, staging, "series", series, fill_series));
    return fill_each(part, staging, "population", populations, fill_population);
}

/* Files that are whole, and older ones, do not say. */
static ebb_status read_piece(struct ebb_trace_plan *plan, hid_t run)
{
    char hash[32] = "0";
    uint64_t rank = 0, ranks = 1;
    EBB_TRY(get_optional(&plan->first, run, "first_tick"));
    EBB_TRY(get_optional(&rank, run, "rank"));
    EBB_TRY(get_optional(&ranks, run, "ranks"));
    if (H5Aexists(run, "run") > 0) {
        EBB_TRY(ebb_h5_get_text(hash, sizeof(hash), run, "run"));
    }
    if (rank >= ranks || ranks > UINT32_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT, "rank %llu of %llu",
                        (unsigned long long)rank, (unsigned long long)ranks);
    }
    plan->run = strtoull(hash, NULL, 16);
    plan->rank = rank;
    plan->ranks = ranks;
    return EBB_OK;
}

static ebb_status read_run(struct ebb_trace_part *part, hid_t run)
{
    char hash[32];
    char *origin = ebb_arena_calloc(part->arena, ORIGIN_BYTES, 1);
    struct ebb_trace_plan *plan = &part->plan;
    if (!origin) {
        return no_memory();
    }
    EBB_TRY(ebb_h5_get_text(hash, sizeof(hash), run, "network_hash"));
    plan->network_hash = strtoull(hash, NULL, 16);
    EBB_TRY(ebb_h5_get_count(&plan->intended, run, "intended_ticks"));
    EBB_TRY(ebb_h5_get_number(&plan->tick_s, run, "tick_s"));
    if (!isfinite(plan->tick_s) || plan->tick_s < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "tick_s is %g", plan->tick_s);
    }
    EBB_TRY(read_piece(plan, run));
    if (H5Aexists(run, "origin") > 0) {
        EBB_TRY(ebb_h5_get_text(origin, ORIGIN_BYTES, run, "origin"));
        plan->origin = origin;
    }
    return ebb_trace_commit_open(&part->commit, run);
}

/* The columns as long as the last commit says? */
static ebb_status check_stream(struct stream *s,
                               const struct ebb_stream_mark *mark)
{
    bool good = mark->staged <= s->block && mark->slot <= 1;
    for (size_t k = 0; k < s->n_columns && good; k++) {
        struct column *c = &s->column[k];
        hsize_t size[2] = {0, 0};
        good = H5Drefresh(c->main) >= 0 && H5Drefresh(c->staging) >= 0;
        hid_t space = H5Dget_space(c->main);
        H5Sget_simple_extent_dims(space, size, NULL);
        H5Sclose(space);
        good = good && size[c->rows > 0] >= mark->in_main;
    }
    return good ? EBB_OK
                : EBB_FAIL(EBB_ERR_FORMAT,
                           "it is shorter than its last commit says");
}

/* The last commit, and at least what it tells of. */
static ebb_status look(struct ebb_trace_part *part)
{
    EBB_TRY(ebb_trace_commit_read(&part->commit));
    for (size_t k = 0; k < part->n_streams; k++) {
        EBB_TRY(check_stream(&part->streams[k], &part->commit.mark[k]));
    }
    return EBB_OK;
}

static uint64_t points(const struct ebb_trace_part *part, size_t stream)
{
    const struct ebb_stream_mark *mark = &part->commit.mark[stream];
    return mark->in_main + mark->staged;
}

ebb_status ebb_trace_part_refresh(struct ebb_trace_part *part)
{
    struct ebb_trace_plan *plan = &part->plan;
    EBB_TRY(look(part));
    for (size_t k = 0; k < plan->n_series; k++) {
        if (points(part, k) != ebb_trace_series_points(&plan->series[k],
                                                       plan->first,
                                                       part->commit.ticks)) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "%s of '%s' has not the points of %llu ticks",
                            plan->series[k].state, plan->series[k].place,
                            (unsigned long long)part->commit.ticks);
        }
    }
    for (size_t k = 0; k < plan->n_populations; k++) {
        part->spikes[k] = points(part, plan->n_series + k);
    }
    plan->ticks = part->commit.ticks;
    return plan->ticks >= plan->first
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "it begins with tick %llu, but ends "
                          "before tick %llu",
                          (unsigned long long)plan->first,
                          (unsigned long long)plan->ticks);
}

static ebb_status read_file(struct ebb_trace_part *part)
{
    char format[32] = "";
    hid_t staging, run;
    EBB_TRY(ebb_h5_get_text(format, sizeof(format), part->file, "format"));
    if (strcmp(format, "ebb trace") != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "format '%s'; a trace has 'ebb trace'",
                        format);
    }
    EBB_TRY(ebb_h5_group(&staging, part->file, "staging"));
    ebb_status status = read_contents(part, staging);
    H5Gclose(staging);
    EBB_TRY(status);
    EBB_TRY(ebb_h5_group(&run, part->file, "run"));
    status = read_run(part, run);
    H5Gclose(run);
    EBB_TRY(status);
    return ebb_trace_part_refresh(part);
}

ebb_status ebb_trace_part_open(struct ebb_trace_part **out, const char *path)
{
    *out = NULL;
    struct ebb_trace_part *part = ebb_mem_calloc(1, sizeof(*part));
    if (!part) {
        return no_memory();
    }
    part->file = part->commit.records = part->commit.committed = -1;
    ebb_status status = ebb_arena_create(&part->arena);
    status = status ? status : ebb_h5_open_growing(&part->file, path);
    if (status == EBB_OK) {
        status = ebb_error_prefix(read_file(part), "%s: ", path);
    }
    if (status != EBB_OK) {
        ebb_trace_part_close(part);
        return status;
    }
    *out = part;
    return EBB_OK;
}

static void close_dataset(hid_t dataset)
{
    if (dataset >= 0) {
        H5Dclose(dataset);
    }
}

void ebb_trace_part_close(struct ebb_trace_part *part)
{
    if (!part) {
        return;
    }
    for (size_t k = 0; part->streams && k < part->n_streams; k++) {
        for (size_t c = 0; c < part->streams[k].n_columns; c++) {
            close_dataset(part->streams[k].column[c].main);
            close_dataset(part->streams[k].column[c].staging);
        }
    }
    ebb_trace_commit_close(&part->commit);
    if (part->file >= 0) {
        H5Fclose(part->file);
    }
    ebb_arena_destroy(part->arena);
    ebb_mem_free(part);
}

const struct ebb_trace_plan *
ebb_trace_part_plan(const struct ebb_trace_part *part)
{
    return &part->plan;
}

uint64_t ebb_trace_part_spikes(const struct ebb_trace_part *part,
                               size_t population)
{
    return part->spikes[population];
}

/* Points of whole chunks; a rectangle is turned to [point][row]. */
static ebb_status read_main(const struct column *c, uint64_t from, size_t n,
                            void *out)
{
    const hsize_t start[2] = {0, from}, count[2] = {c->rows, n};
    if (c->rows == 0) {
        return ebb_h5_read_piece(out, c->main, "it", c->type, from, n);
    }
    double *rows = ebb_mem_calloc(c->rows * n, sizeof(*rows)), *turned = out;
    ebb_status status =
        rows ? ebb_h5_read_rectangle(rows, c->main, "it", c->type, 2, start,
                                     count)
             : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu points", n);
    for (size_t p = 0; p < n && status == EBB_OK; p++) {
        for (size_t r = 0; r < c->rows; r++) {
            turned[p * c->rows + r] = rows[r * n + p];
        }
    }
    ebb_mem_free(rows);
    return status;
}

static ebb_status read_staged(const struct column *c, uint64_t from, size_t n,
                              void *out)
{
    const hsize_t start[2] = {from, 0}, count[2] = {n, c->rows};
    return ebb_h5_read_rectangle(out, c->staging, "its end", c->type,
                                 c->rows > 0 ? 2 : 1, start, count);
}

static ebb_status read_column(const struct stream *s, const struct column *c,
                              const struct ebb_stream_mark *mark, uint64_t from,
                              size_t n, unsigned char *out)
{
    uint64_t whole = from < mark->in_main ? mark->in_main - from : 0;
    size_t first = whole < n ? (size_t)whole : n;
    size_t point = (c->rows > 0 ? c->rows : 1) * H5Tget_size(c->type);
    if (first > 0) {
        EBB_TRY(read_main(c, from, first, out));
    }
    if (first == n) {
        return EBB_OK;
    }
    uint64_t at = mark->slot * s->block + from + first - mark->in_main;
    return read_staged(c, at, n - first, out + first * point);
}

/* The writer may have gone on to other blocks meanwhile and have used the slot
 * again: then all that was asked for is in whole chunks by now. */
static ebb_status read_columns(struct ebb_trace_part *part, size_t stream,
                               uint64_t from, size_t n, void *const *out)
{
    const struct stream *s = &part->streams[stream];
    struct ebb_stream_mark mark;
    do {
        mark = part->commit.mark[stream];
        for (size_t k = 0; k < s->n_columns; k++) {
            ebb_status status =
                read_column(s, &s->column[k], &mark, from, n, out[k]);
            if (status != EBB_OK && status != EBB_ERR_NOMEM) {
                return EBB_FAIL(
                    EBB_ERR_FORMAT, "points %llu to %llu cannot be read",
                    (unsigned long long)from, (unsigned long long)(from + n));
            }
            EBB_TRY(status);
        }
        if (from + n <= mark.in_main) {
            return EBB_OK;
        }
        EBB_TRY(look(part));
    } while (part->commit.mark[stream].in_main != mark.in_main);
    return EBB_OK;
}

ebb_status ebb_trace_part_read_states(struct ebb_trace_part *part,
                                      size_t series, uint64_t from, size_t n,
                                      double *value)
{
    const struct ebb_trace_series *s = &part->plan.series[series];
    void *const out[] = {value};
    return ebb_error_prefix(read_columns(part, series, from, n, out),
                            "%s of '%s': ", s->state, s->place);
}

ebb_status ebb_trace_part_read_spikes(struct ebb_trace_part *part,
                                      size_t population, uint64_t from,
                                      size_t n, uint64_t *tick, uint32_t *node,
                                      double *value)
{
    const struct ebb_trace_train *p = &part->plan.populations[population];
    void *const out[] = {tick, node, value};
    size_t stream = part->plan.n_series + population;
    EBB_TRY(ebb_error_prefix(read_columns(part, stream, from, n, out),
                             "spikes of '%s': ", p->name));
    for (size_t k = 0; k < n; k++) {
        value[k] = p->input ? value[k] : 1;
        if (node[k] >= p->n) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "a spike of neuron %u of the %zu of '%s'", node[k],
                            p->n, p->name);
        }
    }
    return EBB_OK;
}
