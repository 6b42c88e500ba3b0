/* io/experiment_data.c - the data of an experiment. */
#include "io/experiment_parts.h"

#include <stdio.h>
#include <string.h>

static const uint64_t many = 1000 * 1000 * 1000;

/* A file that an experiment names is looked for from the experiment's own
 * folder. */
static char *beside(const char *experiment, const char *file)
{
    const char *slash = strrchr(experiment, '/');
    if (file[0] == '/' || !slash) {
        return ebb_mem_strdup(file);
    }
    size_t folder = (size_t)(slash - experiment) + 1;
    size_t size = folder + strlen(file) + 1;
    char *path = ebb_mem_calloc(size, 1);
    if (path) {
        snprintf(path, size, "%.*s%s", (int)folder, experiment, file);
    }
    return path;
}

static ebb_status take_drawings(struct ebb_pattern_params *to,
                                const struct ebb_place *p,
                                const struct ebb_doc_drawings *doc)
{
    uint64_t n = to->n, trains = to->trains, ticks = to->ticks;
    EBB_TRY(
        ebb_take_count(p, "count", doc->count, 1, EBB_PATTERN_DRAWINGS, &n));
    EBB_TRY(ebb_take_count(p, "trains", doc->trains, 1, 100000, &trains));
    EBB_TRY(ebb_take_count(p, "ticks", doc->ticks, 1, 100000, &ticks));
    EBB_TRY(ebb_take_number(p, "density", doc->density, 0, 0.03, &to->density));
    EBB_TRY(ebb_take_count(p, "seed", doc->seed, 0, UINT64_MAX, &to->seed));
    to->n = n;
    to->trains = trains;
    to->ticks = ticks;
    return EBB_OK;
}

static ebb_status take_cue(struct ebb_cue_noise *to, const struct ebb_place *p,
                           const struct ebb_doc_cue *doc)
{
    uint64_t block = to->block;
    EBB_TRY(ebb_take_number(p, "p_alter", doc->p_alter, 0, 1, &to->p_alter));
    EBB_TRY(ebb_take_number(p, "p_jitter", doc->p_jitter, 0, 1, &to->p_jitter));
    EBB_TRY(ebb_take_number(p, "jitter", doc->jitter, 0, 1e6, &to->jitter));
    EBB_TRY(ebb_take_number(p, "p_delete", doc->p_delete, 0, 1, &to->p_delete));
    EBB_TRY(ebb_take_count(p, "block", doc->block, 1, 100000, &block));
    EBB_TRY(ebb_take_number(p, "background", doc->background, 0, 1,
                            &to->background));
    to->block = block;
    return EBB_OK;
}

static ebb_status take_source(struct ebb_experiment *e,
                              const struct ebb_place *p,
                              const struct ebb_doc_data *doc)
{
    if (doc->patterns && doc->dataset) {
        return ebb_place_fail(p, "dataset", doc->dataset,
                              "give patterns or dataset, not both");
    }
    if (!doc->patterns && !doc->dataset) {
        return ebb_place_fail(p, NULL, NULL,
                              "give patterns: drawings, patterns: FILE or "
                              "dataset: FILE");
    }
    e->data = EBB_DATA_DRAWINGS;
    if (doc->dataset) {
        e->data = EBB_DATA_DATASET;
    } else if (strcmp(doc->patterns, "drawings") != 0) {
        e->data = EBB_DATA_PATTERNS;
    }
    if (doc->drawings && e->data != EBB_DATA_DRAWINGS) {
        return ebb_place_fail(p, "drawings", NULL,
                              "it needs patterns: drawings");
    }
    if (doc->cue && e->data == EBB_DATA_DATASET) {
        return ebb_place_fail(p, "cue", NULL,
                              "noisy cues are drawn from patterns, not from a "
                              "data set");
    }
    if (e->data != EBB_DATA_DRAWINGS) {
        const char *file = doc->dataset ? doc->dataset : doc->patterns;
        e->data_file = beside(e->path, file);
        if (!e->data_file) {
            return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a file name");
        }
    }
    return EBB_OK;
}

/* Validation samples: of cues so many, of a data set a share of those for
 * training. */
static ebb_status take_validation(struct ebb_experiment *e,
                                  const struct ebb_place *p,
                                  const struct ebb_doc_data *doc)
{
    uint64_t count = 0;
    e->validation_seed = 1;
    if (e->data != EBB_DATA_DATASET) {
        if (doc->validation_seed) {
            return ebb_place_fail(p, "validation_seed", doc->validation_seed,
                                  "it is for a dataset; cues are drawn anew");
        }
        EBB_TRY(
            ebb_take_count(p, "validation", doc->validation, 0, many, &count));
        e->cues.validation = count;
        return EBB_OK;
    }
    EBB_TRY(
        ebb_take_share(p, "validation", doc->validation, &e->validation_share));
    return ebb_take_count(p, "validation_seed", doc->validation_seed, 0,
                          UINT64_MAX, &e->validation_seed);
}

static ebb_status take_augment(struct ebb_experiment *e,
                               const struct ebb_place *p,
                               const struct ebb_doc_augment *doc)
{
    struct ebb_augment *to = &e->augment;
    uint64_t shift = 0;
    if (e->data != EBB_DATA_DATASET) {
        return ebb_place_fail(p, NULL, NULL,
                              "cues are noisy as they are; it is for a "
                              "dataset");
    }
    EBB_TRY(ebb_take_count(p, "shift", doc->shift, 0, 1000000, &shift));
    to->shift = (size_t)shift;
    EBB_TRY(ebb_take_number(p, "rotate", doc->rotate, 0, 180, &to->rotate));
    EBB_TRY(ebb_take_number(p, "stretch", doc->stretch, 0, 0.9, &to->stretch));
    EBB_TRY(ebb_take_number(p, "jitter", doc->jitter, 0, 1e6, &to->jitter));
    return ebb_take_number(p, "drop", doc->drop, 0, 0.99, &to->drop);
}

ebb_status ebb_experiment_take_data(struct ebb_experiment *e,
                                    const struct ebb_place *p,
                                    const struct ebb_doc_data *doc)
{
    struct ebb_cue_params *cues = &e->cues;
    *cues = (struct ebb_cue_params){.noise = ebb_cue_noise_default(),
                                    .seed = e->seed,
                                    .test_seed = 20200711};
    e->drawings = ebb_pattern_params_default();
    EBB_TRY(take_source(e, p, doc));
    if (doc->drawings) {
        struct ebb_place in = ebb_place_in(p, "drawings");
        EBB_TRY(take_drawings(&e->drawings, &in, doc->drawings));
    }
    if (doc->cue) {
        struct ebb_place in = ebb_place_in(p, "cue");
        EBB_TRY(take_cue(&cues->noise, &in, doc->cue));
    }
    if (doc->augment) {
        struct ebb_place in = ebb_place_in(p, "augment");
        EBB_TRY(take_augment(e, &in, doc->augment));
    }
    EBB_TRY(take_validation(e, p, doc));
    uint64_t train = 1000, test = 640;
    EBB_TRY(ebb_take_count(p, "train", doc->train, 1, many, &train));
    EBB_TRY(ebb_take_count(p, "test", doc->test, 0, many, &test));
    EBB_TRY(ebb_take_count(p, "test_seed", doc->test_seed, 0, UINT64_MAX,
                           &cues->test_seed));
    cues->train = train;
    cues->test = test;
    double seconds = 0;
    return ebb_take_ticks(p, "target_delay", doc->target_delay,
                          e->network->tick_s, &cues->target_delay, &seconds);
}
