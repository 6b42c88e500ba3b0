/* tools/cmd_serve.c - live events through a network. */
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/live_engine.h"
#include "tools/record_spec.h"
#include "tools/word_list.h"

#include "io/network_file.h"
#include "io/serve/server.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A service being set up. */
struct job {
    const struct ebb_args *args;
    struct ebb_network *net;
    struct ebb_serve_options how;
    struct ebb_word_list listen, out, spikes, classes;
    struct ebb_record_spec record;
    struct ebb_engine_options engine;
    struct ebb_live_engine live;
    struct ebb_server *server;
    struct ebb_serve_summary summary;
    char http_address[64];
};

static void say_line(const char *line)
{
    fprintf(stderr, "ebb serve: %s\n", line);
}

static void say(void *self, const char *line)
{
    (void)self;
    say_line(line);
}

/* The length of a tick: the network's, or what is given. */
static ebb_status take_tick(struct job *j)
{
    double tick_s = j->net->tick_s;
    EBB_TRY(ebb_args_seconds(j->args, "tick", &tick_s));
    if (j->net->tick_s > 0 && ebb_args_has(j->args, "tick")) {
        EBB_TRY(ebb_network_set_tick(j->net, tick_s));
    }
    if (!(tick_s > 0)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s does not tell how long a tick is: give --tick, "
                        "such as --tick 1ms",
                        j->args->operand[0]);
    }
    j->how.pump.tick_us = ebb_tick_us(tick_s);
    return EBB_OK;
}

/* Channel (p * height + y) * width + x, or without p. */
static ebb_status take_sensor(struct job *j)
{
    size_t input = ebb_network_input(j->net);
    if (input >= j->net->n_populations) {
        return EBB_FAIL(EBB_ERR_ARG, "%s has no input", j->args->operand[0]);
    }
    const struct ebb_population *p = &j->net->populations[input];
    bool flat = p->grid.rows * p->grid.columns == 1;
    uint64_t width = flat ? 0 : p->grid.columns;
    uint64_t height = flat ? 0 : p->grid.rows;
    EBB_TRY(ebb_args_count(j->args, "width", 1, 65536, &width));
    EBB_TRY(ebb_args_count(j->args, "height", 1, 65536, &height));
    if (width * height == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "input '%s' has %zu channels, but no places: give "
                        "--width and --height of the sensor",
                        p->name, p->n);
    }
    if (p->n != width * height && p->n != 2 * width * height) {
        return EBB_FAIL(EBB_ERR_SHAPE,
                        "input '%s' has %zu channels; a sensor of %llu x %llu "
                        "needs %llu, or %llu where both polarities are one",
                        p->name, p->n, (unsigned long long)width,
                        (unsigned long long)height,
                        (unsigned long long)(2 * width * height),
                        (unsigned long long)(width * height));
    }
    j->how.pump.width = (uint32_t)width;
    j->how.pump.height = (uint32_t)height;
    j->how.pump.polarities = (uint32_t)(p->n / (width * height));
    return EBB_OK;
}

/* A time as a whole number of us. */
static ebb_status take_us(const struct job *j, const char *name, int64_t *out)
{
    double s = -1;
    EBB_TRY(ebb_args_seconds(j->args, name, &s));
    if (ebb_args_has(j->args, name)) {
        if (!(s >= 0 && s <= 1e6)) {
            return EBB_FAIL(EBB_ERR_ARG, "--%s is %g s; 0 to 10^6 s are", name,
                            s);
        }
        *out = llround(s * 1e6);
    }
    return EBB_OK;
}

static ebb_status take_results(struct job *j)
{
    static const char *const rules[] = {
        [EBB_READOUT_SOFTMAX] = "softmax", [EBB_READOUT_SHARE] = "share"};
    struct ebb_pump_options *o = &j->how.pump;
    size_t rule = EBB_READOUT_SOFTMAX;
    /* a page wants to move */
    int64_t step_us = ebb_args_has(j->args, "http") ? 33000 : 100000;
    int64_t window_us = 500000, gap_us = 0;
    EBB_TRY(take_us(j, "every", &step_us));
    EBB_TRY(take_us(j, "window", &window_us));
    EBB_TRY(take_us(j, "per-gesture", &gap_us));
    EBB_TRY(ebb_args_word(j->args, "read-out", rules, 2, &rule));
    double step = round((double)step_us / o->tick_us);
    o->step = step > 1 ? (ebb_tick)step : 1;
    double window = round((double)window_us / (o->tick_us * (double)o->step));
    o->window = window > 1 ? (size_t)window : 1;
    o->gap_us = (uint64_t)gap_us;
    o->rule = (enum ebb_readout_rule)rule;
    return o->window <= 100000
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "--window is %zu times --every; 100000 are the most",
                          o->window);
}

