/* tools/bench/dvs_net.h - a network that convolves, and events of a camera to
 * feed it with. */
#ifndef EBB_TOOLS_BENCH_DVS_NET_H
#define EBB_TOOLS_BENCH_DVS_NET_H

#include "core/events.h"
#include "models/network.h"

enum { EBB_DVS_SIDE = 128, EBB_DVS_LAYERS = 6 }; /* the input is one */

/**
 * 2 x 128 x 128 channels, 64C7 - 32C3 - 32C3 - 256 - 10, with shared dual
 * exponential kernels (8 and 2 ticks), a filter reset and random weights whose
 * thresholds make each hidden layer fire in 0.1 to 2 % of its ticks on
 * recordings of gestures.
 *
 *     strided  convolutions go 2 pixels at a step; else 1, which makes 1.86
 *              million neurons
 *
 * Errors: EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_dvs_net_create(struct ebb_network **out,
                                            bool strided);

/** Events of a recording as channels (1 - p) * 128 * 128 + y * 128 + x, a tick
 *  a millisecond; *ticks gets how many. Errors: EBB_ERR_SHAPE (a larger
 *  sensor), those of reading. */
EBB_NODISCARD ebb_status ebb_dvs_clip_read(struct ebb_events *out,
                                           ebb_tick *ticks, const char *path);

/** Edges that move over the sensor, about 95 events a tick; the same for the
 *  same seed. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_dvs_edges_draw(struct ebb_events *out,
                                            ebb_tick ticks, uint64_t seed);

#endif
