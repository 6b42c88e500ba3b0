/* io/serve/canvas.c - what happened during a step, gathered and handed out. */
#include "io/serve/pump_parts.h"

#include "core/memory.h"

#include <string.h>

ebb_status canvas_init(struct ebb_pump *p)
{
    struct canvas *c = &p->canvas;
    size_t n = p->options.net->n_populations;
    size_t pixels = (size_t)p->options.width * p->options.height;
    c->on = ebb_mem_calloc(pixels, 1);
    c->off = ebb_mem_calloc(pixels, 1);
    c->gather = ebb_mem_calloc(n, sizeof(*c->gather));
    c->layers = ebb_mem_calloc(n, sizeof(*c->layers));
    bool good = c->on && c->off && c->gather && c->layers;
    for (size_t k = 0; good && k < n; k++) {
        struct gather *g = &c->gather[k];
        g->node = ebb_mem_calloc(EBB_LIVE_SHOWN_MAX, sizeof(*g->node));
        g->dt_us = ebb_mem_calloc(EBB_LIVE_SHOWN_MAX, sizeof(*g->dt_us));
        good = g->node && g->dt_us;
    }
    c->begin_ns = ebb_now_ns();
    return good ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "no memory for frames");
}

void canvas_finish(struct ebb_pump *p)
{
    struct canvas *c = &p->canvas;
    for (size_t k = 0; c->gather && k < p->options.net->n_populations; k++) {
        ebb_mem_free(c->gather[k].node);
        ebb_mem_free(c->gather[k].dt_us);
    }
    ebb_mem_free(c->gather);
    ebb_mem_free(c->layers);
    ebb_mem_free(c->on);
    ebb_mem_free(c->off);
}

void canvas_event(struct ebb_pump *p, const struct ebb_live_event *e)
{
    uint8_t *image = e->p ? p->canvas.on : p->canvas.off;
    uint8_t *pixel = &image[(size_t)e->y * p->options.width + e->x];
    *pixel = (uint8_t)(*pixel + (*pixel < UINT8_MAX));
    p->canvas.events++;
}

static ebb_tick frame_begin(const struct ebb_pump *p)
{
    return p->next_step - p->step;
}

void canvas_spikes(struct ebb_pump *p, size_t population, ebb_tick tick,
                   const ebb_neuron_id *node, size_t n)
{
    struct gather *g = &p->canvas.gather[population];
    uint64_t begin = pump_time_us(p, frame_begin(p));
    uint64_t t = pump_time_us(p, tick);
    uint32_t dt = t > begin ? (uint32_t)(t - begin) : 0;
    g->spikes += n;
    for (size_t k = 0; k < n && g->n_shown < EBB_LIVE_SHOWN_MAX; k++) {
        g->node[g->n_shown] = node[k];
        g->dt_us[g->n_shown++] = dt;
    }
}

static void fill_layer(struct ebb_pump *p, size_t at, size_t population)
{
    const struct gather *g = &p->canvas.gather[population];
    const struct ebb_population *of = &p->options.net->populations[population];
    p->canvas.layers[at] = (struct ebb_live_layer){.name = of->name,
                                                   .n = of->n,
                                                   .spikes = g->spikes,
                                                   .node = g->node,
                                                   .dt_us = g->dt_us,
                                                   .n_shown = g->n_shown};
}

/* The input, then the others in the order in which spikes pass them. */
static void fill_layers(struct ebb_pump *p)
{
    const struct ebb_network *net = p->options.net;
    size_t at = 0;
    fill_layer(p, at++, p->input);
    for (size_t k = 0; k < net->n_populations; k++) {
        if (net->order[k] != p->input) {
            fill_layer(p, at++, net->order[k]);
        }
    }
}

static void fill_totals(const struct ebb_pump *p, struct ebb_live_frame *f)
{
    struct ebb_live_totals *t = p->totals;
    f->dropped_udp = atomic_load(&t->dropped_udp);
    f->dropped_gap = atomic_load(&t->lost_frames);
    f->malformed = atomic_load(&t->malformed);
    f->late = atomic_load(&t->late);
    f->latency_p50_s = ebb_latency_at(&p->latency, 0.5);
    f->latency_p99_s = ebb_latency_at(&p->latency, 0.99);
    f->queue_depth = ebb_ring_depth(p->ring);
}

static void fill_work(struct ebb_pump *p, struct ebb_live_frame *f)
{
    struct ebb_live_work work, *before = &p->canvas.work;
    p->network->work(p->network->self, &work);
    f->synaptic_operations =
        (double)(work.synaptic_operations - before->synaptic_operations);
    f->neuron_updates = (double)(work.neuron_updates - before->neuron_updates);
    f->energy_j = work.energy_j - before->energy_j;
    *before = work;
}

/* The frame that ends at tick `until`. */
static struct ebb_live_frame frame_of(struct ebb_pump *p, ebb_tick until)
{
    struct canvas *c = &p->canvas;
    uint64_t now_ns = ebb_now_ns(), t_us = pump_time_us(p, until);
    struct ebb_live_frame f = {.index = c->index,
                               .t_us = t_us,
                               .width = p->options.width,
                               .height = p->options.height,
                               .on = c->on,
                               .off = c->off,
                               .events = c->events,
                               .layers = c->layers,
                               .n_layers = p->options.net->n_populations,
                               .class_name = p->options.class_name};
    double passed_s = 1e-9 * (double)(now_ns - c->begin_ns);
    f.span_us = t_us - pump_time_us(p, frame_begin(p));
    f.realtime_ratio = passed_s > 0 ? 1e-6 * (double)f.span_us / passed_s : 0;
    ebb_readout_tell(&p->readout);
    f.probability = p->readout.probability;
    f.n_classes = p->readout.n;
    f.winner = p->readout.winner;
    f.confidence = p->readout.confidence;
    fill_layers(p);
    fill_totals(p, &f);
    return f;
}

static void begin_next(struct ebb_pump *p)
{
    struct canvas *c = &p->canvas;
    size_t pixels = (size_t)p->options.width * p->options.height;
    memset(c->on, 0, pixels);
    memset(c->off, 0, pixels);
    for (size_t k = 0; k < p->options.net->n_populations; k++) {
        c->gather[k].spikes = 0;
        c->gather[k].n_shown = 0;
    }
    c->events = 0;
    c->index++;
    c->begin_ns = ebb_now_ns();
}

void canvas_publish(struct ebb_pump *p, ebb_tick until)
{
    struct ebb_live_frame f = frame_of(p, until);
    fill_work(p, &f);
    if (p->out.frame) {
        p->out.frame(p->out.frame_self, &f);
    }
    if (p->options.gap_us == 0) {
        uint64_t window = pump_time_us(p, p->options.window * p->step);
        struct ebb_live_result r = {.frame = &f,
                                    .begin_us =
                                        f.t_us > window ? f.t_us - window : 0,
                                    .end_us = f.t_us,
                                    .count = p->readout.count};
        p->out.result(p->out.self, &r);
    }
    ebb_readout_step(&p->readout);
    atomic_fetch_add(&p->totals->frames, 1);
    begin_next(p);
}

void canvas_end_gesture(struct ebb_pump *p, ebb_tick until)
{
    struct ebb_live_frame f = frame_of(p, until);
    struct ebb_live_result r = {
        .frame = &f,
        .gesture = 1 + atomic_fetch_add(&p->totals->gestures, 1),
        .begin_us = p->gesture_begin_us,
        .end_us = p->gesture_end_us,
        .count = p->readout.count};
    p->out.result(p->out.self, &r);
    ebb_readout_clear(&p->readout);
    p->in_gesture = false;
}
