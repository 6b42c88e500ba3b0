/* models/cues.c - noisy cues of patterns as a data set. */
#include "models/patterns.h"

#include "core/memory.h"

#include <string.h>

struct ebb_cues {
    struct ebb_patterns patterns;
    struct ebb_cue_params params;
};

ebb_status ebb_cues_create(struct ebb_cues **out,
                           const struct ebb_patterns *patterns,
                           const struct ebb_cue_params *params)
{
    *out = NULL;
    struct ebb_cues *c = ebb_mem_calloc(1, sizeof(*c));
    if (!c) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for cues");
    }
    c->params = *params;
    ebb_status status = ebb_patterns_create(&c->patterns, patterns->n,
                                            patterns->trains, patterns->ticks);
    if (status != EBB_OK) {
        ebb_cues_destroy(c);
        return status;
    }
    memcpy(c->patterns.spike, patterns->spike,
           patterns->n * patterns->trains * patterns->ticks);
    *out = c;
    return EBB_OK;
}

void ebb_cues_destroy(struct ebb_cues *c)
{
    if (c) {
        ebb_patterns_finish(&c->patterns);
        ebb_mem_free(c);
    }
}

/* Numbers of samples that no two splits or epochs share. */
static uint64_t stream_of(enum ebb_split split, uint64_t epoch, size_t index)
{
    uint64_t era = split == EBB_SPLIT_TRAIN ? epoch + 1 : 0;
    uint64_t part = split == EBB_SPLIT_VALIDATION ? 1 : 0;
    return era << 32 | part << 31 | index;
}

static ebb_status read_cue(void *self, enum ebb_split split, uint64_t epoch,
                           size_t index, struct ebb_sample *out)
{
    struct ebb_cues *c = self;
    uint64_t seed =
        split == EBB_SPLIT_TEST ? c->params.test_seed : c->params.seed;
    struct ebb_random random =
        ebb_random_stream(seed, EBB_RANDOM_CUE, stream_of(split, epoch, index));
    out->label = index % c->patterns.n;
    ebb_events_clear(&out->input);
    ebb_events_clear(&out->target);
    EBB_TRY(ebb_cue_draw(&out->input, &c->patterns, out->label,
                         &c->params.noise, &random));
    return ebb_pattern_target(&out->target, &c->patterns, out->label,
                              c->params.target_delay);
}

static ebb_status read_prototype(void *self, size_t label,
                                 struct ebb_events *out)
{
    struct ebb_cues *c = self;
    return ebb_pattern_target(out, &c->patterns, label, c->params.target_delay);
}

struct ebb_sample_source ebb_cues_source(struct ebb_cues *c)
{
    return (struct ebb_sample_source){
        .self = c,
        .inputs = c->patterns.trains,
        .outputs = c->patterns.trains,
        .classes = c->patterns.n,
        .ticks = c->patterns.ticks,
        .size = {c->params.train, c->params.validation, c->params.test},
        .read = read_cue,
        .prototype = read_prototype};
}
