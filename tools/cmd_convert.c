/* tools/cmd_convert.c - the same in another form. */
#include "tools/commands.h"
#include "tools/convert/network.h"
#include "tools/convert/recording.h"
#include "tools/events_csv.h"

#include "io/association_file.h"
#include "io/dvs/dvs.h"
#include "io/file_kind.h"
#include "io/import_bench_net.h"
#include "io/network_file.h"
#include "io/patterns_file.h"
#include "io/sonata.h"

#include <string.h>

static bool ends(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n > m && strcmp(path + n - m, end) == 0;
}

/* A benchmark network, or with .csv its input events. */
static ebb_status from_bench_net(const struct ebb_args *args, const char *from,
                                 const char *to)
{
    double tick_s = 1e-4;
    EBB_TRY(ebb_args_seconds(args, "tick", &tick_s));
    if (ends(to, ".csv")) {
        struct ebb_events events = {0};
        ebb_status status = ebb_bench_net_input(&events, from, tick_s);
        if (status == EBB_OK) {
            status = ebb_events_csv_write(to, &events);
        }
        ebb_events_finish(&events);
        return status;
    }
    struct ebb_network *net = NULL;
    EBB_TRY(ebb_bench_net_read(&net, from, tick_s));
    ebb_status status = ebb_network_file_write(to, net, NULL);
    ebb_network_destroy(net);
    return status;
}

/* What a memory was built from, at the tick length that the network has now. */
static void follow_tick(struct ebb_association_params *p,
                        const struct ebb_network *net)
{
    size_t memory = ebb_network_find_population(net, "memory");
    size_t recall = ebb_network_find_projection(net, "recall");
    p->tick_s = net->tick_s;
    if (memory < net->n_populations) {
        p->refractory_ticks = net->populations[memory].refractory_ticks;
    }
    if (recall < net->n_projections) {
        p->delay_ticks = net->projections[recall].delay_ticks;
    }
}

/* The patterns of a memory go with it. */
static ebb_status write_network(const char *from, const char *to,
                                const struct ebb_network *net)
{
    struct ebb_assemblies patterns = {0};
    struct ebb_association_params params = ebb_association_params_default();
    bool memory = false;
    EBB_TRY(ebb_association_file_has(&memory, from));
    if (!memory) {
        return ebb_network_file_write(to, net, NULL);
    }
    EBB_TRY(ebb_association_file_read(&patterns, &params, from));
    follow_tick(&params, net);
    ebb_status status = ebb_association_file_write(to, net, &params, &patterns);
    ebb_assemblies_finish(&patterns);
    return status;
}

static ebb_status from_network(const struct ebb_args *args, const char *from,
                               const char *to)
{
    struct ebb_network *net = NULL;
    double tick_s = 0;
    EBB_TRY(ebb_network_file_read_compact(&net, from));
    ebb_status status = ebb_args_seconds(args, "tick", &tick_s);
    if (status == EBB_OK && tick_s > 0) {
        status = ebb_network_set_tick(net, tick_s);
    }
    if (status == EBB_OK) {
        status = ebb_convert_to_sonata(to) ? ebb_sonata_write(to, net)
                                           : write_network(from, to, net);
    }
    ebb_network_destroy(net);
    return status;
}

/* Patterns in another format, or one of them as events. */
static ebb_status write_patterns(const struct ebb_args *args,
                                 const struct ebb_patterns *p, const char *to)
{
    if (!ends(to, ".csv")) {
        return ebb_patterns_write(to, p);
    }
    uint64_t pattern = 0;
    EBB_TRY(ebb_args_count(args, "pattern", 0, p->n - 1, &pattern));
    struct ebb_events events = {0};
    ebb_status status = ebb_pattern_target(&events, p, pattern, 0);
    if (status == EBB_OK) {
        status = ebb_events_csv_write(to, &events);
    }
    ebb_events_finish(&events);
    return status;
}

static ebb_status from_patterns(const struct ebb_args *args, const char *from,
                                const char *to)
{
    struct ebb_patterns p;
    EBB_TRY(ebb_patterns_read(&p, from));
    ebb_status status = write_patterns(args, &p, to);
    ebb_patterns_finish(&p);
    return status;
}

