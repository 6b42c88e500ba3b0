/* tools/cmd_info.c - what is in a file. */
#include "tools/commands.h"
#include "tools/events_csv.h"
#include "tools/info/info.h"
#include "tools/json.h"

#include "core/poles.h"
#include "io/experiment.h"
#include "io/file_kind.h"
#include "io/network_file.h"
#include "io/patterns_file.h"
#include "io/state_file.h"
#include "io/trace_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Smallest and largest of a parameter: "0.5" or "0.5 to 0.9". */
static const char *range_text(char *text, size_t size, struct ebb_values values)
{
    double low = (double)INFINITY, high = (double)-INFINITY;
    for (size_t k = 0; k < values.n; k++) {
        low = fmin(low, values.v[k]);
        high = fmax(high, values.v[k]);
    }
    if (low < high) {
        snprintf(text, size, "%.4g to %.4g", low, high);
    } else {
        snprintf(text, size, "%.4g", low);
    }
    return text;
}

static const char *grid_text(char *text, size_t size,
                             const struct ebb_population *p)
{
    text[0] = '\0';
    if (p->grid.channels != p->n) {
        snprintf(text, size, " [%zu, %zu, %zu]", p->grid.channels, p->grid.rows,
                 p->grid.columns);
    }
    return text;
}

static void tell_population(const struct ebb_population *p)
{
    char grid[80], lambda[40], theta[40], v_th[40], bias[40];
    if (p->input) {
        printf("  %-12s %zu channels%s (input)\n", p->name, p->n,
               grid_text(grid, sizeof(grid), p));
        return;
    }
    printf("  %-12s %zu neurons%s, lambda %s, theta %s, v_th %s, bias %s, "
           "%s reset\n",
           p->name, p->n, grid_text(grid, sizeof(grid), p),
           range_text(lambda, sizeof(lambda), p->lambda),
           range_text(theta, sizeof(theta), p->theta),
           range_text(v_th, sizeof(v_th), p->v_th),
           range_text(bias, sizeof(bias), p->bias),
           p->reset == EBB_RESET_HYBRID ? "hybrid" : "filter");
}

static double largest_pole(const struct ebb_kernel *k)
{
    double radius = 0;
    for (size_t j = 0; j < k->n; j++) {
        radius = fmax(radius, ebb_poles_radius(k->alpha + j, k->n, k->order_p));
    }
    return radius;
}

static const char *kind_text(char *text, size_t size,
                             const struct ebb_projection *p)
{
    const struct ebb_pool *pool = &p->pool;
    const struct ebb_conv *c = &p->conv;
    char pooled[80] = "";
    if (pool->kind != EBB_POOL_NONE) {
        snprintf(pooled, sizeof(pooled), "%s pool %zux%zu every %zux%zu, ",
                 ebb_pool_kind_name(pool->kind), pool->size[0], pool->size[1],
                 pool->stride[0], pool->stride[1]);
    }
    if (p->kind != EBB_PROJECTION_CONV2D) {
        snprintf(text, size, "%s%s", pooled, ebb_projection_kind_name(p->kind));
        return text;
    }
    snprintf(text, size,
             "%sconv2d %zux%zu every %zux%zu, padding %zux%zu, dilation "
             "%zux%zu, %zu group%s",
             pooled, c->size[0], c->size[1], c->stride[0], c->stride[1],
             c->padding[0], c->padding[1], c->dilation[0], c->dilation[1],
             c->groups, c->groups == 1 ? "" : "s");
    return text;
}

static void tell_projection(const struct ebb_network *net,
                            const struct ebb_projection *p)
{
    char kind[160];
    const struct ebb_kernel *k = &p->kernel;
    printf("  %-12s %s -> %s, %s, %zu synapses, kernel %s (P %u, Q %u, %s), "
           "delay %llu, largest pole %.4f\n",
           p->name, net->populations[p->source].name,
           net->populations[p->target].name, kind_text(kind, sizeof(kind), p),
           p->synapses, ebb_kernel_shape_name(k->spec.shape), k->order_p,
           k->order_q, k->n == 1 ? "shared" : "per axon",
           (unsigned long long)p->delay_ticks, largest_pole(k));
}

