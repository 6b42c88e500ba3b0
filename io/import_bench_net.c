/* io/import_bench_net.c - benchmark networks with known spikes. */
#include "io/import_bench_net.h"

#include "core/memory.h"
#include "io/h5.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the file holds. Times in ms. */
struct bench_net {
    uint64_t n, n_src;
    double e_l, v_th, v_reset, tau_m, tau_e, tau_i, t_ref, delay;
    size_t synapses;
    uint64_t *indptr;  /* [n + 1] */
    uint32_t *indices; /* [synapses] */
    float *data;       /* [synapses] */
    double *v0;        /* [n] */
    double tick_ms;
    ebb_tick delay_ticks, refractory_ticks;
};

static ebb_status get_attributes(struct bench_net *b, hid_t file)
{
    EBB_TRY(ebb_h5_get_count(&b->n, file, "n"));
    EBB_TRY(ebb_h5_get_count(&b->n_src, file, "n_src"));
    EBB_TRY(ebb_h5_get_number(&b->e_l, file, "E_L"));
    EBB_TRY(ebb_h5_get_number(&b->v_th, file, "V_th"));
    EBB_TRY(ebb_h5_get_number(&b->v_reset, file, "V_reset"));
    EBB_TRY(ebb_h5_get_number(&b->tau_m, file, "tau_m"));
    EBB_TRY(ebb_h5_get_number(&b->tau_e, file, "tau_e"));
    EBB_TRY(ebb_h5_get_number(&b->tau_i, file, "tau_i"));
    EBB_TRY(ebb_h5_get_number(&b->t_ref, file, "t_ref"));
    EBB_TRY(ebb_h5_get_number(&b->delay, file, "delay"));
    if (b->n_src >= b->n || b->n > UINT32_MAX || !(b->tau_m > 0) ||
        !(b->tau_e > 0) || !(b->tau_i > 0)) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "n = %llu, n_src = %llu, tau_m = %g, tau_e = %g, "
                        "tau_i = %g make no network",
                        (unsigned long long)b->n, (unsigned long long)b->n_src,
                        b->tau_m, b->tau_e, b->tau_i);
    }
    return EBB_OK;
}

static ebb_status whole_ticks(ebb_tick *out, double ms, double tick_ms,
                              const char *name)
{
    double ticks = ms / tick_ms;
    if (!(ticks >= 0 && ticks < 1e9) ||
        fabs(ticks - nearbyint(ticks)) > 1e-6 * fmax(1, ticks)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s of %g ms is %g ticks of %g ms; give a --tick of "
                        "which it is a whole number",
                        name, ms, ticks, tick_ms);
    }
    *out = (ebb_tick)nearbyint(ticks);
    return EBB_OK;
}

static ebb_status check_rows(const struct bench_net *b)
{
    for (size_t j = 0; j < b->n; j++) {
        if (b->indptr[j] > b->indptr[j + 1] || b->indptr[j + 1] > b->synapses) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "edges/indptr[%zu] does not rise within the %zu "
                            "synapses",
                            j + 1, b->synapses);
        }
    }
    for (size_t k = 0; k < b->synapses; k++) {
        if (b->indices[k] < b->n_src || b->indices[k] >= b->n) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "edges/indices[%zu] = %u is no neuron", k,
                            b->indices[k]);
        }
    }
    return EBB_OK;
}

static ebb_status get_edges(struct bench_net *b, struct ebb_arena *arena,
                            hid_t file)
{
    hid_t edges;
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, file, "v0"));
    if (shape.count != b->n) {
        return EBB_FAIL(EBB_ERR_FORMAT, "v0 holds %zu numbers, not n = %llu",
                        shape.count, (unsigned long long)b->n);
    }
    EBB_TRY(ebb_h5_group(&edges, file, "edges"));
    ebb_status status = ebb_h5_shape(&shape, edges, "data");
    if (status == EBB_OK) {
        b->synapses = shape.count;
        b->indptr = ebb_arena_calloc(arena, b->n + 1, sizeof(*b->indptr));
        b->indices = ebb_arena_calloc(arena, shape.count, sizeof(*b->indices));
        b->data = ebb_arena_calloc(arena, shape.count, sizeof(*b->data));
        b->v0 = ebb_arena_calloc(arena, b->n, sizeof(*b->v0));
        if (!b->indptr || !b->indices || !b->data || !b->v0) {
            status = EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu synapses",
                              shape.count);
        }
    }
    if (status == EBB_OK) {
        status = ebb_h5_read(b->indptr, edges, "indptr", H5T_NATIVE_UINT64,
                             b->n + 1);
    }
    if (status == EBB_OK) {
        status = ebb_h5_read(b->indices, edges, "indices", H5T_NATIVE_UINT32,
                             b->synapses);
    }
    if (status == EBB_OK) {
        status =
            ebb_h5_read(b->data, edges, "data", H5T_NATIVE_FLOAT, b->synapses);
    }
    H5Gclose(edges);
    EBB_TRY(status);
    EBB_TRY(check_rows(b));
    return ebb_h5_read(b->v0, file, "v0", H5T_NATIVE_DOUBLE, b->n);
}

