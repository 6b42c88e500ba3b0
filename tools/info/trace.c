/* tools/info/trace.c - what a recorded run holds. */
#include "tools/info/info.h"

#include "io/trace_view.h"

#include <stdio.h>

static uint64_t all_spikes(const struct ebb_trace_about *a)
{
    uint64_t sum = 0;
    for (size_t k = 0; k < a->n_populations; k++) {
        sum += a->populations[k].spikes;
    }
    return sum;
}

/* Spikes per neuron and tick; 0 where the file does not give sizes. */
static double rate_of(const struct ebb_trace_about *a,
                      const struct ebb_trace_population *p)
{
    double cells = (double)p->n * (double)(a->committed - a->first);
    return cells > 0 ? (double)p->spikes / cells : 0;
}

static void put_population(const struct ebb_trace_about *a,
                           const struct ebb_trace_population *p)
{
    struct ebb_json j = {.n = 0};
    ebb_json_text(&j, "population", p->name);
    ebb_json_bool(&j, "input", p->input);
    ebb_json_count(&j, "spikes", p->spikes);
    if (p->n > 0) {
        ebb_json_count(&j, "neurons", p->n);
        ebb_json_number(&j, "rate_per_tick", rate_of(a, p));
    }
    if (p->n > 0 && a->tick_s > 0) {
        ebb_json_number(&j, "rate_hz", rate_of(a, p) / a->tick_s);
    }
    ebb_json_print(&j);
}

static void put_state(const struct ebb_trace_state *s)
{
    struct ebb_json j = {.n = 0};
    ebb_json_text(&j, "state", s->letter);
    ebb_json_text(&j, "of", s->place);
    ebb_json_count(&j, "rows", s->rows);
    ebb_json_count(&j, "points", s->points);
    ebb_json_count(&j, "every", s->every);
    ebb_json_print(&j);
}

static void put(struct ebb_json *j, const struct ebb_trace_about *a)
{
    ebb_json_count(j, "ticks", a->ticks);
    if (a->first > 0) {
        ebb_json_count(j, "first_tick", a->first);
    }
    if (a->ranks > 1) {
        ebb_json_count(j, "rank", a->rank);
        ebb_json_count(j, "ranks", a->ranks);
    }
    ebb_json_count(j, "committed_ticks", a->committed);
    ebb_json_count(j, "intended_ticks", a->intended);
    ebb_json_number(j, "tick_s", a->tick_s);
    ebb_json_number(j, "duration_s", a->tick_s * (double)a->ticks);
    ebb_json_count(j, "spikes", all_spikes(a));
    ebb_json_count(j, "populations", a->n_populations);
    ebb_json_count(j, "states", a->n_states);
    ebb_json_text(j, "network_hash", a->network_hash);
    ebb_json_text(j, "origin", a->origin);
    ebb_json_print(j);
    for (size_t k = 0; k < a->n_populations; k++) {
        put_population(a, &a->populations[k]);
    }
    for (size_t k = 0; k < a->n_states; k++) {
        put_state(&a->states[k]);
    }
    *j = (struct ebb_json){.n = 0};
}

static void tell_population(const struct ebb_trace_about *a,
                            const struct ebb_trace_population *p)
{
    const char *what = p->input ? "events" : "spikes";
    printf("  %-20s", p->name);
    if (p->n == 0) {
        printf(" %llu %s\n", (unsigned long long)p->spikes, what);
        return;
    }
    printf(" %llu %s, %llu %s, mean rate %.4g per tick",
           (unsigned long long)p->n, p->input ? "channels" : "neurons",
           (unsigned long long)p->spikes, what, rate_of(a, p));
    if (a->tick_s > 0) {
        printf(" (%.4g Hz)", rate_of(a, p) / a->tick_s);
    }
    printf("\n");
}

static void tell_run(const struct ebb_trace_about *a)
{
    printf("%llu ticks", (unsigned long long)a->ticks);
    if (a->tick_s > 0) {
        printf(" of %g s: %g s", a->tick_s, a->tick_s * (double)a->ticks);
    }
    if (a->committed < a->ticks) {
        printf(", the first %llu committed", (unsigned long long)a->committed);
    }
    if (a->ticks < a->intended) {
        printf(", stopped before %llu", (unsigned long long)a->intended);
    }
    printf("; %llu spikes and events\n", (unsigned long long)all_spikes(a));
    if (a->first > 0) {
        printf("a run gone on with: from tick %llu\n",
               (unsigned long long)a->first);
    }
    if (a->ranks > 1) {
        printf("rank %llu of %llu\n", (unsigned long long)a->rank + 1,
               (unsigned long long)a->ranks);
    }
    printf("network %s%s%s\n", a->network_hash, a->origin[0] ? ", from " : "",
           a->origin);
}

static void tell(const struct ebb_trace_about *a)
{
    tell_run(a);
    printf("populations:\n");
    for (size_t k = 0; k < a->n_populations; k++) {
        tell_population(a, &a->populations[k]);
    }
    printf(a->n_states ? "states:\n" : "states: none\n");
    for (size_t k = 0; k < a->n_states; k++) {
        const struct ebb_trace_state *s = &a->states[k];
        printf("  %s of %-15s [%zu %s, %zu values], ", s->letter, s->place,
               s->rows, s->letter[0] == 'F' ? "axons" : "neurons", s->points);
        if (s->every == 1) {
            printf("at every tick\n");
        } else {
            printf("every %llu ticks\n", (unsigned long long)s->every);
        }
    }
}

ebb_status ebb_info_trace(const char *path, struct ebb_json *json)
{
    struct ebb_trace_view *view;
    EBB_TRY(ebb_trace_view_open(&view, path));
    const struct ebb_trace_about *about = ebb_trace_view_about(view);
    if (json) {
        put(json, about);
    } else {
        tell(about);
    }
    ebb_trace_view_close(view);
    return EBB_OK;
}
