/* io/serve/pump.c - the thread that simulates. */
#include "io/serve/pump_parts.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOLD = 1000, /* steps of a silence that are told one by one */
    ARRIVALS = 4096,
    PENDING = 1 << 16,
    POPPED = 4096,
    REORDERED = 1 << 16,
    STEP_NS = 2000000
};

struct ebb_pump_options ebb_pump_options_default(void)
{
    return (struct ebb_pump_options){
        .polarities = 2, .step = 100, .window = 5, .idle_us = 100000};
}

uint64_t pump_time_us(const struct ebb_pump *p, ebb_tick tick)
{
    return (uint64_t)llround((double)tick * p->options.tick_us);
}

static ebb_tick tick_of(const struct ebb_pump *p, int64_t t_us)
{
    double tick = floor((double)t_us / p->options.tick_us);
    return tick > 0 ? (ebb_tick)tick : 0;
}

static ebb_status take_memory(struct ebb_pump *p)
{
    const struct ebb_pump_options *o = &p->options;
    size_t classes = o->net->populations[p->output].n;
    size_t steps = o->gap_us ? 0 : o->window;
    p->popped = ebb_mem_calloc(POPPED, sizeof(*p->popped));
    p->arrival = ebb_mem_calloc(ARRIVALS, sizeof(*p->arrival));
    if (!p->popped || !p->arrival) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to simulate live");
    }
    EBB_TRY(ebb_reorder_init(&p->reorder, o->reorder_us,
                             o->reorder_us > 0 ? REORDERED : 1));
    EBB_TRY(ebb_readout_init(&p->readout, classes, steps, o->rule));
    return canvas_init(p);
}

ebb_status ebb_pump_create(struct ebb_pump **out,
                           const struct ebb_pump_options *options,
                           struct ebb_ring *ring,
                           struct ebb_live_totals *totals,
                           const struct ebb_pump_out *to)
{
    *out = NULL;
    struct ebb_pump *p = ebb_mem_calloc(1, sizeof(*p));
    if (!p) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to simulate live");
    }
    p->options = *options;
    p->ring = ring;
    p->totals = totals;
    p->out = *to;
    p->step = p->next_step = options->step;
    p->input = ebb_network_input(options->net);
    p->output = ebb_network_output(options->net);
    ebb_status status = take_memory(p);
    if (status != EBB_OK) {
        ebb_pump_destroy(p);
        return status;
    }
    *out = p;
    return EBB_OK;
}

void ebb_pump_destroy(struct ebb_pump *p)
{
    if (p) {
        canvas_finish(p);
        ebb_readout_finish(&p->readout);
        ebb_reorder_finish(&p->reorder);
        ebb_events_finish(&p->pending);
        ebb_mem_free(p->arrival);
        ebb_mem_free(p->popped);
        ebb_mem_free(p);
    }
}

const struct ebb_latency *ebb_pump_latency(const struct ebb_pump *p)
{
    return &p->latency;
}

static void flush_spikes(struct ebb_pump *p)
{
    if (p->n_spikes > 0) {
        p->out.spikes(p->out.self, p->spikes, p->n_spikes * SPIKE_BYTES);
        p->n_spikes = 0;
    }
}

static void tell_spike(struct ebb_pump *p, uint64_t t_us, ebb_neuron_id node)
{
    uint8_t *to = p->spikes + p->n_spikes * SPIKE_BYTES;
    for (size_t k = 0; k < SPIKE_BYTES; k++) {
        to[k] = (uint8_t)(k < 8 ? t_us >> 8 * k : node >> 8 * (k - 8));
    }
    p->n_spikes++;
    if (p->n_spikes == SPIKES_HELD) {
        flush_spikes(p);
    }
}