static void tell_network(const struct ebb_network *net)
{
    size_t neurons = 0, synapses = 0;
    for (size_t k = 0; k < net->n_populations; k++) {
        neurons += net->populations[k].input ? 0 : net->populations[k].n;
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        synapses += net->projections[k].synapses;
    }
    printf("%zu neurons, %zu synapses, %s, ", neurons, synapses,
           net->recurrent ? "recurrent" : "feed-forward");
    if (net->tick_s > 0) {
        printf("tick %g s, ", net->tick_s);
    }
    printf("hash %016llx\npopulations:\n",
           (unsigned long long)ebb_network_hash(net));
    for (size_t k = 0; k < net->n_populations; k++) {
        tell_population(&net->populations[k]);
    }
    printf("projections:\n");
    for (size_t k = 0; k < net->n_projections; k++) {
        tell_projection(net, &net->projections[k]);
    }
}

static void put_network(struct ebb_json *j, const struct ebb_network *net)
{
    size_t neurons = 0, synapses = 0;
    double pole = 0;
    char hash[20];
    for (size_t k = 0; k < net->n_populations; k++) {
        neurons += net->populations[k].input ? 0 : net->populations[k].n;
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        synapses += net->projections[k].synapses;
        pole = fmax(pole, largest_pole(&net->projections[k].kernel));
    }
    snprintf(hash, sizeof(hash), "%016llx",
             (unsigned long long)ebb_network_hash(net));
    ebb_json_count(j, "populations", net->n_populations);
    ebb_json_count(j, "projections", net->n_projections);
    ebb_json_count(j, "neurons", neurons);
    ebb_json_count(j, "synapses", synapses);
    ebb_json_bool(j, "recurrent", net->recurrent);
    ebb_json_number(j, "tick_s", net->tick_s);
    ebb_json_number(j, "largest_pole", pole);
    ebb_json_text(j, "hash", hash);
}

static ebb_status info_network(const char *path, struct ebb_json *json)
{
    struct ebb_network *net = NULL;
    EBB_TRY(ebb_network_file_read_compact(&net, path));
    struct ebb_checkpoint c;
    bool checkpoint = ebb_checkpoint_read(&c, path) == EBB_OK;
    if (json) {
        put_network(json, net);
        if (checkpoint) {
            ebb_json_count(json, "epoch", c.epoch);
            ebb_json_count(json, "step", c.step);
            ebb_json_count(json, "parameters", c.n);
        }
    } else {
        tell_network(net);
        if (checkpoint) {
            printf("checkpoint after %llu epochs and %llu steps, %zu "
                   "parameters, seed %llu\n",
                   (unsigned long long)c.epoch, (unsigned long long)c.step, c.n,
                   (unsigned long long)c.seed);
        }
    }
    ebb_network_destroy(net);
    return EBB_OK;
}

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

static ebb_status info_experiment(const char *path, struct ebb_json *json)
{
    struct ebb_experiment *e = NULL;
    EBB_TRY(ebb_experiment_read(&e, path));
    const struct ebb_training *t = &e->training;
    if (json) {
        put_network(json, e->network);
        ebb_json_count(json, "epochs", t->epochs);
        ebb_json_count(json, "batch", t->batch);
        ebb_json_number(json, "rate", t->rate);
    } else {
        printf("experiment '%s', seed %llu: %u epochs in batches of %zu, "
               "learning rate %g\n",
               e->name, (unsigned long long)e->seed, t->epochs, t->batch,
               t->rate);
        tell_network(e->network);
    }
    ebb_experiment_destroy(e);
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
        return info_network(path, json);
    case EBB_FILE_PATTERNS:
        return info_patterns(path, json);
    case EBB_FILE_EXPERIMENT:
        return info_experiment(path, json);
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