static ebb_status take_classes(struct job *j)
{
    size_t output = ebb_network_output(j->net);
    const struct ebb_population *p = &j->net->populations[output];
    const char *of = ebb_args_text(j->args, "spikes-of");
    size_t told = of ? ebb_network_find_population(j->net, of) : output;
    EBB_TRY(
        ebb_word_list_split(&j->classes, ebb_args_text(j->args, "classes")));
    if (told >= j->net->n_populations) {
        return EBB_FAIL(EBB_ERR_ARG, "--spikes-of: no population '%.60s'", of);
    }
    if (j->classes.n > 0 && j->classes.n != p->n) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--classes has %zu names; the output '%s' has %zu "
                        "neurons",
                        j->classes.n, p->name, p->n);
    }
    j->how.pump.spikes_of = told;
    j->how.pump.class_name = j->classes.n ? j->classes.word : NULL;
    return EBB_OK;
}

static ebb_status take_times(struct job *j)
{
    struct ebb_pump_options *o = &j->how.pump;
    const char *idle = ebb_args_text(j->args, "idle");
    double silence_s = 0;
    if (idle && strcmp(idle, "never") == 0) {
        o->idle_us = -1;
    } else {
        EBB_TRY(take_us(j, "idle", &o->idle_us));
    }
    EBB_TRY(take_us(j, "reorder", &o->reorder_us));
    EBB_TRY(ebb_args_seconds(j->args, "silence", &silence_s));
    j->how.idle_s = silence_s;
    j->how.host_time = ebb_args_has(j->args, "realtime");
    j->how.absolute = ebb_args_has(j->args, "absolute");
    return EBB_OK;
}

static ebb_status take_listen(struct job *j)
{
    const char *encoding = ebb_args_text(j->args, "encoding");
    const char *listen = ebb_args_text(j->args, "listen");
    uint64_t connections = j->how.connections;
    EBB_TRY(ebb_word_list_split(
        &j->listen,
        listen ? listen : "udp://127.0.0.1:3333,tcp://127.0.0.1:3333"));
    if (encoding) {
        EBB_TRY(ebb_wire_find(&j->how.wire, encoding));
    }
    EBB_TRY(ebb_args_count(j->args, "connections", 1, 10000, &connections));
    EBB_TRY(ebb_args_count(j->args, "bytes", 1, UINT64_MAX, &j->how.bytes));
    j->how.connections = (size_t)connections;
    j->how.big_endian = ebb_args_has(j->args, "be");
    j->how.open_to_all = ebb_args_has(j->args, "public");
    j->how.once = ebb_args_has(j->args, "once");
    j->how.listen = j->listen.word;
    j->how.n_listen = j->listen.n;
    return EBB_OK;
}

/* PORT or ADDRESS:PORT. */
static ebb_status take_http(struct job *j)
{
    const char *text = ebb_args_text(j->args, "http");
    const char *colon = text ? strrchr(text, ':') : NULL;
    char *end = NULL;
    if (!text) {
        return EBB_OK;
    }
    const char *digits = colon ? colon + 1 : text;
    unsigned long port = strtoul(digits, &end, 10);
    size_t n = colon ? (size_t)(colon - text) : 0;
    if (*digits < '0' || *digits > '9' || *end || port > 65535 ||
        n >= sizeof(j->http_address)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--http is '%.60s'; it is a port (0: a free one) or "
                        "ADDRESS:PORT, such as 8080 or 0.0.0.0:8080",
                        text);
    }
    memcpy(j->http_address, text, n);
    j->how.http = true;
    j->how.http_address = n ? j->http_address : NULL;
    j->how.http_port = (uint16_t)port;
    j->how.version = EBB_VERSION;
    return EBB_OK;
}

/* "-" is for lines, addresses are for spikes. */
static ebb_status take_out(struct job *j)
{
    EBB_TRY(ebb_word_list_split(&j->out, ebb_args_text(j->args, "out")));
    for (size_t k = 0; k < j->out.n; k++) {
        if (strcmp(j->out.word[k], "-") == 0) {
            j->how.lines = true;
        } else {
            EBB_TRY(ebb_word_list_add(&j->spikes, j->out.word[k]));
        }
    }
    j->how.spikes = j->spikes.word;
    j->how.n_spikes = j->spikes.n;
    return EBB_OK;
}

