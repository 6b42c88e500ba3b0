/* sim/engine_share.c - an engine that computes a share of a network. */
#include "sim/engine_parts.h"
#include "sim/engine_tick.h"

#include <string.h>

struct engine_outbox *engine_share_outbox(struct ebb_engine *e)
{
    return e->out;
}

struct probe_part engine_share_part(const struct ebb_engine *e, size_t probe)
{
    return e->part[probe];
}

void engine_share_finish(struct ebb_engine *e)
{
    if (e->out) {
        ebb_mem_free(e->out->fired.at);
        ebb_mem_free(e->out->input.at);
        ebb_mem_free(e->out->value);
        ebb_mem_free(e->out->visited);
        ebb_mem_free(e->out->state);
    }
}

/* Mostly there is room: not worth a call. */
static ebb_status make_room(void *array, size_t *capacity, size_t want,
                            size_t size)
{
    return want <= *capacity ? EBB_OK
                             : ebb_mem_grow(array, capacity, want, size);
}

static ebb_status note_input(struct ebb_engine *e, size_t k, size_t n)
{
    struct engine_outbox *o = e->out;
    if (!o->tells_input) {
        return EBB_OK;
    }
    EBB_TRY(make_room(&o->value, &o->value_room, o->n_values + n,
                      sizeof(*o->value)));
    memcpy(o->value + o->n_values, e->carried, n * sizeof(*o->value));
    o->n_values += n;
    return volleys_write(&o->input, e->now - o->start, k, e->fired, n);
}

ebb_status engine_share_note(struct ebb_engine *e, size_t k, size_t n)
{
    struct engine_outbox *o = e->out;
    return e->crowd[e->net->order[k]].p->input
               ? note_input(e, k, n)
               : volleys_write(&o->fired, e->now - o->start, k, e->fired, n);
}

ebb_status engine_share_note_tick(struct ebb_engine *e)
{
    struct engine_outbox *o = e->out;
    EBB_TRY(make_room(&o->visited, &o->visited_room, o->n_visited + 1,
                      sizeof(*o->visited)));
    o->visited[o->n_visited++] = e->now;
    return EBB_OK;
}

ebb_status engine_share_note_states(struct ebb_engine *e, const double *value,
                                    size_t n)
{
    struct engine_outbox *o = e->out;
    EBB_TRY(make_room(&o->state, &o->state_room, o->n_states + n,
                      sizeof(*o->state)));
    memcpy(o->state + o->n_states, value, n * sizeof(*value));
    o->n_states += n;
    return EBB_OK;
}

void engine_share_begin(struct ebb_engine *e, ebb_tick start)
{
    struct engine_outbox *o = e->out;
    o->start = start;
    o->fired.n = o->input.n = o->n_values = o->n_visited = o->n_states = 0;
    engine_share_skip(e, start);
}

void engine_share_skip(struct ebb_engine *e, ebb_tick until)
{
    e->now = until;
}

void engine_share_count_ticks(struct ebb_engine *e, uint64_t visited,
                              uint64_t skipped)
{
    e->counters.ticks_visited = visited;
    e->counters.ticks_skipped = skipped;
}

ebb_tick engine_share_next(const struct ebb_engine *e)
{
    ebb_tick next = ebb_engine_next(e), probe = probe_next(e);
    return probe < next ? probe : next;
}

ebb_status engine_share_run(struct ebb_engine *e, ebb_tick until)
{
    EBB_TRY(engine_check_whole(e));
    while (e->now < until) {
        ebb_tick next = engine_share_next(e);
        engine_share_skip(e, next < until ? next : until);
        if (e->now < until) {
            EBB_TRY(engine_share_stage(e, 0, e->net->n_populations));
        }
    }
    return EBB_OK;
}

ebb_status engine_share_stage(struct ebb_engine *e, size_t from, size_t to)
{
    if (from == 0) {
        EBB_TRY(engine_check_whole(e));
        e->failed = true; /* until the tick is over */
        EBB_TRY(engine_begin_tick(e));
    }
    EBB_TRY(engine_pass(e, from, to));
    return to == e->net->n_populations ? engine_end_tick(e) : EBB_OK;
}

/* What spikes of a tick carry, into e->carried. */
static void take_values(struct ebb_engine *e, size_t population, ebb_tick tick,
                        const ebb_neuron_id *node, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        e->carried[k] = e->options.grade
                            ? e->options.grade(e->options.grade_self,
                                               population, node[k], tick)
                            : 1;
    }
}

ebb_status engine_share_receive(struct ebb_engine *e,
                                const struct volley_book *book, size_t from,
                                size_t to)
{
    for (size_t k = from; k < to; k++) {
        const struct merged_volley *v = &book->volley[k];
        const ebb_neuron_id *node = book->node + v->from;
        struct crowd *c = &e->crowd[v->population];
        take_values(e, v->population, v->tick, node, v->n);
        EBB_TRY(deliver_send(e, c, v->tick, node, e->carried, v->n));
    }
    return EBB_OK;
}