static ebb_status take_spikes(void *self, size_t population, ebb_tick tick,
                              const ebb_neuron_id *node, const double *value,
                              size_t n)
{
    struct ebb_pump *p = self;
    (void)value;
    canvas_spikes(p, population, tick, node, n);
    for (size_t k = 0; population == p->output && k < n; k++) {
        ebb_readout_count(&p->readout, node[k]);
    }
    for (size_t k = 0; population == p->options.spikes_of && k < n; k++) {
        tell_spike(p, pump_time_us(p, tick), node[k]);
    }
    if (population != p->input) {
        atomic_fetch_add(&p->totals->spikes, n);
    }
    return EBB_OK;
}

struct ebb_run_sink ebb_pump_sink(struct ebb_pump *p)
{
    return (struct ebb_run_sink){.self = p, .spikes = take_spikes};
}

/* Add up what a channel got in the open tick, in the order of channels. */
static ebb_status add_up(struct ebb_pump *p)
{
    EBB_TRY(ebb_events_sort(&p->pending));
    ebb_events_merge(&p->pending);
    return EBB_OK;
}

/* Hold an event of the open tick. Any number of them takes bounded memory. */
static ebb_status hold(struct ebb_pump *p, struct ebb_event event)
{
    size_t channels = p->options.net->populations[p->input].n;
    if (p->pending.n >= PENDING + 2 * channels) {
        EBB_TRY(add_up(p));
    }
    return ebb_events_push(&p->pending, event);
}

/* Input of the open tick goes to the network. */
static ebb_status hand_over(struct ebb_pump *p)
{
    if (p->pending.n == 0) {
        return EBB_OK;
    }
    EBB_TRY(add_up(p));
    ebb_status status =
        p->network->events(p->network->self, p->pending.at, p->pending.n);
    ebb_events_clear(&p->pending);
    return status;
}

/* The packets of the open tick have been answered. */
static void note_latency(struct ebb_pump *p)
{
    uint64_t now = ebb_now_ns();
    for (size_t k = 0; k < p->n_arrivals; k++) {
        ebb_latency_add(&p->latency, 1e-9 * (double)(now - p->arrival[k]));
    }
    p->n_arrivals = 0;
}

static ebb_status advance(struct ebb_pump *p, ebb_tick until)
{
    if (until > p->now) {
        EBB_TRY(p->network->advance(p->network->self, until));
        p->now = until;
    }
    return EBB_OK;
}

static void check_gesture(struct ebb_pump *p, ebb_tick until)
{
    uint64_t t_us = pump_time_us(p, until);
    if (p->in_gesture && t_us > p->gesture_end_us &&
        t_us - p->gesture_end_us >= p->options.gap_us) {
        canvas_end_gesture(p, until);
    }
}

/* Simulate every tick below `until`, with a result at the end of each step. */
static ebb_status run_to(struct ebb_pump *p, ebb_tick until)
{
    EBB_TRY(hand_over(p));
    if (p->now < until) {
        EBB_TRY(advance(p, p->open + 1 < until ? p->open + 1 : until));
        flush_spikes(p);
        note_latency(p);
    }
    for (size_t told = 0; p->next_step <= until; told++) {
        if (told == TOLD + p->options.window) { /* a silence this long is told
                                                   by its beginning and end */
            p->next_step = until / p->step * p->step;
        }
        EBB_TRY(advance(p, p->next_step));
        check_gesture(p, p->next_step);
        canvas_publish(p, p->next_step);
        p->next_step += p->step;
    }
    EBB_TRY(advance(p, until));
    flush_spikes(p);
    check_gesture(p, until);
    atomic_store(&p->totals->ticks, p->now);
    return EBB_OK;
}

static void note_arrival(struct ebb_pump *p, uint64_t arrival_ns)
{
    bool again =
        p->n_arrivals > 0 && p->arrival[p->n_arrivals - 1] == arrival_ns;
    if (!again && p->n_arrivals < ARRIVALS) { /* a sample is enough */
        p->arrival[p->n_arrivals++] = arrival_ns;
    }
}

