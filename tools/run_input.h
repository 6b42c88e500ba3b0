/* tools/run_input.h - the events of a run, from what was named: events in CSV,
 * a recording, a cue of a pattern, a test sample of an experiment. */
#ifndef EBB_TOOLS_RUN_INPUT_H
#define EBB_TOOLS_RUN_INPUT_H

#include "core/events.h"
#include "models/network.h"
#include "tools/args.h"

/** Input of a whole run. */
struct ebb_run_input {
    struct ebb_events events; /* sorted */
    ebb_tick ticks;           /* length of the run */
    bool recording;           /* of an event camera: the output answers */
};

/**
 * Read what the second operand names, by the options that go with its kind.
 * Finish out->events. Errors: EBB_ERR_ARG (options of another kind of input, a
 * file that is no input), those of reading.
 */
EBB_NODISCARD ebb_status ebb_run_input_take(struct ebb_run_input *out,
                                            const struct ebb_args *args,
                                            const struct ebb_network *net);

#endif