static ebb_status get_all(struct bench_net *b, struct ebb_arena *arena,
                          const char *path, double tick_s)
{
    hid_t file;
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = get_attributes(b, file);
    b->tick_ms = tick_s * 1e3;
    if (status == EBB_OK) {
        status = whole_ticks(&b->delay_ticks, b->delay, b->tick_ms, "delay");
    }
    if (status == EBB_OK) {
        status =
            whole_ticks(&b->refractory_ticks, b->t_ref, b->tick_ms, "t_ref");
    }
    if (status == EBB_OK) {
        status = get_edges(b, arena, file);
    }
    H5Fclose(file);
    return status;
}

static ebb_status add_neurons(struct ebb_network *net,
                              const struct bench_net *b, size_t *index)
{
    EBB_TRY(ebb_network_add_population(net, "neurons", b->n - b->n_src, false,
                                       index));
    struct ebb_population *p = &net->populations[*index];
    double lambda = exp(-b->tick_ms / b->tau_m);
    EBB_TRY(ebb_network_values(net, &p->v0, p->n));
    memcpy(p->v0.v, b->v0 + b->n_src, p->n * sizeof(double));
    p->lambda.v[0] = lambda;
    p->bias.v[0] = -expm1(-b->tick_ms / b->tau_m) * b->e_l;
    p->v_th.v[0] = b->v_th;
    p->v_reset.v[0] = b->v_reset;
    p->reset = EBB_RESET_HYBRID;
    p->refractory_ticks = b->refractory_ticks;
    p->refractory_s = b->t_ref * 1e-3;
    return EBB_OK;
}

/* One projection: the rows j0 <= j < j1 and one sign of weights. */
struct part {
    const char *name;
    size_t source, target;
    uint64_t j0, j1;
    bool positive;
    double tau;
};

static bool belongs(const struct part *part, float w)
{
    return part->positive ? w > 0 : w < 0;
}

static size_t count_part(const struct bench_net *b, const struct part *part)
{
    size_t n = 0;
    for (uint64_t k = b->indptr[part->j0]; k < b->indptr[part->j1]; k++) {
        n += belongs(part, b->data[k]);
    }
    return n;
}

/* α_1 = e^(-dt/τ), β_1 = τ/(τm - τ) (e^(-dt/τm) - e^(-dt/τ)), after the delay:
 * a current delivered at the end of a tick acts on V in the next. */
static ebb_status set_kernel(struct ebb_kernel *k, struct ebb_arena *arena,
                             const struct bench_net *b, double tau)
{
    EBB_TRY(ebb_kernel_alloc(k, arena, 1, 1, 1));
    double membrane = exp(-b->tick_ms / b->tau_m);
    double synapse = exp(-b->tick_ms / tau);
    k->spec.shape = EBB_KERNEL_IIR;
    k->alpha[0] = synapse;
    k->beta[1] = fabs(b->tau_m - tau) < 1e-9 * tau
                     ? b->tick_ms / tau * synapse
                     : tau / (b->tau_m - tau) * (membrane - synapse);
    return EBB_OK;
}

/* A synapse of one row while it is sorted; order breaks ties. */
struct synapse {
    uint32_t target, order;
    float weight;
};

static int compare_synapses(const void *a, const void *b)
{
    const struct synapse *x = a, *y = b;
    if (x->target != y->target) {
        return x->target > y->target ? 1 : -1;
    }
    return (x->order > y->order) - (x->order < y->order);
}

/* Collect the synapses of axon j into row, targets rising; returns how many. */
static size_t sort_row(struct synapse *row, const struct bench_net *b,
                       const struct part *part, uint64_t j)
{
    uint32_t n = 0;
    for (uint64_t k = b->indptr[j]; k < b->indptr[j + 1]; k++) {
        if (belongs(part, b->data[k])) {
            row[n] = (struct synapse){b->indices[k] - (uint32_t)b->n_src, n,
                                      b->data[k]};
            n++;
        }
    }
    qsort(row, n, sizeof(*row), compare_synapses);
    return n;
}

static void fill_rows(struct ebb_projection *p, struct synapse *row,
                      const struct bench_net *b, const struct part *part)
{
    float *weight = p->weight;
    size_t at = 0;
    for (uint64_t j = part->j0; j < part->j1; j++) {
        size_t n = sort_row(row, b, part, j);
        p->indptr[j - part->j0] = at;
        for (size_t k = 0; k < n; k++) {
            p->indices[at] = row[k].target;
            weight[at++] = row[k].weight;
        }
    }
    p->indptr[part->j1 - part->j0] = at;
}

