/* tools/cmd_run.c - simulate a network on given events. */
#include "tools/commands.h"
#include "tools/events_csv.h"
#include "tools/energy_meter.h"
#include "tools/out_file.h"
#include "tools/progress.h"
#include "tools/record_spec.h"
#include "tools/recording_input.h"
#include "tools/run_checkpoint.h"
#include "tools/run_result.h"
#include "tools/setting.h"
#include "tools/stop.h"

#include "core/memory.h"
#include "io/file_kind.h"
#include "io/network_file.h"
#include "io/patterns_file.h"
#include "io/trace_file.h"
#include "sim/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A run on its way. */
struct job {
    const struct ebb_args *args;
    struct ebb_network *net;
    struct ebb_events input;
    ebb_tick ticks;
    struct ebb_record_spec record;
    struct ebb_out_file spikes, states; /* CSV */
    struct ebb_trace_writer *trace;     /* or NULL */
    struct ebb_run_sink trace_sink;
    bool broken;   /* the trace: the program must end by _exit() */
    ebb_tick done; /* ticks */
    struct ebb_run_checkpoint checkpoint;
    struct ebb_progress progress;
    struct ebb_engine_options how;
    struct ebb_counters counters;
    /* Recordings: what the output answers. */
    size_t output, outputs;
    double *count; /* [outputs] spikes; NULL: nobody asked */
    struct ebb_work_measured measured;
};

/* A clean or a noisy cue of one pattern. */
static ebb_status cue_of(struct job *j, const struct ebb_patterns *p)
{
    uint64_t pattern = 0, seed = 1;
    EBB_TRY(ebb_args_count(j->args, "pattern", 0, p->n - 1, &pattern));
    EBB_TRY(ebb_args_count(j->args, "seed", 0, UINT64_MAX, &seed));
    j->ticks = p->ticks;
    if (!ebb_args_has(j->args, "noise")) {
        return ebb_pattern_target(&j->input, p, pattern, 0);
    }
    struct ebb_cue_noise noise = ebb_cue_noise_default();
    struct ebb_random random = ebb_random_stream(seed, EBB_RANDOM_CUE, pattern);
    return ebb_cue_draw(&j->input, p, pattern, &noise, &random);
}

static ebb_status input_patterns(struct job *j, const char *path)
{
    struct ebb_patterns p;
    EBB_TRY(ebb_patterns_read(&p, path));
    ebb_status status = cue_of(j, &p);
    ebb_patterns_finish(&p);
    return status;
}

static ebb_status sample_of(struct job *j, struct ebb_setting *s,
                            const char *path)
{
    uint64_t index = 0;
    EBB_TRY(ebb_setting_init(s, path, ebb_args_text(j->args, "patterns")));
    size_t n = s->source.size[EBB_SPLIT_TEST];
    if (n == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "%s has no test samples", path);
    }
    EBB_TRY(ebb_args_count(j->args, "sample", 0, n - 1, &index));
    struct ebb_sample sample = {.label = 0};
    ebb_status status =
        s->source.read(s->source.self, EBB_SPLIT_TEST, 0, index, &sample);
    j->input = sample.input;
    j->ticks = s->source.ticks;
    ebb_events_finish(&sample.target);
    return status;
}

static ebb_status input_experiment(struct job *j, const char *path)
{
    struct ebb_setting s;
    ebb_status status = sample_of(j, &s, path);
    ebb_setting_finish(&s);
    return status;
}

static ebb_status input_events(struct job *j, const char *path)
{
    EBB_TRY(ebb_events_csv_read(&j->input, path));
    ebb_tick last = j->input.n ? j->input.at[j->input.n - 1].tick : 0;
    j->ticks = last + 1;
    return EBB_OK;
}

static ebb_status input_recording(struct job *j, const char *path)
{
    EBB_TRY(ebb_recording_input(&j->input, &j->ticks, j->args, path, j->net));
    j->output = ebb_network_output(j->net);
    j->outputs = j->net->populations[j->output].n;
    j->count = ebb_mem_calloc(j->outputs, sizeof(*j->count));
    return j->count ? EBB_OK
                    : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu counts",
                               j->outputs);
}

