/* sim/engine_probe.c - states told without touching them. */
#include "sim/engine_parts.h"
#include "sim/engine_tick.h"

#include <string.h>

/* The place in a probe's list of its first node >= `node`; nodes rise. */
static size_t place_of(const struct ebb_probe *p, size_t node)
{
    size_t low = 0, high = p->n;
    if (!p->nodes) {
        return node < p->n ? node : p->n;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->nodes[middle] < node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The population whose neurons, or whose axons, a probe looks at. */
static size_t seat(const struct ebb_network *net, const struct ebb_probe *p)
{
    return p->state == EBB_STATE_F ? net->projections[p->where].source
                                   : p->where;
}

static ebb_status check_probes(const struct ebb_engine *e)
{
    const struct ebb_network *net = e->net;
    for (size_t k = 0; k < e->options.n_probes; k++) {
        const struct ebb_probe *p = &e->options.probes[k];
        bool psp = p->state == EBB_STATE_F;
        size_t most = psp ? net->n_projections : net->n_populations;
        if (p->where >= most || p->every == 0 ||
            (!psp && net->populations[p->where].input)) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "probe %zu: every %llu ticks at place %zu: wanted "
                            "is at least 1 tick, and %s",
                            k, (unsigned long long)p->every, p->where,
                            psp ? "one of the projections"
                                : "a population that is not an input");
        }
        size_t population = seat(net, p);
        size_t n = net->populations[population].n;
        bool fits = p->n <= n;
        for (size_t i = 0; fits && p->nodes && i < p->n; i++) {
            fits = p->nodes[i] < n;
        }
        if (!fits) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "a probe beyond the %zu neurons of '%s'", n,
                            net->populations[population].name);
        }
    }
    return EBB_OK;
}

ebb_status engine_take_probes(struct ebb_engine *e)
{
    EBB_TRY(check_probes(e));
    e->part =
        ebb_arena_calloc(e->arena, e->options.n_probes + 1, sizeof(*e->part));
    if (!e->part) {
        return engine_no_memory();
    }
    for (size_t k = 0; k < e->options.n_probes; k++) {
        const struct ebb_probe *p = &e->options.probes[k];
        const struct crowd *c = &e->crowd[seat(e->net, p)];
        e->part[k] = (struct probe_part){place_of(p, c->own_from),
                                         place_of(p, c->own_to)};
    }
    return EBB_OK;
}

static bool is_told(const struct ebb_engine *e, size_t probe)
{
    return !e->out || e->part[probe].from < e->part[probe].to;
}

ebb_tick probe_next(const struct ebb_engine *e)
{
    ebb_tick next = EBB_TICK_NEVER;
    for (size_t k = 0; k < e->options.n_probes; k++) {
        const struct ebb_probe *p = &e->options.probes[k];
        if (!is_told(e, k)) {
            continue;
        }
        /* A PSP that is looked at is computed at every tick. */
        ebb_tick every = p->state == EBB_STATE_F ? 1 : p->every;
        ebb_tick rest = e->now % every;
        ebb_tick own = rest == 0 ? e->now : e->now + (every - rest);
        next = own < next ? own : next;
    }
    return next;
}

/* Σ α F[t-p] of all axons: any share that tells some of them can be saved. */
static void decay_psps(struct drive *d)
{
    const struct ebb_kernel *kernel = &d->p->kernel;
    for (size_t j = 0; j < d->axons; j++) {
        double *f = d->f + j * (d->order + 1);
        double sum = 0;
        memmove(f + 1, f, d->order * sizeof(*f));
        for (unsigned p = 1; p <= d->order; p++) {
            sum += kernel->alpha[(p - 1) * kernel->n +
                                 ebb_kernel_column(kernel, j)] *
                   f[p];
        }
        f[0] = sum;
    }
}

