/* sim/replay.c - gradients from a recorded run. */
#include "sim/replay.h"

#include "sim/learn/loss.h"

#include <math.h>
#include <string.h>

/* A replay on its way. */
struct replay {
    const struct ebb_network *net;
    const struct ebb_trace *trace;
    struct ebb_batch_f64 *batch;
    size_t ticks;
    struct ebb_events events; /* of one population at a time */
};

static ebb_status check_trace(const struct ebb_network *net,
                              const struct ebb_trace *trace)
{
    if (trace->network_hash != ebb_network_hash(net)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "the trace is of another network (hash %016llx, this "
                        "one has %016llx); give the network that ran",
                        (unsigned long long)trace->network_hash,
                        (unsigned long long)ebb_network_hash(net));
    }
    if (!trace->read_v || !trace->read_spikes) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the trace lacks %s; record V of all neurons at every "
                        "tick",
                        !trace->read_v ? "V" : "spikes");
    }
    if (trace->ticks == 0 || trace->ticks > SIZE_MAX / sizeof(double)) {
        return EBB_FAIL(EBB_ERR_ARG, "a trace of %llu ticks",
                        (unsigned long long)trace->ticks);
    }
    return EBB_OK;
}

static ebb_status check_goal(const struct ebb_network *net,
                             const struct ebb_trace *trace,
                             const struct ebb_replay_goal *goal)
{
    size_t outputs = net->populations[ebb_network_output(net)].n;
    if (!goal->kernel && goal->label >= outputs) {
        return EBB_FAIL(EBB_ERR_ARG, "class %zu; the output has %zu neurons",
                        goal->label, outputs);
    }
    if (goal->kernel && !goal->target) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "the van Rossum loss needs the wanted spikes");
    }
    return goal->kernel
               ? ebb_error_prefix(
                     ebb_events_check(goal->target, outputs, trace->ticks),
                     "target: ")
               : EBB_OK;
}

/* A spike, then the ticks for which its neuron is held. */
static void mark_phase(uint8_t *phase, const struct ebb_event *e, size_t n,
                       size_t ticks, ebb_tick refractory)
{
    phase[e->tick * n + e->node] = EBB_PHASE_SPIKE;
    for (ebb_tick d = 1; d <= refractory && e->tick + d < ticks; d++) {
        phase[(e->tick + d) * n + e->node] = EBB_PHASE_HELD;
    }
}

static ebb_status restore_spikes(struct replay *r, size_t population)
{
    const struct ebb_population *p = &r->net->populations[population];
    double *o = ebb_batch_o_f64(r->batch, population, 0);
    uint8_t *phase =
        p->input ? NULL : ebb_batch_phase_f64(r->batch, population, 0);
    EBB_TRY(r->trace->read_spikes(r->trace->self, population, &r->events));
    EBB_TRY(
        ebb_error_prefix(ebb_events_check(&r->events, p->n, r->trace->ticks),
                         "spikes of '%s': ", p->name));
    memset(o, 0, r->ticks * p->n * sizeof(*o));
    if (phase) {
        memset(phase, EBB_PHASE_FREE, r->ticks * p->n);
    }
    for (size_t k = 0; k < r->events.n; k++) {
        const struct ebb_event *e = &r->events.at[k];
        o[e->tick * p->n + e->node] += p->input ? e->value : 1;
        if (phase) {
            mark_phase(phase, e, p->n, r->ticks, p->refractory_ticks);
        }
    }
    return EBB_OK;
}

static ebb_status restore_v(struct replay *r, size_t population)
{
    const struct ebb_population *p = &r->net->populations[population];
    double *v = ebb_batch_v_f64(r->batch, population, 0);
    EBB_TRY(
        r->trace->read_v(r->trace->self, population, 0, r->trace->ticks, v));
    for (size_t k = 0; k < r->ticks * p->n; k++) {
        if (!isfinite(v[k])) {
            return EBB_FAIL(EBB_ERR_DIVERGED,
                            "V of '%s' neuron %zu at tick %zu is %g", p->name,
                            k % p->n, k / p->n, v[k]);
        }
    }
    return EBB_OK;
}

