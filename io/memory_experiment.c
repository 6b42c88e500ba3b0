/* io/memory_experiment.c - an experiment file about how many patterns a memory
 * holds. */
#include "io/memory_experiment.h"

#include "core/memory.h"
#include "io/experiment_values.h"
#include "io/yaml_doc.h"

#include <string.h>

/* The file as it is written; NULL: left out. */
struct doc_memory {
    char *kind, *neurons, *cells, *connect, *threshold, *delay, *tick;
};

struct doc_cues {
    char *cells, *count;
};

struct doc_sweep {
    char *seeds, *seed, *points;
    struct ebb_doc_list patterns, targets;
};

struct doc_output {
    char *lines, *figure;
};

struct doc {
    struct doc_memory *memory;
    struct doc_cues *cues;
    struct doc_sweep *sweep;
    struct doc_output *output;
};

static const cyaml_schema_field_t memory_fields[] = {
    TEXT(OPT, doc_memory, kind),      TEXT(NEED, doc_memory, neurons),
    TEXT(NEED, doc_memory, cells),    TEXT(OPT, doc_memory, connect),
    TEXT(OPT, doc_memory, threshold), TEXT(OPT, doc_memory, delay),
    TEXT(OPT, doc_memory, tick),      CYAML_FIELD_END};

static const cyaml_schema_field_t cue_fields[] = {
    TEXT(OPT, doc_cues, cells), TEXT(OPT, doc_cues, count), CYAML_FIELD_END};

static const cyaml_schema_field_t sweep_fields[] = {
    TEXT(OPT, doc_sweep, seeds),  TEXT(OPT, doc_sweep, seed),
    TEXT(OPT, doc_sweep, points), LIST(doc_sweep, patterns),
    LIST(doc_sweep, targets),     CYAML_FIELD_END};

static const cyaml_schema_field_t output_fields[] = {
    TEXT(OPT, doc_output, lines), TEXT(OPT, doc_output, figure),
    CYAML_FIELD_END};

static const cyaml_schema_field_t top_fields[] = {
    PART(NEED, doc, memory, memory_fields), PART(OPT, doc, cues, cue_fields),
    PART(OPT, doc, sweep, sweep_fields), PART(OPT, doc, output, output_fields),
    CYAML_FIELD_END};

static const cyaml_schema_value_t top = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct doc, top_fields)};

static ebb_status take_tick(struct ebb_memory_experiment *e,
                            const struct ebb_place *p, const char *text)
{
    struct ebb_duration tick = {.value = e->tick_s, .seconds = true};
    EBB_TRY(ebb_take_duration(p, "tick", text, false, &tick));
    if (!tick.seconds) {
        return ebb_place_fail(p, "tick", text,
                              "its length needs a unit (s, ms, us, ns)");
    }
    e->tick_s = tick.value;
    return EBB_OK;
}

static ebb_status take_memory(struct ebb_memory_experiment *e,
                              const struct ebb_place *p,
                              const struct doc_memory *doc)
{
    static const char *const kinds[] = {"willshaw"};
    size_t kind = 0;
    double seconds = 0;
    EBB_TRY(ebb_take_word(p, "kind", doc->kind, kinds, 1, &kind));
    EBB_TRY(ebb_take_count(p, "neurons", doc->neurons, 4, UINT32_MAX - 1,
                           &e->neurons));
    EBB_TRY(
        ebb_take_count(p, "cells", doc->cells, 2, e->neurons / 2, &e->cells));
    EBB_TRY(ebb_take_number(p, "connect", doc->connect, 1e-9, 1, &e->connect));
    EBB_TRY(ebb_take_count(p, "threshold", doc->threshold, 1, e->cells,
                           &e->threshold));
    EBB_TRY(take_tick(e, p, doc->tick));
    EBB_TRY(ebb_take_ticks(p, "delay", doc->delay, e->tick_s, &e->delay_ticks,
                           &seconds));
    return e->delay_ticks >= 1 && e->delay_ticks <= 1000000
               ? EBB_OK
               : ebb_place_fail(p, "delay", doc->delay,
                                "it must be 1 to 1000000 ticks");
}

static ebb_status take_cues(struct ebb_memory_experiment *e,
                            const struct ebb_place *p,
                            const struct doc_cues *doc)
{
    if (!doc) {
        return EBB_OK;
    }
    EBB_TRY(ebb_take_count(p, "cells", doc->cells, 1, e->cells, &e->cue));
    return ebb_take_count(p, "count", doc->count, 1, UINT32_MAX, &e->cues);
}

/* An empty list is read as none at all. */
static bool is_empty(const struct ebb_place *p, const char *field,
                     const struct ebb_doc_list *doc)
{
    struct ebb_place at = ebb_place_in(p, field);
    for (size_t k = 0; k < p->map->n && !doc->item; k++) {
        if (strcmp(p->map->place[k].path, at.path) == 0) {
            return true;
        }
    }
    return false;
}

