/* io/serve/snapshot.c - the last frame, from one thread to the other. */
#include "io/serve/snapshot.h"

#include "core/memory.h"

#include <string.h>

static bool make_copy(struct ebb_snapshot_copy *c, size_t pixels, size_t layers,
                      size_t classes)
{
    size_t shown = (size_t)2 * EBB_LIVE_SHOWN_MAX;
    c->layers = ebb_mem_calloc(layers, sizeof(*c->layers));
    c->image = ebb_mem_calloc(pixels, 2);
    c->probability = ebb_mem_calloc(classes, sizeof(*c->probability));
    c->spikes = ebb_mem_calloc(layers, sizeof(*c->spikes));
    c->shown = ebb_mem_calloc(layers, shown * sizeof(*c->shown));
    return c->layers && c->image && c->probability && c->spikes && c->shown;
}

static void free_copy(struct ebb_snapshot_copy *c)
{
    ebb_mem_free(c->layers);
    ebb_mem_free(c->image);
    ebb_mem_free(c->probability);
    ebb_mem_free(c->spikes);
    ebb_mem_free(c->shown);
}

ebb_status ebb_snapshot_init(struct ebb_snapshot *s, size_t pixels,
                             size_t layers, size_t classes)
{
    memset(s, 0, sizeof(*s));
    pthread_mutex_init(&s->lock, NULL);
    s->is_made = true;
    return make_copy(&s->in, pixels, layers, classes) &&
                   make_copy(&s->out, pixels, layers, classes)
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for frames");
}

void ebb_snapshot_finish(struct ebb_snapshot *s)
{
    if (s->is_made) {
        pthread_mutex_destroy(&s->lock);
        free_copy(&s->in);
        free_copy(&s->out);
    }
}

static void copy_layers(struct ebb_snapshot_copy *c,
                        const struct ebb_live_frame *f)
{
    for (size_t k = 0; k < f->n_layers; k++) {
        const struct ebb_live_layer *from = &f->layers[k];
        uint32_t *node = c->shown + 2 * k * EBB_LIVE_SHOWN_MAX;
        uint32_t *dt_us = node + EBB_LIVE_SHOWN_MAX;
        memcpy(node, from->node, from->n_shown * sizeof(*node));
        memcpy(dt_us, from->dt_us, from->n_shown * sizeof(*dt_us));
        c->layers[k] = *from;
        c->layers[k].node = node;
        c->layers[k].dt_us = dt_us;
    }
}

/* The frame's arrays become our own. */
static void copy_frame(struct ebb_snapshot_copy *c,
                       const struct ebb_live_frame *f)
{
    size_t pixels = (size_t)f->width * f->height;
    memcpy(c->image, f->on, pixels);
    memcpy(c->image + pixels, f->off, pixels);
    memcpy(c->probability, f->probability, f->n_classes * sizeof(double));
    copy_layers(c, f);
    c->frame = *f;
    c->frame.on = c->image;
    c->frame.off = c->image + pixels;
    c->frame.probability = c->probability;
    c->frame.layers = c->layers;
}

void ebb_snapshot_put(struct ebb_snapshot *s, const struct ebb_live_frame *f,
                      const struct ebb_latency *latency)
{
    pthread_mutex_lock(&s->lock);
    struct ebb_snapshot_sums *sums = &s->in.sums;
    sums->frames++;
    sums->skipped += s->is_fresh;
    sums->stream_s = 1e-6 * (double)f->t_us;
    sums->synaptic_operations += f->synaptic_operations;
    sums->neuron_updates += f->neuron_updates;
    sums->energy_j += f->energy_j;
    for (size_t k = 0; k < f->n_layers; k++) {
        s->in.spikes[k] += f->layers[k].spikes;
    }
    copy_frame(&s->in, f);
    s->in.latency = *latency;
    s->is_fresh = true;
    pthread_mutex_unlock(&s->lock);
}

const struct ebb_snapshot_copy *ebb_snapshot_take(struct ebb_snapshot *s,
                                                  bool *fresh)
{
    pthread_mutex_lock(&s->lock);
    *fresh = s->is_fresh;
    if (s->is_fresh) {
        size_t layers = s->in.frame.n_layers;
        copy_frame(&s->out, &s->in.frame);
        memcpy(s->out.spikes, s->in.spikes, layers * sizeof(uint64_t));
        s->out.latency = s->in.latency;
        s->out.sums = s->in.sums;
    }
    s->is_fresh = false;
    pthread_mutex_unlock(&s->lock);
    return &s->out;
}