/* Options that mean something for one kind of input only. */
static ebb_status check_options(const struct job *j, const char *path,
                                enum ebb_file_kind kind)
{
    static const struct {
        const char *option;
        enum ebb_file_kind kind;
    } rows[] = {
        {"pattern", EBB_FILE_PATTERNS},  {"noise", EBB_FILE_PATTERNS},
        {"seed", EBB_FILE_PATTERNS},     {"patterns", EBB_FILE_EXPERIMENT},
        {"sample", EBB_FILE_EXPERIMENT}, {"begin", EBB_FILE_RECORDING},
        {"end", EBB_FILE_RECORDING},     {"once", EBB_FILE_RECORDING}};
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        if (ebb_args_has(j->args, rows[k].option) && kind != rows[k].kind) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "--%s is for input of kind %s; %s is of kind %s",
                            rows[k].option, ebb_file_kind_name(rows[k].kind),
                            path, ebb_file_kind_name(kind));
        }
    }
    return EBB_OK;
}

static ebb_status take_input(struct job *j)
{
    const char *path = j->args->operand[1];
    enum ebb_file_kind kind;
    EBB_TRY(ebb_file_kind_find(&kind, path));
    EBB_TRY(check_options(j, path, kind));
    switch (kind) {
    case EBB_FILE_PATTERNS:
        return input_patterns(j, path);
    case EBB_FILE_EXPERIMENT:
        return input_experiment(j, path);
    case EBB_FILE_EVENTS:
        return input_events(j, path);
    case EBB_FILE_RECORDING:
        return input_recording(j, path);
    case EBB_FILE_NETWORK:
    case EBB_FILE_TRACE:
    case EBB_FILE_DATASET:
    case EBB_FILE_GRADIENTS:
    case EBB_FILE_SPIKE_SET:
    case EBB_FILE_STATE:
        break;
    }
    return EBB_FAIL(EBB_ERR_ARG,
                    "%s is of kind %s; input is events (.csv), patterns, a "
                    "recording of an event camera, or an experiment (its "
                    "test samples)",
                    path, ebb_file_kind_name(kind));
}

/* Events beyond --until are not run. */
static ebb_status take_until(struct job *j)
{
    uint64_t until = j->ticks;
    EBB_TRY(ebb_args_count(j->args, "until", 1, (uint64_t)1 << 52, &until));
    while (j->input.n > 0 && j->input.at[j->input.n - 1].tick >= until) {
        j->input.n--;
    }
    j->ticks = until;
    return EBB_OK;
}

static ebb_status take_tick(struct job *j)
{
    double tick_s = j->net->tick_s;
    EBB_TRY(ebb_args_seconds(j->args, "tick", &tick_s));
    return ebb_args_has(j->args, "tick") ? ebb_network_set_tick(j->net, tick_s)
                                         : EBB_OK;
}

static ebb_status take_record(struct job *j)
{
    const char *words = ebb_args_text(j->args, "record");
    uint64_t every = 1;
    EBB_TRY(ebb_args_count(j->args, "every", 1, (uint64_t)1 << 32, &every));
    if (!words) {
        return EBB_OK;
    }
    if (!ebb_args_has(j->args, "states") && !ebb_args_has(j->args, "out")) {
        return EBB_FAIL(EBB_ERR_ARG, "--record needs -o FILE.trace.h5 or "
                                     "--states FILE.csv to write to");
    }
    return ebb_record_spec_parse(&j->record, j->net, words,
                                 ebb_args_text(j->args, "neurons"), every);
}

/* How to run: --mode and --drop. */
static ebb_status take_how(struct job *j)
{
    static const char *const modes[] = {[EBB_ENGINE_ADAPTIVE] = "adaptive",
                                        [EBB_ENGINE_LAZY] = "lazy",
                                        [EBB_ENGINE_SWEPT] = "swept"};
    size_t mode = EBB_ENGINE_ADAPTIVE;
    EBB_TRY(ebb_args_word(j->args, "mode", modes, 3, &mode));
    j->how = ebb_engine_options_default();
    j->how.mode = (enum ebb_engine_mode)mode;
    j->how.single = ebb_args_has(j->args, "float");
    return ebb_args_number(j->args, "drop", 0, 1, &j->how.drop);
}

static ebb_status open_csv(struct ebb_out_file *out, const char *path,
                           const char *names)
{
    if (!path) {
        return EBB_OK;
    }
    EBB_TRY(ebb_out_file_begin(out, path));
    fprintf(out->file, "%s\n", names);
    return EBB_OK;
}