/* The format that --from tells: a benchmark network's, or a recording's. */
static ebb_status find_source(const struct ebb_args *args, bool *bench_net)
{
    enum { MOST = 32 };
    const char *formats[MOST] = {"bench-net"};
    size_t n = 1, format = 0;
    while (n < MOST && (formats[n] = ebb_dvs_format_name(n - 1))) {
        n++;
    }
    EBB_TRY(ebb_args_word(args, "from", formats, n, &format));
    *bench_net = ebb_args_has(args, "from") && format == 0;
    return EBB_OK;
}

static ebb_status convert(const struct ebb_args *args)
{
    const char *from = args->operand[0], *to = args->operand[1];
    bool bench_net;
    EBB_TRY(find_source(args, &bench_net));
    if (bench_net) {
        return from_bench_net(args, from, to);
    }
    if (ebb_args_has(args, "from")) {
        return ebb_convert_recording(args, ebb_args_text(args, "from"));
    }
    bool network = ends(to, ".net.h5") || ebb_convert_to_sonata(to);
    if (network &&
        (ebb_args_has(args, "matrix") || ebb_convert_is_foreign(from))) {
        return ebb_convert_foreign(args);
    }
    enum ebb_file_kind kind;
    EBB_TRY(ebb_file_kind_find(&kind, from));
    if (kind == EBB_FILE_NETWORK) {
        return from_network(args, from, to);
    }
    if (kind == EBB_FILE_PATTERNS) {
        return from_patterns(args, from, to);
    }
    if (kind == EBB_FILE_RECORDING) {
        return ebb_convert_recording(args, NULL);
    }
    return EBB_FAIL(EBB_ERR_ARG,
                    "%s is of kind %s; what can be converted are networks, "
                    "patterns, recordings and foreign networks (CSR, text, "
                    "SONATA, and with --from)",
                    from, ebb_file_kind_name(kind));
}

static int run(struct ebb_args *args)
{
    return ebb_args_end(args, convert(args));
}

static const struct ebb_option options[] = {
    {"from", 0, "FORMAT", "of A: bench-net, or a recording's (by content)"},
    {"tick", 0, "TIME", "tick length of the network in B, such as 100us"},
    {"pattern", 0, "K", "which pattern becomes events (0)"},
    EBB_FOREIGN_OPTIONS,
    EBB_RECORDING_OPTIONS,
    {0}};

const struct ebb_command ebb_command_convert = {
    .name = "convert",
    .operands = "A B",
    .summary = "networks, patterns, events and recordings in another form",
    .text = "What B becomes follows from its name: .net.h5 a network, .h5 or "
            ".npy patterns, .csv\nevents. Recordings of event cameras are "
            "read from EVT2, EVT2.1, EVT3, DAT, AEDAT 2\nto 4, N-MNIST, Event "
            "Stream, DSEC's HDF5 and text, and written as .raw (evt3, or\n--to "
            "evt2), .dat, .bin (nmnist), .es, .h5 (dsec) or .csv.\n\n"
            "Networks (B is .net.h5 or .sonata.h5) come from CSR matrices in "
            "HDF5 (AnnData), from text\nwith a synapse a line "
            "(source,target,weight[,delay in ticks]) and from SONATA. Rows are "
            "sources; a\nsquare matrix is recurrent and gets an input channel "
            "for each neuron. Lists of synapses\nmay be of any length: what "
            "does not fit waits in a file in $TMPDIR (/var/tmp).\n\n"
            "examples:\n"
            "  ebb convert --from bench-net n1_cuba.h5 n1.net.h5 --tick 100us\n"
            "  ebb convert a.net.h5 b.net.h5 --tick 1ms\n"
            "  ebb convert weights.h5 w.net.h5 --v-th 5 --kernel exponential "
            "--tau 3\n"
            "  ebb convert edges.csv e.net.h5 --neurons 1000\n"
            "  ebb convert edges.h5 v1.net.h5 --nodes nodes.h5 --tick 100us "
            "--round-delays\n"
            "  ebb convert m.net.h5 m.sonata.h5\n"
            "  ebb convert patterns.h5 third.csv --pattern 2\n"
            "  ebb convert hand.aedat4 hand.raw --zero\n"
            "  ebb convert hand.raw hand.bin --begin 1s --end 2s --shrink 10",
    .operands_min = 2,
    .operands_max = 2,
    .options = options,
    .run = run};
