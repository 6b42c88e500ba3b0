/* tools/recording_input.h - a camera's recording as a network's input. */
#ifndef EBB_TOOLS_RECORDING_INPUT_H
#define EBB_TOOLS_RECORDING_INPUT_H

#include "core/events.h"
#include "models/network.h"
#include "tools/args.h"

/** The options that this takes, for the list of a command. */
#define EBB_RECORDING_INPUT_OPTIONS                                            \
    {"begin", 0, "TIME", "of a recording: so long after its first event"},     \
        {"end", 0, "TIME", "of a recording: up to there"},                     \
    {                                                                          \
        "once", 0, NULL, "of a recording: one event a channel and tick"        \
    }

/**
 * Read a recording as events of the input population of `net`, sorted by tick.
 *
 * The input has shape [2, height, width], event (x, y, p) reaches channel
 * (p height + y) width + x; or [1, height, width], where p is not told apart.
 * Tick 0 begins with the first event, or --begin after it. *ticks gets the
 * ticks up to the last event, or to --end.
 *
 * Errors: EBB_ERR_ARG (options; a network without tick length), EBB_ERR_SHAPE
 * (an input without shape, an event beyond it), those of reading,
 * EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_recording_input(struct ebb_events *out,
                                             ebb_tick *ticks,
                                             const struct ebb_args *args,
                                             const char *path,
                                             const struct ebb_network *net);

#endif
