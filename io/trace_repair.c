/* io/trace_repair.c - a whole trace of what a recording has committed. */
#include "io/trace_repair.h"

#include "core/memory.h"
#include "io/trace_part.h"
#include "io/trace_stream.h"
#include "io/trace_write.h"

enum { SPIKES = 4096 }; /* at a time */

/* From one file to the other. */
struct copy {
    struct ebb_trace_part *part;
    const struct ebb_trace_plan *plan;
    struct ebb_run_sink sink;
    struct ebb_trace_repair *result;
};

static ebb_status copy_block(struct copy *c, size_t series, uint64_t from,
                             size_t n, double *value)
{
    const struct ebb_trace_series *s = &c->plan->series[series];
    EBB_TRY(ebb_trace_part_read_states(c->part, series, from, n, value));
    for (size_t k = 0; k < n; k++) {
        ebb_tick tick = ebb_trace_series_tick(s, c->plan->first, from + k);
        EBB_TRY(c->sink.state(c->sink.self, series, tick, value + k * s->n));
    }
    return EBB_OK;
}

static ebb_status copy_series(struct copy *c, size_t series)
{
    const struct ebb_trace_series *s = &c->plan->series[series];
    uint64_t points =
        ebb_trace_series_points(s, c->plan->first, c->plan->ticks);
    size_t block = ebb_stream_block(s->n);
    double *value = ebb_mem_calloc(block * s->n, sizeof(*value));
    ebb_status status =
        value ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a trace");
    for (uint64_t from = 0; from < points && status == EBB_OK; from += block) {
        size_t n = points - from < block ? (size_t)(points - from) : block;
        status = copy_block(c, series, from, n, value);
    }
    ebb_mem_free(value);
    return status;
}

/* Spikes of one tick go together. */
static ebb_status tell_spikes(struct copy *c, size_t population, size_t n,
                              const uint64_t *tick, const uint32_t *node,
                              const double *value)
{
    for (size_t first = 0, k = 1; k <= n; k++) {
        if (k < n && tick[k] == tick[first]) {
            continue;
        }
        if (tick[first] >= c->plan->ticks || tick[first] < c->plan->first) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "a spike at tick %llu, though ticks %llu to %llu "
                            "are committed",
                            (unsigned long long)tick[first],
                            (unsigned long long)c->plan->first,
                            (unsigned long long)c->plan->ticks);
        }
        EBB_TRY(c->sink.spikes(c->sink.self, population, tick[first],
                               node + first, value + first, k - first));
        first = k;
    }
    return EBB_OK;
}

static ebb_status copy_spikes(struct copy *c, size_t population)
{
    uint64_t tick[SPIKES], all = ebb_trace_part_spikes(c->part, population);
    uint32_t node[SPIKES];
    double value[SPIKES];
    for (uint64_t from = 0; from < all; from += SPIKES) {
        size_t n = all - from < SPIKES ? (size_t)(all - from) : SPIKES;
        EBB_TRY(ebb_trace_part_read_spikes(c->part, population, from, n, tick,
                                           node, value));
        EBB_TRY(tell_spikes(c, population, n, tick, node, value));
    }
    c->result->spikes += all;
    return EBB_OK;
}

static ebb_status copy_all(struct copy *c)
{
    for (size_t k = 0; k < c->plan->n_series; k++) {
        EBB_TRY(copy_series(c, k));
    }
    for (size_t k = 0; k < c->plan->n_populations; k++) {
        EBB_TRY(copy_spikes(c, k));
    }
    return c->sink.advance(c->sink.self, c->plan->ticks);
}

static ebb_status copy_file(struct copy *c, const char *path)
{
    struct ebb_trace_writer *w;
    EBB_TRY(ebb_trace_writer_open(&w, path, ".repair", c->plan));
    c->sink = ebb_trace_writer_sink(w);
    ebb_status status = copy_all(c);
    status = status ? status : ebb_trace_writer_finish(w);
    if (status != EBB_OK) {
        c->result->broken = ebb_trace_writer_abandon(w);
    }
    return status;
}

ebb_status ebb_trace_repair(struct ebb_trace_repair *result, const char *part,
                            const char *path)
{
    struct copy c = {.result = result};
    *result = (struct ebb_trace_repair){.broken = false};
    EBB_TRY(ebb_trace_part_open(&c.part, part));
    c.plan = ebb_trace_part_plan(c.part);
    result->ticks = c.plan->ticks;
    result->intended = c.plan->intended;
    ebb_status status =
        c.plan->ticks > c.plan->first
            ? copy_file(&c, path)
            : EBB_FAIL(EBB_ERR_FORMAT,
                       "%s: nothing has been committed yet; if its run is "
                       "over, remove it",
                       part);
    ebb_trace_part_close(c.part);
    return status;
}