/* F[t] = Σ α F[t-p] + Σ β S[t-q-delay]   (5d) */
void probe_step_psps(struct ebb_engine *e)
{
    for (size_t k = 0; k < e->net->n_projections; k++) {
        struct drive *d = &e->drive[k];
        const struct ebb_kernel *kernel = &d->p->kernel;
        const struct crowd *from = &e->crowd[d->p->source];
        if (!d->watched) {
            continue;
        }
        decay_psps(d);
        for (unsigned place = 0; place < d->n_taps; place++) {
            ebb_tick lag = drive_lag(d, place);
            const struct volley *v =
                lag <= e->now ? deliver_find(from, e->now - lag) : NULL;
            const double *beta = kernel->beta + d->tap[place] * kernel->n;
            for (size_t s = 0; v && s < v->n; s++) {
                size_t j = from->flight.node[v->from + s];
                d->f[j * (d->order + 1)] += beta[ebb_kernel_column(kernel, j)] *
                                            from->flight.value[v->from + s];
            }
        }
    }
}

static double state_v(const struct ebb_engine *e, const struct crowd *c,
                      size_t i)
{
    if (crowd_done(c, i) == e->now + 1) {
        return c->v[i];
    }
    if (e->now < crowd_held(c, i)) {
        return crowd_value(c, c->p->v_reset, i);
    }
    double x[EBB_STATE_MAX];
    neurons_load(c, i, x);
    return ebb_filter_v_after(crowd_kind(c, i)->filter, x,
                              e->now + 1 - crowd_done(c, i));
}

static double state_i(const struct ebb_engine *e, const struct crowd *c,
                      size_t i)
{
    if (crowd_done(c, i) == e->now + 1) {
        return c->i[i];
    }
    double x[EBB_STATE_MAX];
    neurons_load(c, i, x);
    return ebb_filter_output_after(crowd_kind(c, i)->filter, x,
                                   e->now + 1 - crowd_done(c, i)) +
           crowd_value(c, c->p->bias, i);
}

static double state_r(const struct ebb_engine *e, const struct crowd *c,
                      size_t i)
{
    if (c->p->reset == EBB_RESET_HYBRID) {
        return 0;
    }
    if (crowd_done(c, i) == e->now + 1) {
        return c->r[i];
    }
    const struct ebb_filter *filter = crowd_kind(c, i)->filter;
    double x[EBB_STATE_MAX];
    neurons_load(c, i, x);
    if (e->now > crowd_done(c, i)) {
        ebb_filter_advance(filter, x, e->now - crowd_done(c, i));
    }
    return x[ebb_filter_reset_at(filter)] / crowd_value(c, c->p->v_th, i);
}

static double state_of(const struct ebb_engine *e, const struct ebb_probe *p,
                       size_t node)
{
    const struct crowd *c = &e->crowd[p->where];
    switch (p->state) {
    case EBB_STATE_V:
        return state_v(e, c, crowd_slot(c, node));
    case EBB_STATE_R:
        return state_r(e, c, crowd_slot(c, node));
    case EBB_STATE_I:
        return state_i(e, c, crowd_slot(c, node));
    case EBB_STATE_F:
        return e->drive[p->where].f[node * (e->drive[p->where].order + 1)];
    case EBB_STATE_A:
        break;
    }
    return e->options.grade ? e->options.grade(e->options.grade_self, p->where,
                                               (ebb_neuron_id)node, e->now)
                            : 1;
}

ebb_status probe_tell(struct ebb_engine *e, double *value)
{
    const struct ebb_run_sink *sink = &e->options.sink;
    for (size_t k = 0; sink->state && k < e->options.n_probes; k++) {
        const struct ebb_probe *p = &e->options.probes[k];
        struct probe_part part = e->part[k];
        if (e->now % p->every != 0 || !is_told(e, k)) {
            continue;
        }
        for (size_t i = part.from; i < part.to; i++) {
            value[i - part.from] = state_of(e, p, p->nodes ? p->nodes[i] : i);
        }
        EBB_TRY(e->out ? engine_share_note_states(e, value, part.to - part.from)
                       : sink->state(sink->self, k, e->now, value));
    }
    return EBB_OK;
}