/* Axons that were not graded carry O itself: no scale is taken for them. */
static ebb_status restore_a(struct replay *r, size_t population)
{
    size_t n = r->net->populations[population].n;
    if (!r->trace->read_a) {
        return EBB_OK;
    }
    double *a = ebb_mem_calloc(r->ticks * n, sizeof(*a));
    if (!a) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to replay %zu ticks",
                        r->ticks);
    }
    bool graded = false;
    double *scale = NULL;
    ebb_status status = r->trace->read_a(r->trace->self, population, 0,
                                         r->trace->ticks, a, &graded);
    if (status == EBB_OK && graded) {
        status = ebb_batch_scale_f64(r->batch, population, 0, &scale);
    }
    if (scale) {
        memcpy(scale, a, r->ticks * n * sizeof(*a));
    }
    ebb_mem_free(a);
    return status;
}

static ebb_status restore(struct replay *r)
{
    ebb_batch_clear_f64(r->batch);
    for (size_t k = 0; k < r->net->n_populations; k++) {
        EBB_TRY(restore_spikes(r, k));
        EBB_TRY(restore_a(r, k));
        if (!r->net->populations[k].input) {
            EBB_TRY(restore_v(r, k));
        }
    }
    ebb_batch_restore_f64(r->batch);
    ebb_batch_clear_losses_f64(r->batch);
    return EBB_OK;
}

static ebb_status van_rossum(struct replay *r, double *loss, size_t output,
                             const struct ebb_replay_goal *goal)
{
    size_t n = r->net->populations[output].n;
    struct ebb_van_rossum_f64 *distance = NULL;
    double *target = ebb_mem_calloc(r->ticks * n, sizeof(*target));
    ebb_status status =
        target ? ebb_van_rossum_create_f64(&distance, goal->kernel, r->ticks, n)
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for a target");
    if (status == EBB_OK) {
        for (size_t k = 0; k < goal->target->n; k++) {
            const struct ebb_event *e = &goal->target->at[k];
            target[e->tick * n + e->node] = e->value;
        }
        *loss = ebb_van_rossum_distance_f64(
            distance, ebb_batch_d_o_f64(r->batch, output, 0),
            ebb_batch_o_f64(r->batch, output, 0), target, 1);
    }
    ebb_van_rossum_destroy_f64(distance);
    ebb_mem_free(target);
    return status;
}

static ebb_status judge(struct replay *r, double *loss,
                        const struct ebb_replay_goal *goal)
{
    size_t output = ebb_network_output(r->net);
    if (goal->kernel) {
        return van_rossum(r, loss, output, goal);
    }
    *loss = ebb_loss_rate_f64(ebb_batch_d_o_f64(r->batch, output, 0),
                              ebb_batch_o_f64(r->batch, output, 0), r->ticks,
                              r->net->populations[output].n, goal->label, 1);
    return EBB_OK;
}

ebb_status ebb_replay(double *loss, struct ebb_gradient_f64 *gradient,
                      const struct ebb_model_f64 *model,
                      const struct ebb_trace *trace,
                      const struct ebb_replay_goal *goal)
{
    struct replay r = {.net = model->net, .trace = trace};
    EBB_TRY(check_trace(r.net, trace));
    EBB_TRY(check_goal(r.net, trace, goal));
    r.ticks = (size_t)trace->ticks;
    struct ebb_batch_options options = {.ticks = r.ticks,
                                        .samples = 1,
                                        .learn = true,
                                        .neuron_gradients = true};
    EBB_TRY(ebb_batch_create_f64(&r.batch, model, &options));
    ebb_status status = restore(&r);
    if (status == EBB_OK) {
        status = judge(&r, loss, goal);
    }
    if (status == EBB_OK) {
        ebb_batch_backward_f64(r.batch, gradient);
    }
    ebb_events_finish(&r.events);
    ebb_batch_destroy_f64(r.batch);
    return status;
}
