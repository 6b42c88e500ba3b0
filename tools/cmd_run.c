/* tools/cmd_run.c - simulate a network on given events. */
#include "tools/commands.h"
#include "tools/energy_meter.h"
#include "tools/recording_input.h"
#include "tools/run_job.h"
#include "tools/stop.h"

#include "core/memory.h"
#include "io/network_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static ebb_status take_tick(struct run_job *j)
{
    double tick_s = j->net->tick_s;
    EBB_TRY(ebb_args_seconds(j->args, "tick", &tick_s));
    return ebb_args_has(j->args, "tick") ? ebb_network_set_tick(j->net, tick_s)
                                         : EBB_OK;
}

static ebb_status take_record(struct run_job *j)
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
static ebb_status take_how(struct run_job *j)
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
    EBB_TRY(ebb_out_file_begin(out, path));
    fprintf(out->file, "%s\n", names);
    return EBB_OK;
}

/* Every process knows all spikes; one of them writes them. */
static ebb_status open_spikes(struct run_job *j)
{
    const char *path = ebb_args_text(j->args, "spikes");
    return path && ebb_team_speaks(&j->team)
               ? open_csv(&j->spikes, path, "tick,node,value,where")
               : EBB_OK;
}

/* A state is known where it is computed. */
static ebb_status open_states(struct run_job *j)
{
    const char *path = ebb_args_text(j->args, "states");
    if (!path) {
        return EBB_OK;
    }
    EBB_TRY(
        ebb_team_path(j->states_path, sizeof(j->states_path), &j->team, path));
    return open_csv(&j->states, j->states_path, "tick,state,where,node,value");
}

/* A trace holds the spikes of neurons that are computed here. */
static ebb_status trace_spikes(struct run_job *j, size_t population,
                               ebb_tick tick, const ebb_neuron_id *node,
                               const double *value, size_t n)
{
    struct ebb_share_range own = j->own[population];
    size_t from = 0, to = n;
    while (from < to && node[from] < own.from) {
        from++;
    }
    while (to > from && node[to - 1] >= own.to) {
        to--;
    }
    return from < to
               ? j->trace_sink.spikes(j->trace, population, tick, node + from,
                                      value ? value + from : NULL, to - from)
               : EBB_OK;
}

static ebb_status write_spikes(void *self, size_t population, ebb_tick tick,
                               const ebb_neuron_id *node, const double *value,
                               size_t n)
{
    struct run_job *j = self;
    const char *name = j->net->populations[population].name;
    for (size_t k = 0; j->spikes.file && k < n; k++) {
        fprintf(j->spikes.file, "%llu,%u,%.17g,%s\n", (unsigned long long)tick,
                node[k], value ? value[k] : 1, name);
    }
    for (size_t k = 0; j->count && population == j->output && k < n; k++) {
        j->count[node[k]]++;
    }
    return j->trace ? trace_spikes(j, population, tick, node, value, n)
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
    struct run_job *j = self;
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
static void take_commit_ticks(struct run_job *j)
{
    const char *ticks = getenv("EBB_COMMIT_TICKS");
    if (ticks) {
        ebb_trace_writer_commit_every(j->trace, strtoull(ticks, NULL, 10));
    }
}

static ebb_status open_trace(struct run_job *j)
{
    const char *path = ebb_args_text(j->args, "out");
    char origin[512];
    if (!path) {
        return EBB_OK;
    }
    snprintf(origin, sizeof(origin), "ebb run %s %s", j->args->operand[0],
             j->args->operand[1]);
    EBB_TRY(
        ebb_team_path(j->trace_path, sizeof(j->trace_path), &j->team, path));
    const size_t *own = j->team.exchange.ranks > 1 ? &j->own[0].from : NULL;
    const struct ebb_trace_piece piece = {.first = j->checkpoint.from,
                                          .run = j->checkpoint.about.run,
                                          .rank = j->team.exchange.rank,
                                          .ranks = j->team.exchange.ranks,
                                          .own = own};
    EBB_TRY(ebb_trace_writer_create_piece(&j->trace, j->trace_path, j->net,
                                          j->ticks, j->record.probe,
                                          j->record.n, origin, &piece));
    j->trace_sink = ebb_trace_writer_sink(j->trace);
    take_commit_ticks(j);
    return EBB_OK;
}

/* The run failed; what was committed stays. */
static ebb_status abandon_trace(struct run_job *j, ebb_status status)
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
                    why, j->trace_path, EBB_TRACE_PART,
                    (unsigned long long)committed);
}