static ebb_status write_spikes(void *self, size_t population, ebb_tick tick,
                               const ebb_neuron_id *node, const double *value,
                               size_t n)
{
    struct job *j = self;
    const char *name = j->net->populations[population].name;
    for (size_t k = 0; j->spikes.file && k < n; k++) {
        fprintf(j->spikes.file, "%llu,%u,%.17g,%s\n", (unsigned long long)tick,
                node[k], value ? value[k] : 1, name);
    }
    for (size_t k = 0; j->count && population == j->output && k < n; k++) {
        j->count[node[k]]++;
    }
    return j->trace ? j->trace_sink.spikes(j->trace, population, tick, node,
                                           value, n)
                    : EBB_OK;
}

static ebb_status write_states(void *self, size_t probe, ebb_tick tick,
                               const double *value)
{
    static const char letters[] = {[EBB_STATE_V] = 'V',
                                   [EBB_STATE_R] = 'R',
                                   [EBB_STATE_I] = 'I',
                                   [EBB_STATE_F] = 'F',
                                   [EBB_STATE_A] = 'A'};
    struct job *j = self;
    const struct ebb_probe *p = &j->record.probe[probe];
    const char *name = p->state == EBB_STATE_F
                           ? j->net->projections[p->where].name
                           : j->net->populations[p->where].name;
    for (size_t k = 0; j->states.file && k < p->n; k++) {
        fprintf(j->states.file, "%llu,%c,%s,%zu,%.17g\n",
                (unsigned long long)tick, letters[p->state], name,
                p->nodes ? p->nodes[k] : k, value[k]);
    }
    return j->trace ? j->trace_sink.state(j->trace, probe, tick, value)
                    : EBB_OK;
}

/* Tests want commits at known ticks, not at moments. */
static void take_commit_ticks(struct job *j)
{
    const char *ticks = getenv("EBB_COMMIT_TICKS");
    if (ticks) {
        ebb_trace_writer_commit_every(j->trace, strtoull(ticks, NULL, 10));
    }
}

static ebb_status open_trace(struct job *j)
{
    const char *path = ebb_args_text(j->args, "out");
    char origin[512];
    if (!path) {
        return EBB_OK;
    }
    snprintf(origin, sizeof(origin), "ebb run %s %s", j->args->operand[0],
             j->args->operand[1]);
    const struct ebb_trace_piece piece = {.first = j->checkpoint.from,
                                          .run = j->checkpoint.about.run,
                                          .ranks = 1};
    EBB_TRY(ebb_trace_writer_create_piece(&j->trace, path, j->net, j->ticks,
                                          j->record.probe, j->record.n, origin,
                                          &piece));
    j->trace_sink = ebb_trace_writer_sink(j->trace);
    take_commit_ticks(j);
    return EBB_OK;
}

/* The run failed; what was committed stays. */
static ebb_status abandon_trace(struct job *j, ebb_status status)
{
    char why[512];
    ebb_tick committed = ebb_trace_writer_committed(j->trace);
    j->broken = ebb_trace_writer_abandon(j->trace);
    j->trace = NULL;
    if (j->broken || committed <= j->checkpoint.from) {
        return status; /* the message says it all */
    }
    snprintf(why, sizeof(why), "%s", ebb_error_message());
    return EBB_FAIL(status,
                    "%s; %s%s holds every tick below %llu, of which ebb "
                    "repair makes a trace",
                    why, ebb_args_text(j->args, "out"), EBB_TRACE_PART,
                    (unsigned long long)committed);
}

/* Whole as far as the run came, unless it failed. */
static ebb_status close_trace(struct job *j, ebb_status so_far)
{
    if (!j->trace) {
        return so_far;
    }
    if (so_far != EBB_OK && so_far != EBB_ERR_STOPPED) {
        return abandon_trace(j, so_far);
    }
    ebb_status status = ebb_trace_writer_finish(j->trace);
    return status == EBB_OK ? so_far : abandon_trace(j, status);
}

static ebb_status write_advance(void *self, ebb_tick tick)
{
    struct job *j = self;
    j->done = tick;
    if (j->trace) {
        EBB_TRY(j->trace_sink.advance(j->trace, tick));
    }
    ebb_progress_show(&j->progress, (size_t)tick, "of the ticks");
    if (tick < j->ticks && ebb_stop_wanted()) {
        return EBB_FAIL(EBB_ERR_STOPPED, "stopped");
    }
    return EBB_OK;
}

/* What is recorded is committed first: the trace of a run that is killed goes
 * at least as far as its checkpoint. */
