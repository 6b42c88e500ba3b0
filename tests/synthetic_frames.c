/* tests/synthetic_frames.c - a stream that nobody recorded. */
#include "tests/synthetic_frames.h"

#include <math.h>
#include <stdlib.h>

enum { LAYERS = 4, CLASSES = 11, SHOWN = EBB_LIVE_SHOWN_MAX };

static const char *const class_names[CLASSES] = {"hand clap",
                                                 "right hand wave",
                                                 "left hand wave",
                                                 "right arm clockwise",
                                                 "right arm counter-clockwise",
                                                 "left arm clockwise",
                                                 "left arm counter-clockwise",
                                                 "arm roll",
                                                 "air drums",
                                                 "air guitar",
                                                 "other"};

struct synthetic_frames {
    struct ebb_live_frame frame;
    struct ebb_live_layer layers[LAYERS];
    uint32_t node[LAYERS][SHOWN], dt_us[LAYERS][SHOWN];
    uint8_t *on, *off;
    double probability[CLASSES], logit[CLASSES];
    uint64_t random;
};

/* xorshift64* */
static double uniform(struct synthetic_frames *s)
{
    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return (double)((s->random * 0x2545F4914F6CDD1DULL) >> 11) * 0x1p-53;
}

static void set_layer(struct synthetic_frames *s, size_t k, const char *name,
                      size_t n)
{
    s->layers[k] = (struct ebb_live_layer){
        .name = name, .n = n, .node = s->node[k], .dt_us = s->dt_us[k]};
}

struct synthetic_frames *synthetic_frames_create(uint32_t width,
                                                 uint32_t height,
                                                 uint64_t span_us,
                                                 uint64_t seed)
{
    struct synthetic_frames *s = calloc(1, sizeof(*s));
    size_t pixels = (size_t)width * height;
    s->random = seed * 2 + 1;
    s->on = calloc(pixels + 1, 1);
    s->off = calloc(pixels + 1, 1);
    set_layer(s, 0, "input", 2 * pixels);
    set_layer(s, 1, "hidden1", 512);
    set_layer(s, 2, "hidden2", 128);
    set_layer(s, 3, "output", CLASSES);
    s->frame = (struct ebb_live_frame){.span_us = span_us,
                                       .width = width,
                                       .height = height,
                                       .on = s->on,
                                       .off = s->off,
                                       .layers = s->layers,
                                       .n_layers = LAYERS,
                                       .probability = s->probability,
                                       .class_name = class_names,
                                       .n_classes = CLASSES};
    return s;
}

static void add_spike(struct synthetic_frames *s, size_t layer, size_t node)
{
    struct ebb_live_layer *l = &s->layers[layer];
    l->spikes++;
    if (l->n_shown < SHOWN) {
        s->node[layer][l->n_shown] = (uint32_t)node;
        s->dt_us[layer][l->n_shown++] =
            (uint32_t)(uniform(s) * (double)s->frame.span_us);
    }
}

/* A pixel at distance r from a disc of radius 1 that moves to where `along`
 * (cosine) is 1: its rim is seen, brighter ahead, darker behind. */
static void see(struct synthetic_frames *s, size_t pixel, double r,
                double along)
{
    double rim = exp(-pow((r - 1) / 0.14, 2));
    double rate = 1.6 * rim * fabs(along) + 0.004;
    while (rate > 0 && uniform(s) < rate) {
        int brighter = rim < 0.05 ? uniform(s) < 0.5 : along > 0;
        uint8_t *count = brighter ? &s->on[pixel] : &s->off[pixel];
        *count = (uint8_t)(*count + (*count < 255));
        s->frame.events++;
        add_spike(s, 0, 2 * pixel + (size_t)brighter);
        rate -= 1;
    }
}

static void watch(struct synthetic_frames *s, double t)
{
    double w = s->frame.width, h = s->frame.height, size = 0.17 * fmin(w, h);
    double cx = w * (0.5 + 0.28 * sin(1.3 * t)), vx = cos(1.3 * t);
    double cy = h * (0.5 + 0.26 * sin(1.9 * t + 1)), vy = cos(1.9 * t + 1);
    double speed = hypot(vx, vy) + 1e-9;
    for (uint32_t y = 0; y < s->frame.height; y++) {
        for (uint32_t x = 0; x < s->frame.width; x++) {
            size_t pixel = (size_t)y * s->frame.width + x;
            double dx = x - cx, dy = y - cy, r = hypot(dx, dy);
            s->on[pixel] = s->off[pixel] = 0;
            see(s, pixel, r / size, (dx * vx + dy * vy) / (r + 1) / speed);
        }
    }
}

/* Neurons with a preferred moment of the wandering. */
static void fire(struct synthetic_frames *s, size_t layer, double t,
                 double rate)
{
    size_t n = s->layers[layer].n;
    for (size_t k = 0; k < n; k++) {
        double phase = 6.283 * (double)k / (double)n;
        double drive = exp(3 * cos(1.3 * t * (1 + (double)layer) - phase) - 3);
        if (uniform(s) < rate * (drive + 0.02)) {
            add_spike(s, layer, k);
        }
    }
}

static void decide(struct synthetic_frames *s, double t)
{
    double sum = 0, best = 0;
    for (size_t k = 0; k < CLASSES; k++) {
        double wanted = 6.5 * cos(0.23 * t - 6.283 * (double)k / CLASSES);
        s->logit[k] += 0.12 * (wanted + 5 * (uniform(s) - 0.5) - s->logit[k]);
        sum += exp(s->logit[k]);
    }
    for (size_t k = 0; k < CLASSES; k++) {
        s->probability[k] = exp(s->logit[k]) / sum;
        if (s->probability[k] > best) {
            best = s->probability[k];
            s->frame.winner = (long)k;
        }
    }
    s->frame.confidence = best;
}

static void count(struct synthetic_frames *s)
{
    struct ebb_live_frame *f = &s->frame;
    f->synaptic_operations = 0;
    for (size_t k = 0; k + 1 < LAYERS; k++) {
        double targets = (double)s->layers[k + 1].n;
        f->synaptic_operations += (double)s->layers[k].spikes * targets * 0.1;
    }
    f->neuron_updates = (double)f->events + 300;
    f->energy_j = 2.3e-11 * f->synaptic_operations + 8e-11 * f->neuron_updates;
    f->realtime_ratio = 1 + 0.004 * (uniform(s) - 0.5);
    f->latency_p50_s = 0.0021 + 0.0008 * uniform(s);
    f->latency_p99_s = 0.0062 + 0.004 * uniform(s);
    f->dropped_udp += uniform(s) < 0.01;
    f->late += uniform(s) < 0.02;
    f->queue_depth = (size_t)(40 * uniform(s));
}

const struct ebb_live_frame *synthetic_frames_next(struct synthetic_frames *s)
{
    s->frame.index++;
    s->frame.t_us += s->frame.span_us;
    s->frame.events = 0;
    for (size_t k = 0; k < LAYERS; k++) {
        s->layers[k].spikes = s->layers[k].n_shown = 0;
    }
    double t = 1e-6 * (double)s->frame.t_us;
    watch(s, t);
    fire(s, 1, t, 0.9);
    fire(s, 2, t, 1.0);
    fire(s, 3, t, 0.9);
    decide(s, t);
    count(s);
    return &s->frame;
}

void synthetic_frames_destroy(struct synthetic_frames *s)
{
    free(s->on);
    free(s->off);
    free(s);
}
