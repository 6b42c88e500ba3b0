/* sim/cluster_tell.c - what the sink is told of a window: all that one engine
 * would tell, in its order. */
#include "sim/cluster_parts.h"

#include <string.h>

/* The next volley of an input; NULL: all are told. */
static const uint32_t *next_input(const struct ebb_cluster *c)
{
    const struct engine_outbox *o = c->member[0].out;
    return c->input < o->input.n ? o->input.at + c->input : NULL;
}

/* The next tick of which there is something to tell. */
static ebb_tick next_tick(const struct ebb_cluster *c)
{
    ebb_tick next = EBB_TICK_NEVER;
    for (size_t k = 0; k < c->threads; k++) {
        const struct member *m = &c->member[k];
        if (m->visited < m->out->n_visited &&
            m->out->visited[m->visited] < next) {
            next = m->out->visited[m->visited];
        }
    }
    if (c->volley < c->book.n && c->book.volley[c->volley].tick < next) {
        next = c->book.volley[c->volley].tick;
    }
    return next;
}

/* This tick's events of inputs into c->told. */
static void take_inputs(struct ebb_cluster *c, ebb_tick tick)
{
    for (const uint32_t *head = next_input(c);
         head && c->start + head[0] == tick; head = next_input(c)) {
        const double *value = c->member[0].out->value + c->input_value;
        c->told[c->net->order[head[1]]] =
            (struct told){.node = head + 3, .value = value, .n = head[2]};
        c->input += 3 + (size_t)head[2];
        c->input_value += head[2];
    }
}

static void take_volleys(struct ebb_cluster *c, ebb_tick tick)
{
    while (c->volley < c->book.n && c->book.volley[c->volley].tick == tick) {
        const struct merged_volley *v = &c->book.volley[c->volley++];
        c->told[v->population] =
            (struct told){.node = c->book.node + v->from, .n = v->n};
    }
}

/* What the spikes carry; NULL: all 1. */
static const double *values_of(struct ebb_cluster *c, size_t population,
                               ebb_tick tick)
{
    const struct ebb_engine_options *o = &c->options.engine;
    const struct told *told = &c->told[population];
    const double *value = told->value;
    bool graded = false;
    if (!value && o->grade) {
        for (size_t k = 0; k < told->n; k++) {
            c->value[k] =
                o->grade(o->grade_self, population, told->node[k], tick);
        }
        value = c->value;
    }
    for (size_t k = 0; value && k < told->n; k++) {
        graded = graded || value[k] != 1.0;
    }
    return graded ? value : NULL;
}

static ebb_status tell_spikes(struct ebb_cluster *c, ebb_tick tick)
{
    const struct ebb_run_sink *sink = &c->options.engine.sink;
    take_inputs(c, tick);
    take_volleys(c, tick);
    for (size_t k = 0; k < c->net->n_populations; k++) {
        struct told *told = &c->told[k];
        if (sink->spikes && told->n > 0) {
            const double *value = values_of(c, k, tick);
            EBB_TRY(
                sink->spikes(sink->self, k, tick, told->node, value, told->n));
        }
        *told = (struct told){.n = 0};
    }
    return EBB_OK;
}

/* Parts of the shares, put together. */
static ebb_status tell_states(struct ebb_cluster *c, ebb_tick tick)
{
    const struct ebb_engine_options *o = &c->options.engine;
    for (size_t p = 0; o->sink.state && p < o->n_probes; p++) {
        size_t n = 0;
        if (tick % o->probes[p].every != 0) {
            continue;
        }
        for (size_t k = 0; k < c->threads; k++) {
            struct member *m = &c->member[k];
            struct probe_part part = engine_share_part(m->engine, p);
            size_t own = part.to - part.from;
            if (own > 0) {
                memcpy(c->value + n, m->out->state + m->n_told,
                       own * sizeof(*c->value));
            }
            m->n_told += own;
            n += own;
        }
        EBB_TRY(o->sink.state(o->sink.self, p, tick, c->value));
    }
    return EBB_OK;
}

static ebb_status tell_advance(struct ebb_cluster *c, ebb_tick tick)
{
    const struct ebb_run_sink *sink = &c->options.engine.sink;
    ebb_status status =
        sink->advance ? sink->advance(sink->self, tick) : EBB_OK;
    c->stop = c->stop || status == EBB_ERR_STOPPED;
    return status == EBB_ERR_STOPPED ? EBB_OK : status;
}

static ebb_status tell_tick(struct ebb_cluster *c, ebb_tick tick)
{
    for (size_t k = 0; k < c->threads; k++) {
        struct member *m = &c->member[k];
        m->visited += m->visited < m->out->n_visited &&
                      m->out->visited[m->visited] == tick;
    }
    c->ticks_visited++;
    EBB_TRY(tell_spikes(c, tick));
    EBB_TRY(tell_states(c, tick));
    return tell_advance(c, tick + 1);
}

ebb_status cluster_tell(struct ebb_cluster *c)
{
    c->volley = c->input = c->input_value = 0;
    for (size_t k = 0; k < c->threads; k++) {
        c->member[k].visited = c->member[k].n_told = 0;
    }
    for (ebb_tick tick = next_tick(c); tick != EBB_TICK_NEVER;
         tick = next_tick(c)) {
        EBB_TRY(tell_tick(c, tick));
    }
    return EBB_OK;
}
