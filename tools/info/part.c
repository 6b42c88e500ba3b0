/* tools/info/part.c - how far a recording is that goes on, or was cut short. */
#include "tools/info/info.h"

#include "io/trace_part.h"

#include <stdio.h>

static uint64_t all_spikes(const struct ebb_trace_part *part)
{
    uint64_t sum = 0;
    for (size_t k = 0; k < ebb_trace_part_plan(part)->n_populations; k++) {
        sum += ebb_trace_part_spikes(part, k);
    }
    return sum;
}

static void put(struct ebb_json *json, const struct ebb_trace_part *part)
{
    const struct ebb_trace_plan *p = ebb_trace_part_plan(part);
    ebb_json_count(json, "committed_ticks", p->ticks);
    ebb_json_count(json, "intended_ticks", p->intended);
    ebb_json_count(json, "spikes", all_spikes(part));
    ebb_json_count(json, "populations", p->n_populations);
    ebb_json_count(json, "states", p->n_series);
}

static void tell(const struct ebb_trace_part *part)
{
    const struct ebb_trace_plan *p = ebb_trace_part_plan(part);
    printf("%llu ticks committed", (unsigned long long)p->ticks);
    if (p->intended > 0) {
        printf(" of %llu", (unsigned long long)p->intended);
    }
    printf("; %llu spikes and events\n", (unsigned long long)all_spikes(part));
    for (size_t k = 0; k < p->n_series; k++) {
        const struct ebb_trace_series *s = &p->series[k];
        printf("  %s of %-15s [%zu], every %llu ticks\n", s->state, s->place,
               s->n, (unsigned long long)s->every);
    }
}

ebb_status ebb_info_part(const char *path, struct ebb_json *json)
{
    struct ebb_trace_part *part;
    EBB_TRY(ebb_trace_part_open(&part, path));
    if (json) {
        put(json, part);
    } else {
        tell(part);
    }
    ebb_trace_part_close(part);
    return EBB_OK;
}
