/* tools/run_result.c - what `ebb run` tells in the end. */
#include "tools/run_result.h"

#include <math.h>
#include <stdio.h>

struct answer {
    size_t winner;
    double spikes, of, confidence;
};

static struct answer find_answer(const struct ebb_run_result *r)
{
    struct answer a = {.spikes = r->count[0]};
    double sum = 0;
    for (size_t i = 0; i < r->outputs; i++) {
        a.of += r->count[i];
        if (r->count[i] > a.spikes) {
            a.spikes = r->count[i];
            a.winner = i;
        }
    }
    for (size_t i = 0; i < r->outputs; i++) {
        sum += exp(r->count[i] - a.spikes);
    }
    a.confidence = 1 / sum;
    return a;
}

static double per_second(const struct ebb_run_result *r, uint64_t n)
{
    double seconds = r->net->tick_s * (double)(r->ticks - r->from);
    return seconds > 0 ? (double)n / seconds : 0;
}

/* What several processes exchanged. */
static void traffic_json(struct ebb_json *out, const struct ebb_run_result *r)
{
    const struct ebb_team_traffic *t = &r->traffic;
    ebb_json_count(out, "threads", r->team->threads);
    ebb_json_count(out, "ranks", r->team->exchange.ranks);
    if (r->team->exchange.ranks <= 1) {
        return;
    }
    ebb_json_count(out, "window_ticks", t->window);
    ebb_json_count(out, "exchanges", t->exchanges);
    ebb_json_count(out, "bytes_sent", t->sent);
    ebb_json_count(out, "bytes_received", t->received);
    if (r->net->tick_s > 0) {
        ebb_json_number(out, "bytes_sent_per_simulated_second",
                        per_second(r, t->sent));
        ebb_json_number(out, "bytes_received_per_simulated_second",
                        per_second(r, t->received));
    }
    ebb_json_number(out, "exchanging_s", t->seconds);
}

static void traffic_print(const struct ebb_run_result *r)
{
    const struct ebb_team_traffic *t = &r->traffic;
    if (r->team->exchange.ranks <= 1) {
        return;
    }
    printf("%zu ranks of %zu threads: %llu exchanges, %llu bytes sent, %llu "
           "received, %.3g s in exchanges\n",
           r->team->exchange.ranks, r->team->threads,
           (unsigned long long)t->exchanges, (unsigned long long)t->sent,
           (unsigned long long)t->received, t->seconds);
    if (r->net->tick_s > 0) {
        printf("a simulated second: %.4g exchanges, %.4g bytes sent, %.4g "
               "received\n",
               per_second(r, t->exchanges), per_second(r, t->sent),
               per_second(r, t->received));
    }
}

static void tell_json(const struct ebb_run_result *r,
                      const struct ebb_args *args)
{
    const struct ebb_counters *c = &r->counters;
    const struct {
        const char *name;
        uint64_t value;
    } figures[] = {{"ticks", r->ticks},
                   {"input_events", c->input_events},
                   {"spikes", c->spikes},
                   {"synaptic_operations", c->synaptic_operations},
                   {"block_updates", c->block_updates},
                   {"neuron_updates", c->neuron_updates},
                   {"wakeups_predicted", c->wakeups_predicted},
                   {"wakeups_superseded", c->wakeups_superseded},
                   {"wakeups_fired", c->wakeups_fired},
                   {"crossing_evaluations", c->crossing_evaluations},
                   {"queue_operations", c->queue_operations},
                   {"ticks_visited", c->ticks_visited},
                   {"ticks_skipped", c->ticks_skipped},
                   {"tiles_swept", c->tiles_swept},
                   {"tiles_lazy", c->tiles_lazy},
                   {"axons_active", c->axons_active}};
    struct ebb_work work = ebb_work_of(r->net, c, r->ticks, r->how->single);
    struct ebb_json out = {.n = 0};
    ebb_json_text(&out, "network", args->operand[0]);
    if (r->count) {
        struct answer a = find_answer(r);
        ebb_json_number(&out, "class",
                        a.of > 0 ? (double)a.winner : (double)NAN);
        ebb_json_number(&out, "confidence", a.confidence);
        ebb_json_numbers(&out, "output_spikes", r->count,
                         r->outputs < 64 ? r->outputs : 64);
    }
    for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++) {
        ebb_json_count(&out, figures[k].name, figures[k].value);
    }
    ebb_work_json(&out, &work, 1, &r->measured);
    traffic_json(&out, r);
    ebb_json_print(&out);
}

void ebb_run_result_tell(const struct ebb_run_result *r,
                         const struct ebb_args *args)
{
    const struct ebb_counters *c = &r->counters;
    typedef unsigned long long count;
    if (ebb_args_has(args, "json")) {
        tell_json(r, args);
        return;
    }
    if (r->count) {
        struct answer a = find_answer(r);
        if (a.of > 0) {
            printf("class %zu: %g of %g output spikes, confidence %.3f\n",
                   a.winner, a.spikes, a.of, a.confidence);
        } else {
            printf("no class: the output is silent\n");
        }
    }
    printf("%llu ticks: %llu input events, %llu spikes, %llu synaptic "
           "operations\n",
           (count)r->ticks, (count)c->input_events, (count)c->spikes,
           (count)c->synaptic_operations);
    printf("%llu ticks skipped, %llu neuron updates, %llu wake-ups, %llu "
           "queue operations\n",
           (count)c->ticks_skipped, (count)c->neuron_updates,
           (count)c->wakeups_fired, (count)c->queue_operations);
    struct ebb_work work = ebb_work_of(r->net, c, r->ticks, r->how->single);
    ebb_work_print(&work, 1, &r->measured);
    traffic_print(r);
    if (r->how->single) {
        printf("not exact: states are float (--float)\n");
    }
    if (r->how->drop > 0) {
        printf("not exact: axons are left below %g of Vth (--drop)\n",
               r->how->drop);
    }
}
