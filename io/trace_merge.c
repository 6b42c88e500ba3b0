/* io/trace_merge.c - one trace of the pieces of a run. */
#include "io/merge_parts.h"

#include <string.h>

static ebb_status copy_all(struct merge *m)
{
    for (size_t k = 0; k < m->plan.n_series; k++) {
        EBB_TRY(merge_series(m, k));
    }
    for (size_t k = 0; k < m->plan.n_populations; k++) {
        EBB_TRY(merge_spikes(m, k));
    }
    return m->sink.advance(m->sink.self, m->plan.ticks);
}

static ebb_status write_file(struct merge *m, const char *path)
{
    struct ebb_trace_writer *w;
    EBB_TRY(ebb_trace_writer_open(&w, path, ".merge", &m->plan));
    m->sink = ebb_trace_writer_sink(w);
    ebb_status status = copy_all(m);
    status = status ? status : ebb_trace_writer_finish(w);
    if (status != EBB_OK) {
        m->result->broken = ebb_trace_writer_abandon(w);
    }
    return status;
}

static void finish(struct merge *m)
{
    for (size_t k = 0; m->file && k < m->n; k++) {
        ebb_trace_part_close(m->file[k].part);
    }
    ebb_arena_destroy(m->arena);
}

ebb_status ebb_trace_merge(struct ebb_trace_merge *result,
                           const char *const *part, size_t n, const char *path)
{
    struct merge m = {.result = result};
    *result = (struct ebb_trace_merge){.broken = false};
    ebb_status status = ebb_arena_create(&m.arena);
    status = status ? status : merge_open(&m, part, n);
    if (status == EBB_OK) {
        result->first = m.plan.first;
        result->ticks = m.plan.ticks;
        result->intended = m.plan.intended;
        status = write_file(&m, path);
    }
    finish(&m);
    return status;
}
