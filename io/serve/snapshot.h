/* io/serve/snapshot.h - the last frame, handed from the thread that simulates
 * to that of the sockets.
 *
 * Only the last one is kept: whoever is late skips some, and nobody waits. */
#ifndef EBB_IO_SERVE_SNAPSHOT_H
#define EBB_IO_SERVE_SNAPSHOT_H

#include "io/serve/latency.h"
#include "io/serve/live.h"

#include "core/error.h"

#include <pthread.h>
#include <stdbool.h>

/** What was summed up over all frames, taken or not. */
struct ebb_snapshot_sums {
    uint64_t frames, skipped;
    double stream_s, synaptic_operations, neuron_updates, energy_j;
};

/** A frame with memory of its own. */
struct ebb_snapshot_copy {
    struct ebb_live_frame frame;
    struct ebb_live_layer *layers; /* [n_layers] */
    uint8_t *image;                /* [2][pixels] */
    double *probability;           /* [n_classes] */
    uint64_t *spikes;              /* [n_layers] since the start */
    uint32_t *shown;               /* [n_layers][2][most shown] */
    struct ebb_latency latency;    /* since the start */
    struct ebb_snapshot_sums sums;
};

struct ebb_snapshot {
    pthread_mutex_t lock;
    bool is_made, is_fresh;
    struct ebb_snapshot_copy in, out; /* the writer's, the reader's */
};

/** Make room for frames like this one: as many pixels, layers and classes.
 *  Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_snapshot_init(struct ebb_snapshot *s,
                                           size_t pixels, size_t layers,
                                           size_t classes);

/** Free. A zeroed one is allowed. */
void ebb_snapshot_finish(struct ebb_snapshot *s);

/** The thread that simulates: keep a frame instead of the last. O(pixels). */
void ebb_snapshot_put(struct ebb_snapshot *s,
                      const struct ebb_live_frame *frame,
                      const struct ebb_latency *latency);

/** The other one: what was put last, valid until the next call; *fresh: it was
 *  not taken before. */
const struct ebb_snapshot_copy *ebb_snapshot_take(struct ebb_snapshot *s,
                                                  bool *fresh);

#endif
