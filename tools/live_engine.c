/* tools/live_engine.c - the event engine as a network that runs live. */
#include "tools/live_engine.h"

#include <stdio.h>

/* A recording that fails must not end the service. */
static void drop_trace(struct ebb_live_engine *live)
{
    char line[600];
    snprintf(line, sizeof(line), "recording has ended: %s",
             ebb_error_message());
    live->broken = ebb_trace_writer_abandon(live->trace);
    live->trace = NULL;
    live->ended = true;
    if (live->say) {
        live->say(line);
    }
}

static ebb_status tell_spikes(void *self, size_t population, ebb_tick tick,
                              const ebb_neuron_id *node, const double *value,
                              size_t n)
{
    struct ebb_live_engine *live = self;
    if (live->trace &&
        live->trace_sink.spikes(live->trace_sink.self, population, tick, node,
                                value, n) != EBB_OK) {
        drop_trace(live);
    }
    return live->listener.spikes(live->listener.self, population, tick, node,
                                 value, n);
}

static ebb_status tell_state(void *self, size_t probe, ebb_tick tick,
                             const double *value)
{
    struct ebb_live_engine *live = self;
    if (live->trace && live->trace_sink.state(live->trace_sink.self, probe,
                                              tick, value) != EBB_OK) {
        drop_trace(live);
    }
    return EBB_OK;
}

static ebb_status tell_advance(void *self, ebb_tick tick)
{
    struct ebb_live_engine *live = self;
    if (live->trace &&
        live->trace_sink.advance(live->trace_sink.self, tick) != EBB_OK) {
        drop_trace(live);
    }
    return EBB_OK;
}

ebb_status ebb_live_engine_init(struct ebb_live_engine *live,
                                const struct ebb_network *net,
                                const struct ebb_engine_options *options,
                                const struct ebb_run_sink *listener,
                                struct ebb_trace_writer *trace)
{
    struct ebb_engine_options how = *options;
    live->net = net;
    live->single = options->single;
    live->input = ebb_network_input(net);
    live->listener = *listener;
    live->trace = trace;
    if (trace) {
        live->trace_sink = ebb_trace_writer_sink(trace);
    }
    how.sink = (struct ebb_run_sink){.self = live,
                                     .spikes = tell_spikes,
                                     .state = tell_state,
                                     .advance = tell_advance};
    return ebb_engine_create(&live->engine, net, &how);
}

static ebb_status take_events(void *self, const struct ebb_event *events,
                              size_t n)
{
    struct ebb_live_engine *live = self;
    return ebb_engine_input(live->engine, live->input, events, n);
}

static ebb_status advance(void *self, ebb_tick until)
{
    struct ebb_live_engine *live = self;
    return ebb_engine_run(live->engine, until);
}

static void tell_work(void *self, struct ebb_live_work *out)
{
    const struct ebb_live_engine *live = self;
    struct ebb_counters c = ebb_engine_counters(live->engine);
    struct ebb_work work = ebb_work_of(live->net, &c, 0, live->single);
    struct ebb_energy energy = ebb_work_energy(&work);
    *out =
        (struct ebb_live_work){.spikes = c.spikes,
                               .synaptic_operations = c.synaptic_operations,
                               .neuron_updates = c.neuron_updates,
                               .energy_j = energy.arithmetic + energy.memory};
}

struct ebb_live_network ebb_live_engine_network(struct ebb_live_engine *live)
{
    return (struct ebb_live_network){.self = live,
                                     .events = take_events,
                                     .advance = advance,
                                     .work = tell_work};
}

ebb_status ebb_live_engine_finish(struct ebb_live_engine *live)
{
    ebb_status status = EBB_OK;
    if (live->trace) {
        status = ebb_trace_writer_finish(live->trace);
        if (status != EBB_OK) {
            live->broken = ebb_trace_writer_abandon(live->trace);
        }
        live->trace = NULL;
    }
    ebb_engine_destroy(live->engine);
    live->engine = NULL;
    return live->ended
               ? EBB_FAIL(EBB_ERR_IO, "the recording ended before the service "
                                      "did; ebb repair makes a trace of what "
                                      "was committed")
               : status;
}
