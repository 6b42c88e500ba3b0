/* tools/bench/large_memory.c - a large Willshaw memory at work. */
#include "tools/bench/large_memory.h"

#include "io/state_file.h"
#include "models/recall.h"
#include "tools/stop.h"

#include <string.h>

enum { CELLS = 100, SEED = 1 };

static const struct ebb_projection *recall_of(const struct ebb_large_memory *m)
{
    return &m->net->projections[ebb_network_find_projection(m->net, "recall")];
}

size_t ebb_large_memory_synapses(const struct ebb_large_memory *m)
{
    return recall_of(m)->synapses;
}

size_t ebb_large_memory_bytes(const struct ebb_large_memory *m)
{
    return ebb_rows_bytes(recall_of(m)->rows);
}

static ebb_status draw_cues(struct ebb_large_memory *m)
{
    const struct ebb_recall_noise noise = {.missing = 0.2};
    uint8_t *scratch = ebb_mem_calloc(m->neurons, 1);
    ebb_status status =
        scratch ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "no memory for cues");
    for (size_t k = 0; k < m->cued && status == EBB_OK; k++) {
        struct ebb_random random = ebb_random_stream(SEED, EBB_RANDOM_CUE, k);
        status = ebb_recall_cue(&m->cues, &m->assemblies, k, &noise,
                                k % EBB_LARGE_PERIOD, scratch, &random);
    }
    ebb_mem_free(scratch);
    return status;
}

ebb_status ebb_large_memory_build(struct ebb_large_memory *m,
                                  const struct ebb_rows_watch *watch)
{
    m->params = ebb_association_params_default();
    m->params.delay_ticks = EBB_LARGE_PERIOD;
    m->params.seed = SEED;
    EBB_TRY(ebb_assemblies_draw(&m->assemblies, m->neurons, m->patterns, CELLS,
                                SEED));
    EBB_TRY(ebb_association_settle(&m->params, &m->assemblies));
    EBB_TRY(draw_cues(m));
    EBB_TRY(
        ebb_association_build(&m->net, &m->params, &m->assemblies, 0, watch));
    m->hash = ebb_network_hash(m->net);
    return EBB_OK;
}

void ebb_large_memory_finish(struct ebb_large_memory *m)
{
    ebb_network_destroy(m->net);
    ebb_events_finish(&m->cues);
    ebb_assemblies_finish(&m->assemblies);
    m->net = NULL;
}

static ebb_status take_spikes(void *self, size_t population, ebb_tick tick,
                              const ebb_neuron_id *node, const double *value,
                              size_t n)
{
    struct ebb_large_run *r = self;
    for (size_t k = 0; population == r->told && k < n; k++) {
        r->last[node[k]] = tick + 1;
        r->sum = (r->sum ^ (tick << 32 | node[k])) * 0x100000001b3;
    }
    r->spikes += population == r->told ? n : 0;
    return r->trace ? r->trace_sink.spikes(r->trace_sink.self, population, tick,
                                           node, value, n)
                    : EBB_OK;
}

static ebb_status advance(void *self, ebb_tick tick)
{
    struct ebb_large_run *r = self;
    if (r->trace) {
        EBB_TRY(r->trace_sink.advance(r->trace_sink.self, tick));
    }
    if (r->progress) {
        ebb_progress_show(r->progress, (size_t)tick, "of the ticks");
    }
    return ebb_stop_wanted() ? EBB_FAIL(EBB_ERR_STOPPED, "stopped") : EBB_OK;
}

static ebb_status resume_from(struct ebb_large_run *r, const char *path)
{
    struct ebb_state_set *set = NULL;
    EBB_TRY(ebb_state_set_open(&set, path));
    struct ebb_snapshot_source source = ebb_state_set_source(set);
    ebb_status status = ebb_cluster_load(r->cluster, r->memory->hash, &source);
    ebb_state_set_close(set);
    return status;
}

ebb_status ebb_large_run_begin(struct ebb_large_run *r,
                               const struct ebb_large_memory *m, size_t threads,
                               ebb_tick ticks, const char *trace,
                               const char *resume)
{
    struct ebb_cluster_options how = {.engine = ebb_engine_options_default(),
                                      .threads = threads};
    how.engine.sink = (struct ebb_run_sink){
        .self = r, .spikes = take_spikes, .advance = advance};
    r->memory = m;
    r->told = ebb_network_find_population(m->net, "memory");
    r->last = ebb_mem_calloc(m->neurons, sizeof(*r->last));
    if (!r->last) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu neurons", m->neurons);
    }
    if (trace) {
        EBB_TRY(ebb_trace_writer_create(&r->trace, trace, m->net, ticks, NULL,
                                        0, "ebb bench memory"));
        r->trace_sink = ebb_trace_writer_sink(r->trace);
    }
    EBB_TRY(ebb_cluster_create(&r->cluster, m->net, &how));
    return resume ? resume_from(r, resume)
                  : ebb_cluster_input(r->cluster, ebb_network_input(m->net),
                                      m->cues.at, m->cues.n);
}

static ebb_status save_share(void *self, size_t share,
                             const struct ebb_snapshot_sink *sink)
{
    const struct ebb_large_run *r = self;
    return ebb_cluster_save(r->cluster, share, r->memory->hash, sink);
}

ebb_status ebb_large_run_save(struct ebb_large_run *r, ebb_tick ticks,
                              const char *path)
{
    const struct ebb_state_giver giver = {.self = r, .save = save_share};
    const struct ebb_network *net = r->memory->net;
    struct ebb_state_about about = {.tick = ebb_cluster_now(r->cluster),
                                    .intended = ticks,
                                    .tick_s = net->tick_s,
                                    .network_hash = r->memory->hash,
                                    .input_events = r->memory->cues.n,
                                    .ranks = 1,
                                    .shares = ebb_cluster_threads(r->cluster)};
    strcpy(about.origin, "ebb bench memory");
    EBB_TRY(ebb_state_file_write(path, &about, &giver, &r->broken));
    return ebb_state_file_publish(path, 0, 1);
}

ebb_status ebb_large_run_record(struct ebb_large_run *r)
{
    EBB_TRY(ebb_trace_writer_finish(r->trace));
    r->trace = NULL;
    return EBB_OK;
}

ebb_status ebb_large_run_score(const struct ebb_large_run *r,
                               double *completion, double *falsely)
{
    const struct ebb_large_memory *m = r->memory;
    ebb_tick end = ebb_cluster_now(r->cluster);
    size_t right = 0, wrong = 0, cells = m->cued * CELLS;
    uint8_t *wanted = ebb_mem_calloc(m->neurons, 1);
    if (!wanted) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to score recall");
    }
    for (size_t k = 0; k < cells; k++) { /* pattern after pattern */
        uint32_t cell = m->assemblies.cell[k];
        wanted[cell] = 1;
        right += r->last[cell] + EBB_LARGE_PERIOD > end;
    }
    for (size_t i = 0; i < m->neurons; i++) {
        wrong +=
            !wanted[i] && r->last[i] > 0 && r->last[i] + EBB_LARGE_PERIOD > end;
    }
    ebb_mem_free(wanted);
    *completion = (double)right / (double)cells;
    *falsely = (double)wrong / (double)cells;
    return EBB_OK;
}

void ebb_large_run_finish(struct ebb_large_run *r)
{
    r->broken = ebb_trace_writer_abandon(r->trace) || r->broken;
    ebb_cluster_destroy(r->cluster);
    ebb_mem_free(r->last);
    r->trace = NULL;
    r->cluster = NULL;
    r->last = NULL;
}