static ebb_status save(struct job *j, const struct ebb_engine *engine)
{
    if (j->trace && j->checkpoint.path) {
        EBB_TRY(ebb_trace_writer_commit(j->trace));
    }
    return ebb_run_checkpoint_save(&j->checkpoint, engine);
}

/* From one checkpoint to the next; a run that is stopped leaves one too. */
static ebb_status run_pieces(struct job *j, struct ebb_engine *engine)
{
    const struct ebb_run_checkpoint *c = &j->checkpoint;
    ebb_status status = EBB_OK;
    do {
        ebb_tick now = ebb_engine_now(engine);
        status =
            ebb_engine_run(engine, ebb_run_checkpoint_next(c, now, j->ticks));
        bool stopped = status == EBB_ERR_STOPPED;
        if (status == EBB_OK || stopped) {
            EBB_TRY(save(j, engine));
            status = stopped ? EBB_FAIL(EBB_ERR_STOPPED, "stopped") : EBB_OK;
        }
    } while (status == EBB_OK && ebb_engine_now(engine) < j->ticks);
    return status;
}

static ebb_status simulate_engine(struct job *j, struct ebb_engine *engine)
{
    EBB_TRY(ebb_run_checkpoint_load(&j->checkpoint, engine));
    size_t first = j->checkpoint.first_event;
    EBB_TRY(ebb_engine_input(engine, ebb_network_input(j->net),
                             j->input.at + first, j->input.n - first));
    return run_pieces(j, engine);
}

static ebb_status create_and_simulate(struct job *j)
{
    struct ebb_engine *engine;
    EBB_TRY(ebb_engine_create(&engine, j->net, &j->how));
    ebb_status status = simulate_engine(j, engine);
    j->counters = ebb_engine_counters(engine);
    ebb_engine_destroy(engine);
    return status;
}

static ebb_status run_engine(struct job *j, const struct ebb_run_sink *sink)
{
    j->how.probes = j->record.probe;
    j->how.n_probes = j->record.n;
    j->how.sink = *sink;
    ebb_stop_listen();
    j->progress =
        ebb_progress_begin((size_t)j->checkpoint.from, (size_t)j->ticks);
    j->progress.last_draw = j->progress.start + 1; /* not for short runs */
    struct ebb_energy_meter meter;
    ebb_energy_meter_begin(&meter, NULL);
    ebb_status status = create_and_simulate(j);
    j->measured.joules = ebb_energy_meter_end(&meter);
    j->measured.seconds = ebb_seconds_now() - j->progress.start;
    ebb_progress_clear(&j->progress);
    return status;
}

static ebb_status tell_stop(const struct job *j, ebb_status status)
{
    const char *out = ebb_args_text(j->args, "out");
    return status != EBB_ERR_STOPPED
               ? status
               : EBB_FAIL(status, "stopped after %llu of %llu ticks%s%s%s",
                          (unsigned long long)j->done,
                          (unsigned long long)j->ticks, out ? "; " : "",
                          out ? out : "",
                          out ? " is a whole trace of these" : "");
}

static ebb_status simulate(struct job *j)
{
    const char *spikes = ebb_args_text(j->args, "spikes");
    const char *states = ebb_args_text(j->args, "states");
    struct ebb_run_sink sink = {.self = j,
                                .spikes = write_spikes,
                                .state = write_states,
                                .advance = write_advance};
    ebb_status status = open_csv(&j->spikes, spikes, "tick,node,value,where");
    if (status == EBB_OK) {
        status = open_csv(&j->states, states, "tick,state,where,node,value");
    }
    if (status == EBB_OK) {
        status = open_trace(j);
    }
    if (status == EBB_OK) {
        status = run_engine(j, &sink);
    }
    status = close_trace(j, status);
    bool stopped = status == EBB_ERR_STOPPED; /* what was done is kept */
    status = ebb_out_file_end(&j->spikes, stopped ? EBB_OK : status);
    status = ebb_out_file_end(&j->states, status);
    return tell_stop(j, stopped && status == EBB_OK ? EBB_ERR_STOPPED : status);
}

/* Before anything is written. */
static ebb_status check_input(const struct job *j)
{
    size_t input = ebb_network_input(j->net);
    size_t channels =
        input < j->net->n_populations ? j->net->populations[input].n : 0;
    ebb_status status = ebb_events_check(&j->input, channels, j->ticks);
    return ebb_error_prefix(status, "%s for %s, an input of %zu channels: ",
                            j->args->operand[1], j->args->operand[0], channels);
}