static ebb_status take_engine(struct job *j)
{
    static const char *const modes[] = {[EBB_ENGINE_ADAPTIVE] = "adaptive",
                                        [EBB_ENGINE_LAZY] = "lazy",
                                        [EBB_ENGINE_SWEPT] = "swept"};
    const char *states = ebb_args_text(j->args, "states");
    size_t mode = EBB_ENGINE_ADAPTIVE;
    EBB_TRY(ebb_args_word(j->args, "mode", modes, 3, &mode));
    j->engine = ebb_engine_options_default();
    j->engine.mode = (enum ebb_engine_mode)mode;
    j->engine.single = ebb_args_has(j->args, "float");
    if (states && !ebb_args_has(j->args, "record")) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--states needs --record FILE.trace.h5 to write to");
    }
    if (states) {
        EBB_TRY(ebb_record_spec_parse(&j->record, j->net, states, NULL, 1));
    }
    j->engine.probes = j->record.probe;
    j->engine.n_probes = j->record.n;
    return EBB_OK;
}

static ebb_status take_options(struct job *j)
{
    j->how = ebb_serve_options_default();
    j->how.pump.net = j->net;
    j->how.say = say;
    EBB_TRY(take_tick(j));
    EBB_TRY(take_sensor(j));
    EBB_TRY(take_results(j));
    EBB_TRY(take_classes(j));
    EBB_TRY(take_times(j));
    EBB_TRY(take_listen(j));
    EBB_TRY(take_out(j));
    EBB_TRY(take_http(j));
    return take_engine(j);
}

static ebb_status open_engine(struct job *j)
{
    const char *path = ebb_args_text(j->args, "record");
    struct ebb_run_sink listener = ebb_server_sink(j->server);
    struct ebb_trace_writer *trace = NULL;
    char origin[512];
    snprintf(origin, sizeof(origin), "ebb serve %s", j->args->operand[0]);
    if (path) {
        EBB_TRY(ebb_trace_writer_create(&trace, path, j->net, EBB_TICK_NEVER,
                                        j->record.probe, j->record.n, origin));
    }
    j->live.say = say_line;
    return ebb_live_engine_init(&j->live, j->net, &j->engine, &listener, trace);
}

static ebb_status work(struct job *j)
{
    if (!ebb_server_is_built()) {
        return ebb_server_create(&j->server, &j->how); /* says what to do */
    }
    EBB_TRY(ebb_network_file_read_compact(&j->net, j->args->operand[0]));
    EBB_TRY(take_options(j));
    EBB_TRY(ebb_server_create(&j->server, &j->how));
    EBB_TRY(open_engine(j));
    struct ebb_live_network network = ebb_live_engine_network(&j->live);
    return ebb_server_run(j->server, &network, &j->summary);
}

static void tell_json(const struct job *j)
{
    const struct ebb_serve_summary *s = &j->summary;
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {{"events", s->events},
                  {"spikes", s->spikes},
                  {"ticks", s->ticks},
                  {"frames", s->frames},
                  {"gestures", s->gestures},
                  {"connections", s->connections},
                  {"refused", s->refused},
                  {"held", s->held},
                  {"datagrams", s->datagrams},
                  {"dropped_udp", s->dropped_udp},
                  {"lost_frames", s->lost_frames},
                  {"stale_frames", s->stale},
                  {"malformed", s->malformed},
                  {"outside", s->outside},
                  {"late", s->late},
                  {"clock_jumps", s->jumps},
                  {"lines_lost", s->lines_lost},
                  {"spikes_lost", s->spikes_lost}};
    struct ebb_json out = {.n = 0};
    ebb_json_text(&out, "summary", j->args->operand[0]);
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        ebb_json_count(&out, counts[k].name, counts[k].value);
    }
    ebb_json_number(&out, "stream_s", s->stream_s);
    ebb_json_number(&out, "latency_p50_s", s->latency_p50_s);
    ebb_json_number(&out, "latency_p99_s", s->latency_p99_s);
    ebb_json_number(&out, "latency_max_s", s->latency_max_s);
    ebb_json_print(&out);
}

static void tell(const struct job *j)
{
    const struct ebb_serve_summary *s = &j->summary;
    typedef unsigned long long count;
    if (j->how.lines || ebb_args_has(j->args, "json")) {
        tell_json(j);
        return;
    }
    printf("%g s of the stream: %llu events, %llu spikes, %llu results\n",
           s->stream_s, (count)s->events, (count)s->spikes,
           (count)(s->gestures ? s->gestures : s->frames));
    printf("lost: %llu datagrams, %llu frames before they came; %llu "
           "malformed; %llu events outside the sensor\n",
           (count)s->dropped_udp, (count)s->lost_frames, (count)s->malformed,
           (count)s->outside);
    printf("%llu events were late, %llu clocks jumped; %llu results were not "
           "read\n",
           (count)s->late, (count)s->jumps,
           (count)(s->lines_lost + s->spikes_lost));
    printf("from a packet to its spikes: half in %.3g ms, 99 %% in %.3g ms\n",
           1e3 * s->latency_p50_s, 1e3 * s->latency_p99_s);
}

