/* sim/work.c - what a run cost: operations, bytes, an estimate in joules. */
#include "sim/work.h"

static const double add_j = 0.9e-12, multiply_j = 3.7e-12, byte_j = 20e-12 / 8;

/* The most used figure of each; none counts what keeps a chip running. */
static const struct ebb_chip chips[] = {
    {"Loihi", "Davies et al., IEEE Micro 38(1), 2018", 23.6e-12},
    {"TrueNorth", "Merolla et al., Science 345, 2014", 26e-12},
    {"SpiNNaker2", "Hoeppner et al., arXiv:2103.08392, 2021", 10e-12}};

const struct ebb_chip *ebb_work_chip(size_t k)
{
    return k < sizeof(chips) / sizeof(chips[0]) ? &chips[k] : NULL;
}

static bool is_shared(const struct ebb_projection *p)
{
    return p->kernel.n == 1;
}

/* Numbers in the states of all neurons, and neurons. */
static double count_states(const struct ebb_network *net, double *neurons)
{
    double numbers = 0;
    *neurons = 0;
    for (size_t k = 0; k < net->n_populations; k++) {
        const struct ebb_population *p = &net->populations[k];
        if (!p->input) {
            *neurons += (double)p->n;
            numbers += (double)p->n * (p->reset == EBB_RESET_FILTER ? 2 : 1);
        }
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        const struct ebb_projection *p = &net->projections[k];
        if (is_shared(p)) {
            numbers +=
                (double)net->populations[p->target].n * p->kernel.order_p;
        }
    }
    return numbers;
}

/* What holds of every run of a network. */
struct costs {
    double neurons, numbers; /* of all states */
    double synapses;
    double axon_numbers; /* of all kernels per axon */
    double mean_order;   /* of kernels per axon */
    double weight_bytes; /* of a weight, on average */
    bool multiplies;     /* for each synaptic operation */
};

static struct costs costs_of(const struct ebb_network *net)
{
    struct costs c = {0};
    double axons = 0, bytes = 0;
    c.numbers = count_states(net, &c.neurons);
    for (size_t k = 0; k < net->n_projections; k++) {
        const struct ebb_projection *p = &net->projections[k];
        double own = ebb_projection_connections(p);
        double n = (double)net->populations[p->source].n;
        c.synapses += own;
        bytes += own * (p->number == EBB_FLOAT32 ? 4 : 8);
        if (!is_shared(p)) {
            c.multiplies = true;
            axons += n;
            c.axon_numbers += n * p->kernel.order_p;
        }
    }
    c.weight_bytes = c.synapses > 0 ? bytes / c.synapses : 0;
    c.mean_order = axons > 0 ? c.axon_numbers / axons : 0;
    return c;
}

struct ebb_work ebb_work_of(const struct ebb_network *net,
                            const struct ebb_counters *counters, ebb_tick ticks,
                            bool single)
{
    struct costs c = costs_of(net);
    double number = single ? 4 : 8, t = (double)ticks;
    double per_update = c.neurons > 0 ? c.numbers / c.neurons : 0;
    double synaptic = (double)counters->synaptic_operations;
    double updates = (double)counters->neuron_updates;
    double axon_steps = (double)counters->axons_active * c.mean_order;
    struct ebb_work w = {.seconds = net->tick_s * t,
                         .input_events = (double)counters->input_events,
                         .spikes = (double)counters->spikes,
                         .synaptic_operations = synaptic,
                         .neuron_updates = updates,
                         .dense_operations = c.synapses * t,
                         .dense_updates = c.neurons * t,
                         .frame_operations = c.synapses};
    double steps = updates * per_update + axon_steps;
    w.adds = synaptic + steps;
    w.multiplies = (c.multiplies ? synaptic : 0) + steps;
    w.bytes = synaptic * (c.weight_bytes + 2 * number) + 2 * steps * number;
    double dense_steps = (c.numbers + c.axon_numbers) * t;
    w.dense_adds = w.dense_operations + dense_steps;
    w.dense_multiplies = w.dense_operations + dense_steps;
    w.dense_bytes = w.dense_operations * (c.weight_bytes + 2 * number) +
                    2 * dense_steps * number;
    return w;
}

void ebb_work_add(struct ebb_work *sum, const struct ebb_work *more)
{
    sum->seconds += more->seconds;
    sum->input_events += more->input_events;
    sum->spikes += more->spikes;
    sum->synaptic_operations += more->synaptic_operations;
    sum->neuron_updates += more->neuron_updates;
    sum->adds += more->adds;
    sum->multiplies += more->multiplies;
    sum->bytes += more->bytes;
    sum->dense_operations += more->dense_operations;
    sum->dense_updates += more->dense_updates;
    sum->dense_adds += more->dense_adds;
    sum->dense_multiplies += more->dense_multiplies;
    sum->dense_bytes += more->dense_bytes;
    sum->frame_operations += more->frame_operations;
}

static struct ebb_energy energy(double adds, double multiplies, double bytes)
{
    return (struct ebb_energy){.arithmetic =
                                   adds * add_j + multiplies * multiply_j,
                               .memory = bytes * byte_j};
}

struct ebb_energy ebb_work_energy(const struct ebb_work *work)
{
    return energy(work->adds, work->multiplies, work->bytes);
}

struct ebb_energy ebb_work_dense_energy(const struct ebb_work *work)
{
    return energy(work->dense_adds, work->dense_multiplies, work->dense_bytes);
}

struct ebb_energy ebb_work_frame_energy(const struct ebb_work *work)
{
    double n = work->frame_operations;
    return energy(n, n, n * (4 + 2 * 4)); /* a float weight and its sum */
}
