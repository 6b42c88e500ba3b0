/* tools/live_engine.h - the event engine as a network that runs live, told to
 * two sinks: whoever serves, and a recording. */
#ifndef EBB_TOOLS_LIVE_ENGINE_H
#define EBB_TOOLS_LIVE_ENGINE_H

#include "io/trace_file.h"
#include "sim/work.h"

/** Zero-initialise. */
struct ebb_live_engine {
    struct ebb_engine *engine;
    const struct ebb_network *net;
    bool single;                    /* states in float */
    size_t input;                   /* population */
    struct ebb_run_sink listener;   /* gets spikes and progress */
    struct ebb_trace_writer *trace; /* NULL: nothing is recorded */
    struct ebb_run_sink trace_sink;
    bool ended;  /* the trace, before the run: told once, and in the end */
    bool broken; /* the trace: the program must end by _exit() */
    void (*say)(const char *line); /* that recording has ended */
};

/** Prepare to simulate `net`; `options->sink` is set here. `trace` is taken,
 *  also on failure. Errors: those of the engine. */
EBB_NODISCARD ebb_status ebb_live_engine_init(
    struct ebb_live_engine *live, const struct ebb_network *net,
    const struct ebb_engine_options *options,
    const struct ebb_run_sink *listener, struct ebb_trace_writer *trace);

/** The engine as others see it; valid as long as `live`. */
struct ebb_live_network ebb_live_engine_network(struct ebb_live_engine *live);

/** Complete the recording and free all. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_live_engine_finish(struct ebb_live_engine *live);

#endif
