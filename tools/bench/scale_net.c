/* tools/bench/scale_net.c - a network of which a part is busy and another
 * silent, at any tick. */
#include "tools/bench/scale_net.h"

#include "core/random.h"

#include <math.h>

enum {
    ASSEMBLY = 12,
    CHAIN = 10,
    BESIDE = 20, /* synapses of a neuron that make nobody fire */
    EACH_MS = 16,
    DELAY_MS = 15
};

static const double kernel_s = 3e-3, weight_beside = .001;

/* A synapse of the row under way; out NULL: count. */
struct row {
    uint32_t *target;
    float *weight;
    size_t n;
};

static void add(struct row *row, size_t target, double weight)
{
    if (row->target) {
        row->target[row->n] = (uint32_t)target;
        row->weight[row->n] = (float)weight;
    }
    row->n++;
}

/* The network's number of busy neuron i, and of a silent one. */
static size_t busy_at(const struct ebb_scale_net *how, size_t i)
{
    return how->between ? i * (how->silent / how->busy + 1) : i;
}

static size_t silent_at(const struct ebb_scale_net *how, size_t i)
{
    size_t each = how->silent / how->busy;
    return how->between ? i / each * (each + 1) + 1 + i % each : how->busy + i;
}

/* One target in each of BESIDE stretches: rising. */
static size_t draw(size_t source, size_t k, size_t n)
{
    struct ebb_random r = ebb_random_stream(source, EBB_RANDOM_TEST, 300 + k);
    size_t from = k * n / BESIDE, to = (k + 1) * n / BESIDE;
    return from + ebb_random_below(&r, (uint32_t)(to - from));
}

/* Neuron k of an assembly: they stand all over the network. */
static size_t member(const struct ebb_scale_net *how, size_t assembly, size_t k)
{
    return k * (how->busy / ASSEMBLY) + assembly;
}

/* The next assembly of the chain, and others beside it, rising. */
static void fill_busy(struct row *row, const struct ebb_scale_net *how,
                      size_t i)
{
    size_t own = i % (how->busy / ASSEMBLY), next = 0, beside = 0;
    size_t wanted = own % CHAIN + 1 < CHAIN ? ASSEMBLY : 0;
    while (next < wanted || beside < BESIDE) {
        size_t a = next < wanted ? member(how, own + 1, next) : how->busy;
        size_t b = beside < BESIDE ? draw(i, beside, how->busy) : how->busy;
        add(row, busy_at(how, a <= b ? a : b), a <= b ? 1 : weight_beside);
        next += a <= b;
        beside += b <= a;
    }
}

static void fill_silent(struct row *row, const struct ebb_scale_net *how,
                        size_t i)
{
    for (size_t k = 0; k < BESIDE && how->silent >= BESIDE; k++) {
        size_t target = draw(how->busy + i, k, how->silent);
        add(row, silent_at(how, target), weight_beside);
    }
}

/* Rows stand in the order of the network's numbers. */
static void fill_row(struct row *row, const struct ebb_scale_net *how,
                     size_t neuron)
{
    size_t each = how->silent / how->busy + 1;
    if (how->between) {
        size_t i = neuron / each, rest = neuron % each;
        if (rest == 0) {
            fill_busy(row, how, i);
        } else {
            fill_silent(row, how, i * (each - 1) + rest - 1);
        }
    } else if (neuron < how->busy) {
        fill_busy(row, how, neuron);
    } else {
        fill_silent(row, how, neuron - how->busy);
    }
}

static ebb_status set_kernel(struct ebb_network *net, size_t projection,
                             double delay_s, unsigned finer)
{
    const struct ebb_kernel_spec spec = {
        .shape = EBB_KERNEL_EXPONENTIAL, .tau_m = kernel_s, .seconds = true};
    struct ebb_projection *p = &net->projections[projection];
    p->delay_s = delay_s;
    p->delay_ticks = delay_s > 0 ? (ebb_tick)DELAY_MS * finer : 0;
    return ebb_kernel_expand(&p->kernel, net->arena, &spec, 1, net->tick_s);
}

static ebb_status connect_neurons(struct ebb_network *net, size_t neurons,
                                  const struct ebb_scale_net *how)
{
    size_t n = net->populations[neurons].n, index;
    struct row row = {.n = 0};
    for (size_t j = 0; j < n; j++) {
        fill_row(&row, how, j);
    }
    EBB_TRY(ebb_network_add_projection(net, "recurrent", neurons, neurons,
                                       EBB_PROJECTION_SPARSE, EBB_FLOAT32,
                                       row.n, &index));
    struct ebb_projection *p = &net->projections[index];
    row = (struct row){.target = p->indices, .weight = p->weight};
    for (size_t j = 0; j < n; j++) {
        fill_row(&row, how, j);
        p->indptr[j + 1] = row.n;
    }
    return set_kernel(net, index, DELAY_MS * 1e-3, how->finer);
}

static ebb_status connect_input(struct ebb_network *net, size_t input,
                                size_t neurons, const struct ebb_scale_net *how)
{
    size_t chains = net->populations[input].n, index;
    EBB_TRY(ebb_network_add_projection(net, "start", input, neurons,
                                       EBB_PROJECTION_SPARSE, EBB_FLOAT32,
                                       chains * ASSEMBLY, &index));
    struct ebb_projection *p = &net->projections[index];
    for (size_t s = 0; s < chains * ASSEMBLY; s++) {
        size_t i = member(how, s / ASSEMBLY * CHAIN, s % ASSEMBLY);
        p->indices[s] = (uint32_t)busy_at(how, i);
        ((float *)p->weight)[s] = ASSEMBLY;
        p->indptr[s / ASSEMBLY + 1] = s + 1;
    }
    return set_kernel(net, index, 0, how->finer);
}

static ebb_status build(struct ebb_network *net,
                        const struct ebb_scale_net *how)
{
    size_t input, neurons, chains = how->busy / ASSEMBLY / CHAIN;
    net->tick_s = 1e-3 / how->finer;
    EBB_TRY(ebb_network_add_population(net, "input", chains, true, &input));
    EBB_TRY(ebb_network_add_population(net, "neurons", how->busy + how->silent,
                                       false, &neurons));
    struct ebb_population *p = &net->populations[neurons];
    p->v_th.v[0] = ASSEMBLY;
    p->theta.v[0] = exp(-net->tick_s / kernel_s);
    EBB_TRY(connect_input(net, input, neurons, how));
    EBB_TRY(connect_neurons(net, neurons, how));
    return ebb_network_finish(net);
}

ebb_status ebb_scale_net_create(struct ebb_network **out,
                                const struct ebb_scale_net *how)
{
    EBB_TRY(ebb_network_create(out));
    ebb_status status = build(*out, how);
    if (status != EBB_OK) {
        ebb_network_destroy(*out);
        *out = NULL;
    }
    return status;
}

ebb_status ebb_scale_net_input(struct ebb_events *out,
                               const struct ebb_scale_net *how, size_t ms)
{
    size_t chains = how->busy / ASSEMBLY / CHAIN;
    for (size_t k = 0; k * EACH_MS < ms; k++) {
        struct ebb_event e = {(ebb_tick)(k * EACH_MS) * how->finer,
                              (ebb_neuron_id)(k % chains), 1};
        EBB_TRY(ebb_events_push(out, e));
    }
    return EBB_OK;
}
