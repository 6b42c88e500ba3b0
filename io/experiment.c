/* io/experiment.c - an experiment file: a network, data, and how to learn. */
#include "io/experiment_parts.h"

#include <stdio.h>
#include <string.h>

void ebb_experiment_destroy(struct ebb_experiment *e)
{
    if (!e) {
        return;
    }
    ebb_network_destroy(e->network);
    ebb_mem_free(e->training.dropout);
    ebb_mem_free(e->training.penalty);
    ebb_mem_free(e->training.limit);
    ebb_mem_free(e->training.excess);
    ebb_mem_free(e->data_file);
    ebb_mem_free(e->bias_drawn);
    ebb_mem_free(e->init);
    ebb_mem_free(e->name);
    ebb_mem_free(e->path);
    ebb_mem_free(e);
}

/* "runs/x/associative_memory.yaml" is called associative_memory. */
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = ebb_mem_strdup(slash ? slash + 1 : path);
    char *dot = name ? strrchr(name, '.') : NULL;
    if (dot && dot != name) {
        *dot = '\0';
    }
    return name;
}

static ebb_status take_name(struct ebb_experiment *e, const struct ebb_place *p,
                            const char *name)
{
    if (name && (!name[0] || name[0] == '.' || strchr(name, '/'))) {
        return ebb_place_fail(p, "name", name,
                              "it names a folder: no '/', no '.' in front");
    }
    e->name = name ? ebb_mem_strdup(name) : name_of(e->path);
    return e->name ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a name");
}

static ebb_status take_network(struct ebb_experiment *e,
                               const struct ebb_place *top,
                               const struct ebb_doc_network *doc)
{
    struct ebb_place p = ebb_place_in(top, "network");
    struct ebb_doc_network whole;
    struct ebb_arena *arena;
    EBB_TRY(ebb_arena_create(&arena));
    ebb_status status = ebb_experiment_expand_layers(&whole, arena, &p, doc);
    if (status == EBB_OK) {
        status = ebb_experiment_take_network(e, &p, &whole);
    }
    ebb_arena_destroy(arena);
    return status;
}

static ebb_status take(struct ebb_experiment *e, const struct ebb_doc *doc,
                       const struct ebb_yaml_map *map)
{
    struct ebb_place top = {.map = map};
    e->seed = 1;
    EBB_TRY(take_name(e, &top, doc->name));
    EBB_TRY(ebb_take_count(&top, "seed", doc->seed, 0, UINT64_MAX, &e->seed));
    EBB_TRY(take_network(e, &top, doc->network));
    struct ebb_place data = ebb_place_in(&top, "data");
    EBB_TRY(ebb_experiment_take_data(e, &data, doc->data));
    struct ebb_place training = ebb_place_in(&top, "training");
    EBB_TRY(ebb_experiment_take_training(e, &training, doc->training));
    return ebb_experiment_seed(e, e->seed);
}

ebb_status ebb_experiment_read(struct ebb_experiment **out, const char *path)
{
    *out = NULL;
    struct ebb_doc *doc = NULL;
    struct ebb_yaml_map map = {0};
    struct ebb_experiment *e = ebb_mem_calloc(1, sizeof(*e));
    if (!e || !(e->path = ebb_mem_strdup(path))) {
        ebb_mem_free(e);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for an experiment");
    }
    ebb_status status = ebb_doc_read(&doc, &map, path);
    if (status == EBB_OK) {
        status = take(e, doc, &map);
    }
    ebb_doc_destroy(doc);
    ebb_yaml_map_finish(&map);
    if (status != EBB_OK) {
        ebb_experiment_destroy(e);
        return status;
    }
    *out = e;
    return EBB_OK;
}

ebb_status ebb_experiment_seed(struct ebb_experiment *e, uint64_t seed)
{
    e->seed = seed;
    e->cues.seed = seed;
    EBB_TRY(ebb_experiment_draw(e));
    return ebb_network_finish(e->network);
}