/* Whole as far as the run came, unless it failed. */
static ebb_status close_trace(struct run_job *j, ebb_status so_far)
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
    struct run_job *j = self;
    j->done = tick;
    if (j->trace) {
        EBB_TRY(j->trace_sink.advance(j->trace, tick));
    }
    if (ebb_team_speaks(&j->team)) {
        ebb_progress_show(&j->progress, (size_t)tick, "of the ticks");
    }
    if (tick < j->ticks && ebb_stop_wanted()) {
        return EBB_FAIL(EBB_ERR_STOPPED, "stopped");
    }
    return EBB_OK;
}

/* What is recorded is committed first: the trace of a run that is killed goes
 * at least as far as its checkpoint. */
static ebb_status save(struct run_job *j, const struct ebb_cluster *cluster)
{
    ebb_status status = j->trace && j->checkpoint.path
                            ? ebb_trace_writer_commit(j->trace)
                            : EBB_OK;
    EBB_TRY(ebb_team_agree(&j->team, status));
    return ebb_run_checkpoint_save(&j->checkpoint, &j->team, cluster);
}

/* From one checkpoint to the next; a run that is stopped leaves one too. */
static ebb_status run_pieces(struct run_job *j, struct ebb_cluster *cluster)
{
    const struct ebb_run_checkpoint *c = &j->checkpoint;
    ebb_status status = EBB_OK;
    do {
        ebb_tick now = ebb_cluster_now(cluster);
        status =
            ebb_cluster_run(cluster, ebb_run_checkpoint_next(c, now, j->ticks));
        bool stopped = status == EBB_ERR_STOPPED;
        if (status == EBB_OK || stopped) {
            EBB_TRY(save(j, cluster));
            status = stopped ? EBB_FAIL(EBB_ERR_STOPPED, "stopped") : EBB_OK;
        }
    } while (status == EBB_OK && ebb_cluster_now(cluster) < j->ticks);
    return status;
}

static ebb_status begin_run(struct run_job *j, struct ebb_cluster *cluster)
{
    EBB_TRY(ebb_run_checkpoint_load(&j->checkpoint, cluster));
    size_t first = j->checkpoint.first_event;
    return ebb_cluster_input(cluster, ebb_network_input(j->net),
                             j->input.at + first, j->input.n - first);
}

static ebb_status run_ticks(struct run_job *j, struct ebb_cluster *cluster)
{
    EBB_TRY(ebb_team_agree(&j->team, begin_run(j, cluster)));
    EBB_TRY(run_pieces(j, cluster));
    EBB_TRY(ebb_cluster_total(cluster, &j->counters));
    return ebb_team_traffic(&j->traffic, &j->team, cluster);
}

static ebb_status run_cluster(struct run_job *j)
{
    const struct ebb_cluster_options options = {.engine = j->how,
                                                .threads = j->team.threads,
                                                .exchange = &j->team.exchange};
    struct ebb_cluster *cluster;
    EBB_TRY(ebb_cluster_create(&cluster, j->net, &options));
    ebb_status status = run_ticks(j, cluster);
    ebb_cluster_destroy(cluster);
    return status;
}

static ebb_status run_engine(struct run_job *j, const struct ebb_run_sink *sink)
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
    ebb_status status = run_cluster(j);
    j->measured.joules = ebb_energy_meter_end(&meter);
    j->measured.seconds = ebb_seconds_now() - j->progress.start;
    if (ebb_team_speaks(&j->team)) {
        ebb_progress_clear(&j->progress);
    }
    return status;
}

static ebb_status tell_stop(const struct run_job *j, ebb_status status)
{
    const char *out = j->trace_path[0] ? j->trace_path : NULL;
    return status != EBB_ERR_STOPPED
               ? status
               : EBB_FAIL(status, "stopped after %llu of %llu ticks%s%s%s",
                          (unsigned long long)j->done,
                          (unsigned long long)j->ticks, out ? "; " : "",
                          out ? out : "",
                          out ? " is a whole trace of these" : "");
}

static ebb_status open_outputs(struct run_job *j)
{
    EBB_TRY(open_spikes(j));
    EBB_TRY(open_states(j));
    return open_trace(j);
}

