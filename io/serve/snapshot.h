/* io/serve/snapshot.h - a copy of a frame, for another thread. */
#ifndef EBB_IO_SERVE_SNAPSHOT_H
#define EBB_IO_SERVE_SNAPSHOT_H

#include "core/memory.h"
#include "io/serve/live.h"

/** Room for a frame. Zero-initialise. */
struct ebb_snapshot {
    struct ebb_arena *arena;     /* of all that is below */
    struct ebb_live_frame frame; /* what was copied last */
    uint8_t *on, *off;
    double *probability;
    struct ebb_live_layer *layers;
    uint32_t *node, *dt_us; /* [layers][EBB_LIVE_SHOWN_MAX] */
};

/** Copy a frame; the first one decides the room, later ones have as many
 *  pixels, layers and classes. Names stay borrowed. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_snapshot_take(struct ebb_snapshot *s,
                                           const struct ebb_live_frame *frame);

/** Free it. */
void ebb_snapshot_finish(struct ebb_snapshot *s);

#endif
