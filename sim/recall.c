/* sim/recall.c - an associative memory asked with cues, through the event
 * engine. */
#include "sim/recall.h"

#include "core/memory.h"

enum { PERIOD_MAX = 100000000 };

struct ebb_recall {
    const struct ebb_assemblies *patterns;
    struct ebb_recall_options options;
    size_t input, memory;
    ebb_tick cue_tick;
    struct ebb_recall_count count;
    struct ebb_events cue;
    uint8_t *scratch; /* [neurons] all 0 */
    struct ebb_cluster *cluster;
};

static ebb_status take_spikes(void *self, size_t population, ebb_tick tick,
                              const ebb_neuron_id *node, const double *value,
                              size_t n)
{
    struct ebb_recall *r = self;
    (void)value;
    if (population == r->memory) {
        ebb_recall_count_spikes(&r->count, tick, node, n);
    }
    return EBB_OK;
}

static ebb_status find_ends(struct ebb_recall *r, const struct ebb_network *net)
{
    size_t n = r->patterns->neurons;
    r->input = ebb_network_input(net);
    r->memory = ebb_network_find_population(net, "memory");
    if (r->input == net->n_populations || r->memory == net->n_populations ||
        net->populations[r->input].n != n ||
        net->populations[r->memory].n != n) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "the patterns are of %zu neurons; the network needs an "
                        "input and a population 'memory' of that size",
                        n);
    }
    return EBB_OK;
}

static ebb_status prepare(struct ebb_recall *r, const struct ebb_network *net)
{
    const struct ebb_recall_options *o = &r->options;
    EBB_TRY(find_ends(r, net));
    if (o->steps < 1 || o->steps > 1000000 || o->period < 1 ||
        o->period > PERIOD_MAX ||
        !(o->noise.jitter >= 0 && o->noise.jitter <= 1e6)) {
        return EBB_FAIL(
            EBB_ERR_ARG, "%zu steps of %llu ticks with a jitter of %g ticks",
            o->steps, (unsigned long long)o->period, o->noise.jitter);
    }
    r->scratch = ebb_mem_calloc(r->patterns->neurons, 1);
    if (!r->scratch) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for cues");
    }
    ebb_tick half = o->period / 2, lead = ebb_recall_lead(&o->noise);
    r->cue_tick = lead > half ? lead : half;
    EBB_TRY(ebb_recall_count_init(&r->count, r->patterns, r->cue_tick - half,
                                  o->period, o->steps + 1));
    struct ebb_cluster_options how = {.engine = ebb_engine_options_default(),
                                      .threads = o->threads,
                                      .exchange = o->exchange};
    how.engine.mode = o->mode;
    how.engine.single = o->single;
    how.engine.sink = (struct ebb_run_sink){.self = r, .spikes = take_spikes};
    return ebb_cluster_create(&r->cluster, net, &how);
}

ebb_status ebb_recall_create(struct ebb_recall **out,
                             const struct ebb_network *net,
                             const struct ebb_assemblies *patterns,
                             const struct ebb_recall_options *options)
{
    *out = NULL;
    struct ebb_recall *r = ebb_mem_calloc(1, sizeof(*r));
    if (!r) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to recall");
    }
    r->patterns = patterns;
    r->options = *options;
    ebb_status status = prepare(r, net);
    if (status != EBB_OK) {
        ebb_recall_destroy(r);
        return status;
    }
    *out = r;
    return EBB_OK;
}

void ebb_recall_destroy(struct ebb_recall *r)
{
    if (r) {
        ebb_cluster_destroy(r->cluster);
        ebb_recall_count_finish(&r->count);
        ebb_events_finish(&r->cue);
        ebb_mem_free(r->scratch);
        ebb_mem_free(r);
    }
}

ebb_status ebb_recall_ask(struct ebb_recall *r, size_t pattern, uint64_t cue,
                          struct ebb_recall_score *score)
{
    const struct ebb_recall_options *o = &r->options;
    if (pattern >= r->patterns->n) {
        return EBB_FAIL(EBB_ERR_ARG, "pattern %zu of %zu", pattern,
                        r->patterns->n);
    }
    struct ebb_random random =
        ebb_random_stream(o->seed, EBB_RANDOM_CUE, cue << 32 | pattern);
    ebb_events_clear(&r->cue);
    EBB_TRY(ebb_recall_cue(&r->cue, r->patterns, pattern, &o->noise,
                           r->cue_tick, r->scratch, &random));
    ebb_recall_count_begin(&r->count, pattern);
    EBB_TRY(ebb_cluster_reset(r->cluster));
    EBB_TRY(ebb_cluster_input(r->cluster, r->input, r->cue.at, r->cue.n));
    EBB_TRY(ebb_cluster_run(r->cluster,
                            r->count.start + (o->steps + 1) * o->period));
    for (size_t s = 0; s <= o->steps; s++) {
        score[s] = ebb_recall_count_score(&r->count, s);
    }
    return EBB_OK;
}

struct ebb_counters ebb_recall_counters(const struct ebb_recall *r)
{
    return ebb_cluster_counters(r->cluster);
}
