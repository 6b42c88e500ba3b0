/* io/serve/frame_json.h - a frame as the page reads it. */
#ifndef EBB_IO_SERVE_FRAME_JSON_H
#define EBB_IO_SERVE_FRAME_JSON_H

#include "io/serve/live.h"
#include "io/serve/text.h"

/** Larger images are shrunk by a whole number, counts added up. */
enum { EBB_FRAME_PIXELS_MAX = 65536 };

/** At most so many layers and classes are shown. */
enum { EBB_FRAME_LAYERS_MAX = 32, EBB_FRAME_CLASSES_MAX = 256 };

/**
 * Append a frame as a JSON object on one line:
 *
 *     index, t_us, span_us, events
 *     image       {width, height, shrink, pixels} or null
 *     layers      [{name, n, spikes, bits, node, dt}]
 *     classes     {name, probability, winner, confidence}; winner may be null
 *     work        {synaptic_operations, neuron_updates, energy_j}
 *     dropped     {udp, gap, malformed, late}
 *     latency_s   {p50, p99}
 *     realtime_ratio, queue_depth
 *
 * `pixels` is base64 of the pixels that saw events, row by row: the number of
 * pixels passed over since the one before (seven bits a byte, the lowest first,
 * the top bit set where more follow), then a byte of counts, on events in the
 * low four bits and off events in the high four, both at most 15.
 *
 * `node` is base64 of little-endian numbers of `bits` (16 or 32) bits, `dt` of
 * 16 bits each: time since the frame began in 65536ths of its span.
 *
 * O(pixels + spikes shown). Failures stick to the text.
 */
void ebb_frame_json(struct ebb_text *out, const struct ebb_live_frame *frame);

#endif