static int run(struct ebb_args *args)
{
    struct job j = {.args = args};
    ebb_status status = work(&j);
    ebb_status recorded = ebb_live_engine_finish(&j.live);
    if (status == EBB_OK) {
        tell(&j);
        status = recorded;
    }
    ebb_server_destroy(j.server);
    ebb_record_spec_finish(&j.record);
    ebb_word_list_finish(&j.listen);
    ebb_word_list_finish(&j.out);
    ebb_word_list_finish(&j.spikes);
    ebb_word_list_finish(&j.classes);
    ebb_network_destroy(j.net);
    int end = ebb_args_end(args, status);
    if (j.live.broken) {
        fflush(stdout);
        _exit(end); /* HDF5 must not clean up: that would undo commits */
    }
    return end;
}

static const struct ebb_option options[] = {
    {"listen", 0, "LIST",
     "addresses for events (udp and tcp at 127.0.0.1:3333)"},
    {"encoding", 0, "NAME", "of what has no frames (t64x16y16p8)"},
    {"be", 0, NULL, "spif words are big-endian"},
    {"realtime", 0, NULL, "an event's time is when it came"},
    {"absolute", 0, NULL,
     "all clocks are one: a sender's first event is not "
     "now"},
    {"reorder", 0, "TIME", "put events in order that come so late (0)"},
    {"idle", 0, "TIME",
     "without events, the clock goes on after TIME, or never (100ms)"},
    {"tick", 0, "TIME", "length of a tick (the network's)"},
    {"width", 0, "N", "columns of the sensor (the input's shape)"},
    {"height", 0, "N", "and its rows"},
    {"out", 'o', "LIST",
     "- for results as JSON lines; tcp: and unix: addresses for spikes"},
    {"http", 0, "PORT",
     "live page, /metrics, /healthz, /readyz at a port of this machine"},
    {"every", 0, "TIME", "between results (100ms; 33ms with --http)"},
    {"window", 0, "TIME", "of output spikes that are counted (500ms)"},
    {"per-gesture", 0, "GAP", "one result for what lies between silences"},
    {"read-out", 0, "RULE", "softmax or share of the counts (softmax)"},
    {"classes", 0, "LIST", "names of the output neurons"},
    {"spikes-of", 0, "NAME", "population whose spikes are told (the output)"},
    {"record", 0, "FILE", "all events and spikes (NAME.trace.h5)"},
    {"states", 0, "WHAT", "states in it: V,R,I@population, F@projection; all"},
    {"public", 0, NULL, "allow addresses that others can reach"},
    {"once", 0, NULL, "end when the first stream has ended"},
    {"connections", 0, "N", "streams at once (64)"},
    {"silence", 0, "TIME", "close streams that are silent for so long"},
    {"bytes", 0, "N", "close streams that have sent so many"},
    {"mode", 0, "MODE", "adaptive, lazy or swept: the same spikes (adaptive)"},
    {"float", 0, NULL, "float states: faster, about 1 spike in 600 moves"},
    {"json", 0, NULL, "print the summary as a JSON object"},
    {0}};

const struct ebb_command ebb_command_serve = {
    .name = "serve",
    .operands = "NETWORK",
    .summary = "live streams of events in, spikes and classes out",
    .text =
        "Addresses are udp://HOST:PORT, tcp://HOST:PORT, unix:PATH, fifo:PATH "
        "and - (standard input);\nport 0 takes a free one. Encodings: "
        "t64x16y16p8, t32x16y15p1, spif, evt2, evt3, es, csv, or frames that\n"
        "say so themselves (docs/streaming.md). The input is [2, height, "
        "width], or [1, height, width] where\nboth polarities are one.\n\n"
        "The times of events drive the simulation: a tick is simulated when "
        "an event of a later one has come.\nSpikes are told as u64 us, u32 "
        "neuron, little-endian. Ctrl-C ends with what is on its way.\n\n"
        "examples:\n"
        "  ebb serve best.net.h5 --out - --classes left,right,stop\n"
        "  ebb serve best.net.h5 --listen udp://127.0.0.1:3333 --encoding spif "
        "--realtime --out -\n"
        "  ebb play hand.raw --to - --speed 1 | ebb serve best.net.h5 "
        "--listen - --out - --per-gesture 300ms\n"
        "  ebb serve best.net.h5 --http 8080\n"
        "  ebb serve best.net.h5 --out unix:spikes --record live.trace.h5",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .run = run};