static ebb_status add_part(struct ebb_network *net, const struct bench_net *b,
                           const struct part *part)
{
    size_t index = 0, synapses = count_part(b, part);
    if (synapses == 0) {
        return EBB_OK;
    }
    EBB_TRY(ebb_network_add_projection(net, part->name, part->source,
                                       part->target, EBB_PROJECTION_SPARSE,
                                       EBB_FLOAT32, synapses, &index));
    struct ebb_projection *p = &net->projections[index];
    struct synapse *row = ebb_mem_calloc(synapses, sizeof(*row));
    if (!row) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a row of synapses");
    }
    fill_rows(p, row, b, part);
    ebb_mem_free(row);
    p->delay_ticks = b->delay_ticks;
    p->delay_s = b->delay * 1e-3;
    return set_kernel(&p->kernel, net->arena, b, part->tau);
}

static ebb_status fill(struct ebb_network *net, const struct bench_net *b)
{
    size_t input = 0, neurons = 0;
    net->tick_s = b->tick_ms * 1e-3;
    if (b->n_src > 0) {
        EBB_TRY(
            ebb_network_add_population(net, "input", b->n_src, true, &input));
    }
    EBB_TRY(add_neurons(net, b, &neurons));
    const struct part parts[] = {
        {"input_excites", input, neurons, 0, b->n_src, true, b->tau_e},
        {"input_inhibits", input, neurons, 0, b->n_src, false, b->tau_i},
        {"excites", neurons, neurons, b->n_src, b->n, true, b->tau_e},
        {"inhibits", neurons, neurons, b->n_src, b->n, false, b->tau_i}};
    for (size_t k = b->n_src > 0 ? 0 : 2; k < 4; k++) {
        EBB_TRY(add_part(net, b, &parts[k]));
    }
    return ebb_network_finish(net);
}

ebb_status ebb_bench_net_read(struct ebb_network **out, const char *path,
                              double tick_s)
{
    *out = NULL;
    struct bench_net b = {.n = 0};
    struct ebb_arena *arena = NULL;
    struct ebb_network *net = NULL;
    EBB_TRY(ebb_arena_create(&arena));
    ebb_status status = get_all(&b, arena, path, tick_s);
    if (status == EBB_OK) {
        status = ebb_network_create(&net);
    }
    if (status == EBB_OK) {
        status = fill(net, &b);
    }
    ebb_arena_destroy(arena);
    if (status != EBB_OK) {
        ebb_network_destroy(net);
        return ebb_error_prefix(status, "%s: ", path);
    }
    *out = net;
    return EBB_OK;
}

/* Ticks of 0.1 ms as ticks of this run. */
static ebb_status push_input(struct ebb_events *out, const uint64_t *tick,
                             const uint32_t *source, size_t n, double tick_s)
{
    for (size_t k = 0; k < n; k++) {
        ebb_tick at = 0;
        EBB_TRY(whole_ticks(&at, (double)tick[k] * 0.1, tick_s * 1e3,
                            "the time of an input event"));
        EBB_TRY(ebb_events_push(out, (struct ebb_event){at, source[k], 1}));
    }
    return ebb_events_sort(out);
}

static ebb_status get_input(struct ebb_events *out, hid_t at, double tick_s)
{
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, at, "source"));
    uint64_t *tick = ebb_mem_calloc(shape.count, sizeof(*tick));
    uint32_t *source = ebb_mem_calloc(shape.count, sizeof(*source));
    ebb_status status =
        tick && source
            ? EBB_OK
            : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu events", shape.count);
    if (status == EBB_OK) {
        status =
            ebb_h5_read(tick, at, "tick_0p1ms", H5T_NATIVE_UINT64, shape.count);
    }
    if (status == EBB_OK) {
        status =
            ebb_h5_read(source, at, "source", H5T_NATIVE_UINT32, shape.count);
    }
    if (status == EBB_OK) {
        status = push_input(out, tick, source, shape.count, tick_s);
    }
    ebb_mem_free(tick);
    ebb_mem_free(source);
    return status;
}

ebb_status ebb_bench_net_input(struct ebb_events *out, const char *path,
                               double tick_s)
{
    hid_t file, input;
    EBB_TRY(ebb_h5_open(&file, path));
    ebb_status status = ebb_h5_group(&input, file, "input");
    if (status == EBB_OK) {
        status = get_input(out, input, tick_s);
        H5Gclose(input);
    }
    H5Fclose(file);
    return ebb_error_prefix(status, "%s: ", path);
}
