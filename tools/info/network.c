/* tools/info/network.c - what is in a network, and what a run of it takes. */
#include "tools/info/info.h"

#include "core/poles.h"
#include "io/experiment.h"
#include "io/network_file.h"
#include "models/network_rows.h"
#include "sim/engine.h"

#include <math.h>
#include <stdio.h>

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

/* How synapses are held, and the memory that they take. */
static size_t layout_of(char *text, size_t size, const struct ebb_network *net,
                        const struct ebb_projection *p)
{
    bool single = p->number == EBB_FLOAT32;
    size_t weights = p->synapses * (single ? sizeof(float) : sizeof(double));
    if (p->rows) {
        ebb_rows_layout(p->rows, text, size);
        return ebb_rows_bytes(p->rows);
    }
    bool sparse = p->kind == EBB_PROJECTION_SPARSE;
    snprintf(text, size, "%sweights: %s", sparse ? "targets: 32 bits, " : "",
             single ? "float" : "double");
    return sparse ? weights + p->synapses * sizeof(*p->indices) +
                        (net->populations[p->source].n + 1) * sizeof(*p->indptr)
                  : weights;
}

static void tell_layout(const struct ebb_network *net,
                        const struct ebb_projection *p)
{
    char layout[96];
    size_t bytes = layout_of(layout, sizeof(layout), net, p);
    double each = p->synapses ? (double)bytes / (double)p->synapses : 0;
    printf("    %s; %.2f bytes per synapse, %.3f MB\n", layout, each,
           (double)bytes / 1e6);
}

/* Memory of a run: of all synapses, and of what it adds for its state. */
struct run_memory {
    size_t synapses, state, neurons;
};

static ebb_status measure_run(struct run_memory *m,
                              const struct ebb_network *net)
{
    struct ebb_engine_options options = ebb_engine_options_default();
    struct ebb_engine *engine;
    char layout[96];
    *m = (struct run_memory){0};
    EBB_TRY(ebb_engine_create(&engine, net, &options));
    m->state = ebb_engine_bytes(engine);
    ebb_engine_destroy(engine);
    for (size_t k = 0; k < net->n_projections; k++) {
        m->synapses +=
            layout_of(layout, sizeof(layout), net, &net->projections[k]);
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        m->neurons += net->populations[k].input ? 0 : net->populations[k].n;
    }
    return EBB_OK;
}

static void tell_run(const struct ebb_network *net)
{
    struct run_memory m;
    if (measure_run(&m, net) != EBB_OK) {
        return; /* no run, no memory of it: ebb run tells why */
    }
    printf("a run holds %.3f MB: synapses %.3f MB, state %.3f MB (%.0f bytes a "
           "neuron)\n",
           (double)(m.synapses + m.state) / 1e6, (double)m.synapses / 1e6,
           (double)m.state / 1e6, (double)m.state / (double)m.neurons);
}

static void put_projection(struct ebb_json *j, const struct ebb_network *net,
                           const struct ebb_projection *p)
{
    char layout[96];
    size_t bytes = layout_of(layout, sizeof(layout), net, p);
    ebb_json_text(j, "projection", p->name);
    ebb_json_text(j, "projection_kind", ebb_projection_kind_name(p->kind));
    ebb_json_count(j, "synapses", p->synapses);
    ebb_json_text(j, "layout", layout);
    ebb_json_count(j, "bytes", bytes);
    ebb_json_number(j, "bytes_per_synapse",
                    p->synapses ? (double)bytes / (double)p->synapses : 0);
}

/* An object for each projection; the one begun before them is printed. */
static void put_projections(struct ebb_json *j, const struct ebb_network *net)
{
    for (size_t k = 0; k < net->n_projections; k++) {
        ebb_json_print(j);
        *j = (struct ebb_json){.n = 0};
        put_projection(j, net, &net->projections[k]);
    }
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
        tell_layout(net, &net->projections[k]);
    }
    tell_run(net);
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
    struct run_memory m;
    if (measure_run(&m, net) == EBB_OK) {
        ebb_json_count(j, "synapse_bytes", m.synapses);
        ebb_json_count(j, "state_bytes", m.state);
    }
}

ebb_status ebb_info_network(const char *path, struct ebb_json *json)
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
        put_projections(json, net);
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

ebb_status ebb_info_experiment(const char *path, struct ebb_json *json)
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