static void note_gesture(struct ebb_pump *p, int64_t t_us)
{
    if (!p->in_gesture) {
        p->gesture_begin_us = (uint64_t)t_us;
    }
    p->in_gesture = p->options.gap_us > 0;
    p->gesture_end_us = (uint64_t)t_us;
}

/* An event whose turn it is. */
static ebb_status take(struct ebb_pump *p, const struct ebb_live_event *e)
{
    const struct ebb_pump_options *o = &p->options;
    ebb_tick tick = tick_of(p, e->t_us);
    if (tick < p->now) {
        tick = p->now; /* the host's clock was ahead */
        atomic_fetch_add(&p->totals->late, 1);
    }
    if (!p->begun) {
        p->next_step = (tick / p->step + 1) * p->step; /* none before it */
    }
    if (tick > p->open) {
        EBB_TRY(run_to(p, tick));
        p->open = tick;
    }
    size_t row = (o->polarities == 2 && e->p ? o->height : 0) + (size_t)e->y;
    struct ebb_event in = {p->open, (ebb_neuron_id)(row * o->width + e->x), 1};
    note_gesture(p, e->t_us);
    canvas_event(p, e);
    note_arrival(p, e->arrival_ns);
    p->begun = true;
    return hold(p, in);
}

static ebb_status take_ready(struct ebb_pump *p, bool all)
{
    struct ebb_live_event e;
    uint64_t late = p->reorder.late;
    while (ebb_reorder_pop(&p->reorder, &e, all)) {
        EBB_TRY(take(p, &e));
    }
    atomic_fetch_add(&p->totals->late, p->reorder.late - late);
    return EBB_OK;
}

/* Nothing comes: the host's clock goes on. */
static ebb_status idle(struct ebb_pump *p)
{
    int64_t wait_us = p->options.idle_us;
    uint64_t now_ns = ebb_now_ns();
    bool stopping = atomic_load(&p->totals->is_stopping);
    if (!p->reorder.begun || stopping || wait_us < 0 || now_ns < p->came_ns) {
        return EBB_OK;
    }
    int64_t passed_us = (int64_t)((now_ns - p->came_ns) / 1000) - wait_us;
    if (passed_us <= 0) {
        return EBB_OK;
    }
    EBB_TRY(take_ready(p, true));
    int64_t t_us = p->reorder.newest + passed_us;
    ebb_tick tick = tick_of(p, t_us);
    if (tick > p->open) {
        EBB_TRY(run_to(p, tick));
        p->open = tick;
        atomic_store(&p->totals->now_us, t_us);
    }
    return EBB_OK;
}

/* When to look again though nothing came. */
static uint64_t wake_ns(const struct ebb_pump *p)
{
    bool asleep = !p->reorder.begun || p->options.idle_us < 0;
    return ebb_now_ns() + (asleep ? 1000000000U : STEP_NS);
}

static ebb_status finish(struct ebb_pump *p)
{
    EBB_TRY(take_ready(p, true));
    if (p->begun) {
        EBB_TRY(run_to(p, p->open + 1));
        if (p->in_gesture) {
            canvas_end_gesture(p, p->now);
        }
        if (p->now > p->next_step - p->step) { /* a step had begun */
            canvas_publish(p, p->now);
        }
    }
    return EBB_OK;
}

ebb_status ebb_pump_run(struct ebb_pump *p,
                        const struct ebb_live_network *network)
{
    p->network = network;
    while (!ebb_ring_is_over(p->ring)) {
        size_t n = ebb_ring_pop(p->ring, p->popped, POPPED, wake_ns(p));
        for (size_t k = 0; k < n; k++) {
            p->came_ns = p->popped[k].arrival_ns;
            ebb_reorder_push(&p->reorder, &p->popped[k]);
            EBB_TRY(take_ready(p, false));
        }
        if (n == 0) {
            EBB_TRY(idle(p));
        } else {
            atomic_store(&p->totals->now_us, p->reorder.newest);
        }
    }
    return finish(p);
}
