/* tools/cmd_info.c - what is in a file. */
#include "tools/commands.h"
#include "tools/events_csv.h"
#include "tools/info/info.h"
#include "tools/json.h"

#include "io/file_kind.h"
#include "io/patterns_file.h"
#include "io/state_file.h"
#include "io/trace_file.h"

#include <stdio.h>
#include <string.h>

static ebb_status info_patterns(const char *path, struct ebb_json *json)
{
    struct ebb_patterns p;
    EBB_TRY(ebb_patterns_read(&p, path));
    double density = 0;
    for (size_t k = 0; k < p.n; k++) {
        density += ebb_patterns_density(&p, k) / (double)p.n;
    }
    if (json) {
        ebb_json_count(json, "patterns", p.n);
        ebb_json_count(json, "trains", p.trains);
        ebb_json_count(json, "ticks", p.ticks);
        ebb_json_number(json, "density", density);
    } else {
        printf("%zu patterns of %zu trains x %zu ticks, %.2f %% spikes\n", p.n,
               p.trains, p.ticks, 100 * density);
    }
    ebb_patterns_finish(&p);
    return EBB_OK;
}

static bool is_part(const char *path)
{
    size_t n = strlen(path), end = strlen(EBB_TRACE_PART);
    return n > end && strcmp(path + n - end, EBB_TRACE_PART) == 0;
}

static ebb_status info_events(const char *path, struct ebb_json *json)
{
    struct ebb_events events = {0};
    ebb_neuron_id highest = 0;
    ebb_status status = ebb_events_csv_read(&events, path);
    for (size_t k = 0; k < events.n; k++) {
        ebb_neuron_id node = events.at[k].node;
        highest = node > highest ? node : highest;
    }
    ebb_tick last = events.n ? events.at[events.n - 1].tick : 0;
    if (status == EBB_OK && json) {
        ebb_json_count(json, "events", events.n);
        ebb_json_count(json, "last_tick", last);
        ebb_json_count(json, "highest_node", highest);
    } else if (status == EBB_OK) {
        printf("%zu events up to tick %llu, nodes up to %u\n", events.n,
               (unsigned long long)last, highest);
    }
    ebb_events_finish(&events);
    return status;
}

static ebb_status info_state(const char *path, struct ebb_json *json)
{
    struct ebb_state_about a;
    EBB_TRY(ebb_state_file_about(&a, path));
    typedef unsigned long long count;
    if (json) {
        ebb_json_count(json, "tick", a.tick);
        ebb_json_count(json, "intended_ticks", a.intended);
        ebb_json_number(json, "tick_s", a.tick_s);
        ebb_json_count(json, "rank", a.rank);
        ebb_json_count(json, "ranks", a.ranks);
        ebb_json_count(json, "shares", a.shares);
        ebb_json_text(json, "origin", a.origin);
        return EBB_OK;
    }
    printf("a run at tick %llu of %llu", (count)a.tick, (count)a.intended);
    if (a.tick_s > 0) {
        printf(" (%g s)", (double)a.tick * a.tick_s);
    }
    printf(", network %016llx\n", (count)a.network_hash);
    if (a.ranks > 1) {
        printf("rank %zu of %zu\n", a.rank + 1, a.ranks);
    }
    printf("from: %s\ngo on with --resume\n", a.origin);
    return EBB_OK;
}

static ebb_status info(const struct ebb_args *args, struct ebb_json *json)
{
    const char *path = args->operand[0];
    struct ebb_dvs_options how = ebb_dvs_options_default();
    enum ebb_file_kind kind = EBB_FILE_RECORDING;
    how.format = ebb_args_text(args, "from");
    how.columns = ebb_args_text(args, "columns");
    how.chip = ebb_args_text(args, "chip");
    if (!how.format) {
        EBB_TRY(ebb_file_kind_find(&kind, path));
    }
    if (json) {
        ebb_json_text(json, "file", path);
        ebb_json_text(json, "kind", ebb_file_kind_name(kind));
    } else {
        printf("%s: %s\n", path, ebb_file_kind_name(kind));
    }
    switch (kind) {
    case EBB_FILE_NETWORK:
        return ebb_info_network(path, json);
    case EBB_FILE_PATTERNS:
        return info_patterns(path, json);
    case EBB_FILE_EXPERIMENT:
        return ebb_info_experiment(path, json);
    case EBB_FILE_EVENTS:
        return info_events(path, json);
    case EBB_FILE_TRACE:
        return is_part(path) ? ebb_info_part(path, json)
                             : ebb_info_trace(path, json);
    case EBB_FILE_DATASET:
        return ebb_info_dataset(path, json);
    case EBB_FILE_GRADIENTS:
        return ebb_info_gradients(path, json);
    case EBB_FILE_RECORDING:
        return ebb_info_recording(path, &how, json);
    case EBB_FILE_SPIKE_SET:
        return ebb_info_spike_set(path, json);
    case EBB_FILE_STATE:
        return info_state(path, json);
    }
    return EBB_OK; /* its kind is all that is told */
}

static int run(struct ebb_args *args)
{
    struct ebb_json json = {.n = 0};
    bool as_json = ebb_args_has(args, "json");
    ebb_status status = info(args, as_json ? &json : NULL);
    if (status == EBB_OK && as_json && json.n > 0) {
        ebb_json_print(&json); /* the last, or only, object */
    }
    return ebb_args_end(args, status);
}

static const struct ebb_option options[] = {
    {"json", 0, NULL, "print JSON: an object, and one for each part"},
    {"from", 0, "FORMAT", "FILE is a recording of this format (by content)"},
    {"columns", 0, "TXYP", "order of the columns of a recording in text"},
    {"chip", 0, "CHIP", "of a recording in AEDAT 2: dvs128 or davis"},
    {0}};

const struct ebb_command ebb_command_info = {
    .name = "info",
    .operands = "FILE",
    .summary = "what is in any file that ebb knows",
    .text = "examples:\n"
            "  ebb info runs/associative_memory/best.net.h5\n"
            "  ebb info experiments/associative_memory.yaml\n"
            "  ebb info a.trace.h5 --json\n"
            "  ebb info hand.raw",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .run = run};
