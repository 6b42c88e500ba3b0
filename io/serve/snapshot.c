/* io/serve/snapshot.c - a copy of a frame. */
#include "io/serve/snapshot.h"

#include <string.h>

static ebb_status make_room(struct ebb_snapshot *s,
                            const struct ebb_live_frame *f)
{
    size_t pixels = (size_t)f->width * f->height;
    size_t shown = f->n_layers * EBB_LIVE_SHOWN_MAX;
    EBB_TRY(ebb_arena_create(&s->arena));
    s->on = ebb_arena_calloc(s->arena, pixels, 1);
    s->off = ebb_arena_calloc(s->arena, pixels, 1);
    s->probability =
        ebb_arena_calloc(s->arena, f->n_classes, sizeof(*s->probability));
    s->layers = ebb_arena_calloc(s->arena, f->n_layers, sizeof(*s->layers));
    s->node = ebb_arena_calloc(s->arena, shown, sizeof(*s->node));
    s->dt_us = ebb_arena_calloc(s->arena, shown, sizeof(*s->dt_us));
    if (s->on && s->off && s->probability && s->layers && s->node && s->dt_us) {
        return EBB_OK;
    }
    ebb_snapshot_finish(s);
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a copy of a frame");
}

static void copy_layer(struct ebb_snapshot *s, size_t k,
                       const struct ebb_live_layer *from)
{
    uint32_t *node = s->node + k * EBB_LIVE_SHOWN_MAX;
    uint32_t *dt_us = s->dt_us + k * EBB_LIVE_SHOWN_MAX;
    memcpy(node, from->node, from->n_shown * sizeof(*node));
    memcpy(dt_us, from->dt_us, from->n_shown * sizeof(*dt_us));
    s->layers[k] = *from;
    s->layers[k].node = node;
    s->layers[k].dt_us = dt_us;
}

ebb_status ebb_snapshot_take(struct ebb_snapshot *s,
                             const struct ebb_live_frame *f)
{
    size_t pixels = (size_t)f->width * f->height;
    if (!s->arena) {
        EBB_TRY(make_room(s, f));
    }
    memcpy(s->on, f->on, pixels);
    memcpy(s->off, f->off, pixels);
    memcpy(s->probability, f->probability,
           f->n_classes * sizeof(*s->probability));
    for (size_t k = 0; k < f->n_layers; k++) {
        copy_layer(s, k, &f->layers[k]);
    }
    s->frame = *f;
    s->frame.on = s->on;
    s->frame.off = s->off;
    s->frame.probability = s->probability;
    s->frame.layers = s->layers;
    return EBB_OK;
}

void ebb_snapshot_finish(struct ebb_snapshot *s)
{
    ebb_arena_destroy(s->arena);
    *s = (struct ebb_snapshot){.arena = NULL};
}