static ebb_status check_list(const struct ebb_place *p, const char *field,
                             const struct ebb_doc_list *doc, size_t least,
                             size_t most)
{
    return doc->n >= least && doc->n <= most
               ? EBB_OK
               : ebb_place_fail(p, field, NULL,
                                "%u entries; give %zu to %zu of them", doc->n,
                                least, most);
}

static ebb_status take_patterns(struct ebb_memory_experiment *e,
                                const struct ebb_place *p,
                                const struct ebb_doc_list *doc)
{
    if (!doc->item && !is_empty(p, "patterns", doc)) {
        return EBB_OK;
    }
    EBB_TRY(check_list(p, "patterns", doc, 3, EBB_MEMORY_PATTERNS_MAX));
    uint64_t count = 1;
    for (unsigned k = 0; k < doc->n; k++) {
        struct ebb_place at = ebb_place_at(p, "patterns", k);
        EBB_TRY(ebb_take_count(&at, NULL, doc->item[k], count + 1, UINT32_MAX,
                               &count));
        e->patterns[k] = (double)count;
    }
    e->n_patterns = doc->n;
    e->points = doc->n;
    return EBB_OK;
}

static ebb_status take_targets(struct ebb_memory_experiment *e,
                               const struct ebb_place *p,
                               const struct ebb_doc_list *doc)
{
    if (!doc->item && !is_empty(p, "targets", doc)) {
        return EBB_OK;
    }
    EBB_TRY(check_list(p, "targets", doc, 1, EBB_MEMORY_TARGETS_MAX));
    double before = 0;
    for (unsigned k = 0; k < doc->n; k++) {
        struct ebb_place at = ebb_place_at(p, "targets", k);
        EBB_TRY(ebb_take_share(&at, NULL, doc->item[k], &e->targets[k]));
        if (!(e->targets[k] > before)) {
            return ebb_place_fail(&at, NULL, doc->item[k],
                                  "targets rise from above 0");
        }
        before = e->targets[k];
    }
    e->n_targets = doc->n;
    return EBB_OK;
}

static ebb_status take_sweep(struct ebb_memory_experiment *e,
                             const struct ebb_place *p,
                             const struct doc_sweep *doc)
{
    if (!doc) {
        return EBB_OK;
    }
    if (doc->points && doc->patterns.item) {
        return ebb_place_fail(p, "points", doc->points,
                              "the numbers of patterns are listed; leave out "
                              "one of the two");
    }
    EBB_TRY(ebb_take_count(p, "seeds", doc->seeds, 2, 100000, &e->seeds));
    EBB_TRY(ebb_take_count(p, "seed", doc->seed, 0, UINT64_MAX, &e->seed));
    EBB_TRY(ebb_take_count(p, "points", doc->points, 3, EBB_MEMORY_PATTERNS_MAX,
                           &e->points));
    EBB_TRY(take_patterns(e, p, &doc->patterns));
    return take_targets(e, p, &doc->targets);
}

static ebb_status take_name(char **out, const char *text)
{
    *out = text ? ebb_mem_strdup(text) : NULL;
    return !text || *out ? EBB_OK
                         : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a name");
}

/* Found out now, not when all is measured. */
static ebb_status check_figure(const struct ebb_place *p, const char *figure)
{
    const char *dot = figure ? strrchr(figure, '.') : NULL;
    return !figure || (dot &&
                       (strcmp(dot, ".svg") == 0 || strcmp(dot, ".png") == 0))
               ? EBB_OK
               : ebb_place_fail(p, "figure", figure,
                                "its name ends in .svg or .png");
}

static ebb_status take(struct ebb_memory_experiment *e, const struct doc *doc,
                       const struct ebb_yaml_map *map)
{
    struct ebb_place all = {.map = map};
    struct ebb_place memory = ebb_place_in(&all, "memory");
    struct ebb_place cues = ebb_place_in(&all, "cues");
    struct ebb_place sweep = ebb_place_in(&all, "sweep");
    struct ebb_place output = ebb_place_in(&all, "output");
    EBB_TRY(take_memory(e, &memory, doc->memory));
    EBB_TRY(take_cues(e, &cues, doc->cues));
    EBB_TRY(take_sweep(e, &sweep, doc->sweep));
    if (!doc->output) {
        return EBB_OK;
    }
    EBB_TRY(check_figure(&output, doc->output->figure));
    EBB_TRY(take_name(&e->lines, doc->output->lines));
    return take_name(&e->figure, doc->output->figure);
}

ebb_status ebb_memory_experiment_read(struct ebb_memory_experiment *e,
                                      const char *path)
{
    void *doc = NULL;
    struct ebb_yaml_map map = {0};
    ebb_status status = ebb_yaml_load(&doc, &map, path, &top);
    if (status == EBB_OK) {
        status = take(e, doc, &map);
    }
    ebb_yaml_free(doc, &top);
    ebb_yaml_map_finish(&map);
    return status;
}

void ebb_memory_experiment_finish(struct ebb_memory_experiment *e)
{
    ebb_mem_free(e->lines);
    ebb_mem_free(e->figure);
    e->lines = e->figure = NULL;
}
