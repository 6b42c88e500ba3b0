/* tests/synthetic_frames.h - a stream that nobody recorded: a disc that
 * wanders before a camera, and a network that seems to watch it. */
#ifndef EBB_TESTS_SYNTHETIC_FRAMES_H
#define EBB_TESTS_SYNTHETIC_FRAMES_H

#include "io/serve/live.h"

struct synthetic_frames;

/** Frames of an image of width times height pixels, `span_us` apart. The same
 *  seed gives the same frames. */
struct synthetic_frames *synthetic_frames_create(uint32_t width,
                                                 uint32_t height,
                                                 uint64_t span_us,
                                                 uint64_t seed);

/** The next frame; it stays until the one after. */
const struct ebb_live_frame *synthetic_frames_next(struct synthetic_frames *s);

void synthetic_frames_destroy(struct synthetic_frames *s);

#endif