static ebb_status take_checkpoint(struct job *j)
{
    j->checkpoint.count = j->count;
    j->checkpoint.outputs = j->outputs;
    return ebb_run_checkpoint_take(&j->checkpoint, j->args, j->net, &j->how,
                                   &j->input, j->ticks);
}

static ebb_status work(struct job *j)
{
    EBB_TRY(ebb_network_file_read_compact(&j->net, j->args->operand[0]));
    EBB_TRY(take_tick(j));
    EBB_TRY(take_input(j));
    EBB_TRY(take_until(j));
    EBB_TRY(check_input(j));
    EBB_TRY(take_record(j));
    EBB_TRY(take_how(j));
    EBB_TRY(take_checkpoint(j));
    return simulate(j);
}

static void tell(const struct job *j)
{
    struct ebb_run_result result = {.net = j->net,
                                    .how = &j->how,
                                    .counters = j->counters,
                                    .ticks = j->ticks,
                                    .count = j->count,
                                    .outputs = j->outputs,
                                    .measured = j->measured};
    ebb_run_result_tell(&result, j->args);
}

static int run(struct ebb_args *args)
{
    struct job j = {.args = args};
    ebb_status status = work(&j);
    if (status == EBB_OK) {
        tell(&j);
    }
    j.broken = j.broken || j.checkpoint.broken;
    ebb_run_checkpoint_finish(&j.checkpoint);
    ebb_record_spec_finish(&j.record);
    ebb_mem_free(j.count);
    ebb_events_finish(&j.input);
    ebb_network_destroy(j.net);
    int end = ebb_args_end(args, status);
    if (j.broken) {
        _exit(end); /* HDF5 must not clean up: that would undo commits */
    }
    return end;
}

static const struct ebb_option options[] = {
    {"pattern", 0, "K", "of a patterns file: which one (0)"},
    {"noise", 0, NULL, "alter the pattern as training does"},
    {"seed", 0, "N", "of that noise (1)"},
    {"patterns", 0, "FILE",
     "of an experiment: these patterns instead of the experiment's"},
    {"sample", 0, "K", "of an experiment: which test sample (0)"},
    EBB_RECORDING_INPUT_OPTIONS,
    {"until", 0, "TICKS", "run so many ticks (to the end of the input)"},
    {"tick", 0, "TIME", "another tick length, such as 100us"},
    {"mode", 0, "MODE", "adaptive, lazy or swept: the same spikes (adaptive)"},
    {"float", 0, NULL, "float states: faster, about 1 spike in 600 moves"},
    {"drop", 0, "SHARE", "leave axons below this share of Vth: not exact"},
    {"spikes", 0, "FILE", "write all spikes: tick,node,value,where"},
    {"out", 'o', "FILE", "record spikes and states (NAME.trace.h5)"},
    {"record", 0, "WHAT", "states: V,R,I@population, F@projection; all"},
    {"neurons", 0, "LIST", "of the states: 0:10,50 (all)"},
    {"every", 0, "K", "a value each K ticks (1)"},
    {"states", 0, "FILE", "write them: tick,state,where,node,value"},
    EBB_CHECKPOINT_OPTIONS,
    {"json", 0, NULL, "print the counters as a JSON object"},
    {0}};

const struct ebb_command ebb_command_run = {
    .name = "run",
    .operands = "NETWORK INPUT",
    .summary = "simulate events -> spikes, class and states",
    .text =
        "INPUT is a CSV file of events (tick,node[,value]), a patterns file, "
        "an experiment,\nwhose test samples are meant, or a recording of an "
        "event camera in any format that\nebb info knows: its class is "
        "told, by the most output spikes.\n\n"
        "examples:\n"
        "  ebb run best.net.h5 patterns.h5 --pattern 3 --noise --seed 7 "
        "--spikes out.csv\n"
        "  ebb run best.net.h5 experiments/demo.yaml --sample 12 \\\n"
        "      --record V,R@hidden1,F@input:hidden1 --neurons 0:4 "
        "--states states.csv\n"
        "  ebb run best.net.h5 experiments/demo.yaml --sample 12 --record all "
        "-o a.trace.h5\n"
        "  ebb run gestures.net.h5 clip.aedat4 --begin 1s --end 3s",
    .operands_min = 2,
    .operands_max = 2,
    .options = options,
    .run = run};
