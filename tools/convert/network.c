/* tools/convert/network.c - networks that came from elsewhere. */
#include "tools/convert/network.h"

#include "io/import_csr.h"
#include "io/import_edges.h"
#include "io/network_file.h"
#include "io/sonata.h"

#include <math.h>
#include <string.h>

static bool ends(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n > m && strcmp(path + n - m, end) == 0;
}

bool ebb_convert_to_sonata(const char *path)
{
    return ends(path, ".sonata.h5");
}

static bool is_edges(const char *path)
{
    bool text = ends(path, ".csv") || ends(path, ".txt") || ends(path, ".tsv");
    return text && ebb_edges_csv_looks(path);
}

bool ebb_convert_is_foreign(const char *path)
{
    return is_edges(path) || ebb_sonata_looks(path) || ebb_csr_looks(path);
}

static ebb_status take_neurons(const struct ebb_args *args,
                               struct ebb_edge_neurons *how)
{
    static const char *const shapes[] = {"none", "exponential", "alpha",
                                         "dual_exponential"};
    size_t shape = how->kernel.shape;
    EBB_TRY(ebb_args_number(args, "v-th", 1e-300, 1e300, &how->v_th));
    EBB_TRY(ebb_args_number(args, "lambda", 0, 1, &how->lambda));
    EBB_TRY(
        ebb_args_count(args, "refractory", 0, 1000000, &how->refractory_ticks));
    EBB_TRY(ebb_args_word(args, "kernel", shapes, 4, &shape));
    how->kernel.shape = (enum ebb_kernel_shape)shape;
    EBB_TRY(ebb_args_number(args, "tau", 1e-3, 1e6, &how->kernel.tau_m));
    how->kernel.tau_s = how->kernel.tau_m / 4;
    EBB_TRY(ebb_args_number(args, "tau-s", 1e-3, 1e6, &how->kernel.tau_s));
    EBB_TRY(ebb_args_count(args, "delay", 1, 1000000, &how->delay_ticks));
    how->cue = 1.25 * how->v_th;
    return ebb_args_seconds(args, "tick", &how->tick_s);
}

static ebb_status read_sonata(const struct ebb_args *args,
                              struct ebb_network **net,
                              const struct ebb_edge_neurons *how)
{
    struct ebb_sonata_options o = {.nodes = ebb_args_text(args, "nodes"),
                                   .weight = (double)NAN,
                                   .round = ebb_args_has(args, "round-delays")};
    EBB_TRY(ebb_args_number(args, "weight", -1e30, 1e30, &o.weight));
    return ebb_sonata_read(net, args->operand[0], &o, how);
}

static ebb_status read_any(const struct ebb_args *args,
                           struct ebb_network **net)
{
    const char *from = args->operand[0];
    bool forward = ebb_args_has(args, "feed-forward");
    struct ebb_edge_neurons how = ebb_edge_neurons_default();
    uint64_t neurons = 0;
    EBB_TRY(take_neurons(args, &how));
    EBB_TRY(ebb_args_count(args, "neurons", 1, UINT32_MAX - 1, &neurons));
    if (is_edges(from)) {
        return ebb_edges_csv_read(net, from, neurons, forward, &how);
    }
    return ebb_sonata_looks(from)
               ? read_sonata(args, net, &how)
               : ebb_csr_read(net, from, ebb_args_text(args, "matrix"), forward,
                              &how);
}

ebb_status ebb_convert_foreign(const struct ebb_args *args)
{
    struct ebb_network *net = NULL;
    const char *to = args->operand[1];
    EBB_TRY(read_any(args, &net));
    ebb_status status = ebb_convert_to_sonata(to)
                            ? ebb_sonata_write(to, net)
                            : ebb_network_file_write(to, net, NULL);
    ebb_network_destroy(net);
    return status;
}