static ebb_status simulate(struct run_job *j)
{
    struct ebb_run_sink sink = {.self = j,
                                .spikes = write_spikes,
                                .state = write_states,
                                .advance = write_advance};
    ebb_status status = ebb_team_agree(&j->team, open_outputs(j));
    if (status == EBB_OK) {
        status = run_engine(j, &sink);
    }
    bool all_know = status != EBB_OK && status != EBB_ERR_STOPPED;
    status = close_trace(j, status);
    bool stopped = status == EBB_ERR_STOPPED; /* what was done is kept */
    status = ebb_out_file_end(&j->spikes, stopped ? EBB_OK : status);
    status = ebb_out_file_end(&j->states, status);
    status = all_know ? status : ebb_team_agree(&j->team, status);
    return tell_stop(j, stopped && status == EBB_OK ? EBB_ERR_STOPPED : status);
}

/* Before anything is written. */
static ebb_status check_input(const struct run_job *j)
{
    size_t input = ebb_network_input(j->net);
    size_t channels =
        input < j->net->n_populations ? j->net->populations[input].n : 0;
    ebb_status status = ebb_events_check(&j->input, channels, j->ticks);
    return ebb_error_prefix(status, "%s for %s, an input of %zu channels: ",
                            j->args->operand[1], j->args->operand[0], channels);
}

/* What this process computes, and records. */
static ebb_status take_team(struct run_job *j)
{
    ebb_team_choose(&j->team, j->net);
    j->own = ebb_mem_calloc(j->net->n_populations, sizeof(*j->own));
    if (!j->own) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu populations",
                        j->net->n_populations);
    }
    EBB_TRY(ebb_team_owned(j->own, &j->team, j->net, &j->how));
    return ebb_team_keep(&j->team, j->net, j->own, j->record.probe,
                         &j->record.n, &j->own_nodes);
}

static ebb_status take_checkpoint(struct run_job *j)
{
    j->checkpoint.count = j->count;
    j->checkpoint.outputs = j->outputs;
    return ebb_run_checkpoint_take(&j->checkpoint, j->args, j->net, &j->how,
                                   &j->input, j->ticks);
}

static ebb_status prepare(struct run_job *j)
{
    EBB_TRY(ebb_network_file_read_compact(&j->net, j->args->operand[0]));
    EBB_TRY(take_tick(j));
    EBB_TRY(run_take_input(j));
    EBB_TRY(check_input(j));
    EBB_TRY(take_record(j));
    EBB_TRY(take_how(j));
    EBB_TRY(take_checkpoint(j));
    return take_team(j);
}

static ebb_status work(struct run_job *j)
{
    EBB_TRY(ebb_team_join(&j->team, j->args));
    EBB_TRY(ebb_team_agree(&j->team, prepare(j)));
    return simulate(j);
}

static void tell(const struct run_job *j)
{
    struct ebb_run_result result = {.net = j->net,
                                    .how = &j->how,
                                    .counters = j->counters,
                                    .ticks = j->ticks,
                                    .from = j->checkpoint.from,
                                    .count = j->count,
                                    .outputs = j->outputs,
                                    .team = &j->team,
                                    .traffic = j->traffic,
                                    .measured = j->measured};
    if (result.from > 0) { /* they are of the rest of the run alone */
        result.measured.seconds = 0;
        result.measured.joules = (double)NAN;
    }
    ebb_run_result_tell(&result, j->args);
}

static int run(struct ebb_args *args)
{
    struct run_job j = {.args = args};
    ebb_status status = work(&j);
    if (status == EBB_OK && ebb_team_speaks(&j.team)) {
        tell(&j);
    }
    ebb_mem_free(j.own_nodes);
    ebb_mem_free(j.own);
    j.broken = j.broken || j.checkpoint.broken;
    ebb_run_checkpoint_finish(&j.checkpoint);
    ebb_record_spec_finish(&j.record);
    ebb_mem_free(j.count);
    ebb_events_finish(&j.input);
    ebb_network_destroy(j.net);
    int end = ebb_team_end(&j.team, args, status);
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
    EBB_TEAM_OPTIONS,
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
        "  mpirun -n 4 ebb run m.net.h5 in.csv --spikes out.csv\n"
        "  ebb run gestures.net.h5 clip.aedat4 --begin 1s --end 3s",
    .operands_min = 2,
    .operands_max = 2,
    .options = options,
    .run = run};
